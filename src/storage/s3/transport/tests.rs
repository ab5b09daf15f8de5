//! Requests over real sockets: what is sent, which way it goes, and what each end of an answer comes to.
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread::{self, JoinHandle};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use support::certificate::certificate;
use support::moto::Certificate;

use super::*;

/// Answers each connection with the next of these texts, and gives back the heads that came.
fn server(answers: &[&str]) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answers: Vec<String> = answers.iter().map(|answer| (*answer).to_owned()).collect();
    let heads = move || {
        answers
            .iter()
            .map(|answer| serve(listener.accept().unwrap().0, answer))
            .collect()
    };
    (port, thread::spawn(heads))
}

fn serve(stream: TcpStream, answer: &str) -> String {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    reader.get_mut().write_all(answer.as_bytes()).unwrap();
    head
}

fn asked(transport: &Transport, origin: &str) -> Result<Answer, Unanswered> {
    let origin = Origin::parse(origin).unwrap();
    let headers = [("x-one".to_owned(), "1".to_owned())];
    transport.ask(&Request {
        method: Method::Put,
        origin: &origin,
        target: "/dumps/a%2Fb?uploadId=AB%2Bc%2Fd%3D%3D",
        headers: &headers,
        body: b"body",
        time: Duration::from_secs(20),
        answer_bytes: 8,
    })
}

fn over(proxy: &str) -> Transport {
    Transport {
        proxies: Proxies::of(&[("all_proxy", proxy)]),
        dialler: Dialler::default(),
        tls: Mutex::new(None),
    }
}

fn without_proxy() -> Transport {
    over("")
}

#[test]
fn the_target_is_sent_as_it_was_given() {
    let (port, heads) = server(&["HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 20\r\n\r\n01234567890123456789"]);
    let answer = asked(&without_proxy(), &format!("http://127.0.0.1:{port}")).unwrap();
    assert_eq!((answer.status, answer.header("etag")), (200, Some("\"x\"")));
    assert_eq!(answer.body, b"01234567");
    assert_eq!(
        heads.join().unwrap(),
        [format!(
            "PUT /dumps/a%2Fb?uploadId=AB%2Bc%2Fd%3D%3D HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nx-one: 1\r\n\
             Content-Length: 4\r\nUser-Agent: rtcstats-server\r\nConnection: close\r\n\r\n"
        )]
    );
}

#[test]
fn no_redirect_is_followed() {
    const CASES: [&str; 5] = [
        "301 Moved\r\nx-amz-bucket-region: eu-west-1",
        "307 X\r\nLocation: http://127.0.0.1:1/elsewhere",
        "302 X\r\nLocation: /login",
        "303 X\r\nLocation: https://127.0.0.1:1/",
        "308 X\r\nLocation: //127.0.0.1:1/",
    ];
    for case in CASES {
        let (port, heads) = server(&[&format!("HTTP/1.1 {case}\r\nContent-Length: 0\r\n\r\n")]);
        let answer = asked(&without_proxy(), &format!("http://127.0.0.1:{port}")).unwrap();
        assert!((301..=308).contains(&answer.status), "{case}");
        assert_eq!(heads.join().unwrap().len(), 1);
    }
}

