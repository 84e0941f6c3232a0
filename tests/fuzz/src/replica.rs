//! A hostile member against a replica: everything he can sign and send.
//!
//! The bytes are a list of deeds, each `[what u8, length u16, content]`. Whatever he does, the replica does not panic,
//! asks for nothing without end, and its own person can still write.

use artel_crdt::cose::{self, Domain};
use artel_crdt::entry::{BlobRef, Entry, Kind};
use artel_crdt::id::{BlobHash, DeviceId, EntryId, Inc, SpaceId};
use artel_crdt::replica::{Input, Source};
use artel_crdt::run::{self, BadRun, Packet, Run};
use artel_crdt::seal::pad;
use artel_crdt::sync::Message;
use artel_crdt::time::Hlc;
use artel_crdt::timeline::Record;

use crate::office::{self, Desk, NOW, office};
use crate::seeds;

/// Most deeds of one run.
const DEEDS_MAX: usize = 12;

const PACKET: u8 = 0;
const MESSAGE: u8 = 1;
const ENTRY: u8 = 2;
const REGISTER: u8 = 3;
const NEXT_LOG: u8 = 4;
const WAIT: u8 = 5;

pub(crate) fn target(bytes: &[u8]) {
    let mut hostile = Hostile::new();
    let mut rest = bytes;
    for _ in 0..DEEDS_MAX {
        let Some(([what, high, low], more)) = rest.split_first_chunk::<3>() else { break };
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(more.len());
        let (content, more) = more.split_at(length);
        hostile.does(*what, content);
        rest = more;
    }
    let mut desk = hostile.desk;
    desk.wait(3);
    desk.input(Input::PeerDown(hostile.device));
    desk.post(office().spaces[0], Record::message(), Some("still here"));
}

struct Hostile {
    desk: Desk,
    device: DeviceId,
    inc: Inc,
    space: SpaceId,
    seq: u64,
    prev: Option<EntryId>,
}

impl Hostile {
    fn new() -> Self {
        let mut desk = office::restarted();
        let device = DeviceId::of_key(office::member().verifying_key().as_bytes());
        desk.input(Input::PeerUp(device));
        Self { desk, device, inc: Inc([7; 8]), space: office().spaces[0], seq: 0, prev: None }
    }

    fn does(&mut self, what: u8, content: &[u8]) {
        match what % 6 {
            PACKET => self.packet(content.to_vec()),
            MESSAGE => {
                if let Ok(message) = Message::decode(content) {
                    self.says(message);
                }
            }
            ENTRY => self.entry(content),
            REGISTER => {
                let signed = cose::sign1(&office::member(), Domain::Register, &office().org.0, content);
                self.says(Message::Registers(vec![signed]));
            }
            NEXT_LOG => self.next_log(content),
            _ => self.desk.wait(content.first().map_or(1, |it| u64::from(*it))),
        }
    }

    fn says(&mut self, message: Message) {
        match message {
            Message::Push(bytes) => self.packet(bytes),
            message => self.desk.input(Input::Message { from: self.device, message }),
        }
    }

    fn packet(&mut self, bytes: Vec<u8>) {
        match run::check_run(self.desk.replica.keys(), &bytes) {
            Ok(packet) => {
                let source = Source::Peer(self.device);
                self.desk.input(Input::Packet { source, packet: Box::new(packet) });
            }
            Err(BadRun::UnknownDevice(signer)) => {
                self.desk.input(Input::UnknownSigner { from: self.device, signer, bytes });
            }
            Err(_) => {}
        }
    }

    /// From now on in another space and log: `[which space, inc]`.
    fn next_log(&mut self, content: &[u8]) {
        let at = content.first().copied().unwrap_or(0);
        self.space = match at % 6 {
            which @ 0..=2 => office().spaces[usize::from(which)],
            3 => SpaceId::organisation(&office().org),
            4 => SpaceId([at; 16]),
            _ => SpaceId::direct(&office().org, &self.person(), &self.person()),
        };
        self.inc = Inc([content.get(1).copied().unwrap_or(8); 8]);
        (self.seq, self.prev) = (0, None);
    }

    fn person(&self) -> artel_crdt::id::PersonId {
        self.desk.replica.authority().state().person_of(&self.device).unwrap()
    }

