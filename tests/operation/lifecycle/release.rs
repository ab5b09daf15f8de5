//! The released binary does not know the places where tests make it die.

use rtcstats_server::fault::Broken;
use support::{Client, Server, wait_until};

/// The name of the variable in `src/fault.rs`. `tests/deliver_kill` shows that the binary with fault points knows
/// it.
const VARIABLE: &str = "RTCSTATS_FAULT_KILL";

#[test]
fn a_release_has_no_fault_points() {
    let binary = std::fs::read(env!("CARGO_BIN_EXE_rtcstats-server")).unwrap();
    assert!(memchr::memmem::find(&binary, VARIABLE.as_bytes()).is_none());
    let server = Server::start(&[(VARIABLE, "put:1")]);
    let mut client = Client::open(server.address(), "/");
    client.send("[\"lives\",null,null,0]");
    client.close(None);
    server.delivered(1);
    wait_until("the spool to be empty", || server.spooled().is_empty());
    assert!(server.get("/healthcheck").starts_with("HTTP/1.1 200 "));
}

/// The simulation shows that the binary with fault points has these names.
#[test]
fn a_release_has_no_rules_to_break() {
    let binary = std::fs::read(env!("CARGO_BIN_EXE_rtcstats-server")).unwrap();
    let has = |name: &str| memchr::memmem::find(&binary, name.as_bytes()).is_some();
    let names = Broken::ALL.iter().map(|rule| format!("{rule:?}"));
    let found: Vec<String> = names.filter(|name| has(name)).collect();
    assert!(found.is_empty(), "{found:?}");
    assert!(!has("RTCSTATS_FAULT_BREAK"));
}
