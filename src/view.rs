//! The page of a call: what a dump says, as one self-contained HTML file, or as the same data in JSON.
//!
//! A [`Builder`] takes the events of one dump, in one pass, and makes a [`Model`] of them. [`page()`] writes the model
//! as HTML; all computing is done here, and the page's script only draws. The form of the data stands in
//! `docs/view-format.md`. No files, threads or terminals are used; what does not fit into memory goes to the room that
//! the caller lends.
//!
//! Limits: `VIEW_…` in `limits`. What is left out beyond them is counted, and the page says so. Content of a dump is
//! hostile: here it only ever becomes JSON text or escaped HTML text.
mod assets;
mod bands;
mod binary;
mod budget;
mod builder;
mod call;
mod characteristics;
mod client;
mod connection;
mod descriptions;
mod events;
mod explanations;
mod facts;
mod head;
mod html;
mod ice;
mod judgement;
mod lookup;
mod matrix;
mod model;
mod page;
mod sampling;
pub mod series;
mod setup;
mod signalling;
mod stretch;
mod table;
mod tracks;
mod words;

pub use binary::{Array, Binary, Encoding};
pub use builder::{Builder, Ending, Part};
pub use html::escaped;
pub use model::Model;
pub use page::{page, pair, served, served_pair, served_policy};
pub use stretch::Whole;

#[cfg(test)]
mod tests;
