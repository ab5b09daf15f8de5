//! `docs/findings.md` is made from the table of rules in the code.
use std::fmt::Write;

use rtcstats_server::findings::{Rule, Source, Threshold, rules};

use super::configuration::rendered::held_to;

const NOTE: &str = "<!-- Made from src/findings/rules: RTCSTATS_RENDER=1 cargo test --test operation rendered -->";

const ABOUT: &str = "\
# Findings

What was wrong with a call. Rules look at the events of a dump, in the pass that also takes its features; `rtcstats-server dump explain`
tells what they found in any dump, `rtcstats-server view` shows it on a page, and the server stores it.

```text
{ \"verdict\": { \"severity\": \"critical\" | \"warning\" | \"info\" | null, \"text\": … },
  \"findings\": [
    { \"id\", \"severity\", \"scope\": \"client\" | \"connection\" | \"track\" | \"layer\",
      \"connection\": name | null, \"track\"?: id, \"report\"?: id,
      \"start\", \"end\": ms since 1970 | null, \"value\"?, \"unit\"?, \"threshold\"?, \"share\"?,
      \"evidence\": [ { \"event\" or \"report\" and \"property\", \"time\", \"value\" }, … ],
      \"cause_of\": [index, …], \"because_of\": [index, …], \"text\", \"hint\", \"source\" }, … ],
  \"not_evaluable\": [ { \"id\", \"connection\", \"reason\" }, … ],
  \"omitted\"?: { id: number, … } }
```

## How to read them

- A rule **fires**, is **clear**, or is **not evaluable** in this dump; then the reason is told. Firefox, for example, does not say why it
  lowers a resolution, so that no rule about that can be clear there.
- **critical**: something of the call did not work at all. **warning**: it worked, but not well. **info**: worth knowing. A rule can give
  its findings a lower severity than the one in the table.
- **Causes come before symptoms.** A freeze within a loss of packets is told below that loss. `because_of` and `cause_of` are the places
  of the findings in the list. What another finding explains does not count in the verdict.
- The **verdict** is a sentence made of the worst finding that no other one explains. The exit status of `dump explain` is 3 if that is a
  warning, and 4 if it is critical; `--fail-on` moves the limit.
- Times are milliseconds of the page's clock. `end` is null if it lasted until the dump ended, and `start` if it happened at one time. `share` is a part
  (0…1) of the time in which it could have been.
- Values over time are differences between one `getStats` and the next of the same report. A counter that falls has begun anew, and there
  is no value; neither is there across a gap (`env.poll-gap`). \"For 10 s\" means: in each statistics of at least ten seconds.
- A dump and its masked twin give the same: addresses are never compared.
- *ours* as a source means that nobody has published a threshold, so that it was chosen here. Where it is a matter of taste, set another.

## Settings

```toml
[findings]
off = [\"gum.slow\"]                      # leaves a rule out
thresholds = [\"net.rtt.warning = 0.4\"]  # RULE.THRESHOLD = NUMBER, in the unit of the table
```

`dump explain` uses these settings too; `dump explain --list` shows what is in force, and `--list --json` has both values.

## Across calls

The server examines each dump while it packs it. The object above is stored as the last member, `findings`, of `ID.features.json`; the row
has in its `metadata` what was found, each rule with the highest severity: `\"findings\":{\"ice.path-changed\":\"info\",\"sig.failure\":\"critical\"}`.
An empty object means that nothing was found, and no object that the dump was not examined: `rtcstats-server features` does that
afterwards. `find` searches there, in SQLite and in PostgreSQL by an index, and so does the form of `view --listen`.

    $ rtcstats-server find --finding sig.failure --since 7d
    START                     LENGTH   USER  CONFERENCE  SESSION          MESSAGES  CLOSE  FINDINGS                                                 …
    2026-11-26T16:49:12.932Z  0:00:00  dora  standup     firefox-av-call  257       1005   critical sig.failure, warning ice.gathering-slow …       …

