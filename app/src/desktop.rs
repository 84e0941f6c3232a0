//! Giving a file to the rest of the desktop: opened by its program, shown in its folder, put into the clipboard.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long it is looked whether a program that opens a file fails.
const MOMENT: Duration = Duration::from_secs(10);

/// Where what one saves goes without being asked.
pub(crate) fn downloads() -> PathBuf {
    let dirs = directories::UserDirs::new();
    let folder = dirs.as_ref().and_then(|it| it.download_dir().filter(|it| it.is_dir()).map(Path::to_owned));
    folder.or_else(|| dirs.map(|it| it.home_dir().to_owned())).unwrap_or_else(|| PathBuf::from("."))
}

/// Endings of files that their programs run, or that run something.
const RUN: [&str; 38] = [
    "exe", "msi", "bat", "cmd", "com", "scr", "pif", "ps1", "vbs", "vbe", "js", "jse", "wsf", "hta", "lnk", "url",
    "reg", "jar", "sh", "bash", "run", "bin", "appimage", "deb", "rpm", "desktop", "app", "command", "dmg", "pkg",
    "py", "pl", "rb", "docm", "xlsm", "pptm", "iso", "scpt",
];

/// Whether a file of this name can run something when it is opened.
pub(crate) fn runs(name: &str) -> bool {
    // What is not to be seen, or what the system drops, hides no ending.
    let name = name.trim_end_matches(|it: char| !it.is_alphanumeric());
    let ending = name.rsplit_once('.').map(|it| it.1.chars().filter(|it| it.is_alphanumeric()).collect::<String>());
    ending.map(|it| it.to_lowercase()).is_some_and(|it| RUN.contains(&it.as_str()))
}

/// Opens a file with the program that the desktop has for it. Returns when that is known to have failed, or after a moment.
///
/// # Errors
/// There is no such program, or it could not.
pub(crate) fn open(path: &Path) -> io::Result<()> {
    attempt(opener(path))
}

/// Shows a file in its folder; returns as [`open`] does.
///
/// # Errors
/// There is no file manager, or it could not.
pub(crate) fn show(path: &Path) -> io::Result<()> {
    match std::env::consts::OS {
        "windows" => {
            let mut command = Command::new("explorer");
            command.arg(format!("/select,{}", path.display()));
            // It ends with 1 also when all is well.
            start(command);
            Ok(())
        }
        "macos" => {
            let mut command = Command::new("open");
            command.arg("-R").arg(path);
            attempt(command)
        }
        // Marked where a file manager listens; elsewhere the folder alone.
        _ => ask_file_manager(path).or_else(|_| open(path.parent().unwrap_or(path))),
    }
}

/// Puts a file into the clipboard, for a file manager or a mail program. The clipboard may be slow.
///
/// # Errors
/// There is no clipboard.
pub(crate) fn copy(path: PathBuf) -> Result<(), arboard::Error> {
    arboard::Clipboard::new().and_then(|mut it| it.set().file_list(&[path]))
}

/// Starts a program and looks for a moment whether it fails.
fn attempt(mut command: Command) -> io::Result<()> {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = quiet.spawn()?;
    let begun = Instant::now();
    while begun.elapsed() < MOMENT {
        match child.try_wait()? {
            // The Explorer of Windows ends with 1 also when all is well.
            Some(status) if status.success() || cfg!(windows) => return Ok(()),
            Some(status) => return Err(io::Error::other(status.to_string())),
            None => std::thread::sleep(MOMENT / 100),
        }
    }
    // It goes on; waited for, so that no process is left behind half dead.
    drop(std::thread::Builder::new().name("opener".into()).spawn(move || child.wait()));
    Ok(())
}

fn opener(path: &Path) -> Command {
    let mut command = match std::env::consts::OS {
        "windows" => Command::new("explorer"),
        "macos" => Command::new("open"),
        _ => Command::new("xdg-open"),
    };
    command.arg(path);
    command
}

