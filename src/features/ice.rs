//! Candidates that were gathered and added, and how long a TURN server took to give one (W3C WebRTC, section 4.8;
//! RFC 8839).
use super::call::Call;
use super::negotiation::may_have;
use crate::dump::json::Json;
use crate::sdp::{self, Candidate};

#[derive(Debug, Default)]
pub struct Ice {
    pub gathered: Kinds,
    pub added: Kinds,
    /// addIceCandidate was called with null or without an argument.
    pub added_null: bool,
    /// The other side can be reached over TCP.
    pub added_passive: bool,
    gathering: Gathering,
    pub udp: Option<f64>,
    pub tcp: Option<f64>,
    pub tls: Option<f64>,
}

/// Which types of candidates there were.
#[derive(Debug, Default)]
pub struct Kinds {
    pub host: bool,
    pub mdns: bool,
    pub reflexive: bool,
    pub relay: bool,
}

/// Where the first gathering is. Later ones do not count.
#[derive(Debug, Default)]
enum Gathering {
    #[default]
    Before,
    Since(f64),
    Over,
}

impl Ice {
    pub fn call(&mut self, call: &Call<'_>) {
        match call.method {
            "onicecandidate" => {
                self.relayed(call);
                with_candidate(call.value, |candidate| self.gathered.add(candidate));
            }
            "addIceCandidate" => {
                self.added_null |= call.value.is_null();
                with_candidate(call.value, |candidate| {
                    self.added.add(candidate);
                    self.added_passive |= candidate.is_passive();
                });
            }
            "setRemoteDescription" => self.added_passive = self.added_passive || has_passive(call.value),
            "onicegatheringstatechange" => match self.gathering {
                Gathering::Over => {}
                _ if call.says("complete") => self.gathering = Gathering::Over,
                _ if call.says("gathering") => self.gathering = Gathering::Since(call.time),
                _ => {}
            },
            _ => {}
        }
    }

    fn relayed(&mut self, call: &Call<'_>) {
        let Gathering::Since(start) = self.gathering else {
            return;
        };
        let slot = match call.value.get("relayProtocol").and_then(Json::as_text) {
            Some(protocol) if protocol.is("udp") => &mut self.udp,
            Some(protocol) if protocol.is("tcp") => &mut self.tcp,
            Some(protocol) if protocol.is("tls") => &mut self.tls,
            _ => return,
        };
        slot.get_or_insert(call.time - start);
    }
}

impl Kinds {
    fn add(&mut self, candidate: Candidate<'_>) {
        match candidate.kind {
            "host" => {
                self.host = true;
                self.mdns |= candidate.is_mdns();
            }
            "srflx" => self.reflexive = true,
            "relay" => self.relay = true,
            _ => {}
        }
    }
}

/// Calls `take` if the value has a member `candidate` that is one.
fn with_candidate(value: Json<'_>, take: impl FnOnce(Candidate<'_>)) {
    if let Some(text) = value.get("candidate").and_then(Json::as_text)
        && let Some(candidate) = Candidate::parse(&text.to_str())
    {
        take(candidate);
    }
}

fn has_passive(description: Json<'_>) -> bool {
    let Some(sdp) = description.get("sdp").and_then(Json::as_text) else {
        return false;
    };
    may_have(sdp, "tcptype passive")
        && sdp::lines(&sdp.to_str())
            .filter(|line| line.starts_with("a=candidate:"))
            .any(|line| Candidate::parse(line).is_some_and(Candidate::is_passive))
}
