//! All fixed bounds of the server, and the defaults of those that an operator can change.
//!
//! Each constant is named NOUN_UNIT_MAX (or …_DEFAULT where `config.rs` lets an operator change it). Its arithmetic
//! stands above it, and where two bounds depend on each other a const assertion stands below. This file contains no
//! code that runs.

mod bucket;
mod features;
mod findings;
mod info;
mod internals;
mod reading;
mod retention;
mod sdp;
mod serve;
mod site;
mod view;

use std::time::Duration;

pub use bucket::*;
pub use features::*;
pub use findings::*;
pub use info::*;
pub use internals::*;
pub use reading::*;
pub use retention::*;
pub use sdp::*;
pub use serve::*;
pub use site::*;
pub use view::*;

// --- storage ---

/// The length of a UUID in its text form (RFC 9562, section 4).
pub const ID_BYTES: usize = 36;

/// S3 allows keys of 1,024 bytes. PATH_MAX (4,096) leaves three times as much for the root folder of a store.
pub const KEY_BYTES_MAX: usize = 1024;

/// NAME_MAX is 255, and the hidden name of an unfinished copy, `.NAME.tmp`, needs five bytes more.
pub const KEY_SEGMENT_BYTES_MAX: usize = 250;
const _: () = assert!(KEY_SEGMENT_BYTES_MAX + ".".len() + ".tmp".len() <= 255);

/// One claim within a key. All three claims must fit into one segment together with the id, the date, `.jsonl.gz` and
/// the separators.
pub const KEY_VALUE_BYTES_MAX: usize = 60;
const _: () = assert!(3 * KEY_VALUE_BYTES_MAX + ID_BYTES + 10 + 9 + 4 <= KEY_SEGMENT_BYTES_MAX);
const _: () = assert!(ID_BYTES <= KEY_VALUE_BYTES_MAX);

/// One read of a copy to another file system: so large that the cost of the calls does not matter.
pub const COPY_BUFFER_BYTES: usize = 64 * 1024;

// --- database ---

/// Rows in one transaction. Each row then costs a sixty-fourth of a commit, and a transaction that fails repeats no
/// more rows than these.
pub const ROWS_PER_INSERT_MAX: usize = 64;

/// How long one call waits for another process that writes the catalogue, in ms. Such a write takes a few ms. A
/// transaction that an operator has left open lasts longer: that is bridged by trying again later, not by a waiting
/// worker.
pub const CATALOGUE_BUSY_MS_MAX: u64 = 5_000;

/// How long the start waits until store and catalogue on this machine were tried, in ms. On a sound disk that takes a
/// few ms, so that the log says in order what is wrong. Service managers wait for READY 90 s and more.
pub const START_TRIALS_MS_MAX: u64 = 500;

/// Cache of the catalogue's connection, in KiB. Ids grow with time, so only the ends of five trees are touched.
pub const CATALOGUE_CACHE_KIB_MAX: usize = 512;

/// The write-ahead log is cut back to this length after a checkpoint that a long reader delayed. SQLite makes a
/// checkpoint every 1,000 pages of 4 KiB.
pub const CATALOGUE_WAL_BYTES_MAX: usize = 1_000 * 4_096;

/// How long one address of a database server may take to accept a connection, in ms: enough for one lost SYN and its
/// repetition.
pub const DATABASE_ADDRESS_MS_MAX: u64 = 3_000;

/// How long connecting may take altogether, in ms: name look-up, three addresses of a cluster, TLS and log-in.
pub const DATABASE_CONNECT_MS_MAX: u64 = 12_000;
const _: () = assert!(3 * DATABASE_ADDRESS_MS_MAX < DATABASE_CONNECT_MS_MAX);

/// How long the server may work on one statement, in ms. An insert takes one or two.
pub const DATABASE_STATEMENT_MS_MAX: u64 = 10_000;

/// How long one call waits for all its answers, in ms. This is longer than the limit for a statement, so a server that
/// still responds can itself report why it stopped.
pub const DATABASE_CALL_MS_MAX: u64 = 15_000;
const _: () = assert!(DATABASE_STATEMENT_MS_MAX < DATABASE_CALL_MS_MAX);

