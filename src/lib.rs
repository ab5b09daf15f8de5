//! Collects WebRTC sessions that browsers stream over WebSocket and turns each into a masked, compressed dump.
//!
//! The binary is all that users see; the rooms are public for tests and benches. From the top floor down, each room
//! importing only from below (`ARCHITECTURE.md` says why, `tests/tidy` keeps it so):
//!
//! - [`cli`]: one file per command; [`config`]: the operator's choices, validated, as each room's own options.
//! - [`reactor`]: the loop thread's sockets and signals.
//! - [`sessions`]: every connection's life without sockets, and the order of writing, sealing and answering.
//! - [`delivery`]: the threads that bring a sealed dump to its object and its row.
//! - [`retention`]: which stored dumps on this machine may go.
//! - [`spool`]: where a dump lies in each state, and every step from one to the next.
//! - [`connection`]: one peer's protocol as a state machine; [`dump`]: the format and its masking; [`storage`] and
//!   [`database`]: where objects and rows go.
//! - [`auth`], [`geo`], [`systemd`], [`tls`]: tokens, places of addresses, the service manager, certificates.
//! - [`id`], [`labels`], [`time`], [`units`], [`whose`]: words of the trade that all rooms share; [`fault`],
//!   [`limits`], [`network`], [`redact`], [`lenient`]: moments a test may crash at, every bound, address ranges,
//!   secrets, how a value of the configuration is read, and [`unfit`]: what is wrong with one.
//!
//! To follow a message, begin at `sessions::turn`; to follow a dump, at `delivery::deliver`.

pub mod auth;
pub mod cli;
pub mod config;
pub mod connection;
pub mod database;
pub mod delivery;
pub mod dump;
pub mod fault;
pub mod geo;
pub mod id;
pub mod labels;
pub mod lenient;
pub mod limits;
pub mod network;
pub mod reactor;
pub mod redact;
pub mod retention;
pub mod sessions;
pub mod spool;
pub mod storage;
pub mod systemd;
pub mod time;
pub mod tls;
pub mod unfit;
pub mod units;
pub mod whose;
