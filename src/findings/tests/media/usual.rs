//! What the numbers of ordinary calls look like, which is no fault, and what hides behind them.
use std::ops::Range;

use super::super::rig::Entry;
use super::*;

const VIDEO_OUT: &str = "PC_0/remote-inbound-rtp/video";
const TOP: &str = "PC_0/outbound-rtp/video/hi";
const MIDDLE: &str = "PC_0/outbound-rtp/video/mid";

/// The report stays as it is at the first of these polls, but for the time that all reports have.
fn frozen(call: Call, which: &str, during: Range<f64>) -> Call {
    let mut first = None;
    call.edit(which, during, |report| {
        let stamp = report["timestamp"].clone();
        *report = first.get_or_insert_with(|| report.clone()).clone();
        report.insert("timestamp".into(), stamp);
    })
}

fn text(call: &Call, rule: &str) -> String {
    let found = call.findings().findings;
    let own = found.iter().find(|finding| finding.rule.id == rule);
    own.map(|finding| finding.text.clone()).unwrap_or_default()
}

#[test]
fn loss_that_was_told_once_is_not_lasting() {
    let lossy = |during| healthy().set(VIDEO_OUT, during, "fractionLost", 0.2);
    let once = frozen(lossy(20.0..90.0), VIDEO_OUT, 20.0..90.0);
    assert_eq!(once.fired("net.loss-out"), []);
    let silence = Some((INFO, (21.0, Some(90.0))));
    assert_eq!(
        once.fired("net.no-feedback"),
        expected(&once, "PC_0", "net.no-feedback", silence)
    );
    // Nobody reports what is switched off.
    let off = lossy(20.0..90.0).set(VIDEO, 20.0..90.0, "active", false);
    assert_eq!(off.fired("net.loss-out"), []);
    assert_eq!(lossy(20.0..40.0).fired("net.loss-out").len(), 1);
}

#[test]
fn one_report_of_the_other_side_ends_its_silence() {
    let twice = frozen(frozen(healthy(), VIDEO_OUT, 18.0..37.0), VIDEO_OUT, 37.0..55.0);
    let ends: Vec<_> = twice.fired("net.no-feedback").into_iter().map(|own| own.end).collect();
    assert_eq!(
        ends,
        [37.0, 55.0].map(|seconds| Some(poll_before(&twice, "PC_0", seconds)))
    );
    let often = [18.0, 28.0, 38.0]
        .into_iter()
        .fold(healthy(), |call, start| frozen(call, VIDEO_OUT, start..start + 10.0));
    assert_eq!(often.fired("net.no-feedback"), []);
}

#[test]
fn a_sentence_tells_the_threshold_that_held_all_the_time() {
    let call = healthy().set(PAIR, 20.0..50.0, "currentRoundTripTime", 0.32);
    let call = call.set(PAIR, 30.0..43.0, "currentRoundTripTime", 0.6);
    let found = call.findings().findings;
    let own = found.iter().find(|finding| finding.rule.id == "net.rtt").expect("it");
    assert_eq!((own.severity, own.threshold), (CRITICAL, Some(0.5)));
    assert_eq!(own.text, "The round trip time was above 0.3 s for 29 s, up to 0.6 s.");
}

#[test]
fn a_shared_screen_may_stand_still() {
    let slow = healthy().grow(VIDEO_IN, 20.0..50.0, "framesDecoded", 1.0);
    let slow = slow.grow(VIDEO_IN, 20.0..50.0, "totalFreezesDuration", 0.34);
    assert!(!slow.fired("rcv.freeze").is_empty() && !slow.fired("rcv.low-fps").is_empty());
    let screen = slow.set(VIDEO_IN, 0.0..90.0, "contentType", "screenshare");
    assert_eq!(screen.fired("rcv.freeze"), []);
    assert_eq!(screen.fired("rcv.low-fps"), []);
}

#[test]
fn what_limits_the_video_is_told_by_the_first_active_layer() {
    let limited = |call: Call| call.grow(MIDDLE, 5.0..90.0, "qualityLimitationDurations.cpu", 0.9);
    let call = limited(Call::recorded("simulcast-3rids").set(TOP, 0.0..90.0, "active", false));
    let severities: Vec<_> = call.fired("snd.cpu-limited").iter().map(|own| own.severity).collect();
    assert_eq!(severities, [CRITICAL]);
}

