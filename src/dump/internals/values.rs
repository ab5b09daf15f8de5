//! Values of log entries, as the client library would have sent them.
//!
//! A value is JSON in the newest dumps and a text of its own form in older ones. Whatever is neither is kept as the
//! string that it is, so nothing fails and nothing is lost. An empty string is null.
use super::forms::{self, Object};
use super::kinds::Form;
use super::string;
use crate::dump::json::Json;

/// Labels of tracks by id, as JSON strings. Only getUserMedia knows them.
pub type Labels = std::collections::HashMap<Vec<u8>, Vec<u8>>;

/// The value of an entry as JSON.
pub fn convert(form: Form, text: &[u8], labels: &Labels) -> Vec<u8> {
    if text.is_empty() {
        return b"null".to_vec();
    }
    if let Form::State(state) = form {
        let state = std::str::from_utf8(text).ok().and_then(|text| state.of(text));
        if let Some(word) = state {
            return literal(word.as_bytes());
        }
    }
    let Some(json) = string::json(text) else {
        let read = match form {
            Form::Candidate | Form::CandidateFailed => forms::candidate(text),
            Form::CandidateError => forms::candidate_error(text),
            Form::Description => forms::description(text),
            Form::Configuration => forms::configuration(text),
            Form::Options => forms::options(text),
            Form::Channel => forms::channel(text).map(|json| local_channel(parsed(&json))),
            Form::RemoteChannel => forms::channel(text).map(|json| remote_channel(parsed(&json))),
            Form::Transceiver => forms::transceiver(text),
            Form::Nothing | Form::State(_) | Form::Track | Form::AddTransceiver | Form::Failure | Form::Other => None,
        };
        return read.unwrap_or_else(|| literal(text));
    };
    let value = parsed(&json);
    if form == Form::Track && value.raw().starts_with(b"[") {
        return labelled(value, labels);
    }
    if !value.raw().starts_with(b"{") {
        return json;
    }
    match form {
        Form::CandidateError => forms::candidate_error_json(value),
        Form::Configuration => forms::configuration(&json).unwrap_or(json),
        Form::Channel => local_channel(value),
        Form::RemoteChannel => remote_channel(value),
        Form::Track => track(value, labels),
        Form::AddTransceiver => transceiver(value, labels),
        _ => json,
    }
}

/// JSON that has been made or checked here.
fn parsed(json: &[u8]) -> Json<'_> {
    Json::parse(json).unwrap_or(Json::NULL)
}

fn literal(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    string::write(text, &mut out);
    out
}

fn array<'a>(elements: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = b"[".to_vec();
    for element in elements {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(element);
    }
    out.push(b']');
    out
}

fn member<'a>(object: Json<'a>, name: &str) -> &'a [u8] {
    object.get(name).map_or(b"null", Json::raw)
}

/// `{label, …}` → `[label, {…}]`, the arguments of createDataChannel.
fn local_channel(channel: Json) -> Vec<u8> {
    let mut init = Object::default();
    for (name, value) in channel.members().filter(|(name, _)| !name.is("label")) {
        init.json(&name.to_str(), value.raw());
    }
    array([member(channel, "label"), &init.end()])
}

/// `{label, id, …}` → `[id, label]`.
fn remote_channel(channel: Json) -> Vec<u8> {
    array([member(channel, "id"), member(channel, "label")])
}

/// `{kind, id, label?, streams}` → `[kind, id, label, stream…]`, as tracks are sent.
fn track(track: Json, labels: &Labels) -> Vec<u8> {
    let id = member(track, "id");
    let label = track
        .get("label")
        .filter(|label| label.as_text().is_some_and(|text| !text.is_empty()));
    let label = label.map_or_else(|| label_of(id, labels), Json::raw);
    let streams = track.get("streams").into_iter().flat_map(Json::elements).map(Json::raw);
    array([member(track, "kind"), id, label].into_iter().chain(streams))
}

/// `[kind, id, stream…]` → `[kind, id, label, stream…]`, if the label is known and not there.
fn labelled(track: Json, labels: &Labels) -> Vec<u8> {
    let parts: Vec<&[u8]> = track.elements().map(Json::raw).collect();
    let label = parts.get(1).and_then(|id| labels.get(*id));
    match label.filter(|label| parts.get(2) != Some(&label.as_slice())) {
        Some(label) => array(
            parts[..2]
                .iter()
                .copied()
                .chain([label.as_slice()])
                .chain(parts[2..].iter().copied()),
        ),
        None => array(parts),
    }
}

