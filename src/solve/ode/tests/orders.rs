//! The order at which each method converges, measured: wrong coefficients can't hide from that.

use super::problems::{Problem, bell, oscillator, prothero_robinson};
use crate::solve::System;
use crate::solve::ode::control::Weights;
use crate::solve::ode::rodas5p::RODAS5P;
use crate::solve::ode::rosenbrock::{Rosenbrock, Table};
use crate::solve::ode::tsit5::Tsit5;

/// Largest errors over a run with fixed steps: of the solution at the ends of steps, of the
/// interpolant inside them, and the largest error estimate.
#[derive(Debug)]
struct Errors {
    solution: f64,
    estimate: f64,
    dense: f64,
}

type Exact = fn(f64) -> f64;

/// `steps` steps from 0 to 2; `exact` is component 0.
fn explicit(problem: &Problem, y0: &[f64], exact: Exact, steps: u32) -> Errors {
    let n = y0.len();
    let mut method = Tsit5::new(n);
    let h = 2.0 / f64::from(steps);
    let (mut y, mut end, mut error, mut inside) = (y0.to_vec(), vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut errors = Errors { solution: 0.0, estimate: 0.0, dense: 0.0 };
    for i in 0..steps {
        let t = f64::from(i) * h;
        method.begin(problem, t, &y, i > 0);
        method.attempt(problem, t, h, &y, &mut end, &mut error);
        for theta in [0.2, 0.5, 0.9] {
            method.interpolate(theta, h, &y, &mut inside);
            errors.dense = errors.dense.max((inside[0] - exact(t + theta * h)).abs());
        }
        errors.estimate = errors.estimate.max(error[0].abs());
        errors.solution = errors.solution.max((end[0] - exact(t + h)).abs());
        y.copy_from_slice(&end);
    }
    errors
}

/// As [`explicit`].
fn implicit(table: &'static Table, problem: &Problem, y0: &[f64], exact: Exact, steps: u32) -> Errors {
    let n = y0.len();
    let mut method = Rosenbrock::new(problem, table);
    let weights = Weights { rtol: 1e-6, atol: vec![1e-6; problem.dimension()] };
    let h = 2.0 / f64::from(steps);
    let (mut y, mut end, mut error, mut inside) = (y0.to_vec(), vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut errors = Errors { solution: 0.0, estimate: 0.0, dense: 0.0 };
    for i in 0..steps {
        let t = f64::from(i) * h;
        method.begin(problem, t, &y, &weights, false).unwrap();
        method.attempt(problem, t, h, &y, &mut end, &mut error).unwrap();
        for theta in [0.2, 0.5, 0.9] {
            method.interpolate(theta, &y, &mut inside);
            errors.dense = errors.dense.max((inside[0] - exact(t + theta * h)).abs());
        }
        errors.estimate = errors.estimate.max(error[0].abs());
        errors.solution = errors.solution.max((end[0] - exact(t + h)).abs());
        y.copy_from_slice(&end);
    }
    errors
}

/// The orders seen when the step is halved.
fn orders(coarse: &Errors, fine: &Errors) -> [f64; 3] {
    [(coarse.solution, fine.solution), (coarse.estimate, fine.estimate), (coarse.dense, fine.dense)]
        .map(|(a, b)| (a / b).log2())
}

fn assert_orders(name: &str, found: [f64; 3], least: [f64; 3]) {
    assert!(found.iter().zip(least).all(|(f, l)| *f > l - 0.35), "{name}: {found:.2?}, not {least:?}");
}

const BELL: Exact = |t| 1.0 / (1.0 + t * t);

#[test]
fn tsit5_is_of_order_5() {
    let run = |steps| explicit(&oscillator(), &[1.0, 0.0], f64::cos, steps);
    assert_orders("oscillator", orders(&run(40), &run(80)), [5.0, 5.0, 5.0]);
    let run = |steps| explicit(&bell(), &[1.0], BELL, steps);
    assert_orders("bell", orders(&run(40), &run(80)), [5.0, 5.0, 5.0]);
}

#[test]
fn rodas5p_is_of_order_5() {
    let run = |steps| implicit(&RODAS5P, &oscillator(), &[1.0, 0.0], f64::cos, steps);
    assert_orders("oscillator", orders(&run(20), &run(40)), [5.0, 5.0, 5.0]);
    let run = |steps| implicit(&RODAS5P, &bell(), &[1.0], BELL, steps);
    assert_orders("bell", orders(&run(40), &run(80)), [5.0, 5.0, 5.0]);
    let run = |steps| implicit(&RODAS5P, &prothero_robinson(), &[0.0], f64::sin, steps);
    assert_orders("Prothero-Robinson", orders(&run(20), &run(40)), [3.0, 3.0, 4.0]);
}