/// Replaces both limits above for a search, which may have to read a table without an index.
pub const DATABASE_SEARCH_MS_MAX: u64 = 120_000;

/// The name of a rule of findings. Those that there are have about 20 bytes; in a table there may be anything.
pub const FINDING_NAME_BYTES_MAX: usize = 64;

/// How long a migration waits for its answers, in ms. An index over a hundred million rows takes minutes.
pub const DATABASE_MIGRATE_MS_MAX: u64 = 60 * 60 * 1_000;

/// How long a migration waits for a table that others use, in ms. Everyone who comes after it in the queue waits as
/// well.
pub const DATABASE_LOCK_MS_MAX: u64 = 30_000;

/// After this idle time, in ms, a connection is asked whether it still works. The answer may take as long again: one
/// round trip, or one repeated packet.
pub const DATABASE_IDLE_MS_MAX: u64 = 1_000;
pub const DATABASE_CHECK_MS_MAX: u64 = 3_000;

/// A connection is replaced at this age, in s, so that changed columns or a server that has moved are noticed.
pub const DATABASE_AGE_S_MAX: u64 = 600;

/// For so long a row that the table has taken shows that it takes rows, and that a refusal is about one row. Longer
/// than the time in which one worker comes to its next row, and shorter than what an operator needs to change the
/// table.
pub const DATABASE_PROOF_S_MAX: u64 = 60;

/// The length of a schema's or table's name in bytes: NAMEDATALEN minus one.
pub const TABLE_NAME_BYTES_MAX: usize = 63;

/// Bytes of a table's name that are used in the names of its indexes. The longest of them adds `_conference_idx`.
pub const TABLE_STEM_BYTES_MAX: usize = 48;
const _: () = assert!(TABLE_STEM_BYTES_MAX + "_conference_idx".len() <= TABLE_NAME_BYTES_MAX);

// --- auth ---

/// The length of a token in bytes. A request head may have 16 KiB by default, and the token is only a part of it.
/// Tokens of identity providers stay below 4 KiB even with many groups in them.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
const _: () = assert!(TOKEN_BYTES_MAX <= HEAD_BYTES_DEFAULT / 2);

/// The number of keys that a verifier holds. The slowest kind (ES256) takes 162 µs on the loop thread, so a token
/// without `kid` that fits none of 16 keys stalls the loop for 16 × 162 µs = 2.6 ms.
pub const KEYS_COUNT_MAX: usize = 16;

/// The length in bytes of each claim that goes into a row (user, conference, session). A longer one is cut.
pub const CLAIM_BYTES_MAX: usize = 256;

/// How far the clock of a token's maker may differ from ours, in seconds, in both directions.
pub const CLOCK_LEEWAY_S: u64 = 30;

/// How far ahead an expiry may be, in seconds: 100 years. One that is written in milliseconds since 1970 is 50,000
/// years ahead, so it would never expire.
pub const TOKEN_LIFETIME_S_MAX: u64 = 36_525 * 24 * 60 * 60;

/// An HMAC secret with fewer bytes than this can be guessed; the JWT library refuses to work with one.
pub const SECRET_BYTES_MIN: usize = 12;

/// The length in bytes that RFC 7518 §3.2 requires of an HS256 secret: the length of the hash.
pub const SECRET_BYTES_ADVISED: usize = 32;
const _: () = assert!(SECRET_BYTES_MIN < SECRET_BYTES_ADVISED);

// --- config: defaults of what an operator may change, and the range of it ---

/// Connections that are open at the same time. Each takes two descriptors, so this needs a hard limit of 20,256.
pub const CONNECTIONS_COUNT_DEFAULT: usize = 10_000;

/// How long a request head may take to arrive.
pub const HEAD_TIME_DEFAULT: Duration = Duration::from_secs(10);

/// The length of a request head. Browsers send less than 2 KiB without cookies; a token adds up to 8 KiB.
pub const HEAD_BYTES_DEFAULT: usize = 16 * 1024;

