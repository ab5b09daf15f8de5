//! What of a value may stand in a message, a log or the printed configuration.
//!
//! A value that is wrong may be a secret that was put under the wrong key. So a value is quoted only if it has the form
//! of what such a key takes: short, plain characters, nothing like a login, a `key=value` or a random text. A path is
//! shown only if it leads somewhere or looks like nothing else. What is not shown is told by its key alone.
use std::io::ErrorKind;
use std::path::Path;

/// Stands where a value would be quoted.
const HIDDEN_VALUE: &str = "the value (not repeated, since it may hold a secret)";

/// Stands where a path would be shown.
const HIDDEN_PATH: &str = "the file that is named (not repeated, since it does not look like a path)";

/// No value that needs to be quoted in full is longer; a token or a connection string usually is.
const QUOTED_BYTES_MAX: usize = 80;

/// Random texts begin to be secrets at this length; words, host names and numbers in one piece are rarely longer and
/// mixed.
const RANDOM_BYTES_MIN: usize = 12;

/// The text in quotes if that shows no secret, otherwise words in its place.
pub fn quoted(text: &str) -> String {
    if is_harmless(text) {
        format!("{text:?}")
    } else {
        HIDDEN_VALUE.to_owned()
    }
}

/// Whether the text may be the name of a key, of a variant or of a database, and shows no secret as such.
pub fn is_name(text: &str) -> bool {
    is_harmless(text)
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.[]$".contains(&b))
}

/// Whether the text may be the name or the address of a host, so that a name server may be asked for it and a message
/// may name it.
pub fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']' | '%'))
}

/// The path for a message: as it is if it exists or looks like a path, otherwise words in its place.
pub fn shown_path(path: &Path) -> String {
    if is_path(path) {
        path.display().to_string()
    } else {
        HIDDEN_PATH.to_owned()
    }
}

/// Whether the text shows no secret: short and plain, nothing like a login, a `key=value` or a random text.
pub fn is_harmless(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || " .,:/_-[]{}*%$".contains(c);
    text.len() <= QUOTED_BYTES_MAX
        && text.chars().all(is_plain)
        && text.split(' ').count() <= 2
        && !text.split(|c: char| !c.is_alphanumeric()).any(looks_random)
}

/// Whether the text holds a user's name or a password, as the URL of a server does.
pub fn has_login(text: &str) -> bool {
    let in_url = text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    in_url || text.to_ascii_lowercase().replace(' ', "").contains("password=")
}

/// A piece without separators in which letters and digits are mixed, or which is longer than any word.
fn looks_random(piece: &str) -> bool {
    let has = |of_kind: fn(&char) -> bool| piece.chars().any(|c| of_kind(&c));
    let mixed = has(char::is_ascii_digit) && has(|c| c.is_alphabetic());
    piece.len() >= 3 * RANDOM_BYTES_MIN || (piece.len() >= RANDOM_BYTES_MIN && mixed)
}

/// Whether a path may be shown. A Base64 text may begin with a slash, so being absolute is not enough: what does not
/// exist must at least lie in a folder that does, or have parts like those of paths.
pub fn is_path(path: &Path) -> bool {
    let exists = |path: &Path| match path.symlink_metadata() {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    };
    let Some(text) = path.to_str() else {
        return exists(path);
    };
    if text.contains(|c: char| c.is_control()) || text.contains("://") {
        return false;
    }
    let parent = path.parent().filter(|parent| parent.parent().is_some());
    let is_plain = |c: char| c.is_alphanumeric() || " ./_-,:".contains(c);
    let mixes = |part: &str| {
        let has = |of_kind: fn(&char) -> bool| part.chars().any(|c| of_kind(&c));
        part.len() >= RANDOM_BYTES_MIN
            && has(char::is_ascii_digit)
            && has(char::is_ascii_uppercase)
            && has(char::is_ascii_lowercase)
    };
    exists(path)
        || parent.is_some_and(exists)
        || (path.is_absolute() && text.chars().all(is_plain) && !text.split('/').any(mixes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_the_form_of_a_mistake_is_quoted_and_what_may_be_a_secret_is_not() {
        for text in [
            "many",
            "8080",
            "10.1.2.3/8",
            "*",
            "https://a.example/",
            "a.b.c",
            "1w",
            "-1",
            "RS512",
            "[::1]",
            "{date}.gz",
        ] {
            assert_eq!(quoted(text), format!("{text:?}"));
        }
        for text in [
            "postgres://u:p@h/d",
            "host=h password=p",
            "correct horse battery staple",
            "dGhpcyBpcyBhIHNlY3JldA==",
            "c7d1f0a9e2b34455",
            "AKIAIOSFODNN7EXAMPLE",
            "a\nb",
            "user;password",
            "abcdefghijklmnopqrstuvwxyzabcdefghijkl",
        ] {
            assert_eq!(quoted(text), HIDDEN_VALUE, "{text}");
        }
    }

    #[test]
    fn only_what_can_be_a_host_is_one() {
        for text in [
            "db.example.org",
            "10.0.0.1",
            "::1",
            "[fe80::1%eth0]",
            "my_db",
            "bücher.example",
        ] {
            assert!(is_host(text), "{text}");
        }
        for text in [
            "", "a@b", "a;b", "a/b", "a=b", "a b", "a\tb", "a,b", "a?b", "a'b", "a\u{7f}",
        ] {
            assert!(!is_host(text), "{text}");
        }
    }

    #[test]
    fn a_path_is_shown_if_it_leads_somewhere_or_looks_like_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("Secret-File=1");
        assert_eq!(shown_path(&missing), missing.display().to_string());
        for text in [
            "/nonexistent/file",
            "/none",
            "/run/credentials/rtcstats.service/key",
            "/",
        ] {
            assert_eq!(shown_path(Path::new(text)), text);
        }
        for text in [
            "postgres://u:hunter2@h/d",
            "hunter2",
            "correct horse battery staple",
            "dGhpcyBpcyBhIHNlY3JldA==",
            "/GhpcyBpcyBhIHNlY3JldA==",
            "/GhpcyBpcy9BhIHNlY3JldAa",
            "/run/a\nb",
        ] {
            assert_eq!(shown_path(Path::new(text)), HIDDEN_PATH, "{text}");
        }
    }
}
