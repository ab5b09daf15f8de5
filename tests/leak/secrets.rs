//! What must not leave the machine, and the search for it in any text.
//!
//! Addresses are compared by value, so they are found in any spelling. The code that reads addresses here is not that
//! of the masking. Everything else is compared as text. A text is searched as it is, and again with the escapes of JSON
//! and the percent signs of URLs undone, also where one is inside the other.

use std::collections::BTreeSet;
use std::net::IpAddr;

use memchr::memmem::Finder;
use support::Recorded;
use support::collect::{self, Personal};

/// What kind of secret it is. Claims may stand in places where other kinds may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Label,
    /// A TURN user name.
    User,
    /// A token, a part of one, or a key.
    Token,
    Claim,
}

/// Words shorter than this are found only as whole words: `user1` is not found in `user12`.
const WORD_BYTES: usize = 10;

#[derive(Default)]
pub struct Secrets {
    pub addresses: BTreeSet<IpAddr>,
    words: BTreeSet<(String, Kind)>,
}

impl Secrets {
    /// Adds everything personal in the messages and the remote addresses of a dump.
    pub fn recorded(&mut self, dump: &Recorded) {
        for message in &dump.messages {
            let personal = Personal::of(message);
            personal.labels.iter().for_each(|label| self.label(label));
            personal.users.iter().for_each(|user| self.user(user));
            self.addresses
                .extend(personal.addresses.iter().map(IpAddr::to_canonical));
        }
        for address in dump.metadata["remoteAddresses"].as_array().into_iter().flatten() {
            self.text(address.as_str().unwrap_or_default());
        }
    }

    /// Adds all addresses in a text.
    pub fn text(&mut self, text: &str) {
        for view in views(text) {
            self.addresses.extend(addresses(&view));
        }
    }

    /// Adds a device's name without the USB id behind it, which names a model and may stay.
    fn label(&mut self, label: &str) {
        let name = match label.rsplit_once(" (") {
            Some((name, id)) if id.len() == 10 && id.as_bytes()[4] == b':' => name,
            _ => label,
        };
        self.word(name, Kind::Label);
    }

    /// Adds a TURN user name without the expiry time stamp before it, which may stay.
    fn user(&mut self, user: &str) {
        let stamp = |stamp: &str| stamp.len() == 10 && stamp.bytes().all(|byte| byte.is_ascii_digit());
        let name = user
            .split_once(':')
            .filter(|(before, _)| stamp(before))
            .map_or(user, |(_, name)| name);
        self.word(name, Kind::User);
    }

    /// Adds a token, as a whole and in its parts.
    pub fn token(&mut self, token: &str) {
        self.word(token, Kind::Token);
        // The first part only says which algorithm is used, and the last part may be empty.
        token
            .split('.')
            .skip(1)
            .filter(|part| !part.is_empty())
            .for_each(|part| self.word(part, Kind::Token));
    }

    pub fn word(&mut self, word: &str, kind: Kind) {
        assert!(word.len() > 3, "{word:?} would be found anywhere");
        self.words.insert((word.to_owned(), kind));
    }

    pub fn count(&self, kind: Kind) -> usize {
        self.words.iter().filter(|(_, other)| *other == kind).count()
    }

    /// Builds the search for all of them.
    pub fn search(&self) -> Search<'_> {
        let words = self.words.iter().map(|(word, kind)| (Finder::new(word), *kind));
        Search {
            secrets: self,
            words: words.collect(),
        }
    }
}

pub struct Search<'a> {
    secrets: &'a Secrets,
    words: Vec<(Finder<'a>, Kind)>,
}

impl Search<'_> {
    /// Finds all secrets in a text, each with its kind and place. `allowed` are addresses that may stand in the text,
    /// each as often as it is listed. Words may stand there if their kind is in `kinds`.
    pub fn find(&self, text: &str, allowed: &[IpAddr], kinds: &[Kind]) -> Vec<String> {
        let mut found = Vec::new();
        for view in views(text) {
            let mut allowed = allowed.to_vec();
            for address in addresses(&view).filter(|address| self.secrets.addresses.contains(address)) {
                match allowed.iter().position(|one| *one == address) {
                    Some(at) => drop(allowed.swap_remove(at)),
                    None => found.push(format!("address {address}")),
                }
            }
            for (word, kind) in self.words.iter().filter(|(_, kind)| !kinds.contains(kind)) {
                let length = word.needle().len();
                let mut hits = word.find_iter(view.as_bytes()).map(|at| at..at + length);
                if hits.any(|hit| length >= WORD_BYTES || is_word(&view, hit)) {
                    found.push(format!("{kind:?} {:?}", String::from_utf8_lossy(word.needle())));
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

fn is_word(text: &str, range: std::ops::Range<usize>) -> bool {
    let outside = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let bytes = text.as_bytes();
    outside(range.start.checked_sub(1).and_then(|before| bytes.get(before))) && outside(bytes.get(range.end))
}

/// The addresses in a text; IPv4-mapped ones are returned as IPv4. Certificate fingerprints look like IPv6 but are left
/// out.
pub fn addresses(text: &str) -> impl Iterator<Item = IpAddr> {
    let count = |word: &str, separator: u8| word.bytes().filter(|byte| *byte == separator).count();
    let fingerprint = |word: &str| word.len() >= 59 && word.split(':').all(|pair| pair.len() == 2);
    text.split(|c: char| !(c.is_ascii_hexdigit() || c == ':' || c == '.'))
        .filter(move |word| word.len() > 2 && (count(word, b':') > 1 || count(word, b'.') > 2) && !fingerprint(word))
        .flat_map(collect::addresses)
        .map(|address| address.to_canonical())
        .filter(|address| !collect::names_nobody(*address))
}

/// The text itself; the text without the escapes of JSON; that without percent signs too; and that without the escapes
/// which were inside them.
pub fn views(text: &str) -> Vec<String> {
    let mut views = vec![text.to_owned()];
    for undo in [unescaped, percent_decoded, unescaped, percent_decoded] {
        let next = undo(&views[views.len() - 1]);
        if views.last() != Some(&next) {
            views.push(next);
        }
    }
    views
}

/// Undoes `\n`, `\"`, `\u0031` and the like wherever they stand, whether the text is JSON or not.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out += &rest[..at];
        let escape = &rest[at + 1..];
        let digits = escape.strip_prefix('u').and_then(|digits| digits.get(..4));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let (character, length) = match (code, escape.chars().next()) {
            (Some(code), _) => (char::from_u32(code).unwrap_or('\u{fffd}'), 5),
            (None, Some('n' | 'r' | 't' | 'b' | 'f')) => (' ', 1),
            (None, Some(other)) => (other, other.len_utf8()),
            (None, None) => ('\\', 0),
        };
        out.push(character);
        rest = &escape[length..];
    }
    out + rest
}

fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::with_capacity(text.len()), 0);
    while at < bytes.len() {
        let digits = bytes
            .get(at + 1..at + 3)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
