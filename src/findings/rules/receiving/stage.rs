//! On which stage a received video stood still: the first one of its chain that did.
use std::collections::VecDeque;

use crate::findings::columns::{Link, inbound, pair, transport};
use crate::findings::run::Span;
use crate::findings::view::Interval;

/// In the order in which a frame passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Transport,
    Packets,
    Frames,
    Decoder,
    None,
}

/// So many polls are remembered.
const POLLS: usize = 32;

/// What stood still at the last polls.
#[derive(Clone, Debug, Default)]
pub struct Stages {
    recent: VecDeque<(Span, Stage)>,
}

impl Stages {
    pub fn add(&mut self, interval: &Interval<'_>) {
        if self.recent.len() == POLLS {
            self.recent.pop_front();
        }
        let (start, end) = (interval.start, interval.end);
        self.recent.push_back((Span { start, end }, stage(interval)));
    }

    /// The first stage that stood still in this time.
    pub fn within(&self, span: Span) -> Stage {
        let own = self
            .recent
            .iter()
            .filter(|(own, _)| own.end > span.start && own.start < span.end);
        own.map(|(_, stage)| *stage).min().unwrap_or(Stage::None)
    }
}

fn stage(interval: &Interval<'_>) -> Stage {
    let is_still = |column| interval.delta(column) == Some(0.0);
    let transport = interval.linked(Link::Transport);
    let bytes = transport.and_then(|transport| transport.delta(transport::BYTES_RECEIVED));
    let of_pair = || {
        let pair = interval.view.scene().pair?;
        interval.view.interval(pair)?.delta(pair::BYTES_RECEIVED)
    };
    if bytes.or_else(of_pair) == Some(0.0) {
        Stage::Transport
    } else if is_still(inbound::PACKETS_RECEIVED) {
        Stage::Packets
    } else if is_still(inbound::FRAMES_RECEIVED) {
        Stage::Frames
    } else if is_still(inbound::FRAMES_DECODED) {
        Stage::Decoder
    } else {
        Stage::None
    }
}
