//! The directions of each section: what this side wanted, what was agreed, and what came of it.
use std::collections::HashMap;
use std::io;

use super::head::Direction;
use super::lookup::Lookup;
use crate::limits::VIEW_SECTIONS_MAX;
use crate::sdp::{self, Description};

/// One row for each section of the last description of this side.
///
/// # Errors
/// Those of the room that was lent.
pub fn matrix(local: &str, remote: &str, lookup: &Lookup<'_>) -> io::Result<Vec<Direction>> {
    let mut rows = Vec::new();
    let far: Vec<sdp::Section<'_>> = Description::new(remote).media().take(VIEW_SECTIONS_MAX).collect();
    let by_mid: HashMap<&str, usize> = far
        .iter()
        .enumerate()
        .filter_map(|(at, one)| Some((one.mid()?, at)))
        .collect();
    let own = Description::new(local);
    let mut streams: HashMap<String, Vec<usize>> = HashMap::new();
    for report in lookup.reports("outbound-rtp").chain(lookup.reports("inbound-rtp")) {
        if let Some(mid) = lookup.word(report, "mid") {
            streams.entry(mid).or_default().push(report);
        }
    }
    for (at, section) in own.media().take(VIEW_SECTIONS_MAX).enumerate() {
        let Some(media) = section.media().filter(|media| media.kind != "application") else {
            continue;
        };
        let mid = section.mid();
        let partner = mid.and_then(|mid| by_mid.get(mid).copied()).or(Some(at));
        let partner = partner.and_then(|at| far.get(at));
        let streams = mid.and_then(|mid| streams.get(mid)).map_or(&[][..], |all| all);
        let wanted = section.direction().unwrap_or(sdp::Direction::Both);
        let agreed = partner.map(|partner| {
            let other = partner.direction().unwrap_or(sdp::Direction::Both);
            let rejected = partner.is_rejected() || section.is_rejected();
            let sends = wanted.sends() && other.receives() && !rejected;
            let receives = wanted.receives() && other.sends() && !rejected;
            named(sends, receives)
        });
        let has = |kind: &str, property: &str| -> io::Result<Option<bool>> {
            let mut found = None;
            for report in streams.iter().copied().filter(|report| lookup.kind(*report) == kind) {
                let above = lookup.greatest(report, property)?.map(|most| most > 0.0);
                found = found.max(above);
            }
            Ok(found)
        };
        let decoded = if media.kind == "video" {
            "framesDecoded"
        } else {
            "totalSamplesReceived"
        };
        rows.push(Direction {
            mid: mid.map(str::to_owned),
            kind: media.kind.to_owned(),
            wanted: named(wanted.sends(), wanted.receives()),
            negotiated: agreed,
            sent: has("outbound-rtp", "packetsSent")?,
            received: has("inbound-rtp", "packetsReceived")?,
            decoded: has("inbound-rtp", decoded)?,
        });
    }
    Ok(rows)
}

fn named(sends: bool, receives: bool) -> &'static str {
    match (sends, receives) {
        (true, true) => "sendrecv",
        (true, false) => "sendonly",
        (false, true) => "recvonly",
        (false, false) => "inactive",
    }
}
