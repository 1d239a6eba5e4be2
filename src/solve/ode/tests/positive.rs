//! Amounts stay amounts.

use super::problems::{Problem, tight};
use crate::solve::ode::positive::Floor;
use crate::solve::ode::{Method, SolveError, trajectory};

const METHODS: [Method; 4] = [Method::Explicit, Method::Stiff, Method::Multistep, Method::Auto];

/// x' = -x^p, y' = x^p.
fn drain_half() -> Problem {
    let jacobian = |_: f64, y: &[f64], set: &mut dyn FnMut(usize, usize, f64)| {
        let slope = 0.5 / y[0].sqrt();
        set(0, 0, -slope);
        set(1, 0, slope);
    };
    let rhs = |_: f64, y: &[f64], f: &mut [f64]| (f[0], f[1]) = (-y[0].sqrt(), y[0].sqrt());
    Problem::new(2, rhs, jacobian).of_amounts()
}

#[test]
fn a_pool_that_drains_by_a_root_is_empty_in_finite_time_and_stays_so() {
    for method in METHODS {
        let found = trajectory(&drain_half(), 0.0, &[1.0, 0.0], &[1.0, 2.0, 2.1, 100.0], &tight(method, 1e-6));
        let found = found.unwrap_or_else(|failure| panic!("{method:?}: {}", failure.error));
        assert!((found.state(0)[0] - 0.25).abs() < 1e-5, "{method:?}: {}", found.state(0)[0]);
        for i in 1..4 {
            let [x, y] = found.state(i) else { panic!() };
            // Near its end √x amplifies what is left, so its last part takes longer than it should.
            assert!((-1e-9..1e-6).contains(x), "{method:?}: {x:e}");
            assert!((x + y - 1.0).abs() < 1e-14, "{method:?}: {:e}", x + y - 1.0);
        }
    }
}

#[test]
fn a_power_that_is_no_whole_number_is_followed_to_nothing() {
    let jacobian = |_: f64, y: &[f64], set: &mut dyn FnMut(usize, usize, f64)| set(0, 0, -1500.0 * y[0].sqrt());
    let decay = Problem::new(1, |_, y, f| f[0] = -1000.0 * y[0].powf(1.5), jacobian).of_amounts();
    for method in METHODS {
        let found = trajectory(&decay, 0.0, &[1.0], &[1.0, 1e5], &tight(method, 1e-7)).unwrap();
        for (i, t) in [1.0, 1e5].into_iter().enumerate() {
            let exact = (1.0_f64 + 500.0 * t).powi(-2);
            assert!((found.state(i)[0] - exact).abs() < 1e-6 * exact + 1e-9, "{method:?}: {:e}", found.state(i)[0]);
        }
    }
}

#[test]
fn what_rounding_leaves_below_zero_is_let_be() {
    let mut floor = Floor::<1>::of(&drain_half());
    floor.set_slack(0, [1e-6, 1e-9].into_iter());
    let mut below = [[1.0]; 2];
    assert!(!floor.below(&[[-0.9e-12], [0.0]], &mut below));
    assert_eq!(below, [[0.0]; 2]);
    assert!(floor.below(&[[-2e-12], [1.0]], &mut below));
    assert_eq!(below, [[-2e-12], [0.0]]);
}

#[test]
fn nothing_grows_out_of_less_than_nothing() {
    // x is driven to a thousandth of the tolerance of nothing, then would multiply: x' = (t - 40) x.
    let jacobian = |t: f64, _: &[f64], set: &mut dyn FnMut(usize, usize, f64)| set(0, 0, t - 40.0);
    let catalyst = Problem::new(1, |t, y, f| f[0] = (t - 40.0) * y[0], jacobian)
        .with_time_derivative(|_, y, f| f[0] = y[0])
        .of_amounts();
    for method in METHODS {
        let found = trajectory(&catalyst, 0.0, &[1.0], &[40.0, 60.0, 75.0], &tight(method, 1e-6)).unwrap();
        assert!((0..3).all(|i| found.state(i)[0] > -1e-9), "{method:?}: {:?}", found.states);
    }
}

#[test]
fn a_constant_drain_ends_the_integration_when_nothing_is_left() {
    let constant = Problem::new(2, |_, _, f| (f[0], f[1]) = (-1.0, 1.0), |_, _, set| set(0, 0, 0.0)).of_amounts();
    for method in METHODS {
        let failure = trajectory(&constant, 0.0, &[3.0, 0.0], &[1.0, 2.0, 4.0], &tight(method, 1e-6)).unwrap_err();
        let SolveError::Exhausted { t, component: 0 } = failure.error else { panic!("{:?}", failure.error) };
        assert!((t - 3.0).abs() < 1e-8, "{method:?}: {t}");
        assert_eq!(failure.so_far.times, [1.0, 2.0]);
    }
    let refused = trajectory(&constant, 0.0, &[-1.0, 0.0], &[1.0], &tight(Method::Auto, 1e-6)).unwrap_err();
    assert_eq!(refused.error, SolveError::Negative { t: 0.0, component: 0, value: -1.0 });
}

#[test]
fn what_is_balanced_at_nothing_goes_on() {
    let balanced = Problem::new(
        2,
        |_, y, f| (f[0], f[1]) = (y[1] - 1e3 * y[0], -y[1]),
        |_, _, set| {
            set(0, 0, -1e3);
            set(0, 1, 1.0);
            set(1, 1, -1.0);
        },
    )
    .of_amounts();
    for method in METHODS {
        let found = trajectory(&balanced, 0.0, &[1.0, 1.0], &[1.0, 50.0, 1000.0], &tight(method, 1e-6)).unwrap();
        let exact = (-1f64).exp() / 999.0;
        assert!((found.state(0)[0] - exact).abs() < 1e-8, "{method:?}");
        assert!(found.states.iter().all(|x| *x >= -1e-9), "{method:?}: {:?}", found.states);
    }
}
