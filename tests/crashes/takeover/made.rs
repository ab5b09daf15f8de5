//! The same takeover, of a spool that processes have left a moment ago, with the bucket in which their upload was cut
//! off.
//!
//! With `RTCSTATS_KEEP_SPOOL` the spool is copied to that folder before anything takes it over. This is how fixtures
//! are made.

use support::{Remote, Server};

use crate::takeover::fixture::copy;
use crate::takeover::judge;
use crate::takeover::make::make;

#[test]
fn what_another_process_left_in_every_state_is_delivered_once() {
    let remote = Remote::start();
    let left = make(&remote);
    assert_eq!(remote.moto.uploads().len(), 1, "the upload that was cut off");
    if let Some(folder) = std::env::var_os("RTCSTATS_KEEP_SPOOL") {
        copy(&left.data().join("spool"), folder.as_ref());
    }
    let mut server = Server::prepare(&[]);
    copy(&left.data().join("spool"), &server.data().join("spool"));
    judge::takes_over_to(&remote, &mut server);
}
