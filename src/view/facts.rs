//! What is known of the machine and its browser.
use serde_json::{Map, Value};

use super::head::{self, number};
use super::ice::in_words;
use super::words::{brief, short};
use crate::dump::json::Json;

/// What the metadata and the client's `create` say.
#[derive(Debug, Default)]
pub struct Facts {
    facts: head::Facts,
}

impl Facts {
    /// From the second line of a dump.
    pub fn of(metadata: &Map<String, Value>) -> Facts {
        let text = |name| metadata.get(name).and_then(Value::as_str).map(brief);
        let user_agent = text("userAgent");
        Facts {
            facts: head::Facts {
                browser: user_agent.as_deref().and_then(browser),
                system: user_agent.as_deref().and_then(system),
                user_agent,
                origin: text("origin"),
                ..head::Facts::default()
            },
        }
    }

    /// Takes an event of the client.
    pub fn event(&mut self, name: &str, value: Json<'_>) {
        if name != "create" {
            return;
        }
        let facts = &mut self.facts;
        let member = |name| value.get(name).map(short).filter(|text| !text.is_empty());
        let brands = value.get("userAgentData").and_then(|data| data.get("brands"));
        let brand = brands.and_then(|brands| {
            let named = brands.elements().filter_map(|brand| {
                let name = short(brand.get("brand")?);
                let version = short(brand.get("version")?);
                // Browsers add one that is no brand, so that nobody relies on the list.
                (!name.contains("Not") || !name.contains("Brand")).then(|| format!("{name} {version}"))
            });
            named.last()
        });
        facts.browser = facts.browser.take().or(brand);
        let platform = value
            .get("userAgentData")
            .and_then(|data| data.get("platform"))
            .map(short);
        facts.system = platform.filter(|text| !text.is_empty()).or(facts.system.take());
        let cores = member("hardwareConcurrency").map(|cores| format!("{cores} cores"));
        let memory = member("deviceMemory").map(|memory| format!("{memory} GiB"));
        let machine: Vec<String> = cores.into_iter().chain(memory).collect();
        facts.machine = (!machine.is_empty()).then(|| machine.join(", "));
        let screen = value.get("screen");
        let side = |name| screen.and_then(|screen| screen.get(name)).map(short);
        facts.screen = side("width")
            .zip(side("height"))
            .map(|(width, height)| format!("{width} × {height}"));
    }

    /// With what the connections have: the path of the first that has one, and all codecs.
    pub fn finish(mut self, duration: f64, connections: &[head::Connection]) -> head::Facts {
        self.facts.duration = Some(number(duration));
        self.facts.path = connections
            .iter()
            .find_map(|connection| connection.path.last())
            .map(in_words);
        for codec in connections
            .iter()
            .flat_map(|connection| &connection.tracks)
            .filter_map(|track| track.codec.as_ref())
        {
            if self.facts.codecs.len() < CODECS_MAX && !self.facts.codecs.contains(codec) {
                self.facts.codecs.push(codec.clone());
            }
        }
        self.facts
    }
}

/// Name and version of the browser in a user agent (RFC 9110, section 10.1.5), the most special product first.
fn browser(user_agent: &str) -> Option<String> {
    let products = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "Chrome (headless)"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome on iOS"),
        ("Version/", "Safari"),
    ];
    products.into_iter().find_map(|(product, name)| {
        let (_, rest) = user_agent.split_once(product)?;
        let version: String = rest.chars().take_while(|letter| letter.is_ascii_digit()).collect();
        (!version.is_empty()).then(|| format!("{name} {version}"))
    })
}

/// The first comment of a user agent.
fn system(user_agent: &str) -> Option<String> {
    let (_, rest) = user_agent.split_once('(')?;
    let (inside, _) = rest.split_once(')')?;
    Some(inside.chars().take(100).collect())
}

/// Codecs of one call that are told; browsers have some ten.
const CODECS_MAX: usize = 16;