#[test]
fn what_is_missing_is_told_by_its_kind() {
    let blind = healthy().remove_reports(VIDEO_IN, 0.0..90.0);
    assert_eq!(blind.fired("rcv.nothing").len(), 1);
    let words = "The connection was up, but nothing of the video track announced by the other side was received";
    assert!(
        text(&blind, "rcv.nothing").starts_with(words),
        "{}",
        text(&blind, "rcv.nothing")
    );
    let both = blind.remove_reports(SOUND_IN, 0.0..90.0);
    let words = "The connection was up, but nothing of the 2 tracks announced";
    assert!(
        text(&both, "rcv.nothing").starts_with(words),
        "{}",
        text(&both, "rcv.nothing")
    );
}

/// The first poll comes as soon as there is a connection, and the next one tells what came behind it.
#[test]
fn who_polls_seldom_misses_nothing_for_that() {
    let call = healthy().retain(|seconds, entry| !entry.is_poll() || seconds % 12.0 < 1.0);
    assert_eq!(call.fired("rcv.nothing"), []);
}

#[test]
fn a_track_of_a_server_may_be_muted() {
    let another = json!(["video", "another", "x", "s"]);
    let call = healthy().insert(2.0, "PC_0", "ontrack", another, &[]);
    let silent = |call: Call| {
        let call = call.remove_reports(VIDEO_IN, 0.0..90.0);
        call.fired("rcv.nothing")
            .iter()
            .map(|own| own.severity)
            .collect::<Vec<_>>()
    };
    let rests = call
        .clone()
        .grow("PC_0/remote-outbound-rtp/video", 0.0..90.0, "packetsSent", 0.0);
    assert_eq!(silent(rests), [INFO]);
    // The other side says that it sends.
    assert_eq!(silent(call), [CRITICAL]);
}

#[test]
fn many_freezes_of_one_track_leave_room_for_what_they_come_to() {
    let recorded = Call::recorded("long-5min-4pc");
    let call = recorded.retain(|_, entry| entry.connection.is_null() || entry.connection != "PC_3");
    let call = ["PC_0", "PC_1", "PC_2"].into_iter().fold(call, |call, connection| {
        call.grow(
            &format!("{connection}/inbound-rtp/video"),
            10.0..280.0,
            "totalFreezesDuration",
            1.2,
        )
    });
    let found = call.findings();
    let freezes: Vec<_> = found
        .findings
        .iter()
        .filter(|finding| finding.rule.id == "rcv.freeze")
        .collect();
    let whole = freezes.iter().filter(|finding| finding.share.is_some());
    let count = whole.clone().count();
    assert!(
        count >= 3 && whole.clone().all(|finding| finding.severity == CRITICAL),
        "{count}"
    );
    assert_eq!(freezes.len(), crate::limits::FINDINGS_PER_RULE_MAX);
    let mut tracks: Vec<_> = freezes.iter().map(|finding| finding.track.clone()).collect();
    tracks.sort();
    tracks.dedup();
    assert_eq!(tracks.len(), count);
}

#[test]
fn a_device_that_several_connections_send_is_told_once() {
    let level = |call: &Call| call.fired("cap.level-constant");
    let recorded = Call::recorded("long-5min-4pc");
    let senders: usize = level(&recorded).len();
    let own = |entry: &Entry| entry.connection.is_null() || entry.connection == "PC_0";
    let alone = level(&recorded.clone().retain(|_, entry| own(entry)));
    assert_eq!((senders, alone.len()), (1, 1));
    assert_eq!(level(&recorded)[0].connection, None);
}

#[test]
fn words_and_flags_are_shown_as_reports_have_them() {
    let changed = healthy().set(VIDEO, 0.0..20.0, "powerEfficientEncoder", true);
    let found = changed.findings();
    let shown = found.findings.iter().find(|finding| finding.rule.id == "snd.software");
    let shown = shown.and_then(|finding| finding.evidence.first());
    assert_eq!(shown.map(|shown| &*shown.value), Some("false"));
}

#[test]
fn the_time_of_a_hardware_encoder_is_no_load() {
    let slow = healthy().grow(VIDEO, 20.0..32.0, "totalEncodeTime", 0.81);
    assert_eq!(slow.fired("snd.encode-slow").len(), 1);
    let hardware = slow.set(VIDEO, 0.0..90.0, "powerEfficientEncoder", true);
    assert_eq!(hardware.fired("snd.encode-slow"), []);
}

