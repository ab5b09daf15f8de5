//! The other half of the leak test: if the masked places are cut out, output and input are the same, byte for byte.
//!
//! The cutting knows the forms that masking inserts but not where they belong. Each masked form in the output stands
//! for a part of the input. Everything between these parts must be found in the input unchanged and in order.
use super::dumps;

/// Finds the masked forms in a line: `a.b.c.x`, groups that end in `:x:x:x:x:x`, the string `"x` of a name, and the
/// hyphen that a value of a description becomes. Returns the pieces between them. In their place, an input may have
/// anything that an address or a name can be.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut from = 0;
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < line.len() {
        let mask = mask_at(&line[from..], at - from);
        match mask {
            Some((start, end)) => {
                pieces.push(&line[from..from + start]);
                from += end;
                at = from;
            }
            None => {
                at += 1;
                while at < bytes.len() && !line.is_char_boundary(at) {
                    at += 1;
                }
            }
        }
    }
    pieces.push(&line[from..]);
    pieces
}

/// The start and end of a masked form whose first `x` is at `at`.
fn mask_at(text: &str, at: usize) -> Option<(usize, usize)> {
    let (before, rest) = (&text[..at], &text[at..]);
    let is_value = |name: &str| before.strip_suffix(name).is_some_and(|before| before.ends_with("\\n"));
    if rest.starts_with('-') && ["o=", "s=", "i=", "u="].into_iter().any(is_value) {
        return Some((at, at + 1));
    }
    if !rest.starts_with('x') || rest[1..].starts_with(|c: char| c.is_ascii_alphanumeric() && c != 'x') {
        return None;
    }
    let groups = rest.strip_prefix("x:x:x:x:x").map(|_| 9);
    if let (Some(len), true) = (groups, before.ends_with(':')) {
        let head = before
            .rfind(|c: char| !(c.is_ascii_hexdigit() || c == ':'))
            .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        return Some((head, at + len));
    }
    let octets = before.strip_suffix('.').or_else(|| before.strip_suffix("\\u002e"));
    if octets.is_some_and(|octets| octets.ends_with(|c: char| c.is_ascii_digit())) {
        let head = before
            .rfind(|c: char| !(c.is_ascii_digit() || c == '.'))
            .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        return Some((head, at + 1));
    }
    let quoted = before.ends_with('"') && (rest[1..].starts_with('"') || rest[1..].starts_with(" ("));
    let cname = before.ends_with("cname:") && rest.starts_with("x@");
    let name = quoted || cname || before.ends_with("\\ne=");
    name.then_some((at, at + 1))
}

/// Whether the pieces are in the input in this order, the first at its start and the last at its end.
fn fits(pieces: &[&str], input: &str) -> bool {
    let (first, rest) = pieces.split_first().expect("there is always one");
    let Some((last, middle)) = rest.split_last() else {
        return *first == input;
    };
    if !input.starts_with(first) || input.len() < first.len() + last.len() || !input.ends_with(last) {
        return false;
    }
    let mut inside = &input[first.len()..input.len() - last.len()];
    middle.iter().all(|piece| match inside.find(piece) {
        // What was cut out is short, so that nothing else can disappear with it.
        Some(at) if at <= 120 => {
            inside = &inside[at + piece.len()..];
            true
        }
        _ => false,
    }) && inside.len() <= 120
}

#[test]
fn everything_but_the_masked_places_is_the_same() {
    let (mut copied, mut changed) = (0, 0);
    for (name, dump) in dumps::all() {
        let lines = dumps::lines(&dump);
        for (number, (input, output)) in lines.iter().zip(dumps::masked(&dump)).enumerate().skip(2) {
            let at = format!("{name} line {}", number + 1);
            let input = std::str::from_utf8(input).expect("dumps are UTF-8");
            let output = std::str::from_utf8(&output).expect("output is UTF-8");
            if input == output {
                copied += 1;
                continue;
            }
            changed += 1;
            if output.starts_with("[\"unparsed\",") {
                let (_, (), text, _): (String, (), String, u8) = serde_json::from_str(output).expect("an event");
                assert!(fits(&pieces(&text), input), "{at}: {text}");
                assert!(
                    !serde_json::from_str::<serde_json::Value>(input).is_ok_and(|value| value.is_array()),
                    "{at}"
                );
                continue;
            }
            let pieces = pieces(output);
            assert!(pieces.len() > 1, "{at} changed without anything masked: {output}");
            assert!(fits(&pieces, input), "{at}:\n{input}\n{output}");
        }
    }
    assert!(copied > 4000 && changed > 500, "{copied} copied, {changed} changed");
}

#[test]
fn masking_twice_changes_nothing_more() {
    for (name, dump) in dumps::all() {
        for (number, line) in dumps::masked(&dump).iter().enumerate().skip(2) {
            let again = dumps::masked_line(line);
            assert_eq!(
                String::from_utf8_lossy(&again),
                String::from_utf8_lossy(line),
                "{name} line {}",
                number + 1
            );
        }
    }
}
