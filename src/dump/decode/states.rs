//! Unwraps states that are quoted twice.
//!
//! Chrome's own exports have states as JSON text in a string: `"\"stable\""`. Only the known states lose their inner
//! quotes (RTCSignalingState, RTCIceConnectionState, RTCPeerConnectionState, RTCIceGatheringState).

const SIGNALING: &[&str] = &[
    r#""stable""#,
    r#""have-local-offer""#,
    r#""have-remote-offer""#,
    r#""have-local-pranswer""#,
    r#""have-remote-pranswer""#,
    r#""closed""#,
];
const ICE_CONNECTION: &[&str] = &[
    r#""new""#,
    r#""checking""#,
    r#""connected""#,
    r#""completed""#,
    r#""failed""#,
    r#""disconnected""#,
    r#""closed""#,
];
const CONNECTION: &[&str] = &[
    r#""new""#,
    r#""connecting""#,
    r#""connected""#,
    r#""disconnected""#,
    r#""failed""#,
    r#""closed""#,
];
const ICE_GATHERING: &[&str] = &[r#""new""#, r#""gathering""#, r#""complete""#];

/// The state in a value of this method, as a JSON string, if it is quoted twice.
pub fn unwrapped(method: u8, value: &[u8]) -> Option<&'static [u8]> {
    let states = match method {
        23 => SIGNALING,
        24 => ICE_CONNECTION,
        25 => CONNECTION,
        26 => ICE_GATHERING,
        _ => return None,
    };
    let inside = value.strip_prefix(br#""\""#)?.strip_suffix(br#"\"""#)?;
    let is_it = |state: &&&str| state.as_bytes()[1..state.len() - 1] == *inside;
    states.iter().find(is_it).map(|state| state.as_bytes())
}
