//! `docs/features.md` is made from the table of features in the code.
use std::fmt::Write;

use rtcstats_server::features::{CLIENT, Column, EVENTS, Feature, Need, STATISTICS, TRACK, Table, columns};
use rtcstats_server::limits;

use super::configuration::rendered::held_to;

const NOTE: &str = "<!-- Made from src/features/tables: RTCSTATS_RENDER=1 cargo test --test operation rendered -->";

const ABOUT: &str = "\
# Features

What a call was like, in numbers and short texts: of the client, of each of its connections, and of each of their tracks. The
server extracts them from every dump while it packs it, from the lines as they are masked, and stores them beside the dump as
`ID.features.json`. `rtcstats-server dump features` prints them for any dump. What was found in the call (findings.md) stands beside them
in that file, as the member `findings` of the outermost object.

```text
{ features of the client…,
  \"peerConnections\": [
    { features of the connection…,
      \"tracks\": [ { features of the track… }, … ] },
    … ] }
```

`peerConnections` and `tracks` are always there, maybe empty. Connections stand in the order of their first events, tracks in that
of the events that made them known.

## How to read the tables

- A feature without a value is **absent** from the JSON, and null in a table. false, 0 and the empty text are values. What was copied
  and is null stays null. What is no finite number, or has one in it, is absent. Halves of surrogate pairs become U+FFFD.
- Times are milliseconds of the page's clock, as the client library gives them. Statistics keep the units of W3C: seconds, bytes.
- What is unexpected (a text in place of a number, a candidate that is none) counts as missing; everything else goes on.
- *First* means the first in the order of events. Among reports it means the lowest id.
- Names and meanings are those of the Node.js implementation of rtcstats, whose queries go on working; also where a name says too
  much (`…Percentage` is a fraction). A better definition gets a new name and never changes an old one.
- Features can go to tables of the database as well (`features.tables`): `rtcstats_features_client`, `…_connection` and `…_track`.
  A column has the type of its feature, and its name as the tables of the Node.js implementation have it: `connectionTime` is
  `connection_time`. A value of another type is null there. `dump_id` is the id of the dump, `connection_number` and `track_number`
  count from 1.
- Sources: *webrtc-pc* and *webrtc-extensions*, *webrtc-stats*, *mediacapture-main* and *screen-share* are specifications of W3C. Of the
  statistics, the dictionary and the member are named.
";

const TRACKS: &str = "\
A track becomes known by `addTrack`, `addTransceiver` with a track, `ontrack` (once for an id), or `replaceTrack` with one that is not known;
in dumps of webrtc-internals also by `transceiverAdded` and `transceiverModified`. It takes the first stream of its id and direction
and keeps it: that of an `inbound-rtp` by its `trackIdentifier`, that of an `outbound-rtp` by the `trackIdentifier` of its
`media-source`. So of simulcast layers only the one with the lowest report counts, and after `replaceTrack` the stream stays with the
old track. A track without a stream is there with what its events say.
";

const CREATED: &str = "\
The members of the first `create` that have other names than these are features too, as they are, but in no column.
";

const DIFFERENCES: &str = "\
## Where the Node.js implementation gives something else

| Node.js | here |
|---|---|
| one candidate that is none, null as a value or a report, or no `create`: no features at all | what needs it is absent |
| the name of a connection is only in its database | `connectionIdentifier` |
| a page that connects again adds up its times (year 2083) | a time is taken as one |
| the last 10 characters of a label are a USB id if the fifth is a colon | four hexadecimal digits, colon, four more, between the last brackets |
| a transport must say which pair is selected, or there is none | without it, the pair that says `selected`, else the one nominated and succeeded (older Firefox, Safari) |
| location by the first statistics, with or without a pair | by the first statistics that have a pair |
| `statsTruncated` for any report that is in exactly 1,000 statistics and appears after a minute | only where the source keeps no more than 1,000 |
| a stream may belong to a track of the other direction that has the same id | direction counts |
| null where a fraction or a bitrate cannot be computed | absent |
";

#[test]
fn the_rendered_document_is_made_from_the_table() {
    held_to("docs/features.md", &rendered());
}

fn rendered() -> String {
    let mut text = format!("{NOTE}\n\n{ABOUT}");
    text += "\n## Client\n\nThe page and the machine it runs on, from the events that belong to no connection. ";
    text += CREATED;
    table(CLIENT, &mut text);
    text += "\n## Connection: calls and events\n\n";
    table(EVENTS, &mut text);
    text += "\n## Connection: statistics\n\n";
    table(STATISTICS, &mut text);
    text += &format!(
        "\n## Track\n\n{TRACKS}\nNearly all features are those of the stream; without further words, the last value.\n\n"
    );
    table(TRACK, &mut text);
    text += &unknown();
    text += &limits();
    text + "\n" + DIFFERENCES
}

