//! What the index holds of one message, and how it is opened.

use std::fs;
use std::path::Path;

use tantivy::directory::Directory;
use tantivy::schema::{Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{
    DocAddress, Index, IndexReader, IndexSettings, IndexSortByField, Order, ReloadPolicy, Searcher, TantivyDocument,
    Term,
};

use super::sealed::SealedDirectory;
use super::words::Word;
use super::{DeviceId, Hit, Mark, MessageId, SpaceId};

/// Content of the version file. Any other content and the index is built anew: raise it with every change of the
/// schema, the tokenizer or the sealed format.
const VERSION: &[u8] = b"artel search 2\n";
const VERSION_FILE: &str = "version";

/// Size of one block of stored ids. A hit reads one block, so it is small.
const STORED_BLOCK_BYTES: usize = 4 * 1024;

/// Blocks of stored ids that a segment keeps in memory.
const STORED_BLOCKS_CACHED: usize = 32;

/// The fields of a message in the index. Its text is not stored, only findable.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// Stems, with positions for phrases.
    pub(super) text: Field,
    /// Words as written that differ from their stem, for prefixes.
    pub(super) exact: Field,
    /// First 8 bytes of the space id, to look in one space only; the hit is compared whole.
    pub(super) space: Field,
    /// First 8 bytes of the message id, to remove it.
    pub(super) key: Field,
    /// First 8 bytes of the id of the device that wrote it.
    device: Field,
    /// Numbers of what else is known of it.
    marks: Field,
    /// Time of the message; segments are sorted by it, newest first, so that the newest hits come first.
    time: Field,
    /// id ‖ space ‖ time, read for each hit shown.
    ///
    /// A stored block costs one page. Columns would cost the whole column for the first hit of a query, and a column
    /// of random ids is as large as the text.
    hit: Field,
}

/// One message as the index takes it.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) hit: Hit,
    pub(super) words: Vec<Word>,
    pub(super) device: DeviceId,
    pub(super) marks: Vec<Mark>,
}

/// An index that is open for searching and writing.
pub(super) struct Opened {
    pub(super) index: Index,
    pub(super) reader: IndexReader,
    pub(super) fields: Fields,
    pub(super) directory: SealedDirectory,
    /// What the last commit said about itself, if there was one.
    pub(super) payload: Option<String>,
}

impl Fields {
    fn build() -> (Schema, Fields) {
        let mut schema = Schema::builder();
        let option = |option| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer("raw") // Text comes tokenized already; this one is never asked.
                .set_fieldnorms(false)
                .set_index_option(option);
            TextOptions::default().set_indexing_options(indexing)
        };
        let fields = Fields {
            text: schema.add_text_field("text", option(IndexRecordOption::WithFreqsAndPositions)),
            exact: schema.add_text_field("exact", option(IndexRecordOption::Basic)),
            space: schema.add_u64_field("space", INDEXED),
            key: schema.add_u64_field("key", INDEXED),
            device: schema.add_u64_field("device", INDEXED),
            marks: schema.add_u64_field("marks", INDEXED),
            time: schema.add_u64_field("time", tantivy::schema::FAST),
            hit: schema.add_bytes_field("hit", STORED),
        };
        (schema.build(), fields)
    }

    pub(super) fn document(&self, message: &Message) -> TantivyDocument {
        let stems = message.words.iter().map(|it| it.stem.as_str());
        let exact = message.words.iter().filter_map(|it| it.exact.as_deref());
        let mut document = TantivyDocument::new();
        document.add_pre_tokenized_text(self.text, tokenized(stems));
        document.add_pre_tokenized_text(self.exact, tokenized(exact));
        document.add_u64(self.space, prefix(&message.hit.space));
        document.add_u64(self.key, prefix(&message.hit.id));
        document.add_u64(self.device, prefix(&message.device));
        for mark in &message.marks {
            document.add_u64(self.marks, mark.number());
        }
        document.add_u64(self.time, message.hit.hlc_ms);
        document.add_bytes(self.hit, &pack(&message.hit));
        document
    }

    /// The term that removes the message `id`.
    pub(super) fn key_term(&self, id: &MessageId) -> Term {
        Term::from_field_u64(self.key, prefix(id))
    }

    /// The term that all messages of `space` carry (and, hardly ever, others).
    pub(super) fn space_term(&self, space: &SpaceId) -> Term {
        Term::from_field_u64(self.space, prefix(space))
    }

    /// The term that all messages of a device carry.
    pub(super) fn device_term(&self, device: &DeviceId) -> Term {
        Term::from_field_u64(self.device, prefix(device))
    }

    /// The term that all messages with a mark carry.
    pub(super) fn mark_term(&self, mark: Mark) -> Term {
        Term::from_field_u64(self.marks, mark.number())
    }

    /// The term of a moment.
    pub(super) fn time_term(&self, ms: u64) -> Term {
        Term::from_field_u64(self.time, ms)
    }

    /// Reads what is stored for a hit; `None` if it is not ours, which only a programming error can cause.
    pub(super) fn stored_hit(&self, searcher: &Searcher, address: DocAddress) -> tantivy::Result<Option<Hit>> {
        let document = searcher.doc::<TantivyDocument>(address)?;
        let bytes = document.get_first(self.hit);
        Ok(bytes.and_then(|it| it.as_bytes().and_then(unpack)))
    }
}

