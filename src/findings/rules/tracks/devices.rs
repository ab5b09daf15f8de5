//! Devices that come and go, by what the page has listed before and after. Names of devices are not looked at: they are
//! masked.
use std::collections::BTreeSet;

use crate::dump::json::{Json, Text};
use crate::findings::call::Call;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::text::clipped;
use crate::findings::view::View;
use crate::limits::FINDING_DEVICES_MAX;

pub const LISTED: &str = "navigator.mediaDevices.enumerateDevices";
pub const CHANGED: &str = "navigator.mediaDevices.ondevicechange";

/// Browsers tell of one change several times, in ms.
const BURST_MS: f64 = 5000.0;

#[derive(Default)]
struct Devices {
    /// Kinds and ids, as they were listed last.
    known: Option<BTreeSet<(Kind, Box<str>)>>,
    /// A change behind which the page has listed nothing yet.
    open: Option<Draft>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Microphone,
    Camera,
    Speaker,
}

pub fn new(_limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::<Devices>::default()
}

fn listed(value: Json<'_>) -> BTreeSet<(Kind, Box<str>)> {
    let device = |device: Json<'_>| {
        let kind = device.get("kind").and_then(Json::as_text)?;
        let kinds = [
            ("audioinput", Kind::Microphone),
            ("videoinput", Kind::Camera),
            ("audiooutput", Kind::Speaker),
        ];
        let (_, kind) = kinds.into_iter().find(|(name, _)| kind.is(name))?;
        let id = device.get("deviceId").and_then(Json::as_text).map(Text::to_str)?;
        Some((kind, clipped(&id).into()))
    };
    value.elements().take(FINDING_DEVICES_MAX).filter_map(device).collect()
}

/// `1 microphone came, 2 cameras went`.
fn words(before: &BTreeSet<(Kind, Box<str>)>, after: &BTreeSet<(Kind, Box<str>)>) -> Option<String> {
    let count = |one: &BTreeSet<_>, other: &BTreeSet<_>, kind: Kind| {
        one.difference(other)
            .filter(|(own, _): &&(Kind, Box<str>)| *own == kind)
            .count()
    };
    let mut parts = Vec::new();
    for (kind, name) in [
        (Kind::Microphone, "microphone"),
        (Kind::Camera, "camera"),
        (Kind::Speaker, "speaker"),
    ] {
        for (count, verb) in [
            (count(after, before, kind), "came"),
            (count(before, after, kind), "went"),
        ] {
            let plural = if count == 1 { "" } else { "s" };
            if count > 0 {
                parts.push(format!("{count} {name}{plural} {verb}"));
            }
        }
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

impl Watcher for Devices {
    fn event(&mut self, call: &Call<'_>, view: &View<'_>, out: &mut Out<'_>) {
        if call.is(CHANGED) {
            match self.open.take() {
                Some(draft) if call.time - draft.start < BURST_MS => self.open = Some(draft.until(Some(call.time))),
                earlier => {
                    earlier.into_iter().for_each(|draft| out.fire(draft.case(1)));
                    self.open = (view.world.open > 0).then(|| Draft::new(Severity::Info, call.time).event(call));
                }
            }
            return;
        }
        let now = listed(call.value);
        if let Some(draft) = self.open.take() {
            let words = self.known.as_ref().and_then(|known| words(known, &now));
            out.fire(match words {
                Some(words) => draft.name(words),
                None => draft.case(1),
            });
        }
        self.known = Some(now);
    }

    fn end(&mut self, _view: &View<'_>, out: &mut Out<'_>) {
        if let Some(draft) = self.open.take() {
            out.fire(draft.case(1));
        }
    }
}
