//! Opening the index, judging it, and setting it aside.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use super::super::error::{During, StoreError};
use super::super::keys::{Key, Sealer, ServingKeys};
use super::accounts::Accounts;
use super::engine::{Direction, Engine, EngineError};
use super::sled_engine::SledEngine;
use super::tables::{self, Table};
use super::{DAMAGED, Index, Live, Mark};

/// Why an index was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhySetAside {
    /// The engine failed, or broke down, while opening or reading its files.
    Engine,
    /// It belongs to another store, or is empty where it should not be.
    Foreign,
    /// Its accounts do not agree: pages were lost.
    Accounts,
    /// It says that more of the journal is indexed than there is, or another journal.
    AheadOfJournal,
    /// The caller asked for it.
    Asked,
}

/// The state of the index after opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexReport {
    /// Good. Replay the journal from `OpenReport::replay_from`.
    Ready,
    /// There was none. Replay the whole journal.
    Created,
    /// The old one was set aside and a new one created. Replay the whole journal.
    SetAside {
        /// What was wrong with it.
        why: WhySetAside,
        /// Where it lies now; the next one set aside replaces it.
        to: PathBuf,
    },
}

const ID: &[u8] = b"id";
const CLEAN: &[u8] = b"clean";

impl Index {
    /// Opens `dir`, or creates it. A bad one is set aside; only errors of the disk are returned.
    pub(in super::super) fn open(
        dir: PathBuf,
        store_id: [u8; 16],
        keys: Arc<ServingKeys>,
        content: Option<&Key>,
    ) -> Result<(Self, IndexReport), StoreError> {
        let content = RwLock::new(content.map(Sealer::new));
        let index = Self { dir, store_id, keys, content, live: RwLock::new(None) };
        let report = index.reopen()?;
        Ok((index, report))
    }

    /// Closes the engine and opens it again: after a full disk, which it does not survive.
    pub(in super::super) fn reopen(&self) -> Result<IndexReport, StoreError> {
        let mut live = self.live.write().unwrap_or_else(PoisonError::into_inner);
        *live = None;
        let existed = self.dir.exists();
        let why = match SledEngine::open(&self.dir) {
            Ok(engine) => match self.judge(Box::new(engine), existed)? {
                Ok(judged) => {
                    *live = Some(judged);
                    return Ok(if existed { IndexReport::Ready } else { IndexReport::Created });
                }
                Err(why) => why,
            },
            Err(EngineError::Damaged) => WhySetAside::Engine,
            Err(error) => return Err(error.into()),
        };
        let (fresh, report) = self.replace(why)?;
        *live = Some(fresh);
        Ok(report)
    }

    /// Sets the index aside, whatever its state, and begins an empty one.
    pub(in super::super) fn set_aside(&self, why: WhySetAside) -> Result<IndexReport, StoreError> {
        let mut live = self.live.write().unwrap_or_else(PoisonError::into_inner);
        *live = None;
        let (fresh, report) = self.replace(why)?;
        *live = Some(fresh);
        Ok(report)
    }

    fn replace(&self, why: WhySetAside) -> Result<(Live, IndexReport), StoreError> {
        let to = move_aside(&self.dir).map_err(During::Index.error())?;
        tracing::warn!(?why, "index set aside");
        let engine = SledEngine::open(&self.dir)?;
        let live = self.judge(Box::new(engine), false)?.map_err(|_why| DAMAGED)?;
        Ok((live, IndexReport::SetAside { why, to }))
    }

    /// Reads id and accounts. The inner error says why the index cannot be used.
    fn judge(&self, engine: Box<dyn Engine>, existed: bool) -> Result<Result<Live, WhySetAside>, StoreError> {
        let id_key = tables::meta(ID, &[]);
        if !existed {
            let id = self.keys.serving.seal(&Table::Meta.aad(&id_key), &self.store_id)?;
            engine.apply([(id_key, Some(id))].into())?;
            return Ok(Ok(Live { engine, accounts: Mutex::default() }));
        }
        let read = || -> Result<Result<Accounts, WhySetAside>, EngineError> {
            let open = |key: &[u8], sealed: &[u8]| self.keys.serving.unseal(&Table::Meta.aad(key), sealed);
            let id = engine.get(&id_key)?.and_then(|sealed| open(&id_key, &sealed));
            if id.as_deref() != Some(self.store_id.as_slice()) {
                return Ok(Err(WhySetAside::Foreign));
            }
            let mut sums = Vec::new();
            let mut opened = true;
            engine.scan(tables::prefix(&Accounts::sums_prefix()), Direction::Ascending, &mut |key, sealed| {
                let plain = open(key, sealed);
                opened = plain.is_some();
                sums.push((key.to_vec(), plain.unwrap_or_default()));
                opened
            })?;
            let key = Accounts::applied_key();
            let sealed = engine.get(&key)?;
            let applied = sealed.as_ref().and_then(|sealed| open(&key, sealed));
            if !opened || applied.is_some() != sealed.is_some() {
                return Ok(Err(WhySetAside::Accounts));
            }
            Ok(Accounts::load(applied.as_deref(), &sums).ok_or(WhySetAside::Accounts))
        };
        match read() {
            Ok(Ok(accounts)) => Ok(Ok(Live { engine, accounts: Mutex::new(accounts) })),
            Ok(Err(why)) => Ok(Err(why)),
            Err(EngineError::Damaged) => Ok(Err(WhySetAside::Engine)),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the last run closed the index, and forgets it: from now on the answer is no.
    pub(in super::super) fn take_clean(&self) -> Result<bool, StoreError> {
        let key = tables::meta(CLEAN, &[]);
        let clean = self.get(&key)?.is_some();
        if clean {
            self.write(vec![(key, None)], None)?;
            self.flush()?;
        }
        Ok(clean)
    }

    /// Marks the index as closed in order and hands it to the operating system.
    pub(in super::super) fn close_clean(&self) -> Result<(), StoreError> {
        self.write(vec![(tables::meta(CLEAN, &[]), Some(Vec::new()))], None)?;
        self.flush()
    }

    /// Whether `mark` is a mark of this journal, given what the journal has in that place.
    pub(in super::super) fn mark_fits(mark: Mark, end: super::Position, check: Option<[u8; 4]>) -> bool {
        mark.position <= end && check == Some(mark.check)
    }
}

/// Renames the directory to `<name>.bad-<unix seconds>` and removes the one set aside before.
fn move_aside(dir: &Path) -> io::Result<PathBuf> {
    let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or("index");
    let parent = dir.parent().unwrap_or(Path::new("."));
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs());
    let bad = format!("{name}.bad-");
    for entry in fs::read_dir(parent)? {
        let path = entry?.path();
        let old = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&bad));
        if old {
            fs::remove_dir_all(path)?;
        }
    }
    let to = parent.join(format!("{bad}{seconds}"));
    fs::rename(dir, &to)?;
    Ok(to)
}