/// The largest head length that can be configured. Heads are held in memory, one per connection.
pub const HEAD_BYTES_MAX: usize = 1024 * 1024;

/// How often a quiet session is pinged.
pub const PING_INTERVAL_DEFAULT: Duration = Duration::from_secs(30);

/// How long a session may be silent, pongs included: three ping intervals.
pub const IDLE_TIME_DEFAULT: Duration = Duration::from_secs(90);
const _: () = assert!(PING_INTERVAL_DEFAULT.as_secs() * 2 < IDLE_TIME_DEFAULT.as_secs());

/// The time from the last thing we send (a close frame, a plain answer) to the end of the peer's stream.
pub const CLOSE_TIME_DEFAULT: Duration = Duration::from_secs(5);

/// The length of one message. The longest one recorded, an offer with 100 transceivers, has 314 kB.
pub const MESSAGE_BYTES_DEFAULT: usize = 4 * 1024 * 1024;

/// The largest message length that can be configured. Each message is held in memory until it is complete.
pub const MESSAGE_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// The length of one dump. A recorded call with four peer connections makes 330 kB a minute, so this is about one day.
pub const DUMP_BYTES_DEFAULT: u64 = 512 * 1024 * 1024;
const _: () = assert!(DUMP_BYTES_DEFAULT <= S3_PARTS_COUNT_MAX as u64 * S3_PART_BYTES as u64);
const _: () = assert!(MESSAGE_BYTES_DEFAULT as u64 <= DUMP_BYTES_DEFAULT);
const _: () = assert!(MESSAGE_BYTES_DEFAULT * 4 <= DUMP_LINE_BYTES_MAX);

/// Bytes of incomplete messages, summed over all connections.
pub const PARTIAL_BYTES_DEFAULT: usize = 64 * 1024 * 1024;
const _: () = assert!(MESSAGE_BYTES_DEFAULT <= PARTIAL_BYTES_DEFAULT);

/// How often one socket is read before it is the next one's turn.
pub const READS_PER_TURN_DEFAULT: usize = 4;

/// The most reads per turn that can be configured. With 64 KiB each, one peer sends 64 MiB before the others get a
/// turn.
pub const READS_PER_TURN_MAX: usize = 1024;

/// How long a shutdown waits for workers. Container managers kill after 10 s, so this must be less.
pub const SHUTDOWN_TIME_DEFAULT: Duration = Duration::from_secs(8);
const _: () = assert!(SHUTDOWN_TIME_DEFAULT.as_secs() < 10);

/// No session begins while the spool's file system has fewer free bytes. They are kept for packing and the catalogue.
pub const SPOOL_FREE_BYTES_DEFAULT: u64 = 512 * 1024 * 1024;

/// How long lines may wait in memory before they are written. 0 writes them in the turn in which they arrive.
pub const FLUSH_INTERVAL_DEFAULT: Duration = Duration::ZERO;

/// The longest flush interval. Beyond it, pongs would come too late for clients that wait for them.
pub const FLUSH_INTERVAL_MAX: Duration = Duration::from_secs(20);
const _: () = assert!(FLUSH_INTERVAL_MAX.as_secs() < PING_INTERVAL_DEFAULT.as_secs());

/// How often the spool's file system is synced while it has changes to sync.
pub const SYNC_INTERVAL_DEFAULT: Duration = Duration::from_secs(1);

/// The longest sync interval. The free space is checked, and the files of delivered dumps are removed, at the same
/// interval.
pub const SYNC_INTERVAL_MAX: Duration = Duration::from_secs(60);

/// Threads that pack and deliver. They run at nice 10 and spend most of their time waiting for destinations.
pub const WORKERS_COUNT_DEFAULT: usize = 4;

/// The most threads that can be configured. Each holds one dump's compressor and one connection to each destination.
pub const WORKERS_COUNT_MAX: usize = 256;

/// How long a call to a file system may take before the log says what is waited for. A disk that is only busy answers
/// within a second or two.
pub const PATIENCE: Duration = Duration::from_secs(3);

// --- spool ---

/// Processes that may share one spool directory. One process uses one core, so no machine comes near this number.
pub const INSTANCES_MAX: usize = 1024;

