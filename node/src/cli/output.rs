//! What a command prints: one JSON object a line for programs, or short aligned lines for people.

mod human;
mod table;

use std::io::{self, Write};

use serde::Serialize;

use crate::client::Reply;
use crate::text::Lang;

pub use table::clean;

/// Standard output of a command. Everything else a command says goes to standard error through [`Output::talk`].
pub struct Output {
    lang: Lang,
    json: bool,
    data: Box<dyn Write>,
}

/// What the words of a reply depend on beside the reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// A node is running on this home, so what is queued leaves by itself.
    pub running: bool,
    /// Messages of several histories stand among each other, so each names its own.
    pub mixed: bool,
}

impl Output {
    /// An output in a language, for people or in JSON, to `data`.
    pub fn new(lang: Lang, json: bool, data: Box<dyn Write>) -> Self {
        Self { lang, json, data }
    }

    /// The language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Whether data is printed in JSON.
    pub fn json(&self) -> bool {
        self.json
    }

    /// Prints a reply: all of it in JSON, what matters to people otherwise. Flushed when it returns.
    ///
    /// # Errors
    /// Whatever standard output says; a broken pipe means that nobody reads on.
    pub fn reply(&mut self, reply: &Reply, situation: Situation) -> io::Result<()> {
        let text = match self.json {
            true => json_lines(reply)?,
            false => human::reply(self.lang, reply, situation),
        };
        self.data.write_all(text.as_bytes())?;
        self.data.flush()
    }

    /// Prints one fact: `value` in JSON, or the sentence.
    ///
    /// # Errors
    /// As [`Output::reply`].
    pub fn fact(&mut self, value: &impl Serialize, sentence: &str) -> io::Result<()> {
        match self.json {
            true => writeln!(self.data, "{}", serde_json::to_string(value)?)?,
            false => writeln!(self.data, "{}", clean(sentence))?,
        }
        self.data.flush()
    }

    /// Says something to people on standard error. Nobody listening there is no failure.
    pub fn talk(sentence: &str) {
        writeln!(io::stderr(), "{sentence}").ok();
    }
}

impl std::fmt::Debug for Output {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Output").field("lang", &self.lang).field("json", &self.json).finish_non_exhaustive()
    }
}

/// The JSON of a reply: a line for each thing in it, none where there is nothing to tell.
///
/// # Errors
/// None that can happen with these types; what serde says is passed on.
pub fn json_lines(reply: &Reply) -> serde_json::Result<String> {
    match reply {
        Reply::Done => Ok(String::new()),
        Reply::Pong { pid, locked } => lines(&[serde_json::json!({ "pid": pid, "locked": locked })]),
        Reply::Sent(it) => lines(std::slice::from_ref(it)),
        Reply::Invite(it) => lines(std::slice::from_ref(it)),
        Reply::Invites(them) => lines(them),
        Reply::Pending(them) => lines(them),
        Reply::Teams(them) => lines(them),
        Reply::Channels(them) => lines(them),
        Reply::Channel(it) => lines(std::slice::from_ref(it)),
        Reply::Persons(them) => lines(them),
        Reply::Devices(them) => lines(them),
        Reply::Messages(them) => lines(them),
        Reply::Drafts(them) => lines(them),
        Reply::Later(them) => lines(them),
        Reply::About(it) => lines(std::slice::from_ref(&**it)),
        Reply::Inbox(it) => lines(std::slice::from_ref(&**it)),
        Reply::Unread(them) => lines(them),
        Reply::Status(it) => lines(std::slice::from_ref(&**it)),
        Reply::Doctor(them) => lines(them),
        Reply::Config(them) => lines(them),
        Reply::Audit(them) => lines(them),
        Reply::Readers(them) => lines(them),
        Reply::Transfer(it) => lines(std::slice::from_ref(it)),
        Reply::Transfers(them) => lines(them),
        Reply::FileStorage(it) => lines(std::slice::from_ref(it)),
        Reply::Bytes(them) => lines(&[serde_json::json!({ "bytes": them.len() })]),
        Reply::Written { bytes } => lines(&[serde_json::json!({ "bytes": bytes })]),
    }
}

fn lines(them: &[impl Serialize]) -> serde_json::Result<String> {
    them.iter().map(|it| serde_json::to_string(it).map(|line| line + "\n")).collect()
}
