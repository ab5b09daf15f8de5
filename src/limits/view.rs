//! Bounds of what the page of a dump holds.

/// Bytes of one value of an event in the page; a candidate has about 150. What is longer is cut.
pub const VIEW_TEXT_BYTES_MAX: usize = 400;

/// Events of any kind in the page. Beyond, only calls, failures and states are kept.
pub const VIEW_EVENTS_MAX: usize = 20_000;

/// Calls, failures and states in the page. With the texts below they take some 10 MB.
pub const VIEW_CALLS_MAX: usize = 100_000;

/// All texts of events in the page. A text is kept once, however many events have it.
pub const VIEW_TEXTS_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Calls that have not returned, of all connections. Each costs about 100 bytes.
pub const VIEW_PENDING_MAX: usize = 4096;

/// Values over time of all connections. Each takes about 150 bytes in memory, and in the page 100 bytes of its head:
/// of a mesh of 50 connections with 15 reports of 25 properties there are 19,000.
pub const VIEW_SERIES_MAX: usize = 65_536;

/// Reports of all connections, some 200 bytes each.
pub const VIEW_REPORTS_MAX: usize = 65_536;

/// Bytes of the id of a report, which each of its values names again; Chromium's have 40 at most. Longer ones are cut,
/// and told apart by a hash.
pub const VIEW_ID_BYTES_MAX: usize = 128;

/// Polls of one connection: eleven days with one in a second; and of all, with 8 bytes each: 50 connections for eleven
/// hours.
pub const VIEW_POLLS_MAX: usize = 1_000_000;
pub const VIEW_ALL_POLLS_MAX: usize = 2_000_000;

/// Values of all polls: those of a day with 4,000 of them in each second. Each is looked at some ten times.
pub const VIEW_VALUES_MAX: usize = 400_000_000;

/// Changes of values in memory, which take up to twice as much there; beyond, they go to a file without a name. A call
/// of five minutes with four connections takes 200 kB.
pub const VIEW_CHANGES_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Words of one value, and their bytes: a state has ten at most, and an implementation changes its name twice.
pub const VIEW_WORDS_MAX: usize = 32;
pub const VIEW_WORD_BYTES_MAX: usize = 2048;

/// Different calls that may have caused one round.
pub const VIEW_TRIGGERS_MAX: usize = 16;

/// Session descriptions in the page, and the bytes of their texts. Of a large one (100 transceivers) there are 100 kB;
/// descriptions of one connection repeat each other, so gzip makes a tenth of them.
pub const VIEW_DESCRIPTIONS_MAX: usize = 4096;
pub const VIEW_SDP_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Differences that are worked out here; the page's script does others when they are asked for. They are told until the
/// compared texts have this many bytes.
pub const VIEW_DIFFS_MAX: usize = 400;
pub const VIEW_DIFF_BYTES_MAX: usize = 2 * 1024 * 1024;

/// States, rounds, candidates and calls of the page, of all connections, with their texts: some 20,000 of them.
pub const VIEW_STORIES_BYTES_MAX: usize = 6 * 1024 * 1024;

/// ICE servers of one connection, and candidates of both sides; of these most connections have fewer than 20.
pub const VIEW_SERVERS_MAX: usize = 64;
pub const VIEW_CANDIDATES_MAX: usize = 1024;

/// What the page and its user did, in the lane of the client.
pub const VIEW_CLIENT_CALLS_MAX: usize = 5000;

/// Connections, and tracks, whose features are in the page: 120 of 20 bytes each.
pub const VIEW_FEATURES_MAX: usize = 256;

/// The page as a whole, unless another size is asked for.
pub const VIEW_PAGE_BYTES_MAX: usize = 20 * 1024 * 1024;

/// What is kept whole of a page that is thinned: half a minute on both sides of what matters, and so many polls of one
/// connection at most, or as many as are kept elsewhere.
pub const VIEW_NEAR_MS: f64 = 30_000.0;
pub const VIEW_NEAR_POLLS_MAX: usize = 2000;

/// All words of all values.
pub const VIEW_ALL_WORDS_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Times that one report comes back after it was gone.
pub const VIEW_SPANS_MAX: usize = 1000;

/// Changes of the selected pair of one connection, and sections of a description in its matrix of directions.
pub const VIEW_PATH_MAX: usize = 1000;
pub const VIEW_SECTIONS_MAX: usize = 1000;
