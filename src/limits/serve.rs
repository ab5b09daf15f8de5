//! Bounds of a server as a whole: what it needs to begin, and how the time of a shutdown is divided.
//!
//! Each constant has its arithmetic above it. This file contains no code that runs.
use std::time::Duration;

/// Connections that are taken even if there are too few descriptors: with fewer connections the server would only
/// refuse.
pub const CONNECTIONS_COUNT_MIN: usize = 8;

/// In a shutdown, the part of the shutdown time in which peers may answer the close frame, as its divisor: a quarter.
/// The rest is for workers.
pub const FAREWELL_SHARE: u32 = 4;

/// The part of the shutdown time that is kept for the last sync, as its divisor: an eighth. Peers, workers and the sync
/// follow each other, and all of it ends within the shutdown time.
pub const LAST_SYNC_SHARE: u32 = 8;

/// The part of the shutdown time before whose end nothing is waited for, as its divisor: 250 ms of 8 s, for closing
/// files and logging, which take a few milliseconds. What hangs then is cut off at the end.
pub const STOP_MARGIN_SHARE: u32 = 32;
const _: () = assert!(FAREWELL_SHARE > 1 && LAST_SYNC_SHARE >= FAREWELL_SHARE && STOP_MARGIN_SHARE > LAST_SYNC_SHARE);

/// How long a process that has to end waits for its last line of the log.
pub const LAST_WORD: Duration = Duration::from_millis(100);
