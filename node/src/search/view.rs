//! One search: the committed index and the tail of one moment, newest first.

use std::collections::BTreeSet;
use std::sync::Arc;

use tantivy::query::{EnableScoring, Scorer};
use tantivy::{DocAddress, Searcher, SegmentReader, TERMINATED};

use super::query::Parsed;
use super::schema::{Fields, Message};
use super::{Hit, MessageId, Request, SpaceId, Verdict};

/// Everything that can be found at one moment.
pub(super) struct View {
    pub(super) searcher: Searcher,
    pub(super) fields: Fields,
    /// Messages that no commit holds yet.
    pub(super) messages: Vec<Arc<Message>>,
    /// Messages whose version in the index is out of date.
    pub(super) outdated: BTreeSet<MessageId>,
}

/// The hits of one segment. Segments are sorted newest first, so hits come that way too and only those shown are read.
struct Walk<'a> {
    view: &'a View,
    spaces: &'a [SpaceId],
    scorer: Box<dyn Scorer>,
    segment: &'a SegmentReader,
    ordinal: u32,
    /// The newest hit not taken yet.
    head: Option<Hit>,
}

impl View {
    /// At most `limit` hits of `query` as the rest of `request` narrows it and `judge` takes them, newest first.
    pub(super) fn hits(
        &self,
        query: &Parsed,
        request: &Request<'_>,
        limit: usize,
        judge: &mut dyn FnMut(&Hit) -> Verdict,
    ) -> tantivy::Result<Vec<Hit>> {
        if query.is_empty() && !request.only.wordless {
            return Ok(Vec::new());
        }
        let mut tail = self.tail_hits(query, request);
        let mut walks = self.walks(query, request)?;
        let mut out = Vec::new();
        let mut seen = BTreeSet::new();
        while out.len() < limit {
            let newest = walks.iter_mut().filter(|it| it.head.is_some()).max_by_key(|it| it.head);
            let hit = match newest {
                Some(walk) if tail.last() < walk.head.as_ref() => walk.next()?,
                _ => tail.pop(),
            };
            let Some(hit) = hit else { break };
            if !seen.insert(hit.id) {
                continue;
            }
            match judge(&hit) {
                Verdict::Take => out.push(hit),
                Verdict::Pass => {}
                Verdict::Enough => break,
            }
        }
        Ok(out)
    }

    /// Hits of the tail, the newest last.
    fn tail_hits(&self, query: &Parsed, request: &Request<'_>) -> Vec<Hit> {
        let here = |it: &SpaceId| request.spaces.is_empty() || request.spaces.contains(it);
        let matching = self
            .messages
            .iter()
            .filter(|it| here(&it.hit.space) && request.only.matches(it) && query.matches(&it.words));
        let mut hits: Vec<Hit> = matching.map(|it| it.hit).collect();
        hits.sort_unstable();
        hits
    }

    fn walks<'a>(&'a self, query: &Parsed, request: &Request<'a>) -> tantivy::Result<Vec<Walk<'a>>> {
        let spaces = request.spaces;
        let query = query.for_index(&self.fields, request);
        let weight = query.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        let mut walks = Vec::new();
        for (ordinal, segment) in (0..).zip(self.searcher.segment_readers()) {
            let mut walk =
                Walk { view: self, spaces, scorer: weight.scorer(segment, 1.0)?, segment, ordinal, head: None };
            walk.find_head()?;
            walks.push(walk);
        }
        Ok(walks)
    }
}

impl Walk<'_> {
    fn next(&mut self) -> tantivy::Result<Option<Hit>> {
        let hit = self.head.take();
        self.scorer.advance();
        self.find_head()?;
        Ok(hit)
    }

    /// Moves the scorer to the next hit that counts, if it does not stand on one.
    fn find_head(&mut self) -> tantivy::Result<()> {
        while self.scorer.doc() != TERMINATED {
            self.head = self.hit_here()?;
            if self.head.is_some() {
                break;
            }
            self.scorer.advance();
        }
        Ok(())
    }

    fn hit_here(&self) -> tantivy::Result<Option<Hit>> {
        let doc = self.scorer.doc();
        if self.segment.is_deleted(doc) {
            return Ok(None);
        }
        let address = DocAddress::new(self.ordinal, doc);
        let hit = self.view.fields.stored_hit(&self.view.searcher, address)?;
        Ok(hit.filter(|it| {
            let here = self.spaces.is_empty() || self.spaces.contains(&it.space);
            here && !self.view.outdated.contains(&it.id)
        }))
    }
}
