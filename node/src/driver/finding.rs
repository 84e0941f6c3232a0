//! Finding messages: what goes into the full-text index, and answering a search with its operators.

use std::collections::{BTreeMap, BTreeSet};

use artel_crdt::id::{BlobHash, DeviceId, EntryId, PersonId, SpaceId};
use artel_crdt::replica::{SpaceInfo, SpaceKind};
use artel_crdt::timeline::{Placed, Row, What};
use time::{OffsetDateTime, UtcOffset};
use tokio::sync::mpsc;

use crate::client::{self, Error, ErrorKind, Message, Reply};
use crate::search::filter::{self, Filter, Has, Is, Name};
use crate::search::{self, LastWord, Mark, Only, Search, Verdict};
use crate::store::{EntryKey, SpaceKey};

use super::Driver;
use super::directory::Directory;
use super::indexer::{Find, Findable};
use super::reading::{Reader, all_records};

/// Messages that one search looks at beyond the index; what is older than so many is not found by it.
const CANDIDATES_MAX: usize = 200_000;

/// Names told where one fits several.
const TOLD_MAX: usize = 4;

/// What a search needs besides the index.
struct Hunt {
    readers: BTreeMap<SpaceId, Reader>,
    filter: Filter,
    /// What this person keeps, if it is asked for.
    saved: Option<BTreeSet<EntryId>>,
    left: usize,
    found: Vec<Message>,
}

impl Driver {
    /// Answers a search, in one place or everywhere.
    pub(crate) fn search(
        &mut self,
        query: &str,
        limit: u32,
        within: Option<SpaceId>,
        to: &mpsc::Sender<client::Result<Reply>>,
    ) -> client::Result<()> {
        let search = self.search.clone().ok_or_else(|| Error::new(ErrorKind::StoreDamaged, "search is off"))?;
        let asked = filter::parse(query, self.today()).map_err(|it| Error::new(ErrorKind::Usage, it.typed))?;
        let filter = asked.filter;
        let devices = self.directory.devices_asked(&filter)?;
        let spaces = self.spaces_asked(&filter, within)?;
        let mut hunt = Hunt {
            readers: BTreeMap::new(),
            saved: filter.is.contains(&Is::Saved).then(|| self.replica.saved().into_iter().collect()),
            filter,
            left: CANDIDATES_MAX,
            found: Vec::new(),
        };
        for space in self.directory.spaces.values().filter(|it| it.kind.has_timeline()) {
            if spaces.as_ref().is_none_or(|it| it.contains(&space.id.0)) {
                hunt.readers.insert(space.id, self.reader(&space.id)?);
            }
        }
        self.beside(to, move || {
            let nowhere = spaces.as_ref().is_some_and(Vec::is_empty);
            let (since_ms, before_ms) = hunt.filter.moments(zone);
            let marks = hunt.filter.marks();
            let request = search::Request {
                text: &asked.words,
                // In one place one looks while one types.
                last_word: if within.is_some() { LastWord::Beginning } else { LastWord::Whole },
                spaces: spaces.as_deref().unwrap_or_default(),
                only: Only {
                    devices: devices.as_deref(),
                    marks: &marks,
                    since_ms,
                    before_ms,
                    wordless: !hunt.filter.is_empty() && asked.words.trim().is_empty(),
                },
                limit: if nowhere { 0 } else { limit as usize },
            };
            let found = search.search_where(&request, &mut |hit| hunt.judge(hit));
            found.map_err(|it| Error::new(ErrorKind::StoreDamaged, it.to_string()))?;
            Ok(Reply::Messages(hunt.found))
        });
        Ok(())
    }

    fn today(&self) -> time::Date {
        let now = i64::try_from(self.now().0 / 1_000).unwrap_or_default();
        let now = OffsetDateTime::from_unix_timestamp(now).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        now.to_offset(zone(now)).date()
    }

    /// Where is looked; everywhere if absent.
    fn spaces_asked(&self, filter: &Filter, within: Option<SpaceId>) -> client::Result<Option<Vec<search::SpaceId>>> {
        let mut asked = BTreeSet::new();
        for place in &filter.places {
            asked.extend(self.directory.places_called(place)?);
        }
        Ok(match within {
            None if filter.places.is_empty() => None,
            None => Some(asked.into_iter().map(|it| it.0).collect()),
            Some(space) if filter.places.is_empty() || asked.contains(&space) => Some(vec![space.0]),
            Some(_) => Some(Vec::new()),
        })
    }

