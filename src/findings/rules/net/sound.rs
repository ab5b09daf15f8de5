//! `net.loss-audio`: how much of the sent sound was lost over the whole call, by what its codec can hide.
use super::super::loss::is_absurd;
use crate::dump::json::{Json, Text};
use crate::dump::statistics::Property;
use crate::findings::columns::{Kind, Link, outbound, remote_inbound};
use crate::findings::draft::{Draft, Out};
use crate::findings::rule::{Limits, Rule, Source, Threshold, Watch, Watcher};
use crate::findings::run::Span;
use crate::findings::samples::Media;
use crate::findings::severity::{Scope, Severity};
use crate::findings::view::{Interval, View};

const RTCSTATS: Source = Source::Published("rtcstats.com knowledge base, outgoing audio loss");

pub const RULE: Rule = Rule {
    id: "net.loss-audio",
    severity: Severity::Warning,
    scope: Scope::Track,
    fires: "more of the sent sound was lost over the whole call than its codec hides",
    hint: "Opus can add redundancy (useinbandfec=1 in its parameters, or RED); PCMU, PCMA and G722 hide next to \
           nothing. Else look at this side's uplink, as for net.loss-out.",
    texts: &["Of all packets of the sent audio {value} were lost, more than {0} can hide."],
    thresholds: &[
        Threshold::new("plain", 1.0, "%", RTCSTATS),
        Threshold::new("opus", 4.0, "%", RTCSTATS),
        Threshold::new("least", 500.0, "packets", Source::Ours),
    ],
    needs: &[remote_inbound::PACKETS_LOST, outbound::PACKETS_SENT],
    source: RTCSTATS,
    watch: Watch::Report(Kind::RemoteInbound, Some(Media::Audio), |limits| {
        Box::new(Sound::new(limits))
    }),
    ..Rule::PLAIN
};

const CODEC: Property = Property::of("codecId");
const MIME: Property = Property::of("mimeType");

/// How well a codec hides loss. Of others nothing is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codec {
    Plain,
    Opus,
    Other,
}

impl Codec {
    fn of(interval: &Interval<'_>) -> Option<Codec> {
        let codec = interval.view.reports?.find(interval.text(CODEC)?)?;
        let name = codec.get(MIME).and_then(Json::as_text).map(Text::to_str)?;
        Some(match &*name.to_ascii_lowercase() {
            "audio/opus" | "audio/red" => Codec::Opus,
            "audio/pcmu" | "audio/pcma" | "audio/g722" => Codec::Plain,
            _ => Codec::Other,
        })
    }
}

struct Sound {
    /// In %, with what is said of the codec.
    limits: [(f64, &'static str); 2],
    least: f64,
    codec: Option<Codec>,
    /// Lost and sent packets, for each of both codecs.
    sums: [(f64, f64); 2],
    /// Sent with a codec that is not told.
    untold: f64,
    /// From the first interval with a loss to the last.
    span: Option<Span>,
    draft: Option<Draft>,
}

impl Sound {
    fn new(limits: &Limits<'_>) -> Sound {
        Sound {
            limits: [
                (limits.get("plain"), "a codec without redundancy"),
                (limits.get("opus"), "Opus"),
            ],
            least: limits.get("least"),
            codec: None,
            sums: [(0.0, 0.0); 2],
            untold: 0.0,
            span: None,
            draft: None,
        }
    }

    fn note(&mut self, interval: &Interval<'_>, local: &Interval<'_>) {
        let span = self.span.get_or_insert(Span {
            start: interval.start,
            end: interval.end,
        });
        span.end = interval.end;
        self.draft.get_or_insert_with(|| {
            let draft = Draft::new(Severity::Warning, interval.start).of(local);
            let lost = interval.now(remote_inbound::PACKETS_LOST).unwrap_or_default();
            draft
                .slot(interval.slot)
                .shown(interval.slot, remote_inbound::PACKETS_LOST, interval.end, lost)
        });
    }
}

impl Watcher for Sound {
    fn interval(&mut self, interval: &Interval<'_>, _: &mut Out<'_>) {
        let local = interval.linked(Link::Local).filter(Interval::is_on);
        let Some(local) = local.filter(|_| interval.view.scene().is_settled(interval.start)) else {
            return;
        };
        let lost = interval.change(remote_inbound::PACKETS_LOST);
        let (Some(lost), Some(sent)) = (lost, local.delta(outbound::PACKETS_SENT)) else {
            return;
        };
        if is_absurd(interval) {
            return;
        }
        if self.codec.is_none() || local.is_news(CODEC) {
            self.codec = Codec::of(&local);
        }
        let sums = match self.codec {
            Some(Codec::Plain) => &mut self.sums[0],
            Some(Codec::Opus) => &mut self.sums[1],
            Some(Codec::Other) => return,
            None => {
                self.untold += sent;
                return;
            }
        };
        *sums = (sums.0 + lost, sums.1 + sent);
        if lost > 0.0 {
            self.note(interval, &local);
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if self.untold > self.least {
            out.not_evaluable("the codec of the sent audio is not told");
        }
        let (Some(span), Some(draft)) = (self.span, self.draft.take()) else {
            return;
        };
        for ((lost, sent), (limit, name)) in self.sums.into_iter().zip(self.limits) {
            let share = 100.0 * lost / sent;
            if sent >= self.least && share > limit {
                let draft = draft.clone().until(span.until(view)).value(share, "%");
                out.fire(draft.threshold(limit).name(name));
            }
        }
    }
}
