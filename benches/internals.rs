//! Large dumps of webrtc-internals, made of a recorded one by writing its parts again and again into a file.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};

use flate2::read::GzDecoder;
use serde_json::Value;

/// A dump in a file without a name, read from its beginning.
pub struct Made {
    pub file: BufReader<File>,
    pub bytes: u64,
    /// Bytes of the longest series.
    pub largest: usize,
}

const POINTS: usize = 1000;

/// Makes a dump of connections that have `copies` times the reports of a recorded one, each with all points that the
/// page keeps.
pub fn made(connections: usize, copies: usize) -> Made {
    let path = format!(
        "{}/tests/data/internals/ice-restart.internals.gz",
        env!("CARGO_MANIFEST_DIR")
    );
    let mut text = String::new();
    GzDecoder::new(File::open(path).expect("the recorded dump is there"))
        .read_to_string(&mut text)
        .expect("it unpacks");
    let recorded: Value = serde_json::from_str(&text).expect("JSON");
    let record = &recorded["PeerConnections"]["8-1"];
    let mut file = BufWriter::new(tempfile::tempfile().expect("a temporary file"));
    let mut largest = 0;
    write!(file, "{{\"UserAgent\":{},\"PeerConnections\":{{", recorded["UserAgent"]).expect("room");
    for connection in 0..connections {
        let comma = if connection == 0 { "" } else { "," };
        let (log, configuration) = (&record["updateLog"], &record["rtcConfiguration"]);
        write!(
            file,
            "{comma}\"8-{connection}\":{{\"rtcConfiguration\":{configuration},\"updateLog\":{log},\"stats\":{{"
        )
        .expect("room");
        let mut comma = "";
        for copy in 0..copies {
            for (key, series) in record["stats"].as_object().expect("series") {
                let (id, property) = key.rsplit_once('-').expect("a report and a property");
                let values = Value::from(values(property, &series["values"]));
                let (kind, start) = (&series["statsType"], &series["startTime"]);
                let text = Value::from(values.to_string()).to_string();
                largest = largest.max(text.len());
                // All have the time of the first point, and all points.
                write!(
                    file,
                    "{comma}\"{id}x{copy}-{property}\":{{\"startTime\":{start},\"statsType\":{kind},\"values\":{text}}}"
                )
                .expect("room");
                comma = ",";
            }
        }
        file.write_all(b"}}").expect("room");
    }
    file.write_all(b"}}").expect("room");
    let mut file = file.into_inner().expect("room");
    let bytes = file.stream_position().expect("a file");
    file.rewind().expect("a file");
    Made {
        file: BufReader::new(file),
        bytes,
        largest,
    }
}

/// A thousand values like these.
fn values(property: &str, recorded: &Value) -> Vec<Value> {
    let recorded: Vec<Value> = serde_json::from_str(recorded.as_str().expect("text")).expect("JSON");
    if property == "timestamp" {
        let first = recorded[0].as_f64().expect("a time");
        return (0..POINTS).map(|at| (first + 1000.25 * at as f64).into()).collect();
    }
    recorded.iter().cycle().take(POINTS).cloned().collect()
}
