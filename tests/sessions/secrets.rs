//! Tokens, passwords and keys in every place where a client or a page may put them: nothing of them is stored.

use support::raw::upgrade;
use support::{Dump, Raw, Server, wait_until};

const SECRET: &str = "a secret of thirty-two bytes....";
/// A secret that has no form by which it could be known, only a name in front.
const NAMELESS: &str = "hunter2hunter2";

fn server() -> Server {
    Server::start(&[("RTCSTATS_AUTHORIZATION__JWT_SECRET", SECRET)])
}

fn token(server: &Server) -> String {
    let output = server.run(&["token", "--user", "alice.smith"]);
    String::from_utf8(output.stdout).expect("ASCII").trim().to_owned()
}

/// Percent-encodes every byte, so that the dots of a token are hidden too.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Puts the token, the rest of a token behind `eyJ`, the encoded token and the other secret into their places.
fn filled(text: &str, token: &str) -> String {
    let rest = token.strip_prefix("eyJ").expect("a header is an object");
    text.replace("<N>", NAMELESS)
        .replace("<R>", rest)
        .replace("<P>", &escaped(token))
        .replace("<T>", token)
}

/// Runs a session with these header lines and messages, and waits until the server has ended it.
fn session(server: &Server, token: &str, target: &str, further: &str, messages: &[String]) {
    let mut raw = Raw::connect(server.address());
    raw.write(&upgrade(target, &format!("Authorization: Bearer {token}\r\n{further}")));
    let head = raw.head();
    assert!(head.starts_with("HTTP/1.1 101 "), "{target}: {head}");
    raw.text("[\"x\",null,1,1]");
    messages.iter().for_each(|message| raw.text(message));
    raw.sync();
}

/// Everything that is kept of the sessions: dumps, rows, and what `find` prints.
fn kept(server: &Server, sessions: usize) -> String {
    let dumps: Vec<Dump> = server.delivered(sessions);
    let mut kept: Vec<String> = dumps.iter().flat_map(|dump| dump.lines.clone()).collect();
    kept.extend(server.rows().iter().map(|row| row.metadata.to_string()));
    for arguments in [&["find", "--limit", "1000"][..], &["find", "--limit", "1000", "--json"]] {
        kept.push(String::from_utf8(server.run(arguments).stdout).expect("UTF-8"));
    }
    kept.join("\n")
}

#[track_caller]
fn assert_gone(kept: &str, token: &str) {
    let parts = token.split('.').skip(1);
    for secret in parts.chain([NAMELESS]) {
        for spelling in [secret.to_owned(), escaped(secret)] {
            let at = kept.find(&spelling);
            let shown = at.map(|at| &kept[at.saturating_sub(200)..(at + 40).min(kept.len())]);
            assert_eq!(shown, None);
        }
    }
}

/// Targets of requests; see `filled`.
const TARGETS: [&str; 25] = [
    "/room?jwt=<T>",
    "/room?x=1&access_token=<T>",
    "/<T>",
    "/room#access_token=<T>",
    "/room?rtcstats-token=<T>&jwt=<T>",
    // Of the same kind: other spellings of a token, other places in a URL.
    "/room?jwt=<P>",
    "/<P>/room",
    "/room?<T>",
    "/room?x=<T>;y=1",
    "/room?next=https%3A%2F%2Fmeet.example.org%2F%3Fstate%3D<T>",
    "/room;<T>/live",
    "/room/v<T>",
    // Named values of any form.
    "/room?password=<N>",
    "/room?x=1&Secret=<N>&y=2",
    "/room?key=<N>#top",
    "/room?sig=<N>&x=1",
    "/room#token=<N>",
    "/room;pwd=<N>/live",
    "/room?user%5Bpassword%5D=<N>",
    "/room?X-Amz-Signature=<N>",
    "/room?p%61ssword=<N>",
    "/room?api-key=<N>",
    "/room?next=%2Fjoin%3Fclient_secret%3D<N>%26x%3D1",
    "/room?jwt=<N>?<N>;<N>",
    "/room?next=https%3A%2F%2Falice%3A<N>%40host%2F",
];

#[test]
fn no_secret_of_a_url_is_kept() {
    let server = server();
    let token = token(&server);
    for target in TARGETS {
        let target = filled(target, &token);
        session(&server, &token, &target, "", &[]);
    }
    // What is not secret stays.
    session(
        &server,
        &token,
        "/room?code=room-7&conference=weekly&monkey=1#top",
        "",
        &[],
    );
    let kept = kept(&server, TARGETS.len() + 1);
    assert_gone(&kept, &token);
    assert!(
        kept.contains("/room?code=room-7&conference=weekly&monkey=1#top"),
        "{kept}"
    );
    assert!(kept.contains("/room?x=1&Secret=obfuscated&y=2"), "{kept}");
}

