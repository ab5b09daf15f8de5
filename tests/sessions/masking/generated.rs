//! Generated lines: whatever their form, spelling and damage, no address remains readable, and what is JSON stays the
//! same JSON except for the strings.
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::Value;
use support::collect::{addresses, names_nobody};

use super::dumps::masked_line;

/// A small generator (xorshift64*), so that a seed that fails can be run again anywhere.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        ((self.next() >> 33) as usize) % bound
    }

    fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }

    /// An address in any spelling that a program may print.
    fn address(&mut self) -> (IpAddr, String) {
        let v4 = Ipv4Addr::from((self.next() as u32 & 0x00ff_ffff) | 0xc600_0000);
        let mut groups: [u16; 8] = std::array::from_fn(|_| self.next() as u16);
        (0..self.below(6)).for_each(|_| groups[2 + self.below(5)] = 0);
        groups[0] = 0x2001;
        groups[7] |= 0x1000;
        let v6 = Ipv6Addr::from(groups);
        match self.below(8) {
            0..3 => (v4.into(), v4.to_string()),
            3 => (v4.into(), v4.to_ipv6_mapped().to_string()),
            4 => (v6.into(), v6.to_string()),
            5 => (v6.into(), v6.to_string().to_uppercase()),
            6 => (v6.into(), groups.map(|group| format!("{group:04x}")).join(":")),
            _ => (v6.into(), format!("[{v6}]")),
        }
    }

    /// A text in JSON, in which some characters are escapes and, if that is allowed, some are percent-encoded.
    fn escaped(&mut self, text: &str) -> String {
        let percent = self.below(8) == 0;
        let mut out = String::new();
        for c in text.chars() {
            match self.below(12) {
                0 => write!(out, "\\u{:04x}", u32::from(c)).expect("strings grow"),
                1 if percent && c != '%' => write!(out, "%{:02X}", u32::from(c)).expect("strings grow"),
                _ => out.push(c),
            }
        }
        out
    }

    fn string(&mut self, planted: &mut Vec<IpAddr>) -> String {
        let around = [
            "",
            " ",
            ", ",
            "at ",
            "=",
            "@",
            "(",
            "\\n",
            "\\\"",
            "/",
            "é",
            "\\ud800",
            "candidate:1 1 udp 1 ",
            "raddr ",
            ":443 ",
            "typ",
            "%",
        ];
        let before = self.pick(&around);
        if self.below(3) == 0 {
            return format!("\"{before}{}\"", self.pick(&around));
        }
        let (address, spelling) = self.address();
        planted.push(address);
        // Not directly after hexadecimal digits, because nobody can tell which of them belong to the address.
        let before = before.trim_end_matches('e');
        format!("\"{before}{}{}\"", self.escaped(&spelling), self.pick(&around))
    }

    fn value(&mut self, depth: usize, planted: &mut Vec<IpAddr>) -> String {
        let keys = [
            "\"candidate\"",
            "\"sdp\"",
            "\"134\"",
            "\"address\"",
            "\"url\"",
            "\"urls\"",
            "\"label\"",
            "\"iceServers\"",
            "\"a\"",
            "\"cand\\u0069date\"",
        ];
        match self.below(if depth == 0 { 6 } else { 10 }) {
            0..4 => self.string(planted),
            4 => self
                .pick(&["1", "-0.50", "1e+21", "9007199254740993", "true", "null"])
                .to_owned(),
            5 => "\"relay\"".to_owned(),
            6 | 7 => {
                let values: Vec<_> = (0..self.below(4)).map(|_| self.value(depth - 1, planted)).collect();
                format!("[ {}]", values.join(self.pick(&[",", " , "])))
            }
            _ => {
                let mut members = Vec::new();
                for _ in 0..self.below(4) {
                    let key = if self.below(4) == 0 {
                        self.string(planted)
                    } else {
                        self.pick(&keys).to_owned()
                    };
                    members.push(format!("{key} :{}", self.value(depth - 1, planted)));
                }
                format!("{{{}}}", members.join(","))
            }
        }
    }

    fn line(&mut self, planted: &mut Vec<IpAddr>) -> String {
        let methods = [
            "20", "10", "3", "8", "\"g\"", "39", "21", "66", "61", "\"x\"", "2e1", "null",
        ];
        format!(
            "[{},\"PC_0\",{},{}]",
            self.pick(&methods),
            self.value(4, planted),
            self.below(9)
        )
    }
}

/// All strings and keys of a value, and the text itself.
fn texts(line: &str) -> Vec<String> {
    fn walk(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(text) => out.push(text.clone()),
            Value::Array(values) => values.iter().for_each(|value| walk(value, out)),
            Value::Object(members) => members.iter().for_each(|(key, value)| {
                out.push(key.clone());
                walk(value, out);
            }),
            _ => {}
        }
    }
    let mut out = vec![line.to_owned()];
    let readable = line.replace("\\ud800", "\\ufffd");
    walk(
        &serde_json::from_str(&readable).unwrap_or_else(|error| panic!("{error}: {line}")),
        &mut out,
    );
    let decoded: Vec<_> = out.iter().map(|text| unescaped(text)).collect();
    out.extend(decoded);
    out
}

