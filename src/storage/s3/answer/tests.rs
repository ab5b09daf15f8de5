//! Tests of answers whose ends are found in every way, byte by byte and at once.
use super::*;

/// Gives one byte at a time, so that every border is met.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.len().min(1);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

fn all(text: &str, expect: Expect) -> Result<(u16, String), io::ErrorKind> {
    let read_by = |wire: &mut dyn Read| {
        let mut body = Vec::new();
        let answer = read(wire, expect, &mut |_, piece| {
            body.extend_from_slice(piece);
            ControlFlow::Continue(())
        });
        let answer = answer.map_err(|error| error.kind())?;
        Ok((answer.status, String::from_utf8(body).unwrap()))
    };
    let at_once = read_by(&mut text.as_bytes());
    assert_eq!(at_once, read_by(&mut Slow(text.as_bytes())), "{text:?}");
    at_once
}

#[test]
fn each_framing_ends_where_it_says() {
    const CASES: [(&str, u16, &str); 8] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd", 200, "abc"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc",
            200,
            "abc",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            200,
            "abcde",
        ),
        ("HTTP/1.0 500 X\r\n\r\nto the end", 500, "to the end"),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ("HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n", 304, ""),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 X\r\nContent-Length: 1\r\n\r\nx",
            403,
            "x",
        ),
        ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, ""),
    ];
    for (text, status, body) in CASES {
        assert_eq!(all(text, Expect::Body), Ok((status, body.to_owned())), "{text:?}");
    }
    let head = "HTTP/1.1 404 X\r\nContent-Length: 300\r\n\r\n";
    assert_eq!(all(head, Expect::HeadAlone), Ok((404, String::new())));
}

#[test]
fn an_answer_that_is_cut_off_is_none() {
    use io::ErrorKind::{InvalidData, UnexpectedEof};
    const CASES: [(&str, io::ErrorKind); 12] = [
        ("", UnexpectedEof),
        ("HTTP/1.1 200 OK\r\nContent-", UnexpectedEof),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", UnexpectedEof),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
            UnexpectedEof,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcde",
            InvalidData,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n\r\n",
            InvalidData,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;x=y\r\n\r\n",
            InvalidData,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n\r\n",
            InvalidData,
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", InvalidData),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            InvalidData,
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc", InvalidData),
        ("SSH-2.0-OpenSSH_9.2\r\n", InvalidData),
    ];
    for (text, kind) in CASES {
        assert_eq!(all(text, Expect::Body), Err(kind), "{text:?}");
    }
}

#[test]
fn a_head_without_end_is_given_up() {
    let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(2 * S3_HEAD_BYTES_MAX));
    let error = read(endless.as_bytes(), Expect::Body, &mut |_, _| ControlFlow::Continue(())).unwrap_err();
    assert!(is_not_http(&error));
}

#[test]
fn nothing_is_read_once_the_caller_has_enough() {
    let mut pieces = 0;
    let text = format!("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}", "x".repeat(1000));
    let answer = read(Slow(text.as_bytes()), Expect::Body, &mut |_, _| {
        pieces += 1;
        ControlFlow::Break(())
    });
    assert_eq!((answer.unwrap().status, pieces), (200, 1));
}
