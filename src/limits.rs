//! Every bound of the server that is not an operator's to tune, and the defaults of those that are.
//!
//! Each constant is named NOUN_UNIT_MAX (or …_DEFAULT where `config.rs` lets an operator change it), with the
//! arithmetic above it and, where two bounds depend on each other, a const assertion below. Nothing happens here.

use std::time::Duration;

// --- storage ---

/// A UUID in its text form (RFC 9562, section 4).
pub const ID_BYTES: usize = 36;

/// Object keys end at 1,024 bytes in S3, and PATH_MAX (4,096) leaves a store's root three times as much.
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

/// From this length on an object goes in parts; below it is in memory twice while it is sent, so four workers hold
/// 128 MiB at most.
pub const S3_SINGLE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// One part of an upload in parts. S3 asks for 5 MiB at least; in memory twice while it is sent.
pub const S3_PART_BYTES: usize = 8 * 1024 * 1024;
const _: () = assert!(S3_PART_BYTES >= 5 * 1024 * 1024 && S3_PART_BYTES as u64 <= S3_SINGLE_BYTES_MAX);

/// Parts that S3 makes one object of: 78 GiB, which no dump comes near after compression.
pub const S3_PARTS_COUNT_MAX: u32 = 10_000;
const _: () = assert!(DUMP_BYTES_DEFAULT <= S3_PARTS_COUNT_MAX as u64 * S3_PART_BYTES as u64);

/// One request in seconds, from the connection to the end of the answer: 16 MiB at 93 kB/s. A silent server is given up
/// after 30 s already.
pub const S3_REQUEST_S_MAX: u64 = 180;

/// One request for credentials in seconds, behind 30 s for the connection; such endpoints are on this machine.
pub const S3_CREDENTIALS_S_MAX: u64 = 10;

/// Credentials are renewed this many seconds before they expire, or in the last quarter of a life that is shorter than
/// 20 minutes. Metadata endpoints have the next ones 5 minutes ahead.
pub const S3_RENEWAL_S_MAX: i64 = 300;
pub const S3_RENEWAL_SHARE: i32 = 4;

// --- database ---

/// How long one call waits for another process that writes the catalogue, in ms: such a write takes a few; an
/// operator's open transaction lasts longer and is waited for by retries, not by a worker.
pub const CATALOGUE_BUSY_MS_MAX: u64 = 5_000;

/// Pages the catalogue's connection keeps, in KiB: ids grow with time, so the ends of five trees are all it touches.
pub const CATALOGUE_CACHE_KIB_MAX: usize = 512;

/// The write-ahead log is cut back to this after a checkpoint that a long reader delayed: SQLite checkpoints every
/// 1,000 pages of 4 KiB.
pub const CATALOGUE_WAL_BYTES_MAX: usize = 1_000 * 4_096;

/// How long one address of a database server may take to accept a connection, in ms: one lost SYN and its repetition.
pub const DATABASE_ADDRESS_MS_MAX: u64 = 3_000;

/// How long a connection may take altogether, in ms: names, three addresses of a cluster, TLS, log-in.
pub const DATABASE_CONNECT_MS_MAX: u64 = 12_000;
const _: () = assert!(3 * DATABASE_ADDRESS_MS_MAX < DATABASE_CONNECT_MS_MAX);

/// How long the server may work at one statement, in ms; an insert takes one or two.
pub const DATABASE_STATEMENT_MS_MAX: u64 = 10_000;

/// How long one call waits for all its answers, in ms: longer than a statement, so that a server that still speaks says
/// itself why it stopped.
pub const DATABASE_CALL_MS_MAX: u64 = 15_000;
const _: () = assert!(DATABASE_STATEMENT_MS_MAX < DATABASE_CALL_MS_MAX);

/// As both above, for a search, which may have to read a table without an index.
pub const DATABASE_SEARCH_MS_MAX: u64 = 120_000;

/// How long a migration waits for its answers, in ms: an index over a hundred million rows takes minutes.
pub const DATABASE_MIGRATE_MS_MAX: u64 = 60 * 60 * 1_000;

/// How long a migration waits for a table that others use, in ms. Whoever comes after it in the queue waits as well.
pub const DATABASE_LOCK_MS_MAX: u64 = 30_000;

