//! The recorded dumps, and a function that masks a whole dump.
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use rtcstats_server::dump::{MaskRules, Masker};

pub const ALL: MaskRules = MaskRules {
    addresses: true,
    device_labels: true,
};

pub fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)
}

/// Name and content of every dump, in the order of their names.
pub fn all() -> Vec<(String, Vec<u8>)> {
    let mut dumps: Vec<_> = fs::read_dir(data("dumps"))
        .expect("the dumps are part of the project")
        .map(|entry| {
            let path = entry.expect("the folder can be read").path();
            let file = path.file_name().expect("a file has a name").to_string_lossy();
            let name = file.strip_suffix(".jsonl.gz").expect("dumps are compressed").to_owned();
            let mut content = Vec::new();
            GzDecoder::new(fs::File::open(&path).expect("a dump can be opened"))
                .read_to_end(&mut content)
                .expect("a dump can be unpacked");
            (name, content)
        })
        .collect();
    dumps.sort();
    assert!(dumps.len() >= 34, "only {} dumps", dumps.len());
    dumps
}

/// The lines of a dump, without the line end of the last one.
pub fn lines(dump: &[u8]) -> Vec<&[u8]> {
    dump.strip_suffix(b"\n")
        .unwrap_or(dump)
        .split(|byte| *byte == b'\n')
        .collect()
}

pub fn masked_line(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Masker::new(ALL, None).line(line, &mut out);
    out
}

/// The dump as it is stored, which means that the metadata line is masked, too.
pub fn masked(dump: &[u8]) -> Vec<Vec<u8>> {
    let mut masker = Masker::new(ALL, None);
    let masked = |(number, line): (usize, &&[u8])| match number {
        0 => line.to_vec(),
        1 => {
            let (mut metadata, _) = rtcstats_server::dump::header::read_head(line).expect("a metadata line");
            masker.metadata(&mut metadata);
            serde_json::to_vec(&metadata).expect("metadata is JSON")
        }
        _ => {
            let mut out = Vec::new();
            masker.line(line, &mut out);
            out
        }
    };
    lines(dump).iter().enumerate().map(masked).collect()
}
