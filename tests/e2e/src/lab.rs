//! Hosts, cables and a switch.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use crate::host::Host;
use crate::process::{Process, system};

/// Lines of every log that a failed test shows.
const LOG_LINES_SHOWN: usize = 30;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A local network of hosts. All of it is gone when this is dropped.
#[derive(Debug)]
pub struct Lab {
    prefix: String,
    /// Where programs leave their output.
    out: PathBuf,
    program: PathBuf,
    hosts: Vec<Host>,
    disks: Vec<PathBuf>,
    folder: Option<TempDir>,
}

impl Lab {
    /// Sets up `hosts` hosts on one bridge.
    ///
    /// `None` where this is not permitted, with the reason on standard error; in CI that fails instead.
    ///
    /// # Panics
    /// When something cannot be set up that should be, or the program is not built.
    pub fn up(hosts: usize) -> Option<Self> {
        if let Err(reason) = permitted() {
            let must = std::env::var("CI").is_ok_and(|it| it == "true");
            assert!(!must, "cannot run end-to-end tests: {reason}");
            // Not through `eprintln!`: the test harness would keep it to itself.
            writeln!(std::io::stderr(), "skipped: {reason}").ok();
            return None;
        }
        let program = program();
        let folder = tempfile::Builder::new().prefix("artel-e2e-").tempdir().unwrap();
        let out = folder.path().join("out");
        std::fs::create_dir(&out).unwrap();
        let prefix = format!("ae{}x{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut lab = Self { prefix, out, program, hosts: Vec::new(), disks: Vec::new(), folder: Some(folder) };
        lab.make_namespace("lan");
        for bridge in ["br0", "br1"] {
            lab.in_lan(&["ip", "link", "add", bridge, "type", "bridge", "mcast_snooping", "0", "forward_delay", "0"]);
            lab.in_lan(&["ip", "link", "set", bridge, "up"]);
        }
        (1..=hosts).for_each(|number| lab.plug(number));
        Some(lab)
    }

    /// Host `number`, from 1.
    pub fn host(&self, number: usize) -> &Host {
        &self.hosts[number - 1]
    }

    /// All of them.
    pub fn hosts(&self) -> Vec<&Host> {
        self.hosts.iter().collect()
    }

    /// One more person with a home of his own on host `number`.
    pub fn another_home(&mut self, number: usize) -> usize {
        let person = self.hosts.len() + 1;
        let namespace = self.hosts[number - 1].namespace().to_owned();
        self.add_host(person, namespace, self.hosts[number - 1].address().to_owned());
        person
    }

    /// The directory of this lab; it vanishes with it.
    ///
    /// # Panics
    /// Never: the directory lives as long as the lab.
    pub fn folder(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }

    /// Where programs leave their output.
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// The namespace of the switch, for captures.
    pub fn lan(&self) -> String {
        format!("{}lan", self.prefix)
    }

    /// Puts hosts on a switch of their own.
    pub fn partition(&self, numbers: &[usize]) {
        self.move_ports(numbers, "br1");
    }

    /// Puts all hosts on one switch again.
    pub fn heal(&self) {
        let all: Vec<usize> = (1..=self.ports()).collect();
        self.move_ports(&all, "br0");
    }

    /// Every packet of this host is lost from now on, without a FIN or RST: a computer that sleeps.
    pub fn freeze(&self, number: usize) {
        self.filter(number, "asleep", "type filter hook input priority -300; policy drop; iif lo accept;");
        self.filter(number, "mute", "type filter hook output priority -300; policy drop; oif lo accept;");
    }

    /// Ends [`Lab::freeze`].
    pub fn thaw(&self, number: usize) {
        for table in ["asleep", "mute"] {
            self.on(number, &["nft", "delete", "table", "inet", table]);
        }
    }

    /// Nobody can open a connection to this host any more: a firewall's default.
    pub fn drop_inbound(&self, number: usize) {
        let rules = "type filter hook input priority 0; policy accept; \
                     iifname eth0 tcp flags & (fin|syn|rst|ack) == syn drop;";
        self.filter(number, "inbound", rules);
    }

    /// The switch carries no multicast any more, as isolated wireless networks do not.
    pub fn block_multicast(&self) {
        let rules = "table bridge isolated { chain f { type filter hook forward priority 0; policy accept; \
                     meta pkttype { multicast, broadcast } udp dport 5353 drop; }; }";
        self.in_lan(&["nft", rules]);
    }

    /// Host `number` runs the program that does not ask whether its person may; false, with a printed reason, where it was
    /// not built.
    ///
    /// # Panics
    /// Where it was not built although `CI=true`.
    pub fn give_unchecked_program(&mut self, number: usize) -> bool {
        let program = self.program.with_file_name(format!("artel-node-unchecked{}", std::env::consts::EXE_SUFFIX));
        if !program.is_file() {
            let how = "cargo build -p artel-node --features unchecked, copied to artel-node-unchecked";
            assert!(std::env::var_os("CI").is_none(), "{} is missing: {how}", program.display());
            eprintln!("skipped: {how} is needed");
            return false;
        }
        self.hosts[number - 1].set_program(program);
        true
    }

    /// A disk of `megabytes` for the home of a host, before there is one.
    ///
    /// # Panics
    /// When it cannot be mounted.
    pub fn give_small_disk(&mut self, number: usize, megabytes: u32) {
        let mount = self.hosts[number - 1].home().to_owned();
        std::fs::create_dir(&mount).unwrap();
        let size = format!("size={megabytes}m");
        system(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&mount));
        self.disks.push(mount);
    }