#[test]
fn a_small_picture_has_fewer_layers() {
    let never = Call::recorded("simulcast-3rids").set(MIDDLE, 0.0..90.0, "bytesSent", 0);
    assert_eq!(never.fired("snd.layer-lost").len(), 1);
    let small = never.set(SOURCE, 0.0..90.0, "height", 480);
    assert_eq!(small.fired("snd.layer-lost"), []);
}

#[test]
fn polls_that_keep_coming_seldom_are_no_gaps() {
    let recorded = Call::recorded("long-5min-4pc");
    let mut number = 0;
    let call = recorded.retain(|seconds, entry| {
        let is_own = entry.is_poll() && entry.connection == "PC_0";
        number += usize::from(is_own && seconds > 30.0);
        entry.connection.is_null() || (entry.connection == "PC_0" && (!is_own || seconds <= 30.0 || number % 12 == 0))
    });
    let found = call.findings();
    let gaps = found
        .findings
        .iter()
        .filter(|finding| finding.rule.id == "env.poll-gap");
    assert_eq!(gaps.count(), 8);
    let gap = found.not_evaluable.iter().find(|gap| gap.rule == "net.loss-in");
    assert!(
        gap.is_some_and(|gap| gap.reason.starts_with("statistics were taken only every 12 s")),
        "{gap:?}"
    );
}

#[test]
fn a_page_that_was_busy_has_no_other_clock() {
    let late = |entry: &Entry, begin: f64| entry.is_poll() && (entry.time - begin) / 1000.0 > 30.0;
    let mut call = healthy();
    let begin = call.begin;
    let at = call.events.iter().position(|entry| late(entry, begin)).expect("a poll");
    // The next one is left out, and the one behind it comes in time.
    let next = call.events[at + 1..].iter().position(Entry::is_poll).expect("another") + at + 1;
    call.events.remove(next);
    call.events[at].time += 1400.0;
    assert_eq!(call.fired("env.clock"), []);
}

/// In a call with sound alone the other side rests from 20 s on: only its reports come, at these polls.
#[test]
fn one_who_rests_has_not_gone() {
    let sound = || healthy().remove_reports(VIDEO_IN, 0.0..90.0);
    let rests = |call: Call| {
        let call = call.grow(SOUND_IN, 20.0..50.0, "packetsReceived", 0.0);
        [20.0, 27.0, 34.0, 41.0].into_iter().fold(call, |call, start| {
            call.grow(PAIR, start..start + 6.0, "bytesReceived", 0.0)
        })
    };
    assert_eq!(rests(sound()).fired("net.stalled"), []);
    let gone = |seconds: f64| sound().grow(PAIR, 20.0..20.0 + seconds, "bytesReceived", 0.0);
    assert_eq!(gone(7.0).fired("net.stalled"), []);
    let stalled = gone(10.0);
    let wanted = Some((CRITICAL, (20.0, Some(30.0))));
    assert_eq!(
        stalled.fired("net.stalled"),
        expected(&stalled, "PC_0", "net.stalled", wanted)
    );
}

#[test]
fn what_a_browser_lacks_is_not_clear() {
    let gaps = |call: &Call, rule: &str| -> Vec<String> {
        let gaps = call.findings().not_evaluable.into_iter().filter(|gap| gap.rule == rule);
        gaps.map(|gap| gap.reason).collect()
    };
    let firefox = Call::recorded("firefox-av-call");
    for rule in [
        "snd.no-frames",
        "snd.small",
        "snd.low-fps",
        "snd.layer-lost",
        "snd.no-packets",
    ] {
        let unlinked = healthy().remove("PC_0/outbound-rtp", "mediaSourceId");
        assert_eq!(gaps(&unlinked, rule), ["outbound-rtp has no mediaSourceId"], "{rule}");
        assert!(!gaps(&firefox, rule).is_empty(), "{rule}");
        assert_eq!(gaps(&healthy(), rule), [""; 0], "{rule}");
    }
    for (rule, kind) in [
        ("rcv.playout-glitch", "media-playout"),
        ("rcv.playout-delay", "media-playout"),
        ("net.loss-out", "remote-inbound-rtp"),
        ("cap.silent", "media-source"),
    ] {
        let absent = healthy().remove_reports(&format!("PC_0/{kind}"), 0.0..90.0);
        assert_eq!(gaps(&absent, rule), [format!("there is no {kind} report")], "{rule}");
        assert_eq!(gaps(&healthy(), rule), [""; 0], "{rule}");
    }
}
