//! Several integrations of one pattern at once, each on its own: its own time, step, limit, tolerances, method, roots.

use super::engine::Engine;
use super::error::SolveError;
use super::events::Root;
use super::integrator::Statistics;
use super::lane::Trial;
use super::settings::Settings;
use super::system::LaneSystem;

/// W integrations under way. A lane is vacant until [`Bundle::start`]ed, and may be started anew at any time.
///
/// What a lane gives is what [`Integrator`](super::Integrator) gives for its problem alone, to the last bit. The same
/// system must be given to each call; what it holds for a lane may change whenever that lane is started or restarted.
#[derive(Debug)]
pub struct Bundle<const W: usize>(Engine<W>);

impl<const W: usize> Bundle<W> {
    /// All lanes vacant.
    pub fn new<S: LaneSystem<W> + ?Sized>(system: &S) -> Self {
        Bundle(Engine::new(system))
    }

    /// [`Integrator::start`](super::Integrator::start) in a lane.
    ///
    /// # Errors
    /// As there.
    pub fn start<S: LaneSystem<W> + ?Sized>(
        &mut self,
        system: &S,
        lane: usize,
        t0: f64,
        y0: &[f64],
        settings: &Settings,
    ) -> Result<(), SolveError> {
        self.0.start(system, lane, t0, y0, settings)
    }

    /// [`Integrator::restart`](super::Integrator::restart) in a lane.
    ///
    /// # Errors
    /// As there.
    pub fn restart<S: LaneSystem<W> + ?Sized>(
        &mut self,
        system: &S,
        lane: usize,
        t: f64,
        y: &[f64],
    ) -> Result<(), SolveError> {
        self.0.restart(system, lane, t, y)
    }

    /// One trial step in each lane marked, never past its limit and landing on it exactly.
    pub fn attempt<S: LaneSystem<W> + ?Sized>(
        &mut self,
        system: &S,
        limits: &[f64; W],
        lanes: &[bool; W],
    ) -> [Trial; W] {
        self.0.attempt(system, limits, lanes)
    }

    /// The time that a lane has reached.
    pub fn time(&self, lane: usize) -> f64 {
        self.0.lane(lane).t
    }

    /// The state of a lane at its time, into `y`.
    pub fn state(&self, lane: usize, y: &mut [f64]) {
        y.iter_mut().zip(self.0.states()).for_each(|(y, all)| *y = all[lane]);
    }

    /// [`Integrator::interpolate`](super::Integrator::interpolate) in a lane, until the next attempt.
    pub fn interpolate<S: LaneSystem<W> + ?Sized>(&mut self, system: &S, lane: usize, t: f64, y: &mut [f64]) {
        self.0.interpolate(system, lane, t, y);
    }

    /// [`Integrator::crossings`](super::Integrator::crossings) of a lane.
    pub fn crossings(&self, lane: usize) -> &[Root] {
        self.0.lane(lane).roots.crossings()
    }

    /// What was done in a lane since it was started.
    pub fn statistics(&self, lane: usize) -> Statistics {
        self.0.lane(lane).statistics
    }
}
