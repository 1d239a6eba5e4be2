//! Integration of the models in `benches/models`, in processor time of one thread.
//!
//!     cargo bench --bench ode                                  all figures that need no peer, with errors
//!     cargo bench --bench ode -- run B 1e-6 7 out.bin          one run at that tolerance, the median of seven
//!     cargo bench --bench ode -- sets A 1e-6 3 sets.bin out.bin
//!     cargo bench --bench ode -- first C                       text to first step, in this process for the first time
//!     cargo bench --bench ode -- rhs B                         right-hand side
//!     cargo bench --bench ode -- grow 10000                    that many species: compilation, steps, memory
//!
//! Each figure is one line of JSON; states go to `out.bin` as doubles, row by row. `benches/peers/compare.py` calls
//! it so, in turn with other simulators. The absolute tolerance is a thousandth of the relative one.

#[path = "../tests/it/oracles/diffsol.rs"]
mod diffsol;
mod models;

use std::fs;
use std::path::Path;

use cpu_time::ProcessTime;
use exoc::codegen::Engine;
use exoc::network::{self, Network, ParameterId};
use exoc::simulate::{
    Job, Lanes, Model, Outcome, Parameters, Protocol, Receiver, Sample, Settings, State, run, run_batch,
};
use exoc::solve::Statistics;
use exoc::source::{DiskLoader, SourceMap};
use exoc::{hir, kernel};
use serde_json::{Value, json};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words.as_slice() {
        [] => everything(),
        ["run", name, rtol, repeats, out] => say(single(name, number(rtol), number(repeats) as usize, out)),
        ["sets", name, rtol, repeats, sets, out] => {
            say(many(name, number(rtol), number(repeats) as usize, &read(sets), out));
        }
        ["first", name] => say(first(name)),
        ["rhs", name] => say(right_hand_side(name)),
        ["grow", species] => say(growth(number(species) as usize)),
        _ => eprintln!("see the head of benches/ode.rs"),
    }
}

fn say(line: Value) {
    println!("{line}");
}

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}

fn read(path: &str) -> Vec<f64> {
    let bytes = fs::read(path).expect("a file of doubles");
    bytes.chunks_exact(8).map(|c| f64::from_le_bytes(c.try_into().expect("eight bytes"))).collect()
}

fn write(path: &str, values: &[f64]) {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    fs::write(path, bytes).expect("a place to write");
}

/// Processor time of `what` in ms.
fn timed<T>(what: impl FnOnce() -> T) -> (f64, T) {
    let clock = ProcessTime::now();
    let result = what();
    (clock.elapsed().as_secs_f64() * 1e3, result)
}

/// The median and the smallest of the times of so many repetitions after one that isn't counted, in ms.
fn repeated(repeats: usize, mut what: impl FnMut()) -> (f64, f64) {
    what();
    let mut times: Vec<f64> = (0..repeats).map(|_| timed(&mut what).0).collect();
    times.sort_by(f64::total_cmp);
    (times[repeats / 2], times[0])
}

fn network(text: &str) -> Network {
    let mut sources = SourceMap::new();
    let root = sources.add("model.exo", text);
    let (program, _) = hir::check(&mut sources, &DiskLoader::beside(Path::new("model.exo")), root).gate();
    network::build(&program.expect("a model without mistakes"), 0).expect("a network").network
}

fn compiled(name: &str) -> Model {
    Model::new(network(&models::text(name)), Engine::Native)
}

fn settings(rtol: f64) -> Settings {
    Settings::new(rtol, Some(1e-3 * rtol)).expect("possible tolerances")
}

fn started(model: &Model, set: &[(ParameterId, f64)]) -> State {
    State::initial(model, Parameters::new(model, set))
}

fn succeeded(outcome: Outcome) -> Statistics {
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    outcome.statistics
}

/// Steps after which a model has all of its code, by its number of species: small ones come by programs for whole steps and
/// for what corrects their interpolants.
fn warm(species: usize) -> usize {
    if species < 30 { 200_000 } else { 1 }
}

