//! Compares our dumps with those of the Node.js implementation, by means of `tests/data/compare.py` (its help text says
//! what counts as equal). All differences are intended: each one is in the table with its reason, and each row of the
//! table must still be a difference.
use std::collections::BTreeMap;
use std::process::Command;

use super::dumps;

/// Why our value differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// Node leaves a candidate unchanged if it cannot read it, or adds a `typ` that the candidate never had.
    MalformedCandidate,
    /// Node recognises addresses only in the usual structure: not in bare strings, and not in arrays.
    OtherShape,
    /// Node removes `ip` if there is `address` as well, and leaves `ip` and `ipAddress` readable if they are alone; we
    /// mask them.
    OldNames,
    /// Node does not search custom events, error texts and candidate errors.
    FreeText,
    /// Node turns an IPv4-mapped address into `::ffffx:x:x:x:x:x`; we turn it into an IPv4 address.
    MappedAddress,
    /// Node writes 0.0.0.0 over the address in every `c=` and `a=rtcp`, even if it is a host name; we mask the address
    /// in it. Node leaves `o=`, `i=`, `e=` and attributes that it does not know readable, and all of them after one
    /// malformed candidate.
    Description,
    /// Node keeps TURN user names; we do not.
    UserName,
    /// Node also keeps passwords, which clients remove.
    Password,
    /// Node keeps lines that are not a JSON array.
    NoArray,
    /// Node drops empty lines. We keep them as events, because nothing that arrived is dropped.
    EmptyLine,
}

use Why::*;

/// Dump, line (as Node counts them, from 1), place in the event, reason.
const DIFFERENCES: &[(&str, usize, &str, Why)] = &[
    ("addicecandidate-failures", 76, "[2].candidate", MalformedCandidate),
    ("addicecandidate-failures", 78, "[2].candidate", MalformedCandidate),
    ("custom-events-malformed", 20, "[2]", OtherShape),
    ("custom-events-malformed", 22, "[2][0].sdp", OtherShape),
    ("custom-events-malformed", 28, "[2].ip", FreeText),
    ("custom-events-unicode", 5, "[2].ip", FreeText),
    ("derived-address-zoo", 34, "[2].candidate", MappedAddress),
    ("derived-address-zoo", 36, "[2].candidate", MappedAddress),
    ("derived-address-zoo", 102, "[2].candidate", MalformedCandidate),
    ("derived-address-zoo", 104, "[2].candidate", MalformedCandidate),
    ("derived-address-zoo", 122, "[2]", FreeText),
    ("derived-address-zoo", 124, "[2]", FreeText),
    ("derived-address-zoo", 128, "[2].address", FreeText),
    ("derived-address-zoo", 128, "[2].errorText", FreeText),
    ("derived-address-zoo", 128, "[2].hostCandidate", FreeText),
    ("derived-address-zoo", 130, "[2].sdp", Description),
    ("derived-address-zoo", 132, "[2].sdp", Description),
    ("derived-address-zoo", 134, "[2].sdp", Description),
    ("derived-address-zoo", 136, "[2].sdp", Description),
    ("derived-address-zoo", 138, "[2].sdp", Description),
    ("derived-address-zoo", 140, "[2].sdp", Description),
    ("derived-address-zoo", 142, "[2].sdp", Description),
    ("derived-address-zoo", 144, "[2].sdp", Description),
    ("derived-address-zoo", 146, "[2].sdp", Description),
    ("derived-address-zoo", 148, "[2].sdp", Description),
    ("derived-address-zoo", 154, "[2].10.134", MappedAddress),
    ("derived-address-zoo", 154, "[2].4.ip", OldNames),
    ("derived-address-zoo", 156, "[2].L1.ip", OldNames),
    ("derived-address-zoo", 156, "[2].L2.ip", OldNames),
    ("derived-address-zoo", 156, "[2].L3.ipAddress", OldNames),
    ("derived-address-zoo", 174, "[2].iceServers[0].credential", Password),
    ("derived-address-zoo", 174, "[2].iceServers[0].username", UserName),
    ("derived-address-zoo", 176, "[2].text", FreeText),
    (
        "derived-docaddr-nontrickle-candidates-in-sdp",
        29,
        "[2].sdp",
        Description,
    ),
    (
        "derived-docaddr-nontrickle-candidates-in-sdp",
        49,
        "[2].sdp",
        Description,
    ),
    ("derived-docaddr-turn-relay", 7, "[2].iceServers[1].username", UserName),
    ("derived-docaddr-turn-relay", 8, "[2].iceServers[1].username", UserName),
    ("derived-line-zoo", 13, "", NoArray),
    ("derived-line-zoo", 14, "", NoArray),
    ("derived-line-zoo", 15, "empty", EmptyLine),
    ("derived-line-zoo", 16, "", NoArray),
    ("firefox-av-call", 10, "[2].iceServers[0].username", UserName),
    ("firefox-av-call", 11, "[2].iceServers[0].username", UserName),
    ("firefox-nontrickle-host-addresses", 20, "[2].sdp", Description),
    ("nontrickle-candidates-in-sdp", 29, "[2].sdp", Description),
    ("nontrickle-candidates-in-sdp", 49, "[2].sdp", Description),
    ("turn-relay", 7, "[2].iceServers[1].username", UserName),
    ("turn-relay", 8, "[2].iceServers[1].username", UserName),
];

