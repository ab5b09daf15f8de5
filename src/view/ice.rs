//! ICE of one connection as a story: which servers were asked and what came of it, which candidates there were on both
//! sides, which pairs were tried, and over which one the media went.
use std::collections::{HashMap, HashSet};
use std::io;

use super::budget::Budget;
use super::call::Call;
use super::head::{Candidate, Ice as Told, Pair, Path, Server, number};
use super::lookup::{Lookup, Run};
use super::words::{brief, short};
use crate::dump::json::Json;
use crate::limits::{VIEW_CANDIDATES_MAX, VIEW_PATH_MAX, VIEW_SERVERS_MAX};
use crate::sdp;

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Ice {
    policy: Option<String>,
    servers: Vec<Server>,
    candidates: Vec<Candidate>,
    /// When gathering began first.
    gathering: Option<f64>,
}

impl Ice {
    pub fn call(&mut self, call: &Call<'_>, budget: &mut Budget) {
        match call.name {
            "create" | "setConfiguration" => self.configure(call.value, budget),
            "onicegatheringstatechange" if short(call.value) == "gathering" => {
                self.gathering.get_or_insert(call.time);
            }
            "onicecandidate" => self.candidate(call, "local", budget),
            "addIceCandidate" => self.candidate(call, "remote", budget),
            "onicecandidateerror" => self.error(call),
            _ => {}
        }
    }

    fn configure(&mut self, configuration: Json<'_>, budget: &mut Budget) {
        let policy = configuration
            .get("iceTransportPolicy")
            .map(short)
            .filter(|text| !text.is_empty());
        self.policy = policy.or(self.policy.take());
        let servers = configuration.get("iceServers").into_iter().flat_map(Json::elements);
        for server in servers {
            let Some(urls) = server.get("urls").or(server.get("url")) else {
                continue;
            };
            let one = urls.as_text().map(|_| urls);
            for url in one.into_iter().chain(urls.elements()) {
                self.server(short(url), budget);
            }
        }
    }

    fn server(&mut self, url: String, budget: &mut Budget) {
        let is_new = self.servers.len() < VIEW_SERVERS_MAX && !self.servers.iter().any(|server| server.url == url);
        if is_new && budget.takes(url.len()) {
            let kind = url.split(':').next().unwrap_or_default().to_owned();
            self.servers.push(Server {
                url,
                kind,
                first: None,
                error: None,
            });
        }
    }

    fn candidate(&mut self, call: &Call<'_>, side: &'static str, budget: &mut Budget) {
        let Some(text) = call.text("candidate") else { return };
        let Some(parsed) = sdp::Candidate::parse(&text) else {
            return;
        };
        if self.candidates.len() >= VIEW_CANDIDATES_MAX || !budget.takes(2 * text.len()) {
            return;
        }
        self.candidates.push(Candidate {
            time: Some(number(call.time)),
            side,
            kind: brief(parsed.kind),
            protocol: Some(brief(parsed.protocol).to_lowercase()),
            relay: call.brief("relayProtocol"),
            address: Some(brief(parsed.address)),
            port: parsed.port.parse().ok().map(number),
            url: call.brief("url"),
            foundation: Some(brief(parsed.foundation)),
            report: None,
        });
    }

    fn error(&mut self, call: &Call<'_>) {
        let Some(url) = call.brief("url") else { return };
        let code = call.value.get("errorCode").map(short).unwrap_or_default();
        let words = call.brief("errorText").unwrap_or_default();
        let told = format!("{code} {words}").trim().to_owned();
        // Chromium tells a server by its URL, Firefox by the beginning of it.
        for server in &mut self.servers {
            if server.url == url || server.url.starts_with(&format!("{url}?")) {
                server.error.get_or_insert_with(|| told.clone());
            }
        }
    }

