//! What becomes of messages: they are in the stored dump byte by byte, a session without any leaves no dump, and both
//! limits hold.

use support::raw::{BINARY, CLOSE, TEXT, fragment, frame, frame_head};
use support::{Client, Dump, Raw, Server, wait_until};

fn only(server: &Server) -> Dump {
    server.delivered(1).remove(0)
}

#[test]
fn every_message_is_one_line_whatever_is_in_it() {
    let server = Server::start(&[]);
    let mut client = Client::open(server.address(), "/room?rtcstats-token=abc&x=1");
    let cases: [(&str, &str); 8] = [
        ("[\"plain\",null,{\"a\":1.0},0]", "[\"plain\",null,{\"a\":1.0},0]"),
        ("[\"raw\nline\",\nnull,0]", "[\"raw\\nline\", null,0]"),
        ("[\"cr\",\r\nnull,0]", "[\"cr\",\r null,0]"),
        (
            "[ 1 , 2.50,\t\"\u{2028}\\ud800\" ]",
            "[ 1 , 2.50,\t\"\u{2028}\\ud800\" ]",
        ),
        ("no json", "[\"unparsed\",null,\"no json\",0]"),
        ("two\nlines", "[\"unparsed\",null,\"two lines\",0]"),
        (
            "{\"an\":\"object\"}",
            "[\"unparsed\",null,\"{\\\"an\\\":\\\"object\\\"}\",0]",
        ),
        ("", "[\"unparsed\",null,\"\",0]"),
    ];
    for (message, _) in cases {
        client.send(message);
    }
    client.send_binary(b"[\"binary text\",null,null,0]");
    client.send_binary(b"\x00\xff\"\n");
    client.close(Some(1000));
    let dump = only(&server);
    let mut expected: Vec<&str> = cases.iter().map(|(_, line)| *line).collect();
    expected.push("[\"binary text\",null,null,0]");
    expected.push("[\"binary\",null,\"\\u0000\u{ff}\\\"\\u000a\",0]");
    assert_eq!(dump.messages(), expected);
    assert_eq!(dump.lines[0], "RTCStatsDump");
    let metadata = dump.metadata();
    assert_eq!(metadata["fileFormat"], 3);
    assert_eq!(metadata["clientProtocol"], "rtcstats#5.0");
    let url = metadata["url"].as_str().unwrap();
    assert!(
        url.starts_with("/room?rtcstats-token=") && url.ends_with("&x=1") && !url.contains("abc"),
        "{url}"
    );
    assert!(
        metadata.get("rtcstatsServer").is_none(),
        "the ticket stays in the spool"
    );
    let rows = server.rows();
    assert_eq!(rows[0].metadata["numberOfMessages"], 10);
    assert_eq!(rows[0].metadata["closeCode"], 1000);
    assert_eq!(rows[0].metadata["recovered"], false);
}

#[test]
fn a_session_without_a_message_leaves_nothing() {
    let mut server = Server::start(&[]);
    Client::open(server.address(), "/").close(None);
    drop(Raw::open(server.address()));
    let mut pinged = Raw::open(server.address());
    pinged.sync();
    pinged.write(&fragment(TEXT, b"an unfinished one"));
    pinged.finish();
    assert_eq!(pinged.closed(), None);
    let mut live = Raw::open(server.address());
    live.sync();
    assert_eq!(server.spooled(), Vec::<std::path::PathBuf>::new());
    assert!(server.stop().success());
    assert_eq!(
        (server.rows().len(), server.dumps().len(), server.spooled().len()),
        (0, 0, 0)
    );
}

#[test]
fn a_message_beyond_the_limit_ends_the_session_and_nothing_before_it() {
    let server = Server::start(&[("RTCSTATS_LIMITS__MESSAGE_BYTES", "2KiB")]);
    let exact = format!("[\"{}\"]", "e".repeat(2048 - 4));
    for form in 0..3 {
        let mut raw = Raw::open(server.address());
        raw.text(&exact);
        match form {
            // Refused by its header alone, before a byte of the payload has come.
            0 => raw.write(&frame_head(0x80 | TEXT, 2049)),
            1 => raw.write(&frame(BINARY, &[b'b'; 4000])),
            _ => {
                raw.write(&fragment(TEXT, &[b'f'; 2000]));
                raw.write(&fragment(0x80, &[b'f'; 49]));
            }
        }
        assert_eq!(raw.closed(), Some(1009), "form {form}");
    }
    for dump in server.delivered(3) {
        assert_eq!(dump.messages(), [exact.as_str()]);
        assert_eq!(dump.close_code(), 1009);
    }
}