type Places = BTreeMap<(String, usize, String), String>;

/// All differences of a dump that compare.py finds, by place. The first two lines are unmasked on both sides, because
/// Node masks the metadata elsewhere.
fn differences(name: &str, dump: &[u8], found: &mut Places) {
    let mut ours: Vec<u8> = Vec::new();
    let mut kept = 0;
    for (number, line) in dumps::lines(dump).into_iter().enumerate() {
        if number >= 2 && line.is_empty() {
            let empty = r#"["unparsed",null,"",0]"#;
            assert_eq!(dumps::masked_line(line), empty.as_bytes());
            found.insert((name.to_owned(), kept + 1, "empty".to_owned()), empty.to_owned());
            continue;
        }
        kept += 1;
        let masked = if number < 2 {
            line.to_vec()
        } else {
            dumps::masked_line(line)
        };
        ours.extend_from_slice(&masked);
        ours.push(b'\n');
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("ours.jsonl");
    std::fs::write(&file, ours).expect("a temporary file can be written");
    let compare = Command::new("python3")
        .arg(dumps::data("compare.py"))
        .args(["--candidates", "--ipv6", "--skip-labels", "--all"])
        .arg(dumps::data(&format!("expected/{name}.obfuscated.jsonl.gz")))
        .arg(&file)
        .env("PYTHONIOENCODING", "utf-8:backslashreplace")
        .output()
        .expect("python3 is installed");
    assert_eq!(String::from_utf8_lossy(&compare.stderr), "", "{name}");
    let shown = String::from_utf8_lossy(&compare.stdout).into_owned();
    assert_eq!(compare.status.success(), shown.is_empty(), "{name}: {shown}");
    for difference in shown.lines() {
        let place = difference
            .strip_prefix("line ")
            .and_then(|rest| rest.split_once(": expected "));
        let (place, _) = place.unwrap_or_else(|| panic!("{name}: {difference}"));
        let digits = place.find(|c: char| !c.is_ascii_digit()).unwrap_or(place.len());
        let line = place[..digits].parse().expect("a line has a number");
        found.insert(
            (name.to_owned(), line, place[digits..].to_owned()),
            difference.to_owned(),
        );
    }
}

#[test]
fn every_difference_has_a_reason() {
    let mut found = Places::new();
    for (name, dump) in dumps::all() {
        differences(&name, &dump, &mut found);
    }
    let mut stale = Vec::new();
    for (name, line, place, why) in DIFFERENCES {
        if found
            .remove(&((*name).to_owned(), *line, (*place).to_owned()))
            .is_none()
        {
            stale.push(format!("{name} line {line}{place} ({why:?})"));
        }
    }
    let unexplained: Vec<_> = found
        .iter()
        .map(|((name, ..), text)| format!("{name} {text}"))
        .collect();
    assert!(
        unexplained.is_empty(),
        "differences without a reason:\n{}",
        unexplained.join("\n")
    );
    assert!(stale.is_empty(), "reasons without a difference:\n{}", stale.join("\n"));
}
