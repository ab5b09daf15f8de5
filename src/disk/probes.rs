//! The names that a probe uses for a moment, and those that are left of a probe that was killed.
//!
//! They are hidden, so that no server and no walk takes them for a dump, and hold the number of the process. Nothing is
//! removed here: the next probe does that before it begins. A process of another container is not seen; its probe is
//! refused at worst, and can be repeated. Errors are not told: what is left does no harm.

use std::fs;
use std::path::Path;

/// A name for this process. `what` keeps several of them apart.
pub fn name(what: &str) -> String {
    format!("{PREFIX}{}-{what}", std::process::id())
}

/// The names in the folder that [`name`] has made for this `what` in processes that have ended.
pub fn left(folder: &Path, what: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let is_left = |name: &String| {
        let number = name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.strip_suffix(what)?.strip_suffix('-'));
        let number = number.and_then(|number| number.parse::<u32>().ok());
        number.is_some_and(|number| number != std::process::id() && !Path::new(&format!("/proc/{number}")).exists())
    };
    names.filter(is_left).collect()
}

const PREFIX: &str = ".probe-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_processes_left_that_have_ended_is_found() {
        let folder = tempfile::tempdir().unwrap();
        // No process has the highest number of all.
        let left_over = format!("{PREFIX}{}-it", u32::MAX);
        let names = [
            left_over.clone(),
            name("it"),
            format!("{PREFIX}1-it"),
            format!("{PREFIX}{}-other", u32::MAX),
            format!("{PREFIX}x-it"),
            "0".to_owned(),
        ];
        for name in names {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(left(folder.path(), "it"), [left_over]);
        assert!(left(&folder.path().join("none"), "it").is_empty());
    }
}
