//! One integration: an accepted step at a time, up to a limit, an event or a failure.

use std::ops::AddAssign;

use super::engine::Engine;
use super::error::SolveError;
use super::events::Root;
use super::lane::Trial;
use super::settings::Settings;
use super::system::System;

/// How one accepted step ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// Before the limit.
    Accepted,
    /// On the limit, exactly.
    Limit,
    /// Where root functions changed sign; [`Integrator::crossings`] lists all of them.
    Root(Root),
}

/// How [`Integrator::advance`] ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stop {
    /// On the time asked for, exactly.
    Reached,
    /// Where root functions changed sign; [`Integrator::crossings`] lists all of them.
    Root(Root),
}

/// What was done since the start, restarts included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    pub accepted: usize,
    pub rejected: usize,
    pub rhs: usize,
    pub jacobians: usize,
    pub factorisations: usize,
    /// Factorisations that needed pivoting.
    pub pivoted: usize,
    pub solves: usize,
    /// Accepted steps of the stiff methods, among `accepted`.
    pub stiff_steps: usize,
    /// Accepted steps of the multistep method, among `stiff_steps`.
    pub multistep_steps: usize,
    /// Changes of method: all of them, …
    pub switches: usize,
    /// … to an implicit one because stability held the steps, …
    pub stiffened: usize,
    /// … or because no step was short enough for the explicit one, …
    pub stuck: usize,
    /// … and back, when the explicit one would long have done.
    pub eased: usize,
    pub roots: usize,
    pub restarts: usize,
}

impl AddAssign for Statistics {
    fn add_assign(&mut self, more: Statistics) {
        self.accepted += more.accepted;
        self.rejected += more.rejected;
        self.rhs += more.rhs;
        self.jacobians += more.jacobians;
        self.factorisations += more.factorisations;
        self.pivoted += more.pivoted;
        self.solves += more.solves;
        self.stiff_steps += more.stiff_steps;
        self.multistep_steps += more.multistep_steps;
        self.switches += more.switches;
        self.stiffened += more.stiffened;
        self.stuck += more.stuck;
        self.eased += more.eased;
        self.roots += more.roots;
        self.restarts += more.restarts;
    }
}

/// An integration under way. Made by [`Integrator::start`]; then [`Integrator::step`] or
/// [`Integrator::advance`], with [`Integrator::restart`] after any change of state or parameters.
///
/// The same system must be given to each call.
#[derive(Debug)]
pub struct Integrator(Engine<1>);

impl Integrator {
    /// An integration from `y0` at `t0`; evaluates the right-hand side and the root functions there.
    ///
    /// # Errors
    /// Impossible tolerances or settings, a wrong number of components, and numbers that are not
    /// finite in `y0` or in the right-hand side at the start.
    pub fn start<S: System + ?Sized>(system: &S, t0: f64, y0: &[f64], settings: &Settings) -> Result<Self, SolveError> {
        let mut engine = Engine::new(system);
        engine.start(system, 0, t0, y0, settings)?;
        Ok(Integrator(engine))
    }

    /// Continues from `y` at `t`, after the caller changed the state, a parameter or the time. All
    /// memory of earlier slopes and steps is dropped, and the conditions of the root functions are
    /// taken as they are at `(t, y)`: a condition that the change itself turned is not a root.
    ///
    /// # Errors
    /// As [`Integrator::start`].
    pub fn restart<S: System + ?Sized>(&mut self, system: &S, t: f64, y: &[f64]) -> Result<(), SolveError> {
        self.0.restart(system, 0, t, y)
    }

    /// The time reached.
    pub fn time(&self) -> f64 {
        self.0.lane(0).t
    }

    /// The state at [`Self::time`]; always finite.
    pub fn state(&self) -> &[f64] {
        self.0.states().as_flattened()
    }

    /// Where the last accepted step began; [`Self::interpolate`] is valid from there to now.
    pub fn previous_time(&self) -> f64 {
        self.0.lane(0).t_old
    }

    /// All conditions that changed at the last root, in the order of their indices.
    pub fn crossings(&self) -> &[Root] {
        self.0.lane(0).roots.crossings()
    }

    /// What was done so far.
    pub fn statistics(&self) -> Statistics {
        self.0.lane(0).statistics
    }

    /// The state at `t` between [`Self::previous_time`] and [`Self::time`] into `y`. A time
    /// outside gives the nearer end. May evaluate the system within the last step.
    pub fn interpolate<S: System + ?Sized>(&mut self, system: &S, t: f64, y: &mut [f64]) {
        self.0.interpolate(system, 0, t, y);
    }

    /// Steps until `t_stop` or the first root.
    ///
    /// # Errors
    /// As [`Integrator::step`].
    pub fn advance<S: System + ?Sized>(&mut self, system: &S, t_stop: f64) -> Result<Stop, SolveError> {
        loop {
            match self.step(system, t_stop)? {
                Step::Accepted => {}
                Step::Limit => return Ok(Stop::Reached),
                Step::Root(root) => return Ok(Stop::Root(root)),
            }
        }
    }

    /// One accepted step, never past `t_limit` and landing on it exactly.
    ///
    /// # Errors
    /// A limit in the past, a step that underflows, more steps than allowed, numbers that are not
    /// finite whatever the step. Time and state stay those of the last accepted step.
    pub fn step<S: System + ?Sized>(&mut self, system: &S, t_limit: f64) -> Result<Step, SolveError> {
        loop {
            let [trial] = self.0.attempt(system, &[t_limit], &[true]);
            match trial {
                Trial::Done(step) => return Ok(step),
                Trial::Failed(error) => return Err(error),
                Trial::Idle | Trial::Refused => {}
            }
        }
    }
}
