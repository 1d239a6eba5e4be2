//! The driver: one accepted step at a time, up to a limit, an event or a failure.

use super::control::{Controller, Weights, first_step};
use super::error::{Evaluated, SolveError};
use super::events::{Root, RootWatch};
use super::positive::{Above, Floor};
use super::rodas5p::RODAS5P;
use super::rosenbrock::{Cost, Rosenbrock};
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
#[derive(Debug, Clone, Copy)]
enum Refused {
    /// By its error, in units of the tolerance.
    Inaccurate(f64),
    /// Something in this component was not finite.
    NotFinite(Evaluated, usize),
    /// The matrix of the step is singular in this component.
    Singular(usize),
    /// This component, an amount, would be negative, by so many of its absolute tolerances.
    Negative(usize, f64),
}

/// Steps of the stiff method in a row that an explicit one could have taken, before it does.
const MILD_STEPS: usize = 50;
/// A step is one of those when it is shorter than this over the bound of the spectral radius.
const MILD: f64 = 1.0;
/// Steps in a row that may be taken across jumps.
const JUMPS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Active {
    Explicit,
    Stiff,
}

impl Statistics {
    /// Moves what a stiff step has cost here.
    fn add(&mut self, cost: &mut Cost) {
        let Cost { rhs, jacobians, factorisations, solves } = std::mem::take(cost);
        self.rhs += rhs;
        self.jacobians += jacobians;
        self.factorisations += factorisations;
        self.solves += solves;
    }
}

