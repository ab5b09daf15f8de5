//! Bounds of masking and of reading dumps: what is looked at, what is kept, and what of a file is not believed.
//!
//! Each constant has its arithmetic above it. This file contains no code that runs.
/// Properties that a report keeps although they are not in the table of the protocol. Browsers have about 20 that the
/// table lacks, and 60 in the statistics of before 2020. They are searched by name, and this bounds the search.
pub const PROPERTIES_NAMED_MAX: usize = 256;

/// The text of an object that is the value of a property, if its members are to be changed one by one. The longest that
/// browsers send, `qualityLimitationDurations`, has about 110 bytes.
pub const NESTED_BYTES_MAX: usize = 1024;

/// Reports in one event. A call of 100 transceivers has about 700.
pub const REPORTS_PER_EVENT_MAX: usize = 65_536;

/// Properties in one event: 15 times those of such a call. Each takes 16 bytes while the line is decoded: 8 MiB.
pub const PROPERTIES_PER_EVENT_MAX: usize = 524_288;

/// Connections in one dump. A page that makes one a second needs 18 hours for so many. Without reports, one takes up to
/// 500 bytes, so all of them take 32 MB.
pub const DUMP_CONNECTIONS_MAX: usize = 65_536;

/// Calls of setLocalDescription, and of setRemoteDescription, that a connection may have begun and not ended. Browsers
/// queue them one behind the other.
pub const DESCRIPTIONS_PENDING_MAX: usize = 16;

/// How many times the bytes of the dump the session descriptions may have when their sections are put back, after the
/// first 64 MiB. In recorded dumps that is less than once. What is beyond stays as it was sent.
pub const DESCRIPTIONS_RATIO_MAX: u64 = 100;
pub const DESCRIPTIONS_FREE_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes of the session descriptions of all connections that are kept to complete later ones by the state of the
/// connection. One that would go beyond keeps none, and its later descriptions stay as they were sent. A connection has
/// up to seven; those of an hour with 50 connections take 2 MB, and the largest recorded call 4 MB.
pub const DESCRIPTIONS_KEPT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The length of a line of a dump that is read. It is four times the longest message that is taken by default; the
/// longest one recorded has 314 kB. A longer line is skipped.
pub const DUMP_LINE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How many times its size compressed data may grow, after their first 16 MiB. Recorded dumps grow to 4 to 100 times
/// their size, and gzip cannot do more than 1,032.
pub const DUMP_RATIO_MAX: u64 = 250;
pub const DUMP_RATIO_FREE_BYTES: u64 = 16 * 1024 * 1024;

/// The window of zstd, as a power of two: 32 MiB. Levels up to 19 use 8 MiB; more is only made with `--ultra` or
/// `--long`.
pub const ZSTD_WINDOW_LOG_MAX: u32 = 25;

/// Notes about what was not read of one dump. With 100 bytes each, they take 100 kB.
pub const NOTES_COUNT_MAX: usize = 1000;

/// How many layers of encoding the masking undoes in one text. A URL in a URL in a string of a JSON text that is itself
/// a string makes three. Each layer costs one more pass over that text, so this bound keeps masking linear.
pub const ESCAPE_LAYERS_MAX: usize = 3;

/// Levels of objects and arrays in one line; anything deeper is masked as text. A level costs the masking about 20
/// bytes, so this takes 1.3 MB, while a 4 MiB message of nothing but brackets would take 80 MB without the bound. No
/// reader goes this deep: serde_json stops at 128, Python at 1000.
pub const NESTING_LEVELS_MAX: usize = 65_536;

/// Elements that each of the masking's buffers keeps room for from line to line. A long line makes them grow as needed;
/// afterwards they shrink to this, so that one such line does not occupy its memory for ever.
pub const MASK_SCRATCH_ELEMENTS_MAX: usize = 65_536;

/// How many bytes of a `%zone` (RFC 4007) are masked together with the address before it. Interface names have at most
/// 15 bytes on Linux and 256 characters on Windows, where they are numbers in practice.
pub const ZONE_BYTES_MAX: usize = 64;
