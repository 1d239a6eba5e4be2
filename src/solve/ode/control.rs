//! How long the next step is: tolerances, step controllers, the first step.

use super::method::{Cost, Now, Refused, Scene};
use super::system::LaneSystem;
use super::vector;
use crate::solve::{Rows, lanes};

/// Tolerances spread over the components and lanes.
#[derive(Debug, Clone)]
pub(super) struct Weights<const W: usize> {
    pub rtol: [f64; W],
    pub atol: Rows<W>,
}

impl<const W: usize> Weights<W> {
    /// The error allowed in component `i` of a lane when its size is `size`; never zero.
    pub fn scale(&self, lane: usize, i: usize, size: f64) -> f64 {
        vector::scale(self.atol[i][lane], self.rtol[lane], size)
    }

    /// The component of a lane with the largest error, the first that is not a number before all.
    pub fn worst(&self, lane: usize, error: impl Fn(usize) -> f64, y: &[[f64; W]], y_end: &[[f64; W]]) -> usize {
        let mut worst = (0, -1.0);
        for i in 0..y.len() {
            let ratio = error(i).abs() / self.scale(lane, i, y[i][lane].abs().max(y_end[i][lane].abs()));
            if !ratio.is_finite() {
                return i;
            }
            if ratio > worst.1 {
                worst = (i, ratio);
            }
        }
        worst.0
    }
}

/// x to the power e for positive x, the same on every machine, to about ten digits: for the lengths of steps.
pub(super) fn power(x: f64, e: f64) -> f64 {
    exp2(e * log2(x))
}

/// ln m = 2 (s + s³/3 + s⁵/5 + …), s = (m − 1)/(m + 1), m within √2 of 1.
fn log2(x: f64) -> f64 {
    let x = x.abs();
    // What is not a number is taken for a large one.
    let bits = if x < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { x }.to_bits();
    let shifted = bits + (0x3ff0_0000_0000_0000 - std::f64::consts::FRAC_1_SQRT_2.to_bits());
    let exponent = (shifted >> 52) as i64 - 1023;
    let m = f64::from_bits(bits.wrapping_sub((exponent as u64) << 52));
    let s = (m - 1.0) / (m + 1.0);
    let q = s * s;
    let series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0)))));
    exponent as f64 + 2.0 * std::f64::consts::LOG2_E * s * series
}

/// One over k factorial.
const TAYLOR: [f64; 9] =
    [1.0, 1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40320.0];

/// 2^z by the Taylor series about the nearest whole number.
fn exp2(z: f64) -> f64 {
    let z = z.clamp(-1000.0, 1000.0);
    // To the nearest whole number, without a call.
    let whole = (z + 6_755_399_441_055_744.0) - 6_755_399_441_055_744.0;
    let x = (z - whole) * std::f64::consts::LN_2;
    // In pairs, which don't wait for each other.
    let (x2, pair) = (x * x, |k: usize| TAYLOR[k] + x * TAYLOR[k + 1]);
    let x4 = x2 * x2;
    let series = (pair(0) + x2 * pair(2)) + x4 * ((pair(4) + x2 * pair(6)) + x4 * TAYLOR[8]);
    series * f64::from_bits(((whole as i64 + 1023) as u64) << 52)
}

/// log₂ of 0.01.
const LOG_OF_HUNDREDTH: f64 = -6.643_856_189_774_724;

/// A step controller. Steps are accepted when the error, in units of the tolerance, is at most 1.
///
/// PI controller for explicit methods: Hairer, Nørsett, Wanner, *Solving ODEs I*, IV.2 of volume II
/// for its theory, with the constants of DOPRI5. Predictive controller for stiff methods:
/// Gustafsson, ACM TOMS 20 (1994) 496; *Solving ODEs II*, IV.8, with the constants of RODAS.
#[derive(Debug, Clone)]
pub(super) struct Controller {
    /// One over the power of h with which the error estimate shrinks.
    exponent: f64,
    predictive: bool,
    last: Option<Accepted>,
    rejected: bool,
}

#[derive(Debug, Clone, Copy)]
struct Accepted {
    h: f64,
    /// log₂ of the error.
    error: f64,
}

impl Controller {
    const SAFETY: f64 = 0.9;
    const BETA: f64 = 0.04;

    pub fn pi(order_of_error: f64) -> Self {
        Controller { exponent: 1.0 / order_of_error, predictive: false, last: None, rejected: false }
    }

    pub fn predictive(order_of_error: f64) -> Self {
        Controller { predictive: true, ..Self::pi(order_of_error) }
    }

    /// Forgets the past, at a discontinuity.
    pub fn reset(&mut self) {
        self.last = None;
        self.rejected = false;
    }

    /// The next step after one of length `h` was accepted with `error`.
    pub fn accepted(&mut self, h: f64, error: f64) -> f64 {
        let error = log2(error.max(1e-10));
        let factor = if self.predictive { self.predicted(h, error) } else { self.proportional_integral(error) };
        let least = if self.predictive { LOG_OF_HUNDREDTH } else { 2.0 * LOG_OF_HUNDREDTH };
        self.last = Some(Accepted { h, error: error.max(least) });
        let factor = if self.rejected { factor.min(1.0) } else { factor };
        self.rejected = false;
        h * factor
    }

