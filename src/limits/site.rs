//! Bounds of the site that shows stored calls.
use std::time::Duration;

/// Connections at a time. A browser opens six to a host, so these are ten of them.
pub const SITE_CONNECTIONS_MAX: usize = 64;

/// Answers in the making, each on a thread of its own. The page of a large dump takes 64 MiB while it is made and
/// 20 MiB at the end, so these take some 350 MiB at most. One whose reader has gone counts until its work has ended.
pub const SITE_WORKS_MAX: usize = 4;

/// MiB of answers that wait for their readers: 12 of the largest pages. An answer for which there is no room keeps its
/// place among those in the making.
pub const SITE_SENT_MIB_MAX: usize = 256;

/// The head of a request: hyper needs 8 KiB at least.
pub const SITE_HEAD_BYTES_MAX: usize = 16 * 1024;

/// From the connection, or from the last answer, to the end of the next head.
pub const SITE_HEAD_TIME: Duration = Duration::from_secs(60);

/// How long a reader may take nothing of an answer. Who has gone keeps thread and seat no longer than that.
pub const SITE_PIECE_TIME: Duration = Duration::from_secs(30);

/// A piece of a dump that is downloaded.
pub const SITE_PIECE_BYTES: usize = 64 * 1024;

/// Calls whose values are kept for pages that ask for more of them. Each takes 41 MiB at most, the values of
/// `VIEW_SERIES_MAX` and `VIEW_REPORTS_MAX` (24 MiB), `VIEW_ALL_POLLS_MAX` (16 MiB) and names; mostly it is 5 MiB.
pub const SITE_KEPT_MAX: usize = 4;

/// The numbers of a part of a call, before they are packed: a minute of 50 connections.
pub const SITE_PART_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The longest dump of which a page is made, as it is stored. It is read once, at some 150 MB/s unpacked.
pub const SITE_DUMP_BYTES_MAX: u64 = 4 << 30;