#[test]
fn a_dump_that_is_full_is_sealed_and_delivered() {
    let server = Server::start(&[
        ("RTCSTATS_LIMITS__MESSAGE_BYTES", "1KiB"),
        ("RTCSTATS_LIMITS__DUMP_BYTES", "8KiB"),
    ]);
    let mut raw = Raw::open(server.address());
    let line = |number: usize| format!("[\"line\",null,\"{number:03}{}\",0]", "d".repeat(480));
    for number in 0..40 {
        // The server ends the session somewhere in this loop, and does not read for ever.
        if raw.try_write(&frame(TEXT, line(number).as_bytes())).is_err() {
            break;
        }
    }
    assert_eq!(raw.told(), Some(1009));
    let dump = only(&server);
    assert_eq!(dump.close_code(), 1009);
    let kept = dump.messages().len();
    assert!(
        (10..=16).contains(&kept),
        "{kept} lines of 500 bytes in a dump of 8 KiB"
    );
    for (number, message) in dump.messages().iter().enumerate() {
        assert_eq!(*message, line(number));
    }
}

#[test]
fn the_closing_line_says_how_it_ended() {
    let server = Server::start(&[]);
    let end = |ending: &dyn Fn(&mut Raw)| {
        let mut raw = Raw::open(server.address());
        raw.text("[\"one\",null,null,0]");
        ending(&mut raw);
        raw.closed()
    };
    let close = |code: u16| move |raw: &mut Raw| raw.write(&frame(CLOSE, &code.to_be_bytes()));
    let told = [
        end(&close(1000)),
        end(&close(1001)),
        end(&close(4321)),
        end(&|raw| raw.write(&frame(CLOSE, b""))),
        end(&|raw| raw.finish()),
        end(&|raw| raw.write(&[0x83, 0x80, 0, 0, 0, 0])),
        end(&|raw| raw.write(&[0x81, 0x01, b'u'])),
        end(&|raw| raw.write(&frame(TEXT, b"\xff\xfe"))),
        end(&close(1006)),
    ];
    let frames = [1000, 1001, 4321].map(Some);
    assert_eq!(told[..3], frames);
    assert_eq!(told[3..5], [None, None]);
    assert_eq!(told[5..8], [Some(1002), Some(1002), Some(1007)]);
    let mut codes: Vec<u64> = server.delivered(9).iter().map(Dump::close_code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [1000, 1001, 1002, 1002, 1002, 1005, 1006, 1007, 4321]);
    assert!(
        server
            .dumps()
            .iter()
            .all(|dump| dump.messages() == ["[\"one\",null,null,0]"])
    );
}

/// A reset comes instead of a FIN. The kernel drops what was not read, but nothing that was acknowledged is lost.
#[test]
fn a_reset_session_is_kept_up_to_its_last_pong() {
    let server = Server::start(&[]);
    let mut raw = Raw::open(server.address());
    raw.text("[\"kept\",null,null,0]");
    raw.sync();
    let socket = socket2::SockRef::from(raw.stream());
    socket.set_linger(Some(std::time::Duration::ZERO)).unwrap();
    drop(raw);
    let dump = only(&server);
    assert_eq!((dump.messages().len(), dump.close_code()), (1, 1006));
}

/// With a flush interval, lines wait in memory, and so do the pongs that would acknowledge them.
#[test]
fn a_flush_interval_holds_pongs_back_with_the_lines() {
    let mut server = Server::start(&[("RTCSTATS_SPOOL__FLUSH_INTERVAL", "1s")]);
    let mut raw = Raw::open(server.address());
    raw.text("[\"held\",null,null,0]");
    raw.sync();
    let recorded = |server: &Server| {
        server
            .spooled()
            .iter()
            .any(|file| file.to_string_lossy().contains("recording"))
    };
    assert!(recorded(&server), "the pong came after the line was written");
    server.kill();
    server.restart();
    assert_eq!(only(&server).messages().len(), 1);
}

/// The end of a session does not wait for the flush interval. Otherwise the server could be gone before the peer is
/// told.
#[test]
fn held_lines_do_not_hold_back_the_close_frame() {
    let mut server = Server::start(&[("RTCSTATS_SPOOL__FLUSH_INTERVAL", "20s")]);
    let mut leaving = Raw::open(server.address());
    leaving.text("[\"leaving\",null,null,0]");
    leaving.write(&frame(CLOSE, &1000u16.to_be_bytes()));
    wait_until("the session to be delivered", || server.rows().len() == 1);
    let answer = leaving.frame_now();
    let mut staying = Raw::open(server.address());
    staying.text("[\"staying\",null,null,0]");
    // This is answered in a later turn of the loop than the one that reads the line.
    assert!(server.get("/healthcheck").starts_with("HTTP/1.1 200"));
    server.signal(rustix::process::Signal::TERM);
    assert_eq!(staying.told(), Some(1001));
    assert!(server.ended().success());
    assert_eq!(answer.and_then(|frame| frame.code()), Some(1000));
    server.restart();
    server.delivered(2);
}
