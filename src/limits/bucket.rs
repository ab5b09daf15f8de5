//! The bounds of requests to a bucket, and of what is read of its answers.
//!
//! Named and reasoned like all others; they have a file of their own only because they are many.

/// An object of this length or more is sent in parts. A shorter one is in memory twice while it is sent, so four
/// workers hold 128 MiB at most.
pub const S3_SINGLE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// One part of an upload in parts. S3 asks for at least 5 MiB. A part is in memory twice while it is sent.
pub const S3_PART_BYTES: usize = 8 * 1024 * 1024;
const _: () = assert!(S3_PART_BYTES >= 5 * 1024 * 1024 && S3_PART_BYTES as u64 <= S3_SINGLE_BYTES_MAX);

/// The number of parts that S3 makes one object of. With our part size this is 78 GiB, far more than any compressed
/// dump.
pub const S3_PARTS_COUNT_MAX: u32 = 10_000;

/// The time for one request in seconds, from connecting to the end of the answer: 16 MiB at 93 kB/s. A server that
/// stays silent is given up after 30 s already.
pub const S3_REQUEST_S_MAX: u64 = 180;

/// The time for reading one object in seconds: a day, because a person with a pager may read it. Whoever holds a
/// connection up that long is given up; a store that stays silent for 30 s already is.
pub const S3_GET_S_MAX: u64 = 24 * 60 * 60;

/// The redirects that are followed for one URL: browsers follow 20, and who publishes a dump needs one or two.
pub const WEB_REDIRECTS_COUNT_MAX: usize = 5;

/// The time for connecting and for one silence of a store in seconds. More than the 20 s that Amazon's own clients
/// allow a store to begin its answer.
pub const S3_SILENCE_S_MAX: u64 = 30;

/// The time for one address of a store's name in seconds, if there are others: Amazon's names have eight, so all of
/// them are tried within `S3_SILENCE_S_MAX`. A TCP connection is asked for anew after 1 s and after 3 s.
pub const S3_ADDRESS_S_MAX: u64 = 3;

/// The certificates that a store's is checked with are read again after this many seconds. Reading them takes 10 ms.
pub const S3_TLS_S_MAX: u64 = 60;

/// The head of an answer, and one line of its body's framing. Amazon's own have less than 2 KiB; proxies add theirs.
pub const S3_HEAD_BYTES_MAX: usize = 64 * 1024;

/// The body of an answer that is read as XML. A list has at most 1,000 entries of at most 1 KiB for the key and 2 KiB
/// for everything else.
pub const S3_ANSWER_BYTES_MAX: usize = 3 * 1024 * 1024;

/// The id of an upload in parts as a store gives it. Amazon's have about 130 bytes, others up to 400.
pub const UPLOAD_ID_BYTES_MAX: usize = 2048;

/// The pages of a list that are read at once, of 1,000 entries each. Of one key there are as many uploads as tries were
/// killed in a certain moment, and as many versions as puts.
pub const S3_LIST_PAGES_MAX: usize = 10;

/// How far this machine's clock may be from the store's before a probe says so, in seconds: a third of the 15 minutes
/// for which a signature is valid.
pub const S3_SKEW_S_MAX: i64 = 300;

/// The lists of versions that one removal asks for: one before, one that shows that nothing is left, and two more if
/// another process stores the same dump meanwhile.
pub const S3_REMOVAL_ROUNDS_MAX: usize = 4;

/// The time for one request for credentials in seconds, after up to 30 s for connecting. Such endpoints are on this
/// machine.
pub const S3_CREDENTIALS_S_MAX: u64 = 10;

/// Bytes of the answer of a service that gives out keys. A token of a large organisation takes some 10 KiB.
pub const S3_CREDENTIALS_BYTES_MAX: usize = 64 * 1024;

/// Credentials are renewed this many seconds before they expire. If they are valid for less than 20 minutes, they are
/// renewed in the last quarter of that time. Metadata endpoints have the next credentials ready 5 minutes ahead.
pub const S3_RENEWAL_S_MAX: i64 = 300;
pub const S3_RENEWAL_SHARE: i32 = 4;
