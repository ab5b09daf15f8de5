//! The list of faults, and how each begins and ends.

use proxy::Fault::{Answer, CutAfter, Hang, Refuse, ResetInBody, Slow};
use support::proxy;
use support::wait_until;

use crate::outage::site::{REFUSED_USER, Site};

/// A fault, and what the log says when the server has met it. The log says nothing about a slow destination.
pub struct Case {
    pub name: &'static str,
    pub fault: Fault,
    pub says: &'static str,
}

/// Where the fault happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// On the way to the bucket.
    Store(proxy::Fault),
    /// On the way to the database.
    Database(proxy::Fault),
    /// The keys for the bucket expire, and no new ones are given.
    Keys,
    /// The database refuses the row of one dump.
    Row,
    /// The database has ended and stays away.
    Stopped,
    /// The database ends while it writes rows, and is back at once.
    Restarted,
    /// The database stands still, while the kernel goes on accepting connections and bytes for it.
    Frozen,
}

/// What becomes of the dumps while the fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// All wait, and all are packed.
    Packed,
    /// All wait. Some keep the workers busy, so that others are not packed yet.
    Spooled,
    /// One dump waits by itself, the others are delivered.
    OneWaits,
    /// The fault is over before anything can be observed.
    Unseen,
}

const fn case(name: &'static str, fault: Fault, says: &'static str) -> Case {
    Case { name, fault, says }
}

pub static CASES: [Case; 17] = [
    case("store refuses", Fault::Store(Refuse), "Connection refused"),
    case("store hangs", Fault::Store(Hang), "no answer in time"),
    case("store resets in mid-body", Fault::Store(ResetInBody(100)), DOWN),
    case(
        "store answers 500",
        Fault::Store(Answer(500, "InternalError")),
        "(500 InternalError)",
    ),
    case(
        "store answers 503",
        Fault::Store(Answer(503, "SlowDown")),
        "(503 SlowDown)",
    ),
    case(
        "store answers 403",
        Fault::Store(Answer(403, "AccessDenied")),
        "(403 AccessDenied)",
    ),
    case("store is slow", Fault::Store(Slow), ""),
    case("store's keys expire", Fault::Keys, "it answered with 503"),
    case("database refuses", Fault::Database(Refuse), DOWN),
    case("database hangs", Fault::Database(Hang), "no answer within"),
    case("database is slow", Fault::Database(Slow), ""),
    case(
        "database is cut off after INSERT",
        Fault::Database(CutAfter("INSERT")),
        DOWN,
    ),
    case(
        "database is cut off after COMMIT",
        Fault::Database(CutAfter("COMMIT\0")),
        DOWN,
    ),
    case("database refuses a row", Fault::Row, "SQLSTATE 23514"),
    case("database is stopped", Fault::Stopped, DOWN),
    case("database is restarted", Fault::Restarted, DOWN),
    case("database is frozen", Fault::Frozen, "no answer within"),
];

const DOWN: &str = "is down, dumps wait on disk and are tried again until it works";

impl Fault {
    /// Whether it affects every server that uses the same destination.
    pub fn is_of_all(self) -> bool {
        matches!(self, Fault::Stopped | Fault::Restarted | Fault::Frozen)
    }

    pub fn wait(self) -> Wait {
        match self {
            Fault::Store(Slow) | Fault::Database(Slow) => Wait::Spooled,
            Fault::Row => Wait::OneWaits,
            Fault::Restarted => Wait::Unseen,
            _ => Wait::Packed,
        }
    }

    pub fn begin(self, site: &mut Site) {
        match self {
            Fault::Store(fault) => site.store.set(Some(fault)),
            Fault::Database(fault) => site.database.set(Some(fault)),
            Fault::Keys => {
                site.keys().run_dry();
                // From now on, a server that uses an expired key for a moment too long gets 403.
                site.remote().moto.end_session(site.name);
            }
            Fault::Row => {
                let refuse = format!("INSERT INTO refused VALUES ('{REFUSED_USER}')");
                site.remote().cluster.execute(&refuse);
            }
            Fault::Stopped => site.remote().cluster.stop(),
            Fault::Restarted => site.lock_table(),
            Fault::Frozen => site.remote().cluster.freeze(),
        }
    }

    /// The part that can only happen while there are dumps: the database ends in the middle of their rows.
    pub fn strike(self, site: &mut Site) {
        if self == Fault::Restarted {
            let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
            wait_until("rows to be under way", || site.remote().cluster.number(waiting) > 0);
            site.remote().cluster.stop();
            site.unlock_table();
            site.remote().cluster.restart();
        }
    }

    /// What the proxy on the way has seen. `None` if there is no proxy, or nothing comes through.
    pub fn seen(self, site: &Site) -> Option<proxy::Seen> {
        match self {
            Fault::Store(Refuse) | Fault::Database(Refuse) => None,
            Fault::Store(_) => Some(site.store.seen()),
            Fault::Database(_) => Some(site.database.seen()),
            _ => None,
        }
    }

    pub fn end(self, site: &mut Site) {
        match self {
            Fault::Store(_) => site.store.set(None),
            Fault::Database(_) => site.database.set(None),
            Fault::Keys => site.give_new_keys(),
            Fault::Row => site.remote().cluster.execute("DELETE FROM refused"),
            Fault::Stopped => site.remote().cluster.restart(),
            Fault::Restarted => {}
            Fault::Frozen => site.remote().cluster.thaw(),
        }
    }
}
