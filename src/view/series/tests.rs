//! Series come out as the statistics had them, and no level hides a peak.
use std::io::Cursor;

use super::change::Place;
use super::pyramid::level;
use super::{Collected, Collector};
use crate::dump::decode::{Decoder, Value};

/// A sequence that looks random and is the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn number(&mut self) -> f64 {
        match self.next() % 6 {
            0 => f64::NAN,
            1 => (self.next() % 1000) as f64,
            2 => (self.next() % 1_000_000) as f64 / 1e6,
            3 => -((self.next() % 100_000) as f64) / 8.0,
            4 => self.next() as f64 * 1e3,
            _ => f64::from_bits(self.next() >> 2),
        }
    }
}

#[test]
fn changes_are_read_back_as_they_were_written() {
    let mut random = Random(7);
    let mut poll = 3;
    let changes: Vec<(u32, f64)> = std::iter::from_fn(|| {
        poll += (random.next() % 300) as u32;
        Some((poll, random.number()))
    })
    .take(5000)
    .collect();
    let (mut writer, mut bytes) = (Place::new(3, 0.5), Vec::new());
    changes
        .iter()
        .for_each(|(poll, value)| writer.write(*poll, *value, &mut bytes));
    let (mut reader, mut rest) = (Place::new(3, 0.5), &bytes[..]);
    for (poll, value) in changes {
        let (read, number) = reader.read(&mut rest).unwrap();
        let is_near = (number - value).abs() <= value.abs() * 1e-8 || number.to_bits() == value.to_bits();
        assert!(
            read == poll && (is_near || (number.is_nan() && value.is_nan())),
            "{value} became {number}"
        );
    }
    assert!(rest.is_empty());
}

#[test]
fn no_level_hides_a_peak() {
    let mut random = Random(99);
    for length in [0, 1, 2, 15, 16, 17, 1000] {
        let values: Vec<f64> = (0..length).map(|_| random.number()).collect();
        for step in [1, 2, 16, 256] {
            let level = level(&values, step);
            assert_eq!(level.len(), values.len().div_ceil(step));
            for (bucket, raw) in level.iter().zip(values.chunks(step)) {
                let known: Vec<f64> = raw.iter().copied().filter(|value| !value.is_nan()).collect();
                let is = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
                assert!(is(bucket.min, known.iter().copied().fold(f64::NAN, f64::min)));
                assert!(is(bucket.max, known.iter().copied().fold(f64::NAN, f64::max)));
                assert!(is(bucket.last, known.last().copied().unwrap_or(f64::NAN)));
            }
        }
    }
}

fn collected(lines: &[&str]) -> Collected {
    let mut collector = Collector::new(Box::new(|| Ok(Box::new(Cursor::new(Vec::new())))));
    let mut decoder = Decoder::new();
    for line in lines {
        let event = decoder.line(line.as_bytes()).unwrap().unwrap();
        if let Value::Reports(reports) = event.value {
            collector.poll(event.connection.index - 1, event.timestamp, reports);
        }
    }
    collector.finish().unwrap()
}

/// The values of a property of the first connection; absent ones are -1.
fn values(collected: &Collected, report: &str, property: &str) -> (usize, Vec<f64>) {
    let reports = &collected.connections()[0].reports;
    let report = reports.iter().position(|kept| &*kept.id == report).unwrap();
    let dense = collected.values(collected.find(0, report, property).unwrap()).unwrap();
    let shown = |value: &f64| if value.is_nan() { -1.0 } else { *value };
    (dense.first, dense.values.iter().map(shown).collect())
}

#[test]
fn series_are_whole_from_their_first_poll_to_their_last() {
    let all = collected(&[
        r#"["g","PC",{"1":{"type":5,"x":1,"name":"a"},"t":1},1700000000000]"#,
        r#"["g","PC",{"1":{"x":2},"2":{"type":5,"y":7}},1000]"#,
        r#"["g","PC",{"2":null,"1":{"name":"b","deep":{"in":0.25}}},1000]"#,
        r#"["g","PC",{"1":{"x":null}},1000]"#,
        r#"["g","PC",{"2":{"type":5,"y":7,"z":9},"1":{"x":5,"name":"a"}},1000]"#,
    ]);
    assert_eq!(values(&all, "1", "x"), (0, vec![1.0, 2.0, 2.0, -1.0, 5.0]));
    assert_eq!(values(&all, "1", "name"), (0, vec![0.0, 0.0, 1.0, 1.0, 0.0]));
    assert_eq!(values(&all, "1", "deep.in"), (2, vec![0.25; 3]));
    assert_eq!(values(&all, "2", "y"), (1, vec![7.0, -1.0, -1.0, 7.0]));
    assert_eq!(values(&all, "2", "z"), (4, vec![9.0]));
    assert_eq!(
        all.connections()[0].times,
        [0.0, 1.0, 2.0, 3.0, 4.0].map(|s| 1.7e12 + s * 1000.0)
    );
}

