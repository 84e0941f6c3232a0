//! Operators of a query: `from:anna before:2026-11-01 has:file`, in English and in Russian, as one typed filter.
//!
//! Pure: what is typed and the day of today give words and a filter; whom and what the names mean is the driver's part.
//! What only looks like an operator (`http://`, `10:30`, `note: buy`) stays words.

use std::collections::BTreeSet;

use time::{Date, Duration, Month, OffsetDateTime, UtcOffset};

/// Characters of a query that are looked at, and so the longest query that has a meaning.
const QUERY_CHARS_MAX: usize = 512;

/// Operators of a query that are looked at; nobody types more.
const OPERATORS_MAX: usize = 16;

/// A query taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What is looked for in the texts, as typed, without the operators.
    pub words: String,
    /// Which messages count.
    pub filter: Filter,
}

/// Which messages count; everything in it must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Names, beginnings of names or addresses of authors; any of them. `me` is whoever asks.
    pub from: Vec<Name>,
    /// Names of channels, groups or of people in direct ones; any of them.
    pub places: Vec<Name>,
    /// The first day that counts.
    pub since: Option<Date>,
    /// The first day that does not count any more.
    pub before: Option<Date>,
    /// What is at the message.
    pub has: BTreeSet<Has>,
    /// What the message is.
    pub is: BTreeSet<Is>,
}

/// A name in an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The operator with its value, as typed: what is said if nobody is called so.
    pub typed: String,
    /// The name alone.
    pub name: String,
}

/// What can be at a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Has {
    /// A file, pictures among them.
    File,
    /// An address in the web.
    Link,
    /// A file that is a picture.
    Picture,
    /// A reaction of somebody.
    Reaction,
}

/// What a message can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Is {
    /// Pinned in its place.
    Pinned,
    /// Kept by whoever asks.
    Saved,
    /// A reply in a thread.
    Thread,
    /// Changed after it was sent.
    Edited,
    /// Written by whoever asks.
    Mine,
}

/// The operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `from:`, who wrote it.
    From,
    /// `in:`, where.
    In,
    /// `before:`, on an earlier day.
    Before,
    /// `after:`, on that day or later.
    After,
    /// `on:`, on that day.
    On,
    /// `has:`, see [`Has`].
    Has,
    /// `is:`, see [`Is`].
    Is,
}

/// An operator whose value has no meaning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{typed}` cannot be read")]
pub struct Unreadable {
    /// The operator with its value, as typed.
    pub typed: String,
}

impl Filter {
    /// Whether every message counts.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The moments between which a message counts, milliseconds since 1970: the first that does and the first that
    /// does not. `zone` tells the offset of local time at a moment.
    pub fn moments(&self, zone: impl Fn(OffsetDateTime) -> UtcOffset) -> (Option<u64>, Option<u64>) {
        let moment = |day: Date| {
            let there = day.midnight().assume_utc();
            let local = day.midnight().assume_offset(zone(there));
            u64::try_from(local.unix_timestamp_nanos() / 1_000_000).unwrap_or(0)
        };
        (self.since.map(moment), self.before.map(moment))
    }

    fn take(&mut self, operator: Operator, piece: &str, value: &str, today: Date) -> Result<(), Unreadable> {
        let unreadable = || Unreadable { typed: piece.to_owned() };
        let name = || Name { typed: piece.to_owned(), name: value.to_owned() };
        match operator {
            Operator::From => self.from.push(name()),
            Operator::In => self.places.push(name()),
            Operator::Has => drop(self.has.insert(has(value).ok_or_else(unreadable)?)),
            Operator::Is => drop(self.is.insert(is(value).ok_or_else(unreadable)?)),
            Operator::Before | Operator::After | Operator::On => {
                let (first, next) = days(value, today).ok_or_else(unreadable)?;
                if operator != Operator::Before {
                    self.since = self.since.max(Some(first));
                }
                if operator != Operator::After {
                    let end = if operator == Operator::On { next } else { first };
                    self.before = Some(self.before.map_or(end, |it| it.min(end)));
                }
            }
        }
        Ok(())
    }
}

/// Takes a query apart. An operator without a value at the end is still being typed and means nothing yet.
///
/// # Errors
/// If the value of an operator has no meaning: `before:soon`, `has:wings`.
pub fn parse(query: &str, today: Date) -> Result<Asked, Unreadable> {
    let mut asked = Asked::default();
    let query: String = query.chars().take(QUERY_CHARS_MAX).collect();
    let mut rest = query.trim_start();
    let mut operators = 0;
    while !rest.is_empty() {
        let (piece, after) = next_piece(rest);
        match read(piece).filter(|_| operators < OPERATORS_MAX) {
            Some((operator, value)) if !value.is_empty() => {
                operators += 1;
                asked.filter.take(operator, piece, value, today)?;
            }
            Some(_) if after.is_empty() => {}
            _ => {
                let gap = if asked.words.is_empty() { "" } else { " " };
                asked.words.extend([gap, piece]);
            }
        }
        let spaced = after.trim_start();
        // A space after the last word ends it.
        if spaced.is_empty() && !after.is_empty() && !asked.words.is_empty() {
            asked.words.push(' ');
        }
        rest = spaced;
    }
    Ok(asked)
}

