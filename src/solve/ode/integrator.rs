//! The driver: one accepted step at a time, up to a limit, an event or a failure.

use super::control::{Controller, Weights, first_step};
use super::error::{Evaluated, SolveError};
use super::events::{Root, RootWatch};
use super::settings::{Method, Settings};
use super::system::System;
use super::tsit5::Tsit5;

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
    /// Accepted steps of the stiff method, among `accepted`.
    pub stiff_steps: usize,
    /// Changes of method.
    pub switches: usize,
    pub roots: usize,
    pub restarts: usize,
}

/// Why a trial step was not taken.
enum Refused {
    /// By its error, in units of the tolerance.
    Inaccurate(f64),
    /// Something in this component was not finite.
    NotFinite(Evaluated, usize),
}

/// An integration under way. Made by [`Integrator::start`]; then [`Integrator::step`] or
/// [`Integrator::advance`], with [`Integrator::restart`] after any change of state or parameters.
///
/// The same system must be given to each call.
#[derive(Debug, Clone)]
pub struct Integrator {
    settings: Settings,
    weights: Weights,
    explicit: Tsit5,
    controller: Controller,
    roots: RootWatch,
    statistics: Statistics,
    /// Now, and the state now.
    t: f64,
    y: Vec<f64>,
    /// The last accepted step as the method took it; `t` is before its end when a root cut it.
    t_old: f64,
    h_old: f64,
    y_old: Vec<f64>,
    y_end: Vec<f64>,
    error: Vec<f64>,
    scratch: Vec<f64>,
    /// What the controller asks for; none at a start.
    h_next: Option<f64>,
    /// The method's slopes at its end serve the next step.
    continued: bool,
    steps_since_start: usize,
    blame: usize,
}

impl Integrator {
    /// An integration from `y0` at `t0`; evaluates the right-hand side and the root functions there.
    ///
    /// # Errors
    /// Impossible tolerances or settings, a wrong number of components, and numbers that are not
    /// finite in `y0` or in the right-hand side at the start.
    pub fn start<S: System + ?Sized>(system: &S, t0: f64, y0: &[f64], settings: &Settings) -> Result<Self, SolveError> {
        let n = system.dimension();
        settings.check()?;
        let weights = Weights { rtol: settings.tolerances.rtol(), atol: settings.tolerances.expand(n)? };
        if y0.len() != n {
            return Err(SolveError::WrongDimension { given: y0.len(), dimension: n });
        }
        let zeros = || vec![0.0; n];
        let mut integrator = Integrator {
            settings: settings.clone(),
            weights,
            explicit: Tsit5::new(n),
            controller: Controller::pi(Tsit5::ORDER_OF_ERROR),
            roots: RootWatch::new(system.roots()),
            statistics: Statistics::default(),
            t: t0,
            y: zeros(),
            t_old: t0,
            h_old: 0.0,
            y_old: zeros(),
            y_end: zeros(),
            error: zeros(),
            scratch: zeros(),
            h_next: None,
            continued: false,
            steps_since_start: 0,
            blame: 0,
        };
        integrator.set(system, t0, y0)?;
        Ok(integrator)
    }

    /// Continues from `y` at `t`, after the caller changed the state, a parameter or the time. All
    /// memory of earlier slopes and steps is dropped, and the conditions of the root functions are
    /// taken as they are at `(t, y)`: a condition that the change itself turned is not a root.
    ///
    /// # Errors
    /// As [`Integrator::start`].
    pub fn restart<S: System + ?Sized>(&mut self, system: &S, t: f64, y: &[f64]) -> Result<(), SolveError> {
        if y.len() != self.y.len() {
            return Err(SolveError::WrongDimension { given: y.len(), dimension: self.y.len() });
        }
        self.statistics.restarts += 1;
        self.set(system, t, y)
    }

    fn set<S: System + ?Sized>(&mut self, system: &S, t: f64, y: &[f64]) -> Result<(), SolveError> {
        if let Some(component) = y.iter().position(|v| !v.is_finite()) {
            return Err(SolveError::NonFinite { t, component, what: Evaluated::InitialState });
        }
        self.y.copy_from_slice(y);
        self.y_old.copy_from_slice(y);
        self.y_end.copy_from_slice(y);
        (self.t, self.t_old, self.h_old) = (t, t, 0.0);
        self.h_next = None;
        self.continued = false;
        self.steps_since_start = 0;
        self.controller.reset();
        system.rhs(t, y, &mut self.scratch);
        self.statistics.rhs += 1;
        if let Some(component) = self.scratch.iter().position(|v| !v.is_finite()) {
            return Err(SolveError::NonFinite { t, component, what: Evaluated::RightHandSide });
        }
        if !self.roots.is_empty() {
            self.roots.reset(t, &mut |t, g| system.root_values(t, y, g));
        }
        Ok(())
    }

    /// The time reached.
    pub fn time(&self) -> f64 {
        self.t
    }

    /// The state at [`Self::time`]; always finite.
    pub fn state(&self) -> &[f64] {
        &self.y
    }

    /// Where the last accepted step began; [`Self::interpolate`] is valid from there to now.
    pub fn previous_time(&self) -> f64 {
        self.t_old
    }

    /// All conditions that changed at the last root, in the order of their indices.
    pub fn crossings(&self) -> &[Root] {
        self.roots.crossings()
    }

    /// What was done so far.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// The state at `t` between [`Self::previous_time`] and [`Self::time`] into `y`. A time
    /// outside gives the nearer end.
    pub fn interpolate(&self, t: f64, y: &mut [f64]) {
        if t >= self.t {
            y.copy_from_slice(&self.y);
        } else if t <= self.t_old {
            y.copy_from_slice(&self.y_old);
        } else {
            self.interpolate_within(t, y);
        }
    }

