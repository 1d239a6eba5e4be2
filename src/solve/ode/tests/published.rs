//! Stiff problems with published values, chains with closed forms, and what must be conserved.
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

/// Integrates at rtol 1e-7 and holds every component at every published time to `bound`, relatively.
fn assert_published<S: System>(name: &str, system: &S, y0: &[f64], atol: f64, expected: &[(f64, &[f64])], bound: f64) {
    let times: Vec<f64> = expected.iter().map(|e| e.0).collect();
    // A multistep method's errors add up over more steps.
    for (method, finer) in [(Method::Stiff, 1.0), (Method::Multistep, 0.01), (Method::Auto, 1.0)] {
        let tolerances = Tolerances::scalar(1e-7 * finer, atol * finer).unwrap();
        let settings = Settings { tolerances, method, ..Settings::default() };
        let found = trajectory(system, 0.0, y0, &times, &settings).unwrap();
        for (i, (t, expected)) in expected.iter().enumerate() {
            let errors = found.state(i).iter().zip(*expected).map(|(y, e)| ((y - e) / e).abs());
            let worst = errors.fold(0.0, f64::max);
            assert!(worst < bound, "{name} {method:?}: relative error {worst:.1e} at {t}");
        }
    }
}

#[test]
fn robertson() {
    let end: &[(f64, &[f64])] = &[
        (40.0, &[0.715827068719394, 9.185534764557e-6, 0.2841637457458413]),
        (1e11, &[2.083340149701255e-8, 8.333360770334713e-14, 0.999999979166505]),
    ];
    assert_published("ROBER", &Network::listed(3, ROBER), &[1.0, 0.0, 0.0], 1e-20, end, 1e-6);
}

#[test]
fn hires() {
    let y0 = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057];
    let expected: &[(f64, &[f64])] = &[
        (
            321.8122,
            &[
                0.000737131257332567,
                0.000144248572631618,
                5.8887297409676e-05,
                0.001175651343283149,
                0.00238635619883133,
                0.006238968252742796,
                0.002849998395185769,
                0.002850001604814231,
            ],
        ),
        (
            421.8122,
            &[
                0.000670305503581864,
                0.000130996846986347,
                4.6862231597733e-05,
                0.001044668020551705,
                0.000594883830951485,
                0.001399628833942774,
                0.00101449275771848,
                0.00468550724228152,
            ],
        ),
    ];
    assert_published("HIRES", &Network::listed(8, HIRES), &y0, 1e-13, expected, 1e-6);
}

/// The largest error of a component: relative, and of amounts below a thousandth in thousandths.
fn worst(found: &[f64], expected: &[f64]) -> f64 {
    found.iter().zip(expected).map(|(y, e)| (y - e).abs() / (e.abs() + 1e-3)).fold(0.0, f64::max)
}

#[test]
fn fast_components_are_as_good_between_steps_as_at_their_ends() {
    let (network, y0) = (Network::listed(8, HIRES), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057]);
    let mut integrator = Integrator::start(&network, 0.0, &y0, &tight(Method::Stiff, 1e-5)).unwrap();
    let (mut ends, mut between) = ((vec![], vec![]), (vec![], vec![]));
    while integrator.step(&network, 321.8122).unwrap() != Step::Limit {
        ends.0.push(integrator.time());
        ends.1.push(integrator.state().to_vec());
        for theta in [0.1, 0.3, 0.6, 0.9] {
            let (t0, mut y) = (integrator.previous_time(), vec![0.0; 8]);
            let t = t0 + theta * (integrator.time() - t0);
            integrator.interpolate(&network, t, &mut y);
            // The polynomial's own slopes don't change what is conserved, and nor do corrections.
            assert!((y[6] + y[7] - 0.0057).abs() < 1e-15, "{:e} at {t}", y[6] + y[7]);
            between.0.push(t);
            between.1.push(y);
        }
    }
    let error = |(times, states): &(Vec<f64>, Vec<Vec<f64>>)| {
        let exact = trajectory(&network, 0.0, &y0, times, &tight(Method::Stiff, 1e-10)).unwrap();
        states.iter().enumerate().map(|(i, y)| worst(y, exact.state(i))).fold(0.0, f64::max)
    };
    let (at_ends, inside) = (error(&ends), error(&between));
    assert!(at_ends < 1e-4 && inside < 1.5 * at_ends, "{inside:.1e} between ends with {at_ends:.1e}");
}

