//! Collects WebRTC sessions that browsers stream over WebSocket and turns each into a masked, compressed dump.
pub mod auth;
pub mod cli;
pub mod config;
pub mod connection;
pub mod database;
pub mod delivery;
pub mod dump;
pub mod fault;
pub mod geo;
pub mod limits;
pub mod network;
pub mod reactor;
pub mod redact;
pub mod spool;
pub mod storage;
pub mod systemd;
