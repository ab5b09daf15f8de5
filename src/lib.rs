//! Collects WebRTC sessions that browsers stream over WebSocket and turns each into a masked, compressed dump.
pub mod auth;
pub mod config;
pub mod limits;
pub mod network;
pub mod redact;
pub mod systemd;
