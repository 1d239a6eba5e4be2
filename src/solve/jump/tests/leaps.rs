//! Leaps of stiff schemes against closed forms.

use crate::solve::jump::*;

/// Mass action: reactants, changes, coefficient of the combinations.
type Reaction = (&'static [u32], &'static [(u32, f64)], f64);

struct Coefficients(Vec<f64>);

impl Rates for Coefficients {
    fn coefficients(&self, out: &mut [f64]) {
        out.copy_from_slice(&self.0);
    }

    fn propensity(&self, _channel: usize, _t: f64, _x: &[f64]) -> f64 {
        f64::NAN
    }
}

fn scheme(states: usize, reactions: &[Reaction]) -> (Scheme, Coefficients) {
    let one = states as u32;
    let channel = |&(reactants, changes, _): &Reaction| {
        let (i, j, less) = match *reactants {
            [] => (one, one, 0.0),
            [i] => (i, one, 0.0),
            [i, j] => (i, j, f64::from(u8::from(i == j))),
            _ => unreachable!("two at most"),
        };
        let mut reads = reactants.to_vec();
        reads.sort_unstable();
        reads.dedup();
        let propensity = Propensity::Combination { i, j, less };
        Channel { propensity, reads, drifts: false, effect: Effect::Change(changes.to_vec()) }
    };
    let coefficients = reactions.iter().map(|(_, _, k)| *k).collect();
    (Scheme::new(states, reactions.iter().map(channel).collect(), &[], Search::Auto), Coefficients(coefficients))
}

/// Means and covariances of all states at `end` over so many runs, and leaps in all: of all kinds, and implicit ones.
struct Found {
    means: Vec<f64>,
    covariance: Vec<Vec<f64>>,
    leaps: [u64; 2],
}

fn leap(reactions: &[Reaction], start: &[f64], stops: &[f64], epsilon: f64, runs: u64) -> Found {
    let (scheme, rates) = scheme(start.len(), reactions);
    let mut all = Vec::new();
    let mut leaps = [0, 0];
    for run in 0..runs {
        // Firings of what is in balance use no budget up.
        let mut jumper = Jumper::new(&scheme, 5, run, 1_000_000);
        let mut leaper = Leaper::new(&jumper, 5, run, epsilon);
        jumper.place(&rates, 0.0, start).unwrap();
        for stop in stops {
            while jumper.leap(&rates, &mut NoIndividuals, &mut leaper, *stop).unwrap() != Halt::Limit {}
            assert!(jumper.state().iter().all(|x| *x >= 0.0 && x.fract() == 0.0), "{:?}", jumper.state());
        }
        all.push(jumper.state().to_vec());
        leaps[0] += leaper.leaps;
        leaps[1] += leaper.implicit_leaps;
    }
    let n = runs as f64;
    let states = 0..start.len();
    let means: Vec<f64> = states.clone().map(|i| all.iter().map(|x| x[i]).sum::<f64>() / n).collect();
    let moment =
        |i: usize, j: usize| all.iter().map(|x| (x[i] - means[i]) * (x[j] - means[j])).sum::<f64>() / (n - 1.0);
    let covariance = states.clone().map(|i| states.clone().map(|j| moment(i, j)).collect()).collect();
    Found { means, covariance, leaps }
}

#[test]
fn a_slow_decay_out_of_a_fast_balance_has_its_mean_and_spread() {
    // A and B turn into each other 10,000 times a second, and B is lost at 0.01 per second: of 20,000 copies the share
    // exp(−0.25) is left after 50 s, half of it A. One by one that is 10^10 events.
    let reactions: [Reaction; 3] = [
        (&[0], &[(0, -1.0), (1, 1.0)], 1e4),
        (&[1], &[(0, 1.0), (1, -1.0)], 1e4),
        (&[1], &[(1, -1.0), (2, 1.0)], 0.01),
    ];
    let share = (-0.25f64).exp();
    let mut errors = Vec::new();
    for epsilon in [0.1, 0.03, 0.01] {
        let found = leap(&reactions, &[10_000.0, 10_000.0, 0.0], &[20.0, 50.0], epsilon, 400);
        let lost = 20_000.0 * (1.0 - share);
        // The rate that a leap begins with has changed by ε at its end.
        assert!((found.means[2] - lost).abs() < epsilon * lost, "{epsilon}: {}, not {lost}", found.means[2]);
        errors.push((found.means[2] - lost).abs());
        let spread = (20_000.0 * share * (1.0 - share)).sqrt();
        let deviation = found.covariance[2][2].sqrt();
        assert!((deviation / spread - 1.0).abs() < 0.15, "{epsilon}: {deviation}, not {spread}");
        // Of what is left each copy is A by a half.
        let left = 20_000.0 - found.means[2];
        let of_one = (0.25 * left + 0.25 * found.covariance[2][2]).sqrt();
        let deviation = found.covariance[0][0].sqrt();
        assert!((deviation / of_one - 1.0).abs() < 0.15, "{epsilon}: {deviation}, not {of_one}");
        let of_difference = found.covariance[0][0] + found.covariance[1][1] - 2.0 * found.covariance[0][1];
        assert!((of_difference / left - 1.0).abs() < 0.25, "{epsilon}: {of_difference}, not {left}");
        assert!(found.leaps[1] > 0 && found.leaps[0] < 400 * 1000, "{:?}", found.leaps);
    }
    assert!(errors[2] < 0.5 * errors[0], "{errors:?}");
}

