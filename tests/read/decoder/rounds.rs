//! Random statistics, encoded as the client does and decoded again, are what they were.

use rtcstats_server::dump::decode::Decoder;
use serde_json::{Map, Value, json};

use super::encoder::{Encoder, Reports};
use super::random::Random;

/// Names of the table, some that only readers know, and some that nobody does.
const NAMES: &[&str] = &[
    "bytesSent",
    "packetsLost",
    "jitter",
    "totalPacketSendDelay",
    "psnrMeasurements",
    "packetsReceivedWithEct1",
    "newerThanTheTable",
    "ein Name mit \\ und \"",
    "größer",
];
const TYPES: &[&str] = &["inbound-rtp", "transport", "codec", "compute-pressure", "of-tomorrow"];

/// Numbers have few digits, because the parser of this test does not read the last one exactly.
fn scalar(random: &mut Random) -> Value {
    match random.below(6) {
        0 => json!(random.below(1_000_000_000)),
        1 => json!(random.below(1000) as f64 / 8.0),
        2 => json!(random.below(2) == 0),
        3 => json!("text \u{1f600} \n \u{7f}"),
        4 => json!(random.below(50) as f64 / -1024.0),
        _ => json!(""),
    }
}

fn report(random: &mut Random, ids: &[String]) -> Map<String, Value> {
    let mut report = Map::new();
    report.insert("id".to_string(), json!("whatever"));
    report.insert("type".to_string(), json!(TYPES[random.below(TYPES.len())]));
    for name in NAMES {
        if random.below(3) > 0 {
            report.insert(name.to_string(), scalar(random));
        }
    }
    if random.below(2) == 0 {
        report.insert("transportId".to_string(), json!(ids[random.below(ids.len())]));
    }
    if random.below(2) == 0 {
        let names = ["none", "cpu", "bandwidth"];
        let durations: Map<_, _> = names
            .map(|name| (name.to_string(), json!(random.below(9))))
            .into_iter()
            .collect();
        report.insert("qualityLimitationDurations".to_string(), Value::Object(durations));
    }
    if random.below(3) == 0 {
        report.insert("frames".to_string(), json!([random.below(3), {"a": random.below(3)}]));
    }
    report
}

/// Another value of the same kind.
fn change(random: &mut Random, name: &str, value: &mut Value) {
    match value {
        _ if name == "type" || name == "id" || name.ends_with("Id") => {}
        Value::Object(members) => {
            for (_, member) in members.iter_mut() {
                if random.below(2) == 0 {
                    *member = json!(random.below(1000));
                }
            }
        }
        Value::Array(elements) => elements.push(json!(random.below(9))),
        scalar => *scalar = self::scalar(random),
    }
}

/// The next getStats: some reports go, some come, some change. References lead only to reports that are there.
fn next(random: &mut Random, reports: &mut Reports, used: &mut usize, time: f64) {
    let first: Vec<_> = reports.keys().take(1).cloned().collect();
    reports.retain(|id, _| first.contains(id) || random.below(12) > 0);
    for report in reports.values_mut() {
        for (name, value) in report.iter_mut() {
            if random.below(3) == 0 {
                change(random, name, value);
            }
        }
    }
    for _ in 0..random.below(4) {
        *used += 1;
        let ids: Vec<_> = reports.keys().take(1).cloned().collect();
        let id = format!("{}{used}", ["RTCTransport_", "C", "ü\""][random.below(3)]);
        let ids = if ids.is_empty() { vec![id.clone()] } else { ids };
        reports.insert(id, report(random, &ids));
    }
    for report in reports.values_mut() {
        report.insert("timestamp".to_string(), json!(time + random.below(3) as f64 / 4.0));
    }
}

fn doubles(value: &Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(elements) => elements.iter().map(doubles).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), doubles(value)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

#[test]
fn what_the_client_encodes_is_decoded_to_what_it_was() {
    let tables = include_str!("../../data/tables.json");
    let tables = serde_json::from_str(tables).expect("the tables are JSON");
    for seed in 1..=60 {
        let mut random = Random::new(seed);
        let mut decoder = Decoder::new();
        let mut sides: Vec<_> = (0..3).map(|_| (Encoder::new(&tables), Reports::new(), 0)).collect();
        for step in 0..25 {
            let side = random.below(sides.len());
            let (encoder, reports, used) = &mut sides[side];
            next(&mut random, reports, used, 1e12 + 1000.0 * f64::from(step));
            let sent = encoder.encode(reports);
            let line = json!(["g", format!("PC_{side}"), sent, 1000]).to_string();
            let event = decoder.line(line.as_bytes()).expect("an event").expect("an event");
            let mut decoded = Vec::new();
            event.value.reports().expect("reports").write_json(&mut decoded);
            let decoded: Value = serde_json::from_slice(&decoded).expect("JSON");
            let meant = encoder.as_decoded(reports);
            assert_eq!(doubles(&decoded), doubles(&meant), "seed {seed}, step {step}: {line}");
        }
    }
}
