//! The stream protocols and their names, which carry the organisation.

use libp2p::StreamProtocol;

use crate::limits;

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// First stream of every connection; handled here.
    Hello,
    /// The one control stream of a link; handled here.
    Control,
    /// Catching up; frames are the driver's.
    Sync,
    /// Files and large blobs; frames are the driver's.
    Blob,
    /// Joining; the only one besides hello that a stranger may open.
    Enrol,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 5] = [Self::Hello, Self::Control, Self::Sync, Self::Blob, Self::Enrol];

    /// The word in the stream name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Control => "ctl",
            Self::Sync => "sync",
            Self::Blob => "blob",
            Self::Enrol => "enrol",
        }
    }

    /// Largest frame, bytes. Hello and control frames carry one byte of our own besides the driver's payload.
    pub const fn frame_max(self) -> usize {
        match self {
            Self::Hello => limits::HELLO_BYTES_MAX + 1,
            Self::Control => limits::CONTROL_BYTES_MAX + 1,
            Self::Sync => limits::SYNC_BYTES_MAX,
            Self::Blob => limits::BLOB_BYTES_MAX,
            Self::Enrol => limits::ENROL_BYTES_MAX,
        }
    }

    /// Whether a link that is not admitted may use it.
    pub(crate) const fn for_strangers(self) -> bool {
        matches!(self, Self::Hello | Self::Enrol)
    }
}

/// The stream names of one organisation.
#[derive(Clone, Debug)]
pub(crate) struct Names([(Protocol, StreamProtocol); 5]);

impl Names {
    /// Names for the fingerprint; `None` unless it is 1 to 64 ASCII letters and digits.
    pub(crate) fn new(organisation: &str) -> Option<Self> {
        let good = (1..=64).contains(&organisation.len()) && organisation.bytes().all(|b| b.is_ascii_alphanumeric());
        if !good {
            return None;
        }
        let name = |p: Protocol| StreamProtocol::try_from_owned(format!("/artel/{organisation}/{}/1", p.word())).ok();
        let [hello, control, sync, blob, enrol] = Protocol::ALL;
        Some(Self([
            (hello, name(hello)?),
            (control, name(control)?),
            (sync, name(sync)?),
            (blob, name(blob)?),
            (enrol, name(enrol)?),
        ]))
    }

    /// The name of a protocol.
    pub(crate) fn name(&self, protocol: Protocol) -> StreamProtocol {
        let [first, ..] = &self.0;
        self.0.iter().find(|(p, _)| *p == protocol).unwrap_or(first).1.clone()
    }

    /// The protocol of a name.
    pub(crate) fn protocol(&self, name: &StreamProtocol) -> Option<Protocol> {
        self.0.iter().find(|(_, n)| n == name).map(|(p, _)| *p)
    }

    /// All names.
    pub(crate) fn all(&self) -> Vec<StreamProtocol> {
        self.0.iter().map(|(_, n)| n.clone()).collect()
    }
}
