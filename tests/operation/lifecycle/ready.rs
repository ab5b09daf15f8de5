//! The service manager is told that the server is ready, whatever store and database do meanwhile.

use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use support::{Client, Server, wait_until};

/// What does not answer while the server starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Silent {
    /// A catalogue that another program has locked for longer than is waited for.
    Catalogue,
    Store,
    Postgres,
}

const CASES: [&[Silent]; 5] = [
    &[],
    &[Silent::Catalogue],
    &[Silent::Store],
    &[Silent::Postgres],
    &[Silent::Store, Silent::Postgres],
];

/// The service manager of one server.
struct Manager(UnixDatagram);

impl Manager {
    fn of(server: &mut Server) -> Manager {
        let path = server.data().with_extension("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket");
        socket
            .set_read_timeout(Some(Duration::from_secs(60)))
            .expect("a timeout can be set");
        server.set("NOTIFY_SOCKET", path.to_str().expect("a path of text"));
        Manager(socket)
    }

    fn told(&self) -> String {
        let mut message = [0; 64];
        let length = self.0.recv(&mut message).expect("the server tells its manager");
        String::from_utf8(message[..length].to_vec()).expect("text")
    }
}

fn silent_port(server: &mut Server, silent: Silent) -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let set: &[(&str, String)] = match silent {
        Silent::Catalogue => &[],
        Silent::Store => &[
            ("RTCSTATS_STORAGE__BACKEND", "s3".into()),
            ("RTCSTATS_STORAGE__S3__BUCKET", "dumps".into()),
            ("RTCSTATS_STORAGE__S3__REGION", "us-east-1".into()),
            ("RTCSTATS_STORAGE__S3__ENDPOINT", format!("http://{address}")),
            ("RTCSTATS_STORAGE__S3__ACCESS_KEY_ID", "id".into()),
            ("RTCSTATS_STORAGE__S3__SECRET_ACCESS_KEY", "secret".into()),
        ],
        Silent::Postgres => &[
            ("RTCSTATS_DATABASE__BACKEND", "postgres".into()),
            (
                "RTCSTATS_DATABASE__POSTGRES__URL",
                format!("postgres://rtcstats@{address}/rtcstats"),
            ),
        ],
    };
    set.iter().for_each(|(name, value)| server.set(name, value));
    listener
}

fn locked_catalogue(server: &Server) -> rusqlite::Connection {
    std::fs::create_dir_all(server.data()).expect("a folder");
    let other = rusqlite::Connection::open(server.data().join("catalog.db")).expect("the catalogue opens");
    other.execute_batch("BEGIN EXCLUSIVE").expect("a lock");
    other
}

#[test]
fn ready_waits_for_no_destination() {
    for case in CASES {
        let mut server = Server::prepare(&[("RTCSTATS_LIMITS__SHUTDOWN_TIME", "2s")]);
        let manager = Manager::of(&mut server);
        let ports: Vec<TcpListener> = case.iter().map(|silent| silent_port(&mut server, *silent)).collect();
        let lock = case.contains(&Silent::Catalogue).then(|| locked_catalogue(&server));
        server.spawn();
        assert_eq!(manager.told(), "READY=1", "{case:?}");
        let log = server.log();
        assert!(
            !log.contains("until this is mended"),
            "{case:?}: it waited for the answer:\n{log}"
        );
        assert_eq!(log.contains("has not answered yet"), lock.is_some(), "{case:?}:\n{log}");
        let mut client = Client::open(server.address(), "/");
        client.send("[1]");
        client.sync();
        if lock.is_some() {
            wait_until("the trial to be told", || server.log().contains("until this is mended"));
        }
        server.stop();
        assert_eq!(manager.told(), "STOPPING=1", "{case:?}");
        drop(ports);
    }
}
