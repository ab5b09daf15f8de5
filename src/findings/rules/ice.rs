//! Whether and how a connection found a way to the other side (RFC 8445), and DTLS on it (RFC 5763, RFC 8842).
mod cause;
mod dtls;
mod failed;
mod hidden;
mod restart;
mod states;

use crate::dump::form::Need;
use crate::findings::rule::{Hears, New, Polls, Rule, Source, Threshold, Watch};
use crate::findings::severity::Severity;

const SPECIFICATION: Source = Source::Published("W3C webrtc-pc");

const STATES: &[&str] = &["oniceconnectionstatechange", "onconnectionstatechange"];

const fn hears(methods: &'static [&'static str]) -> Hears {
    Hears {
        methods,
        polls: Polls::No,
    }
}

const fn ours(name: &'static str, value: f64) -> Threshold {
    of(name, value, Source::Ours)
}

const fn of(name: &'static str, value: f64, source: Source) -> Threshold {
    Threshold {
        name,
        value,
        unit: "s",
        source,
    }
}

/// Why ICE failed: the first one that holds.
const fn cause(
    id: &'static str,
    fires: &'static str,
    hint: &'static str,
    texts: &'static [&'static str],
    source: Source,
    new: New,
) -> Rule {
    Rule {
        id,
        severity: Severity::Critical,
        fires,
        hint,
        texts,
        form: Need::Beginning,
        source,
        watch: Watch::Connection(
            Hears {
                methods: STATES,
                polls: Polls::Yes,
            },
            new,
        ),
        ..Rule::PLAIN
    }
}