/// The text without percent-encoding and JSON escapes, as far as they stand for ASCII characters.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let digits = rest
            .strip_prefix('%')
            .and_then(|r| r.get(..2))
            .or_else(|| rest.strip_prefix("\\u").and_then(|r| r.get(..4)));
        match digits.and_then(|digits| Some((u8::from_str_radix(digits, 16).ok()?, digits.len()))) {
            Some((byte, len)) if byte.is_ascii() => {
                out.push(char::from(byte));
                rest = &rest[len + if c == '%' { 1 } else { 2 }..];
            }
            _ => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}

#[track_caller]
fn assert_masked(line: &str, masked: &str, planted: &[IpAddr], seed: u64) {
    for text in texts(masked) {
        for found in addresses(&text) {
            let leaked = planted.iter().any(|address| *address == found.to_canonical());
            assert!(!leaked, "seed {seed}: {found} in {text:?}\n{line}\n{masked}");
        }
        for address in planted.iter().filter(|address| address.is_ipv4()) {
            assert!(
                !text.contains(&address.to_string()),
                "seed {seed}: {address} in {text:?}\n{line}"
            );
        }
    }
}

/// The same value with every string and key emptied.
fn shape(line: &str) -> Value {
    fn emptied(value: Value) -> Value {
        match value {
            Value::String(_) => Value::String(String::new()),
            Value::Array(values) => values.into_iter().map(emptied).collect(),
            Value::Object(members) => members.into_iter().map(|(_, value)| emptied(value)).collect(),
            other => other,
        }
    }
    emptied(serde_json::from_str(&line.replace("\\ud800", "\\ufffd")).unwrap_or_else(|error| panic!("{error}: {line}")))
}

#[test]
fn no_planted_address_comes_through() {
    let mut total = 0;
    for seed in 0..20_000 {
        let mut random = Random::new(seed);
        let mut planted = Vec::new();
        let line = random.line(&mut planted);
        let masked = String::from_utf8(masked_line(line.as_bytes())).expect("output is UTF-8");
        // Nothing generated is a complete server URL or a complete relay candidate. So only one address may stay: that
        // of something that calls itself a relay.
        if !line.contains("\"relay\"") {
            assert_masked(&line, &masked, &planted, seed);
            total += planted.len();
        }
        let again = masked_line(masked.as_bytes());
        assert_eq!(String::from_utf8_lossy(&again), masked, "seed {seed}: {line}");
        if serde_json::from_str::<Value>(&line.replace("\\ud800", "\\ufffd")).is_ok_and(|v| has_unique_keys(&line, &v))
        {
            assert_eq!(shape(&masked), shape(&line), "seed {seed}");
        }
    }
    assert!(total > 8_000, "only {total} addresses planted");
}

/// Whether parsing has lost no member: of duplicate keys in the line, the value has only one.
fn has_unique_keys(line: &str, value: &Value) -> bool {
    fn members(value: &Value) -> usize {
        match value {
            Value::Array(values) => values.iter().map(members).sum(),
            Value::Object(all) => all.len() + all.values().map(members).sum::<usize>(),
            _ => 0,
        }
    }
    line.matches("\" :").count() == members(value)
}

#[test]
fn no_planted_address_comes_through_a_damaged_line() {
    for seed in 0..10_000 {
        let mut random = Random::new(seed);
        let mut planted = Vec::new();
        let line = random.line(&mut planted);
        let mut at = random.below(line.len());
        while !line.is_char_boundary(at) {
            at -= 1;
        }
        let damaged = match random.below(3) {
            0 => line[..at].to_owned(),
            1 => line[at..].to_owned(),
            _ => format!("{line}{}", &line[at..]),
        };
        let masked = String::from_utf8(masked_line(damaged.as_bytes())).expect("output is UTF-8");
        if masked != damaged {
            assert_masked(&damaged, &masked, &planted, seed);
        }
    }
}

/// Texts that consist only of characters of addresses: the standard library must not find an address in the result.
#[test]
fn no_soup_of_digits_and_colons_leaves_an_address() {
    let alphabet = [
        "0",
        "1",
        "2",
        "9",
        "25",
        "a",
        "f",
        "::",
        ":",
        ":",
        ".",
        ".",
        "1.2.3.4",
        "2001:db8::",
        "ffff",
        " ",
        "%3A",
        "-",
        "é",
    ];
    let mut found = 0;
    for seed in 0..60_000 {
        let mut random = Random::new(seed);
        let text: String = (0..1 + random.below(24)).map(|_| random.pick(&alphabet)).collect();
        let masked = masked_line(format!("[\"x\",null,\"{text}\",0]").as_bytes());
        let masked = String::from_utf8(masked).expect("output is UTF-8");
        found += addresses(&text).len();
        // Digits on both sides of a masked place may look like an address that was never there.
        let there: Vec<_> = [addresses(&text), addresses(&unescaped(&text))].concat();
        let left = addresses(&unescaped(&masked))
            .into_iter()
            .filter(|address| there.contains(address));
        let left: Vec<_> = left
            .filter(|address| !names_nobody(*address) && !is_half(*address))
            .collect();
        assert_eq!(left, [] as [IpAddr; 0], "seed {seed}: {text:?} became {masked}");
    }
    assert!(found > 10_000, "only {found} addresses in the soup");
}

/// The rest of a masked address may look like an address itself if its groups are followed by `::`. It has nothing
/// after the third group.
fn is_half(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(v6) if v6.segments()[3..] == [0; 5])
}