/// Lines of polls in which reports and values come, change and go at random.
fn at_random(random: &mut Random, polls: usize) -> Vec<String> {
    let line = |poll: usize, random: &mut Random| {
        let mut reports = Vec::new();
        for report in 0..3 {
            let value = |random: &mut Random| match random.next() % 8 {
                0 => "null".to_owned(),
                1 => format!("\"word {}\"", random.next() % 3),
                _ => (random.next() % 5).to_string(),
            };
            match random.next() % 6 {
                0 => reports.push(format!("\"{report}\":null")),
                1 => {}
                _ => {
                    let members = ["x", "y", "z"].map(|name| format!("\"{name}\":{}", value(random)));
                    reports.push(format!("\"{report}\":{{\"type\":5,{}}}", members.join(",")));
                }
            }
        }
        let time = if poll == 0 { 1_700_000_000_000_u64 } else { 1000 };
        format!("[\"g\",\"PC\",{{{}}},{time}]", reports.join(","))
    };
    (0..polls).map(|poll| line(poll, random)).collect()
}

#[test]
fn a_part_has_the_values_of_the_whole() {
    let mut random = Random(4711);
    let lines = at_random(&mut random, 300);
    let mut collector = Collector::new(Box::new(|| Ok(Box::new(Cursor::new(Vec::new())))));
    let mut decoder = Decoder::new();
    for line in &lines {
        let event = decoder.line(line.as_bytes()).unwrap().unwrap();
        if let Value::Reports(reports) = event.value {
            collector.poll(0, event.timestamp, reports);
        }
        if random.next().is_multiple_of(20) {
            collector.spill();
        }
    }
    let all = collector.finish().unwrap();
    let times = &all.connections()[0].times;
    for _ in 0..200 {
        let from = random.next() as usize % 300;
        let to = from + random.next() as usize % (300 - from);
        let part = all.between(times[from], times[to]).unwrap();
        let begin = from.saturating_sub(1);
        let own = &part.connections()[0];
        assert_eq!(own.times[..], times[begin..(to + 2).min(300)]);
        let mut seen = 0;
        for series in 0..all.len() {
            let (_, report) = all.place(series);
            let id = &all.connections()[0].reports[report].id;
            let whole = all.values(series).unwrap();
            let found = own.reports.iter().position(|report| report.id == *id);
            let found = found.and_then(|report| part.find(0, report, all.property(series)));
            let dense = found.map(|found| part.values(found).unwrap()).unwrap_or_default();
            for poll in 0..own.times.len() {
                let at = |dense: &super::Dense, poll: usize| {
                    let place = poll.checked_sub(dense.first);
                    place
                        .and_then(|place| dense.values.get(place))
                        .copied()
                        .unwrap_or(f64::NAN)
                };
                let (is, should) = (at(&dense, poll), at(&whole, begin + poll));
                assert!(
                    is == should || (is.is_nan() && should.is_nan()),
                    "{from}..{to}: {is}, not {should}"
                );
                seen += usize::from(!is.is_nan());
            }
        }
        assert!(seen > 0, "{from}..{to}");
    }
}

#[test]
fn polls_end_where_their_values_are_too_many() {
    let mut collector = Collector::new(Box::new(|| Ok(Box::new(Cursor::new(Vec::new())))));
    collector.values_left = 1000;
    let mut decoder = Decoder::new();
    let members: Vec<String> = (0..20).map(|at| format!("\"v{at}\":{at}")).collect();
    let first = format!("[\"g\",\"PC\",{{\"A\":{{\"type\":5,{}}}}},1000]", members.join(","));
    for line in std::iter::once(&*first).chain(std::iter::repeat_n(r#"["g","PC",{},1000]"#, 99)) {
        let event = decoder.line(line.as_bytes()).unwrap().unwrap();
        if let Value::Reports(reports) = event.value {
            collector.poll(0, event.timestamp, reports);
        }
    }
    let collected = collector.finish().unwrap();
    assert_eq!(collected.connections()[0].times.len(), 51);
    assert_eq!(collected.omitted().polls, 49);
}
