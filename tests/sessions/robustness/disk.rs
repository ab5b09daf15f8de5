//! A disk that fills up under live sessions and gets free space again: nothing is lost or doubled, and nothing has to
//! be restarted. The data folder is on a small tmpfs for this test alone.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::raw::{PING, PONG, TEXT, frame, upgrade};
use support::{Raw, Server, wait_for, wait_until};

use super::process::{assert_sleeps, need_root};

/// A mounted tmpfs. It is unmounted lazily, because the server may still have files open.
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    fn mount(folder: PathBuf, size: &str) -> Disk {
        need_root("mounting a small disk");
        std::fs::create_dir_all(&folder).unwrap();
        let options = format!("size={size}");
        let status = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(&folder)
            .status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "a tmpfs of {size} cannot be mounted"
        );
        Disk { folder }
    }

    /// Makes another program's file of this many bytes or, if less fits, as many as there are.
    fn fill(&self, bytes: u64) -> PathBuf {
        let path = self.folder.join("of another program");
        let mut file = File::options().create(true).append(true).open(&path).unwrap();
        let chunk = [0; 4096];
        let mut left = bytes;
        while left > 0 && file.write(&chunk).is_ok() {
            left -= left.min(chunk.len() as u64);
        }
        path
    }

    fn free(&self) -> u64 {
        let status = rustix::fs::statvfs(&self.folder).unwrap();
        status.f_bavail * status.f_frsize
    }

    /// Fills the disk until this many bytes are free.
    pub fn leave(&self, bytes: u64) -> PathBuf {
        self.fill(self.free().saturating_sub(bytes))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // What is left of it disappears with the process that holds it open.
        let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
    }
}

pub fn on_a_disk(size: &str, environment: &[(&str, &str)]) -> (Server, Disk) {
    let server = Server::prepare(environment);
    let disk = Disk::mount(server.data(), size);
    (server, disk)
}

pub fn remove(file: &Path) {
    std::fs::remove_file(file).unwrap();
}

fn line(session: &str, number: usize) -> String {
    format!("[\"{session}\",null,{number},\"{}\",0]", "l".repeat(2_000))
}

fn is_refused(server: &Server) -> bool {
    Raw::try_open(server.address()).is_err_and(|answer| answer.starts_with("HTTP/1.1 503 "))
}

#[test]
fn low_space_refuses_new_sessions_and_then_seals_live_ones() {
    let (mut server, disk) = on_a_disk("32m", &[("RTCSTATS_SPOOL__MIN_FREE", "16MiB")]);
    server.restart();
    let mut live = Raw::open(server.address());
    live.text(&line("live", 0));
    live.sync();
    let mut mute = Raw::open(server.address());
    mute.sync();
    disk.leave(12 << 20);
    wait_until("new sessions to be refused", || is_refused(&server));
    live.text(&line("live", 1));
    live.sync();
    assert!(server.get("/healthcheck").starts_with("HTTP/1.1 503 "));
    let other = disk.leave(6 << 20);
    assert_eq!(live.told(), Some(1013));
    assert_eq!(mute.told(), Some(1013));
    let dumps = server.delivered(1);
    assert_eq!(dumps[0].messages(), [line("live", 0), line("live", 1)]);
    assert_eq!(dumps[0].close_code(), 1013);
    remove(&other);
    let mut next = wait_for("sessions to be accepted", || Raw::try_open(server.address()).ok());
    next.text(&line("next", 0));
    next.sync();
    drop(next);
    server.delivered(2);
}

/// A session that comes and goes in the same turn leaves no connection behind that would count against the limit.
#[test]
fn sessions_that_cannot_be_sealed_are_bounded() {
    const CONNECTIONS: usize = 20;
    let limit = CONNECTIONS.to_string();
    let environment = [
        ("RTCSTATS_SPOOL__MIN_FREE", "0"),
        ("RTCSTATS_SERVER__MAX_CONNECTIONS", limit.as_str()),
    ];
    let (mut server, disk) = on_a_disk("16m", &environment);
    server.restart();
    let other = disk.leave(0);
    let mut session = upgrade("/", "");
    session.extend_from_slice(&frame(TEXT, line("short", 0).as_bytes()));
    let mut sessions: Vec<Raw> = (0..10 * CONNECTIONS)
        .map(|_| {
            let mut raw = Raw::connect(server.address());
            raw.write(&session);
            raw.finish();
            raw
        })
        .collect();
    let refused = wait_for("the limit", || {
        let refused = is_refused(&server).then(|| server.log().matches("cannot be written").count());
        refused.filter(|held_up| *held_up > 0)
    });
    assert!(refused <= CONNECTIONS, "{refused} sessions wait for the disk");
    remove(&other);
    server.delivered(server.log().matches("cannot be written").count());
    sessions.clear();
    wait_until("sessions to be accepted", || !is_refused(&server));
}

