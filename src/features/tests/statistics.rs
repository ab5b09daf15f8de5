//! Features of transports, pairs and places.
use serde_json::json;

use super::*;

const PAIR: &str = r#""3":{"type":"candidate-pair","localCandidateId":"1","remoteCandidateId":"2","#;
const ENDS: &str = r#""1":{"type":"local-candidate","address":"192.0.2.1","priority":2122194687,"protocol":"udp"},
    "2":{"type":"remote-candidate","candidateType":"srflx"}"#;

/// Statistics with one selected pair, its candidates, and more members of the transport and the pair.
fn selected(transport: &str, pair: &str) -> String {
    format!(
        r#"{{"0":{{"type":"transport","selectedCandidatePairId":"3"{transport}}},{ENDS},{PAIR}"state":"x"{pair}}}}}"#
    )
    .replace('\n', "")
}

#[test]
fn dtls_is_that_of_the_first_transport_that_says_a_version() {
    let names = ["dtlsVersion", "dtlsRole", "srtpCipher"];
    let found = connection(&[
        ("g", r#"{"5":{"type":"transport","dtlsRole":"unknown"}}"#),
        (
            "g",
            r#"{"9":{"type":"transport","tlsVersion":"a"},"7":{"type":5,"tlsVersion":"b","dtlsRole":"client"}}"#,
        ),
        ("g", r#"{"5":{"tlsVersion":"c"}}"#),
    ]);
    assert_eq!(members(&found, names), [json!("b"), json!("client"), Value::Null]);
}

#[test]
fn the_skew_is_that_of_the_first_statistics_with_a_time() {
    let g = |value: &str, delta: &str| format!(r#"["g","PC_0",{value},{delta}]"#);
    for (lines, expected) in [
        (
            vec![g(r#"{"1":{"type":"peer-connection"},"t":995.5}"#, "1000")],
            json!(5),
        ),
        (
            vec![
                g(r#"{"1":{"type":"peer-connection"}}"#, "1000"),
                g(r#"{"t":1000.6}"#, "1"),
            ],
            json!(0),
        ),
        (
            vec![g(
                r#"{"1":{"type":"peer-connection"},"0":{"type":10,"timestamp":1},"t":9}"#,
                "10",
            )],
            json!(9),
        ),
        (
            vec![g(r#"{"1":{"type":"peer-connection","timestamp":"x"}}"#, "1000")],
            Value::Null,
        ),
    ] {
        assert_eq!(
            members(&features(&lines)["peerConnections"][0], ["clockSkew"]),
            [expected],
            "{lines:?}"
        );
    }
}

#[test]
fn bitrates_are_between_the_first_counters_and_the_last_statistics() {
    let names = ["averageOutboundBitrate", "averageInboundBitrate"];
    let poll = |sent: u32, received: u32| selected(&format!(r#","bytesSent":{sent},"bytesReceived":{received}"#), "");
    let polls = |all: &[(u32, u32)]| {
        let values: Vec<String> = all.iter().map(|(sent, received)| poll(*sent, *received)).collect();
        let events: Vec<_> = values.iter().map(|value| ("g", value.as_str())).collect();
        members(&connection(&events), names)
    };
    assert_eq!(polls(&[(0, 1), (10, 5), (20, 5), (40, 15)]), [json!(120), json!(40)]);
    assert_eq!(polls(&[(10, 5)]), [Value::Null, Value::Null]);
    assert_eq!(polls(&[(10, 5), (5, 5)]), [json!(-40), json!(0)]);
    let found = connection(&[("g", &selected("", "")), ("g", &selected("", ""))]);
    assert_eq!(members(&found, names), [Value::Null, Value::Null]);
}

#[test]
fn round_trips_are_those_of_each_pair_when_it_was_selected_last() {
    let pair = |id: u32, time: f64, responses: u32| {
        format!(r#""{id}":{{"type":"candidate-pair","totalRoundTripTime":{time},"responsesReceived":{responses}}}"#)
    };
    let select = |id: u32| format!(r#""0":{{"type":"transport","selectedCandidatePairId":"{id}"}}"#);
    let found = connection(&[
        (
            "g",
            &format!("{{{},{},{}}}", select(3), pair(3, 1.0, 2), pair(4, 7.0, 7)),
        ),
        ("g", &format!("{{{},{}}}", select(4), pair(3, 100.0, 100))),
        ("g", &format!("{{{},{}}}", pair(3, 200.0, 200), pair(4, 2.0, 4))),
        ("g", r#"{"4":null}"#),
    ]);
    assert_eq!(members(&found, ["averageStunRoundTripTime"]), [json!(0.5)]);
    let found = connection(&[("g", &format!("{{{},{}}}", select(3), r#""3":{"type":6}"#))]);
    assert_eq!(members(&found, ["averageStunRoundTripTime"]), [Value::Null]);
}

#[test]
fn the_first_pair_is_that_behind_connected() {
    let connected = ("onconnectionstatechange", r#""connected""#);
    let names = [
        "firstCandidatePairLocalAddress",
        "firstCandidatePairLocalProtocol",
        "firstCandidatePairLocalTypePreference",
        "firstCandidatePairRemoteAddress",
        "firstCandidatePairRemoteType",
    ];
    let poll = selected("", "");
    let found = connection(&[
        connected,
        ("g", &poll),
        ("g", r#"{"1":{"address":"other","priority":0}}"#),
    ]);
    let expected = [
        json!("192.0.2.1"),
        json!("udp"),
        json!(126),
        Value::Null,
        json!("srflx"),
    ];
    assert_eq!(members(&found, names), expected);
    let found = connection(&[("g", &poll), connected]);
    assert_eq!(members(&found, names), [const { Value::Null }; 5]);
    // A pair without its candidates is passed over.
    let found = connection(&[connected, ("g", &poll.replace(r#""2":{"#, r#""22":{"#)), ("g", &poll)]);
    assert_eq!(members(&found, names), expected);
}

#[test]
fn the_type_preference_is_the_highest_byte_of_the_priority() {
    let connected = ("onconnectionstatechange", r#""connected""#);
    for (priority, expected) in [
        ("2122194687", 126),
        ("2147483648", -128),
        ("4294967295", -1),
        ("4311744512", 1),
        ("-1", -1),
        ("1e400", 0),
        (r#""126""#, 0),
    ] {
        let poll = selected("", "").replace("2122194687", priority);
        let found = connection(&[connected, ("g", &poll)]);
        assert_eq!(
            found["firstCandidatePairLocalTypePreference"],
            json!(expected),
            "{priority}"
        );
    }
}

#[test]
fn a_pair_may_say_itself_that_it_is_selected() {
    let connected = ("onconnectionstatechange", r#""connected""#);
    let pair = |id: u32, members: &str| {
        format!(r#""{id}":{{"type":"candidate-pair","localCandidateId":"{id}","remoteCandidateId":"2",{members}}}"#)
    };
    let local = |id: u32| format!(r#""{id}0":{{"type":"local-candidate","address":"{id}"}}"#);
    let used = r#""nominated":true,"state":"succeeded""#;
    for (first, second, expected) in [
        (r#""selected":false"#, r#""selected":true"#, json!("6")),
        (used, r#""selected":true"#, json!("6")),
        (used, used, json!("5")),
        (r#""nominated":true,"state":"in-progress""#, used, json!("6")),
        (
            r#""selected":1"#,
            r#""nominated":false,"state":"succeeded""#,
            Value::Null,
        ),
    ] {
        let [a, b] = [(5, first), (6, second)].map(|(id, members)| {
            pair(id, members).replace(
                &format!(r#""localCandidateId":"{id}""#),
                &format!(r#""localCandidateId":"{id}0""#),
            )
        });
        let poll = format!(
            r#"{{"2":{{"type":"remote-candidate"}},{},{},{a},{b}}}"#,
            local(5),
            local(6)
        );
        let found = connection(&[connected, ("g", &poll)]);
        assert_eq!(
            members(&found, ["firstCandidatePairLocalAddress"]),
            [expected],
            "{first} {second}"
        );
    }
}

#[test]
fn places_are_those_of_the_ends_of_the_first_pair() {
    let located = |method: &str, address: &str, country: &str| {
        format!(
            r#"["{method}","PC_0",{{"candidate":"candidate:1 1 udp 1 {address} 9 typ host"}},{{"rtcstatsLocation":{{"continent":"EU","country":"{country}"}}}},1]"#
        )
    };
    let names = [
        "rtcstatsRelayLocationCountry",
        "rtcstatsLocationContinent",
        "rtcstatsLocationCountry",
        "rtcstatsLocationCity",
        "rtcstatsPeerLocationCountry",
    ];
    let mut lines = vec![
        located("onicecandidate", "192.0.2.1", "AA"),
        located("onicecandidate", "192.0.2.1", "BB"),
        located("onicecandidate", "192.0.2.9", "CC"),
        located("addIceCandidate", "192.0.2.7", "DD"),
        line("PC_0", "g", r#"{"0":{"type":"transport"}}"#),
    ];
    let before = members(&features(&lines)["peerConnections"][0], names);
    assert_eq!(
        before,
        [json!("CC"), Value::Null, Value::Null, Value::Null, Value::Null]
    );
    lines.push(located("onicecandidate", "192.0.2.8", "EE"));
    lines.push(line(
        "PC_0",
        "g",
        &selected("", "").replace("candidateType\":\"srflx", "address\":\"192.0.2.7"),
    ));
    lines.push(located("onicecandidate", "192.0.2.8", "FF"));
    let found = members(&features(&lines)["peerConnections"][0], names);
    assert_eq!(found, [json!("CC"), json!("EU"), json!("AA"), Value::Null, json!("DD")]);
}