/// The operator of a piece and its value without quotes; `None` if it is a word.
pub fn read(piece: &str) -> Option<(Operator, &str)> {
    let (name, value) = piece.split_once(':')?;
    let operator = match name.to_lowercase().as_str() {
        "from" | "от" => Operator::From,
        "in" | "в" => Operator::In,
        "before" | "до" => Operator::Before,
        "after" | "после" => Operator::After,
        "on" | "за" => Operator::On,
        "has" | "есть" => Operator::Has,
        "is" | "это" => Operator::Is,
        _ => return None,
    };
    Some((operator, value.trim_matches(|it: char| is_quote(it) || it.is_whitespace())))
}

/// Up to the next white space outside quotes, and what follows. A quote that is never closed is no quote.
fn next_piece(text: &str) -> (&str, &str) {
    let mut closed_at = None;
    for (at, c) in text.char_indices() {
        if closed_at.is_some_and(|it| at <= it) {
            continue;
        }
        if c.is_whitespace() {
            return text.split_at_checked(at).unwrap_or((text, ""));
        }
        if is_quote(c) {
            let inside = text.get(at + c.len_utf8()..).unwrap_or_default();
            closed_at = inside.find(is_quote).map(|it| at + c.len_utf8() + it);
        }
    }
    (text, "")
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '«' | '»' | '“' | '”' | '„')
}

fn has(value: &str) -> Option<Has> {
    Some(match value.to_lowercase().as_str() {
        "file" | "files" | "attachment" | "файл" | "файлы" | "вложение" => Has::File,
        "link" | "links" | "ссылка" | "ссылки" => Has::Link,
        "picture" | "pictures" | "image" | "images" | "photo" | "картинка" | "картинки" | "фото" | "изображение" => {
            Has::Picture
        }
        "reaction" | "reactions" | "реакция" | "реакции" => Has::Reaction,
        _ => return None,
    })
}

fn is(value: &str) -> Option<Is> {
    Some(match value.to_lowercase().as_str() {
        "pinned" | "закреплено" | "закреплённое" | "закрепленное" => Is::Pinned,
        "saved" | "сохранено" | "сохранённое" | "сохраненное" => Is::Saved,
        "thread" | "reply" | "тред" | "ответ" | "обсуждение" | "ветка" => Is::Thread,
        "edited" | "изменено" | "изменённое" | "измененное" => Is::Edited,
        "mine" | "моё" | "мое" => Is::Mine,
        _ => return None,
    })
}

/// The first day that is meant and the first one after it: a day, a month, a year, the last seven or thirty days.
fn days(value: &str, today: Date) -> Option<(Date, Date)> {
    let back = |days: i64| today.checked_sub(Duration::days(days));
    let (first, last) = match value.to_lowercase().as_str() {
        "today" | "сегодня" => (today, today),
        "yesterday" | "вчера" => (back(1)?, back(1)?),
        "позавчера" => (back(2)?, back(2)?),
        "week" | "неделя" | "неделю" | "недели" => (back(7)?, today),
        "month" | "месяц" | "месяца" => (back(30)?, today),
        other => return written(other, today),
    };
    Some((first, last.next_day()?))
}

fn written(value: &str, today: Date) -> Option<(Date, Date)> {
    let number = |it: &str| -> Option<u16> {
        let digits = !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
        it.parse().ok().filter(|_| digits)
    };
    let date = |y: u16, m: u16, d: u16| {
        let month = Month::try_from(u8::try_from(m).ok()?).ok()?;
        Date::from_calendar_date(i32::from(y), month, u8::try_from(d).ok()?).ok()
    };
    let one = |day: Date| Some((day, day.next_day()?));
    let year = u16::try_from(today.year()).ok()?;
    let by_dots = value.contains('.');
    let parts: Vec<u16> = value.split(if by_dots { '.' } else { '-' }).map(number).collect::<Option<_>>()?;
    match (by_dots, parts.as_slice()) {
        (true, [d, m]) => one(date(year, *m, *d)?),
        (true, [d, m, y]) if *y < 100 => one(date(2000 + *y, *m, *d)?),
        (true, [d, m, y]) => one(date(*y, *m, *d)?),
        (false, [y, m, d]) if 1000 <= *y => one(date(*y, *m, *d)?),
        (false, [y, 12]) if 1000 <= *y => Some((date(*y, 12, 1)?, date(*y + 1, 1, 1)?)),
        (false, [y, m]) if 1000 <= *y => Some((date(*y, *m, 1)?, date(*y, *m + 1, 1)?)),
        (false, [y]) if (1000..=9998).contains(y) => Some((date(*y, 1, 1)?, date(*y + 1, 1, 1)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
