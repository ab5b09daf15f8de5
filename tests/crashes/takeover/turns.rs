//! Two processes on one spool take over from each other. One test starts a process after both were killed, the other
//! test lets one live on after the other was killed. One of the two is the binary under test; the other one may be of
//! another version.
//!
//! Each session says one line, its name. Some end in order, some are live at the kill. In the end each session is one
//! dump and one row.

use std::thread;

use support::{Client, Server, wait_until};

use crate::takeover::let_the_other_run;

/// Two processes that share a data folder; each has a port of its own.
struct Pair {
    /// The process that owns the folder.
    one: Server,
    two: Server,
    names: Vec<String>,
}

impl Pair {
    /// Neither is started yet. The other binary is the first or the second of them.
    fn new(other_is_first: bool) -> Pair {
        let (mut one, mut two) = (Server::prepare(&[]), Server::prepare(&[]));
        two.set("RTCSTATS_DATA_DIR", one.data().to_str().expect("a path of text"));
        let_the_other_run(if other_is_first { &mut one } else { &mut two });
        let names = Vec::new();
        Pair { one, two, names }
    }

    /// For each process three sessions that end and two that are live.
    fn live(&mut self, round: usize) -> Vec<Client> {
        let mut live = Vec::new();
        for (process, server) in [&self.one, &self.two].into_iter().enumerate() {
            for number in 0..5 {
                let name = format!("round {round} process {process} session {number}");
                let mut client = Client::open(server.address(), "/");
                client.send(&line(&name));
                client.sync();
                self.names.push(name);
                match number {
                    0..3 => client.close(None),
                    _ => live.push(client),
                }
            }
        }
        live
    }

    /// Waits for as many rows as there were sessions, and finds each of them in one dump.
    fn assert_all_delivered(&self) {
        wait_until("the spool to be empty", || self.one.spooled().is_empty());
        let dumps = self.one.delivered(self.names.len());
        let mut stored: Vec<_> = dumps.iter().map(|dump| dump.messages().join("|")).collect();
        stored.sort();
        let mut said: Vec<_> = self.names.iter().map(|name| line(name)).collect();
        said.sort();
        assert_eq!(stored, said);
        let mut of_rows: Vec<_> = self.one.rows().into_iter().map(|row| row.id).collect();
        let mut of_dumps: Vec<_> = dumps.iter().map(|dump| dump.id()).collect();
        of_rows.sort();
        of_dumps.sort();
        assert_eq!(of_rows, of_dumps, "rows and dumps");
    }
}

fn line(name: &str) -> String {
    format!("[\"turn\",null,\"{name}\",0]")
}

/// In two of three rounds nothing can be stored, so that packed dumps are taken over too. The process that starts first
/// gets the first instance, no matter who had it before, and takes over the second.
#[test]
fn whoever_starts_delivers_what_both_had_left() {
    let mut pair = Pair::new(true);
    let store = pair.one.data().join("dumps");
    let aside = pair.one.data().join("dumps-aside");
    for round in 0..6 {
        let order = if round % 2 == 0 {
            [&mut pair.one, &mut pair.two]
        } else {
            [&mut pair.two, &mut pair.one]
        };
        order.into_iter().for_each(Server::restart);
        let is_blocked = round % 3 != 2;
        if is_blocked {
            std::fs::rename(&store, &aside).expect("the store is a folder");
            std::fs::write(&store, b"").expect("the data folder is writable");
        }
        let live = pair.live(round);
        if is_blocked {
            wait_until("a packed dump", || {
                let files = pair.one.spooled();
                files.iter().any(|file| file.to_string_lossy().ends_with(".jsonl.gz"))
            });
        }
        pair.one.kill();
        pair.two.kill();
        drop(live);
        if is_blocked {
            std::fs::remove_file(&store).expect("the data folder is writable");
            std::fs::rename(&aside, &store).expect("the store is a folder");
        }
    }
    pair.one.restart();
    pair.assert_all_delivered();
}

/// A running process looks once a minute for what others have left.
#[test]
fn whoever_lives_on_delivers_what_the_other_had_left() {
    thread::scope(|scope| {
        for other_is_first in [true, false] {
            scope.spawn(move || {
                let mut pair = Pair::new(other_is_first);
                pair.one.restart();
                pair.two.restart();
                let live = pair.live(0);
                pair.one.kill();
                // Six had ended and two were cut off. The two live ones of the other process are not counted.
                wait_until("all that has ended to be delivered", || pair.one.rows().len() == 8);
                drop(live);
                pair.assert_all_delivered();
            });
        }
    });
}
