//! One lane: where an integration is, what it may do, what it has done. No vectors, no methods.

use super::error::SolveError;
use super::events::RootWatch;
use super::integrator::{Statistics, Step};
use super::method::{Cost, Entry};
use super::settings::{Method, Settings};

/// Which method takes a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Family {
    Explicit,
    Stiff,
    Multistep,
}

impl Family {
    pub const ALL: [Family; 3] = [Family::Explicit, Family::Stiff, Family::Multistep];
}

/// What became of a trial in a lane.
#[derive(Debug, Clone, PartialEq)]
pub enum Trial {
    /// The lane took no part.
    Idle,
    /// Refused; the next trial is shorter.
    Refused,
    /// Time and state have moved, or the lane was on its limit already.
    Done(Step),
    /// Time and state stay those of the last accepted step.
    Failed(SolveError),
}

/// What [`Settings`] say besides tolerances.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub method: Method,
    pub max_steps: usize,
    pub min_step: f64,
    pub max_step: f64,
    pub initial_step: Option<f64>,
}

impl Bounds {
    pub fn of(settings: &Settings) -> Bounds {
        let &Settings { method, max_steps, min_step, max_step, initial_step, .. } = settings;
        Bounds { method, max_steps, min_step, max_step: max_step.unwrap_or(f64::INFINITY), initial_step }
    }
}

#[derive(Debug)]
pub(super) struct Lane {
    pub bounds: Bounds,
    /// Which method takes the next step.
    pub active: Family,
    /// Which took the last, and interpolates.
    pub last: Family,
    /// Steps in a row that were taken across a jump.
    pub jumps: usize,
    pub roots: RootWatch,
    pub statistics: Statistics,
    pub t: f64,
    /// The last accepted step as the method took it; `t` is before its end when a root cut it.
    pub t_old: f64,
    pub h_old: f64,
    /// What the controller asks for; none at a start.
    pub h_next: Option<f64>,
    /// What the present step tries, but for its limit.
    pub h: f64,
    /// The slope at the start of the next step is known although it is fresh.
    pub has_slope: bool,
    /// How it comes to the next trial.
    pub entry: Entry,
    pub steps_since_start: usize,
    /// The component that held the last refused step back.
    pub blame: usize,
}

impl Lane {
    pub fn new(roots: usize) -> Lane {
        Lane {
            bounds: Bounds::of(&Settings::default()),
            active: Family::Explicit,
            last: Family::Explicit,
            jumps: 0,
            roots: RootWatch::new(roots),
            statistics: Statistics::default(),
            t: 0.0,
            t_old: 0.0,
            h_old: 0.0,
            h_next: None,
            h: 0.0,
            has_slope: false,
            entry: Entry::Fresh,
            steps_since_start: 0,
            blame: 0,
        }
    }

    /// At `t`, without a past.
    pub fn place(&mut self, t: f64) {
        (self.t, self.t_old, self.h_old) = (t, t, 0.0);
        self.h_next = None;
        (self.entry, self.has_slope) = (Entry::Fresh, false);
        self.steps_since_start = 0;
    }

    /// The length to try of a step that may not pass what remains, and whether it ends there.
    pub fn trial(&self, remaining: f64) -> (f64, bool) {
        let last = 1.01 * self.h >= remaining;
        (if last { remaining } else { self.h.min(0.5 * remaining) }, last)
    }

    /// What rounding of t and the caller allow.
    pub fn least_step(&self) -> f64 {
        self.bounds.min_step.max(4.0 * f64::EPSILON * self.t.abs()).max(f64::MIN_POSITIVE)
    }

    pub fn add(&mut self, cost: &Cost) {
        self.statistics.rhs += cost.rhs;
        self.statistics.jacobians += cost.jacobians;
        self.statistics.factorisations += cost.factorisations;
        self.statistics.solves += cost.solves;
        self.statistics.pivoted += cost.pivoted;
    }
}
