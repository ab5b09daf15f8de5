//! Where in a dump of webrtc-internals a value is, and which rule holds there.
//!
//! A member that is not known is masked as text, and as a name if it is called like one.
use crate::dump::internals::{Form, Kind, property_of};
use crate::dump::mask::facts::Facts;
use crate::dump::mask::members;
use crate::dump::mask::rule::Rule;
use crate::dump::table::Method;

/// What an object or array is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Top,
    /// Requests for media.
    Media,
    /// All connections by id.
    Connections,
    Connection,
    /// The log of a connection.
    Log,
    /// The series of a connection by key.
    Stats,
    Series(Rule),
    /// What the browser calls itself, in numbers that look like addresses.
    Agent,
    Other,
}

/// An open object or array.
pub struct Frame {
    pub is_object: bool,
    place: Place,
    name: Vec<u8>,
    /// The type of a log entry, once it has been read.
    kind: Option<Rule>,
}

impl Frame {
    pub fn new(place: Place, is_object: bool) -> Frame {
        Frame {
            is_object,
            place,
            name: Vec::new(),
            kind: None,
        }
    }

    /// A member begins.
    pub fn name(&mut self, name: Vec<u8>) {
        self.name = name;
    }

    /// What an object or array in this place is.
    pub fn inner(&self) -> Place {
        if !self.is_object {
            return self.place;
        }
        match (self.place, &self.name[..]) {
            (Place::Top, b"getUserMedia") => Place::Media,
            (Place::Top, b"PeerConnections") => Place::Connections,
            (Place::Top | Place::Agent, b"UserAgentData") | (Place::Agent, _) => Place::Agent,
            (Place::Connections, _) => Place::Connection,
            (Place::Connection, b"updateLog") => Place::Log,
            (Place::Connection, b"stats") => Place::Stats,
            (Place::Stats, key) => Place::Series(rule_of_series(key)),
            _ => Place::Other,
        }
    }

    /// The rule of a string in this place, which is `text`.
    pub fn rule(&mut self, text: &[u8]) -> Rule {
        match (self.place, &self.name[..]) {
            (Place::Agent, _) | (Place::Top, b"UserAgent") => Rule::Agent,
            (Place::Media, b"audio" | b"video" | b"audio_track_info" | b"video_track_info") => Rule::Labels,
            (Place::Media, b"origin") => Rule::Agent,
            (Place::Media | Place::Connection, b"url") => Rule::Page,
            (Place::Connection, b"rtcConfiguration") => Rule::Configuration,
            (Place::Media, b"error_message") => Rule::Labels,
            (Place::Log, b"type") => {
                self.kind = Some(rule_of_entry(text));
                Rule::Text
            }
            // If the type comes later, the value may be anything.
            (Place::Log, b"value") => self.kind.unwrap_or(Rule::Unknown),
            (Place::Series(rule), b"values") => rule,
            (_, b"label") => Rule::Label,
            (_, b"username") => Rule::Username,
            (_, b"credential") => Rule::Password,
            (Place::Other | Place::Top | Place::Connection, _) => Rule::Unknown,
            _ => Rule::Text,
        }
    }
}

/// The rule for the values of a series. Whose candidate an address is stands in another series, so no address stays.
/// Legacy statistics may have labels of devices; the label of a data channel is the page's word for it, and stays.
fn rule_of_series(key: &[u8]) -> Rule {
    match property_of(key) {
        Some(property) if is_label(property) && !is_channel(key) => Rule::Label,
        Some(property) => members::rule_of(property, Rule::Report, Facts::default()),
        None => Rule::Text,
    }
}

fn is_label(property: &[u8]) -> bool {
    property
        .last_chunk::<5>()
        .is_some_and(|end| end.eq_ignore_ascii_case(b"label"))
}

/// Whether the id of a report is a data channel's: `D1`, or `RTCDataChannel_1` before.
fn is_channel(key: &[u8]) -> bool {
    key.starts_with(b"RTCDataChannel_") || matches!(key, [b'D', digit, ..] if digit.is_ascii_digit())
}

/// The rule for the value of a log entry of this type.
fn rule_of_entry(name: &[u8]) -> Rule {
    let Some(kind) = Kind::of(name) else {
        return Rule::Unknown;
    };
    match (kind.form, Method::of_text(kind.method.as_bytes())) {
        // An object with the names of its members, where a client library sends an array.
        (Form::Track | Form::AddTransceiver | Form::Transceiver, _) | (_, None) => Rule::Labels,
        (_, Some(method)) => Rule::of(method.carries),
    }
}
