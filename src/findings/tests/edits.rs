//! The rig itself: what is written is what was read, and an edit changes what it says and nothing else.
use serde_json::{Value, json};

use super::rig::{Call, Entry, Fired, examine, recorded};
use crate::findings::{Settings, Severity};

const VIDEO: &str = "PC_0/outbound-rtp/video";

/// A property of the sent video of PC_0, in all polls.
fn values(call: &Call, property: &str) -> Vec<(f64, Value)> {
    let polls = call
        .events
        .iter()
        .filter(|entry| entry.is_poll() && entry.connection == "PC_0");
    let of = |entry: &Entry| {
        let mut reports = entry.value.as_object()?.values();
        let video = reports.find(|report| report["type"] == "outbound-rtp" && report["kind"] == "video")?;
        Some(((entry.time - call.begin) / 1000.0, video.get(property)?.clone()))
    };
    polls.filter_map(of).collect()
}

#[test]
fn a_recorded_dump_is_written_as_it_was_read() {
    for name in ["av-call-60s", "firefox-av-call", "simulcast-3rids", "ice-restart"] {
        let call = Call::recorded(name);
        let again = Call::read(call.text().as_bytes());
        assert!(again.events == call.events, "{name}");
    }
}

#[test]
fn a_counter_stands_still_for_a_while_and_goes_on_from_there() {
    let recorded = Call::recorded("av-call-60s");
    let edited = recorded.clone().grow(VIDEO, 20.0..30.0, "framesEncoded", 0.0);
    let (old, new) = (values(&recorded, "framesEncoded"), values(&edited, "framesEncoded"));
    let at = |seconds: f64| old.iter().position(|(time, _)| *time >= seconds).expect("a poll");
    let (first, last) = (at(20.0), at(30.0));
    assert_eq!(old[..first], new[..first]);
    assert!(new[first..last].iter().all(|(_, value)| *value == old[first - 1].1));
    let less = old[last - 1].1.as_i64().unwrap() - old[first - 1].1.as_i64().unwrap();
    for ((_, old), (_, new)) in old.iter().zip(&new).skip(last) {
        assert_eq!(new.as_i64().unwrap(), old.as_i64().unwrap() - less);
    }
    assert_eq!(values(&recorded, "packetsSent"), values(&edited, "packetsSent"));
}

#[test]
fn edits_change_what_they_say() {
    let set = Call::recorded("av-call-60s").set(VIDEO, 20.0..21.0, "active", false);
    let inactive: Vec<f64> = values(&set, "active")
        .into_iter()
        .filter(|(_, value)| *value == json!(false))
        .map(|(time, _)| time)
        .collect();
    assert_eq!(inactive, [20.565]);
    let doubled = set.clone().scale(VIDEO, 20.0..21.0, "framesEncoded", 2.0);
    let pairs = values(&set, "framesEncoded")
        .into_iter()
        .zip(values(&doubled, "framesEncoded"));
    let changed: Vec<_> = pairs.filter(|(old, new)| old.1 != new.1).collect();
    assert!(matches!(&changed[..], [((_, old), (_, new))] if new.as_f64() == old.as_f64().map(|old| old * 2.0)));
    let removed = set.clone().remove(VIDEO, "qpSum").remove_reports(VIDEO, 50.0..70.0);
    assert!(values(&removed, "qpSum").is_empty());
    assert!(values(&removed, "active").iter().all(|(time, _)| *time < 50.0));
    let dropped = set.clone().drop_polls("PC_0", 20.0..30.0);
    assert_eq!(values(&dropped, "active").len(), values(&set, "active").len() - 10);
    let asleep = set.shift(30.0, 60.0);
    let times = values(&asleep, "timestamp");
    let gap = times
        .windows(2)
        .find(|pair| pair[1].0 - pair[0].0 > 2.0)
        .expect("a gap");
    assert_eq!(gap[1].0, 90.566);
    assert!(gap[1].1.as_f64().unwrap() - gap[0].1.as_f64().unwrap() > 60_000.0);
}

#[test]
fn an_edited_call_is_examined() {
    let settings = Settings::default();
    assert_eq!(examine(recorded("short-session"), &settings).findings.len(), 1);
    let call = Call::recorded("short-session").insert(1.5, "PC_0", "create", json!(null), &[json!("39-0")]);
    assert_eq!(call.events.last().expect("the event").time, call.begin + 1500.0);
    let fired = Fired {
        rule: "dump.no-stats",
        connection: None,
        severity: Severity::Info,
        start: 0.0,
        end: None,
    };
    assert_eq!(call.fired("dump.no-stats"), [fired]);
}
