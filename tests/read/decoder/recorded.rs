//! The recorded dumps of `tests/data`, and what the Node.js implementation makes of them.

use std::fs;
use std::path::PathBuf;

fn data(folder: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(folder)
}

/// Names of the dumps, without their ending.
pub fn names() -> Vec<String> {
    let files = fs::read_dir(data("dumps")).expect("the dumps are there");
    let name = |file: std::io::Result<fs::DirEntry>| file.expect("a readable folder").file_name();
    let names = files.map(|file| name(file).to_string_lossy().into_owned());
    let mut names: Vec<_> = names
        .filter_map(|name| Some(name.strip_suffix(".jsonl.gz")?.to_string()))
        .collect();
    names.sort();
    assert!(names.len() >= 34, "all recorded dumps are there: {names:?}");
    names
}

/// The file of a dump, compressed.
pub fn file(name: &str) -> Vec<u8> {
    fs::read(data("dumps").join(format!("{name}.jsonl.gz"))).expect("the dump is there")
}

/// The text of a dump.
pub fn text(name: &str) -> Vec<u8> {
    let mut text = Vec::new();
    let file = file(name);
    let mut decoder = flate2::read::GzDecoder::new(&file[..]);
    std::io::copy(&mut decoder, &mut text).expect("it unpacks");
    text
}

/// The expected events, one a line. `None` if that implementation fails.
pub fn expected(name: &str) -> Option<Vec<String>> {
    let file = fs::File::open(data("expected").join(format!("{name}.events.jsonl.zst"))).ok()?;
    let text = zstd::decode_all(file).expect("it unpacks");
    let text = String::from_utf8(text).expect("UTF-8");
    Some(text.lines().map(str::to_string).collect())
}
