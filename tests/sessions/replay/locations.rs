//! Remote addresses and candidates' addresses are looked up before they are masked, in the database that
//! `tests/sessions/masking.rs` makes: 203.0.113.0/24 is Berlin, 2001:db8:aaaa::/48 Tokyo, 198.51.100.0/25 the United
//! States.

use std::path::Path;

use serde_json::{Value, json};
use support::wire::Bytes;
use support::{Dump, Recorded, Server, wait_until};

use super::expected;

/// Sends the collection of odd addresses, from a client at `forwarded`.
fn session(server: &Server, zoo: &Recorded, forwarded: &str) {
    let mut bytes = Bytes::upgrade("/zoo", &[("X-Forwarded-For", forwarded)]);
    zoo.messages.iter().for_each(|message| bytes.text(message));
    bytes.close(1000, "");
    bytes.send(server.address(), 1460);
}

/// Checks the events. Returns how many have a location, and the places that were seen.
fn check_events(dump: &Dump, masked: &[String]) -> (usize, Vec<String>) {
    let (mut located, mut seen) = (0, Vec::new());
    for (line, without) in dump.messages().iter().zip(masked) {
        let event: Value = serde_json::from_str(line).expect("an event");
        let location = &event[3]["rtcstatsLocation"];
        if location.is_null() {
            assert_eq!(line, without);
            continue;
        }
        assert!(matches!(event[0].as_u64(), Some(10 | 20)), "{line}");
        let splice = format!(",{{\"rtcstatsLocation\":{location}}}");
        // The location is inserted after the value, and nothing else differs.
        assert_eq!(&line.replacen(&splice, "", 1), without);
        located += 1;
        seen.push(location.to_string());
    }
    seen.sort();
    seen.dedup();
    (located, seen)
}

#[test]
fn locations_are_spliced_in_and_addresses_are_masked_all_the_same() {
    let database = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/city.mmdb");
    let database = database.to_str().expect("the repository's path is text");
    let server = Server::start(&[("RTCSTATS_PRIVACY__GEOIP_DATABASE", database)]);
    let zoo = Recorded::named("derived-address-zoo");
    let masked = expected::masked(&zoo.messages);
    let berlin = json!({"continent": "EU", "country": "DE", "city": "Berlin"});
    let tokyo = json!({"continent": "AS", "country": "JP", "city": "Tokyo"});
    let america = json!({"continent": "NA", "country": "US"});
    let clients = [
        ("203.0.113.77", "203.0.113.x", &berlin),
        ("2001:db8:aaaa::77", "2001:db8:aaaa:x:x:x:x:x", &tokyo),
        ("192.0.2.77", "192.0.2.x", &Value::Null),
    ];
    for (number, (address, shown, place)) in clients.into_iter().enumerate() {
        session(&server, &zoo, address);
        let dump = server.delivered(number + 1).pop().expect("a dump");
        let row = server.rows().pop().expect("a row");
        for metadata in [dump.metadata(), row.metadata] {
            assert_eq!(metadata["remoteAddresses"], json!([shown]));
            assert_eq!(metadata["locations"], json!([place]));
        }
        let (located, seen) = check_events(&dump, &masked);
        assert!(located > 30, "only {located} candidates with a location");
        let mut places = [&berlin, &tokyo, &america].map(Value::to_string);
        places.sort();
        assert_eq!(seen, places);
    }
}

/// The path of a database of the tests.
fn database(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    path.to_str().expect("the repository's path is text").to_owned()
}

#[test]
fn databases_of_other_makers_are_read() {
    for name in ["flat.mmdb", "codes.mmdb"] {
        let server = Server::start(&[("RTCSTATS_PRIVACY__GEOIP_DATABASE", &database(name))]);
        session(&server, &Recorded::named("short-session"), "203.0.113.77");
        let dump = server.delivered(1).pop().expect("a dump");
        let berlin = json!({"continent": "EU", "country": "DE", "city": "Berlin"});
        assert_eq!(dump.metadata()["locations"], json!([berlin]), "{name}");
        assert!(!server.log().contains("has no places"), "{name}");
    }
}

#[test]
fn a_database_without_places_is_told_at_start_and_by_check_config() {
    let server = Server::start(&[("RTCSTATS_PRIVACY__GEOIP_DATABASE", &database("asn.mmdb"))]);
    wait_until("a warning", || {
        server.log().contains("\"GeoLite2-ASN\" and has no places")
    });
    let output = server.run(&["check-config"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.contains("warning: privacy.geoip_database is of the type"),
        "{told}"
    );
}
