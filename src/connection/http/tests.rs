//! Tests of request heads and their parts.

use super::*;

#[test]
fn a_head_ends_at_its_first_empty_line() {
    for head in [
        "GET / HTTP/1.1\r\nA: b\r\n\r\n",
        "GET / HTTP/1.1\nA: b\n\n",
        "\r\n\n\r\nGET / HTTP/1.1\nA: b\r\n\n",
        "x\n\n",
    ] {
        let bytes = [head.as_bytes(), b"\r\n\r\nrest"].concat();
        assert_eq!(head_len(&bytes, 0), Some(head.len()), "{head:?}");
        for cut in 0..head.len() {
            assert_eq!(head_len(&bytes[..cut], 0), None, "{head:?} cut at {cut}");
            assert_eq!(head_len(&bytes, cut), Some(head.len()), "{head:?}, {cut} bytes seen");
        }
    }
    assert_eq!(head_len(b"\r\n\r\n\r\n\n\n", 0), None, "empty lines alone are no head");
}

#[test]
fn header_values_are_found_in_any_case_and_over_several_lines() {
    let head = b"GET / HTTP/1.1\r\nA: 1, 2\r\nb: x\r\na:  3 ,, \r\n\r\n";
    let request = Request::parse(head).unwrap().unwrap();
    assert_eq!(request.values("A").collect::<Vec<_>>(), [&b"1, 2"[..], b"3 ,,"]);
    assert_eq!(request.elements("a").collect::<Vec<_>>(), [&b"1"[..], b"2", b"3"]);
    assert_eq!(request.values("c").count(), 0);
}

#[test]
fn a_key_is_sixteen_bytes_in_base64() {
    assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
    assert!(
        is_key(b"dGhlIHNhbXBsZSBub25jZX=="),
        "bits beyond the last byte do not matter"
    );
    for key in [
        "",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZWE=",
        "dGhl_HNhbXBsZSBub25jZQ==",
    ] {
        assert!(!is_key(key.as_bytes()), "{key}");
    }
}

#[test]
fn the_path_is_found_in_every_form_of_a_target() {
    for (target, path) in [
        ("/", "/"),
        ("/a/b?c#d", "/a/b"),
        ("http://host:80/a?b", "/a"),
        ("HTTPS://host", "/"),
        ("http://host?x=/y", "/"),
        ("*", "*"),
        ("", ""),
        ("http:/\u{e9}", "http:/\u{e9}"),
    ] {
        assert_eq!(path_of(target), path, "{target}");
    }
}

#[test]
fn tokens_are_tokens() {
    assert!(is_token(b"rtcstats#5.0") && is_token(b"a") && is_token(b"!#$%&'*+-.^_`|~09azAZ"));
    for text in ["", "a b", "a,b", "a\"", "a/b", "(a)", "\u{e9}"] {
        assert!(!is_token(text.as_bytes()), "{text}");
    }
}

const MISTAKES: [Mistake; 14] = [
    Mistake::ProxyHeader,
    Mistake::Tls,
    Mistake::Http2,
    Mistake::NoHttp,
    Mistake::HeadTooLarge,
    Mistake::NoHost,
    Mistake::ManyHosts,
    Mistake::OldVersion,
    Mistake::NoUpgrade,
    Mistake::NoConnection,
    Mistake::Method,
    Mistake::Body,
    Mistake::Version,
    Mistake::Key,
];

#[test]
fn every_mistake_says_what_to_do() {
    for mistake in MISTAKES {
        let text = mistake.to_string();
        assert!(text.contains("; ") && text.is_ascii() && !text.ends_with('.'), "{text}");
    }
}

#[test]
fn every_answer_is_whole_and_ends_the_connection() {
    let plain = [
        Answer::Healthy,
        Answer::NotFound,
        Answer::MethodNotAllowed,
        Answer::HeadTooSlow,
        Answer::Unavailable,
    ];
    for answer in plain.into_iter().chain(MISTAKES.map(Answer::Mistaken)) {
        let whole = String::from_utf8(answer.response(false)).unwrap();
        let (head, body) = whole.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("\r\nContent-Length: {}", body.len())), "{whole}");
        assert!(
            head.lines()
                .any(|line| line.starts_with("Connection: ") && line.ends_with("close")),
            "{whole}"
        );
        assert_eq!(answer.response(true), format!("{head}\r\n\r\n").into_bytes());
        let mut headers = [httparse::EMPTY_HEADER; 16];
        assert!(
            httparse::Response::new(&mut headers)
                .parse(whole.as_bytes())
                .unwrap()
                .is_complete()
        );
    }
}
