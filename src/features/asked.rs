//! Everything that features ask of reports, so that a decoder need keep nothing else.
//!
//! Each part says what it asks for, beside the properties themselves. That none is missing is tested by every test of
//! features: a report that is asked for another property fails in a debug build.
use super::{first_pair, last, path, place, stream, tracks};
use crate::dump::statistics::Selection;

pub static ASKED: Selection = Selection::of(&[
    first_pair::ASKED,
    &last::BOTH,
    &last::INBOUND,
    &last::OUTBOUND,
    &last::REMOTE,
    path::ASKED,
    place::ASKED,
    stream::ASKED,
    tracks::ASKED,
]);
