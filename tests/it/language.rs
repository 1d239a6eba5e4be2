//! Each construct of the language, one to a file: what checking says of it, its network, and what its experiments and
//! claims come to.
//!
//! The claims in the files hold closed forms, so that the goldens are not the only judges; values are given to the digits
//! that the tolerance of the run promises.

use std::fmt::Write;

use exoc::codegen::Engine;
use exoc::diagnostics::Diagnostic;
use exoc::experiment::results::{Arm, Results, Verdict};
use exoc::experiment::{self, Bench, Options};
use exoc::hir::{CheckedModel, check};
use exoc::network::{Built, build};
use exoc::output::number::significant;
use exoc::output::unit;
use exoc::simulate::{Model, Settings};
use exoc::source::{DiskLoader, SourceMap};

use super::golden;

const RTOL: f64 = 1e-8;
const DIGITS: i32 = 5;
/// Samples of a series that are shown, besides the first.
const SHOWN: usize = 4;

fn checked(name: &str, text: &str) -> (Option<CheckedModel>, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    let root = sources.add(name, text);
    let loader = DiskLoader::beside(&golden::root().join("tests/golden/language").join(name));
    check(&mut sources, &loader, root).gate()
}

fn networks(name: &str, program: &CheckedModel) -> Vec<Built> {
    let built = |model| build(program, model).unwrap_or_else(|error| panic!("{name}: {error}"));
    (0..program.models.len()).map(built).collect()
}

fn program(name: &str, text: &str) -> CheckedModel {
    let (program, diagnostics) = checked(name, text);
    let said: Vec<String> = diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
    program.unwrap_or_else(|| panic!("{name}: {}", said.join("\n")))
}

#[test]
fn networks_of_each_construct() {
    golden::check("language", "network", "exoc compile --emit network", |name, text| {
        let program = program(name, text);
        let models = networks(name, &program);
        models.iter().map(|built| exoc::output::listing::listing(&built.network)).collect::<Vec<_>>().join("\n")
    });
}

#[test]
fn results_of_each_construct() {
    golden::check("language", "results", "exoc run --rtol 1e-8", |name, text| {
        let (_, diagnostics) = checked(name, text);
        let mut out = String::new();
        for diagnostic in &diagnostics {
            let _ = writeln!(out, "{} {}", diagnostic.code, diagnostic.message);
        }
        let program = program(name, text);
        let bench = |built: Built| {
            let model = Model::new(built.network, Engine::default());
            Bench { model, plans: built.experiments, set: Vec::new() }
        };
        let benches: Vec<Bench> = networks(name, &program).into_iter().map(bench).collect();
        let settings = Settings::new(RTOL, None).unwrap_or_default();
        let outcome = experiment::run(&program, &benches, &Options { settings, ..Options::default() }, &mut |_| {});
        for failure in &outcome.failures {
            let _ = writeln!(out, "{} {}", failure.code, failure.message);
        }
        experiments(&outcome.results, &mut out);
        claims(&outcome.results, &mut out);
        out
    });
}

fn experiments(results: &Results, out: &mut String) {
    for experiment in &results.experiments {
        let _ = writeln!(out, "experiment {} of {}", experiment.name, experiment.model);
        for arm in &experiment.arms {
            let at: Vec<String> =
                arm.coordinates.iter().map(|c| format!(" {} = {}", c.name, unit::quantity(c.value, &c.unit))).collect();
            let _ = writeln!(out, "  arm {}{}", arm.name, at.join(","));
            for (measure, series) in experiment.measures.iter().zip(&arm.series) {
                let values: Vec<String> = samples(arm)
                    .filter_map(|at| series.values.get(at))
                    .map(|value| rounded(value / measure.unit.factor))
                    .collect();
                let shown = unit::heading(&measure.name, &measure.unit);
                let _ = writeln!(out, "    {shown}: {}", values.join(" "));
            }
        }
    }
}

/// The first sample and a few more at even distances, the last among them.
fn samples(arm: &Arm) -> impl Iterator<Item = usize> {
    let last = arm.times.len().saturating_sub(1);
    let mut shown: Vec<usize> = (0..=SHOWN).map(|part| last * part / SHOWN).collect();
    shown.dedup();
    shown.into_iter()
}

/// As far as the tolerance promises; what is less than it is nothing.
fn rounded(value: f64) -> String {
    let rounded = if value.abs() < 1e-6 { 0.0 } else { significant(value, DIGITS) };
    exoc::output::number::exact(rounded)
}

fn claims(results: &Results, out: &mut String) {
    for claim in &results.claims {
        let verdict = match &claim.verdict {
            Verdict::Holds => "holds".to_owned(),
            Verdict::Fails => "fails".to_owned(),
            Verdict::Undecided(why) => format!("undecided: {why}"),
        };
        let _ = writeln!(out, "claim {verdict}: {}", claim.text);
    }
}