    fn ports(&self) -> usize {
        self.hosts.iter().filter(|it| it.has_port()).count()
    }

    fn plug(&mut self, number: usize) {
        let namespace = self.make_namespace(&format!("h{number}"));
        let (lan, port) = (self.lan(), format!("p{number}"));
        let veth = ["link", "add", "eth0", "netns", &namespace, "type", "veth", "peer", "name", &port, "netns", &lan];
        system(Command::new("ip").args(veth));
        self.in_lan(&["ip", "link", "set", &port, "master", "br0"]);
        self.in_lan(&["ip", "link", "set", &port, "up"]);
        let address = format!("10.77.1.{}", 10 + number);
        let steps: [&[&str]; 4] = [
            &["ip", "addr", "add", &format!("{address}/24"), "dev", "eth0"],
            &["ip", "-6", "addr", "add", &format!("fd77:1::{:x}/64", 10 + number), "dev", "eth0", "nodad"],
            &["ip", "link", "set", "eth0", "up"],
            &["ip", "route", "add", "224.0.0.0/4", "dev", "eth0"],
        ];
        for step in steps {
            in_namespace(&namespace, step);
        }
        self.add_host(number, namespace, address);
    }

    fn add_host(&mut self, person: usize, namespace: String, address: String) {
        // Every second home lies where careless programs stumble.
        let parent = match person % 2 {
            0 => self.folder().join(format!("Мои документы {person}")),
            _ => self.folder().join(format!("host{person}")),
        };
        std::fs::create_dir(&parent).unwrap();
        let host = Host::new(&self.program, &self.out, person, namespace, address, parent);
        self.hosts.push(host);
    }

    fn make_namespace(&self, name: &str) -> String {
        let namespace = format!("{}{name}", self.prefix);
        system(Command::new("ip").args(["netns", "add", &namespace]));
        in_namespace(&namespace, &["ip", "link", "set", "lo", "up"]);
        in_namespace(&namespace, &["sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0"]);
        namespace
    }

    fn move_ports(&self, numbers: &[usize], bridge: &str) {
        for number in numbers {
            self.in_lan(&["ip", "link", "set", &format!("p{number}"), "master", bridge]);
        }
    }

    fn filter(&self, number: usize, table: &str, rules: &str) {
        self.on(number, &["nft", &format!("table inet {table} {{ chain c {{ {rules} }}; }}")]);
    }

    fn on(&self, number: usize, command: &[&str]) {
        in_namespace(self.host(number).namespace(), command);
    }

    fn in_lan(&self, command: &[&str]) {
        in_namespace(&self.lan(), command);
    }

