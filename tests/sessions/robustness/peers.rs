//! Peers that are too many, silent, slow, greedy or do not read, and what other peers notice of them: nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use support::raw::{CLOSE, PING, PONG, TEXT, fragment, frame, frame_head};
use support::{Raw, Server, wait_for, wait_until};

#[test]
fn connections_beyond_the_limit_are_refused_in_words() {
    let server = Server::start(&[("RTCSTATS_SERVER__MAX_CONNECTIONS", "3")]);
    let mut sessions: Vec<Raw> = (0..3).map(|_| Raw::open(server.address())).collect();
    for _ in 0..5 {
        let refusal = Raw::try_open(server.address()).err().expect("there is no room");
        assert!(refusal.starts_with("HTTP/1.1 503 "), "{refusal}");
        assert!(refusal.contains("Retry-After: "), "{refusal}");
    }
    assert!(server.get("/healthcheck").starts_with("HTTP/1.1 503 "));
    for session in &mut sessions {
        session.text("[\"still\",null,\"here\",0]");
        session.sync();
    }
    drop(sessions.pop());
    let mut next = wait_for("room for another session", || Raw::try_open(server.address()).ok());
    next.sync();
}

/// Many connections that never send anything fill every slot. Those behind them are accepted when the time is up.
#[test]
fn slow_heads_do_not_keep_a_session_from_anything() {
    let server = Server::start(&[("RTCSTATS_LIMITS__HEAD_TIME", "1s")]);
    let mut session = Raw::open(server.address());
    let mut slow: Vec<Raw> = (0..100).map(|_| Raw::connect(server.address())).collect();
    // Further bytes must not gain more time.
    let begin = std::time::Instant::now();
    while slow.iter_mut().all(|raw| raw.try_write(b"GET").is_ok()) && begin.elapsed() < Duration::from_secs(60) {
        session.text("[1]");
        session.sync();
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(
        begin.elapsed() < Duration::from_secs(60),
        "slow heads are never given up"
    );
    session.sync();
    // Bytes that came after the answer can cause a reset before the peer has read it; most peers have read it by then.
    let told = slow
        .iter_mut()
        .map(Raw::rest)
        .filter(|answer| answer.starts_with("HTTP/1.1 408 "))
        .count();
    assert!(told > 0, "nobody was told why");
}

#[test]
fn a_silent_peer_is_pinged_and_then_given_up() {
    let server = Server::start(&[
        ("RTCSTATS_LIMITS__PING_INTERVAL", "200ms"),
        ("RTCSTATS_LIMITS__IDLE_TIME", "700ms"),
    ]);
    let mut silent = Raw::open(server.address());
    silent.text("[\"last\",null,\"words\",0]");
    let mut kinds = Vec::new();
    while let Some(frame) = silent.frame() {
        if frame.opcode == CLOSE {
            assert_eq!(frame.code(), Some(1001));
        }
        kinds.push(frame.opcode);
    }
    assert_eq!(kinds, [PING, CLOSE]);
    let dumps = server.delivered(1);
    assert_eq!((dumps[0].messages().len(), dumps[0].close_code()), (1, 1001));
}

#[test]
fn a_peer_that_answers_pings_stays() {
    let server = Server::start(&[
        ("RTCSTATS_LIMITS__PING_INTERVAL", "250ms"),
        ("RTCSTATS_LIMITS__IDLE_TIME", "5s"),
    ]);
    let mut peer = Raw::open(server.address());
    // Longer than the idle time, measured in pings instead of seconds.
    for number in 0..25 {
        let ping = peer.frame().unwrap_or_else(|| panic!("ended before ping {number}"));
        assert_eq!(ping.opcode, PING, "ping {number}");
        peer.write(&frame(PONG, &ping.payload));
    }
    peer.text("[\"alive\",null,null,0]");
    peer.sync();
    drop(peer);
    assert_eq!(server.delivered(1)[0].close_code(), 1006);
}

/// A process that was stopped (a paused machine, a debugger) finds deadlines that have passed, but the peers were not
/// to blame for that silence.
#[test]
fn a_server_that_stood_still_asks_before_it_gives_up() {
    let server = Server::start(&[
        ("RTCSTATS_LIMITS__PING_INTERVAL", "2900ms"),
        ("RTCSTATS_LIMITS__IDLE_TIME", "3s"),
    ]);
    let mut quiet = Raw::open(server.address());
    quiet.text("[\"quiet\",null,null,0]");
    quiet.sync();
    server.signal(rustix::process::Signal::STOP);
    std::thread::sleep(Duration::from_secs(4));
    server.signal(rustix::process::Signal::CONT);
    let first = quiet.frame().expect("the session goes on");
    assert_eq!(first.opcode, PING, "{first:?}");
    quiet.write(&frame(PONG, &first.payload));
    quiet.sync();
}

/// Pongs that nobody reads must not pile up.
#[test]
fn a_peer_that_never_reads_is_cut() {
    let server = Server::start(&[]);
    let mut deaf = Raw::open(server.address());
    deaf.text("[\"deaf\",null,null,0]");
    let pings = frame(PING, &[b'p'; 125]).repeat(500);
    let enough = (512 << 20) / pings.len();
    let written = (0..enough).take_while(|_| deaf.try_write(&pings).is_ok()).count();
    assert!(written < enough, "512 MiB of pings were answered");
    let dumps = server.delivered(1);
    assert_eq!((dumps[0].messages().len(), dumps[0].close_code()), (1, 1006));
}

/// While one peer sends as fast as it can, the pings of the other are answered.
#[test]
fn a_flood_starves_nobody() {
    let server = Server::start(&[]);
    let (stop, chunks) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut flood = Raw::open(server.address());
    let mut calm = Raw::open(server.address());
    let flooding = {
        let (stop, chunks) = (Arc::clone(&stop), Arc::clone(&chunks));
        let lines = frame(TEXT, b"[1]").repeat(10_000);
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                flood.write(&lines);
                chunks.fetch_add(1, Ordering::Relaxed);
            }
            flood.sync();
        })
    };
    let mut rounds = 0;
    while rounds < 20 {
        let before = chunks.load(Ordering::Relaxed);
        calm.text("[\"calm\",null,null,0]");
        calm.sync();
        // Only those pongs count that came while the flood was going on.
        wait_until("the flood to go on", || chunks.load(Ordering::Relaxed) > before);
        rounds += 1;
    }
    stop.store(true, Ordering::Relaxed);
    flooding.join().unwrap();
    let sent = chunks.load(Ordering::Relaxed) as usize * 10_000;
    drop(calm);
    let mut counts: Vec<usize> = server.delivered(2).iter().map(|dump| dump.messages().len()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [20, sent]);
}

