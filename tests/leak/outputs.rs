//! Everything that a server has put out: each file below its data folder, the names of files, its log, and what its
//! commands print.

use std::net::IpAddr;
use std::path::Path;

use support::stored::files_below;
use support::{Dump, Server};

use super::allowed;
use super::secrets::{Kind, Search};

/// Searches all of it. Each finding begins with its place: `dump`, `catalogue`, `file`, `name`, `log`, `find` or
/// `configuration`.
pub fn search(server: &Server, search: &Search) -> Vec<String> {
    let mut findings = Findings {
        search,
        found: Vec::new(),
    };
    let data = server.data();
    for path in files_below(&data) {
        let name = path
            .strip_prefix(&data)
            .expect("it lies below")
            .to_string_lossy()
            .into_owned();
        // The key of an object may be made from claims.
        findings.add("name", &name, &name, &[], &[Kind::Claim]);
        findings.file(&path, &name);
    }
    findings.lines("log", &server.log(), &[]);
    for arguments in [&["find", "--limit", "1000"][..], &["find", "--limit", "1000", "--json"]] {
        let output = server.run(arguments);
        assert!(output.status.success(), "find failed: {output:?}");
        // Rows may contain claims; what `find` logs may not.
        findings.lines("find", &String::from_utf8_lossy(&output.stdout), &[Kind::Claim]);
        findings.lines("log", &String::from_utf8_lossy(&output.stderr), &[]);
    }
    // This is what an operator sends together with a question: the configuration in force.
    let output = server.run(&["check-config"]);
    assert!(output.status.success(), "check-config failed: {output:?}");
    for text in [&output.stdout, &output.stderr] {
        findings.lines("configuration", &String::from_utf8_lossy(text), &[]);
    }
    findings.found
}

struct Findings<'a> {
    search: &'a Search<'a>,
    found: Vec<String>,
}

impl Findings<'_> {
    fn add(&mut self, place: &str, name: &str, text: &str, addresses: &[IpAddr], kinds: &[Kind]) {
        let found = self.search.find(text, addresses, kinds);
        let excerpt: String = text.chars().take(600).collect();
        self.found.extend(
            found
                .iter()
                .map(|found| format!("{place} {name}: {found} in {excerpt}")),
        );
    }

    fn lines(&mut self, place: &str, text: &str, kinds: &[Kind]) {
        for line in text.lines() {
            self.add(place, "", line, &[], kinds);
        }
    }

    fn file(&mut self, path: &Path, name: &str) {
        if name.ends_with(".jsonl.gz") {
            return self.dump(&Dump::read(path), name);
        }
        let content = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let text = String::from_utf8_lossy(&content);
        if name.ends_with(".features.json") {
            return self.add("features", name, &text, &allowed::in_features(&text), &[]);
        }
        // The catalogue contains rows, and ID.json contains a future one.
        let is_row = name.starts_with("catalog.db") || name.ends_with(".json");
        let (place, kinds) = match is_row {
            true => ("catalogue", &[Kind::Claim][..]),
            false => ("file", &[][..]),
        };
        self.add(place, name, &text, &[], kinds);
    }

    fn dump(&mut self, dump: &Dump, name: &str) {
        for (number, line) in dump.lines.iter().enumerate() {
            let allowed = match number {
                1 => allowed::in_metadata(line),
                _ => allowed::in_event(line),
            };
            self.add("dump", &format!("{name} line {}", number + 1), line, &allowed, &[]);
        }
    }
}
