//! exoc against another solver, diffsol, which integrates equations written down here without exoc.
//!
//! Both run at tolerances well below the bound, so that it is no matter whose error is the larger.

mod diffsol;
#[path = "../../benches/models/mod.rs"]
mod models;
mod random;

use std::path::Path;

use exoc::codegen::Engine;
use exoc::network::{self, Network};
use exoc::simulate::{self, Model, Parameters, Protocol, Settings, State};
use exoc::source::{DiskLoader, SourceMap};
use exoc::{hir, kernel};

use diffsol::Field;
use models::MassAction;

/// The network of a text without mistakes.
fn network(text: &str) -> Network {
    let mut sources = SourceMap::new();
    let root = sources.add("oracle.exo", text);
    let (program, _) = hir::check(&mut sources, &DiskLoader::beside(Path::new("oracle.exo")), root).gate();
    network::build(&program.expect("no mistakes"), 0).expect("a network").network
}

/// exoc's states at these times, all parameters as declared.
fn states(text: &str, times: &[f64], rtol: f64, atol: f64) -> Vec<Vec<f64>> {
    let model = Model::new(network(text), Engine::Native);
    let start = State::initial(&model, Parameters::new(&model, &[]));
    let protocol = Protocol { samples: times.to_vec(), interventions: vec![] };
    let mut rows = Vec::new();
    let settings = Settings::new(rtol, Some(atol)).unwrap();
    let outcome = simulate::run(&model, start, &protocol, &settings, &mut |s| rows.push(s.species.to_vec()));
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    rows
}

/// The largest |a − b| / (|b| + 1e-3) over times and species.
fn distance(found: &[Vec<f64>], reference: &[Vec<f64>]) -> f64 {
    assert_eq!(found.len(), reference.len());
    let pairs = found.iter().flatten().zip(reference.iter().flatten());
    pairs
        .map(|(a, b)| (a - b).abs() / (b.abs() + 1e-3))
        .fold(0.0, |worst, d| if d > worst || d.is_nan() { d } else { worst })
}

#[expect(clippy::type_complexity, reason = "closures have no names")]
fn of_mass_action(
    model: &MassAction,
) -> Field<impl Fn(&[f64], &mut [f64]), impl Fn(&[f64], &mut dyn FnMut(usize, usize, f64))> {
    let k = model.constants();
    let constants = k.clone();
    Field {
        rhs: move |y: &[f64], f: &mut [f64]| model.rhs(&k, y, f),
        jacobian: move |y: &[f64], add: &mut dyn FnMut(usize, usize, f64)| model.jacobian(&constants, y, add),
    }
}

/// dy/dt of A as its authors wrote it, with the parameters in the order of the file.
fn a_rhs(y: &[f64], f: &mut [f64]) {
    let [cargo, ee, rec, le, escrt, lee, mvb, r27i, r27a, mvbd, lys, exo] = *y else { unreachable!() };
    let v = [
        0.8,
        0.01 * cargo,
        1.5 * cargo / (5.0 + cargo),
        0.3 * ee,
        0.15 * rec,
        0.12 * ee,
        50.0 * le * escrt,
        10.0 * lee,
        2.0 * lee,
        4.0 * mvb.powi(4) / (1.5f64.powi(4) + mvb.powi(4)) * r27i,
        1.2 * r27a / (0.5 + r27a),
        20.0 * mvb * r27a,
        5.0 * mvbd,
        0.6 * mvbd,
        0.25 * mvb / (2.0 + mvb),
        0.05 * lys,
        0.02 * exo,
        0.01 * exo,
        0.01 * le,
    ];
    f.copy_from_slice(&[
        v[0] - v[1] - v[2] + v[4],
        v[2] - v[3] - v[5] + v[17],
        v[3] - v[4],
        v[5] - v[6] + v[7] - v[18],
        -v[6] + v[7] + v[8],
        v[6] - v[7] - v[8],
        v[8] - v[11] + v[12] - v[14],
        -v[9] + v[10],
        v[9] - v[10] - v[11] + v[12] + v[13],
        v[11] - v[12] - v[13],
        v[14] + v[18] - v[15],
        v[13] - v[16] - v[17],
    ]);
}

