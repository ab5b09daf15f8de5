//! The locations of candidates and of remote addresses, which are looked up before masking.
use std::fs;
use std::net::IpAddr;

use rtcstats_server::dump::Masker;
use rtcstats_server::dump::header::read_head;
use rtcstats_server::geo::Geo;

use super::dumps::{self, ALL};
use super::mmdb::{Entry, Form, make};

const ENTRIES: [Entry; 4] = [
    Entry {
        network: "203.0.113.0/24",
        place: ["EU", "DE", "Berlin"],
    },
    Entry {
        network: "198.51.100.0/25",
        place: ["NA", "US", ""],
    },
    Entry {
        network: "2001:db8:aaaa::/48",
        place: ["AS", "JP", "Tokyo"],
    },
    Entry {
        network: "100.64.0.0/10",
        place: ["", "", ""],
    },
];

fn databases() -> [(&'static str, Vec<u8>); 5] {
    let countries = ENTRIES.map(|entry| Entry {
        place: [entry.place[0], entry.place[1], ""],
        ..entry
    });
    [
        ("city.mmdb", make("GeoLite2-City", Form::Nested, &ENTRIES)),
        ("country.mmdb", make("GeoLite2-Country", Form::Nested, &countries)),
        ("flat.mmdb", make("Flat-City", Form::Flat, &ENTRIES)),
        ("codes.mmdb", make("Codes-City", Form::Codes, &ENTRIES)),
        ("asn.mmdb", make("GeoLite2-ASN", Form::Provider, &ENTRIES)),
    ]
}

/// The files are kept in the repository because other tests read them. `REMAKE=1` makes this test write them anew.
#[test]
fn the_databases_are_what_the_maker_makes() {
    for (name, made) in databases() {
        if std::env::var_os("REMAKE").is_some() {
            fs::write(dumps::data(name), &made).expect("the data folder can be written");
        }
        assert_eq!(fs::read(dumps::data(name)).expect("a shipped database"), made, "{name}");
    }
}

#[test]
fn a_dump_is_annotated_before_it_is_masked() {
    let geo = Geo::open(&dumps::data("city.mmdb")).expect("a shipped database");
    let locate = |ip: IpAddr| geo.lookup(ip);
    let mut masker = Masker::new(ALL, Some(&locate));
    let (_, zoo) = dumps::all()
        .into_iter()
        .find(|(name, _)| name == "derived-address-zoo")
        .expect("the zoo");
    let lines = dumps::lines(&zoo);
    let (mut metadata, _) = read_head(lines[1]).expect("a metadata line");
    masker.metadata(&mut metadata);
    let berlin = serde_json::json!({"continent": "EU", "country": "DE", "city": "Berlin"});
    assert_eq!(metadata["locations"], serde_json::json!([berlin, null, null]));
    assert_eq!(metadata["remoteAddresses"][0], "203.0.113.x");
    let mut located = 0;
    for line in &lines[2..] {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        masker.line(line, &mut with);
        Masker::new(ALL, None).line(line, &mut without);
        let event: serde_json::Value = serde_json::from_slice(&with).expect("a JSON array");
        if event[3].get("rtcstatsLocation").is_some() {
            located += 1;
            assert!(matches!(event[0].as_u64(), Some(10 | 20)), "{event}");
            let text = event[2]["candidate"].as_str().expect("a candidate");
            let place = &event[3]["rtcstatsLocation"];
            match text.split(' ').nth(4).expect("an address") {
                "203.0.113.x" | "203.0.113.250" => assert_eq!(*place, berlin),
                "198.51.100.x" => assert_eq!(*place, serde_json::json!({"continent": "NA", "country": "US"})),
                "2001:db8:aaaa:x:x:x:x:x" => assert_eq!(place["city"], "Tokyo"),
                other => panic!("{other} has no place"),
            }
            let splice = format!(",{{\"rtcstatsLocation\":{place}}}");
            let removed = String::from_utf8(with).expect("UTF-8").replacen(&splice, "", 1);
            assert_eq!(removed.as_bytes(), without);
        } else {
            assert_eq!(with, without);
        }
    }
    assert!(located > 30, "only {located} candidates with a location");
}
