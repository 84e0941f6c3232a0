//! What is left when the program breaks: a report in the home, for the person to send or to delete. Nothing sends it.
//!
//! It holds version, system, thread, place in the source and the calls that led there; never the words of a panic, which
//! may quote a message.

use std::backtrace::Backtrace;
use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use artel_node::home::{Layout, create_private};

/// Reports that are kept; older ones go.
const REPORTS_MAX: usize = 10;
/// Stands before the name of a report of which nobody was told.
const NEW: &str = "new-";

static WINDOW: AtomicBool = AtomicBool::new(false);
static LAST: OnceLock<PathBuf> = OnceLock::new();

/// From now on a panic of any thread leaves a report.
pub(crate) fn watch(home: &Layout) {
    let home = home.clone();
    std::panic::set_hook(Box::new(move |info| broke(&home, info)));
}

/// There is a window: what breaks from now on is our own. Before it, libraries of the system that are missing panic.
pub(crate) fn window_is_there() {
    WINDOW.store(true, Ordering::Release);
}

/// Whether there was a window.
pub(crate) fn window_was_there() -> bool {
    WINDOW.load(Ordering::Acquire)
}

/// The first report of this process.
pub(crate) fn report() -> Option<&'static Path> {
    LAST.get().map(PathBuf::as_path)
}

/// Where the newest report is of which nobody was told; afterwards somebody was.
pub(crate) fn untold(home: &Layout) -> Option<PathBuf> {
    let folder = folder(home);
    let mut reports = names(&folder);
    reports.sort_by(|one, other| one.trim_start_matches(NEW).cmp(other.trim_start_matches(NEW)));
    let surplus = reports.len().saturating_sub(REPORTS_MAX);
    for name in reports.drain(..surplus) {
        std::fs::remove_file(folder.join(name)).ok();
    }
    let mut newest = None;
    for name in reports.iter().filter(|it| it.starts_with(NEW)) {
        let told = folder.join(name.trim_start_matches(NEW));
        if std::fs::rename(folder.join(name), &told).is_ok() {
            newest = Some(told);
        }
    }
    newest
}

fn folder(home: &Layout) -> PathBuf {
    home.root().join("crash")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|it| it.file_name().into_string().ok());
    names.filter(|it| Path::new(it).extension().is_some_and(|it| it == "txt")).collect()
}

fn broke(home: &Layout, info: &PanicHookInfo<'_>) {
    let at = info.location().map_or_else(|| "?".to_owned(), ToString::to_string);
    if !window_was_there() {
        tracing::debug!(at, payload = info.payload_as_str().unwrap_or_default(), "a library gave up");
        return;
    }
    let text = tell(&at, std::thread::current().name().unwrap_or("?"), &Backtrace::force_capture().to_string());
    let written = write(home, &text);
    let place = written.as_ref().map_or_else(|_| String::new(), |it| it.display().to_string());
    writeln!(io::stderr(), "artel panicked at {at}; report: {place}").ok();
    if let Ok(path) = written {
        LAST.set(path).ok();
    }
}

fn tell(at: &str, thread: &str, calls: &str) -> String {
    let (version, system, machine) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    format!("artel {version}\n{system} {machine}\nthread {thread}\nat {at}\n\n{calls}\n")
}

/// In the home; one that is not made yet must stay empty, and files belong nowhere else: then there is none.
fn write(home: &Layout, text: &str) -> io::Result<PathBuf> {
    if !home.layout().exists() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let folder = folder(home);
    std::fs::create_dir_all(&folder)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_millis());
    let path = folder.join(format!("{NEW}{now:014}-{}.txt", std::process::id()));
    create_private(&path)?.write_all(text.as_bytes())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_told_of_once_and_old_ones_go() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Layout::new(dir.path());
        assert_eq!(untold(&home), None);
        std::fs::write(home.layout(), "").expect("written");
        std::fs::create_dir(folder(&home)).expect("made");
        for number in 0..20 {
            std::fs::write(folder(&home).join(format!("{number:014}-1.txt")), "old").expect("written");
        }
        let path = write(&home, &tell("a.rs:1:1", "main", "0: main")).expect("written");
        let told = untold(&home).expect("a report");
        assert_eq!(untold(&home), None);
        assert!(!path.exists());
        let text = std::fs::read_to_string(told).expect("read");
        assert!(text.contains(env!("CARGO_PKG_VERSION")) && text.contains("at a.rs:1:1") && text.contains("0: main"));
        assert_eq!(names(&folder(&home)).len(), REPORTS_MAX);
    }

    #[test]
    fn the_words_of_a_panic_are_not_in_the_report() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = Layout::new(dir.path());
        std::fs::write(home.layout(), "").expect("written");
        let before = std::panic::take_hook();
        watch(&home);
        window_is_there();
        let secret = "зарплата Ивана";
        let thread = std::thread::Builder::new().name("probe".into()).spawn(move || panic!("in {secret}"));
        assert!(thread.expect("started").join().is_err());
        std::panic::set_hook(before);
        let text = std::fs::read_to_string(untold(&home).expect("a report")).expect("read");
        assert!(text.contains("crash.rs") && text.contains("thread probe"), "{text}");
        assert!(!text.contains(secret), "{text}");
    }
}
