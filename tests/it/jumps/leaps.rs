//! Leaps: how far from the exact law they are, and what they keep all the same.

use super::statistics::has_mean;
use super::{model, position, ready, run};
use exoc::simulate::Protocol;
use exoc::simulate::exact::ExactSettings;

/// Mean, standard deviation and events of a species at the end of so many runs.
fn moments(text: &str, species: &str, end: f64, tau: Option<f64>) -> (f64, f64) {
    let model = model(text);
    let settings = ExactSettings { tau, ..ExactSettings::default() };
    let exact = ready(&model, &settings);
    let index = position(&model, species);
    let found: Vec<f64> = (0..400)
        .map(|n| {
            let (samples, outcome) = run(&exact, &Protocol::sampled(end, end), n, &settings);
            assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
            samples.0.last().unwrap().1[index]
        })
        .collect();
    let mean = found.iter().sum::<f64>() / 400.0;
    let variance = found.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 399.0;
    (mean, variance.sqrt())
}

#[test]
fn decay_by_leaps_has_nearly_the_binomial_mean_and_spread() {
    // Of 20,000 the share e^(−1) is left. A leap keeps the rate that it began with, which has changed by at most ε at its
    // end: the mean is low by about ε/2 of what decays meanwhile, so it must come nearer as ε falls.
    let text = "compartment c = 1 fL assumed\nspecies A = 20_000 copies in c assumed\n\
        process loss: A -> at 1 / s assumed\n";
    let left = 20_000.0 * (-1.0f64).exp();
    let spread = (left * (1.0 - (-1.0f64).exp())).sqrt();
    let mut errors = Vec::new();
    for epsilon in [0.1, 0.03, 0.01] {
        let (mean, deviation) = moments(text, "A", 1.0, Some(epsilon));
        assert!((mean - left).abs() < epsilon * left, "{epsilon}: {mean}, not {left}");
        assert!((deviation / spread - 1.0).abs() < 0.2, "{epsilon}: {deviation}, not {spread}");
        errors.push((mean - left).abs());
    }
    assert!(errors[2] < 0.3 * errors[0], "{errors:?}");
}

#[test]
fn leaps_use_nothing_up_and_keep_sums() {
    let text = "compartment c = 1 fL assumed\nspecies A = 5_000 copies in c assumed\n\
        species B = 300 copies in c assumed\nspecies D in c\n\
        process binding: A + B -> D at 0.001 / copies / s assumed\nprocess parting: D -> A + B at 0.01 / s assumed\n";
    let model = model(text);
    let settings = ExactSettings { tau: Some(0.05), ..ExactSettings::default() };
    let exact = ready(&model, &settings);
    let [a, b, d] = ["A", "B", "D"].map(|name| position(&model, name));
    for n in 0..20 {
        let (samples, outcome) = run(&exact, &Protocol::sampled(20.0, 0.25), n, &settings);
        assert!(outcome.failure.is_none());
        for (t, y) in &samples.0 {
            assert!(y.iter().all(|x| *x >= 0.0 && x.fract() == 0.0), "{t}: {y:?}");
            assert_eq!((y[a] + y[d], y[b] + y[d]), (5000.0, 300.0));
        }
    }
}

#[test]
fn molecules_leap_while_vesicles_go_one_by_one() {
    // About 20,000 copies of X in 2 pL come and go at 2,000 per second; 4 vesicles a minute take some along, 5 each on average, and keep them.
    let text = "compartment medium = 1 mL assumed\ncompartment cytosol = 2 pL in medium assumed\n\
        compartment plasma_membrane = 1e6 um^2 between cytosol and medium assumed\n\
        vesicle E in medium { diameter 110 nm assumed }\ncargo X = 20_000 copies in cytosol assumed\n\
        process making: -> X rate 2_000 copies / s assumed\nprocess loss: X -> at 0.1 / s assumed\n\
        process shedding: bud E from plasma_membrane rate 4 copies / min assumed\n    capturing X (enriched: 955 fold)\n";
    let model = model(text);
    let settings = ExactSettings { tau: Some(0.03), ..ExactSettings::default() };
    let exact = ready(&model, &settings);
    let [x, vesicles, load] = ["X", "E", "X@E"].map(|name| position(&model, name));
    let (mut made, mut pool, mut copies) = (Vec::new(), Vec::new(), 0.0);
    for n in 0..200 {
        let (samples, outcome) = run(&exact, &Protocol::sampled(600.0, 600.0), n, &settings);
        assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
        let end = &samples.0.last().unwrap().1;
        made.push(end[vesicles]);
        pool.push(end[x]);
        copies += end[load];
    }
    has_mean(&made, 40.0, 40f64.sqrt());
    let mean = pool.iter().sum::<f64>() / 200.0;
    assert!((mean / 20_000.0 - 1.0).abs() < 0.005, "{mean}");
    let each = copies / made.iter().sum::<f64>();
    let expected = 20_000.0 / 2e3 * std::f64::consts::PI / 6.0 * 1e-3 * 955.0;
    // 8,000 vesicles with a Poisson number each: four and a half standard errors, and the pool's.
    assert!((each - expected).abs() < 4.5 * (expected / 8000.0).sqrt() + 0.005 * expected, "{each}, not {expected}");
}
