//! Whether the camera gives a smaller picture than was asked for (RTCVideoSourceStats: `width`, `height`).
use crate::findings::columns::source;
use crate::findings::draft::Draft;
use crate::findings::held::Seen;
use crate::findings::severity::Severity;
use crate::findings::view::Interval;

/// A turned picture is none that is too small: the sides are compared by length.
pub fn test(interval: &Interval<'_>, _: &[f64]) -> Option<Seen> {
    let (width, height) = (interval.now(source::WIDTH)?, interval.now(source::HEIGHT)?);
    let asked = &interval.track()?.asked;
    let (long, short) = (width.max(height), width.min(height));
    let is_short = match (asked.width, asked.height) {
        (Some(width), Some(height)) => long < width.max(height) || short < width.min(height),
        (width, height) => width.or(height).is_some_and(|side| long < side),
    };
    match is_short {
        true => Some(Seen::so(Severity::Info, 0.0).case(0)),
        false => Some(Seen::not()),
    }
}

/// Names what there was, and what was asked for.
pub fn asked(draft: Draft, interval: &Interval<'_>) -> Draft {
    let size = |side: Option<f64>| side.unwrap_or_default().to_string();
    let draft = draft.name(size(interval.now(source::WIDTH)));
    let draft = draft.name(size(interval.now(source::HEIGHT)));
    let asked = interval.track().map(|track| (track.asked.width, track.asked.height));
    let words = match asked {
        Some((Some(width), Some(height))) => format!("{width} × {height}"),
        Some((Some(width), None)) => format!("a width of {width}"),
        Some((None, Some(height))) => format!("a height of {height}"),
        _ => String::new(),
    };
    draft.name(words)
}