`--finding` may be given several times (any of them), and `--severity warning` means warning or critical; both together ask for that
severity of that rule. `--user`, `--conference`, `--since`, `--until` and `--limit` hold as well, and `--json` prints a row a line.
`--summary` counts instead: the share of the calls with each finding, by its worst severity in each, and the same by day (UTC).

    $ rtcstats-server find --summary --since 7d
    7 calls of 2026-11-26: 7 examined

    FINDING                   CALLS  SHARE    CRITICAL  WARNING  INFO
    sig.failure               1      14.3 %   1         -        -
    ice.gathering-slow        1      14.3 %   -         1        -
    cap.level-constant        2      28.6 %   -         -        2
    …
    any of them               7      100.0 %  1         2        4
    none                      0      0.0 %

    DAY         CALLS  EXAMINED  CRITICAL    WARNING     INFO        NONE  WORST OF THE DAY
    2026-11-26  7      7         1 (14.3 %)  2 (28.6 %)  4 (57.1 %)  -     sig.failure 1 (14.3 %)
";

/// The groups of rules by the part of an id before the point, in the order in which a call goes.
const GROUPS: [(&str, &str); 13] = [
    ("gum", "Access to camera and microphone"),
    ("cap", "Capture"),
    ("dev", "Devices"),
    ("sig", "Signalling"),
    ("ice", "ICE"),
    ("turn", "TURN"),
    ("dtls", "DTLS"),
    ("net", "Network"),
    ("snd", "Sending"),
    ("rcv", "Receiving"),
    ("env", "Environment"),
    ("dump", "The dump itself"),
    ("", "Others"),
];

fn group(rule: &Rule) -> &'static str {
    let prefix = rule.id.split('.').next().unwrap_or_default();
    let known = GROUPS.iter().find(|(name, _)| *name == prefix);
    known.map_or("", |(name, _)| name)
}

fn rendered() -> String {
    let mut text = format!("{NOTE}\n\n{ABOUT}");
    for (name, title) in GROUPS {
        let own: Vec<&Rule> = rules().filter(|rule| group(rule) == name).collect();
        if own.is_empty() {
            continue;
        }
        write!(
            text,
            "\n## {title}\n\n| rule | severity | fires when | thresholds | source |\n|---|---|---|---|---|\n"
        )
        .unwrap();
        for rule in &own {
            let thresholds: Vec<String> = rule.thresholds.iter().map(threshold).collect();
            let thresholds = if thresholds.is_empty() {
                "–".to_owned()
            } else {
                thresholds.join("<br>")
            };
            let (severity, source) = (rule.severity.name(), rule.source.name());
            let fires = cell(rule.fires);
            writeln!(
                text,
                "| `{}` | {severity} | {fires} | {thresholds} | {} |",
                rule.id,
                cell(source)
            )
            .unwrap();
        }
        text.push('\n');
        for rule in own.iter().filter(|rule| !rule.hint.is_empty()) {
            writeln!(text, "- `{}`: {}", rule.id, rule.hint).unwrap();
        }
    }
    text
}

/// `warning`: 0.3 s (ours).
fn threshold(threshold: &Threshold) -> String {
    let source = match threshold.source {
        Source::Published(name) => name,
        Source::Ours => "ours",
    };
    let value = format!("{} {}", threshold.value, threshold.unit);
    cell(&format!("`{}`: {} ({source})", threshold.name, value.trim_end()))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn the_rendered_findings_are_those_of_the_table() {
    held_to("docs/findings.md", &rendered());
}

#[test]
fn every_rule_is_explained_once() {
    let mut ids: Vec<&str> = rules().map(|rule| rule.id).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "ids are unique");
    let text = rendered();
    for rule in rules() {
        let row = format!("| `{}` | ", rule.id);
        assert_eq!(text.matches(&row).count(), 1, "{}", rule.id);
        assert_ne!(group(rule), "", "{} is in no group of this document", rule.id);
        assert!(!rule.fires.is_empty() && !rule.source.name().is_empty(), "{}", rule.id);
        let is_plain = |threshold: &Threshold| threshold.value.is_finite() && !threshold.name.contains('.');
        assert!(rule.thresholds.iter().all(is_plain), "{}", rule.id);
    }
}
