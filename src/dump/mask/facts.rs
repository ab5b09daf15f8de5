//! What must be known of an object before its first member is masked, and which members tell it.
//!
//! `address` comes before `candidateType` on the wire. So the first look at a line gathers facts, and the second uses
//! them. There are no rules here: a fact says what an object is, not what is done with it.

/// What is known of one object from its own members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(u8);

/// What a member says about the object that contains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    Nothing,
    /// RTCIceCandidateStats `candidateType`: whose address the report contains.
    CandidateType,
    /// RTCIceCandidate `type`, which says the same; and `type` of any report, which says whether it is a candidate's.
    Type,
    /// MediaDeviceInfo `kind`, which other objects have too.
    Kind,
    /// A member that only a MediaDeviceInfo has.
    Device,
}

/// What must be known so that a rule applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Always,
    /// The object is a statistics report of a relay candidate.
    RelayReport,
    /// The object is an RTCIceCandidate with all its members, of type relay.
    RelayCandidate,
    /// The object looks like a MediaDeviceInfo, wherever it is.
    Device,
}

impl Facts {
    const RELAY_CANDIDATE: u8 = 1;
    const OTHER_CANDIDATE: u8 = 2;
    const RELAY_TYPE: u8 = 4;
    const OTHER_TYPE: u8 = 8;
    const NO_CANDIDATE_REPORT: u8 = 16;
    const DEVICE: u8 = 32;

    pub fn add(&mut self, told: Facts) {
        self.0 |= told.0;
    }

    /// If a key occurs several times, all its values must agree, because readers differ in which one they use.
    pub fn show(self, when: When) -> bool {
        match when {
            When::Always => true,
            When::RelayReport => self.has(Self::RELAY_CANDIDATE, Self::OTHER_CANDIDATE | Self::NO_CANDIDATE_REPORT),
            When::RelayCandidate => self.has(Self::RELAY_TYPE, Self::OTHER_TYPE),
            When::Device => self.has(Self::DEVICE, 0),
        }
    }

    fn has(self, set: u8, unset: u8) -> bool {
        self.0 & set == set && self.0 & unset == 0
    }
}

impl Tells {
    /// What this value of the member says. Objects, arrays and literals are values that equal no word.
    pub fn of(self, value: &[u8]) -> Facts {
        Facts(match self {
            Tells::CandidateType if value == b"relay" => Facts::RELAY_CANDIDATE,
            Tells::CandidateType => Facts::OTHER_CANDIDATE,
            Tells::Type if value == b"relay" => Facts::RELAY_TYPE | Facts::NO_CANDIDATE_REPORT,
            Tells::Type if is_candidate_report(value) => Facts::OTHER_TYPE,
            Tells::Type => Facts::OTHER_TYPE | Facts::NO_CANDIDATE_REPORT,
            Tells::Kind if matches!(value, b"audioinput" | b"audiooutput" | b"videoinput") => Facts::DEVICE,
            Tells::Device => Facts::DEVICE,
            Tells::Kind | Tells::Nothing => 0,
        })
    }
}

/// Whether this value of `type` (7 or 8 on the wire) names an RTCIceCandidateStats.
pub fn is_candidate_report(value: &[u8]) -> bool {
    matches!(value, b"7" | b"8" | b"local-candidate" | b"remote-candidate")
}