impl Mark {
    fn number(self) -> u64 {
        match self {
            Self::File => 1,
            Self::Link => 2,
            Self::Reply => 3,
        }
    }
}

/// Opens the index in `root`, or creates one if `root` has none; an index of another version is an error.
pub(super) fn open(root: &Path, key: &[u8; 32]) -> tantivy::Result<Opened> {
    let directory = SealedDirectory::open(root, key)?;
    let (schema, fields) = Fields::build();
    let version = root.join(VERSION_FILE);
    let index = match directory.exists(Path::new("meta.json"))? {
        true if fs::read(&version)? != VERSION => {
            return Err(tantivy::TantivyError::SystemError("other version".into()));
        }
        true => Index::open(directory.clone())?,
        false => Index::create(directory.clone(), schema.clone(), settings())?,
    };
    if index.schema() != schema {
        return Err(tantivy::TantivyError::SystemError("other schema".into()));
    }
    fs::write(&version, VERSION)?;
    let reader = index
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .doc_store_cache_num_blocks(STORED_BLOCKS_CACHED)
        .try_into()?;
    Ok(Opened { payload: index.load_metas()?.payload, index, reader, fields, directory })
}

/// Makes the next open of the index in `root` start anew.
pub(super) fn condemn(root: &Path) {
    if let Err(why) = fs::write(root.join(VERSION_FILE), b"damaged\n") {
        tracing::warn!(%why, "cannot mark the search index as damaged");
    }
}

fn settings() -> IndexSettings {
    IndexSettings {
        sort_by_field: Some(IndexSortByField { field: "time".to_owned(), order: Order::Desc }),
        docstore_blocksize: STORED_BLOCK_BYTES,
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    }
}

fn tokenized<'a>(words: impl Iterator<Item = &'a str>) -> PreTokenizedString {
    let token = |(position, word): (usize, &str)| Token {
        offset_from: 0,
        offset_to: 0,
        position,
        text: word.to_owned(),
        position_length: 1,
    };
    PreTokenizedString { text: String::new(), tokens: words.enumerate().map(token).collect() }
}

fn prefix(id: &[u8]) -> u64 {
    id.first_chunk().map_or(0, |it| u64::from_be_bytes(*it))
}

fn pack(hit: &Hit) -> Vec<u8> {
    let time = hit.hlc_ms.to_be_bytes();
    [&hit.id[..], &hit.space, &time].concat()
}

fn unpack(bytes: &[u8]) -> Option<Hit> {
    let (id, rest) = bytes.split_first_chunk()?;
    let (space, time) = rest.split_first_chunk()?;
    Some(Hit { id: *id, space: *space, hlc_ms: u64::from_be_bytes(*time.first_chunk()?) })
}
