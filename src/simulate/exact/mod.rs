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
mod herd;
mod plan;
mod rates;

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use super::error::SimulationError;
use super::{Model, Sample};
use crate::codegen::{Engine, Laws};
use crate::kernel::Part;
use crate::kernel::jumps::{self, Jumps};
use crate::network::Network;
use crate::network::represent::Representation;
use crate::solve::jump::{Channel, Effect, Jumper, NoIndividuals, Propensity, Scheme, Search};

use compiled::Compiled;
pub use drive::run_exact;
pub use herd::Vesicles;

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct ExactSettings {
    /// How the next event is found.
    pub search: Search,
    /// So many cells of the rarest type stand for all; otherwise one, or all if they are few.
    pub cells: Option<u32>,
    /// A run that needs more events is given up.
    pub most_events: u64,
    /// And one that comes to more vesicles, at 50 to 100 bytes each.
    pub most_vesicles: usize,
    /// Leap over many events at once, with this bound on the relative change of a propensity within a leap; where nothing drifts.
    pub tau: Option<f64>,
    /// What is abundant flows as in the mean field, with this bound on the relative noise that it may lose; not where `tau` is.
    pub hybrid: Option<f64>,
    /// What goes from event to event: once a model has had so many of them that compiling pays, code of its own, or always
    /// the engine's.
    pub engine: Engine,
    /// A run ends where it is, as [`ExactOutcome::stopped`], soon after this is set.
    pub stop: Option<&'static AtomicBool>,
}

impl Default for ExactSettings {
    /// A thousand million events, 2^25 (33 million) vesicles.
    fn default() -> ExactSettings {
        ExactSettings {
            search: Search::Auto,
            cells: None,
            most_events: 1_000_000_000,
            most_vesicles: 1 << 25,
            tau: None,
            hybrid: None,
            engine: Engine::Native,
            stop: None,
        }
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

    /// The vesicles at that time, of a model that has any.
    fn vesicles(&mut self, sample: Sample<'_>, vesicles: &Vesicles<'_>) {
        let _ = (sample, vesicles);
    }
}

/// The model that runs: as it is, or with representative cells and the laws of single vesicles.
#[derive(Debug)]
enum Running<'m> {
    Whole(&'m Model),
    Made(Box<(Model, Representation)>),
}

impl std::ops::Deref for Running<'_> {
    type Target = Model;

    fn deref(&self) -> &Model {
        match self {
            Running::Whole(model) => model,
            Running::Made(made) => &made.0,
        }
    }
}

impl<'m> Running<'m> {
    fn new(model: &'m Model, settings: &ExactSettings) -> Running<'m> {
        let network = model.network();
        let parameters = super::Parameters::new(model, &[]);
        let counts: Vec<f64> = network.cells.iter().map(|cell| parameters.get(cell.count)).collect();
        if network.individuals.populations.is_empty() && counts.iter().all(|count| *count == 1.0) {
            return Running::Whole(model);
        }
        let made = Representation::new(network, &counts, settings.cells);
        let model = Model::new(made.network.clone(), settings.engine);
        Running::Made(Box::new((model, made)))
    }
}

/// How a run ended, and what happened on the way.
#[derive(Clone, Debug, Default)]
pub struct ExactOutcome {
    /// Interventions and events with their times in seconds.
    pub marks: Vec<(f64, String)>,
    /// Firings of all processes.
    pub events: u64,
    pub by_means: ByMeans,
    /// It was told to stop before its end.
    pub stopped: bool,
    /// Why it ended before its time.
    pub failure: Option<SimulationError>,
}

/// What was so much that it went by its mean.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ByMeans {
    /// Numbers of copies came up that were too large to be drawn.
    pub numbers: bool,
    /// Species with more copies than can be counted one by one, for some time at least.
    pub species: BTreeSet<String>,
}

impl ByMeans {
    /// Adds what went by its mean elsewhere.
    pub fn merge(&mut self, other: &ByMeans) {
        self.numbers |= other.numbers;
        self.species.extend(other.species.iter().cloned());
    }
}

/// A model made ready for exact runs. Runs share it, in as many threads as there are.
#[derive(Debug)]
pub struct ExactModel<'m> {
    model: Running<'m>,
    /// Where there are vesicles.
    pasture: Option<herd::Pasture>,
    jumps: Jumps,
    scheme: Scheme,
    /// The reaction of each channel.
    reactions: Vec<usize>,
    /// Propensities that are no combinations, and which of them is each channel's.
    laws: Laws,
    laws_of: Vec<Option<u32>>,
    /// Conditions of events may turn between jumps, other than by the clock alone.
    conditions: bool,
    compiled: Compiled,
}

