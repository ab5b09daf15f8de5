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
