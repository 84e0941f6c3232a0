//! When a device was last heard of.

use crate::id::DeviceId;
use crate::register::values;
use crate::time::Timestamp;

use super::Replica;

impl Replica {
    /// The latest time that a device wrote into anything held here, by its own clock: an entry, or the register in which
    /// it tells what it holds. `None` if nothing of it has come.
    pub fn last_sign_of(&self, device: &DeviceId) -> Option<Timestamp> {
        let logs = self.spaces.values().flat_map(|it| &it.logs).filter(|(log, _)| log.device == *device);
        let entries = logs.filter_map(|(_, log)| Some(log.head()?.last_hlc.timestamp()));
        let registers = self.spaces.keys().flat_map(|it| self.registers.named(it, values::HELD_TO, &[]));
        let told = registers.filter(|it| it.device == *device).map(|it| it.hlc.timestamp());
        entries.chain(told).max()
    }
}
