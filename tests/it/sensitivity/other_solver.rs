//! Stiff models against diffsol's forward sensitivities.

use super::{by, options};
use diffsol::{FaerLU, FaerMat, MatrixCommon, OdeBuilder, SensitivitiesOdeSolverMethod};
use exoc::experiment::sensitivity::Sensitivities;

/// Functions of (y, p, direction, result); f reads no direction.
type Field = fn(&[f64], &[f64], &[f64], &mut [f64]);

/// A system by hand: f, ∂f/∂y · v and ∂f/∂p · v.
struct Problem {
    rhs: Field,
    along_state: Field,
    along_parameters: Field,
    start: &'static [f64],
    parameters: &'static [f64],
    end: f64,
}

impl Problem {
    /// ∂y/∂p at the end, a column for each parameter.
    fn solve(&self) -> Vec<Vec<f64>> {
        let problem = OdeBuilder::<FaerMat<f64>>::new()
            .rtol(1e-9)
            .atol([1e-9])
            .sens_rtol(1e-9)
            .sens_atol([1e-9])
            .param_scales(self.parameters.to_vec())
            .p(self.parameters.to_vec())
            .rhs_sens_implicit(
                |y, p, _, f| (self.rhs)(y, p, &[], f),
                |y, p, _, v, f| (self.along_state)(y, p, v, f),
                |y, p, _, v, f| (self.along_parameters)(y, p, v, f),
            )
            .init_sens(|_, _, y| y.copy_from_slice(self.start), |_, _, _, y| y.fill(0.0), self.start.len())
            .build()
            .expect("a problem");
        let mut solver = problem.bdf_sens::<FaerLU<f64>>().expect("a solver");
        let (_, columns, _) = solver.solve_dense_sensitivities(&[self.end]).expect("a solution");
        columns.iter().map(|c| (0..self.start.len()).map(|i| c.inner()[(i, 0)]).collect()).collect()
    }

    fn agrees(&self, found: &Sensitivities, names: &[&str]) {
        let exact = self.solve();
        for (column, name) in exact.iter().zip(names) {
            let k = found.numbers.iter().position(|n| n.name == *name).unwrap();
            for (m, exact) in column.iter().enumerate() {
                let value = found.value(m);
                let scaled = self.parameters[k] * exact / value;
                let ours = found.numbers[k].value * found.of(m, k).unwrap().derivative / value;
                let allowed = 1e-5 * (1.0 + scaled.abs());
                assert!(
                    (ours - scaled).abs() <= allowed,
                    "{} by {name}: {ours} is not {scaled}",
                    found.measures[m].name
                );
            }
        }
    }
}

#[test]
fn robertsons_reactions() {
    let text = "compartment c = 1 pL assumed\nspecies A = 1_000_000 copies in c assumed\nspecies B, C in c\n\
        param k1 = 0.04 / s assumed\nparam k2 = 0.01 / copies / s assumed\nparam k3 = 30 / copies / s assumed\n\
        process first: A -> B at k1\nprocess second: B -> A rate k2 * B * C\nprocess third: B -> C rate k3 * B * B\n\
        experiment e {\n    run 400 s every 400 s\n    measure a = A\n    measure b = B\n    measure c = C\n}\n";
    let problem = Problem {
        rhs: |y, p, _, f| {
            let (a, b, c) = (p[0] * y[0], p[1] * y[1] * y[2], p[2] * y[1] * y[1]);
            (f[0], f[1], f[2]) = (b - a, a - b - c, c);
        },
        along_state: |y, p, v, f| {
            let (a, b, c) = (p[0] * v[0], p[1] * (v[1] * y[2] + y[1] * v[2]), 2.0 * p[2] * y[1] * v[1]);
            (f[0], f[1], f[2]) = (b - a, a - b - c, c);
        },
        along_parameters: |y, _, v, f| {
            let (a, b, c) = (v[0] * y[0], v[1] * y[1] * y[2], v[2] * y[1] * y[1]);
            (f[0], f[1], f[2]) = (b - a, a - b - c, c);
        },
        start: &[1e6, 0.0, 0.0],
        parameters: &[0.04, 0.01, 30.0],
        end: 400.0,
    };
    problem.agrees(&by(text, &["k1", "k2", "k3"], options(1e-9)), &["k1", "k2", "k3"]);
}

#[test]
fn an_enzyme_with_its_complex() {
    let text = "compartment c = 1 pL assumed\nspecies E = 200 copies in c assumed\nspecies S = 5000 copies in c assumed\n\
        species ES, P in c\nparam bind = 0.5 / copies / s assumed\nparam leave = 100 / s assumed\nparam make = 2 / s assumed\n\
        process binding: E + S -> ES rate bind * E * S\nprocess leaving: ES -> E + S at leave\n\
        process making: ES -> E + P at make\n\
        experiment e {\n    run 8 s every 8 s\n    measure e = E\n    measure s = S\n    measure es = ES\n    measure p = P\n}\n";
    fn change(bound: f64, left: f64, made: f64, f: &mut [f64]) {
        (f[0], f[1], f[2], f[3]) = (left + made - bound, left - bound, bound - left - made, made);
    }
    let problem = Problem {
        rhs: |y, p, _, f| change(p[0] * y[0] * y[1], p[1] * y[2], p[2] * y[2], f),
        along_state: |y, p, v, f| change(p[0] * (v[0] * y[1] + y[0] * v[1]), p[1] * v[2], p[2] * v[2], f),
        along_parameters: |y, _, v, f| change(v[0] * y[0] * y[1], v[1] * y[2], v[2] * y[2], f),
        start: &[200.0, 5000.0, 0.0, 0.0],
        parameters: &[0.5, 100.0, 2.0],
        end: 8.0,
    };
    problem.agrees(&by(text, &["bind", "leave", "make"], options(1e-9)), &["bind", "leave", "make"]);
}
