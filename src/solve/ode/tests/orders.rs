//! The order at which each method converges, measured: wrong coefficients can't hide from that.

use super::problems::{Problem, bell, oscillator, prothero_robinson};
use crate::solve::ode::control::Weights;
use crate::solve::ode::method::{Cost, Entry, Method, Now, Scene};
use crate::solve::ode::positive::Floor;
use crate::solve::ode::rosenbrock::{RODAS5P, Rosenbrock};
use crate::solve::ode::tsit5::Tsit5;
use crate::solve::{Rows, System};

/// Largest errors over a run with fixed steps: of the solution at the ends of steps, of the
/// interpolant inside them, and the largest error estimate.
#[derive(Debug)]
struct Errors {
    solution: f64,
    estimate: f64,
    dense: f64,
}

type Exact = fn(f64) -> f64;

/// `steps` steps from 0 to 2; `exact` is component 0. Tolerances so wide that any error passes.
fn errors(mut method: impl Method<1>, problem: &Problem, y0: &[f64], exact: Exact, steps: u32) -> Errors {
    let n = y0.len();
    let weights = Weights { rtol: [0.0], atol: Rows::new(problem.dimension(), 1e6) };
    let scene = Scene { system: problem, floor: &Floor::of(problem), weights: &weights };
    let h = 2.0 / f64::from(steps);
    let (mut y, mut end, mut inside) = (y0.as_chunks().0.to_vec(), vec![[0.0]; n], vec![0.0; n]);
    let mut slope = vec![[0.0]; n];
    let mut errors = Errors { solution: 0.0, estimate: 0.0, dense: 0.0 };
    for i in 0..steps {
        let t = f64::from(i) * h;
        let (now, mut cost) = (Now { t: &[t], y: &y }, [Cost::default()]);
        let entry = if i > 0 { Entry::Continued } else { Entry::Fresh };
        scene.system.rhs(t, y.as_flattened(), slope.as_flattened_mut());
        assert_eq!(method.begin(&scene, now, &[entry], &slope, &mut cost), [None]);
        let [error] = method.attempt(&scene, now, &[h], &[true], &mut end, &mut cost);
        method.prepare(&scene, 0, [&y, &end]);
        for theta in [0.2, 0.5, 0.9] {
            method.interpolate(0, theta, h, &y, &mut inside);
            errors.dense = errors.dense.max((inside[0] - exact(t + theta * h)).abs());
        }
        errors.estimate = errors.estimate.max(error.unwrap());
        errors.solution = errors.solution.max((end[0][0] - exact(t + h)).abs());
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
    let run = |steps| errors(Tsit5::new(2), &oscillator(), &[1.0, 0.0], f64::cos, steps);
    assert_orders("oscillator", orders(&run(40), &run(80)), [5.0, 5.0, 5.0]);
    let run = |steps| errors(Tsit5::new(1), &bell(), &[1.0], BELL, steps);
    assert_orders("bell", orders(&run(40), &run(80)), [5.0, 5.0, 5.0]);
}

#[test]
fn rodas5p_is_of_order_5() {
    let run = |steps| errors(Rosenbrock::new(&oscillator(), &RODAS5P), &oscillator(), &[1.0, 0.0], f64::cos, steps);
    assert_orders("oscillator", orders(&run(20), &run(40)), [5.0, 5.0, 5.0]);
    let run = |steps| errors(Rosenbrock::new(&bell(), &RODAS5P), &bell(), &[1.0], BELL, steps);
    assert_orders("bell", orders(&run(40), &run(80)), [5.0, 5.0, 5.0]);
    let run =
        |steps| errors(Rosenbrock::new(&prothero_robinson(), &RODAS5P), &prothero_robinson(), &[0.0], f64::sin, steps);
    assert_orders("Prothero-Robinson", orders(&run(20), &run(40)), [3.0, 3.0, 4.0]);
}
