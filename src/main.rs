//! The program. It first makes sure that others cannot read the files it makes, then the command line decides what to
//! do.

use std::process::ExitCode;

use rustix::fs::Mode;
use rustix::process::umask;

fn main() -> ExitCode {
    umask(Mode::from_raw_mode(0o077));
    rtcstats_server::cli::run()
}
