//! What a page asked of a camera (W3C mediacapture-main, MediaTrackConstraints): the picture and its rate.
use crate::dump::json::Json;

/// What the camera was asked for. What has no `exact`, `min` or `ideal` was not asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asked {
    pub width: Option<f64>,
    pub height: Option<f64>,
    pub frame_rate: Option<f64>,
}

impl Asked {
    /// Of the constraints of a call that succeeds.
    pub fn of(constraints: Json<'_>) -> Asked {
        let asked = |name| constraints.get(name).and_then(asked);
        Asked {
            width: asked("width"),
            height: asked("height"),
            frame_rate: asked("frameRate"),
        }
    }

    /// Of `applyConstraints`. Whether that succeeds is not told, so what it demands says nothing: either the camera
    /// does it, or nothing changes.
    pub fn of_change(constraints: Json<'_>) -> Asked {
        let demands = |name| constraints.get(name).is_some_and(|one| demanded(one).is_some());
        match ["width", "height", "frameRate"].into_iter().any(demands) {
            true => Asked::default(),
            false => Asked::of(constraints),
        }
    }
}

fn asked(constraint: Json<'_>) -> Option<f64> {
    let ideal = || constraint.get("ideal").and_then(Json::as_f64);
    let asked = demanded(constraint).or_else(ideal).or_else(|| constraint.as_f64());
    asked.filter(|asked| asked.is_finite() && *asked > 0.0)
}

fn demanded(constraint: Json<'_>) -> Option<f64> {
    let exact = constraint.get("exact").and_then(Json::as_f64);
    exact.or_else(|| constraint.get("min").and_then(Json::as_f64))
}
