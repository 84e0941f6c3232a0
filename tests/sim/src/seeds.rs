//! Running seeds: one, many, and with planted bugs.

use std::collections::BTreeMap;
use std::io::Write as _;

use artel_crdt::planted::{self, Planted};
use artel_crdt::replica::Command;

use crate::faults::{self, Counts, Fault};
use crate::malice::Malice;
use crate::node::Wish;
use crate::world::{Event, World};

/// Seeds of the ordinary run.
const SEEDS: u64 = 300;
/// How long it may take until all is equal again after the last fault, ms. A peer that does not answer is passed over
/// after 30 s, registers are offered again after 60 s.
const HEALING: u64 = 300_000;
/// How long nothing may be written before a world counts as quiet, ms.
const QUIET: u64 = 30_000;

/// What came of a seed.
pub(crate) struct Outcome {
    pub(crate) counts: Counts,
    pub(crate) trace: u64,
    pub(crate) result: Result<(), String>,
    pub(crate) said: usize,
    pub(crate) healed: u64,
    /// What the hostile member tried.
    pub(crate) tried: BTreeMap<Malice, u64>,
    /// How much of it counts at some node; [`World::check`] wants none.
    pub(crate) accepted: BTreeMap<Malice, u64>,
}

/// Lives through one world.
pub(crate) fn run(seed: u64) -> Outcome {
    let mut world = World::found(seed).expect("a founding that is in order");
    set_up(&mut world);
    let faults = faults::draw(&mut world.chance);
    world.faults = faults;
    world.chaotic = true;
    world.after(500, Event::Act);
    world.after(3_000, Event::Chaos);
    world.after(1_000, Event::Malice);
    let length = world.chance.range(40_000, 90_000);
    world.run(length);
    world.heal();
    let healed = quiesce(&mut world);
    let result = if healed.is_none() && world.broken.is_none() {
        Err(format!("no rest within {HEALING} ms: {}", world.check().err().unwrap_or_else(|| "still writing".into())))
    } else {
        world.check()
    };
    Outcome {
        counts: world.counts.clone(),
        trace: world.trace(),
        result,
        said: world.oracle.said.len(),
        healed: healed.unwrap_or(HEALING),
        tried: world.hostile.as_ref().map(|it| it.tried.clone()).unwrap_or_default(),
        accepted: world.accepted(),
    }
}

/// The founder, some colleagues, a channel for all and one for a team, before anything goes wrong.
fn set_up(world: &mut World) {
    world.want(0, Wish::Channel(None), Command::CreateChannel { name: "общий".into(), team: None });
    world.want(0, Wish::Team, Command::CreateTeam { name: "бухгалтерия".into() });
    let team = world.oracle.meant.keys().next().copied();
    world.want(0, Wish::Channel(team), Command::CreateChannel { name: "отчёты".into(), team });
    let colleagues = world.chance.range(1, 4);
    for number in 0..colleagues {
        world.expected += 1;
        world.invite(team.filter(|_| number % 2 == 0));
        world.run(1_500);
    }
    world.run(4_000);
    world.invite_hostile();
    world.run(4_000);
}

