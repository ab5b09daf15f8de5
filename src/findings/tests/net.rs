//! Rules about the network, on a healthy call of which numbers are other than they were for a while.
use super::cases::*;
use super::rig::Call;

const SOUND_OUT: &str = "PC_0/remote-inbound-rtp/audio";
const VIDEO_OUT: &str = "PC_0/remote-inbound-rtp/video";

#[test]
fn rules_about_delay_and_loss_fire_and_are_silent() {
    check(&healthy(), QUALITY);
}

pub const QUALITY: &[Case] = &[
    ("net.rtt", |call| round_trip(call, 0.3), None),
    (
        "net.rtt",
        |call| round_trip(call, 0.301),
        Some((WARNING, (21.0, Some(32.0)))),
    ),
    (
        "net.rtt",
        |call| round_trip(call, 0.501),
        Some((CRITICAL, (21.0, Some(32.0)))),
    ),
    (
        "net.rtt",
        |call| call.set(PAIR, 20.0..29.0, "currentRoundTripTime", 0.301),
        None,
    ),
    ("net.loss-in", |call| lost(call, 2.6), None),
    (
        "net.loss-in",
        |call| lost(call, 3.0),
        Some((WARNING, (20.0, Some(40.0)))),
    ),
    (
        "net.loss-in",
        |call| lost(call, 10.0),
        Some((CRITICAL, (20.0, Some(40.0)))),
    ),
    ("net.loss-out", |call| reported(call, 0.05), None),
    (
        "net.loss-out",
        |call| reported(call, 0.051),
        Some((WARNING, (21.0, Some(32.0)))),
    ),
    (
        "net.loss-out",
        |call| reported(call, 0.151),
        Some((CRITICAL, (21.0, Some(32.0)))),
    ),
    ("net.loss-audio", |call| unheard(call, 4.9), None),
    (
        "net.loss-audio",
        |call| unheard(call, 5.7),
        Some((WARNING, (20.0, Some(40.0)))),
    ),
    ("net.loss-audio", |call| unheard(plain(call), 1.2), None),
    (
        "net.loss-audio",
        |call| unheard(plain(call), 1.5),
        Some((WARNING, (20.0, Some(40.0)))),
    ),
    (
        "net.jitter",
        |call| call.set(SOUND_IN, 20.0..32.0, "jitter", 0.03),
        None,
    ),
    (
        "net.jitter",
        |call| call.set(SOUND_IN, 20.0..32.0, "jitter", 0.031),
        Some((WARNING, (21.0, Some(32.0)))),
    ),
    (
        "net.jitter",
        |call| call.set(SOUND_IN, 20.0..32.0, "jitter", 0.201),
        Some((CRITICAL, (21.0, Some(32.0)))),
    ),
    (
        "net.asymmetric",
        |call| call.set(REMOTE, 20.0..32.0, "fractionLost", 0.05),
        None,
    ),
    (
        "net.asymmetric",
        |call| call.set(REMOTE, 20.0..32.0, "fractionLost", 0.051),
        Some((INFO, (20.0, Some(32.0)))),
    ),
    ("net.asymmetric", |call| round_trip(call, 0.3), None),
    (
        "net.asymmetric",
        |call| round_trip(call, 0.301),
        Some((INFO, (20.0, Some(32.0)))),
    ),
    (
        "net.asymmetric",
        |call| round_trip(call, 0.301).set(SOUND_IN, 0.0..90.0, "jitter", 0.031),
        None,
    ),
    (
        "net.lost-negative",
        |call| call.set(SOUND_IN, 20.0..90.0, "packetsLost", -1_000_000),
        None,
    ),
    (
        "net.lost-negative",
        |call| call.set(SOUND_IN, 20.0..40.0, "packetsLost", -1_000_001),
        Some((INFO, (21.0, Some(40.0)))),
    ),
    (
        "net.lost-negative",
        |call| call.set(SOUND_OUT, 20.0..90.0, "packetsLost", -1_000_001),
        Some((INFO, (21.0, Some(90.0)))),
    ),
];

#[test]
fn rules_about_bandwidth_fire_and_are_silent() {
    check(&healthy(), BANDWIDTH);
}

