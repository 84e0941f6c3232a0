//! What a person typed, as clauses that must all hold. Any string is a query; none is an error.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, EmptyQuery, InvertedIndexRangeQuery, PhrasePrefixQuery, PhraseQuery, Query, RangeQuery,
    TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use zeroize::Zeroizing;

use super::schema::{Fields, Message};
use super::words::{Word, runs, words};
use super::{Only, Request, SpaceId};

/// Clauses of a query that are looked at; nobody types more.
const CLAUSES_MAX: usize = 16;

/// Characters of a query that are looked at.
const QUERY_CHARS_MAX: usize = 512;

/// Different words that the end of a phrase like `АРТ-44*` may stand for.
const PHRASE_EXPANSIONS_MAX: u32 = 1_000;

/// Whether the last word is taken as the beginning of a word even without an asterisk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LastWord {
    /// The last word is complete.
    #[default]
    Whole,
    /// The person is still typing: the last word may go on.
    Beginning,
}

/// A parsed query. No clauses: nothing is found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parsed {
    clauses: Vec<Clause>,
}

/// Words in a row; one word is a row of one.
#[derive(Debug, PartialEq, Eq)]
struct Clause {
    words: Vec<Word>,
    /// Set if the last word may go on.
    beginning: Option<Beginning>,
}

#[derive(Debug, PartialEq, Eq)]
struct Beginning {
    /// The last word as written.
    last: Zeroizing<String>,
    /// The whole clause, if it was one run: `а3` is two words, but the beginning of the hash `а3f9…` as well.
    run: Option<Zeroizing<String>>,
}