    fn proportional_integral(&self, error: f64) -> f64 {
        let memory = self.last.map_or(2.0 * LOG_OF_HUNDREDTH, |last| last.error);
        let factor = Self::SAFETY * exp2(Self::BETA * memory - (self.exponent - 0.75 * Self::BETA) * error);
        factor.clamp(0.2, 10.0)
    }

    fn predicted(&self, h: f64, error: f64) -> f64 {
        let plain = Self::SAFETY * exp2(-self.exponent * error);
        let factor = match self.last {
            None => plain,
            Some(last) => {
                let trend = h / last.h * Self::SAFETY * exp2(self.exponent * (last.error - 2.0 * error));
                plain.min(trend)
            }
        };
        factor.clamp(0.2, 6.0)
    }

    /// The next step to try after one of length `h` was refused.
    pub fn after(&mut self, h: f64, refused: Refused) -> f64 {
        match refused {
            Refused::Inaccurate(error) | Refused::Negative(_, error) => self.refused(h, error),
            Refused::NotFinite(..) | Refused::Singular(_) => self.broken(h),
        }
    }

    /// The next step to try after one of length `h` was refused for its error.
    pub fn refused(&mut self, h: f64, error: f64) -> f64 {
        self.rejected = true;
        self.after_error(h, error)
    }

    /// The next step to try after something in a step of length `h` was not finite.
    pub fn broken(&mut self, h: f64) -> f64 {
        self.rejected = true;
        0.25 * h
    }

    /// What [`Self::refused`] gives for an error.
    pub fn after_error(&self, h: f64, error: f64) -> f64 {
        h * (Self::SAFETY / power(error, self.exponent)).clamp(0.1, 0.9)
    }
}

/// Room for [`first_steps`]: a state and a slope.
pub(super) type Room<'a, const W: usize> = (&'a mut [[f64; W]], &'a mut [[f64; W]]);

/// First steps of the lanes marked (*Solving ODEs I*, II.4, "Starting step size"), at most `span`; `f0` is f(t, y).
/// One or a few evaluations of the right-hand side.
#[expect(clippy::too_many_arguments, reason = "the data of a start, and its scratch")]
pub(super) fn first_steps<S: LaneSystem<W> + ?Sized, const W: usize>(
    scene: &Scene<'_, S, W>,
    now: Now<'_, W>,
    lanes: &[bool; W],
    f0: &[[f64; W]],
    span: &[f64; W],
    order: f64,
    (y1, f1): Room<'_, W>,
    cost: &mut [Cost; W],
) -> [f64; W] {
    let Now { t, y } = now;
    let weights = scene.weights;
    let size = vector::norm(weights, y, y);
    let slope = vector::norm(weights, y, f0);
    let mut h0 = lanes!(l => {
        let h0 = if size[l] < 1e-5 || slope[l] < 1e-5 { 1e-6 } else { 0.01 * size[l] / slope[l] };
        h0.min(span[l])
    });
    let (mut waiting, mut bend) = (*lanes, [0.0; W]);
    while waiting.contains(&true) {
        vector::combine_raised(y1, y, &h0, &[1.0], &[f0], scene.floor.least());
        scene.system.rhs(&lanes!(l => t[l] + h0[l]), y1, f1);
        for (f1, f0) in f1.iter_mut().zip(f0) {
            *f1 = lanes!(l => f1[l] - f0[l]);
        }
        let change = vector::norm(weights, y, f1);
        for l in 0..W {
            if !waiting[l] {
                continue;
            }
            cost[l].rhs += 1;
            bend[l] = change[l] / h0[l];
            waiting[l] = !(bend[l].is_finite() || t[l] + 0.1 * h0[l] == t[l]);
            if waiting[l] {
                h0[l] *= 0.1;
            }
        }
    }
    lanes!(l => {
        let steepest = slope[l].max(bend[l]);
        let h1 = if steepest <= 1e-15 { (h0[l] * 1e-3).max(1e-6) } else { power(0.01 / steepest, 1.0 / order) };
        let h = (100.0 * h0[l]).min(h1).min(span[l]);
        if h > 0.0 { h } else { h0[l] }
    })
}

#[cfg(test)]
mod tests {
    use super::power;

    #[test]
    fn powers_are_those_of_the_library_to_nine_digits() {
        for x in [1e-300, 1e-10, 0.3, 0.7, 0.999, 1.0, 1.5, 2.0, 1e5, 1e250] {
            for e in [0.04, 0.17, 0.2, 1.0 / 3.0, -0.25] {
                assert!((power(x, e) / x.powf(e) - 1.0).abs() < 1e-9, "{x}^{e}: {} not {}", power(x, e), x.powf(e));
            }
        }
        assert!(power(f64::INFINITY, 0.2) > 1e50 && power(f64::NAN, 0.2) > 1e50);
    }
}
