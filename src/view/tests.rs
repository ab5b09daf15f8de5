//! Tests of the room: what is written is read back, and a page holds nothing that ends an element early.
use std::io::Cursor;

use super::assets::{LOADER, SCRIPTS, STYLES};
use super::binary::{Binary, Encoding};
use super::sampling::Plan;
use super::series::Collector;
use super::table::{Still, Table};
use crate::dump::decode::{Decoder, Value};
use crate::dump::steps;

#[test]
fn arrays_are_read_back_as_they_were_written() {
    let binary = Binary::default();
    for (encoding, values) in [
        (Encoding::Varint(1.0), vec![0.0, -1.0, 1.0, 63.0, -64.0, 1.8e12, -5e9]),
        (Encoding::Varint(1e6), vec![0.000001, -7.25, 123_456.000002]),
        (Encoding::F32, vec![0.5, -1e30, 0.0]),
        (Encoding::Runs, vec![3.0, 3.0, 3.0, 0.0, 1.0, 1.0]),
        (Encoding::Runs, vec![]),
    ] {
        let array = binary.array(encoding, values.iter().copied());
        let read = array.values();
        let same = |(a, b): (&f64, &f64)| (a - b).abs() <= a.abs() * 1e-7;
        assert!(
            read.len() == values.len() && read.iter().zip(&values).all(same),
            "{encoding:?}: {read:?}"
        );
    }
}

#[test]
fn no_text_of_the_assets_goes_over_several_lines() {
    for line in SCRIPTS
        .iter()
        .chain(STYLES)
        .chain([&LOADER])
        .flat_map(|text| text.lines())
    {
        let quotes = line.matches('`').count() - line.matches("\\`").count();
        assert!(quotes % 2 == 0 && !line.ends_with('\\'), "{line}");
    }
}

#[test]
fn what_never_changes_costs_nothing_in_each_poll() {
    let mut collector = Collector::new(Box::new(|| Ok(Box::new(Cursor::new(Vec::new())))));
    let mut decoder = Decoder::new();
    let members: Vec<String> = (0..200).map(|at| format!("\"v{at}\":{at}")).collect();
    let first = format!("[\"g\",\"PC\",{{\"A\":{{\"type\":5,{}}}}},1000]", members.join(","));
    for line in std::iter::once(&*first).chain(std::iter::repeat_n(r#"["g","PC",{},1000]"#, 999)) {
        let event = decoder.line(line.as_bytes()).unwrap().unwrap();
        if let Value::Reports(reports) = event.value {
            collector.poll(0, event.timestamp, reports);
        }
    }
    let collected = collector.finish().unwrap();
    let taken = steps::of(|| {
        let table = Table::of(&collected, &Plan::default(), Still::Constant, &Binary::default()).unwrap();
        let (polls, reports) = &table.connections[0];
        assert_eq!(
            (polls.count, reports[0].constants.len(), table.series.len()),
            (1000, 200, 0)
        );
    });
    assert!(taken < 1000, "{taken} steps");
}
