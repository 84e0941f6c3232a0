//! Answering requests: reads go to a worker thread with a view taken here, writes become commands of the replica.

mod part;

use artel_crdt::id::{EntryId, SpaceId};
use artel_crdt::replica::{self, Command, Input, Refusal};
use artel_crdt::time::Timestamp;
use artel_crdt::timeline::{Order, Row, unread};
use tokio::sync::mpsc;

use crate::client::{self, Error, ErrorKind, Reply, Request, RowsOf, Sent};
use crate::node::Ask;
use crate::vault::Credentials;

use super::enrol::Approve;
use super::reading::{Reader, Stretch};
use super::resolve::Place;
use super::{Driver, Event, Job, answer};
use part::Part;

/// Requests taken in before the loop looks at the network again.
const BURST_MAX: usize = 128;
/// Text in a burst; a batch of the store, with a last text of full length, has room for far more.
const BURST_BYTES_MAX: usize = 1 << 20;

/// A request whose command the replica has not finished.
pub(crate) struct Waiting {
    pub(crate) answer: mpsc::Sender<client::Result<Reply>>,
    pub(crate) then: Then,
    /// Asked again, under the same answer, when the command is done.
    pub(crate) next: Option<Request>,
}

/// What is answered when a command is done.
pub(crate) enum Then {
    /// Nothing to tell.
    Done,
    /// The id of the entry.
    Sent,
    /// The channel that was created.
    Channel,
    /// An invitation, prepared before.
    Ready(Box<Reply>),
    /// An admission: the reception goes on.
    Admitted(super::enrol::Key),
    /// The id of the entry, and the end of a transfer.
    Files { transfer: u64, files: Vec<artel_crdt::timeline::FileInfo> },
    /// The next request goes on.
    Next,
}

impl Then {
    /// The answer, or none if another request goes on.
    pub(crate) fn reply(&self, driver: &mut Driver, reply: &replica::Reply) -> client::Result<Option<Reply>> {
        Ok(match (self, reply) {
            (Self::Next, _) => None,
            (Self::Sent | Self::Files { .. }, replica::Reply::Entry { id, space }) => {
                if let Self::Files { transfer, files } = self {
                    driver.files_posted(*transfer, files, id);
                }
                let members = driver.links.keys().filter(|it| driver.replica.shares(it, space)).count();
                Some(Reply::Sent(Sent {
                    id: id.to_string(),
                    channel: space.to_string(),
                    state: "queued".into(),
                    connected: u32::try_from(members).unwrap_or(u32::MAX),
                }))
            }
            (Self::Channel, replica::Reply::Space(space)) => {
                driver.refresh_directory();
                Some(driver.channel(space).map_or(Reply::Done, Reply::Channel))
            }
            (Self::Ready(reply), _) => Some((**reply).clone()),
            (Self::Admitted(key), replica::Reply::Admitted { device, .. }) => {
                driver.admitted_now(key, *device);
                Some(Reply::Done)
            }
            _ => Some(Reply::Done),
        })
    }
}

/// The error that a refusal of the replica is.
pub(crate) fn refusal(refusal: Refusal) -> Error {
    let kind = match refusal {
        Refusal::NotFound => ErrorKind::NotFound,
        Refusal::Denied(artel_crdt::authority::Denied::Taken) => ErrorKind::Ambiguous,
        Refusal::Denied(_) | Refusal::Roster(_) | Refusal::Contradicted => ErrorKind::NotPermitted,
        Refusal::ForeignDomain => ErrorKind::ForeignDomain,
        Refusal::TooLong => ErrorKind::BadText,
        Refusal::NoKey => ErrorKind::NoKey,
    };
    Error::new(kind, refusal.to_string())
}

/// Somebody who follows a history.
pub(crate) struct Tail {
    space: Option<SpaceId>,
    after: std::collections::BTreeMap<SpaceId, Order>,
    answer: mpsc::Sender<client::Result<Reply>>,
}

impl Driver {
    /// Takes a request in and those that wait behind it. Messages that are sent together are written together; anything
    /// else sees what was asked for before it done.
    pub(crate) fn ask_all(&mut self, first: Ask, queue: &mut mpsc::Receiver<Ask>) {
        let mut next = Some(first);
        let mut bytes = 0;
        for _ in 0..BURST_MAX {
            let Some(ask) = next.take().or_else(|| queue.try_recv().ok()) else { break };
            match &ask.request {
                Request::Send { text, .. } if bytes < BURST_BYTES_MAX => {
                    bytes += text.len();
                    self.begin_burst();
                }
                _ => {
                    bytes = 0;
                    self.end_burst();
                }
            }
            self.ask(ask);
        }
        self.end_burst();
    }

