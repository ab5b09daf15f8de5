//! The clock in the words of several languages, and whatever else stands where it should.
use super::*;
use crate::dump::damage::Random;

/// 2021-11-25, 15:04:05, as if it were UTC.
const NOON: f64 = 1_637_852_645_000.0;

#[test]
fn a_date_is_read_in_every_language() {
    for text in [
        "11/25/2021, 3:04:05 PM",
        "11/25/2021, 3:04:05\u{202f}PM",
        "25.11.2021, 15:04:05",
        "25/11/2021, 15:04:05",
        "25/11/2021 15:04:05",
        "2021/11/25 15:04:05",
        "2021-11-25 15:04:05",
        "25-11-2021 15:04:05",
        "25/11/2021, 3:04:05 p.\u{a0}m.",
        "2021/11/25 下午3:04:05",
        "2021. 11. 25. 오후 3:04:05",
        "25/11/2021, 3:04:05 pm",
    ] {
        assert_eq!(local(text), Some(Local { ms: NOON, other: None }), "{text}");
    }
}

#[test]
fn noon_and_midnight_are_twelve() {
    let hour = 3_600_000.0;
    let midnight = NOON - 15.0 * hour - 245_000.0;
    for (text, ms) in [
        ("11/25/2021, 12:00:00 AM", midnight),
        ("11/25/2021, 12:00:00 PM", midnight + 12.0 * hour),
        ("2021/11/25 上午12:00:00", midnight),
        ("25/11/2021 00:00:00", midnight),
    ] {
        assert_eq!(local(text).map(|local| local.ms), Some(ms), "{text}");
    }
}

#[test]
fn statistics_decide_which_number_is_the_month() {
    let [march, april] = ["2021-03-04T08:00:00Z", "2021-04-03T08:00:00Z"].map(|text| utc(text).unwrap());
    let read = local("03/04/2021, 08:00:00").unwrap();
    assert_eq!(read.near(Some(march)), march);
    assert_eq!(read.near(Some(april + 80_000_000.0)), april);
    assert_eq!(
        read.near(None),
        april,
        "whoever writes no PM mostly writes the day first"
    );
    let american = local("03/04/2021, 8:00:00 AM").unwrap();
    assert_eq!(american, Local { ms: march, other: None });
    assert_eq!(local("03.04.2021, 08:00:00"), Some(Local { ms: april, other: None }));
}

#[test]
fn what_is_no_date_is_none() {
    for text in [
        "",
        "Invalid Date",
        "1/2/3, 4:5:6",
        "13/13/2021, 10:00:00",
        "2021/02/30 10:00:00",
        "11/25/2021, 25:00:00",
        "11/25/2021, 10:00",
        "99999999999999999999/1/2021 1:1:1",
        "٢٥/١١/٢٠٢١",
    ] {
        assert_eq!(local(text), None, "{text}");
    }
    for text in ["", "2021-11-25", "2021-11-25T15:04:05", "yesterday"] {
        assert_eq!(utc(text), None, "{text}");
    }
    assert_eq!(utc("2021-11-25T15:04:05.844Z"), Some(NOON + 844.0));
}

#[test]
fn the_zone_is_where_statistics_follow_the_first_event() {
    let hour = 3_600_000.0;
    for (offset, lag) in [
        (0.0, 400.0),
        (-8.0, 0.0),
        (1.0, 999.0),
        (5.5, 60_000.0),
        (5.75, 800_000.0),
        (14.0, 5.0),
        (-12.0, 1.0),
    ] {
        let first = NOON + offset * hour;
        let span = Span {
            first,
            last: first + 20_000.0,
            stats_first: NOON + lag,
            stats_last: NOON + 21_000.0 + lag,
        };
        assert_eq!(zone(span), Some(offset * hour), "{offset} {lag}");
    }
    let far = Span {
        first: NOON,
        last: NOON,
        stats_first: NOON + 40.0 * hour,
        stats_last: NOON + 41.0 * hour,
    };
    assert_eq!(zone(far), None);
}

#[test]
fn a_long_call_whose_first_statistics_are_gone_is_placed_by_its_end() {
    let hour = 3_600_000.0;
    let span = Span {
        first: NOON + 2.0 * hour,
        last: NOON + 4.0 * hour,
        stats_first: NOON + 1.75 * hour,
        stats_last: NOON + 2.0 * hour,
    };
    assert_eq!(zone(span), Some(2.0 * hour));
}

/// Whatever stands where a time should: a point in time that a calendar has, or none.
#[test]
fn no_text_leads_the_clock_astray() {
    const SEED: u64 = 5;
    const TEXTS: [&str; 8] = [
        "11/25/2021, 3:04:05 PM",
        "11/25/2021, 3:04:05\u{202f}PM",
        "25.11.2021, 15:04:05",
        "25/11/2021, 3:04:05 p.\u{a0}m.",
        "2021/11/25 下午3:04:05",
        "2021. 11. 25. 오후 3:04:05",
        "2021-11-25T15:04:05.844Z",
        "2021-11-25T15:04:05+05:45",
    ];
    let mut random = Random::new(SEED);
    let years = -62_135_596_800_000.0..=253_402_300_800_000.0 + 1e8;
    let (mut locals, mut points) = (0, 0);
    for case in 0..300_000 {
        let text = random.damage(TEXTS[case % TEXTS.len()].as_bytes(), b"0123456789/.-:, APMapmTZ+");
        let text = String::from_utf8_lossy(&text);
        if let Some(time) = utc(&text) {
            points += 1;
            assert!(
                time.is_finite() && time.abs() < 3e14,
                "seed {SEED}, case {case}: {text:?}"
            );
        }
        let Some(read) = local(&text) else { continue };
        locals += 1;
        let is_point = years.contains(&read.ms) && read.ms.fract() == 0.0;
        assert!(is_point, "seed {SEED}, case {case}: {text:?} {read:?}");
        assert_eq!(local(&text), Some(read), "seed {SEED}, case {case}: {text:?}");
        let stats = NOON + random.below(200_000_000) as f64;
        let near = read.near(Some(stats));
        assert!(
            near == read.ms || Some(near) == read.other,
            "seed {SEED}, case {case}: {text:?}"
        );
        let [lag, length] = [(); 2].map(|()| random.below(100_000_000) as f64);
        let (first, stats_last) = (read.ms, stats + length);
        let last = first + lag;
        let offset = zone(Span {
            first,
            last,
            stats_first: stats,
            stats_last,
        });
        let is_zone = |offset: f64| (ZONE_MS_MIN..=ZONE_MS_MAX).contains(&offset) && offset % ZONE_STEP_MS == 0.0;
        assert!(offset.is_none_or(is_zone), "seed {SEED}, case {case}: {offset:?}");
    }
    assert!(
        locals > 30_000 && points > 2_000,
        "most damage leaves some times: {locals}, {points}"
    );
}
