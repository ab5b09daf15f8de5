//! Tests that what is written can be read, byte for byte, and that nothing else can.
use super::*;

fn metadata() -> Metadata {
    Metadata {
        url: "/rec?rtcstats-token=obfuscated".into(),
        origin: Some("https://app.example".into()),
        user_agent: None,
        start_time: UnixMs(1_795_326_605_175),
        remote_addresses: vec!["203.0.113.80".into()],
        client_protocol: Some("rtcstats#5.0".into()),
    }
}

fn ticket() -> Ticket {
    Ticket {
        labels: Labels {
            user: Some("b".into()),
            conference: None,
            session: Some("c".into()),
        },
        host: "a".into(),
        start: UnixMs(1_795_326_605_175),
    }
}

#[test]
fn the_ticket_is_the_last_member_of_the_second_line() {
    let mut out = Vec::new();
    write_head(&metadata(), &ticket(), &mut out);
    let expected = r#"{"url":"/rec?rtcstats-token=obfuscated","origin":"https://app.example","startTime":1795326605175,"remoteAddresses":["203.0.113.80"],"clientProtocol":"rtcstats#5.0","fileFormat":3,"rtcstatsServer":{"user":"b","session":"c","host":"a","start":1795326605175}}"#;
    assert_eq!(String::from_utf8_lossy(&out), format!("RTCStatsDump\n{expected}\n"));
    let line2 = &out[SIGNATURE.len()..out.len() - 1];
    let (members, read) = read_head(line2).expect("the line just written");
    assert_eq!(read, Some(ticket()));
    let names: Vec<_> = members.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "url",
            "origin",
            "startTime",
            "remoteAddresses",
            "clientProtocol",
            "fileFormat"
        ]
    );
}

#[test]
fn the_last_ticket_counts() {
    let of = |host: &str| format!(r#"{{"host":"{host}","start":1}}"#);
    let line = format!(
        r#"{{"rtcstatsServer":{},"a":1,"rtcstatsServer":{}}}"#,
        of("theirs"),
        of("ours")
    );
    let (members, ticket) = read_head(line.as_bytes()).expect("JSON");
    assert_eq!(
        (members.len(), ticket.map(|ticket| ticket.host)),
        (1, Some("ours".into()))
    );
    let (_, none) = read_head(br#"{"a":1}"#).expect("JSON");
    assert_eq!(none, None);
}

#[test]
fn what_is_no_ticket_counts_as_none() {
    for odd in [
        r#""ours""#,
        "null",
        "{}",
        r#"{"host":"a"}"#,
        r#"{"host":"a","start":-1}"#,
    ] {
        let line = format!(r#"{{"a":1,"rtcstatsServer":{odd}}}"#);
        let (members, ticket) = read_head(line.as_bytes()).expect("JSON");
        assert_eq!((members.len(), ticket), (1, None), "{odd}");
    }
    let line = br#"{"rtcstatsServer":{"user":null,"host":"a","start":1,"later":{"x":[1]}}}"#;
    let (_, ticket) = read_head(line).expect("JSON");
    assert_eq!(ticket.map(|ticket| ticket.labels), Some(Labels::default()));
}

#[test]
fn a_character_does_not_cost_a_dump() {
    let read = |line: &[u8]| read_head(line).map(|(members, _)| members["a"].as_str().map(str::to_owned));
    assert_eq!(
        read(br#"{"a":"\ud800x\udc00\ud83d\ude00\\ud800"}"#)
            .expect("JSON")
            .as_deref(),
        Some("\u{fffd}x\u{fffd}😀\\ud800")
    );
    assert_eq!(
        read(br#"{"a":"\ud83d\ud83d\ude00\ud83d"}"#).expect("JSON").as_deref(),
        Some("\u{fffd}😀\u{fffd}")
    );
    assert_eq!(read(b"{\"a\":\"\xff\"}").expect("JSON").as_deref(), Some("\u{fffd}"));
}

#[test]
fn what_is_no_metadata_is_an_error() {
    for line in [
        &b""[..],
        b"[]",
        b"null",
        b"5",
        b"{",
        b"{\"a\":\"\\u12\"}",
        b"RTCStatsDump",
        b"{\"a\":\"\\ud8",
    ] {
        assert!(read_head(line).is_err(), "{:?}", String::from_utf8_lossy(line));
    }
    let deep = [b"{\"a\":".repeat(100_000), b"1".to_vec(), b"}".repeat(100_000)].concat();
    assert!(read_head(&deep).is_err());
}

#[test]
fn the_closing_line_is_read_as_it_was_written() {
    let seal = Seal {
        end: UnixMs(1_795_326_605_175),
        recovered: true,
    };
    let close = Close {
        code: 1006,
        idle_ms: 65,
        seal: Some(seal),
    };
    let mut line = Vec::new();
    write_close(&close, &mut line);
    assert_eq!(
        String::from_utf8_lossy(&line),
        r#"["close",null,1006,{"end":1795326605175,"recovered":true},65]"#
    );
    assert_eq!(read_close(&line), Some(close));
    line.clear();
    write_close(&Close { seal: None, ..close }, &mut line);
    assert_eq!(String::from_utf8_lossy(&line), r#"["close",null,1006,65]"#);
}

#[test]
fn nothing_else_is_a_closing_line() {
    let lines = [
        r#"["close",null,1006,65]"#,
        r#"["close",null,1006,{"end":1,"recovered":true},65] "#,
        r#"["close",null,1006,{"end":1,"recovered":true,"x":1},65]"#,
        r#"["close",null,1006,{"recovered":true,"end":1},65]"#,
        r#"["close",null,1006,{"end":-1,"recovered":true},65]"#,
        r#"["close",null,99999,{"end":1,"recovered":true},65]"#,
        r#"["clos\u0065",null,1006,{"end":1,"recovered":true},65]"#,
        r#"["shut",null,1006,{"end":1,"recovered":true},65]"#,
        r#"["close",null,1006,{"end":1,"recovered":true},65,6]"#,
        r#"["close",null,1006,{"end":1,"recovered":tr"#,
        "",
    ];
    for line in lines {
        assert_eq!(read_close(line.as_bytes()), None, "{line}");
    }
}
