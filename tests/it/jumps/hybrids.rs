//! The hybrid: how far it is from the exact law, what it keeps, and that it is exact where nothing is abundant.

use super::statistics::{fits, has_mean, poisson};
use super::{Samples, model, position, ready, run};
use exoc::network::plan::Change;
use exoc::network::{Expr, SpeciesId};
use exoc::simulate::exact::{ExactOutcome, ExactSettings};
use exoc::simulate::{Intervention, Protocol};

fn hybrid(epsilon: f64) -> ExactSettings {
    ExactSettings { hybrid: Some(epsilon), ..ExactSettings::default() }
}

/// Runs looked at a hundred times.
fn runs(text: &str, settings: &ExactSettings, end: f64, number: u64) -> Vec<(Samples, ExactOutcome)> {
    let model = model(text);
    let exact = ready(&model, settings);
    let protocol = Protocol::sampled(end, end / 100.0);
    let all: Vec<_> = (0..number).map(|n| run(&exact, &protocol, n, settings)).collect();
    assert!(all.iter().all(|(_, outcome)| outcome.failure.is_none()));
    all
}

fn last(runs: &[(Samples, ExactOutcome)], index: usize) -> Vec<f64> {
    runs.iter().map(|(samples, _)| samples.0.last().unwrap().1[index]).collect()
}

fn events(runs: &[(Samples, ExactOutcome)]) -> u64 {
    runs.iter().map(|(_, outcome)| outcome.events).sum()
}

fn moments(found: &[f64]) -> (f64, f64) {
    let n = found.len() as f64;
    let mean = found.iter().sum::<f64>() / n;
    (mean, (found.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0)).sqrt())
}

const GENE: &str = "compartment c = 1 fL assumed\nspecies On = 1 copies in c assumed\nspecies Off in c\n\
    species P = 20_000 copies in c assumed\nprocess switch: On <-> Off at 0.5 / s, 0.5 / s assumed\n\
    process making: On -> On + P at 40_000 / s assumed\nprocess loss: P -> at 1 / s assumed\n";

#[test]
fn a_gene_that_jumps_drives_a_protein_that_flows() {
    // From the law of a gene with two states (J. Peccoud, B. Ycart, Theor. Popul. Biol. 48, 1995), stationary: mean k p / g,
    // variance mean + (k / g)² p (1 − p) g / (g + a + b); the first part of it, 0.01 % here, is what flowing leaves out.
    let runs = runs(GENE, &hybrid(0.03), 20.0, 2000);
    let (all, deviation) = (last(&runs, 2), 20_000.0 * 0.5f64.sqrt());
    has_mean(&all, 20_000.0, deviation);
    // Four and a half errors of a deviation; the law has less kurtosis than a normal one.
    let found = moments(&all).1;
    assert!((found / deviation - 1.0).abs() < 4.5 / 4000f64.sqrt(), "{found}, not {deviation}");
    // Of 800,000 firings few are left.
    assert!(events(&runs) < 2000 * 2000);
}

#[test]
fn the_noise_that_is_lost_stays_below_the_criterion() {
    // Of 10⁵ the share e^(−t) is left, binomially. Down to 1/(2 ε²) no noise is made, from there on all of it: the
    // deviation in the end is too small by less than a share of n / (2/ε²), and the mean is right.
    let text = "compartment c = 1 fL assumed\nspecies A = 100_000 copies in c assumed\n\
        process loss: A -> at 1 / s assumed\n";
    for epsilon in [0.1, 0.03, 0.01] {
        let runs = runs(text, &hybrid(epsilon), 9.0, 2000);
        let all = last(&runs, 0);
        let (left, share) = (1e5 * (-9.0f64).exp(), (-9.0f64).exp());
        has_mean(&all, left, (left * (1.0 - share)).sqrt());
        let (_, found) = moments(&all);
        let expected = (left * (1.0 - 2.0 * epsilon * epsilon * left)).sqrt();
        assert!((found / expected - 1.0).abs() < 4.5 / 4000f64.sqrt(), "{epsilon}: {found}, not {expected}");
        if epsilon == 0.01 {
            fits(&all, poisson(left));
        }
    }
}

#[test]
fn means_of_abundant_pairs_are_those_of_exact_runs() {
    // Relative to exact runs, of which 200 tell the mean to 0.04 %.
    let text = "compartment c = 1 fL assumed\nspecies A = 20_000 copies in c assumed\n\
        species B = 15_000 copies in c assumed\nspecies D in c\n\
        process binding: A + B -> D at 1e-4 / copies / s assumed\nprocess parting: D -> A + B at 0.5 / s assumed\n";
    let exact = moments(&last(&runs(text, &ExactSettings::default(), 3.0, 200), 2));
    for epsilon in [0.1, 0.03] {
        let (mean, deviation) = moments(&last(&runs(text, &hybrid(epsilon), 3.0, 50), 2));
        assert!((mean / exact.0 - 1.0).abs() < 0.1 * epsilon, "{epsilon}: {mean}, {}", exact.0);
        // All of its own noise is lost, which is less than the criterion.
        assert!(deviation < exact.1 && exact.1 / exact.0 < epsilon);
    }
}

