//! A person at a computer: a home, a password, and the command line.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::process::{COMMAND_TIME, Outcome, Process};
use crate::wait::{seen, until};

/// Password of every home.
pub(crate) const PASSWORD: &str = "скрепка лошадь батарейка 7";

/// How long a node may take from its start to its ready line.
const READY_SECONDS: u64 = 60;

/// Names and the part of the address before the @.
const PEOPLE: [(&str, &str); 8] = [
    ("Анна Старикова", "anna"),
    ("Boris Lee", "boris"),
    ("Вера Ким", "vera"),
    ("Grace Obi", "grace"),
    ("Дмитрий Ёлкин", "dmitri"),
    ("Eva Lund", "eva"),
    ("Фёдор Щукин", "fedor"),
    ("Hana Sato", "hana"),
];

/// One home on one host, and the node that runs on it.
#[derive(Debug)]
pub struct Host {
    number: usize,
    program: PathBuf,
    out: PathBuf,
    namespace: String,
    address: String,
    home: PathBuf,
    password: PathBuf,
    variables: RefCell<Vec<(String, String)>>,
    node: RefCell<Option<Process>>,
    starts: Cell<u32>,
}

impl Host {
    pub(crate) fn new(
        program: &Path,
        out: &Path,
        number: usize,
        namespace: String,
        address: String,
        folder: PathBuf,
    ) -> Self {
        let password = folder.join("password");
        std::fs::write(&password, format!("{PASSWORD}\n")).unwrap();
        Self {
            number,
            program: program.to_owned(),
            out: out.to_owned(),
            namespace,
            address,
            home: folder.join("home"),
            password,
            variables: RefCell::default(),
            node: RefCell::default(),
            starts: Cell::new(0),
        }
    }

    pub(crate) fn set_program(&mut self, program: PathBuf) {
        self.program = program;
    }

    /// The home.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The namespace it is in.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Its IPv4 address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The file with the password.
    pub fn password_file(&self) -> &Path {
        &self.password
    }

    /// Name of its person.
    pub fn person(&self) -> String {
        PEOPLE.get(self.number - 1).map_or_else(|| format!("Сотрудник {}", self.number), |it| it.0.to_owned())
    }

    /// Mail address of its person.
    pub fn email(&self) -> String {
        let name = PEOPLE.get(self.number - 1).map_or_else(|| format!("person{}", self.number), |it| it.1.to_owned());
        format!("{name}@romashka.example")
    }

    /// What `send` takes for a direct message to this person.
    pub fn at_email(&self) -> String {
        format!("@{}", self.email())
    }

    /// Sets an environment variable for everything that is started from now on.
    pub fn set(&self, variable: &str, value: &str) {
        self.variables.borrow_mut().retain(|it| it.0 != variable);
        self.variables.borrow_mut().push((variable.to_owned(), value.to_owned()));
    }

    /// Takes it back.
    pub fn unset(&self, variable: &str) {
        self.variables.borrow_mut().retain(|it| it.0 != variable);
    }

