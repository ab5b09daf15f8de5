//! The client's trace: the machine, and how the page asked for devices.
//!
//! Takes the events of the client connection one by one. Limits: `FEATURE_MEMBERS_MAX` members of create, tracks of
//! getUserMedia up to `FEATURE_CAPTURES_MAX`.
use std::collections::BTreeMap;

use super::call::{Call, Span};
use super::keep::{Id, Keeper, Kept};
use super::value::Value;
use crate::dump::form::Form;
use crate::dump::json::Json;
use crate::limits::{FEATURE_CAPTURES_MAX, FEATURE_MEMBERS_MAX};

/// A track that ends so soon after its getUserMedia was short, in ms.
const SHORT_MS: f64 = 1000.0;

/// What is known of the client.
#[derive(Debug, Default)]
pub struct Client {
    pub span: Span,
    pub form: Form,
    /// The members of the first create: names as characters, in the order in which they were sent.
    created: Option<Vec<(String, Kept)>>,
    pub platform: Option<Kept>,
    pub enumerated: u32,
    pub user: Media,
    pub display: Media,
    /// The first failure of getUserMedia.
    pub error: Option<Kept>,
    pub audio: Device,
    pub video: Device,
    captures: BTreeMap<Id, Capture>,
    socket: Socket,
    /// How often something was left out, in all of the dump.
    pub omitted: Option<u32>,
}

/// Calls of getUserMedia or of getDisplayMedia.
#[derive(Debug, Default)]
pub struct Media {
    pub called: bool,
    pub audio: bool,
    pub video: bool,
    pub combined: bool,
    pub successes: u32,
    pub failures: u32,
}

/// What is known of all captured tracks of one kind.
#[derive(Debug, Default)]
pub struct Device {
    pub usb: Option<Kept>,
    pub ended: bool,
    pub ended_soon: bool,
}

/// The latest getUserMedia that gave a track of some id.
#[derive(Debug)]
struct Capture {
    kind: Kind,
    time: f64,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Audio,
    Video,
}

#[derive(Debug, Default)]
enum Socket {
    #[default]
    None,
    Opened(Option<Kept>),
}

impl Client {
    pub fn call(&mut self, call: &Call<'_>, keeper: &mut Keeper) {
        if call.method.starts_with("navigator.mediaDevices.get") {
            self.form = self.form.requested();
        }
        match call.method {
            "create" if self.created.is_none() => self.create(call.value, keeper),
            "websocket" if matches!(self.socket, Socket::None) => {
                let time = call.value.get("connectionTime");
                self.socket = Socket::Opened(time.and_then(|time| keeper.value(time)));
            }
            "navigator.mediaDevices.enumerateDevices" => self.enumerated += 1,
            "navigator.mediaDevices.getUserMedia" => {
                self.user.asked(call.has_truthy("audio"), call.has_truthy("video"));
            }
            "navigator.mediaDevices.getUserMediaOnSuccess" => self.captured(call, keeper),
            "navigator.mediaDevices.getUserMediaOnFailure" => {
                if self.user.failures == 0 {
                    self.error = keeper.value(call.value);
                }
                self.user.failures += 1;
            }
            "navigator.mediaDevices.getDisplayMedia" => {
                let refused = call.value.get("video").and_then(Json::as_bool) == Some(false);
                self.display.asked(call.has_truthy("audio"), !refused);
            }
            "navigator.mediaDevices.getDisplayMediaOnSuccess" => self.display.successes += 1,
            "navigator.mediaDevices.getDisplayMediaOnFailure" => self.display.failures += 1,
            "MediaStreamTrack.onended" => self.ended(call),
            _ => {}
        }
    }

    fn create(&mut self, value: Json<'_>, keeper: &mut Keeper) {
        let mut members: Vec<(String, Kept)> = Vec::new();
        for (name, value) in value.members() {
            let name = name.to_str();
            if members.len() == FEATURE_MEMBERS_MAX {
                keeper.omit();
                continue;
            }
            // The name takes memory as a value does.
            let Some(kept) = keeper.text(&name).and_then(|_| keeper.value(value)) else {
                continue;
            };
            match members.iter_mut().find(|(known, _)| *known == name) {
                Some((_, earlier)) => *earlier = kept,
                None => members.push((name.into_owned(), kept)),
            }
        }
        let platform = value.get("userAgentData").and_then(|agent| agent.get("platform"));
        self.platform = platform.and_then(|platform| keeper.value(platform));
        self.created = Some(members);
    }

    fn captured(&mut self, call: &Call<'_>, keeper: &mut Keeper) {
        self.user.successes += 1;
        for track in call.value.elements() {
            let mut parts = track.elements();
            let (Some(kind), Some(id)) = (parts.next(), parts.next()) else {
                continue;
            };
            let kind = match kind.as_text() {
                Some(text) if text.is("audio") => Kind::Audio,
                Some(text) if text.is("video") => Kind::Video,
                _ => continue,
            };
            if let Some(label) = parts.next().and_then(Json::as_text)
                && self.device(kind).usb.is_none()
                && let Some(usb) = usb_id(&label.to_str())
            {
                self.device(kind).usb = keeper.text(&format!("\"{usb}\""));
            }
            if self.captures.len() < FEATURE_CAPTURES_MAX
                && let Some(id) = id.as_text().and_then(|id| keeper.id(id))
            {
                let time = call.time;
                self.captures.insert(id, Capture { kind, time });
            }
        }
    }

    fn ended(&mut self, call: &Call<'_>) {
        let Some(id) = call.text() else { return };
        let Some(Capture { kind, time }) = self.captures.get(&*id.canonical()) else {
            return;
        };
        let (kind, since) = (*kind, call.time - time);
        let device = self.device(kind);
        device.ended = true;
        device.ended_soon |= since < SHORT_MS;
    }

    fn device(&mut self, kind: Kind) -> &mut Device {
        match kind {
            Kind::Audio => &mut self.audio,
            Kind::Video => &mut self.video,
        }
    }

    /// The members of create, as they are.
    pub fn created(&self) -> impl Iterator<Item = (&str, &Kept)> {
        self.created
            .iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// The member of create that has this name.
    pub fn created_as(&self, name: &str) -> Value<'_> {
        self.created()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
            .into()
    }

    pub fn socket_time(&self) -> Value<'_> {
        match &self.socket {
            Socket::None => Value::Absent,
            Socket::Opened(time) => time.as_ref().into(),
        }
    }
}

impl Media {
    fn asked(&mut self, audio: bool, video: bool) {
        self.called = true;
        self.audio |= audio;
        self.video |= video;
        self.combined |= audio && video;
    }
}

/// The vendor and product (USB 2.0, table 9-8) that Chromium writes at the end of a label: `… (046d:082d)`.
fn usb_id(label: &str) -> Option<&str> {
    let id = label.strip_suffix(')')?.rsplit_once('(')?.1;
    let is_number = |part: &str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (vendor, product) = id.split_once(':')?;
    (is_number(vendor) && is_number(product)).then_some(id)
}
