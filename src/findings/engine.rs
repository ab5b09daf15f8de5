//! Hands each event to the rules that hear of it.
//!
//! First the world is brought up to date, then the rules look at it, one after the other. A rule that panics is not
//! used any more; the others go on where it was. Rules see nothing of each other.
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::blind;
use super::call::Call;
use super::cast::Cast;
use super::compose::compose;
use super::draft::{Blind, Out, Said};
use super::hand::{Cursor, Hand, Health};
use super::level::Last;
use super::output::Findings;
use super::plan::Plan;
use super::rule::{Watch, Watcher};
use super::scene::Scene;
use super::settings::{Settings, Usage};
use super::view::View;
use super::wakes::{Wake, Wakes};
use super::world::{End, World};
use crate::dump::decode::{Event, Value};
use crate::dump::reports::Reports;
use crate::fault;

pub struct Engine {
    plan: &'static Plan,
    settings: Settings,
    health: Vec<Health>,
    pub world: World,
    said: Said,
    wakes: Wakes,
    dump: Cast,
    casts: Vec<Cast>,
    cursor: Cursor,
}

/// What rules are to look at.
#[derive(Clone, Copy)]
enum Work<'a> {
    Call(&'a Event<'a>, &'a Call<'a>),
    Poll(f64, usize, &'a Reports),
    Wake(Wake),
    /// The connection is closed: its reports say nothing any more.
    Closed(f64, usize),
    /// The dump ends, seen from this connection.
    End(f64, usize),
}

/// Something is wrong with what all rules rest on.
pub struct Ruined;

impl Engine {
    pub fn new(settings: &Settings) -> Engine {
        let plan = Plan::get();
        let health = settings.iter().map(|setting| match setting.usage {
            Usage::On => Health::Used,
            Usage::Off => Health::Off,
        });
        Engine {
            plan,
            settings: settings.clone(),
            health: health.collect(),
            world: World::default(),
            said: Said::default(),
            wakes: Wakes::default(),
            dump: Cast::default(),
            casts: Vec::new(),
            cursor: Cursor::default(),
        }
    }

    /// Takes the next event.
    ///
    /// # Errors
    /// The engine itself has panicked, and says nothing any more.
    pub fn event(&mut self, event: &Event<'_>) -> Result<(), Ruined> {
        let connection = event.connection.index;
        while let Some(wake) = self.wakes.due(event.timestamp) {
            self.run(Work::Wake(wake))?;
        }
        let update = |engine: &mut Engine| {
            let is_known = engine.world.begin(event);
            while engine.casts.len() < engine.world.scenes.len() {
                engine.casts.push(Cast::default());
            }
            is_known
        };
        if !contained(|| update(self))? {
            return Ok(());
        }
        if let Value::Reports(reports) = event.value {
            if self.world.is_repeated(connection, reports) {
                return Ok(());
            }
            contained(|| self.world.poll(connection, event.timestamp, reports))?;
            return self.run(Work::Poll(event.timestamp, connection, reports));
        }
        let call = Call::of(event);
        if call.is("getStats") {
            return Ok(());
        }
        let was_open = self.world.scenes[connection].closed.is_none();
        contained(|| self.world.call(&call))?;
        if was_open && self.world.scenes[connection].closed.is_some() {
            self.run(Work::Closed(event.timestamp, connection))?;
        }
        self.run(Work::Call(event, &call))
    }

    /// There are no more events. `None` if the engine itself has panicked.
    pub fn finish(mut self: Box<Self>, end: End) -> Option<Findings> {
        self.world.end = Some(end);
        let last = self.world.last;
        if self.casts.is_empty() {
            contained(|| self.world.begin_client()).ok()?;
            self.casts.push(Cast::default());
        }
        for connection in (0..self.casts.len()).rev() {
            self.run(Work::End(last, connection)).ok()?;
        }
        let whole = || {
            let Engine {
                plan,
                health,
                mut world,
                mut said,
                ..
            } = *self;
            world.scenes.iter_mut().for_each(Scene::end);
            blind::tell(plan, &health, &world, &mut said);
            let used = health.iter().filter(|health| **health != Health::Off).count();
            compose(plan, used, &world, said)
        };
        contained(whole).ok()
    }

    /// Lets all rules look that have to, whatever some of them do.
    fn run(&mut self, work: Work<'_>) -> Result<(), Ruined> {
        self.cursor = Cursor::default();
        while catch_unwind(AssertUnwindSafe(|| self.look(work))).is_err() {
            let rule = self.cursor.rule.take().ok_or(Ruined)?;
            self.health[rule] = Health::Broken;
            self.said.fired.retain(|fired| fired.rule != rule);
            self.said.blind(Blind {
                rule,
                connection: 0,
                reason: "the program failed at it".to_owned(),
            });
        }
        Ok(())
    }

    fn look(&mut self, work: Work<'_>) {
        match work {
            Work::Call(event, call) => self.look_at_call(event, call),
            Work::Poll(time, connection, reports) => self.look_at_poll(time, connection, reports),
            Work::Wake(wake) => self.wake(wake),
            Work::Closed(time, connection) => self.close(time, connection, Last::Over),
            Work::End(time, connection) => {
                self.close(time, connection, Last::Dump);
                self.end_watchers(time, connection);
            }
        }
    }