    fn interpolate_within(&self, t: f64, y: &mut [f64]) {
        self.explicit.interpolate((t - self.t_old) / self.h_old, self.h_old, &self.y_old, y);
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
        let remaining = t_limit - self.t;
        if remaining.is_nan() || remaining < 0.0 {
            return Err(SolveError::Backwards { t: self.t, limit: t_limit });
        }
        if remaining == 0.0 {
            return Ok(Step::Limit);
        }
        self.begin(system);
        let mut h = match self.h_next {
            Some(h) => h,
            None => self.first_step(system, remaining),
        };
        loop {
            h = h.min(self.settings.max_step.unwrap_or(f64::INFINITY));
            let last = 1.01 * h >= remaining;
            let tried = if last { remaining } else { h.min(0.5 * remaining) };
            match self.attempt(system, tried)? {
                Ok(error) => {
                    let proposed = self.controller.accepted(tried, error);
                    self.h_next = Some(if tried < h { proposed.max(h) } else { proposed });
                    let end = if last { t_limit } else { self.t + tried };
                    return Ok(self.accept(system, end, tried, last));
                }
                Err(refused) => h = self.refuse(tried, refused)?,
            }
        }
    }

    /// Prepares the method at the present state; the last step's interpolant ends here.
    fn begin<S: System + ?Sized>(&mut self, system: &S) {
        self.t_old = self.t;
        self.h_old = 0.0;
        self.y_old.copy_from_slice(&self.y);
        let continued = std::mem::replace(&mut self.continued, false);
        self.statistics.rhs += self.explicit.begin(system, self.t, &self.y, continued);
    }

    fn first_step<S: System + ?Sized>(&mut self, system: &S, remaining: f64) -> f64 {
        if let Some(h) = self.settings.initial_step {
            return h;
        }
        let span = remaining.min(self.settings.max_step.unwrap_or(f64::INFINITY));
        first_step(
            system,
            self.t,
            &self.y,
            self.explicit.slope(),
            span,
            Tsit5::ORDER_OF_ERROR,
            &self.weights,
            (&mut self.scratch, &mut self.error),
            &mut self.statistics.rhs,
        )
    }

    /// Tries a step of length `h`: its error in units of the tolerance, or why it is refused.
    fn attempt<S: System + ?Sized>(&mut self, system: &S, h: f64) -> Result<Result<f64, Refused>, SolveError> {
        if self.steps_since_start >= self.settings.max_steps {
            let (steps, component) = (self.steps_since_start, self.blame);
            return Err(SolveError::TooManySteps { t: self.t, step: h, steps, component });
        }
        self.steps_since_start += 1;
        self.statistics.rhs += self.explicit.attempt(system, self.t, h, &self.y, &mut self.y_end, &mut self.error);
        let error = self.weights.error_norm(&self.error, &self.y, &self.y_end);
        Ok(if error <= 1.0 {
            Ok(error)
        } else if let Some(component) = self.explicit.not_finite() {
            Err(Refused::NotFinite(Evaluated::RightHandSide, component))
        } else {
            Err(Refused::Inaccurate(error))
        })
    }

    /// Takes note of a refused step of length `h`; the length to try next.
    fn refuse(&mut self, h: f64, refused: Refused) -> Result<f64, SolveError> {
        self.statistics.rejected += 1;
        let (shorter, not_finite) = match refused {
            Refused::Inaccurate(error) => {
                self.blame = self.weights.worst(&self.error, &self.y, &self.y_end);
                (self.controller.refused(h, error), None)
            }
            Refused::NotFinite(what, component) => {
                self.blame = component;
                (self.controller.broken(h), Some(what))
            }
        };
        let least = self.settings.min_step.max(4.0 * f64::EPSILON * self.t.abs());
        if shorter < least || self.t + shorter == self.t {
            return Err(SolveError::StepUnderflow { t: self.t, step: h, component: self.blame, not_finite });
        }
        Ok(shorter)
    }

    /// Moves to the end of an accepted step, or to the first root within.
    fn accept<S: System + ?Sized>(&mut self, system: &S, end: f64, h: f64, last: bool) -> Step {
        self.statistics.accepted += 1;
        self.h_old = h;
        self.t = end;
        self.y.copy_from_slice(&self.y_end);
        self.continued = true;
        if let Some(root) = self.find_root(system, end) {
            self.statistics.roots += 1;
            if root.t < end {
                self.move_back(root.t);
            }
            return Step::Root(root);
        }
        if last { Step::Limit } else { Step::Accepted }
    }

    fn find_root<S: System + ?Sized>(&mut self, system: &S, end: f64) -> Option<Root> {
        if self.roots.is_empty() {
            return None;
        }
        let Integrator { roots, explicit, t_old, h_old, y_old, y, scratch, .. } = self;
        roots.search(*t_old, end, &mut |t, g| {
            if t >= end {
                system.root_values(t, y, g);
            } else if t <= *t_old {
                system.root_values(t, y_old, g);
            } else {
                explicit.interpolate((t - *t_old) / *h_old, *h_old, y_old, scratch);
                system.root_values(t, scratch, g);
            }
        })
    }

    /// Makes `t`, within the last step, the present.
    fn move_back(&mut self, t: f64) {
        let mut y = std::mem::take(&mut self.y);
        self.interpolate_within(t, &mut y);
        self.y = y;
        self.t = t;
        self.continued = false;
    }
}
