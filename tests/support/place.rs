//! Where things of the build and of the repository lie.
//!
//! Known when a test runs, not when this is built: one build of these helpers serves every test binary.

use std::path::{Path, PathBuf};

/// The program under test. Cargo names it to the tests and benches that it runs; whoever runs one by hand has built it.
pub fn binary() -> PathBuf {
    let named = std::env::var_os("CARGO_BIN_EXE_rtcstats-server").map(PathBuf::from);
    named.unwrap_or_else(|| profile().join("rtcstats-server"))
}

/// What `tests/tools.sh` has installed.
pub fn tools() -> PathBuf {
    profile().with_file_name("tools")
}

/// The top of the repository.
pub fn repository() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    own.skip(2)
        .map(Path::to_path_buf)
        .next()
        .expect("tests/support lies in it")
}

/// `target/debug` or the like: a test binary lies in `deps` below it.
fn profile() -> PathBuf {
    let own = std::env::current_exe().expect("a running program has a file");
    own.ancestors().nth(2).expect("it lies in deps").to_path_buf()
}