    /// Takes a request in.
    pub(crate) fn ask(&mut self, ask: Ask) {
        let Ask { request, answer: to } = ask;
        if let Err(error) = self.try_ask(request, &to) {
            answer(&to, Err(error));
        }
    }

    fn try_ask(&mut self, request: Request, to: &mpsc::Sender<client::Result<Reply>>) -> client::Result<()> {
        if self.locked && !matches!(request, Request::Ping | Request::Unlock { .. }) {
            return Err(ErrorKind::Locked.into());
        }
        let Some(request) = self.personal(request, to)? else { return Ok(()) };
        let part = Part::of(&request);
        if part.writes() && !self.has_room() {
            return Err(ErrorKind::StoreFull.into());
        }
        match part {
            Part::Write => self.write(request, to),
            Part::Administer => self.administer(request, to),
            Part::Keep => self.keep(request, to),
            Part::Kept => self.kept(request, to),
            Part::Files => self.file_request(request, to),
            Part::Here => self.answer_here(request, to),
        }
    }

    fn answer_here(&mut self, request: Request, to: &mpsc::Sender<client::Result<Reply>>) -> client::Result<()> {
        match request {
            Request::Ping => answer(to, Ok(Reply::Pong { pid: std::process::id(), locked: self.locked })),
            Request::SearchIn { channel, query, limit } => {
                let space = self.held_space(&channel)?;
                self.search(&query, limit, Some(space), to)?;
            }
            Request::Lock => self.lock(to),
            Request::CertRenew => self.renew_certificate(to)?,
            Request::Unlock { password, key_file } => self.unlock(&Credentials::new(&password, key_file), to)?,
            Request::Refuse { id } => answer(to, self.refuse_candidate(&id)),
            Request::Read { channel, last, thread } => self.read(&channel, last, thread.as_deref(), to)?,
            Request::Rows { channel, anchor, before, after, of } => {
                self.rows(&channel, anchor.as_deref(), (before, after), of, to)?;
            }
            Request::Tail { channel, since } => self.tail(channel.as_deref(), since.as_deref(), to)?,
            Request::Unread => self.unread(to)?,
            Request::DeviceLink { person, approve } => {
                let approve = if approve { Approve::ByHand } else { Approve::ByCode };
                answer(to, self.link_device(person.as_deref(), approve));
            }
            Request::Search { query, limit } => self.search(&query, limit, None, to)?,
            other => self.look_up(other, to)?,
        }
        Ok(())
    }

    /// Gives the replica a command whose outcome answers a request.
    pub(crate) fn command(&mut self, command: Command, waiting: Waiting) {
        self.next_ask += 1;
        let id = self.next_ask;
        self.asked.insert(id, waiting);
        self.drive(Input::Command { id, command: Box::new(command) });
    }

    /// The view of a space that can go to a worker thread.
    pub(crate) fn reader(&self, space: &SpaceId) -> client::Result<Reader> {
        let lens = self.replica.lens(space).ok_or_else(|| Error::new(ErrorKind::NotFound, space.to_string()))?;
        Ok(Reader {
            store: self.store.clone(),
            lens,
            directory: self.directory.clone(),
            now: self.now(),
            me: self.directory.me,
            events: self.events(),
        })
    }

    /// Runs a read on a worker thread and answers with what it gives.
    pub(crate) fn beside(
        &self,
        to: &mpsc::Sender<client::Result<Reply>>,
        read: impl FnOnce() -> client::Result<Reply> + Send + 'static,
    ) {
        let to = to.clone();
        self.tracker.spawn_blocking(move || answer(&to, read()));
    }

    fn read(
        &mut self,
        channel: &str,
        last: u32,
        thread: Option<&str>,
        to: &mpsc::Sender<client::Result<Reply>>,
    ) -> client::Result<()> {
        let space = self.held_space(channel)?;
        let thread = thread.map(|it| self.message(it)).transpose()?.map(|(_, id)| id);
        let Ok(reader) = self.reader(&space) else {
            // A direct space in which nobody has written yet.
            answer(to, Ok(Reply::Messages(Vec::new())));
            return Ok(());
        };
        self.beside(to, move || {
            let wanted =
                |row: &artel_crdt::timeline::Row| thread.is_none_or(|it| row.id == it || row.thread == Some(it));
            let rows = reader.newest(last as usize, wanted);
            Ok(Reply::Messages(rows.iter().map(|(base, row)| reader.message(base, row)).collect()))
        });
        Ok(())
    }

