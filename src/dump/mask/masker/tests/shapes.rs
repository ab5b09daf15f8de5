//! Tests of lines with names in them, lines that are not events, and lines that get a location.
use std::net::IpAddr;

use super::*;
use crate::geo::Location;

#[test]
fn servers_stay_and_their_users_go() {
    becomes(&[
        (
            r#"[39,"P",{"iceServers":[{"urls":["turn:203.0.113.250:3478","stun:[2001:db8::1]"],"username":"alice@example.org"},{"url":"turns:t.example","username":"1700000000:alice"}]},1]"#,
            r#"[39,"P",{"iceServers":[{"urls":["turn:203.0.113.250:3478","stun:[2001:db8::1]"],"username":"x"},{"url":"turns:t.example","username":"1700000000:x"}]},1]"#,
        ),
        (
            r#"[38,"P",{"iceServers":{"urls":"http://203.0.113.31/","username":"4915112345"}},1]"#,
            r#"[38,"P",{"iceServers":{"urls":"http://203.0.113.x/","username":"x"}},1]"#,
        ),
        (
            r#"["note","P",{"iceServers":[{"urls":"stun:203.0.113.31","username":"bob"}]},1]"#,
            r#"["note","P",{"iceServers":[{"urls":"stun:203.0.113.x","username":"x"}]},1]"#,
        ),
        (
            r#"[39,"P",{"iceServers":[{"credential":"hunter2"},{"credential":{"macKey":"a","accessToken":"b"}}]},1]"#,
            r#"[39,"P",{"iceServers":[{"credential":"x"},{"credential":{"macKey":"x","accessToken":"x"}}]},1]"#,
        ),
        (
            r#"["note","P",{"iceServers":[{"credential":"1700000000:secret","urls":[]}]},1]"#,
            r#"["note","P",{"iceServers":[{"credential":"x","urls":[]}]},1]"#,
        ),
        (
            r#"[39,"P",{"iceServers":[{"urls":"stun:me@203.0.113.31"}]},1]"#,
            r#"[39,"P",{"iceServers":[{"urls":"stun:me@203.0.113.x"}]},1]"#,
        ),
        (
            r#"[21,"P",{"address":"198.51.100.31","port":5,"hostCandidate":"198.51.100.31:5","url":"stun:203.0.113.250:3478","errorText":"from 198.51.100.31."},1]"#,
            r#"[21,"P",{"address":"198.51.100.x","port":5,"hostCandidate":"198.51.100.x:5","url":"stun:203.0.113.250:3478","errorText":"from 198.51.100.x."},1]"#,
        ),
    ]);
    stays(&[
        r#"[39,"P",{"iceServers":[{"urls":"stun:t.example","username":""},{"username":"1700000000:"}]},1]"#,
        r#"[20,"P",{"candidate":"","url":"TURN:203.0.113.250:3478?transport=udp"},1]"#,
        r#"["note",null,{"username":"not a server's","credential":"nor this"},1]"#,
    ]);
}

#[test]
fn device_labels_go_and_usb_ids_stay() {
    becomes(&[
        (
            r#"[66,null,[{"deviceId":"d","kind":"audioinput","label":"Alice's AirPods","groupId":"g"},{"label":"Camera (04f2:b6d9)"},{"label":""}],1]"#,
            r#"[66,null,[{"deviceId":"d","kind":"audioinput","label":"x","groupId":"g"},{"label":"x (04f2:b6d9)"},{"label":""}],1]"#,
        ),
        (
            r#"[61,null,[["audio","t","Alice’s","s"],["video","t","Cam(04F2:B6D9)","s","s2"]],"60-0",1]"#,
            r#"[61,null,[["audio","t","x","s"],["video","t","x(04F2:B6D9)","s","s2"]],"60-0",1]"#,
        ),
        (
            r#"[64,null,[["video","t","window:1:0 – salary.xlsx","s"]],1]"#,
            r#"[64,null,[["video","t","x","s"]],1]"#,
        ),
        (
            r#"[30,"P",["audio","t","Alice's AirPods","s"],0]"#,
            r#"[30,"P",["audio","t","x","s"],0]"#,
        ),
        (
            r#"[22,"P",["audio","t","Alice's AirPods","s"],0]"#,
            r#"[22,"P",["audio","t","x","s"],0]"#,
        ),
        (
            r#"[32,"P",[["audio","t","Alice","s"],{"direction":"sendonly"}],0]"#,
            r#"[32,"P",[["audio","t","x","s"],{"direction":"sendonly"}],0]"#,
        ),
        (
            r#"[51,"P",[["\u0061udio","t","Al\u0069ce (04f2\u003ab6d9)","s"]],0]"#,
            r#"[51,"P",[["\u0061udio","t","x (04f2\u003ab6d9)","s"]],0]"#,
        ),
        (
            r#"[60,null,{"audio":{"label":"Alice"}},1]"#,
            r#"[60,null,{"audio":{"label":"x"}},1]"#,
        ),
        (
            r#"[71,null,[{"l\u0061bel":["Alice",{"ideal":"Bob"}]}],1]"#,
            r#"[71,null,[{"l\u0061bel":["x",{"ideal":"x"}]}],1]"#,
        ),
        (
            r#"["devices",null,[{"label":"Alice","deviceId":"d"}],1]"#,
            r#"["devices",null,[{"label":"x","deviceId":"d"}],1]"#,
        ),
        (
            r#"[66,[{"label":"Alice","kind":"videoinput"}],1]"#,
            r#"[66,[{"label":"x","kind":"videoinput"}],1]"#,
        ),
        (
            r#"["tracks",null,[["audio","16304262-c898-4b76-b83c-08caf0375d3d","Alice","s"]],1]"#,
            r#"["tracks",null,[["audio","16304262-c898-4b76-b83c-08caf0375d3d","x","s"]],1]"#,
        ),
    ]);
    stays(&[
        r#"[32,"P",["audio",{"direction":"sendrecv"}],1]"#,
        r#"[35,"P",["chat",{"label":"of a data channel"}],1]"#,
        r#"["codecs",null,["audio","opus","vp8"],1]"#,
        r#"["button",null,{"label":"Hang up"},1]"#,
        r#"["g","P",{"1":{"115":"chat"}},1]"#,
    ]);
    let labels_kept = MaskRules {
        addresses: true,
        device_labels: false,
    };
    let line = r#"[66,null,[{"label":"Alice at 198.51.100.31"}],1]"#;
    assert_eq!(
        masked_with(labels_kept, line),
        r#"[66,null,[{"label":"Alice at 198.51.100.x"}],1]"#
    );
}

