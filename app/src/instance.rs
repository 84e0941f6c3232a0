//! One window a home: the first listens on a local socket of this user; a second start hands over what was wanted and ends.
//!
//! The socket has a name that both derive from the user and the place of the home, because a home that is locked or not yet
//! made has no socket of its own. The words: `show LINK` or `show`, answered by `shown`. Only the same user is heard.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use artel_node::home::Layout;
use interprocess::local_socket::{GenericNamespaced, Listener, ListenerOptions, Stream, prelude::*};
use sha2::{Digest, Sha256};

use crate::bridge::Waker;

/// Longest line either side reads, bytes. An invitation with several addresses has some hundreds.
const LINE_BYTES_MAX: u64 = 4 * 1024;
/// How long either side waits for the other's line.
const PATIENCE: Duration = Duration::from_secs(2);
/// Rings that wait for the next frame; more say nothing new.
const RINGS_MAX: usize = 8;
/// Two starts at one moment: who cannot listen asks again whether somebody does.
const TRIES: usize = 4;
/// Pause between these, and after a failed accept.
const PAUSE: Duration = Duration::from_millis(100);

/// What a start is.
pub(crate) enum Start {
    /// The first: others ring here.
    First(Bell),
    /// A window is there and has been told.
    Second,
    /// The system gives no socket; the home's lock still sees to it that only one opens it.
    Alone,
}

/// Somebody started the program once more on this home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ring {
    /// What he gave on the command line.
    pub(crate) link: Option<String>,
}

/// Where others ring.
pub(crate) struct Bell {
    rings: Receiver<Ring>,
    waker: Waker,
}

impl Bell {
    /// Whom to wake.
    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// The next one that has come.
    pub(crate) fn ring(&self) -> Option<Ring> {
        self.rings.try_recv().ok()
    }
}

/// Finds out whether this is the first window on the home, and tells the first one if it is not.
pub(crate) fn start(home: &Layout, link: Option<&str>) -> Start {
    let name = name(home);
    for _ in 0..TRIES {
        if ring(&name, link).is_ok() {
            return Start::Second;
        }
        match listen(&name) {
            Ok(bell) => return Start::First(bell),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => std::thread::sleep(PAUSE),
            Err(error) => {
                tracing::warn!(%error, "a second start will not find this window");
                return Start::Alone;
            }
        }
    }
    Start::Alone
}

fn ring(name: &str, link: Option<&str>) -> io::Result<()> {
    let stream = Stream::connect(name.to_ns_name::<GenericNamespaced>()?)?;
    if !same_user(&stream) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let words = link.map_or_else(|| "show".to_owned(), |it| format!("show {it}"));
    if words.contains('\n') || LINE_BYTES_MAX <= words.len() as u64 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    hurry(&stream);
    (&stream).write_all(format!("{words}\n").as_bytes())?;
    match read_line(&stream)?.as_str() {
        "shown" => Ok(()),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn listen(name: &str) -> io::Result<Bell> {
    let options = ListenerOptions::new().name(name.to_ns_name::<GenericNamespaced>()?);
    // Where such names are files, one may be left behind; nobody answered at it just now.
    let listener = options.try_overwrite(!cfg!(target_os = "linux")).create_sync()?;
    let (sender, rings) = sync_channel(RINGS_MAX);
    let waker = Waker::default();
    let wake = waker.clone();
    std::thread::Builder::new().name("bell".into()).spawn(move || accept(&listener, &sender, &wake))?;
    Ok(Bell { rings, waker })
}

/// Ends with the process.
fn accept(listener: &Listener, rings: &SyncSender<Ring>, waker: &Waker) {
    loop {
        match listener.accept() {
            Ok(stream) if same_user(&stream) => {
                if let Err(error) = answer(&stream, rings, waker) {
                    tracing::debug!(%error, "a second start");
                }
            }
            Ok(_) => tracing::warn!("a process of another user rang"),
            Err(error) => {
                tracing::debug!(%error, "a second start");
                std::thread::sleep(PAUSE);
            }
        }
    }
}

fn answer(stream: &Stream, rings: &SyncSender<Ring>, waker: &Waker) -> io::Result<()> {
    hurry(stream);
    let line = read_line(stream)?;
    let link = line.strip_prefix("show").ok_or(io::ErrorKind::InvalidData)?.trim();
    let link = (!link.is_empty()).then(|| link.to_owned());
    // With so many waiting the window will be raised anyway.
    rings.try_send(Ring { link }).ok();
    waker.wake();
    let mut stream = stream;
    stream.write_all(b"shown\n")
}

fn read_line(stream: &Stream) -> io::Result<String> {
    let mut line = String::new();
    BufReader::new(stream.take(LINE_BYTES_MAX)).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

/// Not every system has such limits; where they are missing the same user waits for himself.
fn hurry(stream: &Stream) {
    stream.set_recv_timeout(Some(PATIENCE)).ok();
    stream.set_send_timeout(Some(PATIENCE)).ok();
}

#[cfg(unix)]
fn same_user(stream: &Stream) -> bool {
    let theirs = stream.peer_creds().ok().and_then(|it| it.euid());
    theirs == Some(rustix::process::geteuid().as_raw())
}

/// The access list of the pipe has decided this before the connection exists.
#[cfg(not(unix))]
fn same_user(_: &Stream) -> bool {
    true
}

fn name(home: &Layout) -> String {
    let mut hash = Sha256::new();
    hash.update(b"artel/window/1");
    #[cfg(unix)]
    hash.update(rustix::process::geteuid().as_raw().to_be_bytes());
    hash.update(place(home.root()).as_os_str().as_encoded_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    let name: String = hash.iter().take(16).map(|it| format!("{it:02x}")).collect();
    format!("artel-window-{name}")
}

/// The home's path without links and dots, also before the home is made.
fn place(root: &Path) -> PathBuf {
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let known = root.ancestors().find_map(|it| Some((it, it.canonicalize().ok()?)));
    match known {
        // Gathered anew: joining nothing would leave a separator at the end.
        Some((ancestor, real)) => match root.strip_prefix(ancestor) {
            Ok(rest) => real.components().chain(rest.components()).collect(),
            Err(_) => root,
        },
        None => root,
    }
}

#[cfg(test)]
mod tests;
