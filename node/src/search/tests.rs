//! What is found and what is not, what the disk shows, and what damage and crashes do.

mod disk;
mod golden;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Found, LastWord, MessageId, NewMessage, Request, Search, SpaceId, State};

const KEY: [u8; 32] = [9; 32];
const HERE: SpaceId = [1; 16];
const THERE: SpaceId = [2; 16];

fn id(number: u64) -> MessageId {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    id[8..16].copy_from_slice(&number.to_be_bytes());
    id
}

fn message(number: u64, text: &str) -> NewMessage<'_> {
    NewMessage { id: id(number), space: HERE, hlc_ms: 1_000 + number, text, device: [7; 16], marks: &[] }
}

/// A new index that believes to be complete.
fn complete(root: &Path) -> Search {
    let (search, state) = Search::open(root, &KEY).unwrap();
    assert_eq!(state, State::NeedsRebuild);
    search.begin_rebuild();
    search.finish_rebuild().unwrap();
    search
}

fn look<'a>(text: &'a str) -> Request<'a> {
    Request { text, last_word: LastWord::Whole, spaces: &[], only: super::Only::default(), limit: 50 }
}

fn find(search: &Search, text: &str) -> Found {
    search.search(&look(text)).unwrap()
}

/// Numbers of the messages found, in order.
#[track_caller]
fn check(search: &Search, request: &Request<'_>, expected: &[u64]) {
    let hits = search.search(request).unwrap().hits;
    let numbers: Vec<u64> = hits.iter().map(|it| it.hlc_ms - 1_000).collect();
    assert_eq!(numbers, expected, "{}", request.text);
    for (hit, number) in hits.iter().zip(expected) {
        assert_eq!(hit.id, id(*number));
    }
}

#[test]
fn a_message_is_found_before_any_commit_and_after() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    search.add(message(1, "Завтра подпишем договор")).unwrap();
    check(&search, &look("договорами"), &[1]);
    search.flush().unwrap();
    check(&search, &look("договорами"), &[1]);
}

#[test]
fn the_newest_come_first_from_index_and_tail_together() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    for numbers in [[5, 1, 9], [2, 8, 4]] {
        for number in numbers {
            search.add(message(number, "отчёт за май")).unwrap();
        }
        search.flush().unwrap();
    }
    search.add(message(6, "отчёты")).unwrap();
    search.add(message(7, "письмо")).unwrap();
    check(&search, &look("отчет"), &[9, 8, 6, 5, 4, 2, 1]);
    let three = Request { limit: 3, ..look("отчет") };
    check(&search, &three, &[9, 8, 6]);
    let none = Request { limit: 0, ..look("отчет") };
    check(&search, &none, &[]);
}

#[test]
fn only_the_spaces_asked_for_are_searched() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    for committed in [false, true] {
        let base = u64::from(committed) * 10;
        for (number, space) in [(1, HERE), (2, THERE), (3, [3; 16])] {
            let message = NewMessage { space, ..message(base + number, "склад") };
            search.add(message).unwrap();
        }
        if !committed {
            search.flush().unwrap();
        }
    }
    let there = Request { spaces: &[THERE], ..look("склад") };
    check(&search, &there, &[12, 2]);
    let two = Request { spaces: &[HERE, THERE], ..look("склад") };
    check(&search, &two, &[12, 11, 2, 1]);
}

#[test]
fn spaces_that_begin_alike_are_told_apart() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    let mut twin = HERE;
    twin[15] = 77;
    search.add(message(1, "склад")).unwrap();
    search.add(NewMessage { space: twin, ..message(2, "склад") }).unwrap();
    search.flush().unwrap();
    check(&search, &Request { spaces: &[HERE], ..look("склад") }, &[1]);
}

#[test]
fn a_removed_message_is_found_nowhere() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    for (number, text) in [(1, "секрет первый"), (2, "секрет второй"), (3, "секрет третий")]
    {
        search.add(message(number, text)).unwrap();
    }
    search.remove(&id(1)).unwrap();
    check(&search, &look("секрет"), &[3, 2]);
    search.flush().unwrap();
    check(&search, &look("секрет"), &[3, 2]);
    search.remove(&id(2)).unwrap();
    check(&search, &look("секрет"), &[3]);
    search.flush().unwrap();
    check(&search, &look("секрет"), &[3]);
    search.remove(&id(3)).unwrap();
    check(&search, &look("секрет"), &[]);
    search.close().unwrap();
    let (search, _) = Search::open(home.path(), &KEY).unwrap();
    check(&search, &look("секрет"), &[]);
}

#[test]
fn an_edit_is_found_by_its_new_words_only() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    search.add(message(1, "встреча в среду")).unwrap();
    search.flush().unwrap();
    search.replace(message(1, "встреча в четверг")).unwrap();
    for committed in [false, true] {
        if committed {
            search.flush().unwrap();
        }
        check(&search, &look("среда"), &[]);
        check(&search, &look("четверг"), &[1]);
        check(&search, &look("встреча"), &[1]);
    }
}