    /// A stretch of a history around a message.
    fn rows(
        &mut self,
        channel: &str,
        anchor: Option<&str>,
        (before, after): (u32, u32),
        of: RowsOf,
        to: &mpsc::Sender<client::Result<Reply>>,
    ) -> client::Result<()> {
        let space = self.held_space(channel)?;
        let anchor = anchor.map(|it| self.message(it)).transpose()?.map(|(_, id)| id);
        let Ok(reader) = self.reader(&space) else {
            // A direct space in which nobody has written yet.
            answer(to, Ok(Reply::Messages(Vec::new())));
            return Ok(());
        };
        let root = match &of {
            RowsOf::Thread(root) => Some(self.message(root)?.1),
            RowsOf::All | RowsOf::Conversation => None,
        };
        self.beside(to, move || {
            let stretch = match (of, root.and_then(|it| reader.record(&it))) {
                (RowsOf::Conversation, _) => Stretch::Conversation,
                (RowsOf::All, _) => Stretch::All,
                (RowsOf::Thread(_), Some(root)) => Stretch::Thread(root.id, root.order),
                (RowsOf::Thread(_), None) => return Ok(Reply::Messages(Vec::new())),
            };
            let anchor = anchor.and_then(|it| reader.record(&it));
            let mut rows = reader.rows_before(anchor.as_ref().map(|it| it.order), before as usize, &stretch);
            if let Some(anchor) = anchor {
                rows.extend(reader.rows_from(anchor, after as usize, &stretch));
            }
            rows.sort_by_key(|(_, it)| it.screen_place());
            Ok(Reply::Messages(reader.with_replies(&rows, &stretch)))
        });
        Ok(())
    }

    fn tail(
        &mut self,
        channel: Option<&str>,
        since: Option<&str>,
        to: &mpsc::Sender<client::Result<Reply>>,
    ) -> client::Result<()> {
        let space = channel.map(|it| self.held_space(it)).transpose()?;
        let since = since.map(|it| self.message(it)).transpose()?;
        let mut after = std::collections::BTreeMap::new();
        for id in self.directory.spaces.keys().filter(|it| space.is_none_or(|wanted| wanted == **it)) {
            let Ok(reader) = self.reader(id) else { continue };
            let from = match &since {
                Some((_, entry)) => reader.record(entry).map(|it| it.order),
                None => reader.newest(1, |_| true).first().map(|(base, _)| base.order),
            };
            after.insert(*id, from.unwrap_or(Order::FIRST));
        }
        let mut tail = Tail { space, after, answer: to.clone() };
        for id in self.directory.spaces.keys().copied().collect::<Vec<_>>() {
            self.feed(&mut tail, id);
        }
        self.tails.push(tail);
        Ok(())
    }

    /// Gives new rows of a space to those who follow it; who does not read any more is dropped.
    pub(crate) fn feed_tails(&mut self, space: SpaceId) {
        let tails = std::mem::take(&mut self.tails);
        for mut tail in tails {
            if !tail.answer.is_closed() {
                self.feed(&mut tail, space);
                self.tails.push(tail);
            }
        }
    }

    fn feed(&self, tail: &mut Tail, space: SpaceId) {
        if tail.space.is_some_and(|it| it != space) {
            return;
        }
        let Ok(reader) = self.reader(&space) else { return };
        let after = tail.after.entry(space).or_insert(Order::FIRST);
        let rows = reader.after(Some(*after));
        let Some((last, _)) = rows.last() else { return };
        let messages: Vec<client::Message> = rows.iter().map(|(base, row)| reader.message(base, row)).collect();
        if tail.answer.try_send(Ok(Reply::Messages(messages))).is_ok() {
            *after = last.order;
        }
    }

