//! Freezes and pauses of received video.
use super::*;

/// A freeze of so many seconds that has ended at the poll of this second.
fn frozen(call: Call, seconds: f64) -> Call {
    call.grow(VIDEO_IN, 30.0..31.0, "totalFreezesDuration", seconds)
}

/// What is done to a call.
type Edit = fn(Call) -> Call;

#[test]
fn a_freeze_names_the_first_stage_that_stood_still() {
    let stages: [(Edit, &str); 5] = [
        (
            |call| {
                call.grow("PC_0/transport", 29.0..31.0, "bytesReceived", 0.0).grow(
                    VIDEO_IN,
                    29.0..31.0,
                    "packetsReceived",
                    0.0,
                )
            },
            "nothing at all came over the connection",
        ),
        (
            |call| {
                call.grow(VIDEO_IN, 29.0..31.0, "packetsReceived", 0.0).grow(
                    VIDEO_IN,
                    29.0..31.0,
                    "framesReceived",
                    0.0,
                )
            },
            "no packet of it came, while others did",
        ),
        (
            |call| call.grow(VIDEO_IN, 29.0..31.0, "framesReceived", 0.0),
            "no frame could be put together",
        ),
        (
            |call| call.grow(VIDEO_IN, 29.0..31.0, "framesDecoded", 0.0),
            "its frames came, but none was decoded",
        ),
        (|call| call, "the sender paused"),
    ];
    for (edit, words) in stages {
        let call = edit(frozen(healthy(), 1.3));
        let found = call.findings().findings;
        let freezes: Vec<_> = found.iter().filter(|finding| finding.rule.id == "rcv.freeze").collect();
        assert_eq!(freezes.len(), 1, "{words}");
        assert!(freezes[0].text.contains(words), "{}", freezes[0].text);
        assert!(
            freezes[0]
                .text
                .starts_with("The video froze for 1.3 s, the only time in "),
            "{}",
            freezes[0].text
        );
        let end = poll_before(&call, "PC_0", 31.0);
        let seconds = |time: f64| ((time - call.begin) / 1000.0 * 1000.0).round() / 1000.0;
        assert_eq!(freezes[0].end.map(seconds), Some(end));
        assert_eq!(seconds(freezes[0].start), ((end - 1.3) * 1000.0).round() / 1000.0);
    }
    assert_eq!(frozen(healthy(), 0.99).fired("rcv.freeze"), []);
}

#[test]
fn freezes_and_pauses_count_together() {
    // Of 54 s that count; the first poll of the received video comes a second later than the others.
    let freezing = |rate: f64| healthy().grow(VIDEO_IN, 20.0..30.0, "totalFreezesDuration", rate);
    assert_eq!(freezing(0.26).fired("rcv.freeze"), []);
    let severities = |rate: f64| -> Vec<Severity> {
        freezing(rate)
            .fired("rcv.freeze")
            .iter()
            .map(|fired| fired.severity)
            .collect()
    };
    assert_eq!(severities(0.28), [WARNING]);
    assert_eq!(
        freezing(0.28).fired("rcv.freeze")[0].end,
        Some(poll_before(&healthy(), "PC_0", 30.0))
    );
    assert_eq!(
        severities(1.7).iter().filter(|severity| **severity == CRITICAL).count(),
        1
    );
    let paused = |seconds: f64| healthy().grow(VIDEO_IN, 30.0..31.0, "totalPausesDuration", seconds);
    let wanted = |severity| (severity, Some(poll_before(&healthy(), "PC_0", 31.0)));
    let fired = |seconds: f64| -> Vec<_> {
        let fired = paused(seconds).fired("rcv.pause");
        fired.iter().map(|fired| (fired.severity, fired.end)).collect()
    };
    assert_eq!(fired(9.9), []);
    assert_eq!(fired(10.2), [wanted(INFO)]);
    assert_eq!(fired(60.2), [wanted(INFO)]);
    // No frame came for some time, and the other side says that it sent some.
    let lost = |seconds: f64| paused(seconds).grow(VIDEO_IN, 20.0..30.0, "framesDecoded", 0.0);
    let severities = |call: Call| -> Vec<_> { call.fired("rcv.pause").iter().map(|own| own.severity).collect() };
    assert_eq!(severities(lost(60.2)), [WARNING]);
    assert_eq!(severities(lost(59.0)), [INFO]);
    let rests = lost(60.2).grow("PC_0/remote-outbound-rtp/video", 18.0..32.0, "packetsSent", 0.0);
    assert_eq!(severities(rests), [INFO]);
}

#[test]
fn freezes_are_estimated_where_nobody_counts_them() {
    let still = healthy()
        .remove(VIDEO_IN, "totalFreezesDuration")
        .grow(VIDEO_IN, 20.0..22.0, "framesDecoded", 0.0);
    let fired = still.fired("rcv.freeze");
    let wanted = Some((WARNING, (20.0, Some(22.0))));
    assert_eq!(fired, expected(&still, "PC_0", "rcv.freeze", wanted));
}