/// How long a connection may have been idle, in ms, before it is asked whether it still works, and how long its answer
/// may take: a round trip, or a second try of one.
pub const DATABASE_IDLE_MS_MAX: u64 = 1_000;
pub const DATABASE_CHECK_MS_MAX: u64 = 3_000;

/// A connection is replaced at this age, in s, so that changed columns and a moved server are noticed.
pub const DATABASE_AGE_S_MAX: u64 = 600;

/// Bytes of a schema's or a table's name: NAMEDATALEN less one.
pub const TABLE_NAME_BYTES_MAX: usize = 63;

/// Bytes of a table's name that go into the names of its indexes, the longest of which adds `_conference_idx`.
pub const TABLE_STEM_BYTES_MAX: usize = 48;
const _: () = assert!(TABLE_STEM_BYTES_MAX + "_conference_idx".len() <= TABLE_NAME_BYTES_MAX);

// --- auth ---

/// Length of a token in bytes. A request head holds 16 KiB by default and the token is one part of it; tokens of
/// identity providers with many groups in them stay below 4 KiB.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
const _: () = assert!(TOKEN_BYTES_MAX <= HEAD_BYTES_DEFAULT / 2);

/// Keys that a verifier holds. The slowest (ES256) takes 162 µs, on the loop thread: a token without `kid` that
/// fits none of 16 keys stalls the loop for 16 × 162 µs = 2.6 ms.
pub const KEYS_COUNT_MAX: usize = 16;

/// Length in bytes of each claim that goes into a row (user, conference, session).
pub const CLAIM_BYTES_MAX: usize = 256;

/// What clocks of token makers may be off, in seconds, in both directions.
pub const CLOCK_LEEWAY_S: u64 = 30;

/// Length in bytes below which an HMAC secret can be guessed: the JWT library refuses to work with a shorter one.
pub const SECRET_BYTES_MIN: usize = 12;

/// Length in bytes that RFC 7518 §3.2 asks of an HS256 secret: that of the hash.
pub const SECRET_BYTES_ADVISED: usize = 32;
const _: () = assert!(SECRET_BYTES_MIN < SECRET_BYTES_ADVISED);

// --- config: defaults of what an operator may change, and how far ---

/// Connections that are open at a time. Each takes two descriptors, so this needs a hard limit of 20,256.
pub const CONNECTIONS_COUNT_DEFAULT: usize = 10_000;

/// How long a request head may take to arrive.
pub const HEAD_TIME_DEFAULT: Duration = Duration::from_secs(10);

/// Length of a request head. Browsers send below 2 KiB without cookies; a token adds up to 8 KiB.
pub const HEAD_BYTES_DEFAULT: usize = 16 * 1024;

/// Length that a request head may be configured to: heads are held in memory, one per connection.
pub const HEAD_BYTES_MAX: usize = 1024 * 1024;

/// How often a quiet session is pinged.
pub const PING_INTERVAL_DEFAULT: Duration = Duration::from_secs(30);

/// How long a session may be silent, pongs included: three pings.
pub const IDLE_TIME_DEFAULT: Duration = Duration::from_secs(90);
const _: () = assert!(PING_INTERVAL_DEFAULT.as_secs() * 2 < IDLE_TIME_DEFAULT.as_secs());

/// From our last word (a close frame, a plain answer) to the end of the peer's stream.
pub const CLOSE_TIME_DEFAULT: Duration = Duration::from_secs(5);

/// Length of one message. The longest recorded one, an offer with 100 transceivers, is 314 kB.
pub const MESSAGE_BYTES_DEFAULT: usize = 4 * 1024 * 1024;

/// Length that messages may be configured to: each is held in memory until it is complete.
pub const MESSAGE_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// Length of one dump. A recorded call with four peer connections makes 330 kB a minute, so this is a day of it.
pub const DUMP_BYTES_DEFAULT: u64 = 512 * 1024 * 1024;
const _: () = assert!(MESSAGE_BYTES_DEFAULT as u64 <= DUMP_BYTES_DEFAULT);

/// Bytes of incomplete messages in sum over all connections.
pub const PARTIAL_BYTES_DEFAULT: usize = 64 * 1024 * 1024;
const _: () = assert!(MESSAGE_BYTES_DEFAULT <= PARTIAL_BYTES_DEFAULT);

/// Reads of one socket before the next one has its turn.
pub const READS_PER_TURN_DEFAULT: usize = 4;

/// Reads per turn that may be configured: with 64 KiB each, 64 MiB of one peer before the others.
pub const READS_PER_TURN_MAX: usize = 1024;

