//! Clients that ask and then take nothing: nobody else waits for them.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use support::{Client, Server};

use super::running::{CLOSE, Site, status, told};

/// More than answers in the making, and fewer than connections.
const STALLED: usize = 12;

/// Text that hardly shrinks, so that the dump is larger than what a socket takes on its own (212,992 bytes).
fn chance(length: usize) -> String {
    let mut state = 88_172_645_463_325_252_u64;
    let letter = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'0' + (state >> 32) as u8 % 64)
    };
    (0..length).map(letter).filter(|c| *c != '\\').collect()
}

#[test]
fn clients_that_read_nothing_keep_nobody_from_a_page() {
    let server = Server::start(&[]);
    let mut client = Client::open(server.address(), "/");
    client.send(&format!("[\"custom\",null,\"{}\",3]", chance(700_000)));
    client.close(None);
    let id = server.delivered(1)[0].id();
    let path = server.data().with_file_name("view.sock");
    let site = Site::start(&server, &[&format!("unix:{}", path.display())]);
    let connect = || UnixStream::connect(&path).expect("it listens");
    let entered = told(
        connect(),
        &format!("GET {} HTTP/1.1\r\nHost: localhost\r\n{CLOSE}\r\n", site.entry),
    );
    let cookie = entered.lines().find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = cookie.and_then(|cookie| cookie.split(';').next()).expect("a cookie");
    let request = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{CLOSE}Cookie: {cookie}\r\n\r\n");
    let stalled: Vec<UnixStream> = (0..STALLED)
        .map(|_| {
            let mut stream = connect();
            let asked = stream.write_all(request(&format!("/calls/{id}/dump")).as_bytes());
            asked.expect("it is sent");
            stream
        })
        .collect();
    for path in [
        "/",
        &format!("/calls/{id}"),
        "/?user=nobody",
        &format!("/calls/{id}/dump"),
    ] {
        assert_eq!(status(&told(connect(), &request(path))), "200", "{path}");
    }
    // They were answered, too, and had only not looked.
    for mut stream in stalled {
        let mut begin = [0; 12];
        stream.read_exact(&mut begin).expect("an answer");
        assert_eq!(&begin, b"HTTP/1.1 200");
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).expect("the rest");
        assert!(rest.len() > 212_992, "{}: it may never have waited", rest.len());
    }
}
