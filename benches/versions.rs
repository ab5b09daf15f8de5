//! Which binaries a bench measures: the one just built and, if wanted, another one. They are measured in turns, so that
//! other load on the machine affects both.
//!
//! `RTCSTATS_BEFORE` names the other binary, `RTCSTATS_AFTER` one to use in place of the one just built.
#![allow(dead_code, reason = "each bench uses its own part")]

use std::path::PathBuf;

use support::Server;

use crate::load::median;

pub const ROUNDS: usize = 5;

pub struct Version {
    pub name: &'static str,
    /// `None` means the one just built.
    binary: Option<PathBuf>,
}

impl Version {
    /// The versions to be measured; the one that others are compared with comes first.
    pub fn all() -> Vec<Version> {
        let named = |name, variable| std::env::var_os(variable).map(|path| Version::new(name, Some(path.into())));
        let before = named("before", "RTCSTATS_BEFORE");
        let after = named("after", "RTCSTATS_AFTER").unwrap_or_else(|| Version::new("after", None));
        before.into_iter().chain([after]).collect()
    }

    fn new(name: &'static str, binary: Option<PathBuf>) -> Version {
        Version { name, binary }
    }

    pub fn runs_in(&self, server: &mut Server) {
        if let Some(binary) = &self.binary {
            server.set_binary(binary);
        }
    }
}

/// The figures of each version over all rounds, in which the versions take turns.
pub fn in_turns<const N: usize>(versions: &[Version], measure: impl Fn(&Version) -> [f64; N]) -> Vec<[f64; N]> {
    let mut figures = vec![Vec::new(); versions.len()];
    for _ in 0..ROUNDS {
        for (version, figures) in versions.iter().zip(&mut figures) {
            figures.push(measure(version));
        }
    }
    let median_of =
        |rounds: &Vec<[f64; N]>| std::array::from_fn(|at| median(rounds.iter().map(|own| own[at]).collect()));
    figures.iter().map(median_of).collect()
}

/// The last version's figure as a share of the first one's; empty if there is only one version.
pub fn ratio(figures: &[f64]) -> String {
    match figures {
        [before, .., after] => format!("   {:.3} of before", after / before),
        _ => String::new(),
    }
}
