//! Tests what is kept of statistics.
use super::*;

#[test]
fn what_an_event_has_removed_can_be_seen_until_the_next() {
    let mut reports = Reports::new();
    reports.begin();
    let value = Json::parse(b"\"transport\"").expect("valid JSON");
    reports.set("T1", "type", value);
    reports.set("T1", "dtlsState", value);
    reports.set("T1", "customProperty", value);
    reports.begin();
    reports.remove("T1");
    assert!(reports.is_empty());
    assert_eq!(reports.removed().count(), 1);
    for report in reports.removed() {
        assert!(report.id().is("T1"));
        assert!(report.kind().is_some_and(|kind| kind.is("transport")));
        for property in [Property::of("dtlsState"), Property::of("customProperty")] {
            assert_eq!(report.get(property), Some(value));
        }
    }
    reports.begin();
    assert_eq!(reports.removed().count(), 0);
}
