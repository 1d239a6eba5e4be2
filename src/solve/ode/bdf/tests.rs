//! The formulas one by one, at fixed order and step; what the past becomes on another grid.

use super::*;
use crate::solve::Rows;
use crate::solve::ode::choice::Implicit;
use crate::solve::ode::positive::Floor;
use crate::solve::ode::tests::problems::{bell, network_of_dimers, oscillator};
use crate::solve::ode::{Integrator, Method as Which, Settings, System, Tolerances, trajectory};

/// The largest error of component 0 from 1 to 2, at the ends of steps and between, by the formula of this order.
fn error_of<S: System>(system: &S, exact: fn(f64) -> Vec<f64>, order: usize, steps: u32) -> (f64, f64) {
    let n = system.dimension();
    let h = 1.0 / f64::from(steps);
    let scene =
        Scene { system, floor: &Floor::of(system), weights: &Weights { rtol: [1e-13], atol: Rows::new(n, 1e-15) } };
    let mut bdf = Bdf::<1>::new(system);
    let grid = |j: usize| exact(1.0 - j as f64 * h);
    bdf.past.set(&(0..=order).map(grid).collect::<Vec<_>>());
    (bdf.order, bdf.h) = (order, h);
    let (mut at_ends, mut between) = (0.0_f64, 0.0_f64);
    let mut y = exact(1.0);
    let (mut y_end, mut inside) = (vec![[0.0]; n], vec![0.0; n]);
    for i in 0..steps {
        let t = 1.0 + f64::from(i) * h;
        bdf.next_order = order;
        let now = Now { t: &[t], y: y.as_chunks().0 };
        let _ = bdf.attempt(&scene, now, &[h], &[true], &mut y_end, &mut [Cost::default()]);
        bdf.accepted(&[true], &[h], &[1.0]);
        y.copy_from_slice(y_end.as_flattened());
        at_ends = at_ends.max((y[0] - exact(t + h)[0]).abs());
        bdf.interpolate(0, 0.5, h, &y_end, &mut inside);
        between = between.max((inside[0] - exact(t + 0.5 * h)[0]).abs());
    }
    (at_ends, between)
}

#[test]
fn each_formula_has_its_order() {
    let cosine: fn(f64) -> Vec<f64> = |t| vec![t.cos(), -t.sin()];
    let hill: fn(f64) -> Vec<f64> = |t| vec![1.0 / (1.0 + t * t)];
    for order in 1..=MAX_ORDER {
        let pairs = [
            (error_of(&oscillator(), cosine, order, 40), error_of(&oscillator(), cosine, order, 80)),
            (error_of(&bell(), hill, order, 80), error_of(&bell(), hill, order, 160)),
        ];
        for (coarse, fine) in pairs {
            let orders = [(coarse.0 / fine.0).log2(), (coarse.1 / fine.1).log2()];
            assert!(orders.iter().all(|o| (o - order as f64).abs() < 0.5), "order {order}: {orders:?}");
        }
    }
}

#[test]
fn another_grid_holds_the_same_polynomial() {
    let cubic = |t: f64| vec![1.0 + t * (2.0 + t * (-3.0 + t))];
    let mut past = Differences::new(1);
    past.set(&(0..=3).map(|j| cubic(-f64::from(j))).collect::<Vec<_>>());
    past.regrid(3, 0.3);
    let mut y = [0.0];
    for s in [0.0, -1.0, -2.5, 1.0] {
        past.interpolate(3, s, &mut y);
        assert!((y[0] - cubic(0.3 * s)[0]).abs() < 1e-13, "{s}: {}", y[0]);
    }
}

#[test]
fn tighter_tolerances_give_smaller_errors() {
    let settings = |method, rtol| Settings {
        tolerances: Tolerances::scalar(rtol, 1e-3 * rtol).unwrap(),
        method,
        ..Settings::default()
    };
    let (network, y0) = network_of_dimers();
    let reference = trajectory(&network, 0.0, &y0, &[10.0], &settings(Which::Stiff, 1e-11)).unwrap();
    let mut before = f64::INFINITY;
    for rtol in [1e-3, 1e-5, 1e-7, 1e-9] {
        let found = trajectory(&network, 0.0, &y0, &[10.0], &settings(Which::Multistep, rtol)).unwrap();
        let errors = found.state(0).iter().zip(reference.state(0)).map(|(y, r)| (y - r).abs() / (r + 1e-3));
        let worst = errors.fold(0.0, f64::max);
        assert!(worst < 100.0 * rtol && worst < before, "{rtol:e}: {worst:e}");
        before = worst;
        let s = found.statistics;
        assert!(s.multistep_steps == s.accepted && s.factorisations < s.accepted / 2, "{s:?}");
    }
}

#[test]
fn large_systems_and_tight_tolerances_get_the_multistep_method() {
    use Implicit::{Multistep, Rosenbrock};
    let of = |dimension, rtol| Implicit::of::<1>(Which::Auto, dimension, rtol);
    assert_eq!([of(10, 1e-6), of(10, 1e-11), of(100, 1e-4)], [Rosenbrock, Multistep, Rosenbrock]);
    assert_eq!([of(100, 1e-6), of(1000, 1e-3)], [Multistep, Multistep]);
    assert_eq!(Implicit::of::<1>(Which::OneStep, 1000, 1e-9), Rosenbrock);
    assert_eq!(Implicit::of::<8>(Which::Multistep, 1000, 1e-9), Rosenbrock);
    // A small problem, begun by the implicit method.
    let stiff = crate::solve::ode::tests::problems::prothero_robinson();
    let tolerances = Tolerances::scalar(1e-11, 1e-14).unwrap();
    let settings = Settings { tolerances, ..Settings::default() };
    let mut integrator = Integrator::start(&stiff, 0.0, &[0.0], &settings).unwrap();
    integrator.advance(&stiff, 1.0).unwrap();
    assert!(integrator.statistics().multistep_steps > 0, "{:?}", integrator.statistics());
}