/// An integration under way. Made by [`Integrator::start`]; then [`Integrator::step`] or
/// [`Integrator::advance`], with [`Integrator::restart`] after any change of state or parameters.
///
/// The same system must be given to each call.
#[derive(Debug)]
pub struct Integrator {
    settings: Settings,
    weights: Weights,
    floor: Floor,
    explicit: Tsit5,
    /// Made when first needed.
    stiff: Option<Rosenbrock>,
    /// Which of the two takes the next step.
    active: Active,
    /// Which of the two took the last, and interpolates.
    last: Active,
    controller: Controller,
    mild_steps: usize,
    /// Steps in a row that were taken across a jump.
    jumps: usize,
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
            floor: Floor::of(system),
            explicit: Tsit5::new(n),
            stiff: None,
            active: Active::Explicit,
            last: Active::Explicit,
            controller: Controller::pi(Tsit5::ORDER_OF_ERROR),
            mild_steps: 0,
            jumps: 0,
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
        integrator.guarded(|integrator, floor| {
            integrator.set(&floor.over(system), t0, y0)?;
            if settings.method == Method::Stiff {
                integrator.use_stiff(system);
            }
            Ok::<(), SolveError>(())
        })?;
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
        self.guarded(|integrator, floor| integrator.set(&floor.over(system), t, y))
    }

    /// Does something with the floor beside the integrator.
    fn guarded<R>(&mut self, act: impl FnOnce(&mut Self, &Floor) -> R) -> R {
        let floor = std::mem::take(&mut self.floor);
        let result = act(self, &floor);
        self.floor = floor;
        result
    }

    fn set<S: System + ?Sized>(&mut self, system: &Above<'_, S>, t: f64, y: &[f64]) -> Result<(), SolveError> {
        if let Some(component) = y.iter().position(|v| !v.is_finite()) {
            return Err(SolveError::NonFinite { t, component, what: Evaluated::InitialState });
        }
        if let Some((component, _)) = system.violation(y, &self.weights) {
            return Err(SolveError::Negative { t, component, value: y[component] });
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
        let theta = (t - self.t_old) / self.h_old;
        match (self.last, &self.stiff) {
            (Active::Stiff, Some(stiff)) => stiff.interpolate(theta, &self.y_old, y),
            _ => self.explicit.interpolate(theta, self.h_old, &self.y_old, y),
        }
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
        self.guarded(|integrator, floor| integrator.step_within(&floor.over(system), t_limit, remaining))
    }

    fn step_within<S: System + ?Sized>(
        &mut self,
        system: &Above<'_, S>,
        t_limit: f64,
        remaining: f64,
    ) -> Result<Step, SolveError> {
        self.begin(system)?;
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
                    self.jumps = 0;
                    return Ok(self.accept(system, end, tried, last));
                }
                Err(refused) if self.is_jump(tried, refused) => {
                    let end = if last { t_limit } else { self.t + tried };
                    self.controller.reset();
                    self.h_next = Some(tried);
                    self.jumps += 1;
                    let step = self.accept(system, end, tried, last);
                    self.continued = false;
                    return Ok(step);
                }
                Err(refused) => match self.refuse(tried, refused) {
                    Ok(shorter) => h = shorter,
                    Err(_) if self.settings.method == Method::Auto && self.active == Active::Explicit => {
                        self.statistics.switches += 1;
                        self.use_stiff(system);
                        self.begin(system)?;
                        h = self.first_step(system, remaining);
                    }
                    Err(error) => return Err(error),
                },
            }
        }
    }

    /// Whether a refused step of length `h` crosses a jump of the right-hand side, and is to be taken
    /// all the same: it is as short as t can tell, so its error is one of placing the jump in time.
    /// A singularity refuses the steps that follow as well, and is let fail.
    fn is_jump(&self, h: f64, refused: Refused) -> bool {
        let Refused::Inaccurate(error) = refused else { return false };
        self.jumps < JUMPS
            && self.controller.after_refusal(h, error) < self.least_step()
            && h > self.settings.min_step
            && self.y_end.iter().all(|v| v.is_finite())
    }

    /// Prepares the method at the present state; the last step's interpolant ends here.
    fn begin<S: System + ?Sized>(&mut self, system: &S) -> Result<(), SolveError> {
        self.t_old = self.t;
        self.h_old = 0.0;
        self.y_old.copy_from_slice(&self.y);
        let continued = std::mem::replace(&mut self.continued, false);
        match (self.active, &mut self.stiff) {
            (Active::Stiff, Some(stiff)) => {
                let begun = stiff.begin(system, self.t, &self.y, &self.weights, continued);
                self.statistics.add(&mut stiff.cost);
                begun.map_err(|(what, component)| SolveError::NonFinite { t: self.t, component, what })
            }
            _ => {
                self.statistics.rhs += self.explicit.begin(system, self.t, &self.y, continued);
                Ok(())
            }
        }
    }

    fn use_stiff<S: System + ?Sized>(&mut self, system: &S) {
        let stiff = self.stiff.get_or_insert_with(|| Rosenbrock::new(system, &RODAS5P));
        self.controller = Controller::predictive(stiff.order_of_error());
        self.active = Active::Stiff;
        self.continued = false;
        self.mild_steps = 0;
    }

    fn use_explicit(&mut self) {
        self.controller = Controller::pi(Tsit5::ORDER_OF_ERROR);
        self.active = Active::Explicit;
        self.continued = false;
    }

    /// Changes the method for the next step when the last one showed the other to be better.
    fn reconsider<S: System + ?Sized>(&mut self, system: &S) {
        if self.settings.method != Method::Auto {
            return;
        }
        match (self.active, &mut self.stiff) {
            (Active::Stiff, Some(stiff)) => {
                let mild = self.h_old * stiff.spectral_bound(system) < MILD;
                self.mild_steps = if mild { self.mild_steps + 1 } else { 0 };
                if self.mild_steps >= MILD_STEPS {
                    self.statistics.switches += 1;
                    self.use_explicit();
                }
            }
            _ => {
                if self.explicit.is_stiff(self.h_old, &self.y_end, &self.weights) {
                    self.statistics.switches += 1;
                    self.use_stiff(system);
                }
            }
        }
    }

    /// The derivative at the present state.
    fn slope(&self) -> &[f64] {
        match (self.active, &self.stiff) {
            (Active::Stiff, Some(stiff)) => stiff.slope(),
            _ => self.explicit.slope(),
        }
    }

    /// What rounding of t and the caller allow.
    fn least_step(&self) -> f64 {
        self.settings.min_step.max(4.0 * f64::EPSILON * self.t.abs()).max(f64::MIN_POSITIVE)
    }

    fn first_step<S: System + ?Sized>(&mut self, system: &S, remaining: f64) -> f64 {
        if let Some(h) = self.settings.initial_step {
            return h;
        }
        let span = remaining.min(self.settings.max_step.unwrap_or(f64::INFINITY));
        let slope = match (self.active, &self.stiff) {
            (Active::Stiff, Some(stiff)) => stiff.slope(),
            _ => self.explicit.slope(),
        };
        let h = first_step(
            system,
            self.t,
            &self.y,
            slope,
            span,
            Tsit5::ORDER_OF_ERROR,
            &self.weights,
            (&mut self.scratch, &mut self.error),
            &mut self.statistics.rhs,
        );
        h.max(self.least_step())
    }

    /// Tries a step of length `h`: its error in units of the tolerance, or why it is refused.
    fn attempt<S: System + ?Sized>(
        &mut self,
        system: &Above<'_, S>,
        h: f64,
    ) -> Result<Result<f64, Refused>, SolveError> {
        if self.steps_since_start >= self.settings.max_steps {
            let (steps, component) = (self.steps_since_start, self.blame);
            return Err(SolveError::TooManySteps { t: self.t, step: h, steps, component });
        }
        self.steps_since_start += 1;
        let outcome = match (self.active, &mut self.stiff) {
            (Active::Stiff, Some(stiff)) => {
                let attempt = stiff.attempt(system, self.t, h, &self.y, &mut self.y_end, &mut self.error);
                let error = self.weights.error_norm(&self.error, &self.y, &self.y_end);
                let outcome = match attempt {
                    Err(singular) => Err(Refused::Singular(singular.column)),
                    Ok(()) => judge(error, || stiff.not_finite()),
                };
                let outcome = outcome.and_then(|error| match stiff.finish(system, self.t + h, &self.y_end) {
                    Some(component) => Err(Refused::NotFinite(Evaluated::RightHandSide, component)),
                    None => Ok(error),
                });
                self.statistics.add(&mut stiff.cost);
                self.statistics.pivoted = stiff.pivoted();
                outcome
            }
            _ => {
                self.statistics.rhs +=
                    self.explicit.attempt(system, self.t, h, &self.y, &mut self.y_end, &mut self.error);
                let error = self.weights.error_norm(&self.error, &self.y, &self.y_end);
                judge(error, || self.explicit.not_finite())
            }
        };
        Ok(outcome.and_then(|error| match system.violation(&self.y_end, &self.weights) {
            Some((component, depth)) => Err(Refused::Negative(component, depth)),
            None => Ok(error),
        }))
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
            Refused::Singular(component) => {
                self.blame = component;
                (self.controller.broken(h), None)
            }
            Refused::Negative(component, depth) => {
                self.blame = component;
                if self.y[component] <= 0.0 && self.slope()[component] < 0.0 {
                    return Err(SolveError::Exhausted { t: self.t, component });
                }
                (self.controller.refused(h, depth), None)
            }
        };
        if shorter < self.least_step() {
            let (t, step, component) = (self.t, h, self.blame);
            return Err(match refused {
                Refused::Singular(_) => SolveError::SingularMatrix { t, step, component },
                Refused::Negative(..) => SolveError::Exhausted { t, component },
                _ => SolveError::StepUnderflow { t, step, component, not_finite },
            });
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
        self.last = self.active;
        self.statistics.stiff_steps += usize::from(self.active == Active::Stiff);
        let step = self.accepted_as(system, end, last);
        self.reconsider(system);
        step
    }

    fn accepted_as<S: System + ?Sized>(&mut self, system: &S, end: f64, last: bool) -> Step {
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
        // Taken out, so that the search may look through the rest of `self`.
        let mut roots = std::mem::take(&mut self.roots);
        let mut y = std::mem::take(&mut self.scratch);
        let root = roots.search(self.t_old, end, &mut |t, g| {
            self.interpolate(t, &mut y);
            system.root_values(t, &y, g);
        });
        (self.roots, self.scratch) = (roots, y);
        root
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

/// Whether a step with this error is taken; NaN is not.
fn judge(error: f64, not_finite: impl FnOnce() -> Option<usize>) -> Result<f64, Refused> {
    if error <= 1.0 {
        return Ok(error);
    }
    Err(match not_finite() {
        Some(component) => Refused::NotFinite(Evaluated::RightHandSide, component),
        None => Refused::Inaccurate(error),
    })
}
