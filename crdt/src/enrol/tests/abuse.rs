//! Abuse: relays, swaps, replays, half a code, another organisation.

use super::*;
