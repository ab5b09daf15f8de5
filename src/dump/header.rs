//! The first two lines of a dump and its closing line.

use serde::Serialize;
use serde_json::{Map, Value, json};

/// The first line.
pub const SIGNATURE: &[u8] = b"RTCStatsDump\n";

const RESERVED: &str = "rtcstatsServer";

/// What the second line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    pub url: String,
    pub origin: Option<String>,
    pub user_agent: Option<String>,
    pub start_time: u64,
    pub remote_addresses: Vec<String>,
    pub client_protocol: Option<String>,
}

/// The second line is no metadata object.
#[derive(Debug, thiserror::Error)]
#[error("the second line is not a metadata object")]
pub struct HeaderError;

/// Appends the first two lines.
pub fn write_head(metadata: &Metadata, ticket: &impl Serialize, out: &mut Vec<u8>) {
    out.extend_from_slice(SIGNATURE);
    let mut object = Map::new();
    object.insert("url".into(), json!(metadata.url));
    for (name, value) in [("origin", &metadata.origin), ("userAgent", &metadata.user_agent)] {
        object.extend(value.as_ref().map(|value| (name.to_owned(), json!(value))));
    }
    object.insert("startTime".into(), json!(metadata.start_time));
    object.insert("remoteAddresses".into(), json!(metadata.remote_addresses));
    object.extend(
        metadata
            .client_protocol
            .as_ref()
            .map(|value| ("clientProtocol".to_owned(), json!(value))),
    );
    object.insert("fileFormat".into(), json!(3));
    object.insert(RESERVED.into(), serde_json::to_value(ticket).unwrap_or(Value::Null));
    out.extend_from_slice(Value::Object(object).to_string().as_bytes());
    out.push(b'\n');
}

/// Reads the second line; takes the ticket out.
pub fn read_head(line: &[u8]) -> Result<(Map<String, Value>, Option<Value>), HeaderError> {
    let mut object: Map<String, Value> = serde_json::from_slice(line).map_err(|_| HeaderError)?;
    let ticket = object.shift_remove(RESERVED);
    Ok((object, ticket))
}

/// What the server adds to the closing line in the spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Seal {
    pub end: u64,
    pub recovered: bool,
}

/// The closing line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    pub code: u16,
    pub idle_ms: u64,
    pub seal: Option<Seal>,
}

/// Appends the closing line without its end.
pub fn write_close(close: &Close, out: &mut Vec<u8>) {
    let line = match close.seal {
        Some(seal) => json!(["close", null, close.code, seal, close.idle_ms]),
        None => json!(["close", null, close.code, close.idle_ms]),
    };
    out.extend_from_slice(line.to_string().as_bytes());
}

/// Reads a closing line with a seal.
pub fn read_close(line: &[u8]) -> Option<Close> {
    let (name, _, code, seal, idle_ms): (String, (), u16, Seal, u64) = serde_json::from_slice(line).ok()?;
    (name == "close").then_some(Close {
        code,
        idle_ms,
        seal: Some(seal),
    })
}
