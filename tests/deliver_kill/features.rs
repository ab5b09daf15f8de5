//! Features that meet damage, or a fault in the code that extracts them. The dump never pays for that.

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

#[test]
fn a_fault_in_the_code_of_a_feature_costs_the_features_and_never_the_dump() {
    // At the begin, at the second line, and at the end.
    for stumble in ["features:1", "features:3", "features:6"] {
        let mut server = Server::prepare(&[(STUMBLE, stumble)]);
        server.restart();
        let mut client = Client::open(server.address(), "/");
        (0..3).for_each(|_| client.send(LINE));
        client.close(None);
        let dump = server.delivered_bare(1).remove(0);
        assert_eq!(dump.messages(), [LINE; 3], "{stumble}");
        assert!(server.features().is_empty(), "{stumble}");
        let row = server.rows().remove(0);
        assert_eq!(row.features_url, None);
        assert_eq!(row.metadata["featuresMissing"], "the program failed at them");
        session(&server);
        wait_until("the next one has features", || server.features().len() == 1);
        wait_until("the spool to be empty", || server.spooled().is_empty());
        let told = server.log().matches("is packed without features").count();
        assert_eq!((server.dumps().len(), told), (2, 1), "{stumble}");
    }
}