/// One run of a compiled model: from parameters to the recorded samples.
fn single(name: &str, rtol: f64, repeats: usize, out: &str) -> Value {
    let model = compiled(name);
    let protocol = Protocol { samples: models::times(name), interventions: vec![] };
    let (settings, mut rows, mut statistics) = (settings(rtol), Vec::new(), Statistics::default());
    let mut once = || {
        rows.clear();
        let start = started(&model, &[]);
        let outcome = run(&model, start, &protocol, &settings, &mut |s| rows.extend_from_slice(s.species));
        statistics = succeeded(outcome);
        statistics.accepted
    };
    // Until all code is made: some is so only after many steps.
    let mut steps = 0;
    while steps < warm(model.network().species.len()) {
        steps += once();
    }
    let (median, least) = repeated(repeats, || {
        once();
    });
    write(out, &rows);
    json!({ "tool": "exoc", "model": name, "kind": "traj", "rtol": rtol, "atol": 1e-3 * rtol, "med_ms": median,
        "min_ms": least, "nst": statistics.accepted, "rejected": statistics.rejected, "rhs": statistics.rhs,
        "jacobians": statistics.jacobians, "factorisations": statistics.factorisations,
        "stiff": statistics.stiff_steps })
}

/// Keeps the last sample of each job, and how many steps all took.
struct Ends {
    width: usize,
    states: Vec<f64>,
    accepted: usize,
    rejected: usize,
}

impl Receiver for Ends {
    fn sample(&mut self, job: usize, sample: Sample<'_>) {
        self.states[job * self.width..][..self.width].copy_from_slice(sample.species);
    }

    fn ended(&mut self, _job: usize, outcome: Outcome) {
        let Statistics { accepted, rejected, .. } = succeeded(outcome);
        (self.accepted, self.rejected) = (self.accepted + accepted, self.rejected + rejected);
    }
}

/// The parameters that the file declares, in its order: what the rows of a file of parameter sets hold.
fn declared(model: &Model) -> Vec<ParameterId> {
    let mut found: Vec<(exoc::source::Span, ParameterId)> = Vec::new();
    for (i, parameter) in model.network().parameters.iter().enumerate() {
        if parameter.role == network::Role::Declared {
            found.push((parameter.span, ParameterId(i as u32)));
        }
    }
    found.sort_by_key(|(span, _)| span.start);
    found.into_iter().map(|(_, id)| id).collect()
}

/// As many runs as there are parameter sets; of each the state at the end is kept.
fn many(name: &str, rtol: f64, repeats: usize, sets: &[f64], out: &str) -> Value {
    let model = compiled(name);
    let protocol = Protocol { samples: models::times(name), interventions: vec![] };
    let (settings, ids, width) = (settings(rtol), declared(&model), model.network().species.len());
    let count = sets.len() / ids.len();
    let mut ends = Ends { width, states: vec![0.0; count * width], accepted: 0, rejected: 0 };
    let (median, least) = repeated(repeats, || {
        (ends.accepted, ends.rejected) = (0, 0);
        let mut jobs = sets.chunks_exact(ids.len()).enumerate().map(|(index, values)| {
            let set: Vec<_> = ids.iter().copied().zip(values.iter().copied()).collect();
            Job { index, start: started(&model, &set), protocol: &protocol }
        });
        run_batch(&model, &mut jobs, &settings, Lanes::Auto, &mut ends);
    });
    write(out, &ends.states);
    json!({ "tool": "exoc", "model": name, "kind": "ens", "rtol": rtol, "atol": 1e-3 * rtol, "med_ms": median,
        "min_ms": least, "ntraj": count, "nst": ends.accepted, "rejected": ends.rejected })
}

/// From the text of a model to its first step.
fn first(name: &str) -> Value {
    let text = models::text(name);
    let end = models::times(name)[1];
    let (front, network) = timed(|| network(&text));
    let (code, model) = timed(|| Model::new(network, Engine::Native));
    let (step, _) = timed(|| {
        let protocol = Protocol { samples: vec![1e-9 * end], interventions: vec![] };
        succeeded(run(&model, started(&model, &[]), &protocol, &settings(1e-6), &mut |_| {}))
    });
    json!({ "tool": "exoc", "model": name, "kind": "first", "ms": front + code + step, "front_ms": front,
        "compile_ms": code, "step_ms": step })
}

