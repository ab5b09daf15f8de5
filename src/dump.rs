//! Dumps as text: what their lines are, and how they are masked.
//!
//! This is a dump, in the spool and, compressed, in a store:
//!
//! ```text
//! dump      = signature metadata *event [close] [torn]
//! signature = "RTCStatsDump" LF
//! metadata  = object LF                   ; in the spool its last member is "rtcstatsServer": ticket
//! ticket    = {"user": …, "conference": …, "session": …, "host": …, "start": MS}
//! event     = line LF                     ; one message: [METHOD,SCOPE,VALUE,…,MS], or whatever a peer has sent
//! close     = ["close",null,CODE,MS] LF   ; in the spool ["close",null,CODE,{"end":MS,"recovered":BOOL},MS]
//! torn      = line                        ; spool only: what a crash left of a write
//! line      = bytes without LF and NUL    ; a NUL in the spool is a hole that a power cut made
//! ```
//!
//! This room knows the protocol's methods (`table`), writes the server's own lines (`header`), makes a line out of a
//! message (`event`), reads all of them again (`reader`), turns them into events with complete values (`decode`, with
//! `reports`, `json` and `statistics`), reads the dumps of browsers as the same events (`internals`), opens any file
//! for that (`open`, with `lines` and `notes`), and masks personal data (`mask`, with files of its own). It opens no
//! file by its name, has no clock and logs nothing. Input from a peer never causes a failure here; it only becomes
//! text.
pub mod clock;
#[cfg(test)]
mod damage;
pub mod decode;
pub mod event;
pub mod form;
pub mod header;
pub mod internals;
pub mod json;
pub mod lines;
pub mod mask;
pub mod notes;
pub mod open;
pub mod reader;
pub mod reports;
mod scan;
pub mod seen;
pub mod statistics;
pub(crate) mod steps;
pub mod table;
mod written;

pub use mask::{Locate, MaskRules, Masker};

#[cfg(test)]
mod tests;
