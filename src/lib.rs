//! Collects WebRTC sessions that browsers stream over WebSocket and turns each into a masked, compressed dump.
pub mod database;
pub mod limits;
pub mod storage;
