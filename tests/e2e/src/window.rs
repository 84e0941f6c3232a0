//! The window of a person, on a screen of its own, used as people do: with keys, the mouse, and what a screen reader sees.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::host::Host;
use crate::process::{Outcome, Process, system};
use crate::wait::{seen, until};

/// The screen.
const SCREEN: &str = "1280x800x24";

/// Lists what a screen reader sees.
const TREE: &str = include_str!("tree.py");

/// A tray of a desktop, and what may be asked of the sign in it.
const TRAY: &str = include_str!("tray.py");

/// Closes a window as the cross in its corner does.
const CLOSE: &str = include_str!("close.py");

/// The interpreter of the system: another one does not know the system's libraries.
const PYTHON: &str = "/usr/bin/python3";

/// How long anything may take to show: a window without an optimiser, drawn without a graphics card.
const PATIENCE_SECONDS: u64 = 60;

/// A few frames, until the window has taken in what was done to it.
const SETTLE: Duration = Duration::from_millis(700);

/// Pause between two keys, milliseconds: that of a quick typist.
const KEY_PAUSE_MS: &str = "40";

/// Where the launcher of the accessibility bus lies, by distribution.
const LAUNCHERS: [&str; 2] = ["/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher"];

/// One thing that a screen reader sees.
#[derive(Clone, Debug)]
pub struct Node {
    /// Role, in the words of AT-SPI.
    pub role: String,
    /// What is read out.
    pub name: String,
    /// x, y, width, height in pixels of the screen.
    place: [i64; 4],
}

/// A screen with a keyboard, a mouse and a session bus, and the window on it.
#[derive(Debug)]
pub struct Window<'a> {
    host: &'a Host,
    display: String,
    folder: PathBuf,
    // Ended with the lab, like everything in its namespaces.
    around: Vec<Process>,
    window: Option<Process>,
}

