//! Rules on recorded dumps and on mutations of them.
mod edits;
mod rig;
