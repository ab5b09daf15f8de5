//! The engine and its rules, on recorded dumps and on what has been made of them (`rig`, `recording`).
mod causes;
mod dtls;
mod edits;
mod engine;
mod faults;
mod gum;
mod ice;
mod measuring;
mod media;
mod net;
mod recording;
mod recordings;
mod rig;
mod signalling;
mod trace;
mod tracks;
mod turn;
