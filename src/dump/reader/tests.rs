//! Tests of how a dump's lines are read, wherever it was cut and whatever looks like something else.

use std::io::Cursor;

use super::*;
use crate::time::UnixMs;

const HEAD: &str = "RTCStatsDump\n{\"url\":\"/\",\"rtcstatsServer\":{\"user\":\"alice\",\"host\":\"a\",\"start\":1}}\n";
const CLOSE: &str = "[\"close\",null,1000,{\"end\":9,\"recovered\":false},5]";

fn closed() -> Close {
    Close::of_session(1000, 5, UnixMs(9))
}

fn event(text: &str) -> Content<'_> {
    Content::Event(text.as_bytes())
}

/// The expected lines after the head, with offsets from the head's end.
fn check(behind: &str, expected: &[(u64, Content)]) {
    let text = format!("{HEAD}{behind}");
    let mut reader = Reader::new(text.as_bytes());
    reader.head().expect("a head");
    for (offset, content) in expected {
        let line = reader.line().expect("memory can be read").expect("one more line");
        assert_eq!(
            (line.offset, &line.content),
            (HEAD.len() as u64 + offset, content),
            "{behind:?}"
        );
    }
    assert_eq!(reader.line().expect("memory can be read"), None, "{behind:?}");
}

#[test]
fn the_head_has_its_ticket_and_its_length() {
    let mut reader = Reader::new(HEAD.as_bytes());
    let head = reader.head().expect("a head");
    assert_eq!(head.length, HEAD.len() as u64);
    assert_eq!(head.end, LineEnd::Feed);
    assert_eq!(head.metadata.keys().collect::<Vec<_>>(), ["url"]);
    let ticket = head.ticket.expect("a ticket");
    assert_eq!(
        (ticket.labels.user.as_deref(), ticket.start),
        (Some("alice"), UnixMs(1))
    );
    assert!(reader.line().expect("memory can be read").is_none());
}

#[test]
fn a_head_is_told_from_its_beginning_and_from_what_is_none() {
    for cut in 0..HEAD.len() {
        let head = Reader::new(&HEAD.as_bytes()[..cut]).head();
        match cut {
            ..13 => assert!(matches!(head, Err(HeadError::TornSignature)), "{cut}"),
            cut if cut == HEAD.len() - 1 => assert_eq!(head.map(|head| head.end).ok(), Some(LineEnd::Missing)),
            _ => assert!(matches!(head, Err(HeadError::TornMetadata)), "{cut}"),
        }
    }
    for none in [
        "RTCStatsDum\n{}\n",
        "\n",
        "rTCStatsDump\n",
        "RTCStatsDump{}",
        "RTCStatsDump\r\n{}\n",
    ] {
        assert!(
            matches!(Reader::new(none.as_bytes()).head(), Err(HeadError::Signature)),
            "{none:?}"
        );
    }
    for none in ["RTCStatsDump\n\n", "RTCStatsDump\n[]\n", "RTCStatsDump\n{\n{}\n"] {
        assert!(
            matches!(Reader::new(none.as_bytes()).head(), Err(HeadError::Metadata(_))),
            "{none:?}"
        );
    }
}

#[test]
fn no_more_is_read_of_what_is_no_dump_than_a_signature_is_long() {
    let text = "x".repeat(1000);
    let mut input = Cursor::new(text.as_bytes());
    assert!(Reader::new(&mut input).head().is_err());
    assert_eq!(input.position(), SIGNATURE.len() as u64);
}

#[test]
fn the_head_view_leaves_the_lines_behind_it() {
    let text = format!("{HEAD}[1]\n[2]\n");
    let mut input = Cursor::new(text.as_bytes());
    Reader::new(&mut input).head().expect("a head");
    assert_eq!(input.position(), HEAD.len() as u64);
}

#[test]
fn lines_are_events_with_their_offsets() {
    check("", &[]);
    check("[1]\n", &[(0, event("[1]"))]);
    check(
        "[1]\n\n[22]\r\nx\n",
        &[
            (0, event("[1]")),
            (4, event("")),
            (5, event("[22]\r")),
            (11, event("x")),
        ],
    );
}

#[test]
fn the_last_line_can_be_the_closing_one() {
    check(
        &format!("[1]\n{CLOSE}\n"),
        &[(0, event("[1]")), (4, Content::Close(closed()))],
    );
    check(&format!("{CLOSE}\n"), &[(0, Content::Close(closed()))]);
}

#[test]
fn what_looks_like_the_closing_line_elsewhere_is_a_message() {
    let length = CLOSE.len() as u64 + 1;
    check(&format!("{CLOSE}\n[1]\n"), &[(0, event(CLOSE)), (length, event("[1]"))]);
    check(
        &format!("{CLOSE}\n{CLOSE}\n"),
        &[(0, event(CLOSE)), (length, Content::Close(closed()))],
    );
    check(
        &format!("{CLOSE}\n["),
        &[(0, event(CLOSE)), (length, Content::Torn(b"["))],
    );
    check(&format!("{CLOSE} \n"), &[(0, event(&format!("{CLOSE} ")))]);
    check("[\"close\",null,1000,5]\n", &[(0, event("[\"close\",null,1000,5]"))]);
}

