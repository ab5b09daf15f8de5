//! Tests of lines and what becomes of them, rule by rule.
mod secrets;
mod shapes;

use super::*;

const ALL: MaskRules = MaskRules {
    addresses: true,
    device_labels: true,
};

fn masked_with(rules: MaskRules, line: &str) -> String {
    let mut out = Vec::new();
    Masker::new(rules, None).line(line.as_bytes(), &mut out);
    String::from_utf8(out).expect("masking keeps UTF-8")
}

#[track_caller]
fn becomes(cases: &[(&str, &str)]) {
    for (line, expected) in cases {
        assert_eq!(&masked_with(ALL, line), expected, "masking {line}");
        assert_eq!(&masked_with(ALL, expected), expected, "masking {line} twice");
        assert_eq!(
            masked_with(
                MaskRules {
                    addresses: false,
                    device_labels: false
                },
                line
            ),
            *line
        );
    }
}

#[track_caller]
fn stays(lines: &[&str]) {
    becomes(&lines.iter().map(|line| (*line, *line)).collect::<Vec<_>>());
}

#[test]
fn candidates_are_masked_but_for_a_relays_own_address() {
    becomes(&[
        (
            r#"[20,"PC_0",{"candidate":"candidate:4 1 udp 16 203.0.113.31 51000 typ srflx raddr 198.51.100.31 rport 5 generation 0","sdpMid":"0"},1]"#,
            r#"[20,"PC_0",{"candidate":"candidate:4 1 udp 16 203.0.113.x 51000 typ srflx raddr 198.51.100.x rport 5 generation 0","sdpMid":"0"},1]"#,
        ),
        (
            r#"[10,"PC_0",{"candidate":"a=candidate:6 1 udp 4 2001:db8:ff::250 5 typ relay raddr 2001:db8::1 rport 5"},"10-1",1]"#,
            r#"[10,"PC_0",{"candidate":"a=candidate:6 1 udp 4 2001:db8:ff::250 5 typ relay raddr 2001:db8:0:x:x:x:x:x rport 5"},"10-1",1]"#,
        ),
        (
            r#"[10,"PC_0","candidate:6 1 udp 4 203.0.113.250 5 typ relay raddr 203.0.113.31",1]"#,
            r#"[10,"PC_0","candidate:6 1 udp 4 203.0.113.250 5 typ relay raddr 203.0.113.x",1]"#,
        ),
        (
            r#"[10,"PC_0",{"candidate":"","address":"203.0.113.250","relatedAddress":"203.0.113.31","type":"relay"},1]"#,
            r#"[10,"PC_0",{"candidate":"","address":"203.0.113.250","relatedAddress":"203.0.113.x","type":"relay"},1]"#,
        ),
        (
            r#"[10,"PC_0",{"address":"203.0.113.31","type":"srflx"},1]"#,
            r#"[10,"PC_0",{"address":"203.0.113.x","type":"srflx"},1]"#,
        ),
        (
            r#"[10,"PC_0",{"address":"203.0.113.31","type":"relay","type":"host"},1]"#,
            r#"[10,"PC_0",{"address":"203.0.113.x","type":"relay","type":"host"},1]"#,
        ),
        (
            r#"[10,"PC_0",{"address":"at 203.0.113.31","type":"relay"},1]"#,
            r#"[10,"PC_0",{"address":"at 203.0.113.x","type":"relay"},1]"#,
        ),
        (
            r#"[10,"PC_0",["not a candidate 198.51.100.82"],1]"#,
            r#"[10,"PC_0",["not a candidate 198.51.100.x"],1]"#,
        ),
    ]);
}

