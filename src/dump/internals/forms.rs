//! Values of events as texts, as Chrome wrote them before it wrote JSON.
//!
//! Each function takes the whole text and gives the JSON that rtcstats-js would have sent, or `None` if the text has
//! another form. They search for words and never go back, so time is linear.
use memchr::memmem;

use super::{loose, string};
use crate::dump::json::Json;

/// Writes an object member by member.
#[derive(Default)]
pub struct Object {
    out: Vec<u8>,
}

impl Object {
    pub fn text(&mut self, name: &str, value: &[u8]) {
        self.begin(name);
        string::write(value, &mut self.out);
    }

    /// `value` is JSON.
    pub fn json(&mut self, name: &str, value: &[u8]) {
        self.begin(name);
        self.out.extend_from_slice(value);
    }

    /// JSON if the text is a number or a word of JSON, otherwise a string.
    pub fn word(&mut self, name: &str, value: &[u8]) {
        match string::json(value) {
            Some(json) => self.json(name, &json),
            None => self.text(name, value),
        }
    }

    fn begin(&mut self, name: &str) {
        self.out.push(if self.out.is_empty() { b'{' } else { b',' });
        string::write(name.as_bytes(), &mut self.out);
        self.out.push(b':');
    }

    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    pub fn end(mut self) -> Vec<u8> {
        if self.out.is_empty() {
            self.out.push(b'{');
        }
        self.out.push(b'}');
        self.out
    }
}

/// `type: offer, sdp: v=0…`: an RTCSessionDescription.
pub fn description(text: &[u8]) -> Option<Vec<u8>> {
    let (kind, sdp) = cut(text.strip_prefix(b"type: ")?, b", sdp: ")?;
    let mut object = Object::default();
    object.text("type", kind);
    object.text("sdp", sdp);
    Some(object.end())
}

/// `sdpMid: 0, sdpMLineIndex: 0, candidate: candidate:…[, url: …][, relayProtocol: …]`: an RTCIceCandidate.
pub fn candidate(text: &[u8]) -> Option<Vec<u8>> {
    let mut object = Object::default();
    let (place, candidate) = match cut(text, b"candidate: ") {
        Some((place, candidate)) => (place, candidate),
        None if text.starts_with(b"candidate:") => (&text[..0], text),
        None => return None,
    };
    if let Some((_, mid)) = cut(place, b"sdpMid: ") {
        let mid = cut(mid, b", sdpMLineIndex: ").map_or(mid, |(mid, _)| mid);
        object.text("sdpMid", mid.strip_suffix(b", ").unwrap_or(mid));
    }
    if let Some((_, index)) = cut(place, b"sdpMLineIndex: ") {
        let digits = index.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if (1..6).contains(&digits) {
            object.word("sdpMLineIndex", &index[..digits]);
        }
    }
    let (line, relay) = either(candidate, b", relayProtocol: ");
    let (line, url) = either(line, b", url: ");
    let mut written = Vec::with_capacity(line.len() + 10);
    if !line.is_empty() && !line.starts_with(b"candidate:") && !line.starts_with(b"a=candidate:") {
        written.extend_from_slice(b"candidate:");
    }
    written.extend_from_slice(line);
    object.text("candidate", &written);
    url.into_iter().for_each(|url| object.text("url", url));
    relay.into_iter().for_each(|relay| object.text("relayProtocol", relay));
    Some(object.end())
}

/// Members of an RTCPeerConnectionIceErrorEvent in their names here and in W3C's.
const ERROR_MEMBERS: [(&str, &str); 9] = [
    ("url", "url"),
    ("address", "address"),
    ("port", "port"),
    ("host_candidate", "hostCandidate"),
    ("error_text", "errorText"),
    ("error_code", "errorCode"),
    ("hostCandidate", "hostCandidate"),
    ("errorText", "errorText"),
    ("errorCode", "errorCode"),
];

/// Lines `url: …`, `error_code: 701`, …
pub fn candidate_error(text: &[u8]) -> Option<Vec<u8>> {
    let mut object = Object::default();
    for line in text.split(|byte| *byte == b'\n') {
        let Some((name, value)) = cut(line.trim_ascii(), b": ") else {
            continue;
        };
        let value = value.trim_ascii();
        match ERROR_MEMBERS.iter().find(|(written, _)| written.as_bytes() == name) {
            Some((_, name @ ("errorCode" | "port"))) => object.word(name, value),
            Some((_, name)) => object.text(name, value),
            None => {}
        }
    }
    (!object.is_empty()).then(|| object.end())
}

/// The same as JSON, whose members have names in snake case.
pub fn candidate_error_json(json: Json) -> Vec<u8> {
    let mut object = Object::default();
    for (name, value) in json.members() {
        let name = name.to_str();
        let known = ERROR_MEMBERS.iter().find(|(written, _)| *written == name);
        object.json(known.map_or(&name, |(_, name)| name), value.raw());
    }
    object.end()
}

