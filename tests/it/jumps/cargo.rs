//! What buds capture against closed forms: compound Poisson contents, with sizes all alike and spread, and pools that run out.
//!
//! A bud of size v takes of a pool with density c a Poisson number about c v; over a law of sizes that is a mixed Poisson law, of
//! mean λ = c ⟨v⟩ and variance λ + λ² CV²(v) (N. L. Johnson, A. W. Kemp, S. Kotz, *Univariate Discrete Distributions*, 2005, 8.3).

use std::f64::consts::PI;

use super::statistics::{binomial, fits, follows, has_mean, poisson};
use super::vesicles::{Last, One, lasts};
use exoc::simulate::Protocol;
use exoc::simulate::exact::ExactSettings;
use exoc::solve::random::normal_below;

/// Copies per µm³ at 1 µM.
const MICROMOLAR: f64 = 602.214076;

fn lumen(d: f64) -> f64 {
    PI / 6.0 * (d - 0.01).powi(3)
}

fn area(d: f64) -> f64 {
    PI * d * d
}

/// Buds of a diameter, in nm, that come at a rate of so many a minute, off a membrane that is as good as endless and has 30 CD9 a µm²; 1 µM
/// miR21 in the lumen, twice enriched.
fn buds(diameter: &str, rate: f64) -> String {
    format!(
        "compartment medium = 1 mL assumed\ncompartment cytosol = 2 pL in medium assumed\n\
         compartment plasma_membrane = 1e7 um^2 between cytosol and medium assumed\n\
         cargo miR21 = 1 uM in cytosol, fixed assumed\ncargo CD9 = 3e8 copies in plasma_membrane, fixed assumed\n\
         vesicle E in medium {{ diameter {diameter} assumed }}\n\
         process shedding: bud E from plasma_membrane rate {rate} copies / min assumed\n\
         capturing miR21 (enriched: 2 fold), CD9\n"
    )
}

/// Positions of the cargoes of [`buds`].
const MIR21: usize = 0;
const CD9: usize = 1;

fn held(run: &Last, cargo: usize) -> Vec<f64> {
    run.all.iter().map(|one| one.held[cargo]).collect()
}

/// The mean and the variance, which is within 4.5 errors, given the fourth central moment.
fn has_moments(found: &[f64], mean: f64, variance: f64, fourth: f64) {
    let n = found.len() as f64;
    has_mean(found, mean, variance.sqrt());
    let second = found.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    let bound = 4.5 * ((fourth - variance * variance) / n).sqrt();
    assert!((second - variance).abs() < bound, "variance {second}, expected {variance} ± {bound}");
}

#[test]
fn contents_of_vesicles_all_alike_are_poisson() {
    let run = &lasts(&buds("120 nm", 1000.0), 20.0, 1)[0];
    let n = run.all.len() as f64;
    assert!((n - 20_000.0).abs() < 4.5 * 20_000f64.sqrt(), "{n}");
    for (cargo, mean) in [(MIR21, 2.0 * MICROMOLAR * lumen(0.12)), (CD9, 30.0 * area(0.12))] {
        let found = held(run, cargo);
        fits(&found, poisson(mean));
        // Mean, a Fano factor of one, and the share without any.
        has_moments(&found, mean, mean, mean + 3.0 * mean * mean);
        let empty: Vec<f64> = found.iter().map(|copies| f64::from(*copies == 0.0)).collect();
        let share = (-mean).exp();
        has_mean(&empty, share, (share * (1.0 - share)).sqrt());
    }
}

#[test]
fn all_contents_together_are_a_compound_poisson_number() {
    // Poisson many of Poisson contents, by the recursion of H. H. Panjer (ASTIN Bulletin 12, 1981); and its moments: cumulants are those
    // of the number times the moments of one.
    let (number, each): (f64, f64) = (6.0, 2.0 * MICROMOLAR * lumen(0.12));
    let runs = lasts(&buds("120 nm", 2.0), 3.0, 4000);
    let all: Vec<f64> = runs.iter().map(|run| held(run, MIR21).iter().sum()).collect();
    let single = poisson(each);
    let mut law = vec![(number * (single(0) - 1.0)).exp()];
    for k in 1..400 {
        let sum: f64 = (1..=k).map(|j| j as f64 * single(j) * law[k - j]).sum();
        law.push(number / k as f64 * sum);
    }
    fits(&all, |k| law.get(k).copied().unwrap_or(0.0));
    let second = each + each * each;
    let fourth = each + 7.0 * each.powi(2) + 6.0 * each.powi(3) + each.powi(4);
    let variance = number * second;
    has_moments(&all, number * each, variance, number * fourth + 3.0 * variance * variance);
    fits(&runs.iter().map(|run| run.all.len() as f64).collect::<Vec<f64>>(), poisson(number));
}

