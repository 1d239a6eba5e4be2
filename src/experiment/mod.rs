//! Arms, doses, grids and claims: what an experiment means, carried out with the simulators.
//!
//! What an arm begins with. Parameters as declared, changed by the caller's own values, then by the arm; what
//! modifiers compare with ([`Role::Reference`]) stays as it was before the arm. Without `settle` the amounts are those
//! that follow from the parameters. With it, the control is settled once and every arm begins with the amounts it
//! settled at inside the cells, and fresh amounts of what was held ([`Held`](crate::simulate::Held)); then the arm's changes of amounts apply.
//!
//! Invariants: every arm is run, whatever became of those before it; a failed arm keeps what it computed, and says
//! why; arms are in the order of the source. Deliberately absent: text for people, files.
//!
//! [`Role::Reference`]: crate::network::Role::Reference

mod arms;
mod claims;
mod reports;
pub mod results;
pub mod sensitivity;
mod statistics;

#[cfg(test)]
mod tests;

use crate::diagnostics::Diagnostic;
use crate::hir::{ExperimentId, Hir};
use crate::network::ParameterId;
use crate::network::plan::Plan;
use crate::simulate::{Model, Settings};
use results::Results;

/// A network ready to run with the experiments planned on it.
#[derive(Debug)]
pub struct Bench {
    pub model: Model,
    pub plans: Vec<Plan>,
    /// Parameters with values of the caller's, in internal units; for all arms.
    pub set: Vec<(ParameterId, f64)>,
}

/// How to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub settings: Settings,
    /// Only these experiments, and the claims that are about nothing else; `None` for all.
    pub only: Option<Vec<ExperimentId>>,
}

/// How far a run is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// From 0 to 1.
    pub share: f64,
    pub experiment: &'a str,
    pub arm: &'a str,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub results: Results,
    /// One for each arm or settling that failed.
    pub failures: Vec<Diagnostic>,
}

/// Runs all arms of the experiments and evaluates the claims, telling `progress` at every sample.
pub fn run(hir: &Hir, benches: &[Bench], options: &Options, progress: &mut dyn FnMut(Progress<'_>)) -> Outcome {
    let wanted = |id: ExperimentId| options.only.as_ref().is_none_or(|only| only.contains(&id));
    let (runs, failures) = arms::run_all(hir, benches, &options.settings, &wanted, progress);
    let claims = claims::evaluate(hir, &runs);
    let listed = runs.into_iter().filter(|run| !run.synthetic).map(|run| run.result).collect();
    Outcome { results: Results { experiments: listed, claims }, failures }
}
