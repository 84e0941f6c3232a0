//! What the IT department should look at.

use artel_crdt::authority::Role;
use artel_crdt::id::PersonId;
use artel_crdt::time::Timestamp;

use crate::client::{Fact, Finding};
use crate::text::Lang;

use super::Driver;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// How long nobody who administers may have been heard of before that is a warning: longer than a long weekend.
const ABSENCE_DAYS: u64 = 7;

fn finding(good: bool, check: &str, fact: Fact) -> Finding {
    let detail = Lang::En.fact(&fact).unwrap_or_default();
    Finding { level: if good { "ok" } else { "warning" }.to_owned(), check: check.to_owned(), detail, fact }
}

impl Driver {
    /// Everything that can be checked from here, as people who help want to read it.
    pub(crate) fn doctor(&self) -> Vec<Finding> {
        let journal = self.store.sizes().map_or(0, |it| it.journal);
        let lost = self.lost().len() as u64;
        let offset = self.offset_ms.unsigned_abs();
        let listening: Vec<String> = self.listening.iter().map(ToString::to_string).collect();
        let admins = self.administrators();
        vec![
            finding(!self.full, "store", Fact::Store { journal, full: self.full }),
            finding(lost == 0, "lost", Fact::Lost(lost)),
            finding(self.net.is_none() || !listening.is_empty(), "network", Fact::Listening(listening)),
            finding(!self.links.is_empty(), "colleagues", Fact::Connected(self.links.len() as u64)),
            finding(offset < 120_000, "clock", Fact::ClockOff(offset)),
            finding(admins.len() >= 2, "owners", Fact::Administrators(admins.len() as u64)),
            self.absence(&admins),
            self.certificate(),
            finding(self.alarms.is_empty(), "alarms", Fact::Alarms(self.alarms.len() as u64)),
        ]
    }

    fn administrators(&self) -> Vec<PersonId> {
        let state = self.replica.authority().state();
        let persons = state.persons.iter().filter(|(id, it)| state.is_member(id) && it.role <= Role::Admin);
        persons.map(|(id, _)| *id).collect()
    }

    fn certificate(&self) -> Finding {
        let days = self.days_left().unwrap_or(0);
        finding(days >= 30, "certificate", Fact::Certificate(days))
    }

    /// Nobody's absence stops the office, but only an administrator lets people in and takes them out: it is told for how
    /// long none has been heard of, and who they are.
    fn absence(&self, admins: &[PersonId]) -> Finding {
        let seen = admins.iter().filter_map(|it| self.last_heard_of(it)).max();
        let days = seen.map_or(0, |it| self.now().0.saturating_sub(it.0) / DAY_MS);
        let who: Vec<String> =
            admins.iter().map(|it| format!("{} <{}>", self.directory.name(it), self.directory.email(it))).collect();
        finding(days < ABSENCE_DAYS, "administrators", Fact::Absence { days, who })
    }

    fn last_heard_of(&self, person: &PersonId) -> Option<Timestamp> {
        let devices = self.replica.authority().state().devices_of(person);
        let here = |id| id == self.replica.device() || self.links.contains_key(&id);
        devices.filter_map(|(id, _)| if here(id) { Some(self.now()) } else { self.replica.last_sign_of(&id) }).max()
    }
}
