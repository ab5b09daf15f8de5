//! The series of a dump as the head has them, with their numbers in the binary part.
//!
//! A value that never changed while its report was there is a constant of the report, and no series.
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io;

use super::binary::{Array, Binary, Encoding, Number};
use super::head::{Level, Polls, Report, Sampled, Series};
use super::sampling::{HEADLINES, Plan, Sampling};
use super::series::{Collected, Dense, Kind, level};

/// What the head has of one dump's statistics.
#[derive(Debug, Default)]
pub struct Table {
    pub series: Vec<Series>,
    pub headline: Vec<usize>,
    /// Of each connection, by index from 0.
    pub connections: Vec<(Polls, Vec<Report>)>,
    /// The place in `series` of each series that is there.
    pub places: HashMap<usize, usize>,
}

/// What becomes of a value that is the same in all polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Still {
    /// A constant of its report.
    Constant,
    /// A series all the same, since the values are a part of others.
    Series,
}

impl Table {
    /// All series, with the polls that are planned.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn of(collected: &Collected, plan: &Plan, still: Still, binary: &Binary) -> io::Result<Table> {
        let mut table = Table::default();
        for (index, polled) in collected.connections().iter().enumerate() {
            let times = polled.times.iter().copied();
            let polls = Polls {
                count: polled.times.len(),
                times: binary.array(Encoding::Varint(1.0), times),
                sampled: plan
                    .samplings
                    .get(index)
                    .and_then(Option::as_ref)
                    .map(|sampling| Sampled {
                        step: sampling.step,
                        count: sampling.polls.len(),
                        polls: binary.array(Encoding::Varint(1.0), sampling.polls.iter().map(|poll| *poll as f64)),
                    }),
            };
            let mut reports = Vec::new();
            for kept in &polled.reports {
                let mut report = Report {
                    id: kept.id.to_string(),
                    kind: kept.kind.to_string(),
                    spans: spans(&kept.spans, polled.times.len()),
                    constants: BTreeMap::new(),
                    series: Vec::new(),
                };
                for at in kept.series.iter().map(|at| *at as usize) {
                    let only = collected.only(at).filter(|_| still == Still::Constant);
                    let dense = match only {
                        Some(_) => Dense::default(),
                        None => collected.values(at)?,
                    };
                    let is_still = only.or_else(|| constant(&dense, &report.spans));
                    match is_still.filter(|_| still == Still::Constant) {
                        Some(value) => {
                            let property = collected.property(at).to_owned();
                            report.constants.insert(property, word(collected, at, value));
                        }
                        None => {
                            let place = table.series.len();
                            report.series.push(place);
                            table.places.insert(at, place);
                            if HEADLINES.contains(&collected.property(at)) {
                                table.headline.push(place);
                            }
                            let sampling = plan.of(collected, at);
                            table
                                .series
                                .push(one(collected, at, &dense, sampling, &kept.id, binary)?);
                        }
                    }
                }
                reports.push(report);
            }
            table.connections.push((polls, reports));
        }
        table.name_divisors(collected);
        Ok(table)
    }
}

impl Table {
    /// Series are divided by others, which have their places only now. One that is constant divides nothing: what is
    /// divided by it is drawn as a rate.
    fn name_divisors(&mut self, collected: &Collected) {
        for (at, place) in &self.places {
            let series = &mut self.series[*place];
            let Some(per) = series.per.take() else { continue };
            series.per = self.places.get(&per).copied();
            if series.per.is_none() {
                let unit = collected.unit(*at);
                (series.kind, series.unit, series.factor) = ("rate", unit.drawn, Some(Number(unit.factor)));
                series.levels.clear();
            }
        }
    }
}

/// From and to in polls.
fn spans(spans: &[(u32, Option<u32>)], polls: usize) -> Vec<(usize, usize)> {
    let end = |end: Option<u32>| end.map_or(polls, |end| end as usize);
    spans.iter().map(|(begin, to)| (*begin as usize, end(*to))).collect()
}

/// The value, if it is the same in all polls of the report, and absent in all others.
fn constant(dense: &Dense, spans: &[(usize, usize)]) -> Option<f64> {
    let value = dense.values.first().copied().filter(|value| !value.is_nan())?;
    let (begin, end) = (spans.first()?.0, spans.last()?.1);
    if dense.first != begin || dense.first + dense.values.len() != end {
        return None;
    }
    let mut rest = &dense.values[..];
    let mut at = begin;
    for (from, to) in spans {
        let (gone, behind) = rest.split_at_checked(from.checked_sub(at)?)?;
        let (there, behind) = behind.split_at_checked(to - from)?;
        if !gone.iter().all(|one| one.is_nan()) || !there.iter().all(|one| *one == value) {
            return None;
        }
        (at, rest) = (*to, behind);
    }
    Some(value)
}