/// How often a lock is asked for, or lines are written, that a signal has interrupted. Signals come one at a time, so
/// the second try succeeds; only a file system that interrupts every call comes near this number.
pub const INTERRUPTIONS_MAX: usize = 100;

/// Bytes read at a time when a dump is scanned or packed: so many that the cost of the calls does not matter, and few
/// enough to fit into a processor's cache.
pub const SCAN_BYTES_MAX: usize = 64 * 1024;

/// How many bytes at the beginning of a dump are searched for its first two lines by a reader that only wants to know
/// whose dump it is: a request head of the largest configurable length, with every byte escaped.
pub const HEAD_LINE_BYTES_MAX: u64 = 6 * HEAD_BYTES_MAX as u64;

// --- reactor ---

/// Connections that the kernel may hold before we accept them. It reduces this to net.core.somaxconn.
pub const BACKLOG_CONNECTIONS_MAX: i32 = 4096;

/// Bytes of the shared read buffer.
pub const SCRATCH_BYTES_MAX: usize = 64 * 1024;

/// Bytes that each shared output buffer keeps between turns. A turn of full reads is 4 x 64 KiB.
pub const TURN_BYTES_KEPT_MAX: usize = 512 * 1024;
const _: () = assert!(TURN_BYTES_KEPT_MAX >= 4 * SCRATCH_BYTES_MAX);

/// Connections that are accepted beyond the capacity, only to be answered with 503. Each holds one descriptor.
pub const SURPLUS_CONNECTIONS_MAX: usize = 64;

/// Descriptors that are not for connections: files of the workers, sockets to destinations, log, database, and the
/// surplus connections.
pub const DESCRIPTORS_KEPT_MAX: u64 = 256;
const _: () = assert!(DESCRIPTORS_KEPT_MAX >= 2 * SURPLUS_CONNECTIONS_MAX as u64);

/// Connections accepted in one go before the other sockets get their turn.
pub const ACCEPTS_PER_TURN_MAX: usize = 64;

/// Bytes of lines that are buffered of one connection for the flush interval. Beyond this they are written at once.
pub const BUFFERED_BYTES_MAX: usize = 64 * 1024;

// --- connection ---

/// Header lines of a request. A browser behind three proxies sends about 30.
pub const HEADER_LINES_MAX: usize = 100;

/// Bytes that are kept of an origin, a user agent or a sub-protocol.
pub const HELLO_BYTES_MAX: usize = 4 * 1024;

/// Bytes that are read and dropped after a refusal or a close, so that the peer reads our answer instead of a reset.
/// This is twice the message limit, so that a peer refused in the middle of its longest message can finish it.
pub const SWALLOWED_BYTES_MAX: usize = 2 * MESSAGE_BYTES_DEFAULT;

/// Bytes waiting to be sent to one peer. All we ever send is a response head (below 1 KiB), pings, pongs and a close
/// frame (at most 127 bytes each), so a peer for which this much is waiting does not read.
pub const UNSENT_BYTES_MAX: usize = 64 * 1024;

/// Bytes that the protocol library reads at a time.
pub const WIRE_READ_BYTES: usize = 1024;

/// Bytes that the protocol library may hold back for sending. Our side of the wire takes everything at once, so if more
/// than one control frame is held back, that is an error in this program.
pub const WIRE_WRITE_BYTES_MAX: usize = 4 * CONTROL_FRAME_BYTES_MAX;

/// The length of a control frame that a server sends: two bytes of header and at most 125 of payload (RFC 6455, section
/// 5.5).
pub const CONTROL_FRAME_BYTES_MAX: usize = 2 + 125;

/// The text of a close frame: 125 bytes of payload minus two for the code.
pub const CLOSE_TEXT_BYTES_MAX: usize = 123;

/// Seconds after which a client that got 503 may try again.
pub const RETRY_AFTER_S: u32 = 30;

const _: () = assert!(PING_INTERVAL_DEFAULT.as_secs() * 3 <= IDLE_TIME_DEFAULT.as_secs());
const _: () = assert!(HELLO_BYTES_MAX <= HEAD_BYTES_DEFAULT);