/// The label of a track with this id, which is JSON. The id itself, if it is not known.
fn label_of<'l>(id: &'l [u8], labels: &'l Labels) -> &'l [u8] {
    labels.get(id).map_or(id, Vec::as_slice)
}

/// `{kind, track, direction, streams, encodings}` → `[track or kind, {direction, streams, sendEncodings}]`.
fn transceiver(value: Json, labels: &Labels) -> Vec<u8> {
    let (kind, id) = (
        member(value, "kind"),
        value.get("track").filter(|id| id.as_text().is_some()),
    );
    let first = match id {
        Some(id) => array([kind, id.raw(), label_of(id.raw(), labels)]),
        None => kind.to_vec(),
    };
    let mut init = Object::default();
    for (name, value) in value.members() {
        match &*name.to_str() {
            "kind" | "track" => {}
            "encodings" if value.elements().next().is_none() => {}
            "encodings" => init.json("sendEncodings", value.raw()),
            name => init.json(name, value.raw()),
        }
    }
    array([&first[..], &init.end()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dump::internals::state::State;

    #[test]
    fn values_become_what_the_client_library_sends() {
        let labels = Labels::from([(b"\"t-1\"".to_vec(), b"\"Camera\"".to_vec())]);
        for (form, text, expected) in [
            (Form::Nothing, "", "null"),
            (Form::State(State::Signaling), "\"stable\"", "\"stable\""),
            (Form::State(State::Signaling), "SignalingStateStable", "\"stable\""),
            (Form::State(State::Signaling), "odd", "\"odd\""),
            (
                Form::Description,
                r#"{"type":"offer","sdp":"v=0"}"#,
                r#"{"type":"offer","sdp":"v=0"}"#,
            ),
            (
                Form::Description,
                "type: offer, sdp: v=0",
                r#"{"type":"offer","sdp":"v=0"}"#,
            ),
            (Form::Description, "type: off", "\"type: off\""),
            (Form::Candidate, "{\"candidate\":", "\"{\\\"candidate\\\":\""),
            (Form::Options, r#"{"iceRestart":true}"#, r#"{"iceRestart":true}"#),
            (Form::Options, "options: {iceRestart: true}", r#"{"iceRestart":true}"#),
            (
                Form::Channel,
                r#"{"label":"x","ordered":true}"#,
                r#"["x",{"ordered":true}]"#,
            ),
            (Form::Channel, "label: x, reliable: true", r#"["x",{"reliable":true}]"#),
            (Form::RemoteChannel, r#"{"label":"x","id":1}"#, r#"[1,"x"]"#),
            (Form::RemoteChannel, "label: x, reliable: true", r#"[null,"x"]"#),
            (
                Form::Track,
                r#"{"kind":"audio","id":"t-1","streams":["s"]}"#,
                r#"["audio","t-1","Camera","s"]"#,
            ),
            (
                Form::Track,
                r#"{"kind":"audio","id":"t-2","label":"remote audio","streams":[]}"#,
                r#"["audio","t-2","remote audio"]"#,
            ),
            (
                Form::Track,
                r#"{"kind":"audio","id":"t-2"}"#,
                r#"["audio","t-2","t-2"]"#,
            ),
            (
                Form::AddTransceiver,
                r#"{"kind":"video","track":"t-1","direction":"sendonly","streams":["s"],"encodings":[{"rid":"h"}]}"#,
                r#"[["video","t-1","Camera"],{"direction":"sendonly","streams":["s"],"sendEncodings":[{"rid":"h"}]}]"#,
            ),
            (
                Form::AddTransceiver,
                r#"{"kind":"video","track":null,"encodings":[]}"#,
                r#"["video",{}]"#,
            ),
            (Form::CandidateError, r#"{"error_code":701}"#, r#"{"errorCode":701}"#),
            (Form::Failure, "\"OperationError: x\"", "\"OperationError: x\""),
            (Form::Failure, "OperationError: x", "\"OperationError: x\""),
            (Form::Other, "{\"broken\":", "\"{\\\"broken\\\":\""),
        ] {
            let value = convert(form, text.as_bytes(), &labels);
            assert_eq!(String::from_utf8_lossy(&value), expected, "{form:?} {text}");
            assert!(Json::parse(&value).is_ok(), "{text}");
        }
    }
}
