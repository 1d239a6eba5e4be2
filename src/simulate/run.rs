//! A model through its protocol, from one change to the next.
//!
//! What happens at one time happens in this order: interventions as listed, then the assignments of events, in the
//! order in which they came due and, of events that fired together, of the source. Each is done at once: its values
//! are computed from the state before it, and an event whose condition it makes true fires. An event that waits
//! (`after`) assigns at its time whatever became of its condition meanwhile, with values as they are then.
//!
//! Where a comparison of the time turns, integration stops at the last time before and goes on from the first one after,
//! which is its neighbour; the two differ by the rounding of time, so amounts are the same at both.

use super::batch::{Job, Receiver, drive};
use super::clock::Turn;
use super::error::{Culprit, Problem, SimulationError};
use super::lanes::Times;
use super::{Intervention, Model, Protocol, Settings, State};
use crate::solve::{Root, SolveError, Statistics};

/// So many events at one time are taken for a cascade without end.
const MOST_FIRINGS: usize = 1000;
/// So many events in one run are taken for ever more of them, such as a bounce that an event renews at once.
const MOST_EVENTS: usize = 200_000;

/// The model at a time of the sampling grid.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Seconds since the start of the run.
    pub time: f64,
    /// One amount for each species of the network, internal units.
    pub species: &'a [f64],
    /// As the model's programs read them.
    pub parameters: &'a [f64],
}

/// One thing that happened to a model in the course of a run, in order: with the protocol, all that is needed to go
/// through the run again without looking for events.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Act {
    /// Seconds since the start of the run.
    pub time: f64,
    pub what: Deed,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// The intervention at that position of the protocol.
    Intervention(usize),
    /// An event's condition became true: by itself, or at once by the deed before it.
    Fired { event: usize, by_itself: bool },
    /// An event's assignments, due since the deed at position `fired` of the same list.
    Assigned { event: usize, fired: usize },
}

/// How a run ended, and what happened on the way.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Interventions and events with their times in seconds.
    pub marks: Vec<(f64, String)>,
    /// Everything that was done to the model.
    pub acts: Vec<Act>,
    pub statistics: Statistics,
    /// Where the time went, if that was asked for.
    pub times: Option<Times>,
    /// Why it ended before its time.
    pub failure: Option<SimulationError>,
}

/// Runs a model from a state through a protocol, handing over each sample as it is reached.
pub fn run(
    model: &Model,
    start: State,
    protocol: &Protocol,
    settings: &Settings,
    record: &mut dyn FnMut(Sample<'_>),
) -> Outcome {
    let mut single = Single { record, outcome: Outcome::default() };
    let job = Job { index: 0, start, protocol };
    drive::<1>(model, &mut std::iter::once(job), settings, &mut single);
    single.outcome
}

/// The receiver of a single run.
struct Single<'a> {
    record: &'a mut dyn FnMut(Sample<'_>),
    outcome: Outcome,
}

impl Receiver for Single<'_> {
    fn sample(&mut self, _job: usize, sample: Sample<'_>) {
        (self.record)(sample);
    }

    fn ended(&mut self, _job: usize, outcome: Outcome) {
        self.outcome = outcome;
    }
}

/// An event that fired and whose assignments are due at a time.
struct Due {
    time: f64,
    event: usize,
    /// Where in the list of acts it fired.
    fired: usize,
}

/// A run under way, but for its integration: what is due, what was done, which samples are to come.
pub(super) struct Course<'a> {
    model: &'a Model,
    state: State,
    samples: &'a [f64],
    /// Those to come with their positions in the protocol, the last one first.
    interventions: Vec<(usize, &'a Intervention)>,
    /// In order of time, then of firing.
    queue: Vec<Due>,
    /// Where the clock turns something next, if it does before the end; not known at first and after a change.
    turn: Option<Option<Turn>>,
    /// The time has just been moved to the other side of a turn.
    turned: bool,
    marks: Vec<(f64, String)>,
    acts: Vec<Act>,
    /// Events so far.
    fired: usize,
    scratch: Vec<f64>,
}

