//! Opening a store: whose it is, where the journal ends, whether the index can be believed.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;

use super::blobs::Blobs;
use super::counters::Counters;
use super::disk::{DirLock, Disk};
use super::error::{Damaged, During, StoreError};
use super::ids::{Fields, Position};
use super::index::{Held, Index, IndexReport, WhySetAside};
use super::journal::{self, Damage, FILE_BYTES_MAX, Journal, JournalWriter, Tail};
use super::keys::{ServingKeys, StoreKeys};
use super::small_file;
use super::writer::{QUEUE_BATCHES, Writer};
use super::{Shared, Store};

/// The layout of the directory that this program writes.
pub(super) const LAYOUT: u32 = 1;
const MARKER: &str = "store.bin";
const LOCK: &str = "store.lock";

/// What opening found.
#[derive(Clone, Debug)]
pub struct OpenReport {
    /// The directory held no store: an empty one was made.
    pub created: bool,
    /// The marker file was missing or damaged and was written anew; the journal key was proved by a record.
    pub marker_repaired: bool,
    /// The state of the index.
    pub index: IndexReport,
    /// Where to replay the journal from: everything before it is indexed.
    pub replay_from: Position,
    /// The end of the journal.
    pub journal_end: Position,
    /// A torn tail that was cut off.
    pub cut: Option<Lost>,
    /// Damage in the part of the journal that was looked at, which is the last file from `replay_from` on.
    /// A replay reports damage in the rest.
    pub damage: Vec<Lost>,
    /// Stretches of blob files that were looked at and hold nothing sane.
    pub damaged_blob_stretches: u64,
    /// Blobs found in the files that the index did not know.
    pub blobs_found: u64,
}

/// Journal bytes that are lost, and what the index says was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Where.
    pub damage: Damage,
    /// Packets to fetch again. Empty when the index did not know them either.
    pub held: Vec<Held>,
}

/// What tests make smaller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) journal_file_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { journal_file_bytes: FILE_BYTES_MAX }
    }
}

struct Marker {
    id: [u8; 16],
    created: bool,
    repaired: bool,
}

impl Store {
    /// Opens the store in `dir`, or creates it. Blocks: seconds when an index must be judged and blobs rescanned.
    ///
    /// A torn tail of the journal is cut; a bad index is set aside and an empty one begun. The caller then
    /// replays the journal from [`OpenReport::replay_from`] and puts back what belongs in the index.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::WrongKey`] and [`StoreError::NewerLayout`] without touching
    /// anything; errors of the disk.
    pub fn open(dir: &Path, keys: StoreKeys, disk: Arc<dyn Disk>) -> Result<(Self, OpenReport), StoreError> {
        Self::open_with(dir, &keys, disk, Options::default())
    }

    pub(super) fn open_with(
        dir: &Path,
        store_keys: &StoreKeys,
        disk: Arc<dyn Disk>,
        options: Options,
    ) -> Result<(Self, OpenReport), StoreError> {
        let lock = enter(dir, &*disk)?;
        let keys = Arc::new(ServingKeys::new(&store_keys.journal));
        let journal = Arc::new(Journal::new(Arc::clone(&disk), dir.join("journal"), Arc::clone(&keys)));
        let marker = read_marker(&*disk, dir, &keys, &journal)?;
        let content = store_keys.content.as_ref();
        let (index, report) = Index::open(dir.join("index"), marker.id, Arc::clone(&keys), content)?;
        let index = Arc::new(index);
        let (writer, mut report) = settle_journal(&index, report, &journal, options)?;
        report.created = marker.created;
        report.marker_repaired = marker.repaired;

        let blobs = Arc::new(Blobs::new(Arc::clone(&disk), dir.join("blobs"), Arc::clone(&keys), Arc::clone(&index)));
        let clean = index.take_clean()?;
        let rescan = blobs.rescan(!clean)?;
        report.damaged_blob_stretches = rescan.damaged;
        report.blobs_found = rescan.found;

        let counters = Arc::new(Counters::default());
        let (queue, jobs) = mpsc::channel(QUEUE_BATCHES);
        let writer = Writer::new(writer, Arc::clone(&blobs), Arc::clone(&counters), jobs);
        let thread = thread::Builder::new().name("artel-store".into()).spawn(|| writer.run());
        let thread = thread.map_err(During::Open.error())?;
        let shared = Shared {
            dir: dir.to_owned(),
            disk,
            keys,
            journal,
            index,
            blobs,
            counters,
            queue: Some(queue),
            thread: Mutex::new(Some(thread)),
            _lock: lock,
        };
        Ok((Self(Arc::new(shared)), report))
    }
}

