//! Steady states of the examples against long integrations, what it takes to find them, and `exoc steady`.

use std::cell::RefCell;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use exoc::codegen::Engine;
use exoc::hir;
use exoc::network;
use exoc::simulate::{Held, Model, Parameters, Settings, Settler, State, SteadyState};
use exoc::solve::{self, Integrator, SparsePattern, System, Tolerances};
use exoc::source::{DiskLoader, SourceMap};

const DAY: f64 = 86_400.0;

fn model(path: &Path, text: &str) -> Model {
    let mut sources = SourceMap::new();
    let root = sources.add(&path.display().to_string(), text);
    let (program, _) = hir::check(&mut sources, &DiskLoader::beside(path), root).gate();
    Model::new(network::build(&program.unwrap(), 0).unwrap().network, Engine::Native)
}

fn example(name: &str) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(format!("{name}.exo"));
    model(&path, &std::fs::read_to_string(&path).unwrap())
}

fn start(model: &Model) -> State {
    State::initial(model, Parameters::new(model, &[]))
}

/// A model with the time stopped and some species held, for an integrator of our own.
struct Stopped<'a> {
    model: &'a Model,
    held: &'a Held,
    parameters: &'a [f64],
    pattern: SparsePattern,
    raised: RefCell<Vec<f64>>,
}

impl<'a> Stopped<'a> {
    fn new(model: &'a Model, held: &'a Held, parameters: &'a [f64]) -> Stopped<'a> {
        let sparsity = model.code().model().sparsity();
        let ends = sparsity.column_starts.windows(2).enumerate();
        let entries =
            ends.flat_map(|(column, ends)| sparsity.rows[ends[0]..ends[1]].iter().map(move |&row| (row, column)));
        let pattern = SparsePattern::from_entries(sparsity.size(), entries);
        Stopped { model, held, parameters, pattern, raised: RefCell::default() }
    }

    fn above<R>(&self, y: &[f64], f: impl FnOnce(&[f64]) -> R) -> R {
        let mut raised = self.raised.borrow_mut();
        raised.clear();
        raised.extend(y.iter().map(|y| y.max(0.0)));
        f(&raised)
    }
}

impl System for Stopped<'_> {
    fn dimension(&self) -> usize {
        self.pattern.dimension()
    }
    fn rhs(&self, _: f64, y: &[f64], dydt: &mut [f64]) {
        self.above(y, |y| self.model.code().rhs(0.0, y, self.parameters, dydt));
        (0..y.len()).filter(|&i| self.held.holds(i)).for_each(|i| dydt[i] = 0.0);
    }
    fn jacobian_pattern(&self) -> &SparsePattern {
        &self.pattern
    }
    fn jacobian(&self, _: f64, y: &[f64], values: &mut [f64]) {
        self.above(y, |y| self.model.code().jacobian(0.0, y, self.parameters, values));
        for (value, (row, _)) in values.iter_mut().zip(self.pattern.entries()) {
            if self.held.holds(row) {
                *value = 0.0;
            }
        }
    }
}

fn settled(model: &Model, held: &Held, start: &State) -> SteadyState {
    Settler::new(model, held.clone()).settle(start, DAY, &Settings::default()).unwrap()
}

/// Integrates for `time` and holds the steady state against where that ends.
#[track_caller]
fn as_long_integration(model: &Model, held: &Held, time: f64) -> SteadyState {
    let start = start(model);
    let found = settled(model, held, &start);
    let system = Stopped::new(model, held, start.parameters.values());
    let settings = solve::Settings { tolerances: Tolerances::scalar(1e-8, 1e-8).unwrap(), ..Default::default() };
    let mut integrator = Integrator::start(&system, 0.0, &start.species, &settings).unwrap();
    integrator.advance(&system, time).unwrap();
    for ((a, b), species) in found.amounts.iter().zip(integrator.state()).zip(&model.network().species) {
        assert!((a - b).abs() <= 1e-5 * a.abs().max(b.abs()).max(1.0), "{}: {a} is not {b}", species.name);
    }
    found
}

#[test]
fn the_examples_settle_where_long_integrations_end() {
    for (name, moieties) in [("rab27_knockdown", 3), ("gw4869_manumycin", 4)] {
        let model = example(name);
        let found = as_long_integration(&model, &Held::for_settling(&model), 1000.0 * DAY);
        assert!(found.polished, "{name}");
        assert!(found.moieties.len() >= moieties, "{name}: {:?}", found.moieties);
        let spectrum = found.spectrum.unwrap();
        assert!(spectrum.decays_faster_than(found.slowest));
        // What is conserved has its total.
        for (moiety, total) in &found.moieties {
            assert!((moiety.total(&found.amounts) - total).abs() <= 1e-11 * moiety.magnitude(&found.amounts));
        }
        // Integration alone takes some 96 steps and 640 evaluations for it.
        let (steps, evaluations) = (found.statistics.accepted, found.statistics.rhs);
        assert!(steps <= 25 && evaluations <= 220, "{name}: {steps} steps, {evaluations} evaluations");
    }
}

