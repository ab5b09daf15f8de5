//! Bounds of reading dumps of chrome://webrtc-internals.
//!
//! Together: 64 MiB in the worst connection, beside one series or one value.

/// The text of a dump in memory. Nearly all dumps of a call are smaller.
pub const INTERNALS_MEMORY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The text of a dump in a temporary file: a thousand connections of a long call.
pub const INTERNALS_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;

/// One read of that text.
pub const INTERNALS_CHUNK_BYTES: usize = 64 * 1024;

/// One name in such a dump: of a member, a series, a type; also a URL, and what describes the client.
pub const INTERNALS_NAME_BYTES_MAX: usize = 16 * 1024;

/// Entries in one connection's log: those of a thousand negotiations. Each takes 64 bytes, so all take 13 MB.
pub const INTERNALS_ENTRIES_MAX: usize = 200_000;

/// One value of a log entry: a session description of ten thousand streams.
pub const INTERNALS_VALUE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Series of one connection: 40 properties of 2,500 reports. Each takes about 130 bytes with what is planned for it, so
/// all take 13 MB.
pub const INTERNALS_SERIES_MAX: usize = 100_000;

/// Points of all reports of a connection: a thousand in each of a thousand. Each takes 12 bytes.
pub const INTERNALS_POINTS_MAX: usize = 1_000_000;

/// The page keeps so many points of a series.
pub const INTERNALS_STATS_POINTS: u32 = 1000;

/// Values of one connection that are in memory at the same time, with their places.
pub const INTERNALS_WINDOW_BYTES: usize = 8 * 1024 * 1024;

/// Requests for media and their answers. The page keeps a thousand.
pub const INTERNALS_MEDIA_MAX: usize = 16 * 1024;

/// Origins that are told apart in a dump. A browser shows a page of each.
pub const INTERNALS_ORIGINS_MAX: usize = 1000;

/// One string of such a dump when it is masked. A series of 1,000 descriptions would have 5 MB.
pub const INTERNALS_STRING_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The last statistics of connections that have been shown, in memory.
pub const INTERNALS_ENDED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Lines of a browser's own export. Each takes 40 bytes.
pub const INTERNALS_LINES_MAX: usize = 500_000;

/// How deep objects may be in the texts of old dumps. Transceivers have four levels.
pub const LOOSE_LEVELS_MAX: usize = 32;
