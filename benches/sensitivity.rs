//! What sensitivities cost beside a run: `cargo bench --bench sensitivity`.
//!
//! Of the control of an example's first experiment, settling and code included: processor time of one run, and of the
//! same with its derivatives by the first 1, 4, 16… numbers. Minima of several.

use std::path::Path;

use cpu_time::ProcessTime;
use exoc::codegen::Engine;
use exoc::experiment::sensitivity::{self, Options, every};
use exoc::experiment::{self, Bench};
use exoc::hir;
use exoc::network;
use exoc::simulate::Model;
use exoc::source::{DiskLoader, SourceMap};

fn main() {
    for example in ["rab5_rab7_switch", "liposome_organs", "rab27_knockdown"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(format!("{example}.exo"));
        let mut sources = SourceMap::new();
        let root = sources.add(&path.display().to_string(), &std::fs::read_to_string(&path).expect("an example"));
        let (program, _) = hir::check(&mut sources, &DiskLoader::beside(&path), root).gate();
        let program = program.expect("a checked program");
        let built = network::build(&program, 0).expect("a network");
        let model = Model::new(built.network, Engine::Native);
        let mut benches = vec![Bench { model, plans: built.experiments, set: Vec::new() }];
        benches[0].plans.truncate(1);
        benches[0].plans[0].arms.truncate(1);
        let species = benches[0].model.network().species.len();
        let numbers: Vec<String> = every(&benches[0].model, &[]).into_iter().map(|n| n.name).collect();
        let alone = least(|| {
            experiment::run(&program, &benches, &experiment::Options::default(), &mut |_| {});
        });
        println!("{example}: {species} species, one run {alone:.2} ms");
        for m in [1, 4, 16, 64].into_iter().filter(|m| *m < 2 * numbers.len()) {
            let by: Vec<String> = numbers.iter().take(m).cloned().collect();
            let (m, options) = (by.len(), Options { by: Some(by), ..Options::default() });
            let with = least(|| {
                sensitivity::run(&program, &benches, &options, &mut |_| {});
            });
            println!("  with {m:2} sensitivities {with:8.2} ms, {:6.1} runs", with / alone);
        }
    }
}

/// The least processor time of several, in milliseconds.
fn least(mut act: impl FnMut()) -> f64 {
    let once = |act: &mut dyn FnMut()| {
        let start = ProcessTime::now();
        act();
        start.elapsed().as_secs_f64() * 1e3
    };
    (0..7).map(|_| once(&mut act)).fold(f64::INFINITY, f64::min)
}
