//! While the server cannot record, it promises nothing: no upgrade is answered with 101, and the health check tells a
//! balancer to go elsewhere. What it has promised before is kept.

use std::fs;

use support::{Client, Server, wait_until};

/// Whether the health check and an upgrade both get 503.
fn refuses(server: &Server) -> bool {
    let upgrade = Client::open_with(server.address(), "/", &[]);
    server.get("/healthcheck").starts_with("HTTP/1.1 503 ") && upgrade.err() == Some(503)
}

fn takes(server: &Server) -> bool {
    server.get("/healthcheck").starts_with("HTTP/1.1 200 ")
}

#[test]
fn without_a_folder_for_recordings_no_session_begins() {
    let server = Server::start(&[]);
    let mut live = Client::open(server.address(), "/");
    live.send("[1]");
    live.sync();
    let folder = server.data().join("spool/0/recording");
    let away = server.data().join("spool/0/away");
    fs::rename(&folder, &away).expect("the folder goes away");
    wait_until("sessions to be refused", || refuses(&server));
    assert_eq!(server.log().matches("no recording can be begun below").count(), 1);
    fs::rename(&away, &folder).expect("the folder comes back");
    wait_until("sessions to be taken", || takes(&server));
    live.send("[2]");
    live.close(None);
    assert_eq!(server.delivered(1)[0].messages(), ["[1]", "[2]"]);
}

#[test]
fn below_the_minimum_of_free_space_the_health_check_says_so() {
    let mut server = Server::prepare(&[("RTCSTATS_SPOOL__MIN_FREE", "1000000TiB")]);
    server.spawn();
    wait_until("the server to listen", || !server.get("/").is_empty());
    wait_until("sessions to be refused", || refuses(&server));
    assert!(server.stop().success());
}

#[test]
fn a_full_server_is_not_healthy_until_a_session_ends() {
    let server = Server::start(&[("RTCSTATS_SERVER__MAX_CONNECTIONS", "2")]);
    let mut live = [(); 2].map(|()| Client::open(server.address(), "/"));
    live.iter_mut().for_each(Client::sync);
    wait_until("sessions to be refused", || refuses(&server));
    let [one, _other] = live;
    one.close(None);
    wait_until("sessions to be taken", || takes(&server));
}
