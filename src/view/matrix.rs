//! The directions of each section: what this side wanted, what was agreed, and what came of it.
use std::io;

use super::head::Direction;
use super::lookup::Lookup;
use crate::sdp::{self, Description};

/// One row for each section of the last description of this side.
///
/// # Errors
/// Those of the room that was lent.
pub fn matrix(local: &str, remote: &str, lookup: &Lookup<'_>) -> io::Result<Vec<Direction>> {
    let mut rows = Vec::new();
    let far = Description::new(remote);
    let own = Description::new(local);
    for (at, section) in own.media().enumerate() {
        let Some(media) = section.media().filter(|media| media.kind != "application") else {
            continue;
        };
        let mid = section.mid();
        let partner = far.media().enumerate().find(|(place, one)| match (mid, one.mid()) {
            (Some(mid), Some(other)) => mid == other,
            _ => *place == at,
        });
        let partner = partner.map(|(_, section)| section);
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
            for report in lookup
                .reports(kind)
                .filter(|report| lookup.word(*report, "mid").as_deref() == mid)
            {
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
