//! A cell's steady state: a model run until what is inside its cells no longer changes.
//!
//! The criterion. The model is integrated over blocks, each as long as all before it together and none shorter than
//! the run that follows. It has settled when over one whole block no species changed by more than the tolerance,
//! relative to the larger of its two amounts and the amount below which it doesn't matter (one copy in a cell). So the
//! run that starts there would not move by more than that share on its own, however slowly it drifts. The tolerance
//! is ten times the relative tolerance of the integration, and at least a hundred-thousandth.
//!
//! While it settles the time is 0, events wait, and what lies outside the cells is held as it is at first. So is a
//! species on which nothing depends: it could only pile up, such as cargo in a lysosome that nothing digests, and no
//! rate would know.

use super::error::{Culprit, Direction, Problem, SimulationError};
use super::settings::scales;
use super::system::Bound;
use super::{Model, Settings, Settler, State};
use crate::kernel::{Instruction, Part};
use crate::network::{PlaceKind, Species};
use crate::solve::{Integrator, SolveError, Statistics};

/// The change of a species over a block, relative to its amount, that counts as none.
const SMALLEST_TOLERANCE: f64 = 1e-5;
/// The first block is at least this long, in seconds.
const SHORTEST_BLOCK: f64 = 3600.0;
/// Blocks are doubled at most this often, so patience ends after 4096 times the first.
const BLOCKS: usize = 13;

/// Which species stay as they are while a model settles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held(pub(super) Vec<bool>);

impl Held {
    /// What lies outside the cells: everything that cells share or, in a model without cells, everything in an
    /// outermost compartment that has something in it (one that stands alone is itself what settles). And what only
    /// piles up inside: species that nothing depends on.
    pub fn for_settling(model: &Model) -> Held {
        let network = model.network();
        let outermost = |species: &Species| {
            let Some((id, place)) = species.place.and_then(|id| Some((id, network.places.get(id.index())?))) else {
                return false;
            };
            let surrounds = || network.places.iter().any(|inner| inner.within.contains(&id));
            place.depth == 0 && place.kind == PlaceKind::Volume && surrounds()
        };
        let shared = |s: &Species| s.cell.is_none() && (!network.cells.is_empty() || outermost(s));
        let mut held: Vec<bool> = network.species.iter().map(|s| s.fixed || shared(s)).collect();
        let read = read_by_rates(model);
        held.iter_mut().zip(&read).for_each(|(held, read)| *held |= !read);
        Held(held)
    }

    /// Only what is `fixed`.
    pub fn fixed(model: &Model) -> Held {
        Held(model.network().species.iter().map(|s| s.fixed).collect())
    }

    /// Whether the species of that index is held.
    pub fn holds(&self, species: usize) -> bool {
        self.0.get(species) == Some(&true)
    }
}

/// Which species some rate or trigger reads.
fn read_by_rates(model: &Model) -> Vec<bool> {
    let mut read = vec![false; model.network().species.len()];
    for part in [Part::Rhs, Part::Triggers] {
        for instruction in model.kernel().program(part).instructions() {
            if let Instruction::State(i) = instruction
                && let Some(slot) = read.get_mut(*i as usize)
            {
                *slot = true;
            }
        }
    }
    read
}

/// The amounts that a model settles in from a state, before a run of `duration` seconds; for many states of one model
/// there is [`Settler`].
///
/// # Errors
/// Numerical failures, and a model that still changes when patience ends (see the module's first lines).
pub fn settle(
    model: &Model,
    start: &State,
    held: &Held,
    duration: f64,
    settings: &Settings,
) -> Result<(Vec<f64>, Statistics), SimulationError> {
    if let Some(refusal) = model.refusal(&start.parameters) {
        return Err(refusal);
    }
    let found = Settler::new(model, held.clone()).settle(start, duration, settings)?;
    Ok((found.amounts, found.statistics))
}

/// The same without Newton's method: with the full accuracy, until nothing changes over a block.
///
/// # Errors
/// As [`settle`].
pub fn settle_by_integration(
    model: &Model,
    start: &State,
    held: &Held,
    duration: f64,
    settings: &Settings,
) -> Result<(Vec<f64>, Statistics), SimulationError> {
    let bound = Bound { model, parameters: start.parameters.values(), held: &held.0 };
    let (amounts, _, statistics) = by_integration(&bound, start, duration, settings)?;
    Ok((amounts, statistics))
}

/// How long a model may take to settle before a run of `duration` seconds: in seconds, to the end of the last block.
pub(super) fn patience(duration: f64) -> f64 {
    duration.max(SHORTEST_BLOCK) * f64::from(1 << (BLOCKS - 1))
}

/// The change over a block, relative to the amount, that counts as none.
pub(super) fn tolerance(settings: &Settings) -> f64 {
    (10.0 * settings.rtol()).max(SMALLEST_TOLERANCE)
}

/// By integration alone: the amounts when nothing changes any more over a block, when that was, and what it took.
pub(super) fn by_integration(
    bound: &Bound<'_>,
    start: &State,
    duration: f64,
    settings: &Settings,
) -> Result<(Vec<f64>, f64, Statistics), SimulationError> {
    let State { species: initial, parameters, .. } = start;
    let model = bound.model;
    let named = |e: SolveError, y: &[f64]| SimulationError::name(e, model, parameters, y);
    let solver =
        settings.for_network(model.network(), parameters).map_err(|e| named(SolveError::BadTolerance(e), initial))?;
    let scales = scales(model.network(), parameters);
    let tolerance = tolerance(settings);
    let mut integrator = Integrator::start(bound, 0.0, initial, &solver).map_err(|e| named(e, initial))?;
    let mut end = duration.max(SHORTEST_BLOCK);
    let mut worst = None;
    let mut before = initial.clone();
    let mut earlier = initial.clone();
    for _ in 0..BLOCKS {
        earlier.copy_from_slice(&before);
        before.copy_from_slice(integrator.state());
        if let Err(error) = integrator.advance(bound, end) {
            return Err(named(error, integrator.state()));
        }
        worst = most_changed(&before, integrator.state(), &scales)
            .filter(|(_, share)| share.is_nan() || *share > tolerance);
        if worst.is_none() {
            return Ok((integrator.state().to_vec(), integrator.time(), integrator.statistics()));
        }
        end *= 2.0;
    }
    let (index, share) = worst.unwrap_or_default();
    // What is made at a constant rate, or grows by itself, grows by at least half of itself over the last half of the time.
    let rising = before.get(index) > earlier.get(index) && integrator.state().get(index) > before.get(index);
    let growing = share > 0.4 && rising;
    let direction = if growing { Direction::Gain } else { Direction::Both };
    let culprit = Culprit::species(index, 0.0, model, parameters, integrator.state(), direction);
    Err(SimulationError { time: integrator.time(), problem: Problem::Unsettled { share, growing }, culprit })
}

/// The species that changed most, relative to its amount, and by what share of it.
fn most_changed(before: &[f64], after: &[f64], scales: &[f64]) -> Option<(usize, f64)> {
    let share =
        |(i, ((a, b), scale)): (usize, ((&f64, &f64), &f64))| (i, (b - a).abs() / a.abs().max(b.abs()).max(*scale));
    before.iter().zip(after).zip(scales).enumerate().map(share).max_by(|a, b| a.1.total_cmp(&b.1))
}
