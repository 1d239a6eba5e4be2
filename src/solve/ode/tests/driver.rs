//! Closed forms against the driver: accuracy, limits, events, restarts, failures.

use super::problems::{Problem, oscillator, tight};
use crate::solve::ode::*;

const METHODS: [Method; 3] = [Method::Explicit, Method::Stiff, Method::Multistep];

#[test]
fn the_oscillator_keeps_its_phase() {
    for method in METHODS {
        let times: Vec<f64> = (0..=100).map(|i| 0.1 * f64::from(i)).collect();
        let found = trajectory(&oscillator(), 0.0, &[1.0, 0.0], &times, &tight(method, 1e-9)).unwrap();
        for (i, t) in times.iter().enumerate() {
            assert!((found.state(i)[0] - t.cos()).abs() < 1e-7, "{method:?} at {t}: {}", found.state(i)[0] - t.cos());
            assert!((found.state(i)[1] + t.sin()).abs() < 1e-7);
        }
    }
}

#[test]
fn a_limit_is_met_exactly_and_never_passed() {
    // The right-hand side is not finite after 1: looking there would show.
    let wall = Problem::new(1, |t, _, f| f[0] = if t > 1.0 { f64::NAN } else { 1.0 }, |_, _, set| set(0, 0, 0.0));
    for method in METHODS {
        let mut integrator = Integrator::start(&wall, 0.0, &[0.0], &tight(method, 1e-6)).unwrap();
        assert_eq!(integrator.advance(&wall, 1.0), Ok(Stop::Reached));
        assert_eq!(integrator.time(), 1.0);
        assert!((integrator.state()[0] - 1.0).abs() < 1e-14);
        assert_eq!(integrator.statistics().rejected, 0);
        assert_eq!(integrator.step(&wall, 1.0), Ok(Step::Limit));
        assert_eq!(integrator.step(&wall, 0.5), Err(SolveError::Backwards { t: 1.0, limit: 0.5 }));
    }
}

/// A ball from height 1 with gravity 2: bounces at 1, then at 1 + 2e, 1 + 2e + 2e², ...
fn ball() -> Problem {
    Problem::new(
        2,
        |_, y, f| {
            f[0] = y[1];
            f[1] = -2.0;
        },
        |_, _, set| set(0, 1, 1.0),
    )
    .with_roots(1, |_, y, g| g[0] = y[0])
}

#[test]
fn a_ball_bounces_when_it_should() {
    for method in METHODS {
        let ball = ball();
        let mut integrator = Integrator::start(&ball, 0.0, &[1.0, 0.0], &tight(method, 1e-10)).unwrap();
        let (mut bounces, mut expected, mut flight) = (0, 1.0, 2.0);
        while bounces < 12 {
            match integrator.advance(&ball, 10.0).unwrap() {
                Stop::Root(root) if root.rising => {}
                Stop::Root(root) => {
                    let bound = if method == Method::Multistep { 1e-8 } else { 1e-12 };
                    assert!((root.t - expected).abs() < bound, "{method:?}: {} not {expected}", root.t);
                    assert_eq!(root.t, integrator.time());
                    assert!(integrator.state()[0] <= 0.0);
                    bounces += 1;
                    flight *= 0.7;
                    expected += flight;
                    let y = [0.0, -0.7 * integrator.state()[1]];
                    integrator.restart(&ball, root.t, &y).unwrap();
                }
                Stop::Reached => panic!("{bounces} bounces only"),
            }
        }
    }
}

#[test]
fn every_crossing_is_found_once_and_in_order() {
    let watched = oscillator().with_roots(3, |t, y, g| {
        g[0] = y[0];
        g[1] = y[0] - 0.5;
        g[2] = t - 2.5;
    });
    for method in METHODS {
        let mut integrator = Integrator::start(&watched, 0.0, &[1.0, 0.0], &tight(method, 1e-10)).unwrap();
        let mut found = Vec::new();
        while let Stop::Root(root) = integrator.advance(&watched, 6.0).unwrap() {
            found.push(root);
        }
        let pi = std::f64::consts::PI;
        let expected = [(1, pi / 3.0), (0, pi / 2.0), (2, 2.5), (0, 1.5 * pi), (1, 5.0 * pi / 3.0)];
        assert_eq!(found.iter().map(|r| r.index).collect::<Vec<_>>(), expected.map(|e| e.0));
        assert_eq!(found.iter().map(|r| r.rising).collect::<Vec<_>>(), [false, false, true, true, true]);
        for (root, (_, t)) in found.iter().zip(expected) {
            assert!((root.t - t).abs() < 1e-8, "{root:?} not at {t}");
        }
        assert!((integrator.state()[0] - 6f64.cos()).abs() < 1e-8);
    }
}

