//! Holds the table of errands in `ARCHITECTURE.md` true: the files it names are there, and so are the words it points
//! to.
//!
//! A row is an errand, the source files that it touches, and how. `NAME` in a path stands for the file that the errand
//! makes. Whether the recipe is complete is not checked here: that takes somebody who follows it.

use std::fs;
use std::path::Path;

/// What is wrong with the table, for a repository at `top`.
pub fn findings(document: &str, top: &Path) -> Vec<String> {
    let rows = rows(document);
    if rows.is_empty() {
        return vec!["ARCHITECTURE.md: there is no table that begins with | errand | source files |".to_string()];
    }
    rows.iter().flat_map(|row| of_row(row, top)).collect()
}

struct Row {
    errand: String,
    files: Vec<String>,
    /// What stands in backticks in the recipe.
    named: Vec<String>,
}

fn rows(document: &str) -> Vec<Row> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_string()).collect::<Vec<_>>();
    let is_head = |line: &&str| cells(line).get(1..3) == Some(&["errand".to_string(), "source files".to_string()]);
    let table = document.lines().skip_while(|line| !is_head(line)).skip(2);
    let table = table.take_while(|line| line.starts_with('|')).map(cells);
    table
        .filter(|cells| cells.len() > 3)
        .map(|cells| Row {
            errand: cells[1].clone(),
            files: in_backticks(&cells[2]),
            named: in_backticks(&cells[3]),
        })
        .collect()
}

fn in_backticks(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_string).collect()
}

fn of_row(row: &Row, top: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    if row.files.is_empty() {
        wrong.push("no source file is named".to_string());
    }
    let is_new = |path: &str| path.contains("NAME");
    let paths = row
        .files
        .iter()
        .chain(row.named.iter().filter(|name| name.contains('/')));
    let missing = paths.filter(|path| !is_new(path) && !top.join(path).exists());
    wrong.extend(missing.map(|path| format!("there is no {path}")));
    let texts = row.files.iter().filter(|path| !is_new(path));
    let texts: Vec<String> = texts
        .filter_map(|path| fs::read_to_string(top.join(path)).ok())
        .collect();
    let words = row.named.iter().filter(|name| !name.contains('/'));
    let unknown = words.filter(|word| !texts.iter().any(|text| text.contains(word.as_str())));
    wrong.extend(unknown.map(|word| format!("`{word}` stands in none of its files")));
    let errand = &row.errand;
    wrong
        .iter()
        .map(|what| format!("ARCHITECTURE.md: errand \"{errand}\": {what}"))
        .collect()
}
