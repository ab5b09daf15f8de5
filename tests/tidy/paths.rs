//! Finds the paths that a file names (`use` trees split into single paths, `super` resolved) and the modules that it
//! declares.
//!
//! The input is code without comments and literals. What macros would expand to is not seen.

use crate::source::Source;

/// The name under which `main.rs`, tests and benches know the library.
const LIBRARY: &str = "rtcstats_server";

/// A path of two segments or more, or one imported by `use`.
#[derive(Debug, PartialEq)]
pub struct Named {
    pub line: usize,
    /// From the crate's root if `ours`, otherwise as written.
    pub segments: Vec<String>,
    /// Begins with `crate`, `self`, `super` or the library's name.
    pub ours: bool,
    /// It stands in an item that is only compiled for tests.
    pub test: bool,
}

/// What one file contains.
#[derive(Default)]
pub struct Outline {
    pub paths: Vec<Named>,
    /// Modules declared as `#[cfg(test)] mod name;`.
    pub test_modules: Vec<Vec<String>>,
}

#[derive(Clone, Copy, PartialEq)]
pub struct Token<'a> {
    pub text: &'a str,
    pub line: usize,
}

/// Splits code into words, `::` and single characters.
pub fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let length = match first {
                _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                ':' if rest.starts_with("::") => 2,
                _ => first.len_utf8(),
            };
            found.push(Token {
                text: &rest[..length],
                line: number + 1,
            });
            rest = rest[length..].trim_start();
        }
    }
    found
}

/// Reads one file.
pub fn outline(source: &Source) -> Outline {
    let mut reader = Reader {
        tokens: tokens(&source.code),
        at: 0,
        scopes: vec![(source.module(), false)],
        out: Outline::default(),
    };
    reader.read();
    reader.out
}

struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    /// For each open brace the module it is in and whether that is compiled for tests only.
    scopes: Vec<(Vec<String>, bool)>,
    out: Outline,
}

impl Reader<'_> {
    fn text(&self, offset: usize) -> &str {
        self.tokens.get(self.at + offset).map_or("", |token| token.text)
    }

    fn before(&self) -> &str {
        self.at.checked_sub(1).map_or("", |before| self.tokens[before].text)
    }

    fn scope(&self) -> &(Vec<String>, bool) {
        self.scopes.last().expect("the file's own scope is never closed")
    }

    fn read(&mut self) {
        // The item that follows a `#[cfg(test)]`, until its brace or semicolon.
        let mut test_item = false;
        while self.at < self.tokens.len() {
            match self.text(0) {
                "#" if self.text(1) == "[" => test_item |= self.skip_attribute(),
                "mod" if self.text(2) == "{" => self.open(test_item, true),
                "mod" if self.text(2) == ";" && test_item => self.declare_test_module(),
                "use" if self.text(1) != "<" => self.use_tree(test_item),
                "{" => self.open(test_item, false),
                "}" if self.scopes.len() > 1 => drop(self.scopes.pop()),
                _ if self.text(1) == "::" && is_name(self.text(0)) => self.inline_path(test_item),
                _ => {}
            }
            test_item &= ![";", "{", "}"].contains(&self.text(0));
            self.at += 1;
        }
    }

    /// Leaves `at` on the closing bracket. Returns whether the attribute says that the item is for tests.
    fn skip_attribute(&mut self) -> bool {
        let begin = self.at;
        let mut depth = 0;
        loop {
            match self.text(0) {
                "[" => depth += 1,
                "]" => depth -= 1,
                _ => {}
            }
            if self.at + 1 >= self.tokens.len() || (depth == 0 && self.at > begin) {
                break;
            }
            self.at += 1;
        }
        let has = |word: &str| self.tokens[begin..=self.at].iter().any(|token| token.text == word);
        has("cfg") && has("test") && !has("not")
    }

    /// Opens a brace: that of a module (`at` is on `mod`) or any other.
    fn open(&mut self, test_item: bool, module: bool) {
        let (mut path, test) = self.scope().clone();
        if module {
            path.push(self.text(1).to_string());
            self.at += 2;
        }
        self.scopes.push((path, test || test_item));
    }

    fn declare_test_module(&mut self) {
        let mut path = self.scope().0.clone();
        path.push(self.text(1).to_string());
        self.out.test_modules.push(path);
    }

    /// `a::b::c` in an expression or a type; leaves `at` on its last word.
    fn inline_path(&mut self, test_item: bool) {
        // `pub(in crate::a)` restricts visibility and imports nothing. After `::`, the path began with a generic
        // argument.
        let imports = !["in", "::"].contains(&self.before());
        let line = self.tokens[self.at].line;
        let mut segments = vec![self.text(0).to_string()];
        while self.text(1) == "::" && is_name(self.text(2)) {
            segments.push(self.text(2).to_string());
            self.at += 2;
        }
        if imports && segments.len() > 1 {
            self.note(segments, line, test_item);
        }
    }

    /// A `use` item; leaves `at` on its semicolon.
    fn use_tree(&mut self, test_item: bool) {
        self.at += 1;
        self.use_branch(Vec::new(), test_item);
    }

    /// One branch of a `use` tree with the path before it. Leaves `at` on the `,`, `}` or `;` after it.
    fn use_branch(&mut self, mut prefix: Vec<String>, test_item: bool) {
        let line = self.tokens[self.at].line;
        while !["", ",", "}", ";"].contains(&self.text(0)) {
            match self.text(0) {
                "{" => {
                    while !["", "}"].contains(&self.text(0)) {
                        self.at += 1;
                        self.use_branch(prefix.clone(), test_item);
                    }
                    self.at += 1;
                    return;
                }
                "as" => self.at += 1,
                "::" => {}
                "self" if !prefix.is_empty() => {}
                word => prefix.push(word.to_string()),
            }
            self.at += 1;
        }
        if !prefix.is_empty() {
            self.note(prefix, line, test_item);
        }
    }

    fn note(&mut self, written: Vec<String>, line: usize, test_item: bool) {
        let (module, test) = self.scope().clone();
        let (ours, segments) = resolve(&module, written);
        self.out.paths.push(Named {
            line,
            segments,
            ours,
            test: test || test_item,
        });
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The path from the crate's root if it is one of ours, otherwise as written.
fn resolve(module: &[String], written: Vec<String>) -> (bool, Vec<String>) {
    let mut base = match written[0].as_str() {
        "crate" | LIBRARY => Vec::new(),
        "self" | "super" => module.to_vec(),
        _ => return (false, written),
    };
    let mut rest = written.into_iter().peekable();
    while let Some(word) = rest.next_if(|word| ["crate", "self", "super", LIBRARY].contains(&word.as_str())) {
        if word == "super" {
            base.pop();
        }
    }
    base.extend(rest);
    (true, base)
}
