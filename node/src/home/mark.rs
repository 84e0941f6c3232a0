//! The clean-shutdown mark, and how a copied or restored home is noticed.
//!
//! The mark names the home, the identity of the lock file and its own identity, where the identity of a file is its inode
//! and birth time: things that no copying tool can preserve. The mark is removed at open and made anew at close, so a
//! backup put back over the same directory brings a mark whose own identity is not the one written inside. An image of the
//! whole disk preserves everything; that case only a peer can notice, by showing us an entry of ours that we lack.

use std::fs::File;
use std::io::{self, Write};

use super::{HomeError, HomeId, Layout, Past, at, os, read_at_most};

/// Longest mark that is read, bytes: five short lines.
const MARK_BYTES_MAX: u64 = 512;

/// Reads the mark and removes it durably, so that whatever happens from now on counts as unclean.
pub(super) fn take(layout: &Layout, id: HomeId, lock: &File) -> Result<Past, HomeError> {
    let path = layout.clean();
    let past = match read_at_most(&path, MARK_BYTES_MAX) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Past::Unclean),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Past::Unclean,
        Err(error) => return Err(at("read", &path)(error)),
        Ok(bytes) => {
            let mark = File::open(&path).map_err(at("open", &path))?;
            judge(&bytes, &text(id, lock, &mark).map_err(at("inspect", &path))?)
        }
    };
    std::fs::remove_file(&path).map_err(at("remove", &path))?;
    os::sync_dir(layout.root()).map_err(at("flush", layout.root()))?;
    Ok(past)
}

/// Writes the mark durably. Made in place and not renamed: what counts is the identity the file got here, and a torn mark
/// is as good as none.
pub(super) fn leave(layout: &Layout, id: HomeId, lock: &File) -> Result<(), HomeError> {
    let path = layout.clean();
    let write = || {
        let mut mark = os::create_private_file(&path)?;
        let text = text(id, lock, &mark)?;
        mark.write_all(text.as_bytes())?;
        mark.sync_all()?;
        os::sync_dir(layout.root())
    };
    write().map_err(at("write", &path))
}

fn text(id: HomeId, lock: &File, mark: &File) -> io::Result<String> {
    let lock = os::file_identity(lock)?;
    let mark = os::file_identity(mark)?;
    Ok(format!("clean 1\nhome {:032x}\nlock {lock}\nmark {mark}\nend\n", u128::from_be_bytes(id.0)))
}

fn judge(found: &[u8], expected: &str) -> Past {
    let whole = found.starts_with(b"clean 1\n") && found.ends_with(b"\nend\n");
    match (whole, found == expected.as_bytes()) {
        (_, true) => Past::Clean,
        (true, false) => Past::Copied,
        (false, false) => Past::Unclean,
    }
}
