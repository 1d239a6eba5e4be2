//! The whole library in one model: every pathway that can stand in a cell, in one cell; from text to native code, and
//! through a day by a stiff method. `cargo bench --bench library`

use std::path::Path;

use divan::Bencher;
use exoc::codegen::{CompiledModel, Engine};
use exoc::hir::{self, CheckedModel};
use exoc::kernel::{Model as Kernel, Part};
use exoc::network;
use exoc::simulate::{self, Model, Parameters, Protocol, Settings, State};
use exoc::solve::Method;
use exoc::source::{DiskLoader, Loader, SourceMap};
use exoc::syntax::{self, ast::ItemKind};

const DAY: f64 = 86_400.0;

fn main() {
    let text = whole();
    let model = checked(&text).expect("a model without mistakes");
    let network = network::build(&model, 0).expect("a network").network;
    println!(
        "{} pathways, {} species, {} reactions",
        text.matches("include std.").count(),
        network.species.len(),
        network.reactions.len()
    );
    divan::main();
}

fn with(pathways: &[(String, Vec<String>)]) -> String {
    let included: String = pathways.iter().map(|(path, _)| format!("    include {path}\n")).collect();
    // What the literature leaves open is taken as it would be for a promoting effect.
    let numbers = pathways.iter().flat_map(|(_, required)| required);
    let sets: String = numbers.map(|name| format!("    set {name} = 1   assumed\n")).collect();
    format!(
        "use std.places.dish\ncell Everything {{\n{included}{sets}}}\n\
         model whole {{\n    include dish\n    place cell: Everything, 1e6 cells in dish.medium\n}}\n"
    )
}

/// A model whose cell includes every pathway of the library that it can: a body of organs stays out.
fn whole() -> String {
    let loader = DiskLoader::beside(Path::new(""));
    let mut taken = Vec::new();
    for module in loader.modules().into_iter().filter(|module| module.starts_with("std.")) {
        let segments: Vec<&str> = module.split('.').collect();
        let Ok((name, text)) = loader.load(&segments, "") else { continue };
        let mut sources = SourceMap::new();
        let file = sources.add(&name, &text);
        for item in syntax::parse(&sources, file).0.items {
            if let ItemKind::Pathway(block) = item.kind {
                let required = block.items.iter().filter_map(|item| match &item.kind {
                    ItemKind::Param(param) if param.value.is_none() => Some(param.name.text.to_string()),
                    _ => None,
                });
                taken.push((format!("{module}.{}", block.name.text), required.collect()));
                if checked(&with(&taken)).is_none() {
                    taken.pop();
                }
            }
        }
    }
    with(&taken)
}

fn checked(text: &str) -> Option<CheckedModel> {
    let mut sources = SourceMap::new();
    let root = sources.add("bench.exo", text);
    hir::check(&mut sources, &DiskLoader::beside(Path::new("bench.exo")), root).gate().0
}

/// All that a first step of a stiff method needs.
fn native(model: &CheckedModel) -> CompiledModel {
    let built = network::build(model, 0).expect("a network");
    let code = CompiledModel::new(Kernel::new(&built.network), Engine::Native);
    let p = code.model().parameter_values(&[]);
    let y = code.model().initial_state(&p);
    for part in [Part::Rhs, Part::Jacobian] {
        code.run(part, 0.0, &y, &p, &mut vec![0.0; code.model().program(part).outputs().len()]);
    }
    code
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn text_to_checked(bencher: Bencher) {
    let text = whole();
    bencher.bench_local(|| checked(&text));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn text_to_native(bencher: Bencher) {
    let text = whole();
    bencher.bench_local(|| checked(&text).map(|model| native(&model)));
}

#[divan::bench(args = ["auto", "rosenbrock", "bdf"], sample_count = 10, sample_size = 1)]
fn a_day(bencher: Bencher, method: &str) {
    let checked = checked(&whole()).expect("a model without mistakes");
    let built = network::build(&checked, 0).expect("a network");
    let model = Model::new(built.network, Engine::Native);
    let mut settings = Settings::default();
    settings.method = match method {
        "rosenbrock" => Method::Stiff,
        "bdf" => Method::Multistep,
        _ => Method::Auto,
    };
    let protocol = Protocol::sampled(DAY, 1_800.0);
    let run = || {
        let start = State::initial(&model, Parameters::new(&model, &[]));
        let outcome = simulate::run(&model, start, &protocol, &settings, &mut |_| {});
        assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
        outcome.statistics
    };
    run();
    bencher.bench_local(run);
}
