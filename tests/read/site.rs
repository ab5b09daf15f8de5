//! The catalogue in a browser (`view --listen`), over real sockets: who is let in, what is shown, what is never done.

mod journey;
mod patience;
mod running;

use std::io::Read;
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use flate2::read::GzDecoder;
use serde_json::Value;
use support::recorded::Recorded;
use support::{Client, Server};

use crate::run::Told;
pub use running::Site;
use running::{CLOSE, status, told};

const EVENT: &str = r#"["custom","PC_0","</script><img src=x onerror=alert(1)>",3]"#;
/// A server with one stored call.
fn with_a_call() -> (Server, String) {
    let server = Server::start(&[]);
    let mut client = Client::open(server.address(), "/");
    client.send(EVENT);
    client.close(None);
    let id = server.delivered(1)[0].id();
    (server, id)
}

/// A server with a call as it was recorded.
pub fn with_a_recorded_call(name: &str) -> (Server, String) {
    let server = Server::start(&[]);
    let mut client = Client::open(server.address(), "/");
    for message in &Recorded::named(name).messages {
        client.send(message);
    }
    client.close(None);
    let id = server.delivered(1)[0].id();
    (server, id)
}

/// The head of a part of a call's series.
fn part(site: &Site, path: &str, cookie: &str) -> Value {
    let answer = site.bytes(path, cookie);
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    assert!(
        status(&head) == "200" && head.contains("cache-control: no-store"),
        "{head}"
    );
    let mut data = Vec::new();
    GzDecoder::new(&answer[end..])
        .read_to_end(&mut data)
        .expect("it unpacks");
    let (length, data) = data.split_first_chunk::<4>().expect("a length");
    let json = &data[..u32::from_le_bytes(*length) as usize];
    serde_json::from_slice(json).expect("a head")
}

/// `pages` compares the values, in a browser.
#[test]
fn a_part_of_a_call_has_all_its_polls_and_is_refused_to_others() {
    let (server, id) = with_a_recorded_call("av-call-60s");
    let site = Site::start(&server, &["127.0.0.1:0", "--max-size", "210KiB"]);
    let cookie = site.cookie();
    let path = format!("/calls/{id}/series");
    let page = site.ask(&format!("/calls/{id}"), &cookie);
    assert!(page.contains("; connect-src 'self'"), "{page:.900}");
    assert!(page.contains(&format!(
        "data-series=\"{}\"",
        path.replace(&id, &id.replace('-', "%2D"))
    )));
    let whole = Recorded::named("av-call-60s");
    let start: Value = serde_json::from_str(&whole.messages[0]).expect("JSON");
    let start = start.as_array().and_then(|list| list.last()?.as_f64()).expect("a time");
    let asked = |from: f64, to: f64| {
        part(
            &site,
            &format!("{path}?from={}&to={}", start + from, start + to),
            &cookie,
        )
    };
    let few = asked(20_000.0, 29_900.0);
    for connection in few["connections"].as_array().expect("connections") {
        let polls = &connection["polls"];
        let count = polls["count"].as_u64().expect("a count");
        assert!((10..=12).contains(&count) && polls["sampled"].is_null(), "{connection}");
    }
    let series = few["series"].as_array().expect("series");
    assert!(
        series.len() > 50 && series.iter().all(|one| one["step"] == 1),
        "{}",
        series.len()
    );
    let before = asked(-9e9, -8e9);
    let mut counts = before["connections"].as_array().expect("connections").iter();
    assert!(
        counts.all(|one| one["polls"]["count"].as_u64() <= Some(1)),
        "more than the poll behind it"
    );
    for bad in [
        "",
        "?from=5",
        "?from=2&to=1",
        "?from=NaN&to=1",
        "?from=1&to=inf",
        "?from=%27&to=1",
    ] {
        assert_eq!(status(&site.ask(&format!("{path}{bad}"), &cookie)), "400", "{bad}");
    }
    let query = "?from=1&to=2";
    assert_eq!(status(&site.ask(&format!("{path}{query}"), "")), "401");
    let foreign = format!("{cookie}Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\n");
    assert_eq!(status(&site.ask(&format!("{path}{query}"), &foreign)), "403");
    let unknown = format!("/calls/0190e0a0-0000-7000-8000-000000000000/series{query}");
    assert_eq!(status(&site.ask(&unknown, &cookie)), "404");
}

