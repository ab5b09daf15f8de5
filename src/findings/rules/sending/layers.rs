//! Layers of simulcast: those that are lost, and those that the page has switched off.
use crate::dump::json::Text;
use crate::dump::statistics::Property;
use crate::findings::columns::{LIMITS, Link, outbound, source};
use crate::findings::draft::Draft;
use crate::findings::held::Seen;
use crate::findings::severity::Severity;
use crate::findings::stream::other_layers;
use crate::findings::text::measure;
use crate::findings::view::Interval;

/// Chromium has two layers for less than 540 rows, and one for less than 270.
const ROWS_MIN: f64 = 540.0;

const RID: Property = Property::of("rid");

/// It sends nothing, and another layer does.
pub fn lost(interval: &Interval<'_>, limits: &[f64]) -> Option<Seen> {
    if interval.delta(outbound::BYTES_SENT)? > 0.0 {
        return Some(Seen::not());
    }
    let sends = |layer: Interval<'_>| layer.delta(outbound::BYTES_SENT).is_some_and(|bytes| bytes > 0.0);
    if !other_layers(interval).any(sends) {
        return Some(Seen::not());
    }
    let has_sent = interval.now(outbound::BYTES_SENT)? > 0.0;
    // Browsers leave the upper layers of a small picture out.
    let rows = interval
        .linked(Link::Source)
        .and_then(|source| source.now(source::HEIGHT));
    if !has_sent && rows.is_some_and(|rows| rows < ROWS_MIN) {
        return Some(Seen::not());
    }
    Some(Seen::so(Severity::Warning, limits.first()? * 1000.0).case(usize::from(!has_sent)))
}

/// The page has switched it off.
pub fn off(interval: &Interval<'_>, _: &[f64]) -> Option<Seen> {
    match interval.now(outbound::ACTIVE)? == 0.0 {
        true => Some(Seen::so(Severity::Info, 0.0)),
        false => Some(Seen::not()),
    }
}

/// Names the layer, by its rid or its size, and what limits it.
pub fn named(draft: Draft, interval: &Interval<'_>) -> Draft {
    let rid = interval.text(RID).map(Text::to_str).filter(|rid| !rid.is_empty());
    let rows = interval
        .now(outbound::FRAME_HEIGHT)
        .map(|rows| format!("of {}", measure(rows, "rows")));
    let name = rid.map(|rid| rid.into_owned()).or(rows);
    let limit = interval.now(outbound::LIMIT).and_then(|at| LIMITS.get(at as usize));
    let draft = draft.name(name.unwrap_or_else(|| "without a name".to_owned()));
    draft.name(limit.copied().unwrap_or("unknown"))
}
