//! PEM (RFC 7468) in every spelling in which it reaches a server: on one line, as a variable that lost its line ends,
//! with blanks at line ends or before lines, with Windows line ends, with text around it.
//!
//! What stands between the marks is decoded and not understood. Limit: the text that the caller has read.
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// One block: what its marks say, and its bytes (DER).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pem {
    pub label: String,
    pub der: Vec<u8>,
}

impl Pem {
    /// All blocks of a text. A block without an end, or with other characters than those of Base64, is left out.
    pub fn all(text: &str) -> Vec<Pem> {
        let mut blocks = Vec::new();
        let mut rest = text;
        while let Some((_, after)) = rest.split_once(BEGIN) {
            rest = after;
            let Some((label, body)) = after.split_once(DASHES) else {
                break;
            };
            let end = format!("{END}{label}{DASHES}");
            let Some((body, behind)) = body.split_once(&end) else {
                continue;
            };
            rest = behind;
            let base64: String = unescaped(body).split_whitespace().collect();
            if let Ok(der) = STANDARD.decode(base64) {
                blocks.push(Pem {
                    label: label.to_owned(),
                    der,
                });
            }
        }
        blocks
    }

    /// The block as RFC 7468 writes it, for readers that take nothing else.
    pub fn canonical(&self) -> String {
        let base64 = STANDARD.encode(&self.der);
        let mut text = format!("{BEGIN}{}{DASHES}\n", self.label);
        let mut rest = base64.as_str();
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(LINE_BYTES));
            text.push_str(line);
            text.push('\n');
            rest = after;
        }
        text + &format!("{END}{}{DASHES}\n", self.label)
    }
}

/// A line end that was written as a backslash and an n, as in JSON and in variables.
fn unescaped(body: &str) -> String {
    body.replace("\\r", "").replace("\\n", "\n")
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// RFC 7468, section 2.
const LINE_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const CANONICAL: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
                             -----END PUBLIC KEY-----\n";

    #[test]
    fn every_spelling_is_one_key() {
        for text in [
            CANONICAL.to_owned(),
            CANONICAL.replace('\n', ""),
            CANONICAL.replace('\n', " "),
            CANONICAL.replace('\n', "\\n"),
            CANONICAL.replace('\n', " \t\r\n"),
            CANONICAL.replace('\n', "\r"),
            format!("Key of the issuer:\n    {}", CANONICAL.replace('\n', "\n    ")),
        ] {
            let blocks = Pem::all(&text);
            assert_eq!(blocks.len(), 1, "{text:?}");
            assert_eq!(
                (blocks[0].label.as_str(), blocks[0].canonical()),
                ("PUBLIC KEY", CANONICAL.to_owned())
            );
        }
        assert_eq!(Pem::all(&CANONICAL.repeat(3)).len(), 3);
    }

    #[test]
    fn what_is_no_whole_block_is_left_out() {
        for text in [
            "",
            "-----BEGIN ",
            "-----BEGIN A-----",
            "-----BEGIN A-----\nAAAA\n-----END B-----",
            "-----BEGIN A-----\n!\n-----END A-----",
        ] {
            assert_eq!(Pem::all(text), [], "{text}");
        }
        let cut = format!("-----BEGIN A-----\nAAAA\n{CANONICAL}");
        assert_eq!(Pem::all(&cut).len(), 1);
    }
}