// --- delivery ---

/// Dumps that delivery knows of and has not packed, the oldest on disk: a second's work or more. As many again may be
/// deferred for destinations that are down. An id takes about 100 bytes in the maps of the active set.
pub const ACTIVE_IDS_MAX: usize = 1024;

/// Notices of sealed dumps that wait until a hand takes them. A shutdown seals thousands at once; those beyond this
/// number are found on disk.
pub const NOTICES_IDS_MAX: usize = 1024;

/// Dumps whose files wait for the sync after which they are removed. Beyond this number the hands pause, but each may
/// still add what it has. Each dump waits twice, packed and delivered, for about a sync interval (1 s). So this allows
/// two active sets a second, which is more than the processor can pack. The same number may wait to be stored and
/// recorded.
pub const REMOVALS_IDS_MAX: usize = 4096;
const _: () = assert!(REMOVALS_IDS_MAX >= 2 * ACTIVE_IDS_MAX);

/// Manifests that are kept from one step to the next, so that they need not be read again. Each takes about 3 kB, or 50
/// kB if browsers send the longest heads that are accepted by default. Beyond this number, manifests are read again.
pub const MANIFESTS_KEPT_MAX: usize = 512;

/// How long a stored dump may wait for its row, in ms, while others are being stored: rows that are written together
/// cost a fraction of single ones.
pub const RECORD_WAIT_MS_MAX: u64 = 250;

/// Dumps that rules of a destination refuse and that wait by themselves. Each takes about 250 bytes with its cause, so
/// all of them take 4 MiB. A destination that refuses more dumps than this refuses next to everything, and counts as
/// down.
pub const HELD_IDS_MAX: usize = 16 * 1024;

/// How many of them are tried at once, the shortest pause apart: one transaction in five seconds.
pub const HELD_TRIES_MAX: usize = ROWS_PER_INSERT_MAX;
const _: () = assert!(HELD_TRIES_MAX < ACTIVE_IDS_MAX);

/// The causes of theirs that the log tells apart in one minute: as many as there are columns, constraints and rules of
/// a bucket, several times over. The others are counted together.
pub const HELD_CAUSES_MAX: usize = 64;

/// Of these, the oldest are noted for operators, with at most 40 bytes each: 80 KiB, once a second while they change.
pub const WHY_IDS_MAX: usize = 2048;

/// How long one call may take before it is told that dumps wait for it, in seconds: the sync, or the database and its
/// locks; an object, which may be large; a dump, which may be larger still.
pub const SLOW_CALL_S_MAX: u64 = 5;
pub const SLOW_PUT_S_MAX: u64 = 15;
pub const SLOW_PACK_S_MAX: u64 = 60;

/// A put may take one second more for each so many bytes that the dump has before it is packed. A request for 16 MiB
/// is given up after `S3_REQUEST_S_MAX`, so a line that carries 93 kB/s is slow and not silent; and a dump packs to a
/// quarter at most, so these are 373 kB.
pub const SLOW_PUT_BYTES_MIN: u64 = 4 * S3_SINGLE_BYTES_MAX / S3_REQUEST_S_MAX;

/// That is told of one destination at most this often, in seconds.
pub const SLOW_TOLD_S_MAX: u64 = 60;

/// The dumps that are named in the log when a sync has failed: 3 KiB. The others are counted.
pub const UNSAFE_IDS_MAX: usize = 64;

/// The first and the longest pause before a destination that is down is tried again, in seconds: short enough for a
/// database that is restarted, long enough that an outage of a week costs 700 attempts.
pub const RETRY_PAUSE_S_MIN: u64 = 5;
pub const RETRY_PAUSE_S_MAX: u64 = 15 * 60;

/// The queue on disk is looked at at least this often, in seconds.
pub const DISK_LOOK_S_MAX: u64 = 60;

// --- geo ---

/// Networks of a location database that are looked at to see whether it has places: a few milliseconds at start. In a
/// database of cities nearly every one has.
pub const GEO_NETWORKS_TRIED_MAX: usize = 4096;
