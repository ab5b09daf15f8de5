//! Features of candidates and of the configuration.
use serde_json::json;

use super::*;

fn candidate(text: &str) -> String {
    format!(r#"{{"candidate":"{text}","sdpMid":"0"}}"#)
}

#[test]
fn candidates_count_by_their_types() {
    let names = ["HostCandidate", "MdnsCandidate", "SrflxCandidate", "TurnCandidate"];
    for (method, prefix) in [("onicecandidate", "gathered"), ("addIceCandidate", "added")] {
        for (address, kind, expected) in [
            ("192.0.2.1", "host", [true, false, false, false]),
            ("x.local", "host", [true, true, false, false]),
            ("x.local", "srflx", [false, false, true, false]),
            ("192.0.2.1", "relay", [false, false, false, true]),
            ("192.0.2.1", "prflx", [false, false, false, false]),
        ] {
            let value = candidate(&format!("candidate:1 1 udp 1 {address} 9 typ {kind}"));
            let found = connection(&[
                (method, "null"),
                (method, r#"{"candidate":""}"#),
                (method, "7"),
                (method, &value),
            ]);
            let features = names.map(|name| found[format!("{prefix}{name}")].clone());
            assert_eq!(features, expected.map(Value::Bool), "{method} {kind}");
        }
    }
}

#[test]
fn null_is_added_only_as_null() {
    for (line, expected) in [
        (r#"["addIceCandidate","PC_0",null,1]"#, true),
        (r#"["addIceCandidate","PC_0",1]"#, true),
        (r#"["addIceCandidate","PC_0",{},1]"#, false),
        (r#"["addIceCandidate","PC_0","",1]"#, false),
        (r#"["onicecandidate","PC_0",null,1]"#, false),
    ] {
        assert_eq!(
            features(&[line])["peerConnections"][0]["addedNullCandidate"],
            json!(expected),
            "{line}"
        );
    }
}

#[test]
fn passive_tcp_candidates_can_be_connected_to() {
    let tcp = |kind: &str| format!("candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype {kind}");
    let sdp = |line: &str| format!(r#"{{"type":"answer","sdp":"v=0\r\n{line}\r\n"}}"#);
    for (method, value, expected) in [
        ("addIceCandidate", candidate(&tcp("passive")), true),
        ("addIceCandidate", candidate(&tcp("active")), false),
        ("onicecandidate", candidate(&tcp("passive")), false),
        ("setRemoteDescription", sdp(&format!("a={}", tcp("passive"))), true),
        ("setRemoteDescription", sdp(&tcp("passive")), false),
        ("setLocalDescription", sdp(&format!("a={}", tcp("passive"))), false),
    ] {
        let found = connection(&[(method, &value)]);
        assert_eq!(
            found["addedConnectableIceTcpCandidate"],
            json!(expected),
            "{method} {value}"
        );
    }
}

#[test]
fn gathering_times_are_those_of_the_first_gathering() {
    let names = ["gatheringTimeTurnUdp", "gatheringTimeTurnTcp", "gatheringTimeTurnTls"];
    let state = "onicegatheringstatechange";
    let (gathering, complete) = ((state, r#""gathering""#), (state, r#""complete""#));
    let [udp, tcp, tls] = ["udp", "tcp", "tls"].map(|protocol| format!(r#"{{"relayProtocol":"{protocol}"}}"#));
    let relay = |value| ("onicecandidate", value);
    for (events, expected) in [
        (
            vec![
                relay(udp.as_str()),
                gathering,
                relay(&tcp),
                relay(&tcp),
                complete,
                gathering,
                relay(&tls),
            ],
            [Value::Null, json!(1000), Value::Null],
        ),
        (
            vec![gathering, gathering, relay(&udp), relay(&tls)],
            [json!(1000), Value::Null, json!(2000)],
        ),
        (
            vec![complete, gathering, relay(&udp)],
            [Value::Null, Value::Null, Value::Null],
        ),
    ] {
        assert_eq!(members(&connection(&events), names), expected, "{events:?}");
    }
}

#[test]
fn the_first_configuration_counts() {
    let names = [
        "configuredIceServers",
        "configuredIceTransportPolicy",
        "configuredIceServersStun",
        "configuredIceServersTurns",
        "configuredIceServersTurnUdp",
        "configuredIceServersTurnTcp",
        "configuredBundlePolicy",
        "configuredAlwaysNegotiateDataChannels",
    ];
    let yes = json!(true);
    let none = || [const { Value::Null }; 8];
    let some = |all: &[(usize, Value)]| {
        let mut expected = none();
        all.iter().for_each(|(at, value)| expected[*at] = value.clone());
        expected
    };
    for (value, expected) in [
        ("null", none()),
        (r#"{"iceTransportPolicy":"relay"}"#, none()),
        (
            r#"{"iceServers":[],"iceTransportPolicy":"relay"}"#,
            some(&[(0, json!(0)), (1, yes.clone())]),
        ),
        (r#"{"iceServers":7}"#, some(&[(1, json!(false))])),
        (
            r#"{"iceServers":[{"urls":"stun:a"},{},{"urls":["turn:a?transport=udp","turns:b","STUN:c",1]}]}"#,
            some(&[
                (0, json!(3)),
                (1, json!(false)),
                (2, yes.clone()),
                (3, yes.clone()),
                (4, yes.clone()),
            ]),
        ),
        (
            r#"{"iceServers":[{"urls":"turn:a"},{"urls":"turn:a?transport=tcp"}]}"#,
            some(&[(0, json!(2)), (1, json!(false)), (5, yes.clone())]),
        ),
        (
            r#"{"bundlePolicy":"max-bundle","alwaysNegotiateDataChannels":false}"#,
            some(&[(6, json!("max-bundle")), (7, json!(false))]),
        ),
    ] {
        let found = connection(&[("create", value), ("create", r#"{"iceServers":[1,2,3,4]}"#)]);
        assert_eq!(members(&found, names), expected, "{value}");
    }
}
