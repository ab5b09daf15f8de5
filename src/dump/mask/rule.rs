//! What is done with the content of an event: the rule for each value, and how it passes down into objects and arrays.
//! `members` says which members have a rule of their own.
//!
//! A rule names exceptions and additions. Where it names none, strings and keys are masked as text. So a value of an
//! unexpected shape loses its exceptions, but never its masking. Nothing is masked here.
use serde::{Deserialize, Serialize};

use super::names::{self, FindName};
use crate::dump::table::Carries;
use crate::lenient;

/// Which kinds of personal data are masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct MaskRules {
    /// Whether IP addresses are masked before a dump is stored, and with them TURN user names and passwords, tokens,
    /// other secrets in URLs, and keys and names in session descriptions.
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

/// What to do with a value and everything in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The elements of the event itself.
    Event,
    /// Addresses go. So do user names and passwords in `iceServers`, and labels if a device or a track is recognised.
    Text,
    /// An RTCIceCandidate, or its `candidate` string.
    Candidate,
    /// An RTCSessionDescription, or its `sdp` string.
    Description,
    /// Statistics reports by id.
    Statistics,
    /// One statistics report.
    Report,
    /// Like text, but server URLs stay.
    CandidateError,
    /// An RTCConfiguration.
    Configuration,
    /// `iceServers` of a configuration: server URLs stay, user names and passwords go.
    Servers,
    /// `iceServers` anywhere else: user names and passwords go.
    ForeignServers,
    /// Like text, but every `label` goes.
    Labels,
    /// Like labels, and `kind` alone is enough to recognise a serialised track.
    Tracks,
    /// A server's URL, which stays if it really is one.
    Url,
    /// The own address of a relay candidate, which stays if it really is one.
    OwnAddress,
    /// A TURN user name.
    Username,
    /// A TURN password, or what is used instead of one (RTCIceServer `credential`). Clients remove it; if one does not,
    /// it must not be stored.
    Password,
    /// The name of a device.
    Label,
    /// Like labels, and every `username` and `credential` goes: nothing is known of it.
    Unknown,
    /// What a browser calls itself, or where a page is from: it looks as if it had addresses, and they stay.
    Agent,
    /// The URL of a page.
    Page,
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

    /// The rule for a member to which `members` gives no rule of its own, in an object under this rule.
    pub fn others(self) -> Rule {
        match self {
            Rule::Statistics => Rule::Report,
            Rule::Labels | Rule::Unknown | Rule::Tracks | Rule::Username | Rule::Password | Rule::Label => self,
            _ => Rule::Text,
        }
    }

    /// The rule for the elements of an array under this rule. Wrapping the expected value in an array changes nothing.
    pub fn element(self) -> Rule {
        match self {
            Rule::Event | Rule::OwnAddress => Rule::Text,
            same => same,
        }
    }

    /// Whether a string under this rule is masked because of what it is, whatever it looks like.
    pub const fn is_name(self) -> bool {
        matches!(self, Rule::Label | Rule::Username | Rule::Password)
    }

    /// The function that finds the name in a string under this rule, if the rule is for names and this kind of name is
    /// masked.
    pub fn name(self, rules: MaskRules) -> Option<FindName> {
        match self {
            Rule::Label if rules.device_labels => Some(names::label),
            Rule::Username if rules.addresses => Some(names::username),
            Rule::Password if rules.addresses => Some(names::password),
            _ => None,
        }
    }
}
