//! From a network to native code: milliseconds by size, and what the code then costs.
//! `cargo bench --bench compile`

#[path = "../tests/it/kernel/networks.rs"]
#[allow(dead_code)]
mod networks;

use divan::Bencher;
use exoc::codegen::{CompiledModel, Engine};
use exoc::kernel::{Model, Part};
use networks::generated;

/// Reactions; a third as many species.
const SIZES: [usize; 3] = [300, 1_000, 10_000];

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn lower_and_differentiate(bencher: Bencher, reactions: usize) {
    let network = generated(reactions / 3, reactions);
    bencher.bench_local(|| Model::new(&network));
}

#[divan::bench(args = SIZES, sample_count = 20)]
fn network_to_native(bencher: Bencher, reactions: usize) {
    let network = generated(reactions / 3, reactions);
    bencher.bench_local(|| CompiledModel::new(Model::new(&network), Engine::Native));
}

fn evaluate(bencher: Bencher, reactions: usize, part: Part, engine: Engine) {
    let model = CompiledModel::new(Model::new(&generated(reactions / 3, reactions)), engine);
    let p = model.model().parameter_values(&[]);
    let y = model.model().initial_state(&p);
    let mut out = vec![0.0; model.model().program(part).outputs().len()];
    bencher.bench_local(|| model.run(part, 0.0, &y, &p, &mut out));
}

#[divan::bench(args = SIZES)]
fn right_hand_side(bencher: Bencher, reactions: usize) {
    evaluate(bencher, reactions, Part::Rhs, Engine::Native);
}

#[divan::bench(args = SIZES)]
fn jacobian(bencher: Bencher, reactions: usize) {
    evaluate(bencher, reactions, Part::Jacobian, Engine::Native);
}

#[divan::bench(args = SIZES)]
fn interpreted_right_hand_side(bencher: Bencher, reactions: usize) {
    evaluate(bencher, reactions, Part::Rhs, Engine::Interpreter);
}
