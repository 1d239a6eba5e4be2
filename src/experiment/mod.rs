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

mod agenda;
mod answers;
mod arms;
mod bits;
pub mod census;
mod claims;
mod course;
pub mod ensemble;
mod exact;
mod reports;
pub mod results;
mod scan;
pub mod sensitivity;
mod spectrum;
mod statistics;
pub mod steady;
mod ways;
mod workers;

#[cfg(test)]
mod tests;

use crate::diagnostics::Diagnostic;
use crate::hir::{ExperimentId, Hir};
use crate::network::ParameterId;
use crate::network::plan::Plan;
use crate::simulate::{Lanes, Model, Settings};
use agenda::Agenda;
pub use course::Setting;
use results::Results;
pub use scan::{Axis, AxisValue, Scan};

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
    /// Parameters given several values each; every arm is run at each combination, and as declared.
    pub scan: Scan,
    /// How many runs are computed together in a core, and in how many threads; no result depends on it.
    pub lanes: Lanes,
    pub threads: usize,
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
pub fn run(
    hir: &Hir,
    benches: &[Bench],
    options: &Options,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Outcome {
    let agenda = Agenda::new(hir, benches, options);
    let ran = arms::run_all(&agenda, options, progress);
    outcome(&agenda, ran, benches)
}

/// What came of what every entry gave at every point.
fn outcome(agenda: &Agenda<'_>, ran: Vec<Vec<course::Ran>>, benches: &[Bench]) -> Outcome {
    let hir = agenda.hir;
    let mut claims = arms::claims(agenda, &ran);
    let mut finder = ways::Finder::new(hir, benches);
    for result in &mut claims {
        result.way = hir.claims.get(result.position).and_then(|claim| finder.way(claim));
    }
    let (experiments, failures) = arms::assemble(agenda, ran);
    Outcome { results: Results { experiments, claims, ..Results::default() }, failures }
}
