//! What people keep for themselves and tell about themselves, as their registers say.

use std::collections::BTreeMap;

use crate::id::{DeviceId, EntryId, PersonId, SpaceId};
use crate::register::values;
use crate::seal;
use crate::time::Hlc;
use crate::timeline::unread::{Level, Line, Reader, Reading};

use super::Replica;

/// Something that a person has begun to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDraft {
    /// At which device.
    pub device: DeviceId,
    /// Where.
    pub space: SpaceId,
    /// In which thread.
    pub thread: Option<EntryId>,
    /// When it was last changed.
    pub at: Hlc,
    /// The text; empty: it was sent or given up.
    pub text: String,
}

impl Replica {
    /// How far this person has read a space, over all devices.
    pub fn reading(&self, id: &SpaceId) -> Reading {
        let Some(me) = self.person() else { return Reading::default() };
        let own_space = SpaceId::direct(&self.org, &me, &me);
        let ring = self.spaces.get(&own_space).map(|it| &it.ring);
        let mut reading = Reading::default();
        for register in self.registers.named(&own_space, values::POSITION, &values::space_key(id)) {
            let key = register.epoch.and_then(|epoch| ring?.key(&epoch).map(|key| (epoch, key)));
            let plain = key.and_then(|(epoch, key)| seal::open_blob(key, &own_space, &epoch, &register.value));
            let Some(order) = plain.and_then(|it| values::decode_order(&it).ok()) else { continue };
            let line = Line { order, at: register.hlc.timestamp() };
            if register.device == self.me {
                reading.own = Some(line);
            } else {
                reading.others.push(line);
            }
        }
        let marked = self.newest_kept(values::UNREAD, &values::space_key(id));
        reading.marked = marked.and_then(|(at, value)| {
            let order = values::decode_mark(&value).ok()??;
            Some(Line { order, at: at.timestamp() })
        });
        reading
    }

    /// What own devices keep in a register of the self space, opened: the device, when, and the value.
    fn kept(&self, name: &str, key: &[u8]) -> Vec<(DeviceId, Hlc, Vec<u8>)> {
        let Some(me) = self.person() else { return Vec::new() };
        let own = SpaceId::direct(&self.org, &me, &me);
        let Some(space) = self.spaces.get(&own) else { return Vec::new() };
        let state = self.authority.state();
        let mine = self.registers.named(&own, name, key).filter(|it| state.person_of(&it.device) == Some(me));
        mine.filter_map(|it| {
            let epoch = it.epoch?;
            Some((it.device, it.hlc, seal::open_blob(space.ring.key(&epoch)?, &own, &epoch, &it.value)?))
        })
        .collect()
    }

    fn newest_kept(&self, name: &str, key: &[u8]) -> Option<(Hlc, Vec<u8>)> {
        let newest = self.kept(name, key).into_iter().max_by(|a, b| (a.1, &a.2).cmp(&(b.1, &b.2)));
        newest.map(|(_, at, value)| (at, value))
    }

    /// Whether this person does not want to see a public channel: she said so, or she said nothing and it is not among those
    /// in which newcomers of its team land.
    pub fn has_left(&self, channel: &SpaceId) -> bool {
        let said = self.newest_kept(values::LEFT, &values::space_key(channel));
        let said = said.and_then(|(_, value)| values::decode_flag(&value).ok());
        let state = self.authority.state();
        let beside = || {
            let found = state.channels.get(channel)?;
            let defaults = &state.teams.get(&found.team?)?.defaults;
            let own = Some(found.creator) == self.person();
            Some(!defaults.is_empty() && !defaults.contains(channel) && !own)
        };
        said.unwrap_or_else(|| beside().unwrap_or(false))
    }

    /// What this person wants to be told of a space.
    pub fn level(&self, space: &SpaceId) -> Level {
        let value = self.newest_kept(values::LEVEL, &values::space_key(space));
        value.and_then(|(_, value)| values::decode_level(&value).ok()).unwrap_or_default()
    }

    /// Whether this person keeps a place at the top.
    pub fn is_favourite(&self, space: &SpaceId) -> bool {
        let value = self.newest_kept(values::FAVOURITE, &values::space_key(space));
        value.and_then(|(_, value)| values::decode_flag(&value).ok()).unwrap_or(false)
    }

    /// The newest of what the devices of a person told the organisation, opened.
    fn told(&self, person: &PersonId, name: &str) -> Option<Vec<u8>> {
        let (state, id) = (self.authority.state(), self.organisation_space());
        let of = |it: &DeviceId| state.is_active(it) && state.person_of(it) == Some(*person);
        let register = self.registers.newest(&id, name, &[], of)?;
        let Some(epoch) = register.epoch else { return Some(register.value.clone()) };
        seal::open_blob(self.spaces.get(&id)?.ring.key(&epoch)?, &id, &epoch, &register.value)
    }

