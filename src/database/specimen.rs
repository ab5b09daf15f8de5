//! Rows that are tried and never kept: they show what a table takes.
//!
//! Their ids are new each time. No content of a dump is here.
use super::row::Row;
use crate::id::Id;
use crate::labels::Labels;
use crate::time::UnixMs;

/// A row as most are.
pub fn plain() -> Row {
    let id = Id::new();
    let now = UnixMs::now();
    Row {
        id,
        created_at: now,
        labels: Labels {
            user: Some("probe".to_owned()),
            conference: Some("probe".to_owned()),
            session: Some("probe".to_owned()),
        },
        metadata: r#"{"hostIdentifier":"probe","numberOfMessages":1,"closeCode":1000}"#.to_owned(),
        blob_url: Some(format!("https://probe.invalid/dumps/{id}.jsonl.gz")),
        features_url: None,
        session_start: UnixMs(now.0.saturating_sub(1_001)),
        session_end: now,
        features: None,
    }
}

/// The row of a session of which no labels are known.
pub fn unlabelled() -> Row {
    Row {
        labels: Labels::default(),
        ..plain()
    }
}

/// A row like this one, of another dump. Its URLs name the other dump where they name this one.
pub fn like(row: &Row) -> Row {
    let id = Id::new();
    let renamed = |url: &String| url.replace(&row.id.to_string(), &id.to_string());
    Row {
        id,
        blob_url: row.blob_url.as_ref().map(renamed),
        features_url: row.features_url.as_ref().map(renamed),
        features: None,
        ..row.clone()
    }
}

/// A row with values as long and as rare as those of a session may be.
pub fn hard() -> Row {
    let plain = plain();
    Row {
        labels: Labels {
            user: Some("Probe 😀 of rtcstats-server".to_owned()),
            conference: Some("probe".repeat(50)),
            session: plain.labels.session.clone(),
        },
        metadata: r#"{"hostIdentifier":"probe","userAgent":"Probe 😀","numberOfMessages":1,"closeCode":1000}"#
            .to_owned(),
        blob_url: Some(format!(
            "https://probe.invalid/dumps/{}/{}.jsonl.gz",
            "probe".repeat(120),
            plain.id
        )),
        ..plain
    }
}
