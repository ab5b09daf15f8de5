//! Rules about single files: length, head comment, words that must not appear in them.

use crate::paths::{Token, outline, tokens};
use crate::source::Source;

/// Lines of a file, and of a function with its signature.
const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

/// Calls and macros that end the process, or mark something as not done, instead of handling a case.
const SHORTCUTS: [&[&str]; 5] = [
    &[".", "unwrap", "("],
    &["panic", "!"],
    &["todo", "!"],
    &["unimplemented", "!"],
    &["dbg", "!"],
];

pub fn long_files(sources: &[Source]) -> Vec<String> {
    let length = |source: &Source| source.text.lines().count();
    let long = sources.iter().filter(|source| length(source) > FILE_LINES_MAX);
    long.map(|source| format!("{}: {} lines, {FILE_LINES_MAX} at most", source.path, length(source)))
        .collect()
}

pub fn long_functions(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let tokens = tokens(&source.code);
        for (at, pair) in tokens.windows(2).enumerate() {
            let is_function = pair[0].text == "fn" && pair[1].text.starts_with(|c: char| c.is_alphabetic() || c == '_');
            let lines = if is_function { function_lines(&tokens[at..]) } else { 0 };
            if lines > FUNCTION_LINES_MAX {
                let place = format!("{}:{}", source.path, pair[0].line);
                found.push(format!(
                    "{place}: fn {} has {lines} lines, {FUNCTION_LINES_MAX} at most",
                    pair[1].text
                ));
            }
        }
    }
    found
}

/// Counted from `fn` to the brace that closes the body. A declaration without a body ends at its semicolon.
fn function_lines(tokens: &[Token<'_>]) -> usize {
    tokens[item_length(tokens) - 1].line - tokens[0].line + 1
}

pub fn files_without_a_head(sources: &[Source]) -> Vec<String> {
    let without = sources.iter().filter(|source| !source.text.starts_with("//! "));
    without
        .map(|source| format!("{}: does not begin with a head comment (//!)", source.path))
        .collect()
}

/// Shortcuts outside tests.
pub fn shortcuts(product: &[Source]) -> Vec<String> {
    let test_modules: Vec<_> = product.iter().flat_map(|source| outline(source).test_modules).collect();
    let is_test = |source: &Source| test_modules.iter().any(|module| source.module().starts_with(module));
    let mut found = Vec::new();
    for source in product.iter().filter(|source| !is_test(source)) {
        let tokens = without_tests(&tokens(&source.code));
        found.extend(SHORTCUTS.iter().flat_map(|words| places(source, &tokens, words)));
    }
    found
}

/// The tokens without the items after `#[cfg(test)]`: each up to a semicolon or the end of its first braces.
fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let begin = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut rest) = (Vec::new(), tokens);
    while let Some(first) = rest.first() {
        let is_test = rest.len() > begin.len() && rest.iter().map(|token| token.text).zip(begin).all(|(a, b)| a == b);
        if is_test {
            rest = &rest[begin.len() + item_length(&rest[begin.len()..])..];
        } else {
            kept.push(*first);
            rest = &rest[1..];
        }
    }
    kept
}

/// The number of tokens of the first item in `tokens`, including its last brace or semicolon.
fn item_length(tokens: &[Token<'_>]) -> usize {
    let (mut braces, mut others) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "(" | "[" => others += 1,
            ")" | "]" => others -= 1,
            "{" => braces += 1,
            "}" => braces -= 1,
            _ => {}
        }
        if [";", "}"].contains(&token.text) && braces == 0 && others == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// Tests that are switched off, anywhere.
pub fn ignored_tests(sources: &[Source]) -> Vec<String> {
    let attributes: [&[&str]; 2] = [&["#", "[", "ignore", "]"], &["#", "[", "ignore", "="]];
    let all = sources.iter().map(|source| (source, tokens(&source.code)));
    all.flat_map(|(source, tokens)| attributes.map(|words| places(source, &tokens, words)).concat())
        .collect()
}

/// Each place where `words` follow each other.
fn places(source: &Source, tokens: &[Token<'_>], words: &[&str]) -> Vec<String> {
    let is_here = |window: &&[Token<'_>]| window.iter().map(|token| token.text).eq(words.iter().copied());
    let here = tokens.windows(words.len()).filter(is_here);
    here.map(|window| format!("{}:{}: {}", source.path, window[0].line, words.concat()))
        .collect()
}

/// Paths that exist only on one machine. A path begins after a blank, a quote or a bracket, not in the middle of a
/// word.
pub fn machine_paths(texts: &[Source]) -> Vec<String> {
    // Assembled here, because otherwise this file would be the first finding.
    let patterns = [
        ["/wo", "rk/"].concat(),
        ["/ro", "ot/"].concat(),
        ["../sha", "red"].concat(),
    ];
    let begins = |line: &str, at: usize| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !['/', '_', '-', '.', '}'].contains(&c))
    };
    let names = |line: &str| {
        patterns
            .iter()
            .any(|pattern| line.match_indices(pattern.as_str()).any(|(at, _)| begins(line, at)))
    };
    let mut found = Vec::new();
    for source in texts {
        let lines = source.text.lines().enumerate().filter(|(_, line)| names(line));
        found.extend(lines.map(|(number, line)| format!("{}:{}: {}", source.path, number + 1, line.trim())));
    }
    found
}
