//! Every text of the window, in Russian and English: Fluent messages by key, with plurals, dates and numbers.

use artel_node::text::Lang;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use time::{Date, OffsetDateTime, UtcOffset};
use unic_langid::LanguageIdentifier;

const EN: &str = include_str!("words/en.ftl");
const RU: &str = include_str!("words/ru.ftl");

/// The texts of one language.
pub(crate) struct Words {
    /// Which.
    pub(crate) lang: Lang,
    bundle: FluentBundle<FluentResource>,
    /// Of the place where the reader sits.
    offset: UtcOffset,
}

impl Words {
    pub(crate) fn new(lang: Lang) -> Self {
        let (source, id) = match lang {
            Lang::En => (EN, "en"),
            Lang::Ru => (RU, "ru"),
        };
        let mut bundle = FluentBundle::new_concurrent(vec![id.parse::<LanguageIdentifier>().unwrap_or_default()]);
        bundle.set_use_isolating(false);
        // A test reads both files whole; here what can be read is used.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partly, _)| partly);
        bundle.add_resource(resource).ok();
        Self { lang, bundle, offset: UtcOffset::current_local_offset().unwrap_or(UtcOffset::UTC) }
    }

    /// A text without variables.
    pub(crate) fn t(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A text about a number, `{ $count }`.
    pub(crate) fn n(&self, key: &str, count: usize) -> String {
        let mut args = FluentArgs::new();
        args.set("count", FluentValue::from(count));
        self.format(key, Some(&args))
    }

    /// A text with one name in it.
    pub(crate) fn with(&self, key: &str, name: &str, value: &str) -> String {
        let mut args = FluentArgs::new();
        args.set(name.to_owned(), value.to_owned());
        self.format(key, Some(&args))
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let pattern = self.bundle.get_message(key).and_then(|it| it.value());
        match pattern {
            Some(pattern) => self.bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned(),
            None => key.to_owned(),
        }
    }

    /// The moment of an RFC 3339 text, by the reader's clock on the wall.
    pub(crate) fn moment(&self, rfc3339: &str) -> Option<OffsetDateTime> {
        let moment = OffsetDateTime::parse(rfc3339, &time::format_description::well_known::Rfc3339).ok()?;
        Some(moment.to_offset(self.offset))
    }

    /// Now, by the reader's clock on the wall.
    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc().to_offset(self.offset)
    }

    /// Today, on the reader's calendar.
    pub(crate) fn today(&self) -> Date {
        self.now().date()
    }

    /// `9:05`
    pub(crate) fn clock(&self, moment: OffsetDateTime) -> String {
        format!("{}:{:02}", moment.hour(), moment.minute())
    }

    /// `Today`, `Yesterday`, `22 November`, with the year if it is another.
    pub(crate) fn day(&self, day: Date, today: Date) -> String {
        if day == today {
            return self.t("today");
        }
        if Some(day) == today.previous_day() {
            return self.t("yesterday");
        }
        let month = self.t(&format!("month-{}", u8::from(day.month())));
        match (self.lang, day.year() == today.year()) {
            (_, true) => format!("{} {month}", day.day()),
            (Lang::En, false) => format!("{} {month} {}", day.day(), day.year()),
            (Lang::Ru, false) => format!("{} {month} {} г.", day.day(), day.year()),
        }
    }

    /// Day and time in one line: `Today 9:05`.
    pub(crate) fn stamp(&self, rfc3339: &str) -> String {
        match self.moment(rfc3339) {
            Some(moment) => format!("{} {}", self.day(moment.date(), self.today()), self.clock(moment)),
            None => String::new(),
        }
    }
}

#[cfg(test)]
mod tests;
