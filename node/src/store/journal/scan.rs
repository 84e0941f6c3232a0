//! Walking through one journal file, over damage as well.

use std::io;
use std::sync::Arc;

use super::super::disk::DiskFile;
use super::super::ids::Position;
use super::super::keys::ServingKeys;
use super::{HEADER_BYTES, Record, decode, frame, frame_bytes};

/// Bytes read ahead. A scan holds this much, or one record if that is longer.
const WINDOW_BYTES: usize = 256 * 1024;

/// A sliding view on a file.
struct Window {
    file: Arc<dyn DiskFile>,
    start: u64,
    buffer: Vec<u8>,
    /// How much of `buffer` was read; the rest keeps its size, so that it is not filled with zeros each time.
    held: usize,
}

impl Window {
    /// Up to `count` bytes at `offset`, fewer only at the end of the file.
    fn view(&mut self, offset: u64, count: usize) -> io::Result<&[u8]> {
        let inside = offset
            .checked_sub(self.start)
            .and_then(|skip| usize::try_from(skip).ok())
            .filter(|skip| self.held.checked_sub(*skip).is_some_and(|held| held >= count));
        let skip = if let Some(skip) = inside {
            skip
        } else {
            if self.buffer.len() < count.max(WINDOW_BYTES) {
                self.buffer = vec![0; count.max(WINDOW_BYTES)];
            }
            self.held = self.file.read_at(&mut self.buffer, offset)?;
            self.start = offset;
            0
        };
        let held = self.buffer.get(skip..self.held).unwrap_or_default();
        Ok(held.get(..count).unwrap_or(held))
    }
}

/// What a scan came upon.
pub(super) enum Found {
    /// A sane record and the offset behind it.
    Record { at: u64, next: u64, record: Record },
    /// Bytes from `from` to `to` hold no record that can be trusted.
    Damaged { from: u64, to: u64 },
}

/// Reads the records of one file in order.
pub(super) struct Scanner {
    window: Window,
    keys: Arc<ServingKeys>,
    number: u32,
    at: u64,
    end: u64,
}

impl Scanner {
    /// Scans file `number` from the record boundary `at` up to `end`.
    pub(super) fn new(file: Arc<dyn DiskFile>, keys: Arc<ServingKeys>, number: u32, at: u64, end: u64) -> Self {
        let window = Window { file, start: 0, buffer: Vec::new(), held: 0 };
        Self { window, keys, number, at, end }
    }

    /// The next finding, or `None` at the end.
    pub(super) fn step(&mut self) -> io::Result<Option<Found>> {
        if self.at >= self.end {
            return Ok(None);
        }
        let from = self.at;
        if let Some((record, bytes)) = self.record_at(from)? {
            self.at = from + bytes as u64;
            return Ok(Some(Found::Record { at: from, next: self.at, record }));
        }
        // The length of a damaged record cannot be trusted: it may span sane ones. So every offset is tried.
        // A wrong offset announces a possible length once in 4 096 times, so this runs at memory speed.
        let mut at = from + 1;
        while at < self.end && self.record_at(at)?.is_none() {
            at += 1;
        }
        self.at = at;
        Ok(Some(Found::Damaged { from, to: at }))
    }

    fn record_at(&mut self, at: u64) -> io::Result<Option<(Record, usize)>> {
        let position = Position { file: self.number, offset: at };
        let Some(bytes) = self.frame_bytes_at(at)? else { return Ok(None) };
        let keys = Arc::clone(&self.keys);
        Ok(decode(&keys.journal, position, self.window.view(at, bytes)?))
    }

    /// Length of the frame announced at `at` if it lies before the end of the scan.
    fn frame_bytes_at(&mut self, at: u64) -> io::Result<Option<usize>> {
        let room = self.end.saturating_sub(at);
        let announced = frame_bytes(self.window.view(at, HEADER_BYTES)?);
        Ok(announced.filter(|bytes| *bytes as u64 <= room))
    }

    /// Whether the first sane frame opens under our key; `None` when no frame is sane.
    pub(super) fn first_frame(&mut self) -> io::Result<Option<bool>> {
        while self.at < self.end {
            let at = self.at;
            if let Some(bytes) = self.frame_bytes_at(at)?
                && frame(self.window.view(at, bytes)?).is_some()
            {
                return Ok(Some(self.record_at(at)?.is_some()));
            }
            self.at += 1;
        }
        Ok(None)
    }
}
