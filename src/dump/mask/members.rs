//! The members that masking knows by name: one table for all looks at a line.
//!
//! The survey uses it to see whether a line needs a second look, and what a member says about its object. The walk uses
//! it to find the rule of a value, and the search of torn lines uses it for what follows a name. So a rule for a member
//! name is one row here. Names are as on the wire: both the key and the name of a statistics property (W3C
//! webrtc-stats). Nothing is masked here. If a row is missing, the value is still masked as text.
use super::facts::{Facts, Tells, When};
use super::rule::Rule;

/// One member, with all its names.
#[derive(Debug)]
pub struct Member {
    pub names: &'static [&'static str],
    pub tells: Tells,
    /// The rule of its value. The first place that fits counts.
    pub places: &'static [Place],
    /// The rule that makes its value a name, in at least one place. No byte of a name looks suspicious, so a line with
    /// this member needs the second look. In a torn line, where nobody knows the place, this rule counts.
    pub name: Option<Rule>,
}

/// A place where a member has a rule of its own.
#[derive(Debug)]
pub struct Place {
    /// The rule of the object that contains it.
    pub within: &'static [Rule],
    pub when: When,
    pub rule: Rule,
}

pub static MEMBERS: &[Member] = &[
    row(
        &["label"],
        &[
            place(&[Rule::Labels, Rule::Tracks, Rule::Unknown], Rule::Label),
            place_when(When::Device, ANYWHERE, Rule::Label),
        ],
    ),
    row(&["username"], &[place(OF_SERVERS, Rule::Username)]),
    row(&["credential"], &[place(OF_SERVERS, Rule::Password)]),
    row(
        &["iceServers", "servers"],
        &[
            place(&[Rule::Configuration], Rule::Servers),
            place(ANYWHERE, Rule::ForeignServers),
        ],
    ),
    row(
        &["url"],
        &[place(
            &[Rule::Servers, Rule::Candidate, Rule::CandidateError, Rule::Report],
            Rule::Url,
        )],
    ),
    row(&["urls"], &[place(&[Rule::Servers], Rule::Url)]),
    row(&["138"], &[place(&[Rule::Report], Rule::Url)]),
    row(
        &["address"],
        &[
            place_when(When::RelayReport, &[Rule::Report], Rule::OwnAddress),
            place_when(When::RelayCandidate, &[Rule::Candidate], Rule::OwnAddress),
        ],
    ),
    // Older names of `address`, and its key.
    row(
        &["134", "ip", "ipAddress"],
        &[place_when(When::RelayReport, &[Rule::Report], Rule::OwnAddress)],
    ),
    row(&["candidate"], &[place(&[Rule::Candidate], Rule::Candidate)]),
    row(&["sdp"], &[place(&[Rule::Description], Rule::Description)]),
    telling(Tells::CandidateType, &["136", "candidateType"]),
    telling(Tells::Type, &["type"]),
    telling(Tells::Kind, &["kind"]),
    telling(Tells::Device, &["deviceId", "groupId"]),
];

/// The rules of objects whose members have no meaning of their own, so that members from elsewhere may be in them.
const ANYWHERE: &[Rule] = &[
    Rule::Text,
    Rule::Candidate,
    Rule::CandidateError,
    Rule::Description,
    Rule::Configuration,
    Rule::Servers,
    Rule::ForeignServers,
    Rule::Url,
    Rule::OwnAddress,
    Rule::Unknown,
];

/// Where user names and passwords are those of servers. A configuration may have them beside its list of URLs.
const OF_SERVERS: &[Rule] = &[Rule::Servers, Rule::ForeignServers, Rule::Configuration, Rule::Unknown];

const fn row(names: &'static [&'static str], places: &'static [Place]) -> Member {
    let (mut name, mut at) = (None, 0);
    while at < places.len() {
        if places[at].rule.is_name() {
            name = Some(places[at].rule);
        }
        at += 1;
    }
    Member {
        names,
        tells: Tells::Nothing,
        places,
        name,
    }
}

const fn telling(tells: Tells, names: &'static [&'static str]) -> Member {
    Member {
        tells,
        ..row(names, &[])
    }
}

const fn place(within: &'static [Rule], rule: Rule) -> Place {
    place_when(When::Always, within, rule)
}

const fn place_when(when: When, within: &'static [Rule], rule: Rule) -> Place {
    Place { within, when, rule }
}

impl Member {
    /// The member with this name. JSON's escapes in the name must have been undone.
    pub fn of(name: &[u8]) -> Option<&'static Member> {
        let mut candidates = INDEX.candidates(name);
        while candidates != 0 {
            let (known, member) = NAMES[candidates.trailing_zeros() as usize];
            if known.as_bytes() == name {
                return Some(member);
            }
            candidates &= candidates - 1;
        }
        None
    }
}

/// The rule for the member `name` of an object that is under the rule `within`.
pub fn rule_of(name: &[u8], within: Rule, facts: Facts) -> Rule {
    let fits = |place: &&Place| place.within.contains(&within) && facts.show(place.when);
    let place = Member::of(name).and_then(|member| member.places.iter().find(fits));
    place.map_or(within.others(), |place| place.rule)
}

/// All names, each with its member.
static NAMES: [(&str, &Member); NAME_COUNT] = names();

const NAME_COUNT: usize = {
    let (mut count, mut row) = (0, 0);
    while row < MEMBERS.len() {
        count += MEMBERS[row].names.len();
        row += 1;
    }
    count
};

const fn names() -> [(&'static str, &'static Member); NAME_COUNT] {
    let mut names = [("", &MEMBERS[0]); NAME_COUNT];
    let (mut count, mut row) = (0, 0);
    while row < MEMBERS.len() {
        let mut at = 0;
        while at < MEMBERS[row].names.len() {
            names[count] = (MEMBERS[row].names[at], &MEMBERS[row]);
            count += 1;
            at += 1;
        }
        row += 1;
    }
    names
}

/// Every key of every line is looked up here and hardly any is found, so nearly all must be rejected before the first
/// comparison. These are sets of names, one bit for each place in `NAMES`: the names with a given first byte, last
/// byte, and length.
struct Index {
    firsts: [u64; 256],
    lasts: [u64; 256],
    lengths: [u64; LENGTHS],
}

/// Lengths that differ by a multiple of this share a set.
const LENGTHS: usize = 16;

static INDEX: Index = Index::of_names();

impl Index {
    const fn of_names() -> Index {
        assert!(NAME_COUNT <= u64::BITS as usize, "a set has a bit for each name");
        let (mut firsts, mut lasts, mut lengths) = ([0; 256], [0; 256], [0; LENGTHS]);
        let mut at = 0;
        while at < NAME_COUNT {
            let name = NAMES[at].0.as_bytes();
            firsts[name[0] as usize] |= 1 << at;
            lasts[name[name.len() - 1] as usize] |= 1 << at;
            lengths[name.len() % LENGTHS] |= 1 << at;
            at += 1;
        }
        Index { firsts, lasts, lengths }
    }

    fn candidates(&self, name: &[u8]) -> u64 {
        let (Some(first), Some(last)) = (name.first(), name.last()) else {
            return 0;
        };
        self.firsts[usize::from(*first)] & self.lasts[usize::from(*last)] & self.lengths[name.len() % LENGTHS]
    }
}

#[cfg(test)]
mod tests;