/// The equations of HIRES as published.
fn hires_rhs(y: &[f64], f: &mut [f64]) {
    let [a, b, c, d, e, g, h, i] = *y else { unreachable!() };
    f.copy_from_slice(&[
        -1.71 * a + 0.43 * b + 8.32 * c + 0.0007,
        1.71 * a - 8.75 * b,
        -10.03 * c + 0.43 * d + 0.035 * e,
        8.32 * b + 1.71 * c - 1.12 * d,
        -1.745 * e + 0.43 * g + 0.43 * h,
        -280.0 * g * i + 0.69 * d + 1.71 * e - 0.43 * g + 0.69 * h,
        280.0 * g * i - 1.81 * h,
        -280.0 * g * i + 1.81 * h,
    ]);
}

/// The equations of ROBER as published.
fn rober_rhs(y: &[f64], f: &mut [f64]) {
    let (first, second) = (0.04 * y[0] - 1e4 * y[1] * y[2], 3e7 * y[1] * y[1]);
    f.copy_from_slice(&[-first, first - second, second]);
}

type Rhs = fn(&[f64], &mut [f64]);
const WRITTEN_OUT: [(&str, Rhs); 3] = [("A", a_rhs), ("HIRES", hires_rhs), ("ROBER", rober_rhs)];

/// The Jacobian of a right-hand side by complex-free central differences, good to eight digits or so: enough for
/// Newton's iteration, and to tell a wrong element.
fn differences(rhs: Rhs, y: &[f64], add: &mut dyn FnMut(usize, usize, f64)) {
    let n = y.len();
    let (mut above, mut below, mut moved) = (vec![0.0; n], vec![0.0; n], y.to_vec());
    for column in 0..n {
        let step = 6e-6 * y[column].abs().max(1e-3);
        moved[column] = y[column] + step;
        rhs(&moved, &mut above);
        moved[column] = y[column] - step;
        rhs(&moved, &mut below);
        moved[column] = y[column];
        for row in 0..n {
            add(row, column, (above[row] - below[row]) / (2.0 * step));
        }
    }
}

/// Compares the compiled right-hand side and Jacobian with others at a few positive states.
#[expect(clippy::type_complexity, reason = "the shape of a Jacobian")]
fn agree(
    text: &str,
    rhs: &dyn Fn(&[f64], &mut [f64]),
    jacobian: &dyn Fn(&[f64], &mut dyn FnMut(usize, usize, f64)),
    slack: f64,
) {
    let kernel = kernel::Model::new(&network(text));
    let code = exoc::codegen::CompiledModel::new(kernel, Engine::Native);
    let p = code.model().parameter_values(&[]);
    let n = code.model().initial_state(&p).len();
    let pattern = code.model().sparsity();
    let mut draw = random::Draw::new(7);
    for _ in 0..5 {
        let y: Vec<f64> = (0..n).map(|_| 3.0 * draw.unit() + 0.01).collect();
        let (mut found, mut expected) = (vec![0.0; n], vec![0.0; n]);
        code.rhs(0.0, &y, &p, &mut found);
        rhs(&y, &mut expected);
        let scale = expected.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        for i in 0..n {
            assert!((found[i] - expected[i]).abs() <= 1e-13 * scale, "dy{i}/dt: {} is not {}", found[i], expected[i]);
        }
        let mut values = vec![0.0; pattern.rows.len()];
        code.jacobian(0.0, &y, &p, &mut values);
        let mut dense = std::collections::HashMap::<(usize, usize), f64>::new();
        jacobian(&y, &mut |row, column, value| *dense.entry((row, column)).or_default() += value);
        let scale = dense.values().fold(0.0, |m: f64, x| m.max(x.abs()));
        for (column, ends) in pattern.column_starts.windows(2).enumerate() {
            for (row, value) in pattern.rows[ends[0]..ends[1]].iter().zip(&values[ends[0]..ends[1]]) {
                let expected = dense.remove(&(*row, column)).unwrap_or(0.0);
                let element = (row, column);
                assert!((value - expected).abs() <= slack * scale, "{element:?}: {value} is not {expected}");
            }
        }
        assert!(dense.values().all(|v| v.abs() <= slack * scale), "elements outside the pattern");
    }
}

#[test]
fn the_written_models_have_the_published_equations() {
    for (name, rhs) in WRITTEN_OUT {
        agree(&models::text(name), &rhs, &|y, add| differences(rhs, y, add), 1e-8);
    }
}

