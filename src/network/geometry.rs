//! Sizes of vesicles: mean diameter, membrane area and lumen volume of a class, from the distribution of diameters.
//!
//! Diameters are normal, cut to a range if one is given; lengths are in µm. Without a range the moments are those of
//! the whole normal distribution, in closed form, though its tail below zero stands for nothing: at the usual spread
//! (sd a third of the mean) that tail holds 0.1 % of the members. With a range they are integrated numerically.

use std::f64::consts::PI;

/// Thickness of a membrane, in µm: what a diameter has more, twice, than its lumen.
pub const MEMBRANE_THICKNESS: f64 = 0.005;

/// Means over a class of vesicles.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Geometry {
    /// µm.
    pub diameter: f64,
    /// Of one membrane, at the outer diameter: π times the mean of d², in µm².
    pub area: f64,
    /// π/6 times the mean of (d - 2w)³ for a membrane of thickness w, in µm³; never negative.
    pub lumen: f64,
}

impl Geometry {
    /// Of diameters with this mean and standard deviation, cut to this range.
    pub fn new(mean: f64, sd: f64, range: Option<(f64, f64)>) -> Geometry {
        let inner = 2.0 * MEMBRANE_THICKNESS;
        let (diameter, square, cube) = match range {
            Some((low, high)) if sd > 0.0 && high > low => (
                truncated_mean(mean, sd, low, high, |d| d),
                truncated_mean(mean, sd, low, high, |d| d * d),
                truncated_mean(mean, sd, low, high, |d| (d - inner).max(0.0).powi(3)),
            ),
            _ => {
                let lumen = mean - inner;
                (mean, mean * mean + sd * sd, lumen.powi(3) + 3.0 * lumen * sd * sd)
            }
        };
        Geometry { diameter, area: PI * square, lumen: (PI / 6.0 * cube).max(0.0) }
    }
}

/// E f(d) for a normal d within bounds: Gauss–Legendre on pieces of at most half a standard deviation, which is
/// exact to rounding for cubes against a normal density. Bounds beyond 12 standard deviations count as there, unless
/// nothing of the range is nearer; then the nearer bound has all the weight.
fn truncated_mean(mean: f64, sd: f64, low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (a, b) = (low.max(mean - 12.0 * sd), high.min(mean + 12.0 * sd));
    if a >= b {
        return f(if mean < low { low } else { high });
    }
    // The densest point of the range: weights are relative to it, so that none of them underflows.
    let peak = (mean.clamp(a, b) - mean) / sd;
    let density = |d: f64| (0.5 * (peak * peak - ((d - mean) / sd).powi(2))).exp();
    let pieces = ((b - a) / (0.5 * sd)).ceil().max(1.0) as usize;
    let width = (b - a) / pieces as f64;
    let (mut weight, mut total) = (0.0, 0.0);
    for piece in 0..pieces {
        let middle = a + (piece as f64 + 0.5) * width;
        for (x, w) in LEGENDRE {
            for d in [middle - 0.5 * width * x, middle + 0.5 * width * x] {
                let mass = w * density(d);
                weight += mass;
                total += mass * f(d);
            }
        }
    }
    total / weight
}

/// Positive nodes and weights of the eight-point Gauss–Legendre rule (Abramowitz & Stegun, table 25.4).
const LEGENDRE: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-9 * b.abs(), "{a} is not {b}");
    }

    #[test]
    fn without_spread_it_is_a_sphere() {
        let g = Geometry::new(0.5, 0.0, None);
        near(g.area, PI * 0.25);
        near(g.lumen, PI / 6.0 * 0.49f64.powi(3));
    }

    #[test]
    fn a_wide_range_gives_the_moments_of_the_normal() {
        let whole = Geometry::new(0.4, 0.03, None);
        let cut = Geometry::new(0.4, 0.03, Some((0.04, 1.0)));
        near(cut.diameter, 0.4);
        near(cut.area, whole.area);
        near(cut.lumen, whole.lumen);
    }

    #[test]
    fn half_a_normal_has_its_known_mean() {
        // E[d | d > mean] = mean + sd √(2/π).
        let g = Geometry::new(0.1, 0.02, Some((0.1, 10.0)));
        near(g.diameter, 0.1 + 0.02 * (2.0 / PI).sqrt());
        near(g.area, PI * (0.01 + 2.0 * 0.1 * 0.02 * (2.0 / PI).sqrt() + 0.0004));
    }

    #[test]
    fn a_truncated_normal_agrees_with_a_fine_sum() {
        let (mean, sd, low, high) = (0.08, 0.025, 0.03, 0.15);
        let n = 2_000_000;
        let (mut weight, mut cube) = (0.0, 0.0);
        for i in 0..n {
            let d = low + (high - low) * (f64::from(i) + 0.5) / f64::from(n);
            let w = (-0.5 * ((d - mean) / sd).powi(2)).exp();
            weight += w;
            cube += w * (d - 0.01).powi(3);
        }
        near(Geometry::new(mean, sd, Some((low, high))).lumen, PI / 6.0 * cube / weight);
    }

    #[test]
    fn a_range_far_away_is_its_nearer_bound() {
        near(Geometry::new(0.1, 0.001, Some((0.5, 0.6))).diameter, 0.5);
    }
}
