//! A C program links against an object file and its header, and integrates as this process does.

use super::networks::{driven, generated, rab};
use exoc::codegen::{CompiledModel, Engine, object};
use exoc::kernel::Model;
use exoc::network::Network;
use std::path::Path;
use std::process::Command;

/// Heun's method; the step and count are what the C program below uses.
const STEP: f64 = 0.01;
const STEPS: usize = 500;

fn integrate(network: &Network) -> Vec<f64> {
    let model = CompiledModel::new(Model::new(network), Engine::Native);
    let p = model.model().parameter_values(&[]);
    let mut y = model.model().initial_state(&p);
    let (mut k1, mut k2) = (vec![0.0; y.len()], vec![0.0; y.len()]);
    for step in 0..STEPS {
        let t = step as f64 * STEP;
        model.rhs(t, &y, &p, &mut k1);
        let mid: Vec<f64> = y.iter().zip(&k1).map(|(y, k)| y + STEP * k).collect();
        model.rhs(t + STEP, &mid, &p, &mut k2);
        for (i, y) in y.iter_mut().enumerate() {
            *y += 0.5 * STEP * (k1[i] + k2[i]);
        }
    }
    let mut jacobian = vec![0.0; model.model().sparsity().entries()];
    model.jacobian(1.0, &y, &p, &mut jacobian);
    let mut observables = vec![0.0; network.observables.len()];
    model.observables(1.0, &y, &p, &mut observables);
    [y, jacobian, observables].concat()
}

const PROGRAM: &str = r#"
#include <stdio.h>
#include <string.h>
#include "model.h"

static void show(const double *numbers, int64_t count) {
    for (int64_t i = 0; i < count; i++) printf("%.17g\n", numbers[i]);
}

int main(void) {
    double p[64], y[64], mid[64], k1[64], k2[64], out[64];
    const double h = 0.01;
    memcpy(p, model_parameters, sizeof(double) * MODEL_PARAMETER_COUNT);
    model_initial(0.0, NULL, p, y);
    for (int step = 0; step < 500; step++) {
        double t = step * h;
        model_rhs(t, y, p, k1);
        for (int i = 0; i < MODEL_STATE_COUNT; i++) mid[i] = y[i] + h * k1[i];
        model_rhs(t + h, mid, p, k2);
        for (int i = 0; i < MODEL_STATE_COUNT; i++) y[i] += 0.5 * h * (k1[i] + k2[i]);
    }
    show(y, model_state_count);
    model_jacobian(1.0, y, p, out);
    show(out, model_jacobian_count);
    model_observables(1.0, y, p, out);
    show(out, model_observable_count);
    for (int i = 0; i < MODEL_STATE_COUNT; i++)
        fprintf(stderr, "%s [%s] %g\n", model_state_names[i], model_state_units[i], model_state_factors[i]);
    fprintf(stderr, "%lld entries end at %lld\n", (long long)model_jacobian_rows[0],
            (long long)model_jacobian_column_starts[MODEL_STATE_COUNT]);
    return 0;
}
"#;

fn run(command: &mut Command) -> (String, String) {
    let output = command.output().expect("a C compiler is needed for this test");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {errors}");
    (String::from_utf8_lossy(&output.stdout).into_owned(), errors)
}

fn in_c(network: &Network, folder: &Path, program: &str) -> (Vec<f64>, String) {
    let made = object(network, "model").unwrap();
    std::fs::write(folder.join("model.o"), made.object).unwrap();
    std::fs::write(folder.join("model.h"), made.header).unwrap();
    std::fs::write(folder.join("main.c"), program).unwrap();
    let mut cc = Command::new("cc");
    cc.current_dir(folder).args(["-Wall", "-Wextra", "-Werror", "-o", "main", "main.c", "model.o", "-lm"]);
    run(&mut cc);
    let (numbers, names) = run(&mut Command::new(folder.join("main")));
    (numbers.lines().map(|l| l.parse().unwrap()).collect(), names)
}

#[test]
fn a_c_program_gets_the_same_results() {
    for (network, name) in [(rab(), "Rab27a.gtp [copies] 1"), (driven(), "pH [copies] 1")] {
        let folder = tempfile::tempdir().unwrap();
        let (found, names) = in_c(&network, folder.path(), PROGRAM);
        let expected = integrate(&network);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found} {expected}");
        }
        assert!(names.contains(name), "{names}");
    }
}

#[test]
fn the_example_in_the_header_compiles_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let made = object(&rab(), "rab").unwrap();
    let example = made.header.split("     #include <stdio.h>").nth(1).unwrap().split("*/").next().unwrap();
    std::fs::write(folder.path().join("main.c"), format!("#include <stdio.h>{example}")).unwrap();
    std::fs::write(folder.path().join("rab.o"), &made.object).unwrap();
    std::fs::write(folder.path().join("rab.h"), &made.header).unwrap();
    let mut cc = Command::new("cc");
    cc.current_dir(folder.path()).args(["-Wall", "-Werror", "-o", "main", "main.c", "rab.o", "-lm"]);
    run(&mut cc);
    let (shown, _) = run(&mut Command::new(folder.path().join("main")));
    assert!(shown.starts_with("Rab27a.gdp "), "{shown}");
}

#[test]
fn long_programs_link_in_parts() {
    let network = generated(60, 1200);
    let folder = tempfile::tempdir().unwrap();
    let program = PROGRAM.replace("p[64]", "p[2000]").replace("out[64]", "out[4000]");
    let (found, _) = in_c(&network, folder.path(), &program);
    for (found, expected) in found.iter().zip(integrate(&network)) {
        assert!((found - expected).abs() <= 1e-11 * expected.abs(), "{found} {expected}");
    }
}