/// Sends lines and pings until a ping is not answered, which means that the disk is full. Returns the number of lines
/// sent.
fn send_until_blocked(server: &Server, raw: &mut Raw, session: &str) -> usize {
    let held_up = server.log().matches("its session is held up").count();
    for number in 0..10_000 {
        let mut bytes = frame(TEXT, line(session, number).as_bytes());
        bytes.extend_from_slice(&frame(PING, &number.to_be_bytes()));
        raw.write(&bytes);
        let answered = wait_for("a pong or a full disk", || match raw.frame_now() {
            Some(frame) => Some(frame.opcode == PONG),
            None => (server.log().matches("its session is held up").count() > held_up).then_some(false),
        });
        if !answered {
            return number + 1;
        }
    }
    panic!("the disk never fills up");
}

/// Reads pongs up to that of line `last`.
fn await_pong(raw: &mut Raw, last: usize) {
    loop {
        let frame = raw.frame().expect("the session goes on");
        if frame.opcode == PONG && frame.payload == last.to_be_bytes() {
            return;
        }
    }
}

fn assert_whole(server: &Server, expected: &[(&str, usize)]) {
    let dumps = server.delivered(expected.len());
    for (session, count) in expected {
        let own: Vec<_> = dumps
            .iter()
            .filter(|dump| dump.messages()[0] == line(session, 0))
            .collect();
        assert_eq!(own.len(), 1, "dumps of {session}");
        let lines: Vec<String> = (0..*count).map(|number| line(session, number)).collect();
        assert!(
            own[0].messages() == lines,
            "{session}: {} of {count} lines",
            own[0].messages().len()
        );
    }
    wait_until("the spool to be empty", || server.spooled().is_empty());
}

#[test]
fn a_full_disk_holds_sessions_up_and_loses_nothing() {
    let (mut server, disk) = on_a_disk("8m", &[("RTCSTATS_SPOOL__MIN_FREE", "0")]);
    server.restart();
    let mut sessions = [("a", Raw::open(server.address())), ("b", Raw::open(server.address()))];
    let mut leaving = Raw::open(server.address());
    let mut starting = Raw::open(server.address());
    // One session has already written, one ends meanwhile, and the file of the third cannot be made.
    leaving.text(&line("leaving", 0));
    leaving.sync();
    let other = disk.leave(64 << 10);
    let counts: Vec<usize> = sessions
        .iter_mut()
        .map(|(name, raw)| send_until_blocked(&server, raw, name))
        .collect();
    leaving.text(&line("leaving", 1));
    leaving.finish();
    starting.text(&line("starting", 0));
    starting.write(&frame(PING, &0usize.to_be_bytes()));
    wait_until("all to be held up", || {
        server.log().matches("its session is held up").count() >= 4
    });
    assert_sleeps(&server);
    assert!(server.get("/healthcheck").starts_with("HTTP/1.1 200 "));
    assert!(
        sessions.iter_mut().all(|(_, raw)| raw.frame_now().is_none()),
        "nothing is acknowledged"
    );
    remove(&other);
    let mut expected = vec![("leaving", 2), ("starting", 2)];
    await_pong(&mut starting, 0);
    starting.text(&line("starting", 1));
    starting.sync();
    for ((name, raw), count) in sessions.iter_mut().zip(counts) {
        await_pong(raw, count - 1);
        raw.text(&line(name, count));
        raw.sync();
        expected.push((*name, count + 1));
    }
    drop((sessions, starting));
    assert_whole(&server, &expected);
}