    /// What a person tells about herself; empty where she told nothing or it cannot be opened here.
    pub fn profile(&self, person: &PersonId) -> values::Profile {
        let told = self.told(person, values::PROFILE);
        told.and_then(|it| values::Profile::decode(&it).ok()).unwrap_or_default()
    }

    /// The small picture of a person: bytes of foreign make, said to be a JPEG.
    pub fn picture(&self, person: &PersonId) -> Option<Vec<u8>> {
        let told = self.told(person, values::AVATAR)?;
        values::decode_picture(&told).ok().filter(|it| !it.is_empty())
    }

    /// What one device of a person told of her presence; at the desk if it told nothing.
    pub fn presence(&self, device: &DeviceId) -> values::Presence {
        let told = self.registers.get(device, &self.organisation_space(), values::PRESENCE, &[]);
        let told = told.filter(|it| it.epoch.is_none()).and_then(|it| values::Presence::decode(&it.value).ok());
        told.unwrap_or(values::Presence::Here)
    }

    /// What this person has begun to write in a space or a thread, by device; two that were written apart are both kept.
    pub fn drafts(&self, space: &SpaceId, thread: Option<&EntryId>) -> Vec<(DeviceId, String)> {
        let kept = self.kept(values::DRAFT, &values::thread_key(space, thread));
        let texts =
            kept.into_iter().filter_map(|(device, _, value)| Some((device, values::decode_draft(&value).ok()?)));
        texts.filter(|(_, text)| !text.is_empty()).collect()
    }

    /// What own devices keep under a name in the self space, whatever the key, opened: the device, the key, when, the value.
    fn all_kept(&self, name: &str) -> Vec<(DeviceId, Vec<u8>, Hlc, Vec<u8>)> {
        let Some(me) = self.person() else { return Vec::new() };
        let own = SpaceId::direct(&self.org, &me, &me);
        let Some(space) = self.spaces.get(&own) else { return Vec::new() };
        let state = self.authority.state();
        let mine = self.registers.of_space(&own).filter(|it| it.name == name);
        mine.filter(|it| state.person_of(&it.device) == Some(me))
            .filter_map(|it| {
                let epoch = it.epoch?;
                let value = seal::open_blob(space.ring.key(&epoch)?, &own, &epoch, &it.value)?;
                Some((it.device, it.key.clone(), it.hlc, value))
            })
            .collect()
    }

    /// All that this person has begun to write anywhere, also what was emptied since: then the text is empty.
    pub fn all_drafts(&self) -> Vec<KeptDraft> {
        let kept = self.all_kept(values::DRAFT).into_iter();
        kept.filter_map(|(device, key, at, value)| {
            let (space, thread) = values::read_thread_key(&key)?;
            Some(KeptDraft { device, space, thread, at, text: values::decode_draft(&value).ok()? })
        })
        .collect()
    }

    /// The messages that this person has saved, the last first.
    pub fn saved(&self) -> Vec<EntryId> {
        let mut newest: BTreeMap<EntryId, (Hlc, bool)> = BTreeMap::new();
        for (_, key, at, value) in self.all_kept(values::SAVED) {
            let (Some(entry), Ok(on)) = (EntryId::from_slice(&key), values::decode_flag(&value)) else { continue };
            let held = newest.entry(entry).or_insert((at, on));
            *held = (*held).max((at, on));
        }
        let mut saved: Vec<(Hlc, EntryId)> =
            newest.into_iter().filter(|(_, it)| it.1).map(|(id, it)| (it.0, id)).collect();
        saved.sort_unstable_by(|a, b| b.cmp(a));
        saved.into_iter().map(|it| it.1).collect()
    }

    /// What this device is to send later, by number.
    pub fn later(&self) -> Vec<([u8; 16], values::Later)> {
        let kept = self.all_kept(values::LATER).into_iter().filter(|it| it.0 == self.me);
        let open = kept.filter_map(|(_, key, _, value)| {
            Some((<[u8; 16]>::try_from(key.as_slice()).ok()?, values::decode_later(&value).ok()??))
        });
        open.collect()
    }

    /// Whether this person has saved a message.
    pub fn is_saved(&self, entry: &EntryId) -> bool {
        let value = self.newest_kept(values::SAVED, &entry.0);
        value.and_then(|(_, value)| values::decode_flag(&value).ok()).unwrap_or(false)
    }

    /// The reader at this device, for counting what is unread.
    pub fn reader(&self) -> Option<Reader> {
        let person = self.person()?;
        let teams = self.authority.state().teams.iter();
        let teams = teams.filter(|(_, it)| it.members.contains_key(&person)).map(|(id, _)| *id).collect();
        Some(Reader { person, teams, level: Default::default() })
    }
}