/// `options: {offerToReceiveVideo: -1, …}`, or `constraints: {mandatory: {…}}` before: the members of RTCOfferOptions
/// that are set. Null if none is.
pub fn options(text: &[u8]) -> Option<Vec<u8>> {
    let at = memchr::memchr(b'{', text)?;
    let read = loose::json(&text[at..])?;
    let read = Json::parse(&read).ok()?;
    let mut object = Object::default();
    for holder in [Some(read), read.get("mandatory"), read.get("optional")]
        .into_iter()
        .flatten()
    {
        let listed = holder.elements().flat_map(Json::members);
        for (name, value) in holder.members().chain(listed) {
            let name = name.to_str();
            let set = match value.raw() {
                b"-1" => false,
                raw => {
                    raw != if name == "voiceActivityDetection" {
                        &b"true"[..]
                    } else {
                        b"false"
                    }
                }
            };
            let known = OPTIONS.iter().find(|known| known.eq_ignore_ascii_case(&name));
            if let Some(known) = known.filter(|_| set) {
                object.json(known, value.raw());
            }
        }
    }
    Some(if object.is_empty() {
        b"null".to_vec()
    } else {
        object.end()
    })
}

const OPTIONS: [&str; 4] = [
    "offerToReceiveVideo",
    "offerToReceiveAudio",
    "voiceActivityDetection",
    "iceRestart",
];

/// An RTCConfiguration in its oldest form, with the URLs of all servers in one list.
pub fn configuration(text: &[u8]) -> Option<Vec<u8>> {
    let read = loose::json(text.trim_ascii_start())?;
    let read = Json::parse(&read).ok().filter(|read| read.raw().starts_with(b"{"))?;
    let mut object = Object::default();
    for (name, value) in read.members() {
        if !name.is("iceServers") {
            object.json(&name.to_str(), value.raw());
            continue;
        }
        let mut servers = b"[".to_vec();
        for server in value.elements() {
            servers.extend_from_slice(if servers.len() > 1 { b"," } else { b"" });
            if server.as_text().is_some() {
                servers.extend_from_slice(b"{\"urls\":[");
                servers.extend_from_slice(server.raw());
                servers.extend_from_slice(b"]}");
            } else {
                servers.extend_from_slice(server.raw());
            }
        }
        servers.push(b']');
        object.json("iceServers", &servers);
    }
    Some(object.end())
}

/// `label: x, ordered: true, …`: the members of an RTCDataChannel. The label may contain anything.
pub fn channel(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_prefix(b"label: ")?;
    let ends = [&b", ordered: "[..], b", reliable: "]
        .into_iter()
        .filter_map(|end| memmem::find(text, end));
    let end = ends.min().unwrap_or(text.len());
    let mut object = Object::default();
    object.text("label", &text[..end]);
    let mut rest = text[end..].strip_prefix(b", ").unwrap_or_default();
    while let Some((name, behind)) = cut(rest, b": ") {
        let end = value_end(behind);
        object.word(&string::shown(name), &behind[..end]);
        rest = behind[end..].strip_prefix(b", ").unwrap_or_default();
    }
    Some(object.end())
}

/// Where a value ends: at the quote that closes it, or before a comma.
fn value_end(text: &[u8]) -> usize {
    let quoted = text.strip_prefix(b"\"").and_then(|inside| memchr::memchr(b'"', inside));
    match quoted {
        Some(length) => length + 2,
        None => memmem::find(text, b", ").unwrap_or(text.len()),
    }
}

/// `Caused by: addTrack`, a blank line, `getTransceivers()[0]:{…}`: a transceiver, or a sender or receiver.
pub fn transceiver(text: &[u8]) -> Option<Vec<u8>> {
    let at = memchr::memchr(b'{', text)?;
    let (head, body) = text.split_at(at);
    let read = loose::json(body)?;
    let read = Json::parse(&read).ok()?;
    let mut object = Object::default();
    for (name, value) in read.members() {
        object.json(&name.to_str(), value.raw());
    }
    if let Some((_, reason)) = cut(head, b"Caused by: ") {
        let reason = reason.split(|byte| *byte == b'\n').next().unwrap_or_default();
        object.text("reason", reason.trim_ascii());
    }
    let index = cut(head, b"()[").map(|(_, index)| index.iter().take_while(|byte| byte.is_ascii_digit()).count());
    if let (Some(digits @ 1..6), Some((_, index))) = (index, cut(head, b"()[")) {
        object.word("transceiverIndex", &index[..digits]);
    }
    Some(object.end())
}

/// What stands before and behind the first occurrence of a word.
pub fn cut<'t>(text: &'t [u8], word: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let at = memmem::find(text, word)?;
    Some((&text[..at], &text[at + word.len()..]))
}

fn either<'t>(text: &'t [u8], word: &[u8]) -> (&'t [u8], Option<&'t [u8]>) {
    match cut(text, word) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests;
