//! Who is let in, and who is not.

use hyper::Request;

use super::*;

fn doorkeeper(public: Option<&str>) -> Doorkeeper {
    Doorkeeper::new(public.map(|url| Url::parse(url).unwrap())).unwrap()
}

fn entry(doorkeeper: &Doorkeeper, uri: &str, headers: &[(&str, &str)]) -> Entry {
    let request = headers.iter().fold(Request::get(uri), |request, (name, value)| {
        request.header(*name, *value)
    });
    doorkeeper.judge(&request.body(()).unwrap().into_parts().0)
}

fn cookie(doorkeeper: &Doorkeeper) -> String {
    doorkeeper.set_cookie().split(';').next().unwrap().to_owned()
}

#[test]
fn the_token_is_exchanged_for_a_cookie_which_lets_in() {
    let doorkeeper = doorkeeper(None);
    let url = doorkeeper.url("127.0.0.1:9464");
    let uri = url.strip_prefix("http://127.0.0.1:9464").unwrap();
    let host = ("host", "127.0.0.1:9464");
    assert_eq!(entry(&doorkeeper, uri, &[host]), Entry::Exchange);
    assert_eq!(entry(&doorkeeper, "/", &[host]), Entry::Refused(Refusal::Unknown));
    assert_eq!(
        entry(&doorkeeper, "/", &[host, ("cookie", &cookie(&doorkeeper))]),
        Entry::Granted
    );
    let among = format!("a=b; {}; c", cookie(&doorkeeper));
    assert_eq!(
        entry(&doorkeeper, "/", &[host, ("cookie", "x"), ("cookie", &among)]),
        Entry::Granted
    );
    assert!(
        doorkeeper.set_cookie().ends_with("; Path=/; HttpOnly; SameSite=Strict"),
        "{}",
        doorkeeper.set_cookie()
    );
}

#[test]
fn what_is_not_the_secret_does_not_let_in() {
    let (doorkeeper, other) = (doorkeeper(None), doorkeeper(None));
    let host = ("host", "localhost");
    let (name, value) = cookie(&doorkeeper)
        .split_once('=')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let token = doorkeeper.token.clone();
    let wrong = [
        cookie(&other),
        format!("{name}={}", &value[1..]),
        format!("{name}={value}x"),
        format!("{name}={token}"),
        format!("{name}="),
        format!("x{name}={value}"),
    ];
    for wrong in wrong {
        assert_eq!(
            entry(&doorkeeper, "/", &[host, ("cookie", &wrong)]),
            Entry::Refused(Refusal::Unknown),
            "{wrong}"
        );
    }
    let cookie = ("cookie", &*cookie(&doorkeeper));
    for wrong in [&other.token, &value, &token[1..].to_owned(), &format!("{token}A")] {
        let uri = format!("/?token={wrong}");
        assert_eq!(
            entry(&doorkeeper, &uri, &[host, cookie]),
            Entry::Refused(Refusal::Unknown),
            "a wrong token is told"
        );
    }
    assert!(!format!("{doorkeeper:?}").contains(&token) && !format!("{doorkeeper:?}").contains(&value));
}

#[test]
fn only_names_of_this_machine_are_ours() {
    let doorkeeper = doorkeeper(None);
    let cookie = cookie(&doorkeeper);
    let judged = |host: &str| entry(&doorkeeper, "/", &[("host", host), ("cookie", &cookie)]);
    for host in [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1:9464",
        "127.9.9.9",
        "[::1]:80",
        "[::1]",
    ] {
        assert_eq!(judged(host), Entry::Granted, "{host}");
    }
    let others = [
        "example.org",
        "localhost.example.org",
        "127.0.0.1.nip.io",
        "192.0.2.1",
        "0.0.0.0",
        "[::]",
        "a@localhost",
        "localhost/x",
        "localhost:99999",
        "",
        " ",
    ];
    for host in others {
        assert_eq!(judged(host), Entry::Refused(Refusal::Host), "{host}");
    }
    let twice = [("host", "localhost"), ("host", "localhost"), ("cookie", &*cookie)];
    assert_eq!(entry(&doorkeeper, "/", &twice), Entry::Refused(Refusal::Host));
    assert_eq!(
        entry(&doorkeeper, "/", &[("cookie", &*cookie)]),
        Entry::Refused(Refusal::Host)
    );
}

#[test]
fn what_the_page_of_another_site_has_caused_is_refused() {
    let doorkeeper = doorkeeper(None);
    let cookie = cookie(&doorkeeper);
    let judged = |more: &[(&str, &str)]| {
        let headers = [&[("host", "localhost:9464"), ("cookie", &cookie)], more].concat();
        entry(&doorkeeper, "/", &headers)
    };
    assert_eq!(judged(&[("origin", "http://localhost:9464")]), Entry::Granted);
    assert_eq!(
        judged(&[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")]),
        Entry::Granted
    );
    assert_eq!(
        judged(&[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")]),
        Entry::Granted
    );
    assert_eq!(
        judged(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]),
        Entry::Granted
    );
    for origin in [
        "http://localhost:9465",
        "https://localhost:9464",
        "http://127.0.0.1:9464",
        "null",
        "http://evil.example",
    ] {
        assert_eq!(
            judged(&[("origin", origin)]),
            Entry::Refused(Refusal::Origin),
            "{origin}"
        );
    }
    for mode in ["cors", "no-cors", "websocket"] {
        for site in ["cross-site", "same-site"] {
            let headers = [("sec-fetch-site", site), ("sec-fetch-mode", mode)];
            assert_eq!(judged(&headers), Entry::Refused(Refusal::Origin), "{site} {mode}");
        }
    }
}

#[test]
fn a_public_address_is_ours_as_well_and_its_cookie_never_goes_unencrypted() {
    let doorkeeper = doorkeeper(Some("https://calls.example/"));
    assert!(
        doorkeeper
            .url("127.0.0.1:9464")
            .starts_with("https://calls.example/?token=")
    );
    assert!(doorkeeper.set_cookie().ends_with("; Secure"));
    let cookie = cookie(&doorkeeper);
    let judged = |host: &str, origin: &str| {
        entry(
            &doorkeeper,
            "/",
            &[("host", host), ("origin", origin), ("cookie", &cookie)],
        )
    };
    assert_eq!(judged("calls.example", "https://calls.example"), Entry::Granted);
    assert_eq!(judged("calls.example:443", "https://calls.example"), Entry::Granted);
    assert_eq!(
        judged("calls.example", "http://calls.example"),
        Entry::Refused(Refusal::Origin)
    );
    assert_eq!(
        judged("calls.example:444", "https://calls.example:444"),
        Entry::Refused(Refusal::Host)
    );
    assert_eq!(judged("localhost:1", "http://localhost:1"), Entry::Granted);
}
