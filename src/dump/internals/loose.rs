//! Objects and arrays as old versions of Chrome print them: bare names, single quotes, trailing commas, bare words.
//!
//! What comes out is JSON. One pass, without going back; depth is limited to `LOOSE_LEVELS_MAX`. A text that does not
//! end where it should is `None`.
use super::string;
use crate::dump::json::Json;
use crate::dump::steps;
use crate::limits::LOOSE_LEVELS_MAX;

/// Reads the object or array that `text` begins with. What follows it does not matter.
pub fn json(text: &[u8]) -> Option<Vec<u8>> {
    let mut scan = Scan {
        text,
        at: 0,
        out: Vec::with_capacity(text.len() + text.len() / 4),
    };
    match scan.peek()? {
        b'{' | b'[' => scan.value(0)?,
        _ => return None,
    }
    Some(scan.out)
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    out: Vec<u8>,
}

impl<'a> Scan<'a> {
    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.text.get(self.at..)?;
        let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        steps::count(blanks + 1);
        self.at += blanks;
        self.text.get(self.at).copied()
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'{' => self.list(depth, b'{', b'}'),
            b'[' => self.list(depth, b'[', b']'),
            quote @ (b'"' | b'\'') => {
                let text = self.quoted(quote)?;
                string::write(&text, &mut self.out);
                Some(())
            }
            _ => {
                let word = self.bare(|byte| matches!(byte, b',' | b'}' | b']'))?;
                match word {
                    b"" | b"undefined" => self.out.extend_from_slice(b"null"),
                    word if Json::parse(word).is_ok() => self.out.extend_from_slice(word),
                    word => string::write(word, &mut self.out),
                }
                Some(())
            }
        }
    }

    /// An object or array.
    fn list(&mut self, depth: usize, open: u8, close: u8) -> Option<()> {
        if depth == LOOSE_LEVELS_MAX {
            return None;
        }
        self.at += 1;
        self.out.push(open);
        let mut first = true;
        loop {
            match self.peek()? {
                byte if byte == close => {
                    self.at += 1;
                    self.out.push(close);
                    return Some(());
                }
                b',' => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            if !first {
                self.out.push(b',');
            }
            first = false;
            if open == b'{' {
                self.name()?;
            }
            self.value(depth + 1)?;
            match self.peek()? {
                b',' => self.at += 1,
                byte if byte == close => {}
                _ => return None,
            }
        }
    }

    /// The name of a member and its colon.
    fn name(&mut self) -> Option<()> {
        match self.peek()? {
            quote @ (b'"' | b'\'') => {
                let name = self.quoted(quote)?;
                string::write(&name, &mut self.out);
            }
            _ => {
                let name = self.bare(|byte| matches!(byte, b':' | b',' | b'}' | b'{'))?;
                string::write(name, &mut self.out);
            }
        }
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        self.out.push(b':');
        Some(())
    }

    fn quoted(&mut self, quote: u8) -> Option<Vec<u8>> {
        let start = self.at + 1;
        let mut at = start;
        while *self.text.get(at)? != quote {
            steps::count(1);
            at += if self.text[at] == b'\\' { 2 } else { 1 };
        }
        self.at = at + 1;
        Some(string::decode(&self.text[start..at]))
    }

    /// A bare word. It may contain brackets in pairs, as the address in `turn:[::1]:3478` is.
    fn bare(&mut self, ends: impl Fn(u8) -> bool) -> Option<&'a [u8]> {
        let start = self.at;
        let mut open = 0;
        loop {
            steps::count(1);
            let byte = *self.text.get(self.at)?;
            match byte {
                b'[' => open += 1,
                b']' if open > 0 => open -= 1,
                byte if ends(byte) => break,
                _ => {}
            }
            self.at += 1;
        }
        Some(self.text[start..self.at].trim_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_old_versions_print_becomes_json() {
        for (text, expected) in [
            ("{}", "{}"),
            ("{a: 1, b: true, c: null,}", r#"{"a":1,"b":true,"c":null}"#),
            (
                "{ a:'x', \"b\":[ {active: true, rid: \"h\"}, ],\n}",
                r#"{"a":"x","b":[{"active":true,"rid":"h"}]}"#,
            ),
            ("{a: word with blanks, b: }", r#"{"a":"word with blanks","b":null}"#),
            (
                "{ iceServers: [turn:a.example?transport=udp, stun:[::1]:3478], p: all }",
                r#"{"iceServers":["turn:a.example?transport=udp","stun:[::1]:3478"],"p":"all"}"#,
            ),
            (r"{a:'it\'s'} and more", r#"{"a":"it's"}"#),
            ("[[],[1]]", "[[],[1]]"),
            ("{a: undefined}", r#"{"a":null}"#),
        ] {
            let read = json(text.as_bytes());
            assert_eq!(
                read.as_deref().map(String::from_utf8_lossy),
                Some(expected.into()),
                "{text}"
            );
            assert!(Json::parse(expected.as_bytes()).is_ok());
        }
    }

    #[test]
    fn what_does_not_end_is_nothing() {
        let deep = "[".repeat(1000) + &"]".repeat(1000);
        for text in [
            "",
            "a",
            "{",
            "{a",
            "{a:",
            "{a:1",
            "{a:'x",
            "{a:'x\\",
            "{a 1}",
            "[1}",
            "{'a' 'b'}",
            &deep,
        ] {
            assert_eq!(json(text.as_bytes()), None, "{text}");
        }
    }
}
