//! Whether the decoder fell back to software (`decoderImplementation`, `powerEfficientDecoder`).
use crate::dump::json::Text;
use crate::dump::statistics::Property;
use crate::findings::columns::inbound;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::view::Interval;

const IMPLEMENTATION: Property = Property::of("decoderImplementation");

pub fn decoder(_: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Decoder {
        first: true,
        told: false,
    })
}

struct Decoder {
    first: bool,
    told: bool,
}

impl Decoder {
    fn case(&mut self, interval: &Interval<'_>) -> Option<usize> {
        if std::mem::take(&mut self.first) || interval.is_news(IMPLEMENTATION) {
            let name = interval.text(IMPLEMENTATION).map(Text::to_str);
            let is_fallback = name.is_some_and(|name| name.to_lowercase().contains("fallback"));
            if std::mem::replace(&mut self.told, is_fallback) != is_fallback && is_fallback {
                return Some(0);
            }
        }
        let is_change = interval.before(inbound::EFFICIENT_DECODER) == Some(1.0)
            && interval.now(inbound::EFFICIENT_DECODER) == Some(0.0);
        (is_change && !self.told).then_some(1)
    }
}

impl Watcher for Decoder {
    fn interval(&mut self, interval: &Interval<'_>, out: &mut Out<'_>) {
        if let Some(case) = self.case(interval) {
            let name = interval
                .text(IMPLEMENTATION)
                .map(Text::to_str)
                .unwrap_or("unknown".into());
            let draft = Draft::new(Severity::Info, interval.end)
                .of(interval)
                .case(case)
                .name(name);
            let efficient = interval.now(inbound::EFFICIENT_DECODER).unwrap_or_default();
            out.fire(draft.shown(interval.slot, inbound::EFFICIENT_DECODER, interval.end, efficient));
        }
    }
}