#[test]
fn what_a_cut_leaves_of_the_last_line_is_torn() {
    let whole = format!("[1]\n{CLOSE}\n");
    for cut in 5..whole.len() {
        let torn = &whole.as_bytes()[4..cut];
        check(&whole[..cut], &[(0, event("[1]")), (4, Content::Torn(torn))]);
    }
    check("[1]\n", &[(0, event("[1]"))]);
    check("[1]", &[(0, Content::Torn(b"[1]"))]);
    check("[1]\n\0\0\0", &[(0, event("[1]")), (4, Content::Torn(b"\0\0\0"))]);
}

#[test]
fn zeros_are_a_hole_and_one_lost_bit_is_not() {
    for hole in ["\0\0", "[\"a\0\0b\"]", "\0\0\0[2]"] {
        check(
            &format!("[1]\n{hole}\n[3]\n"),
            &[
                (0, event("[1]")),
                (4, Content::Hole(hole.as_bytes())),
                (5 + hole.len() as u64, event("[3]")),
            ],
        );
    }
    check("[\"a\0b\"]\n", &[(0, event("[\"a\0b\"]"))]);
}

#[test]
fn one_zero_is_a_hole_at_the_edge_of_a_block() {
    // The zero is at this offset of the file.
    for (at, is_hole) in [(4094, false), (4095, true), (4096, true), (4097, false), (8191, true)] {
        let line = "\"\0\"";
        let filler = "y".repeat(at - HEAD.len() - 2);
        let content = if is_hole {
            Content::Hole(line.as_bytes())
        } else {
            event(line)
        };
        check(
            &format!("{filler}\n{line}\n"),
            &[(0, event(&filler)), (filler.len() as u64 + 1, content)],
        );
    }
}

#[test]
fn behind_a_hole_only_the_last_whole_line_can_be_the_closing_one() {
    for (rest, close) in [
        ("", None),
        ("[2]\n", None),
        (&*format!("[2]\n{CLOSE}\n"), Some(closed())),
        (&*format!("{CLOSE}\n[2]\n"), None),
        (&*format!("{CLOSE}\n[2"), Some(closed())),
        (CLOSE, None),
    ] {
        let text = format!("{HEAD}\0\0\n{rest}");
        let mut reader = Reader::new(text.as_bytes());
        reader.head().expect("a head");
        let line = reader.line().expect("memory can be read").expect("the hole");
        assert_eq!(line.content, Content::Hole(b"\0\0"));
        assert_eq!(reader.close().expect("memory can be read"), close, "{rest:?}");
    }
}

#[test]
fn the_ticket_is_found_under_a_damaged_signature_too() {
    let user = |text: &str| {
        let ticket = Reader::new(text.as_bytes()).ticket();
        ticket.and_then(|ticket| ticket.labels.user)
    };
    assert_eq!(user(HEAD).as_deref(), Some("alice"));
    assert_eq!(user(HEAD.trim_end()).as_deref(), Some("alice"));
    assert_eq!(user(&HEAD.replace("RTC", "\0\0\0")).as_deref(), Some("alice"));
    for none in [
        "",
        "RTCStatsDump\n",
        "RTCStatsDump\n{}\n",
        "RTCStatsDump\n{\"rtcstatsServer\":1}\n",
    ] {
        assert_eq!(user(none), None, "{none:?}");
    }
}

#[test]
fn the_tail_is_the_last_whole_line_however_long_the_dump() {
    let long = "x".repeat(3 * SCAN_BYTES_MAX);
    for before in [
        "",
        "[1]\n",
        "\n",
        &format!("{long}\n"),
        &format!("{}\n", "y".repeat(SCAN_BYTES_MAX - 1)),
    ] {
        for torn in ["", "[", "\0\0", &long, CLOSE] {
            for (last, close) in [
                (format!("{CLOSE}\n"), Some(closed())),
                (format!("{CLOSE}x\n"), None),
                (format!("x{CLOSE}\n"), None),
                (format!("[{long}]\n"), None),
                ("\n".to_string(), None),
            ] {
                let text = format!("{before}{last}{torn}");
                let tail = Tail::of(&mut Cursor::new(&text), text.len() as u64).expect("memory can be read");
                let whole = (before.len() + last.len()) as u64;
                assert_eq!(tail, Tail { whole, close });
            }
        }
    }
}

#[test]
fn without_a_line_feed_nothing_is_whole() {
    for text in ["", "x", CLOSE, &"x".repeat(SCAN_BYTES_MAX + 1)] {
        let tail = Tail::of(&mut Cursor::new(text), text.len() as u64).expect("memory can be read");
        assert_eq!(tail, Tail { whole: 0, close: None });
    }
    let shorter = Tail::of(&mut Cursor::new("x\n"), 5).map_err(|error| error.kind());
    assert_eq!(shorter, Err(io::ErrorKind::UnexpectedEof));
}

#[test]
fn the_longest_closing_line_is_seen_from_the_end() {
    let close = Close::of_session(u16::MAX, u64::MAX, UnixMs(u64::MAX));
    let mut text = b"[1]\n".to_vec();
    crate::dump::header::write_close(&close, &mut text);
    text.push(b'\n');
    let tail = Tail::of(&mut Cursor::new(&text), text.len() as u64).expect("memory can be read");
    assert_eq!(tail.close, Some(close));
}