    /// What a record does to the index.
    pub(crate) fn searchable(&self, placed: &Placed, blobs: &BTreeMap<BlobHash, Vec<u8>>) -> Option<Find> {
        let record = placed.record.as_ref().ok()?;
        if record.what == What::Retract {
            return record.target.map(Find::Remove);
        }
        let sealed = placed.text().and_then(|it| blobs.get(&it.hash).cloned().or_else(|| self.blob(&it.hash)));
        let text = sealed.and_then(|it| self.replica.open_text(&placed.space, &placed.epoch, &it));
        let text = self.words_of(placed, text, blobs)?;
        match (&record.what, record.target) {
            (What::Message, _) => Some(Find::Add(findable(placed, text))),
            (What::Edit, Some(id)) => {
                // It stays where and when it was said.
                let stored = self.store.record_by_id(EntryKey(id.0)).ok().flatten();
                let base = stored.and_then(|(_, row)| Placed::decode(&row.value).ok());
                Some(Find::Replace(Findable { id, ..findable(base.as_ref().unwrap_or(placed), text) }))
            }
            _ => None,
        }
    }

    /// Gives every stored message to the search index again, newest space by space.
    pub(crate) fn rebuild_search(&mut self) {
        let Some(search) = self.search.clone() else { return };
        search.begin_rebuild();
        for space in self.replica.spaces().into_iter().filter(|it| it.kind.has_timeline()) {
            let Ok(reader) = self.reader(&space.id) else { continue };
            for placed in all_records(&self.store, &space.id).iter().rev() {
                self.find_again(&search, &reader, placed);
            }
        }
        if let Err(error) = search.finish_rebuild() {
            tracing::warn!(%error, "the search index could not be rebuilt");
        }
    }

    /// As it was last edited; not at all if it was taken back.
    fn find_again(&self, search: &Search, reader: &Reader, placed: &Placed) {
        let row = reader.row(placed);
        if row.retracted_by.is_some() {
            return;
        }
        let text = row.text.as_ref().and_then(|it| {
            let sealed = self.blob(&it.blob.hash)?;
            self.replica.open_text(&placed.space, &it.epoch, &sealed)
        });
        if let Some(text) = self.words_of(placed, text, &BTreeMap::new()) {
            search.add(findable(placed, text).as_new()).ok();
        }
    }
}

/// The offset of local time at a moment.
fn zone(at: OffsetDateTime) -> UtcOffset {
    UtcOffset::local_offset_at(at).unwrap_or(UtcOffset::UTC)
}

fn findable(placed: &Placed, text: String) -> Findable {
    let record = placed.record.as_ref().ok();
    let lower = text.to_lowercase();
    let marks = [
        (record.is_some_and(|it| !it.files.is_empty()), Mark::File),
        (["http://", "https://", "www."].iter().any(|it| lower.contains(it)), Mark::Link),
        (record.is_some_and(|it| it.thread.is_some()), Mark::Reply),
    ];
    let marks = marks.into_iter().filter(|(on, _)| *on).map(|(_, it)| it).collect();
    let Placed { id, space, order, .. } = placed;
    Findable { id: *id, space: *space, ms: order.hlc.ms, text, device: order.device, marks }
}

impl Hunt {
    fn judge(&mut self, hit: &search::Hit) -> Verdict {
        let Some(left) = self.left.checked_sub(1) else { return Verdict::Enough };
        self.left = left;
        match self.message(&SpaceId(hit.space), &EntryId(hit.id)) {
            Some(message) => {
                self.found.push(message);
                Verdict::Take
            }
            None => Verdict::Pass,
        }
    }

    /// The message, if it counts and can be seen.
    fn message(&self, space: &SpaceId, id: &EntryId) -> Option<Message> {
        let reader = self.readers.get(space)?;
        if self.saved.as_ref().is_some_and(|it| !it.contains(id)) {
            return None;
        }
        // Nobody has done anything to most messages, which is seen without reading them.
        let notes = || reader.store.notes_of(SpaceKey(space.0), EntryKey(id.0)).unwrap_or_default();
        if self.filter.needs_notes() && notes().is_empty() {
            return None;
        }
        let base = reader.record(id)?;
        let row = reader.row(&base);
        if !row.is_visible() || !self.filter.fits(&row) {
            return None;
        }
        let message = reader.message(&base, &row);
        let pictured = message.files.iter().any(|it| it.media.starts_with("image/"));
        (pictured || !self.filter.has.contains(&Has::Picture)).then_some(message)
    }
}

impl Filter {
    /// What the index knows of it.
    fn marks(&self) -> Vec<Mark> {
        let file = self.has.contains(&Has::File) || self.has.contains(&Has::Picture);
        let all = [
            (file, Mark::File),
            (self.has.contains(&Has::Link), Mark::Link),
            (self.is.contains(&Is::Thread), Mark::Reply),
        ];
        all.into_iter().filter(|(on, _)| *on).map(|(_, it)| it).collect()
    }