/// Waits until all replicas are equal and write nothing more. Returns how long that took.
fn quiesce(world: &mut World) -> Option<u64> {
    let start = world.now;
    let mut healed = None;
    while world.now - start < HEALING && world.broken.is_none() {
        world.run(5_000);
        let quiet = world.now - world.last_store >= QUIET;
        if world.has_converged() {
            healed.get_or_insert(world.now - start);
        } else {
            healed = None;
        }
        if quiet && healed.is_some() {
            // A last round for the registers, which are offered again only now and then.
            world.run(70_000);
            return healed.filter(|_| world.now - world.last_store >= QUIET);
        }
    }
    None
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs seeds on two threads, because a test machine has two cores.
fn all(seeds: std::ops::Range<u64>, bug: Option<Planted>) -> BTreeMap<u64, Outcome> {
    let half = |odd: u64| {
        let seeds = seeds.clone();
        move || {
            planted::plant(bug);
            seeds.filter(|it| it % 2 == odd).map(|it| (it, run(it))).collect::<BTreeMap<_, _>>()
        }
    };
    let other = std::thread::spawn(half(1));
    let mut outcomes = half(0)();
    planted::plant(None);
    outcomes.extend(other.join().expect("a thread that runs seeds"));
    outcomes
}

/// Prints a line that is to be seen whether the test passes or not: not through `eprintln!`, which the harness would keep.
fn tell(line: &str) {
    writeln!(std::io::stderr(), "{line}").ok();
}

#[test]
fn every_seed_heals_and_keeps_its_promises() {
    let seeds = number("ARTEL_SIM_SEEDS").unwrap_or(SEEDS);
    let first = number("ARTEL_SIM_FIRST").unwrap_or(0);
    let mut total = Counts::new();
    let (mut said, mut slowest) = (0, 0);
    let mut failed = Vec::new();
    let mut malice: BTreeMap<Malice, (u64, u64)> = BTreeMap::new();
    let mut accepted: BTreeMap<Malice, u64> = BTreeMap::new();
    for (seed, outcome) in all(first..first + seeds, None) {
        for (fault, count) in outcome.counts {
            *total.entry(fault).or_default() += count;
        }
        for (how, count) in outcome.tried.into_iter().filter(|it| 0 < it.1) {
            let (worlds, all) = malice.entry(how).or_default();
            (*worlds, *all) = (*worlds + 1, *all + count);
        }
        for (how, count) in outcome.accepted {
            *accepted.entry(how).or_default() += count;
        }
        (said, slowest) = (said + outcome.said, slowest.max(outcome.healed));
        if let Err(why) = outcome.result {
            eprintln!("ARTEL_SIM_SEED={seed} cargo test -p artel-sim replay -- --nocapture\n    {why}");
            failed.push(seed);
        }
    }
    tell(&format!("{seeds} seeds from {first}, {said} records, slowest healing {slowest} ms, faults {total:?}"));
    tell(&format!("hostile acts, in how many worlds and how many: {malice:?}; accepted: {accepted:?}"));
    for how in Malice::ALL {
        let worlds = malice.get(&how).map_or(0, |it| it.0);
        assert!(worlds * 10 >= seeds * 3 || seeds < 100, "{how:?} in {worlds} worlds only");
    }
    assert!(failed.is_empty(), "{} seeds failed: {failed:?}", failed.len());
    assert!(accepted.is_empty(), "hostile acts count: {accepted:?}");
    for fault in Fault::ALL {
        assert!(total.get(&fault).is_some_and(|it| *it > 0), "{fault:?} never happened");
    }
}

#[test]
fn every_tenth_seed_runs_twice_alike() {
    let seeds = number("ARTEL_SIM_SEEDS").unwrap_or(SEEDS);
    for seed in (0..seeds).step_by(10) {
        assert_eq!(run(seed).trace, run(seed).trace, "seed {seed} does not replay");
    }
}

#[test]
fn replay() {
    let Some(seed) = number("ARTEL_SIM_SEED") else { return };
    let outcome = run(seed);
    eprintln!("seed {seed}: trace {:016x}, {} records, faults {:?}", outcome.trace, outcome.said, outcome.counts);
    outcome.result.expect("a seed that keeps its promises");
}

/// The bug is found by one of the ordinary seeds; prints which.
#[track_caller]
fn finds(bug: Planted) {
    for first in (0..SEEDS).step_by(8) {
        let found = all(first..first + 8, Some(bug)).into_iter().find_map(|(seed, it)| Some((seed, it.result.err()?)));
        if let Some((seed, why)) = found {
            return eprintln!("{bug:?} is found by seed {seed}: {why}");
        }
    }
    panic!("{bug:?} is not found within {SEEDS} seeds");
}

macro_rules! planted_bugs {
    ($($name:ident: $bug:ident;)*) => {
        $(#[test]
        fn $name() {
            finds(Planted::$bug);
        })*

        #[test]
        fn every_planted_bug_has_a_test() {
            assert_eq!(Planted::ALL, [$(Planted::$bug),*]);
        }
    };
}

planted_bugs! {
    dropped_dedupe_is_found: DropDedupe;
    a_skipped_check_of_prev_is_found: SkipPrevCheck;
    order_by_arrival_is_found: OrderByArrival;
    a_forgotten_unopened_epoch_is_found: ForgetUnopened;
    a_grant_to_the_wrong_device_is_found: GrantToWrongDevice;
    acknowledging_before_the_flush_is_found: AcknowledgeBeforeFlush;
    an_old_inc_continued_after_a_crash_is_found: ContinueOldInc;
    ignored_permission_to_retract_is_found: IgnoreRetractPermission;
    no_new_key_after_a_removal_is_found: NoRotationAfterRemoval;
    a_lost_range_merge_is_found: LoseRangeMerge;
    a_push_to_everybody_is_found: PushToEverybody;
    a_clock_that_goes_back_is_found: ClockGoesBack;
}
