//! A run gone through again with derivatives.

use super::system::Along;
use super::{Derivatives, Moving};
use crate::kernel::{Instruction, Part, Value};
use crate::simulate::run::{Act, Deed};
use crate::simulate::{Culprit, Problem, Protocol, Settings, SimulationError};
use crate::solve::{Forward, SolveError};

/// What is observed at a time of the sampling grid.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Seconds since the start of the run.
    pub time: f64,
    /// The network's observables.
    pub values: &'a [f64],
    /// For each observable its derivatives by all θ, each in units of its own.
    pub derivatives: &'a [Vec<f64>],
}

/// Goes through a run from its start, handing over observables with their derivatives at each sample of the protocol.
///
/// `acts` are those of the run; `shifts` says for each intervention of the protocol how its time moves with each θ (an
/// empty list: not at all). The number of steps taken.
///
/// # Errors
/// Numerical failures, and a condition that becomes true without rising ([`Problem::Grazing`]).
pub fn follow(
    derivatives: &Derivatives,
    start: Moving,
    protocol: &Protocol,
    acts: &[Act],
    shifts: &[Vec<f64>],
    settings: &Settings,
    record: &mut dyn FnMut(Reading<'_>),
) -> Result<usize, SimulationError> {
    let thetas = start.thetas().len();
    let mut replay = Replay {
        derivatives,
        moving: start,
        integrator: None,
        still: vec![0.0; thetas],
        fired: vec![Vec::new(); acts.len()],
        observed: vec![0.0; derivatives.model.network().observables.len()],
        last: vec![0.0; thetas],
        record,
    };
    replay.run(protocol, acts, shifts, settings)
}

struct Replay<'a> {
    derivatives: &'a Derivatives<'a>,
    moving: Moving,
    integrator: Option<Forward>,
    /// How a time moves that does not.
    still: Vec<f64>,
    /// How the time moves at which what fired at that position of the acts is due.
    fired: Vec<Vec<f64>>,
    /// How the time of the last act moves.
    last: Vec<f64>,
    observed: Vec<f64>,
    record: &'a mut dyn FnMut(Reading<'_>),
}

