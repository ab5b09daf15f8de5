//! The dump format, version 3: JSON lines, and what may leave the machine of them.

pub mod event;
pub mod header;

use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::geo::Location;

/// Which kinds of personal data are masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskRules {
    pub addresses: bool,
    pub device_labels: bool,
}

/// Looks an address up, before it is masked.
pub type Locate<'a> = dyn Fn(IpAddr) -> Option<Location> + 'a;

/// Copies lines; the rules come with the next slice.
pub struct Masker<'a> {
    _rules: MaskRules,
    _locate: Option<&'a Locate<'a>>,
}

impl<'a> Masker<'a> {
    pub fn new(rules: MaskRules, locate: Option<&'a Locate<'a>>) -> Self {
        Self {
            _rules: rules,
            _locate: locate,
        }
    }

    pub fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(line);
    }

    pub fn metadata(&mut self, _metadata: &mut Map<String, Value>) {}
}