    /// The next entry of the log: `[kind, flags, body length u16, body, blob]`.
    fn entry(&mut self, content: &[u8]) {
        let Some(([kind, flags, high, low], rest)) = content.split_first_chunk::<4>() else { return };
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (body, blob) = rest.split_at(length);
        let epoch = self.epoch().filter(|_| flags & 1 != 0);
        let blobs: Vec<Vec<u8>> = if flags & 2 == 0 { Vec::new() } else { vec![blob.to_vec(), pad(blob)] };
        let ahead = if flags & 4 == 0 { 0 } else { 1 << (flags >> 3) };
        let entry = Entry {
            device: self.device,
            space: self.space,
            inc: self.inc,
            seq: self.seq,
            prev: self.prev,
            seen: if flags & 8 == 0 { Vec::new() } else { self.epoch().into_iter().collect() },
            hlc: Hlc { ms: NOW.0 + ahead, ctr: u32::try_from(self.seq).unwrap() },
            kind: Kind::from_number(u64::from(*kind)),
            epoch,
            body: body.to_vec(),
            blobs: blobs
                .iter()
                .map(|it| BlobRef { hash: BlobHash::of(it), size: u32::try_from(it.len()).unwrap() })
                .collect(),
        };
        if entry.check_form().is_err() {
            return;
        }
        let signed = entry.sign(&office().org, &office::member());
        (self.seq, self.prev) = (self.seq + 1, Some(signed.id));
        let mut packet = Packet::of(Run::own(signed));
        packet.blobs = blobs.into_iter().map(|it| (BlobHash::of(&it), it)).collect();
        self.packet(packet.encode());
    }

    fn epoch(&self) -> Option<EntryId> {
        let entries = office().disk.iter().flat_map(|it| it.run.entries());
        entries.filter(|it| it.entry.space == self.space && it.entry.kind == Kind::Epoch).map(|it| it.id).last()
    }
}

fn deed(what: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    [&[what], &length.to_be_bytes()[..], content].concat()
}

fn entry(kind: Kind, flags: u8, body: &[u8], blob: &[u8]) -> Vec<u8> {
    let kind = u8::try_from(kind.number()).unwrap();
    let length = u16::try_from(body.len()).unwrap();
    deed(ENTRY, &[&[kind, flags], &length.to_be_bytes()[..], body, blob].concat())
}

/// Every kind of body the organisation wrote, as if the member had written it; messages; registers.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let organisation = deed(NEXT_LOG, &[3, 9]);
    all.extend(seeds::acts().iter().map(|it| [&organisation[..], &entry(Kind::Act, 2, it, "имя".as_bytes())].concat()));
    let stanzas = seeds::stanzas();
    for (body, blob) in seeds::epochs().iter().zip(stanzas.iter().cycle()) {
        for space in [0, 1, 2, 3, 4, 5] {
            all.push([deed(NEXT_LOG, &[space, 9]), entry(Kind::Epoch, 2, body, blob), deed(WAIT, &[5])].concat());
        }
    }
    all.extend(seeds::grants().iter().map(|it| entry(Kind::Grant, 0, it, &[])));
    all.extend(seeds::cuts().iter().map(|it| entry(Kind::Cut, 0, it, &[])));
    all.extend(seeds::forgets().iter().map(|it| entry(Kind::Forget, 0, it, &[])));
    all.push([entry(Kind::Step, 3, &[5; 72], b"blob"), entry(Kind::Merge, 8, &[], &[]), deed(WAIT, &[9])].concat());
    all.extend(seeds::messages().iter().map(|it| deed(MESSAGE, it)));
    all.extend(seeds::runs().iter().filter(|it| it.len() < 60_000).map(|it| deed(PACKET, it)));
    all.extend(seeds::register_contents().iter().map(|it| deed(REGISTER, it)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A target that is refused at the door finds nothing.
    #[test]
    fn what_the_hostile_member_writes_is_taken_in() {
        let stored = |deeds: &[Vec<u8>]| {
            let mut hostile = Hostile::new();
            for it in deeds {
                hostile.does(it[0], &it[3..]);
            }
            hostile.desk.disk.len()
        };
        let step = entry(Kind::Step, 3, &[5; 72], b"blob");
        assert_eq!(stored(&[step.clone(), step.clone()]), 2);
        assert_eq!(stored(&[deed(NEXT_LOG, &[3, 9]), entry(Kind::Act, 2, &seeds::acts()[0], b"x")]), 0, "a genesis");
        assert_eq!(stored(&[deed(NEXT_LOG, &[3, 9]), entry(Kind::Act, 2, &seeds::acts()[1], b"x")]), 1);
        assert_eq!(stored(&[deed(NEXT_LOG, &[0, 9]), entry(Kind::Epoch, 2, &seeds::epochs()[0], b"x"), step]), 2);
        assert_eq!(stored(&[entry(Kind::Grant, 0, &seeds::grants()[0], b"")]), 1);
    }
}
