//! The one writer of the journal: appends groups, rolls to new files, takes back what failed.

use std::io;
use std::sync::Arc;

use super::super::disk::{DiskFile, OpenMode};
use super::super::error::{During, StoreError};
use super::super::ids::Position;
use super::replay::Damage;
use super::scan::{Found, Scanner};
use super::{Journal, RECORD_BYTES_MAX, Record, encode, file_path};

/// A torn tail is never longer than one group. More than that at the end is not a tear: it is left alone.
const TORN_BYTES_MAX: u64 = 32 << 20;

/// The end of the journal as found at open.
pub(in super::super) struct Tail {
    pub(in super::super) end: Position,
    /// What was cut off.
    pub(in super::super) cut: Option<Damage>,
    /// Damage before the end, in what was looked at.
    pub(in super::super) damage: Vec<Damage>,
}

/// Where a record lies.
#[derive(Clone, Copy)]
pub(in super::super) struct Place {
    pub(in super::super) begin: Position,
    pub(in super::super) end: Position,
}

/// Appends records. What it wrote counts only after [`JournalWriter::commit`].
pub(in super::super) struct JournalWriter {
    journal: Arc<Journal>,
    file_bytes_max: u64,
    number: u32,
    file: Arc<dyn DiskFile>,
    /// Written length of `file`, committed or not.
    bytes: u64,
    /// File and length of the last commit, and that file: an uncommitted group may have gone on to a next one.
    committed: (Position, Arc<dyn DiskFile>),
    /// A group could not be taken back. Nothing is written before that has succeeded.
    stuck: bool,
    syncs: u64,
}

/// Finds the end of the journal, cuts a torn tail and opens the writer.
///
/// `from` is a record boundary behind which everything is already known to be sane, if the index knows one.
pub(in super::super) fn open_tail(
    journal: &Arc<Journal>,
    from: Option<Position>,
    file_bytes_max: u64,
) -> Result<(JournalWriter, Tail), StoreError> {
    let (number, bytes) = journal.files()?.last().copied().unwrap_or((1, 0));
    let path = file_path(&journal.dir, number);
    let file = journal.disk.open(&path, OpenMode::Write).map_err(During::Open.error())?;
    let start = from.filter(|from| from.file == number && from.offset <= bytes).map_or(0, |from| from.offset);
    let mut scanner = Scanner::new(Arc::clone(&file), Arc::clone(&journal.keys), number, start, bytes);
    let at = |offset| Position { file: number, offset };
    let mut tail = Tail { end: at(start), cut: None, damage: Vec::new() };
    while let Some(found) = scanner.step().map_err(During::Open.error())? {
        match found {
            Found::Record { next, .. } => tail.end = at(next),
            Found::Damaged { from, to } => tail.damage.push(Damage { from: at(from), to: at(to) }),
        }
    }
    let torn = tail.damage.last().copied().filter(|damage| damage.to == at(bytes));
    if let Some(torn) = torn {
        if bytes - torn.from.offset <= TORN_BYTES_MAX {
            file.set_len(torn.from.offset).map_err(During::Open.error())?;
            file.sync_data().map_err(During::Open.error())?;
            tail.damage.pop();
            tail.cut = Some(torn);
            tail.end = torn.from;
        } else {
            tail.end = at(bytes);
        }
    }
    // The file may have been created just now, or by a run that died before it flushed the name.
    journal.disk.sync_dir(&journal.dir).map_err(During::Open.error())?;
    journal.set_end(tail.end);
    let writer = JournalWriter {
        journal: Arc::clone(journal),
        file_bytes_max,
        number,
        bytes: tail.end.offset,
        committed: (tail.end, Arc::clone(&file)),
        file,
        stuck: false,
        syncs: 0,
    };
    Ok((writer, tail))
}

impl JournalWriter {
    /// Writes records behind each other; returns where each begins and ends. Not durable, not readable yet.
    pub(in super::super) fn write(&mut self, records: &[&Record]) -> Result<Vec<Place>, StoreError> {
        if self.stuck {
            self.roll_back()?;
        }
        let mut places = Vec::with_capacity(records.len());
        let mut buffer = Vec::new();
        for record in records {
            if record.body.len() > RECORD_BYTES_MAX {
                return Err(StoreError::TooLarge);
            }
            let offset = self.bytes + buffer.len() as u64;
            // A file always takes its first record, however long.
            if offset > 0 && offset + record.body.len() as u64 > self.file_bytes_max {
                self.put(&buffer)?;
                buffer.clear();
                self.roll().map_err(During::Journal.error())?;
            }
            let here = |buffer: &Vec<u8>| Position { file: self.number, offset: self.bytes + buffer.len() as u64 };
            let begin = here(&buffer);
            encode(&self.journal.keys.journal, begin, record, &mut buffer)?;
            places.push(Place { begin, end: here(&buffer) });
        }
        self.put(&buffer)?;
        Ok(places)
    }

    fn put(&mut self, buffer: &[u8]) -> Result<(), StoreError> {
        self.file.write_at(buffer, self.bytes).map_err(During::Journal.error())?;
        self.bytes += buffer.len() as u64;
        Ok(())
    }

    /// Closes the present file and begins the next. A closed file is flushed, so only the last can be torn.
    fn roll(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        self.syncs += 1;
        let number = self.number + 1;
        // A number may have been tried and taken back: no reader may keep the handle of the removed file.
        self.journal.forget_handle(number);
        // Before the open: if that fails half-way, the way back must know the name to remove.
        self.number = number;
        self.bytes = 0;
        self.file = self.journal.disk.open(&file_path(&self.journal.dir, number), OpenMode::Truncate)?;
        self.journal.disk.sync_dir(&self.journal.dir)
    }

    /// The file whose `sync_data` makes the group durable; `None` when nothing was written.
    pub(in super::super) fn unsynced(&self) -> Option<Arc<dyn DiskFile>> {
        (self.end() != self.committed.0).then(|| Arc::clone(&self.file))
    }

    /// After the flush: the group counts and may be read. Returns flushes made while rolling.
    pub(in super::super) fn commit(&mut self) -> u64 {
        let end = self.end();
        self.committed = (end, Arc::clone(&self.file));
        self.journal.set_end(end);
        std::mem::take(&mut self.syncs)
    }

    /// Takes back everything since the last commit. Until that succeeds every write fails.
    pub(in super::super) fn roll_back(&mut self) -> Result<(), StoreError> {
        let (end, file) = (self.committed.0, Arc::clone(&self.committed.1));
        self.stuck = true;
        let undo = || -> io::Result<()> {
            for number in end.file + 1..=self.number {
                self.journal.disk.remove(&file_path(&self.journal.dir, number))?;
            }
            if self.number != end.file {
                self.journal.disk.sync_dir(&self.journal.dir)?;
            }
            file.set_len(end.offset)?;
            // Without this flush a power cut could bring back records whose append was refused.
            file.sync_data()
        };
        undo().map_err(|error| StoreError::Io { during: During::Journal, kind: error.kind() })?;
        self.file = file;
        self.number = end.file;
        self.bytes = end.offset;
        self.stuck = false;
        Ok(())
    }

    pub(in super::super) fn end(&self) -> Position {
        Position { file: self.number, offset: self.bytes }
    }
}