impl<'m> ExactModel<'m> {
    /// Lowers the laws of a model.
    pub fn new(model: &'m Model, settings: &ExactSettings) -> ExactModel<'m> {
        let model = Running::new(model, settings);
        let network = model.network();
        let pasture = herd::Pasture::new(network, settings.engine);
        let jumps = Jumps::new(network);
        let mut moving: Vec<u32> = network.rate_rules.iter().map(|rule| rule.species.index() as u32).collect();
        moving.sort_unstable();
        moving.dedup();
        let mut channels: Vec<(usize, Channel)> = Vec::new();
        for (index, propensity) in jumps.propensities.iter().enumerate() {
            channels.extend(channel(network, pasture.as_ref(), index, propensity, &moving).map(|made| (index, made)));
        }
        // Neighbours share sums, so those that depend on the same species should be neighbours.
        channels.sort_by_key(|(_, channel)| channel.reads.first().copied().unwrap_or(u32::MAX));
        let (reactions, channels): (Vec<usize>, Vec<Channel>) = channels.into_iter().unzip();
        let watch = watched(&model);
        let triggers = model.kernel().program(Part::Triggers);
        let conditions = triggers.reads_time() && !watch.is_empty() || watch.iter().any(|s| moving.contains(s));
        let states = network.species.len();
        let scheme = Scheme::with_drift(states, channels, &watch, settings.search, &moving, conditions);
        let compiled = Compiled::new(settings.engine);
        let mut programs = Vec::new();
        let laws_of = (reactions.iter())
            .map(|&reaction| match &jumps.propensities[reaction] {
                jumps::Propensity::General(program) => {
                    programs.push(program.clone());
                    Some(programs.len() as u32 - 1)
                }
                jumps::Propensity::Combination { .. } | jumps::Propensity::Follows => None,
            })
            .collect();
        let laws = Laws::new(programs, settings.engine);
        ExactModel { model, pasture, jumps, scheme, reactions, laws, laws_of, conditions, compiled }
    }

    /// The model that runs: its species and observables are those of samples.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Whether it can leap: not where propensities change between events.
    pub fn may_leap(&self) -> bool {
        !self.scheme.drifts()
    }

    /// How cells are represented; `None` if all is as in the model.
    pub fn representation(&self) -> Option<&Representation> {
        match &self.model {
            Running::Whole(_) => None,
            Running::Made(made) => Some(&made.1),
        }
    }

    /// For each type of cells, if some stand for others: its name, how many there are, and how many they stand for.
    pub fn represented_cells(&self) -> Vec<(&str, u32, f64)> {
        let Some(made) = self.representation().filter(|made| made.scale != 1.0) else { return Vec::new() };
        let cells = self.model.network().cells.iter().zip(&made.cells).zip(&made.stands_for);
        cells.map(|((cell, here), all)| (cell.name.as_str(), *here, *all)).collect()
    }

    /// Processes whose rate depends on contents in a way that can't be told apart by vesicle: it goes by their mean.
    pub fn averaged(&self) -> impl Iterator<Item = &str> {
        let processes = &self.model.network().processes;
        let averaged = self.representation().map_or(&[][..], |made| &made.averaged);
        averaged.iter().filter_map(|&process| processes.get(process)).map(|process| process.name.as_str())
    }

    /// Makes code for the event loop at once rather than when it pays; whether that went well.
    pub fn compile(&self) -> bool {
        !self.scheme.drifts() && self.has_loop() && self.compile_now().is_some()
    }

    /// Runs from the initial amounts, rounded down, with looks at so many times up to `end`: how many propensities were then
    /// not those of the state. Zero, if everything is computed anew that must be.
    pub fn stale_propensities(&self, seed: u64, end: f64, looks: u32) -> Result<usize, SimulationError> {
        let parameters = super::Parameters::new(&self.model, &[]);
        let mut rates = rates::Bound::new(self);
        rates.bind(parameters.values());
        let start: Vec<f64> = self.model.initial_amounts(&parameters).iter().map(|x| x.floor()).collect();
        let mut jumper = Jumper::new(&self.scheme, seed, 0, u64::MAX);
        let named = |error| self.named(error);
        jumper.place(&rates, 0.0, &start).map_err(named)?;
        let mut stale = 0;
        for look in 1..=looks {
            let until = end * f64::from(look) / f64::from(looks);
            jumper.advance(&rates, &mut NoIndividuals, until).map_err(named)?;
            stale += jumper.stale(&rates);
        }
        Ok(stale)
    }

    /// How the next event is found, and what goes from one to the next, in words.
    pub fn explain(&self) -> String {
        format!("{}; {}", self.scheme.explain(), self.compiled.explain())
    }
}

fn channel(
    network: &Network,
    pasture: Option<&herd::Pasture>,
    index: usize,
    propensity: &jumps::Propensity,
    moving: &[u32],
) -> Option<Channel> {
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
    let edge = pasture.and_then(|pasture| Some((pasture, pasture.planned.edges.get(index).copied().flatten()?)));
    let effect = match edge {
        Some((pasture, edge)) => Effect::Individual { edge, touches: pasture.touches(network, index) },
        None => Effect::Change(changes),
    };
    let drifts = reads_time || reads.iter().any(|state| moving.contains(state));
    Some(Channel { propensity, reads, drifts, effect })
}

/// The states that the conditions of events read.
fn watched(model: &Model) -> Vec<u32> {
    model.kernel().program(Part::Triggers).states_read()
}
