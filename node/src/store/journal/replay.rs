//! Reading the journal in order, for rebuilding the index and for checking the disk.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::super::error::{During, StoreError};
use super::super::ids::Position;
use super::scan::{Found, Scanner};
use super::{FILE_BYTES_MAX, Journal, Record};

/// A stretch of the journal that holds no record that can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where it begins.
    pub from: Position,
    /// Where the next sane record begins, or the end.
    pub to: Position,
}

/// One finding of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replayed {
    /// A record exactly as it was appended.
    Record {
        /// Where it is; the same position that its append returned.
        position: Position,
        /// Behind it: what [`crate::store::Store::apply`] takes as `applied` once the record is indexed.
        next: Position,
        /// Kind and bytes.
        record: Record,
    },
    /// Something was here and cannot be read any more.
    Damaged(Damage),
}

/// Iterates over the records of the journal, oldest first. Every step blocks.
///
/// It ends where the journal ended when the replay began; what is appended meanwhile is not part of it.
pub struct Replay {
    journal: Arc<Journal>,
    from: Position,
    at: Position,
    end: Position,
    scanner: Option<Scanner>,
}

impl Journal {
    /// Replays from the record boundary `from` to the present end.
    pub(in super::super) fn replay(self: &Arc<Self>, from: Position) -> Replay {
        Replay { journal: Arc::clone(self), from, at: from, end: self.end(), scanner: None }
    }

    /// Replays one whole file.
    pub(in super::super) fn replay_file(self: &Arc<Self>, number: u32) -> Replay {
        let from = Position { file: number, offset: 0 };
        let end = self.end().min(Position { file: number.saturating_add(1), offset: 0 });
        Replay { journal: Arc::clone(self), from, at: from, end, scanner: None }
    }

    /// Numbers of the files from the oldest to the one being written.
    pub(in super::super) fn file_numbers(&self) -> RangeInclusive<u32> {
        1..=self.end().file
    }
}

impl Replay {
    fn step(&mut self) -> Result<Option<Replayed>, StoreError> {
        while self.at < self.end {
            if self.scanner.is_none() && !self.enter_file()? {
                let from = self.at;
                self.at = Position { file: from.file + 1, offset: 0 };
                return Ok(Some(Replayed::Damaged(Damage { from, to: self.at })));
            }
            let Some(scanner) = &mut self.scanner else { continue };
            let file = self.at.file;
            match scanner.step().map_err(During::Read.error())? {
                Some(Found::Record { at, next, record }) => {
                    self.at = Position { file, offset: next };
                    let position = Position { file, offset: at };
                    return Ok(Some(Replayed::Record { position, next: self.at, record }));
                }
                Some(Found::Damaged { from, to }) => {
                    self.at = Position { file, offset: to };
                    let from = Position { file, offset: from };
                    return Ok(Some(Replayed::Damaged(Damage { from, to: self.at })));
                }
                None => {
                    self.scanner = None;
                    let from = std::mem::replace(&mut self.at, Position { file: file + 1, offset: 0 });
                    // Somebody shortened the file below what was acknowledged in it.
                    if from.file == self.end.file && from < self.end {
                        return Ok(Some(Replayed::Damaged(Damage { from, to: self.end })));
                    }
                }
            }
        }
        Ok(None)
    }

    /// How much of the way lies behind it, percent. Files count alike; they are, but for the last.
    pub fn percent(&self) -> u8 {
        let whole = |at: Position| match at.file == self.end.file {
            true => at.offset as f64 / self.end.offset.max(1) as f64,
            false => at.offset as f64 / FILE_BYTES_MAX as f64,
        };
        let way = |at: Position| f64::from(at.file) + whole(at).min(1.0);
        let (from, at, end) = (way(self.from), way(self.at), way(self.end));
        if end <= from { 100 } else { ((at - from) / (end - from) * 100.0).clamp(0.0, 100.0) as u8 }
    }

    /// Opens the file at `self.at`; false when it is missing.
    fn enter_file(&mut self) -> Result<bool, StoreError> {
        let number = self.at.file;
        let Some(file) = self.journal.handle(number)? else { return Ok(false) };
        let bytes = file.bytes().map_err(During::Read.error())?;
        let end = if number == self.end.file { bytes.min(self.end.offset) } else { bytes };
        let keys = Arc::clone(&self.journal.keys);
        self.scanner = Some(Scanner::new(file, keys, number, self.at.offset, end));
        Ok(true)
    }
}

impl Iterator for Replay {
    type Item = Result<Replayed, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            // An error of the disk repeats; the caller may start again from the last position he saw.
            self.at = self.end;
            self.scanner = None;
        }
        step.transpose()
    }
}