#[test]
fn roots_at_the_same_time_are_reported_together() {
    let twins = oscillator().with_roots(2, |t, _, g| {
        g[0] = t - 1.0;
        g[1] = 2.0 * t - 2.0;
    });
    let mut integrator = Integrator::start(&twins, 0.0, &[1.0, 0.0], &tight(Method::Explicit, 1e-6)).unwrap();
    let Stop::Root(root) = integrator.advance(&twins, 6.0).unwrap() else { panic!("no root") };
    assert!((root.t - 1.0).abs() < 1e-14 && root.t > 1.0);
    assert_eq!(integrator.crossings().len(), 2);
    assert_eq!(integrator.advance(&twins, 6.0), Ok(Stop::Reached));
}

#[test]
fn a_narrow_trigger_is_not_missed() {
    // Above 0.99999 for 0.01 time units in each period, at steps some twenty times as long.
    let narrow = oscillator().with_roots(1, |_, y, g| g[0] = y[0] - 0.99999);
    for method in METHODS {
        // The formulas damp what oscillates, by more than this trigger is high unless they are accurate.
        let rtol = if method == Method::Multistep { 1e-9 } else { 1e-7 };
        let mut integrator = Integrator::start(&narrow, 0.0, &[0.0, 1.0], &tight(method, rtol)).unwrap();
        let mut found = 0;
        while let Stop::Root(_) = integrator.advance(&narrow, 60.0).unwrap() {
            found += 1;
        }
        assert_eq!(found, 20, "{method:?}");
    }
}

#[test]
fn samples_before_a_failure_are_kept() {
    // y' = y²: 1 / (1 - t), infinite at 1.
    let explosion = Problem::new(1, |_, y, f| f[0] = y[0] * y[0], |_, y, set| set(0, 0, 2.0 * y[0]));
    for method in METHODS {
        let failure = trajectory(&explosion, 0.0, &[1.0], &[0.0, 0.5, 2.0], &tight(method, 1e-8)).unwrap_err();
        assert_eq!(failure.so_far.times, [0.0, 0.5]);
        let bound = if method == Method::Multistep { 1e-5 } else { 1e-6 };
        assert!((failure.so_far.state(1)[0] - 2.0).abs() < bound, "{method:?}");
        let SolveError::StepUnderflow { t, component: 0, .. } = failure.error else { panic!("{}", failure.error) };
        assert!((t - 1.0).abs() < 1e-6);
    }
}

#[test]
fn a_right_hand_side_that_is_not_finite_is_stepped_around_or_blamed() {
    // sqrt(y) beyond 0 is never needed: y = (1 - t/2)² until 2, where it ends.
    let tank = Problem::new(2, |_, y, f| (f[0], f[1]) = (1.0, -y[1].sqrt()), |_, y, set| set(1, 1, -0.5 / y[1].sqrt()));
    for method in METHODS {
        let failure = trajectory(&tank, 0.0, &[0.0, 1.0], &[1.0, 3.0], &tight(method, 1e-8)).unwrap_err();
        assert!((failure.so_far.state(0)[1] - 0.25).abs() < 1e-7);
        match failure.error {
            SolveError::StepUnderflow { component: 1, .. } | SolveError::NonFinite { component: 1, .. } => {}
            other => panic!("{other}"),
        }
        let nan = Integrator::start(&tank, 0.0, &[0.0, -1.0], &tight(method, 1e-8)).unwrap_err();
        assert_eq!(nan, SolveError::NonFinite { t: 0.0, component: 1, what: Evaluated::RightHandSide });
    }
}

#[test]
fn wrong_calls_are_refused() {
    let start = |y: &[f64], settings: &Settings| Integrator::start(&oscillator(), 0.0, y, settings).map(|_| ());
    let good = Settings::default();
    assert!(matches!(start(&[1.0], &good), Err(SolveError::WrongDimension { given: 1, dimension: 2 })));
    assert!(matches!(start(&[1.0, f64::NAN], &good), Err(SolveError::NonFinite { component: 1, .. })));
    let bad = Settings { max_step: Some(-1.0), ..good.clone() };
    assert!(matches!(start(&[1.0, 0.0], &bad), Err(SolveError::BadSetting { name: "max_step", .. })));
    let few = Settings { max_steps: 3, ..good };
    let failure = trajectory(&oscillator(), 0.0, &[1.0, 0.0], &[100.0], &few).unwrap_err();
    assert!(matches!(failure.error, SolveError::TooManySteps { steps: 3, .. }));
}

