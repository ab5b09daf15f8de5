//! Source files as the rules see them: with and without comments and literals.
//!
//! The folders of builds, of the running server and of copied test data are never read.

use std::path::{Path, PathBuf};

/// Folders that are not the project's own text, relative to its top.
const FOREIGN: [&str; 6] = [
    ".git",
    "target",
    "data",
    "node_modules",
    "tests/data",
    "tests/sessions/browser/node_modules",
];

/// Endings (or whole names) of text files that people write.
const TEXT: [&str; 18] = [
    ".rs", ".toml", ".md", ".sh", ".js", ".mjs", ".cjs", ".html", ".css", ".json", ".yml", ".yaml", ".sql", ".py",
    ".service", ".txt", "Makefile", ".ci/run",
];

/// One file.
pub struct Source {
    /// Relative to the top of the repository, with slashes.
    pub path: String,
    pub text: String,
    /// The text in which blanks replace comments and the content of literals. Each line keeps its length.
    pub code: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        let code = if path.ends_with(".rs") {
            blank(text)
        } else {
            text.to_string()
        };
        Source {
            path: path.to_string(),
            text: text.to_string(),
            code,
        }
    }

    /// The module that a file of `src` contains: `src/spool/pack.rs` is `spool::pack`, `src/main.rs` is `main`, and
    /// `src/lib.rs` is the root.
    pub fn module(&self) -> Vec<String> {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let inner = inner.strip_suffix("/mod").unwrap_or(inner);
        if inner == "lib" {
            Vec::new()
        } else {
            inner.split('/').map(str::to_string).collect()
        }
    }
}

/// The top of the repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `top`.
pub fn rust_files(top: &Path) -> Vec<Source> {
    text_files(top)
        .into_iter()
        .filter(|source| source.path.ends_with(".rs"))
        .collect()
}

/// Every file below `top` that people write and read.
pub fn text_files(top: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    collect(top, top, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(top: &Path, folder: &Path, found: &mut Vec<Source>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("an entry of the folder").path();
        let name = path
            .strip_prefix(top)
            .expect("a path below the top")
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            if !FOREIGN.contains(&name.as_str()) {
                collect(top, &path, found);
            }
        } else if TEXT.iter().any(|ending| name.ends_with(ending)) {
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
            found.push(Source::new(&name, &text));
        }
    }
}

/// Replaces comments and the content of string and character literals by blanks.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + literal_or_comment(&bytes[at..], at.checked_sub(1).map(|before| bytes[before]));
        if end == at {
            at += 1;
        } else {
            code[at..end]
                .iter_mut()
                .filter(|byte| **byte != b'\n')
                .for_each(|byte| *byte = b' ');
            at = end;
        }
    }
    String::from_utf8(code).expect("what is blanked begins and ends between characters")
}

/// The length of the comment or literal that `rest` begins with, 0 if there is none.
fn literal_or_comment(rest: &[u8], before: Option<u8>) -> usize {
    let in_a_word = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match rest {
        [b'/', b'/', ..] => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment(rest),
        [b'"', ..] => string(rest),
        [b'r', b'"' | b'#', ..] if !in_a_word => raw_string(rest, 1),
        [b'b' | b'c', b'r', b'"' | b'#', ..] if !in_a_word => raw_string(rest, 2),
        [b'\'', ..] => character(rest),
        _ => 0,
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != b'"' {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// `prefix` is the length of `r`, `br` or `cr`. A raw identifier (`r#type`) is not a literal.
fn raw_string(rest: &[u8], prefix: usize) -> usize {
    let hashes = rest[prefix..].iter().take_while(|byte| **byte == b'#').count();
    if rest.get(prefix + hashes) != Some(&b'"') {
        return 0;
    }
    let end = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    let content = prefix + hashes + 1;
    let length = rest[content..].windows(end.len()).position(|window| window == end);
    length.map_or(rest.len(), |length| content + length + end.len())
}

/// A character literal, but not a lifetime: after one character, or an escape, the closing quote follows.
fn character(rest: &[u8]) -> usize {
    if rest.get(1) == Some(&b'\\') {
        let closing = rest.iter().skip(3).position(|byte| *byte == b'\'');
        return closing.map_or(0, |closing| closing + 4);
    }
    let width = match rest.get(1) {
        Some(0..=0x7f) => 1,
        Some(0x80..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(_) => 4,
        None => return 0,
    };
    if rest.get(width + 1) == Some(&b'\'') {
        width + 2
    } else {
        0
    }
}

#[test]
fn comments_and_literals_are_blanked() {
    let text = "a /* \" /* x */ */ b // c'\nd \"e\\\"{\" 'f' '\\'' b'{' br#\"\"{\"# r#type &'g str 'ü' h";
    let words: Vec<_> = Source::new("a.rs", text)
        .code
        .split_whitespace()
        .map(str::to_string)
        .collect();
    assert_eq!(words, ["a", "b", "d", "b", "r#type", "&'g", "str", "h"]);
}