/// Unfinished messages may only take a certain amount of memory in total. If it is exceeded, the largest has to go.
#[test]
fn of_too_many_unfinished_messages_the_largest_goes() {
    let server = Server::start(&[
        ("RTCSTATS_LIMITS__MESSAGE_BYTES", "1MiB"),
        ("RTCSTATS_LIMITS__PARTIAL_BYTES", "1MiB"),
    ]);
    let sizes = [300 << 10, 400 << 10, 200 << 10];
    let begin = |size: usize| {
        let mut raw = Raw::open(server.address());
        raw.text(&format!("[\"size\",null,{size},0]"));
        raw.sync();
        let mut bytes = frame_head(TEXT, size);
        bytes.resize(bytes.len() + size, b'z');
        raw.write(&bytes);
        raw.sync();
        raw
    };
    let mut peers: Vec<Raw> = sizes.into_iter().map(begin).collect();
    // 900 KiB are within the limit. 150 KiB more are not, on whichever connection they come.
    let mut last = begin(150 << 10);
    assert_eq!(peers[1].closed(), Some(1013));
    drop(peers.remove(1));
    for raw in peers.iter_mut().chain([&mut last]) {
        raw.write(&fragment(0x80, b"z"));
        raw.sync();
        raw.finish();
        assert_eq!(raw.closed(), None);
    }
    let mut found: Vec<_> = server
        .delivered(4)
        .iter()
        .map(|dump| (dump.messages()[0].clone(), dump.messages().len(), dump.close_code()))
        .collect();
    found.sort_by_key(|(_, _, code)| *code);
    let (others, largest) = found.split_at(3);
    assert!(
        others.iter().all(|(_, messages, code)| (*messages, *code) == (2, 1006)),
        "{found:?}"
    );
    assert_eq!(largest, [(format!("[\"size\",null,{},0]", 400 << 10), 1, 1013)]);
}

/// A refused connection occupies a slot only for a moment, whatever it does then.
#[test]
fn peers_that_stay_after_their_answer_are_dropped() {
    let server = Server::start(&[("RTCSTATS_LIMITS__CLOSE_TIME", "300ms")]);
    let before = super::process::descriptors(&server);
    let mut staying: Vec<Raw> = (0..50).map(|_| Raw::connect(server.address())).collect();
    for raw in &mut staying {
        raw.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(raw.rest().starts_with("HTTP/1.1 404 "));
    }
    wait_until("the sockets to be closed", || {
        super::process::descriptors(&server) <= before
    });
}
