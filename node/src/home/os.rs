//! What differs between systems: private files, flushing a directory, the identity of a file.
//!
//! On Windows a home lies in the user's profile, whose access list is inherited and already private; a directory there can
//! be neither opened nor flushed as a file, and the file system journals renames.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Makes the directory and its parents; on Unix the directory itself is then 0700, also when it existed before.
pub(super) fn create_private_dir(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    system::create_private_dir(path)
}

/// Opens for writing and empties, or makes, a file private to the user.
pub(super) fn create_private_file(path: &Path) -> io::Result<File> {
    system::private(OpenOptions::new().write(true).create(true).truncate(true)).open(path)
}

/// Opens or makes a file private to the user and keeps its content.
pub(super) fn open_private_file(path: &Path) -> io::Result<File> {
    system::private(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path)
}

/// Makes a rename or removal in this directory survive power loss.
pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    system::sync_dir(path)
}

/// What a copy of the file does not share with it: its number in the file system and when it was born.
///
/// Where the file system keeps no time of birth, the number of the device takes its place; that may change with a reboot,
/// and then the home is taken for a copy, which costs a new `inc` and nothing else.
pub(super) fn file_identity(file: &File) -> io::Result<String> {
    let metadata = file.metadata()?;
    let born = metadata.created().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok());
    let born = match born {
        Some(born) => format!("born {}", born.as_nanos()),
        None => format!("device {}", system::device(&metadata)),
    };
    Ok(format!("{} {born}", system::inode(&metadata)))
}

/// Options of a file that only this user can read.
pub(super) fn private(options: &mut std::fs::OpenOptions) -> &mut std::fs::OpenOptions {
    system::private(options)
}

#[cfg(unix)]
mod system {
    use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
    use std::path::Path;

    pub(super) fn create_private_dir(path: &Path) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other,
        }
        match std::fs::metadata(path)?.permissions().mode() & 0o777 {
            0o700 => Ok(()),
            _ => std::fs::set_permissions(path, Permissions::from_mode(0o700)),
        }
    }

    pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options.mode(0o600)
    }

    pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    pub(super) fn inode(metadata: &Metadata) -> u64 {
        metadata.ino()
    }

    pub(super) fn device(metadata: &Metadata) -> u64 {
        metadata.dev()
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs::{Metadata, OpenOptions};
    use std::io;
    use std::path::Path;

    pub(super) fn create_private_dir(path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }

    pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub(super) fn sync_dir(_: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Not readable through the standard library; the time of birth alone tells files apart.
    pub(super) fn inode(_: &Metadata) -> u64 {
        0
    }

    pub(super) fn device(_: &Metadata) -> u64 {
        0
    }
}