#[test]
fn sums_are_kept_and_nothing_is_negative_across_the_threshold() {
    // A source that pulses between scarce and abundant, an addition on the way.
    let text = "compartment c = 1 fL assumed\nspecies A = 3_000 copies in c assumed\nspecies B, D in c\n\
        species Gate = 1 copies in c assumed\nspecies Shut in c\n\
        process gate: Gate <-> Shut at 0.3 / s, 0.3 / s assumed\nprocess there: A + Gate -> B + Gate at 2 / copies / s assumed\n\
        process back: B + Shut -> A + Shut at 2 / copies / s assumed\nprocess pairing: 2 B -> D at 0.001 / copies / s assumed\n\
        process parting: D -> 2 B at 0.2 / s assumed\n";
    let model = model(text);
    let settings = hybrid(0.05);
    let exact = ready(&model, &settings);
    let [a, b, d] = ["A", "B", "D"].map(|name| position(&model, name));
    let change = Change::Add { species: SpeciesId(a as u32), amount: Expr::Constant(500.0) };
    let mut protocol = Protocol::sampled(40.0, 0.25);
    protocol.interventions.push(Intervention { time: 20.1, change, label: "A".into() });
    let mut flowed = false;
    for n in 0..20 {
        let (samples, outcome) = run(&exact, &protocol, n, &settings);
        assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
        for (t, y) in &samples.0 {
            let sum = y[a] + y[b] + 2.0 * y[d];
            let expected = if *t < 20.1 { 3000.0 } else { 3500.0 };
            assert!((sum - expected).abs() < 1e-7, "{t}: {sum}");
            assert!(y.iter().all(|x| *x >= 0.0), "{t}: {y:?}");
            flowed |= y[a].fract() != 0.0;
        }
    }
    assert!(flowed);
}

#[test]
fn where_nothing_is_abundant_the_bits_are_those_of_an_exact_run() {
    let text = "compartment c = 1 fL assumed\nspecies A = 30 copies in c assumed\nspecies B in c\n\
        process there: A <-> B at 1 / s, 0.5 / s assumed\nprocess birth: -> A rate 3 copies / s assumed\n\
        process loss: B -> at 0.2 / s assumed\n";
    let (one, other) = (runs(text, &hybrid(0.03), 50.0, 5), runs(text, &ExactSettings::default(), 50.0, 5));
    for ((samples, outcome), (expected, exact)) in one.iter().zip(&other) {
        assert_eq!((samples, outcome.events), (expected, exact.events));
    }
}

#[test]
fn many_jumps_in_a_step_follow_what_flows() {
    // 20 copies that switch, 130 times a second together, one way by what flows, P(t) = 40,000 − 35,000 e^(−t). They are
    // independent, so binomial, with the share p of p' = a P(t) (1 − p) − b p.
    let text = "compartment c = 1 fL assumed\nspecies P = 5_000 copies in c assumed\n\
        species A = 20 copies in c assumed\nspecies B in c\n\
        process making: -> P rate 40_000 copies / s assumed\nprocess loss: P -> at 1 / s assumed\n\
        process there: A + P -> B + P at 5e-4 / copies / s assumed\nprocess back: B -> A at 10 / s assumed\n";
    let runs = runs(text, &hybrid(0.03), 4.0, 2000);
    let slope = |t: f64, p: f64| 5e-4 * (40_000.0 - 35_000.0 * (-t).exp()) * (1.0 - p) - 10.0 * p;
    let (mut p, h) = (0.0, 1e-4);
    for n in 0..=40_000 {
        let t = f64::from(n) * h;
        if n > 0 && n % 4_000 == 0 {
            let sample = n as usize / 400;
            let all: Vec<f64> = runs.iter().map(|(samples, _)| samples.0[sample].1[2]).collect();
            has_mean(&all, 20.0 * p, (20.0 * p * (1.0 - p)).sqrt());
        }
        let middle = p + 0.5 * h * slope(t, p);
        p += h * slope(t + 0.5 * h, middle);
    }
    fits(&last(&runs, 2), super::statistics::binomial(20, p));
    assert!(runs.iter().flat_map(|(samples, _)| &samples.0).all(|(_, y)| y[1] + y[2] == 20.0 && y[1].fract() == 0.0));
    assert!(events(&runs) < 2000 * 2000);
}

#[test]
fn the_noise_of_many_jumps_reaches_what_flows() {
    // 100 copies that switch 10 times a second each make a protein that flows: the variance that comes from them is
    // k² var(n) / (γ (γ + κ)), with κ = 20 / s (J. Paulsson, Nature 427, 2004); the protein's own noise, a fiftieth, is left out.
    let text = "compartment c = 1 fL assumed\nspecies On, Off = 50 copies in c assumed\n\
        species P = 100_000 copies in c assumed\nprocess switch: On <-> Off at 10 / s, 10 / s assumed\n\
        process making: On -> On + P at 2_000 / s assumed\nprocess loss: P -> at 1 / s assumed\n";
    let runs = runs(text, &hybrid(0.03), 10.0, 2000);
    let all = last(&runs, 2);
    let deviation = (2000.0f64.powi(2) * 25.0 / 21.0).sqrt();
    has_mean(&all, 100_000.0, deviation);
    let found = moments(&all).1;
    assert!((found / deviation - 1.0).abs() < 4.5 / 4000f64.sqrt(), "{found}, not {deviation}");
    assert!(runs.iter().flat_map(|(samples, _)| &samples.0).all(|(_, y)| y[0] + y[1] == 100.0));
    assert!(events(&runs) < 2000 * 20_000);
}