/// How long a shutdown waits for workers: within the 10 s after which container managers kill.
pub const SHUTDOWN_TIME_DEFAULT: Duration = Duration::from_secs(8);
const _: () = assert!(SHUTDOWN_TIME_DEFAULT.as_secs() < 10);

/// Free bytes of the spool's file system below which no session begins: kept for packing and the catalogue.
pub const SPOOL_FREE_BYTES_DEFAULT: u64 = 512 * 1024 * 1024;

/// How long lines may wait in memory before they are written; 0 writes them in the turn they came in.
pub const FLUSH_INTERVAL_DEFAULT: Duration = Duration::ZERO;

/// Longest flush interval: beyond it pongs come too late for clients that wait for them.
pub const FLUSH_INTERVAL_MAX: Duration = Duration::from_secs(20);
const _: () = assert!(FLUSH_INTERVAL_MAX.as_secs() < PING_INTERVAL_DEFAULT.as_secs());

/// How often the spool's file system is synced while there is something to sync.
pub const SYNC_INTERVAL_DEFAULT: Duration = Duration::from_secs(1);

/// Longest sync interval: the free space is looked at as often, and files of delivered dumps go as often.
pub const SYNC_INTERVAL_MAX: Duration = Duration::from_secs(60);

/// Threads that pack and deliver. They run at nice 10, and most of their time is waiting for destinations.
pub const WORKERS_COUNT_DEFAULT: usize = 4;

/// Threads that may be configured; each holds one dump's compressor and one connection to each destination.
pub const WORKERS_COUNT_MAX: usize = 256;

// --- spool ---

/// Processes that may share one spool directory. One process is one core, so this is far above any machine.
pub const INSTANCES_MAX: usize = 1024;

/// Bytes read at a time when a dump is scanned or packed: large enough that calls do not count, small enough for a cache.
pub const SCAN_BYTES_MAX: usize = 64 * 1024;

/// Bytes at a dump's begin in which its first two lines are looked for by who only wants to know whose it is: a request
/// head of the largest configurable length, escaped.
pub const HEAD_LINE_BYTES_MAX: u64 = 6 * HEAD_BYTES_MAX as u64;

// --- reactor ---

/// Connections the kernel may hold before we accept them; it cuts this down to net.core.somaxconn.
pub const BACKLOG_CONNECTIONS_MAX: i32 = 4096;

/// Bytes of the shared read buffer.
pub const SCRATCH_BYTES_MAX: usize = 64 * 1024;

/// Bytes of each shared output buffer that are kept between turns; a turn of full reads is 4 x 64 KiB.
pub const TURN_BYTES_KEPT_MAX: usize = 512 * 1024;
const _: () = assert!(TURN_BYTES_KEPT_MAX >= 4 * SCRATCH_BYTES_MAX);

/// Connections accepted beyond the capacity, only to be answered with 503. Each holds one descriptor.
pub const SURPLUS_CONNECTIONS_MAX: usize = 64;

/// Descriptors that are not for connections: files of the workers, sockets of destinations, log, database, and the
/// surplus connections.
pub const DESCRIPTORS_KEPT_MAX: u64 = 256;
const _: () = assert!(DESCRIPTORS_KEPT_MAX >= 2 * SURPLUS_CONNECTIONS_MAX as u64);

/// Connections accepted in one go before the others get their turn.
pub const ACCEPTS_PER_TURN_MAX: usize = 64;

/// Bytes of lines that one connection may hold back for the flush interval; beyond it they are written at once.
pub const HELD_BYTES_MAX: usize = 64 * 1024;

// --- connection ---

/// Header lines of a request; a browser behind three proxies sends about 30.
pub const HEADER_LINES_MAX: usize = 100;

/// Bytes kept of an origin, a user agent or a sub-protocol.
pub const HELLO_BYTES_MAX: usize = 4 * 1024;

/// Bytes read and dropped after a refusal or a close, so that the peer reads the answer instead of a reset. Twice
/// the message limit: a peer that is refused in the middle of its longest message can finish it.
pub const SWALLOWED_BYTES_MAX: usize = 2 * MESSAGE_BYTES_DEFAULT;

/// Bytes waiting to be sent to one peer. All we ever send is a response head (below 1 KiB), pings, pongs and a
/// close frame (at most 127 bytes each), so whoever has this much waiting does not read.
pub const UNSENT_BYTES_MAX: usize = 64 * 1024;

