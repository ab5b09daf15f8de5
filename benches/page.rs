//! What a page costs in a browser: how soon it is there, what drawing takes while the axis moves, and what memory the
//! tab holds.
//!
//! Method: pages are made in this process and opened by Debian's Chromium from their files (`page.cjs`, driven by the
//! tools of `make tools`). Fifty connections with an hour of statistics each and 100,000 events are panned and zoomed,
//! 400 frames in the time line with lanes open, in the charts and in the events: script between the change and the end
//! of drawing. Pages of 10 and of 20 MB are cut from a dump that hardly shrinks. Each figure is told beside its budget;
//! what is over it is marked, and no failure, since a busy machine is none of the page's.

mod noise;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use rtcstats_server::dump::open::Dump;
use rtcstats_server::findings::Settings;
use rtcstats_server::view::{Builder, Ending, Part, page};

use noise::Noise;

/// Writes the page of a dump, of this many bytes at most.
fn write(folder: &Path, name: &str, input: impl Read, bytes_max: usize) -> PathBuf {
    let mut dump = Dump::open(input).expect("a dump");
    let lend = Box::new(|| Ok(Box::new(tempfile::tempfile()?) as _));
    let mut builder = Builder::new(name, &mut dump, &Settings::default(), lend);
    builder.limit(bytes_max);
    dump.each(|event| builder.event(event, Part::Shown))
        .expect("it can be read");
    let model = builder.finish(&dump, Ending::default()).expect("a temporary file");
    let path = folder.join(format!("{name}.html"));
    fs::write(&path, page(&model)).expect("it is written");
    path
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = [
        write(folder.path(), "busy", Noise::hour(10, 278), 20 << 20),
        write(folder.path(), "10MB", Noise::hour(1, 0), 10_000_000),
        write(folder.path(), "20MB", Noise::hour(1, 0), 20 << 20),
    ];
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let modules = root.join(target).join("tools/browser/node_modules");
    assert!(modules.exists(), "the browser is not installed; run `make tools`");
    let ran = Command::new("node")
        .arg(root.join("benches/page.cjs"))
        .args(pages)
        .env("NODE_PATH", modules)
        .status()
        .expect("node starts");
    assert!(ran.success(), "the browser failed");
}