fn table<S>(features: &[Feature<S>], text: &mut String) {
    if !text.ends_with("\n\n") {
        text.push('\n');
    }
    *text += "| feature | type | definition | absent | source |\n|---|---|---|---|---|\n";
    for feature in features {
        let kind = match (feature.column, feature.unit) {
            (Column::Boolean, "true") => "boolean, only true".to_string(),
            (Column::Boolean, _) => "boolean".to_string(),
            (Column::Integer, unit) => format!("integer, {unit}"),
            (Column::Real, unit) => format!("real, {unit}"),
            (Column::Text, _) => "text".to_string(),
            (Column::Json, _) => "JSON".to_string(),
        };
        let rule: Vec<&str> = feature.rule.iter().map(|line| line.trim()).collect();
        let (name, absent, source) = (feature.name, feature.absent, feature.source);
        writeln!(text, "| `{name}` | {kind} | {} | {absent} | {source} |", rule.join(" ")).unwrap();
    }
}

const UNKNOWN: &str = "
## What a browser's dump cannot show

A dump of chrome://webrtc-internals and Chrome's own export of this format (`rtcstats_dump.gz`) have what the browser logged, not what
the page did. `dump features` reads them too. Features that cannot be known from them are absent, and these are they; the flags are
those that `dump info` tells. All others are as in the dump of a client library, with two remarks:

- Times are those at which the browser's own process heard of an event: up to some 10 ms later than the page, and several events at
  once. So a delay of few milliseconds says little. With `clockInferred` they are known to a second, with `timesInterpolated` those of
  statistics are spread evenly.
- The log has a beginning, which `startedMidCall` tells from that of the call. The tracks that were there before are known from the
  statistics.

| absent from which of the two | why | features |
|---|---|---|
";

/// What needs something that not every form of a dump has.
fn unknown() -> String {
    fn names<S>(features: &[Feature<S>], need: Need) -> Vec<String> {
        let with = features.iter().filter(|feature| feature.need == need);
        with.map(|feature| format!("`{}`", feature.name)).collect()
    }
    let mut text = UNKNOWN.to_owned();
    for need in Need::ALL.into_iter().filter(|need| *need != Need::Nothing) {
        let of = |prefix: &str, names: Vec<String>| match names.is_empty() {
            true => None,
            false => Some(format!("{prefix}: {}", names.join(", "))),
        };
        let connection = [names(EVENTS, need), names(STATISTICS, need)].concat();
        let all = [
            of("client", names(CLIENT, need)),
            of("connection", connection),
            of("track", names(TRACK, need)),
        ];
        let all: Vec<String> = all.into_iter().flatten().collect();
        assert!(!all.is_empty(), "no feature has the need {need:?}");
        let (which, why) = need.missing();
        writeln!(text, "| {which} | {why} | {} |", all.join("; ")).unwrap();
    }
    text
}

fn limits() -> String {
    format!(
        "\n## Limits\n\nOf one dump: {} tracks, {} streams of statistics, and {} MiB of copied texts, of which each has {} KiB at most. Of one \
         connection: {} tracks, {} transports, {} selected pairs. Of one stream: {} different widths. What is beyond is left out, and \
         `omittedCount` says how often that happened. Browsers come near none of these.\n",
        limits::FEATURE_TRACKS_TOTAL_MAX,
        limits::FEATURE_STREAMS_TOTAL_MAX,
        limits::FEATURE_TEXT_BYTES_MAX >> 20,
        limits::FEATURE_VALUE_BYTES_MAX >> 10,
        limits::FEATURE_TRACKS_MAX,
        limits::FEATURE_TRANSPORTS_MAX,
        limits::FEATURE_PAIRS_MAX,
        limits::FEATURE_SIZES_MAX,
    )
}

#[test]
fn names_of_columns_are_unique_and_all_features_are_explained() {
    for table in [Table::Client, Table::Connection, Table::Track] {
        let mut names: Vec<String> = columns(table).iter().map(|(name, _)| name.to_lowercase()).collect();
        assert!(
            names
                .iter()
                .all(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        );
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all, "{table:?}");
    }
    let explained = rendered().lines().filter(|line| line.starts_with("| `")).count();
    let all = [Table::Client, Table::Connection, Table::Track].map(|table| columns(table).len());
    assert_eq!(
        explained,
        all.iter().sum::<usize>() + DIFFERENCES.matches("\n| `").count()
    );
}
