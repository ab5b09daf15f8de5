//! What the server answers to those who connect: on each address, to plain requests, to upgrades, and with bytes cut
//! anywhere.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::time::Duration;

use support::raw::{TEXT, frame, upgrade};
use support::server::free_port;
use support::{Client, Raw, Server, wait_until};

/// Sends a request head and reads the whole answer.
fn ask(server: &Server, head: &str) -> String {
    let mut raw = Raw::connect(server.address());
    raw.write(head.as_bytes());
    raw.rest()
}

fn assert_status(answer: &str, status: &str) {
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{status} expected: {answer}"
    );
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn has_ipv6() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

#[test]
fn any_address_takes_both_families() {
    let mut server = Server::prepare(&[]);
    let port = server.address().port();
    server.set("RTCSTATS_SERVER__LISTEN", &format!("[::]:{port}"));
    server.restart();
    let mut addresses: Vec<SocketAddr> = vec![(Ipv4Addr::LOCALHOST, port).into()];
    if has_ipv6() {
        addresses.push((Ipv6Addr::LOCALHOST, port).into());
    } else {
        assert!(server.log().contains("no IPv6"), "the operator is told");
    }
    for address in &addresses {
        let mut client = Client::open(*address, "/");
        client.send(&format!("[\"from\",null,\"{address}\",0]"));
        client.close(None);
    }
    let mut remotes: Vec<String> = server
        .delivered(addresses.len())
        .iter()
        .map(|dump| dump.metadata()["remoteAddresses"].to_string())
        .collect();
    remotes.sort();
    let expected = ["[\"127.0.0.1\"]", "[\"::1\"]"];
    assert_eq!(remotes, expected[..addresses.len()]);
}

#[test]
fn every_address_of_the_list_is_served() {
    let mut server = Server::prepare(&[]);
    let other: SocketAddr = (Ipv4Addr::LOCALHOST, free_port()).into();
    server.set("RTCSTATS_SERVER__LISTEN", &format!("{},{other}", server.address()));
    server.restart();
    for address in [server.address(), other] {
        let mut client = Client::open(address, "/");
        client.send("[1]");
        client.close(None);
    }
    server.delivered(2);
}

#[test]
fn an_address_in_use_by_another_program_ends_the_start_with_its_name() {
    let mut server = Server::prepare(&[]);
    let _other = TcpListener::bind(server.address()).unwrap();
    server.spawn();
    assert!(!server.ended().success());
    let expected = format!("cannot listen on {}", server.address());
    assert!(server.log().contains(&expected), "{}", server.log());
}

#[test]
fn plain_requests_get_plain_answers() {
    let server = Server::start(&[]);
    let host = "Host: x\r\n";
    for (request, status) in [
        ("GET /healthcheck", "200"),
        ("HEAD /healthcheck", "200"),
        ("GET /", "404"),
        ("HEAD /index.html", "404"),
        ("POST /healthcheck", "405"),
        ("DELETE /", "405"),
    ] {
        let answer = ask(&server, &format!("{request} HTTP/1.1\r\n{host}\r\n"));
        assert_status(&answer, status);
        let is_empty = status == "200" || request.starts_with("HEAD");
        assert_eq!(body(&answer).is_empty(), is_empty, "{request}: {answer}");
    }
}

#[test]
fn requests_that_are_wrong_are_told_so() {
    let server = Server::start(&[]);
    let old = String::from_utf8(upgrade("/", ""))
        .unwrap()
        .replace("Version: 13", "Version: 8");
    let answer = ask(&server, &old);
    assert_status(&answer, "426");
    assert!(answer.contains("Sec-WebSocket-Version: 13\r\n"), "{answer}");
    for malformed in [
        "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
    ] {
        assert_status(&ask(&server, malformed), "400");
    }
    let large = format!("GET / HTTP/1.1\r\nHost: x\r\nCookie: {}\r\n\r\n", "c".repeat(17 << 10));
    assert_status(&ask(&server, &large), "431");
}

#[test]
fn a_head_that_never_ends_is_given_up() {
    let server = Server::start(&[("RTCSTATS_LIMITS__HEAD_TIME", "300ms")]);
    assert_status(&ask(&server, "GET / HTTP/1.1\r\nHost:"), "408");
    assert_status(&ask(&server, ""), "408");
}