    fn panics(&self) -> Vec<String> {
        let files = std::fs::read_dir(&self.out).into_iter().flatten().flatten();
        let mut found = Vec::new();
        for file in files {
            let text = std::fs::read(file.path()).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            if let Some(at) = text.lines().position(|it| it.contains("panicked")) {
                let lines: Vec<&str> = text.lines().skip(at).take(5).collect();
                found.push(format!("{}: {}", file.path().display(), lines.join("\n")));
            }
        }
        found
    }

    fn show_logs(&self) {
        for host in &self.hosts {
            for log in host.logs() {
                let text = std::fs::read(&log).unwrap_or_default();
                let text = String::from_utf8_lossy(&text);
                let skipped = text.lines().count().saturating_sub(LOG_LINES_SHOWN);
                let tail: Vec<&str> = text.lines().skip(skipped).collect();
                eprintln!("--- {}\n{}", log.display(), tail.join("\n"));
            }
        }
    }

    fn take_down(&mut self) {
        self.hosts.iter().for_each(Host::kill9);
        let list = Command::new("ip").args(["netns", "list"]).output().map(|it| it.stdout).unwrap_or_default();
        let list = String::from_utf8_lossy(&list).into_owned();
        let own = list.lines().filter_map(|it| it.split_whitespace().next()).filter(|it| it.starts_with(&self.prefix));
        for namespace in own {
            let pids = Command::new("ip").args(["netns", "pids", namespace]).output().map(|it| it.stdout);
            for pid in String::from_utf8_lossy(&pids.unwrap_or_default()).split_whitespace() {
                Command::new("kill").args(["-9", pid]).stderr(Stdio::null()).status().ok();
            }
            Command::new("ip").args(["netns", "del", namespace]).status().ok();
        }
        for disk in &self.disks {
            Command::new("umount").arg("-l").arg(disk).status().ok();
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.take_down();
        let panics = self.panics();
        let failing = std::thread::panicking();
        if failing {
            self.show_logs();
        }
        if std::env::var_os("ARTEL_E2E_KEEP").is_some() {
            let kept = self.folder.take().map(TempDir::keep);
            writeln!(std::io::stderr(), "kept: {}", kept.unwrap_or_default().display()).ok();
        }
        if !panics.is_empty() {
            eprintln!("a program panicked:\n{}", panics.join("\n"));
            assert!(failing, "a program panicked");
        }
    }
}

/// Runs a tool in a namespace.
pub(crate) fn in_namespace(namespace: &str, command: &[&str]) {
    system(Command::new("ip").args(["netns", "exec", namespace]).args(command));
}

/// A program in the namespace of the switch, in the background.
pub(crate) fn beside_lan(lab: &Lab, name: &str, arguments: &[&str]) -> Process {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &lab.lan()]).args(arguments);
    Process::start(command, lab.out(), name, Stdio::null())
}

/// How often it was asked whether namespaces can be made.
static PROBES: AtomicU64 = AtomicU64::new(0);

fn permitted() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("network namespaces are a thing of Linux".into());
    }
    for tool in ["ip", "nft", "tcpdump"] {
        let found = Command::new(tool).arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
        found.map_err(|error| format!("{tool} does not start: {error}"))?;
    }
    // One each: where two tests asked at once, one of them found the other's and was skipped.
    let number = PROBES.fetch_add(1, Ordering::Relaxed);
    let probe = format!("ae{}probe{number}", std::process::id());
    let made = Command::new("ip").args(["netns", "add", &probe]).output().map_err(|it| it.to_string())?;
    Command::new("ip").args(["netns", "del", &probe]).stderr(Stdio::null()).status().ok();
    match made.status.success() {
        true => Ok(()),
        false => Err(format!("no network namespaces here: {}", String::from_utf8_lossy(&made.stderr).trim())),
    }
}

/// `artel-node` as this build made it: beside the folder of the test's own executable.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let folder = own.parent().and_then(Path::parent).unwrap();
    let program = folder.join(format!("artel-node{}", std::env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "{} is missing: run `cargo build -p artel-node` first", program.display());
    program
}
