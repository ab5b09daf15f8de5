//! Features and findings that meet damage, or a fault in the code that extracts them. The dump never pays for that.

use serde_json::Value;
use support::{Client, Server, wait_until};

use crate::{LINE, VARIABLE, dies, starts_again};

/// Where a server dies that makes damaged features again.
pub const POINTS_OF_A_RENEWAL: [&str; 1] = ["features renewed"];

/// Lets the code that extracts features panic.
const STUMBLE: &str = "RTCSTATS_FAULT_STUMBLE";

fn session(server: &Server) {
    let mut client = Client::open(server.address(), "/");
    client.send(LINE);
    client.close(None);
}

/// A server that has died with a packed dump whose lines are gone already.
fn with_a_packed_dump() -> Server {
    let mut server = Server::prepare(&[(VARIABLE, "unlink:1")]);
    server.restart();
    session(&server);
    dies(&mut server, "unlink:1");
    server.set(VARIABLE, "");
    server
}

#[test]
fn features_that_are_damaged_in_the_spool_are_made_again_with_the_same_bytes() {
    for (number, damage) in [
        |text: &[u8]| Some(text[..text.len() / 2].to_vec()),
        |text: &[u8]| Some([text, b" "].concat()),
        |_: &[u8]| None,
    ]
    .into_iter()
    .enumerate()
    {
        let mut server = with_a_packed_dump();
        let mut files = server.spooled();
        files.retain(|file| file.to_string_lossy().ends_with(".features.json"));
        let whole = std::fs::read(&files[0]).unwrap();
        match damage(&whole) {
            Some(damaged) => std::fs::write(&files[0], damaged).unwrap(),
            None => std::fs::remove_file(&files[0]).unwrap(),
        }
        let point = POINTS_OF_A_RENEWAL[0];
        server.set(VARIABLE, &format!("{point}:1"));
        server.spawn();
        dies(&mut server, &format!("{point} {number}"));
        starts_again(&mut server, point);
        assert_eq!(std::fs::read(&server.features()[0]).unwrap(), whole);
    }
}

/// At the begin, at the second line, and at the end.
const MOMENTS: [u64; 3] = [1, 3, 6];

#[test]
fn a_fault_in_the_code_of_a_feature_costs_the_features_and_never_the_dump() {
    for moment in MOMENTS {
        let server = stumbling(&format!("features:{moment}"));
        let dump = server.delivered_bare(1).remove(0);
        assert_eq!(dump.messages(), [LINE; 3], "{moment}");
        assert!(server.features().is_empty(), "{moment}");
        let row = server.rows().remove(0);
        assert_eq!(row.features_url, None);
        assert_eq!(row.metadata["featuresMissing"], "the program failed at them");
        assert!(row.metadata["findings"].is_object(), "what was found is known");
        goes_on(&server, "is packed without features");
    }
}

#[test]
fn a_fault_in_the_code_of_findings_costs_the_findings_and_never_features_or_dump() {
    for moment in MOMENTS {
        let server = stumbling(&format!("findings:{moment}"));
        let dump = server.delivered(1).remove(0);
        assert_eq!(dump.messages(), [LINE; 3], "{moment}");
        let features: Value = serde_json::from_slice(&std::fs::read(&server.features()[0]).unwrap()).unwrap();
        assert!(features.get("findings").is_none() && features["peerConnections"].is_array());
        let row = server.rows().remove(0);
        assert_eq!(row.metadata["findingsMissing"], "the program failed at them");
        assert!(row.metadata.get("findings").is_none() && row.metadata.get("featuresMissing").is_none());
        goes_on(&server, "is packed without findings");
        assert!(server.rows()[1].metadata["findings"].is_object(), "{moment}");
    }
}

/// A server that stumbles there with its first dump, of three lines.
fn stumbling(at: &str) -> Server {
    let mut server = Server::prepare(&[(STUMBLE, at)]);
    server.restart();
    let mut client = Client::open(server.address(), "/");
    (0..3).for_each(|_| client.send(LINE));
    client.close(None);
    server
}

/// The next dump is whole, and the fault was told once.
fn goes_on(server: &Server, told: &str) {
    let before = server.features().len();
    session(server);
    wait_until("the next one has features", || server.features().len() == before + 1);
    wait_until("the spool to be empty", || server.spooled().is_empty());
    assert_eq!((server.dumps().len(), server.log().matches(told).count()), (2, 1));
}
