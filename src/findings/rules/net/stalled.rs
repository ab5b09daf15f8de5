//! `net.stalled`: nothing is received any more, while this side goes on sending.
//!
//! The other side may rest, so that only its reports come, every few seconds (RFC 3550, section 6.2). So it counts only
//! if what came last was media, and sound alone has to be missing for longer than two reports are apart. Of a
//! connection without media, the heartbeats of SCTP come every 30 s at least (RFC 9260, section 8.3).
use crate::findings::columns::{Kind, inbound, pair};
use crate::findings::draft::Draft;
use crate::findings::held::{Held, Seen, Times};
use crate::findings::rule::{Rule, Source, Threshold, Watch};
use crate::findings::samples::{Media, Slot};
use crate::findings::severity::Severity;
use crate::findings::view::Interval;

pub const RULE: Rule = Rule {
    id: "net.stalled",
    severity: Severity::Critical,
    fires: "nothing at all is received any more, while this side goes on sending",
    hint: "The network is gone in one direction, or the far side is: look at the state of ICE in the same seconds, and \
           at the far side's dump.",
    texts: &["Nothing was received any more for {length}, while this side went on sending."],
    thresholds: &[
        Threshold::new("hold", 5.0, "s", Source::Published("ObserveRTC client-monitor-js")),
        Threshold::new("sound", 8.0, "s", Source::Published("RFC 3550 6.2: reports every 5 s")),
        Threshold::new(
            "data",
            35.0,
            "s",
            Source::Published("RFC 9260 8.3: heartbeats every 30 s"),
        ),
    ],
    needs: &[pair::BYTES_RECEIVED, pair::BYTES_SENT],
    source: Source::Published("W3C webrtc-stats, RTCIceCandidatePairStats.bytesReceived"),
    watch: Watch::Report(Kind::Pair, None, |limits| {
        Box::new(Held::new(limits, Times::Connected, stalled).begin(shown))
    }),
    ..Rule::PLAIN
};

/// What was received of this connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// It has no media, or has not had any yet.
    Data,
    /// It has, but what came last was none.
    Rests,
    Sound,
    Pictures,
}

fn stalled(interval: &Interval<'_>, limits: &[f64]) -> Option<Seen> {
    let [hold, sound, data] = *limits else { return None };
    let slots = interval.view.scene().samples.slots();
    let is_used = interval
        .view
        .scene()
        .pair
        .is_some_and(|pair| std::ptr::eq(&slots[pair], interval.slot));
    if !is_used {
        return Some(Seen::not());
    }
    let is_silent = interval.delta(pair::BYTES_RECEIVED)? == 0.0;
    if !is_silent || interval.delta(pair::BYTES_SENT)? == 0.0 || interval.now(pair::BYTES_RECEIVED)? == 0.0 {
        return Some(Seen::not());
    }
    let hold = match flow(interval) {
        Flow::Rests => return Some(Seen::not()),
        Flow::Data => data,
        Flow::Sound => sound,
        Flow::Pictures => hold,
    };
    Some(Seen::so(Severity::Critical, hold * 1000.0))
}

/// What came with the last bytes.
fn flow(interval: &Interval<'_>) -> Flow {
    let slots = interval.view.scene().samples.slots().iter();
    let streams = slots.filter(|slot| slot.kind == Kind::Inbound && slot.is_there());
    let mut flow = Flow::Data;
    for stream in streams.filter(|stream| stream.now(inbound::PACKETS_RECEIVED.at) > 0.0) {
        // A pair that has not moved since it is used says nothing of when the last bytes came.
        let is_last = stream.moved >= interval.slot.moved || interval.slot.moved.is_nan();
        flow = match (is_last, stream.media) {
            (true, Media::Video) => return Flow::Pictures,
            (true, _) => Flow::Sound,
            (false, _) if flow == Flow::Data => Flow::Rests,
            (false, _) => flow,
        };
    }
    flow
}

fn shown(draft: Draft, interval: &Interval<'_>) -> Draft {
    let slot: &Slot = interval.slot;
    let bytes = interval.now(pair::BYTES_RECEIVED).unwrap_or_default();
    draft.shown(slot, pair::BYTES_RECEIVED, interval.end, bytes)
}