/// A normal law of diameters, in µm, cut to a range.
struct Spread {
    mean: f64,
    sd: f64,
    low: f64,
    high: f64,
}

impl Spread {
    fn below(&self, d: f64) -> f64 {
        let at = |d: f64| normal_below((d - self.mean) / self.sd);
        (at(d.clamp(self.low, self.high)) - at(self.low)) / (at(self.high) - at(self.low))
    }

    /// Mean of a function, by steps with the weight of the law.
    fn over(&self, of: impl Fn(f64) -> f64) -> f64 {
        let steps = 4000;
        let at = |i: usize| self.low + (self.high - self.low) * i as f64 / f64::from(steps);
        let piece = |i: usize| of(0.5 * (at(i) + at(i + 1))) * (self.below(at(i + 1)) - self.below(at(i)));
        (0..steps as usize).map(piece).sum()
    }
}

#[test]
fn contents_of_spread_vesicles_are_mixed_poisson() {
    let sizes = Spread { mean: 0.12, sd: 0.03, low: 0.05, high: 0.25 };
    let run = &lasts(&buds("120 nm ± 30 nm, 50 nm .. 250 nm", 1000.0), 20.0, 1)[0];
    follows(run.all.iter().map(|one| one.diameter).collect(), |d| sizes.below(d));
    let in_lumen = |d: f64| 2.0 * MICROMOLAR * lumen(d);
    let on_membrane = |d: f64| 30.0 * area(d);
    let cargoes: [(usize, &dyn Fn(f64) -> f64); 2] = [(MIR21, &in_lumen), (CD9, &on_membrane)];
    for (cargo, load) in cargoes {
        let found = held(run, cargo);
        let law: Vec<f64> = (0..80).map(|k| sizes.over(|d| poisson(load(d))(k))).collect();
        fits(&found, |k| law.get(k).copied().unwrap_or(0.0));
        let mean = sizes.over(load);
        let cv2 = sizes.over(|d| (load(d) / mean - 1.0).powi(2));
        let central = |power: i32| law.iter().zip(0..).map(|(p, k)| p * (f64::from(k) - mean).powi(power)).sum::<f64>();
        let variance = mean + mean * mean * cv2;
        assert!((central(2) / variance - 1.0).abs() < 1e-4, "{} {variance}", central(2));
        has_moments(&found, mean, variance, central(4));
        assert!(variance > 1.2 * mean);
        // Each about what its own size says: (n − λ)² − λ has the mean 0 and the variance λ + 2 λ².
        let off = |one: &One| (one.held[cargo] - load(one.diameter)).powi(2) - load(one.diameter);
        let deviation = sizes.over(|d| load(d) + 2.0 * load(d) * load(d)).sqrt();
        has_mean(&run.all.iter().map(off).collect::<Vec<f64>>(), 0.0, deviation);
    }
}

/// Poisson many buds off a membrane of 10 µm² with 200 copies, and 300 copies in a lumen of 0.1 µm³.
const SMALL: &str = "compartment medium = 1 mL assumed\ncompartment cytosol = 0.1 fL in medium assumed\n\
    compartment plasma_membrane = 10 um^2 between cytosol and medium assumed\n\
    cargo miR21 = 300 copies in cytosol assumed\ncargo CD63 = 200 copies in plasma_membrane assumed\n\
    vesicle E in medium { diameter 150 nm assumed }\n\
    process shedding: bud E from plasma_membrane rate 10 copies / min assumed\n    capturing miR21, CD63\n";