fn enter(dir: &Path, disk: &dyn Disk) -> Result<Box<dyn DirLock>, StoreError> {
    let fail = During::Open.error();
    for part in [dir.to_owned(), dir.join("journal"), dir.join("blobs")] {
        disk.create_dir_all(&part).map_err(&fail)?;
    }
    let lock = disk.lock(&dir.join(LOCK)).map_err(&fail)?.ok_or(StoreError::InUse)?;
    disk.sync_dir(dir).map_err(&fail)?;
    Ok(lock)
}

fn read_marker(disk: &dyn Disk, dir: &Path, keys: &ServingKeys, journal: &Journal) -> Result<Marker, StoreError> {
    let present = match small_file::read(disk, &keys.small, dir, MARKER) {
        Ok(present) => present,
        Err(StoreError::Damaged(_)) => {
            // Damage or another key: a record of the journal tells. Without one nothing is at stake but a
            // wrong key must not take over the directory.
            if journal.key_fits()? != Some(true) {
                return Err(StoreError::WrongKey);
            }
            return write_marker(disk, dir, keys, true);
        }
        Err(error) => return Err(error),
    };
    let Some(bytes) = present else {
        return match journal.key_fits()? {
            Some(false) => Err(StoreError::WrongKey),
            Some(true) => write_marker(disk, dir, keys, true),
            None => write_marker(disk, dir, keys, false),
        };
    };
    let mut fields = Fields(&bytes);
    let layout = fields.u32().ok_or(StoreError::Damaged(Damaged::SmallFile))?;
    if layout > LAYOUT {
        return Err(StoreError::NewerLayout { found: layout, known: LAYOUT });
    }
    let id = fields.array().ok_or(StoreError::Damaged(Damaged::SmallFile))?;
    Ok(Marker { id, created: false, repaired: false })
}

fn write_marker(disk: &dyn Disk, dir: &Path, keys: &ServingKeys, repaired: bool) -> Result<Marker, StoreError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| During::Random.kind(std::io::ErrorKind::Other))?;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs());
    let mut bytes = LAYOUT.to_be_bytes().to_vec();
    bytes.extend_from_slice(&id);
    bytes.extend_from_slice(&seconds.to_be_bytes());
    small_file::write(disk, &keys.small, dir, MARKER, &bytes)?;
    Ok(Marker { id, created: !repaired, repaired })
}

/// Finds the end of the journal and decides whether the index belongs to it.
fn settle_journal(
    index: &Index,
    mut state: IndexReport,
    journal: &Arc<Journal>,
    options: Options,
) -> Result<(JournalWriter, OpenReport), StoreError> {
    let mark = index.applied()?;
    let from = mark.map(|mark| mark.position);
    let (writer, tail) = journal::open_tail(journal, from, options.journal_file_bytes)?;
    let losses = match losses(index, &tail) {
        Ok(losses) => losses,
        Err(StoreError::Damaged(Damaged::Index)) => {
            state = index.set_aside(WhySetAside::Engine)?;
            let bare = |damage| Lost { damage, held: Vec::new() };
            (tail.cut.map(bare), tail.damage.iter().copied().map(bare).collect())
        }
        Err(error) => return Err(error),
    };
    if let Some(mark) = mark
        && !Index::mark_fits(mark, tail.end, journal.check_before(mark.position)?)
    {
        state = index.set_aside(WhySetAside::AheadOfJournal)?;
    }
    let replay_from = index.applied()?.map_or(Position::START, |mark| mark.position);
    let (cut, damage) = losses;
    let report = OpenReport {
        created: false,
        marker_repaired: false,
        index: state,
        replay_from,
        journal_end: tail.end,
        cut,
        damage,
        damaged_blob_stretches: 0,
        blobs_found: 0,
    };
    Ok((writer, report))
}

fn losses(index: &Index, tail: &Tail) -> Result<(Option<Lost>, Vec<Lost>), StoreError> {
    let lost = |damage: Damage| -> Result<Lost, StoreError> {
        Ok(Lost { damage, held: index.held_between(damage.from, damage.to)? })
    };
    let cut = tail.cut.map(lost).transpose()?;
    let damage = tail.damage.iter().copied().map(lost).collect::<Result<_, _>>()?;
    Ok((cut, damage))
}
