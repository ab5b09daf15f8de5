//! The sessions that are sent: every recorded dump, in a request with all that a request can tell about a person, and
//! sessions that fail in every way that a client can cause.
//!
//! Everything personal is added to [`Secrets`] in the place where it is made up, so that nothing is sent without being
//! searched for.

use support::wire::{Bytes, PING, TEXT};
use support::{Recorded, Server};

use super::secrets::{Kind, Secrets};

pub const JWT_SECRET: &str = "leak-test-secret-of-at-least-32-bytes-4f1c";
pub const USER: &str = "claimed.user@corp.example";
pub const CONFERENCE: &str = "claimed-conference-board-meeting";
pub const SESSION: &str = "claimed-session-0001";

/// The longest message that the server is configured to accept. The longest recorded one has 314 kB.
pub const MESSAGE_BYTES: usize = 512 * 1024;
/// The longest dump that the server is configured to accept. The longest recorded one has 1.6 MB.
pub const DUMP_BYTES: usize = 2 * 1024 * 1024;

/// An address that nothing else uses. Documentation networks have too few, so it is from 198.18.0.0/15, which is for
/// benchmarks (RFC 2544).
fn v4(number: usize) -> String {
    format!("198.18.{}.{}", 100 + number / 200, 1 + number % 200)
}

fn v6(number: usize) -> String {
    format!("2001:db8:5ec:e7::{:x}", 0x1000 + number)
}

/// A token for the claims above, made in the way an operator makes one.
pub fn token(server: &Server, secrets: &mut Secrets) -> String {
    let arguments = [
        "token",
        "--user",
        USER,
        "--conference",
        CONFERENCE,
        "--session",
        SESSION,
    ];
    let output = server.run(&arguments);
    assert!(output.status.success(), "{output:?}");
    let token = String::from_utf8(output.stdout)
        .expect("a token is ASCII")
        .trim()
        .to_owned();
    secrets.token(&token);
    secrets.word(JWT_SECRET, Kind::Token);
    for claim in [USER, CONFERENCE, SESSION] {
        secrets.word(claim, Kind::Claim);
    }
    token
}

