//! Pages of dumps in a real browser: from their files, without a network, with all that the browser says about them.
//!
//! One browser opens the pages of all recorded dumps, another those of some that are large or hostile.
//! `pages/driver.cjs` tells what it looks for. Tools are those of `make tools`.

mod synthetic;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde::{Deserialize, Serialize};
use support::place;
use support::recorded::Recorded;

use crate::run::{Place, dump, text};
use crate::site::{Site, with_a_recorded_call};

#[derive(Serialize)]
struct Page {
    name: String,
    file: PathBuf,
    /// Of a page that is served: the link that lets in, and where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    path: String,
    data: PathBuf,
    seed: u32,
    checks: Vec<&'static str>,
}

/// What the driver tells.
#[derive(Debug, Deserialize)]
struct Seen {
    problems: Vec<String>,
    /// How often each check was made.
    done: std::collections::BTreeMap<String, u32>,
}

/// Makes the page of a dump and, beside it, the same data as JSON.
fn page(place: &Place, dump: &Path, checks: &[&'static str]) -> Page {
    page_with(place, dump, &[], checks)
}

fn page_with(place: &Place, dump: &Path, arguments: &[&str], checks: &[&'static str]) -> Page {
    let name = dump
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name")
        .to_owned();
    let (file, data) = (place.path(&format!("{name}.html")), place.path(&format!("{name}.json")));
    let made = place.run(&[&["view", "-o", text(&file)], arguments, &[text(dump)]].concat());
    assert!(file.exists(), "{name}: {made:?}");
    let told = place.run(&[&["view", "--json"], arguments, &[text(dump)]].concat());
    std::fs::write(&data, told.out).expect("it is written");
    Page {
        seed: name.bytes().fold(7, |sum, byte| sum * 31 % 65_521 + u32::from(byte)),
        name,
        file,
        entry: None,
        path: String::new(),
        data,
        checks: checks.to_vec(),
    }
}

/// The page of two dumps.
fn page_of_two(place: &Place, [one, other]: [&Path; 2]) -> Page {
    let page = page(place, one, &["compared"]);
    let file = place.path("two.html");
    let made = place.run(&["view", "-o", text(&file), text(one), text(other)]);
    assert!(file.exists(), "{made:?}");
    let name = "two dumps".to_owned();
    Page { name, file, ..page }
}

pub fn node(arguments: &[&Path]) -> Command {
    let modules = place::tools().join("browser/node_modules");
    assert!(
        modules.exists(),
        "the browser driver is not installed; run `make tools`"
    );
    let mut command = Command::new("node");
    command.args(arguments).env("NODE_PATH", modules);
    command
}

pub fn pages(name: &str) -> PathBuf {
    place::repository().join("tests/read/pages").join(name)
}

fn drive(place: &Place, pages_: &[Page]) -> Seen {
    let job = serde_json::json!({ "pages": pages_ });
    place.write("job.json", job.to_string());
    let job = std::fs::File::open(place.path("job.json")).expect("it was written");
    let run = node(&[&pages("driver.cjs")]).stdin(Stdio::from(job)).output();
    let run = run.expect("node starts");
    assert!(run.status.success(), "{}", complaint(&run));
    serde_json::from_slice(&run.stdout).expect("the driver prints JSON")
}

fn complaint(run: &Output) -> String {
    String::from_utf8_lossy(&run.stderr).into_owned()
}

/// Whose text views are compared with the data: a relay, another browser, no connection, no event, odd descriptions,
/// several rounds.
const READ: [&str; 6] = [
    "turn-relay",
    "firefox-av-call",
    "gum-failures",
    "no-message-session",
    "derived-address-zoo",
    "ice-restart",
];

/// Those of `pages/text.cjs`.
const TEXT_CHECKS: [&str; 7] = ["verdict", "events", "signalling", "sdp", "ice", "copies", "features"];

#[test]
fn pages_of_recorded_dumps_are_right_in_a_browser() {
    let place = Place::new();
    let checks = |name: &str| {
        let own = match name {
            "av-call-60s" => &["values", "printed", "unscripted", "axe"][..],
            "gum-failures" => &["journey", "unscripted", "axe"],
            _ => &["values"],
        };
        let text = if READ.contains(&name) { &TEXT_CHECKS[..] } else { &[] };
        [own, text].concat()
    };
    let recorded = Recorded::all();
    let made: Vec<Page> = recorded
        .iter()
        .map(|one| page(&place, &dump(&one.name), &checks(&one.name)))
        .collect();
    let two = [dump("reload-count-0"), dump("reload-count-1")];
    let made: Vec<Page> = made
        .into_iter()
        .chain([page_of_two(&place, [&two[0], &two[1]])])
        .collect();
    let seen = drive(&place, &made);
    assert!(seen.problems.is_empty(), "{:#?}", seen.problems);
    let pages = u32::try_from(made.len()).expect("a few");
    assert_eq!(
        (
            seen.done["views"],
            seen.done["axe"],
            seen.done["journey"],
            seen.done["compared"],
            seen.done["printed"],
            seen.done["unscripted"]
        ),
        (10 * pages, 40, 1, 1, 1, 2)
    );
    assert!(seen.done["values"] > 500, "{:?}", seen.done);
    let read = u32::try_from(READ.len()).expect("a few");
    assert_eq!(
        (seen.done["verdict"], seen.done["filters"], seen.done["copies"]),
        (read, 8 * read, 5 * read)
    );
    assert!(
        seen.done["comparisons"] > 30 && seen.done["entries"] == 4 && seen.done["stories"] > 7,
        "{:?}",
        seen.done
    );
}

/// What is thinned in the page is whole where one looks closer.
#[test]
fn a_served_page_fetches_all_polls_of_what_is_looked_at() {
    let place = Place::new();
    let (server, id) = with_a_recorded_call("long-5min-4pc");
    let site = Site::start(&server, &["127.0.0.1:0", "--max-size", "600KiB"]);
    let file = page(&place, &dump("long-5min-4pc"), &["detail"]);
    let served = Page {
        entry: Some(format!("http://{}{}", site.authority, site.entry)),
        path: format!("/calls/{}", id.replace('-', "%2D")),
        ..file
    };
    let seen = drive(&place, &[served]);
    assert!(seen.problems.is_empty(), "{:#?}", seen.problems);
    assert!(seen.done["detail"] > 100, "{:?}", seen.done);
}

#[test]
fn large_and_hostile_pages_are_right_in_a_browser() {
    let place = Place::new();
    let synthetic = [
        (
            "long.jsonl",
            synthetic::fifty_connections_for_an_hour(),
            &["values", "drawing"][..],
        ),
        ("events.jsonl", synthetic::a_hundred_thousand_events(), &["drawing"]),
        (
            "connections.jsonl",
            synthetic::ten_thousand_connections(),
            &["unscripted"],
        ),
        (
            "hostile.jsonl",
            synthetic::hostile(),
            &["values", "journey", "unscripted", "axe"],
        ),
    ];
    let made: Vec<Page> = synthetic
        .iter()
        .map(|(name, content, checks)| page(&place, &place.write(name, content).path(name), checks))
        .collect();
    let seen = drive(&place, &made);
    assert!(seen.problems.is_empty(), "{:#?}", seen.problems);
    assert_eq!(
        (seen.done["views"], seen.done["axe"], seen.done["journey"]),
        (40, 20, 1)
    );
    assert!(seen.done["values"] > 50, "{:?}", seen.done);
}

#[test]
fn pages_of_masked_and_of_a_browsers_dumps_are_right_and_readable_without_script() {
    let place = Place::new();
    let internals = place::repository().join("tests/data/internals/ice-restart.internals.gz");
    let made = [
        page_with(
            &place,
            &dump("derived-address-zoo"),
            &["--mask"],
            &["unscripted", "verdict"],
        ),
        page(&place, &internals, &["unscripted", "printed", "values"]),
    ];
    let seen = drive(&place, &made);
    assert!(seen.problems.is_empty(), "{:#?}", seen.problems);
    assert_eq!((seen.done["unscripted"], seen.done["printed"]), (2, 1));
    let plain = std::fs::read_to_string(&made[0].file).expect("it was written");
    assert!(plain.contains("<p>Addresses and labels are masked.</p>"));
}

/// The driver is no use if it finds nothing.
#[test]
fn what_is_wrong_with_a_page_is_found() {
    let place = Place::new();
    let good = page(&place, &dump("short-session"), &[]);
    let html = std::fs::read_to_string(&good.file).expect("it was written");
    let wrong = html.replacen(
        "<body>",
        "<body><img src=\"https://example.org/x.png\"><p onclick=\"f()\">x</p><h1>one more</h1>",
        1,
    );
    std::fs::write(&good.file, wrong).expect("it is written");
    let seen = drive(&place, &[good]);
    let all = seen.problems.join("\n");
    for words in [
        "an element IMG",
        "P with onclick",
        "2 first headings",
        "the policy stopped img-src",
    ] {
        assert!(all.contains(words), "{words}: {all}");
    }
}

/// What needs no browser: `pages/units.cjs`.
#[test]
fn what_the_page_computes_is_right() {
    let run = node(&[&pages("units.cjs")]).output().expect("node starts");
    assert!(run.status.success(), "{}", complaint(&run));
}

/// `src/view/assets.rs` names each file, all share one scope, and each is a script.
#[test]
fn files_of_the_page_are_joined_without_a_clash() {
    let folder = place::repository().join("src/view/assets");
    let listed = std::fs::read_to_string(folder.with_extension("rs")).expect("the list of files");
    let mut names = std::collections::BTreeMap::new();
    for entry in std::fs::read_dir(&folder).expect("the folder can be read") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        let content = std::fs::read_to_string(&path).expect("text");
        assert!(content.lines().count() <= 400, "{name} is too long");
        if name.ends_with(".md") {
            continue;
        }
        assert!(
            listed.contains(&format!("\"{name}\"")),
            "{name} is not in src/view/assets.rs"
        );
        if !name.ends_with(".js") {
            continue;
        }
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "import(",
        ] {
            assert!(!content.contains(word), "{name} has {word}");
        }
        for line in content.lines() {
            if let Some(own) = declared(line) {
                let other = names.insert(own.to_owned(), name.to_owned());
                assert_eq!(other, None, "{own} is declared in {name} too");
            }
        }
        let run = node(&[Path::new("--check"), &path]).output().expect("node starts");
        assert!(run.status.success(), "{}", complaint(&run));
    }
    assert!(names.len() > 100, "{} names", names.len());
}

/// The name that a line declares at the top level.
fn declared(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("async ").unwrap_or(line);
    let rest = ["function ", "const ", "let ", "class "]
        .iter()
        .find_map(|word| rest.strip_prefix(word))?;
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
    (end > 0).then(|| &rest[..end])
}
