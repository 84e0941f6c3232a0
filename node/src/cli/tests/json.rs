//! The JSON of every reply, word for word: scripts read these names, so a change here breaks them.

use super::*;
use crate::cli::output::{Output, Situation, json_lines};
use crate::text::Lang;

const EXPECTED: [&str; 27] = [
    "",
    r#"{"locked":false,"pid":7}"#,
    r#"{"id":"m1","channel":"s1","state":"queued","connected":2}"#,
    r#"{"code":"c","link":"l","mail_code":"h","id":"i1","expires":"2026-03-04T12:00:00Z"}"#,
    r#"{"id":"i1","email":"b@x.ru","name":"Борис","role":"member","expires":"2026-03-04T12:00:00Z","state":"open"}"#,
    r#"{"id":"p1","email":"b@x.ru","device":"laptop","words":"one two three four five"}"#,
    r#"{"id":"t1","name":"склад","members":["b@x.ru"],"leads":["a@x.ru"]}"#,
    r#"{"id":"s1","kind":"public","name":"общий","team":"склад","topic":"привет","members":2,"history":"shared"}
{"id":"s1","kind":"public","name":"общий","team":null,"topic":null,"members":2,"history":"shared"}"#,
    r#"{"id":"s1","kind":"public","name":"общий","team":"склад","topic":"привет","members":2,"history":"shared"}"#,
    r#"{"id":"u1","name":"Анна","email":"a@x.ru","role":"owner","devices":1,"online":true}"#,
    r#"{"id":"d1","person":"a@x.ru","state":"active","own":true,"online":true}"#,
    r#"{"id":"m1","channel":"s1","name":"общий","author":"Анна","email":"a@x.ru","sent":"2026-03-04T12:05:59Z","text":"раз\nдва","state":"held","held":2,"read":1,"edited":true,"thread":"m0","reactions":{"👍":["b@x.ru","c@x.ru"]},"pinned":true,"ahead":false,"files":[]}"#,
    r#"{"id":"s1","channel":"общий","first":"m1","unread":3,"mentions":1,"threads":[]}"#,
    r#"{"organisation":"o1","name":"Ромашка","device":"d1","person":"u1","email":"a@x.ru","listening":["127.0.0.1:4871"],"peers":[{"device":"d2","person":"u2","name":"Борис","address":"127.0.0.1:4872","via":"direct","rtt_ms":3}],"spaces":[{"id":"s1","kind":"public","name":"общий","entries":21,"digest":{"heads":"h","rows":[{"epoch":"e","hash":"r"}],"authority":"a"}}],"queued":2,"refused":{"bad_run":4},"alarms":[{"kind":"fork","device":"d2","person":null,"space":null}],"store":{"state":"ok","lost":["m9"],"bytes":12345678,"syncs":9},"clock":{"now":"2026-03-04T12:00:00Z","offset_ms":-12},"discovery":[{"name":"mdns","state":"2 found"}]}"#,
    r#"{"level":"ok","check":"store","detail":"whole","fact":{"lost":0}}"#,
    r#"{"key":"listen","value":"0","origin":"default"}"#,
    r#"{"bytes":3}"#,
    r#"{"transfer":"3","file":"m1.2","name":"отчёт.pdf","direction":"get","state":"running","bytes":500000,"size":1500000,"fetched":500100,"rate":2000000,"holders":2,"path":null}"#,
    r#"{"transfer":"3","file":"m1.2","name":"отчёт.pdf","direction":"get","state":"running","bytes":500000,"size":1500000,"fetched":500100,"rate":2000000,"holders":2,"path":null}"#,
    r#"{"bytes":5,"quota":0,"free":9}"#,
    r#"{"bytes":5}"#,
    r#"{"id":"e1","at":"2026-03-04T12:00:00Z","who":"a@x.ru","device":"d1","role":"owner","authority":"e0","what":"role","about":"b@x.ru admin","outcome":"void","why":"the role does not allow it"}"#,
    r#"{"channel":"s1","thread":null,"text":"недо","device":"","own":true,"at":[0,0]}"#,
    r#"{"id":"l1","channel":"s1","thread":null,"ms":5,"text":"в 9"}"#,
    r#"{"message":{"id":"","channel":"","name":"","author":"","email":"","sent":"","text":"","state":"","held":0,"read":0,"edited":false,"thread":null,"reactions":{},"pinned":false,"ahead":false,"files":[]},"device":"d1","number":7,"epoch":"","holders":[],"readers":[],"versions":[]}"#,
    r#"{"calls":[{"id":"m1","channel":"s1","name":"общий","author":"Анна","email":"a@x.ru","sent":"2026-03-04T12:05:59Z","text":"раз\nдва","state":"held","held":2,"read":1,"edited":true,"thread":"m0","reactions":{"👍":["b@x.ru","c@x.ru"]},"pinned":true,"ahead":false,"files":[]}],"threads":[]}"#,
    r#"{"email":"b@x.ru","name":"Борис","read":true}"#,
];

#[test]
fn every_reply_prints_stable_json() {
    for (reply, expected) in replies().iter().zip(EXPECTED) {
        assert_eq!(json_lines(reply).unwrap().trim_end(), expected, "{reply:?}");
    }
    assert_eq!(replies().len(), EXPECTED.len());
}

/// A reply that this list lacks would have no test: the match names them all.
#[test]
fn the_list_of_replies_is_whole() {
    let place = |reply: &Reply| match reply {
        Reply::Done => 0,
        Reply::Pong { .. } => 1,
        Reply::Sent(_) => 2,
        Reply::Invite(_) => 3,
        Reply::Invites(_) => 4,
        Reply::Pending(_) => 5,
        Reply::Teams(_) => 6,
        Reply::Channels(_) => 7,
        Reply::Channel(_) => 8,
        Reply::Persons(_) => 9,
        Reply::Devices(_) => 10,
        Reply::Messages(_) => 11,
        Reply::Unread(_) => 12,
        Reply::Status(_) => 13,
        Reply::Doctor(_) => 14,
        Reply::Config(_) => 15,
        Reply::Bytes(_) => 16,
        Reply::Transfer(_) => 17,
        Reply::Transfers(_) => 18,
        Reply::FileStorage(_) => 19,
        Reply::Written { .. } => 20,
        Reply::Audit(_) => 21,
        Reply::Drafts(_) => 22,
        Reply::Later(_) => 23,
        Reply::About(_) => 24,
        Reply::Inbox(_) => 25,
        Reply::Readers(_) => 26,
    };
    assert_eq!(replies().iter().map(place).collect::<Vec<_>>(), (0..EXPECTED.len()).collect::<Vec<_>>());
}

#[test]
fn a_message_prints_its_files() {
    let reply = Reply::Messages(vec![Message { files: vec![attachment()], ..message() }]);
    let files = r#""files":[{"id":"m1.2","name":"отчёт.pdf","size":1500000,"media":"application/pdf","width":null,"height":null,"thumbnail":false,"state":"here"}]}"#;
    assert!(json_lines(&reply).unwrap().trim_end().ends_with(files));
}

#[test]
fn json_does_not_know_languages() {
    let printed = |lang| {
        let data = super::human::Shared::default();
        let mut output = Output::new(lang, true, Box::new(data.clone()));
        for reply in replies() {
            output.reply(&reply, Situation::default()).unwrap();
        }
        data.text()
    };
    assert_eq!(printed(Lang::En), printed(Lang::Ru));
    assert!(printed(Lang::Ru).lines().all(|it| serde_json::from_str::<serde_json::Value>(it).unwrap().is_object()));
}
