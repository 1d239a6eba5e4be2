//! How long the next step is: tolerances, step controllers, the first step.

use super::method::{Cost, Refused, Scene};
use super::norms;
use super::positive::raised;
use super::system::LaneSystem;
use crate::solve::{Rows, lanes, vectorised};

/// Tolerances spread over the components and lanes.
#[derive(Debug, Clone)]
pub(super) struct Weights<const W: usize> {
    pub rtol: [f64; W],
    pub atol: Rows<W>,
}

impl<const W: usize> Weights<W> {
    /// The error allowed in component `i` of a lane when its size is `size`; never zero.
    pub fn scale(&self, lane: usize, i: usize, size: f64) -> f64 {
        norms::scale(self.atol[i][lane], self.rtol[lane], size)
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

/// x to the power e for positive x, the same on every machine, to five digits: for the lengths of steps, which wait for it.
pub(super) fn power(x: f64, e: f64) -> f64 {
    exp2(e * log2(x))
}

/// Added to a number of less than 2⁵¹, leaves the nearest whole number in the lowest bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// log₂ to 2e-6. For the number beside a power of two, within √2 of it, the polynomial without constant term that is best
/// there.
#[inline(always)]
fn log2(x: f64) -> f64 {
    const C: [f64; 6] =
        [1.442_713_48, -0.721_131_829_4, 0.479_348_145_2, -0.367_490_742_3, 0.322_153_452_6, -0.206_586_576];
    let x = x.abs();
    // What is not a number is taken for a large one.
    let bits = if x < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { x }.to_bits();
    let shifted = bits + (0x3ff0_0000_0000_0000 - std::f64::consts::FRAC_1_SQRT_2.to_bits());
    // 2⁵² + the exponent and its bias, without a conversion, which not all processors have for several numbers.
    let exponent = f64::from_bits((shifted >> 52) | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let m = f64::from_bits(bits.wrapping_sub((shifted >> 52).wrapping_sub(1023) << 52)) - 1.0;
    // In pairs, which don't wait for each other.
    let m2 = m * m;
    exponent + m * ((C[0] + m * C[1]) + m2 * ((C[2] + m * C[3]) + m2 * (C[4] + m * C[5])))
}

/// 2^z to 1e-7 of it, by the best polynomial about the nearest whole number.
#[inline(always)]
fn exp2(z: f64) -> f64 {
    const C: [f64; 5] = [0.693_147_214_9, 0.240_222_346_1, 0.055_503_083_89, 0.009_671_875_712, 0.001_340_724_928];
    let z = if z > 1000.0 { 1000.0 } else { z };
    let z = if z < -1000.0 { -1000.0 } else { z };
    let whole = z + WHOLE;
    let x = z - (whole - WHOLE);
    let x2 = x * x;
    let series = (1.0 + x * C[0]) + x2 * ((C[1] + x * C[2]) + x2 * (C[3] + x * C[4]));
    series * f64::from_bits(whole.to_bits().wrapping_add(1023) << 52)
}

/// log₂ of 0.01.
const LOG_OF_HUNDREDTH: f64 = -6.643_856_189_774_724;

/// Step controllers, one for each lane. Steps are accepted when the error, in units of the tolerance, is at most 1.
///
/// PI controller for explicit methods: Hairer, Nørsett, Wanner, *Solving ODEs I*, IV.2 of volume II
/// for its theory, with the constants of DOPRI5. Predictive controller for stiff methods:
/// Gustafsson, ACM TOMS 20 (1994) 496; *Solving ODEs II*, IV.8, with the constants of RODAS.
#[derive(Debug, Clone)]
pub(super) struct Controllers<const W: usize> {
    /// One over the power of h with which the error estimate shrinks.
    exponent: f64,
    predictive: bool,
    /// The last accepted step; 0 at a start.
    last_h: [f64; W],
    /// log₂ of its error.
    last_error: [f64; W],
    /// By how much the next step may be longer: not at all after one that was refused.
    most: [f64; W],
}

impl<const W: usize> Controllers<W> {
    const SAFETY: f64 = 0.9;
    const BETA: f64 = 0.04;

    pub fn pi(order_of_error: f64) -> Self {
        let mut controllers = Controllers {
            exponent: 1.0 / order_of_error,
            predictive: false,
            last_h: [0.0; W],
            last_error: [0.0; W],
            most: [0.0; W],
        };
        (0..W).for_each(|lane| controllers.reset(lane));
        controllers
    }

    pub fn predictive(order_of_error: f64) -> Self {
        Controllers { predictive: true, ..Self::pi(order_of_error) }
    }

    /// Forgets the past of a lane, at a discontinuity.
    pub fn reset(&mut self, lane: usize) {
        (self.last_h[lane], self.last_error[lane]) = (0.0, 2.0 * LOG_OF_HUNDREDTH);
        self.most[lane] = f64::INFINITY;
    }

    /// The next steps in the lanes in which one of length `h` was accepted with `error`.
    pub fn accepted(&mut self, lanes: &[bool; W], h: &[f64; W], error: &[f64; W]) -> [f64; W] {
        let Controllers { exponent, predictive, last_h, last_error, most } = self;
        let mut next = [0.0; W];
        vectorised(
            #[inline(always)]
            || {
                let log = lanes!(l => log2(if error[l] > 1e-10 { error[l] } else { 1e-10 }));
                let factor = if *predictive {
                    lanes!(l => {
                        let plain = Self::SAFETY * exp2(-*exponent * log[l]);
                        let trend = h[l] / last_h[l] * Self::SAFETY * exp2(*exponent * (last_error[l] - 2.0 * log[l]));
                        within(0.2, if trend < plain { trend } else { plain }, 6.0)
                    })
                } else {
                    lanes!(l => {
                        let power = Self::BETA * last_error[l] - (*exponent - 0.75 * Self::BETA) * log[l];
                        within(0.2, Self::SAFETY * exp2(power), 10.0)
                    })
                };
                next = lanes!(l => h[l] * if factor[l] > most[l] { most[l] } else { factor[l] });
                let least = if *predictive { LOG_OF_HUNDREDTH } else { 2.0 * LOG_OF_HUNDREDTH };
                let kept = lanes!(l => if log[l] > least { log[l] } else { least });
                *last_h = lanes!(l => if lanes[l] { h[l] } else { last_h[l] });
                *last_error = lanes!(l => if lanes[l] { kept[l] } else { last_error[l] });
                *most = lanes!(l => if lanes[l] { f64::INFINITY } else { most[l] });
            },
        );
        next
    }

    /// The next step to try after one of length `h` was refused.
    pub fn after(&mut self, lane: usize, h: f64, refused: Refused) -> f64 {
        match refused {
            Refused::Inaccurate(error) | Refused::Negative(_, error) => self.refused(lane, h, error),
            Refused::NotFinite(..) | Refused::Singular(_) | Refused::AtStart(..) => self.broken(lane, h),
        }
    }

    /// The next step to try after one of length `h` was refused for its error.
    pub fn refused(&mut self, lane: usize, h: f64, error: f64) -> f64 {
        self.most[lane] = 1.0;
        self.after_error(h, error)
    }

    /// The next step to try after something in a step of length `h` was not finite.
    pub fn broken(&mut self, lane: usize, h: f64) -> f64 {
        self.most[lane] = 1.0;
        0.25 * h
    }

    /// What [`Self::refused`] gives for an error.
    pub fn after_error(&self, h: f64, error: f64) -> f64 {
        h * (Self::SAFETY / power(error, self.exponent)).clamp(0.1, 0.9)
    }
}

/// x, but at least and at most that; neither is not a number.
#[inline(always)]
fn within(least: f64, x: f64, most: f64) -> f64 {
    let x = if x > least { x } else { least };
    if x < most { x } else { most }
}

/// The first step of a lane from `y` at `t`, with slope `f0` (*Solving ODEs I*, II.4, "Starting step size"), at most `span`.
/// One or a few evaluations of the right-hand side. `y1` and `f1` are room for a state and a slope.
#[expect(clippy::too_many_arguments, reason = "the data of a start, and its scratch")]
pub(super) fn first_step<S: LaneSystem<W> + ?Sized, const W: usize>(
    scene: &Scene<'_, S, W>,
    lane: usize,
    t: f64,
    (y, f0): (&[f64], &[f64]),
    span: f64,
    order: f64,
    (y1, f1): (&mut [f64], &mut [f64]),
    cost: &mut Cost,
) -> f64 {
    let norm = |v: &[f64]| norms::norm(scene.weights, lane, y, v);
    let (size, slope) = (norm(y), norm(f0));
    let h0 = if size < 1e-5 || slope < 1e-5 { 1e-6 } else { 0.01 * size / slope };
    let mut h0 = h0.min(span);
    let bend = loop {
        for (i, y1) in y1.iter_mut().enumerate() {
            *y1 = raised(y[i] + h0 * f0[i], scene.floor.least()[i]);
        }
        scene.system.rhs_of(lane, t + h0, y1, f1);
        cost.rhs += 1;
        f1.iter_mut().zip(f0).for_each(|(f1, f0)| *f1 -= f0);
        let bend = norm(f1) / h0;
        if bend.is_finite() || t + 0.1 * h0 == t {
            break bend;
        }
        h0 *= 0.1;
    };
    let steepest = slope.max(bend);
    let h1 = if steepest <= 1e-15 { (h0 * 1e-3).max(1e-6) } else { power(0.01 / steepest, 1.0 / order) };
    let h = (100.0 * h0).min(h1).min(span);
    if h > 0.0 { h } else { h0 }
}

#[cfg(test)]
mod tests {
    use super::power;

    #[test]
    fn powers_are_those_of_the_library_to_five_digits() {
        for x in [1e-300, 1e-10, 0.3, 0.7, 0.999, 1.0, 1.5, 2.0, 1e5, 1e250] {
            for e in [0.04, 0.17, 0.2, 1.0 / 3.0, -0.25] {
                assert!((power(x, e) / x.powf(e) - 1.0).abs() < 2e-6, "{x}^{e}: {} not {}", power(x, e), x.powf(e));
            }
        }
        assert!(power(f64::INFINITY, 0.2) > 1e50 && power(f64::NAN, 0.2) > 1e50);
    }
}
