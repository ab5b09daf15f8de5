//! What went wrong by the page's own account: calls that failed, candidate errors, states that mean a loss.
//!
//! Limit: `INFO_TROUBLES_COUNT_MAX` are kept, the first ones; all are counted.
use serde::Serialize;

use super::text::word;
use crate::cli::visible::short;
use crate::dump::decode::Event;
use crate::dump::json::Json;
use crate::limits::INFO_TROUBLES_COUNT_MAX;

/// All of a dump.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Troubles {
    pub count: u64,
    pub first: Vec<Trouble>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trouble {
    /// In ms since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
    /// None for the client itself.
    pub connection: Option<String>,
    /// The method.
    pub what: String,
    pub text: String,
}

impl Troubles {
    /// Looks at one event, at this time.
    pub fn event(&mut self, event: &Event<'_>, time: Option<f64>, method: &str) {
        let value = event.value.json();
        let state = || value.and_then(Json::as_text).map(|text| text.to_str());
        let text = match method {
            "onicecandidateerror" => value.map(candidate_error),
            "oniceconnectionstatechange" | "onconnectionstatechange" => {
                let state = state();
                let is_loss = matches!(state.as_deref(), Some("failed" | "disconnected"));
                state.filter(|_| is_loss).map(|state| state.into_owned())
            }
            method if method.ends_with("OnFailure") => Some(word(value).unwrap_or_default()),
            _ => None,
        };
        let Some(text) = text else { return };
        self.count += 1;
        if self.first.len() < INFO_TROUBLES_COUNT_MAX {
            self.first.push(Trouble {
                time,
                connection: (event.connection.index > 0)
                    .then(|| word(Some(event.connection.sent)))
                    .flatten(),
                what: short(method),
                text,
            });
        }
    }
}

/// RTCPeerConnectionIceErrorEvent: its code and text (RFC 8489, section 18.3) and the server.
fn candidate_error(value: Json<'_>) -> String {
    let members = ["errorCode", "errorText", "url"].map(|name| word(value.get(name)));
    members.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
