//! Bounds of what the page of a dump holds.

/// Bytes of one value of an event in the page; a candidate has about 150. What is longer is cut.
pub const VIEW_TEXT_CHARS_MAX: usize = 400;

/// Events of any kind in the page. Beyond, only calls, failures and states are kept.
pub const VIEW_EVENTS_MAX: usize = 20_000;

/// Calls, failures and states in the page. With the texts below they take some 10 MB.
pub const VIEW_CALLS_MAX: usize = 100_000;

/// All texts of events in the page. A text is kept once, however many events have it.
pub const VIEW_TEXTS_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Calls that have not returned, of all connections. Each costs about 100 bytes.
pub const VIEW_PENDING_MAX: usize = 4096;

/// Changes of one state of one connection. A connection that fails and restarts each second for an hour makes 10,800.
pub const VIEW_CHANGES_MAX: usize = 10_000;
