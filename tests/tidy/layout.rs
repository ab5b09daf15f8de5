//! Rules about how files are laid out: the width of comments, where a module lies, the order of imports.

use std::collections::BTreeSet;

use crate::paths::tokens;
use crate::source::Source;

/// For code, rustfmt ensures this.
const COMMENT_CHARS_MAX: usize = 120;

pub fn wide_comments(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (number, line) in source.text.lines().enumerate() {
            let width = line.chars().count();
            if line.trim_start().starts_with("//") && width > COMMENT_CHARS_MAX {
                let place = format!("{}:{}", source.path, number + 1);
                found.push(format!(
                    "{place}: a comment of {width} columns, {COMMENT_CHARS_MAX} at most"
                ));
            }
        }
    }
    found
}

/// A module is `name.rs` beside `name/`, a test binary is a folder with `main.rs`, and no attribute says otherwise.
pub fn odd_modules(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for Source { path, code, .. } in sources {
        if path.ends_with("/mod.rs") {
            found.push(format!("{path}: a module is name.rs beside name/"));
        }
        if path.strip_prefix("tests/").is_some_and(|inner| !inner.contains('/')) {
            found.push(format!("{path}: a test binary is a folder with main.rs"));
        }
        let tokens = tokens(code);
        let attributes = tokens.windows(4).filter(|window| {
            let text: Vec<&str> = window.iter().map(|token| token.text).collect();
            text == ["#", "[", "path", "="]
        });
        found.extend(attributes.map(|window| format!("{path}:{}: a module lies where its name says", window[0].line)));
    }
    found
}

/// Where an import comes from, in the order in which imports stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Standard,
    External,
    Own,
}

/// Imports that follow each other stand in groups by origin, with an empty line between two groups.
pub fn mixed_imports(sources: &[Source]) -> Vec<String> {
    sources.iter().flat_map(mixed_imports_of).collect()
}

fn mixed_imports_of(source: &Source) -> Vec<String> {
    let children = declared(source);
    let mut found = Vec::new();
    // The import before this line, if only blanks and attributes are between them.
    let mut before: Option<Origin> = None;
    let (mut is_open, mut is_apart) = (false, false);
    let lines = source.code.lines().zip(source.text.lines()).enumerate();
    for (number, (code, text)) in lines {
        let code = code.trim();
        if is_open {
            is_open = !code.ends_with(';');
        } else if let Some(path) = code.strip_prefix("use ") {
            let origin = origin(path, &children);
            if before.is_some_and(|before| origin < before || (origin > before && !is_apart)) {
                let place = format!("{}:{}", source.path, number + 1);
                found.push(format!(
                    "{place}: {origin:?} comes out of its group: std, external crates, the crate's own"
                ));
            }
            (before, is_apart) = (Some(origin), false);
            is_open = !code.ends_with(';');
        } else if text.trim().is_empty() {
            is_apart = true;
        } else if !code.is_empty() && !code.starts_with("#[") {
            before = None;
        }
    }
    found
}

fn origin(path: &str, children: &BTreeSet<&str>) -> Origin {
    let end = path.find(|c: char| !c.is_alphanumeric() && c != '_');
    match &path[..end.unwrap_or(path.len())] {
        "std" | "core" | "alloc" => Origin::Standard,
        "crate" | "super" | "self" => Origin::Own,
        first if children.contains(first) => Origin::Own,
        _ => Origin::External,
    }
}

/// The modules that a file declares.
fn declared(source: &Source) -> BTreeSet<&str> {
    let tokens = tokens(&source.code);
    let modules = tokens.windows(2).filter(|pair| pair[0].text == "mod");
    modules.map(|pair| pair[1].text).collect()
}
