//! Tests of `words`.

#![allow(clippy::string_slice, reason = "the texts cut here are ASCII")]

use super::*;
use crate::testing::Counter;

fn seed() -> RootSeed {
    RootSeed::random(&mut Counter(0))
}

#[test]
fn a_phrase_comes_back() {
    let words = seed().reveal();
    assert_eq!(words.len(), RECOVERY);
    assert_eq!(RootSeed::from_phrase(&words.join(" ")), Ok(seed()));
    let numbered: Vec<String> = words.iter().enumerate().map(|(at, it)| format!("{}. {it}", at + 1)).collect();
    assert_eq!(RootSeed::from_phrase(&numbered.join("\n").to_uppercase()), Ok(seed()));
    let short: Vec<&str> = words.iter().map(|it| &it[..it.len().min(4)]).collect();
    assert_eq!(RootSeed::from_phrase(&short.join(", ")), Ok(seed()));
}

#[test]
fn the_published_vector() {
    let zeros = RootSeed(Secret::new([0; 32]));
    let words = zeros.reveal();
    assert!(words[..23].iter().all(|it| *it == "abandon"));
    assert_eq!(words[23], "art");
}

#[test]
fn abuse_11_a_wrong_phrase_is_refused_and_told_where() {
    let words = seed().reveal();
    let mut unknown = words.clone();
    unknown[6] = "artel";
    assert_eq!(RootSeed::from_phrase(&unknown.join(" ")), Err(BadPhrase::Word(7)));
    assert_eq!(RootSeed::from_phrase(&words[1..].join(" ")), Err(BadPhrase::Count(23)));
    assert_eq!(RootSeed::from_phrase(""), Err(BadPhrase::Count(0)));
    // 8 bits of checksum let one wrong word in 256 pass: then it is another seed, never ours.
    let mut refused = 0;
    for at in 0..RECOVERY {
        let mut wrong = words.clone();
        wrong[at] = if wrong[at] == "zoo" { "abandon" } else { "zoo" };
        match RootSeed::from_phrase(&wrong.join(" ")) {
            Ok(other) => assert_ne!(other, seed()),
            Err(why) => {
                assert_eq!(why, BadPhrase::Checksum);
                refused += 1;
            }
        }
    }
    assert!(refused >= 22, "{refused}");
}

#[test]
fn the_root_key_is_not_the_seed() {
    assert_ne!(seed().signing_key().as_bytes(), seed().0.expose());
    assert_eq!(format!("{:?}", seed()), "RootSeed(Secret(..))");
}

#[test]
fn compared_words_depend_on_every_bit_of_the_hash() {
    let hash = [0x42; 32];
    assert_eq!(compared(&hash), compared(&hash));
    assert!(compared(&hash).iter().all(|it| it.len() >= 3));
    for bit in 0..256 {
        let mut other = hash;
        other[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(compared(&hash), compared(&other));
    }
}

#[test]
fn any_text_is_survived() {
    for text in ["\u{0}", "é".repeat(24).as_str(), &"abandon ".repeat(24), &"zzzz ".repeat(24), &"a ".repeat(24)] {
        assert!(RootSeed::from_phrase(text).is_err());
    }
}
