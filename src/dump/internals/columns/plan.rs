//! Which report is in which poll, and where the values of each series go. Everything that must be known before the
//! values are read; of the values, only time stamps are.
use std::collections::HashMap;
use std::io;
use std::ops::Range;

use crate::dump::internals::cursor::Place;
use crate::dump::internals::kept::Kept;
use crate::dump::internals::key;
use crate::dump::internals::polls::{Alignment, Clock, Points, Polls};
use crate::dump::internals::property::Shape;
use crate::dump::internals::record::{Record, Report, number};
use crate::dump::internals::series::Values;
use crate::dump::internals::string;
use crate::dump::json::Json;
use crate::dump::notes::Notes;
use crate::dump::reports::Reports;
use crate::limits::{INTERNALS_POINTS_MAX, INTERNALS_WINDOW_BYTES};

#[derive(Default)]
pub struct Plan {
    pub polls: Vec<f64>,
    pub reports: Vec<Shown>,
    pub columns: Vec<Column>,
    /// Bytes of the values before each poll, about.
    before: Vec<u64>,
    pub source: Source,
}

/// Where the times of statistics come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The reports' own time stamps.
    #[default]
    TimeStamps,
    /// At least one report has none, and its values have been spread evenly.
    Interpolated,
}

/// A report and the polls that it is in.
pub struct Shown {
    pub id: String,
    /// A JSON string.
    kind: Option<Vec<u8>>,
    points: Points,
    /// The poll of each point.
    places: Vec<u32>,
}

/// A series and the polls of its values.
pub struct Column {
    pub report: u32,
    pub property: u32,
    pub shape: Shape,
    alignment: Alignment,
    pub count: u32,
    /// What has not been read.
    pub rest: Place,
    /// The number of the value that comes next.
    pub next: u32,
    pub bytes_each: usize,
}

/// What a value costs in a window beside its text.
const CELL_BYTES: u64 = 16;

impl Plan {
    pub fn of(record: &Record, kept: &Kept, notes: &mut Notes) -> io::Result<Plan> {
        let mut chunk = Vec::new();
        let mut kinds = kinds(record, kept, &mut chunk)?;
        // As `getStats` gives the reports to a page; features look at the first of several.
        let mut order: Vec<usize> = (0..record.reports.len()).collect();
        order.sort_by(|a, b| record.reports[*a].id.cmp(&record.reports[*b].id));
        let (mut plan, mut points_left) = (Plan::default(), INTERNALS_POINTS_MAX);
        let (mut left_out, mut untimed) = (0u32, 0u32);
        let mut numbers = vec![None; record.reports.len()];
        for number in order {
            let (report, kind) = (&record.reports[number], kinds[number].take());
            let count = longest(record, report);
            if count as usize > points_left {
                left_out += 1;
                continue;
            }
            let Some(mut points) = plan.points(record, report, kept, &mut chunk)? else {
                untimed += 1;
                continue;
            };
            points_left -= points.times.len();
            let is_remote = kind
                .as_deref()
                .is_some_and(|kind| kind.starts_with("remote-") && kind.ends_with("-rtp"));
            if is_remote && report.timestamps.is_some() {
                points.clock = Clock::Remote;
            }
            numbers[number] = Some(plan.reports.len() as u32);
            plan.reports.push(Shown {
                id: report.id.clone(),
                kind: kind.map(|kind| quoted(&kind)),
                points,
                places: Vec::new(),
            });
        }
        if left_out > 0 {
            notes.other(format!("a connection has {left_out} reports with too many points"));
        }
        if untimed > 0 {
            notes.other(format!(
                "a connection has {untimed} reports without times, which were left out"
            ));
        }
        plan.find_polls();
        plan.find_columns(record, &numbers);
        plan.measure();
        Ok(plan)
    }

    /// The points of a report. `None` if nothing says when they were.
    fn points(
        &mut self,
        record: &Record,
        report: &Report,
        kept: &Kept,
        chunk: &mut Vec<u8>,
    ) -> io::Result<Option<Points>> {
        if let Some(series) = report.timestamps {
            let series = &record.series[series as usize];
            let mut values = Values::new(kept, series.values.clone(), chunk);
            let (mut times, mut text) = (Vec::with_capacity(series.count as usize), Vec::new());
            while values.next(&mut text)?.is_some() {
                times.push(number(&text).unwrap_or(f64::NAN));
                text.clear();
            }
            return Ok(Some(Points {
                times,
                start: series.start,
                end: series.end,
                clock: Clock::Poll,
            }));
        }
        let longest = report.longest.map(|series| &record.series[series as usize]);
        let Some(series) = longest.filter(|series| series.start.is_finite() && series.end.is_finite()) else {
            return Ok(None);
        };
        self.source = Source::Interpolated;
        Ok(Some(Points::interpolated(series.count, series.start, series.end)))
    }

    fn find_polls(&mut self) {
        let is = |shown: &Shown, kind: &[u8]| shown.kind.as_deref() == Some(kind);
        let rank = |shown: &Shown| {
            let kind = match () {
                () if is(shown, b"\"peer-connection\"") => 3,
                () if is(shown, b"\"transport\"") => 2,
                () if shown.points.clock == Clock::Poll => 1,
                () => 0,
            };
            (kind, shown.points.times.len())
        };
        let base = (0..self.reports.len()).max_by_key(|at| rank(&self.reports[*at]));
        let points: Vec<Points> = self
            .reports
            .iter_mut()
            .map(|shown| std::mem::take(&mut shown.points))
            .collect();
        let polls = Polls::of(&points, base.unwrap_or_default());
        for (shown, points) in self.reports.iter_mut().zip(points) {
            shown.places = polls.place(&points);
            shown.points = points;
        }
        self.polls = polls.times;
        if self.polls.is_empty() {
            self.reports.iter_mut().for_each(|shown| shown.places.clear());
        }
    }

