//! Whether the encoder fell back to software (`encoderImplementation`, `powerEfficientEncoder`).
use crate::dump::json::Text;
use crate::dump::statistics::Property;
use crate::findings::columns::outbound;
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Watcher};
use crate::findings::severity::Severity;
use crate::findings::stream::is_top_layer;
use crate::findings::text::measure;
use crate::findings::view::Interval;

const IMPLEMENTATION: Property = Property::of("encoderImplementation");

pub fn encoder(limits: &Limits<'_>) -> Box<dyn Watcher> {
    Box::new(Encoder {
        height: limits.get("height"),
        cores: limits.get("cores"),
        first: Told::No,
        fallback: Told::No,
        small: Told::No,
    })
}

struct Encoder {
    height: f64,
    cores: f64,
    /// Whether a name was looked at.
    first: Told,
    fallback: Told,
    small: Told,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    No,
    Yes,
}

impl Encoder {
    /// Which text it is, and how bad it is.
    fn case(&mut self, interval: &Interval<'_>) -> Option<(usize, Severity)> {
        let is_fallback = || {
            let name = interval.text(IMPLEMENTATION).map(Text::to_str);
            name.is_some_and(|name| name.to_lowercase().contains("fallback"))
        };
        if self.first == Told::No || interval.is_news(IMPLEMENTATION) {
            self.first = Told::Yes;
            let is_fallback = is_fallback();
            if is_fallback && self.fallback == Told::No {
                self.fallback = Told::Yes;
                return Some((0, Severity::Warning));
            }
            if !is_fallback {
                self.fallback = Told::No;
            }
        }
        let efficient = interval.now(outbound::EFFICIENT_ENCODER)?;
        if efficient == 0.0 && interval.before(outbound::EFFICIENT_ENCODER) == Some(1.0) {
            return (self.fallback == Told::No).then_some((1, Severity::Warning));
        }
        let is_large = interval.now(outbound::FRAME_HEIGHT)? >= self.height;
        let is_small = interval
            .view
            .world
            .machine
            .cores
            .is_some_and(|cores| cores <= self.cores);
        if self.small == Told::No && efficient == 0.0 && is_large && is_small && is_top_layer(interval) {
            self.small = Told::Yes;
            return Some((2, Severity::Info));
        }
        None
    }
}

impl Watcher for Encoder {
    fn interval(&mut self, interval: &Interval<'_>, out: &mut Out<'_>) {
        let Some((case, severity)) = self.case(interval) else {
            return;
        };
        let name = interval
            .text(IMPLEMENTATION)
            .map(Text::to_str)
            .unwrap_or("unknown".into());
        let draft = Draft::new(severity, interval.end).of(interval).case(case).name(name);
        let rows = interval.now(outbound::FRAME_HEIGHT).unwrap_or_default();
        let cores = interval.view.world.machine.cores.unwrap_or_default();
        let draft = draft.name(measure(rows, "")).name(measure(cores, ""));
        let efficient = interval.now(outbound::EFFICIENT_ENCODER);
        out.fire(match efficient {
            Some(efficient) => draft.shown(interval.slot, outbound::EFFICIENT_ENCODER, interval.end, efficient),
            None => draft,
        });
    }
}