/// The request target and header lines of the session with this number: tokens, addresses and proxies in all possible
/// places.
fn request(number: usize, token: &str, secrets: &mut Secrets) -> (String, Vec<(&'static str, String)>) {
    let (a4, a6, client4, client6) = (v4(2 * number), v6(2 * number), v4(2 * number + 1), v6(2 * number + 1));
    [&a4, &a6, &client4, &client6]
        .iter()
        .for_each(|address| secrets.text(address));
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    // The first two numbers are also sent to a server that masks nothing.
    let target = match number % 12 {
        0 => format!("/room/{a4}/x?rtcstats-token={token}&peer={a6}"),
        1 => format!("/{}?ip={}", escaped(&a4), a6.replace(':', "%3A")),
        2 => format!("/?rtcstats%2Dtoken={}&a=http://[{a6}]:80/", token.replace('.', "%2E")),
        3 => format!("/x?json=%7B%22ip%22%3A%22{a4}%22%7D&rtcstats-token={token}#{a6}"),
        4 => format!("/{a4}:{a6}/?rtcstats-token={token}&RTCSTATS-TOKEN={token};rtcstats-token={token}"),
        5 => format!(
            "/x?twice={}&url={}",
            escaped(&escaped(&a4)),
            escaped(&format!("ws://{a4}/?a=[{a6}]"))
        ),
        6 => format!("/{a4}?jwt={token}&rtcstats-token={token}"),
        7 => format!("/x?peer={a6}&access_token={}", escaped(token)),
        8 => format!("/{token}/{a4}"),
        9 => format!("/{a4}?next={}#access_token={token}", escaped(&format!("/?t={token}"))),
        10 => format!("/{a4};session={token}/x"),
        _ => format!("/?twice={}&{a6}", escaped(&escaped(token))),
    };
    let forwarded = match number % 7 {
        0 => client4,
        1 => client6,
        2 => format!("{client4}:4711"),
        3 => format!("[{client6}]:4711"),
        4 => format!("192.0.2.99, {client4}, 10.0.0.9"),
        5 => format!("::ffff:{client4}"),
        _ => format!("unknown, {client6}, 10.0.0.9"),
    };
    let mut headers = vec![("X-Forwarded-For", forwarded)];
    if number % 12 > 5 || number % 6 == 1 || number % 6 == 5 {
        headers.push(("Authorization", format!("Bearer {token}")));
    }
    if number % 12 == 8 {
        headers.push(("Sec-WebSocket-Protocol", format!("{token}, rtcstats")));
    } else if number % 5 == 4 {
        headers.push(("Sec-WebSocket-Protocol", format!("rtcstats-{a4}")));
    }
    (target, headers)
}

/// A session that is let in, so far without its messages.
pub fn welcome(number: usize, token: &str, origin: &str, agent: &str, secrets: &mut Secrets) -> Bytes {
    let (target, headers) = request(number, token, secrets);
    let mut headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
    headers.extend([("Origin", origin), ("User-Agent", agent)]);
    Bytes::upgrade(&target, &headers)
}

/// All recorded sessions.
pub fn recorded(dumps: &[Recorded], token: &str, secrets: &mut Secrets) -> Vec<Bytes> {
    let session = |(number, dump): (usize, &Recorded)| {
        secrets.recorded(dump);
        let mut bytes = welcome(number, token, dump.text("origin"), dump.text("userAgent"), secrets);
        dump.messages.iter().for_each(|message| bytes.text(message));
        bytes.close(1000, "");
        bytes
    };
    dumps.iter().enumerate().map(session).collect()
}

/// Sessions that begin well, leave a dump with at least one message, and end badly or oddly. Each is returned with the
/// code of its closing line.
pub fn ending_badly(token: &str, origin: &str, secrets: &mut Secrets) -> Vec<(u16, Bytes)> {
    let mut sessions = Vec::new();
    let mut next = 100;
    let mut add = |code: u16, end: &dyn Fn(&mut Bytes, &str)| {
        next += 1;
        let address = v4(1000 + next);
        secrets.text(&address);
        let mut bytes = welcome(next, token, origin, "test", secrets);
        bytes.text(&format!("[\":note\",null,\"I am {address}\",1]"));
        end(&mut bytes, &address);
        sessions.push((code, bytes));
    };
    let text = |address: &str| format!("[\":note\",null,\"{address}\",1]").into_bytes();
    add(1002, &|bytes, address| bytes.frame(0xc0 | TEXT, &text(address)));
    add(1002, &|bytes, address| bytes.frame(0x83, &text(address)));
    add(1002, &|bytes, address| bytes.frame(0x80, &text(address)));
    add(1002, &|bytes, address| {
        bytes.frame(0x80 | PING, address.repeat(20).as_bytes())
    });
    add(1002, &|bytes, address| {
        // Not masked: only servers may send such a frame.
        bytes.bytes.extend([0x80 | TEXT, address.len() as u8]);
        bytes.bytes.extend(address.as_bytes());
    });
    add(1007, &|bytes, address| {
        bytes.frame(0x80 | TEXT, &[address.as_bytes(), b" \xff"].concat())
    });
    add(1009, &|bytes, address| {
        let length = MESSAGE_BYTES / address.len() + 1;
        bytes.frame(0x80 | TEXT, address.repeat(length).as_bytes());
    });
    add(1009, &|bytes, address| {
        let line = format!("[\":note\",null,\"{}\",1]", format!("{address} ").repeat(10_000));
        (0..DUMP_BYTES / line.len() + 1).for_each(|_| bytes.text(&line));
    });
    add(4000, &|bytes, address| {
        bytes.close(4000, &format!("bye from {address}"))
    });
    add(1000, &|bytes, address| {
        bytes.frame(0x80 | PING, format!("ping from {address}").as_bytes());
        bytes.close(1000, "");
    });
    // No close frame at all: the session ends in the middle of a message.
    add(1006, &|bytes, address| bytes.frame(TEXT, &text(address)));
    add(1000, &|bytes, address| {
        for odd in odd_messages(address) {
            bytes.text(&odd);
        }
        bytes.frame(0x82, address.as_bytes());
        bytes.frame(0x82, &[b"\xff\n ", address.as_bytes(), b"\xfe"].concat());
        bytes.close(1000, "");
    });
    sessions
}

/// Messages that look like the server's own lines, and messages that are hardly valid lines.
fn odd_messages(address: &str) -> Vec<String> {
    vec![
        format!("RTCStatsDump {address}"),
        format!("{{\"url\":\"{address}\",\"rtcstatsServer\":{{\"host\":\"{address}\",\"start\":1}}}}"),
        format!("[\"close\",null,1006,{{\"end\":1,\"recovered\":true,\"of\":\"{address}\"}},5]"),
        "[\"close\",null,1006,{\"end\":1,\"recovered\":true},5]".to_owned(),
        format!("[\":note\",null,\"a\n{address}\nb\",\n1]\n\n{address}"),
        format!("\"{}\"", address.replace('.', "\\u002e")),
        format!("[\":note\",null,\"{}\",1]", address.replace('.', "\\\\u002e")),
        format!("[\":note\",null,{{\"{address}\":[[[\"{address}:80\"]]]}},1,\"{address}\"]"),
        format!("[\":note\",\"{address}\",null,\"{}\"]", address.replace('.', "%2e")),
        format!("[\"{address}\"]"),
        format!("[20,\"P\",{{\"candidate\":\"candidate:1 1 udp 1 {address} 9 typ host\"}},1"),
        format!("[20,\"P\",{{\"candidate\":\"candidate:1 1 udp 1 {address}"),
        format!("\u{feff}[\":note\",null,\"{address}\",1]"),
        address.to_owned(),
    ]
}

/// Sessions that are refused after the upgrade (1008). Each sends messages that must not be stored.
pub fn refused(server: &Server, token: &str, origin: &str, secrets: &mut Secrets) -> Vec<Bytes> {
    let claimed = "mallory-refused@corp.example";
    secrets.word(claimed, Kind::Claim);
    let made = |lifetime: &str, secret: &str| {
        let mut command = server.command(&["token", "--user", claimed, "--lifetime", lifetime]);
        let output = command.env("RTCSTATS_AUTHORIZATION__JWT_SECRET", secret).output();
        String::from_utf8(output.expect("the binary starts").stdout)
            .expect("ASCII")
            .trim()
            .to_owned()
    };
    let (head, rest) = token.split_once('.').expect("a token has three parts");
    let address = v4(1900);
    secrets.text(&address);
    let none = "eyJhbGciOiJub25lIn0";
    let tokens = [
        made("1h", "another-secret-that-is-not-the-server's-own-0000"),
        format!("{none}.{}.", rest.split('.').next().unwrap_or_default()),
        format!("{head}.{rest}AAAA"),
        format!("{address}.{claimed}.{address}"),
        "x".repeat(9000),
        address.clone(),
        String::new(),
    ];
    let mut sessions = Vec::new();
    for (number, bad) in tokens.iter().enumerate() {
        if bad.len() > 100 {
            secrets.token(bad);
        }
        let target = format!("/{address}?rtcstats-token={bad}");
        let bearer = format!("Bearer {bad}");
        sessions.push(Bytes::upgrade(
            &target,
            &[("Origin", origin), ("X-Forwarded-For", &v4(number))],
        ));
        sessions.push(Bytes::upgrade("/", &[("Origin", origin), ("Authorization", &bearer)]));
    }
    let foreign = format!("http://{address}");
    sessions.push(welcome(90, token, &foreign, "test", secrets));
    for session in &mut sessions {
        session.text(&format!("[\":note\",null,\"REFUSED {address}\",1]"));
        session.close(1000, "");
    }
    sessions
}

/// Requests that do not become sessions, and the status of the answer to each.
pub fn bad_requests(token: &str, secrets: &mut Secrets) -> Vec<(&'static str, Bytes)> {
    let address = v4(1950);
    secrets.text(&address);
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let requests = [
        ("400", format!("GET /{address} HTTP/1.1\r\nbroken {address}\r\n\r\n")),
        (
            "400",
            format!("PROXY TCP4 {address} 127.0.0.1 1 2\r\nGET / HTTP/1.1\r\n\r\n"),
        ),
        ("400", format!("{address}\r\n\r\n")),
        (
            "404",
            format!("GET /{address}?rtcstats-token={token} HTTP/1.1\r\nHost: {address}\r\n\r\n"),
        ),
        (
            "405",
            format!("POST /{address}?rtcstats-token={token} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
        ),
        (
            "426",
            format!("GET /{address} HTTP/1.1\r\nHost: x\r\n{upgrade}Sec-WebSocket-Version: 12\r\n\r\n"),
        ),
        (
            "431",
            format!("GET /{address} HTTP/1.1\r\nCookie: {}\r\n\r\n", address.repeat(2000)),
        ),
    ];
    requests.map(|(status, text)| (status, Bytes::plain(text))).into()
}
