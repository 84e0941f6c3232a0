//! What one guess of a password costs.

use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};

use super::secret::filled_by;
use super::{Secret, VaultError};

/// Environment variable of a test hook: set to `1`, new slots cost the floor (19 MiB, one pass) instead of half a second.
/// Off unless set; vaults made under it are as weak as it says and open anywhere.
pub const FAST_VARIABLE: &str = "ARTEL_VAULT_FAST";

/// What calibration aims at for one opening.
const OPEN_TIME: Duration = Duration::from_millis(500);

/// Argon2id parameters (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes, computed one after the other here.
    pub lanes: u32,
}

impl Cost {
    /// 128 MiB, 3 passes, 1 lane: about 0.4 s of one core, twice the memory of RFC 9106's second recommended option.
    pub const DEFAULT: Self = Self { memory_kib: 128 * 1024, passes: 3, lanes: 1 };

    /// The least that is ever accepted, at creation and at opening: 19 MiB (OWASP's minimum), one pass.
    pub const FLOOR: Self = Self { memory_kib: 19 * 1024, passes: 1, lanes: 1 };

    /// The most that is ever accepted: 1 GiB, 64 passes, 16 lanes. A flipped bit must not ask for all memory of a machine.
    pub const CEILING: Self = Self { memory_kib: 1024 * 1024, passes: 64, lanes: 16 };

    /// [`Cost::DEFAULT`], or [`Cost::FLOOR`] under the test hook [`FAST_VARIABLE`].
    pub fn from_env() -> Self {
        match std::env::var_os(FAST_VARIABLE).is_some_and(|it| it == "1") {
            true => Self::FLOOR,
            false => Self::DEFAULT,
        }
    }

    /// [`Cost::from_env`] with as many more passes as this machine does in about half a second. Never less than the
    /// default; takes one opening's time to measure.
    ///
    /// # Errors
    /// [`VaultError::NoMemory`].
    pub fn calibrated() -> Result<Self, VaultError> {
        let start = Self::from_env();
        if start != Self::DEFAULT {
            return Ok(start);
        }
        let begin = Instant::now();
        start.derive(b"calibration", &[0; 16])?;
        Ok(start.raised_to(OPEN_TIME, begin.elapsed()))
    }

    /// More passes, so that what took `took` takes about `goal`; at most four times as many, whatever a stopped clock says.
    fn raised_to(self, goal: Duration, took: Duration) -> Self {
        let factor = goal.as_millis() / took.as_millis().max(1);
        let factor = u32::try_from(factor.clamp(1, 4)).unwrap_or(1);
        Self { passes: self.passes.saturating_mul(factor), ..self }
    }

    /// # Errors
    /// [`VaultError::WeakSlot`] outside of floor and ceiling.
    pub(super) fn check(self) -> Result<(), VaultError> {
        let within = |low: u32, it: u32, high: u32| low <= it && it <= high;
        let allowed = within(Self::FLOOR.memory_kib, self.memory_kib, Self::CEILING.memory_kib)
            && within(Self::FLOOR.passes, self.passes, Self::CEILING.passes)
            && within(Self::FLOOR.lanes, self.lanes, Self::CEILING.lanes);
        match allowed {
            true => Ok(()),
            false => Err(VaultError::WeakSlot),
        }
    }

    /// Argon2id of the password, 32 bytes.
    pub(super) fn derive(self, password: &[u8], salt: &[u8; 16]) -> Result<Secret<32>, VaultError> {
        self.check()?;
        let params =
            Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).map_err(|_| VaultError::WeakSlot)?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut outcome = Ok(());
        let key = filled_by(|key| outcome = argon.hash_password_into(password, salt, key));
        outcome.map(|()| key).map_err(|_| VaultError::NoMemory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibration_raises_and_never_lowers() {
        let goal = Duration::from_millis(500);
        let raised = |took| Cost::DEFAULT.raised_to(goal, Duration::from_millis(took)).passes;
        assert_eq!(raised(900), 3);
        assert_eq!(raised(240), 6);
        assert_eq!(raised(0), 12);
        assert!(Cost { passes: raised(0), ..Cost::DEFAULT }.check().is_ok());
    }
}