/// While the disk is full it is the server that does not read, so the peer is not blamed for the silence.
#[test]
fn a_session_that_was_held_up_longer_than_the_idle_time_goes_on() {
    let limits = [
        ("RTCSTATS_SPOOL__MIN_FREE", "0"),
        ("RTCSTATS_LIMITS__PING_INTERVAL", "2500ms"),
        ("RTCSTATS_LIMITS__IDLE_TIME", "3s"),
    ];
    let (mut server, disk) = on_a_disk("8m", &limits);
    server.restart();
    let mut raw = Raw::open(server.address());
    let other = disk.leave(16 << 10);
    let count = send_until_blocked(&server, &mut raw, "patient");
    std::thread::sleep(std::time::Duration::from_secs(4));
    remove(&other);
    await_pong(&mut raw, count - 1);
    // The next frame must be a ping, not the end.
    let next = raw.frame().expect("the session goes on");
    assert_eq!(next.opcode, PING, "{next:?}");
    raw.write(&frame(PONG, &next.payload));
    raw.text(&line("patient", count));
    raw.sync();
    drop(raw);
    assert_whole(&server, &[("patient", count + 1)]);
}

/// A pong acknowledges what is in the file, even if its session is already over.
#[test]
fn nothing_is_acknowledged_while_the_last_lines_wait_for_the_disk() {
    let (mut server, disk) = on_a_disk("8m", &[("RTCSTATS_SPOOL__MIN_FREE", "0")]);
    server.restart();
    let mut raw = Raw::open(server.address());
    raw.sync();
    let other = disk.leave(0);
    let mut bytes = frame(TEXT, line("early", 0).as_bytes());
    bytes.extend_from_slice(&frame(PING, b"early"));
    bytes.extend_from_slice(&frame(support::raw::CLOSE, &1000u16.to_be_bytes()));
    raw.write(&bytes);
    wait_until("a try to seal", || server.log().contains("cannot be sealed yet"));
    assert_sleeps(&server);
    assert_eq!(raw.frame_now(), None);
    remove(&other);
    assert_eq!(raw.frame().map(|frame| frame.opcode), Some(PONG));
    assert_eq!(raw.closed(), Some(1000));
    assert_whole(&server, &[("early", 1)]);
}

/// A stop does not wait for free space. What was acknowledged is in the file and is delivered after the next start.
#[test]
fn a_stop_on_a_full_disk_keeps_what_was_acknowledged() {
    let (mut server, disk) = on_a_disk("8m", &[("RTCSTATS_SPOOL__MIN_FREE", "0")]);
    server.restart();
    let mut raw = Raw::open(server.address());
    let other = disk.leave(64 << 10);
    let count = send_until_blocked(&server, &mut raw, "stopped");
    disk.leave(0);
    assert!(server.stop().success());
    assert!(
        server.log().contains("are lost"),
        "the operator is told: {}",
        server.log()
    );
    remove(&other);
    server.restart();
    assert_whole(&server, &[("stopped", count - 1)]);
}

/// The server is killed while the disk is full, and started while it is full. What was acknowledged is delivered when
/// there is free space.
#[test]
fn a_crash_on_a_full_disk_is_recovered_when_there_is_room() {
    let elsewhere = tempfile::tempdir().unwrap();
    // A catalogue on the same disk would free space when it is opened again.
    let catalogue = elsewhere.path().join("catalog.db");
    let settings = [
        ("RTCSTATS_SPOOL__MIN_FREE", "0"),
        ("RTCSTATS_DATABASE__SQLITE__PATH", catalogue.to_str().unwrap()),
    ];
    let (mut server, disk) = on_a_disk("8m", &settings);
    server.restart();
    let mut raw = Raw::open(server.address());
    raw.text(&line("killed", 0));
    raw.sync();
    // The file ends exactly at the end of a page, so that there is no room even for the closing line.
    let file = server.spooled().remove(0);
    let length = || std::fs::metadata(&file).unwrap().len();
    let rest = 2 * 4096 - length() as usize % 4096;
    let filler = format!("[\"{}\"]", "f".repeat(rest - 5));
    raw.text(&filler);
    raw.sync();
    assert_eq!(length() % 4096, 0);
    disk.leave(0);
    server.kill();
    let other = disk.leave(0);
    server.restart();
    // This is the cause itself: there was no room for the closing line of the session that was cut off.
    wait_until("the cut-off session to be sealed", || {
        server.log().contains("without its closing line")
    });
    assert_sleeps(&server);
    remove(&other);
    let dumps = wait_for("the dump", || Some(server.dumps()).filter(|dumps| dumps.len() == 1));
    assert_eq!(dumps[0].messages(), [line("killed", 0), filler]);
    assert_eq!(dumps[0].close_code(), 1006);
    wait_until("the spool to be empty", || server.spooled().is_empty());
}