/// Nanoseconds for one right-hand side and one Jacobian, the best of many batches.
fn right_hand_side(name: &str) -> Value {
    let model = compiled(name);
    let parameters = Parameters::new(&model, &[]);
    let p = parameters.values();
    let y: Vec<f64> = started(&model, &[]).species.iter().map(|y| y + 0.01).collect();
    let mut dydt = vec![0.0; y.len()];
    let mut values = vec![0.0; model.code().model().sparsity().rows.len()];
    let calls = 400_000 / y.len();
    let best = |what: &mut dyn FnMut()| {
        let batch = |what: &mut dyn FnMut()| timed(|| (0..calls).for_each(|_| what())).0 / calls as f64 * 1e6;
        (0..50).map(|_| batch(what)).fold(f64::INFINITY, f64::min)
    };
    let rhs = best(&mut || model.code().rhs(0.0, &y, p, std::hint::black_box(&mut dydt)));
    let jacobian = best(&mut || model.code().jacobian(0.0, &y, p, std::hint::black_box(&mut values)));
    json!({ "tool": "exoc", "model": name, "kind": "rhs", "rhs_ns": rhs, "jac_ns": jacobian })
}

/// Compilation, steps and memory of assemblies with that many species.
fn growth(species: usize) -> Value {
    let text = models::assemblies(species / 100).text();
    let (front, network) = timed(|| network(&text));
    let before = peak_memory();
    let (lowering, _) = timed(|| kernel::Model::new(&network));
    let (code, model) = timed(|| Model::new(network, Engine::Native));
    let protocol = Protocol { samples: vec![0.0, 1000.0], interventions: vec![] };
    let mut statistics = Statistics::default();
    let (median, _) = repeated(3, || {
        statistics = succeeded(run(&model, started(&model, &[]), &protocol, &settings(1e-4), &mut |_| {}));
    });
    let steps = statistics.accepted + statistics.rejected;
    json!({ "tool": "exoc", "kind": "growth", "species": species, "reactions": 2 * species, "front_ms": front,
        "lower_ms": lowering, "compile_ms": code, "run_ms": median, "steps": steps,
        "step_us": 1e3 * median / steps as f64, "front_mb": before, "peak_mb": peak_memory() })
}

/// The most memory that this process has held so far, in MB; 0 where the system doesn't say.
fn peak_memory() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

/// max |y − reference| / (|reference| + 1e-3).
fn distance(found: &[f64], reference: &[f64]) -> f64 {
    let each = found.iter().zip(reference).map(|(y, r)| (y - r).abs() / (r.abs() + 1e-3));
    each.fold(0.0, f64::max)
}

/// diffsol's states, with derivatives from the compiled model.
fn reference(name: &str) -> Vec<f64> {
    let model = compiled(name);
    let parameters = Parameters::new(&model, &[]);
    let (code, p) = (model.code(), parameters.values());
    let sparsity = code.model().sparsity();
    let field = diffsol::Field {
        rhs: |y: &[f64], dydt: &mut [f64]| code.rhs(0.0, y, p, dydt),
        jacobian: |y: &[f64], add: &mut dyn FnMut(usize, usize, f64)| {
            let mut values = vec![0.0; sparsity.rows.len()];
            code.jacobian(0.0, y, p, &mut values);
            for (column, ends) in sparsity.column_starts.windows(2).enumerate() {
                (ends[0]..ends[1]).for_each(|at| add(sparsity.rows[at], column, values[at]));
            }
        },
    };
    field.integrate(&started(&model, &[]).species, &models::times(name), 1e-11, 1e-14).concat()
}

fn everything() {
    let folder = tempfile::tempdir().expect("a folder for states");
    let out = folder.path().join("out.bin").display().to_string();
    for name in ["A", "B", "HIRES", "ROBER"] {
        let reference = reference(name);
        for exponent in 3..=10 {
            let mut line = single(name, 10f64.powi(-exponent), 9, &out);
            line["err"] = json!(distance(&read(&out), &reference));
            say(line);
        }
    }
    say(single("C", 1e-4, 3, &out));
    for name in ["A", "B", "C"] {
        say(first(name));
        say(right_hand_side(name));
    }
    for species in [100, 300, 1000, 3000, 10_000] {
        say(growth(species));
    }
}