    /// Whether only a message to which something was done can fit.
    fn needs_notes(&self) -> bool {
        self.has.contains(&Has::Reaction) || self.is.contains(&Is::Pinned) || self.is.contains(&Is::Edited)
    }

    fn fits(&self, row: &Row) -> bool {
        (!self.has.contains(&Has::Reaction) || row.reactions.values().any(|it| !it.is_empty()))
            && (!self.is.contains(&Is::Pinned) || row.pinned_by.is_some())
            && (!self.is.contains(&Is::Edited) || row.edited.is_some())
    }
}

impl Directory {
    /// The devices of those whom a filter asks for; absent if it asks for nobody.
    fn devices_asked(&self, filter: &Filter) -> client::Result<Option<Vec<search::DeviceId>>> {
        let mine = filter.is.contains(&Is::Mine);
        if filter.from.is_empty() && !mine {
            return Ok(None);
        }
        let mut persons = BTreeSet::new();
        for name in &filter.from {
            persons.insert(self.author_called(name)?);
        }
        if mine {
            persons = self.me.into_iter().filter(|it| filter.from.is_empty() || persons.contains(it)).collect();
        }
        let devices = self.person_of.iter().filter(|(_, person)| persons.contains(person));
        Ok(Some(devices.map(|(DeviceId(key), _)| *key).collect()))
    }

    /// The person of this address or name; of this beginning of a name if nobody is called so. Also people who have left.
    fn author_called(&self, asked: &Name) -> client::Result<PersonId> {
        let name = asked.name.trim_start_matches('@').to_lowercase();
        if let (Some(me), "me" | "меня" | "я") = (self.me, name.as_str()) {
            return Ok(me);
        }
        let all = || self.persons.iter().map(|(id, it)| (*id, it.name.to_lowercase(), it.email.to_lowercase()));
        let titled = |id: &PersonId| format!("{} <{}>", self.name(id), self.email(id));
        let exact: BTreeSet<PersonId> =
            all().filter(|(_, called, email)| *called == name || *email == name).map(|(id, ..)| id).collect();
        if !exact.is_empty() {
            return only(&exact, asked, titled);
        }
        let begins = |it: &str| it.starts_with(&name) || it.split_whitespace().any(|it| it.starts_with(&name));
        let begun = all().filter(|(_, called, email)| begins(called) || email.starts_with(&name));
        only(&begun.map(|(id, ..)| id).collect(), asked, titled)
    }

    /// The places of this name; of this beginning of a name if none is called so.
    fn places_called(&self, asked: &Name) -> client::Result<BTreeSet<SpaceId>> {
        let name = asked.name.trim_start_matches(['#', '@']).to_lowercase();
        let all = || self.spaces.values().filter(|it| it.kind.has_timeline());
        let exact: BTreeSet<SpaceId> = all().filter(|it| self.names_of(it).contains(&name)).map(|it| it.id).collect();
        if !exact.is_empty() {
            return Ok(exact);
        }
        let begins = |it: &&SpaceInfo| self.names_of(it).iter().any(|it| it.starts_with(&name));
        let begun = all().filter(begins).map(|it| it.id).collect();
        let titled = |id: &SpaceId| self.spaces.get(id).map_or_else(String::new, |it| self.title(it));
        Ok([only(&begun, asked, titled)?].into())
    }

    /// What a place may be called, in lower case.
    fn names_of(&self, space: &SpaceInfo) -> Vec<String> {
        let mut names = vec![self.title(space).trim_start_matches('@').to_owned(), space.id.to_string()];
        names.extend(space.name.clone());
        let team = space.team.and_then(|it| self.teams.get(&it));
        names.extend(team.zip(space.name.as_ref()).map(|((team, _), name)| format!("{team}/{name}")));
        if space.kind == SpaceKind::Direct {
            let other = space.members.iter().find(|it| Some(**it) != self.me).copied().or(self.me);
            names.extend(other.map(|it| self.name(&it)));
        }
        names.iter().map(|it| it.to_lowercase()).collect()
    }
}

/// The only one, or what is wrong with the name.
fn only<T: Copy>(found: &BTreeSet<T>, asked: &Name, titled: impl Fn(&T) -> String) -> client::Result<T> {
    let mut all = found.iter();
    match (all.next(), all.next()) {
        (Some(one), None) => Ok(*one),
        (None, _) => Err(Error::new(ErrorKind::NotFound, asked.typed.clone())),
        (Some(_), Some(_)) => {
            let mut told: Vec<String> = found.iter().map(titled).collect();
            told.sort();
            told.truncate(TOLD_MAX);
            let rest = if TOLD_MAX < found.len() { ", …" } else { "" };
            Err(Error::new(ErrorKind::Ambiguous, format!("{} — {}{rest}", asked.typed, told.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests;
