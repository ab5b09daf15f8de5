//! The page of calls as text.

use super::*;

const HOSTILE: &str = "<script>alert(\"'&</script>";

fn row(start: u64) -> Found {
    Found {
        id: "0190".into(),
        created_at: UnixMs(start + 60_000),
        labels: Labels {
            user: Some(HOSTILE.into()),
            ..Labels::default()
        },
        metadata: r#"{"findings":{"net.rtt":"warning","ice.failed":"critical","ice.relay-used":"info"}}"#.into(),
        blob_url: Some("file:///d/0190.jsonl.gz".into()),
        features_url: None,
        session_start: UnixMs(start),
        session_end: UnixMs(start + 3_661_000),
        features: None,
    }
}

fn query(uri: &str) -> Query {
    Query::of(&uri.parse().unwrap())
}

fn text(uri: &str, rows: &[Found]) -> String {
    page(&query(uri), Ok((rows, Sight::Whole))).into_text()
}

#[test]
fn a_row_links_to_its_call_and_shows_the_worst_finding_first() {
    let text = text("/", &[row(1_700_000_000_123)]);
    assert!(
        text.contains("<a href=\"/calls/190\">2023-11-14 22:13:20</a>"),
        "{text}"
    );
    assert!(text.contains("<td>1:01:01</td>"), "{text}");
    let (worst, other) = (
        text.find("critical: ice.failed").unwrap(),
        text.find("warning: net.rtt").unwrap(),
    );
    assert!(worst < other && !text.contains(": ice.relay-used</span>"), "{text}");
}

#[test]
fn what_a_row_or_a_query_holds_is_never_markup() {
    let mut odd = row(0);
    odd.id = RowKey::Other("../\"><b>".into());
    odd.metadata = format!("{{\"findings\":{{\"<i>\":\"critical\"}},\"x\":{HOSTILE:?}}}");
    let uri = "/?user=%22%3E%3Cscript%3E&since=%3Cb%3E";
    for text in [text(uri, &[odd]), page(&query(uri), Err("<u>")).into_text()] {
        for tag in ["<script", "<b>", "<i>", "<u>"] {
            assert!(!text.contains(tag), "{tag} in {text}");
        }
    }
}

#[test]
fn rows_without_an_object_or_without_findings_say_so() {
    let mut gone = row(0);
    gone.blob_url = None;
    gone.metadata = "broken".into();
    let shown = text("/", &[gone]);
    assert!(shown.contains("removed") && !shown.contains("/calls/"), "{shown}");
    let mut good = row(0);
    good.metadata = r#"{"findings":{"ice.relay-used":"info"}}"#.into();
    assert!(text("/", &[good]).contains("nothing wrong"));
    assert!(text("/", &[]).contains("No stored call matches"));
    for (sight, is_told) in [(Sight::Whole, false), (Sight::Limited, true)] {
        let shown = page(&query("/"), Ok((&[], sight))).into_text();
        assert_eq!(shown.contains("Row security may hide rows"), is_told, "{shown}");
    }
    assert!(text("/?severity=warning", &[]).contains("<option value=\"warning\" selected>warning or worse"));
}

#[test]
fn the_next_page_leaves_no_call_out() {
    let rows: Vec<_> = (0..CALLS_PER_PAGE as u64)
        .map(|number| row(2_000_000_000_000 - number))
        .collect();
    let last = rows.last().unwrap().session_start;
    let next = UnixMs(last.0 + 1).to_string().replace(':', "%3A");
    let shown = text("/?user=a&until=2h", &rows);
    assert!(
        shown.contains(&format!("href=\"/?user=a&amp;until={next}\"")),
        "{shown}"
    );
    assert!(!text("/", &rows[1..]).contains("Older calls"));
    let same: Vec<_> = (0..CALLS_PER_PAGE).map(|_| row(7)).collect();
    assert!(text("/", &same).contains("at this very time"));
}

#[test]
fn a_filter_is_what_the_form_says() {
    let now = UnixMs(1_800_000_000_000);
    let read = filter(
        &query("/?user=%20a&session=s&since=1h&until=2026-01-31&id=7&conference="),
        now,
    )
    .unwrap();
    assert_eq!(read.labels.user.as_deref(), Some("a"));
    assert_eq!(
        (read.labels.session.as_deref(), read.labels.conference),
        (Some("s"), None)
    );
    assert_eq!(read.since, Some(UnixMs(now.0 - 3_600_000)));
    assert_eq!(read.until.unwrap().to_string(), "2026-01-31T00:00:00.000Z");
    assert_eq!((read.id, read.limit), (Some(RowKey::Number(7)), CALLS_PER_PAGE));
    let read = filter(&query("/?finding=ice.failed&severity=warning"), now).unwrap();
    assert_eq!(read.findings.rules, ["ice.failed"]);
    assert_eq!(read.findings.severities, ["critical", "warning"]);
    assert!(filter(&query("/?severity=info"), now).unwrap().findings.severities == SEVERITIES);
    for (wrong, words) in [("finding=ice.fialed", "Finding: "), ("severity=bad", "Severity: ")] {
        let why = filter(&query(&format!("/?{wrong}")), now).unwrap_err();
        assert!(why.starts_with(words), "{why}");
    }
    // What the form shows as an example can be written into it.
    for (name, _, hint) in FIELDS {
        for example in hint.split(" or ").filter(|example| !example.is_empty()) {
            let read = filter(&query(&format!("/?{name}={example}")), now);
            assert!(read.is_ok(), "{name}: {example}: {read:?}");
        }
    }
    let why = filter(&query("/?until=soon"), now).unwrap_err();
    assert!(why.starts_with("Until: write it like"), "{why}");
}
