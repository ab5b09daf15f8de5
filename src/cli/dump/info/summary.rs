//! All that `dump info` tells: of the file, of what it says about itself, and of the call.
use serde::Serialize;
use serde_json::{Map, Value};

use super::survey::Survey;

/// All that is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub name: String,
    /// How the file is compressed, or "uncompressed".
    pub form: &'static str,
    /// The bytes of the file, and of its text.
    pub packed_bytes: u64,
    pub text_bytes: u64,
    pub lines: u64,
    pub metadata: Map<String, Value>,
    /// Who has written it: rtcstats, webrtc-internals or chrome-rtcstats.
    pub format: &'static str,
    /// The origins of the pages in a browser's own dump, with their numbers of connections.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<(String, usize)>,
    /// What is not as in a dump of the client library.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<&'static str>,
    /// What was not read.
    pub notes: Vec<String>,
    #[serde(flatten)]
    pub survey: Survey,
}
