//! The program: what nobody else may read stays so from the first file on, then the command line decides.
use rustix::fs::Mode;
use rustix::process::umask;
use std::process::ExitCode;

fn main() -> ExitCode {
    umask(Mode::from_raw_mode(0o077));
    rtcstats_server::cli::run()
}
