//! The end of `serve`, within the shutdown time: deliveries that are under way, then the last sync, and a count of what
//! waits. What hangs is left to the next start.
//!
//! Sessions are sealed before. Nothing here waits without a bound, and nothing fails.

use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::delivery::Delivery;
use crate::limits::{LAST_SYNC_SHARE, STOP_MARGIN_SHARE};
use crate::spool::Sync;

/// Ends what `begin` began to stop. It may take `whole` since then.
///
/// A part of the time is kept for the last sync, which comes behind the deliveries, and a small one for the rest.
pub fn end(begin: Instant, whole: Duration, delivery: &Delivery, sync: &Sync, syncing: &JoinHandle<()>) {
    let deadline = begin + (whole - whole / STOP_MARGIN_SHARE);
    let now = Instant::now();
    delivery.stop(for_deliveries(deadline, whole, now));
    sync.stop();
    let counted = delivery.count();
    last_sync(syncing, deadline);
    log::info!(
        "stopped after {:.1} s; {} on disk for the next start",
        begin.elapsed().as_secs_f64(),
        waiting(&counted, deadline)
    );
}

/// Waits for the last sync, after which files of delivered dumps are removed. If the disk takes longer than `deadline`,
/// they are left to the next start, which finds that they are delivered.
fn last_sync(syncing: &JoinHandle<()>, deadline: Instant) {
    while !syncing.is_finished() {
        if Instant::now() >= deadline {
            log::warn!("the last sync of the disks is still under way and is not waited for");
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn waiting(counted: &Receiver<usize>, deadline: Instant) -> String {
    let left = deadline.saturating_duration_since(Instant::now());
    match counted.recv_timeout(left) {
        Ok(count) => format!("{count} dumps wait"),
        Err(_) => "dumps that nobody could count in time wait".to_owned(),
    }
}

/// How long deliveries may still take, so that the last sync has its share of `whole`.
fn for_deliveries(deadline: Instant, whole: Duration, now: Instant) -> Duration {
    let left = deadline.saturating_duration_since(now);
    left.saturating_sub(whole / LAST_SYNC_SHARE)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn deliveries_leave_the_last_sync_its_share_and_the_stop_its_time() {
        let begin = Instant::now();
        let whole = Duration::from_secs(8);
        for (peers_ms, deliveries_ms) in [(0, 7_000), (2_000, 5_000), (6_999, 1), (7_500, 0), (60_000, 0)] {
            let now = begin + Duration::from_millis(peers_ms);
            let left = for_deliveries(begin + whole, whole, now);
            assert_eq!(left, Duration::from_millis(deliveries_ms), "{peers_ms}");
        }
    }

    #[test]
    fn what_is_counted_is_told_and_a_count_that_hangs_is_not_waited_for() {
        let (count, counted) = mpsc::channel();
        let unknown = "dumps that nobody could count in time wait";
        assert_eq!(waiting(&counted, Instant::now()), unknown);
        count.send(3).unwrap();
        assert_eq!(waiting(&counted, Instant::now()), "3 dumps wait");
        drop(count);
        assert_eq!(waiting(&counted, Instant::now() + Duration::from_secs(3600)), unknown);
    }
}
