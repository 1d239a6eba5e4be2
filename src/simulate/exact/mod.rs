//! Exact runs: the network as a Markov process of counts, each run with random numbers of its own.
//!
//! What is a count: molecules, vesicles and what they carry. Areas, conditions and sizes are real numbers; a `change` rule
//! moves those between jumps, and propensities that follow them or the time are integrated along. Amounts that are not
//! whole, at first or after an intervention, are rounded up or down by the run's random numbers, up with the
//! probability of what is beyond the whole, so that means over runs are the ones asked for.
//!
//! Invariants: a run is a function of the model, its start, its protocol, the seed and the number of the run; a firing
//! happens only if what it consumes is there; interventions, events and samples are those of [`super::run`].
//! Deliberately absent: statistics over runs, threads.

mod blame;
mod compiled;
mod drive;
mod rates;

use super::error::{Culprit, Problem, SimulationError};
use super::{Model, Sample};
use crate::codegen::Engine;
use crate::kernel::jumps::{self, Jumps};
use crate::network::{Law, Network};
use crate::solve::jump::{Channel, Effect, Propensity, Scheme, Search};

use compiled::Compiled;
pub use drive::run_exact;

/// How to run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ExactSettings {
    /// How the next event is found.
    pub search: Search,
    /// A run that needs more events is given up.
    pub most_events: u64,
    /// What goes from event to event: once a model has had so many of them that compiling pays, code of its own, or always
    /// the engine's.
    pub engine: Engine,
}

impl Default for ExactSettings {
    /// A thousand million events.
    fn default() -> ExactSettings {
        ExactSettings { search: Search::Auto, most_events: 1_000_000_000, engine: Engine::Native }
    }
}

/// Which run of which ensemble: runs of one seed are independent of each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RunKey {
    pub seed: u64,
    pub run: u64,
}

/// What takes the results of a run.
pub trait ExactReceiver {
    /// The state at a time of the sampling grid. Parameters are as the model's programs read them.
    fn sample(&mut self, sample: Sample<'_>);
}

/// How a run ended, and what happened on the way.
#[derive(Clone, Debug, Default)]
pub struct ExactOutcome {
    /// Interventions and events with their times in seconds.
    pub marks: Vec<(f64, String)>,
    /// Firings of all processes.
    pub events: u64,
    /// Why it ended before its time.
    pub failure: Option<SimulationError>,
}

/// A model made ready for exact runs. Runs share it, in as many threads as there are.
#[derive(Debug)]
pub struct ExactModel<'m> {
    model: &'m Model,
    jumps: Jumps,
    scheme: Scheme,
    /// The reaction of each channel.
    reactions: Vec<usize>,
    compiled: Compiled,
}

impl<'m> ExactModel<'m> {
    /// Lowers the laws of a model.
    ///
    /// # Errors
    /// Vesicles with contents.
    pub fn new(model: &'m Model, settings: &ExactSettings) -> Result<ExactModel<'m>, SimulationError> {
        let network = model.network();
        if let Some(follower) = network.reactions.iter().find(|r| matches!(r.law, Law::Follows { .. })) {
            let process = network.processes.get(follower.process.index());
            let culprit = process
                .map(|p| Box::new(Culprit { species: String::new(), processes: vec![p.name.clone()], span: p.span }));
            return Err(SimulationError { time: 0.0, problem: Problem::Contents, culprit });
        }
        let jumps = Jumps::new(network);
        let moving: Vec<u32> = network.rate_rules.iter().map(|rule| rule.species.index() as u32).collect();
        let mut channels: Vec<(usize, Channel)> = Vec::new();
        for (index, propensity) in jumps.propensities.iter().enumerate() {
            channels.extend(channel(network, index, propensity, &moving).map(|made| (index, made)));
        }
        // Neighbours share sums, so those that depend on the same species should be neighbours.
        channels.sort_by_key(|(_, channel)| channel.reads.first().copied().unwrap_or(u32::MAX));
        let (reactions, channels) = channels.into_iter().unzip();
        let watch = watched(model);
        let scheme = Scheme::new(network.species.len(), channels, &watch, settings.search);
        Ok(ExactModel { model, jumps, scheme, reactions, compiled: Compiled::new(settings.engine) })
    }

    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// How the next event is found, and what goes from one to the next, in words.
    pub fn explain(&self) -> String {
        format!("{}; {}", self.scheme.explain(), self.compiled.explain())
    }
}

fn channel(network: &Network, index: usize, propensity: &jumps::Propensity, moving: &[u32]) -> Option<Channel> {
    let states = network.species.len();
    let (propensity, reads, reads_time) = match propensity {
        jumps::Propensity::Follows => return None,
        &jumps::Propensity::Combination { i, j, less } => {
            let mut reads: Vec<u32> = [i, j].into_iter().filter(|&s| s < states).map(|s| s as u32).collect();
            reads.sort_unstable();
            reads.dedup();
            (Propensity::Combination { i: i as u32, j: j as u32, less }, reads, false)
        }
        jumps::Propensity::General(program) => (Propensity::General, program.states_read(), program.reads_time()),
    };
    let changes = network.reactions.get(index)?.stoichiometry.iter().map(|(s, n)| (s.index() as u32, *n)).collect();
    let drifts = reads_time || reads.iter().any(|state| moving.contains(state));
    Some(Channel { propensity, reads, drifts, effect: Effect::Change(changes) })
}

/// The states that the conditions of events read.
fn watched(model: &Model) -> Vec<u32> {
    model.kernel().program(crate::kernel::Part::Triggers).states_read()
}
