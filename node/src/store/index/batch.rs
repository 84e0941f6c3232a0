//! A batch of changes to the index, the same for live traffic and for a rebuild.

use super::super::error::StoreError;
use super::super::ids::{DeviceKey, EntryKey, Fields, LogKey, OrderKey, Position, SpaceKey};
use super::super::keys::ServingKeys;
use super::{Change, tables};

/// Longest name or key of a register, and longest name in the driver's state.
pub(super) const NAME_BYTES_MAX: usize = 255;

/// A stored run of consecutive entries of one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Sequence number of the first entry.
    pub first: u64,
    /// Sequence number of the last entry.
    pub last: u64,
    /// Where the record is in the journal.
    pub position: Position,
    /// Milliseconds of the last entry's clock.
    pub ms: u64,
    /// Counter of the last entry's clock.
    pub ctr: u32,
    /// The caller's own bits.
    pub flags: u16,
    /// 0, or the number of the branch when a log was forked: packets of different branches do not replace
    /// each other.
    pub branch: u8,
}

impl Packet {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = self.position.file.to_be_bytes().to_vec();
        out.extend_from_slice(&self.position.offset.to_be_bytes());
        out.extend_from_slice(&self.first.to_be_bytes());
        out.extend_from_slice(&self.ms.to_be_bytes());
        out.extend_from_slice(&self.ctr.to_be_bytes());
        out.extend_from_slice(&self.flags.to_be_bytes());
        out
    }

    pub(super) fn decode(last: u64, branch: u8, value: &[u8]) -> Option<Self> {
        let mut fields = Fields(value);
        let position = Position { file: fields.u32()?, offset: fields.u64()? };
        let (first, ms, ctr, flags) = (fields.u64()?, fields.u64()?, fields.u32()?, fields.u16()?);
        fields.end()?;
        Some(Self { first, last, position, ms, ctr, flags, branch })
    }
}

/// A latest-wins value. The caller decides which is the latest: a put replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// The space it belongs to.
    pub space: SpaceKey,
    /// What it is, at most 255 bytes; a keyed hash of it stands in the index.
    pub name: Vec<u8>,
    /// The writing device.
    pub device: DeviceKey,
    /// What it is about, at most 255 bytes; a keyed hash of it stands in the index.
    pub key: Vec<u8>,
    /// The bytes kept.
    pub value: Vec<u8>,
}

impl Register {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for name in [&self.name, &self.key] {
            // Lengths were checked when the register entered the batch.
            out.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            out.extend_from_slice(name);
        }
        out.extend_from_slice(&self.device.0);
        out.extend_from_slice(&self.value);
        out
    }

    pub(super) fn decode(space: SpaceKey, value: &[u8]) -> Option<Self> {
        let mut fields = Fields(value);
        let length = fields.u8()?;
        let name = fields.bytes(usize::from(length))?.to_vec();
        let length = fields.u8()?;
        let key = fields.bytes(usize::from(length))?.to_vec();
        let device = DeviceKey(fields.array()?);
        Some(Self { space, name, device, key, value: fields.0.to_vec() })
    }
}

enum Op {
    Plain(Change),
    Register { register: Register, delete: bool },
}

/// Changes that become visible together. Later changes of the same key win.
#[derive(Default)]
pub struct IndexBatch {
    ops: Vec<Op>,
}

impl IndexBatch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of changes.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    fn plain(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.ops.push(Op::Plain((key, value)));
    }

    /// Notes a stored packet of a log, under its last sequence number. One with the same last number and
    /// branch is replaced: give only what is new.
    pub fn put_packet(&mut self, space: SpaceKey, log: LogKey, packet: &Packet) {
        self.plain(tables::entry(space, log, packet.last, packet.branch), Some(packet.encode()));
    }

    /// Forgets a packet.
    pub fn delete_packet(&mut self, space: SpaceKey, log: LogKey, last: u64, branch: u8) {
        self.plain(tables::entry(space, log, last, branch), None);
    }

    /// Puts a row. Needs the content key.
    pub fn put_record(&mut self, space: SpaceKey, order: OrderKey, value: Vec<u8>) {
        self.plain(tables::record(space, order), Some(value));
    }

    /// Deletes a row.
    pub fn delete_record(&mut self, space: SpaceKey, order: OrderKey) {
        self.plain(tables::record(space, order), None);
    }

    /// Remembers where in the order an entry stands.
    pub fn put_id(&mut self, id: EntryKey, space: SpaceKey, order: OrderKey) {
        let mut value = space.0.to_vec();
        order.put(&mut value);
        self.plain(tables::id(id), Some(value));
    }

    /// Forgets an entry's place.
    pub fn delete_id(&mut self, id: EntryKey) {
        self.plain(tables::id(id), None);
    }

    /// Puts a note on an entry (an edit, a reaction). Needs the content key.
    pub fn put_note(&mut self, space: SpaceKey, target: EntryKey, order: OrderKey, value: Vec<u8>) {
        self.plain(tables::note(space, target, order), Some(value));
    }

    /// Deletes a note.
    pub fn delete_note(&mut self, space: SpaceKey, target: EntryKey, order: OrderKey) {
        self.plain(tables::note(space, target, order), None);
    }

    /// Puts a register, replacing the one of the same space, name, device and key.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] when name or key is longer than 255 bytes.
    pub fn put_register(&mut self, register: Register) -> Result<(), StoreError> {
        self.register(register, false)
    }

    /// Deletes a register; its value does not matter.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] as above.
    pub fn delete_register(&mut self, register: Register) -> Result<(), StoreError> {
        self.register(register, true)
    }

    fn register(&mut self, register: Register, delete: bool) -> Result<(), StoreError> {
        if register.name.len() > NAME_BYTES_MAX || register.key.len() > NAME_BYTES_MAX {
            return Err(StoreError::TooLarge);
        }
        self.ops.push(Op::Register { register, delete });
        Ok(())
    }

    /// Puts a value of the driver's own under a name of 1 to 255 bytes. Names stand in the index as they are:
    /// build them from ids. Needs the content key.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] when the name is empty or too long.
    pub fn put_state(&mut self, name: &[u8], value: Vec<u8>) -> Result<(), StoreError> {
        self.state(name, Some(value))
    }

    /// Deletes a value of the driver's own.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] as above.
    pub fn delete_state(&mut self, name: &[u8]) -> Result<(), StoreError> {
        self.state(name, None)
    }

    fn state(&mut self, name: &[u8], value: Option<Vec<u8>>) -> Result<(), StoreError> {
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(StoreError::TooLarge);
        }
        self.plain(tables::state(name), value);
        Ok(())
    }

    pub(super) fn changes(&self, keys: &ServingKeys) -> Vec<Change> {
        let change = |op: &Op| match op {
            Op::Plain(change) => change.clone(),
            Op::Register { register, delete } => {
                let key = tables::register(keys, register.space, &register.name, register.device.0, &register.key);
                (key, (!delete).then(|| register.encode()))
            }
        };
        self.ops.iter().map(change).collect()
    }
}
