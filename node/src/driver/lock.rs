//! Screen lock: rows, keys of epochs, names and search leave memory; entries are still stored, sealed as they are, and
//! served to colleagues. The password brings everything back by reading the home again.

use std::sync::Arc;

use artel_crdt::replica::{Input, Replica};
use tokio::sync::mpsc;

use crate::client::{self, Error, ErrorKind, Reply};
use crate::home::{Home, Layout, Past};
use crate::store::{Key, Position};
use crate::vault::{Cost, Credentials, Purpose};

use super::directory::Directory;
use super::open::{home_error, identity, open_search, vault_error};
use super::{Driver, answer};

type Answer = mpsc::Sender<client::Result<Reply>>;

impl Driver {
    /// Locks. What is being written is finished first.
    pub(crate) fn lock(&mut self, to: &Answer) {
        if !self.locked {
            self.save_snapshot();
            self.stop_transfers();
            self.indexer.set_search(None);
            if let Some(search) = self.search.take().and_then(Arc::into_inner)
                && let Err(error) = search.close()
            {
                tracing::warn!(%error, "search was not closed in order");
            }
            self.locked_at = Some(self.store.journal_end());
            self.locked = true;
            self.replica.lock();
            self.store.set_content_key(None);
            self.vault = None;
            self.tails.clear();
            self.topics.forget();
            self.directory = Arc::new(Directory::default());
        }
        answer(to, Ok(Reply::Done));
    }

    /// Unlocks. The loop stands still while the password is hashed and the home is read.
    pub(crate) fn unlock(&mut self, credentials: &Credentials, to: &Answer) -> client::Result<()> {
        let layout = self.home.as_ref().map(|it| it.layout().clone()).ok_or_else(|| Error::from(ErrorKind::NoHome))?;
        let vault = credentials.open(&layout.vault()).map_err(|it| vault_error(&it))?;
        if self.locked {
            self.store.set_content_key(Some(&Key::new(*vault.subkey(Purpose::Index).expose())));
            let (search, rebuild) = self.home.as_ref().map_or((None, false), |home| open_search(home, &vault));
            self.indexer.set_search(search.clone());
            self.search = search;
            self.replica = Replica::new(self.org(), identity(&vault)?);
            self.vault = Some(Arc::new(vault));
            self.locked = false;
            let from = self.locked_at.take().map_or((0, 0), |it| (it.file, it.offset));
            self.replay_home(Position::START, from, false)?;
            if rebuild {
                self.rebuild_search();
            }
            for peer in self.links.keys().copied().collect::<Vec<_>>() {
                self.drive(Input::PeerUp(peer));
            }
        }
        answer(to, Ok(Reply::Done));
        Ok(())
    }
}

/// Other credentials for a home that nobody has open. The home is left as clean or unclean as it was.
pub(crate) fn change_password(layout: Layout, old: &Credentials, new: &Credentials) -> client::Result<()> {
    if layout.probe().map_err(|it| home_error(&it))?.is_none() {
        return Err(Error::new(ErrorKind::NoHome, layout.root().display().to_string()));
    }
    let path = layout.vault();
    let home = Home::open(layout).map_err(|it| home_error(&it))?;
    let changed = old.open(&path).and_then(|mut vault| new.replace(old, &mut vault, Cost::from_env()));
    if home.past() == Past::Clean {
        home.close().map_err(|it| home_error(&it))?;
    }
    changed.map_err(|it| vault_error(&it))
}
