//! What the server takes while nothing happens: memory of the process, memory per connection, time to listen.
//!
//! Method: the real binary, built as for release. *Idle server*: resident memory once it answers its health check.
//! *Per connection*: 4,000 sessions are opened and each sends ten messages of 1 KB, one of 64 KB, and a ping whose answer
//! is awaited; the growth of resident memory over the idle server, divided by the sessions. *Listening*: from spawning
//! the process until a TCP connection is accepted, asked every half millisecond, median of 21 starts.

#[path = "load.rs"]
mod load;
#[path = "../tests/support/mod.rs"]
mod support;

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use load::{Session, median, message, resident_bytes};
use support::Server;

const SESSIONS: usize = 4000;
const STARTS: usize = 21;

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

fn start() {
    let times = (0..STARTS).map(|_| {
        let mut server = Server::start(&[]);
        server.kill();
        let begin = Instant::now();
        server.spawn();
        while TcpStream::connect(server.address()).is_err() {
            std::thread::sleep(Duration::from_micros(500));
        }
        begin.elapsed().as_secs_f64() * 1000.0
    });
    println!("start");
    println!(
        "  until listening:  {:>8.1} ms, median of {STARTS}",
        median(times.collect())
    );
}

fn main() {
    raise_descriptors();
    memory();
    start();
}