impl<'a> Window<'a> {
    /// Sets up a screen on a host; `None`, with a printed reason, where something for it is missing.
    ///
    /// # Panics
    /// Where it is missing although `CI=true`.
    pub fn screen(host: &'a Host) -> Option<Self> {
        let missing = missing();
        if let Some(missing) = missing {
            assert!(std::env::var_os("CI").is_none(), "no window can be tested without {missing}");
            eprintln!("skipped: {missing} is missing");
            return None;
        }
        let folder = host.out().join(format!("screen-{}", host.namespace()));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("tree.py"), TREE).unwrap();
        std::fs::write(folder.join("tray.py"), TRAY).unwrap();
        std::fs::write(folder.join("close.py"), CLOSE).unwrap();
        let mut window = Self { host, display: String::new(), folder, around: Vec::new(), window: None };
        let server = window.beside(&["Xvfb", "-displayfd", "1", "-screen", "0", SCREEN]);
        let number = until("the screen is there", PATIENCE_SECONDS, || server.lines().into_iter().next());
        window.display = format!(":{number}");
        let address = format!("--address={}", window.bus());
        let bus = window.beside(&["dbus-daemon", "--session", "--nofork", &address]);
        let socket = window.folder.join("bus");
        until("the session bus is there", PATIENCE_SECONDS, || socket.exists().then_some(()));
        let launcher = LAUNCHERS.iter().find(|it| std::path::Path::new(it).exists()).unwrap();
        let launcher = window.beside(&[launcher, "--launch-immediately"]);
        window.around = vec![server, bus, launcher];
        let tree = window.tree_script();
        until("a screen reader is announced", PATIENCE_SECONDS, || {
            let done = window.command(&[PYTHON, &tree, "enable"]).stderr(Stdio::null()).status();
            done.is_ok_and(|it| it.success()).then_some(())
        });
        Some(window)
    }

    #[track_caller]
    fn program(&self) -> String {
        let program = self.host.program().with_file_name(format!("artel{}", std::env::consts::EXE_SUFFIX));
        assert!(program.is_file(), "{} is missing: run `cargo build -p artel` first", program.display());
        program.to_str().unwrap().to_owned()
    }

    /// Starts the program where these libraries of the system cannot be loaded; it is to end by itself.
    #[track_caller]
    pub fn start_without(&self, libraries: &[&str], language: &str) -> Outcome {
        let folder = self.folder.join("broken-libraries");
        // What is found first counts, and is no library.
        std::fs::remove_dir_all(&folder).ok();
        std::fs::create_dir(&folder).unwrap();
        libraries.iter().for_each(|it| std::fs::write(folder.join(it), "not a library").unwrap());
        let home = self.folder.join("no-home");
        let mut command = self.command(&[&self.program(), "--home", home.to_str().unwrap(), "--lang", language]);
        command.env("LD_LIBRARY_PATH", &folder);
        self.host.start_named(command, "artel").wait(Duration::from_secs(PATIENCE_SECONDS))
    }

    /// Starts the program on the home of this host and unlocks it with the keyboard.
    #[track_caller]
    pub fn open(&mut self) {
        let program = self.program();
        let home = self.host.home().to_str().unwrap().to_owned();
        self.window = Some(self.beside(&[&program, "--home", &home, "--lang", "ru"]));
        self.find("", |it| it.role == "password text");
        self.tool(&["xdotool", "search", "--onlyvisible", "--class", "artel", "windowfocus", "--sync"]);
        std::thread::sleep(SETTLE);
        self.write(crate::host::PASSWORD);
        self.press("Return");
        self.find("Поиск", |it| it.name == "Поиск");
    }

    /// Sets up a tray; the desktops of these tests have none otherwise.
    #[track_caller]
    pub fn set_up_tray(&mut self) {
        let script = self.tray_script();
        let watcher = self.beside(&[PYTHON, &script, "watch"]);
        until("the tray is there", PATIENCE_SECONDS, || watcher.lines().into_iter().next());
        self.around.push(watcher);
    }

    /// Takes the tray away again.
    #[track_caller]
    pub fn take_tray_away(&mut self) {
        self.around.pop().expect("there is a tray").kill();
    }

    /// What the sign in the tray shows: title, status, text, lines of its menu.
    #[track_caller]
    pub fn sign(&self) -> Value {
        let mut face = Value::Null;
        seen("there is a sign in the tray", PATIENCE_SECONDS, || {
            let asked = self.command(&[PYTHON, &self.tray_script(), "face"]).output().unwrap();
            face = serde_json::from_slice(&asked.stdout).map_err(|_| String::from_utf8_lossy(&asked.stderr))?;
            Ok(())
        });
        face
    }

    /// Clicks on the sign in the tray.
    #[track_caller]
    pub fn click_sign(&self) {
        self.tool(&[PYTHON, &self.tray_script(), "click"]);
    }

    /// Chooses a line in the menu of the sign in the tray.
    #[track_caller]
    pub fn choose_in_tray(&self, line: &str) {
        self.tool(&[PYTHON, &self.tray_script(), "menu", line]);
    }

    /// Closes the window as the cross in its corner does.
    #[track_caller]
    pub fn close(&self) {
        let found = system(&mut self.command(&["xdotool", "search", "--onlyvisible", "--class", "artel"]));
        let script = self.folder.join("close.py").to_str().unwrap().to_owned();
        self.tool(&[PYTHON, &script, found.split_whitespace().next().expect("a window")]);
    }

    /// Whether the window is on the screen.
    pub fn is_on_screen(&self) -> bool {
        let mut search = self.command(&["xdotool", "search", "--onlyvisible", "--class", "artel"]);
        search.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }

    /// Waits until the program has ended by itself; with which code.
    #[track_caller]
    pub fn ended(&mut self) -> Option<i32> {
        let window = self.window.take().expect("a window is open");
        window.wait(Duration::from_secs(PATIENCE_SECONDS)).code
    }

    /// Process id of the window.
    #[track_caller]
    pub fn pid(&self) -> u32 {
        self.window.as_ref().expect("a window is open").pid()
    }

    /// Ends the window with SIGKILL.
    #[track_caller]
    pub fn kill9(&mut self) {
        self.window.take().expect("a window is open").kill();
    }

    /// Types a text. What has a line break in it is typed with Shift+Enter.
    #[track_caller]
    pub fn write(&self, text: &str) {
        for (number, line) in text.lines().enumerate() {
            if number != 0 {
                self.press("shift+Return");
            }
            // Of a keyboard with both layouts xdotool would change the layout for every key, quicker than programs follow.
            for (layout, run) in runs(line) {
                self.layout(layout);
                self.tool(&["xdotool", "type", "--delay", KEY_PAUSE_MS, &run]);
            }
            self.layout("us");
        }
    }

    #[track_caller]
    fn layout(&self, name: &str) {
        self.tool(&["setxkbmap", "-layout", name]);
        std::thread::sleep(SETTLE);
    }

    /// Presses a key, in the words of xdotool.
    #[track_caller]
    pub fn press(&self, key: &str) {
        self.tool(&["xdotool", "key", key]);
    }

    /// Goes to a conversation with the switcher.
    #[track_caller]
    pub fn go(&self, name: &str) {
        self.press("ctrl+k");
        self.find("the switcher", |it| it.role == "entry" && !it.name.starts_with("Сообщение"));
        self.write(name);
        // The list follows what is typed a frame later.
        std::thread::sleep(SETTLE);
        self.press("Return");
        self.find(name, |it| it.role == "entry" && it.name == format!("Сообщение в {name}"));
    }

    /// Puts the mouse on something.
    #[track_caller]
    pub fn hover(&self, what: &str, is: impl Fn(&Node) -> bool) {
        let [x, y, width, height] = self.find(what, is).place;
        // Two movements: a pointer that stands still where something appears has not entered it.
        for shift in [2, 0] {
            let (x, y) = (x + width / 2 + shift, y + height / 2);
            self.tool(&["xdotool", "mousemove", &x.to_string(), &y.to_string()]);
        }
    }

    /// Clicks what bears exactly this name.
    #[track_caller]
    pub fn choose(&self, name: &str) {
        self.hover(name, |it| it.name == name);
        std::thread::sleep(SETTLE);
        self.tool(&["xdotool", "click", "1"]);
    }

    /// Waits until a screen reader sees such a thing, and returns the last one of them.
    #[track_caller]
    pub fn find(&self, what: &str, is: impl Fn(&Node) -> bool) -> Node {
        let mut found = None;
        seen(&format!("{} sees {what}", self.host.person()), PATIENCE_SECONDS, || {
            let nodes = self.nodes();
            found = nodes.iter().rfind(|it| is(it)).cloned();
            match found {
                Some(_) => Ok(()),
                None => Err(nodes.iter().map(|it| format!("{} {:?}\n", it.role, it.name)).collect::<String>()),
            }
        });
        found.unwrap()
    }

    /// Everything that a screen reader sees and that has a place, in order.
    pub fn nodes(&self) -> Vec<Node> {
        let listed = self.command(&[PYTHON, &self.tree_script()]).output().unwrap();
        String::from_utf8_lossy(&listed.stdout)
            .lines()
            .filter_map(|line| node(&serde_json::from_str(line).ok()?))
            .collect()
    }

    fn tree_script(&self) -> String {
        self.folder.join("tree.py").to_str().unwrap().to_owned()
    }

    fn tray_script(&self) -> String {
        self.folder.join("tray.py").to_str().unwrap().to_owned()
    }

    fn bus(&self) -> String {
        format!("unix:path={}", self.folder.join("bus").display())
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.host.tool_command(words);
        command.env("DISPLAY", &self.display).env("DBUS_SESSION_BUS_ADDRESS", self.bus());
        command.env("XDG_RUNTIME_DIR", &self.folder).env("HOME", &self.folder).env_remove("WAYLAND_DISPLAY");
        command.env("ARTEL_VAULT_FAST", "1");
        command
    }

    fn beside(&self, words: &[&str]) -> Process {
        let name = std::path::Path::new(words[0]).file_name().unwrap().to_string_lossy().into_owned();
        let (command, host) = (self.command(words), self.host);
        host.start_named(command, &name)
    }

    #[track_caller]
    fn tool(&self, words: &[&str]) {
        system(&mut self.command(words));
    }
}