impl Replay<'_> {
    fn run(
        &mut self,
        protocol: &Protocol,
        acts: &[Act],
        shifts: &[Vec<f64>],
        settings: &Settings,
    ) -> Result<usize, SimulationError> {
        let Some(&end) = protocol.samples.last() else { return Ok(0) };
        let model = self.derivatives.model;
        let solver = settings
            .for_network(model.network(), &self.moving.state.parameters)
            .map_err(|e| self.named(SolveError::BadTolerance(e)))?;
        let (mut next, mut samples) = (0, &protocol.samples[..]);
        loop {
            let before = next;
            while let Some(act) = acts.get(next).filter(|act| act.time <= self.moving.state.time) {
                self.act(next, act, protocol, shifts)?;
                next += 1;
            }
            let Moving { state, species, .. } = &self.moving;
            match &mut self.integrator {
                Some(integrator) if next > before => integrator.restart(state.time, &state.species, species),
                Some(_) => {}
                None => {
                    let system = Along::new(self.derivatives, &self.moving, None);
                    let started = Forward::start(&system, state.time, &state.species, species, &solver);
                    self.integrator = Some(started.map_err(|e| self.named(e))?);
                }
            }
            while let Some((&time, rest)) = samples.split_first().filter(|(t, _)| **t <= self.moving.state.time) {
                self.observe(time);
                samples = rest;
            }
            if self.moving.state.time >= end {
                return Ok(self.integrator.as_ref().map_or(0, Forward::steps));
            }
            let limit = acts.get(next).map_or(end, |act| act.time.min(end));
            samples = self.integrate(limit, samples)?;
        }
    }

    /// Steps to the limit, handing over the samples before it; those that are left.
    fn integrate<'s>(&mut self, limit: f64, mut samples: &'s [f64]) -> Result<&'s [f64], SimulationError> {
        let Some(mut integrator) = self.integrator.take() else { return Ok(samples) };
        let began = self.moving.clone();
        let system = Along::new(self.derivatives, &began, None);
        loop {
            let reached = match integrator.step(&system, limit) {
                Ok(reached) => reached,
                Err(error) => return Err(self.named(error)),
            };
            while let Some((&t, rest)) = samples.split_first().filter(|(t, _)| **t < integrator.time()) {
                let Moving { state, species, .. } = &mut self.moving;
                integrator.interpolate(t, &mut state.species, species);
                state.time = t;
                self.observe(t);
                samples = rest;
            }
            if reached {
                break;
            }
        }
        let Moving { state, species, .. } = &mut self.moving;
        state.time = integrator.time();
        state.species.copy_from_slice(integrator.state());
        species.copy_from_slice(integrator.derivatives());
        self.integrator = Some(integrator);
        Ok(samples)
    }

    fn observe(&mut self, time: f64) {
        let Replay { derivatives, moving, observed, record, .. } = self;
        let y = moving.state.shown(derivatives.model);
        derivatives.model.code().observables(time, &y, moving.state.parameters.values(), observed);
        let mut rows = vec![Vec::with_capacity(moving.thetas().len()); observed.len()];
        for k in 0..moving.thetas().len() {
            let moved = moving.along(&derivatives.observables, &y, k, 0.0);
            rows.iter_mut().zip(moved).for_each(|(row, d)| row.push(d));
        }
        record(Reading { time, values: observed, derivatives: &rows });
    }

    fn act(
        &mut self,
        position: usize,
        act: &Act,
        protocol: &Protocol,
        shifts: &[Vec<f64>],
    ) -> Result<(), SimulationError> {
        // What the run did at this time to the last bit; ours may be behind it by rounding.
        self.moving.state.time = act.time;
        match act.what {
            Deed::Fired { event, by_itself } => {
                if by_itself {
                    self.last = self.crossing(event)?;
                }
                let y = self.moving.state.shown(self.derivatives.model);
                let mut due = self.last.clone();
                for (k, due) in due.iter_mut().enumerate() {
                    *due += self.moving.along(&self.derivatives.delays, &y, k, 0.0).get(event).copied().unwrap_or(0.0);
                }
                self.fired[position] = due;
            }
            Deed::Intervention(which) => {
                let Some(intervention) = protocol.interventions.get(which) else { return Ok(()) };
                self.last = shifts.get(which).filter(|s| !s.is_empty()).unwrap_or(&self.still).clone();
                self.change(|moving, derivatives, shift| moving.apply(derivatives, &intervention.change, shift));
            }
            Deed::Assigned { event, fired } => {
                self.last = self.fired.get(fired).filter(|s| !s.is_empty()).unwrap_or(&self.still).clone();
                self.change(|moving, derivatives, shift| moving.assign(derivatives, event, shift));
            }
        }
        Ok(())
    }

    /// Makes a change at a time that moves as the last act's does.
    fn change(&mut self, change: impl FnOnce(&mut Moving, &Derivatives, &[f64])) {
        let moves = self.last.iter().any(|t| *t != 0.0);
        if moves {
            let rates = self.rates();
            self.moving.carry(&rates, &self.last, 1.0);
        }
        change(&mut self.moving, self.derivatives, &self.last);
        if moves {
            let rates = self.rates();
            self.moving.carry(&rates, &self.last, -1.0);
        }
    }

    fn rates(&self) -> Vec<f64> {
        let (model, state) = (self.derivatives.model, &self.moving.state);
        let mut rates = vec![0.0; state.species.len()];
        model.code().rhs(state.time, &state.shown(model), state.parameters.values(), &mut rates);
        rates
    }

    /// How the time moves at which an event's condition becomes true.
    fn crossing(&self, event: usize) -> Result<Vec<f64>, SimulationError> {
        let triggers = &self.derivatives.triggers;
        let y = self.moving.state.shown(self.derivatives.model);
        let of = |values: Vec<f64>| values.get(event).copied().unwrap_or(0.0);
        let p = self.moving.state.parameters.values();
        let moving = [&y[..], &self.rates()].concat();
        let standing = [p, &vec![0.0; p.len()], &[1.0]].concat();
        let rise = of(triggers.evaluate(self.moving.state.time, &moving, &standing));
        if rise.is_nan() || rise <= 0.0 {
            // It jumped. At a time that is the same whatever θ, that is, if it reads nothing else.
            return if self.reads_time_alone(event) { Ok(self.still.clone()) } else { Err(self.grazing(event)) };
        }
        (0..self.moving.thetas().len())
            .map(|k| match of(self.moving.along(triggers, &y, k, 0.0)) {
                0.0 => Ok(0.0),
                moved if (moved / rise).is_finite() => Ok(-moved / rise),
                _ => Err(self.grazing(event)),
            })
            .collect()
    }

    /// Whether a condition reads no amount, and no parameter that moves.
    fn reads_time_alone(&self, event: usize) -> bool {
        let program = self.derivatives.model.kernel().program(Part::Triggers);
        let stride = self.moving.stride();
        let mut left: Vec<Value> = program.outputs().get(event).copied().into_iter().collect();
        while let Some(value) = left.pop() {
            let Some(instruction) = program.instructions().get(value.index()) else { continue };
            match *instruction {
                Instruction::State(_) => return false,
                Instruction::Parameter(p) => {
                    let row = &self.moving.parameters[p as usize * stride..][..stride];
                    if row.iter().any(|d| *d != 0.0) {
                        return false;
                    }
                }
                _ => left.extend(instruction.operands()),
            }
        }
        true
    }

    fn grazing(&self, event: usize) -> SimulationError {
        let event = self.derivatives.model.network().events.get(event);
        let name = event.map_or_else(String::new, |e| e.name.clone());
        let culprit = event.map(|e| Box::new(Culprit { species: String::new(), processes: Vec::new(), span: e.span }));
        SimulationError { time: self.moving.state.time, problem: Problem::Grazing { event: name }, culprit }
    }

    fn named(&self, error: SolveError) -> SimulationError {
        let state = &self.moving.state;
        SimulationError::name(error, self.derivatives.model, &state.parameters, &state.species)
    }
}