/// Starts a program and forgets it. Returns at once.
pub(crate) fn start(mut command: Command) {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match quiet.spawn() {
        // Waited for, so that no process is left behind half dead.
        Ok(mut child) => drop(std::thread::Builder::new().name("opener".into()).spawn(move || child.wait())),
        Err(error) => tracing::warn!(%error, "a program is not started"),
    }
}

#[cfg(target_os = "linux")]
fn ask_file_manager(path: &Path) -> io::Result<()> {
    show_items(path).map_err(io::Error::other)
}

/// Elsewhere nobody listens.
#[cfg(not(target_os = "linux"))]
fn ask_file_manager(_: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
fn show_items(path: &Path) -> zbus::Result<()> {
    let name = "org.freedesktop.FileManager1";
    let connection = zbus::blocking::Connection::session()?;
    let proxy = zbus::blocking::Proxy::new(&connection, name, "/org/freedesktop/FileManager1", name)?;
    proxy.call("ShowItems", &(vec![address(path)], ""))
}

/// The `file://` address of a path.
#[cfg(any(target_os = "linux", test))]
fn address(path: &Path) -> String {
    format!("file://{}", coded(&path.to_string_lossy(), b"/"))
}

/// A text in which nothing means anything to who reads an address; what is in `kept` stays as it is.
fn coded(text: &str, kept: &[u8]) -> String {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"-_.~".contains(&it) || kept.contains(&it);
    text.bytes().map(|it| if plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") }).collect()
}

/// The `mailto:` address (RFC 6068) of a letter to one person. Nothing in the parts adds a receiver or a header.
pub(crate) fn letter(to: &str, subject: &str, body: &str) -> String {
    let body = body.replace("\r\n", "\n").replace('\n', "\r\n");
    format!("mailto:{}?subject={}&body={}", coded(to, b"@"), coded(subject, b""), coded(&body, b""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_letter_that_means_something() {
        assert_eq!(address(Path::new("/a b/ё?.txt")), "file:///a%20b/%D1%91%3F.txt");
    }

    #[test]
    fn a_letter_has_one_receiver_and_no_header_that_nobody_wrote() {
        assert_eq!(
            letter("a+b@x.example", "Ёлка & Co", "1%\n2"),
            "mailto:a%2Bb@x.example?subject=%D0%81%D0%BB%D0%BA%D0%B0%20%26%20Co&body=1%25%0D%0A2"
        );
        let hostile = letter("a@x.example,eve@y.example?cc=eve@y.example", "x&bcc=eve", "a\r\nBcc: eve #\"'`$(x)");
        let (to, rest) = hostile.split_once('?').expect("a question");
        assert!(!to.contains(',') && !rest.contains("eve@"), "{hostile}");
        assert_eq!(
            rest.split('&').map(|it| it.split_once('=').map_or(it, |it| it.0)).collect::<Vec<_>>(),
            ["subject", "body"]
        );
        assert!(hostile.bytes().all(|it| it.is_ascii_alphanumeric() || b":@?=&%-_.~".contains(&it)), "{hostile}");
    }

    #[test]
    fn what_runs_is_known_by_its_ending_however_that_is_dressed_up() {
        for name in ["setup.exe", "Отчёт.pdf.BAT", "invoice.pdf.exe .", "x.sh\u{202e}", "macro.docm"] {
            assert!(runs(name), "{name}");
        }
        for name in ["report.pdf", "exe", "photo.jpeg", "notes.txt", "archive.zip"] {
            assert!(!runs(name), "{name}");
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_a_failure() {
        assert!(attempt(Command::new("there-is-no-such-program")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_fails_is_one_too() {
        assert!(attempt(Command::new("false")).is_err() && attempt(Command::new("true")).is_ok());
    }

    #[test]
    fn a_file_is_given_to_the_opener_as_one_argument() {
        let command = opener(Path::new("/tmp/-x; rm.txt"));
        assert_eq!(command.get_args().collect::<Vec<_>>(), ["/tmp/-x; rm.txt"]);
    }
}