impl<'a> Course<'a> {
    pub fn new(model: &'a Model, state: State, protocol: &'a Protocol) -> Course<'a> {
        let mut interventions: Vec<(usize, &Intervention)> = protocol.interventions.iter().enumerate().collect();
        interventions.sort_by(|(_, a), (_, b)| a.time.total_cmp(&b.time));
        interventions.reverse();
        Course {
            model,
            scratch: vec![0.0; state.species.len()],
            state,
            samples: &protocol.samples,
            interventions,
            queue: Vec::new(),
            turn: None,
            turned: false,
            marks: Vec::new(),
            acts: Vec::new(),
            fired: 0,
        }
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    /// When the run ends; never, if it has no samples.
    pub fn end(&self) -> Option<f64> {
        self.samples.last().copied()
    }

    /// How far to integrate before something is due.
    pub fn limit(&mut self, end: f64) -> f64 {
        let turn = self.next_turn().map(|turn| turn.before);
        let next = [self.interventions.last().map(|(_, i)| i.time), self.queue.first().map(|d| d.time), turn];
        next.into_iter().flatten().fold(end, f64::min)
    }

    fn next_turn(&mut self) -> Option<Turn> {
        let Course { model, state, samples, .. } = self;
        let end = samples.last().copied()?;
        *self.turn.get_or_insert_with(|| model.next_turn(state.parameters.values(), state.time, end))
    }

    /// If the clock turns something here, goes to the other side, a rounding of time away; whether it did. The
    /// integration must start anew from there.
    pub fn turn(&mut self) -> Result<bool, SimulationError> {
        let Some(turn) = self.next_turn().filter(|turn| turn.before <= self.state.time) else { return Ok(false) };
        let before = self.conditions();
        self.state.time = turn.after;
        (self.turn, self.turned) = (None, true);
        self.fire_risen(&before, true)?;
        Ok(true)
    }

    /// What the run has come to.
    pub fn outcome(self, statistics: Statistics, failure: Option<SimulationError>) -> Outcome {
        Outcome { marks: self.marks, acts: self.acts, statistics, times: None, failure }
    }

