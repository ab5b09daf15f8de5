//! The bounds of what `dump info` keeps of a dump.

/// Characters of one text of a dump in a table: more than any name of the trade, and one line of a terminal.
pub const INFO_TEXT_CHARS_MAX: usize = 200;

/// RTP streams in one summary. Each costs about 500 bytes: 5 MB. The largest recorded call has some hundred.
pub const INFO_STREAMS_COUNT_MAX: usize = 10_000;

/// Failed calls and lost connections that are kept with their words; a person reads the first few.
pub const INFO_TROUBLES_COUNT_MAX: usize = 100;

/// Names of methods that are counted one by one. The protocol has 55; the others are an application's own.
pub const INFO_METHODS_COUNT_MAX: usize = 200;

/// Rows of one table, unless all are asked for.
pub const INFO_ROWS_COUNT_MAX: usize = 40;

/// Findings of one rule that `dump explain` shows, unless that rule is asked for. Further ones are counted.
pub const EXPLAIN_SAME_COUNT_MAX: usize = 5;

/// Charts that are drawn at once, and the columns of all where the output is no terminal: what a person can look at.
pub const PLOT_CHARTS_MAX: usize = 24;
pub const PLOT_COLUMNS: usize = 80;

/// Changes of states of all connections that are drawn, about 60 bytes each. A call has about ten for each connection.
pub const PLOT_STATES_MAX: usize = 100_000;

/// The size of a digest for a language model: no context takes more. It is held in memory, twice.
pub const DIGEST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Characters of an event's value in a digest: a candidate, or the message of an error.
pub const DIGEST_VALUE_CHARS_MAX: usize = 160;

/// Reports whose last values a digest remembers, 300 bytes each: 3 MB. The largest recorded call has some hundred.
pub const DIGEST_REPORTS_MAX: usize = 10_000;

/// Columns of an explanation: a terminal of the usual size beside another one.
pub const EXPLAIN_COLUMNS: usize = 110;

/// Connections or tracks beside each other in a table of features; further ones have tables of their own.
pub const FEATURE_COLUMNS_SHOWN_MAX: usize = 6;
