//! A home with its program, asked by the command line like everybody else asks it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A step that takes longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A home, and the program that runs on it now and then.
pub(crate) struct Desk {
    pub(crate) home: PathBuf,
    pub(crate) address: String,
    password: PathBuf,
    /// Set for every program on this home.
    pub(crate) variable: Option<(String, String)>,
    program: Option<Child>,
}

fn program(home: &Path, password: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_artel-node"));
    command.arg("--home").arg(home).arg("--password-file").arg(password).arg("--json");
    command.envs([("ARTEL_VAULT_FAST", "1"), ("ARTEL_REACH", "quiet"), ("ARTEL_LANG", "en")]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

impl Desk {
    /// An empty home, where there is no office yet.
    pub(crate) fn nobody(dir: &Path, name: &str) -> Self {
        let password = dir.join("password");
        std::fs::write(&password, "many desks, one office\n").unwrap();
        Self { home: dir.join(name), address: String::new(), password, variable: None, program: None }
    }

    /// Founds an organisation; nothing runs yet.
    pub(crate) fn founder(dir: &Path) -> Self {
        let desk = Self::nobody(dir, "anna");
        let phrase = dir.join("phrase");
        let who = ["--name", "ООО Ромашка", "--person", "Анна", "--email", "anna@x.example", "--domain", "x.example"];
        desk.ok(&[&["org", "create"], &who[..], &["--phrase-file", phrase.to_str().unwrap()]].concat());
        desk.ok(&["channel", "create", "общий"]);
        desk
    }

    /// Lets somebody in at this desk; nothing runs there yet.
    pub(crate) fn hire(&self, dir: &Path, name: &str) -> Self {
        let email = format!("{name}@x.example");
        let code = self.ok(&["invite", "--email", &email, "--name", name, "--auto-admit"])[0]["code"].clone();
        self.enter(dir, name, code.as_str().unwrap())
    }

    /// An empty home.
    pub(crate) fn newcomer(&self, dir: &Path, name: &str) -> Self {
        Self::nobody(dir, name)
    }

    /// Enters with a code by this desk.
    pub(crate) fn enter(&self, dir: &Path, name: &str, code: &str) -> Self {
        let desk = Self::nobody(dir, name);
        let steps = desk.ok(&["join", code, "--at", &self.address, "--timeout", "60"]);
        assert_eq!(steps.last().unwrap()["state"], "admitted");
        desk
    }

    fn command(&self) -> Command {
        let mut command = program(&self.home, &self.password);
        command.envs(self.variable.clone());
        command
    }

    /// Starts the program; it knows these colleagues.
    pub(crate) fn start(&mut self, peers: &[&str]) {
        let mut command = self.command();
        command.args(["run", "--listen", "127.0.0.1:0"]).stderr(Stdio::inherit());
        for peer in peers {
            command.args(["--peer", peer]);
        }
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        self.address = ready["listening"][0].as_str().unwrap().to_owned();
        self.program = Some(child);
    }

    /// Starts the program with one way to colleagues, not the one by which it joined.
    pub(crate) fn start_knowing_only(&mut self, peer: &str) {
        std::fs::remove_file(self.home.join("peers.cbor")).unwrap();
        self.start(&[peer]);
    }

    pub(crate) fn pid(&self) -> u32 {
        self.program.as_ref().unwrap().id()
    }

    /// Ends the program as the power would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.program.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Ends the program in order.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.program.take() {
            assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
            assert!(child.wait().unwrap().success());
        }
    }

    /// A command that goes on beside the test.
    pub(crate) fn begin(&self, args: &[&str]) -> Child {
        self.command().args(args).spawn().unwrap()
    }

    /// Exit code and lines of a command.
    pub(crate) fn run(&self, args: &[&str]) -> (i32, Vec<Value>, String) {
        let output = self.command().args(args).output().unwrap();
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().unwrap(), lines(&output), talk)
    }

    /// Lines of a command that must succeed.
    #[track_caller]
    pub(crate) fn ok(&self, args: &[&str]) -> Vec<Value> {
        let (code, lines, talk) = self.run(args);
        assert_eq!(code, 0, "{args:?}: {talk}");
        lines
    }

    /// Rows of the channel.
    pub(crate) fn rows(&self) -> Vec<Value> {
        self.run(&["read", "общий"]).1
    }

    /// Waits for a row; the whole of it.
    #[track_caller]
    pub(crate) fn until_row(&self, id: &str) -> Value {
        until(|| self.rows().into_iter().find(|it| it["id"] == id))
    }

    pub(crate) fn status(&self) -> Value {
        self.ok(&["status"]).remove(0)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An organisation with its founder at work.
pub(crate) fn office() -> (TempDir, Desk) {
    let dir = tempfile::tempdir().unwrap();
    let mut anna = Desk::founder(dir.path());
    anna.start(&[]);
    (dir, anna)
}

/// The same with a colleague at work.
pub(crate) fn office_of_two() -> (TempDir, Desk, Desk) {
    let (dir, anna) = office();
    let mut boris = anna.hire(dir.path(), "boris");
    boris.start(&[&anna.address]);
    (dir, anna, boris)
}

/// Asks again until there is an answer.
#[track_caller]
pub(crate) fn until<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within {} s", PATIENCE.as_secs());
        std::thread::sleep(Duration::from_millis(50));
    }
}
