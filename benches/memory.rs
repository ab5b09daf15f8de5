//! What the server needs while nothing happens: memory of the process, memory per connection, time to listen.
//!
//! Method: the real binary, built as for release. *Idle server*: resident memory once it answers its health check. *Per
//! connection*: 4,000 sessions are opened. Each sends ten messages of 1 KB, one of 64 KB, and a ping whose answer is
//! awaited. The figure is the growth of resident memory over the idle server, divided by the number of sessions.
//! *Listening*: the time from spawning the process until a TCP connection is accepted, tried every half millisecond, as
//! the median of 21 starts: with an empty spool, and with 10,000 dumps of a kilobyte that wait for a store that cannot
//! be reached. *Resident* with these dumps: measured once as many are packed as the workers know of at a time.

mod load;

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use support::{Server, backlog, wait_until};

use load::{Session, median, message, resident_bytes};

const SESSIONS: usize = 4000;
const STARTS: usize = 21;
const BACKLOG: usize = 10_000;
/// Dumps the workers know of at a time.
const WINDOW: usize = 1_024;

fn raise_descriptors() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let hard = getrlimit(Resource::Nofile).maximum;
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: hard,
            maximum: hard,
        },
    )
    .expect("the soft limit can be raised to the hard one");
}

fn memory() {
    let server = Server::start(&[("RTCSTATS_SPOOL__MIN_FREE", "0")]);
    let pid = server.pid().as_raw_nonzero().get();
    let idle = resident_bytes(pid);
    let (small, large) = (message(1024), message(64 * 1024));
    let mut sessions: Vec<Session> = (0..SESSIONS).map(|_| Session::open(server.address())).collect();
    for session in &mut sessions {
        for _ in 0..10 {
            session.0.write_all(&small).expect("the server reads");
        }
        session.0.write_all(&large).expect("the server reads");
        session.sync();
    }
    let busy = resident_bytes(pid);
    println!("memory");
    println!("  idle server:      {:>8.2} MiB", idle as f64 / f64::from(1 << 20));
    println!(
        "  {SESSIONS} sessions:    {:>8.2} MiB",
        busy as f64 / f64::from(1 << 20)
    );
    println!(
        "  per idle session: {:>8.0} bytes",
        (busy.saturating_sub(idle)) as f64 / SESSIONS as f64
    );
}

/// A server that has been started before, with `waiting` dumps in its spool and a file where its store should be.
fn with_backlog(waiting: usize) -> Server {
    let mut server = Server::start(&[]);
    server.kill();
    let store = server.data().join("dumps");
    std::fs::remove_dir(&store).expect("the store is empty");
    std::fs::write(&store, b"").expect("the data folder is writable");
    backlog::ready(&server.data(), waiting);
    server
}

fn packed(server: &Server) -> usize {
    let files = server.spooled().into_iter();
    files
        .filter(|file| file.to_string_lossy().ends_with(".jsonl.gz"))
        .count()
}

fn start(waiting: usize) {
    let mut server = with_backlog(waiting);
    let times = (0..STARTS).map(|_| {
        let begin = Instant::now();
        server.spawn();
        while TcpStream::connect(server.address()).is_err() {
            std::thread::sleep(Duration::from_micros(500));
        }
        let time = begin.elapsed().as_secs_f64() * 1000.0;
        server.kill();
        time
    });
    let time = median(times.collect());
    server.restart();
    wait_until("a window to be packed", || packed(&server) >= waiting.min(WINDOW));
    let resident = resident_bytes(server.pid().as_raw_nonzero().get());
    println!("start with {waiting} waiting dumps");
    println!("  until listening:  {time:>8.1} ms, median of {STARTS}");
    println!("  resident:         {:>8.2} MiB", resident as f64 / f64::from(1 << 20));
}

fn main() {
    raise_descriptors();
    memory();
    start(0);
    start(BACKLOG);
}
