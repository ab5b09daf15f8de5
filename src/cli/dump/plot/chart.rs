//! Charts for a terminal: a line in braille dots with the values at its edges, a strip of states, and the axis of time
//! that they share.
//!
//! A chart takes as long as it has points, each of which costs at most the dots of its canvas' height and width.
//! Texts are expected to be safe to look at.
use super::canvas::{Canvas, DOTS_X, DOTS_Y, Dot};
use super::scale::{Span, clock};
use crate::cli::figures::quantity;
use crate::cli::paint::{Paint, Tone};

/// Columns at the left for values and names.
const MARGIN: usize = 13;

/// Columns that a mark of the axis needs beside the next: the text of a time, twice.
const MARK: usize = 26;

/// The size of charts, in characters, and what time they show.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    pub width: usize,
    pub height: usize,
    pub time: Span,
    pub paint: Paint,
}

/// A line of a chart.
pub struct Curve<'a> {
    pub name: &'a str,
    pub unit: &'a str,
    /// Times in ms since 1970, ascending, and values. Where a value is no finite number, the line is broken.
    pub points: &'a [(f64, f64)],
}

/// Something that has one state at a time.
pub struct Strip<'a> {
    pub name: &'a str,
    /// From when on it has which state, ascending.
    pub states: &'a [(f64, String)],
}

impl Frame {
    fn columns(&self) -> usize {
        self.width.saturating_sub(MARGIN).max(1)
    }

    /// A heading with the extremes, and the line below it.
    pub fn curve(&self, curve: &Curve<'_>) -> String {
        let is_shown = |time: f64| self.time.part(time, 1).is_some();
        let shown: Vec<(f64, f64)> = curve
            .points
            .iter()
            .copied()
            .filter(|(time, _)| is_shown(*time))
            .collect();
        let heading = self.paint.text(Tone::Heading, curve.name);
        let Some(values) = Span::of(shown.iter().map(|(_, value)| *value)) else {
            return format!("{heading}  no value\n");
        };
        let written = |number: f64| quantity(number, curve.unit);
        let finite: Vec<f64> = shown
            .iter()
            .map(|(_, value)| *value)
            .filter(|value| value.is_finite())
            .collect();
        let last = finite.last().copied().unwrap_or_default();
        let mut out = format!(
            "{heading}  {} to {}, last {}, {} value{}\n",
            written(values.from),
            written(values.to),
            written(last),
            finite.len(),
            if finite.len() == 1 { "" } else { "s" }
        );
        let span = values.with_zero();
        let labels = self.labels(span, curve.unit);
        for (label, row) in labels.iter().zip(self.drawn(&shown, span).rows()) {
            out += &format!(
                "{label}{}\n",
                self.paint.text(Tone::Line, row.trim_end_matches('\u{2800}'))
            );
        }
        out
    }

    /// The values at the upper and the lower edge.
    fn labels(&self, span: Span, unit: &str) -> Vec<String> {
        let label = |row: usize| match row {
            _ if row == 0 => quantity(span.to, unit),
            _ if row + 1 == self.height => quantity(span.from, unit),
            _ => String::new(),
        };
        let mark = |text: &str| if text.is_empty() { '│' } else { '┤' };
        let label = |row: usize| {
            let text: String = label(row).chars().take(MARGIN - 2).collect();
            format!("{text:>width$} {}", mark(&text), width = MARGIN - 2)
        };
        (0..self.height).map(label).collect()
    }

    fn drawn(&self, points: &[(f64, f64)], span: Span) -> Canvas {
        let (width, height) = (self.columns() * DOTS_X, self.height * DOTS_Y);
        let mut canvas = Canvas::new(self.columns(), self.height);
        let mut before: Option<Dot> = None;
        for (time, value) in points {
            let place = self.time.part(*time, width).zip(span.part(*value, height));
            let dot = place.map(|(x, up)| Dot { x, y: height - 1 - up });
            if let Some(dot) = dot {
                canvas.line(before.unwrap_or(dot), dot);
            }
            before = dot;
        }
        canvas
    }

    /// One line in which each state begins with a bar and its name. What is shorter than a column shows the worst.
    pub fn strip(&self, strip: &Strip<'_>) -> String {
        let columns = self.columns();
        let mut at: Vec<Option<&str>> = vec![None; columns];
        for (number, (begin, state)) in strip.states.iter().enumerate() {
            let end = strip.states.get(number + 1).map_or(self.time.to, |(next, _)| *next);
            if *begin > self.time.to || end < self.time.from {
                continue;
            }
            let column = |time: f64| self.time.part(time.clamp(self.time.from, self.time.to), columns);
            let (first, last) = (column(*begin).unwrap_or(0), column(end).unwrap_or(0));
            for cell in at.iter_mut().take(last + 1).skip(first) {
                if cell.is_none_or(|before| badness(state) >= badness(before)) {
                    *cell = Some(state);
                }
            }
        }
        let name: String = strip.name.chars().take(MARGIN - 1).collect();
        let mut out = format!("{name:MARGIN$}");
        for run in at.chunk_by(|one, next| one == next) {
            let state = run[0].unwrap_or_default();
            out += &self.paint.text(tone(state), &block(state, run.len()));
        }
        out.truncate(out.trim_end().len());
        out + "\n"
    }

