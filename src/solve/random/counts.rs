//! Numbers of events: Poisson and binomial.
//!
//! Small means by inversion, one uniform number each; others by transformed rejection with squeeze (W. Hörmann: The
//! transformed rejection method for generating Poisson random variables, Insurance: Mathematics and Economics 12, 1993,
//! PTRS; The generation of binomial random variates, J. Stat. Comput. Simul. 46, 1993, BTRS). Means above
//! [`LARGEST_MEAN`] are returned as they are, rounded: their spread is below a part in 30,000.

#![allow(clippy::excessive_precision, reason = "coefficients as they are published")]

/// Above it a number is its mean.
pub const LARGEST_MEAN: f64 = 1e9;
/// Means below it are drawn by inversion.
const SMALL: f64 = 10.0;

/// A Poisson number of that mean; 0 for a mean that isn't positive.
pub fn poisson(mean: f64, unit: &mut impl FnMut() -> f64) -> f64 {
    if mean.is_nan() || mean <= 0.0 {
        return 0.0;
    }
    if mean > LARGEST_MEAN {
        return mean.round();
    }
    if mean < SMALL {
        return invert(libm::exp(-mean), f64::INFINITY, unit(), |k| mean / k);
    }
    let (root, log) = (mean.sqrt(), libm::log(mean));
    let b = 0.931 + 2.53 * root;
    let a = -0.059 + 0.02483 * b;
    let scale = libm::log(1.1239 + 1.1328 / (b - 3.4));
    let squeeze = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let u = unit() - 0.5;
        let v = unit();
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
        if us >= 0.07 && v <= squeeze {
            return k;
        }
        if k < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        if libm::log(v) + scale - libm::log(a / (us * us) + b) <= -mean + k * log - libm::lgamma(k + 1.0) {
            return k;
        }
    }
}

/// How many of `n`, a whole number, are taken if each is with that probability; below 0 counts as 0, above 1 as 1.
pub fn binomial(n: f64, probability: f64, unit: &mut impl FnMut() -> f64) -> f64 {
    if n <= 0.0 || probability.is_nan() || probability <= 0.0 {
        return 0.0;
    }
    if probability >= 1.0 {
        return n;
    }
    if probability > 0.5 {
        return n - binomial(n, 1.0 - probability, unit);
    }
    let mean = n * probability;
    if mean > LARGEST_MEAN {
        return mean.round();
    }
    let odds = probability / (1.0 - probability);
    if mean < SMALL {
        let none = libm::exp(n * libm::log1p(-probability));
        return invert(none, n, unit(), |k| odds * (n - k + 1.0) / k);
    }
    let spread = (mean * (1.0 - probability)).sqrt();
    let b = 1.15 + 2.53 * spread;
    let a = -0.0873 + 0.0248 * b + 0.01 * probability;
    let (centre, squeeze, alpha) = (mean + 0.5, 0.92 - 4.2 / b, (2.83 + 5.1 / b) * spread);
    let mode = ((n + 1.0) * probability).floor();
    loop {
        let u = unit() - 0.5;
        let v = unit();
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + centre).floor();
        if us >= 0.07 && v <= squeeze {
            return k;
        }
        if !(0.0..=n).contains(&k) {
            continue;
        }
        let left = libm::log(v * alpha / (a / (us * us) + b));
        let right = (mode + 0.5) * libm::log((mode + 1.0) / (odds * (n - mode + 1.0)))
            + (n + 1.0) * libm::log((n - mode + 1.0) / (n - k + 1.0))
            + (k + 0.5) * libm::log(odds * (n - k + 1.0) / (k + 1.0))
            + stirling(mode)
            + stirling(n - mode)
            - stirling(k)
            - stirling(n - k);
        if left <= right {
            return k;
        }
    }
}

/// The first k at which the distribution function, from its value at 0 and the ratios of successive terms, passes `u`.
fn invert(at_zero: f64, most: f64, mut u: f64, ratio: impl Fn(f64) -> f64) -> f64 {
    let (mut term, mut k) = (at_zero, 0.0);
    // The terms add up to 1 less rounding: what is left beyond 200 at such small means is rounding.
    while u > term && k < most && k < 200.0 {
        u -= term;
        k += 1.0;
        term *= ratio(k);
    }
    k
}

/// ln k! less Stirling's formula for it, at k + 1.
fn stirling(k: f64) -> f64 {
    const SMALL: [f64; 10] = [
        0.081_061_466_795_327_26,
        0.041_340_695_955_409_294,
        0.027_677_925_684_998_34,
        0.020_790_672_103_765_093,
        0.016_644_691_189_821_193,
        0.013_876_128_823_070_748,
        0.011_896_709_945_891_77,
        0.010_411_265_261_972_096,
        0.009_255_462_182_712_733,
        0.008_330_563_433_362_871,
    ];
    if let Some(value) = SMALL.get(k as usize) {
        return *value;
    }
    let next = k + 1.0;
    let square = next * next;
    (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / next
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solve::random::{Philox, Purpose, unit};

    fn moments(draw: impl Fn(&mut dyn FnMut() -> f64) -> f64) -> (f64, f64) {
        let mut stream = Philox::new(5).stream(Purpose::Member, 9);
        let mut next = || stream.next().map_or(0.5, unit);
        let n = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let k = draw(&mut next);
            sum += k;
            squares += k * k;
        }
        let mean = sum / f64::from(n);
        (mean, squares / f64::from(n) - mean * mean)
    }

    /// Five standard errors of mean and variance; seeds are fixed, so this passes or it doesn't.
    fn holds((mean, variance): (f64, f64), expected: (f64, f64)) {
        let n: f64 = 200_000.0;
        assert!((mean - expected.0).abs() < 5.0 * (expected.1 / n).sqrt(), "{mean} {expected:?}");
        let error = expected.1 * ((2.0 + 1.0 / expected.1) / n).sqrt();
        assert!((variance - expected.1).abs() < 5.0 * error, "{variance} {expected:?}");
    }

    #[test]
    fn poisson_numbers_have_their_mean_and_variance() {
        for mean in [0.01, 0.7, 3.0, 9.9, 10.1, 42.0, 1e4, 1e8] {
            holds(moments(|mut unit| poisson(mean, &mut unit)), (mean, mean));
        }
    }

    #[test]
    fn binomial_numbers_have_their_mean_and_variance() {
        let cases =
            [(1.0, 0.3), (5.0, 0.5), (40.0, 0.02), (40.0, 0.9), (50.0, 0.4), (1e6, 1e-6), (1e6, 0.7), (1e12, 1e-10)];
        for (n, p) in cases {
            holds(moments(|mut unit| binomial(n, p, &mut unit)), (n * p, n * p * (1.0 - p)));
        }
    }

    #[test]
    fn nothing_and_everything() {
        let mut half = || 0.5;
        assert_eq!(binomial(7.0, 1.5, &mut half), 7.0);
        assert_eq!(binomial(7.0, -1.0, &mut half), 0.0);
        assert_eq!(binomial(0.0, 0.5, &mut half), 0.0);
        assert_eq!(poisson(0.0, &mut half), 0.0);
        assert_eq!(poisson(f64::NAN, &mut half), 0.0);
        assert_eq!(poisson(3e9, &mut half), 3e9);
    }
}
