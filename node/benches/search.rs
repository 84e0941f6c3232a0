//! Figures of full-text search: `cargo bench -p artel-node --bench search -- [messages]`, 100 000 unless told.
//!
//! Messages are made from a vocabulary of 30 000 invented Russian and 10 000 English words with the usual long-tailed
//! frequencies, 3 to 30 words each, in 200 spaces, by 100 devices; one of 50 has a file.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, reason = "a bench stops at the first error")]
#![allow(clippy::indexing_slicing, reason = "indexes are drawn below the length")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use artel_node::search::{LastWord, Mark, NewMessage, Only, Request, Search, SpaceId, State};

const KEY: [u8; 32] = [7; 32];
const QUERIES: usize = 300;

fn main() {
    let count = std::env::args().skip(1).find_map(|it| it.parse().ok());
    let count: u64 = count.unwrap_or(100_000);
    let home = tempfile::tempdir().expect("a directory for the index");
    let root = home.path().join("search");
    let mut random = Random(1);
    let words = vocabulary(&mut random);
    println!("{count} messages");

    let (search, state) = Search::open(&root, &KEY).expect("a new index");
    assert_eq!(state, State::NeedsRebuild);
    let (text_bytes, spent) = fill(&search, &words, &mut random, count);
    let rate = count as f64 / spent.as_secs_f64();
    let size = bytes_in(&root);
    println!("indexing              {:>8.1} s  {rate:.0} messages/s", spent.as_secs_f64());
    println!(
        "index                 {:>8.1} B/message of {:.0} B text",
        size as f64 / count as f64,
        text_bytes as f64 / count as f64
    );
    println!("memory, peak          {:>8} MB", memory_mb("VmHWM:"));
    let started = Instant::now();
    search.close().expect("a clean close");
    println!("close                 {:>8.1} ms", ms(started.elapsed()));
    let started = Instant::now();
    let (search, state) = Search::open(&root, &KEY).expect("the index again");
    println!("open                  {:>8.1} ms  {state:?}", ms(started.elapsed()));
    let started = Instant::now();
    search.flush().expect("a checked index");
    println!("check of all pages    {:>8.1} ms", ms(started.elapsed()));

    measure(&search, &words, &mut random);
    operators(&search, &words, &mut random, count);
    live(&search, &words, &mut random, count);
    println!("memory, now           {:>8} MB", memory_mb("VmRSS:"));
}

fn fill(search: &Search, words: &[String], random: &mut Random, count: u64) -> (u64, Duration) {
    search.begin_rebuild();
    let started = Instant::now();
    let mut text_bytes = 0;
    for number in 0..count {
        let text = sentence(words, random);
        text_bytes += text.len() as u64;
        // Newest first, as a rebuild gives them.
        search.add(message(count - number, &text)).expect("a sound index");
    }
    search.finish_rebuild().expect("a sound index");
    (text_bytes, started.elapsed())
}

fn measure(search: &Search, words: &[String], random: &mut Random) {
    let common = words[0].clone();
    let usual = |random: &mut Random| words[random.below(3_000)].clone();
    let any = |random: &mut Random| words[random.below(words.len())].clone();
    report(search, "one word", LastWord::Whole, &[], random, &any);
    report(search, "one usual word", LastWord::Whole, &[], random, &usual);
    report(search, "the commonest word", LastWord::Whole, &[], random, &|_| common.clone());
    report(search, "usual word, one space", LastWord::Whole, &[space(3)], random, &usual);
    report(search, "two words", LastWord::Whole, &[], random, &|random| format!("{} {}", usual(random), usual(random)));
    report(search, "phrase", LastWord::Whole, &[], random, &|random| {
        format!("\"{} {}\"", words[random.below(20)], words[random.below(20)])
    });
    report(search, "prefix, 2 letters", LastWord::Beginning, &[], random, &|random| {
        any(random).chars().take(2).collect()
    });
    report(search, "prefix, 3 letters", LastWord::Beginning, &[], random, &|random| {
        any(random).chars().take(3).collect()
    });
    report(search, "word and prefix", LastWord::Beginning, &[], random, &|random| {
        let beginning: String = any(random).chars().take(4).collect();
        format!("{} {beginning}", usual(random))
    });
}

/// With words and without: who wrote it, what it has, and when it was.
fn operators(search: &Search, words: &[String], random: &mut Random, count: u64) {
    let usual = |random: &mut Random| words[random.below(3_000)].clone();
    let nothing = |_: &mut Random| String::new();
    let devices = [[7; 16]];
    let (middle, month) = (sent(count / 2), 30 * 24 * 60 * 60 * 1_000);
    let from = Only { devices: Some(&devices), wordless: true, ..Only::default() };
    let files = Only { marks: &[Mark::File], wordless: true, ..Only::default() };
    let then = Only { since_ms: Some(middle), before_ms: Some(middle + month), ..Only::default() };
    let mut only = |name, only, text: &dyn Fn(&mut Random) -> String| {
        ask(search, name, Request { text: "", last_word: LastWord::Whole, spaces: &[], only, limit: 50 }, random, text);
    };
    only("from: and a word", from, &usual);
    only("from: alone", from, &nothing);
    only("has: and a word", files, &usual);
    only("has: alone", files, &nothing);
    only("a month and a word", then, &usual);
    only("a month alone", Only { wordless: true, ..then }, &nothing);
}

