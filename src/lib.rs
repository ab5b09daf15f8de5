//! Collects WebRTC sessions that browsers stream over WebSocket and turns each into a masked, compressed dump.
pub mod dump;
pub mod geo;
pub mod limits;
