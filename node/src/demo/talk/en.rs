//! The office in English.

use super::{Colleague, Said, Script, said};

pub(super) static SCRIPT: Script = Script {
    company: "Daisy Ltd",
    domain: "daisy.example",
    visitor: ("Anna Falk", "falk@daisy.example"),
    colleagues: [
        Colleague {
            name: "Michael Orr",
            email: "orr@daisy.example",
            answers: &[
                "All right, I'll do it today.",
                "I see. I'll look at it in the warehouse and write here.",
                "Great, thanks 👍",
            ],
        },
        Colleague {
            name: "Olga Kim",
            email: "kim@daisy.example",
            answers: &[
                "I agree. It goes into the **plan of the week**.",
                "Yes, the papers are ready.",
                "Fine, until 6 p.m. then.",
            ],
        },
        Colleague {
            name: "Emma Novak",
            email: "novak@daisy.example",
            answers: &["Sounds good to me.", "I'll take this one.", "Done, see the thread."],
        },
    ],
    teams: ["Sales", "Development"],
    channels: [
        ("general", None),
        ("accounting", None),
        ("warehouse", None),
        ("deals", Some("Sales")),
        ("release-0.9", Some("Development")),
        ("support", Some("Development")),
    ],
    topic: "Release 0.9: pilot in accounting and the warehouse",
    talk: [
        said(
            0,
            "general",
            "Good morning everyone! Today **build 0.9.2** goes to the pilot group: 14 desks in accounting and the warehouse.",
        ),
        said(
            1,
            "general",
            "I'll take the warehouse. The network is slow there, so I'll check the sync over `LAN` first.",
        ),
        Said {
            liked: true,
            ..said(3, "general", "The installer is 11 MB now, down from 38 MB. Nice work everyone 🎉")
        },
        said(
            2,
            "general",
            "Found the reason: the time server at 192.168.10.4 is *7 minutes* late. Details: https://wiki.daisy.example/ntp",
        ),
        Said {
            discussed: true,
            ..said(
                1,
                "general",
                "This is where the update got lost:\n```rust\nfn merge(&mut self, remote: &Clock) -> Outcome {\n    // the last writer wins\n    let before = self.clock.clone();\n    self.clock.join(remote);\n    if before == self.clock { Outcome::Noop } else { Outcome::Applied }\n}\n```",
            )
        },
        said(
            2,
            "general",
            "@falk@daisy.example please have a look at “Access rights”: three roles are needed\n- owner\n- administrator\n- member",
        ),
        said(2, "accounting", "The estimate for the equipment is agreed. €12,845 without VAT, delivery in 3–4 weeks."),
        said(1, "accounting", "I'll send the invoice tomorrow morning."),
        said(1, "warehouse", "Delivery at 11:00, two people needed."),
        said(3, "release-0.9", "Build `main@4f1c9e2` passed: 1842 tests, 0 failures."),
        said(2, "@falk@daisy.example", "Anna, the report for October is ready. Could you look at it before lunch?"),
        said(
            1,
            "@falk@daisy.example",
            "Hi! Write to me or in any channel, I'll answer: my node runs in this very program.",
        ),
    ],
    thread: [
        (2, "Looks like a race: `join` is called twice. Caught it with a test of three nodes."),
        (3, "Good catch! Dedup by `(peer, seq)` before merging should be enough."),
    ],
};