    /// Hands over the samples before the time that an integration has reached.
    pub fn pass(
        &mut self,
        reached: f64,
        mut interpolate: impl FnMut(f64, &mut [f64]),
        record: &mut dyn FnMut(Sample<'_>),
    ) {
        while let Some((&t, rest)) = self.samples.split_first().filter(|(t, _)| **t < reached) {
            interpolate(t, &mut self.scratch);
            self.model.without_negatives(&mut self.scratch);
            record(Sample { time: t, species: &self.scratch, parameters: self.state.parameters.values() });
            self.samples = rest;
        }
    }

    /// An integration has come to a stop here: on a limit, on a root or by failing.
    pub fn arrive(&mut self, time: f64, read: impl FnOnce(&mut [f64])) {
        self.state.time = time;
        read(&mut self.state.species);
    }

    /// Fires the events whose conditions have become true where the integration stopped.
    pub fn cross(&mut self, crossings: &[Root]) -> Result<(), SimulationError> {
        let rising: Vec<usize> = crossings.iter().filter(|r| r.rising).map(|r| r.index).collect();
        self.fire(&rising, true)
    }

    /// Fires the events whose conditions were false before and are true now, without anything having been done.
    pub fn rise(&mut self, before: &[bool]) -> Result<(), SimulationError> {
        self.fire_risen(before, true)
    }

    /// Changes the state in a way that is no act of its own.
    pub fn amend(&mut self, change: impl FnOnce(&mut State)) {
        change(&mut self.state);
    }

    /// The time of the next sample.
    pub fn next_sample(&self) -> Option<f64> {
        self.samples.first().copied()
    }

    /// Why the present amount of a species can't be gone on with.
    pub fn refused(&self, component: usize, value: f64) -> SimulationError {
        let t = self.state.time;
        self.named(match value {
            value if value.is_nan() => {
                SolveError::NonFinite { t, component, what: crate::solve::Evaluated::InitialState }
            }
            value => SolveError::Negative { t, component, value },
        })
    }

    /// Hands over the samples at the present time.
    pub fn sample_here(&mut self, record: &mut dyn FnMut(Sample<'_>)) {
        while let Some((&time, rest)) = self.samples.split_first().filter(|(t, _)| **t <= self.state.time) {
            let species = &self.state.shown(self.model);
            record(Sample { time, species, parameters: self.state.parameters.values() });
            self.samples = rest;
        }
    }

    /// Does all that is due now; whether an integration must start anew from what came of it.
    pub fn act(&mut self) -> Result<bool, SimulationError> {
        let mut changed = std::mem::take(&mut self.turned);
        let before = self.conditions();
        while let Some((position, intervention)) = self.interventions.pop_if(|(_, i)| i.time <= self.state.time) {
            if !intervention.label.is_empty() {
                self.marks.push((self.state.time, intervention.label.clone()));
            }
            self.state.apply(self.model, &intervention.change);
            self.note(Deed::Intervention(position));
            changed = true;
        }
        self.fire_risen(&before, false)?;
        let mut firings = 0;
        while self.queue.first().is_some_and(|due| due.time <= self.state.time) {
            let Due { event, fired, .. } = self.queue.remove(0);
            firings += 1;
            if firings > MOST_FIRINGS {
                return Err(self.event_error(event, |event| Problem::Cascade { event, firings }));
            }
            self.fired += 1;
            if self.fired > MOST_EVENTS {
                let firings = self.fired;
                return Err(self.event_error(event, |event| Problem::Endless { event, firings }));
            }
            let before = self.conditions();
            self.assign(event);
            self.note(Deed::Assigned { event, fired });
            self.fire_risen(&before, false)?;
            changed = true;
        }
        if changed {
            self.turn = None;
        }
        Ok(changed)
    }

    fn note(&mut self, what: Deed) {
        self.acts.push(Act { time: self.state.time, what });
    }

    /// Which events' conditions hold.
    pub fn conditions(&self) -> Vec<bool> {
        let mut values = vec![0.0; self.model.network().events.len()];
        if !values.is_empty() {
            self.model.code().triggers(
                self.state.time,
                &self.state.shown(self.model),
                self.state.parameters.values(),
                &mut values,
            );
        }
        values.into_iter().map(|g| g > 0.0).collect()
    }

    /// Fires the events whose conditions were false before and are true now.
    fn fire_risen(&mut self, before: &[bool], by_itself: bool) -> Result<(), SimulationError> {
        let after = self.conditions();
        let risen: Vec<usize> =
            before.iter().zip(after).enumerate().filter(|(_, (was, is))| *is && !**was).map(|(i, _)| i).collect();
        self.fire(&risen, by_itself)
    }

    /// Queues the assignments of events that fire now.
    fn fire(&mut self, events: &[usize], by_itself: bool) -> Result<(), SimulationError> {
        if events.is_empty() {
            return Ok(());
        }
        let (time, species) = (self.state.time, self.state.shown(self.model));
        let delays = self.model.kernel().delays.evaluate(time, &species, self.state.parameters.values());
        for &event in events {
            let delay = delays.get(event).copied().unwrap_or(0.0);
            if delay.is_nan() || delay < 0.0 {
                return Err(self.event_error(event, |event| Problem::Delay { event, delay }));
            }
            let due = Due { time: self.state.time + delay, event, fired: self.acts.len() };
            self.note(Deed::Fired { event, by_itself });
            let position = self.queue.partition_point(|other| other.time <= due.time);
            self.queue.insert(position, due);
        }
        Ok(())
    }

    /// Makes an event's assignments, all computed from the state before the first.
    fn assign(&mut self, event: usize) {
        if let Some(event) = self.model.network().events.get(event) {
            self.marks.push((self.state.time, event.name.clone()));
        }
        let Some(assigned) = self.model.kernel().assignments.get(event) else { return };
        let State { time, parameters, .. } = &self.state;
        let values = assigned.program.evaluate(*time, &self.state.shown(self.model), parameters.values());
        for (target, value) in assigned.targets.iter().zip(values) {
            self.state.assign(self.model, *target, value);
        }
    }

    fn event_error(&self, event: usize, problem: impl FnOnce(String) -> Problem) -> SimulationError {
        let event = self.model.network().events.get(event);
        let name = event.map_or_else(String::new, |e| e.name.clone());
        let culprit = event.map(|e| Box::new(Culprit { species: String::new(), processes: Vec::new(), span: e.span }));
        SimulationError { time: self.state.time, problem: problem(name), culprit }
    }

    pub fn named(&self, error: SolveError) -> SimulationError {
        SimulationError::name(error, self.model, &self.state.parameters, &self.state.species)
    }
}
