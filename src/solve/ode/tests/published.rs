//! Stiff problems with published end values, chains with closed forms, and what must be conserved.
//!
//! End values: F. Mazzia, C. Magherini, *Test Set for Initial Value Problem Solvers*, release 2.4
//! (2008); those of Robertson's problem from E. Hairer, G. Wanner, *Solving ODEs II*.

use super::problems::{List, Network, Problem, tight};
use crate::solve::ode::*;

/// H. H. Robertson's autocatalysis (1966).
const ROBER: &List =
    &[(&[(0, 1)], &[(1, 1)], 0.04), (&[(1, 1), (2, 1)], &[(0, 1), (2, 1)], 1e4), (&[(1, 2)], &[(1, 1), (2, 1)], 3e7)];

/// E. Schäfer's high irradiance responses of photomorphogenesis (1975).
const HIRES: &List = &[
    (&[], &[(0, 1)], 0.0007),
    (&[(0, 1)], &[(1, 1)], 1.71),
    (&[(1, 1)], &[(0, 1)], 0.43),
    (&[(2, 1)], &[(0, 1)], 8.32),
    (&[(1, 1)], &[(3, 1)], 8.32),
    (&[(2, 1)], &[(3, 1)], 1.71),
    (&[(3, 1)], &[(2, 1)], 0.43),
    (&[(3, 1)], &[(5, 1)], 0.69),
    (&[(4, 1)], &[(2, 1)], 0.035),
    (&[(4, 1)], &[(5, 1)], 1.71),
    (&[(5, 1)], &[(4, 1)], 0.43),
    (&[(6, 1)], &[(6, 1), (4, 1)], 0.43),
    (&[(6, 1)], &[(6, 1), (5, 1)], 0.69),
    (&[(5, 1), (7, 1)], &[(6, 1)], 280.0),
    (&[(6, 1)], &[(7, 1)], 1.81),
];

/// The pyrolysis E5 of the Enright-Hull collection.
const E5: &List = &[
    (&[(0, 1)], &[(1, 1), (2, 1)], 7.89e-10),
    (&[(0, 1), (2, 1)], &[(3, 1)], 1.1e7),
    (&[(1, 1), (2, 1)], &[], 1.13e9),
    (&[(3, 1)], &[(2, 1)], 1.13e3),
];

/// The chemistry of the air pollution model of the Dutch National Institute of Public Health (J. Verwer).
const POLLU: &List = &[
    (&[(0, 1)], &[(1, 1), (2, 1)], 0.35),
    (&[(1, 1), (3, 1)], &[(0, 1)], 26.6),
    (&[(1, 1), (4, 1)], &[(0, 1), (5, 1)], 12300.0),
    (&[(6, 1)], &[(4, 2), (7, 1)], 0.00086),
    (&[(6, 1)], &[(7, 1)], 0.00082),
    (&[(5, 1), (6, 1)], &[(4, 1), (7, 1)], 15000.0),
    (&[(8, 1)], &[(4, 1), (7, 1), (9, 1)], 0.00013),
    (&[(5, 1), (8, 1)], &[(10, 1)], 24000.0),
    (&[(1, 1), (10, 1)], &[(0, 1), (9, 1), (11, 1)], 16500.0),
    (&[(0, 1), (10, 1)], &[(12, 1)], 9000.0),
    (&[(12, 1)], &[(0, 1), (10, 1)], 0.022),
    (&[(1, 1), (9, 1)], &[(0, 1), (13, 1)], 12000.0),
    (&[(13, 1)], &[(4, 1), (6, 1)], 1.88),
    (&[(0, 1), (5, 1)], &[(14, 1)], 16300.0),
    (&[(2, 1)], &[(3, 1)], 4.8e6),
    (&[(3, 1)], &[(15, 1)], 0.00035),
    (&[(3, 1)], &[(2, 1)], 0.0175),
    (&[(15, 1)], &[(5, 2)], 1e8),
    (&[(15, 1)], &[(2, 1)], 4.44e11),
    (&[(5, 1), (16, 1)], &[(4, 1), (17, 1)], 1240.0),
    (&[(18, 1)], &[(1, 1)], 2.1),
    (&[(18, 1)], &[(0, 1), (2, 1)], 5.78),
    (&[(0, 1), (3, 1)], &[(18, 1)], 0.0474),
    (&[(0, 1), (18, 1)], &[(19, 1)], 1780.0),
    (&[(19, 1)], &[(0, 1), (18, 1)], 3.12),
];

