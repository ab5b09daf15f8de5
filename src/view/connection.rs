//! One connection: what its calls and events tell, joined with its statistics at the end.
use std::collections::HashMap;
use std::io;

use super::binary::Number;
use super::budget::Budget;
use super::call::Call;
use super::client::Client;
use super::descriptions::Descriptions;
use super::head::{self, Changes, Polls, Report, States, number};
use super::ice::{self, Ice};
use super::judgement::Judgement;
use super::lookup::Lookup;
use super::matrix::matrix;
use super::series::{Collected, longest_wait};
use super::setup::Setup;
use super::signalling::Signalling;
use super::tracks::tracks;
use super::words::short;
use crate::dump::json::Json;

/// See the head of the file.
#[derive(Debug, Default)]
pub struct Connection {
    name: Option<String>,
    /// The first and the last moment.
    span: Option<(f64, f64)>,
    closed: bool,
    states: States,
    signalling: Signalling,
    setup: Setup,
    ice: Ice,
}

/// What is known of the whole dump when a connection is finished.
pub struct Rest<'a> {
    pub collected: &'a Collected,
    /// The places of series in the head.
    pub places: &'a HashMap<usize, usize>,
    pub client: &'a Client,
    pub descriptions: &'a Descriptions,
    /// Nothing was before.
    pub start: f64,
}

impl Connection {
    /// There is an event of this connection, whose name was sent like this. Its time may not be known.
    pub fn seen(&mut self, name: Json<'_>, time: Option<f64>) {
        self.name.get_or_insert_with(|| short(name));
        let Some(time) = time else { return };
        let (start, end) = self.span.unwrap_or((time, time));
        self.span = Some((start.min(time), end.max(time)));
    }

    /// Takes an event that is not of statistics.
    pub fn call(&mut self, call: &Call<'_>, place: usize, descriptions: &mut Descriptions, budget: &mut Budget) {
        self.signalling.call(call, place, descriptions, budget);
        self.setup.call(call);
        self.ice.call(call, budget);
        let states = &mut self.states;
        match call.name {
            "onsignalingstatechange" => change(&mut states.signaling, call, budget),
            "oniceconnectionstatechange" => change(&mut states.ice, call, budget),
            "onconnectionstatechange" => change(&mut states.connection, call, budget),
            "onicegatheringstatechange" => change(&mut states.gathering, call, budget),
            "close" => self.closed = true,
            _ => {}
        }
    }

    /// When something happened that matters: findings, and changes of state.
    pub fn moments(&self, judgement: &Judgement) -> Vec<(f64, f64)> {
        let States { ice, connection, .. } = &self.states;
        let states = ice.iter().chain(connection).map(|(time, _)| (time.0, time.0));
        let (start, end) = self.span.unwrap_or_default();
        let findings = judgement.spans().filter(|(from, to)| *from <= end && *to >= start);
        findings.chain(states).collect()
    }

    /// The connection at this place of the head.
    ///
    /// # Errors
    /// Those of the room that was lent.
    pub fn finish(
        mut self,
        place: usize,
        polls: Polls,
        reports: Vec<Report>,
        rest: &Rest<'_>,
    ) -> io::Result<head::Connection> {
        let (start, end) = self.span.unwrap_or((rest.start, rest.start));
        let States {
            signaling,
            ice,
            connection,
            gathering,
        } = &mut self.states;
        // What came before any time was known.
        for (time, _) in [signaling, ice, connection, gathering].into_iter().flatten() {
            time.0 = time.0.max(rest.start);
        }
        let lookup = Lookup::new(rest.collected, place);
        let path = ice::path(&lookup)?;
        let [local, remote] = self.signalling.last();
        let text = |index: Option<usize>| index.map_or("", |index| rest.descriptions.text(index));
        let times = rest
            .collected
            .connections()
            .get(place)
            .map_or(&[][..], |polled| &polled.times);
        Ok(head::Connection {
            index: place + 1,
            name: self.name.unwrap_or_default(),
            start: number(start),
            end: number(end),
            closed: self.closed,
            states: self.states,
            setup: self.setup.finish(rest.client.gum(), &lookup)?,
            gaps: gaps(times),
            tracks: tracks(&lookup, rest.places, rest.client)?,
            matrix: matrix(text(local), text(remote), &lookup)?,
            ice: self.ice.finish(&lookup, rest.places, &path)?,
            path,
            rounds: self.signalling.finish(),
            polls,
            reports,
        })
    }
}

fn change(changes: &mut Changes, call: &Call<'_>, budget: &mut Budget) {
    let state = short(call.value);
    let is_new = changes.last().is_none_or(|(_, last)| *last != state);
    if is_new && budget.takes(state.len()) {
        changes.push((number(call.time), state));
    }
}

fn gaps(times: &[f64]) -> Vec<(Number, Number)> {
    let longest = longest_wait(times);
    let gaps = times.windows(2).filter(|pair| pair[1] - pair[0] > longest);
    gaps.map(|pair| (number(pair[0]), number(pair[1]))).collect()
}
