//! Exact runs against closed forms, and against what must hold in every run.
//!
//! Every statistical test is at a fixed seed, so it passes or fails for good; its threshold is such that a correct
//! simulation would have failed at one seed in a hundred thousand (`FALSE_ALARM`).

mod cargo;
mod faults;
mod herds;
mod hybrids;
mod laws;
mod leaps;
mod protocol;
mod statistics;
mod structure;
mod vesicles;

use exoc::codegen::Engine;
use exoc::network::Network;
use exoc::simulate::exact::{ExactModel, ExactOutcome, ExactReceiver, ExactSettings, RunKey, run_exact};
use exoc::simulate::{Model, Parameters, Protocol, Sample, State};

/// The share of seeds at which a correct simulation fails a test.
pub const FALSE_ALARM: f64 = 1e-5;

/// A model from its text.
pub fn model(text: &str) -> Model {
    Model::new(network(text), Engine::Interpreter)
}

pub fn network(text: &str) -> Network {
    let mut sources = exoc::source::SourceMap::new();
    let root = sources.add("model.exo", text);
    let loader = exoc::source::DiskLoader::default();
    let (program, diagnostics) = exoc::hir::check(&mut sources, &loader, root).gate();
    let program =
        program.unwrap_or_else(|| panic!("{}", exoc::diagnostics::render::render(&diagnostics, &sources, false)));
    exoc::network::build(&program, 0).unwrap().network
}

/// All samples of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples(pub Vec<(f64, Vec<f64>)>);

impl ExactReceiver for Samples {
    fn sample(&mut self, sample: Sample<'_>) {
        self.0.push((sample.time, sample.species.to_vec()));
    }
}

pub fn ready<'m>(model: &'m Model, settings: &ExactSettings) -> ExactModel<'m> {
    ExactModel::new(model, settings)
}

/// One run from the declared start.
pub fn run(exact: &ExactModel<'_>, protocol: &Protocol, run: u64, settings: &ExactSettings) -> (Samples, ExactOutcome) {
    let start = State::initial(exact.model(), Parameters::new(exact.model(), &[]));
    let mut samples = Samples::default();
    let outcome = run_exact(exact, start, protocol, RunKey { seed: 2026, run }, settings, &mut samples);
    (samples, outcome)
}

/// The amount of one species at the end of each of so many runs.
pub fn ends(text: &str, species: &str, end: f64, runs: u64) -> Vec<f64> {
    let model = model(text);
    let settings = ExactSettings::default();
    let exact = ready(&model, &settings);
    let index = position(&model, species);
    let protocol = Protocol::sampled(end, end);
    let last = |n| {
        let (samples, outcome) = run(&exact, &protocol, n, &settings);
        assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
        samples.0.last().unwrap().1[index]
    };
    (0..runs).map(last).collect()
}

pub fn position(model: &Model, species: &str) -> usize {
    model.network().species.iter().position(|s| s.name == species).unwrap()
}
