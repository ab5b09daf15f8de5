//! The values of a call over time: of each connection, report and property, all polls in which it was there.
//!
//! A [`Collector`] takes the statistics of all connections in one pass and keeps their changes; [`Collected`] gives
//! each series whole, and what is drawn of it: the rate of a counter, the quotient of two sums. What is absent is NaN.
mod change;
mod collected;
mod collector;
mod cut;
mod drawn;
mod kept;
mod names;
mod pyramid;
mod spill;
mod units;
mod wait;

pub use collected::{Collected, Dense};
pub use collector::Collector;
pub use drawn::{Formula, drawn};
pub use kept::{Kept, Omitted, Polled};
pub use names::kept_id;
pub use pyramid::{Bucket, level};
pub use spill::{Lend, Room, lend_file};
pub use units::{Kind, Unit};
pub use wait::longest_wait;

#[cfg(test)]
mod tests;
