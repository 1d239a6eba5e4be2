//! Exact simulation of the models D1 to D3 in `benches/models`, and of one HeLa cell vesicle by vesicle, in processor time of one
//! thread.
//!
//!     cargo bench --bench jump                     all figures
//!     cargo bench --bench jump -- run D2 20        the median over so many runs, ns an event
//!     cargo bench --bench jump -- first D3         text to first event, in this process for the first time
//!     cargo bench --bench jump -- ensemble D2 10000 2     that many runs in so many threads
//!
//!     cargo bench --bench jump -- vesicles 600 exact       so many seconds of the example on Rab27, or `hybrid`
//!
//! Each figure is one line of JSON. The means of the last state are there to be compared with other simulators'.

mod models;

use std::path::Path;
use std::time::Instant;

use cpu_time::ProcessTime;
use exoc::codegen::Engine;
use exoc::hir;
use exoc::network::{self, Network};
use exoc::simulate::exact::{ExactModel, ExactOutcome, ExactReceiver, ExactSettings, RunKey, Vesicles, run_exact};
use exoc::simulate::{Model, Parameters, Protocol, Sample, State};
use exoc::source::{DiskLoader, SourceMap};
use serde_json::{Value, json};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words.as_slice() {
        [] => everything(),
        ["run", name, repeats] => say(several(name, number(repeats), Engine::Native)),
        ["interpreted", name, repeats] => say(several(name, number(repeats), Engine::Interpreter)),
        ["first", name] => say(first(name)),
        ["ensemble", name, runs, threads] => say(ensemble(name, number(runs), number(threads))),
        ["vesicles", seconds, how] => say(vesicles(number(seconds) as f64, how)),
        _ => eprintln!("see the head of benches/jump.rs"),
    }
}

fn everything() {
    for name in ["D1", "D2", "D3"] {
        say(several(name, 21, Engine::Native));
        say(several(name, 5, Engine::Interpreter));
        say(first(name));
    }
    for threads in [1, 2] {
        say(ensemble("D2", 200, threads));
    }
    say(vesicles(600.0, "exact"));
    say(vesicles(86_400.0, "hybrid"));
}

fn say(line: Value) {
    println!("{line}");
}

fn number(text: &str) -> u64 {
    text.parse().expect("a whole number")
}

fn network(text: &str) -> Network {
    let mut sources = SourceMap::new();
    let root = sources.add("model.exo", text);
    let (program, _) = hir::check(&mut sources, &DiskLoader::beside(Path::new("model.exo")), root).gate();
    network::build(&program.expect("a model without mistakes"), 0).expect("a network").network
}

fn settings(engine: Engine) -> ExactSettings {
    ExactSettings { engine, ..ExactSettings::default() }
}

/// Keeps the last state.
#[derive(Default)]
struct Last(Vec<f64>);

impl ExactReceiver for Last {
    fn sample(&mut self, sample: Sample<'_>) {
        self.0.clear();
        self.0.extend_from_slice(sample.species);
    }
}

/// As the peers are run: a hundred intervals.
fn protocol(name: &str) -> Protocol {
    let end = if name == "D2" { 100.0 } else { 10.0 };
    Protocol::sampled(end, end / 100.0)
}

fn one(exact: &ExactModel<'_>, protocol: &Protocol, run: u64, engine: Engine) -> (ExactOutcome, Vec<f64>) {
    let start = State::initial(exact.model(), Parameters::new(exact.model(), &[]));
    let mut last = Last::default();
    let outcome = run_exact(exact, start, protocol, RunKey { seed: 1, run }, &settings(engine), &mut last);
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    (outcome, last.0)
}

/// The median over so many runs after some that aren't counted.
fn several(name: &str, repeats: u64, engine: Engine) -> Value {
    let model = Model::new(network(&models::text(name)), Engine::Native);
    let exact = ExactModel::new(&model, &settings(engine));
    let protocol = protocol(name);
    let mut warm = 0;
    let clock = ProcessTime::now();
    while clock.elapsed().as_secs_f64() < 0.5 {
        one(&exact, &protocol, 1_000_000 + warm, engine);
        warm += 1;
    }
    let (mut times, mut events, mut means) = (Vec::new(), 0, vec![0.0; model.network().species.len()]);
    for run in 0..repeats {
        let clock = ProcessTime::now();
        let (outcome, last) = one(&exact, &protocol, run, engine);
        times.push(clock.elapsed().as_secs_f64() * 1e9 / outcome.events as f64);
        events += outcome.events;
        means.iter_mut().zip(&last).for_each(|(mean, x)| *mean += x / repeats as f64);
    }
    times.sort_by(f64::total_cmp);
    let names = model.network().species.iter().map(|s| s.name.as_str());
    let means: serde_json::Map<String, Value> =
        names.zip(&means).take(12).map(|(n, x)| (n.to_owned(), json!((x * 100.0).round() / 100.0))).collect();
    json!({ "tool": "exoc", "model": name, "kind": "jump", "n": repeats, "ns_per_event": times[times.len() / 2],
        "min_ns": times[0], "mean_events": events as f64 / repeats as f64, "how": exact.explain(), "mean_final": means })
}