#[test]
fn no_token_of_a_header_is_kept() {
    let server = server();
    let token = token(&server);
    let headers = [
        format!("Origin: https://meet.example.org/?jwt={token}\r\n"),
        format!("Origin: {token}\r\n"),
        format!("User-Agent: Mozilla/5.0 ({token}) Chrome/156.0.0.0\r\n"),
        format!("User-Agent: app?password={NAMELESS}\r\n"),
        format!("Sec-WebSocket-Protocol: {token}, rtcstats#5.0\r\n"),
        format!("Sec-WebSocket-Protocol: access.{token}\r\n"),
    ];
    for header in &headers {
        session(&server, &token, "/room", header, &[]);
    }
    let kept = kept(&server, headers.len());
    assert_gone(&kept, &token);
    assert!(kept.contains("Chrome/156.0.0.0"), "{kept}");
}

#[test]
fn no_secret_of_an_event_is_kept() {
    let server = server();
    let token = token(&server);
    let events = [
        r#"["location",null,"https://meet.example.org/room?jwt=<T>#access_token=<T>",1]"#,
        r#"["location",null,{"href":"/join?password=<N>&x=1","search":"?password=<N>","hash":"\u0023token=<N>"},1]"#,
        r#"["note",null,"Bearer <T>",1]"#,
        r#"["note",null,{"<T>":[["<T>"]]},1]"#,
        r#"["note",null,"{\"url\":\"/x?secret=<N>\",\"b\":\"<T>\"}",1]"#,
        r#"["note",null,"next=<P>",1]"#,
        r#"["note",null,"\u0065yJ<R>",1]"#,
        r#"["cut",null,"/x?jwt=<T>"#,
        r#"<T>"#,
        r#"{"jwt":"<T>"}"#,
    ];
    let events = events.map(|event| filled(event, &token));
    session(&server, &token, "/room", "", &events);
    let kept = kept(&server, 1);
    assert_gone(&kept, &token);
    assert!(kept.contains("/join?password=obfuscated&x=1"), "{kept}");
}

const SDP: &str = "v=0\r\no=alice.smith 4711 2 IN IP4 127.0.0.1\r\ns=Call of Alice Smith\r\ni=about Alice Smith\r\n\
    u=https://alice.example/smith\r\ne=alice@smith.example\r\np=+49 30 1234567\r\nk=clear:NNN\r\nt=0 0\r\n\
    a=key-mgmt:mikey NNN\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\ni=microphone of Alice Smith\r\nk=base64:NNN\r\n\
    a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:NNN|2^20|1:32\r\na=identity:NNN\r\na=ice-pwd:this-one-stays-0000\r\n\
    a=ssrc:1 cname:alice.smith@laptop.example\r\na=ssrc:2 cname:Bc3JI+nko5DQnVeV\r\n";

#[test]
fn no_media_key_and_no_name_of_a_description_is_kept() {
    let server = server();
    let token = token(&server);
    let key = "MzU4OWJmNTQ5YTNjMmU4ZDEyMzQ1Njc4OTBhYmNkZWYx";
    let sdp = SDP.replace("NNN", key);
    let compressed = sdp.split_once("m=").expect("a section").1;
    let json = |value: &str| serde_json::to_string(value).expect("text is JSON");
    let description =
        |method: &str, sdp: &str| format!(r#"[{method},"PC_0",{{"type":"offer","sdp":{}}},1]"#, json(sdp));
    let whole = description("3", &sdp);
    let mut events: Vec<String> = ["3", "5", "6", "7", "8", "\"setLocalDescription\"", "\"custom\""]
        .iter()
        .map(|method| description(method, &sdp))
        .collect();
    // The first section is that of an earlier description.
    events.push(description("6", &format!("v=\r\nm={compressed}")));
    events.push(description("7", &sdp.replace("\r\n", "\n")));
    events.push(format!(r#"["signal",null,{},1]"#, json(&whole)));
    events.push(whole[..whole.len() - 8].to_owned());
    session(&server, &token, "/room", "", &events);
    let kept = kept(&server, 1);
    for personal in [
        key,
        "alice.smith@",
        "alice.smith 4711",
        "Alice Smith",
        "1234567",
        "smith.example",
        "alice.example",
    ] {
        assert!(!kept.contains(personal), "{personal} in {kept}");
    }
    for stays in [
        "ice-pwd:this-one-stays-0000",
        "cname:Bc3JI+nko5DQnVeV",
        "cname:x@laptop.example",
        "UDP/TLS/RTP/SAVPF 111",
    ] {
        assert_eq!(kept.matches(stays).count(), events.len(), "{stays} in {kept}");
    }
    wait_until("an empty spool", || server.spooled().is_empty());
}
