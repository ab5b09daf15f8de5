//! Makes a small MaxMind database, so that no real one is needed: a binary search tree over the bits of an address,
//! then a data section, then metadata (MaxMind DB file format, version 2.0). It is an IPv6 tree, with IPv4 below
//! `::/96` and records of 24 bits.
use std::net::IpAddr;

/// A network and what is known about it: continent, country, city. An empty text means unknown.
pub struct Entry {
    pub network: &'static str,
    pub place: [&'static str; 3],
}

/// How a maker writes what is known.
#[derive(Clone, Copy)]
pub enum Form {
    /// `country: {iso_code: "DE"}`
    Nested,
    /// `country: "DE"`
    Flat,
    /// `country: "a name"`, `country_code: "DE"`
    Codes,
    /// Only the number of a provider.
    Provider,
}

/// A record of a tree node: nothing yet, another node, or an entry by number.
#[derive(Clone, Copy)]
enum Record {
    Empty,
    Node(usize),
    Data(usize),
}

/// The bytes of a database of this type (`GeoLite2-City`, `GeoLite2-Country`).
pub fn make(database_type: &str, form: Form, entries: &[Entry]) -> Vec<u8> {
    let mut nodes = vec![[Record::Empty; 2]];
    for (number, entry) in entries.iter().enumerate() {
        insert(&mut nodes, entry.network, number);
    }
    let (mut data, mut offsets) = (Vec::new(), Vec::new());
    for entry in entries {
        offsets.push(data.len());
        place(&mut data, form, entry.place);
    }
    let mut file = Vec::new();
    for record in nodes.iter().flatten() {
        let value = match record {
            Record::Empty => nodes.len(),
            Record::Node(node) => *node,
            Record::Data(number) => nodes.len() + 16 + offsets[*number],
        };
        file.extend_from_slice(&(value as u32).to_be_bytes()[1..]);
    }
    file.extend_from_slice(&[0; 16]);
    file.extend_from_slice(&data);
    file.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
    metadata(&mut file, database_type, nodes.len());
    file
}

fn insert(nodes: &mut Vec<[Record; 2]>, network: &str, number: usize) {
    let (address, prefix) = network.split_once('/').expect("a network has a prefix");
    let prefix: usize = prefix.parse().expect("a prefix is a number");
    let (bits, prefix) = match address.parse().expect("a network has an address") {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), prefix + 96),
        IpAddr::V6(v6) => (u128::from(v6), prefix),
    };
    let mut at = 0;
    for depth in 0..prefix {
        let bit = (bits >> (127 - depth)) as usize & 1;
        if depth == prefix - 1 {
            nodes[at][bit] = Record::Data(number);
        } else {
            at = match nodes[at][bit] {
                Record::Node(next) => next,
                _ => {
                    nodes.push([Record::Empty; 2]);
                    let next = nodes.len() - 1;
                    nodes[at][bit] = Record::Node(next);
                    next
                }
            };
        }
    }
}

fn place(out: &mut Vec<u8>, form: Form, place: [&str; 3]) {
    let flat = |out: &mut Vec<u8>, members: &[(&str, &str)]| {
        let known = members.iter().filter(|(_, value)| !value.is_empty());
        map(out, known.clone().count());
        known.for_each(|(key, value)| {
            text(out, key);
            text(out, value);
        });
    };
    let [continent, country, city] = place;
    match form {
        Form::Nested => nested(out, place),
        Form::Flat => flat(out, &[("continent", continent), ("country", country), ("city", city)]),
        Form::Codes => {
            let names = [
                ("continent", "A continent"),
                ("country", "A country"),
                ("city_name", city),
            ];
            flat(
                out,
                &[&names[..], &[("continent_code", continent), ("country_code", country)]].concat(),
            );
        }
        Form::Provider => {
            map(out, 1);
            text(out, "autonomous_system_number");
            uint(out, 6, 64_496);
        }
    }
}

fn nested(out: &mut Vec<u8>, [continent, country, city]: [&str; 3]) {
    let known: Vec<_> = [
        ("continent", "code", continent),
        ("country", "iso_code", country),
        ("city", "", city),
    ]
    .into_iter()
    .filter(|(_, _, value)| !value.is_empty())
    .collect();
    map(out, known.len());
    for (part, key, value) in known {
        text(out, part);
        map(out, 1);
        if part == "city" {
            text(out, "names");
            map(out, 1);
            text(out, "en");
        } else {
            text(out, key);
        }
        text(out, value);
    }
}

fn metadata(out: &mut Vec<u8>, database_type: &str, nodes: usize) {
    map(out, 9);
    text(out, "node_count");
    uint(out, 6, nodes as u64);
    let numbers = [
        ("record_size", 24),
        ("ip_version", 6),
        ("binary_format_major_version", 2),
        ("binary_format_minor_version", 0),
    ];
    for (key, value) in numbers {
        text(out, key);
        uint(out, 5, value);
    }
    text(out, "build_epoch");
    uint(out, 9, 1_700_000_000);
    text(out, "database_type");
    text(out, database_type);
    text(out, "languages");
    out.extend_from_slice(&[1, 4]);
    text(out, "en");
    text(out, "description");
    map(out, 0);
}

fn map(out: &mut Vec<u8>, members: usize) {
    out.push(7 << 5 | members as u8);
}

fn text(out: &mut Vec<u8>, text: &str) {
    assert!(text.len() < 29, "longer texts need another size form");
    out.push(2 << 5 | text.len() as u8);
    out.extend_from_slice(text.as_bytes());
}

/// An unsigned number of type 5 (16 bits), 6 (32 bits) or 9 (64 bits, an extended type).
fn uint(out: &mut Vec<u8>, kind: u8, value: u64) {
    let bytes = value.to_be_bytes();
    let bytes = &bytes[value.leading_zeros() as usize / 8..];
    match kind {
        9 => out.extend_from_slice(&[bytes.len() as u8, 2]),
        kind => out.push(kind << 5 | bytes.len() as u8),
    }
    out.extend_from_slice(bytes);
}