fn report(
    search: &Search,
    name: &str,
    last_word: LastWord,
    spaces: &[SpaceId],
    random: &mut Random,
    text: &dyn Fn(&mut Random) -> String,
) {
    ask(search, name, Request { text: "", last_word, spaces, only: Only::default(), limit: 50 }, random, text);
}

fn ask(search: &Search, name: &str, like: Request<'_>, random: &mut Random, text: &dyn Fn(&mut Random) -> String) {
    let mut times = Vec::new();
    let mut hits = 0;
    for _ in 0..QUERIES {
        let text = text(random);
        let request = Request { text: &text, ..like };
        let started = Instant::now();
        hits += search.search(&request).expect("an answer").hits.len();
        times.push(started.elapsed());
    }
    times.sort_unstable();
    let (p50, p99) = (times[QUERIES / 2], times[QUERIES * 99 / 100]);
    println!("{name:<22}{:>8.2} / {:.2} ms p50/p99, {} hits", ms(p50), ms(p99), hits / QUERIES);
}

/// Ten edits, each with its own commit, and a search over a tail of 500.
fn live(search: &Search, words: &[String], random: &mut Random, count: u64) {
    let mut commits = Vec::new();
    for number in 1..=10 {
        search.replace(message(number * 97, &sentence(words, random))).expect("a sound index");
        let started = Instant::now();
        search.flush().expect("a commit");
        commits.push(started.elapsed());
    }
    commits.sort_unstable();
    println!("commit of one edit    {:>8.2} / {:.2} ms p50/max", ms(commits[5]), ms(commits[9]));
    for number in 1..500 {
        search.add(message(count + number, &sentence(words, random))).expect("a sound index");
    }
    report(search, "word, tail of 499", LastWord::Whole, &[], random, &|random| words[random.below(3_000)].clone());
}

fn message(number: u64, text: &str) -> NewMessage<'_> {
    let mut random = Random(number);
    let mut id = [0; 32];
    for chunk in id.chunks_mut(8) {
        chunk.copy_from_slice(&random.next().to_le_bytes());
    }
    NewMessage {
        id,
        space: space(number % 200),
        hlc_ms: sent(number),
        text,
        device: [(number % 100) as u8; 16],
        marks: if number.is_multiple_of(50) { &[Mark::File] } else { &[] },
    }
}

/// When a message was sent, milliseconds since 1970.
fn sent(number: u64) -> u64 {
    1_700_000_000_000 + number * 37_000
}

fn space(number: u64) -> SpaceId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&Random(number).next().to_le_bytes());
    id
}

fn vocabulary(random: &mut Random) -> Vec<String> {
    let word = |random: &mut Random, syllables: &[&str], endings: &[&str]| {
        let mut word: String = (0..2 + random.below(3)).map(|_| syllables[random.below(syllables.len())]).collect();
        word.push_str(endings[random.below(endings.len())]);
        word
    };
    let russian = [
        "до", "го", "ра", "ни", "ме", "сту", "пла", "кол", "вер", "щи", "бо", "тре", "зав", "му", "жен", "пи", "са",
        "лю",
    ];
    let russian_endings = ["", "ами", "ов", "ение", "ать", "ский", "у", "ой"];
    let english = ["con", "ta", "re", "port", "mi", "su", "ple", "gra", "ver", "lo", "ne", "dis", "ma"];
    let english_endings = ["", "s", "ing", "ed", "er", "tion"];
    (0..40_000)
        .map(|number| match number % 4 {
            3 => word(random, &english, &english_endings),
            _ => word(random, &russian, &russian_endings),
        })
        .collect()
}

fn sentence(words: &[String], random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..3 + random.below(28) / (1 + random.below(3)) {
        // The number of a word is the product of uniform draws: few words are most of the text.
        let draw = random.unit().powi(4) * words.len() as f64;
        text.push_str(&words[draw as usize % words.len()]);
        text.push(' ');
    }
    text
}

fn bytes_in(root: &Path) -> u64 {
    let files = fs::read_dir(root).expect("the index");
    files.filter_map(|it| Some(it.ok()?.metadata().ok()?.len())).sum()
}

/// A line of `/proc/self/status`; 0 where there is none.
fn memory_mb(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|it| it.strip_prefix(line));
    let number = found.and_then(|it| it.trim().trim_end_matches(" kB").parse::<u64>().ok());
    number.unwrap_or(0) / 1024
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// SplitMix64: the same messages at every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn unit(&mut self) -> f64 {
        self.next() as f64 / u64::MAX as f64
    }
}
