//! A disk in memory that fails on purpose: the feature `fault`, for tests of the store and of what uses it.
//!
//! It forgets at a crash what was not flushed, tears the last write, runs full, and counts flushes. Everything
//! random comes from the seed, so a failing test can be repeated.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::disk::{DirLock, Disk, DiskFile, Listed, OpenMode};

/// A disk writes whole sectors; a torn write ends at one.
const SECTOR_BYTES: usize = 512;

#[derive(Clone, Debug)]
enum Change {
    Write { offset: u64, bytes: Vec<u8> },
    SetLen(u64),
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// As the running program sees it.
    now: Vec<u8>,
    /// As the last flush left it.
    flushed: Vec<u8>,
    /// What happened since.
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum NameChange {
    Set(PathBuf, u64),
    Remove(PathBuf),
}

#[derive(Debug, Default)]
struct State {
    nodes: BTreeMap<u64, Node>,
    next_node: u64,
    names: BTreeMap<PathBuf, u64>,
    flushed_names: BTreeMap<PathBuf, u64>,
    pending_names: Vec<NameChange>,
    dirs: BTreeSet<PathBuf>,
    room: Option<u64>,
    failing_syncs: u64,
    sync_pause: Duration,
    syncs: u64,
    /// Raised by a crash: handles from before it no longer reach the disk.
    life: u64,
    random: u64,
}

/// The failing disk. Clones are the same disk.
#[derive(Clone, Debug)]
pub struct FaultDisk {
    shared: Arc<Mutex<State>>,
    /// `None` for the hand of the test, which outlives every crash.
    life: Option<u64>,
}

#[derive(Debug)]
struct FaultFile {
    disk: FaultDisk,
    node: u64,
    life: u64,
}

#[derive(Debug)]
struct NoLock;

impl DirLock for NoLock {}

impl FaultDisk {
    /// An empty disk.
    pub fn new(seed: u64) -> Self {
        let state = State { random: seed.wrapping_mul(2).wrapping_add(1), ..State::default() };
        Self { shared: Arc::new(Mutex::new(state)), life: None }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The disk as a program sees it until the next [`FaultDisk::crash`]: give this to a store. Afterwards every
    /// call fails, as the threads of a program that lost its power cannot go on to rename or flush.
    pub fn until_crash(&self) -> Self {
        let life = Some(self.state().life);
        Self { shared: Arc::clone(&self.shared), life }
    }

    fn alive(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.state();
        match self.life {
            Some(life) if life != state.life => Err(io::ErrorKind::NotConnected.into()),
            _ => Ok(state),
        }
    }

    /// Lets at most `bytes` more be written (growth of files), or any number with `None`.
    pub fn set_room(&self, bytes: Option<u64>) {
        self.state().room = bytes;
    }

    /// Makes the next flushes fail, as many as given.
    pub fn fail_syncs(&self, count: u64) {
        self.state().failing_syncs = count;
    }

    /// Makes every flush of a file take this long, as a real disk does.
    pub fn set_sync_pause(&self, pause: Duration) {
        self.state().sync_pause = pause;
    }

    /// Another disk with the same content, in which `from` is called `to`.
    pub fn fork_to(&self, seed: u64, from: &Path, to: &Path) -> Self {
        let moved = |path: &PathBuf| path.strip_prefix(from).map_or_else(|_| path.clone(), |rest| to.join(rest));
        let names = |names: &BTreeMap<PathBuf, u64>| names.iter().map(|(path, node)| (moved(path), *node)).collect();
        let fork = Self::new(seed);
        let (state, mut copy) = (self.state(), fork.state());
        copy.nodes.clone_from(&state.nodes);
        copy.next_node = state.next_node;
        copy.names = names(&state.names);
        copy.flushed_names = names(&state.flushed_names);
        copy.dirs = state.dirs.iter().map(moved).collect();
        let renamed = state.pending_names.iter().map(|change| match change {
            NameChange::Set(path, node) => NameChange::Set(moved(path), *node),
            NameChange::Remove(path) => NameChange::Remove(moved(path)),
        });
        copy.pending_names = renamed.collect();
        drop((state, copy));
        fork
    }

    /// Flushes of files and directories since the beginning.
    pub fn syncs(&self) -> u64 {
        self.state().syncs
    }

    /// Power off: what was not flushed survives in part, by chance. Open handles become useless.
    pub fn crash(&self) {
        let mut state = self.state();
        state.life += 1;
        let changed = state.pending_names.len() as u64;
        let keep = state.below(changed + 1) as usize;
        let changes: Vec<_> = state.pending_names.drain(..).take(keep).collect();
        for change in changes {
            apply_name(&mut state.flushed_names, change);
        }
        state.names = state.flushed_names.clone();
        let ids: Vec<u64> = state.nodes.keys().copied().collect();
        for id in ids {
            let Some(mut node) = state.nodes.remove(&id) else { continue };
            state.lose_unflushed(&mut node);
            state.nodes.insert(id, node);
        }
    }

    /// Flips one bit, flushed and unflushed alike. False when the file has no such byte.
    pub fn flip(&self, path: &Path, offset: usize, bit: u8) -> bool {
        let mut state = self.state();
        let Some(id) = state.names.get(path).copied() else { return false };
        let Some(node) = state.nodes.get_mut(&id) else { return false };
        let mut flipped = false;
        for bytes in [&mut node.now, &mut node.flushed] {
            if let Some(byte) = bytes.get_mut(offset) {
                *byte ^= 1 << (bit % 8);
                flipped = true;
            }
        }
        flipped
    }

    /// The present content of a file.
    pub fn content(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        let id = state.names.get(path)?;
        state.nodes.get(id).map(|node| node.now.clone())
    }

    /// Paths of all files.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.state().names.keys().cloned().collect()
    }
}

impl State {
    /// A number below `limit` (at least 1), by xorshift.
    fn below(&mut self, limit: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % limit.max(1)
    }

