//! What one version leaves, another one takes over: each dump is delivered once, masked, with what was recorded.
//!
//! `fixture`: a spool that the binary of 0.1 has left (`tests/data/spool-0.1`). `made`: the same states, made anew by a
//! real process. `turns`: two processes on one spool, each of which takes over from the other. The other binary is the
//! one under test, unless `RTCSTATS_OTHER_BINARY` names a binary of another version.

mod fixture;
mod judge;
mod made;
mod make;
mod said;
mod turns;

use std::path::PathBuf;

use support::Server;

/// Names the binary that leaves a spool for the one under test to take over, if it is another binary.
const OTHER_BINARY: &str = "RTCSTATS_OTHER_BINARY";

fn let_the_other_run(server: &mut Server) {
    if let Some(binary) = std::env::var_os(OTHER_BINARY) {
        server.set_binary(&PathBuf::from(binary));
    }
}
