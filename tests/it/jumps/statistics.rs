//! Tests of fit.

use super::FALSE_ALARM;
use exoc::solve::random::normal_quantile;

/// The chi-square test (Pearson 1900) of counts against a law on 0, 1, 2, …: neighbouring values are put together until
/// each class is expected ten times. The quantile is that of Wilson and Hilferty (PNAS 17, 1931).
pub fn fits(found: &[f64], law: impl Fn(usize) -> f64) {
    let n = found.len() as f64;
    let most = found.iter().fold(0.0f64, |a, b| a.max(*b)) as usize;
    let mut counts = vec![0.0; most + 1];
    found.iter().for_each(|x| counts[*x as usize] += 1.0);
    let (mut classes, mut expected, mut seen, mut covered) = (Vec::new(), 0.0, 0.0, 0.0);
    for (value, count) in counts.iter().enumerate() {
        let share = law(value);
        (expected, seen, covered) = (expected + n * share, seen + count, covered + share);
        if expected >= 10.0 && n * (1.0 - covered) >= 10.0 {
            classes.push((expected, seen));
            (expected, seen) = (0.0, 0.0);
        }
    }
    let rest = n - classes.iter().map(|c| c.0).sum::<f64>();
    let unseen = n - classes.iter().map(|c| c.1).sum::<f64>();
    classes.push((rest, unseen));
    let statistic: f64 = classes.iter().map(|(e, o)| (o - e) * (o - e) / e).sum();
    let degrees = (classes.len() - 1) as f64;
    assert!(degrees >= 3.0, "only {} classes", classes.len());
    let z = normal_quantile(1.0 - FALSE_ALARM);
    let c = 2.0 / (9.0 * degrees);
    let bound = degrees * (1.0 - c + z * c.sqrt()).powi(3);
    assert!(statistic < bound, "chi-square {statistic} with {degrees} degrees of freedom, at most {bound}");
}

/// The test of Kolmogorov and Smirnov of real numbers against a distribution function, by its asymptotic bound.
pub fn follows(mut found: Vec<f64>, below: impl Fn(f64) -> f64) {
    found.sort_by(f64::total_cmp);
    let n = found.len() as f64;
    let gap = |(i, x): (usize, &f64)| {
        let share = below(*x);
        (share - i as f64 / n).abs().max((share - (i + 1) as f64 / n).abs())
    };
    let distance = found.iter().enumerate().map(gap).fold(0.0, f64::max);
    let bound = (-0.5 * (FALSE_ALARM / 2.0).ln()).sqrt() / n.sqrt();
    assert!(distance < bound, "distance {distance}, at most {bound}");
}

/// The mean is within what chance allows, given the standard deviation of one.
pub fn has_mean(found: &[f64], mean: f64, deviation: f64) {
    let average = found.iter().sum::<f64>() / found.len() as f64;
    let bound = normal_quantile(1.0 - FALSE_ALARM / 2.0) * deviation / (found.len() as f64).sqrt();
    assert!((average - mean).abs() < bound, "mean {average}, expected {mean} ± {bound}");
}

fn ln_factorial(n: usize) -> f64 {
    (2..=n).map(|k| (k as f64).ln()).sum()
}

pub fn poisson(mean: f64) -> impl Fn(usize) -> f64 {
    move |n| (n as f64 * mean.ln() - mean - ln_factorial(n)).exp()
}

pub fn binomial(of: usize, p: f64) -> impl Fn(usize) -> f64 {
    move |n| {
        if n > of {
            return 0.0;
        }
        let ways = ln_factorial(of) - ln_factorial(n) - ln_factorial(of - n);
        (ways + n as f64 * p.ln() + (of - n) as f64 * (1.0 - p).ln()).exp()
    }
}

/// The number of failures before the r-th success, r real.
pub fn negative_binomial(r: f64, p: f64) -> impl Fn(usize) -> f64 {
    move |n| {
        let ways: f64 = (0..n).map(|k| ((r + k as f64) / (k as f64 + 1.0)).ln()).sum();
        (ways + r * p.ln() + n as f64 * (1.0 - p).ln()).exp()
    }
}