/// From the text of a model to its first event.
fn first(name: &str) -> Value {
    let text = models::text(name);
    let clock = ProcessTime::now();
    let network = network(&text);
    let front = clock.elapsed().as_secs_f64() * 1e3;
    let model = Model::new(network, Engine::Native);
    let kernel = clock.elapsed().as_secs_f64() * 1e3;
    let exact = ExactModel::new(&model, &settings(Engine::Native));
    let end = protocol(name).samples.last().copied().unwrap_or(0.0);
    let short = Protocol { samples: vec![0.0, 1e-4 * end], interventions: vec![] };
    let (outcome, _) = one(&exact, &short, 0, Engine::Native);
    let ms = clock.elapsed().as_secs_f64() * 1e3;
    json!({ "tool": "exoc", "model": name, "kind": "first", "ms": ms, "front_ms": front, "kernel_ms": kernel - front,
        "events": outcome.events })
}

/// Keeps how many vesicles there were in the end, and how much memory they took.
#[derive(Default)]
struct Kept(usize, usize);

impl ExactReceiver for Kept {
    fn sample(&mut self, _: Sample<'_>) {}

    fn vesicles(&mut self, _: Sample<'_>, vesicles: &Vesicles<'_>) {
        *self = Kept(vesicles.len(), vesicles.bytes());
    }
}

/// One HeLa cell of the example on Rab27 from its declared amounts: events a second, bytes a vesicle.
fn vesicles(seconds: f64, how: &str) -> Value {
    let text = std::fs::read_to_string("examples/rab27_knockdown.exo").expect("the example");
    let model = Model::new(network(&text), Engine::Native);
    let settings =
        ExactSettings { hybrid: (how == "hybrid").then_some(0.03), most_events: u64::MAX, ..ExactSettings::default() };
    let exact = ExactModel::new(&model, &settings);
    let start = State::initial(&model, Parameters::new(&model, &[]));
    let mut kept = Kept::default();
    let clock = ProcessTime::now();
    let protocol = Protocol::sampled(seconds, seconds);
    let outcome = run_exact(&exact, start, &protocol, RunKey { seed: 1, run: 0 }, &settings, &mut kept);
    let cpu = clock.elapsed().as_secs_f64();
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    json!({ "tool": "exoc", "kind": "vesicles", "how": how, "simulated_s": seconds, "cpu_s": cpu, "events": outcome.events,
        "events_per_s": outcome.events as f64 / cpu, "vesicles": kept.0, "bytes_per_vesicle": kept.1 as f64 / kept.0 as f64 })
}

/// Many runs in so many threads: wall and processor time, and a sum that shows whether the bits are the same.
fn ensemble(name: &str, runs: u64, threads: u64) -> Value {
    let model = Model::new(network(&models::text(name)), Engine::Native);
    let exact = ExactModel::new(&model, &settings(Engine::Native));
    let protocol = protocol(name);
    let next = std::sync::atomic::AtomicU64::new(0);
    let (wall, clock) = (Instant::now(), ProcessTime::now());
    let work = || {
        let mut sum = 0u64;
        loop {
            let run = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if run >= runs {
                return sum;
            }
            let (outcome, last) = one(&exact, &protocol, run, Engine::Native);
            let bits = last.iter().fold(outcome.events, |h, x| h.rotate_left(7) ^ x.to_bits());
            sum = sum.wrapping_add(bits.wrapping_mul(run + 1));
        }
    };
    let sum = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|w| w.join().expect("a worker")).fold(0u64, u64::wrapping_add)
    });
    json!({ "tool": "exoc", "model": name, "kind": "ensemble", "runs": runs, "threads": threads,
        "wall_s": wall.elapsed().as_secs_f64(), "cpu_s": clock.elapsed().as_secs_f64(), "bits": format!("{sum:016x}") })
}