fn word(collected: &Collected, series: usize, value: f64) -> serde_json::Value {
    match collected.words(series) {
        Some(words) => words.get(value as usize).cloned().unwrap_or_default().into(),
        None => serde_json::to_value(Number(value)).unwrap_or_default(),
    }
}

fn one(
    collected: &Collected,
    at: usize,
    dense: &Dense,
    sampling: Option<&Sampling>,
    report: &str,
    binary: &Binary,
) -> io::Result<Series> {
    let (kind, (unit, formula, per)) = (collected.unit(at), collected.drawing(at));
    let values = match sampling {
        None => Cow::Borrowed(&dense.values[..]),
        Some(sampling) => Cow::Owned(sampled(dense, sampling)),
    };
    let words = collected.words(at).map(<[String]>::to_vec);
    let encoding = match &words {
        Some(_) => Encoding::Runs,
        None => encoding(&values, kind.kind),
    };
    let levels = match (sampling, words.is_none()) {
        (Some(sampling), true) => vec![peaks(&collected.drawn(at, dense)?, sampling.step, binary)],
        _ => Vec::new(),
    };
    Ok(Series {
        connection: collected.place(at).0,
        report: report.to_owned(),
        property: collected.property(at).to_owned(),
        kind: match kind.kind {
            Kind::Rate => formula.name(),
            Kind::Gauge => "gauge",
            Kind::State => "state",
        },
        unit,
        factor: (kind.kind == Kind::Rate).then_some(Number(formula.factor())),
        sent: (kind.kind == Kind::Rate).then_some(kind.sent),
        per,
        first: dense.first,
        count: dense.values.len(),
        encoding: match encoding {
            Encoding::Varint(_) => "varint",
            Encoding::F32 => "f32",
            Encoding::Runs => "dictionary",
        },
        scale: match encoding {
            Encoding::Varint(scale) if scale > 1.0 => Some(Number(scale)),
            _ => None,
        },
        dictionary: words,
        absent: absent(&values),
        step: sampling.map_or(1, |sampling| sampling.step),
        values: Some(array(binary, encoding, &values)),
        levels,
    })
}

/// The shortest way to write numbers that loses nothing, or nothing that can be seen.
fn encoding(values: &[f64], kind: Kind) -> Encoding {
    let known = || values.iter().copied().filter(|value| !value.is_nan());
    let greatest = known().map(f64::abs).fold(0.0, f64::max);
    let fits = |scale: f64| {
        let near = |value: f64| (value * scale - (value * scale).round()).abs() <= 1e-9 * (value * scale).abs();
        greatest * scale < EXACT_MAX && known().all(near)
    };
    let exact = [1.0, 1e3, 1e6].into_iter().find(|scale| match *scale {
        1.0 => greatest < EXACT_MAX && known().all(|value| value.fract() == 0.0),
        scale => fits(scale),
    });
    match (exact, kind) {
        (Some(scale), _) => Encoding::Varint(scale),
        // Sums lose their differences in 32 bits.
        (None, Kind::Rate) if greatest * 1e9 < EXACT_MAX => Encoding::Varint(1e9),
        _ => Encoding::F32,
    }
}

/// 2^52: up to here JavaScript has each integer and its double, which zig-zag needs.
const EXACT_MAX: f64 = 4_503_599_627_370_496.0;

/// What is absent is written as the value before, so that it costs nothing.
fn array(binary: &Binary, encoding: Encoding, values: &[f64]) -> Array {
    let mut before = 0.0;
    let filled = values.iter().map(|value| {
        if !value.is_nan() {
            before = *value;
        }
        before
    });
    binary.array(encoding, filled.collect::<Vec<f64>>().into_iter())
}

/// The values that are not there, from and to, counted from the first.
fn absent(values: &[f64]) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (at, _) in values.iter().enumerate().filter(|(_, value)| value.is_nan()) {
        match spans.last_mut() {
            Some((_, end)) if *end == at => *end += 1,
            _ => spans.push((at, at + 1)),
        }
    }
    spans
}

/// The values at the sampled polls.
fn sampled(dense: &Dense, sampling: &Sampling) -> Vec<f64> {
    let places = sampling.polls.iter().filter_map(|poll| poll.checked_sub(dense.first));
    places.filter_map(|place| dense.values.get(place)).copied().collect()
}

/// What sampled values hide: the least, the greatest and the last number of all that were there.
fn peaks(drawn: &[f64], step: usize, binary: &Binary) -> Level {
    let buckets = level(drawn, step);
    let least = buckets.iter().map(|bucket| bucket.min);
    let greatest = buckets.iter().map(|bucket| bucket.max);
    let last = buckets.iter().map(|bucket| bucket.last);
    Level {
        step,
        values: binary.array(Encoding::F32, least.chain(greatest).chain(last)),
    }
}
