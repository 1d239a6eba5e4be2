//! Diameters, and what follows from them.

use std::f64::consts::PI;

use crate::solve::random::{normal_below, normal_quantile};

/// Thickness of a membrane in µm: what a diameter has more, twice, than its lumen.
pub const MEMBRANE_THICKNESS: f64 = 0.005;

/// The unit in which membrane is counted, in µm²: 0.06 nm². Up to 5e8 µm² sums of it are exact.
pub const GRAIN: f64 = 1.0 / (1u64 << 24) as f64;

/// A normal distribution of diameters in µm, cut to a range; never below what holds two membranes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Size {
    mean: f64,
    sd: f64,
    /// Shares of the whole normal distribution below the bounds.
    from: f64,
    to: f64,
    low: f64,
    high: f64,
}

impl Size {
    pub fn new(mean: f64, sd: f64, range: Option<(f64, f64)>) -> Size {
        let least = 2.0 * MEMBRANE_THICKNESS;
        let (low, high) = range.map_or((least, f64::INFINITY), |(low, high)| (low.max(least), high.max(least)));
        let below = |d: f64| if sd > 0.0 { normal_below((d - mean) / sd) } else { 0.0 };
        Size { mean, sd, from: below(low), to: below(high), low, high }
    }

    /// The quantile at `u` in (0, 1), as it is kept.
    pub fn draw(&self, u: f64) -> f32 {
        if self.sd <= 0.0 {
            return self.mean as f32;
        }
        let share = self.from + (self.to - self.from) * u;
        let d = if self.to - self.from < 1e-15 || share <= 0.0 || share >= 1.0 {
            // A range so far out that all of it is at its nearer bound.
            if self.mean < self.low { self.low } else { self.high.min(self.mean + 9.0 * self.sd) }
        } else {
            self.mean + self.sd * normal_quantile(share)
        };
        d.clamp(self.low, self.high) as f32
    }

    /// Whether members of this size may as well be of the other.
    pub fn is_same(&self, other: &Size) -> bool {
        (self.mean, self.sd, self.low, self.high) == (other.mean, other.sd, other.low, other.high)
    }
}

/// Membrane of a diameter, in grains.
pub fn grains(diameter: f32) -> u64 {
    let d = f64::from(diameter);
    (PI * d * d / GRAIN).round() as u64
}

/// Membrane of a diameter, in µm².
pub fn area(diameter: f32) -> f64 {
    grains(diameter) as f64 * GRAIN
}

/// Lumen of a diameter, in µm³.
pub fn lumen(diameter: f32) -> f64 {
    PI / 6.0 * (f64::from(diameter) - 2.0 * MEMBRANE_THICKNESS).max(0.0).powi(3)
}
