//! The tracks of a connection: its RTP streams, grouped by direction and section (mid), layers of simulcast together,
//! each with its source, with what the far side says of it, and with what was special for some time.
use std::collections::HashMap;
use std::io;

use super::bands::{self, Group};
use super::client::Client;
use super::head::{Layer, Track};
use super::lookup::Lookup;

/// All tracks, in the order of their first streams. `places` are those of series in the head.
///
/// # Errors
/// Those of the room that was lent.
pub fn tracks(lookup: &Lookup<'_>, places: &HashMap<usize, usize>, client: &Client) -> io::Result<Vec<Track>> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known = HashMap::new();
    for (kind, direction) in [("outbound-rtp", "out"), ("inbound-rtp", "in")] {
        for report in lookup.reports(kind) {
            let word = |property| lookup.word(report, property);
            let media = word("kind").or(word("mediaType")).unwrap_or_default();
            let mid = word("mid");
            let same = mid.clone().or(word("trackIdentifier")).or(word("mediaSourceId"));
            let key = (
                direction,
                media.clone(),
                same.unwrap_or_else(|| lookup.id(report).to_owned()),
            );
            let at = *known.entry(key).or_insert(groups.len());
            if at == groups.len() {
                groups.push(Group {
                    direction,
                    media,
                    mid,
                    streams: Vec::new(),
                });
            }
            groups[at].streams.push(report);
        }
    }
    let remote = remote(lookup);
    groups
        .iter()
        .map(|group| track(group, lookup, &remote, places, client))
        .collect()
}

/// What the far side says, by the id of the stream.
fn remote(lookup: &Lookup<'_>) -> HashMap<String, Vec<usize>> {
    let mut remote: HashMap<String, Vec<usize>> = HashMap::new();
    for report in lookup
        .reports("remote-inbound-rtp")
        .chain(lookup.reports("remote-outbound-rtp"))
    {
        if let Some(local) = lookup.word(report, "localId") {
            remote.entry(local).or_default().push(report);
        }
    }
    remote
}

fn track(
    group: &Group,
    lookup: &Lookup<'_>,
    remote: &HashMap<String, Vec<usize>>,
    places: &HashMap<usize, usize>,
    client: &Client,
) -> io::Result<Track> {
    let first = group.streams[0];
    let source = group
        .streams
        .iter()
        .find_map(|report| lookup.find(&lookup.word(*report, "mediaSourceId")?));
    let identifier = |report| lookup.word(report, "trackIdentifier");
    let id = source.and_then(identifier).or_else(|| identifier(first));
    let far: Vec<usize> = group
        .streams
        .iter()
        .filter_map(|report| remote.get(lookup.id(*report)))
        .flatten()
        .copied()
        .collect();
    let codec = match lookup.last(first, "codecId")? {
        Some(codec) => lookup.find(&codec).and_then(|report| lookup.word(report, "mimeType")),
        None => None,
    };
    let implementation = match group.direction {
        "out" => lookup.last(first, "encoderImplementation")?,
        _ => lookup.last(first, "decoderImplementation")?,
    };
    let layer = |report: &usize| Layer {
        report: lookup.id(*report).to_owned(),
        rid: lookup.word(*report, "rid"),
        ssrc: lookup.word(*report, "ssrc"),
    };
    let reports = source
        .into_iter()
        .chain(group.streams.iter().copied())
        .chain(far.iter().copied());
    let series = reports.flat_map(|report| lookup.series(report));
    let marks = id.as_deref().map_or(&[][..], |id| client.marks_of(id));
    Ok(Track {
        label: id.as_deref().and_then(|id| client.label_of(id)).cloned(),
        id: id.unwrap_or_else(|| lookup.id(first).to_owned()),
        kind: group.media.clone(),
        direction: group.direction,
        mid: group.mid.clone(),
        source: source.map(|report| lookup.id(report).to_owned()),
        layers: group.streams.iter().map(layer).collect(),
        remote: far.iter().map(|report| lookup.id(*report).to_owned()).collect(),
        series: series.filter_map(|at| places.get(&at).copied()).collect(),
        bands: bands::bands(group, marks, lookup)?,
        codec: codec.map(|mime| mime.split_once('/').map_or(mime.clone(), |(_, name)| name.to_owned())),
        implementation: implementation.filter(|name| name != "unknown"),
    })
}
