//! Polls and series, as the page leaves them.
use super::*;

fn points(times: &[f64]) -> Points {
    Points {
        times: times.to_vec(),
        start: times.first().copied().unwrap_or(f64::NAN),
        end: times.last().copied().unwrap_or(f64::NAN),
        clock: Clock::Poll,
    }
}

fn aligned(count: u32, start: f64, end: f64, points: &Points) -> Vec<Option<u32>> {
    let alignment = Alignment::of(count, start, end, points);
    (0..count).map(|value| alignment.point(value)).collect()
}

#[test]
fn a_series_lies_where_it_began_and_ended() {
    let report = points(&[1000.3, 2000.3, 3000.3, 4000.3, 5000.3, 6000.3]);
    for (count, start, end, expected) in [
        (6, 1000.0, 6000.0, &[0, 1, 2, 3, 4, 5][..]),
        // It began late, ended early, both, or has holes, of which only the edges are known.
        (4, 3000.0, 6000.0, &[2, 3, 4, 5]),
        (3, 1000.0, 3000.0, &[0, 1, 2]),
        (2, 3000.0, 4000.0, &[2, 3]),
        (1, 4000.0, 4000.0, &[3]),
        (3, 1000.0, 6000.0, &[0, 1, 5]),
        // Times that cannot be, or are not there: the ends are aligned.
        (3, 6000.0, 6000.0, &[3, 4, 5]),
        (3, f64::NAN, 6000.0, &[3, 4, 5]),
        (2, 1000.0, f64::NAN, &[4, 5]),
    ] {
        let expected: Vec<_> = expected.iter().map(|at| Some(*at)).collect();
        assert_eq!(aligned(count, start, end, &report), expected, "{count} {start} {end}");
    }
}

#[test]
fn of_more_values_than_points_the_oldest_have_none() {
    let report = points(&[1000.0, 2000.0]);
    assert_eq!(aligned(4, 0.0, 2000.0, &report), [None, None, Some(0), Some(1)]);
    assert_eq!(aligned(2, 0.0, 2000.0, &points(&[])), [None, None]);
}

#[test]
fn times_of_the_page_are_no_times_of_reports() {
    // The page added its points 400 ms after the time of the reports.
    let report = Points {
        start: 1400.0,
        end: 6400.0,
        ..points(&[1000.0, 2000.0, 3000.0, 4000.0, 5000.0, 6000.0])
    };
    let expected: Vec<_> = (3..6).map(Some).collect();
    assert_eq!(aligned(3, 4410.0, 6400.0, &report), expected);
    assert_eq!(aligned(2, 1400.0, 2390.0, &report), [Some(0), Some(1)]);
}

#[test]
fn values_that_repeat_keep_their_places() {
    // The other side's reports came at 1500 and 3700, and were seen in each poll until the next one.
    let report = Points {
        clock: Clock::Remote,
        ..points(&[1500.0, 1500.0, 3700.0, 3700.0])
    };
    let own = points(&[1000.0, 2000.0, 3000.0, 4000.0, 5000.0]);
    let polls = Polls::of(&[own, report.clone()], 0);
    assert_eq!(polls.times, [1000.0, 2000.0, 3000.0, 4000.0, 5000.0]);
    assert_eq!(polls.place(&report), [1, 2, 3, 4]);
    assert_eq!(aligned(2, 3700.0, 3700.0, &report), [Some(2), Some(3)]);
}

#[test]
fn a_value_goes_to_its_poll_or_makes_one() {
    let base = points(&[1000.0, 2000.0, 3000.0, 9000.0]);
    let jittery = points(&[1000.4, 1999.0, 3003.0]);
    let gap = points(&[3000.0, 6000.0, 6003.0, 9000.0]);
    let reports = [base, jittery, gap];
    let polls = Polls::of(&reports, 0);
    assert_eq!(polls.times, [1000.0, 2000.0, 3000.0, 6000.0, 9000.0]);
    assert_eq!(polls.place(&reports[0]), [0, 1, 2, 4]);
    assert_eq!(polls.place(&reports[1]), [0, 1, 2]);
    assert_eq!(polls.place(&reports[2]), [2, 3, 4, 4]);
}

#[test]
fn without_time_stamps_points_lie_at_equal_distances() {
    assert_eq!(Points::interpolated(3, 1000.0, 3000.0).times, [1000.0, 2000.0, 3000.0]);
    assert_eq!(Points::interpolated(1, 1000.0, 3000.0).times, [1000.0]);
    assert!(Points::interpolated(0, 1000.0, 3000.0).times.is_empty());
}

#[test]
fn times_that_are_none_do_no_harm() {
    for times in [&[][..], &[f64::NAN], &[5.0, 1.0, f64::INFINITY, 3.0], &[1.0, 1.0, 1.0]] {
        let report = points(times);
        let polls = Polls::of(std::slice::from_ref(&report), 0);
        let places = polls.place(&report);
        assert_eq!(places.len(), times.len());
        assert!(places.is_sorted());
        for count in 0..5 {
            let values = aligned(count, times.first().copied().unwrap_or(0.0), f64::INFINITY, &report);
            assert!(
                values.iter().flatten().all(|at| (*at as usize) < times.len().max(1)),
                "{times:?} {values:?}"
            );
        }
    }
}
