//! Whether the encoder, or a whole stream, stands still although there is something to send.
use crate::findings::columns::{Link, outbound, source};
use crate::findings::held::Seen;
use crate::findings::samples::Media;
use crate::findings::severity::Severity;
use crate::findings::stream::{is_camera, other_layers};
use crate::findings::view::Interval;

/// Louder is no silence, which codecs may leave out.
const SOUND: f64 = 0.01;

/// The source gives frames, and none is encoded.
pub fn no_frames(interval: &Interval<'_>, limits: &[f64]) -> Option<Seen> {
    let encoded = interval.delta(outbound::FRAMES_ENCODED)?;
    let given = interval.linked(Link::Source)?.delta(source::FRAMES)?;
    if encoded > 0.0 || given == 0.0 {
        return Some(Seen::not());
    }
    let others = |layer: Interval<'_>| layer.delta(outbound::FRAMES_ENCODED).is_some_and(|frames| frames > 0.0);
    let (severity, case) = if interval.now(outbound::TARGET_BITRATE) == Some(0.0) {
        (Severity::Warning, 1)
    } else if other_layers(interval).any(others) {
        (Severity::Warning, 2)
    } else {
        (Severity::Critical, 0)
    };
    Some(
        Seen::so(severity, limits.first()? * 1000.0)
            .case(case)
            .parts([given, 0.0]),
    )
}

/// There is a live track, and no packet of it is sent.
pub fn no_packets(interval: &Interval<'_>, limits: &[f64]) -> Option<Seen> {
    if interval.delta(outbound::PACKETS_SENT)? > 0.0 {
        return Some(Seen::not());
    }
    // A transceiver without a track has nothing to send.
    let Some(given) = interval.linked(Link::Source) else {
        return Some(Seen::not());
    };
    let (is_expected, severity) = match interval.media() {
        Media::Audio => (given.now(source::AUDIO_LEVEL)? > SOUND, Severity::Critical),
        _ if given.delta(source::FRAMES)? > 0.0 => (true, Severity::Critical),
        // A camera that stands still is told as the cause.
        _ => (is_camera(interval), Severity::Warning),
    };
    let sends = |layer: Interval<'_>| layer.delta(outbound::PACKETS_SENT).is_some_and(|packets| packets > 0.0);
    let is_alone = !other_layers(interval).any(sends);
    match is_expected && is_alone && interval.view.scene().is_connected() {
        true => Some(Seen::so(severity, limits.first()? * 1000.0)),
        false => Some(Seen::not()),
    }
}
