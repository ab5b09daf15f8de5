//! Processes that end at any moment, power cuts, and what the next process makes of what they left.

mod faults;
mod kill;
mod power_cut;
mod takeover;
