//! Leaps: how far from the exact law they are, and what they keep all the same.

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
