//! Bounds of what features hold of one dump.

/// One value that features copy: a text, an id, an object such as `userAgentData`. The longest that browsers send have
/// a few hundred bytes (`sdpFmtpLine`, brands, the text of an error).
pub const FEATURE_VALUE_BYTES_MAX: usize = 4 * 1024;

/// All texts that the features of one dump hold, each with the memory that surrounds it. A track takes about 40 of
/// them, or 4 kB: this is enough for 4,000 tracks.
pub const FEATURE_TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What a text costs besides its bytes: pointer and length, a place in a map, the allocator.
pub const FEATURE_TEXT_OVERHEAD_BYTES: usize = 64;
const _: () = assert!(FEATURE_TRACKS_TOTAL_MAX * 40 * (FEATURE_TEXT_OVERHEAD_BYTES + 32) <= FEATURE_TEXT_BYTES_MAX);

/// Members of `create` that become features. The client library sends seven.
pub const FEATURE_MEMBERS_MAX: usize = 64;

/// Tracks of getUserMedia that are remembered until they end. A page that asks for new ones every minute for a day
/// makes 1,440 with one kind.
pub const FEATURE_CAPTURES_MAX: usize = 2048;

/// Tracks of one connection and of one dump, and streams likewise. A conference of 100 with two tracks each needs 200,
/// and one whose members change all day a few thousand. A stream takes up to 3 kB with 32 sizes.
pub const FEATURE_TRACKS_MAX: usize = 2048;
pub const FEATURE_TRACKS_TOTAL_MAX: usize = 4096;
pub const FEATURE_STREAMS_MAX: usize = 2048;
pub const FEATURE_STREAMS_TOTAL_MAX: usize = 8192;

/// Tracks whose first unmute is remembered, for one connection.
pub const FEATURE_UNMUTES_MAX: usize = FEATURE_TRACKS_MAX;

/// Transports of one connection: one with BUNDLE, one for each section of the description without.
pub const FEATURE_TRANSPORTS_MAX: usize = 32;

/// Candidate pairs of one connection that were selected, one after the other. A phone that changes its network every
/// minute makes 60 in an hour.
pub const FEATURE_PAIRS_MAX: usize = 128;

/// Located candidates of each side of a connection, until the first pair is known.
pub const FEATURE_LOCATED_MAX: usize = 64;

/// Different widths (and heights) of one stream. The steps by which browsers scale give fewer than 20.
pub const FEATURE_SIZES_MAX: usize = 32;

/// What one connection takes besides its texts, tracks and streams. Twice as much while features are finished, which is
/// still no more than the 4 KiB that reading a dump may take for a connection.
pub const FEATURE_CONNECTION_BYTES_MAX: usize = 2 * 1024;

/// The longest text of features that goes to tables. A track takes about 1.5 KB, so these are some 700 tracks. The
/// texts of all rows of a transaction take 64 MiB at most, and their values are read one dump at a time.
pub const FEATURE_TABLES_BYTES_MAX: u64 = 1024 * 1024;

/// Stored dumps that get their features later, at a time: their objects become durable by one sync, and their texts
/// take 64 MiB at most.
pub const BACKFILL_DUMPS_MAX: usize = 64;
const _: () = assert!(BACKFILL_DUMPS_MAX as u64 * FEATURE_TABLES_BYTES_MAX <= 64 << 20);

/// A copied JSON value with more levels than this goes to no column: PostgreSQL ends a statement whose JSON exhausts
/// its stack (2 MiB, some thousands of levels), whatever else is in it.
pub const FEATURE_CELL_LEVELS_MAX: usize = 64;

/// A line of a stored dump that gets its features later. Lines of ours are messages, whose default bound is a sixteenth
/// of this; the object may be another program's.
pub const BACKFILL_LINE_BYTES_MAX: usize = 64 * 1024 * 1024;
