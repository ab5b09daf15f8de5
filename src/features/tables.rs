//! The one table of all features. `docs/features.md`, the columns of the database and the JSON are made from it.
//!
//! A feature that is added here is in all of them. An old one never changes its meaning: a better definition gets a new
//! name.
mod client;
mod connection;
mod statistics;
mod track;

pub use client::CLIENT;
pub use connection::EVENTS;
pub use statistics::STATISTICS;
pub use track::TRACK;
