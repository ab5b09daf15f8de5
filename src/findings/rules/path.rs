//! Over what the media went: the selected pair of candidates, and how it changed.
mod consent;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::findings::call::Call;
use crate::findings::columns::pair;
use crate::findings::draft::{Draft, Out};
use crate::findings::path::Path;
use crate::findings::polls::Step;
use crate::findings::rule::{Hears, Limits, Polls, Rule, Source, Threshold, Watch, Watcher};
use crate::findings::severity::Severity;
use crate::findings::view::View;

const POLLS: Hears = Hears {
    methods: &[],
    polls: Polls::Yes,
};

pub const RULES: &[Rule] = &[
    Rule {
        id: "ice.path-changed",
        severity: Severity::Warning,
        fires: "another pair of candidates is selected; a warning if that happens again and again",
        hint: "A device that moves between networks does this once. Many changes in a row are a network that comes and \
               goes, and each of them begins with a low estimate of the bandwidth.",
        texts: &[
            "The path changed from {0} to {1}.",
            "The path changed {0} times in {length}, at last to {1}.",
            "The path changed to another pair of the same kind ({1}).",
            "The path changed from {0} to {1}, by an ICE restart.",
            "An ICE restart changed the path to another pair of the same kind ({1}).",
        ],
        thresholds: &[
            Threshold {
                name: "many",
                value: 3.0,
                unit: "changes",
                source: Source::Published("ObserveRTC client-monitor-js"),
            },
            Threshold {
                name: "window",
                value: 30.0,
                unit: "s",
                source: Source::Published("ObserveRTC client-monitor-js"),
            },
        ],
        source: Source::Published("W3C webrtc-stats, RTCTransportStats.selectedCandidatePairId"),
        watch: Watch::Connection(POLLS, |limits| Box::new(Changes::new(limits))),
        ..Rule::PLAIN
    },
    Rule {
        id: "ice.relay-used",
        fires: "media goes over a TURN relay",
        hint: "That is expected behind strict firewalls and with iceTransportPolicy relay. Otherwise see why no direct \
               pair worked; a relay adds delay and cost.",
        texts: &[
            "Media went over a TURN relay for {length}, {share} of the time ({0}).",
            "Media went over a TURN relay for {length}, as the page demands ({0}).",
        ],
        source: Source::Published("W3C webrtc-stats, RTCIceCandidateStats.candidateType"),
        watch: Watch::Connection(
            Hears {
                methods: &["create", "setConfiguration"],
                polls: Polls::Yes,
            },
            |_| Box::new(Use::of(Way::Relay)),
        ),
        ..Rule::PLAIN
    },
    Rule {
        id: "ice.tcp-used",
        severity: Severity::Warning,
        fires: "media goes over TCP",
        hint: "UDP does not come through, mostly because of a firewall. Over TCP a lost packet holds up all behind it: \
               see that UDP to the TURN server is let through.",
        texts: &["Media went over TCP for {length}, {share} of the time ({0})."],
        source: Source::Published("W3C webrtc-stats, RTCIceCandidateStats.protocol and relayProtocol; RFC 8656 2.1"),
        watch: Watch::Connection(POLLS, |_| Box::new(Use::of(Way::Tcp))),
        ..Rule::PLAIN
    },
    Rule {
        id: "ice.consent-lost",
        severity: Severity::Critical,
        fires: "the other side does not answer the checks whether it still wants to receive",
        hint: "The browser stops sending 30 s after the last answer. If packets still come, the way there is broken, not \
               the way back: look at this side's uplink and firewall.",
        texts: &[
            "The other side answered no check for {length}: it is gone, or the network is.",
            "The other side answered no check for {length}, though packets came from it: the way to it is broken.",
        ],
        thresholds: &[
            Threshold {
                name: "hold",
                value: 15.0,
                unit: "s",
                source: Source::Published("RFC 7675 5.1: three checks; 30 s expire"),
            },
            Threshold {
                name: "requests",
                value: 3.0,
                unit: "requests",
                source: Source::Published("RFC 7675 5.1"),
            },
        ],
        needs: &[pair::REQUESTS_SENT, pair::RESPONSES_RECEIVED],
        source: Source::Published("RFC 7675"),
        watch: Watch::Connection(POLLS, |limits| Box::new(consent::Consent::new(limits))),
        ..Rule::PLAIN
    },
];

const NO_PAIR: &str = "no pair of candidates is said to be used";
/// After fewer polls nothing is missed.
const POLLS_MIN: u32 = 3;

struct Changes {
    many: usize,
    window_ms: f64,
    last: Option<Arc<Path>>,
    recent: VecDeque<f64>,
}

/// More changes are not remembered.
const CHANGES_MAX: usize = 32;

impl Changes {
    fn new(limits: &Limits<'_>) -> Changes {
        Changes {
            many: (limits.get("many") as usize).clamp(1, CHANGES_MAX),
            window_ms: limits.ms("window"),
            last: None,
            recent: VecDeque::new(),
        }
    }
}

