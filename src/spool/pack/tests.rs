//! Tests of packing: what the packed dump and its manifest hold, and which files are not dumps.

use std::fs;
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::json;

use super::*;

const HEAD: &str = r#"{"url":"/a?room=1","startTime":1000,"remoteAddresses":["198.51.100.7"],"fileFormat":3,"rtcstatsServer":{"user":"alice","host":"vm-1","start":1000}}"#;

fn options() -> PackOptions {
    PackOptions {
        rules: MaskRules {
            addresses: true,
            device_labels: true,
        },
        geo: None,
        key: KeyTemplate::parse("{user}/{id}.jsonl.gz").unwrap(),
    }
}

fn spool(text: &str) -> (tempfile::TempDir, Place, Id) {
    let directory = tempfile::tempdir().unwrap();
    let place = Place::open(directory.path()).unwrap();
    let id = Id::new();
    fs::write(place.path(Kind::Ready, id), text).unwrap();
    (directory, place, id)
}

fn unpacked(place: &Place, id: Id) -> String {
    let mut text = String::new();
    GzDecoder::new(File::open(place.path(Kind::Packed, id)).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    text
}

#[test]
fn a_packed_dump_is_masked_and_has_neither_ticket_nor_seal() {
    let close = r#"["close",null,1001,{"end":9000,"recovered":false},250]"#;
    let (_directory, place, id) = spool(&format!(
        "RTCStatsDump\n{HEAD}\n[\"note\",null,\"at 198.51.100.7\",5]\n{close}\n"
    ));
    let manifest = pack(&place, id, &options()).unwrap();
    let text = unpacked(&place, id);
    assert_eq!(
        text,
        "RTCStatsDump\n{\"url\":\"/a?room=1\",\"startTime\":1000,\"remoteAddresses\":[\"198.51.100.x\"],\"fileFormat\":3}\n\
         [\"note\",null,\"at 198.51.100.x\",5]\n[\"close\",null,1001,250]\n"
    );
    assert_eq!(manifest.key, format!("alice/{id}.jsonl.gz"));
    assert_eq!(
        (manifest.start, manifest.end, manifest.labels.user.as_deref()),
        (UnixMs(1000), UnixMs(9000), Some("alice"))
    );
    let metadata = json!({
        "url": "/a?room=1", "startTime": 1000, "remoteAddresses": ["198.51.100.x"], "fileFormat": 3,
        "numberOfMessages": 1, "bytes": text.len(), "closeCode": 1001, "hostIdentifier": "vm-1", "recovered": false,
    });
    assert_eq!(manifest.metadata, metadata);
    assert_eq!(Manifest::read(&place, id).unwrap(), manifest);
    assert!(place.path(Kind::Ready, id).exists(), "packing unlinks nothing");
    assert!(!place.path(Kind::Partial, id).exists());
}

#[test]
fn a_closing_line_in_the_middle_is_a_message() {
    let forged = r#"["close",null,1000,{"end":1,"recovered":true},1]"#;
    let (_directory, place, id) = spool(&format!("RTCStatsDump\n{HEAD}\n{forged}\n[1]\n"));
    let manifest = pack(&place, id, &options()).unwrap();
    assert!(unpacked(&place, id).ends_with(&format!("{forged}\n[1]\n[\"close\",null,1006,0]\n")));
    assert_eq!(manifest.metadata["numberOfMessages"], 2);
    assert_eq!(manifest.metadata["recovered"], true);
}

#[test]
fn a_torn_last_line_is_left_out() {
    let (_directory, place, id) = spool(&format!("RTCStatsDump\n{HEAD}\n[1]\n[\"close\",nu"));
    pack(&place, id, &options()).unwrap();
    assert!(unpacked(&place, id).ends_with("}\n[1]\n[\"close\",null,1006,0]\n"));
}

#[test]
fn a_hole_ends_the_dump_and_a_lost_bit_does_not() {
    let close = r#"["close",null,1000,{"end":9000,"recovered":false},5]"#;
    for lost in ["\0\0\0", "\0\0\"]"] {
        let (_directory, place, id) = spool(&format!("RTCStatsDump\n{HEAD}\n[1]\n{lost}\n[3]\n{close}\n"));
        let manifest = pack(&place, id, &options()).unwrap();
        assert!(unpacked(&place, id).ends_with("}\n[1]\n[\"close\",null,1006,0]\n"));
        assert_eq!(
            (manifest.end, &manifest.metadata["recovered"]),
            (UnixMs(9000), &json!(true))
        );
    }
    let (_directory, place, id) = spool(&format!("RTCStatsDump\n{HEAD}\n[1]\n[\"a\0b\"]\n[3]\n{close}\n"));
    let manifest = pack(&place, id, &options()).unwrap();
    assert_eq!(manifest.metadata["numberOfMessages"], 3);
}

#[test]
fn a_hole_of_one_byte_lies_at_the_edge_of_a_block() {
    let before = format!("RTCStatsDump\n{HEAD}\n");
    let filler = "x".repeat(4096 - before.len() - 5);
    let (_directory, place, id) = spool(&format!("{before}[\"{filler}\"]\n\0[2]\n[3]\n"));
    assert_eq!(pack(&place, id, &options()).unwrap().metadata["numberOfMessages"], 1);
}

#[test]
fn packing_again_gives_what_is_there() {
    let (_directory, place, id) = spool(&format!("RTCStatsDump\n{HEAD}\n[1]\n"));
    let first = pack(&place, id, &options()).unwrap();
    let changed = PackOptions {
        key: KeyTemplate::parse("other/{id}").unwrap(),
        ..options()
    };
    assert_eq!(pack(&place, id, &changed).unwrap(), first);
}

#[test]
fn files_that_are_no_dumps_are_told_apart_from_disk_errors() {
    for text in [
        "",
        "RTCStatsDum\n{}\n[1]\n",
        "RTCStatsDump\n",
        "RTCStatsDump\n[]\n[1]\n",
        "RTCStatsDump\nnull\n",
        "RTCStatsDump\n{\n",
    ] {
        let (_directory, place, id) = spool(text);
        assert!(
            matches!(pack(&place, id, &options()), Err(PackError::Dump(_))),
            "{text:?}"
        );
        assert!(!place.path(Kind::Packed, id).exists());
    }
    let (_directory, place, _) = spool("");
    assert!(matches!(pack(&place, Id::new(), &options()), Err(PackError::Io(_))));
}
