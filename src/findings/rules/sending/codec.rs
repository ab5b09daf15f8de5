//! Whether the codec of a stream changes (`codecId`, and of the codec `mimeType` and `sdpFmtpLine`).
use crate::dump::json::{Json, Text};
use crate::dump::statistics::Property;
use crate::findings::columns::Kind;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::samples::State;
use crate::findings::severity::Severity;
use crate::findings::text::clipped;
use crate::findings::view::{Interval, View};
use crate::limits::FINDING_REPORTS_MAX;

const CODEC: Property = Property::of("codecId");
const MIME: Property = Property::of("mimeType");
const FORMAT: Property = Property::of("sdpFmtpLine");

pub fn watcher(_: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Codecs::default())
}

#[derive(Default)]
struct Codecs {
    /// By the serial number of the stream, ascending.
    known: Vec<(u32, Codec)>,
    /// Polls with a stream whose codec is not told.
    untold: u32,
}

/// A codec may be told a little later than its stream.
const UNTOLD_MAX: u32 = 3;

#[derive(Clone, Debug, PartialEq)]
struct Codec {
    mime: Box<str>,
    format: Box<str>,
}

impl Codec {
    fn of(interval: &Interval<'_>) -> Option<Codec> {
        let codec = interval.view.reports?.find(interval.text(CODEC)?)?;
        let text = |property| codec.get(property).and_then(Json::as_text).map(Text::to_str);
        Some(Codec {
            mime: clipped(&text(MIME)?).into(),
            format: clipped(&text(FORMAT).unwrap_or_default()).into(),
        })
    }

    fn words(&self, other: &Codec) -> String {
        match self.mime == other.mime {
            true => format!("{} ({})", self.mime, self.format),
            false => self.mime.to_string(),
        }
    }
}

impl Watcher for Codecs {
    fn polled(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        for slot in view.scene().samples.gone() {
            let serial = slot.serial();
            if let Ok(at) = self.known.binary_search_by_key(&serial, |(own, _)| *own) {
                self.known.remove(at);
            }
        }
        for (kind, case) in [(Kind::Outbound, 0), (Kind::Inbound, 1)] {
            for interval in view.intervals(kind) {
                let serial = interval.slot.serial();
                let at = self.known.binary_search_by_key(&serial, |(own, _)| *own);
                let is_news = interval.slot.state == State::Changed && interval.is_news(CODEC);
                if at.is_ok() && !is_news {
                    continue;
                }
                let Some(codec) = Codec::of(&interval) else {
                    self.untold += 1;
                    continue;
                };
                match at {
                    Ok(at) if self.known[at].1 != codec => {
                        let known = std::mem::replace(&mut self.known[at].1, codec.clone());
                        let draft = Draft::new(Severity::Info, interval.end).of(&interval).case(case);
                        out.fire(draft.name(known.words(&codec)).name(codec.words(&known)));
                    }
                    Ok(_) => {}
                    Err(at) if self.known.len() < FINDING_REPORTS_MAX => self.known.insert(at, (serial, codec)),
                    Err(_) => {}
                }
            }
        }
    }

    fn end(&mut self, _: &View<'_>, out: &mut Out<'_>) {
        if self.known.is_empty() && self.untold > UNTOLD_MAX {
            out.not_evaluable("streams do not tell their codecs (codecId, mimeType)");
        }
    }
}
