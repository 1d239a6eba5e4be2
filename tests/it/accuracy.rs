//! Examples against answers that no integrator gave: closed forms, published values, the matrix exponential.
//!
//! At a relative tolerance of 1e-7 they are held to 1e-5, with native code and with the interpreter.

use std::path::Path;

use exoc::codegen::Engine;
use exoc::hir;
use exoc::network;
use exoc::simulate::{self, Model, Parameters, Protocol, Settings, State};
use exoc::source::{DiskLoader, SourceMap};

const ENGINES: [Engine; 2] = [Engine::Native, Engine::Interpreter];
const MINUTE: f64 = 60.0;

fn model(example: &str, engine: Engine) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(format!("{example}.exo"));
    let mut sources = SourceMap::new();
    let root = sources.add(&path.display().to_string(), &std::fs::read_to_string(&path).unwrap());
    let (program, _) = hir::check(&mut sources, &DiskLoader::beside(&path), root).gate();
    Model::new(network::build(&program.unwrap(), 0).unwrap().network, engine)
}

/// The states at these times, with some parameters set.
fn states(model: &Model, times: &[f64], set: &[(&str, f64)]) -> Vec<Vec<f64>> {
    let named = |name: &str| model.network().parameters.iter().position(|p| p.name == name).unwrap();
    let set: Vec<_> = set.iter().map(|(name, value)| (network::ParameterId(named(name) as u32), *value)).collect();
    let start = State::initial(model, Parameters::new(model, &set));
    let protocol = Protocol { samples: times.to_vec(), interventions: vec![] };
    let mut rows = Vec::new();
    let settings = Settings::new(1e-7, None).unwrap();
    let outcome = simulate::run(model, start, &protocol, &settings, &mut |s| rows.push(s.species.to_vec()));
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    rows
}

#[track_caller]
fn close(found: f64, exact: f64, what: &str) {
    assert!((found - exact).abs() <= 1e-5 * exact.abs() + 1e-9, "{what}: {found} is not {exact}");
}

type Matrix = Vec<Vec<f64>>;

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let row = |row: &Vec<f64>| (0..b.len()).map(|j| row.iter().zip(b).map(|(x, other)| x * other[j]).sum()).collect();
    a.iter().map(row).collect()
}

/// exp(a) by scaling, Taylor's series and squaring.
fn exponential(a: &Matrix) -> Matrix {
    let norm = a.iter().map(|row| row.iter().map(|x| x.abs()).sum::<f64>()).fold(0.0, f64::max);
    let halvings = (norm.log2().ceil().max(0.0) as i32) + 4;
    let small: Matrix = a.iter().map(|row| row.iter().map(|x| x * 0.5f64.powi(halvings)).collect()).collect();
    let identity = |i: usize| (0..a.len()).map(|j| f64::from(u8::from(i == j))).collect();
    let mut sum: Matrix = (0..a.len()).map(identity).collect();
    let mut term = sum.clone();
    for k in 1..20 {
        term = product(&term, &small);
        term.iter_mut().flatten().for_each(|x| *x /= f64::from(k));
        sum.iter_mut().flatten().zip(term.iter().flatten()).for_each(|(s, t)| *s += t);
    }
    (0..halvings).fold(sum, |power, _| product(&power, &power))
}

/// Holds a model that is linear, y' = A y + b, against its exponential. `A` is taken from differences of the right-hand
/// side about the state that the run ends in.
fn linear(example: &str, times: &[f64]) {
    for engine in ENGINES {
        let model = model(example, engine);
        let parameters = Parameters::new(&model, &[]);
        let found = states(&model, times, &[]);
        let n = found[0].len();
        let rhs = |y: &[f64]| {
            let mut f = vec![0.0; n];
            model.code().rhs(0.0, y, parameters.values(), &mut f);
            f
        };
        let about = found.last().unwrap();
        let here = rhs(about);
        let mut a: Matrix = vec![vec![0.0; n + 1]; n + 1];
        for j in 0..n {
            // A power of two near the amount, so that the difference is exact.
            let step = 2f64.powi(about[j].abs().max(1.0).log2().floor() as i32 - 1);
            let mut moved = about.clone();
            moved[j] += step;
            let there = rhs(&moved);
            (0..n).for_each(|i| a[i][j] = (there[i] - here[i]) / step);
        }
        for i in 0..n {
            a[i][n] = here[i] - (0..n).map(|j| a[i][j] * about[j]).sum::<f64>();
        }
        let mut start = State::initial(&model, parameters.clone()).species;
        start.push(1.0);
        for (t, row) in times.iter().zip(&found) {
            let scaled: Matrix = a.iter().map(|row| row.iter().map(|x| x * t).collect()).collect();
            let power = exponential(&scaled);
            for (i, value) in row.iter().enumerate() {
                let exact: f64 = power[i].iter().zip(&start).map(|(x, y)| x * y).sum();
                close(*value, exact, &format!("{example}, {engine:?}, {} at {t} s", model.network().species[i].name));
            }
        }
    }
}

#[test]
fn three_compartments() {
    linear("endocytic_chain", &[600.0, 3600.0, 20.0 * 3600.0]);
    for engine in ENGINES {
        let rows = states(&model("endocytic_chain", engine), &[1e6], &[]);
        close(rows[0].iter().sum(), 6.7 * (2.0 / 0.037 + 1.0 / 0.035), "the steady total");
    }
}

#[test]
fn nine_compartments() {
    let times = [30.0 * MINUTE, 60.0 * MINUTE, 120.0 * MINUTE, 240.0 * MINUTE];
    linear("endocytic_chain_nine", &times);
    for engine in ENGINES {
        let rows = states(&model("endocytic_chain_nine", engine), &times, &[]);
        for (row, published) in rows.iter().zip([203.902191, 397.350009, 593.861017, 617.310542]) {
            close(row.iter().sum(), published, "the published total");
        }
    }
}

#[test]
fn liposomes_in_organs() {
    linear("liposome_organs", &[360.0, 3600.0, 4.0 * 3600.0]);
}

#[test]
fn a_chain_of_vesicles() {
    linear("vesicle_chain", &[600.0, 3600.0, 12.0 * 3600.0]);
}

#[test]
fn the_switch_of_rab5_and_rab7() {
    let times = [100.0, 200.0, 400.0, 600.0, 800.0, 1000.0].map(|t| t * MINUTE);
    let published = [
        [0.99412606, 0.7533597, 0.99878437, 0.04232705],
        [0.99803679, 1.0913215, 0.99935161, 0.086374997],
        [0.99946082, 1.2992915, 0.99971845, 0.12597263],
        [0.99982179, 1.3655334, 0.99977529, 0.14914029],
        [1.0003059, 1.3685357, 0.9993645, 0.17955901],
        [0.99991957, 0.58705184, 0.99998293, 1.3800609],
    ];
    for engine in ENGINES {
        let rows = states(&model("rab5_rab7_switch", engine), &times, &[]);
        for (row, published) in rows.iter().zip(published) {
            row.iter().zip(published).for_each(|(found, exact)| close(*found, exact, "the published amount"));
        }
    }
}
