//! Where the socket is and who may use it, on each system.
//!
//! Unix: a socket of mode 0600 in the home, which is 0700; and both sides compare the other's effective user, so that even
//! a home whose modes were loosened serves its owner only. A socket's address holds about 104 bytes, so on Linux a longer
//! path is reached through the open directory (`/proc/self/fd/N/socket`); on other Unix systems the socket then lies in the
//! user's temporary directory under a name derived from the home. Windows: a named pipe under such a name; the system's
//! default access list lets nobody but the owner and administrators write to it, and remote clients are refused.

#[cfg(unix)]
pub(super) use unix::{Place, same_user};
#[cfg(windows)]
pub(super) use windows::{Place, same_user};

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io;
    use std::os::unix::ffi::OsStrExt;
    use std::path::PathBuf;

    use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
    use interprocess::local_socket::{GenericFilePath, ListenerOptions, Name};
    use interprocess::os::unix::local_socket::ListenerOptionsExt;

    use super::super::IpcError;
    use crate::home::Layout;

    /// Longest path that is used as an address as it is, bytes. Systems allow 104 to 108 with the closing zero.
    const ADDRESS_BYTES_MAX: usize = 100;

    /// Where a home's socket is; keeps open what its address needs.
    #[derive(Debug)]
    pub(in super::super) struct Place {
        address: PathBuf,
        _directory: Option<File>,
    }

    impl Place {
        pub(in super::super) fn of(layout: &Layout) -> Result<Self, IpcError> {
            let address = layout.socket();
            match address.as_os_str().as_bytes().len() <= ADDRESS_BYTES_MAX {
                true => Ok(Self { address, _directory: None }),
                false => Self::of_long(layout),
            }
        }

        #[cfg(target_os = "linux")]
        fn of_long(layout: &Layout) -> Result<Self, IpcError> {
            use std::os::fd::AsRawFd;

            let directory = File::open(layout.root()).map_err(IpcError::Io)?;
            let address = PathBuf::from(format!("/proc/self/fd/{}/socket", directory.as_raw_fd()));
            Ok(Self { address, _directory: Some(directory) })
        }

        #[cfg(not(target_os = "linux"))]
        fn of_long(layout: &Layout) -> Result<Self, IpcError> {
            let folder = std::env::var_os("TMPDIR").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from);
            let name = super::derived_name(layout)?;
            Ok(Self { address: folder.join(name), _directory: None })
        }

        pub(in super::super) fn listen(&self) -> io::Result<Listener> {
            let options = || Ok::<_, io::Error>(ListenerOptions::new().name(self.name()?).try_overwrite(true));
            match options()?.mode(0o600).create_tokio() {
                // Some systems cannot choose the mode of a socket; there the mode of the home stands alone.
                Err(error) if error.kind() == io::ErrorKind::Unsupported => options()?.create_tokio(),
                other => other,
            }
        }

        pub(in super::super) async fn connect(&self) -> io::Result<Stream> {
            Stream::connect(self.name()?).await
        }

        fn name(&self) -> io::Result<Name<'_>> {
            self.address.as_path().to_fs_name::<GenericFilePath>()
        }
    }

    /// Whether the other side runs as the same effective user as we do.
    pub(in super::super) fn same_user(stream: &Stream) -> bool {
        let theirs = stream.peer_creds().ok().and_then(|it| it.euid());
        theirs == Some(rustix::process::geteuid().as_raw())
    }
}

#[cfg(windows)]
mod windows {
    use std::io;

    use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
    use interprocess::local_socket::{GenericNamespaced, ListenerOptions, Name};

    use super::super::IpcError;
    use crate::home::Layout;

    /// The name of a home's pipe.
    #[derive(Debug)]
    pub(in super::super) struct Place {
        name: String,
    }

    impl Place {
        pub(in super::super) fn of(layout: &Layout) -> Result<Self, IpcError> {
            super::derived_name(layout).map(|name| Self { name })
        }

        pub(in super::super) fn listen(&self) -> io::Result<Listener> {
            ListenerOptions::new().name(self.name()?).create_tokio()
        }

        pub(in super::super) async fn connect(&self) -> io::Result<Stream> {
            Stream::connect(self.name()?).await
        }

        fn name(&self) -> io::Result<Name<'_>> {
            self.name.as_str().to_ns_name::<GenericNamespaced>()
        }
    }

    /// The access list of the pipe has decided this before the connection exists.
    pub(in super::super) fn same_user(_: &Stream) -> bool {
        true
    }
}

/// A short name that both sides derive from the home: its random id and its place, so that a copy has another.
#[cfg(not(target_os = "linux"))]
fn derived_name(layout: &crate::home::Layout) -> Result<String, super::IpcError> {
    use sha2::{Digest, Sha256};

    let id = layout.probe()?.ok_or(super::IpcError::NotRunning)?;
    let root = layout.root().canonicalize().map_err(super::IpcError::Io)?;
    let mut hash = Sha256::new();
    hash.update(b"artel/ipc/1");
    hash.update(id.0);
    hash.update(root.as_os_str().as_encoded_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    let name: String = hash.iter().take(16).map(|it| format!("{it:02x}")).collect();
    Ok(format!("artel-{name}"))
}
