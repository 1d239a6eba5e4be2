//! What `exoc compile --emit` prints at each stage, from two small files, against goldens.

use exoc::codegen::{self, Listing};
use exoc::hir::{self, CheckedModel};
use exoc::kernel::Model;
use exoc::network::{Network, build};
use exoc::output::{equations::equations, expression::Notation, listing::listing};
use exoc::source::{MemoryLoader, SourceMap};
use exoc::syntax::{parse, print};

use super::golden;

fn checked(name: &str, text: &str) -> CheckedModel {
    let mut sources = SourceMap::new();
    let root = sources.add(name, text);
    let (program, diagnostics) = hir::check(&mut sources, &MemoryLoader::default(), root).gate();
    program.unwrap_or_else(|| panic!("{name}: {diagnostics:?}"))
}

fn network(name: &str, text: &str) -> Network {
    build(&checked(name, text), 0).unwrap_or_else(|error| panic!("{name}: {error}")).network
}

fn stage(stage: &str, suffix: &str, make: impl Fn(&str, &str) -> String) {
    golden::check("compile", suffix, &format!("exoc compile --emit {stage}"), make);
}

#[test]
fn text_becomes_a_tree() {
    stage("tokens", "tokens", |name, text| {
        let mut sources = SourceMap::new();
        let file = sources.add(name, text);
        print::tokens(&sources, file)
    });
    stage("ast", "ast", |name, text| {
        let mut sources = SourceMap::new();
        let file = sources.add(name, text);
        print::ast(&parse(&sources, file).0)
    });
}

#[test]
fn a_tree_becomes_a_program() {
    stage("hir", "hir", |name, text| hir::print::print(&checked(name, text)));
}

#[test]
fn a_program_becomes_a_network() {
    stage("network", "network", |name, text| listing(&network(name, text)));
    stage("odes", "odes", |name, text| equations(&network(name, text), Notation::Text));
    stage("odes --latex", "tex", |name, text| equations(&network(name, text), Notation::Latex));
}

#[test]
fn a_network_becomes_programs() {
    stage("kernel", "kernel", |name, text| {
        let network = network(name, text);
        Model::new(&network).display(&network).to_string()
    });
}

// The calling convention is part of the text.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn programs_become_intermediate_code() {
    stage("clif", "clif", |name, text| {
        codegen::list(&Model::new(&network(name, text)), Listing::Clif)
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    });
}

/// Which instructions there are depends on the machine; which functions, does not.
#[test]
fn machine_code_has_the_same_functions() {
    for path in golden::files("tests/golden/compile", "exo") {
        let model = Model::new(&network("model", &std::fs::read_to_string(&path).unwrap()));
        let functions = |listing| {
            let text = codegen::list(&model, listing).unwrap();
            let names = text.lines().filter(|line| line.starts_with("; ")).map(str::to_owned);
            names.collect::<Vec<String>>()
        };
        let assembly = codegen::list(&model, Listing::Assembly).unwrap();
        assert!(functions(Listing::Assembly).contains(&"; rhs".to_owned()), "{assembly}");
        assert_eq!(functions(Listing::Assembly), functions(Listing::Clif));
    }
}
