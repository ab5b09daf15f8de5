//! What makes a text one clean line, and the words for what does not.
//!
//! The words stand behind the name of a key, a variable or a file, and never contain any part of the text.

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclean {
    #[error("is UTF-16; save it as UTF-8")]
    Utf16,
    #[error("is not UTF-8; save it as UTF-8 text")]
    NotUtf8,
    #[error("has more than one line; leave one only")]
    Lines,
    #[error("stands in quotes, which are part of the value here; leave the quotes out")]
    Quotes,
    #[error("is a list in brackets; write the elements with commas between them, without brackets and quotes")]
    Brackets,
    #[error("has a character that cannot be seen (a control character or a mark of no width); write it anew")]
    Unseen,
    #[error("begins with a name and \"=\", like a line of an env file; leave the value only")]
    Assignment,
}

/// The text of a file, without its byte order mark.
///
/// # Errors
/// Another encoding than UTF-8.
pub fn decoded(bytes: &[u8]) -> Result<&str, Unclean> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.contains(&0) {
        return Err(Unclean::Utf16);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Unclean::NotUtf8)?;
    Ok(without_mark(text))
}

/// The one line that a text consists of, without a byte order mark and without the line end behind it. This holds for
/// every value, secret or not.
///
/// # Errors
/// More lines than one, quotes around the value, characters that nobody sees.
pub fn line(text: &str) -> Result<&str, Unclean> {
    let text = without_mark(text).trim_matches(['\r', '\n']);
    let inner = text.trim();
    if inner.contains('\0') {
        return Err(Unclean::Utf16);
    }
    if inner.contains(['\r', '\n']) {
        return Err(Unclean::Lines);
    }
    if inner.contains(is_unseen) {
        return Err(Unclean::Unseen);
    }
    let is_quoted = |(open, close): &(char, char)| {
        let rest = inner.strip_prefix(*open);
        rest.is_some_and(|rest| rest.ends_with(*close))
    };
    if QUOTES.iter().any(is_quoted) {
        return Err(Unclean::Quotes);
    }
    Ok(text)
}

/// Finds what is one line but cannot be a secret: a line that was meant for another program's reader.
pub fn refuse_wrapping(line: &str) -> Result<(), Unclean> {
    if line.starts_with('[') && line.ends_with(']') {
        return Err(Unclean::Brackets);
    }
    let named = line.strip_prefix("export ").unwrap_or(line);
    let Some((name, value)) = named.split_once('=') else {
        return Ok(());
    };
    let is_name = name
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let is_telling = name.contains('_') || ["SECRET", "PASSWORD", "TOKEN", "KEY", "URL"].contains(&name);
    if is_name && is_telling && name.starts_with(|c: char| c.is_ascii_uppercase()) && !value.is_empty() {
        return Err(Unclean::Assignment);
    }
    Ok(())
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Control characters, and marks that have no width or change the direction of writing.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// What stands around a value that was quoted for another reader, or copied from a page.
const QUOTES: [(char, char); 7] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('“', '”'),
    ('„', '“'),
    ('‘', '’'),
    ('«', '»'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_loses_what_editors_and_shells_add() {
        for text in ["a b", "a b\n", "a b\r\n", "\u{feff}a b\n", "\n\na b\n\n"] {
            assert_eq!(line(text), Ok("a b"), "{text:?}");
        }
        for text in ["it's", "\"a", "a\"b\"", "", "ab=", "grüße"] {
            assert_eq!(line(text), Ok(text));
        }
    }

    #[test]
    fn everything_else_is_refused_by_its_kind() {
        for (text, expected) in [
            ("a\nb", Unclean::Lines),
            ("a\rb", Unclean::Lines),
            ("a\tb", Unclean::Unseen),
            ("a\u{200b}b", Unclean::Unseen),
            ("a\u{202e}b", Unclean::Unseen),
            ("a\u{7f}", Unclean::Unseen),
            ("a\0b\0", Unclean::Utf16),
            ("\"a\"", Unclean::Quotes),
            (" 'a' \n", Unclean::Quotes),
            ("“a”", Unclean::Quotes),
            ("\"\"", Unclean::Quotes),
        ] {
            assert_eq!(line(text), Err(expected), "{text:?}");
        }
        assert_eq!(decoded(b"\xff\xfea\0"), Err(Unclean::Utf16));
        assert_eq!(decoded(b"a\0b\0"), Err(Unclean::Utf16));
        assert_eq!(decoded(b"\xe4"), Err(Unclean::NotUtf8));
        assert_eq!(decoded(b"\xef\xbb\xbfa\n"), Ok("a\n"));
    }

    #[test]
    fn a_line_of_an_env_file_or_a_list_is_no_secret() {
        for text in ["JWT_SECRET=abc", "export DATABASE_URL=postgres://h/d", "SECRET=abc"] {
            assert_eq!(refuse_wrapping(text), Err(Unclean::Assignment), "{text}");
        }
        assert_eq!(refuse_wrapping("[\"a\", \"b\"]"), Err(Unclean::Brackets));
        for text in ["abc=", "ABC=def", "host=h user=u", "A_B=", "a_b=c", "AbC_=d"] {
            assert_eq!(refuse_wrapping(text), Ok(()), "{text}");
        }
    }
}
