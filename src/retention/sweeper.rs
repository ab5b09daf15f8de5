//! When retention sweeps the store: at the start, and then at intervals until the server stops.
//!
//! Runs on a thread of its own, which is woken when the server stops and which looks at the clock. Failures are logged
//! and tried again. What stays as it is from sweep to sweep is told once.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::last_sweep::LastSweep;
use super::sweep::{Doubt, Sweep, Swept};
use crate::limits::RETENTION_PAUSE_S_MAX;
use crate::time::UnixMs;

/// Sweeps until `stop` says so. It is asked after each wake-up and before each removal.
pub fn run(sweep: &Sweep<'_>, stop: &dyn Fn() -> bool) {
    let mut next = Instant::now();
    let mut told = Told::default();
    while !stop() {
        let now = Instant::now();
        if now < next {
            thread::park_timeout(next - now);
            continue;
        }
        next = now + Duration::from_secs(RETENTION_PAUSE_S_MAX);
        sweep_once(sweep, &mut told, stop);
    }
}

/// What earlier sweeps leave to the next one.
#[derive(Default)]
struct Told {
    unwritten: Option<LastSweep>,
    /// The doubt that was told, by its end.
    doubt: Option<UnixMs>,
    kept: Option<(usize, String)>,
    ahead: usize,
}

fn sweep_once(sweep: &Sweep<'_>, told: &mut Told, stop: &dyn Fn() -> bool) {
    let now = SystemTime::now();
    match catch_unwind(AssertUnwindSafe(|| sweep.run(now, &mut told.unwritten, stop))) {
        Ok(Ok(swept)) => tell(swept, told, now.into()),
        Ok(Err(error)) => log::error!("retention goes on later: {error}"),
        Err(_) => log::error!("the program panicked while it let stored dumps go; this is tried again later"),
    }
}

fn tell(swept: Swept, told: &mut Told, now: UnixMs) {
    let Swept { dumps, bytes, .. } = swept;
    if dumps > 0 {
        log::info!("retention let {dumps} stored dumps of {bytes} bytes go");
    }
    if let Some(doubt) = swept.doubt.filter(|doubt| doubt.dumps > 0)
        && told.doubt.replace(doubt.until) != Some(doubt.until)
    {
        log::warn!("{}", doubted(&doubt, now));
    }
    let kept = swept.why.map(|why| (swept.kept, why));
    if kept != told.kept {
        if let Some((count, why)) = &kept {
            log::warn!("retention cannot let {count} stored dumps go; the first is {why}");
        }
        told.kept = kept;
    }
    if swept.ahead != told.ahead {
        let count = swept.ahead;
        if count > 0 {
            log::warn!(
                "{count} stored dumps have only times that are ahead of the clock, in their names and of their files: \
                 max_age keeps them. If the clock is right, give their files today's time with touch(1)"
            );
        }
        told.ahead = count;
    }
}

fn doubted(doubt: &Doubt, now: UnixMs) -> String {
    let Doubt {
        dumps,
        bytes,
        last,
        until,
    } = doubt;
    let since = match last {
        Some(last) => format!("and the last sweep was at {last}"),
        None => "and the folder remembers no earlier sweep".to_owned(),
    };
    format!(
        "retention would let {dumps} stored dumps of {bytes} bytes go because of their age, but the clock says {now}, \
         {since}. They stay until {until}. If the clock is right, there is nothing to do; if not, set it right or set \
         retention.max_age (keep_local for copies) to 0 before"
    )
}
