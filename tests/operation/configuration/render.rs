//! `rtcstats-server.toml` and `docs/configuration.md`, made from the rooms' comments and defaults.
use std::fmt::Write;

use super::model::{Key, Shape, Table};

/// What is said about the form of the file, after the sentence that says what the file is.
const OF_THE_FILE: &str = "\
# Nothing here has to be set: a line that begins with `#key` shows the default; take the `#` away to change it. Lines
# that begin with `# ` are explanations and examples.
#
";

/// How both files are made, for people who want to change them.
const NOTE: &str = "Made from the comments in src: RTCSTATS_RENDER=1 cargo test --test operation rendered";

/// The shipped example with every key.
pub fn toml(tables: &[Table]) -> String {
    let mut text = String::new();
    for table in tables {
        match (table.path.as_str(), table.shape) {
            ("", _) => text += &heading(&table.docs),
            (path, Shape::One) => text += &format!("[{path}]\n{}", commented(&table.docs)),
            (path, Shape::Many) => {
                text += &list_of_tables(path, table);
                continue;
            }
        }
        if !table.docs.is_empty() && !table.keys.is_empty() {
            text.push('\n');
        }
        let entries: Vec<String> = table.keys.iter().map(toml_key).collect();
        text += &entries.join("\n");
        text.push('\n');
    }
    text.trim_end().to_string() + "\n"
}

/// The first line says what the file is; the next ones say how it is written.
fn heading(docs: &[String]) -> String {
    let (first, rest) = docs.split_first().expect("Config has a comment");
    format!(
        "# {first}\n#\n{OF_THE_FILE}{}#\n# {NOTE}\n",
        commented(rest.strip_prefix(&[String::new()]).unwrap_or(rest))
    )
}

fn commented(lines: &[String]) -> String {
    lines
        .iter()
        .map(|line| format!("# {line}").trim_end().to_string() + "\n")
        .collect()
}

fn toml_key(key: &Key) -> String {
    let line = match (&key.example, &key.default) {
        (Some(example), _) => format!("# {example}\n"),
        (None, default) => format!("#{} = {}\n", key.name, default.as_deref().unwrap_or("\"\"")),
    };
    commented(&explained(key)) + &line
}

/// The comment, followed by the possible values if its last line has room for them.
fn explained(key: &Key) -> Vec<String> {
    let mut lines = key.docs.clone();
    if !key.choices.is_empty() {
        let choices = format!("One of {}.", key.choices.join(", "));
        match lines.last_mut() {
            Some(last) if last.len() + choices.len() < LINE_BYTES_MAX => *last += &format!(" {choices}"),
            _ => lines.push(choices),
        }
    }
    lines
}

/// The length of a line of explanation, in bytes.
const LINE_BYTES_MAX: usize = 116;

/// A list of tables has no default. An example with all keys is written instead, with the explanation above it.
fn list_of_tables(path: &str, table: &Table) -> String {
    let mut text = commented(&table.docs);
    for key in &table.keys {
        text += &commented(&[format!("{}: {}", key.name, explained(key).join(" "))]);
    }
    text += &format!("# [[{path}]]\n");
    for key in &table.keys {
        let example = key
            .example
            .as_deref()
            .expect("a key in a list of tables has an example");
        text += &format!("# {example}\n");
    }
    text + "\n"
}

/// The reference: a section for each table, an entry for each key.
pub fn markdown(tables: &[Table]) -> String {
    let mut text = format!("<!-- {NOTE} -->\n\n");
    for table in tables {
        let mut docs = table.docs.clone();
        let title = match (table.path.as_str(), table.shape) {
            ("", _) => "# Configuration".to_string(),
            (path, Shape::One) => format!("## `[{path}]`"),
            (path, Shape::Many) => format!("## `[[{path}]]`"),
        };
        if table.path.is_empty() {
            docs[0] = format!(
                "{} The same as a file to begin with: [`rtcstats-server.toml`](../rtcstats-server.toml).",
                docs[0]
            );
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{title}\n\n{}", paragraphs(&docs));
        for key in &table.keys {
            text += &markdown_key(table, key);
        }
    }
    text.trim_end().to_string() + "\n"
}

fn paragraphs(lines: &[String]) -> String {
    lines.join("\n").trim().to_string() + "\n"
}

fn markdown_key(table: &Table, key: &Key) -> String {
    let path = if table.path.is_empty() {
        key.name.clone()
    } else {
        format!("{}.{}", table.path, key.name)
    };
    let kind = if key.choices.is_empty() {
        key.kind.clone()
    } else {
        let choices: Vec<String> = key.choices.iter().map(|choice| format!("`{choice}`")).collect();
        format!("{} {}", key.kind, choices.join(", "))
    };
    let value = match (&key.default, &key.example) {
        (Some(default), _) => format!("default: `{default}`"),
        (None, Some(example)) => format!("no default; such as `{example}`"),
        (None, None) => "no default".to_string(),
    };
    let variable = match table.shape {
        Shape::One if key.kind.starts_with("table") => format!("{}__NAME`", variable(&path).trim_end_matches('`')),
        Shape::One => variable(&path),
        Shape::Many => "in the file only".to_string(),
    };
    format!(
        "### `{path}`\n\n{kind} · {value} · {variable}\n\n{}\n",
        paragraphs(&key.docs)
    )
}

fn variable(path: &str) -> String {
    format!("`RTCSTATS_{}`", path.to_ascii_uppercase().replace('.', "__"))
}
