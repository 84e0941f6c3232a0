//! Chance that can be repeated.

use std::time::{SystemTime, UNIX_EPOCH};

/// Xorshift (Marsaglia 2003). Another seed in every run, printed; `ARTEL_E2E_SEED` repeats one.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// Draws the seed.
    #[expect(clippy::new_without_default, reason = "it prints")]
    pub fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let seed = std::env::var("ARTEL_E2E_SEED").ok().and_then(|it| it.parse().ok());
        let seed = seed.unwrap_or(u64::from(now.subsec_nanos()) | 1);
        eprintln!("ARTEL_E2E_SEED={seed}");
        Self(seed)
    }

    /// A number below `limit`, which is not zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
