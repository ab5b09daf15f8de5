//! Which stage of a received stream stands still: its packets, its frames, or the decoder.
use crate::findings::columns::{Link, inbound, remote_outbound, transport};
use crate::findings::draft::Draft;
use crate::findings::held::{Held, Seen, Times};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::samples::Media;
use crate::findings::severity::Severity;
use crate::findings::view::Interval;

/// Packets come, and no frame is put together.
pub fn no_assembly(interval: &Interval<'_>, limits: &[f64]) -> Option<Seen> {
    let [least, hold] = *limits else { return None };
    let frames = interval.delta(inbound::FRAMES_RECEIVED)?;
    let rate = interval.rate(inbound::BYTES_RECEIVED)? * 8.0 / 1000.0;
    match frames == 0.0 && rate > least {
        true => Some(Seen::so(Severity::Critical, hold * 1000.0).numbers([rate.round(), f64::NAN, f64::NAN])),
        false => Some(Seen::not()),
    }
}

/// Frames come, and none is decoded.
pub fn no_decode(limits: &Limits<'_>) -> Box<dyn Watcher> {
    let held = Held::new(limits, Times::Connected, not_decoded);
    Box::new(held.close(|draft, [_, requests]| draft.case(usize::from(requests >= REQUESTS_MIN))))
}

/// So many requests for a key frame say that it is what is missing.
const REQUESTS_MIN: f64 = 2.0;

fn not_decoded(interval: &Interval<'_>, limits: &[f64]) -> Option<Seen> {
    let [hold, round_trips] = *limits else { return None };
    let received = interval.delta(inbound::FRAMES_RECEIVED)?;
    let decoded = interval.delta(inbound::FRAMES_DECODED)?;
    if decoded > 0.0 || received == 0.0 {
        return Some(Seen::not());
    }
    let round_trip = interval.view.scene().round_trip_time().unwrap_or_default();
    let requests = interval.delta(inbound::PLI_COUNT).unwrap_or_default();
    let hold_ms = hold.max(round_trips * round_trip) * 1000.0;
    Some(Seen::so(Severity::Critical, hold_ms).parts([received, requests]))
}

/// No packet comes any more, and others do.
pub fn stopped(interval: &Interval<'_>, limits: &[f64]) -> Option<Seen> {
    let [video, audio] = *limits else { return None };
    let is_still = interval.delta(inbound::PACKETS_RECEIVED)? == 0.0;
    if !is_still || interval.now(inbound::PACKETS_RECEIVED)? == 0.0 {
        return Some(Seen::not());
    }
    let is_muted = interval.track().is_some_and(|track| track.muted.is_some());
    if is_muted || !is_alive(interval) || is_replaced(interval) {
        return Some(Seen::not());
    }
    let hold = if interval.media() == Media::Audio { audio } else { video };
    let reports = f64::from(u8::from(is_sent(interval)));
    Some(Seen::so(Severity::Info, hold * 1000.0).parts([reports, 0.0]))
}

/// Whether the other side has told that it sent packets of the stream since its report before.
pub fn is_sent(interval: &Interval<'_>) -> bool {
    let remote = interval.linked(Link::Remote);
    let packets = remote.and_then(|remote| remote.delta(remote_outbound::PACKETS_SENT));
    packets.is_some_and(|packets| packets > 0.0)
}

/// The first report may be about what came before the stream stood still.
pub const REPORTS_MIN: f64 = 2.0;

/// It is a loss only if the other side goes on sending; else it has switched its camera off, as people do.
pub fn sent(draft: Draft, [reports, _]: [f64; 2]) -> Draft {
    match reports >= REPORTS_MIN {
        true => Draft {
            severity: Severity::Warning,
            ..draft
        }
        .case(1),
        false => draft,
    }
}

/// Whether the transport brings something.
fn is_alive(interval: &Interval<'_>) -> bool {
    let transport = interval.linked(Link::Transport);
    let bytes = transport.and_then(|transport| transport.delta(transport::BYTES_RECEIVED));
    let of_pair = || {
        let pair = interval.view.scene().pair?;
        interval
            .view
            .interval(pair)?
            .delta(crate::findings::columns::pair::BYTES_RECEIVED)
    };
    bytes.or_else(of_pair).is_some_and(|bytes| bytes > 0.0)
}

/// Whether another stream brings the same track: a sender that begins anew has another ssrc.
fn is_replaced(interval: &Interval<'_>) -> bool {
    let Some(own) = &interval.slot.track_id else {
        return false;
    };
    let brings = |other: Interval<'_>| {
        let is_other = other.slot.serial() != interval.slot.serial();
        let is_same_track = other.slot.track_id.as_ref() == Some(own);
        is_other
            && is_same_track
            && other
                .delta(inbound::PACKETS_RECEIVED)
                .is_none_or(|packets| packets > 0.0)
    };
    let same = interval.view.scene().samples.of_track(interval.slot);
    same.filter_map(|other| interval.view.interval(other)).any(brings)
}