#[test]
fn the_switch_of_rab5_and_rab7_settles_on_both_sides() {
    let model = example("rab5_rab7_switch");
    // The time factor of the published model is zero at time 0: nothing activates Rab5 and it stays off.
    let held = Held::fixed(&model);
    let off = as_long_integration(&model, &held, 100.0 * DAY);
    assert!(off.polished);
    let index = |name: &str| model.network().species.iter().position(|s| s.name == name).unwrap();
    let seven = index("Rab7.gtp");
    assert!(off.amounts[seven] < 0.01, "{:?}", off.amounts);
    let mut high = start(&model);
    high.species[seven] = 2.0;
    let on = settled(&model, &held, &high);
    assert!(on.polished && on.amounts[seven] > 1.0, "{:?}", on.amounts);
}

#[test]
fn a_start_does_not_change_where_the_rest_is_unless_something_is_conserved() {
    let model = example("rab27_knockdown");
    let held = Held::for_settling(&model);
    let first = settled(&model, &held, &start(&model));
    let mut again = start(&model);
    again.species.clone_from(&first.amounts);
    let second = settled(&model, &held, &again);
    for (a, b) in first.amounts.iter().zip(&second.amounts) {
        assert!((a - b).abs() <= 1e-9 * a.abs().max(1e-3), "{a} is not {b}");
    }
}

fn exoc(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_exoc"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "80")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

const CYCLE: &str = "\
compartment medium  = 1 mL
compartment cytosol = 1 pL in medium
machinery Rab = 90 copies in cytosol { gdp, gtp }
species X = 0 copies in cytosol
process on:  Rab.gdp -> Rab.gtp at 0.2 / min assumed
process off: Rab.gtp -> Rab.gdp at 0.1 / min assumed
process make: Rab.gtp -> Rab.gtp + X at 1 / h assumed
process lose: X -> at 0.5 / h assumed
";

#[test]
fn amounts_fluxes_totals_and_stability_are_printed() {
    let output = exoc(&["steady", "-"], CYCLE);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let has = |line: &[&str]| text.lines().any(|l| line.iter().all(|word| l.contains(word)));
    assert!(has(&["Rab.gtp", "60", "copies", "nM"]) && has(&["X", "120", "copies"]), "{text}");
    assert!(has(&["on", "360"]) && has(&["lose", "60"]), "{text}");
    assert!(has(&["Conserved: ", "Rab.gdp + Rab.gtp = 90"]), "{text}");
    assert!(has(&["Stable", "120 min"]), "{text}");
}

#[test]
fn parameters_are_set_and_files_written() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, json) = (folder.path().join("rest.csv"), folder.path().join("rest.json"));
    let (csv_name, json_name) = (csv.display().to_string(), json.display().to_string());
    let model = CYCLE
        .replace("at 0.5 / h assumed", "at k_lose")
        .replace("process lose", "param k_lose = 0.5 / h assumed\nprocess lose");
    let output = exoc(&["steady", "-", "--set", "k_lose=1/h", "-q", "--out", &csv_name, "--out", &json_name], &model);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let table = std::fs::read_to_string(csv).unwrap();
    assert!(table.lines().any(|l| l.contains(",species,X,60,copies,")), "{table}");
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    let state = &document["states"][0];
    assert_eq!(state["stability"]["verdict"], "stable");
    assert_eq!(state["eigenvalues"].as_array().unwrap().len(), 2);
    assert_eq!(state["conserved"][0]["total"], 90.0);
    assert_eq!(exoc(&["steady", "-", "--out", "rest.parquet"], CYCLE).status.code(), Some(2));
}

#[test]
fn what_grows_is_named_with_what_feeds_it() {
    let grows = CYCLE.replace(
        "process lose: X -> at 0.5 / h assumed\n",
        "process eats: X + Rab.gtp -> X + Rab.gtp at 1 / h / copies assumed\n",
    );
    let grows = grows.replace("process eats", "process read: Rab.gdp -> Rab.gdp rate X * 0 / h\n// process eats");
    let output = exoc(&["steady", "-", "--whole"], &grows);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("E0708") && said.contains("`X` is still growing") && said.contains("fed by `make`"),
        "{said}"
    );
}

#[test]
fn arms_rest_with_what_is_done_to_them() {
    let output = exoc(&["steady", "examples/rab27_knockdown.exo", "secretion", "-q", "--out", "/dev/stdout"], "");
    assert_eq!(output.status.code(), Some(2));
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("rest.json");
    let output =
        exoc(&["steady", "examples/rab27_knockdown.exo", "secretion", "-q", "--out", &json.display().to_string()], "");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    let states = document["states"].as_array().unwrap();
    assert_eq!(states.len(), 4);
    let total = |state: &serde_json::Value| {
        let species = state["species"].as_array().unwrap().iter();
        let rab = species.filter(|s| s["name"].as_str().unwrap().starts_with("donor.Rab27a"));
        rab.map(|s| s["value"].as_f64().unwrap()).sum::<f64>()
    };
    assert!(total(&states[1]) < 0.2 * total(&states[0]), "{} of {}", total(&states[1]), total(&states[0]));
}
