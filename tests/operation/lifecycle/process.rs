//! The process among others: signals that a terminal or a script sends, and ports that only root may take.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};

use rustix::process::{Signal, geteuid};
use support::{Client, Server, wait_until};

#[test]
fn every_signal_that_ends_the_server_ends_it_in_order() {
    for signal in [Signal::HUP, Signal::INT, Signal::TERM] {
        let mut server = Server::start(&[]);
        let mut live = [(); 2].map(|()| Client::open(server.address(), "/"));
        live.iter_mut().for_each(|client| client.send("[1]"));
        live.iter_mut().for_each(Client::sync);
        server.signal(signal);
        let told = live.map(Client::closed);
        assert_eq!(told, [Some(1001); 2], "{signal:?}");
        assert!(server.ended().success(), "{signal:?}");
        server.restart();
        let dumps = server.delivered(2);
        let codes: Vec<_> = dumps.iter().map(|dump| dump.close_code()).collect();
        assert_eq!(
            codes,
            [1001, 1001],
            "{signal:?}: sealed by the stop, not recovered after it"
        );
    }
}

#[test]
fn a_server_that_is_to_outlive_its_terminal_does() {
    let mut server = Server::prepare(&[]);
    server.wrap(&["nohup"]);
    server.restart();
    server.signal(Signal::HUP);
    let mut client = Client::open(server.address(), "/");
    client.send("[1]");
    client.close(None);
    server.delivered(1);
    assert!(server.stop().success());
}

/// A port that only root may listen on.
fn low_port() -> u16 {
    (600..1024)
        .find(|port| !geteuid().is_root() || TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("a free port below 1024")
}

/// Whether this machine keeps low ports for root at all.
fn are_kept_for_root() -> bool {
    let first = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    first.is_ok_and(|first| first.trim() == "1024")
}

#[test]
fn low_ports_are_bound_before_the_owner_changes() {
    let port = low_port();
    let address = format!("127.0.0.1:{port}");
    let mut server = Server::prepare(&[("RTCSTATS_SERVER__LISTEN", &address)]);
    if geteuid().is_root() {
        fs::create_dir(server.data()).expect("a data folder");
        chown(server.data(), Some(65_534), Some(65_534)).expect("root may give it away");
        let above = server.data().parent().expect("a parent").to_owned();
        fs::set_permissions(above, fs::Permissions::from_mode(0o755)).expect("its own folder");
        let checked = server.run(&["check-config", "--probe"]);
        let told = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(told.contains(&format!("listen {address}")), "{told}");
        assert!(checked.status.success(), "{checked:?}");
        server.spawn();
        wait_until("the server to listen", || server.log().contains("listening on"));
        let running = "running as user 65534";
        assert!(server.log().contains(running), "{}", server.log());
        assert!(server.stop().success());
    } else if are_kept_for_root() {
        server.spawn();
        assert_eq!(server.ended().code(), Some(1));
        assert!(server.log().contains("CAP_NET_BIND_SERVICE"), "{}", server.log());
        assert!(!server.log().contains("end what holds"), "{}", server.log());
    }
}

#[test]
fn a_port_that_another_program_holds_is_told_by_the_probe() {
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = held.local_addr().expect("an address").to_string();
    let server = Server::prepare(&[("RTCSTATS_SERVER__LISTEN", &address)]);
    fs::create_dir(server.data()).expect("a data folder");
    let checked = server.run(&["check-config", "--probe"]);
    assert_eq!(checked.status.code(), Some(1));
    let told = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(
        told.contains(&address) && told.contains("end what holds that port"),
        "{told}"
    );
}

#[test]
fn the_probe_takes_no_connection_from_a_server_that_runs() {
    let server = Server::start(&[]);
    let checked = server.run(&["check-config", "--probe"]);
    assert!(checked.status.success(), "{checked:?}");
    let mut client = Client::open(server.address(), "/");
    client.send("[1]");
    client.close(None);
    server.delivered(1);
}
