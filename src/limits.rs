//! Every bound of the server that is not an operator's to tune, and the defaults of those that are.
//!
//! Each constant is named NOUN_UNIT_MAX (or …_DEFAULT where `config.rs` lets an operator change it), with the
//! arithmetic above it and, where two bounds depend on each other, a const assertion below. Nothing happens here.

// --- storage ---

/// A UUID in its text form (RFC 9562, section 4).
pub const ID_BYTES: usize = 36;

/// Objects keys end at 1,024 bytes in S3, and PATH_MAX (4,096) leaves a store's root three times as much.
pub const KEY_BYTES_MAX: usize = 1024;

/// NAME_MAX is 255; the hidden name of a copy under way is `.NAME.tmp`, five more.
pub const KEY_SEGMENT_BYTES_MAX: usize = 250;
const _: () = assert!(KEY_SEGMENT_BYTES_MAX + ".".len() + ".tmp".len() <= 255);

/// A claim within a key, so that all three fit one segment beside the id, the date and `.jsonl.gz` with separators.
pub const KEY_VALUE_BYTES_MAX: usize = 60;
const _: () = assert!(3 * KEY_VALUE_BYTES_MAX + ID_BYTES + 10 + 9 + 4 <= KEY_SEGMENT_BYTES_MAX);
const _: () = assert!(ID_BYTES <= KEY_VALUE_BYTES_MAX);

/// One read of a copy to another file system: large enough that the calls cost nothing beside the bytes.
pub const COPY_BUFFER_BYTES: usize = 64 * 1024;

// --- database ---

/// How long one call waits for another process that writes the catalogue, in ms: such a write takes a few; an
/// operator's open transaction lasts longer and is waited for by retries, not by a worker.
pub const CATALOGUE_BUSY_MS_MAX: u64 = 5_000;

/// Pages the catalogue's connection keeps, in KiB: ids grow with time, so the ends of five trees are all it touches.
pub const CATALOGUE_CACHE_KIB_MAX: usize = 512;

/// The write-ahead log is cut back to this after a checkpoint that a long reader delayed: SQLite checkpoints every
/// 1,000 pages of 4 KiB.
pub const CATALOGUE_WAL_BYTES_MAX: usize = 1_000 * 4_096;
