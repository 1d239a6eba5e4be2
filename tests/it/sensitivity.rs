//! Sensitivities against closed forms, finite differences and another solver.

mod closed_forms;
mod differences;
mod other_solver;

use std::path::Path;

use exoc::codegen::Engine;
use exoc::experiment::sensitivity::{self, Options, Sensitivities};
use exoc::experiment::{Bench, Outcome};
use exoc::hir::{self, CheckedModel};
use exoc::network;
use exoc::simulate::{Model, Settings};
use exoc::source::{DiskLoader, SourceMap};

/// A program with its models on their benches.
fn prepare(text: &str, beside: &Path) -> (CheckedModel, Vec<Bench>) {
    let mut sources = SourceMap::new();
    let root = sources.add("model.exo", text);
    let (program, diagnostics) = hir::check(&mut sources, &DiskLoader::beside(beside), root).gate();
    let program = program.unwrap_or_else(|| panic!("{diagnostics:#?}"));
    let bench = |index| {
        let built = network::build(&program, index).unwrap();
        Bench { model: Model::new(built.network, Engine::Native), plans: built.experiments, set: Vec::new() }
    };
    let benches = (0..program.models.len()).map(bench).collect();
    (program, benches)
}

fn options(rtol: f64) -> Options {
    Options { settings: Settings::new(rtol, None).unwrap(), ..Options::default() }
}

/// The only arm's sensitivities, by these numbers.
fn by(text: &str, numbers: &[&str], options: Options) -> Sensitivities {
    let (program, benches) = prepare(text, Path::new("model.exo"));
    let by = Some(numbers.iter().map(|n| (*n).to_owned()).collect());
    let outcome = sensitivity::run(&program, &benches, &Options { by, ..options }, &mut |_| {});
    assert!(outcome.failures.is_empty(), "{:#?}", outcome.failures);
    outcome.results.into_iter().next().expect("an arm")
}

/// The scaled sensitivity of the first measure by a number.
fn scaled(found: &Sensitivities, number: &str) -> f64 {
    let k = found.numbers.iter().position(|n| n.name == number).unwrap_or_else(|| panic!("{number}"));
    found.of(0, k).and_then(|s| s.scaled).unwrap_or_else(|| panic!("{number} is not scaled"))
}

#[track_caller]
fn close(found: f64, exact: f64, what: &str) {
    assert!((found - exact).abs() <= 2e-6 * (1.0 + exact.abs()), "{what}: {found} is not {exact}");
}

/// Values of all measures at the end of each arm.
fn finals(outcome: &Outcome) -> Vec<Vec<f64>> {
    assert!(outcome.failures.is_empty(), "{:#?}", outcome.failures);
    let arms = outcome.results.experiments.iter().flat_map(|e| &e.arms);
    arms.map(|arm| arm.series.iter().map(|s| *s.values.last().unwrap()).collect()).collect()
}
