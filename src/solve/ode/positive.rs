//! Amounts that cannot be negative, kept so.
//!
//! What the integrator does about components that a system declares nonnegative:
//!
//! - The right-hand side and its derivatives are evaluated at the state with negative components taken as zero, so a
//!   power or a root of an amount is defined whatever rounding leaves, and nothing grows out of less than nothing.
//! - An implicit method goes on below zero along the Jacobian instead: to the right-hand side at the raised state it adds
//!   the Jacobian times what was raised. Without that its stages, which overshoot where a component is fast, meet a kink
//!   that its matrix knows nothing of, and steps are refused that accuracy would allow. What is negative by less than a
//!   thousandth of the tolerance, as rounding leaves of what is used up, is let be: see [`Floor::below`].
//! - A step that ends with a component below minus its absolute tolerance is refused and shortened; but not when the component
//!   was as low at its start, to within a thousandth of that: rounding would refuse such steps however short.
//! - What is above that, negative by less than the tolerance, stays as it is. Setting it to zero would make matter: linear
//!   invariants of the state hold to rounding because no accepted state is touched. Who shows it shows zero.
//! - A component at zero whose derivative is negative there has no nonnegative solution to follow: the system takes from
//!   what is empty, and is let fail.
//!
//! L. F. Shampine, S. Thompson, J. A. Kierzenka, G. D. Byrne, "Non-negative solutions of ODEs", Applied Mathematics and
//! Computation 170 (2005) 556-569. They also project the accepted state and replace the derivative at zero by its
//! positive part; both break conservation and the second hides a wrong model, so neither is done here. That a component at
//! zero must not have a negative derivative is the condition for a nonnegative solution to exist at all.

use super::control::Weights;
use super::system::LaneSystem;
use crate::solve::{lanes, vectorised};

/// An amount this small is none to a rate: a population that dies out exponentially would otherwise end in numbers
/// whose reciprocals overflow, or, in derivatives, the powers of those.
pub const NEGLIGIBLE: f64 = 1e-60;

/// What a rate sees of a component that can't be less than `least`.
#[inline(always)]
pub(super) fn raised(y: f64, least: f64) -> f64 {
    // Not `max`, which would take a NaN for zero.
    if y <= least + NEGLIGIBLE { least } else { y }
}

/// By how much an amount may be negative and nobody goes on there, in units of the smallest absolute tolerance.
const SLACK: f64 = 1e-3;

/// How far a state is below what counts: zero, or less.
#[inline(always)]
pub(super) fn depth(y: f64, least: f64, slack: f64) -> f64 {
    if y < least - slack { y - least } else { 0.0 }
}

/// Which components can't be negative.
#[derive(Debug)]
pub(super) struct Floor<const W: usize> {
    /// 0 or minus infinity for each component.
    least: Vec<f64>,
    bounded: bool,
    slack: [f64; W],
}

impl<const W: usize> Floor<W> {
    pub fn of<S: LaneSystem<W> + ?Sized>(system: &S) -> Self {
        let floor = |i| if system.is_nonnegative(i) { 0.0 } else { f64::NEG_INFINITY };
        let least: Vec<f64> = (0..system.dimension()).map(floor).collect();
        Floor { bounded: least.contains(&0.0), least, slack: [0.0; W] }
    }

    /// Sets what counts in a lane by its absolute tolerances.
    pub fn set_slack(&mut self, lane: usize, atol: impl Iterator<Item = f64>) {
        self.slack[lane] = SLACK * atol.fold(f64::MAX, f64::min);
    }

    /// What may be negative in each lane without being minded: see [`Self::below`].
    pub fn slack(&self) -> &[f64; W] {
        &self.slack
    }

    /// The least value of each component: see [`raised`].
    pub fn least(&self) -> &[f64] {
        &self.least
    }

    /// The state as rates may see it.
    pub fn raise(&self, y: &[[f64; W]], out: &mut [[f64; W]]) {
        vectorised(
            #[inline(always)]
            || {
                for ((out, y), &least) in out.iter_mut().zip(y).zip(&self.least) {
                    *out = lanes!(l => raised(y[l], least));
                }
            },
        );
    }

    /// How far each component is below what is allowed: zero, or less; zero as well where it is so little that going on
    /// there would change a step by less than its error. Whether it is less anywhere.
    pub fn below(&self, y: &[[f64; W]], out: &mut [[f64; W]]) -> bool {
        let mut lowest = [0.0; W];
        vectorised(
            #[inline(always)]
            || {
                for ((out, y), &least) in out.iter_mut().zip(y).zip(&self.least) {
                    *out = lanes!(l => depth(y[l], least, self.slack[l]));
                    lowest = lanes!(l => if out[l] < lowest[l] { out[l] } else { lowest[l] });
                }
            },
        );
        lowest.iter().any(|lowest| *lowest < 0.0)
    }

    /// The lanes of `y` in which a component is farther below what is allowed than its absolute tolerance.
    pub fn violated(&self, y: &[[f64; W]], weights: &Weights<W>) -> [bool; W] {
        if !self.bounded {
            return [false; W];
        }
        let mut below = [0.0; W];
        vectorised(
            #[inline(always)]
            || {
                for ((y, atol), least) in y.iter().zip(&weights.atol).zip(&self.least) {
                    below = lanes!(l => if y[l] < least - atol[l] { 1.0 } else { below[l] });
                }
            },
        );
        below.map(|b| b > 0.0)
    }

    /// The component of a lane that is farthest below what is allowed, and how far in units of its absolute tolerance; of
    /// those that are lower than `before` by more than a thousandth of it.
    pub fn deepest(
        &self,
        lane: usize,
        y: &[[f64; W]],
        before: impl Fn(usize) -> f64,
        weights: &Weights<W>,
    ) -> Option<(usize, f64)> {
        let depth = |(i, (y, least)): (usize, (&[f64; W], &f64))| {
            let tolerance = weights.scale(lane, i, 0.0);
            let sinks = y[lane] < before(i) - 1e-3 * tolerance;
            (i, if sinks { (least - y[lane]) / tolerance } else { 0.0 })
        };
        let depths = y.iter().zip(&self.least).enumerate().map(depth);
        depths.filter(|(_, depth)| *depth > 1.0).max_by(|a, b| a.1.total_cmp(&b.1))
    }
}
