//! Bugs that seeds have found, each with the seed and a sentence.
//!
//! A change of the simulator makes other worlds of the same numbers; then these are ordinary seeds, and the sentences
//! still say what to look for.

use crate::seeds::run;

/// Seed and bug.
const FOUND: [(u64, &str); 22] = [
    (0, "a restarted replica did not open its public channels: who their audience is was not known while it was read"),
    (2, "a register written after the clock was corrected lost against the one written while it was ahead"),
    (4, "a log was continued below its own clock after a correction, and no run of it could be checked any more"),
    (57, "a roster act read before its author was known was forgotten, and replicas kept different rosters"),
    (111, "a holder who knew of an Add but not of its epoch gave the newcomer the key of what was before him"),
    (132, "a sender who knew of an Add wrote under a key that the newcomer would never get"),
    (187, "a removed person who had a key by a grant was not seen as its holder, and the key went on being used"),
    (350, "what a device said it held before a crash stood against what it said after one, if its clock was set back"),
    (
        14,
        "an act that named one which waited for something missing waited with it: a hostile member could stop an owner",
    ),
    (297, "a holder who had an epoch before the removal that led to it gave the removed its key by a grant"),
    (
        454,
        "of a colleague's entry that waited nothing was named in its place, and a log begun after a crash had no past",
    ),
    (
        514,
        "a holder who had an epoch and not yet the removal that led to it wrapped it for the removed in one of his own",
    ),
    (
        538,
        "a holder who had an epoch of a group and not yet the act that took somebody out gave him its key by a grant",
    ),
    (
        2400,
        "the check itself: of a roster's member nobody had heard yet, and what was written for him was called a leak",
    ),
    (3226, "who held messages of a channel before he knew that he belongs to it never said that he holds them"),
    (5365, "an Add was lost in a power cut after its epoch had left, and somebody sat in a group that nobody knew of"),
    (1055, "the check itself: a writer was held to have left out somebody of whom he had never heard"),
    (1668, "a removal that only a carried roster tells of drew no line for a newcomer: he showed what others did not"),
    (5895, "the same, of a topic"),
    (9551, "the same, of somebody of whom the remover had held nothing"),
    (9054, "somebody whom a roster named before the authority knew him was written to under a key that he never gets"),
    (561, "registers of a person who had left were offered for ever and refused for ever, and counted as readers"),
];

#[test]
fn seeds_that_found_bugs_still_pass() {
    let failed: Vec<String> = FOUND
        .into_iter()
        .filter_map(|(seed, bug)| Some(format!("{seed} ({bug}): {}", run(seed).result.err()?)))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
