//! Tests of drafts.

use super::*;

fn draft(own: bool, at: u64, text: &str) -> Draft {
    Draft { channel: "c".into(), text: text.into(), own, at: (at, 0), ..Draft::default() }
}

fn key() -> Key {
    Key::of("c")
}

fn texts(requests: &[Request]) -> Vec<&str> {
    let mut texts = Vec::new();
    for request in requests {
        let Request::DraftSet { text, .. } = request else { panic!("{request:?}") };
        texts.push(text.as_str());
    }
    texts
}

#[test]
fn what_is_typed_is_kept_a_moment_later_and_once() {
    let mut drafts = Drafts::default();
    assert!(drafts.set(&key(), "пол".into()));
    assert!(!drafts.set(&key(), "пол".into()));
    assert!(drafts.due(false).is_empty() && drafts.waits());
    std::thread::sleep(REST);
    assert_eq!(texts(&drafts.due(false)), ["пол"]);
    assert!(drafts.due(true).is_empty() && !drafts.waits());
    // One who never pauses is written down all the same.
    let begun = Instant::now();
    let mut written = Vec::new();
    while begun.elapsed() < AT_MOST + REST {
        drafts.set(&key(), format!("{:?}", begun.elapsed()));
        written.extend(drafts.due(false));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(written.len(), 1);
    // What is sent is gone at once.
    drafts.take(&key());
    assert_eq!(texts(&drafts.due(false)), [""]);
}

#[test]
fn it_comes_back_after_a_restart() {
    let mut drafts = Drafts::default();
    drafts.told(&[draft(true, 5, "половина")]);
    assert_eq!(drafts.get(&key()), "половина");
    assert!(drafts.has("c") && !drafts.has("d"));
    // What is typed now is newer than what was kept.
    drafts.set(&key(), "половина слова".into());
    drafts.told(&[draft(true, 5, "половина")]);
    assert_eq!(drafts.get(&key()), "половина слова");
    assert_eq!(texts(&drafts.due(true)), ["половина слова"]);
}

#[test]
fn it_follows_to_the_other_desk_and_goes_when_it_is_sent_there() {
    let mut drafts = Drafts::default();
    drafts.told(&[draft(false, 5, "отсюда")]);
    assert_eq!((drafts.get(&key()), drafts.offer(&key())), ("отсюда", None));
    drafts.told(&[draft(false, 6, "отсюда и")]);
    assert_eq!(drafts.get(&key()), "отсюда и");
    drafts.told(&[draft(false, 7, "")]);
    assert_eq!(drafts.get(&key()), "");
    assert!(drafts.due(true).is_empty());
}

#[test]
fn going_on_there_what_was_begun_here_clears_it_here() {
    let mut drafts = Drafts::default();
    drafts.set(&key(), "нача".into());
    drafts.due(true);
    drafts.told(&[draft(true, 5, "нача")]);
    drafts.told(&[draft(true, 5, "нача"), draft(false, 8, "начало")]);
    assert_eq!(drafts.get(&key()), "начало");
    drafts.told(&[draft(true, 5, "нача"), draft(false, 9, "")]);
    assert_eq!(drafts.get(&key()), "");
}

#[test]
fn what_was_sent_from_another_desk_goes_here_and_nothing_else() {
    let mut drafts = Drafts::default();
    drafts.set(&key(), "готово ".into());
    drafts.sent(&key(), "готово", 9);
    assert_eq!(drafts.get(&key()), "готово ", "it was not kept yet");
    drafts.due(true);
    drafts.told(&[draft(true, 5, "готово ")]);
    for (text, at) in [("готово", 4), ("не готово", 9), ("", 9)] {
        drafts.sent(&key(), text, at);
        assert_eq!(drafts.get(&key()), "готово ", "{text} at {at}");
    }
    drafts.sent(&Key::thread("c", "r"), "готово", 9);
    assert_eq!(drafts.get(&key()), "готово ");
    drafts.sent(&key(), "готово", 9);
    assert_eq!(drafts.get(&key()), "");
    assert_eq!(texts(&drafts.due(true)), [""]);
    // The same words, begun anew.
    drafts.set(&key(), "готово".into());
    drafts.due(true);
    drafts.sent(&key(), "готово", 9);
    drafts.told(&[draft(true, 12, "готово")]);
    drafts.sent(&key(), "готово", 9);
    assert_eq!(drafts.get(&key()), "готово");
}

#[test]
fn two_that_were_written_apart_are_both_kept() {
    let mut drafts = Drafts::default();
    drafts.set(&key(), "здесь".into());
    drafts.told(&[draft(false, 5, "там")]);
    assert_eq!((drafts.get(&key()), drafts.offer(&key())), ("здесь", Some("там")));
    drafts.decide(&key(), false);
    assert_eq!(drafts.offer(&key()), None);
    // It changed there since: offered again.
    drafts.told(&[draft(false, 6, "там ещё")]);
    assert_eq!(drafts.offer(&key()), Some("там ещё"));
    drafts.decide(&key(), true);
    assert_eq!((drafts.get(&key()), drafts.offer(&key())), ("там ещё", None));
}

#[test]
fn what_was_sent_from_here_is_not_offered_again() {
    let mut drafts = Drafts::default();
    drafts.told(&[draft(false, 5, "оттуда")]);
    drafts.take(&key());
    assert_eq!(texts(&drafts.due(true)), [""]);
    drafts.told(&[draft(true, 9, ""), draft(false, 5, "оттуда")]);
    assert_eq!((drafts.get(&key()), drafts.offer(&key())), ("", None));
}

#[test]
fn what_was_sent_does_not_come_back_with_an_answer_that_is_older() {
    let mut drafts = Drafts::default();
    drafts.told(&[]);
    drafts.set(&key(), "цитата".into());
    assert_eq!(texts(&drafts.due(true)), ["цитата"]);
    drafts.take(&key());
    assert_eq!(texts(&drafts.due(true)), [""]);
    // Asked before it was sent, answered after.
    drafts.told(&[draft(true, 5, "цитата")]);
    assert_eq!(drafts.get(&key()), "");
    drafts.told(&[draft(true, 6, "")]);
    assert_eq!(drafts.get(&key()), "");
}
