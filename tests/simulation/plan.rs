//! Everything that determines one run, and the text by which it can be replayed.

use std::fmt;
use std::str::FromStr;

use rtcstats_server::fault::Broken;

/// One run: `SEED/CLIENTS/MESSAGES/WEATHER/CRASH,CRASH…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub seed: u64,
    pub clients: usize,
    /// The most messages of one client.
    pub messages: usize,
    /// Whether writes are cut short, descriptors run out and directories are missing now and then.
    pub trouble: bool,
    /// Whether a crash affects the whole machine, so that a part of what was not synced is lost.
    pub power_cuts: bool,
    /// The file operation of each life after which the process dies. One more life follows.
    pub crashes: Vec<usize>,
}

/// How a server is broken, to show that this is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The real engine, spool or delivery with one rule switched off.
    Rule(Broken),
    /// A driver of the engine that does not do its part.
    Driver(BadDriver),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadDriver {
    /// Sends answers before the turn that they belong to has ended.
    AnswersEarly,
    /// Reads a socket although the engine wants no input.
    ReadsWhileRefused,
}

impl Fault {
    /// All faults.
    pub fn all() -> impl Iterator<Item = Fault> {
        let drivers = [BadDriver::AnswersEarly, BadDriver::ReadsWhileRefused];
        let rules = Broken::ALL.into_iter().map(Fault::Rule);
        rules.chain(drivers.map(Fault::Driver))
    }

    /// The rule that is switched off.
    pub fn rule(self) -> Option<Broken> {
        match self {
            Fault::Rule(rule) => Some(rule),
            Fault::None | Fault::Driver(_) => None,
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let crashes: Vec<String> = self.crashes.iter().map(usize::to_string).collect();
        let weather = u8::from(self.trouble) + 2 * u8::from(self.power_cuts);
        let Plan {
            seed,
            clients,
            messages,
            ..
        } = self;
        write!(f, "{seed}/{clients}/{messages}/{weather}/{}", crashes.join(","))
    }
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(text: &str) -> Result<Plan, String> {
        let wrong = || format!("{text:?} is not SEED/CLIENTS/MESSAGES/WEATHER/CRASH,CRASH");
        let number = |part: &str| part.parse::<usize>().map_err(|_| wrong());
        let parts: Vec<&str> = text.split('/').collect();
        let &[seed, clients, messages, weather, crashes] = &parts[..] else {
            return Err(wrong());
        };
        let crashes = crashes.split(',').filter(|crash| !crash.is_empty());
        Ok(Plan {
            seed: seed.parse().map_err(|_| wrong())?,
            clients: number(clients)?,
            messages: number(messages)?.max(1),
            trouble: number(weather)? & 1 != 0,
            power_cuts: number(weather)? & 2 != 0,
            crashes: crashes.map(number).collect::<Result<_, _>>()?,
        })
    }
}

impl Plan {
    /// Smaller plans, the smallest first: one of them that still fails is easier to understand.
    pub fn smaller(&self) -> Vec<Plan> {
        let mut plans = Vec::new();
        for clients in 1..=self.clients.min(4) {
            for messages in [1, 3, self.messages] {
                for trouble in [false, self.trouble] {
                    let plan = Plan {
                        clients,
                        messages: messages.min(self.messages),
                        trouble,
                        ..self.clone()
                    };
                    if plan != *self && !plans.contains(&plan) {
                        plans.push(plan);
                    }
                }
            }
        }
        plans
    }
}
