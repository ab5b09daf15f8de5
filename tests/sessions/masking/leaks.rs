//! The leak test: a separate collector finds addresses and names in the raw dumps. None of them may be in any output
//! byte, neither literally nor behind escapes. What may stay is defined by rules, never by values.
use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::Value;
use support::collect::{Personal, addresses, names_nobody};

use super::dumps;

/// Server URLs stay: those in an RTCConfiguration, in candidates and candidate errors, in statistics.
fn servers(event: &Value, found: &mut BTreeSet<IpAddr>) {
    match event {
        Value::String(text)
            if ["stun:", "stuns:", "turn:", "turns:"]
                .iter()
                .any(|scheme| text.starts_with(scheme)) =>
        {
            found.extend(addresses(text));
        }
        Value::Array(values) => values.iter().for_each(|value| servers(value, found)),
        Value::Object(members) => {
            for (key, value) in members {
                if matches!(key.as_str(), "urls" | "url" | "138") || value.is_object() || value.is_array() {
                    servers(value, found);
                }
            }
        }
        _ => {}
    }
}

/// A relay candidate's own address stays: the fifth field of a candidate line whose type is relay, and the address
/// of a statistics report of that type.
fn relays(event: &Value, found: &mut BTreeSet<IpAddr>) {
    match event {
        Value::String(text) => {
            for line in text.lines() {
                let fields: Vec<&str> = line.split(' ').collect();
                if fields.len() > 7 && fields[0].contains("candidate:") && fields[6..8] == ["typ", "relay"] {
                    found.extend(fields[4].parse::<IpAddr>());
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| relays(value, found)),
        Value::Object(members) => {
            let is = |key: &str| members.get(key).and_then(Value::as_str) == Some("relay");
            if is("136") || is("candidateType") {
                let own = ["134", "address", "ip"]
                    .iter()
                    .filter_map(|key| members.get(*key)?.as_str());
                found.extend(own.filter_map(|text| text.parse::<IpAddr>().ok()));
            }
            members.values().for_each(|value| relays(value, found));
        }
        _ => {}
    }
}

/// Every text that an output line shows: the line itself, and all its strings and keys, decoded.
fn texts(line: &str) -> Vec<String> {
    fn strings(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(text) => out.push(text.clone()),
            Value::Array(values) => values.iter().for_each(|value| strings(value, out)),
            Value::Object(members) => members.iter().for_each(|(key, value)| {
                out.push(key.clone());
                strings(value, out);
            }),
            _ => {}
        }
    }
    let mut out = vec![line.to_owned()];
    if let Ok(value) = serde_json::from_str(line) {
        strings(&value, &mut out);
    }
    out
}

/// Whether a text contains exactly this word, and not only as part of a longer one.
fn holds(text: &str, word: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(word)
        .any(|(at, _)| !inside(text[..at].chars().next_back()) && !inside(text[at + word.len()..].chars().next()))
}

fn parsed(line: &[u8]) -> Value {
    serde_json::from_slice(line).unwrap_or_default()
}

#[test]
fn nothing_personal_is_left_in_any_dump() {
    let (mut seen, mut labels, mut users) = (0, 0, 0);
    for (name, dump) in dumps::all() {
        let lines = dumps::lines(&dump);
        let (mut personal, mut allowed) = (Personal::default(), BTreeSet::new());
        for line in &lines[1..] {
            let found = Personal::of(&String::from_utf8_lossy(line));
            personal.addresses.extend(found.addresses);
            personal.labels.extend(found.labels);
            personal.users.extend(found.users);
            let event = parsed(line);
            servers(&event, &mut allowed);
            relays(&event, &mut allowed);
        }
        // By rule, the browser's version number and the page's own address are kept.
        let metadata = parsed(lines[1]);
        for kept in ["userAgent", "origin"] {
            allowed.extend(addresses(metadata[kept].as_str().unwrap_or_default()));
        }
        seen += personal.addresses.len();
        labels += personal.labels.len();
        users += personal.users.len();
        let forbidden: BTreeSet<_> = personal.addresses.difference(&allowed).copied().collect();
        for (number, line) in dumps::masked(&dump).iter().enumerate() {
            let line = std::str::from_utf8(line).expect("output is UTF-8");
            for text in texts(line) {
                for address in &forbidden {
                    assert!(
                        !holds(&text, &address.to_string()),
                        "{name} line {}: {address} in {text}",
                        number + 1
                    );
                }
                let found = addresses(&text).into_iter().find(|address| forbidden.contains(address));
                assert_eq!(found, None, "{name} line {}: {text}", number + 1);
                for word in personal.labels.iter().chain(&personal.users) {
                    assert!(!holds(&text, word), "{name} line {}: {word:?} in {text}", number + 1);
                }
            }
        }
    }
    assert!(
        seen > 100 && labels > 40 && users > 3,
        "too little to look for: {seen}, {labels}, {users}"
    );
}

/// The second half of the promise, on single events: an address that may stay in its own place is masked in any other
/// place.
#[test]
fn an_allowed_address_is_masked_where_it_is_not_a_relays() {
    let places = [
        r#"["note",null,"IP",1]"#,
        r#"[20,"P",{"candidate":"candidate:1 1 udp 1 IP 5 typ host"},1]"#,
        r#"[20,"P",{"candidate":"candidate:1 1 udp 1 203.0.113.250 5 typ relay raddr IP rport 5"},1]"#,
        r#"["g","P",{"1":{"134":"IP","136":"host"},"2":{"134":"203.0.113.250","136":"relay","141":"IP"}},1]"#,
        r#"[39,"P",{"iceServers":[{"urls":"turn:203.0.113.250","note":"IP"}]},1]"#,
        r#"{"IP":1}"#,
        r#"IP"#,
    ];
    for place in places {
        for address in [
            "203.0.113.250",
            "2001:db8:ff::250",
            "::ffff:203.0.113.251",
            "[2001:db8::9]",
        ] {
            let line = dumps::masked_line(place.replace("IP", address).as_bytes());
            let line = String::from_utf8(line).expect("output is UTF-8");
            let bare: IpAddr = address.trim_matches(['[', ']']).parse().expect("an address");
            let left = addresses(
                &line
                    .replacen("udp 1 203.0.113.250 5 typ relay", "", 1)
                    .replacen("\"203.0.113.250\",\"136\":\"relay\"", "", 1)
                    .replacen("turn:203.0.113.250", "", 1),
            );
            assert!(
                left.iter().all(|found| names_nobody(*found) || *found != bare),
                "{line}"
            );
            assert!(!left.contains(&bare.to_canonical()), "{line}");
        }
    }
}
