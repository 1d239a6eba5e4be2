//! Settling of two examples: Newton's method after an approach, against integration alone, and what each evaluates.
//! `cargo bench --bench settle`

use std::path::Path;
use std::time::Duration;

use cpu_time::ProcessTime;
use exoc::codegen::Engine;
use exoc::hir;
use exoc::network;
use exoc::simulate::{Held, Model, Parameters, Settings, Settler, State, settle_by_integration};
use exoc::solve::Statistics;
use exoc::source::{DiskLoader, SourceMap};

const DAY: f64 = 86_400.0;
const REPEATS: usize = 200;

fn model(example: &str) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(format!("{example}.exo"));
    let mut sources = SourceMap::new();
    let root = sources.add(&path.display().to_string(), &std::fs::read_to_string(&path).expect("an example"));
    let (program, _) = hir::check(&mut sources, &DiskLoader::beside(&path), root).gate();
    let built = network::build(&program.expect("an example without mistakes"), 0).expect("a network");
    Model::new(built.network, Engine::Native)
}

/// The median processor time of a call, and what the last one counted.
fn measure(mut call: impl FnMut() -> Statistics) -> (Duration, Statistics) {
    let mut counted = call();
    let mut times: Vec<Duration> = (0..REPEATS)
        .map(|_| {
            let begun = ProcessTime::now();
            counted = call();
            begun.elapsed()
        })
        .collect();
    times.sort();
    (times[REPEATS / 2], counted)
}

fn tell(what: &str, (time, counted): (Duration, Statistics)) {
    let Statistics { accepted, rhs, jacobians, factorisations, solves, .. } = counted;
    println!(
        "  {what:<22} {:>8.1} µs   {accepted:>3} steps {rhs:>4} right-hand sides {jacobians:>3} Jacobians \
         {factorisations:>3} factorisations {solves:>4} solves",
        1e6 * time.as_secs_f64()
    );
}

fn main() {
    for name in ["rab27_knockdown", "gw4869_manumycin"] {
        let model = model(name);
        println!("{name} ({} species)", model.network().species.len());
        let held = Held::for_settling(&model);
        let start = State::initial(&model, Parameters::new(&model, &[]));
        let settings = Settings::default();
        let alone = || settle_by_integration(&model, &start, &held, DAY, &settings).expect("a steady state").1;
        tell("integration alone", measure(alone));
        let fresh = || Settler::new(&model, held.clone()).settle(&start, DAY, &settings).expect("a steady state");
        tell("approach and Newton", measure(|| fresh().statistics));
        let mut settler = Settler::new(&model, held.clone());
        let again = || settler.settle(&start, DAY, &settings).expect("a steady state").statistics;
        tell("the same, once more", measure(again));
    }
}
