//! What has to be forgotten in a space: entries that were named, and everything before a floor.

use std::collections::BTreeMap;

use crate::id::{DeviceId, EntryId};
use crate::seal::Forget;
use crate::time::Timestamp;

/// All that was asked for, by whom; who may ask is judged when rows are made.
#[derive(Clone, Debug, Default)]
pub(super) struct Forgetting {
    entries: BTreeMap<EntryId, Vec<DeviceId>>,
    floors: Vec<(Timestamp, DeviceId)>,
}

impl Forgetting {
    pub(super) fn of(forgets: &[(DeviceId, Forget)]) -> Self {
        let mut all = Self::default();
        for (by, forget) in forgets {
            match forget {
                Forget::Entries(ids) => {
                    ids.iter().for_each(|id| all.entries.entry(*id).or_default().push(*by));
                }
                Forget::Before(floor) => all.floors.push((*floor, *by)),
            }
        }
        // Highest first, so that the first one by somebody who may set it is the one that counts.
        all.floors.sort_unstable_by(|a, b| b.cmp(a));
        all
    }

    /// Whether a record was named; `may` tells whether a device's word counts for it.
    pub(super) fn names(&self, id: &EntryId, may: impl Fn(&DeviceId) -> bool) -> bool {
        self.entries.get(id).into_iter().flatten().any(may)
    }

    /// The floor that counts.
    pub(super) fn floor(&self, may: impl Fn(&DeviceId) -> bool) -> Timestamp {
        self.floors.iter().find(|(_, by)| may(by)).map_or(Timestamp(0), |it| it.0)
    }
}
