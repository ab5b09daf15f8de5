//! Nothing personal leaves. Every personal text in the recorded dumps and their requests is searched for in every byte
//! that the real binary puts out: stored dumps, catalogue, log at trace level, `find`, file names, notes. This holds
//! whatever becomes of the session.
//!
//! `leak/allowed.rs` says which addresses may stay, by their place. Claims may stand only in rows and keys. While a
//! session lives, and until its dump is packed, the spool contains it unmasked by design; during this time only its
//! owner may read it. Two tests show that the search does find: once with masking switched off, and once with a secret
//! planted in each output.

mod allowed;
mod control;
mod faults;
mod outputs;
mod permissions;
mod secrets;
mod sessions;

use std::sync::Mutex;

use support::wire::{Bytes, close_payload};
use support::{Client, Recorded, Server, wait_until};

use secrets::{Kind, Secrets};

/// One way of cutting the bytes is enough here; `tests/sessions/replay.rs` has the others.
const SPLIT: usize = 65_536;

/// A server with every feature switched on that handles personal data.
fn server(dumps: &[Recorded], further: &[(&str, &str)]) -> Server {
    let origins: Vec<&str> = dumps.iter().map(|dump| dump.text("origin")).collect();
    let (message_bytes, dump_bytes) = (sessions::MESSAGE_BYTES.to_string(), sessions::DUMP_BYTES.to_string());
    let origins = origins.join(",");
    let mut environment = vec![
        ("RTCSTATS_LOG__LEVEL", "trace"),
        ("RTCSTATS_AUTHORIZATION__JWT_SECRET", sessions::JWT_SECRET),
        ("RTCSTATS_SERVER__ALLOWED_ORIGINS", &origins),
        (
            "RTCSTATS_STORAGE__DIRECTORY__KEY",
            "{conference}/{user}/{session}-{id}.jsonl.gz",
        ),
        ("RTCSTATS_LIMITS__MESSAGE_BYTES", &message_bytes),
        ("RTCSTATS_LIMITS__DUMP_BYTES", &dump_bytes),
    ];
    environment.extend(further);
    Server::start(&environment)
}

/// Sends the sessions, two at a time, and gives each answer to `check`.
fn send(server: &Server, sessions: &[&Bytes], check: impl Fn(usize, &[u8]) + Sync) {
    let queue = Mutex::new(sessions.iter().enumerate());
    let next = || queue.lock().expect("no holder panics").next();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((number, session)) = next() {
                    check(number, &session.send(server.address(), SPLIT));
                }
            });
        }
    });
}

fn close_code(answer: &[u8]) -> Option<u16> {
    let code = close_payload(answer)?.first_chunk::<2>()?;
    Some(u16::from_be_bytes(*code))
}

/// Waits until the sync has removed from the spool what has been stored.
fn wait_until_nothing_is_spooled(server: &Server) {
    wait_until("an empty spool", || server.spooled().is_empty());
}

fn assert_clean(findings: &[String]) {
    let shown: Vec<&String> = findings.iter().take(20).collect();
    assert!(findings.is_empty(), "{} leaks, among them {shown:#?}", findings.len());
}

#[test]
fn nothing_personal_leaves() {
    let dumps = Recorded::all();
    let mut server = server(&dumps, &[]);
    let mut secrets = Secrets::default();
    let token = sessions::token(&server, &mut secrets);
    let origin = dumps[0].text("origin").to_owned();
    let recorded = sessions::recorded(&dumps, &token, &mut secrets);
    send(&server, &recorded.iter().collect::<Vec<_>>(), |number, answer| {
        assert_eq!(close_code(answer), Some(1000), "{}", dumps[number].name);
    });
    let badly = sessions::ending_badly(&token, &origin, &mut secrets);
    send(
        &server,
        &badly.iter().map(|(_, bytes)| bytes).collect::<Vec<_>>(),
        |_, answer| {
            assert!(answer.starts_with(b"HTTP/1.1 101 "));
        },
    );
    let refused = sessions::refused(&server, &token, &origin, &mut secrets);
    send(&server, &refused.iter().collect::<Vec<_>>(), |number, answer| {
        assert_eq!(close_code(answer), Some(1008), "refused session {number}");
    });
    let requests = sessions::bad_requests(&token, &mut secrets);
    send(
        &server,
        &requests.iter().map(|(_, bytes)| bytes).collect::<Vec<_>>(),
        |number, answer| {
            let status = String::from_utf8_lossy(answer).split(' ').nth(1).map(str::to_owned);
            assert_eq!(status.as_deref(), Some(requests[number].0), "request {number}");
        },
    );
    // Without the session that had no message.
    let mut expected = dumps.len() - 1 + badly.len();
    expected += cut_off(&mut server, &token, &origin, &mut secrets);
    let stored = server.delivered(expected);
    let mut codes: Vec<u64> = stored
        .iter()
        .map(|dump| dump.close_code())
        .filter(|code| *code != 1000)
        .collect();
    codes.sort_unstable();
    let mut sent: Vec<u64> = badly
        .iter()
        .map(|(code, _)| u64::from(*code))
        .filter(|code| *code != 1000)
        .collect();
    sent.push(1006);
    sent.sort_unstable();
    assert_eq!(codes, sent, "close codes of the sessions that ended badly");
    wait_until_nothing_is_spooled(&server);
    permissions::check(&server.data());
    for kind in [Kind::Label, Kind::User, Kind::Token, Kind::Claim] {
        assert!(secrets.count(kind) >= 3, "too few to look for: {kind:?}");
    }
    assert!(
        secrets.addresses.len() > 150,
        "only {} addresses",
        secrets.addresses.len()
    );
    assert_clean(&outputs::search(&server, &secrets.search()));
}

/// Runs a session whose server is killed; the next start recovers its dump. Returns how many dumps that makes.
fn cut_off(server: &mut Server, token: &str, origin: &str, secrets: &mut Secrets) -> usize {
    let zoo = Recorded::named("derived-address-zoo");
    secrets.recorded(&zoo);
    let path = format!("/203.0.113.201?rtcstats-token={token}");
    secrets.text("203.0.113.201 203.0.113.202");
    let headers = [("Origin", origin), ("X-Forwarded-For", "203.0.113.202")];
    let mut client = Client::open_with(server.address(), &path, &headers).expect("the token is good");
    zoo.messages.iter().for_each(|message| client.send(message));
    client.sync();
    permissions::check(&server.data());
    assert!(!server.spooled().is_empty(), "a live session has a file");
    server.kill();
    server.restart();
    1
}
