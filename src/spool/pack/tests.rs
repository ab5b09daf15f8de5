//! Tests of packing: what the packed dump and its manifest hold, and which files are not dumps.

use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::json;

use super::super::extract::extracted;
use super::*;
use crate::dump::open::Dump;
use crate::findings::{End, Examination};

const HEAD: &str = r#"{"url":"/a?room=1","startTime":1000,"remoteAddresses":["198.51.100.7"],"fileFormat":3,"rtcstatsServer":{"user":"alice","host":"vm-1","start":1000}}"#;

fn options() -> PackOptions {
    PackOptions {
        rules: MaskRules {
            addresses: true,
            device_labels: true,
        },
        geo: None,
        key: KeyTemplate::parse("{user}/{id}.jsonl.gz").unwrap(),
        features: crate::features::FeaturesOptions::default(),
        findings: Some(crate::findings::Settings::default()),
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
        "findings": &manifest.metadata["findings"],
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

/// What packing extracts while it writes is what anyone extracts from what it has written.
/// What `dump explain --json` tells of a dump.
fn explained(lines: &[u8]) -> Vec<u8> {
    let mut dump = Dump::open(lines).unwrap();
    let mut examination = Examination::of(&mut dump, &Settings::default());
    while let Some(event) = dump.next().unwrap() {
        examination.event(&event);
    }
    let mut text = Vec::new();
    examination.finish(End::Whole).write_json(&mut text);
    text
}

#[test]
fn features_and_findings_are_those_of_the_stored_dump_byte_for_byte() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dumps");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut text = Vec::new();
        GzDecoder::new(File::open(&path).unwrap())
            .read_to_end(&mut text)
            .unwrap();
        let (_temp, place, id) = spool("");
        fs::write(place.path(Kind::Ready, id), text).unwrap();
        let manifest = pack(&place, id, &options()).unwrap();
        let packed = GzDecoder::new(File::open(place.path(Kind::Packed, id)).unwrap());
        let mut lines = Vec::new();
        BufReader::new(packed).read_to_end(&mut lines).unwrap();
        let stored = extracted(&mut &lines[..], &ToExtract::default()).unwrap();
        let text = fs::read(place.path(Kind::Features, id)).unwrap();
        let object: Value = serde_json::from_slice(&text).unwrap();
        assert!(stored.features == Some(Ok(text)), "{}", path.display());
        assert!(object["findings"]["findings"].is_array() && object["peerConnections"].is_array());
        // Findings change no feature, and whoever examines the dump later finds the same.
        let alone = extracted(&mut &lines[..], &ToExtract::Features).unwrap();
        let (features, findings) = (alone.features.unwrap().unwrap(), explained(&lines));
        let both = [&features[..features.len() - 1], b",\"findings\":", &findings, b"}"].concat();
        assert!(stored.features == Some(Ok(both)), "{}", path.display());
        let found = manifest.metadata["findings"].to_string();
        assert_eq!(stored.findings, Some(Ok(found)), "{}", path.display());
        count += 1;
    }
    assert!(count > 20);
}

const SHORT: &str = "RTCStatsDump\n{\"startTime\":1000}\n[\"note\",null,null,1]\n\
     [\"close\",null,1000,{\"end\":1,\"recovered\":false},1]\n";

#[test]
fn features_and_findings_are_extracted_only_if_they_are_wanted() {
    let (_temp, place, id) = spool(SHORT);
    let found = pack(&place, id, &options()).unwrap().metadata["findings"].take();
    assert!(found.is_object());
    for (features, findings) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut options = options();
        options.features.enabled = features;
        options.findings = options.findings.filter(|_| findings);
        // As if it were packed for the first time.
        place.remove(Kind::Features, id).unwrap();
        let manifest = pack_again(&place, id, &options).unwrap();
        assert!(manifest.has_whole_features(&place) && manifest.features.is_some() == features);
        assert_eq!(place.exists(Kind::Features, id).unwrap(), features);
        assert_eq!(manifest.metadata.get("findings"), findings.then_some(&found));
        if features {
            let text = fs::read(place.path(Kind::Features, id)).unwrap();
            let object: Value = serde_json::from_slice(&text).unwrap();
            assert_eq!(object.get("findings").is_some(), findings);
        }
    }
}

/// Whose code fails, and what is missing then.
#[cfg(feature = "fault-points")]
const FAULTS: [(&str, [bool; 2]); 3] = [
    ("features", [true, false]),
    ("findings", [false, true]),
    ("decoder", [true, true]),
];

#[cfg(feature = "fault-points")]
#[test]
fn a_fault_in_their_code_costs_features_or_findings_alone_and_never_the_dump() {
    let (_temp, place, id) = spool(SHORT);
    let whole = pack(&place, id, &options()).unwrap();
    let object = fs::read(place.path(Kind::Packed, id)).unwrap();
    let features = || fs::read(place.path(Kind::Features, id)).unwrap();
    let both = features();
    let mut alone = options();
    alone.findings = None;
    pack_again(&place, id, &alone).unwrap();
    let bare = features();
    for (part, [no_features, no_findings]) in FAULTS {
        // When the code begins, at each line, and at the end. It is not asked again.
        let moments = if part == "decoder" { 1..=2 } else { 1..=4 };
        for moment in moments {
            crate::fault::stumble_after(part, moment);
            let packed = pack_again(&place, id, &options()).unwrap();
            crate::fault::stumble_after("", 0);
            assert_eq!(packed.object_crc32, whole.object_crc32);
            assert_eq!(fs::read(place.path(Kind::Packed, id)).unwrap(), object);
            let why = |is_missing: bool| is_missing.then(|| json!("the program failed at them"));
            assert_eq!(
                packed.metadata.get("featuresMissing"),
                why(no_features).as_ref(),
                "{part} {moment}"
            );
            assert_eq!(
                packed.metadata.get("findingsMissing"),
                why(no_findings).as_ref(),
                "{part} {moment}"
            );
            let found = whole.metadata.get("findings").filter(|_| !no_findings);
            assert_eq!(packed.metadata.get("findings"), found, "{part} {moment}");
            assert_eq!(packed.features.is_some(), !no_features);
            // Those of the first time are gone.
            assert_eq!(place.exists(Kind::Features, id).unwrap(), !no_features);
            assert!(no_features || features() == bare, "{part} {moment}");
            pack_again(&place, id, &options()).unwrap();
            assert_eq!(features(), both);
        }
    }
}
