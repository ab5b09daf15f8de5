//! What series are called: CONNECTION/WHAT/PROPERTY, as a person says it.
//!
//! WHAT is `video/out`, `audio/in`, `audio/in/remote` (as the other side reports it), `video/source`, `pair` (the
//! selected one), `transport` or `playout`; else the type of the report. Where several reports would be called alike,
//! the name of their simulcast layer follows, or the id of the report. Bytes are called `bitrate`.
use std::collections::HashMap;
use std::io;

use super::states::{States, word};
use crate::view::series::Collected;

/// A series with its name.
#[derive(Debug)]
pub struct Name {
    /// Safe to look at.
    pub text: String,
    pub series: usize,
    /// From 0.
    pub connection: usize,
}

/// The names of all series, in the order of connections and reports.
///
/// # Errors
/// Those of the room that was lent.
pub fn names(collected: &Collected, states: &States) -> io::Result<Vec<Name>> {
    let mut names = Vec::new();
    for (connection, polled) in collected.connections().iter().enumerate() {
        let selected = selected(collected, connection)?;
        let groups: Vec<String> = (0..polled.reports.len())
            .map(|report| group(collected, connection, report, selected.as_deref()))
            .collect();
        let mut alike = Alike::default();
        for (report, group) in groups.iter().enumerate() {
            alike.add(group, rid(collected, connection, report));
        }
        for (report, kept) in polled.reports.iter().enumerate() {
            let suffix = alike.suffix(&groups[report], rid(collected, connection, report), &kept.id);
            for series in kept.series.iter().map(|series| *series as usize) {
                let property = match collected.property(series) {
                    "bytesSent" | "bytesReceived" => "bitrate".to_owned(),
                    property => word(property),
                };
                let text = format!("{}/{}{suffix}/{property}", states.name(connection), groups[report]);
                names.push(Name {
                    text,
                    series,
                    connection,
                });
            }
        }
    }
    Ok(both_ways(names, collected))
}

/// Transports and pairs send and receive: there, `bitrate` is two series, which keep the names of their properties.
fn both_ways(mut names: Vec<Name>, collected: &Collected) -> Vec<Name> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for name in &names {
        *counts.entry(name.text.clone()).or_default() += 1;
    }
    for name in names.iter_mut().filter(|name| counts[&name.text] > 1) {
        if let Some((path, _)) = name.text.rsplit_once('/') {
            name.text = format!("{path}/{}", word(collected.property(name.series)));
        }
    }
    names
}

/// The id of the pair that the transport has selected last.
fn selected(collected: &Collected, connection: usize) -> io::Result<Option<String>> {
    let reports = &collected.connections()[connection].reports;
    let Some(transport) = reports.iter().position(|report| &*report.kind == "transport") else {
        return Ok(None);
    };
    collected.last_word(connection, transport, "selectedCandidatePairId")
}

fn group(collected: &Collected, connection: usize, report: usize, selected: Option<&str>) -> String {
    let kept = &collected.connections()[connection].reports[report];
    let kind = || {
        let kind = collected.first_word(connection, report, "kind");
        kind.map_or("media".to_owned(), |kind| word(&kind))
    };
    match &*kept.kind {
        "outbound-rtp" => format!("{}/out", kind()),
        "inbound-rtp" => format!("{}/in", kind()),
        "remote-inbound-rtp" => format!("{}/out/remote", kind()),
        "remote-outbound-rtp" => format!("{}/in/remote", kind()),
        "media-source" => format!("{}/source", kind()),
        "candidate-pair" if selected == Some(&*kept.id) => "pair".to_owned(),
        "candidate-pair" => format!("pair/{}", word(&kept.id)),
        "media-playout" => "playout".to_owned(),
        other => word(other),
    }
}

/// The name of a simulcast layer.
fn rid(collected: &Collected, connection: usize, report: usize) -> Option<String> {
    collected.first_word(connection, report, "rid")
}

/// How many reports would be called alike, and how many of them are of one layer.
#[derive(Default)]
struct Alike<'a> {
    groups: HashMap<&'a str, usize>,
    layers: HashMap<(&'a str, String), usize>,
}

impl<'a> Alike<'a> {
    fn add(&mut self, group: &'a str, rid: Option<String>) {
        *self.groups.entry(group).or_default() += 1;
        if let Some(rid) = rid {
            *self.layers.entry((group, rid)).or_default() += 1;
        }
    }

    /// What tells a report from those that would be called like it.
    fn suffix(&self, group: &'a str, rid: Option<String>, id: &str) -> String {
        if self.groups.get(group).is_none_or(|count| *count < 2) {
            return String::new();
        }
        match rid
            .map(|rid| (group, rid))
            .filter(|layer| self.layers.get(layer) == Some(&1))
        {
            Some((_, rid)) => format!("/{}", word(&rid)),
            None => format!("/{}", word(id)),
        }
    }
}

/// What is drawn where nothing was asked for.
pub fn is_headline(name: &Name) -> bool {
    let parts: Vec<&str> = name.text.rsplit('/').collect();
    match parts[..] {
        ["currentRoundTripTime" | "availableOutgoingBitrate", "pair", ..] => true,
        // A layer of simulcast, or one of several videos, has one part more.
        ["framesPerSecond", "in" | "out", "video", ..] | ["framesPerSecond", _, "in" | "out", "video", ..] => true,
        ["bitrate", "in" | "out", ..] | ["bitrate", _, "in" | "out", ..] => !name.text.contains("/remote/"),
        _ => false,
    }
}