    fn find_columns(&mut self, record: &Record, numbers: &[Option<u32>]) {
        for series in &record.series {
            let name = &record.properties[series.property as usize];
            let Some(report) = numbers[series.report as usize] else {
                continue;
            };
            if matches!(&**name, "timestamp" | "type" | "id") {
                continue;
            }
            let shown = &self.reports[report as usize];
            self.columns.push(Column {
                report,
                property: series.property,
                shape: Shape::of(name),
                alignment: Alignment::of(series.count, series.start, series.end, &shown.points),
                count: series.count,
                rest: series.values.clone(),
                next: 0,
                bytes_each: ((series.values.end - series.values.start) / u64::from(series.count)) as usize,
            });
        }
    }

    /// Sums up how many bytes of values lie before each poll.
    fn measure(&mut self) {
        let mut bytes = vec![0; self.polls.len() + 1];
        for column in &self.columns {
            let shown = &self.reports[column.report as usize];
            let polls = (column.alignment.skipped..column.count).filter_map(|value| column.poll(value, shown));
            polls.for_each(|poll| bytes[poll as usize] += column.bytes_each as u64 + CELL_BYTES);
        }
        let mut sum = 0;
        let before = |bytes: u64| {
            sum += bytes;
            sum - bytes
        };
        self.before = bytes.into_iter().map(before).collect();
    }

    /// Behind the last poll of the window that begins with this one.
    pub fn window(&self, poll: u32) -> u32 {
        let begin = self.before.get(poll as usize).copied().unwrap_or_default();
        let end = self
            .before
            .partition_point(|before| before - begin.min(*before) <= INTERNALS_WINDOW_BYTES as u64);
        (end as u32).saturating_sub(1).max(poll + 1)
    }
}

impl Shown {
    /// The points in these polls.
    pub fn points(&self, polls: Range<u32>, mut each: impl FnMut(u32, u32)) {
        let first = self.places.partition_point(|place| *place < polls.start);
        let places = self.places.iter().enumerate().skip(first);
        for (point, place) in places.take_while(|(_, place)| **place < polls.end) {
            each(*place, point as u32);
        }
    }

    /// Makes the report as it begins in a poll: with its type and the time of this point.
    pub fn begin(&self, point: u32, reports: &mut Reports) {
        reports.reset(&self.id);
        if let Some(kind) = &self.kind {
            reports.set(&self.id, "type", Json::checked(kind));
        }
        let time = self.points.times.get(point as usize).filter(|time| time.is_finite());
        if let Some(time) = time.and_then(|time| serde_json::to_vec(&Milliseconds(*time)).ok()) {
            reports.set(&self.id, "timestamp", Json::checked(&time));
        }
    }
}

/// A time as JavaScript prints it: whole ones without a fraction.
struct Milliseconds(f64);

impl serde::Serialize for Milliseconds {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 as i64 {
            whole if whole as f64 == self.0 => serializer.serialize_i64(whole),
            _ => serializer.serialize_f64(self.0),
        }
    }
}

impl Column {
    /// The poll of a value. `None` if it has none.
    pub fn poll(&self, value: u32, shown: &Shown) -> Option<u32> {
        let point = self.alignment.point(value)?;
        shown.places.get(point as usize).copied()
    }
}

fn longest(record: &Record, report: &Report) -> u32 {
    let series = report.timestamps.or(report.longest);
    series.map_or(0, |series| record.series[series as usize].count)
}

fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    string::write(text.as_bytes(), &mut out);
    out
}

/// The type of each report.
fn kinds(record: &Record, kept: &Kept, chunk: &mut Vec<u8>) -> io::Result<Vec<Option<String>>> {
    let mut kinds: Vec<_> = record.reports.iter().map(|report| report.kind.clone()).collect();
    if kinds.iter().all(Option::is_some) {
        return Ok(kinds);
    }
    let mut candidates: HashMap<String, &str> = HashMap::new();
    for series in &record.series {
        let side = match &*record.properties[series.property as usize] {
            "localCandidateId" => "local-candidate",
            "remoteCandidateId" => "remote-candidate",
            "type" => "",
            _ => continue,
        };
        let mut text = Vec::new();
        Values::new(kept, series.values.clone(), chunk).next(&mut text)?;
        let value = Json::parse(&text).ok().and_then(|json| json.as_text());
        let Some(value) = value.map(|value| value.to_str().into_owned()) else {
            continue;
        };
        match side {
            "" => {
                let kind = &mut kinds[series.report as usize];
                *kind = kind.take().or(Some(value));
            }
            side => {
                candidates.insert(value, side);
            }
        }
    }
    for (kind, report) in kinds.iter_mut().zip(&record.reports) {
        let side = |id: &[u8]| candidates.get(&*string::shown(id)).copied();
        if kind.is_none() {
            *kind = key::type_of(report.id.as_bytes(), side).map(str::to_owned);
        }
    }
    Ok(kinds)
}