#[test]
fn the_method_follows_the_problem() {
    // Stiff until 1, an oscillator thereafter.
    let changing = Problem::new(
        2,
        |t, y, f| (f[0], f[1]) = if t < 1.0 { (1e4 * (y[1] - y[0]), -0.1 * y[1]) } else { (y[1], -y[0]) },
        |t, _, set| {
            let [a, b, c, d] = if t < 1.0 { [-1e4, 1e4, 0.0, -0.1] } else { [0.0, 1.0, -1.0, 0.0] };
            set(0, 0, a);
            set(0, 1, b);
            set(1, 0, c);
            set(1, 1, d);
        },
    );
    let mut integrator = Integrator::start(&changing, 0.0, &[2.0, 1.0], &tight(Method::Auto, 1e-6)).unwrap();
    integrator.advance(&changing, 1.0).unwrap();
    let stiff = integrator.statistics();
    assert_eq!((stiff.switches, stiff.stiff_steps), (0, stiff.accepted));
    assert!(stiff.accepted < 250, "{stiff:?}");
    let y = integrator.state().to_vec();
    integrator.restart(&changing, 1.0, &y).unwrap();
    integrator.advance(&changing, 100.0).unwrap();
    assert_eq!(integrator.statistics().eased, 1, "{:?}", integrator.statistics());
    let nonstiff = Integrator::start(&oscillator(), 0.0, &[1.0, 0.0], &tight(Method::Auto, 1e-4));
    let mut nonstiff = nonstiff.unwrap();
    nonstiff.advance(&oscillator(), 1000.0).unwrap();
    assert_eq!(nonstiff.statistics().stiffened, 0);
}

#[test]
fn an_infinite_derivative_at_the_start_is_no_obstacle() {
    // y' = 1 - √y from 0, where ∂f/∂y is infinite; 2 (-√y - ln(1 - √y)) = t.
    let filling = Problem::new(1, |_, y, f| f[0] = 1.0 - y[0].sqrt(), |_, y, set| set(0, 0, -0.5 / y[0].sqrt()));
    for method in METHODS {
        let found = trajectory(&filling, 0.0, &[0.0], &[1.0], &tight(method, 1e-8)).unwrap();
        let root = found.state(0)[0].sqrt();
        assert!((2.0 * (-root - (1.0 - root).ln()) - 1.0).abs() < 1e-6, "{method:?}");
    }
}

#[test]
fn the_same_calls_give_the_same_bits() {
    let run = || trajectory(&oscillator(), 0.0, &[1.0, 0.0], &[1.0, 2.5, 9.0], &Settings::default()).unwrap();
    assert_eq!(run(), run());
}

#[test]
fn a_system_without_components_only_lets_time_pass() {
    let empty = Problem::new(0, |_, _, _| {}, |_, _, _| {}).with_roots(1, |t, _, g| g[0] = t - 2.0);
    for method in [Method::Auto, Method::Stiff, Method::Multistep] {
        let mut integrator = Integrator::start(&empty, 0.0, &[], &tight(method, 1e-6)).unwrap();
        let Stop::Root(root) = integrator.advance(&empty, 5.0).unwrap() else { panic!("no root") };
        assert!((root.t - 2.0).abs() < 1e-14);
        assert_eq!(integrator.advance(&empty, 5.0), Ok(Stop::Reached));
    }
}

#[test]
fn a_jump_of_the_right_hand_side_is_crossed() {
    // Nothing until 1, then a million a second: no representable step meets the tolerance at 1.
    let jump = Problem::new(1, |t, _, f| f[0] = if t < 1.0 { 0.0 } else { 1e6 }, |_, _, set| set(0, 0, 0.0));
    for method in [Method::Explicit, Method::Stiff, Method::Multistep, Method::Auto] {
        let settings = Settings { max_step: Some(0.3), ..tight(method, 1e-9) };
        let found = trajectory(&jump, 0.0, &[0.0], &[0.9, 2.0], &settings).unwrap();
        assert_eq!(found.state(0), [0.0]);
        assert!((found.state(1)[0] - 1e6).abs() < 1e-3, "{method:?}: {}", found.state(1)[0]);
    }
}
