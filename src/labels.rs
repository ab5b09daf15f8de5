//! Whose session it was: the three names from a token's claims, as they are passed on from the upgrade to the row.
//!
//! They are personal data: no log line, no error and no `{:?}` shows their content. Limit: `CLAIM_BYTES_MAX` for each,
//! enforced by the reader of the token.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Each becomes a column of the row, and may be a part of the object's key.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

impl Labels {
    /// All three with their names, in the order of the columns.
    pub fn each(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("user", self.user.as_deref()),
            ("conference", self.conference.as_deref()),
            ("session", self.session.as_deref()),
        ]
    }
}

/// Says which labels there are but not their content: a `{:?}` must not bring them into the log.
impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut labels = f.debug_struct("Labels");
        for (name, label) in self.each() {
            labels.field(name, &label.map(|_| "***"));
        }
        labels.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_which_labels_there_are_and_not_what_they_are() {
        let labels = Labels {
            user: Some("alice@example.com".into()),
            ..Labels::default()
        };
        assert_eq!(
            format!("{labels:?}"),
            r#"Labels { user: Some("***"), conference: None, session: None }"#
        );
    }
}