#[test]
fn a_message_given_twice_is_shown_once() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    for _ in 0..2 {
        search.add(message(1, "дважды")).unwrap();
        search.flush().unwrap();
    }
    check(&search, &look("дважды"), &[1]);
    search.add(message(1, "дважды")).unwrap();
    check(&search, &look("дважды"), &[1]);
    search.remove(&id(1)).unwrap();
    search.flush().unwrap();
    check(&search, &look("дважды"), &[]);
}

#[test]
fn odd_strings_are_queries_like_any_other() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    search.add(message(1, "просто слово")).unwrap();
    search.flush().unwrap();
    search.add(message(2, "ещё слово")).unwrap();
    let long = "слово ".repeat(100_000);
    let odd = [
        "",
        " ",
        "*",
        "\"",
        "\"\"",
        "\"*\"",
        "**",
        "«",
        "»«",
        "AND OR NOT",
        "+-!(){}[]^~?:\\/",
        "text:слово",
        "\u{0}\u{301}\u{ad}",
        "слово\"",
        "🦀",
        "a\u{10ffff}*",
        "İ",
        "\"слово",
        "*слово*",
        "' OR 1=1",
        "id:[* TO *]",
        &long,
    ];
    for text in odd {
        for last_word in [LastWord::Whole, LastWord::Beginning] {
            search.search(&Request { last_word, ..look(text) }).unwrap();
        }
    }
    check(&search, &look("\"слово"), &[2, 1]);
    check(&search, &look(&long), &[2, 1]);
    check(&search, &look(""), &[]);
    let mut state = 1u64;
    for _ in 0..300 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let any = ['"', '*', ' ', 'ё', 'я', 'g', '-', '\u{306}', '7', 'я', '«', 'ß'];
            let odd = char::from_u32((state >> 40) as u32 % 0x11_0000).unwrap_or('и');
            let pick = (state >> 33) as usize % (any.len() + 2);
            text.push(any.get(pick).copied().unwrap_or(odd));
        }
        search.search(&look(&text)).unwrap();
    }
}

#[test]
fn a_mark_comes_back_with_the_commit_that_holds_it() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    search.add(message(1, "раз")).unwrap();
    search.mark(41);
    search.close().unwrap();
    let (search, state) = Search::open(home.path(), &KEY).unwrap();
    assert_eq!(state, State::Ready { mark: Some(41) });
    search.add(message(2, "два")).unwrap();
    search.mark(42);
    drop(search); // Killed before the commit.
    let (search, state) = Search::open(home.path(), &KEY).unwrap();
    assert_eq!(state, State::Ready { mark: Some(41) });
    check(&search, &look("раз"), &[1]);
    check(&search, &look("два"), &[]);
}

#[test]
fn a_rebuild_that_was_cut_short_begins_again() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    search.begin_rebuild();
    search.add(message(1, "раз")).unwrap();
    search.close().unwrap();
    let (search, state) = Search::open(home.path(), &KEY).unwrap();
    assert_eq!(state, State::NeedsRebuild);
    check(&search, &look("раз"), &[]);
}

#[test]
fn a_rebuild_of_thousands_keeps_order_and_count() {
    let home = tempfile::tempdir().unwrap();
    let (search, _) = Search::open(home.path(), &KEY).unwrap();
    search.begin_rebuild();
    for number in (0..9_000).rev() {
        search.add(message(number, "сообщение по кругу")).unwrap();
    }
    search.finish_rebuild().unwrap();
    let all = Request { limit: 10_000, ..look("круг") };
    let expected: Vec<u64> = (0..9_000).rev().collect();
    check(&search, &all, &expected);
}

#[test]
fn no_message_is_out_of_sight_while_commits_run() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    let added = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 1..=3_000 {
                let text = format!("волна{number}");
                search.add(message(number, &text)).unwrap();
                added.store(number, Ordering::Release);
                // Slow enough that commits and searches happen in between.
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
        });
        let mut back = 0;
        while !writer.is_finished() {
            back = (back + 97) % 700; // Messages around the newest commit.
            let number = added.load(Ordering::Acquire).saturating_sub(back).max(1);
            if number <= added.load(Ordering::Acquire) {
                check(&search, &look(&format!("волна{number}")), &[number]);
            }
        }
    });
}

#[test]
fn a_change_is_committed_by_itself_after_seconds() {
    let home = tempfile::tempdir().unwrap();
    let search = complete(home.path());
    search.add(message(1, "само")).unwrap();
    let waiting = || search.shared.view(|_, tail| tail.snapshot().0.len()).unwrap();
    assert_eq!(waiting(), 1);
    let started = std::time::Instant::now();
    while 0 < waiting() {
        assert!(started.elapsed().as_secs() < 60);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(2 <= started.elapsed().as_secs());
    drop(search);
    let (search, _) = Search::open(home.path(), &KEY).unwrap();
    check(&search, &look("само"), &[1]);
}
