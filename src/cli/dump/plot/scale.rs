//! Where a value or a moment lies in a chart, and how both are written at its edges.
use crate::time::UnixMs;

/// What of an axis is shown: from one number to another, both finite and the second larger, or equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    pub from: f64,
    pub to: f64,
}

impl Span {
    /// The smallest with all these numbers in it. What is not finite does not count.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Span> {
        let finite = numbers.into_iter().filter(|number| number.is_finite());
        finite.fold(None, |span: Option<Span>, number| {
            let Span { from, to } = span.unwrap_or(Span {
                from: number,
                to: number,
            });
            Some(Span {
                from: from.min(number),
                to: to.max(number),
            })
        })
    }

    /// That of the values of a chart: zero is shown, unless all values are so far from it that they would be one line.
    pub fn with_zero(self) -> Span {
        let is_far = |near: f64, far: f64| near != far && near / far > NEAR;
        match self {
            Span { from, to } if from > 0.0 && !is_far(from, to) => Span { from: 0.0, to },
            Span { from, to } if to < 0.0 && !is_far(to, from) => Span { from, to: 0.0 },
            span => span,
        }
    }

    pub fn length(self) -> f64 {
        // Of two halves, because the distance between the ends of all numbers is none.
        2.0 * (self.to / 2.0 - self.from / 2.0)
    }

    /// Which of `count` equal parts this number is in, from the first. Nothing for what is outside or no number.
    pub fn part(self, number: f64, count: usize) -> Option<usize> {
        if !(self.from..=self.to).contains(&number) || count == 0 {
            return None;
        }
        let half = self.to / 2.0 - self.from / 2.0;
        let share = match half > 0.0 {
            true => (number / 2.0 - self.from / 2.0) / half,
            false => 0.0,
        };
        Some(((share * (count - 1) as f64).round() as usize).min(count - 1))
    }
}

/// Values that differ by less than this from the largest of them are shown without zero.
const NEAR: f64 = 0.9;

/// The time of day, UTC: `12:03:04.567`.
pub fn clock(ms: f64) -> String {
    let text = UnixMs(ms.max(0.0) as u64).to_string();
    text.split_once('T')
        .map_or(String::new(), |(_, time)| time.trim_end_matches('Z').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_in_one_part_of_its_span() {
        let span = Span { from: -1.0, to: 3.0 };
        let parts = [-1.0, 1.0, 3.0, 3.1, f64::NAN].map(|number| span.part(number, 5));
        assert_eq!(parts, [Some(0), Some(2), Some(4), None, None]);
        assert_eq!(Span { from: 7.0, to: 7.0 }.part(7.0, 5), Some(0));
        let all = Span {
            from: f64::MIN,
            to: f64::MAX,
        };
        assert_eq!(
            [f64::MIN, 0.0, f64::MAX].map(|number| all.part(number, 3)),
            [Some(0), Some(1), Some(2)]
        );
        assert_eq!(span.part(0.0, 0), None);
    }

    #[test]
    fn zero_is_shown_where_it_is_near() {
        for (from, to, shown) in [
            (1.0, 3.0, (0.0, 3.0)),
            (-3.0, -1.0, (-3.0, 0.0)),
            (-1.0, 1.0, (-1.0, 1.0)),
            (99.0, 100.0, (99.0, 100.0)),
            (-100.0, -99.0, (-100.0, -99.0)),
            (5.0, 5.0, (0.0, 5.0)),
            (0.0, 0.0, (0.0, 0.0)),
        ] {
            let span = Span { from, to }.with_zero();
            assert_eq!((span.from, span.to), shown, "{from} {to}");
        }
        assert_eq!(Span::of([f64::NAN, f64::INFINITY]), None);
        assert_eq!(Span::of([2.0, f64::NAN, -1.0]), Some(Span { from: -1.0, to: 2.0 }));
    }

    #[test]
    fn a_moment_is_a_time_of_day() {
        assert_eq!(clock(1_700_000_000_123.4), "22:13:20.123");
    }
}
