//! Features of the recorded dumps against those of the Node.js server, and in what ours differ on purpose.
use super::*;

/// The Node.js server adds up both absolute times of a page that connected again, and lands in the year 2083. Ours
/// takes a large delta for the time that it is. What is given is the path, then both values.
const CLOCK: [&str; 2] = [
    "reconnect-after-refused.duration: 1022 / 1795327458781",
    "reconnect-after-refused.peerConnections[0].startTime: 1795327458570 / 3590654916329",
];

#[test]
fn features_are_those_of_the_node_server() {
    let (mut found, mut compared) = (Vec::new(), 0);
    for recorded in support::recorded::Recorded::all() {
        let path = format!("tests/data/expected/{}.features.json.gz", recorded.name);
        if repository().join(&path).exists() {
            let ours = without_names(json(&features(&lines(&recorded.name))));
            let theirs: Value = serde_json::from_slice(&unpacked(&path)).unwrap();
            differences(&recorded.name, &ours, &theirs, &mut found);
            compared += 1;
        }
    }
    assert_eq!(compared, 28);
    assert_eq!(found, CLOCK, "\n{}\n", found.join("\n"));
}

/// Dumps for which the Node.js server gives nothing at all, and why.
const FAILED: [(&str, &str); 6] = [
    (
        "addicecandidate-failures",
        "texts that are no candidates; they are ignored",
    ),
    ("firefox-av-call", "an empty candidate; it is ignored"),
    ("derived-address-zoo", "null in place of a report; it is ignored"),
    (
        "custom-events-malformed",
        "events with too few elements; the last number is the time",
    ),
    ("derived-line-zoo", "a line that is no JSON; it is left out"),
    ("no-message-session", "no create; what needs it is absent"),
];

/// The variable that makes this test write the files instead of only comparing them.
const WRITE: &str = "RTCSTATS_RENDER";

#[test]
fn rendered_features_of_dumps_on_which_node_fails_stay_as_they_are() {
    for (name, why) in FAILED {
        assert!(
            !repository()
                .join(format!("tests/data/expected/{name}.features.json.gz"))
                .exists()
        );
        let path = repository().join(format!("tests/data/features/{name}.json"));
        let ours = json(&features(&lines(name)));
        if std::env::var_os(WRITE).is_some() {
            fs::write(&path, format!("{ours:#}\n")).unwrap();
        }
        let kept = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let mut found = Vec::new();
        differences(name, &ours, &kept, &mut found);
        assert!(found.is_empty(), "{name} ({why}):\n{}\n", found.join("\n"));
    }
}