#[test]
fn only_a_well_formed_line_is_a_relays() {
    let odd = [
        "candidate:6 1 udp 4 203.0.113.250 typ relay",
        "candidate:6 1 udp 4 203.0.113.250 5 typ  relay",
        "candidate:6 1 udp 4  203.0.113.250 5 typ relay",
        "candidate:6 1 udp 4 203.0.113.250 5 typ RELAY",
        "candidate:6 1 udp 4 203.0.113.250 5 typ relayed",
        "candidate:6 1 udp 4 203.0.113.250 5 typ relay raddr 1 rport 1 typ host",
        "candidate:6 one udp 4 203.0.113.250 5 typ relay",
        "typ relay candidate:6 1 udp 4 203.0.113.250 5",
        "203.0.113.250 typ relay",
    ];
    for line in odd {
        let masked = masked_with(ALL, &format!(r#"[20,"PC_0",{{"candidate":"{line}"}},1]"#));
        assert!(!masked.contains("203.0.113.250"), "{masked}");
        assert_eq!(
            masked,
            format!(
                r#"[20,"PC_0",{{"candidate":"{}"}},1]"#,
                line.replace("203.0.113.250", "203.0.113.x")
            )
        );
    }
}

#[test]
fn methods_are_known_in_every_spelling() {
    let value = r#""candidate:6 1 udp 4 203.0.113.250 5 typ relay",1]"#;
    for method in [
        "20",
        "20.0",
        "2e1",
        "200E-1",
        r#""20""#,
        r#""onicecandidate""#,
        r#""onice\u0063andidate""#,
    ] {
        let line = format!(r#"[{method},"PC_0",{value}"#);
        stays(&[&line]);
    }
    for method in [
        "20.5",
        "-20",
        "276",
        r#""020""#,
        r#""2e1""#,
        r#""Onicecandidate""#,
        "null",
        "[20]",
        r#"{"a":20}"#,
    ] {
        let line = format!(r#"[{method},"PC_0",{value}"#);
        assert_eq!(masked_with(ALL, &line), line.replace("250", "x"), "{method}");
    }
}

#[test]
fn every_line_of_sdp_is_masked() {
    let sdp = r"v=0\r\no=- 1 2 IN IP4 198.51.100.31\r\ni=198.51.100.31\r\ne=alice@example.org\r\np=+49 30 1234\rc=IN IP6 2001:db8::31\r\na=candidate:6 1 udp 4 203.0.113.250 5 typ relay raddr 203.0.113.31 rport 5\r\na=candidate:bad 198.51.100.31\r\n A=candidate:1 1 udp 1 198.51.100.31 5 typ relay\na=remote-candidates:1 203.0.113.31 51000\ra=fingerprint:sha-256 5F:15:F5:F3:1F:5B:74:60:3C:4E:D8:9E:C7:10:A4:07:88:B5:0E:27:03:2A:B7:CF:7E:17:42:AF:B9:10:CE:4B\r\n";
    let expected = sdp
        .replace("i=198.51.100.31", "i=-")
        .replace("198.51.100.31", "198.51.100.x")
        .replace("2001:db8::31", "2001:db8:0:x:x:x:x:x")
        .replace("203.0.113.31", "203.0.113.x")
        .replace("alice@example.org", "x")
        .replace("+49 30 1234", "x");
    for method in [3, 5, 6, 7, 8] {
        becomes(&[
            (
                &format!(r#"[{method},"P",{{"type":"offer","sdp":"{sdp}"}},"3-0",1]"#),
                &format!(r#"[{method},"P",{{"type":"offer","sdp":"{expected}"}},"3-0",1]"#),
            ),
            (
                &format!(r#"[{method},"P",[{{"sdp":"{sdp}"}}],1]"#),
                &format!(r#"[{method},"P",[{{"sdp":"{expected}"}}],1]"#),
            ),
            (
                &format!(r#"[{method},"P","{sdp}",1]"#),
                &format!(r#"[{method},"P","{expected}",1]"#),
            ),
        ]);
    }
    let text = masked_with(ALL, &format!(r#"["custom",null,{{"sdp":"{sdp}"}},1]"#));
    assert!(!text.contains("203.0.113.250"), "only descriptions have relays: {text}");
}

#[test]
fn statistics_keep_a_relays_address_and_servers() {
    becomes(&[
        (
            r#"["g","P",{"2":{"134":"203.0.113.250","136":"relay","138":"turn:203.0.113.250:3478?transport=udp","141":"203.0.113.31","type":7},"t":1},1]"#,
            r#"["g","P",{"2":{"134":"203.0.113.250","136":"relay","138":"turn:203.0.113.250:3478?transport=udp","141":"203.0.113.x","type":7},"t":1},1]"#,
        ),
        (
            r#"["getStats","P",{"R":{"address":"203.0.113.250","ip":"203.0.113.250","candidateType":"relay","type":"remote-candidate"}},1]"#,
            r#"["getStats","P",{"R":{"address":"203.0.113.250","ip":"203.0.113.250","candidateType":"relay","type":"remote-candidate"}},1]"#,
        ),
        (
            r#"[1,"P",{"2":{"134":"203.0.113.31"}},1]"#,
            r#"[1,"P",{"2":{"134":"203.0.113.x"}},1]"#,
        ),
        (
            r#"["g","P",{"2":{"134":"203.0.113.31","136":"relay","type":6}},1]"#,
            r#"["g","P",{"2":{"134":"203.0.113.x","136":"relay","type":6}},1]"#,
        ),
        (
            r#"["g","P",{"2":{"134":"203.0.113.31","136":"relay","136":"host"}},1]"#,
            r#"["g","P",{"2":{"134":"203.0.113.x","136":"relay","136":"host"}},1]"#,
        ),
        (
            r#"["g","P",{"2":{"a":{"136":"relay"},"134":"203.0.113.31"}},1]"#,
            r#"["g","P",{"2":{"a":{"136":"relay"},"134":"203.0.113.x"}},1]"#,
        ),
        (
            r#"["g","P",{"2":{"138":"my phone 203.0.113.31"}},1]"#,
            r#"["g","P",{"2":{"138":"my phone 203.0.113.x"}},1]"#,
        ),
        (
            r#"["g","P",[{"134":"[2001:db8::31]","136":"host"}],1]"#,
            r#"["g","P",[{"134":"[2001:db8:0:x:x:x:x:x]","136":"host"}],1]"#,
        ),
        (
            r#"["g","P",{"203.0.113.31":{"googLocalAddress":"203.0.113.31:5"}},1]"#,
            r#"["g","P",{"203.0.113.x":{"googLocalAddress":"203.0.113.x:5"}},1]"#,
        ),
    ]);
    stays(&[
        r#"["g",null,null,0]"#,
        r#"["g",null,"text",0]"#,
        r#"["g",null,{"a":1,"b":null,"c":{"address":5,"candidateType":"host"}},0]"#,
    ]);
}

#[test]
fn anything_else_is_text() {
    becomes(&[
        (
            r#"["publicIP",null,["203.0.113.31","2001:db8::31"],1]"#,
            r#"["publicIP",null,["203.0.113.x","2001:db8:0:x:x:x:x:x"],1]"#,
        ),
        (
            r#"[16,"P","Error: candidate:4 1 udp 1 203.0.113.31 5 typ relay","10-1",1]"#,
            r#"[16,"P","Error: candidate:4 1 udp 1 203.0.113.x 5 typ relay","10-1",1]"#,
        ),
        (
            r#"["at 203.0.113.31","203.0.113.32",1,"203.0.113.33",[{"203.0.113.34":1}],1]"#,
            r#"["at 203.0.113.x","203.0.113.x",1,"203.0.113.x",[{"203.0.113.x":1}],1]"#,
        ),
        (
            r#"["x",null,"203\u002e0.113.\u0033\u0031\ud800 \ud83d\ude00",1]"#,
            r#"["x",null,"203\u002e0.113.x\ud800 \ud83d\ude00",1]"#,
        ),
        (
            r#"["x",null,"{\"ip\":\"203.0.113.31\",\"l\":\"\\u0032.3.4.5\"}",1]"#,
            r#"["x",null,"{\"ip\":\"203.0.113.x\",\"l\":\"\\u0032.3.4.x\"}",1]"#,
        ),
        (
            r#"["x",null,"https:\/\/203.0.113.31\/?q=%32%30%33.0.113.31",1]"#,
            r#"["x",null,"https:\/\/203.0.113.x\/?q=%32%30%33.0.113.x",1]"#,
        ),
        ("[\"203.0.113.31\"]", "[\"203.0.113.x\"]"),
    ]);
}

#[test]
fn all_other_bytes_are_copied() {
    stays(&[
        "[]",
        " [ 20 , \"PC_0\" , null , 1.0 ]\t\r",
        r#"["n",null,[0,-0.0,1e+21,1E-7,9007199254740993,0.30000000000000004,5e-324],0]"#,
        r#"["d",null,{"a":1,"10":2,"a":3,"__proto__":null,"":0},0]"#,
        r#"["s",null,"\ud800 \u00e9 é \/ \b\f\n\r\t \"\\",0]"#,
        "[\"u\",null,\"\u{2028}\u{85}\u{7f}\u{feff}\u{0}\"]"
            .replace('\u{0}', r"\u0000")
            .as_str(),
    ]);
}