impl Watcher for Changes {
    fn polled(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let Some(path) = &view.scene().path else { return };
        if self.last.as_ref().is_some_and(|last| last.is(path)) {
            return;
        }
        let old = self.last.replace(path.clone());
        // While the connection is being made, pairs come and go.
        let Some(old) = old.filter(|_| view.scene().is_settled(path.since)) else {
            return;
        };
        let draft = Draft::new(Severity::Info, path.since);
        let draft = draft.name(old.words()).name(path.words());
        let is_same_kind = old.words() == path.words();
        if is_new(&old.local.fragment, &path.local.fragment) || is_new(&old.remote.fragment, &path.remote.fragment) {
            out.fire(draft.case(if is_same_kind { 4 } else { 3 }));
            return;
        }
        out.fire(draft.case(if is_same_kind { 2 } else { 0 }));
        self.recent.push_back(path.since);
        let window_ms = self.window_ms;
        while self.recent.front().is_some_and(|first| *first < path.since - window_ms) {
            self.recent.pop_front();
        }
        if self.recent.len() >= self.many {
            let first = self.recent.front().copied().unwrap_or(path.since);
            let draft = Draft::new(Severity::Warning, first).until(Some(path.since)).case(1);
            let draft = draft
                .value(self.recent.len() as f64, "changes")
                .threshold(self.many as f64);
            out.fire(draft.name(self.recent.len().to_string()).name(path.words()));
            self.recent.clear();
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        if self.last.is_none() && view.scene().polls.count >= POLLS_MIN {
            out.not_evaluable(NO_PAIR);
        }
    }
}

/// Whether ICE was restarted between these credentials: a browser may keep its own candidates for new ones of the other
/// side. Those of a peer that was only heard of are not told.
fn is_new(old: &str, fragment: &str) -> bool {
    !old.is_empty() && !fragment.is_empty() && old != fragment
}

/// A kind of path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Relay,
    Tcp,
}

impl Way {
    fn is_of(self, path: &Path) -> bool {
        match self {
            Way::Relay => [&path.local, &path.remote].into_iter().any(|end| &*end.kind == "relay"),
            Way::Tcp => matches!(path.local.transport(), "tcp" | "tls" | "ssltcp"),
        }
    }

    /// Whether it can be known of this path.
    fn is_told(self, path: &Path) -> bool {
        match self {
            Way::Relay => !path.local.kind.is_empty(),
            Way::Tcp => !path.local.transport().is_empty(),
        }
    }

    const fn untold(self) -> &'static str {
        match self {
            Way::Relay => "local-candidate has no candidateType",
            Way::Tcp => "local-candidate has no protocol",
        }
    }

    /// A relay is worth knowing; TCP is bad.
    const fn severity(self) -> Severity {
        match self {
            Way::Relay => Severity::Info,
            Way::Tcp => Severity::Warning,
        }
    }
}

/// How long a kind of path is used.
struct Use {
    way: Way,
    is_policy: bool,
    /// Whether any path told what it is.
    is_told: bool,
    used: Option<Used>,
    all_ms: f64,
}

struct Used {
    start: f64,
    end: f64,
    ms: f64,
    words: String,
}

impl Use {
    fn of(way: Way) -> Use {
        Use {
            way,
            is_policy: false,
            is_told: false,
            used: None,
            all_ms: 0.0,
        }
    }
}

impl Watcher for Use {
    fn event(&mut self, call: &Call<'_>, _view: &View<'_>, _out: &mut Out<'_>) {
        if let Some(policy) = call.member("iceTransportPolicy") {
            self.is_policy = policy == "relay";
        }
    }

    fn polled(&mut self, view: &View<'_>, _out: &mut Out<'_>) {
        let scene = view.scene();
        let Some(path) = scene
            .path
            .as_ref()
            .filter(|_| scene.pair.is_some() && scene.closed.is_none())
        else {
            return;
        };
        let ms = match scene.polls.step {
            Step::Interval if path.since < scene.polls.last => scene.polls.interval(),
            _ => 0.0,
        };
        self.all_ms += ms;
        self.is_told |= self.way.is_told(path);
        if self.way.is_of(path) {
            let used = self.used.get_or_insert_with(|| Used {
                start: path.since,
                end: path.since,
                ms: 0.0,
                words: path.words(),
            });
            used.ms += ms;
            used.end = scene.polls.last;
        }
    }

    fn end(&mut self, view: &View<'_>, out: &mut Out<'_>) {
        let scene = view.scene();
        if !self.is_told && scene.polls.count >= POLLS_MIN {
            out.not_evaluable(if scene.path.is_none() {
                NO_PAIR
            } else {
                self.way.untold()
            });
        }
        let Some(used) = self.used.take() else { return };
        let is_open = scene.closed.is_none() && used.end == scene.polls.last;
        let share = if self.all_ms > 0.0 { used.ms / self.all_ms } else { 1.0 };
        let draft = Draft::new(self.way.severity(), used.start).until((!is_open).then_some(used.end));
        out.fire(draft.case(usize::from(self.is_policy)).share(share).name(used.words));
    }
}
