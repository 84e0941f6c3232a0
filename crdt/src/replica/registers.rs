//! What needs no history: what a person keeps for herself, tells about herself, has read and holds.

use crate::Ctx;
use crate::authority::Denied;
use crate::id::{EntryId, SpaceId};
use crate::register::{Content, values};
use crate::seal::{self, Nonce};
use crate::sync::Message;
use crate::timeline::Order;

use super::command::{Personal, Told};
use super::{Output, Outputs, Refusal, Replica, Reply};

impl Replica {
    /// Puts what a person keeps for herself into a register of the self space.
    pub(super) fn keep(
        &mut self,
        ctx: &mut Ctx<'_>,
        what: &Personal,
        patience_over: bool,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let me = self.person().ok_or(Denied::NotMember)?;
        let (name, key, value) = match what {
            Personal::Left(space, on) => (values::LEFT, values::space_key(space), values::encode_flag(*on)),
            Personal::Level(space, level) => (values::LEVEL, values::space_key(space), values::encode_level(*level)),
            Personal::Unread(space, from) => {
                (values::UNREAD, values::space_key(space), values::encode_mark(from.as_ref()))
            }
            Personal::Draft(space, thread, text) if text.len() <= values::DRAFT_BYTES_MAX => {
                (values::DRAFT, values::thread_key(space, thread.as_ref()), values::encode_draft(text))
            }
            Personal::Later(number, later)
                if later.as_ref().is_none_or(|it| it.text.len() <= values::DRAFT_BYTES_MAX) =>
            {
                (values::LATER, number.to_vec(), values::encode_later(later.as_ref()))
            }
            Personal::Draft(..) | Personal::Later(..) => return Err(Refusal::TooLong),
            Personal::Saved(entry, on) => (values::SAVED, entry.0.to_vec(), values::encode_flag(*on)),
            Personal::Favourite(space, on) => (values::FAVOURITE, values::space_key(space), values::encode_flag(*on)),
        };
        self.open_direct(me, out)?;
        let own = SpaceId::direct(&self.org, &me, &me);
        let (epoch, secret) = self.sending_key(ctx, own, patience_over, out)?;
        let sealed = seal::seal_blob(&secret, &own, &epoch, &value, Nonce::draw(ctx.rng));
        self.put_register(ctx, own, name, &key, (Some(epoch), sealed), out);
        Ok(Reply::Done)
    }

    /// Puts what a person tells about herself into a register of the organisation's space.
    pub(super) fn tell(
        &mut self,
        ctx: &mut Ctx<'_>,
        what: &Told,
        patience_over: bool,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let space = self.organisation_space();
        let (name, value) = match what {
            Told::Profile(profile) if profile.fits() => (values::PROFILE, profile.encode()),
            Told::Picture(picture) if picture.len() <= values::PICTURE_BYTES_MAX => {
                (values::AVATAR, values::encode_picture(picture))
            }
            Told::Profile(_) | Told::Picture(_) => return Err(Refusal::TooLong),
            // Changes several times an hour and says no more than the links do.
            Told::Presence(presence) => {
                self.put_register(ctx, space, values::PRESENCE, &[], (None, presence.encode()), out);
                return Ok(Reply::Done);
            }
        };
        let (epoch, key) = self.sending_key(ctx, space, patience_over, out)?;
        let sealed = seal::seal_blob(&key, &space, &epoch, &value, Nonce::draw(ctx.rng));
        self.put_register(ctx, space, name, &[], (Some(epoch), sealed), out);
        Ok(Reply::Done)
    }

    /// Puts the read position of this person and the public "read up to here" into registers.
    pub(super) fn mark_read(
        &mut self,
        ctx: &mut Ctx<'_>,
        space: SpaceId,
        order: Order,
        patience_over: bool,
        out: &mut Outputs,
    ) -> Result<Reply, Refusal> {
        let me = self.person().ok_or(Denied::NotMember)?;
        if !self.spaces.contains_key(&space) {
            return Err(Refusal::NotFound);
        }
        self.open_direct(me, out)?;
        let own = SpaceId::direct(&self.org, &me, &me);
        let (epoch, key) = self.sending_key(ctx, own, patience_over, out)?;
        let place = values::encode_order(&order);
        let sealed = seal::seal_blob(&key, &own, &epoch, &place, Nonce::draw(ctx.rng));
        self.put_register(ctx, own, values::POSITION, &values::space_key(&space), (Some(epoch), sealed), out);
        // What others were told is read stays so, also where this person reads on from farther above.
        let told = self.registers.get(&self.me, &space, values::READ_TO, &[]);
        if told.and_then(|it| values::decode_order(&it.value).ok()).is_none_or(|it| it <= order) {
            self.put_register(ctx, space, values::READ_TO, &[], (None, place), out);
        }
        Ok(Reply::Done)
    }

    /// Signs a register of this device, keeps it and sends it to the members who are connected.
    pub(super) fn put_register(
        &mut self,
        ctx: &mut Ctx<'_>,
        space: SpaceId,
        name: &str,
        key: &[u8],
        (epoch, value): (Option<EntryId>, Vec<u8>),
        out: &mut Outputs,
    ) {
        // Above the one that it replaces, also where that was written with a clock ahead: the newest must win.
        let replaced = self.registers.get(&self.me, &space, name, key).map(|it| it.hlc).unwrap_or_default();
        let last = if self.hlc.is_ahead(ctx.now) { replaced } else { self.hlc.max(replaced) };
        let hlc = crate::time::Hlc::next(last, ctx.now);
        let content = Content { space, name: name.to_owned(), key: key.to_vec(), hlc, epoch, value };
        let Ok(register) = content.sign(&self.org, &self.identity.signing) else { return };
        let bytes = register.bytes().to_vec();
        let peers = self.peers_in(&space);
        for peer in peers {
            let message = Message::Registers(vec![bytes.clone()]);
            out.push_back(Output::Send { peer, message });
        }
        self.take_register(ctx, None, &bytes, out);
    }

    /// Tells the members what this device holds of a space.
    pub(super) fn tell_held(&mut self, ctx: &mut Ctx<'_>, space: SpaceId, out: &mut Outputs) -> Result<Reply, Refusal> {
        let held = self.spaces.get(&space).ok_or(Refusal::NotFound)?;
        let logs = held.logs.iter().filter_map(|(id, log)| log.contiguous().map(|seq| (*id, seq))).collect();
        self.put_register(ctx, space, values::HELD_TO, &[], (None, super::view::encode_held_to(&logs)), out);
        Ok(Reply::Done)
    }
}
