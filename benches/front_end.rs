//! From text to checked model, to network, to native code: the library's example and generated files.
//! `cargo bench --bench front_end`

use std::fmt::Write;
use std::fs;
use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use exoc::codegen::{CompiledModel, Engine};
use exoc::hir::{self, CheckedModel};
use exoc::kernel::Model;
use exoc::network;
use exoc::source::{DiskLoader, SourceMap};
use exoc::syntax;

const EXAMPLES: [&str; 3] = ["hello", "rab27_knockdown", "gw4869_manumycin"];
const PROCESSES: [usize; 2] = [1_000, 10_000];

fn main() {
    divan::main();
}

/// A file of that many processes among a third as many species, as a pathway has them: conversions, pairs that
/// bind, saturating laws, modifiers.
fn generated(processes: usize) -> String {
    let species = processes / 3 + 2;
    let mut text = String::from("compartment cytosol = 2 pL   assumed\n");
    for i in 0..species {
        let _ = writeln!(text, "machinery X{i} = {} copies in cytosol   assumed", 1000 + i);
    }
    for i in 0..processes {
        let (a, b, c) = (i % species, (i * 7 + 1) % species, (i * 13 + 2) % species);
        let _ = match i % 4 {
            0 => writeln!(text, "process p{i}: X{a} -> X{b}   at 0.{} / min   assumed", i % 9 + 1),
            1 => writeln!(text, "process p{i}: X{a} + X{b} -> X{c}   at 0.01 / uM / s   assumed"),
            2 => writeln!(
                text,
                "process p{i}: X{a} -> X{b}\n    rate 2 / min * X{c} * [X{a}] / (5 uM + [X{a}])   assumed"
            ),
            _ => writeln!(text, "process p{i}: X{a} -> X{b}   at 0.2 / min   assumed\n    needs X{c}"),
        };
    }
    text
}

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name).with_extension("exo");
    fs::read_to_string(path).expect("an example")
}

fn checked(text: &str) -> CheckedModel {
    let mut sources = SourceMap::new();
    let root = sources.add("bench.exo", text);
    let checked = hir::check(&mut sources, &DiskLoader::beside(Path::new("bench.exo")), root);
    checked.gate().0.expect("a model without mistakes")
}

fn native(model: &CheckedModel) -> CompiledModel {
    let built = network::build(model, 0).expect("a network");
    CompiledModel::new(Model::new(&built.network), Engine::Native)
}

#[divan::bench(args = PROCESSES, sample_count = 20)]
fn parse(bencher: Bencher, processes: usize) {
    let mut sources = SourceMap::new();
    let text = generated(processes);
    let root = sources.add("bench.exo", &text);
    let lines = ItemsCount::new(text.lines().count());
    bencher.counter(lines).bench_local(|| syntax::parse(&sources, root));
}

#[divan::bench(args = PROCESSES, sample_count = 20)]
fn check(bencher: Bencher, processes: usize) {
    let text = generated(processes);
    let lines = ItemsCount::new(text.lines().count());
    bencher.counter(lines).bench_local(|| checked(&text));
}

#[divan::bench(args = PROCESSES, sample_count = 10)]
fn network_of(bencher: Bencher, processes: usize) {
    let model = checked(&generated(processes));
    bencher.bench_local(|| network::build(&model, 0));
}

#[divan::bench(args = PROCESSES, sample_count = 10)]
fn checked_to_native(bencher: Bencher, processes: usize) {
    let model = checked(&generated(processes));
    bencher.bench_local(|| native(&model));
}

#[divan::bench(args = EXAMPLES, sample_count = 20)]
fn text_to_native(bencher: Bencher, name: &str) {
    let text = example(name);
    bencher.bench_local(|| native(&checked(&text)));
}