#[test]
fn the_first_protocol_is_chosen_and_no_extension() {
    let server = Server::start(&[]);
    let offer = "Sec-WebSocket-Protocol: first, second\r\nSec-WebSocket-Extensions: permessage-deflate\r\n";
    let mut raw = Raw::connect(server.address());
    raw.write(&upgrade("/any/path?with=query", offer));
    let head = raw.head();
    assert_status(&head, "101");
    assert!(
        head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
        "{head}"
    );
    assert!(head.contains("Sec-WebSocket-Protocol: first\r\n"), "{head}");
    assert!(!head.contains("Extensions"), "{head}");

    let mut raw = Raw::connect(server.address());
    raw.write(&upgrade("/", ""));
    let head = raw.head();
    assert_status(&head, "101");
    assert!(!head.contains("Sec-WebSocket-Protocol"), "{head}");
}

/// Everything that a session sends arrives in one segment with its upgrade, with the end of the stream directly behind
/// it.
#[test]
fn upgrade_messages_and_end_may_come_at_once() {
    const SESSIONS: usize = 60;
    let server = Server::start(&[]);
    for session in 0..SESSIONS {
        let mut bytes = upgrade("/", "");
        for number in 0..5 {
            bytes.extend_from_slice(&frame(
                TEXT,
                format!("[\"m\",null,\"{session}-{number}\",0]").as_bytes(),
            ));
        }
        let mut raw = Raw::connect(server.address());
        raw.write(&bytes);
        if session % 2 == 0 {
            raw.finish();
        }
        assert_status(&raw.head(), "101");
    }
    for dump in server.delivered(SESSIONS) {
        assert_eq!(dump.messages().len(), 5, "{:?}", dump.lines);
        assert!(dump.messages()[4].contains("-4"), "{:?}", dump.lines);
        assert_eq!(dump.close_code(), 1006);
    }
}

/// The end of the stream directly follows a large message, so that reads end in the middle of the message.
#[test]
fn the_last_message_before_the_end_is_kept_whatever_its_length() {
    let server = Server::start(&[]);
    let lengths = [1, 65_000, 65_536, 131_072, 300_000, 1 << 20];
    for length in lengths {
        let mut raw = Raw::open(server.address());
        let mut bytes = frame(TEXT, b"[\"first\",null,null,0]");
        bytes.extend_from_slice(&frame(TEXT, format!("[\"{}\"]", "x".repeat(length)).as_bytes()));
        raw.write(&bytes);
        raw.finish();
        assert_eq!(raw.closed(), None);
    }
    let dumps = server.delivered(lengths.len());
    let mut found: Vec<usize> = dumps.iter().map(|dump| dump.messages()[1].len() - 4).collect();
    found.sort_unstable();
    assert_eq!(found, lengths);
}

#[test]
fn bytes_may_be_cut_at_every_boundary() {
    let server = Server::start(&[]);
    let message = format!("[\"cut\",null,\"{}é\",0]", "y".repeat(120));
    let mut bytes = frame(TEXT, message.as_bytes());
    bytes.extend_from_slice(&frame(TEXT, b"[\"short\",null,null,0]"));
    let mut raw = Raw::connect(server.address());
    for byte in upgrade("/", "") {
        raw.write(&[byte]);
    }
    assert_status(&raw.head(), "101");
    for at in 1..bytes.len() {
        raw.write(&bytes[..at]);
        // Without a pause both parts would mostly arrive together. The test holds either way.
        std::thread::sleep(Duration::from_millis(1));
        raw.write(&bytes[at..]);
    }
    raw.sync();
    raw.finish();
    let dumps = server.delivered(1);
    let messages = dumps[0].messages();
    assert_eq!(messages.len(), 2 * (bytes.len() - 1));
    assert!(
        messages
            .chunks(2)
            .all(|pair| pair[0] == message && pair[1].starts_with("[\"short\""))
    );
}

#[test]
fn a_page_of_another_origin_is_refused_after_the_upgrade_and_leaves_nothing() {
    let mut server = Server::start(&[("RTCSTATS_SERVER__ALLOWED_ORIGINS", "https://meet.example.org")]);
    let open = |origin| Client::open_with(server.address(), "/", &[("Origin", origin)]).expect("an upgrade");
    let mut refused = open("https://elsewhere.example.org");
    // The connection may be closed before this is sent; a browser too sends before it can know.
    let _ = refused.try_send(r#"["note",null,"must not be stored",0]"#);
    assert_eq!(refused.closed(), Some(1008));
    let mut welcome = open("https://meet.example.org");
    welcome.send(r#"["note",null,"stored",0]"#);
    welcome.close(None);
    let dumps = server.delivered(1);
    assert_eq!(dumps[0].metadata()["origin"], "https://meet.example.org");
    wait_until("an empty spool", || server.spooled().is_empty());
    server.stop();
    assert_eq!((server.dumps().len(), server.spooled().len()), (1, 0));
}