#[test]
fn the_generated_models_have_their_own_equations() {
    for model in [models::assembly(), models::assemblies(3), models::tangle()] {
        let field = of_mass_action(&model);
        agree(&model.text(), &field.rhs, &field.jacobian, 1e-13);
    }
}

/// The generator draws what the peers' generator draws: amounts and constants from their files.
#[test]
fn the_generated_models_are_the_peers_models() {
    let b = models::assembly();
    assert_eq!((b.species.len(), b.reactions.len()), (100, 200));
    assert_eq!(b.species[19], ("S19".to_owned(), 3.095));
    assert_eq!((b.reactions[0].k, b.reactions[199].k), (0.7048, 0.3623));
    assert_eq!(b.reactions[199].to, [20, 1, 1, 2, 3, 5, 8, 8, 8, 12, 12, 12, 13, 14, 18, 19, 19]);
    let c = models::tangle();
    assert_eq!((c.species.len(), c.reactions.len()), (1000, 3000));
    assert_eq!(c.species[999], ("X999".to_owned(), 0.363));
    let last = &c.reactions[2999];
    assert_eq!((c.reactions[0].k, last.k, &*last.from, &*last.to), (761.8, 191.0, &[107][..], &[114][..]));
}

#[test]
fn written_models_run_as_diffsol_runs_them() {
    for (name, rhs) in WRITTEN_OUT {
        let times = models::times(name);
        let text = models::text(name);
        let start = states(&text, &[0.0], 1e-6, 1e-6).remove(0);
        let field =
            Field { rhs, jacobian: |y: &[f64], add: &mut dyn FnMut(usize, usize, f64)| differences(rhs, y, add) };
        let reference = field.integrate(&start, &times, 1e-9, 1e-13);
        let found = states(&text, &times, 1e-8, 1e-11);
        let off = distance(&found, &reference);
        assert!(off < 1e-6, "{name}: {off:.1e}");
    }
}

#[test]
fn an_assembly_of_a_hundred_species_runs_as_diffsol_runs_it() {
    let model = models::assembly();
    let start: Vec<f64> = model.species.iter().map(|s| s.1).collect();
    let times = [0.0, 0.01, 1.0, 100.0, 1000.0];
    let reference = of_mass_action(&model).integrate(&start, &times, 1e-8, 1e-11);
    let found = states(&model.text(), &times, 1e-7, 1e-10);
    let off = distance(&found, &reference);
    assert!(off < 1e-5, "{off:.1e}");
}

#[test]
fn random_networks_run_as_diffsol_runs_them() {
    for seed in 1..=12 {
        let model = random::network(seed);
        let start: Vec<f64> = model.species.iter().map(|s| s.1).collect();
        let times = [0.0, 0.1, 1.0, 10.0, 30.0];
        let reference = of_mass_action(&model).integrate(&start, &times, 1e-9, 1e-12);
        let found = states(&model.text(), &times, 1e-8, 1e-11);
        let off = distance(&found, &reference);
        assert!(off < 1e-6, "network {seed}: {off:.1e}\n{}", model.text());
    }
}

/// The problems of `tests/data/ivp`, through the language, held against their published end values: to 1e-4 of each
/// component and a millionth of its largest value.
#[test]
fn published_problems_end_as_published() {
    let inputs = super::golden::files("tests/data/ivp", "exo");
    assert_eq!(inputs.len(), 6);
    for input in inputs {
        let text = std::fs::read_to_string(&input).unwrap();
        let table = std::fs::read_to_string(input.with_extension("csv")).unwrap();
        let rows = table.lines().filter(|line| !line.starts_with('#'));
        let rows: Vec<Vec<f64>> = rows.map(|line| line.split(',').map(|x| x.parse().unwrap()).collect()).collect();
        let times: Vec<f64> = rows.iter().map(|row| row[0]).collect();
        let species = network(&text).species;
        for (found, row) in states(&text, &times, 1e-7, 1e-22).iter().zip(&rows) {
            for (species, y) in species.iter().zip(found) {
                let i: usize = species.name.trim_start_matches('y').parse().unwrap();
                let largest = rows.iter().map(|row| row[i].abs()).fold(0.0, f64::max);
                let off = (y - row[i]).abs();
                let bound = 1e-4 * row[i].abs() + 1e-6 * largest;
                assert!(off <= bound, "{}: {} at {}: {y} is not {}", input.display(), species.name, row[0], row[i]);
            }
        }
    }
}
