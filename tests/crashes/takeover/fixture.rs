//! The spool that the binary of version 0.1 has left, in `tests/data/spool-0.1`. The README there says how it was made.
//!
//! The packed file of the large dump has 17 MiB and is not kept. It is made again from its first two lines, its last
//! line, and the messages of `large` between them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use flate2::{Compression, Crc};
use support::stored::files_below;
use support::{Remote, Server};

use crate::takeover::judge;
use crate::takeover::said::{LARGE, masked};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/spool-0.1")
        .join(name)
}

/// Copies a spool, and makes the folders of its instances that hold no file.
pub fn copy(from: &Path, to: &Path) {
    let files = files_below(from);
    assert!(!files.is_empty(), "nothing lies below {}", from.display());
    for file in files {
        let copy = to.join(file.strip_prefix(from).expect("it lies below"));
        fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder can be made");
        fs::copy(&file, copy).expect("the disk has room");
    }
    for instance in 0..5 {
        for state in ["recording", "ready", "packed", "failed"] {
            fs::create_dir_all(to.join(instance.to_string()).join(state)).expect("a folder can be made");
        }
    }
}

/// A server with that spool, not started yet.
fn left() -> Server {
    let server = Server::prepare(&[]);
    let spool = server.data().join("spool");
    copy(&data("spool"), &spool);
    let manifest = manifest(&server);
    let packed = fs::File::create(manifest.with_extension("jsonl.gz")).expect("the folder is writable");
    let mut packed = GzEncoder::new(packed, Compression::new(3));
    let around = fs::read_to_string(data("large.jsonl")).expect("the lines around the messages");
    let (head, close) = around.trim_end().rsplit_once('\n').expect("three lines");
    let lines = [vec![head.to_owned()], masked(LARGE), vec![close.to_owned()]].concat();
    packed
        .write_all((lines.join("\n") + "\n").as_bytes())
        .expect("the disk has room");
    packed.finish().expect("the disk has room");
    server
}

/// The manifest of the large dump.
fn manifest(server: &Server) -> PathBuf {
    let files = files_below(&server.data().join("spool/3/packed")).into_iter();
    let mut manifests = files.filter(|file| file.extension().is_some_and(|extension| extension == "json"));
    manifests.next().expect("the large dump has a manifest")
}

#[test]
fn a_spool_of_version_0_1_is_delivered_once_to_folder_and_catalogue() {
    judge::takes_over(&mut left());
}

/// The upload that was cut off is now one in this bucket: its id replaces that of the original upload in the manifest.
#[test]
fn a_spool_of_version_0_1_is_delivered_once_to_bucket_and_table() {
    let remote = Remote::start();
    let mut server = left();
    let path = manifest(&server);
    let text = fs::read_to_string(&path).expect("a manifest");
    let parsed: serde_json::Value = serde_json::from_str(&text).expect("a manifest is JSON");
    let [key, old] = ["key", "upload"].map(|member| parsed[member].as_str().expect("a text"));
    let new = remote.moto.begin_upload(key);
    fs::write(&path, with_upload(&text, old, &new)).expect("the folder is writable");
    judge::takes_over_to(&remote, &mut server);
    assert_eq!(
        remote.moto.requests("DELETE /", &new),
        1,
        "the noted upload was not aborted"
    );
}

/// The manifest with another upload in it, and the check sum for the new text.
fn with_upload(text: &str, old: &str, new: &str) -> String {
    let text = text.replace(old, new);
    let (content, _) = text.rsplit_once(",\"crc32\":").expect("a check sum");
    let mut crc = Crc::new();
    crc.update(content.as_bytes());
    format!("{content},\"crc32\":{}}}", crc.sum())
}