    /// The line below all charts, and the times at its marks.
    pub fn axis(&self) -> String {
        let columns = self.columns();
        let marks = (columns / MARK).max(1);
        let (mut line, mut times) = (vec!['─'; columns], vec![' '; columns]);
        for mark in 0..=marks {
            let column = (columns - 1) * mark / marks;
            line[column] = '┴';
            let moment = self.time.from + self.time.length() * mark as f64 / marks as f64;
            let text: Vec<char> = clock(moment).chars().collect();
            let begin = column.min(columns.saturating_sub(text.len()));
            for (cell, c) in times[begin..].iter_mut().zip(text) {
                *cell = c;
            }
        }
        let [line, times] = [line, times].map(|cells| cells.into_iter().collect::<String>());
        let margin = " ".repeat(MARGIN - 1);
        format!("{margin}└{line}\n{margin} {}\n", times.trim_end())
    }
}

/// The length of a state in characters: a bar, its name as far as it fits, and a line.
fn block(state: &str, columns: usize) -> String {
    if state.is_empty() {
        return " ".repeat(columns);
    }
    let text: Vec<char> = match columns {
        1 => state.chars().collect(),
        _ => "│".chars().chain(state.chars()).collect(),
    };
    text.into_iter().chain(std::iter::repeat('─')).take(columns).collect()
}

/// States in the order in which one hides another: those of ICE, of connections and of signalling (webrtc-pc).
fn badness(state: &str) -> u8 {
    match state {
        "failed" => 4,
        "disconnected" => 3,
        "closed" => 1,
        "connected" | "completed" | "stable" => 0,
        _ => 2,
    }
}

fn tone(state: &str) -> Tone {
    match badness(state) {
        4 => Tone::Bad,
        3 => Tone::Doubtful,
        _ => Tone::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame {
        width: MARGIN + 8,
        height: 2,
        time: Span { from: 0.0, to: 15.0 },
        paint: Paint::Off,
    };

    fn curve(points: &[(f64, f64)]) -> Vec<String> {
        let text = FRAME.curve(&Curve {
            name: "rate",
            unit: "bit/s",
            points,
        });
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_line_is_drawn_between_points_and_broken_where_there_is_none() {
        let whole = curve(&[(0.0, 0.0), (15.0, 7000.0)]);
        assert_eq!(whole[0], "rate  0 bit/s to 7 kbit/s, last 7 kbit/s, 2 values");
        assert_eq!(whole[1..], ["   7 kbit/s ┤⠀⠀⠀⠀⣀⠤⠒⠉", "    0 bit/s ┤⣀⠤⠒⠉"]);
        let broken = curve(&[(0.0, 7.0), (5.0, 7.0), (7.0, f64::NAN), (15.0, 0.0)]);
        assert_eq!(broken[1..], ["    7 bit/s ┤⠉⠉⠉", "    0 bit/s ┤⠀⠀⠀⠀⠀⠀⠀⢀"]);
    }

    #[test]
    fn few_or_odd_values_are_shown_as_they_are() {
        assert_eq!(curve(&[]), ["rate  no value"]);
        assert_eq!(curve(&[(1.0, f64::NAN), (2.0, f64::INFINITY)]), ["rate  no value"]);
        assert_eq!(curve(&[(99.0, 1.0)]), ["rate  no value"]);
        let one = curve(&[(0.0, -5.0)]);
        assert_eq!(one[0], "rate  -5 bit/s to -5 bit/s, last -5 bit/s, 1 value");
        assert_eq!(one[1..], ["    0 bit/s ┤", "   -5 bit/s ┤⡀"]);
    }

    #[test]
    fn a_strip_has_the_worst_of_each_column() {
        let strip = |states: &[(f64, &str)]| {
            let states: Vec<(f64, String)> = states
                .iter()
                .map(|(time, state)| (*time, (*state).to_owned()))
                .collect();
            FRAME.strip(&Strip {
                name: "ice",
                states: &states,
            })
        };
        assert_eq!(
            strip(&[(-5.0, "connected"), (8.0, "failed")]),
            "ice          │con│fai\n"
        );
        assert_eq!(strip(&[(4.0, "new")]), "ice            │new──\n");
        assert_eq!(
            strip(&[(0.0, "connected"), (4.0, "failed"), (4.1, "connected")]),
            "ice          │cf│conn\n"
        );
        assert_eq!(strip(&[]), "ice\n");
    }

    #[test]
    fn the_axis_has_its_ends_and_fits() {
        for width in [1, 20, 40, 80, 200] {
            let frame = Frame { width, ..FRAME };
            let axis = frame.axis();
            assert!(
                axis.lines().all(|line| line.chars().count() <= width.max(MARGIN + 1)),
                "{axis}"
            );
            assert!(
                width < 30 || axis.contains("00:00:00.000") && axis.contains("00:00:00.015"),
                "{axis}"
            );
        }
    }
}
