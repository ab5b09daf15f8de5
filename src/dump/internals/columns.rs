//! The statistics of one connection, poll by poll, from series that lie anywhere in the text.
//!
//! A long call of many reports has more values than may be in memory. So the polls are taken in windows whose values
//! fit into `INTERNALS_WINDOW_BYTES`; each series is read on from where the last window has left it. Time is linear in
//! the bytes, apart from the sorting of a window. Limits: `INTERNALS_POINTS_MAX` time stamps, and one window's values
//! in one poll; what is beyond is left out and counted. Failures are those of the temporary file.
mod plan;

use std::io;

use plan::{Column, Plan, Shown};

use super::kept::Kept;
use super::record::Record;
use super::series::Values;
use crate::dump::json::Json;
use crate::dump::notes::Notes;
use crate::dump::reports::Reports;
use crate::dump::steps;
use crate::limits::INTERNALS_WINDOW_BYTES;

pub use plan::Source;

#[derive(Default)]
pub struct Columns {
    plan: Plan,
    /// Behind the last poll of the window.
    window_end: u32,
    cells: Vec<Cell>,
    shown: Vec<Present>,
    texts: Vec<u8>,
    /// How far the window has been shown.
    next_cell: usize,
    next_shown: usize,
    /// For each report, the last poll it was in, and the reports that were in the last poll.
    seen: Vec<u32>,
    before: Vec<u32>,
    chunk: Vec<u8>,
    /// Values that are no JSON, or did not fit.
    pub lost: u64,
}

/// One value in the window. Its text lies in `texts`.
#[derive(Clone, Copy)]
struct Cell {
    poll: u32,
    column: u32,
    at: u32,
    length: u32,
}

/// One report in one poll.
#[derive(Clone, Copy)]
struct Present {
    poll: u32,
    report: u32,
    point: u32,
}

impl Columns {
    /// # Errors
    /// The temporary file's.
    pub fn of(record: &Record, kept: &Kept, notes: &mut Notes) -> io::Result<Columns> {
        let plan = Plan::of(record, kept, notes)?;
        Ok(Columns {
            seen: vec![u32::MAX; plan.reports.len()],
            plan,
            ..Columns::default()
        })
    }

    /// The times of the polls, in ms since 1970.
    pub fn polls(&self) -> &[f64] {
        &self.plan.polls
    }

    pub fn source(&self) -> Source {
        self.plan.source
    }

    /// Fills the reports with what was taken in this poll. Polls come in their order, each once.
    ///
    /// # Errors
    /// The temporary file's.
    pub fn show(&mut self, poll: u32, record: &Record, kept: &Kept, reports: &mut Reports) -> io::Result<()> {
        if poll >= self.window_end {
            self.load(poll, kept)?;
        }
        reports.begin();
        let mut now = Vec::with_capacity(self.before.len());
        while let Some(present) = self.shown.get(self.next_shown).filter(|present| present.poll <= poll) {
            self.next_shown += 1;
            let report = &self.plan.reports[present.report as usize];
            if self.seen[present.report as usize] != poll {
                now.push(present.report);
            }
            self.seen[present.report as usize] = poll;
            report.begin(present.point, reports);
        }
        for report in &self.before {
            if self.seen[*report as usize] != poll {
                reports.remove(&self.plan.reports[*report as usize].id);
            }
        }
        self.before = now;
        while let Some(cell) = self.cells.get(self.next_cell).filter(|cell| cell.poll <= poll) {
            self.next_cell += 1;
            let column = &self.plan.columns[cell.column as usize];
            if self.seen[column.report as usize] == poll {
                let text = &self.texts[cell.at as usize..][..cell.length as usize];
                let id = &self.plan.reports[column.report as usize].id;
                reports.set(id, &record.properties[column.property as usize], Json::checked(text));
            }
        }
        Ok(())
    }

    /// Reads the values of as many polls as fit.
    fn load(&mut self, poll: u32, kept: &Kept) -> io::Result<()> {
        self.window_end = self.plan.window(poll);
        steps::count(self.plan.reports.len() + self.plan.columns.len());
        self.cells.clear();
        self.texts.clear();
        self.shown.clear();
        (self.next_cell, self.next_shown) = (0, 0);
        for (report, shown) in self.plan.reports.iter().enumerate() {
            shown.points(poll..self.window_end, |poll, point| {
                self.shown.push(Present {
                    poll,
                    report: report as u32,
                    point,
                });
            });
        }
        self.shown
            .sort_unstable_by_key(|present| (present.poll, present.report, present.point));
        for number in 0..self.plan.columns.len() {
            self.read(number, kept)?;
        }
        self.cells
            .sort_unstable_by_key(|cell| (cell.poll, cell.column, cell.at));
        Ok(())
    }

    /// Reads the values of one series that are in the window.
    fn read(&mut self, number: usize, kept: &Kept) -> io::Result<()> {
        let end = self.window_end;
        let Plan { columns, reports, .. } = &mut self.plan;
        let column = &mut columns[number];
        let shown = &reports[column.report as usize];
        let more = column.values_before(end, shown);
        if more == 0 {
            return Ok(());
        }
        let mut values = column.resume(more, kept, &mut self.chunk);
        for _ in 0..more {
            let at = self.texts.len();
            let read = values.next(&mut self.texts)?;
            let poll = column.poll(column.next, shown);
            column.next += 1;
            let (Some(()), Some(poll)) = (read, poll) else {
                self.texts.truncate(at);
                continue;
            };
            if at > 2 * INTERNALS_WINDOW_BYTES || Json::parse(&self.texts[at..]).is_err() {
                self.texts.truncate(at);
                self.lost += 1;
                continue;
            }
            column.shape.mend(at, &mut self.texts);
            self.cells.push(Cell {
                poll,
                column: number as u32,
                at: at as u32,
                length: (self.texts.len() - at) as u32,
            });
        }
        column.rest.start = values.offset();
        Ok(())
    }
}

/// So that the parts of the plan are used here alone.
impl Column {
    fn resume<'a>(&self, more: u32, kept: &'a Kept, chunk: &'a mut Vec<u8>) -> Values<'a> {
        if self.next == 0 {
            return Values::new(kept, self.rest.clone(), chunk);
        }
        let bytes = (more as usize).saturating_mul(self.bytes_each + 1);
        Values::resume(kept, self.rest.clone(), bytes + bytes / 8, chunk)
    }

    /// How many values, from the next one on, are in polls before `end`.
    fn values_before(&self, end: u32, shown: &Shown) -> u32 {
        let before = |value: u32| self.poll(value, shown).is_none_or(|poll| poll < end);
        let (mut low, mut high) = (self.next, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            if before(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low - self.next
    }
}
