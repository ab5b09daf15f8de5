//! Bounds of what findings hold of one dump.

/// Findings of one rule in one dump. Who looks for what was wrong reads the worst and the first of them; how many more
/// there were is said. Those of 128 rules with all they carry (below) take 128 × 64 × 3 KiB = 24 MiB at the very most.
pub const FINDINGS_PER_RULE_MAX: usize = 64;

/// Events and values that one finding rests on.
pub const FINDING_EVIDENCE_MAX: usize = 6;

/// One text in a finding: a name, the value of evidence, a message. Six of evidence and four names make 2.5 KiB.
pub const FINDING_TEXT_BYTES_MAX: usize = 256;

/// Findings that one finding explains, and that explain it. 8,192 findings with as many links take 2 × 16 MiB.
pub const FINDING_LINKS_MAX: usize = 64;

/// Rules that cannot look, each with its connection. Beyond them the same is said of the whole dump.
pub const FINDING_GAPS_MAX: usize = 2048;

/// Reports of one connection and of one dump whose numbers are followed. A conference of 100 with two tracks each has
/// 200 streams with as many reports of the other side. A report takes up to 4 KiB with the states of its rules: 32 MiB.
pub const FINDING_REPORTS_MAX: usize = 2048;
pub const FINDING_REPORTS_TOTAL_MAX: usize = 8192;

/// Connections of one dump that are examined. Each takes up to 8 KiB with the states of its rules: 32 MiB.
pub const FINDING_CONNECTIONS_MAX: usize = 4096;

/// Tracks that are known by their ids. Each takes about 200 bytes.
pub const FINDING_TRACKS_MAX: usize = 8192;

/// Moments at which rules want to look again. Beyond them they look when the dump ends.
pub const FINDING_WAKES_MAX: usize = 65_536;

/// Streams of one source or one track that are compared with each other. Simulcast has three layers; 2,048 streams of
/// one source are 65,536 comparisons for each rule and poll, not four million.
pub const FINDING_KIN_MAX: usize = 32;

/// How often the report to which another one refers is looked for: it comes with the same event, or soon behind.
pub const FINDING_LINK_TRIES_MAX: u8 = 4;

/// Samples of a sliding window. At one a second they are a minute.
pub const FINDING_WINDOW_MAX: usize = 64;

/// ICE servers of one connection, and different errors of one server. Browsers take a few dozen servers.
pub const FINDING_SERVERS_MAX: usize = 32;
pub const FINDING_SERVER_ERRORS_MAX: usize = 8;

/// Sections of one description, and of all descriptions that hold or are about to be set in a dump. Each takes up to
/// 1 KiB if its names are as long as can be, and 200 bytes in practice: 32 MiB and 6 MiB.
pub const FINDING_SECTIONS_MAX: usize = 2048;
pub const FINDING_SECTIONS_TOTAL_MAX: usize = 32_768;

/// Bytes of descriptions that were created and are not set yet, in all of a dump. The longest one recorded has 314 kB.
pub const FINDING_CREATED_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Calls without an answer, tracks, and devices that one rule remembers of one connection.
pub const FINDING_PENDING_MAX: usize = 64;
pub const FINDING_DEVICES_MAX: usize = 256;

/// Events that a rule about many in a short time looks back at.
pub const FINDING_BURST_MAX: usize = 1024;