#[test]
fn what_is_in_balance_keeps_the_noise_of_its_equilibrium() {
    // Three states in a row: multinomial in the end, whatever the length of leaps. Two pairs share a state.
    let reactions: [Reaction; 4] = [
        (&[0], &[(0, -1.0), (1, 1.0)], 100.0),
        (&[1], &[(0, 1.0), (1, -1.0)], 200.0),
        (&[1], &[(1, -1.0), (2, 1.0)], 300.0),
        (&[2], &[(1, 1.0), (2, -1.0)], 300.0),
    ];
    let total = 40_000f64;
    for stops in [&[1.0, 2.0][..], &[0.001, 0.005, 0.02, 0.05, 0.1]] {
        let found = leap(&reactions, &[20_000.0, 10_000.0, 10_000.0], stops, 0.03, 1000);
        for (i, share) in [0.5, 0.25, 0.25].into_iter().enumerate() {
            let spread = (total * share * (1.0 - share)).sqrt();
            // Five standard errors of a mean and of a deviation.
            assert!((found.means[i] - total * share).abs() < 5.0 * spread / 1000f64.sqrt(), "{:?}", found.means);
            let deviation = found.covariance[i][i].sqrt();
            assert!((deviation / spread - 1.0).abs() < 5.0 / 2000f64.sqrt(), "{i}: {deviation}, not {spread}");
        }
        let correlation = found.covariance[0][1] / (found.covariance[0][0] * found.covariance[1][1]).sqrt();
        // −√(p q / ((1 − p)(1 − q)))
        assert!((correlation + (1.0f64 / 3.0).sqrt()).abs() < 0.12, "{correlation}");
        assert!(found.leaps[1] > 0);
    }
}

#[test]
fn pairs_that_meet_and_part_have_the_law_of_exact_runs() {
    // 2 A ⇌ B with 2,000 of A and 1,000 of B at rest: the number of meetings has the variance 1 / (4/A + 1/B), to first
    // order.
    let (a, b) = (2000.0, 1000.0);
    let parting = 1e3;
    let meeting = parting * b / (a * (a - 1.0));
    let reactions: [Reaction; 2] =
        [(&[0, 0], &[(0, -2.0), (1, 1.0)], meeting), (&[1], &[(0, 2.0), (1, -1.0)], parting)];
    let found = leap(&reactions, &[a, b], &[0.5, 1.0], 0.03, 1000);
    let spread = (4.0 / a + 1.0f64 / b).powf(-0.5);
    assert!((found.means[1] - b).abs() < 5.0 * spread / 1000f64.sqrt() + 0.5, "{:?}", found.means);
    let deviation = found.covariance[1][1].sqrt();
    assert!((deviation / spread - 1.0).abs() < 0.12, "{deviation}, not {spread}");
    assert!(found.leaps[1] > 0);
}

#[test]
fn scarce_amounts_are_not_taken_as_in_balance() {
    // 12 copies that turn fast: binomial all the same, one by one.
    let reactions: [Reaction; 2] = [(&[0], &[(0, -1.0), (1, 1.0)], 100.0), (&[1], &[(0, 1.0), (1, -1.0)], 100.0)];
    let found = leap(&reactions, &[12.0, 12.0], &[1.0], 0.03, 1000);
    assert_eq!(found.leaps[1], 0);
    assert!((found.means[0] - 12.0).abs() < 5.0 * 6f64.sqrt() / 1000f64.sqrt(), "{:?}", found.means);
    assert!((found.covariance[0][0] / 6.0 - 1.0).abs() < 0.25, "{:?}", found.covariance);
}