/// B. van der Pol's oscillator with ε = 10⁻⁶.
fn van_der_pol() -> Problem {
    Problem::new(
        2,
        |_, y, f| (f[0], f[1]) = (y[1], 1e6 * ((1.0 - y[0] * y[0]) * y[1] - y[0])),
        |_, y, set| {
            set(0, 1, 1.0);
            set(1, 0, 1e6 * (-2.0 * y[0] * y[1] - 1.0));
            set(1, 1, 1e6 * (1.0 - y[0] * y[0]));
        },
    )
}

/// The Oregonator of Field and Noyes (1974).
fn orego() -> Problem {
    Problem::new(
        3,
        |_, y, f| {
            f[0] = 77.27 * (y[1] + y[0] * (1.0 - 8.375e-6 * y[0] - y[1]));
            f[1] = (y[2] - (1.0 + y[0]) * y[1]) / 77.27;
            f[2] = 0.161 * (y[0] - y[2]);
        },
        |_, y, set| {
            set(0, 0, 77.27 * (1.0 - 2.0 * 8.375e-6 * y[0] - y[1]));
            set(0, 1, 77.27 * (1.0 - y[0]));
            set(1, 0, -y[1] / 77.27);
            set(1, 1, -(1.0 + y[0]) / 77.27);
            set(1, 2, 1.0 / 77.27);
            set(2, 0, 0.161);
            set(2, 2, -0.161);
        },
    )
}

/// Integrates to `t` at rtol 1e-7 and holds every component to `bound`, relatively.
fn assert_end<S: System>(name: &str, system: &S, y0: &[f64], t: f64, atol: f64, expected: &[f64], bound: f64) {
    for method in [Method::Stiff, Method::Auto] {
        let tolerances = Tolerances::scalar(1e-7, atol).unwrap();
        let settings = Settings { tolerances, method, ..Settings::default() };
        let found = trajectory(system, 0.0, y0, &[t], &settings).unwrap();
        let errors = found.state(0).iter().zip(expected).map(|(y, e)| ((y - e) / e).abs());
        let worst = errors.fold(0.0, f64::max);
        assert!(worst < bound, "{name} {method:?}: relative error {worst:.1e}");
    }
}

#[test]
fn robertson() {
    let end = [2.083340149701255e-8, 8.333360770334713e-14, 0.999999979166505];
    assert_end("ROBER 1e11", &Network::listed(3, ROBER), &[1.0, 0.0, 0.0], 1e11, 1e-20, &end, 1e-5);
    let end = [0.715827068719394, 9.185534764557e-6, 0.2841637457458413];
    assert_end("ROBER 40", &Network::listed(3, ROBER), &[1.0, 0.0, 0.0], 40.0, 1e-14, &end, 1e-5);
}

#[test]
fn hires() {
    let end = [
        0.7371312573325668e-3,
        0.1442485726316185e-3,
        0.5888729740967575e-4,
        0.1175651343283149e-2,
        0.2386356198831331e-2,
        0.6238968252742796e-2,
        0.2849998395185769e-2,
        0.2850001604814231e-2,
    ];
    let y0 = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057];
    assert_end("HIRES", &Network::listed(8, HIRES), &y0, 321.8122, 1e-13, &end, 1e-5);
}

#[test]
fn oregonator() {
    let end = [0.1000814870318523e1, 0.1228178521549917e4, 0.1320554942846706e3];
    assert_end("OREGO", &orego(), &[1.0, 2.0, 3.0], 360.0, 1e-10, &end, 1e-5);
}