    /// `artel-node` with the words given, ready to be started.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = self.bare_command(&self.password.clone(), words);
        for (variable, value) in self.variables.borrow().iter() {
            command.env(variable, value);
        }
        command
    }

    /// As [`Host::command`], with another password file.
    pub fn bare_command(&self, password: &Path, words: &[&str]) -> Command {
        let mut command = self.command_on(&self.home, &[]);
        command.arg("--password-file").arg(password).args(words);
        command
    }

    /// As [`Host::command`], with no password and no terminal to ask for it.
    pub fn command_without_password(&self, words: &[&str]) -> Command {
        self.command_after(&["setsid"], &self.home, words)
    }

    /// A command with the given home instead of this host's, and no password.
    pub fn command_on(&self, home: &Path, words: &[&str]) -> Command {
        self.command_after(&[], home, words)
    }

    fn command_after(&self, starter: &[&str], home: &Path, words: &[&str]) -> Command {
        let mut command = self.tool_command(starter);
        command.arg(&self.program);
        command.arg("--home").arg(home).args(words);
        // What is set around the test must not change what it sees.
        for (variable, _) in std::env::vars().filter(|it| it.0.starts_with("ARTEL_")) {
            command.env_remove(variable);
        }
        command.env("ARTEL_VAULT_FAST", "1").env("ARTEL_LANG", "en").env("ARTEL_LOG", "info,libp2p_identify=error");
        command.env("RUST_BACKTRACE", "1");
        command
    }

    /// Any program on this host.
    #[track_caller]
    pub fn tool(&self, words: &[&str]) -> String {
        crate::process::system(&mut self.tool_command(words))
    }

    /// Any program on this host, ready to be started.
    pub(crate) fn tool_command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace]).args(words);
        command
    }

    /// Starts it and leaves it running; `name` names the files of its output.
    pub(crate) fn start_named(&self, command: Command, name: &str) -> Process {
        Process::start(command, &self.out, &format!("{name}{}", self.number), Stdio::null())
    }

    /// Where programs leave their output; a path without surprises.
    pub(crate) fn out(&self) -> &Path {
        &self.out
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// Carries out a command and returns what came of it; JSON on standard output.
    #[track_caller]
    pub fn artel(&self, words: &[&str]) -> Outcome {
        self.background(words).wait(COMMAND_TIME)
    }

    /// Carries out a command for people, in `ru` or `en`.
    #[track_caller]
    pub fn artel_in(&self, language: &str, words: &[&str]) -> Outcome {
        let mut command = self.command(words);
        command.env("ARTEL_LANG", language);
        self.start_process(command, Stdio::null()).wait(COMMAND_TIME)
    }

    /// Carries out a command with something on its standard input.
    #[track_caller]
    pub fn feed(&self, words: &[&str], input: &str) -> Outcome {
        let mut process = self.background_fed(words);
        let mut pipe = process.input().unwrap();
        let input = input.to_owned();
        let writer = std::thread::spawn(move || pipe.write_all(input.as_bytes()).ok());
        let outcome = process.wait(COMMAND_TIME);
        writer.join().ok();
        outcome
    }

    /// Carries out a command that must succeed; the lines of its answer.
    #[track_caller]
    pub fn ok(&self, words: &[&str]) -> Vec<Value> {
        let outcome = self.artel(words);
        assert_eq!(outcome.code, Some(0), "{} {words:?}: {}", self.person(), outcome.stderr);
        outcome.lines()
    }

    /// Carries out a command that must succeed with one line.
    #[track_caller]
    pub fn one(&self, words: &[&str]) -> Value {
        let mut lines = self.ok(words);
        assert_eq!(lines.len(), 1, "{words:?}: {lines:?}");
        lines.remove(0)
    }

    /// Starts a command and leaves it running; JSON on standard output.
    pub fn background(&self, words: &[&str]) -> Process {
        self.start_process(self.command(&json(words)), Stdio::null())
    }

    /// As [`Host::background`], with a pipe as standard input.
    pub fn background_fed(&self, words: &[&str]) -> Process {
        self.start_process(self.command(&json(words)), Stdio::piped())
    }

    /// Starts a command made by hand.
    pub fn start_process(&self, command: Command, input: Stdio) -> Process {
        Process::start(command, &self.out, &format!("person{}", self.number), input)
    }

    /// Starts the node and waits until it is ready.
    #[track_caller]
    pub fn start(&self) {
        self.start_with(&[]);
    }

    /// As [`Host::start`], with more words for `run`.
    #[track_caller]
    pub fn start_with(&self, words: &[&str]) {
        assert!(self.node.borrow().is_none(), "the node of {} runs already", self.person());
        self.starts.set(self.starts.get() + 1);
        let words: Vec<&str> = ["run"].iter().chain(words).copied().collect();
        let name = format!("node{}-{}", self.number, self.starts.get());
        let process = Process::start(self.command(&json(&words)), &self.out, &name, Stdio::null());
        *self.node.borrow_mut() = Some(process);
        until(&format!("the node of {} is ready", self.person()), READY_SECONDS, || {
            let mut node = self.node.borrow_mut();
            let node = node.as_mut().unwrap();
            assert!(!node.ended(), "the node of {} ended: {}", self.person(), node.talk());
            node.lines().into_iter().next()
        });
    }

    /// Whether the node was started and not ended by the test.
    pub fn runs(&self) -> bool {
        self.node.borrow().is_some()
    }

    /// Process id of the running node.
    ///
    /// # Panics
    /// When none runs.
    #[track_caller]
    pub fn pid(&self) -> u32 {
        self.node.borrow().as_ref().expect("a node runs").pid()
    }

    /// The port the running node listens at.
    ///
    /// # Panics
    /// When none runs.
    #[track_caller]
    pub fn port(&self) -> u16 {
        let lines = self.node.borrow().as_ref().expect("a node runs").lines();
        let listening = lines[0]["listening"].to_string();
        let digits = listening.rsplit(':').next().unwrap_or_default();
        digits.chars().take_while(char::is_ascii_digit).collect::<String>().parse().expect("a port")
    }

    /// Ends the node with SIGKILL.
    pub fn kill9(&self) {
        if let Some(mut node) = self.node.borrow_mut().take() {
            node.kill();
        }
    }

    /// Ends the node in order.
    #[track_caller]
    pub fn stop(&self) {
        let node = self.node.borrow_mut().take().expect("a node runs");
        node.signal("TERM");
        let outcome = node.wait(Duration::from_secs(30));
        assert_eq!(outcome.code, Some(0), "a clean stop: {}", outcome.stderr);
    }

    /// Ends the node in order and starts it again.
    #[track_caller]
    pub fn restart(&self) {
        self.stop();
        self.start();
    }

    /// The state.
    #[track_caller]
    pub fn status(&self) -> Value {
        self.one(&["status"])
    }

    /// The newest messages of a history, oldest first.
    #[track_caller]
    pub fn read(&self, channel: &str) -> Vec<Value> {
        self.ok(&["read", channel, "--last", "100000"])
    }

    /// Their texts; empty where the history is not known yet.
    #[track_caller]
    pub fn texts(&self, channel: &str) -> Vec<String> {
        let outcome = self.artel(&["read", channel, "--last", "100000"]);
        assert!(matches!(outcome.code, Some(0 | 3 | 6)), "read {channel}: {outcome:?}");
        outcome.lines().iter().map(|it| it["text"].as_str().unwrap().to_owned()).collect()
    }

    /// Sends a message; its id.
    #[track_caller]
    pub fn send(&self, channel: &str, text: &str) -> String {
        self.one(&["send", channel, text])["id"].as_str().unwrap().to_owned()
    }

    /// Sends every line; their ids.
    #[track_caller]
    pub fn send_lines(&self, channel: &str, lines: &[String]) -> Vec<String> {
        let outcome = self.feed(&["send", channel, "--lines"], &(lines.join("\n") + "\n"));
        assert_eq!(outcome.code, Some(0), "send --lines: {}", outcome.stderr);
        let ids: Vec<String> = outcome.lines().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), lines.len(), "every line is acknowledged");
        ids
    }

    /// Waits until this person sees a channel.
    #[track_caller]
    pub fn await_channel(&self, name: &str) {
        until(&format!("{} sees {name}", self.person()), 30, || {
            self.ok(&["channel", "list"]).into_iter().find(|it| it["name"] == name)
        });
    }

    /// State of the devices of a person as this node knows it: `active`, `revoked` or `frozen`, ascending.
    #[track_caller]
    pub fn devices_of(&self, person: &Host) -> Vec<String> {
        let all = self.ok(&["device", "list"]);
        let own = all.iter().filter(|it| it["person"] == person.email());
        let mut states: Vec<String> = own.map(|it| it["state"].as_str().unwrap().to_owned()).collect();
        states.sort();
        states
    }

    /// Waits until this node knows the devices of a person to be in these states.
    #[track_caller]
    pub fn await_devices(&self, person: &Host, states: &[&str]) {
        let what = format!("{} knows the devices of {} as {states:?}", self.person(), person.person());
        seen(&what, 60, || {
            let found = self.devices_of(person);
            if found == states { Ok(()) } else { Err(format!("{found:?} {}", self.status())) }
        });
    }

    /// Kinds of the alarms that this node shows, ascending.
    #[track_caller]
    pub fn alarms(&self) -> Vec<String> {
        let status = self.status();
        let mut kinds: Vec<String> =
            status["alarms"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap().to_owned()).collect();
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// All memory of the running node; `None`, with a printed reason, where `gcore` does not work.
    ///
    /// # Panics
    /// Where it does not work although `CI=true`.
    pub fn memory(&self) -> Option<Vec<u8>> {
        let pid = self.pid().to_string();
        let prefix = self.out.join("core");
        let done = Command::new("gcore").arg("-o").arg(&prefix).arg(&pid).output();
        let file = self.out.join(format!("core.{pid}"));
        let bytes = std::fs::read(&file).ok();
        std::fs::remove_file(file).ok();
        let bytes = bytes.filter(|_| done.is_ok_and(|it| it.status.success()));
        if bytes.is_none() {
            assert!(std::env::var_os("CI").is_none(), "gcore does not work here");
            eprintln!("gcore does not work here: memory is not looked at");
        }
        bytes
    }

    /// Waits until this person reads exactly these texts, in any order.
    #[track_caller]
    pub fn await_texts(&self, channel: &str, seconds: u64, texts: &[String]) {
        let mut expected = texts.to_vec();
        expected.sort();
        let what = format!("{} reads {} messages in {channel}", self.person(), expected.len());
        seen(&what, seconds, || {
            let mut found = self.texts(channel);
            found.sort();
            match found == expected {
                true => Ok(()),
                false => Err(format!("{} found: {found:.800?}\n{}", found.len(), self.status())),
            }
        });
    }

    /// Number of devices connected.
    #[track_caller]
    pub fn peers(&self) -> usize {
        self.status()["peers"].as_array().unwrap().len()
    }

    /// Waits for links to this many devices.
    #[track_caller]
    pub fn await_peers(&self, seconds: u64, count: usize) {
        until(&format!("{} is connected with {count}", self.person()), seconds, || {
            (self.peers() == count).then_some(())
        });
    }

    /// Times the node has refused something for this cause.
    #[track_caller]
    pub fn refused(&self, cause: &str) -> u64 {
        self.status()["refused"][cause].as_u64().unwrap_or(0)
    }

    /// Logs of its nodes, the oldest first.
    pub(crate) fn logs(&self) -> Vec<PathBuf> {
        let own = format!("-node{}-", self.number);
        let files = std::fs::read_dir(&self.out).into_iter().flatten().flatten().map(|it| it.path());
        let mut logs: Vec<PathBuf> = files.filter(|it| it.to_string_lossy().contains(&own)).collect();
        logs.sort();
        logs
    }

    /// Whether it has a cable of its own, and is not one of several homes on a host.
    pub(crate) fn has_port(&self) -> bool {
        self.namespace.ends_with(&format!("h{}", self.number))
    }
}

fn json<'a>(words: &[&'a str]) -> Vec<&'a str> {
    ["--json"].into_iter().chain(words.iter().copied()).collect()
}
