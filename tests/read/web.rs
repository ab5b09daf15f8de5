//! Dumps behind URLs: redirects, limits, and servers that say something else.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::run::{Place, dump};

/// Serves a recorded dump at some paths, until the test ends.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let own = base.clone();
    let packed = std::fs::read(dump("short-session")).expect("a recorded dump");
    // It ends with the process.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = answer(stream, &own, &packed);
        }
    });
    base
}

fn answer(stream: TcpStream, base: &str, packed: &[u8]) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let to = |status: u16, location: &str| {
        format!("HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
    };
    let whole = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", packed.len());
    let (head, body) = match target.as_str() {
        "/dump.gz?signature=secret" | "/a/dump.gz" => (whole, packed),
        "/away" => (to(302, "/a/b/../dump.gz"), &[][..]),
        "/permanently" => (to(308, &format!("{base}/away")), &[][..]),
        "/in-a-circle" => (to(301, "/in-a-circle"), &[][..]),
        "/up" => (to(301, "https://example.org/dump?signature=secret"), &[][..]),
        "/to-a-file" => (to(301, "file:///etc/passwd"), &[][..]),
        "/nowhere" => ("HTTP/1.1 302 X\r\nContent-Length: 0\r\n\r\n".to_owned(), &[][..]),
        "/cut" => (whole, &packed[..100]),
        "/endless" => ("HTTP/1.1 200 OK\r\n\r\n".to_owned(), packed),
        "/private" => ("HTTP/1.1 403 X\r\nContent-Length: 0\r\n\r\n".to_owned(), &[][..]),
        "/not-http" => ("SSH-2.0-OpenSSH_9.2\r\n".to_owned(), &[][..]),
        _ => ("HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n".to_owned(), &[][..]),
    };
    let stream = reader.get_mut();
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

#[test]
fn a_dump_is_read_from_a_url() {
    let (place, base) = (Place::new(), serve());
    let packed = std::fs::read(dump("short-session")).expect("a recorded dump");
    let expected = place.feed(&["dump", "mask", "-"], &packed);
    assert_eq!(expected.code, 0);
    for path in [
        "/dump.gz?signature=secret",
        "/away",
        "/permanently",
        "/endless",
        "/a/dump.gz#part",
    ] {
        assert_eq!(
            place.run(&["dump", "mask", &format!("{base}{path}")]),
            expected,
            "{path}"
        );
    }
}

#[test]
fn what_is_no_dump_behind_a_url_is_told() {
    let (place, base) = (Place::new(), serve());
    for (path, words) in [
        ("/none?signature=secret", "404: there is nothing at this URL"),
        ("/private", "403: it does not allow to read this"),
        ("/in-a-circle", "sent on more than 5 times"),
        ("/up", "to https://example.org/dump, which is not followed"),
        ("/to-a-file", "to file:///etc/passwd, which is not followed"),
        ("/nowhere", "does not say where"),
        ("/not-http", "no HTTP server"),
        ("/cut", "the connection was closed before the end of the object"),
    ] {
        let url = format!("{base}{path}");
        let told = place.run(&["dump", "mask", &url]);
        assert_eq!(told.code, 1, "{path}: {told:?}");
        assert!(
            told.err.contains(words) && !told.err.contains("secret"),
            "{path}: {told:?}"
        );
        assert!(told.err.starts_with(&format!("error: {base}/")), "{path}: {told:?}");
    }
    let told = place.run(&["dump", "mask", "gopher://example.org/a"]);
    assert!(told.err.contains("neither http nor https"), "{told:?}");
}

/// Said before the first byte where the length is known, and in the middle where it is not.
#[test]
fn a_download_has_a_limit() {
    let (place, base) = (Place::new(), serve());
    let commands = ["cat", "check", "features", "info", "mask"].map(|command| (command, "/a/dump.gz"));
    for (command, path) in commands.into_iter().chain([("mask", "/endless")]) {
        let told = place.run(&["dump", command, "--max-download", "100B", &format!("{base}{path}")]);
        let words = "it is longer than 100B, see --max-download";
        assert!(told.code == 1 && told.err.contains(words), "{path}: {told:?}");
    }
}
