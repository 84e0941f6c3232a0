//! The tree of commands, the manual, and what is printed.

mod carry_out;
mod human;
mod json;
mod serve;
mod tree;
mod wire;
mod words;

use std::collections::BTreeMap;

use crate::client::*;

fn audited() -> Audited {
    Audited {
        id: "e1".into(),
        at: "2026-03-04T12:00:00Z".into(),
        who: "a@x.ru".into(),
        device: "d1".into(),
        role: "owner".into(),
        authority: "e0".into(),
        what: "role".into(),
        about: "b@x.ru admin".into(),
        outcome: "void".into(),
        why: "the role does not allow it".into(),
    }
}

/// One of every reply, with every optional field present.
fn replies() -> Vec<Reply> {
    vec![
        Reply::Done,
        Reply::Pong { pid: 7, locked: false },
        Reply::Sent(Sent { id: "m1".into(), channel: "s1".into(), state: "queued".into(), connected: 2 }),
        Reply::Invite(Invite {
            code: "c".into(),
            link: "l".into(),
            mail_code: Some("h".into()),
            id: "i1".into(),
            expires: "2026-03-04T12:00:00Z".into(),
        }),
        Reply::Invites(vec![InviteInfo {
            id: "i1".into(),
            email: "b@x.ru".into(),
            name: "Борис".into(),
            role: "member".into(),
            expires: "2026-03-04T12:00:00Z".into(),
            state: "open".into(),
        }]),
        Reply::Pending(vec![Candidate {
            id: "p1".into(),
            email: "b@x.ru".into(),
            device: "laptop".into(),
            words: "one two three four five".into(),
        }]),
        Reply::Teams(vec![Team {
            id: "t1".into(),
            name: "склад".into(),
            members: vec!["b@x.ru".into()],
            leads: vec!["a@x.ru".into()],
            may: Vec::new(),
        }]),
        Reply::Channels(vec![channel(), Channel { team: None, topic: None, ..channel() }]),
        Reply::Channel(channel()),
        Reply::Persons(vec![person()]),
        Reply::Devices(vec![Device {
            id: "d1".into(),
            person: "a@x.ru".into(),
            state: "active".into(),
            own: true,
            online: true,
        }]),
        Reply::Messages(vec![message()]),
        Reply::Unread(vec![unread()]),
        Reply::Status(Box::new(status())),
        Reply::Doctor(vec![Finding {
            level: "ok".into(),
            check: "store".into(),
            detail: "whole".into(),
            fact: Fact::Lost(0),
        }]),
        Reply::Config(vec![Setting { key: "listen".into(), value: "0".into(), origin: "default".into() }]),
        Reply::Bytes(vec![1, 2, 3]),
        Reply::Transfer(transfer()),
        Reply::Transfers(vec![transfer()]),
        Reply::FileStorage(FileStorage { bytes: 5, quota: 0, free: 9 }),
        Reply::Written { bytes: 5 },
        Reply::Audit(vec![audited()]),
        Reply::Drafts(vec![Draft { channel: "s1".into(), text: "недо".into(), own: true, ..Draft::default() }]),
        Reply::Later(vec![Later {
            id: "l1".into(),
            channel: "s1".into(),
            ms: 5,
            text: "в 9".into(),
            ..Later::default()
        }]),
        Reply::About(Box::new(About { device: "d1".into(), number: 7, ..About::default() })),
        Reply::Inbox(Box::new(Inbox { calls: vec![message()], threads: Vec::new() })),
        Reply::Readers(vec![Reader { email: "b@x.ru".into(), name: "Борис".into(), read: true }]),
    ]
}

fn unread() -> Unread {
    Unread {
        id: "s1".into(),
        channel: "общий".into(),
        first: Some("m1".into()),
        unread: 3,
        mentions: 1,
        threads: Vec::new(),
    }
}

fn person() -> Person {
    Person {
        id: "u1".into(),
        name: "Анна".into(),
        email: "a@x.ru".into(),
        role: "owner".into(),
        devices: 1,
        online: true,
        ..Person::default()
    }
}

fn channel() -> Channel {
    Channel {
        id: "s1".into(),
        kind: "public".into(),
        name: "общий".into(),
        team: Some("склад".into()),
        topic: Some("привет".into()),
        members: 2,
        history: "shared".into(),
        ..Channel::default()
    }
}

fn message() -> Message {
    Message {
        id: "m1".into(),
        channel: "s1".into(),
        name: "общий".into(),
        author: "Анна".into(),
        email: "a@x.ru".into(),
        sent: "2026-03-04T12:05:59Z".into(),
        text: "раз\nдва".into(),
        state: "held".into(),
        held: 2,
        read: 1,
        edited: true,
        thread: Some("m0".into()),
        reactions: BTreeMap::from([("👍".into(), vec!["b@x.ru".into(), "c@x.ru".into()])]),
        pinned: true,
        ahead: false,
        files: Vec::new(),
        ..Message::default()
    }
}

fn attachment() -> Attachment {
    Attachment {
        id: "m1.2".into(),
        name: "отчёт.pdf".into(),
        size: 1_500_000,
        media: "application/pdf".into(),
        width: None,
        height: None,
        thumbnail: false,
        state: "here".into(),
    }
}

fn transfer() -> Transfer {
    Transfer {
        transfer: "3".into(),
        file: "m1.2".into(),
        name: "отчёт.pdf".into(),
        direction: "get".into(),
        state: "running".into(),
        bytes: 500_000,
        size: 1_500_000,
        fetched: 500_100,
        rate: 2_000_000,
        holders: 2,
        path: None,
    }
}

fn status() -> Status {
    Status {
        organisation: "o1".into(),
        name: "Ромашка".into(),
        device: "d1".into(),
        person: "u1".into(),
        email: "a@x.ru".into(),
        listening: vec!["127.0.0.1:4871".into()],
        peers: vec![Peer {
            device: "d2".into(),
            person: "u2".into(),
            name: "Борис".into(),
            address: "127.0.0.1:4872".into(),
            via: "direct".into(),
            rtt_ms: 3,
        }],
        spaces: vec![SpaceStatus {
            id: "s1".into(),
            kind: "public".into(),
            name: "общий".into(),
            entries: 21,
            digest: Digest {
                heads: "h".into(),
                rows: vec![RowsDigest { epoch: "e".into(), hash: "r".into() }],
                authority: "a".into(),
            },
        }],
        queued: 2,
        waiting: 0,
        refused: BTreeMap::from([("bad_run".into(), 4)]),
        alarms: vec![Alarm { kind: "fork".into(), device: Some("d2".into()), person: None, space: None }],
        store: StoreStatus { state: "ok".into(), lost: vec!["m9".into()], bytes: 12_345_678, syncs: 9 },
        clock: ClockStatus { now: "2026-03-04T12:00:00Z".into(), offset_ms: -12 },
        discovery: vec![Rung { name: "mdns".into(), state: "2 found".into() }],
    }
}
