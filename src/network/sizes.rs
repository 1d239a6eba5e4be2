//! Laws of vesicle diameters as distributions: shares below a diameter, quadrature within an interval.
//!
//! A law is a normal distribution cut to a range, and above nothing in any case: single vesicles are drawn from it so. (The
//! moments that the mean field uses, in [`geometry`](super::geometry), are those of the uncut normal where no range is given; the tail
//! below zero that they differ by holds 0.1 % at a spread of a third of the mean.) Lengths are in µm.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::geometry::MEMBRANE_THICKNESS;

/// A distribution of diameters.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SizeLaw {
    pub mean: f64,
    pub sd: f64,
    pub low: f64,
    pub high: f64,
}

/// Beyond so many standard deviations there is nothing to count.
const FAR: f64 = 9.0;

impl SizeLaw {
    pub fn new(mean: f64, sd: f64, range: Option<(f64, f64)>) -> SizeLaw {
        let (low, high) = range.unwrap_or((0.0, f64::INFINITY));
        SizeLaw { mean, sd, low: low.max(0.0), high }
    }

    /// All of one size, if they are.
    pub fn only(&self) -> Option<f64> {
        (self.sd <= 0.0 || self.high <= self.low).then(|| self.mean.clamp(self.low, self.high.max(self.low)))
    }

    /// The share of members that are not larger than this.
    pub fn below(&self, diameter: f64) -> f64 {
        if let Some(only) = self.only() {
            return if diameter >= only { 1.0 } else { 0.0 };
        }
        if diameter <= self.low {
            return 0.0;
        }
        if diameter >= self.high {
            return 1.0;
        }
        let (from, to) = (self.normal(self.low), self.normal(self.high));
        if to - from <= 0.0 {
            // A range so far out that all are at its nearer end.
            return if self.mean < self.low || diameter >= self.high { 1.0 } else { 0.0 };
        }
        ((self.normal(diameter) - from) / (to - from)).clamp(0.0, 1.0)
    }

    fn normal(&self, diameter: f64) -> f64 {
        0.5 * libm::erfc((self.mean - diameter) / self.sd * FRAC_1_SQRT_2)
    }

    /// The smallest and the largest diameter that there are, as far as there are ends.
    pub fn ends(&self) -> (f64, f64) {
        match self.only() {
            Some(only) => (only, only),
            None => (self.low, self.high),
        }
    }

    /// Where nearly all lie.
    pub fn bulk(&self) -> (f64, f64) {
        match self.only() {
            Some(only) => (only, only),
            None => (self.low.max(self.mean - FAR * self.sd), self.high.min(self.mean + FAR * self.sd)),
        }
    }

    /// Diameters between two bounds with the share of all members that each stands for: Gauss–Legendre on pieces of a
    /// standard deviation.
    pub fn nodes(&self, from: f64, to: f64) -> Vec<(f64, f64)> {
        if let Some(only) = self.only() {
            return if from <= only && only <= to { vec![(only, 1.0)] } else { Vec::new() };
        }
        let (low, high) = self.bulk();
        let (from, to) = (from.max(low), to.min(high));
        if from >= to {
            return Vec::new();
        }
        let pieces = ((to - from) / self.sd).ceil().max(1.0) as usize;
        let width = (to - from) / pieces as f64;
        let mut nodes = Vec::with_capacity(8 * pieces);
        for piece in 0..pieces {
            let (a, b) = (from + piece as f64 * width, from + (piece + 1) as f64 * width);
            let share = self.below(b) - self.below(a);
            let raw: Vec<(f64, f64)> = (LEGENDRE.iter())
                .flat_map(|(x, w)| [(-x, *w), (*x, *w)])
                .map(|(x, w)| {
                    let d = 0.5 * (a + b) + 0.5 * width * x;
                    (d, w * libm::exp(-0.5 * ((d - self.mean) / self.sd).powi(2)))
                })
                .collect();
            let all: f64 = raw.iter().map(|(_, w)| w).sum();
            if all > 0.0 && share > 0.0 {
                nodes.extend(raw.into_iter().map(|(d, w)| (d, w / all * share)));
            }
        }
        nodes
    }
}

/// Area of a membrane at the outer diameter.
pub fn area_of(diameter: f64) -> f64 {
    PI * diameter * diameter
}

/// Volume of the lumen.
pub fn lumen_of(diameter: f64) -> f64 {
    PI / 6.0 * (diameter - 2.0 * MEMBRANE_THICKNESS).max(0.0).powi(3)
}

/// The diameter of that area.
pub fn diameter_of_area(area: f64) -> f64 {
    (area.max(0.0) / PI).sqrt()
}

/// The diameter of a vesicle with that lumen.
pub fn diameter_of_lumen(volume: f64) -> f64 {
    2.0 * MEMBRANE_THICKNESS + libm::cbrt(volume.max(0.0) * 6.0 / PI)
}

/// Positive nodes and weights of the four-point Gauss–Legendre rule (Abramowitz & Stegun, table 25.4).
const LEGENDRE: [(f64, f64); 2] =
    [(0.339_981_043_584_856_3, 0.652_145_154_862_546_1), (0.861_136_311_594_052_6, 0.347_854_845_137_453_85)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_cut_normal() {
        let law = SizeLaw::new(0.08, 0.025, Some((0.03, 0.15)));
        assert_eq!((law.below(0.03), law.below(0.15), law.below(1.0)), (0.0, 1.0, 1.0));
        // Φ(0.4) = 0.655 421 74, Φ(-2) = 0.022 750 13, Φ(2.8) = 0.997 444 87.
        let expected = (0.655_421_741_6 - 0.022_750_131_9) / (0.997_444_869_7 - 0.022_750_131_9);
        assert!((law.below(0.09) - expected).abs() < 1e-9);
        let nodes = law.nodes(0.03, 0.09);
        assert!((nodes.iter().map(|n| n.1).sum::<f64>() - expected).abs() < 1e-9);
    }

    #[test]
    fn nodes_integrate_as_the_geometry_does() {
        let law = SizeLaw::new(0.08, 0.025, Some((0.03, 0.15)));
        let lumen: f64 = law.nodes(0.0, 1.0).iter().map(|(d, w)| w * lumen_of(*d)).sum();
        let known = crate::network::geometry::Geometry::new(0.08, 0.025, Some((0.03, 0.15))).lumen;
        assert!((lumen / known - 1.0).abs() < 1e-6, "{lumen} {known}");
    }

    #[test]
    fn one_size_is_one_size() {
        let law = SizeLaw::new(0.3, 0.0, None);
        assert_eq!((law.below(0.2999), law.below(0.3)), (0.0, 1.0));
        assert_eq!(law.nodes(0.0, 1.0), vec![(0.3, 1.0)]);
        assert!((diameter_of_area(area_of(0.3)) - 0.3).abs() < 1e-15);
        assert!((diameter_of_lumen(lumen_of(0.3)) - 0.3).abs() < 1e-15);
    }
}