    fn look_at_call(&mut self, event: &Event<'_>, call: &Call<'_>) {
        let hearers = self.plan.hearers(&event.method);
        while let Some(rule) = hearers.get(self.cursor.at) {
            self.cursor.at += 1;
            self.tell(*rule, event.timestamp, call.connection, None, |watcher, view, out| {
                watcher.event(call, view, out);
            });
        }
    }

    fn wake(&mut self, wake: Wake) {
        if self.cursor.at == 0 {
            self.cursor.at = 1;
            self.tell(wake.rule, wake.time, wake.connection, None, |watcher, view, out| {
                watcher.wake(view, out)
            });
        }
    }

    /// Lets a watcher know something. It is made if it is the first time.
    fn tell(
        &mut self,
        rule: usize,
        now: f64,
        connection: usize,
        reports: Option<&Reports>,
        what: impl FnOnce(&mut dyn Watcher, &View<'_>, &mut Out<'_>),
    ) {
        if self.health[rule] != Health::Used {
            return;
        }
        let (cast, new) = match &self.plan.rules[rule].watch {
            Watch::Dump(_, new) => (&mut self.dump, new),
            Watch::Connection(_, new) => (&mut self.casts[connection], new),
            Watch::Never | Watch::Level(_) | Watch::Report(..) => return,
        };
        let view = View {
            now,
            world: &self.world,
            connection,
            reports,
        };
        let mut out = Out {
            rule,
            connection,
            said: &mut self.said,
            wakes: &mut self.wakes,
        };
        self.cursor.rule = Some(rule);
        fault::stumble("rules");
        let settings = &self.settings;
        let watcher = cast.watcher(rule, || new(&settings.limits(rule)));
        what(watcher, &view, &mut out);
        self.cursor.rule = None;
    }

    /// What looks at the reports of a connection, and the states of its rules.
    fn hand<'a>(&'a mut self, now: f64, connection: usize, reports: Option<&'a Reports>) -> (Hand<'a>, &'a mut Cast) {
        let view = View {
            now,
            world: &self.world,
            connection,
            reports,
        };
        let hand = Hand {
            plan: self.plan,
            settings: &self.settings,
            health: &self.health,
            said: &mut self.said,
            wakes: &mut self.wakes,
            cursor: &mut self.cursor,
            view,
        };
        (hand, &mut self.casts[connection])
    }

    fn look_at_poll(&mut self, time: f64, connection: usize, reports: &Reports) {
        let (mut hand, cast) = self.hand(time, connection, Some(reports));
        if hand.cursor.stage == 0 {
            while hand.cursor.slot < hand.view.scene().samples.slots().len() {
                hand.report(cast, hand.cursor.slot);
                hand.cursor.slot += 1;
                hand.cursor.at = 0;
            }
            (hand.cursor.stage, hand.cursor.at) = (1, 0);
        }
        if hand.cursor.stage == 1 {
            hand.pair(cast);
            (hand.cursor.stage, hand.cursor.at) = (2, 0);
        }
        if hand.cursor.stage == 2 {
            hand.connection(cast);
            (hand.cursor.stage, hand.cursor.at) = (3, 0);
        }
        self.polled(time, connection, reports);
    }

    fn polled(&mut self, time: f64, connection: usize, reports: &Reports) {
        while let Some(rule) = self.plan.polled.get(self.cursor.at) {
            self.cursor.at += 1;
            self.tell(*rule, time, connection, Some(reports), |watcher, view, out| {
                watcher.polled(view, out)
            });
        }
    }

    /// Ends what looks at reports and numbers.
    fn close(&mut self, time: f64, connection: usize, last: Last) {
        let (mut hand, cast) = self.hand(time, connection, None);
        if hand.cursor.stage == 0 {
            while hand.cursor.slot < hand.view.scene().samples.slots().len() {
                hand.report_ends(cast, hand.cursor.slot, last);
                hand.cursor.slot += 1;
                hand.cursor.at = 0;
            }
            hand.cursor.stage = 1;
            hand.connection_ends(cast, last);
            (hand.cursor.stage, hand.cursor.at) = (2, 0);
        }
    }

    /// Those that never heard anything are made for this, if they are of the dump.
    fn end_watchers(&mut self, time: f64, connection: usize) {
        while let Some(rule) = self.plan.rules.get(self.cursor.at) {
            let number = self.cursor.at;
            self.cursor.at += 1;
            let is_known = self.casts[connection].watchers.get(number).is_some_and(Option::is_some);
            let is_due = match rule.watch {
                // The client comes last.
                Watch::Dump(..) => connection == 0,
                Watch::Connection(..) => is_known,
                Watch::Never | Watch::Level(_) | Watch::Report(..) => false,
            };
            if is_due {
                self.tell(number, time, connection, None, |watcher, view, out| {
                    watcher.end(view, out)
                });
            }
        }
    }
}

/// The result of trusted work, unless it panics after all.
fn contained<T>(work: impl FnOnce() -> T) -> Result<T, Ruined> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Ruined)
}