#[test]
fn a_proxy_gets_the_whole_url_and_the_store_its_own_name() {
    let (port, heads) = server(&["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]);
    let transport = over(&format!("http://u:p%40ss@127.0.0.1:{port}"));
    let answer = asked(&transport, "http://Store.invalid:9000").unwrap();
    assert_eq!(answer.status, 200);
    let head = heads.join().unwrap().remove(0);
    assert!(head.starts_with("PUT http://store.invalid:9000/dumps/a%2Fb?uploadId=AB%2Bc%2Fd%3D%3D HTTP/1.1\r\n"));
    assert!(head.contains("\r\nHost: store.invalid:9000\r\n"), "{head}");
    assert!(head.contains("\r\nProxy-Authorization: Basic dTpwQHNz\r\n"), "{head}");
}

#[test]
fn a_tunnel_is_asked_for_with_the_user_that_the_url_has() {
    for (user, expected) in [("", None), ("u:p%40ss@", Some("dTpwQHNz")), ("u@", Some("dTo="))] {
        let (port, heads) = server(&["HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"]);
        let transport = over(&format!("http://{user}127.0.0.1:{port}"));
        let told = asked(&transport, "https://[::1]:9443").unwrap_err().to_string();
        assert!(told.contains("answered with 407") && !told.contains("p%40ss"), "{told}");
        let head = heads.join().unwrap().remove(0);
        assert!(
            head.starts_with("CONNECT [::1]:9443 HTTP/1.1\r\nHost: [::1]:9443\r\n"),
            "{head}"
        );
        let sent = head
            .lines()
            .find_map(|line| line.strip_prefix("Proxy-Authorization: Basic "));
        assert_eq!(sent, expected);
    }
}

#[test]
fn a_proxy_that_does_not_answer_is_not_gone_around() {
    for (proxy, expected) in [
        (
            "http://127.0.0.1:1",
            "the proxy http://127.0.0.1:1 (all_proxy) does not answer",
        ),
        (
            "http://proxy.invalid:1",
            "the name of the proxy http://proxy.invalid:1 (all_proxy) has no address",
        ),
        ("socks5://127.0.0.1:1", "the proxy of all_proxy cannot be used"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let told = asked(&over(proxy), &origin).unwrap_err().to_string();
        assert!(told.starts_with(expected), "{told}");
        assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}

#[test]
fn what_is_no_answer_is_told_apart() {
    const CASES: [(&str, &str); 4] = [
        ("", "the connection was closed before the answer"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
            "the connection was closed before the answer",
        ),
        (
            "220 mail.example.org ESMTP\r\n",
            "the answer is not one of an S3 server",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "the answer is not one of an S3 server",
        ),
    ];
    for (answer, expected) in CASES {
        let (port, heads) = server(&[answer]);
        let error = asked(&without_proxy(), &format!("http://127.0.0.1:{port}")).unwrap_err();
        assert_eq!(error.to_string(), expected);
        heads.join().unwrap();
    }
}

/// A store that refuses a large body need not read it; one that praises it has not heard it to the end.
#[test]
fn an_answer_that_comes_before_the_body_is_heard_if_it_refuses() {
    const CASES: [(&str, Option<u16>); 4] = [
        ("413 Too Large\r\nContent-Length: 0\r\n\r\n", Some(413)),
        ("403 X\r\nContent-Length: 3\r\n\r\nyes", Some(403)),
        ("200 OK\r\nETag: \"x\"\r\nContent-Length: 0\r\n\r\n", None),
        ("204 X\r\n\r\n", None),
    ];
    let folder = tempfile::tempdir().unwrap();
    let certificate = certificate(&folder, "IP:127.0.0.1");
    let tls = server_config(&certificate);
    for scheme in ["http", "https"] {
        for (answer, expected) in CASES {
            let tls = (scheme == "https").then(|| Arc::clone(&tls));
            let (port, server) = closing_early(tls, answer);
            let transport = trusting(&certificate.authority);
            let got = put_much(&transport, &format!("{scheme}://127.0.0.1:{port}"));
            server.join().unwrap();
            match (got, expected) {
                (Ok(answer), Some(status)) => assert_eq!(answer.status, status, "{scheme} {answer:?}"),
                (Err(Unanswered::Io(_)), None) => {}
                (got, _) => panic!("{scheme} {answer}: {got:?}"),
            }
        }
    }
}

fn put_much(transport: &Transport, origin: &str) -> Result<Answer, Unanswered> {
    let body = vec![0; 32 << 20];
    transport.ask(&Request {
        method: Method::Put,
        origin: &Origin::parse(origin).unwrap(),
        target: "/dumps/a",
        headers: &[],
        body: &body,
        time: Duration::from_secs(60),
        answer_bytes: 8,
    })
}

/// Reads a little of one request, answers and closes.
fn closing_early(tls: Option<Arc<ServerConfig>>, answer: &'static str) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move |stream: &mut dyn ReadWrite| {
        stream.read_exact(&mut [0; 1000]).unwrap();
        stream.write_all(format!("HTTP/1.1 {answer}").as_bytes()).unwrap();
        stream.flush().unwrap();
    };
    let server = move || {
        let mut stream = listener.accept().unwrap().0;
        // Otherwise the answer may wait for the acknowledgement of what TLS sent before it, and a close drops it.
        stream.set_nodelay(true).unwrap();
        match tls {
            None => serve(&mut stream),
            Some(config) => serve(&mut StreamOwned::new(ServerConnection::new(config).unwrap(), stream)),
        }
    };
    (port, thread::spawn(server))
}

trait ReadWrite: Read + Write {}

impl<T: Read + Write> ReadWrite for T {}

fn server_config(certificate: &Certificate) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(&certificate.file).unwrap();
    let chain = chain.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(&certificate.key).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

fn trusting(authority: &Path) -> Transport {
    let client = tls::Client::new(Demands {
        check: Check::Name,
        roots: Some(authority),
        setting: "SSL_CERT_FILE",
        versions: Versions::default(),
        greeting: Greeting::default(),
    });
    Transport {
        tls: Mutex::new(Some((Instant::now(), client.unwrap()))),
        ..without_proxy()
    }
}

#[test]
fn nothing_is_sent_that_would_end_a_line_of_the_head() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let origin = Origin::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    for (target, name, value) in [
        ("/a", "x-amz-security-token", "token\r\nx-evil: 1"),
        ("/a", "authorization", "token\n"),
        ("/a", "x\r\nx-evil", "1"),
        ("/a", "x", "\0"),
        ("/a HTTP/1.1\r\nx-evil: 1\r\n", "x", "1"),
    ] {
        let headers = [(name.to_owned(), value.to_owned())];
        let answer = without_proxy().ask(&Request {
            method: Method::Get,
            origin: &origin,
            target,
            headers: &headers,
            body: &[],
            time: Duration::from_secs(20),
            answer_bytes: 8,
        });
        let told = answer.unwrap_err().to_string();
        assert!(told.contains("control character") && !told.contains("token"), "{told}");
        assert_eq!(listener.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
