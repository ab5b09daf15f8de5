//! What rules about media ask of the surroundings of a stream: its layers, and whether it comes from a camera.
use super::columns::{Kind, Link, outbound};
use super::track::Origin;
use super::view::Interval;
use crate::dump::statistics::Property;

/// `screenshare` of a stream that is received, or whose track is not known (an extension of Chromium's).
pub const CONTENT_TYPE: Property = Property::of("contentType");

/// Whether it is a shared screen, or a text by the page's own word: then few frames are no fault.
pub fn is_screen(interval: &Interval<'_>) -> bool {
    // Of a track of the other side nothing else is known.
    if interval.slot.kind == Kind::Inbound {
        return interval.text(CONTENT_TYPE).is_some_and(|kind| kind.is("screenshare"));
    }
    match interval.track() {
        Some(track) => track.is_display() || matches!(&*track.content_hint, "detail" | "text"),
        None if interval.slot.kind == Kind::Source => false,
        None => interval.text(CONTENT_TYPE).is_some_and(|kind| kind.is("screenshare")),
    }
}

/// Whether it comes from a camera as far as is known, and not from what the page draws or shows.
pub fn is_camera(interval: &Interval<'_>) -> bool {
    let origin = interval.track().map(|track| track.origin);
    matches!(origin, None | Some(Origin::Device)) && !is_screen(interval)
}

/// All streams that are sent of the same source: the layers of simulcast, this one too.
pub fn layers<'a>(interval: &Interval<'a>) -> impl Iterator<Item = Interval<'a>> + use<'a> {
    let samples = &interval.view.scene().samples;
    let (source, view) = (samples.linked(interval.slot, Link::Source), interval.view);
    let all = source.into_iter().flat_map(|source| samples.layers(source));
    all.filter_map(move |other| view.interval(other))
        .filter(move |other| samples.linked(other.slot, Link::Source) == source)
}

/// The other ones.
pub fn other_layers<'a>(interval: &Interval<'a>) -> impl Iterator<Item = Interval<'a>> + use<'a> {
    let own = interval.slot.serial();
    layers(interval).filter(move |other| other.slot.serial() != own)
}

/// Whether it is the first of its active layers: what all of them have alike is told of that one.
pub fn is_first_layer(interval: &Interval<'_>) -> bool {
    let is_active = |layer: &Interval<'_>| layer.now(outbound::ACTIVE) != Some(0.0);
    let first = layers(interval).find(is_active);
    first.is_none_or(|first| first.slot.serial() == interval.slot.serial())
}

/// Whether no other active layer has a larger picture.
pub fn is_top_layer(interval: &Interval<'_>) -> bool {
    let height = |layer: &Interval<'_>| layer.now(outbound::FRAME_HEIGHT).unwrap_or_default();
    let (own, serial) = (height(interval), interval.slot.serial());
    other_layers(interval).all(|other| {
        let is_smaller = height(&other) < own || (height(&other) == own && other.slot.serial() > serial);
        is_smaller || other.now(outbound::ACTIVE) == Some(0.0)
    })
}

/// A small number with the two digits that count.
pub fn tiny(value: f64) -> String {
    if value <= 0.0 || value >= 0.1 {
        return super::text::measure(value, "");
    }
    let digits = (1.0 - value.log10().floor()).clamp(1.0, 12.0) as usize;
    let text = format!("{value:.digits$}");
    text.trim_end_matches('0').to_owned()
}
