//! Writing into timelines.

use crate::Ctx;
use crate::authority::Denied;
use crate::entry::Kind;
use crate::id::{PersonId, SpaceId};
use crate::limits;
use crate::seal::{self, Nonce};
use crate::timeline::{FileInfo, Mention, Record, What};

use super::lens::rules_of;
use super::space::{Space, SpaceKind};
use super::write::Body;
use super::{Changed, Output, Outputs, Refusal, Replica, Reply};

/// What travels in blobs beside a record.
#[derive(Clone, Copy, Default)]
pub(super) struct Parts<'a> {
    pub(super) text: Option<&'a str>,
    pub(super) files: &'a [FileInfo],
}

impl<'a> Parts<'a> {
    pub(super) fn text(text: &'a Option<String>) -> Self {
        Self { text: text.as_deref(), files: &[] }
    }

    /// The plain blobs; `None` if something is empty or over its limit.
    fn plain(&self) -> Option<Vec<Vec<u8>>> {
        let text = self.text.map(|it| it.as_bytes().to_vec());
        if text.as_ref().is_some_and(|it| it.is_empty() || it.len() > limits::TEXT_BYTES_MAX) {
            return None;
        }
        let files: Vec<Vec<u8>> = self.files.iter().map(FileInfo::encode).collect();
        let sound = files.iter().all(|it| FileInfo::decode(it).is_ok());
        (sound && files.len() < limits::BLOBS_MAX).then(|| text.into_iter().chain(files).collect())
    }
}

impl Replica {
    /// Whether a channel takes this record from this person now.
    fn may_write(&self, me: &PersonId, id: &SpaceId, record: &Record) -> Result<(), Denied> {
        let state = self.authority.state();
        let roster = self.spaces.get(id).and_then(|it| it.roster.as_ref());
        if rules_of(state, roster, id).archived.is_some() && record.what != What::Retract {
            return Err(Denied::Archived);
        }
        if !state.channels.contains_key(id) {
            return Ok(());
        }
        let begins =
            matches!(record.what, What::Message | What::Topic | What::System { .. }) && record.thread.is_none();
        let now = crate::time::Hlc { ms: u64::MAX, ctr: 0 };
        if begins && !state.may_post(me, id, false, now) {
            return Err(Denied::Role);
        }
        // Said here: others leave the call out and show the message, and nobody would know why no one came.
        if [Mention::All, Mention::Here].iter().any(|it| record.mentions.contains(it)) {
            state.may_mention_all(me)?;
        }
        Ok(())
    }

    /// Begins to hold the direct space with a person.
    pub(super) fn open_direct(&mut self, person: PersonId, out: &mut Outputs) -> Result<Reply, Refusal> {
        let me = self.person().ok_or(Denied::NotMember)?;
        if !self.authority.state().is_member(&person) {
            return Err(Refusal::NotFound);
        }
        let id = SpaceId::direct(&self.org, &me, &person);
        if !self.spaces.contains_key(&id) {
            let mut space = Space::new(self.org, id, SpaceKind::Direct);
            space.pair = Some((me, person));
            self.spaces.insert(id, space);
            out.push_back(Output::Changed(Changed::Spaces));
        }
        Ok(Reply::Space(id))
    }

    /// Writes a record and what travels beside it.
    pub(super) fn post(
        &mut self,
        ctx: &mut Ctx<'_>,
        id: SpaceId,
        record: &Record,
        parts: Parts<'_>,
        patience_over: bool,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let me = self.person().ok_or(Denied::NotMember)?;
        self.spaces.get(&id).filter(|it| it.kind.has_timeline()).ok_or(Refusal::NotFound)?;
        if !self.members(&id).contains(&me) {
            return Err(Denied::NotMember.into());
        }
        let plain = parts.plain().ok_or(Refusal::TooLong)?;
        self.checked(self.may_write(&me, &id, record))?;
        let (epoch, key) = self.sending_key(ctx, id, patience_over, out)?;
        let blobs: Vec<Vec<u8>> =
            plain.iter().map(|it| seal::seal_blob(&key, &id, &epoch, it, Nonce::draw(ctx.rng))).collect();
        let signed = self.write(ctx, id, Kind::Step, Body::Sealed(epoch, &key, record.encode()), blobs, out)?;
        Ok(Reply::Entry { id: signed.id, space: id })
    }
}
