//! The standard library: its reference cell held against what is known of cells, its claims, and its manual.

use std::path::Path;
use std::process::{Command, Output};

use exoc::codegen::Engine;
use exoc::experiment::{self, Bench, Options};
use exoc::hir::check;
use exoc::network::build;
use exoc::simulate::Model;
use exoc::source::{DiskLoader, SourceMap};

fn data(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/library").join(name)
}

fn exoc(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_exoc")).args(arguments).output().unwrap()
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

/// Each measure of `STEM.exo` at the end of its run lies in its range of `STEM.csv`.
#[track_caller]
fn of_the_right_magnitude(stem: &str) {
    let file = data(&format!("{stem}.exo"));
    let mut sources = SourceMap::new();
    let root = sources.add(&format!("{stem}.exo"), &std::fs::read_to_string(&file).unwrap());
    let (program, diagnostics) = check(&mut sources, &DiskLoader::beside(&file), root).gate();
    let program = program.unwrap_or_else(|| panic!("{diagnostics:?}"));
    let built = build(&program, 0).unwrap();
    let model = Model::new(built.network, Engine::default());
    let benches = [Bench { model, plans: built.experiments, set: Vec::new() }];
    let outcome = experiment::run(&program, &benches, &Options::default(), &mut |_| {});
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    let result = &outcome.results.experiments[0];
    let control = result.control().unwrap();
    let mut wrong = Vec::new();
    let mut rows = csv::Reader::from_path(data(&format!("{stem}.csv"))).unwrap();
    for row in rows.records() {
        let row = row.unwrap();
        let (name, unit) = (&row[0], &row[1]);
        let (low, high): (f64, f64) = (row[2].parse().unwrap(), row[3].parse().unwrap());
        let at = result.measures.iter().position(|m| m.name == name).unwrap_or_else(|| panic!("no measure `{name}`"));
        let measure = &result.measures[at];
        let symbol = if measure.unit.symbol.is_empty() { "1" } else { &measure.unit.symbol };
        assert_eq!(symbol, unit, "the unit of `{name}`");
        let value = control.series[at].values.last().unwrap() / measure.unit.factor;
        if !(low..=high).contains(&value) {
            wrong.push(format!("{name} is {value:.3} {unit}, expected {low} to {high}: {}; {}", &row[4], &row[5]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reference_cell_is_of_the_right_magnitude() {
    of_the_right_magnitude("observables");
}

#[test]
fn uptake_is_of_the_right_magnitude() {
    of_the_right_magnitude("uptake");
}

#[test]
fn shares_of_organs_are_of_the_right_magnitude() {
    of_the_right_magnitude("mouse");
}

#[test]
fn exosomes_leave_the_blood_in_time() {
    of_the_right_magnitude("blood");
}

#[test]
fn copies_of_mirna_are_of_the_right_magnitude() {
    of_the_right_magnitude("cargo");
}

#[test]
fn every_claim_of_the_library_holds() {
    let output = exoc(&["test", "stdlib", "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
}

#[test]
fn claims_hold_vesicle_by_vesicle_where_events_are_few() {
    let output = exoc(&["test", "std.absorption.evidence.signalling", "--exact", "--runs", "20"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).contains("3 of 3 claims hold"), "{}", text(&output.stdout));
}

#[test]
fn runs_that_fail_are_told_with_the_claims() {
    let output = exoc(&["test", "std.therapy.evidence.circulation", "--exact"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("E0717"), "{}", text(&output.stdout));
}

#[test]
fn claims_are_chosen_by_module_cell_and_reference() {
    let claims = |arguments: &[&str]| -> Vec<serde_json::Value> {
        let output = exoc(&[&["test", "--json"], arguments].concat());
        let all: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{error}: {}{}", text(&output.stdout), text(&output.stderr));
        });
        all["claims"].as_array().unwrap().clone()
    };
    let of_module = claims(&["std.release.rab27"]);
    assert!(!of_module.is_empty() && of_module.iter().all(|claim| claim["module"] == "std.release.rab27"));
    let cited = claims(&["std.release", "--ref", "88", "--cell", "HeLa"]);
    assert!(!cited.is_empty() && cited.iter().all(|claim| claim["cell"] == "HeLa"));
    let cites = |claim: &serde_json::Value| claim["evidence"].to_string().contains("88");
    assert!(cited.iter().all(cites));
    let silenced = of_module.iter().find(|claim| claim["prediction"].to_string().contains("lowers secretion")).unwrap();
    let way: Vec<&str> = silenced["way"].as_array().unwrap().iter().filter_map(|step| step.as_str()).collect();
    assert!(way.len() > 1 && way.contains(&"cell.docking"), "{way:?}");
    let output = exoc(&["test", "std.release.rab28"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("did you mean `std.release.rab27`?"), "{}", text(&output.stderr));
}

#[test]
fn the_manual_has_a_page_for_everything_and_no_loose_link() {
    let folder = tempfile::tempdir().unwrap();
    let output = exoc(&["doc", "stdlib", "-o", &folder.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let module = read("std.release.rab27.html");
    for part in [
        "id=\"Rab27a\"",
        "id=\"process-docking\"",
        "bibliography.html#review-88",
        "network.std.release.rab27.rab27.svg",
    ] {
        assert!(module.contains(part), "{part}");
    }
    assert!(read("bibliography.html").contains("id=\"review-88\""));
    let mut loose = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if !name.ends_with(".html") {
            continue;
        }
        let page = read(&name);
        for href in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let (target, anchor) = href.split_once('#').unwrap_or((href, ""));
            let target = if target.is_empty() { &name } else { target };
            let there = folder.path().join(target);
            let found = there.exists() && (anchor.is_empty() || read(target).contains(&format!("id=\"{anchor}\"")));
            if !found {
                loose.push(format!("{name}: {href}"));
            }
        }
    }
    loose.sort();
    loose.dedup();
    assert!(loose.is_empty(), "{}", loose.join("\n"));
}