/// Bytes that the protocol library reads at a time.
pub const WIRE_READ_BYTES: usize = 1024;

/// Bytes that the protocol library may hold back for sending. Our side of the wire takes everything at once, so
/// that more than one control frame in there is an error of ours.
pub const WIRE_WRITE_BYTES_MAX: usize = 4 * CONTROL_FRAME_BYTES_MAX;

/// A control frame as a server sends it: two bytes of header and at most 125 of payload (RFC 6455, section 5.5).
pub const CONTROL_FRAME_BYTES_MAX: usize = 2 + 125;

/// The text of a close frame: 125 bytes of payload less two for the code.
pub const CLOSE_TEXT_BYTES_MAX: usize = 123;

/// Seconds after which a client may try again when it got 503.
pub const RETRY_AFTER_S: u32 = 30;

const _: () = assert!(PING_INTERVAL_DEFAULT.as_secs() * 3 <= IDLE_TIME_DEFAULT.as_secs());
const _: () = assert!(HELLO_BYTES_MAX <= HEAD_BYTES_DEFAULT);

// --- dump ---

/// How many encodings inside each other the masking undoes in one text: a URL in a URL in a string of a JSON text that
/// is itself a string makes three. Each costs one more pass over that text, so the bound keeps masking linear.
pub const ESCAPE_LAYERS_MAX: usize = 3;

/// Levels of objects and arrays in one line; what is deeper is masked as text. A level costs the masking about 20 bytes,
/// so this is 1.3 MB, where a 4 MiB message of nothing but brackets would take 80 MB. No reader goes this deep:
/// serde_json stops at 128, Python at 1000.
pub const NESTING_LEVELS_MAX: usize = 65_536;

/// Room that each of the masking's buffers keeps from line to line, in elements. A long line grows them to what it
/// needs; afterwards they shrink to this, so that one such line does not cost its memory for ever.
pub const MASK_SCRATCH_ELEMENTS_MAX: usize = 65_536;

/// How much of `%zone` (RFC 4007) goes along with a masked address. Interface names have at most 15 bytes on Linux
/// and 256 characters on Windows, where they are numbers in practice.
pub const ZONE_BYTES_MAX: usize = 64;

// --- delivery ---

/// Dumps the workers know of at a time, the oldest on disk: a second's work or more. As many again may be parked for
/// destinations that are down. An id takes about 100 bytes in the window's maps.
pub const WINDOW_IDS_MAX: usize = 1024;

/// Notices of sealed dumps between two looks of a worker; a shutdown seals thousands at once, and the disk has them.
pub const NOTICES_IDS_MAX: usize = 1024;

/// Dumps whose files wait for the sync that lets them go; the workers pause beyond it. Each waits twice, packed and
/// delivered, for about a sync interval (1 s): so this is two windows a second, more than the processor can pack.
pub const UNLINKS_IDS_MAX: usize = 4096;
const _: () = assert!(UNLINKS_IDS_MAX >= 2 * WINDOW_IDS_MAX);

/// The first and the longest pause before a destination that is down is probed again, in seconds: short enough for a
/// restarted database, long enough that an outage of a week costs 700 probes.
pub const RETRY_PAUSE_S_MIN: u64 = 5;
pub const RETRY_PAUSE_S_MAX: u64 = 15 * 60;

/// The queue on disk is looked at at least this often, in seconds.
pub const DISK_LOOK_S_MAX: u64 = 60;

/// Between two looks whether the sync has removed files, while the workers pause for it, in ms.
pub const SETTLE_PAUSE_MS_MIN: u64 = 100;

// --- retention ---

/// Stored files that a sweep holds in memory: 300 bytes each, so 1.2 MB. The folder is walked once for each so many that
/// go, which is a minute of listing for an hour of removing.
pub const RETENTION_OBJECTS_MAX: usize = 4096;

/// Seconds between two sweeps; what is too old or too much may stay so much longer.
pub const RETENTION_PAUSE_S_MAX: u64 = 10 * 60;

// --- serve ---

/// Connections that are taken however few descriptors there are: below this the server would only refuse.
pub const CONNECTIONS_COUNT_MIN: usize = 8;

/// The part of the shutdown time in which peers may answer the close frame, as its divisor. The rest is for workers.
pub const FAREWELL_SHARE: u32 = 4;
