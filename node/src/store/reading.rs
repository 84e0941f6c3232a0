//! Reading what the store holds. Everything here blocks on the disk, on any number of threads.

use super::{
    BlobHash, BlobRead, DeviceKey, Direction, EntryKey, LogKey, Note, OrderKey, Packet, Position, Record, Register,
    Row, SpaceKey, State, Store, StoreError, small_file,
};
#[cfg(doc)]
use super::{CHUNK_BYTES, Damaged};

impl Store {
    /// The record at a position, checked.
    ///
    /// # Errors
    /// [`Damaged::Record`] when there is none that can be trusted.
    pub fn read_record(&self, position: Position) -> Result<Record, StoreError> {
        self.0.journal.read(position)
    }

    /// Packets of a log that hold any of the entries `from..=to`, ascending by their last entry. Packets that
    /// overlap are all given. Those of other branches are not among them.
    ///
    /// # Errors
    /// [`Damaged::Index`], as every query.
    pub fn packets(&self, space: SpaceKey, log: LogKey, from: u64, to: u64) -> Result<Vec<Packet>, StoreError> {
        self.0.index.packets(space, log, from, to)
    }

    /// Packets of other branches that are kept beside a log, ascending by their last entry. Reads all of the log's places.
    ///
    /// # Errors
    /// [`Damaged::Index`].
    pub fn branches(&self, space: SpaceKey, log: LogKey) -> Result<Vec<Packet>, StoreError> {
        self.0.index.branches(space, log)
    }

    /// The newest packet of a log.
    ///
    /// # Errors
    /// [`Damaged::Index`].
    pub fn head(&self, space: SpaceKey, log: LogKey) -> Result<Option<Packet>, StoreError> {
        self.0.index.head(space, log)
    }

    /// Every log of a space with its newest packet, ascending. One seek per log.
    ///
    /// # Errors
    /// [`Damaged::Index`].
    pub fn logs(&self, space: SpaceKey) -> Result<Vec<(LogKey, Packet)>, StoreError> {
        self.0.index.logs(space)
    }

    /// Every space that has a packet, ascending. One seek per space.
    ///
    /// # Errors
    /// [`Damaged::Index`].
    pub fn spaces(&self) -> Result<Vec<SpaceKey>, StoreError> {
        self.0.index.spaces()
    }

    /// Up to `limit` rows of a space in the asked direction.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`Damaged::Index`].
    pub fn records(&self, space: SpaceKey, direction: Direction, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.0.index.records(space, direction, limit)
    }

    /// One row by its place.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`Damaged::Index`].
    pub fn record(&self, space: SpaceKey, order: OrderKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.index.record(space, order)
    }

    /// Space and place of an entry.
    ///
    /// # Errors
    /// [`Damaged::Index`].
    pub fn place_of(&self, id: EntryKey) -> Result<Option<(SpaceKey, OrderKey)>, StoreError> {
        self.0.index.place_of(id)
    }

    /// One row by the id of its entry, with its space.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`Damaged::Index`].
    pub fn record_by_id(&self, id: EntryKey) -> Result<Option<(SpaceKey, Row)>, StoreError> {
        let Some((space, order)) = self.place_of(id)? else { return Ok(None) };
        Ok(self.record(space, order)?.map(|value| (space, Row { order, value })))
    }

    /// Notes on an entry, in their order.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`Damaged::Index`].
    pub fn notes_of(&self, space: SpaceKey, target: EntryKey) -> Result<Vec<Note>, StoreError> {
        self.0.index.notes(space, target)
    }

    /// All registers of a space, or those of one name, in no order that means something.
    ///
    /// # Errors
    /// [`Damaged::Index`].
    pub fn registers(&self, space: SpaceKey, name: Option<&[u8]>) -> Result<Vec<Register>, StoreError> {
        self.0.index.registers(space, name)
    }

    /// One register.
    ///
    /// # Errors
    /// [`Damaged::Index`].
    pub fn register(
        &self,
        space: SpaceKey,
        name: &[u8],
        device: DeviceKey,
        key: &[u8],
    ) -> Result<Option<Register>, StoreError> {
        self.0.index.register(space, name, device, key)
    }

    /// A value of the driver's own.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`Damaged::Index`].
    pub fn state(&self, name: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.index.state(name)
    }

    /// All values of the driver's own whose name begins with `prefix`, with their whole names, ascending.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`Damaged::Index`].
    pub fn states(&self, prefix: &[u8]) -> Result<Vec<State>, StoreError> {
        let states = self.0.index.states(prefix)?;
        Ok(states.into_iter().map(|(name, value)| State { name, value }).collect())
    }

    /// A whole blob, its SHA-256 checked. A damaged one is reported once and then missing.
    ///
    /// # Errors
    /// [`Damaged::Index`]; errors of the disk.
    pub fn blob(&self, hash: BlobHash) -> Result<BlobRead, StoreError> {
        self.0.blobs.get(hash)
    }

    /// Chunk `number` of a blob ([`CHUNK_BYTES`], the last one shorter), checked by its own hash.
    ///
    /// # Errors
    /// As [`Store::blob`].
    pub fn blob_chunk(&self, hash: BlobHash, number: u32) -> Result<BlobRead, StoreError> {
        self.0.blobs.get_chunk(hash, number)
    }

    /// Length of a blob that is stored, without reading it.
    ///
    /// # Errors
    /// [`Damaged::Index`].
    pub fn blob_bytes(&self, hash: BlobHash) -> Result<Option<u64>, StoreError> {
        self.0.blobs.bytes(hash)
    }

    /// Whether a blob of that name is the body of a file, which is read by chunks only.
    pub fn is_body(&self, hash: BlobHash) -> bool {
        self.0.blobs.is_body(hash)
    }

    /// A small file written by [`Store::write_small`].
    ///
    /// # Errors
    /// [`Damaged::SmallFile`].
    pub fn read_small(&self, name: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        small_file::read(&*self.0.disk, &self.0.keys.small, &self.0.dir, name)
    }
}
