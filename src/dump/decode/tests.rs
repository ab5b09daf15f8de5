//! Tests how lines become events, one rule at a time. All recorded dumps are compared in `tests/read`.
use super::*;

/// The events of some lines, as JSON.
fn decoded(lines: &[&str]) -> Vec<String> {
    let mut decoder = Decoder::new();
    let decode = |line: &&str| {
        let event = decoder.line(line.as_bytes()).expect("an event")?;
        let mut text = Vec::new();
        event.write_json(&mut text);
        Some(String::from_utf8(text).expect("UTF-8"))
    };
    lines.iter().filter_map(decode).collect()
}

#[test]
fn a_delta_is_the_last_element_if_that_is_a_number() {
    let cases = [
        (r#"["m",null,1,5]"#, r#"[5,null,"m",1]"#),
        (r#"["m",null,5]"#, r#"[5,null,"m",null]"#),
        (r#"["m",5]"#, r#"[5,null,"m",null]"#),
        ("[5]", "[5,null,null,null]"),
        ("[]", "[0,null,null,null]"),
        (r#"["m",null,1,"x"]"#, r#"[0,null,"m",1,"x"]"#),
        (r#"["m",null,1,null]"#, r#"[0,null,"m",1,null]"#),
        (r#"["m","c",1,{"a":2},"x",5]"#, r#"[5,"c","m",1,{"a":2},"x"]"#),
    ];
    for (line, event) in cases {
        assert_eq!(decoded(&[line]), [event], "{line}");
    }
}

/// Those of a closed connection are packed: nobody sees that, whatever comes later.
#[test]
fn reports_that_rest_are_as_they_were() {
    let lines = [
        r#"["g","P",{"0":{"type":1,"41":10,"96":{"cpu":1},"own":"x"},"b":{"type":"5"},"a":{"41":7},"7":{},"t":100},1]"#,
        r#"["g","P",{"0":{"41":11,"96":{"none":2},"own":null},"7":null,"a":{"17":true,"t":3},"t":200},1]"#,
        r#"["g","P",{"":{"41":1},"c":{"own":"é"},"b":null,"9":{"96":{"x":1}}},1]"#,
        r#"["g","P",{"8":{"41":2},"a":{"41":8},"0":{"41":123456789,"96":{"cpu":5}},"t":300},1]"#,
    ];
    let (mut awake, mut resting) = (Decoder::new(), Decoder::new());
    let seen = |reports: Option<Seen<'_>>| {
        let (reports, mut text) = (reports.unwrap(), Vec::new());
        reports.write_json(&mut text);
        let places: Vec<usize> = reports.iter().map(|report| report.place()).collect();
        (
            String::from_utf8(text).unwrap(),
            places,
            reports.common_time().map(|time| time.raw().to_vec()),
        )
    };
    for line in lines {
        let brought = |decoder: &mut Decoder| {
            let event = decoder.line(line.as_bytes()).unwrap().unwrap();
            let reports = event.value.reports().unwrap();
            let one = |report: crate::dump::reports::Report<'_>| {
                let own = report
                    .brought()
                    .map(|(place, name, value)| (place, name.to_str().into_owned(), value.raw().to_vec()));
                (report.place(), own.collect::<Vec<_>>())
            };
            reports.changed().map(one).collect::<Vec<_>>()
        };
        assert_eq!(brought(&mut awake), brought(&mut resting), "{line}");
        resting.line(br#"["close","P",null,0]"#).unwrap();
        assert!(matches!(resting.reports(1), Some(Seen::Woken(_))));
        assert_eq!(seen(awake.reports(1)), seen(resting.reports(1)), "{line}");
    }
}

#[test]
fn reports_are_made_complete() {
    let events = decoded(&[
        r#"["g","PC_0",{"0":{"type":1,"41":10,"96":{"cpu":1,"none":2}},"7":{"type":"5"},"t":100},1]"#,
        r#"["g","PC_0",{"0":{"41":11,"96":{"cpu":3}},"7":null,"t":200},1]"#,
    ]);
    let first = r#"{"0":{"type":"inbound-rtp","bytesReceived":10,"qualityLimitationDurations":{"cpu":1,"none":2}"#;
    assert!(
        events[0].starts_with(&format!(r#"[1,"PC_0","getStats",{first},"timestamp":100}},"7":"#)),
        "{}",
        events[0]
    );
    let second = first.replace("10,", "11,").replace(r#""cpu":1"#, r#""cpu":3"#);
    assert_eq!(
        events[1],
        format!(r#"[2,"PC_0","getStats",{second},"timestamp":200}}}}]"#)
    );
}

/// Descriptions of this many bytes, each of its own connection, and what the next one of the first is completed to.
fn completed(connections: usize, bytes: usize, closed: bool) -> String {
    let mut decoder = Decoder::new();
    decoder.restore(Restore::Fully);
    let sdp = format!("v=0\\r\\nm=audio {}\\r\\n", "x".repeat(bytes));
    for connection in 0..connections {
        let line = format!(r#"[3,"P{connection}",{{"type":"offer","sdp":"{sdp}"}},1]"#);
        decoder.line(line.as_bytes()).expect("an event");
    }
    if closed {
        decoder.line(br#"[36,"P0",null,1]"#).expect("an event");
    }
    let left_out = br#"[6,"P0",{"type":"offer","sdp":"v=\r\nm=\r\n"},"6-0",1]"#;
    let event = decoder.line(left_out).expect("an event").expect("one");
    let sdp = event
        .value
        .json()
        .and_then(|value| value.get("sdp"))
        .and_then(Json::as_text);
    sdp.expect("a text").to_str().into_owned()
}

#[test]
fn descriptions_are_kept_until_they_take_too_much_or_the_connection_is_closed() {
    let whole = |text: String| text.contains("audio");
    assert!(whole(completed(2, 1000, false)));
    assert!(!whole(completed(2, 1000, true)));
    // The one that would go beyond is not kept, and those before it are.
    let half = DESCRIPTIONS_KEPT_BYTES_MAX / 2 + 1;
    assert!(!whole(completed(1, 2 * half, false)));
    assert!(whole(completed(2, half - 100, false)));
    assert!(whole(completed(3, half - 100, false)));
}
