//! Runs a plan, life after life, until no crash is left in it. Then everything is checked.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rtcstats_server::fault::break_rule;

use super::faults::{Crash, arm, disarm};
use super::journal;
use super::oracle;
use super::plan::{Fault, Plan};
use super::server::Server;
use super::world::World;

/// What happened in a run that passed.
#[derive(Debug, Default)]
pub struct Report {
    /// The file operations of each life.
    pub points: Vec<Vec<&'static str>>,
    /// What happened at least once, in words; crashes by the operation after which they came.
    pub met: BTreeSet<String>,
}

/// Carries the plan out.
///
/// # Errors
/// What was not as it must be.
pub fn run(plan: &Plan, fault: Fault) -> Result<Report, String> {
    let mut world = World::new(plan, fault);
    journal::open();
    let mut points = Vec::new();
    for life in 0..=plan.crashes.len() {
        let at = plan.crashes.get(life).copied();
        let end = (plan.clients * (life + 1)).div_ceil(plan.crashes.len() + 1);
        points.push(live(&mut world, at, end)?);
        if !world.violations.is_empty() {
            return Err(world.violations.join("\n"));
        }
    }
    if plan.power_cuts {
        // What was delivered is durable.
        world.durable.clone().borrow_mut().cut(&mut world.random);
    }
    oracle::at_end(&mut world);
    match world.violations.is_empty() {
        true => Ok(Report { points, met: world.met }),
        false => Err(world.violations.join("\n")),
    }
}

/// One life, up to its crash or to its end. Returns its file operations.
fn live(world: &mut World, crash: Option<usize>, end: usize) -> Result<Vec<&'static str>, String> {
    let (durable, power_cuts) = (world.durable.clone(), world.plan.power_cuts);
    let dying = durable.clone();
    let synced = move || {
        if power_cuts {
            durable.borrow_mut().synced();
        }
    };
    let passed = arm(crash, synced, move || dying.borrow_mut().dies());
    break_rule(world.fault.rule());
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let mut server = Server::start(world);
        server.serve(end);
        server.stop();
    }));
    break_rule(None);
    disarm();
    // A client that was to come in this life but did not will not come in any other: a crash ends what it affects.
    world.next_client = end;
    match ended {
        Ok(()) => {}
        Err(crash) if crash.is::<Crash>() => {
            let name = passed.borrow().last().copied().unwrap_or_default();
            world.meet(format!("crash after {name}"));
            let durable = world.durable.clone();
            if power_cuts && !world.random.one_in(3) {
                durable.borrow_mut().cut(&mut world.random);
                oracle::after_power_cut(world);
            } else {
                durable.borrow_mut().died();
                oracle::after_crash(world);
            }
        }
        Err(panic) => return Err(format!("panicked: {}", text(&panic))),
    }
    Ok(passed.take())
}

fn text(panic: &Box<dyn std::any::Any + Send>) -> String {
    let fixed = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    fixed
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

/// A plan that fails, made as small as is easily possible, and how it fails.
pub fn shrink(plan: &Plan, fault: Fault, what: String) -> (Plan, String) {
    for smaller in plan.smaller() {
        // With less to do, the crashes come at other points; only that of the first life is searched for.
        let first = plan.crashes.first().copied().unwrap_or(0);
        for at in 1..=first.min(200) {
            let mut crashes = plan.crashes.clone();
            crashes[0] = at;
            let smaller = Plan {
                crashes,
                ..smaller.clone()
            };
            if let Err(what) = run(&smaller, fault) {
                return (smaller, what);
            }
        }
        if first == 0
            && let Err(what) = run(&smaller, fault)
        {
            return (smaller, what);
        }
    }
    (plan.clone(), what)
}
