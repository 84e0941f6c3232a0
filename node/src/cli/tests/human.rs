//! What people read.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use super::*;
use crate::cli::moment;
use crate::cli::output::{Output, Situation, clean};
use crate::text::Lang;

/// Standard output that can be looked at.
#[derive(Clone, Default)]
pub(super) struct Shared(Rc<RefCell<Vec<u8>>>);

impl Shared {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn shown(lang: Lang, reply: &Reply, situation: Situation) -> String {
    let data = Shared::default();
    Output::new(lang, false, Box::new(data.clone())).reply(reply, situation).unwrap();
    data.text()
}

const RUNNING: Situation = Situation { running: true, mixed: false };

#[track_caller]
fn check_message(message: Message, en: &str, ru: &str) {
    let at = moment::local(&message.sent);
    let reply = Reply::Messages(vec![message]);
    assert_eq!(shown(Lang::En, &reply, RUNNING), en.replace("AT", &at));
    assert_eq!(shown(Lang::Ru, &reply, RUNNING), ru.replace("AT", &at));
}

#[test]
fn a_message_tells_when_who_what_and_where_it_is() {
    check_message(
        message(),
        "AT  Анна  held: 2 · edited · pinned · in thread m0 · m1\n    раз\n    два\n    👍 2\n",
        "AT  Анна  получено: 2 · изменено · закреплено · в ветке m0 · m1\n    раз\n    два\n    👍 2\n",
    );
    let plain = Message { edited: false, pinned: false, thread: None, reactions: BTreeMap::new(), ..message() };
    check_message(
        Message { state: "queued".into(), ..plain.clone() },
        "AT  Анна  queued · m1\n    раз\n    два\n",
        "AT  Анна  в очереди · m1\n    раз\n    два\n",
    );
    check_message(
        Message { state: "read".into(), ahead: true, ..plain.clone() },
        "AT  Анна  read: 1 · clock ahead · m1\n    раз\n    два\n",
        "AT  Анна  прочитано: 1 · часы спешат · m1\n    раз\n    два\n",
    );
    check_message(
        Message { state: "retracted".into(), text: String::new(), ..plain },
        "AT  Анна  m1\n    (deleted)\n",
        "AT  Анна  m1\n    (удалено)\n",
    );
}

#[test]
fn a_message_names_its_channel_where_several_are_mixed() {
    let reply = Reply::Messages(vec![Message { name: "общий".into(), ..message() }]);
    assert!(shown(Lang::En, &reply, Situation { running: true, mixed: true }).contains(" · общий · m1\n"));
    assert!(!shown(Lang::En, &reply, RUNNING).contains("общий"));
}

#[test]
fn columns_stand_under_each_other() {
    let person = |name: &str, role: &str| Person {
        id: "u".into(),
        name: name.into(),
        email: "a@x.ru".into(),
        role: role.into(),
        devices: 1,
        online: role == "owner",
        ..Person::default()
    };
    let reply = Reply::Persons(vec![person("Анна", "owner"), person("Bo", "admin")]);
    assert_eq!(
        shown(Lang::En, &reply, RUNNING),
        "Анна  a@x.ru  owner          online\nBo    a@x.ru  administrator  offline\n"
    );
    assert_eq!(shown(Lang::Ru, &Reply::Persons(Vec::new()), RUNNING), "Ничего нет.\n");
}

#[test]
fn a_sent_message_says_when_it_leaves() {
    let reply =
        |connected| Reply::Sent(Sent { id: "m".into(), channel: "s".into(), state: "queued".into(), connected });
    let alone = shown(Lang::Ru, &reply(0), Situation::default());
    assert!(alone.starts_with("Записано, в очереди") && alone.contains("artel-node run"), "{alone}");
    assert!(shown(Lang::En, &reply(0), RUNNING).starts_with("Queued"));
    assert_eq!(shown(Lang::Ru, &reply(2), RUNNING), "Отправлено: сейчас на связи 2 устройства.\n");
}

#[test]
fn every_reply_has_something_for_people_in_both_languages() {
    for reply in replies() {
        for lang in [Lang::En, Lang::Ru] {
            let text = shown(lang, &reply, RUNNING);
            assert!(text.ends_with('\n') && 1 < text.len(), "{reply:?}: {text:?}");
        }
    }
}

#[test]
fn the_state_fits_a_screen() {
    let text = shown(Lang::En, &Reply::Status(Box::new(status())), RUNNING);
    let expected = [
        "organisation  Ромашка  o1",
        "you           a@x.ru  u1",
        "colleagues    1 device connected",
        "online        Борис  127.0.0.1:4872  direct  3 ms",
        "spaces        1, 21 entries",
        "queue         2 entries not held elsewhere yet",
        "store         ok, 12.3 MB, 1 entry lost",
        "refused       bad_run: 4",
        "alarms        fork  d2",
    ];
    for line in expected {
        assert!(text.lines().any(|it| it == line), "{line:?} is missing in\n{text}");
    }
}

/// Names and texts come from others: none may recolour the terminal, move its cursor or turn the line around.
#[test]
fn text_of_others_cannot_command_the_terminal() {
    assert_eq!(clean("a\u{1b}[2Jb\u{202e}c\nd\u{9b}e"), "a\u{fffd}[2Jb\u{fffd}c d\u{fffd}e");
    let hostile = "x\u{1b}]0;y\u{7}\rz";
    let reply = Reply::Messages(vec![Message {
        author: hostile.into(),
        text: hostile.into(),
        reactions: BTreeMap::from([(hostile.into(), Vec::new())]),
        ..message()
    }]);
    let text = shown(Lang::En, &reply, RUNNING);
    assert!(text.chars().all(|it| it == '\n' || !it.is_control()), "{text:?}");
    assert!(clean("👩‍💻 Ёж").contains("👩‍💻 Ёж"));
}

#[test]
fn moments_are_shown_in_a_zone_to_the_minute() {
    let moscow = |_| time::UtcOffset::from_hms(3, 0, 0).unwrap();
    assert_eq!(moment::shown("2026-03-04T22:05:59.123Z", moscow), "2026-03-05 01:05");
    assert_eq!(moment::shown("soon", moscow), "soon");
    assert_eq!(moment::shown("9999-12-31T23:59:00Z", moscow), "9999-12-31 23:59");
}