#[test]
fn a_pool_that_runs_out_leaves_binomial_numbers() {
    // Given m buds each copy was left by all of them: on the membrane, which shrinks, with (A − a)/A · (A − 2a)/(A − a) · … = 1 − m a/A,
    // in the lumen with (1 − v/V)^m.
    let runs = lasts(SMALL, 3.0, 3000);
    let model = super::model(SMALL);
    let [mir21, cd63] = ["miR21", "CD63"].map(|name| super::position(&model, name));
    let (cargo, number) = (&model.network().individuals.cargoes, poisson(30.0));
    let [in_lumen, on_membrane] = ["miR21", "CD63"].map(|name| cargo.iter().position(|c| c == name).unwrap());
    for run in &runs {
        assert_eq!(run.species[mir21] + held(run, in_lumen).iter().sum::<f64>(), 300.0);
        assert_eq!(run.species[cd63] + held(run, on_membrane).iter().sum::<f64>(), 200.0);
    }
    let mixed = |of: usize, left: &dyn Fn(f64) -> f64| -> Vec<f64> {
        let mut law = vec![0.0; of + 1];
        for m in 0..90usize {
            let (share, given) = (number(m), binomial(of, left(m as f64)));
            law.iter_mut()
                .enumerate()
                .for_each(|(k, p)| *p += share * if m == 0 { f64::from(k == of) } else { given(k) });
        }
        law
    };
    type Left<'l> = &'l dyn Fn(f64) -> f64;
    let cases: [(usize, usize, Left<'_>); 2] =
        [(mir21, 300, &|m: f64| (1.0 - lumen(0.15) / 0.1).powf(m)), (cd63, 200, &|m: f64| 1.0 - m * area(0.15) / 10.0)];
    for (species, of, left) in cases {
        let law = mixed(of, left);
        let found: Vec<f64> = runs.iter().map(|run| run.species[species]).collect();
        fits(&found, |k| law.get(k).copied().unwrap_or(0.0));
    }
}

/// Coats that each cut off one vesicle.
const COATED: &str = "compartment medium = 1 mL assumed\ncompartment cytosol = 0.1 fL in medium assumed\n\
    compartment plasma_membrane = 1000 um^2 between cytosol and medium assumed\n\
    machinery Coat = 40 copies in plasma_membrane assumed\nmachinery Piece = 0 copies in cytosol assumed\n\
    vesicle E in medium { diameter 150 nm assumed }\n\
    process scission: bud E from plasma_membrane rate 0.1 / min * Coat assumed\n    turning Coat -> 3 Piece\n";

#[test]
fn a_coat_makes_one_vesicle_and_its_pieces() {
    let model = super::model(COATED);
    let [coat, piece, vesicle] = ["Coat", "Piece", "E"].map(|name| super::position(&model, name));
    for settings in [ExactSettings::default(), ExactSettings { hybrid: Some(0.03), ..ExactSettings::default() }] {
        let exact = super::ready(&model, &settings);
        let protocol = Protocol::sampled(300.0, 300.0);
        let last = |n| super::run(&exact, &protocol, n, &settings).0.0.last().unwrap().1.clone();
        let runs: Vec<Vec<f64>> = (0..3000).map(last).collect();
        for x in &runs {
            assert_eq!((x[coat] + x[vesicle], x[piece]), (40.0, 3.0 * x[vesicle]));
        }
        let made: Vec<f64> = runs.iter().map(|x| x[vesicle]).collect();
        fits(&made, binomial(40, 1.0 - (-0.5f64).exp()));
    }
}

#[test]
fn without_a_coat_nothing_buds() {
    let text = COATED.replace("0.1 / min * Coat", "100 copies / min");
    let made = super::ends(&text, "E", 600.0, 3);
    assert_eq!(made, [40.0; 3]);
}

#[test]
fn a_fixed_pool_of_less_than_a_copy_keeps_its_mean() {
    // What is fixed is a mean that outside provides, not a count: half a copy in 0.001 µm³.
    let text = buds("120 nm", 1000.0)
        .replace("cytosol = 2 pL", "cytosol = 0.001 fL")
        .replace("miR21 = 1 uM", "miR21 = 0.5 copies");
    let run = &lasts(&text, 10.0, 1)[0];
    fits(&held(run, MIR21), poisson(2.0 * 500.0 * lumen(0.12)));
}
