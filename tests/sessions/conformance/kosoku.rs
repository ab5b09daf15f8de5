//! Runs the Autobahn cases with kosoku. `tests/tools.sh` installs it; if that has not been run, this file does the
//! same.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

const REQUIREMENTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/sessions/conformance/requirements.txt"
);
/// Outcomes that conform. All others (FAILED, UNIMPLEMENTED, WRONG CODE, UNCLEAN …) do not.
const CONFORMING: [&str; 3] = ["OK", "NON-STRICT", "INFORMATIONAL"];

/// The installed program, shared because the tests of this file run at the same time.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// The result of one case.
#[derive(Debug)]
pub struct Outcome {
    pub behavior: String,
    pub behavior_close: String,
    /// The code of the close frame that the server sent, if it sent one.
    pub close_code: Option<u64>,
}

impl Outcome {
    pub fn conforms(&self) -> bool {
        [&self.behavior, &self.behavior_close]
            .iter()
            .all(|word| CONFORMING.contains(&word.as_str()))
    }
}

/// Runs the cases against the server at `url` and returns the result of each, by its number.
pub fn run(url: &str, include: &[&str], exclude: &[&str]) -> BTreeMap<String, Outcome> {
    let report = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM.get_or_init(install));
    command
        .args(["-m", "fuzzingclient", "-p", "4", "-o"])
        .arg(report.path());
    command
        .args(include.iter().flat_map(|case| ["-i", case]))
        .args(exclude.iter().flat_map(|case| ["-x", case]));
    // The exit status only says whether all cases have passed; the report says it for each.
    let output = command.arg(url).output().unwrap();
    let index = fs::read(report.path().join("index.json"))
        .unwrap_or_else(|error| panic!("no report ({error}): {}", String::from_utf8_lossy(&output.stderr)));
    let index: BTreeMap<String, BTreeMap<String, Value>> = serde_json::from_slice(&index).unwrap();
    index
        .into_values()
        .flatten()
        .map(|(case, entry)| (case, outcome(&entry)))
        .collect()
}

fn outcome(entry: &Value) -> Outcome {
    let word = |key: &str| entry[key].as_str().unwrap_or_default().to_string();
    Outcome {
        behavior: word("behavior"),
        behavior_close: word("behaviorClose"),
        close_code: entry["remoteCloseCode"].as_u64(),
    }
}

/// The path of the program. An installation is complete when its stamp, a copy of the requirements, has been written.
fn install() -> PathBuf {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("tools");
    let folder = tools.join("python");
    let stamp = folder.join("stamp");
    if fs::read(&stamp).ok() != Some(fs::read(REQUIREMENTS).unwrap()) {
        fs::create_dir_all(&tools).unwrap();
        must(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        must(Command::new(folder.join("bin/pip")).args(["install", "-q", "-r", REQUIREMENTS]));
        fs::copy(REQUIREMENTS, &stamp).unwrap();
    }
    folder.join("bin/kosoku")
}

fn must(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        status.success(),
        "{command:?}: {status}; on Debian this needs the package python3-venv"
    );
}
