//! Where the addresses of candidates are, if the server has looked them up (its own `rtcstatsLocation`).
//!
//! Nothing is kept of connections without such a note. At most `FEATURE_LOCATED_MAX` candidates of each side are
//! remembered until the selected pair is known.
use super::call::Call;
use super::keep::{Keeper, Kept};
use super::path::find;
use crate::dump::json::Json;
use crate::dump::reports::{Report, Reports};
use crate::dump::statistics::Property;
use crate::limits::FEATURE_LOCATED_MAX;
use crate::sdp::Candidate;

const LOCAL: Property = Property::of("localCandidateId");
const REMOTE: Property = Property::of("remoteCandidateId");
const ADDRESS: Property = Property::of("address");

/// What is asked of reports here.
pub const ASKED: &[Property] = &[LOCAL, REMOTE, ADDRESS];

/// A place on earth.
#[derive(Clone, Debug, Default)]
pub struct Location {
    pub continent: Option<Kept>,
    pub country: Option<Kept>,
    pub city: Option<Kept>,
}

/// Where both ends of a connection are.
#[derive(Debug, Default)]
pub struct Places {
    pub relay: Location,
    pub local: Location,
    pub remote: Location,
    gathered: Vec<Located>,
    added: Vec<Located>,
    stage: Stage,
}

/// A candidate of which the server knows the place.
#[derive(Debug)]
struct Located {
    address: String,
    location: Location,
}

#[derive(Debug, Default, PartialEq)]
enum Stage {
    #[default]
    BeforeStatistics,
    BeforePair,
    Over,
}

impl Places {
    /// `late`: there were statistics already.
    pub fn new(late: bool) -> Places {
        Places {
            stage: if late {
                Stage::BeforePair
            } else {
                Stage::BeforeStatistics
            },
            ..Places::default()
        }
    }

    pub fn call(&mut self, call: &Call<'_>, keeper: &mut Keeper) {
        let location = call.extra.and_then(|extra| extra.get("rtcstatsLocation"));
        let Some(location) = location.filter(|location| location.is_truthy() && self.stage != Stage::Over) else {
            return;
        };
        let mut part = |name| location.get(name).and_then(|value| keeper.value(value));
        let location = Location {
            continent: part("continent"),
            country: part("country"),
            city: part("city"),
        };
        let candidates = match call.method {
            "onicecandidate" => {
                if self.stage == Stage::BeforeStatistics {
                    self.relay = location.clone();
                }
                &mut self.gathered
            }
            "addIceCandidate" => &mut self.added,
            _ => return,
        };
        let text = call.value.get("candidate").and_then(Json::as_text);
        let text = text.map(|text| text.to_str()).unwrap_or_default();
        if let Some(candidate) = Candidate::parse(&text)
            && candidates.len() < FEATURE_LOCATED_MAX
            && keeper.text(candidate.address).is_some()
        {
            candidates.push(Located {
                address: candidate.address.to_string(),
                location,
            });
        }
    }

    /// There are statistics, and maybe a pair in them.
    pub fn statistics(&mut self, pair: Option<Report<'_>>, reports: &Reports) {
        if self.stage == Stage::Over {
            return;
        }
        self.stage = Stage::BeforePair;
        let Some(pair) = pair else { return };
        self.stage = Stage::Over;
        let locate = |candidates: Vec<Located>, property| {
            let address = pair
                .get(property)
                .and_then(|id| find(reports, id)?.get(ADDRESS)?.as_text())?;
            let mut all = candidates.into_iter();
            all.find(|candidate| address.is(&candidate.address))
                .map(|candidate| candidate.location)
        };
        self.local = locate(std::mem::take(&mut self.gathered), LOCAL).unwrap_or_default();
        self.remote = locate(std::mem::take(&mut self.added), REMOTE).unwrap_or_default();
    }
}
