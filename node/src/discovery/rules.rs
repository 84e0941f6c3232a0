//! The pure rules of discovery: what is announced, whose announcement is ours, who dials, which addresses and interfaces.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use artel_crdt::id::{OrgFp, short_hash};

use super::{Standing, YIELD_TIME};

/// Interfaces of containers, virtual machines and tunnels, by the beginning of their name: whoever answers there is not a
/// colleague, and their addresses change all the time.
const INTERFACES_LEFT_OUT: [&str; 6] = ["docker", "br-", "virbr", "tun", "wg", "veth"];

const TAG_LABEL: &[u8] = b"artel/mdns/1";

/// The random name under which a node announces itself, drawn anew whenever it begins to listen; shown as 16 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance(pub [u8; 8]);

impl Instance {
    /// A fresh one. Should the system give no random bytes it is all zeros: worth a conflict, not a failure.
    pub(super) fn random() -> Self {
        let mut bytes = [0; 8];
        if let Err(error) = getrandom::fill(&mut bytes) {
            tracing::warn!(%error, "no random bytes for the instance");
        }
        Self(bytes)
    }

    /// Reads what [`fmt::Display`] writes and nothing else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == 16 && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        let number = u64::from_str_radix(text, 16).ok().filter(|_| plain)?;
        Some(Self(number.to_be_bytes()))
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", u64::from_be_bytes(self.0))
    }
}

/// The tag in an announcement: whoever knows the organisation's fingerprint recognises it, nobody else learns anything,
/// and two instances of one node cannot be linked.
pub fn announcement_tag(fp: &OrgFp, instance: &Instance) -> [u8; 8] {
    short_hash(&[TAG_LABEL, &fp.0, &instance.0])
}

/// The tag as it stands in the TXT record: 16 lower-case hex digits.
pub(super) fn tag_text(fp: &OrgFp, instance: &Instance) -> String {
    format!("{:016x}", u64::from_be_bytes(announcement_tag(fp, instance)))
}

/// Whether an announcement belongs to one of our organisations.
pub(super) fn is_ours(fps: &[OrgFp], instance: &Instance, tag: &str) -> bool {
    fps.iter().any(|fp| tag_text(fp, instance) == tag)
}

/// How long to leave the dialling to the other side.
pub(super) fn dial_delay(standing: Standing, ours: &Instance, theirs: &Instance) -> Duration {
    match standing {
        Standing::Joining => Duration::ZERO,
        Standing::Member if ours < theirs => Duration::ZERO,
        Standing::Member => YIELD_TIME,
    }
}

/// Whether loopback addresses count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loopback {
    /// Left out: a colleague is never there, but a service of this machine may be.
    LeftOut,
    /// Used: there is no other interface, or several nodes run on this machine.
    Used,
}

/// Whether an address that somebody else told can be dialled. IPv6 link-local ones would need a zone.
pub(super) fn is_dialable(addr: &SocketAddr, loopback: Loopback) -> bool {
    let ip = addr.ip().to_canonical();
    let link_local = matches!(ip, IpAddr::V6(it) if it.is_unicast_link_local());
    let broadcast = matches!(ip, IpAddr::V4(it) if it.is_broadcast());
    let odd = addr.port() == 0 || ip.is_unspecified() || ip.is_multicast() || link_local || broadcast;
    !odd && (!ip.is_loopback() || loopback == Loopback::Used)
}

/// Whether an interface is left out by its name.
pub(super) fn is_left_out(interface: &str) -> bool {
    INTERFACES_LEFT_OUT.iter().any(|it| interface.starts_with(it))
}
