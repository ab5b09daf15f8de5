//! How many packets of a connection are lost on their way, for rules that look at more than one stream.
//!
//! Streams with an absurd count (`net.lost-negative`) say nothing.
use crate::findings::columns::{Column, Kind, Link, inbound, outbound, remote_inbound};
use crate::findings::view::{Interval, View};

/// So many packets below nothing cannot have come late or twice.
pub const ABSURD: f64 = 1e6;

/// `packetsLost` of a stream, by its kind of report.
pub fn lost(kind: Kind) -> Option<Column> {
    match kind {
        Kind::Inbound => Some(inbound::PACKETS_LOST),
        Kind::RemoteInbound => Some(remote_inbound::PACKETS_LOST),
        _ => None,
    }
}

/// Whether the count of lost packets is absurd: what follows from it is too.
pub fn is_absurd(interval: &Interval<'_>) -> bool {
    let Some(column) = lost(interval.slot.kind) else {
        return false;
    };
    let both = [interval.before(column), interval.now(column)];
    both.into_iter().flatten().any(|lost| lost < -ABSURD)
}

/// What part of a sent stream is lost, as the other side tells it (0 to 1). What was told long ago says nothing: nobody
/// reports a stream that rests.
pub fn fraction(remote: &Interval<'_>) -> Option<f64> {
    let is_valid = |remote: &Interval<'_>| remote.is_recent() && remote.is_on() && !is_absurd(remote);
    remote.now(remote_inbound::FRACTION_LOST).filter(|_| is_valid(remote))
}

/// The largest of those parts.
pub fn worst_sent(view: &View<'_>) -> Option<f64> {
    let all = view.intervals(Kind::RemoteInbound);
    all.filter_map(|remote| fraction(&remote)).reduce(f64::max)
}

/// What part of all that is sent is lost (0 to 1).
pub fn sent(view: &View<'_>) -> Option<f64> {
    let part = |remote: Interval<'_>| {
        let sent = remote.linked(Link::Local)?.delta(outbound::PACKETS_SENT)?;
        Some((fraction(&remote)? * sent, sent))
    };
    share(view.intervals(Kind::RemoteInbound).filter_map(part))
}

/// What part of all that should be received is lost (0 to 1), since the poll before.
pub fn received(view: &View<'_>) -> Option<f64> {
    let part = |stream: Interval<'_>| {
        let lost = stream.change(inbound::PACKETS_LOST).filter(|_| !is_absurd(&stream))?;
        let lost = lost.max(0.0);
        Some((lost, lost + stream.delta(inbound::PACKETS_RECEIVED)?))
    };
    share(view.intervals(Kind::Inbound).filter_map(part))
}

fn share(parts: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (part, whole) = parts.fold((0.0, 0.0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
    (whole > 0.0).then_some(part / whole)
}
