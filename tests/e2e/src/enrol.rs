//! Founding and joining, as administrators and newcomers do it.

use std::time::Duration;

use serde_json::Value;

use crate::host::Host;
use crate::process::{Outcome, Process};
use crate::wait::until;

/// How long finding, comparing and admitting may take.
const JOIN_SECONDS: u64 = 60;

/// How a newcomer is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The administrator compares the words and approves.
    Guarded,
    /// The code is enough.
    Open,
}

impl Host {
    /// Founds the organisation of this person's mail domain.
    #[track_caller]
    pub fn found(&self, name: &str) {
        let phrase = self.home().parent().unwrap().join("phrase");
        let (person, email) = (self.person(), self.email());
        let domain = email.split('@').nth(1).unwrap();
        let phrase = phrase.to_str().unwrap();
        let words = ["org", "create", "--name", name, "--person", &person, "--email", &email];
        self.ok(&[&words[..], &["--domain", domain, "--phrase-file", phrase]].concat());
    }

    /// Invites the person of another host; the answer.
    #[track_caller]
    pub fn invite(&self, newcomer: &Host, door: Door) -> Value {
        let (name, email) = (newcomer.person(), newcomer.email());
        let words = ["invite", "--email", &email, "--name", &name];
        match door {
            Door::Guarded => self.one(&words),
            Door::Open => self.one(&[&words[..], &["--auto-admit"]].concat()),
        }
    }

    /// Begins to join with the code, and whatever else is needed.
    pub fn join(&self, code: &str, words: &[&str]) -> Process {
        let seconds = JOIN_SECONDS.to_string();
        self.background(&[&["join", code, "--timeout", &seconds], words].concat())
    }
}

/// The text of a field.
///
/// # Panics
/// When there is none.
#[track_caller]
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no text in {field}: {value}"))
}

/// Waits until somebody waits at `office`, compares the words with those the newcomer sees, lets him in, and waits until he
/// is. Returns the words.
#[track_caller]
pub fn admit(office: &Host, joining: Process) -> String {
    let waiting = until("somebody waits to be let in", JOIN_SECONDS, || office.ok(&["pending"]).into_iter().next());
    let shown = until("the newcomer sees the words", JOIN_SECONDS, || {
        joining.lines().into_iter().find(|it| it["state"] == "waiting")
    });
    let words = text(&waiting, "words").to_owned();
    assert_eq!(words, text(&shown, "words"), "both sides see the same words");
    assert_eq!(words.split_whitespace().count(), 5, "five words: {words}");
    office.ok(&["approve", text(&waiting, "id")]);
    check_admitted(&joining.wait(Duration::from_secs(JOIN_SECONDS)));
    words
}

/// Invites the person of `newcomer`, lets him join and starts his node.
#[track_caller]
pub fn enrol(office: &Host, newcomer: &Host, door: Door) {
    let invite = office.invite(newcomer, door);
    let joining = newcomer.join(text(&invite, "code"), &[]);
    match door {
        Door::Guarded => drop(admit(office, joining)),
        Door::Open => check_admitted(&joining.wait(Duration::from_secs(JOIN_SECONDS + 10))),
    }
    newcomer.start();
}

/// Anna founds the organisation with the channel `общий`, lets everybody in, and all of them see the channel.
#[track_caller]
pub fn office(anna: &Host, newcomers: &[&Host]) {
    anna.found("Ромашка");
    anna.start();
    anna.one(&["channel", "create", "общий"]);
    for newcomer in newcomers {
        enrol(anna, newcomer, Door::Open);
        newcomer.await_channel("общий");
    }
}

/// The join has ended well.
#[track_caller]
pub fn check_admitted(outcome: &Outcome) {
    assert_eq!(outcome.code, Some(0), "join: {}\n{}", outcome.stdout, outcome.stderr);
    let last = outcome.lines().pop().expect("join says something");
    assert_eq!(last["state"], "admitted", "{last}");
}
