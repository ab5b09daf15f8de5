//! The words of a problem: serde's messages in an operator's words, and nothing in them that may be a secret.
//!
//! Everything that a message quotes, between double quotes or grave accents, passes here on its way to the operator. So
//! it does not matter which room has quoted a value, or under which key a secret was put by mistake.
use crate::redact::{is_harmless, quoted};

/// serde's messages, without the value that a type error quotes. `invalid type: string "hunter2", expected a table`
/// would be the message for a secret that was written one level too high.
pub fn plain(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("invalid type: ")
        && let Some((found, expected)) = rest.rsplit_once(", expected ")
    {
        let kind: String = found
            .chars()
            .take_while(|c| c.is_ascii_alphabetic() || *c == ' ')
            .collect();
        let article = if kind.starts_with('i') { "an" } else { "a" };
        return format!("must be {expected}, not {article} {}", kind.trim());
    }
    let words = [
        ("unknown field", "unknown key"),
        ("missing field", "missing key"),
        ("unknown variant", "unknown value"),
    ];
    words
        .iter()
        .fold(message.trim_end().to_string(), |text, (theirs, ours)| {
            text.replacen(theirs, ours, 1)
        })
}

/// The message with each quoted part that may be a secret replaced. A part that is quoted is escaped, so the next quote
/// ends it. serde does not escape what it puts between grave accents: there the first name ends where its list begins.
pub fn guarded(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find(['"', '`']) {
        let (before, quote) = rest.split_at(at);
        text.push_str(before);
        let Some((inner, after)) = part(quote) else {
            text.push_str(quote);
            return text;
        };
        if quote.starts_with('"') {
            text.push_str(&quoted(inner));
        } else if is_harmless(inner) {
            text.push_str(&format!("`{inner}`"));
        } else {
            text.push_str(UNREPEATED);
        }
        rest = after;
    }
    text + rest
}

/// What stands between the quote at the beginning and its end, and what comes behind.
fn part(quote: &str) -> Option<(&str, &str)> {
    if let Some(inner) = quote.strip_prefix('`') {
        let end = inner.find("`, expected").or_else(|| inner.find('`'))?;
        return Some((&inner[..end], &inner[end + 1..]));
    }
    let inner = quote.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.find(|c| {
        let is_end = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        is_end
    })?;
    Some((&inner[..end], &inner[end + 1..]))
}

const UNREPEATED: &str = "(not repeated, since it may hold a secret)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_harmless_stays_and_what_may_be_a_secret_goes() {
        for kept in [
            "\"many\" is no whole number",
            "unknown value `s4`, expected `directory` or `s3`",
            "is no address; write it like \"[::]:8080\" (all) or \"127.0.0.1:8080\"",
            "nothing is quoted",
            "an \" alone",
        ] {
            assert_eq!(guarded(kept), kept);
        }
        for hidden in [
            "\"postgres://u:hunter2@h/d\" is no table; write it like \"rtcstats\"",
            "\"a\\\"b hunter2 c\\\"d\" is no table",
            "unknown value `postgres://u:hunter2@h/d`, expected `a` or `b`",
            "unknown value `a`b=hunter2`, expected `a` or `b`",
            "unknown key `p=hunter2`, expected one of `a`, `b`",
        ] {
            let told = guarded(hidden);
            assert!(
                !told.contains("hunter2") && told.contains("may hold a secret"),
                "{told}"
            );
        }
    }
}