#[test]
fn the_printed_link_opens_the_catalogue_and_each_call_from_there() {
    let (server, id) = with_a_call();
    let before = support::files_below(&server.data());
    let site = Site::start(&server, &["127.0.0.1:0"]);
    let entered = site.ask(&site.entry, "");
    assert_eq!(status(&entered), "303");
    for line in [
        "location: /\r\n",
        "; HttpOnly; SameSite=Strict\r\n",
        "cache-control: no-store\r\n",
    ] {
        assert!(entered.contains(line), "{line:?} in {entered}");
    }
    let cookie = site.cookie();
    let calls = site.ask("/", &cookie);
    assert!(
        status(&calls) == "200" && calls.contains(&format!("href=\"/calls/{}\"", id.replace('-', "%2D"))),
        "{calls}"
    );
    let call = site.ask(&format!("/calls/{id}"), &cookie);
    assert!(
        status(&call) == "200" && call.contains("<script type=\"application/octet-stream\""),
        "{call:.400}"
    );
    assert!(!call.contains("onerror=alert"), "what a dump holds is no markup");
    for answer in [&calls, &call] {
        let head = answer.split("\r\n\r\n").next().expect("a head");
        for line in [
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "frame-ancestors 'none'",
            "default-src 'none'",
        ] {
            assert!(head.contains(line), "{line} in {head}");
        }
    }
    let dump = site.ask(&format!("/calls/{id}/dump"), &cookie);
    assert!(
        dump.contains("attachment; filename=") && dump.contains("content-length: "),
        "{dump:.300}"
    );
    let found = site.ask("/?user=nobody", &cookie);
    assert!(found.contains("No stored call matches"), "{found}");
    assert_eq!(status(&site.ask("/?since=soon", &cookie)), "400");
    assert_eq!(status(&site.ask(&format!("/compare?id={id}&id={id}"), &cookie)), "200");
    for (path, expected) in [
        ("/compare".to_owned(), "400"),
        (format!("/compare?id={id}"), "400"),
        (format!("/compare?id={id}&id={id}&id={id}"), "400"),
        (format!("/compare?id={id}&id=../x"), "404"),
    ] {
        assert_eq!(status(&site.ask(&path, &cookie)), expected, "{path}");
    }
    drop(site);
    assert_eq!(support::files_below(&server.data()), before, "nothing was written");
}

#[test]
fn nobody_else_is_let_in_and_nothing_but_a_call_can_be_named() {
    let (server, id) = with_a_call();
    let site = Site::start(&server, &["127.0.0.1:0"]);
    let call = format!("/calls/{id}");
    for path in ["/", "/style.css", &call, "/?token=AAAA", "/nowhere"] {
        let answer = site.ask(path, "");
        assert!(
            status(&answer) == "401" && !answer.contains("set-cookie"),
            "{path}: {answer}"
        );
    }
    let cookie = site.cookie();
    let stranger = |further: &str| site.ask(&call, &format!("{cookie}{further}"));
    assert_eq!(status(&stranger("Origin: http://evil.example\r\n")), "403");
    assert_eq!(
        status(&stranger("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n")),
        "403"
    );
    let stream = TcpStream::connect(&site.authority).expect("it listens");
    let rebound = format!("GET / HTTP/1.1\r\nHost: evil.example\r\n{CLOSE}{cookie}\r\n");
    assert_eq!(status(&told(stream, &rebound)), "421");
    let stream = TcpStream::connect(&site.authority).expect("it listens");
    let post = format!(
        "POST / HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\n{CLOSE}{cookie}\r\n",
        site.authority
    );
    assert_eq!(status(&told(stream, &post)), "405");
    for path in [
        "/calls/..%2F..%2Fetc%2Fpasswd",
        "/calls/file%3A%2F%2F%2Fetc%2Fpasswd",
        "/calls/%00",
        "/calls/",
        "/calls/0190e0a0-0000-7000-8000-000000000000",
        "/calls/1'%20OR%20'1'%3D'1",
        "/../../etc/passwd",
    ] {
        assert_eq!(status(&site.ask(path, &cookie)), "404", "{path}");
    }
}

#[test]
fn it_listens_on_this_machine_alone_and_on_a_socket_of_ones_own() {
    let (server, _) = with_a_call();
    let refused = Told::from(server.run(&["view", "--listen", "0.0.0.0:0"]));
    assert!(
        refused.code == 2 && refused.err.contains("can be reached from other machines"),
        "{refused:?}"
    );
    let path = server.data().with_file_name("view.sock");
    let site = Site::start(&server, &[&format!("unix:{}", path.display())]);
    let request = format!("GET {} HTTP/1.1\r\nHost: localhost\r\n{CLOSE}\r\n", site.entry);
    let entered = told(UnixStream::connect(&path).expect("it listens"), &request);
    assert_eq!(status(&entered), "303");
}
