//! Collects WebRTC sessions that browsers stream over WebSocket and turns each into a masked, compressed dump.
//!
//! Users see only the binary; the rooms are public for tests and benches. Here they are from the top floor down. Each
//! room imports only from floors below its own (`ARCHITECTURE.md` says why, `tests/tidy` checks it):
//!
//! - [`cli`]: one file per command; [`config`]: the operator's choices, validated, as each room's own options.
//! - [`reactor`]: the loop thread's sockets and signals.
//! - [`sessions`]: every connection's life without sockets, and the order of writing, sealing and answering.
//! - [`delivery`]: the threads that bring a sealed dump to its object and its row.
//! - [`retention`]: which stored dumps on this machine may be removed; [`erasure`]: how a dump is erased for good.
//! - [`site`]: the catalogue in a browser.
//! - [`view`]: the page of a call.
//! - [`spool`]: where a dump lies in each state, and every step from one state to the next.
//! - [`features`]: what a call was like.
//! - [`findings`]: what was wrong with it.
//! - [`connection`]: one peer's protocol as a state machine; [`dump`]: the format and its masking; [`storage`] and
//!   [`database`]: where objects and rows go.
//! - [`auth`], [`disk`], [`geo`], [`sdp`], [`systemd`], [`tls`]: tokens, file systems, places of addresses, session
//!   descriptions, the service manager, certificates.
//! - [`id`], [`labels`], [`time`], [`trial`], [`units`], [`whose`]: the types that all rooms share; [`fault`],
//!   [`limits`], [`network`], [`redact`], [`lenient`]: moments at which a test may crash, every limit, address ranges,
//!   secrets, how a value of the configuration is read; and [`unfit`]: what is wrong with such a value.
//!
//! To follow a message, begin at `sessions::turn`; to follow a dump, at `delivery::deliver`.

pub mod auth;
pub mod cli;
pub mod config;
pub mod connection;
pub mod database;
pub mod delivery;
pub mod disk;
pub mod dump;
pub mod erasure;
pub mod fault;
pub mod features;
pub mod findings;
pub mod geo;
pub mod id;
pub mod labels;
pub mod lenient;
pub mod limits;
pub mod network;
pub mod news;
pub mod reactor;
pub mod redact;
pub mod retention;
pub mod sdp;
pub mod sessions;
pub mod site;
pub mod spool;
pub mod storage;
pub mod systemd;
pub mod time;
pub mod tls;
pub mod trial;
pub mod unfit;
pub mod units;
pub mod view;
pub mod whose;
