//! What every test of the real binary needs: a server for this test alone, a WebSocket client, and a way to read what
//! was stored.
//!
//! Nothing here knows the rooms of the crate. The binary is started as an operator starts it, spoken to over sockets
//! and judged by the files it leaves.
//!
//! Failures: every helper panics with a sentence that says what was waited for or what was refused.

pub mod aged;
pub mod backlog;
pub mod cases;
pub mod certificate;
pub mod client;
pub mod collect;
pub mod forms;
pub mod forward;
pub mod gate;
pub mod large;
pub mod metadata;
pub mod moto;
pub mod place;
pub mod postgres;
pub mod proxy;
pub mod raw;
pub mod recorded;
pub mod remote;
pub mod server;
pub mod stored;
pub mod strict_s3;
pub mod syscalls;
pub mod trace;
pub mod wait;
pub mod wire;

pub use cases::each_at_once;
pub use client::Client;
pub use forward::Forward;
pub use gate::Gate;
pub use moto::Moto;
pub use postgres::Cluster;
pub use proxy::Proxy;
pub use raw::Raw;
pub use recorded::Recorded;
pub use remote::Remote;
pub use server::Server;
pub use stored::{Dump, Row, files_below};
pub use strict_s3::StrictS3;
pub use wait::{wait_for, wait_until};
