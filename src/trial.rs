//! What a probe has tried, and what came of it: one line of the table that `check-config --probe` prints.
//!
//! Each room tries its own part as serving would do it, and says here what it met. Never here: values that may be
//! secret, or content of a dump.
use std::fmt::Display;

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The place and the deed, as an operator would name them: `spool /var/lib/x/spool: lock`.
    pub what: String,
    pub verdict: Verdict,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It works. The detail may be empty.
    Fine(String),
    /// Sessions are accepted and their dumps delivered, but something is not as the operator may expect.
    Warning { found: String, mend: String },
    /// Sessions or dumps would be refused.
    Refused { found: String, mend: String },
}

impl Trial {
    /// It works, and there is nothing to add.
    pub fn fine(what: impl Into<String>) -> Trial {
        Trial::found(what, "")
    }

    /// It works, and this was found.
    pub fn found(what: impl Into<String>, detail: impl Into<String>) -> Trial {
        Trial {
            what: what.into(),
            verdict: Verdict::Fine(detail.into()),
        }
    }

    pub fn warning(what: impl Into<String>, found: impl Display, mend: impl Into<String>) -> Trial {
        Trial {
            what: what.into(),
            verdict: Verdict::Warning {
                found: found.to_string(),
                mend: mend.into(),
            },
        }
    }

    pub fn refused(what: impl Into<String>, found: impl Display, mend: impl Into<String>) -> Trial {
        Trial {
            what: what.into(),
            verdict: Verdict::Refused {
                found: found.to_string(),
                mend: mend.into(),
            },
        }
    }

    /// Whether sessions or dumps would be refused.
    pub fn is_refusal(&self) -> bool {
        matches!(self.verdict, Verdict::Refused { .. })
    }
}
