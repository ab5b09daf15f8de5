//! `find` by what was found, and `find --summary`, over a catalogue that the library has filled. The same questions are
//! asked of PostgreSQL in `destinations`.
use rtcstats_server::database::{Database, Row, Sqlite};
use rtcstats_server::labels::Labels;
use rtcstats_server::time::UnixMs;
use serde_json::{Value, json};

use super::*;
use crate::configuration::rendered::held_to;

/// Two days; what each call of them tells of findings.
const CALLS: [(u64, &str); 6] = [
    (
        0,
        r#"{"findings":{"dump.no-stats":"critical","ice.relay-used":"info"}}"#,
    ),
    (0, r#"{"findings":{"ice.relay-used":"info"}}"#),
    (0, "{}"),
    (
        1,
        r#"{"findings":{"dtls.failed":"critical","dump.no-stats":"warning"}}"#,
    ),
    (1, r#"{"findings":{}}"#),
    (1, r#"{"findingsMissing":"the program failed at them"}"#),
];

fn filled() -> Bench {
    let bench = bench();
    let catalogue = Database::Sqlite(Sqlite::open(&bench.path("data/catalog.db")).unwrap());
    for (n, (day, metadata)) in (0_u64..).zip(CALLS) {
        let start = UnixMs(1_700_000_000_000 + day * 86_400_000 + n * 1_000);
        let row = Row {
            id: format!("00000000-0000-7000-8000-{n:012}").parse().unwrap(),
            created_at: start,
            labels: Labels {
                user: Some(format!("user{}", n % 2)),
                ..Labels::default()
            },
            metadata: metadata.to_owned(),
            blob_url: Some(format!("file:///d/{n}.jsonl.gz")),
            features_url: None,
            session_start: start,
            session_end: start,
            features: None,
        };
        assert!(catalogue.insert(&[row]).unwrap()[0].is_ok());
    }
    bench
}

#[test]
fn find_lists_calls_in_which_something_was_found() {
    let bench = filled();
    let found = |arguments: &[&str]| -> Vec<String> {
        let told = bench.run(&[&["find", "--json"], arguments].concat());
        assert_eq!((told.code, told.err.as_str()), (0, ""));
        let url = |line: &str| -> String {
            let row: Value = serde_json::from_str(line).unwrap();
            row["blob_url"].as_str().unwrap()["file:///d/".len()..]
                .chars()
                .take(1)
                .collect()
        };
        told.out.lines().map(url).collect()
    };
    assert_eq!(found(&["--finding", "dump.no-stats"]), ["3", "0"]);
    assert_eq!(found(&["--finding", "dump.no-stats", "--severity", "critical"]), ["0"]);
    assert_eq!(found(&["--severity", "warning", "--until", "2023-11-15"]), ["0"]);
    assert_eq!(found(&["--severity", "info", "--user", "user1"]), ["3", "1"]);
    assert_eq!(found(&["--severity", "info", "--since", "1h"]), [""; 0]);
    let told = bench.run(&["find", "--finding", "dump.no-stats"]);
    let lines: Vec<&str> = told.out.lines().collect();
    assert!(lines[0].contains("  FINDINGS  "), "{}", told.out);
    assert!(
        lines[1].contains("  critical dtls.failed, warning dump.no-stats  file:///d/3"),
        "{}",
        told.out
    );
    let told = bench.run(&["find", "--finding", "dump.no-stat"]);
    let words = "\"dump.no-stat\" is no rule, but dump.no-stats is one; rtcstats-server dump explain --list tells all";
    assert!(told.code == 2 && told.err.contains(words), "{}", told.err);
    let told = bench.run(&["find", "--severity", "fatal"]);
    assert!(
        told.code == 2 && told.err.contains("info, warning, critical"),
        "{}",
        told.err
    );
}

const SUMMARY: &str = "\
6 calls from 2023-11-14 to 2023-11-15: 4 examined, 2 not (`features --backfill` examines what is stored)

FINDING         CALLS  SHARE   CRITICAL  WARNING  INFO
dump.no-stats   2      50.0 %  1         1        -
dtls.failed     1      25.0 %  1         -        -
ice.relay-used  2      50.0 %  -         -        2
any of them     3      75.0 %  2         -        1
none            1      25.0 %

DAY         CALLS  EXAMINED  CRITICAL    WARNING  INFO        NONE        WORST OF THE DAY
2023-11-15  3      2         1 (50.0 %)  -        -           1 (50.0 %)  dtls.failed 1 (50.0 %)
2023-11-14  3      2         1 (50.0 %)  -        1 (50.0 %)  -           dump.no-stats 1 (50.0 %)
";

#[test]
fn a_summary_tells_how_many_calls_have_what_and_when() {
    let bench = filled();
    let told = |arguments: &[&str]| {
        let told = bench.run(&[&["find", "--summary"], arguments].concat());
        assert_eq!((told.code, told.err.as_str()), (0, ""));
        told.out
    };
    assert_eq!(told(&[]), SUMMARY);
    let (head, days) = SUMMARY.split_once("\nDAY").unwrap();
    assert_eq!(told(&["--by", "total"]), head);
    let (headline, _) = SUMMARY.split_once('\n').unwrap();
    assert_eq!(told(&["--by", "day"]), format!("{headline}\n\nDAY{days}"));
    let some = told(&["--since", "2023-11-15", "--finding", "dump.no-stats"]);
    assert!(some.starts_with("1 call of 2023-11-15: 1 examined\n"), "{some}");
    assert_eq!(told(&["--since", "1h"]), "0 calls: 0 examined\n");
    let object: Value = serde_json::from_str(&told(&["--json"])).unwrap();
    assert_eq!(object["calls"], 6);
    assert_eq!(
        (&object["examined"], &object["with_findings"], &object["share"]),
        (&json!(4), &json!(3), &json!(0.75))
    );
    assert_eq!(object["by_worst"], json!({ "critical": 2, "warning": 0, "info": 1 }));
    let first = json!({ "id": "dump.no-stats", "calls": 2, "share": 0.5, "critical": 1, "warning": 1, "info": 0 });
    assert_eq!(object["findings"][0], first);
    let days: Vec<&Value> = object["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| &day["day"])
        .collect();
    assert_eq!(days, ["2023-11-15", "2023-11-14"]);
    assert_eq!(object["days"][0]["findings"][0]["id"], "dtls.failed");
    let total: Value = serde_json::from_str(&told(&["--json", "--by", "total"])).unwrap();
    assert!(total.get("days").is_none() && total["calls"] == 6);
    let days: Value = serde_json::from_str(&told(&["--json", "--by", "day"])).unwrap();
    assert!(days.get("calls").is_none() && days["days"] == object["days"]);
    for wrong in [&["find", "--by", "day"][..], &["find", "--summary", "--limit", "3"]] {
        assert_eq!(bench.run(wrong).code, 2, "{wrong:?}");
    }
}

/// As the README has it: a catalogue of some days, with what calls of a week tell.
const WEEK: [(&str, &str, &str); 9] = [
    ("2026-11-24T08:02:11.310Z", "weekly", r#"{"ice.relay-used":"info"}"#),
    ("2026-11-24T08:02:14.082Z", "weekly", "{}"),
    (
        "2026-11-24T13:30:00.551Z",
        "hiring",
        r#"{"snd.cpu-limited":"warning","ice.relay-used":"info"}"#,
    ),
    (
        "2026-11-25T08:00:59.871Z",
        "weekly",
        r#"{"ice.failed":"critical","turn.unauthorized":"critical"}"#,
    ),
    (
        "2026-11-25T08:01:40.113Z",
        "weekly",
        r#"{"net.loss-in":"warning","rcv.freeze":"warning"}"#,
    ),
    ("2026-11-25T08:01:41.620Z", "weekly", r#"{"ice.relay-used":"info"}"#),
    (
        "2026-11-26T08:02:03.004Z",
        "weekly",
        r#"{"ice.failed":"critical","turn.unauthorized":"critical"}"#,
    ),
    ("2026-11-26T08:02:07.940Z", "weekly", "{}"),
    ("2026-11-26T09:15:22.716Z", "support", r#"{"cap.silent":"warning"}"#),
];

fn of_a_week() -> Bench {
    let bench = bench();
    let catalogue = Database::Sqlite(Sqlite::open(&bench.path("data/catalog.db")).unwrap());
    for (n, (start, conference, findings)) in (0_u64..).zip(WEEK) {
        let start = UnixMs::parse(start).unwrap();
        let id = format!("{:08x}-{:04x}-7000-8000-{n:012}", start.0 >> 16, start.0 & 0xffff);
        let row = Row {
            id: id.parse().unwrap(),
            created_at: start,
            labels: Labels {
                user: Some(["ana", "ben", "cho"][n as usize % 3].to_owned()),
                conference: Some(conference.to_owned()),
                session: None,
            },
            metadata: format!(
                r#"{{"numberOfMessages":{},"closeCode":1001,"findings":{findings}}}"#,
                300 + 71 * n
            ),
            blob_url: Some(format!("s3://calls/{id}.jsonl.gz")),
            features_url: None,
            session_start: start,
            session_end: UnixMs(start.0 + 61_000 * (n + 1)),
            features: None,
        };
        assert!(catalogue.insert(&[row]).unwrap()[0].is_ok());
    }
    bench
}

/// Each indented block of the section begins with a command, and the rest is what that prints.
#[test]
fn the_rendered_examples_across_calls_are_what_the_commands_print() {
    const SECTION: &str = "## Across calls\n";
    let readme = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let begin = readme.find(SECTION).unwrap() + SECTION.len();
    let end = begin + readme[begin..].find("\n## ").unwrap();
    let bench = of_a_week();
    let (mut section, mut commands, mut is_output) = (String::new(), 0, false);
    for line in readme[begin..end].lines() {
        is_output &= line.is_empty() || line.starts_with("    ");
        if let Some(command) = line.strip_prefix("    $ rtcstats-server ") {
            let told = bench.run(&command.split(' ').collect::<Vec<_>>());
            assert_eq!((told.code, told.err.as_str()), (0, ""), "{command}");
            let printed = told
                .out
                .lines()
                .map(|line| format!("    {line}").trim_end().to_owned() + "\n");
            section += &format!("{line}\n{}\n", printed.collect::<String>());
            (commands, is_output) = (commands + 1, true);
        } else if !is_output {
            section += &format!("{line}\n");
        }
    }
    assert_eq!(commands, 2);
    let section = section.trim_end();
    held_to(
        "README.md",
        &format!("{}{section}\n{}", &readme[..begin], &readme[end..]),
    );
}