#[test]
fn van_der_pol_relaxes() {
    assert_end("VDPOL 2", &van_der_pol(), &[2.0, 0.0], 2.0, 1e-10, &[0.1706167732170483e1, -0.8928097010247975], 1e-6);
    let end = [-1.590150544829062, 1.040279389212485];
    assert_end("VDPOL 11", &van_der_pol(), &[2.0, 0.0], 11.0, 1e-10, &end, 1e-5);
}

#[test]
fn pyrolysis() {
    let end = [4.715033363040164e-10, 1.8188895860807023e-14, 1.8188812376786725e-14, 8.34840202963217e-20];
    assert_end("E5 1e7", &Network::listed(4, E5), &[1.76e-3, 0.0, 0.0, 0.0], 1e7, 1e-26, &end, 1e-5);
}

#[test]
fn air_pollution() {
    let mut y0 = [0.0; 20];
    (y0[1], y0[3], y0[6], y0[7], y0[8], y0[16]) = (0.2, 0.04, 0.1, 0.3, 0.01, 0.007);
    let end = [
        0.05646255480022769,
        0.1342484130422339,
        4.139734331099427e-9,
        0.005523140207484359,
        2.018977262302196e-7,
        1.464541863493966e-7,
        0.07784249118997964,
        0.3245075353396018,
        0.007494013383880406,
        1.622293157301561e-8,
        1.135863833257075e-8,
        0.002230505975721359,
        0.000208716288279863,
        1.396921016840158e-5,
        0.008964884856898295,
        4.352846369330103e-18,
        0.006899219696263405,
        0.0001007803037365946,
        1.772146513969984e-6,
        5.682943292316392e-5,
    ];
    assert_end("POLLU", &Network::listed(20, POLLU), &y0, 60.0, 1e-22, &end, 1e-5);
}

/// Nine compartments in a row, each emptying into the next.
const CHAIN: &List = &[
    (&[(0, 1)], &[(1, 1)], 1.0),
    (&[(1, 1)], &[(2, 1)], 0.5),
    (&[(2, 1)], &[(3, 1)], 2.0),
    (&[(3, 1)], &[(4, 1)], 0.25),
    (&[(4, 1)], &[(5, 1)], 4.0),
    (&[(5, 1)], &[(6, 1)], 0.125),
    (&[(6, 1)], &[(7, 1)], 8.0),
    (&[(7, 1)], &[(8, 1)], 0.0625),
];

/// H. Bateman's solution (1910) for compartment `n` of the chain, from 1 in the first.
fn bateman(n: usize, t: f64) -> f64 {
    let rates: Vec<f64> = CHAIN[..=n].iter().map(|r| r.2).collect();
    let product: f64 = rates[..n].iter().product();
    let terms = (0..=n).map(|i| {
        let differences = (0..=n).filter(|&j| j != i).map(|j| rates[j] - rates[i]);
        (-rates[i] * t).exp() / differences.product::<f64>()
    });
    product * terms.sum::<f64>()
}

#[test]
fn the_delivered_error_of_a_chain_follows_the_tolerance() {
    let times: Vec<f64> = (1..=60).map(|i| 0.5 * f64::from(i)).collect();
    for method in [Method::Explicit, Method::Stiff, Method::Auto] {
        for rtol in [1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10] {
            let y0 = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
            let found = trajectory(&Network::listed(9, CHAIN), 0.0, &y0, &times, &tight(method, rtol)).unwrap();
            let mut worst = 0.0_f64;
            for (i, &t) in times.iter().enumerate() {
                for n in 0..8 {
                    let exact = bateman(n, t);
                    if exact > 1e-3 {
                        worst = worst.max((found.state(i)[n] / exact - 1.0).abs());
                    }
                }
                let total: f64 = found.state(i).iter().sum();
                assert!((total - 1.0).abs() < 1e-14, "{method:?} at {t}: mass off by {:e}", total - 1.0);
            }
            assert!(worst < 30.0 * rtol, "{method:?}, rtol {rtol:e}: {worst:e}");
        }
    }
}
