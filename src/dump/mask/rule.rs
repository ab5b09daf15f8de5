//! What is done about what an event carries: the rule for each value, and how it passes down into objects and arrays.
//! Which members have a rule of their own stands in `members`.
//!
//! A rule names exceptions and additions; where it names none, strings and keys are masked as text. So a value of
//! another shape than expected loses its exceptions, never its masking. Nothing is masked here.
use serde::{Deserialize, Serialize};

use super::names::{self, FindName};
use crate::dump::table::Carries;
use crate::lenient;

/// Which kinds of personal data are masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct MaskRules {
    /// Whether IP addresses (and with them TURN user names and passwords) are masked before a dump is stored.
    #[serde(rename = "mask_addresses", deserialize_with = "lenient::flag")]
    pub addresses: bool,

    /// Whether the names of cameras and microphones are masked before a dump is stored.
    #[serde(rename = "mask_device_labels", deserialize_with = "lenient::flag")]
    pub device_labels: bool,
}

impl Default for MaskRules {
    fn default() -> Self {
        MaskRules {
            addresses: true,
            device_labels: true,
        }
    }
}

/// What to do with a value and all that is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The elements of the event itself.
    Event,
    /// Addresses go; so do user names and passwords in `iceServers`, and labels where a device or a track is
    /// recognised.
    Text,
    /// An RTCIceCandidate, or its `candidate` string.
    Candidate,
    /// An RTCSessionDescription, or its `sdp` string.
    Description,
    /// Statistics reports by id.
    Statistics,
    /// One statistics report.
    Report,
    /// As text, but server URLs stay.
    CandidateError,
    /// An RTCConfiguration.
    Configuration,
    /// `iceServers` of a configuration: server URLs stay, user names and passwords go.
    Servers,
    /// `iceServers` somewhere else: user names and passwords go.
    ForeignServers,
    /// As text, and every `label` goes.
    Labels,
    /// As labels, and serialised tracks are recognised by their kind alone.
    Tracks,
    /// A server's URL, which stays if it is one.
    Url,
    /// The own address of a relay candidate, which stays if it is one.
    OwnAddress,
    /// A TURN user name.
    Username,
    /// A TURN password, or what stands for one (RTCIceServer `credential`). Clients take it out; one that does not must
    /// not have it stored.
    Password,
    /// The name of a device.
    Label,
}

impl Rule {
    /// The rule for the value of an event.
    pub fn of(carries: Carries) -> Rule {
        match carries {
            Carries::Nothing | Carries::State | Carries::Text => Rule::Text,
            Carries::Candidate => Rule::Candidate,
            Carries::CandidateError => Rule::CandidateError,
            Carries::Description => Rule::Description,
            Carries::Statistics => Rule::Statistics,
            Carries::Configuration => Rule::Configuration,
            Carries::Constraints | Carries::Devices => Rule::Labels,
            Carries::Tracks => Rule::Tracks,
        }
    }

    /// The rule for a member that `members` gives no other one in an object under this rule.
    pub fn others(self) -> Rule {
        match self {
            Rule::Statistics => Rule::Report,
            Rule::Labels | Rule::Tracks | Rule::Username | Rule::Password | Rule::Label => self,
            _ => Rule::Text,
        }
    }

    /// The rule for the elements of an array under this rule. An array around what was expected changes nothing.
    pub fn element(self) -> Rule {
        match self {
            Rule::Event | Rule::OwnAddress => Rule::Text,
            same => same,
        }
    }

    /// Whether a string under this rule is masked by what it is, whatever it looks like.
    pub const fn is_name(self) -> bool {
        matches!(self, Rule::Label | Rule::Username | Rule::Password)
    }

    /// What finds the name in a string under this rule, if it is one and names of its kind are masked.
    pub fn name(self, rules: MaskRules) -> Option<FindName> {
        match self {
            Rule::Label if rules.device_labels => Some(names::label),
            Rule::Username if rules.addresses => Some(names::username),
            Rule::Password if rules.addresses => Some(names::password),
            _ => None,
        }
    }
}
