//! A whole solution on a grid of times, for callers without events or discontinuities.

use thiserror::Error;

use super::error::SolveError;
use super::integrator::{Integrator, Statistics};
use super::settings::Settings;
use super::system::System;

/// States at times: row i holds the state at `times[i]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trajectory {
    pub times: Vec<f64>,
    /// Row-major, `times.len()` rows of `dimension` numbers.
    pub states: Vec<f64>,
    pub dimension: usize,
    pub statistics: Statistics,
}

impl Trajectory {
    /// The state at `times[i]`.
    pub fn state(&self, i: usize) -> &[f64] {
        &self.states[i * self.dimension..(i + 1) * self.dimension]
    }

    /// The state at the last time.
    pub fn last(&self) -> Option<&[f64]> {
        self.states.rchunks_exact(self.dimension.max(1)).next()
    }
}

/// What stopped an integration, and all samples before.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{error}")]
pub struct Failure {
    #[source]
    pub error: SolveError,
    pub so_far: Trajectory,
}

/// Integrates from `(t0, y0)` and samples at `times` (ascending, none before `t0`). Root functions
/// are ignored.
pub fn trajectory<S: System + ?Sized>(
    system: &S,
    t0: f64,
    y0: &[f64],
    times: &[f64],
    settings: &Settings,
) -> Result<Trajectory, Box<Failure>> {
    let mut so_far = Trajectory { dimension: system.dimension(), ..Trajectory::default() };
    match sample(system, t0, y0, times, settings, &mut so_far) {
        Ok(()) => Ok(so_far),
        Err(error) => Err(Box::new(Failure { error, so_far })),
    }
}

fn sample<S: System + ?Sized>(
    system: &S,
    t0: f64,
    y0: &[f64],
    times: &[f64],
    settings: &Settings,
    into: &mut Trajectory,
) -> Result<(), SolveError> {
    let mut before = t0;
    for &t in times {
        if !(before <= t && t.is_finite()) {
            return Err(SolveError::Backwards { t: before, limit: t });
        }
        before = t;
    }
    into.times.reserve(times.len());
    into.states.reserve(times.len() * y0.len());
    let mut integrator = Integrator::start(system, t0, y0, settings)?;
    let mut y = vec![0.0; y0.len()];
    let mut rest = times;
    loop {
        while let Some((&t, later)) = rest.split_first().filter(|(t, _)| **t <= integrator.time()) {
            integrator.interpolate(system, t, &mut y);
            into.times.push(t);
            into.states.extend_from_slice(&y);
            rest = later;
        }
        into.statistics = integrator.statistics();
        if rest.is_empty() {
            return Ok(());
        }
        let step = integrator.step(system, before);
        into.statistics = integrator.statistics();
        step?;
    }
}