    /// Everything, with what the statistics know of it. `places` are those of series in the head.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn finish(mut self, lookup: &Lookup<'_>, places: &HashMap<usize, usize>, path: &[Path]) -> io::Result<Told> {
        self.reports(lookup, "local-candidate", "local");
        self.reports(lookup, "remote-candidate", "remote");
        for server in &mut self.servers {
            let own = self
                .candidates
                .iter()
                .filter(|one| one.side == "local" && one.url.as_deref() == Some(&server.url));
            let first = own.filter_map(|one| one.time).map(|time| time.0).reduce(f64::min);
            server.first = first
                .zip(self.gathering)
                .map(|(first, begin)| number((first - begin).max(0.0)));
        }
        let selected: HashSet<&str> = path.iter().filter_map(|one| one.pair.as_deref()).collect();
        let mut pairs = Vec::new();
        for report in lookup.reports("candidate-pair") {
            let id = lookup.id(report);
            pairs.push(Pair {
                id: id.to_owned(),
                local: lookup.word(report, "localCandidateId"),
                remote: lookup.word(report, "remoteCandidateId"),
                state: lookup.last(report, "state")?,
                nominated: lookup.last(report, "nominated")?.is_some_and(|word| word == "true"),
                selected: selected.contains(id),
                series: lookup
                    .series(report)
                    .filter_map(|at| places.get(&at).copied())
                    .collect(),
            });
        }
        Ok(Told {
            policy: self.policy,
            servers: self.servers,
            candidates: self.candidates,
            pairs,
        })
    }

    /// Joins the candidates of events with those of statistics, and adds those that only statistics know.
    fn reports(&mut self, lookup: &Lookup<'_>, kind: &str, side: &'static str) {
        let mut known: HashMap<(String, String, String), Vec<usize>> = HashMap::new();
        for (at, one) in self.candidates.iter().enumerate().filter(|(_, one)| one.side == side) {
            let key = (
                one.kind.clone(),
                one.foundation.clone().unwrap_or_default(),
                one.port.map_or(String::new(), |port| port.0.to_string()),
            );
            known.entry(key).or_default().push(at);
        }
        for report in lookup.reports(kind) {
            let word = |property| lookup.word(report, property);
            let kind = word("candidateType").unwrap_or_default();
            let key = (
                kind.clone(),
                word("foundation").unwrap_or_default(),
                word("port").unwrap_or_default(),
            );
            let found = known
                .get_mut(&key)
                .filter(|all| !all.is_empty())
                .map(|all| all.remove(0));
            match found {
                Some(at) => {
                    let one = &mut self.candidates[at];
                    one.report = Some(lookup.id(report).to_owned());
                    one.relay = one.relay.take().or(word("relayProtocol"));
                    one.url = one.url.take().or(word("url"));
                }
                None if self.candidates.len() < VIEW_CANDIDATES_MAX => self.candidates.push(Candidate {
                    time: None,
                    side,
                    kind,
                    protocol: word("protocol"),
                    relay: word("relayProtocol"),
                    address: word("address").or(word("ip")),
                    port: word("port").and_then(|port| port.parse().ok()).map(number),
                    url: word("url"),
                    foundation: word("foundation"),
                    report: Some(lookup.id(report).to_owned()),
                }),
                None => {}
            }
        }
    }
}

/// The selected pair over time: what the transport says, or else each pair that says it is selected.
///
/// # Errors
/// Those of the room that was lent.
pub fn path(lookup: &Lookup<'_>) -> io::Result<Vec<Path>> {
    let mut selected: Vec<(f64, String)> = Vec::new();
    for report in lookup.reports("transport") {
        let runs = lookup.runs(report, "selectedCandidatePairId")?;
        selected.extend(
            runs.into_iter()
                .filter_map(|Run { start, word, .. }| Some((start, word?))),
        );
    }
    if selected.is_empty() {
        for report in lookup.reports("candidate-pair") {
            let runs = lookup.runs(report, "selected")?.into_iter();
            let own = runs.filter(|run| run.word.as_deref() == Some("true"));
            selected.extend(own.map(|run| (run.start, lookup.id(report).to_owned())));
        }
    }
    selected.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    selected.dedup_by(|(_, later), (_, earlier)| later == earlier);
    selected.truncate(VIEW_PATH_MAX);
    let told = selected.into_iter().map(|(time, pair)| {
        let report = lookup.find(&pair);
        let side = |property| lookup.find(&lookup.word(report?, property)?);
        let (local, remote) = (side("localCandidateId"), side("remoteCandidateId"));
        let word = |side: Option<usize>, property| lookup.word(side?, property);
        Path {
            time: number(time),
            local: word(local, "candidateType"),
            remote: word(remote, "candidateType"),
            protocol: word(local, "protocol"),
            relay: word(local, "relayProtocol"),
            network: word(local, "networkType").filter(|word| word != "unknown"),
            pair: Some(pair),
        }
    });
    Ok(told.collect())
}

/// A path in words.
pub fn in_words(path: &Path) -> String {
    let side = |kind: &Option<String>| kind.clone().unwrap_or("?".to_owned());
    let relay = path
        .relay
        .as_ref()
        .map_or(String::new(), |relay| format!(" by {relay}"));
    let local = format!("{}{relay}", side(&path.local));
    let protocol = path
        .protocol
        .as_ref()
        .map_or(String::new(), |protocol| format!(", {protocol}"));
    let network = path
        .network
        .as_ref()
        .map_or(String::new(), |network| format!(", {network}"));
    format!("{local} ↔ {}{protocol}{network}", side(&path.remote))
}
