//! Addresses given by people: typed, from an invitation, or in the administrator's `provision.toml`.
//!
//! ```toml
//! peers = ["10.0.0.5:4100", "[fd00::5]:4100", "artel.office.example:4100"]
//! ```

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use super::{ADDRESSES_MAX, DiscoveryError, Given, Source, TARGETS_MAX};
use crate::home::{Layout, read_at_most};

/// Environment variable that names another file in place of `provision.toml` in the home.
pub const PROVISION_VARIABLE: &str = "ARTEL_PROVISION";

/// How long a name may take to resolve. Literal addresses need no resolver at all.
const LOOKUP_TIME: Duration = Duration::from_secs(5);

const FILE_BYTES_MAX: u64 = 64 * 1024;
const HOST_BYTES_MAX: usize = 253;

/// A `host:port` that may still need resolving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    host: String,
    port: u16,
}

impl FromStr for Target {
    type Err = DiscoveryError;

    fn from_str(text: &str) -> Result<Self, DiscoveryError> {
        let text = text.trim();
        if let Ok(literal) = text.parse::<SocketAddr>() {
            let target = Self { host: literal.ip().to_string(), port: literal.port() };
            return if target.port == 0 { Err(DiscoveryError::BadAddress) } else { Ok(target) };
        }
        let (host, port) = text.rsplit_once(':').ok_or(DiscoveryError::BadAddress)?;
        let port = port.parse().ok().filter(|it| *it != 0).ok_or(DiscoveryError::BadAddress)?;
        let named = host.chars().all(|it| it.is_alphanumeric() || it == '-' || it == '.' || it == '_');
        match named && !host.is_empty() && host.len() <= HOST_BYTES_MAX {
            true => Ok(Self { host: host.to_owned(), port }),
            false => Err(DiscoveryError::BadAddress),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(formatter, "[{}]:{}", self.host, self.port),
            false => write!(formatter, "{}:{}", self.host, self.port),
        }
    }
}

/// The administrator's file: named by `ARTEL_PROVISION`, else `provision.toml` in the home.
pub fn provision_path(layout: &Layout) -> PathBuf {
    std::env::var_os(PROVISION_VARIABLE).map_or_else(|| layout.provision(), PathBuf::from)
}

/// Targets with what they resolve to now.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) source: Source,
    pub(super) given: Vec<Given>,
}

/// Resolves targets one after the other.
pub(super) async fn resolve(source: Source, targets: Vec<Target>) -> Resolved {
    let lookups = targets.into_iter().map(|target| async move {
        let addrs = lookup(&target).await;
        Given { target, addrs }
    });
    Resolved { source, given: futures::future::join_all(lookups).await }
}

/// Reads the file, if there is one, and resolves what it names.
pub(super) async fn resolve_file(path: PathBuf) -> Resolved {
    let read = tokio::task::spawn_blocking(move || targets_of(&path)).await;
    resolve(Source::File, read.unwrap_or_default()).await
}

async fn lookup(target: &Target) -> Vec<SocketAddr> {
    let lookup = tokio::net::lookup_host((target.host.as_str(), target.port));
    match tokio::time::timeout(LOOKUP_TIME, lookup).await {
        Ok(Ok(addrs)) => addrs.take(ADDRESSES_MAX).collect(),
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

#[derive(serde::Deserialize)]
struct Provision {
    #[serde(default)]
    peers: Vec<String>,
}

/// The targets of a file; entries that are none are reported and left out.
fn targets_of(path: &Path) -> Vec<Target> {
    let bytes = match read_at_most(path, FILE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            tracing::warn!(%error, "cannot read the provisioning file");
            return Vec::new();
        }
    };
    match toml::from_slice::<Provision>(&bytes) {
        Ok(provision) => provision.peers.iter().take(TARGETS_MAX).filter_map(|it| reported(it)).collect(),
        Err(error) => {
            tracing::warn!(%error, "the provisioning file is no TOML with a list of peers");
            Vec::new()
        }
    }
}

fn reported(entry: &str) -> Option<Target> {
    let target = entry.parse();
    if target.is_err() {
        tracing::warn!(entry, "the provisioning file names a peer that is not host:port");
    }
    target.ok()
}
