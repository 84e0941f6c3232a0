//! Programs that run beside a test, with their output in files.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longest time for a command that should return by itself.
pub const COMMAND_TIME: Duration = Duration::from_secs(90);

static NEXT: AtomicU64 = AtomicU64::new(0);

/// What a finished program left.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Outcome {
    /// The lines of standard output as JSON.
    ///
    /// # Panics
    /// When a line is none.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        json_lines(&self.stdout)
    }
}

/// A running program.
#[derive(Debug)]
pub struct Process {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Process {
    /// Starts `command` with its output in new files in `folder`; `name` and a number name them. Standard input is `input`.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(mut command: Command, folder: &Path, name: &str, input: Stdio) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = |ending| folder.join(format!("{number:05}-{name}.{ending}"));
        let (out, err) = (path("out"), path("err"));
        command.stdin(input).stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        Self { child, out, err }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The way to its standard input, where that is a pipe.
    pub fn input(&mut self) -> Option<std::process::ChildStdin> {
        self.child.stdin.take()
    }

    /// The whole lines of standard output up to now, as JSON.
    pub fn lines(&self) -> Vec<Value> {
        let text = read(&self.out);
        // What has no end of line yet is still being written.
        json_lines(text.rsplit_once('\n').map_or("", |it| it.0))
    }

    /// Standard error up to now.
    pub fn talk(&self) -> String {
        read(&self.err)
    }

    /// Whether it has ended.
    pub fn ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it takes longer than `most`; it is killed then.
    #[track_caller]
    pub fn wait(mut self, most: Duration) -> Outcome {
        let deadline = Instant::now() + most;
        let mut pause = Duration::from_millis(2);
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if deadline < Instant::now() {
                self.kill();
                panic!("still running after {most:?}\n{}\n{}", read(&self.out), read(&self.err));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(40));
        };
        Outcome { code: status.code(), stdout: read(&self.out), stderr: read(&self.err) }
    }

    /// Ends it with SIGKILL, if it has not ended yet.
    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }

    /// Sends it a signal, by its name.
    pub fn signal(&self, signal: &str) {
        system(Command::new("kill").args([&format!("-{signal}"), &self.pid().to_string()]));
    }
}

/// Runs a tool of the system that must succeed, and returns what it prints.
///
/// # Panics
/// When it fails.
#[track_caller]
pub fn system(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[track_caller]
fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|it| serde_json::from_str(it).unwrap_or_else(|error| panic!("no JSON: {it}: {error}"))).collect()
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}
