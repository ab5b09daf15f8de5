//! Where ICE stands, from the states that a dump has: those of ICE, and those of the connection before ICE connected.
use super::super::states::{Connectivity, Ice};
use super::super::view::View;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    New,
    Checking,
    Connected,
    Disconnected,
    Failed,
    Closed,
}

/// The phase of one connection, and since when.
#[derive(Debug, Default)]
pub struct Phases {
    pub now: Phase,
    pub since: Option<f64>,
    connected: Option<f64>,
}

/// A phase has ended.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub from: Phase,
    /// When the phase before began, in ms since 1970.
    pub since: Option<f64>,
    pub to: Phase,
}

impl Phases {
    /// Called at each event of a state. `None` if ICE stands where it stood.
    pub fn event(&mut self, view: &View<'_>) -> Option<Change> {
        if view.scene().form.is_late() {
            // The log begins behind the first connection, or may do so.
            self.connected.get_or_insert(view.now);
        }
        let to = phase(view, self.was_connected())?;
        if to == self.now {
            return None;
        }
        let change = Change {
            from: self.now,
            since: self.since,
            to,
        };
        (self.now, self.since) = (to, Some(view.now));
        if to == Phase::Connected {
            self.connected.get_or_insert(view.now);
        }
        Some(change)
    }

    /// Whether it ever was, as far as can be known.
    pub fn was_connected(&self) -> bool {
        self.connected.is_some()
    }
}

fn phase(view: &View<'_>, was_connected: bool) -> Option<Phase> {
    let scene = view.scene();
    let ice = scene.ice.map(|now| match now.state {
        Ice::New => Phase::New,
        Ice::Checking => Phase::Checking,
        Ice::Connected | Ice::Completed => Phase::Connected,
        Ice::Failed => Phase::Failed,
        Ice::Disconnected => Phase::Disconnected,
        Ice::Closed => Phase::Closed,
    });
    let connection = scene.connectivity.map(|now| now.state);
    match (ice, connection) {
        // The connection's state is the last word where ICE has never connected.
        (Some(Phase::New | Phase::Checking) | None, Some(Connectivity::Failed)) if !was_connected => {
            Some(Phase::Failed)
        }
        // Browsers leave ICE disconnected when they give the connection up.
        (Some(Phase::Disconnected), Some(Connectivity::Failed)) => Some(Phase::Failed),
        (Some(ice), _) => Some(ice),
        (None, Some(Connectivity::Connecting)) => Some(Phase::Checking),
        (None, Some(Connectivity::Connected)) => Some(Phase::Connected),
        (None, Some(Connectivity::Disconnected)) => Some(Phase::Disconnected),
        (None, Some(Connectivity::Failed)) => Some(Phase::Failed),
        (None, Some(Connectivity::Closed)) => Some(Phase::Closed),
        (None, Some(Connectivity::New) | None) => None,
    }
}