    fn count_sync(&mut self) -> io::Result<()> {
        self.syncs += 1;
        if self.failing_syncs > 0 {
            self.failing_syncs -= 1;
            return Err(io::ErrorKind::Other.into());
        }
        Ok(())
    }

    /// Each write since the flush arrived whole, in part, or not at all, in any combination.
    fn lose_unflushed(&mut self, node: &mut Node) {
        let mut bytes = node.flushed.clone();
        for change in std::mem::take(&mut node.pending) {
            let fate = self.below(4);
            match change {
                _ if fate == 0 => {}
                Change::SetLen(length) => bytes.resize(length as usize, 0),
                Change::Write { offset, bytes: written } => {
                    let sectors = written.len().div_ceil(SECTOR_BYTES) as u64;
                    let torn = if fate == 1 { self.below(sectors + 1) as usize * SECTOR_BYTES } else { usize::MAX };
                    // Half of the tears end within a sector.
                    let torn = if self.below(2) == 0 { torn } else { torn.saturating_sub(self.below(512) as usize) };
                    let written = if fate == 1 { written.get(..torn).unwrap_or(&written) } else { &written };
                    put(&mut bytes, offset, written);
                }
            }
        }
        node.now = bytes.clone();
        node.flushed = bytes;
    }
}

fn put(bytes: &mut Vec<u8>, offset: u64, written: &[u8]) {
    let (start, end) = (offset as usize, offset as usize + written.len());
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    if let Some(place) = bytes.get_mut(start..end) {
        place.copy_from_slice(written);
    }
}

fn apply_name(names: &mut BTreeMap<PathBuf, u64>, change: NameChange) {
    match change {
        NameChange::Set(path, node) => names.insert(path, node),
        NameChange::Remove(path) => names.remove(&path),
    };
}

impl Disk for FaultDisk {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut state = self.alive()?;
        state.dirs.extend(path.ancestors().map(Path::to_owned));
        Ok(())
    }

    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.alive()?;
        let node = match state.names.get(path).copied() {
            Some(node) => node,
            None if mode == OpenMode::Read => return Err(io::ErrorKind::NotFound.into()),
            None => {
                let node = state.next_node;
                state.next_node += 1;
                state.nodes.insert(node, Node::default());
                state.names.insert(path.to_owned(), node);
                state.pending_names.push(NameChange::Set(path.to_owned(), node));
                node
            }
        };
        let life = state.life;
        drop(state);
        let file = FaultFile { disk: self.clone(), node, life };
        if mode == OpenMode::Truncate {
            file.set_len(0)?;
        }
        Ok(Arc::new(file))
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Listed>> {
        let state = self.alive()?;
        let name = |found: &Path| found.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let mut listed = Vec::new();
        for (found, node) in state.names.iter().filter(|(found, _)| found.parent() == Some(path)) {
            let bytes = state.nodes.get(node).map_or(0, |node| node.now.len() as u64);
            listed.extend(name(found).map(|name| Listed { name, bytes, is_dir: false }));
        }
        for found in state.dirs.iter().filter(|found| found.parent() == Some(path)) {
            listed.extend(name(found).map(|name| Listed { name, bytes: 0, is_dir: true }));
        }
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(listed)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.alive()?;
        let node = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), node);
        // One change after the other, the target first: a crash may leave both names, never none.
        state.pending_names.push(NameChange::Set(to.to_owned(), node));
        state.pending_names.push(NameChange::Remove(from.to_owned()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.alive()?;
        if let Some(node) = state.names.remove(path) {
            let freed = state.nodes.get(&node).map_or(0, |node| node.now.len() as u64);
            state.room = state.room.map(|room| room + freed);
            state.pending_names.push(NameChange::Remove(path.to_owned()));
        }
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.alive()?;
        state.count_sync()?;
        for change in std::mem::take(&mut state.pending_names) {
            let (NameChange::Set(name, _) | NameChange::Remove(name)) = &change;
            if name.parent() == Some(path) {
                apply_name(&mut state.flushed_names, change);
            } else {
                state.pending_names.push(change);
            }
        }
        Ok(())
    }

    fn lock(&self, _path: &Path) -> io::Result<Option<Box<dyn DirLock>>> {
        Ok(Some(Box::new(NoLock)))
    }
}

