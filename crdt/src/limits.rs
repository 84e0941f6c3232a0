//! Every bound of the system, each with unit, reason and source. A value from outside that breaks one is refused.

use std::time::Duration;

/// Largest text of one message, bytes of UTF-8. Larger things are files. 256 KiB holds any pasted log a person reads.
pub const TEXT_BYTES_MAX: usize = 256 * 1024;

/// Largest blob that travels and is stored beside its entry, bytes of ciphertext; above it a blob goes by its own stream.
/// 4 KiB holds 99.9 % of chat messages whole, so that a message is readable as soon as its entry is there.
pub const INLINE_BLOB_BYTES_MAX: usize = 4 * 1024;

/// Largest packet that is pushed, bytes. Doubling it doubles what a slow link holds back per message.
pub const PUSH_BYTES_MAX: usize = 16 * 1024;

/// Largest act, bytes of body.
pub const ACT_BYTES_MAX: usize = 16 * 1024;

/// Largest sealed or clear body of an entry, bytes. Texts are blobs, so only acts, epochs and grants come near it.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Most entries one run packet may hold: the spacing of checked signatures, so that every packet ends at one.
pub const RUN_ENTRIES_MAX: usize = 128;

/// Largest run packet with its inline blobs, bytes.
pub const PACKET_BYTES_MAX: usize = 768 * 1024;

/// Deepest nesting of CBOR from outside.
pub const CBOR_DEPTH_MAX: usize = 16;

/// Most predecessors in other logs that one entry may name.
pub const SEEN_MAX: usize = 16;

/// Most blobs of one entry.
pub const BLOBS_MAX: usize = 16;

/// Largest blob, bytes of ciphertext. A file is many of them.
pub const BLOB_BYTES_MAX: u32 = 512 * 1024;

/// How far ahead of us a clock may be before its rows are drawn last with a mark.
pub const CLOCK_SKEW: Duration = Duration::from_secs(120);

/// Beyond this an entry from the future is held back entirely.
pub const CLOCK_HOLD: Duration = Duration::from_secs(24 * 60 * 60);

/// Records of one segment after which its space opens a new epoch. Above it Automerge slows down: applying a change
/// costs O(touched object), and more than 500 actors in a segment cost 29–95 µs a record (measured, automerge 0.12).
pub const SEGMENT_RECORDS_MAX: usize = 2_000;

/// Records of one writer in one block of a segment, for the same reason.
pub const BLOCK_RECORDS_MAX: u64 = 128;

/// Age at which a written space opens a new epoch.
pub const EPOCH_AGE_MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Certificates are valid for at most this long.
pub const CERT_LIFE_MAX: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// An invitation can be used for this long, if nobody says otherwise.
pub const INVITE_LIFE: Duration = Duration::from_secs(72 * 60 * 60);

/// And for at most this long: a code that lies in a drawer is found by others.
pub const INVITE_LIFE_MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Persons in a group besides which it should be a channel.
pub const GROUP_PERSONS_MAX: usize = 8;

/// Most keys in one grant.
pub const GRANT_KEYS_MAX: usize = 256;

/// Most devices to which one epoch is sealed. 4 096 stanzas of 110 bytes fit into one blob.
pub const STANZAS_MAX: usize = 4_096;

/// Most logs in one cut. 512 positions of 70 bytes fit into one body.
pub const CUT_LOGS_MAX: usize = 512;

/// Most persons of a private channel, the removed ones counted apart; its roster fits into one blob with room to spare.
pub const ROSTER_PERSONS_MAX: usize = 4_096;

/// Most ids in one forget entry.
pub const FORGET_IDS_MAX: usize = 256;

/// Longest name of a person, team, channel or organisation, bytes of UTF-8.
pub const NAME_BYTES_MAX: usize = 256;

/// Longest mail address, bytes (RFC 5321 §4.5.3.1.3).
pub const EMAIL_BYTES_MAX: usize = 254;

/// Largest register, bytes; a draft is the largest of them.
pub const REGISTER_BYTES_MAX: usize = 64 * 1024;

/// Gaps kept per log while it is being fetched newest first. More means a peer that scatters; the rest waits.
pub const LOG_RANGES_MAX: usize = 4_096;

/// Entries of the organisation space that wait for predecessors, in all. Sync brings them in order, so more is a flood.
pub const ORPHANS_MAX: usize = 10_000;

/// Padding unit of sealed bodies and texts, bytes.
pub const PAD_BYTES: usize = 32;

/// Longest emoji of a reaction, bytes of UTF-8: the longest joined sequence of Unicode 16 has 35, names of own emoji fit.
pub const EMOJI_BYTES_MAX: usize = 64;

/// Different reactions of one person to one record that are shown.
pub const REACTIONS_PER_PERSON_MAX: usize = 16;

/// Most mentions in one record; whoever means more persons means a team or all.
pub const MENTIONS_MAX: usize = 64;

/// Records of one log in one segment that go into its document; more is a flood. Sixteen times a full segment, and far
/// below the 2^32 operations that Automerge can number.
pub const WRITER_RECORDS_MAX: usize = 32_000;

/// Records of a segment that may wait for earlier ones of their log; what is above is given again by the caller.
pub const SEGMENT_WAITING_MAX: usize = 8_000;

/// Registers of one device in one space. A person who keeps 4 000 drafts and read positions has everything.
pub const REGISTERS_PER_DEVICE_MAX: usize = 4_096;

/// Longest chain of edits of edits that still leads to a message. Honest programs always name the message, so one is
/// usual; the bound keeps a hostile chain from costing a walk per note.
pub const EDIT_CHAIN_MAX: usize = 16;

/// Devices that a person may add without an administrator, those revoked since included. More would let one member fill
/// the stanzas of every epoch; a person with more devices asks an administrator.
pub const OWN_DEVICES_MAX: u64 = 32;

/// Longest name of a file, bytes of UTF-8: 255 characters, the most that common file systems take, of up to four bytes.
pub const FILE_NAME_BYTES_MAX: usize = 1_024;

/// Longest media type, bytes (RFC 6838 §4.2: 127 each side of the slash are allowed, half of it is never used).
pub const MEDIA_TYPE_BYTES_MAX: usize = 127;

/// Hashes in one list of pieces: a list is then one piece long, 64 KiB, and covers 128 MiB of a file.
pub const LIST_PIECES_MAX: usize = 2_048;

/// Lists of one file. Their hashes are 136 KiB of its description, which is fetched with its message.
pub const FILE_LISTS_MAX: usize = 4_096;

/// Largest file, bytes: what [`FILE_LISTS_MAX`] full lists cover, about 512 GiB.
pub const FILE_BYTES_MAX: u64 = (FILE_LISTS_MAX * LIST_PIECES_MAX) as u64 * crate::seal::PIECE_BYTES as u64;

/// Largest thumbnail in the description of a picture, bytes. Small ones travel with their message.
pub const THUMBNAIL_BYTES_MAX: usize = 16 * 1024;
