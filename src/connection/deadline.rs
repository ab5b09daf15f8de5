//! When something is due on a connection: the next ping, or its end after too long a silence.
//!
//! There is no clock here: every time is an argument. A deadline too far in the future to be represented counts as
//! none.

use std::time::{Duration, Instant};

use super::policy::ConnectionLimits;

/// The time at which something that began at `since` has taken too long.
pub(super) fn after(since: Instant, time: Duration) -> Option<Instant> {
    since.checked_add(time)
}

/// Whether something that began at `since` has taken too long.
pub(super) fn passed(since: Instant, time: Duration, now: Instant) -> bool {
    after(since, time).is_some_and(|end| end <= now)
}

/// Signs of life of a session's peer.
#[derive(Debug)]
pub(super) struct Liveness {
    heard: Instant,
    ping: Ping,
}

/// A ping that is not answered yet is not followed by another one: TCP loses none, and if the peer does not read, pings
/// would only pile up.
#[derive(Debug)]
enum Ping {
    /// The last ping was answered, or the session began, at this time. The next ping is due one interval later.
    Last(Instant),
    /// A ping was sent and is not answered yet.
    Unanswered,
}

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing yet.
    Nothing,
    /// A ping. It counts as sent.
    Ping,
    /// The end: nothing was received for too long.
    Reap,
}

impl Liveness {
    pub(super) fn new(now: Instant) -> Liveness {
        Liveness {
            heard: now,
            ping: Ping::Last(now),
        }
    }

    /// Any bytes have arrived.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// A pong has arrived.
    pub(super) fn answered(&mut self, now: Instant) {
        if let Ping::Unanswered = self.ping {
            self.ping = Ping::Last(now);
        }
    }

    /// When to ask next what is due.
    pub(super) fn next(&self, limits: &ConnectionLimits) -> Option<Instant> {
        let reap = after(self.heard, limits.idle_time.0);
        let ping = match self.ping {
            Ping::Last(at) => after(at, limits.ping_interval.0),
            Ping::Unanswered => None,
        };
        reap.into_iter().chain(ping).min()
    }

    /// What is due now.
    pub(super) fn due(&mut self, now: Instant, limits: &ConnectionLimits) -> Due {
        let silent = passed(self.heard, limits.idle_time.0, now);
        match self.ping {
            Ping::Unanswered if silent => Due::Reap,
            // No ping is under way: we ourselves stood still (a stopped process, a paused machine). So the peer's time
            // begins now.
            Ping::Last(_) if silent => {
                self.heard = now;
                self.ping = Ping::Unanswered;
                Due::Ping
            }
            Ping::Last(at) if passed(at, limits.ping_interval.0, now) => {
                self.ping = Ping::Unanswered;
                Due::Ping
            }
            _ => Due::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_ping_is_due_after_an_interval_and_the_end_after_silence() {
        let limits = ConnectionLimits::default();
        let start = Instant::now();
        let mut life = Liveness::new(start);
        assert_eq!(life.next(&limits), Some(start + 30 * SECOND));
        assert_eq!(life.due(start + 29 * SECOND, &limits), Due::Nothing);
        assert_eq!(life.due(start + 30 * SECOND, &limits), Due::Ping);
        assert_eq!(life.due(start + 30 * SECOND, &limits), Due::Nothing);
        assert_eq!(life.next(&limits), Some(start + 90 * SECOND));
        assert_eq!(life.due(start + 90 * SECOND, &limits), Due::Reap);
    }

    #[test]
    fn only_a_pong_allows_the_next_ping_but_every_byte_puts_off_the_end() {
        let limits = ConnectionLimits::default();
        let start = Instant::now();
        let mut life = Liveness::new(start);
        life.due(start + 30 * SECOND, &limits);
        life.heard(start + 60 * SECOND);
        assert_eq!(life.next(&limits), Some(start + 150 * SECOND));
        life.answered(start + 61 * SECOND);
        assert_eq!(life.next(&limits), Some(start + 91 * SECOND));
    }

    #[test]
    fn a_peer_that_was_never_asked_is_asked_before_the_end() {
        let limits = ConnectionLimits::default();
        let start = Instant::now();
        let mut life = Liveness::new(start);
        assert_eq!(life.due(start + 300 * SECOND, &limits), Due::Ping);
        assert_eq!(life.next(&limits), Some(start + 390 * SECOND));
        assert_eq!(life.due(start + 390 * SECOND, &limits), Due::Reap);
    }

    #[test]
    fn an_unasked_pong_does_not_put_off_the_ping() {
        let limits = ConnectionLimits::default();
        let start = Instant::now();
        let mut life = Liveness::new(start);
        life.answered(start + 20 * SECOND);
        assert_eq!(life.next(&limits), Some(start + 30 * SECOND));
    }

    #[test]
    fn a_time_beyond_the_clock_never_comes() {
        let now = Instant::now();
        assert_eq!(after(now, Duration::MAX), None);
        assert!(!passed(now, Duration::MAX, now));
        assert!(passed(now, Duration::ZERO, now));
    }
}
