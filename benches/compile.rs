//! From a network to code: milliseconds by size, and what the code then costs, alone and over lanes.
//! `cargo bench --bench compile`

#[path = "../tests/it/kernel/networks.rs"]
#[allow(dead_code)]
mod networks;

use divan::Bencher;
use exoc::codegen::{CompiledModel, Engine};
use exoc::kernel::{Builder, Hoisted, Inputs, LaneScratch, Model, Part, Schedule, Value, math};
use exoc::network::{BinaryOp, Network, UnaryOp};
use networks::{assembly, generated, scattered};

/// Models of the sizes that matter: a pathway, an assembly tree, a large network.
const NAMES: [&str; 3] = ["12 species", "100 species", "1,000 species"];
/// Reactions; a third as many species.
const SIZES: [usize; 3] = [300, 3_000, 30_000];

fn main() {
    divan::main();
}

fn network(name: &str) -> Network {
    match name {
        "12 species" => generated(12, 20),
        "100 species" => assembly(),
        _ => scattered(1_000, 3_000),
    }
}

/// What a first step needs.
fn first_step(network: &Network) -> CompiledModel {
    let model = CompiledModel::new(Model::new(network), Engine::Native);
    let p = model.model().parameter_values(&[]);
    let y = model.model().initial_state(&p);
    for part in [Part::Rhs, Part::Jacobian, Part::TimeDerivative] {
        model.run(part, 0.0, &y, &p, &mut vec![0.0; model.model().program(part).outputs().len()]);
    }
    model
}

#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn lower_and_differentiate(bencher: Bencher, reactions: usize) {
    let network = scattered(reactions / 3, reactions);
    bencher.bench_local(|| Model::new(&network));
}

#[divan::bench(args = NAMES, sample_count = 20, sample_size = 1)]
fn network_to_first_step(bencher: Bencher, name: &str) {
    let network = network(name);
    bencher.bench_local(|| first_step(&network));
}

#[divan::bench(args = SIZES, sample_count = 10, sample_size = 1)]
fn network_to_first_step_by_reactions(bencher: Bencher, reactions: usize) {
    let network = scattered(reactions / 3, reactions);
    bencher.bench_local(|| first_step(&network));
}

#[divan::bench(args = NAMES, sample_count = 20, sample_size = 1)]
fn schedules(bencher: Bencher, name: &str) {
    let model = Model::new(&network(name));
    bencher.bench_local(|| [Part::Rhs, Part::Jacobian].map(|part| Schedule::new(model.program(part))));
}

fn evaluate(bencher: Bencher, name: &str, part: Part, engine: Engine) {
    let model = CompiledModel::new(Model::new(&network(name)), engine);
    let p = model.model().parameter_values(&[]);
    let y = model.model().initial_state(&p);
    let mut out = vec![0.0; model.model().program(part).outputs().len()];
    bencher.bench_local(|| model.run(part, 0.0, &y, &p, &mut out));
}

#[divan::bench(args = NAMES)]
fn right_hand_side(bencher: Bencher, name: &str) {
    evaluate(bencher, name, Part::Rhs, Engine::Native);
}

#[divan::bench(args = NAMES)]
fn jacobian(bencher: Bencher, name: &str) {
    evaluate(bencher, name, Part::Jacobian, Engine::Native);
}

#[divan::bench(args = NAMES)]
fn interpreted_right_hand_side(bencher: Bencher, name: &str) {
    evaluate(bencher, name, Part::Rhs, Engine::Interpreter);
}

fn over_lanes<const W: usize>(bencher: Bencher, name: &str, part: Part) {
    let model = CompiledModel::new(Model::new(&network(name)), Engine::Native);
    let p = model.model().parameter_values(&[]);
    let y = model.model().initial_state(&p);
    let rows = |numbers: &[f64]| -> Vec<[f64; W]> { numbers.iter().map(|&x| [x; W]).collect() };
    let (y, p) = (rows(&y), rows(&p));
    let mut out = vec![[0.0; W]; model.model().program(part).outputs().len()];
    bencher.bench_local(|| model.run_lanes(part, &[0.0; W], &y, &p, &mut out));
}

#[divan::bench(args = NAMES, consts = [2, 8])]
fn right_hand_side_over_lanes<const W: usize>(bencher: Bencher, name: &str) {
    over_lanes::<W>(bencher, name, Part::Rhs);
}

#[divan::bench(args = NAMES, consts = [2, 8])]
fn jacobian_over_lanes<const W: usize>(bencher: Bencher, name: &str) {
    over_lanes::<W>(bencher, name, Part::Jacobian);
}

/// 64 values of a function in 8 lanes: divide by 512 for one.
#[divan::bench(args = ["exp", "ln", "log10", "tanh", "pow"])]
fn functions_over_lanes(bencher: Bencher, name: &str) {
    let mut b = Builder::new();
    let function = |b: &mut Builder, x: Value, y: Value| match name {
        "exp" => b.unary(UnaryOp::Exp, x),
        "ln" => b.unary(UnaryOp::Ln, x),
        "log10" => b.unary(UnaryOp::Log10, x),
        "tanh" => b.unary(UnaryOp::Tanh, x),
        _ => b.binary(BinaryOp::Pow, x, y),
    };
    let outputs: Vec<Value> = (0..64)
        .map(|i| {
            let (x, y) = (b.state(i), b.parameter(0));
            function(&mut b, x, y)
        })
        .collect();
    let schedule = Schedule::new(&b.extract(&outputs, Inputs { states: 64, parameters: 1 }, &Hoisted::default()));
    let y: Vec<[f64; 8]> = (0..64).map(|i| std::array::from_fn(|lane| (8 * i + lane) as f64 / 100.0)).collect();
    let (mut out, mut scratch) = (vec![[0.0; 8]; 64], LaneScratch::default());
    bencher.bench_local(|| schedule.run(&[0.0; 8], &y, &[[2.5; 8]], &mut out, &mut scratch));
}

/// 512 values of a function, one by one: ours, and the `libm` crate's.
#[divan::bench(args = ["exp", "libm exp", "ln", "libm ln", "pow", "libm pow"])]
fn functions_one_by_one(bencher: Bencher, name: &str) {
    let function: fn(f64) -> f64 = match name {
        "exp" => math::exp,
        "libm exp" => libm::exp,
        "ln" => math::ln,
        "libm ln" => libm::log,
        "pow" => |x| math::pow(x, 2.5),
        _ => |x| libm::pow(x, 2.5),
    };
    let x: Vec<f64> = (0..512).map(|i| i as f64 / 100.0).collect();
    let mut out = vec![0.0; x.len()];
    bencher.bench_local(|| out.iter_mut().zip(&x).for_each(|(out, &x)| *out = divan::black_box(function(x))));
}