impl FaultFile {
    /// The file, unless the power went off since it was opened.
    fn with<T>(&self, work: impl FnOnce(&mut State, &mut Node) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.disk.state();
        if state.life != self.life {
            return Err(io::ErrorKind::NotConnected.into());
        }
        let mut node = state.nodes.remove(&self.node).ok_or(io::ErrorKind::NotFound)?;
        let result = work(&mut state, &mut node);
        state.nodes.insert(self.node, node);
        result
    }
}

impl DiskFile for FaultFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.with(|_, node| {
            let rest = node.now.get(offset as usize..).unwrap_or_default();
            let count = rest.len().min(buffer.len());
            if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
                to.copy_from_slice(from);
            }
            Ok(count)
        })
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.with(|state, node| {
            let growth = (offset + bytes.len() as u64).saturating_sub(node.now.len() as u64);
            let short = state.room.map_or(0, |room| growth.saturating_sub(room));
            // A disk that runs full takes what still fits and then refuses.
            let fits = bytes.len().saturating_sub(short as usize);
            let taken = bytes.get(..fits).unwrap_or_default();
            put(&mut node.now, offset, taken);
            node.pending.push(Change::Write { offset, bytes: taken.to_vec() });
            state.room = state.room.map(|room| room.saturating_sub(growth));
            if short > 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        let pause = self.disk.state().sync_pause;
        if !pause.is_zero() {
            std::thread::sleep(pause);
        }
        self.with(|state, node| {
            state.count_sync()?;
            node.flushed = node.now.clone();
            node.pending.clear();
            Ok(())
        })
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        self.with(|state, node| {
            let freed = (node.now.len() as u64).saturating_sub(bytes);
            state.room = state.room.map(|room| room + freed);
            node.now.resize(bytes as usize, 0);
            node.pending.push(Change::SetLen(bytes));
            Ok(())
        })
    }

    fn bytes(&self) -> io::Result<u64> {
        self.with(|_, node| Ok(node.now.len() as u64))
    }
}
