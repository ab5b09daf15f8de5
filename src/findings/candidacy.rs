//! How many candidates of each type one side has, with its present credentials (RFC 8839; RFC 8445, section 5.1).
use super::call::Call;
use crate::sdp::Candidate;

#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// With an address, and hidden behind a name of multicast DNS.
    pub host: u32,
    pub hidden: u32,
    pub reflexive: u32,
    pub relay: u32,
    pub other: u32,
}

impl Candidates {
    /// An event whose value has a candidate.
    pub fn event(&mut self, call: &Call<'_>) {
        if let Some(text) = call.member("candidate") {
            self.text(&text);
        }
    }

    pub fn text(&mut self, text: &str) {
        let Some(candidate) = Candidate::parse(text) else {
            return;
        };
        let count = match candidate.kind {
            "host" if candidate.is_mdns() => &mut self.hidden,
            "host" => &mut self.host,
            "srflx" => &mut self.reflexive,
            "relay" => &mut self.relay,
            _ => &mut self.other,
        };
        *count = count.saturating_add(1);
    }

    pub fn add(&mut self, more: &Candidates) {
        self.merge(more, u32::saturating_add);
    }

    /// Some that were added were none after all.
    pub fn remove(&mut self, less: &Candidates) {
        self.merge(less, u32::saturating_sub);
    }

    fn merge(&mut self, other: &Candidates, by: fn(u32, u32) -> u32) {
        for (own, other) in [
            (&mut self.host, other.host),
            (&mut self.hidden, other.hidden),
            (&mut self.reflexive, other.reflexive),
            (&mut self.relay, other.relay),
            (&mut self.other, other.other),
        ] {
            *own = by(*own, other);
        }
    }

    pub fn count(&self) -> u32 {
        let all = [self.host, self.hidden, self.reflexive, self.relay, self.other];
        all.into_iter().fold(0, u32::saturating_add)
    }

    pub fn is_only_host(&self) -> bool {
        self.count() > 0 && self.count() == self.host.saturating_add(self.hidden)
    }

    pub fn is_hidden(&self) -> bool {
        self.count() > 0 && self.count() == self.hidden
    }

    /// `2 host, 1 srflx, 1 relay`; `no candidates`.
    pub fn words(&self) -> String {
        let host = self.host.saturating_add(self.hidden);
        let named = [
            (host, "host"),
            (self.reflexive, "srflx"),
            (self.relay, "relay"),
            (self.other, "other"),
        ];
        let words: Vec<_> = named
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{count} {name}"))
            .collect();
        if words.is_empty() {
            "no candidates".to_owned()
        } else {
            words.join(", ")
        }
    }
}
