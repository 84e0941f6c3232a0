//! Giving a file to the rest of the desktop: opened by its program, shown in its folder, put into the clipboard.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where what one saves goes without being asked.
pub(crate) fn downloads() -> PathBuf {
    let dirs = directories::UserDirs::new();
    let folder = dirs.as_ref().and_then(|it| it.download_dir().filter(|it| it.is_dir()).map(Path::to_owned));
    folder.or_else(|| dirs.map(|it| it.home_dir().to_owned())).unwrap_or_else(|| PathBuf::from("."))
}

/// Opens a file with the program that the desktop has for it. Returns at once.
pub(crate) fn open(path: &Path) {
    start(opener(path));
}

/// Shows a file in its folder. Returns at once.
pub(crate) fn show(path: &Path) {
    #[cfg(target_os = "linux")]
    {
        let path = path.to_owned();
        let asked = std::thread::Builder::new().name("folder".into()).spawn(move || {
            // Marked where a file manager listens; elsewhere the folder alone.
            if ask_file_manager(&path).is_err()
                && let Some(folder) = path.parent()
            {
                start(opener(folder));
            }
        });
        if let Err(error) = asked {
            tracing::warn!(%error, "the folder is not shown");
        }
    }
    #[cfg(target_os = "windows")]
    {
        let mut command = Command::new("explorer");
        command.arg(format!("/select,{}", path.display()));
        start(command);
    }
    #[cfg(target_os = "macos")]
    {
        let mut command = Command::new("open");
        command.arg("-R").arg(path);
        start(command);
    }
}

/// Puts a file into the clipboard, for a file manager or a mail program. On a thread: the clipboard may be slow.
pub(crate) fn copy(path: PathBuf) {
    let copied = std::thread::Builder::new().name("clipboard".into()).spawn(move || {
        let copied = arboard::Clipboard::new().and_then(|mut it| it.set().file_list(&[path]));
        if let Err(error) = copied {
            tracing::warn!(%error, "the file is not in the clipboard");
        }
    });
    if let Err(error) = copied {
        tracing::warn!(%error, "the file is not in the clipboard");
    }
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
fn ask_file_manager(path: &Path) -> zbus::Result<()> {
    let name = "org.freedesktop.FileManager1";
    let connection = zbus::blocking::Connection::session()?;
    let proxy = zbus::blocking::Proxy::new(&connection, name, "/org/freedesktop/FileManager1", name)?;
    proxy.call("ShowItems", &(vec![address(path)], ""))
}

/// The `file://` address of a path.
#[cfg(any(target_os = "linux", test))]
fn address(path: &Path) -> String {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"/-_.~".contains(&it);
    let coded = |it: u8| if plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") };
    format!("file://{}", path.to_string_lossy().bytes().map(coded).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_letter_that_means_something() {
        assert_eq!(address(Path::new("/a b/ё?.txt")), "file:///a%20b/%D1%91%3F.txt");
    }

    #[test]
    fn a_file_is_given_to_the_opener_as_one_argument() {
        let command = opener(Path::new("/tmp/-x; rm.txt"));
        assert_eq!(command.get_args().collect::<Vec<_>>(), ["/tmp/-x; rm.txt"]);
    }
}