    fn unread(&mut self, to: &mpsc::Sender<client::Result<Reply>>) -> client::Result<()> {
        let who = self.replica.reader().ok_or_else(|| Error::from(ErrorKind::NoHome))?;
        let mut views = Vec::new();
        for space in self.directory.own_places().filter(|it| !it.left) {
            let who = unread::Reader { level: self.replica.level(&space.id), ..who.clone() };
            let (reading, late) = (self.replica.reading(&space.id), self.late_rows(&space.id));
            let title = self.directory.title(space);
            views.push((space.id, title, self.reader(&space.id)?, who, reading, late));
        }
        self.beside(to, move || {
            let mut all = Vec::new();
            for (id, channel, reader, who, reading, mut late) in views {
                // Those that were read since are only remembered to have come late.
                late.retain(|(order, came)| reading.is_unread(order, *came));
                let rows = reader.unread_candidates(reading.start(), &late);
                let count = unread::count(&reading, &who, rows.iter().map(|(row, came)| unread::Seen::of(row, *came)));
                let first = rows.iter().find(|(row, _)| Some(row.order) == count.first);
                if count.unread > 0 {
                    let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
                    all.push(client::Unread {
                        id: id.to_string(),
                        channel,
                        first: first.map(|(row, _)| row.id.to_string()),
                        unread: number(count.unread),
                        mentions: number(count.mentions),
                        threads: unread_threads(&reading, &who, &rows),
                    });
                }
            }
            Ok(Reply::Unread(all))
        });
        Ok(())
    }

    /// Free space on the disk, looked at before anything new is written.
    pub(crate) fn has_room(&mut self) -> bool {
        let Some(home) = &self.home else { return true };
        let free = fs4::available_space(home.layout().root()).unwrap_or(u64::MAX);
        let full = free < super::ROOM_BYTES_MIN;
        if full != self.full {
            self.full = full;
            let state = if full { "full" } else { "ok" };
            tracing::warn!(free, "the store is {state}");
            self.updates.send(client::Update::Store { state: state.into(), percent: None }).ok();
            if !full {
                // What was passed over meanwhile comes by comparing again.
                for peer in self.links.keys().copied().collect::<Vec<_>>() {
                    self.drive(Input::PeerUp(peer));
                }
            }
        }
        !full
    }

    /// A batch could not be written although there seemed to be room.
    pub(crate) fn store_failed(&mut self, error: &crate::store::StoreError) {
        tracing::error!(%error, "the store failed");
        if super::indexer::is_full(error) {
            self.full = true;
        }
        // What the replica believes to be written is not. It is built anew from what is, at the next start.
        self.cancel.cancel();
    }

    /// Answers at once, behind everything that is being written.
    pub(crate) fn answer_in_order(&mut self, to: &mpsc::Sender<client::Result<Reply>>, reply: client::Result<Reply>) {
        if let Some(round) = &mut self.burst {
            return round.answer(to.clone(), reply);
        }
        self.indexer.push(Job { replies: vec![(to.clone(), reply)], ..Job::default() });
    }

    /// The space of a target, begun if it is a direct one without history.
    pub(crate) fn place_or_begin(&mut self, target: &str) -> client::Result<std::result::Result<SpaceId, Command>> {
        match self.place(target)? {
            Place::Space(id) => Ok(Ok(id)),
            Place::Group(persons) => {
                Ok(Err(Command::CreatePrivate { group: true, name: String::new(), shared_history: true, persons }))
            }
            Place::Direct(person) => {
                let me = self.directory.me.ok_or_else(|| Error::from(ErrorKind::NoHome))?;
                let id = SpaceId::direct(&self.org(), &me, &person);
                if self.replica.space(&id).is_some() { Ok(Ok(id)) } else { Ok(Err(Command::OpenDirect(person))) }
            }
        }
    }

    /// For tasks: where events go.
    pub(crate) fn events(&self) -> mpsc::Sender<Event> {
        self.events.clone()
    }
}

/// The replies among the rows that count as unread, by thread.
fn unread_threads(
    reading: &unread::Reading,
    who: &unread::Reader,
    rows: &[(Row, Timestamp)],
) -> Vec<client::UnreadThread> {
    let counted = rows.iter().filter(|(row, came)| who.counts(reading, &unread::Seen::of(row, *came)));
    let mut replies: Vec<(EntryId, &Row)> =
        counted.filter_map(|(row, _)| Some((row.thread.filter(|root| *root != row.id)?, row))).collect();
    replies.sort_by_key(|(_, row)| row.order);
    let mut threads: Vec<client::UnreadThread> = Vec::new();
    for (root, reply) in replies {
        let root = root.to_string();
        if threads.iter().all(|it| it.root != root) && threads.len() < client::UNREAD_THREADS_MAX {
            threads.push(client::UnreadThread { root: root.clone(), replies: Vec::new() });
        }
        let thread = threads.iter_mut().find(|it| it.root == root);
        if let Some(thread) = thread.filter(|it| it.replies.len() < client::UNREAD_THREADS_MAX) {
            thread.replies.push(reply.id.to_string());
        }
    }
    threads
}