impl Drop for Window<'_> {
    fn drop(&mut self) {
        self.window.iter_mut().chain(&mut self.around).for_each(Process::kill);
    }
}

/// Parts of a line with the layout each is typed in.
fn runs(line: &str) -> Vec<(&'static str, String)> {
    let mut runs: Vec<(&str, String)> = Vec::new();
    for letter in line.chars() {
        let layout = match letter {
            'а'..='я' | 'А'..='Я' | 'ё' | 'Ё' => Some("ru"),
            'a'..='z' | 'A'..='Z' => Some("us"),
            _ => None,
        };
        match runs.last_mut() {
            Some((last, run)) if layout.is_none_or(|it| it == *last) => run.push(letter),
            _ => runs.push((layout.unwrap_or("us"), letter.to_string())),
        }
    }
    runs
}

fn node(listed: &Value) -> Option<Node> {
    let place: Vec<i64> = listed["place"].as_array()?.iter().filter_map(Value::as_i64).collect();
    let place = place.try_into().ok()?;
    Some(Node { role: listed["role"].as_str()?.to_owned(), name: listed["name"].as_str()?.to_owned(), place })
}

/// What this machine lacks for a window.
fn missing() -> Option<String> {
    let starts = |tool: &str, word: &str| {
        Command::new(tool).arg(word).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    let tools = [("Xvfb", "-help"), ("xdotool", "version"), ("setxkbmap", "-version"), ("dbus-daemon", "--version")];
    if let Some((tool, _)) = tools.into_iter().find(|it| !starts(it.0, it.1)) {
        return Some(tool.to_owned());
    }
    if !LAUNCHERS.iter().any(|it| std::path::Path::new(it).exists()) {
        return Some("at-spi2-core".to_owned());
    }
    let atspi = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi";
    let found = Command::new(PYTHON).args(["-c", atspi]).stderr(Stdio::null()).status();
    (!found.is_ok_and(|it| it.success())).then(|| "gir1.2-atspi-2.0".to_owned())
}
