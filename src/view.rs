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
mod binary;
mod builder;
mod connection;
mod events;
mod facts;
mod head;
mod html;
mod judgement;
mod model;
mod page;
pub mod series;
mod table;
mod words;

pub use binary::{Array, Binary, Encoding};
pub use builder::{Builder, Ending};
pub use html::escaped;
pub use model::Model;
pub use page::{page, policy};

#[cfg(test)]
mod tests;