pub const BANDWIDTH: &[Case] = &[
    ("net.low-bandwidth", |call| estimate(call, 300_000), None),
    (
        "net.low-bandwidth",
        |call| estimate(call, 299_999),
        Some((WARNING, (21.0, Some(32.0)))),
    ),
    (
        "net.low-bandwidth",
        |call| estimate(call, 99_999),
        Some((CRITICAL, (21.0, Some(32.0)))),
    ),
    ("net.bwe-drop", |call| fallen(call, 500_000), None),
    (
        "net.bwe-drop",
        |call| fallen(call, 499_999),
        Some((WARNING, (21.0, Some(32.0)))),
    ),
    ("net.congested", |call| full(call, 0.149), None),
    (
        "net.congested",
        |call| full(call, 0.151),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    (
        "net.congested",
        |call| full(call, 0.151).remove(VIDEO, "qualityLimitationReason"),
        None,
    ),
    (
        "net.congested",
        |call| full(call, 0.1).set(REMOTE, 20.0..32.0, "fractionLost", 0.05),
        None,
    ),
    (
        "net.congested",
        |call| full(call, 0.1).set(REMOTE, 20.0..32.0, "fractionLost", 0.051),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    (
        "net.congested",
        |call| {
            let call = full(call, 0.151).set(REMOTE, 20.0..32.0, "fractionLost", 0.051);
            call.remove(VIDEO, "qualityLimitationReason")
        },
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    (
        "net.congested",
        |call| full(call, 0.151).set(VIDEO, 0.0..90.0, "qualityLimitationReason", "cpu"),
        None,
    ),
    (
        "net.send-discarded",
        |call| call.grow(PAIR, 20.0..32.0, "packetsDiscardedOnSend", 0.0),
        None,
    ),
    (
        "net.send-discarded",
        |call| call.grow(PAIR, 20.0..22.0, "packetsDiscardedOnSend", 1.0),
        None,
    ),
    (
        "net.send-discarded",
        |call| call.grow(PAIR, 20.0..32.0, "packetsDiscardedOnSend", 1.0),
        Some((WARNING, (20.0, Some(32.0)))),
    ),
    ("net.pacer-delay", |call| waiting(call, 4.9), None),
    (
        "net.pacer-delay",
        |call| waiting(call, 5.1),
        Some((INFO, (20.0, Some(32.0)))),
    ),
    (
        "net.no-feedback",
        |call| call.grow(VIDEO_OUT, 20.0..33.0, "timestamp", 0.0),
        None,
    ),
    (
        "net.no-feedback",
        |call| call.grow(VIDEO_OUT, 20.0..40.0, "timestamp", 0.0),
        Some((INFO, (20.0, Some(40.0)))),
    ),
    (
        "net.stalled",
        |call| call.grow(PAIR, 20.0..24.0, "bytesReceived", 0.0),
        None,
    ),
    (
        "net.stalled",
        |call| call.grow(PAIR, 20.0..26.0, "bytesReceived", 0.0),
        Some((CRITICAL, (20.0, Some(26.0)))),
    ),
    (
        "ice.consent-lost",
        |call| call.grow(PAIR, 20.0..33.0, "responsesReceived", 0.0),
        None,
    ),
    (
        "ice.consent-lost",
        |call| call.grow(PAIR, 20.0..40.0, "responsesReceived", 0.0),
        Some((CRITICAL, (20.0, Some(40.0)))),
    ),
];

fn round_trip(call: Call, seconds: f64) -> Call {
    call.set(PAIR, 20.0..32.0, "currentRoundTripTime", seconds)
}

/// So many packets of the received sound are lost in a second, of 50.
fn lost(call: Call, rate: f64) -> Call {
    let call = call.grow(SOUND_IN, 3.0..90.0, "packetsReceived", 50.0);
    call.grow(SOUND_IN, 20.0..40.0, "packetsLost", rate)
}

/// The other side tells this loss of the sent sound.
fn reported(call: Call, part: f64) -> Call {
    call.set(SOUND_OUT, 20.0..32.0, "fractionLost", part)
}

/// So many packets of the sent sound are lost in a second, for 20 of the 55 s that count.
fn unheard(call: Call, rate: f64) -> Call {
    let call = call.grow(SOUND, 3.0..90.0, "packetsSent", 25.0);
    call.grow(SOUND_OUT, 20.0..40.0, "packetsLost", rate / 2.0)
}

fn plain(call: Call) -> Call {
    call.set("PC_0/codec", 0.0..90.0, "mimeType", "audio/PCMU")
}

fn estimate(call: Call, bits: u32) -> Call {
    call.set(PAIR, 20.0..32.0, "availableOutgoingBitrate", bits)
}

fn fallen(call: Call, bits: u32) -> Call {
    estimate(call.set(PAIR, 0.0..90.0, "availableOutgoingBitrate", 1_000_000), bits)
}

/// The bandwidth limits the video while the round trip takes so many seconds instead of 0.1.
fn full(call: Call, seconds: f64) -> Call {
    let call = call.set(PAIR, 0.0..90.0, "currentRoundTripTime", 0.1);
    let call = call.set(VIDEO, 20.0..32.0, "qualityLimitationReason", "bandwidth");
    round_trip(call, seconds)
}

/// Packets of the sent sound wait together so many seconds in a second, which has 50.
fn waiting(call: Call, seconds: f64) -> Call {
    let call = call.grow(SOUND, 3.0..90.0, "packetsSent", 50.0);
    call.grow(SOUND, 20.0..32.0, "totalPacketSendDelay", seconds)
}

#[test]
fn loss_of_a_stream_with_an_absurd_count_is_not_judged() {
    let absurd = |call: Call, which: &str| call.set(which, 20.0..40.0, "packetsLost", -2_000_000);
    let call = absurd(lost(healthy(), 10.0), SOUND_IN);
    assert_eq!(call.fired("net.loss-in"), []);
    let call = absurd(reported(healthy(), 0.2), SOUND_OUT);
    assert_eq!(call.fired("net.loss-out"), []);
    let call = unheard(healthy(), 6.0).edit(SOUND_OUT, 20.0..40.0, |report| {
        let lost = report["packetsLost"].as_f64().expect("a count") - 2e6;
        report.insert("packetsLost".into(), lost.into());
    });
    assert_eq!(call.fired("net.loss-audio"), []);
    let text = &call.findings().findings;
    let own = text.iter().find(|finding| finding.rule.id == "net.lost-negative");
    assert!(
        own.is_some_and(|own| own.text.contains(" of the sent audio is -1999") && own.value >= Some(1.9e6)),
        "{own:?}"
    );
}

#[test]
fn the_sentences_tell_what_was_seen() {
    for (rule, call, words) in [
        (
            "net.congested",
            full(healthy(), 0.151),
            "The link for sending was full for 12 s: the round trip time rose from 100 to 151 ms.",
        ),
        (
            "net.asymmetric",
            healthy().set(REMOTE, 20.0..32.0, "fractionLost", 0.0625),
            "Loss was on one side for 12 s: 0 % of what was received, and 6.3 % of what was sent.",
        ),
        (
            "net.loss-audio",
            unheard(healthy(), 50.0 / 4.0),
            "Of all packets of the sent audio 9.09 % were lost, more than Opus can hide.",
        ),
    ] {
        let found = call.findings().findings;
        let own = found.iter().find(|finding| finding.rule.id == rule);
        assert_eq!(own.map(|own| &*own.text), Some(words));
    }
}

#[test]
fn a_value_that_is_beyond_at_every_second_poll_only_is_not_found() {
    let mut number = 0;
    let call = healthy().edit(PAIR, 20.0..40.0, |report| {
        number += 1;
        let value = if number % 2 == 0 { 0.9 } else { 0.1 };
        report.insert("currentRoundTripTime".into(), value.into());
    });
    assert_eq!(call.fired("net.rtt"), []);
}

#[test]
fn what_a_browser_does_not_tell_is_not_evaluable() {
    check_absent(ABSENT);
}

pub const ABSENT: &[Absent] = &[
    ("net.rtt", &[(PAIR, "currentRoundTripTime"), (REMOTE, "roundTripTime")]),
    ("net.loss-in", &[(SOUND_IN, "packetsLost"), (VIDEO_IN, "packetsLost")]),
    ("net.loss-out", &[(REMOTE, "fractionLost")]),
    ("net.loss-audio", &[(REMOTE, "packetsLost")]),
    ("net.jitter", &[(SOUND_IN, "jitter")]),
    (
        "net.congested",
        &[
            (PAIR, "currentRoundTripTime"),
            (REMOTE, "roundTripTime"),
            (REMOTE, "fractionLost"),
        ],
    ),
    ("net.asymmetric", &[(REMOTE, "fractionLost")]),
    (
        "net.lost-negative",
        &[
            (SOUND_IN, "packetsLost"),
            (VIDEO_IN, "packetsLost"),
            (REMOTE, "packetsLost"),
        ],
    ),
    ("net.bwe-drop", &[(PAIR, "availableOutgoingBitrate")]),
    ("net.low-bandwidth", &[(PAIR, "availableOutgoingBitrate")]),
    ("net.send-discarded", &[(PAIR, "packetsDiscardedOnSend")]),
    ("net.pacer-delay", &[("PC_0/outbound-rtp", "totalPacketSendDelay")]),
    ("net.no-feedback", &[("PC_0/outbound-rtp", "packetsSent")]),
    ("net.stalled", &[(PAIR, "bytesReceived")]),
    ("ice.consent-lost", &[(PAIR, "responsesReceived")]),
];

#[test]
fn what_the_codec_hides_is_not_known_without_its_name() {
    let found = healthy().remove("PC_0/codec", "mimeType").findings();
    let gap = found.not_evaluable.iter().find(|gap| gap.rule == "net.loss-audio");
    assert_eq!(
        gap.map(|gap| &*gap.reason),
        Some("the codec of the sent audio is not told")
    );
}

#[test]
fn polls_that_come_too_seldom_are_told() {
    let mut number = 0;
    let call = Call::recorded("long-5min-4pc").retain(|_, entry| {
        let is_own = entry.is_poll() && entry.connection == "PC_0";
        number += usize::from(is_own);
        entry.connection.is_null() || (entry.connection == "PC_0" && (!is_own || number % 12 == 1))
    });
    let found = call.findings();
    let gap = found.not_evaluable.iter().find(|gap| gap.rule == "net.rtt");
    assert!(
        gap.is_some_and(|gap| gap.reason.starts_with("statistics were taken only every 12 s")),
        "{gap:?}"
    );
}