#[test]
fn what_is_no_array_becomes_an_event_with_the_masked_text() {
    let cases = [
        ("", r#"["unparsed",null,"",0]"#),
        ("this is 198.51.100.31", r#"["unparsed",null,"this is 198.51.100.x",0]"#),
        (
            r#"{"a":"198\u002e51.100.31","label":"Alice","deviceId":"d"}"#,
            r#"["unparsed",null,"{\"a\":\"198\\u002e51.100.x\",\"label\":\"x\",\"deviceId\":\"d\"}",0]"#,
        ),
        (
            r#"[20,"P",{"candidate":"candidate:6 1 udp 4 203\u002e0.113.250 5 typ relay"#,
            r#"["unparsed",null,"[20,\"P\",{\"candidate\":\"candidate:6 1 udp 4 203\\u002e0.113.x 5 typ relay",0]"#,
        ),
        (
            r#"[66,null,[{"label" : "Al\"ice (04f2:b6d9)","a":1}"#,
            r#"["unparsed",null,"[66,null,[{\"label\" : \"x (04f2:b6d9)\",\"a\":1}",0]"#,
        ),
        (
            r#"[61,null,[["audio", "t", "Alice"#,
            r#"["unparsed",null,"[61,null,[[\"audio\", \"t\", \"x",0]"#,
        ),
        (
            r#"[39,"P",{"iceServers":[{"username":"alice","credential":"hunter2"}]},1],"#,
            r#"["unparsed",null,"[39,\"P\",{\"iceServers\":[{\"username\":\"x\",\"credential\":\"x\"}]},1],",0]"#,
        ),
        ("[1]\u{1}\"\\", r#"["unparsed",null,"[1]\u0001\"\\",0]"#),
        ("\r", r#"["unparsed",null,"\r",0]"#),
        ("198.51.100.31", r#"["unparsed",null,"198.51.100.x",0]"#),
        (r#""198.51.100.31""#, r#"["unparsed",null,"\"198.51.100.x\"",0]"#),
    ];
    for (line, expected) in cases {
        assert_eq!(masked_with(ALL, line), expected, "{line}");
        assert_eq!(masked_with(ALL, expected), expected, "{line}");
    }
    let mut out = Vec::new();
    Masker::new(ALL, None).line(b"\xff\xc0 198.51.100.31", &mut out);
    assert_eq!(
        out,
        "[\"unparsed\",null,\"\u{fffd}\u{fffd} 198.51.100.x\",0]".as_bytes()
    );
}

#[test]
fn a_location_is_spliced_in_before_the_fourth_element() {
    let seen = std::cell::RefCell::new(Vec::new());
    let locate = |ip: IpAddr| {
        seen.borrow_mut().push(ip.to_string());
        let known = ip.to_string() == "203.0.113.31";
        known.then(|| Location {
            continent: Some("EU".into()),
            country: Some("DE".into()),
            city: None,
        })
    };
    let mut masker = Masker::new(ALL, Some(&locate));
    let mut masked = |line: &str| {
        let mut out = Vec::new();
        masker.line(line.as_bytes(), &mut out);
        String::from_utf8(out).expect("masking keeps UTF-8")
    };
    let location = r#"{"rtcstatsLocation":{"continent":"EU","country":"DE"}}"#;
    let line = |ip: &str, extra: &str| {
        format!(r#"[20, "P" , {{"candidate":"candidate:4 1 udp 16 {ip} 5 typ srflx raddr 10.0.0.9"}} {extra}, 1 ]"#)
    };
    assert_eq!(
        masked(&line("203.0.113.31", "")),
        line("203.0.113.x", "")
            .replace("10.0.0.9", "10.0.0.x")
            .replace("} ", &format!("}},{location} "))
    );
    assert_eq!(
        masked(&line("::ffff:203.0.113.31", r#", "10-1""#)),
        line("203.0.113.x", r#", "10-1""#)
            .replace("10.0.0.9", "10.0.0.x")
            .replace("} ", &format!("}},{location} "))
    );
    assert_eq!(
        masked(&line("198.51.100.1", "")),
        line("198.51.100.x", "").replace("10.0.0.9", "10.0.0.x")
    );
    let custom = line("203.0.113.31", "").replace("20", "99");
    assert!(!masked(&custom).contains("rtcstatsLocation"));
    assert!(
        !masked(r#"[10,"P",{"candidate":"candidate:4 1 udp 16 203.0.113.31 5 typ srflx"}]"#)
            .contains("rtcstatsLocation")
    );
    assert_eq!(
        *seen.borrow(),
        ["203.0.113.31", "203.0.113.31", "198.51.100.1", "203.0.113.31"]
    );
}
