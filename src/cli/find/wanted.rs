//! What `--finding` and `--severity` ask for.
use crate::database::{FindingFilter, SEVERITIES};
use crate::findings::{RuleName, Severity};

/// How bad something must be at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Least {
    Info,
    Warning,
    Critical,
}

pub fn filter(rules: &[RuleName], least: Option<Least>) -> FindingFilter {
    FindingFilter {
        rules: rules.iter().map(|rule| rule.0.id.to_owned()).collect(),
        severities: least.map(Least::and_worse).unwrap_or_default(),
    }
}

impl Least {
    fn and_worse(self) -> Vec<&'static str> {
        let least = match self {
            Least::Info => Severity::Info,
            Least::Warning => Severity::Warning,
            Least::Critical => Severity::Critical,
        };
        let worse = Severity::ALL.into_iter().filter(|severity| *severity >= least);
        let words: Vec<&str> = worse.map(Severity::name).collect();
        SEVERITIES.into_iter().filter(|word| words.contains(word)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_severity_means_the_worse_ones_too() {
        assert_eq!(Least::Critical.and_worse(), ["critical"]);
        assert_eq!(Least::Warning.and_worse(), ["critical", "warning"]);
        assert_eq!(Least::Info.and_worse(), SEVERITIES, "a row has the words of severities");
        assert!(filter(&[], None).is_open());
    }
}
