//! The engine and its rules, on recorded dumps and on what has been made of them (`rig`, `recording`).
mod edits;
mod engine;
mod net;
mod recording;
mod rig;