#[test]
fn oregonator() {
    let expected: &[(f64, &[f64])] = &[
        (30.0, &[1.000661467180497, 1512.778937348249, 10358.54312767229]),
        (60.0, &[1.000874625199626, 1144.336972384497, 83.72149966624639]),
        (90.0, &[1.001890368438751, 529.9926232295553, 1.66227957904242]),
        (120.0, &[1.004118022612645, 243.8326079910346, 1.008822224048647]),
        (150.0, &[1.008995416634061, 112.1664388662539, 1.007783229065319]),
        (180.0, &[1.019763472537298, 51.59761322947535, 1.016985778956374]),
        (210.0, &[1.043985088527474, 23.73442027531524, 1.037691843544522]),
        (240.0, &[1.100849071667922, 10.9153380546902, 1.08583196981086]),
        (270.0, &[1.249102130020572, 5.013945178605446, 1.208326626237875]),
        (300.0, &[1.779724751937019, 2.281852385542403, 1.613754023671725]),
        (330.0, &[1.000889326903503, 1125.438585746596, 16410.49483777168]),
        (360.0, &[1.000814870318523, 1228.178521549889, 132.0554942846513]),
    ];
    assert_published("OREGO", &orego(), &[1.0, 2.0, 3.0], 1e-10, expected, 1e-5);
}

#[test]
fn van_der_pol_relaxes() {
    let expected: &[(f64, &[f64])] = &[
        (1.0, &[-1.86364625480813, 0.753543086543546]),
        (2.0, &[1.706167732170456, -0.8928097010248257]),
        (3.0, &[-1.510606936744095, 1.178380000730945]),
        (4.0, &[1.194414677695905, -2.799585996540082]),
        (5.0, &[1.890428596416747, -0.734511868016694]),
        (6.0, &[-1.737716306805883, 0.8604008653025923]),
        (7.0, &[1.551614645548223, -1.102382892533321]),
        (8.0, &[-1.278631984330405, 2.013890883009155]),
        (9.0, &[-1.91655294948983, 0.7169573003463228]),
        (10.0, &[1.768163792391936, -0.8315276407898496]),
        (11.0, &[-1.590150544829062, 1.040279389212485]),
    ];
    assert_published("VDPOL", &van_der_pol(), &[2.0, 0.0], 1e-10, expected, 1e-5);
}

#[test]
fn pyrolysis() {
    let expected: &[(f64, &[f64])] = &[
        (10.0, &[0.0017599259497677897, 1.3846281519376517e-11, 7.637003853007391e-13, 1.3082581134075777e-11]),
        (1000.0, &[0.0016180769999072943, 1.3822370304983736e-10, 8.251573500683834e-12, 1.2997212954915352e-10]),
        (100000.0, &[7.481320822429222e-06, 2.3734781561205976e-12, 2.2123586689581663e-12, 1.6111948716243113e-13]),
        (10000000.0, &[4.715033363040164e-10, 1.8188895860807023e-14, 1.8188812376786725e-14, 8.34840202963217e-20]),
    ];
    assert_published("E5", &Network::listed(4, E5), &[1.76e-3, 0.0, 0.0, 0.0], 1e-26, expected, 1e-5);
}

#[test]
fn air_pollution() {
    let mut y0 = [0.0; 20];
    (y0[1], y0[3], y0[6], y0[7], y0[8], y0[16]) = (0.2, 0.04, 0.1, 0.3, 0.01, 0.007);
    let expected: &[(f64, &[f64])] = &[(
        60.0,
        &[
            0.05646255480022769,
            0.1342484130422339,
            4.139734331099427e-09,
            0.005523140207484359,
            2.018977262302196e-07,
            1.464541863493966e-07,
            0.07784249118997964,
            0.3245075353396018,
            0.007494013383880406,
            1.622293157301561e-08,
            1.135863833257075e-08,
            0.002230505975721359,
            0.000208716288279863,
            1.396921016840158e-05,
            0.008964884856898295,
            4.352846369330103e-18,
            0.006899219696263405,
            0.0001007803037365946,
            1.772146513969984e-06,
            5.682943292316392e-05,
        ],
    )];
    assert_published("POLLU", &Network::listed(20, POLLU), &y0, 1e-22, expected, 1e-6);
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