impl Parsed {
    /// Never fails: what is no operator is words.
    pub(super) fn new(query: &str, last: LastWord) -> Parsed {
        let query: Zeroizing<String> = Zeroizing::new(query.chars().take(QUERY_CHARS_MAX).collect());
        let mut pieces = pieces(&query);
        if let (Some(piece), LastWord::Beginning) = (pieces.last_mut(), last) {
            // A space after the word ends it.
            piece.goes_on |= query.ends_with(char::is_alphanumeric);
        }
        let clauses = pieces.iter().filter_map(Clause::new).take(CLAUSES_MAX);
        Parsed { clauses: clauses.collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Whether a message of these words is found.
    pub(super) fn matches(&self, words: &[Word]) -> bool {
        self.clauses.iter().all(|it| it.matches(words))
    }

    /// Whether one of the words looked for is among these.
    pub(super) fn mentions(&self, words: &[Word]) -> bool {
        words.iter().any(|word| self.clauses.iter().any(|it| it.mentions(word)))
    }

    /// The same for the index. `spaces` empty means all.
    pub(super) fn for_index(&self, fields: &Fields, request: &Request<'_>) -> Box<dyn Query> {
        let (spaces, only): (&[SpaceId], &Only<'_>) = (request.spaces, &request.only);
        let clauses = self.clauses.iter().map(|it| it.for_index(fields));
        let mut all: Vec<Box<dyn Query>> = clauses.collect();
        if !spaces.is_empty() {
            let terms = spaces.iter().map(|it| term(fields.space_term(it)));
            all.push(any_of(terms.collect()));
        }
        only.for_index(fields, &mut all);
        match all.len() {
            0 => Box::new(AllQuery),
            1 => all.remove(0),
            _ => Box::new(BooleanQuery::intersection(all)),
        }
    }
}

impl Only<'_> {
    /// Whether a message counts.
    pub(super) fn matches(&self, message: &Message) -> bool {
        let ms = message.hit.hlc_ms;
        self.devices.is_none_or(|it| it.contains(&message.device))
            && self.marks.iter().all(|it| message.marks.contains(it))
            && self.since_ms.is_none_or(|it| it <= ms)
            && self.before_ms.is_none_or(|it| ms < it)
    }

    fn for_index(&self, fields: &Fields, all: &mut Vec<Box<dyn Query>>) {
        if let Some(devices) = self.devices {
            all.push(any_of(devices.iter().map(|it| term(fields.device_term(it))).collect()));
        }
        all.extend(self.marks.iter().map(|it| term(fields.mark_term(*it))));
        if self.since_ms.is_some() || self.before_ms.is_some() {
            let since = Bound::Included(fields.time_term(self.since_ms.unwrap_or(0)));
            let before = self.before_ms.map_or(Bound::Unbounded, |it| Bound::Excluded(fields.time_term(it)));
            all.push(Box::new(RangeQuery::new(since, before)));
        }
    }
}

impl Clause {
    fn new(piece: &Piece<'_>) -> Option<Clause> {
        let words = words(piece.text);
        let last = Zeroizing::new(words.last()?.as_written().to_owned());
        let mut runs = runs(piece.text);
        let run = match (runs.pop(), runs.is_empty()) {
            (Some(run), true) => Some(run),
            _ => None,
        };
        let beginning = piece.goes_on.then_some(Beginning { last, run });
        Some(Clause { words, beginning })
    }

    fn matches(&self, text: &[Word]) -> bool {
        if let Some(run) = self.beginning.as_ref().and_then(|it| it.run.as_ref())
            && text.iter().any(|it| it.begins_with(run))
        {
            return true;
        }
        text.windows(self.words.len()).any(|row| self.matches_row(row))
    }

    fn mentions(&self, word: &Word) -> bool {
        let begins =
            |it: &Beginning| word.begins_with(&it.last) || it.run.as_ref().is_some_and(|run| word.begins_with(run));
        self.words.iter().any(|it| it.stem == word.stem) || self.beginning.as_ref().is_some_and(begins)
    }

    fn matches_row(&self, row: &[Word]) -> bool {
        let mut pairs = self.words.iter().zip(row).rev();
        let Some((wanted, word)) = pairs.next() else {
            return false;
        };
        let begins = |it: &Beginning| word.stem.starts_with(it.last.as_str());
        let last = wanted.stem == word.stem || self.beginning.as_ref().is_some_and(begins);
        last && pairs.all(|(wanted, word)| wanted.stem == word.stem)
    }

    fn for_index(&self, fields: &Fields) -> Box<dyn Query> {
        let stems = self.words.iter();
        let mut terms: Vec<Term> = stems.map(|it| Term::from_field_text(fields.text, &it.stem)).collect();
        let complete: Box<dyn Query> = match terms.as_slice() {
            [one] => term(one.clone()),
            _ => Box::new(PhraseQuery::new(terms.clone())),
        };
        let Some(beginning) = &self.beginning else {
            return complete;
        };
        let mut ways = vec![complete];
        if let Some(run) = &beginning.run {
            ways.extend([range(fields.text, run), range(fields.exact, run)]);
        }
        if 1 < terms.len() {
            terms.pop();
            terms.push(Term::from_field_text(fields.text, &beginning.last));
            let mut phrase = PhrasePrefixQuery::new(terms);
            phrase.set_max_expansions(PHRASE_EXPANSIONS_MAX);
            ways.push(Box::new(phrase));
        }
        any_of(ways)
    }
}

impl Word {
    fn begins_with(&self, beginning: &str) -> bool {
        self.stem.starts_with(beginning) || self.as_written().starts_with(beginning)
    }
}

/// One clause as typed.
struct Piece<'a> {
    text: &'a str,
    goes_on: bool,
}

impl<'a> Piece<'a> {
    fn new(text: &'a str) -> Piece<'a> {
        Piece { text, goes_on: text.ends_with('*') }
    }
}

/// Quoted pieces are one clause each, the rest is cut at white space. A quote that is never closed is no quote.
fn pieces(query: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = query;
    while let Some((before, quoted, after)) = next_quoted(rest) {
        out.extend(before.split_whitespace().map(Piece::new));
        out.push(Piece::new(quoted));
        rest = after;
        if let Some(after) = rest.strip_prefix('*') {
            rest = after;
            out.iter_mut().rev().take(1).for_each(|it| it.goes_on = true);
        }
    }
    out.extend(rest.split_whitespace().map(Piece::new));
    out
}

fn next_quoted(text: &str) -> Option<(&str, &str, &str)> {
    const QUOTES: [char; 6] = ['"', '«', '»', '“', '”', '„'];
    let (before, rest) = text.split_once(QUOTES)?;
    let (quoted, after) = rest.split_once(QUOTES)?;
    Some((before, quoted, after))
}

fn term(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn any_of(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.len() {
        0 => Box::new(EmptyQuery),
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::union(queries)),
    }
}

/// All words of `field` that begin so.
fn range(field: Field, beginning: &str) -> Box<dyn Query> {
    let end = format!("{beginning}{}", char::MAX);
    Box::new(InvertedIndexRangeQuery::new(
        Bound::Included(Term::from_field_text(field, beginning)),
        Bound::Excluded(Term::from_field_text(field, &end)),
    ))
}