pub const RULES: &[Rule] = &[
    Rule {
        id: "ice.failed",
        severity: Severity::Critical,
        fires: "the ICE state becomes failed, or the connection fails before ICE was connected",
        hint: "Look at the candidates of both sides and at the requests that were sent and answered for each pair.",
        texts: &[
            "ICE found no way to the other side in {value} (this side: {0}; the other side: {1}).",
            "The way to the other side was lost, and ICE gave up after {value}.",
            "ICE failed and recovered after {0}.",
            "ICE failed; the dump does not show since when there was no way to the other side.",
        ],
        source: SPECIFICATION,
        watch: Watch::Connection(hears(STATES), failed::new),
        ..Rule::PLAIN
    },
    cause(
        "ice.no-remote-candidates",
        "ICE failed, and no candidate of the other side was known",
        "The other side's candidates got lost: look at how the page sends and adds them.",
        &["Not one candidate of the other side came, so there was nothing to connect to."],
        Source::Ours,
        cause::no_remote,
    ),
    cause(
        "ice.no-local-candidates",
        "ICE failed, and this side had no candidate",
        "This side could gather nothing: a policy of relay without a TURN server that answers, or a browser or network \
         that blocks all of it.",
        &[
            "This side gathered not one candidate.",
            "This side may only use relays (iceTransportPolicy), and no TURN server gave one.",
        ],
        Source::Ours,
        cause::no_local,
    ),
    cause(
        "ice.no-turn-configured",
        "ICE failed, no TURN server was configured, and this side had direct candidates only",
        "Configure a TURN server, on UDP and on TLS port 443: networks that block direct ways are common.",
        &["No direct way worked, and the page has no TURN server configured (this side: {0}; the other side: {1})."],
        Source::Published("rtcstats.com"),
        cause::no_turn,
    ),
    cause(
        "ice.turn-unusable",
        "ICE failed, a TURN server was configured, and it gave no relay candidate",
        "The fault is on this side: the network blocks the TURN server, or the server refuses the credentials.",
        &["TURN is configured, but no server gave a relay candidate: {0}."],
        Source::Published("element-call #4257"),
        cause::unusable,
    ),
    cause(
        "ice.relay-unpaired",
        "ICE failed, this side had relay candidates, and no pair was ever answered",
        "The fault is on the other side or on the way back: its network blocks the relay, or its candidates are wrong.",
        &["This side had a relay, but not one of the {0} requests over {1} was answered."],
        Source::Published("element-call #4257"),
        cause::unpaired,
    ),
    cause(
        "ice.only-host",
        "ICE failed, and all candidates of both sides were of the host type",
        "Both sides know only their own addresses, which reach no further than one network: configure STUN and TURN.",
        &["Both sides had host candidates only, which reach no further than one network."],
        Source::Ours,
        cause::only_host,
    ),
    Rule {
        id: "ice.mdns-only",
        severity: Severity::Info,
        fires: "ICE does not connect, and all candidates of the other side are names of multicast DNS",
        hint: "Such names can be found within one network at best. Browsers show addresses once the page may use a \
               camera or microphone; otherwise STUN or TURN is needed.",
        texts: &["Each candidate of the other side ({value}) was hidden behind a .local name."],
        source: Source::Published("draft-ietf-mmusic-mdns-ice-candidates"),
        form: Need::Beginning,
        watch: Watch::Connection(hears(STATES), hidden::mdns),
        ..Rule::PLAIN
    },
    Rule {
        id: "ice.host-warmup",
        severity: Severity::Info,
        fires: "ICE fails with host candidates only, and connects later when others have come",
        hint: "Candidates of STUN or TURN came so late that ICE had given up: the servers are slow, or the other side's \
               candidates were held back.",
        texts: &["ICE failed with host candidates only and connected {value} later, when others had come."],
        source: Source::Published("rtcstats.com"),
        watch: Watch::Connection(hears(STATES), hidden::warm_up),
        ..Rule::PLAIN
    },
    Rule {
        id: "ice.slow",
        severity: Severity::Critical,
        fires: "ICE takes long from checking to connected",
        hint: "Look at which candidates came late and at the pair that worked in the end: often UDP is blocked, and TCP \
               or a relay is tried last.",
        texts: &["ICE took {value} from the first check to the connection."],
        thresholds: &[
            ours("warning", 3.0),
            of("critical", 5.0, Source::Published("ObserveRTC")),
        ],
        form: Need::Delay,
        source: Source::Published("ObserveRTC"),
        watch: Watch::Connection(hears(STATES), states::slow),
        ..Rule::PLAIN
    },
    Rule {
        id: "ice.stuck",
        severity: Severity::Critical,
        fires: "ICE goes on checking without connecting or failing, for long or until the end, or does not even begin",
        hint: "Checks are sent and nothing is decided: the other side's candidates or its end of candidates are missing, \
               or it has gone.",
        texts: &[
            "ICE was checking for {value}, and then neither connected nor failed.",
            "ICE was still checking after {value}, when the connection was closed.",
            "ICE was still checking after {value}, when the dump ended.",
            "ICE did not even begin in {value}: not one candidate of the other side came.",
            "ICE did not even begin in {value}, although both sides were described and candidates had come.",
        ],
        thresholds: &[ours("hold", 15.0), ours("end", 5.0)],
        source: Source::Published("RFC 8445"),
        watch: Watch::Connection(
            hears(&[
                "oniceconnectionstatechange",
                "onconnectionstatechange",
                "setLocalDescriptionOnSuccess",
                "setRemoteDescriptionOnSuccess",
            ]),
            states::stuck,
        ),
        ..Rule::PLAIN
    },
    Rule {
        id: "ice.disconnected",
        severity: Severity::Critical,
        fires: "ICE is disconnected for long or again and again; critical if it does not recover",
        hint: "The network of one side was gone: look at network types, at other connections at that time, and whether \
               the page restarts ICE.",
        texts: &[
            "The connection was interrupted for {value} and came back by itself.",
            "The connection was interrupted for {value} and came back by an ICE restart.",
            "The connection was interrupted, and ICE failed after {value}.",
            "The connection was interrupted for {value} when it was closed.",
            "The connection was interrupted and did not come back in the {value} until the dump ended.",
            "The connection was interrupted {value} times within {0}.",
            "The connection was interrupted for {value}: ICE failed, and came back when it was restarted.",
        ],
        thresholds: &[
            of("hold", 5.0, Source::Published("ObserveRTC")),
            Threshold {
                name: "times",
                value: 3.0,
                unit: "",
                source: Source::Ours,
            },
            ours("window", 60.0),
        ],
        source: Source::Published("ObserveRTC"),
        watch: Watch::Connection(hears(STATES), states::disconnected),
        ..Rule::PLAIN
    },
    Rule {
        id: "ice.restart-failed",
        severity: Severity::Critical,
        fires: "some time after an ICE restart was asked for, ICE is not connected, or this side's credentials are \
                still the old ones",
        hint: "The restart needs a new offer and an answer: look at whether the page made them and whether the other \
               side took part.",
        texts: &[
            "An ICE restart was asked for, but no offer with new credentials was set within {value}.",
            "The ICE restart did not connect within {value}.",
        ],
        thresholds: &[ours("hold", 15.0)],
        form: Need::Beginning,
        watch: Watch::Connection(hears(&["restartIce", "createOffer"]), restart::new),
        ..Rule::PLAIN
    },
    Rule {
        id: "dtls.failed",
        severity: Severity::Critical,
        fires: "ICE is connected and the connection fails, or DTLS fails",
        hint: "Compare a=setup and a=fingerprint of both descriptions; if they are right, something on the way lets \
               small packets through and drops the large ones of the handshake.",
        texts: &[
            "DTLS failed: both sides said a=setup:{0}, and one must begin.",
            "DTLS failed: the answer said a=setup:actpass, which only an offer may.",
            "DTLS failed: a certificate changed while the ICE credentials stayed.",
            "DTLS failed although ICE was connected, and the descriptions do not say why.",
        ],
        source: Source::Published("RFC 8842"),
        watch: Watch::Connection(
            Hears {
                methods: STATES,
                polls: Polls::Yes,
            },
            dtls::failed,
        ),
        ..Rule::PLAIN
    },
    Rule {
        id: "dtls.slow",
        severity: Severity::Critical,
        fires: "the connection takes long from ICE connected to connected, or does not come so far",
        hint: "The handshake lost packets or a machine is overloaded: look at loss at this time and at CPU. Where it never \
               ends, the other side does not answer it, or the way lets no large packets through.",
        texts: &[
            "The DTLS handshake took {value} after ICE was connected.",
            "The DTLS handshake did not end in {value}, though ICE was connected.",
        ],
        thresholds: &[ours("warning", 1.0), ours("critical", 5.0)],
        form: Need::Delay,
        source: Source::Published("rtcstats.com"),
        watch: Watch::Connection(hears(STATES), dtls::slow),
        ..Rule::PLAIN
    },
];
