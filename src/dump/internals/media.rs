//! Requests for cameras, microphones and screens, and what became of them.
//!
//! A request and its answer are entries of their own, and either may be missing. Constraints and tracks are texts of
//! several forms. Nothing fails; an entry that is no object is none.
use super::cursor::{Cursor, Place, Stop};
use super::forms::{Object, cut};
use super::made::{Made, Named};
use super::record::number;
use super::values::Labels;
use super::{loose, origin, string};
use crate::dump::json::Json;
use crate::limits::INTERNALS_MEDIA_MAX;

/// Where an entry is.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Milliseconds since 1970. The oldest have none.
    pub time: Option<f64>,
    pub place: Place,
    pub origin: Option<String>,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Request,
    Success,
    Failure,
}

/// Reads the list of entries at which the cursor is. What is beyond `INTERNALS_MEDIA_MAX` is counted.
///
/// # Errors
/// See `Stop`.
pub fn read(cursor: &mut Cursor, entries: &mut Vec<Entry>, left_out: &mut u64) -> Result<(), Stop> {
    cursor.elements(|cursor| {
        let place = cursor.value()?;
        if entries.len() == INTERNALS_MEDIA_MAX || place.end - place.start > 4 * INTERNALS_MEDIA_MAX as u64 {
            *left_out += 1;
            return Ok(());
        }
        let raw = cursor.raw(&place)?;
        let Ok(entry) = Json::parse(&raw) else { return Ok(()) };
        let text = |name: &str| entry.get(name)?.as_text().map(|text| text.to_str().into_owned());
        if entry.raw().starts_with(b"{") {
            entries.push(Entry {
                time: entry.get("timestamp").and_then(|time| number(time.raw())),
                place,
                origin: text("origin").or_else(|| origin::of_url(&text("url")?)),
            });
        }
        Ok(())
    })
}

pub fn stage(entry: Json) -> Stage {
    let has = |name: &str| entry.get(name).is_some();
    match () {
        () if has("error") => Stage::Failure,
        () if has("audio_track_info") || has("video_track_info") || has("stream_id") => Stage::Success,
        () => Stage::Request,
    }
}

/// Makes an event of an entry.
pub fn make(entry: Json, time: f64, made: &mut Made) {
    let stage = stage(entry);
    let kind = entry
        .get("request_type")
        .and_then(Json::as_text)
        .map(|text| text.to_str());
    let kind = kind.as_deref().unwrap_or("getUserMedia");
    let suffix = match stage {
        Stage::Request => "",
        Stage::Success => "OnSuccess",
        Stage::Failure => "OnFailure",
    };
    made.begin(
        time,
        Named::of(format!("navigator.mediaDevices.{kind}{suffix}").as_bytes()),
    );
    let value = match stage {
        Stage::Request => request(entry),
        Stage::Success => success(entry),
        Stage::Failure => failure(entry),
    };
    made.set(&value);
    if let (Some(rid), Some(id)) = (entry.get("rid"), entry.get("request_id")) {
        let pair = [b"internals-", rid.raw(), b"-", id.raw()].concat();
        made.add_text(&pair);
    }
}

fn characters(json: Json) -> Option<Vec<u8>> {
    json.as_text().map(|text| string::decode(text.raw()))
}

fn request(entry: Json) -> Vec<u8> {
    let mut object = Object::default();
    for name in ["audio", "video"] {
        if let Some(value) = entry.get(name) {
            object.json(name, &constraint(value));
        }
    }
    object.end()
}

/// What was asked for: true, an object of constraints, or a text that is neither.
pub fn constraint(value: Json) -> Vec<u8> {
    let Some(text) = characters(value) else {
        return string::json(value.raw()).unwrap_or_default();
    };
    if text.is_empty() {
        return b"true".to_vec();
    }
    let read = string::json(&text).or_else(|| loose::json(&text));
    read.unwrap_or_else(|| value.raw().to_vec())
}

/// The tracks that the page got, as they are sent.
fn success(entry: Json) -> Vec<u8> {
    let mut out = b"[".to_vec();
    tracks(entry, |kind, id, label| {
        out.extend_from_slice(if out.len() > 1 { b"," } else { b"" });
        out.extend_from_slice(b"[\"");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\",");
        string::write(id, &mut out);
        out.push(b',');
        string::write(label, &mut out);
        if let Some(stream) = entry.get("stream_id").filter(|stream| stream.as_text().is_some()) {
            out.push(b',');
            out.extend_from_slice(stream.raw());
        }
        out.push(b']');
    });
    out.push(b']');
    out
}

/// Calls with kind, id and label of each track of a success.
fn tracks(entry: Json, mut each: impl FnMut(&str, &[u8], &[u8])) {
    for (kind, name) in [("audio", "audio_track_info"), ("video", "video_track_info")] {
        let Some(text) = entry.get(name).and_then(characters) else {
            continue;
        };
        if let Some(json) = string::json(&text) {
            let json = Json::checked(&json);
            let member = |name: &str| json.get(name).and_then(characters);
            if let Some(id) = member("id") {
                each(kind, &id, &member("label").unwrap_or_default());
            }
        } else if let Some(info) = text.trim_ascii_start().strip_prefix(b"id:") {
            let (id, label) = cut(info, b" label:").unwrap_or((info, b""));
            each(kind, id.trim_ascii(), label.trim_ascii());
        }
    }
}

/// The error and its message, as the client library puts them together.
fn failure(entry: Json) -> Vec<u8> {
    let member = |name: &str| entry.get(name).and_then(characters).unwrap_or_default();
    let (error, message) = (member("error"), member("error_message"));
    let text = if message.is_empty() {
        error
    } else {
        [&error[..], b": ", &message].concat()
    };
    let mut out = Vec::with_capacity(text.len() + 2);
    string::write(&text, &mut out);
    out
}

/// What Chrome's own export has for a request or an answer, as the client library sends it.
pub fn adapted(value: Json) -> Vec<u8> {
    if value.get("error").is_some() {
        return failure(value);
    }
    let mut object = Object::default();
    for (name, value) in value.members() {
        let name = name.to_str();
        match &*name {
            "audio" | "video" => object.json(&name, &constraint(value)),
            _ => object.json(&name, value.raw()),
        }
    }
    if value.raw().starts_with(b"{") {
        object.end()
    } else {
        value.raw().to_vec()
    }
}

/// Remembers the labels of serialised tracks.
pub fn learn_tracks(tracks: Json, labels: &mut Labels) {
    for track in tracks.elements() {
        let mut parts = track.elements().skip(1);
        if let (Some(id), Some(label)) = (parts.next(), parts.next())
            && label.as_text().is_some_and(|label| !label.is_empty())
        {
            labels.insert(id.raw().to_vec(), label.raw().to_vec());
        }
    }
}

/// Remembers the labels of the tracks of a success.
pub fn learn(entry: Json, labels: &mut Labels) {
    let quoted = |text: &[u8]| {
        let mut out = Vec::with_capacity(text.len() + 2);
        string::write(text, &mut out);
        out
    };
    tracks(entry, |_, id, label| {
        if !label.is_empty() {
            labels.insert(quoted(id), quoted(label));
        }
    });
}

#[cfg(test)]
mod tests;
