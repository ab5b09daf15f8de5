//! Holds the examples of the README to what the commands print.
//!
//! In its section about reading, each indented block begins with a command, and the rest is what that prints, run where
//! the recorded dumps are. `RTCSTATS_RENDER=1 cargo test --test read readme` writes the outputs; without the variable
//! they are compared.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use support::place;

const SECTION: &str = "## Reading dumps\n";

/// The README with the output of each command of the section behind it, and how many there are.
fn rendered(readme: &str) -> (String, usize) {
    let begin = readme.find(SECTION).expect("the section is there") + SECTION.len();
    let end = readme[begin..].find("\n## ").map_or(readme.len(), |end| begin + end);
    let mut section = String::new();
    let mut count = 0;
    let mut is_output = false;
    for line in readme[begin..end].lines() {
        if let Some(command) = line.strip_prefix("    $ ") {
            count += 1;
            is_output = true;
            section += &format!("{line}\n{}\n", output(command));
        }
        // An output may have empty lines.
        is_output &= line.is_empty() || line.starts_with("    ");
        if !is_output {
            section += &format!("{line}\n");
        }
    }
    section.truncate(section.trim_end().len());
    section.push('\n');
    (format!("{}{section}{}", &readme[..begin], &readme[end..]), count)
}

/// What a shell prints, indented. What is told beside the output is no part of it.
fn output(command: &str) -> String {
    let binary = place::binary();
    let folder = binary.parent().expect("it lies in a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .env_clear()
        .env("PATH", format!("{}:{path}", folder.display()));
    shell.current_dir(place::repository().join("tests/data/dumps"));
    let printed = shell.output().expect("there is a shell").stdout;
    let printed = String::from_utf8(printed).expect("text");
    assert!(!printed.is_empty(), "{command} prints nothing");
    printed
        .lines()
        .map(|line| format!("    {line}").trim_end().to_owned() + "\n")
        .collect()
}

#[test]
fn the_examples_are_what_the_commands_print() {
    let file: PathBuf = place::repository().join("README.md");
    let written = fs::read_to_string(&file).expect("the README is there");
    let (rendered, count) = rendered(&written);
    assert!(count >= 5, "only {count} examples");
    if std::env::var_os("RTCSTATS_RENDER").is_some() {
        fs::write(&file, &rendered).expect("it can be written");
        return;
    }
    let odd = rendered
        .lines()
        .zip(written.lines())
        .find(|(ours, theirs)| ours != theirs);
    assert!(
        rendered == written,
        "the README has another output (RTCSTATS_RENDER=1 writes it): {odd:?}"
    );
}
