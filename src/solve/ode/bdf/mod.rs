//! Numerical differentiation formulas: variable order from 1 to 5, variable step, one system of equations a step.
//!
//! L. F. Shampine, M. W. Reichelt, "The MATLAB ODE suite", SIAM J. Sci. Comput. 18 (1997) 1-22: backward differences on
//! a grid that is even as long as the step stays, and interpolated to another when it changes. A step of order k to
//! t + h solves
//!
//! ```text
//! (1 − κ_k) γ_k (y − p) + Σ_{j=1..k} γ_j ∇ʲy_n = h f(t + h, y),   γ_j = Σ_{i=1..j} 1/i,   p = Σ_{j=0..k} ∇ʲy_n
//! ```
//!
//! for y − p, by Newton's iteration with the matrix I/c − J, c = h / ((1 − κ_k) γ_k) (`newton`). Its error is
//! (κ_k γ_k + 1/(k + 1)) (y − p). Order and length are chosen anew after k + 1 steps of one length.
//!
//! Invariants: every row of differences but the zeroth, and every correction, is a combination of derivatives, so linear
//! invariants of the system hold to rounding; corrections are scaled by common factors only. One lane alone: the method
//! is never made for more.

mod differences;
mod newton;

#[cfg(test)]
mod tests;

use super::control::{Weights, power};
use super::error::Evaluated;
use super::method::{Cost, Entry, Method, Now, Refused, Scene};
use super::system::LaneSystem;
use differences::{Differences, GAMMA, MAX_ORDER};
use newton::{Newton, Step};

/// The κ of Shampine and Reichelt, by order: what makes the error smaller at (nearly) the stability of BDF.
const KAPPA: [f64; MAX_ORDER + 1] = [0.0, -0.1850, -1.0 / 9.0, -0.0823, -0.0415, 0.0];
/// The error that a step aims at, by its length: so short that few are refused, for the differences of a refused step's
/// successor are those of another grid.
const SAFETY: f64 = 0.8;
/// A longer step must be longer by this much to be worth another grid.
const GROWTH: f64 = 1.2;
const MOST_GROWTH: f64 = 10.0;
/// What is said to be the error of a step whose equations Newton's iteration did not solve.
const UNSOLVED: f64 = 1e3;
/// After so many refusals in a row the past is no guide: order 1.
const HOPELESS: usize = 3;
/// Steps in a row that an explicit method could have taken, before it does, …
const MILD_STEPS: usize = 50;
/// … those shorter than this over the bound of the spectral radius.
const MILD: f64 = 0.5;

fn alpha(order: usize) -> f64 {
    (1.0 - KAPPA[order]) * GAMMA[order]
}

/// The error of a step of that order over its correction, or over its next difference.
fn error_constant(order: usize) -> f64 {
    KAPPA[order] * GAMMA[order] + 1.0 / (order + 1) as f64
}

/// The method with its memory, for systems of one dimension and pattern.
#[derive(Debug)]
pub(super) struct Bdf<const W: usize> {
    past: Differences,
    /// Order and length of the grid of `past`; order 0 when there is only a state.
    order: usize,
    h: f64,
    /// The order of the next step.
    next_order: usize,
    /// Steps since order or length changed.
    even: usize,
    refusals: usize,
    /// Of one over the error allowed, at the step under way.
    weights: Vec<f64>,
    predicted: Vec<f64>,
    psi: Vec<f64>,
    /// f at the start of the step, known at a start and where a step ends with less than nothing.
    slope: Vec<f64>,
    newton: Newton<W>,
    mild_steps: usize,
}

impl<const W: usize> Bdf<W> {
    /// The power of h with which the error of a first step shrinks.
    pub const ORDER_OF_FIRST_ERROR: f64 = 2.0;

    pub fn new<S: LaneSystem<W> + ?Sized>(system: &S) -> Self {
        let n = system.dimension();
        let zeros = || vec![0.0; n];
        Bdf {
            past: Differences::new(n),
            order: 0,
            h: 0.0,
            next_order: 1,
            even: 0,
            refusals: 0,
            weights: zeros(),
            predicted: zeros(),
            psi: zeros(),
            slope: zeros(),
            newton: Newton::new(system),
            mild_steps: 0,
        }
    }

    /// f at the start of the step.
    fn evaluate<S: LaneSystem<W> + ?Sized>(&mut self, scene: &Scene<'_, S, W>, now: Now<'_, W>, cost: &mut Cost) {
        let above = self.predicted.as_chunks_mut().0;
        scene.floor.raise(now.y, above);
        scene.system.rhs(now.t, above, self.slope.as_chunks_mut().0);
        cost.rhs += 1;
    }

    /// Brings the past to the grid of the next step.
    fn regrid(&mut self, y: &[f64], h: f64) {
        if self.order == 0 {
            self.past.start(y, &self.slope, h);
            self.even = 0;
        } else if h != self.h || self.next_order != self.order {
            self.past.regrid(self.next_order, h / self.h);
            self.even = 0;
        }
        (self.h, self.order) = (h, self.next_order);
    }

    /// How many times as long a step of that order may be, by the error of the last one at it.
    fn factor(error: f64, order: usize) -> f64 {
        SAFETY / power(error.max(1e-10), 1.0 / (order + 1) as f64)
    }

    /// After a step of that length with that error: the length of the next, and its order.
    fn next_step(&mut self, h: f64, error: f64) -> f64 {
        let k = self.order;
        self.past.accept(k, self.newton.correction());
        self.newton.accepted();
        self.refusals = 0;
        self.even += 1;
        if self.even <= k {
            return h;
        }
        let mut best = (k, Self::factor(error, k));
        if k > 1 {
            let lower = error_constant(k - 1) * self.past.norm(k, &self.weights);
            best = longer(best, (k - 1, Self::factor(lower, k - 1)));
        }
        if k < MAX_ORDER {
            let higher = error_constant(k + 1) * self.past.norm(k + 2, &self.weights);
            best = longer(best, (k + 1, Self::factor(higher, k + 1)));
        }
        let (order, factor) = best;
        if (SAFETY..=GROWTH).contains(&factor) {
            return h;
        }
        self.next_order = order;
        h * factor.min(MOST_GROWTH)
    }
}

impl<const W: usize> Method<W> for Bdf<W> {
    fn begin<S: LaneSystem<W> + ?Sized>(
        &mut self,
        _scene: &Scene<'_, S, W>,
        _now: Now<'_, W>,
        entries: &[Entry; W],
        slopes: &[[f64; W]],
        _cost: &mut [Cost; W],
    ) -> [Option<(Evaluated, usize)>; W] {
        if entries[0] == Entry::Fresh {
            self.slope.copy_from_slice(slopes.as_flattened());
            (self.order, self.next_order, self.mild_steps) = (0, 1, 0);
            self.refusals = 0;
            self.newton.forget();
        }
        [None; W]
    }

    fn slope(&self) -> &[[f64; W]] {
        self.slope.as_chunks().0
    }

    fn attempt<S: LaneSystem<W> + ?Sized>(
        &mut self,
        scene: &Scene<'_, S, W>,
        now: Now<'_, W>,
        h: &[f64; W],
        _lanes: &[bool; W],
        y_end: &mut [[f64; W]],
        cost: &mut [Cost; W],
    ) -> [Result<f64, Refused>; W] {
        self.regrid(now.y.as_flattened(), h[0]);
        let alpha = alpha(self.order);
        let Bdf { predicted, psi, weights, .. } = self;
        let allowed = (scene.weights.rtol[0], scene.weights.atol.as_flattened());
        self.past.predict(self.order, alpha, allowed, (predicted, psi, weights));
        let constant = error_constant(self.order);
        let step = Step {
            end: now.t[0] + h[0],
            c: h[0] / alpha,
            predicted: &self.predicted,
            psi: &self.psi,
            weights: &self.weights,
            constant,
        };
        let solved = self.newton.solve(scene, &step, y_end.as_flattened_mut(), &mut cost[0]);
        if scene.floor.violated(y_end, scene.weights)[0] {
            self.evaluate(scene, now, &mut cost[0]);
        }
        [solved.and_then(|size| match size.map(|size| size * constant) {
            Some(error) if error <= 1.0 => Ok(error),
            Some(error) => Err(Refused::Inaccurate(error)),
            None => Err(Refused::Inaccurate(UNSOLVED)),
        }); W]
    }

    fn worst(&self, _weights: &Weights<W>, _lane: usize, _y: &[[f64; W]], _y_end: &[[f64; W]]) -> usize {
        let ratio = |i: &usize| (self.newton.correction()[*i] * self.weights[*i]).abs();
        (0..self.weights.len()).max_by(|a, b| ratio(a).total_cmp(&ratio(b))).unwrap_or(0)
    }

    fn accepted(&mut self, _lanes: &[bool; W], h: &[f64; W], error: &[f64; W]) -> [f64; W] {
        [self.next_step(h[0], error[0]); W]
    }

    fn refused(&mut self, lane: usize, h: f64, refused: Refused) -> f64 {
        self.refusals += 1;
        self.even = 0;
        if self.refusals >= HOPELESS {
            self.next_order = 1;
        }
        match refused {
            Refused::Inaccurate(error) | Refused::Negative(_, error) => self.after_error(lane, h, error),
            Refused::NotFinite(..) | Refused::Singular(_) | Refused::AtStart(..) => 0.25 * h,
        }
    }

    fn after_error(&self, _lane: usize, h: f64, error: f64) -> f64 {
        h * Self::factor(error, self.order).clamp(0.2, 0.9)
    }

    fn reset(&mut self, _lane: usize) {
        self.newton.forget();
    }

    /// Could an explicit method long have taken these steps?
    fn is_outdone<S: LaneSystem<W> + ?Sized>(&mut self, scene: &Scene<'_, S, W>, _lane: usize, h: f64) -> bool {
        let mild = h * self.newton.spectral_bound(scene.system.jacobian_pattern()) < MILD;
        self.mild_steps = if mild { self.mild_steps + 1 } else { 0 };
        self.mild_steps >= MILD_STEPS
    }

    fn interpolate(&self, _lane: usize, theta: f64, _h: f64, _y: &[[f64; W]], out: &mut [f64]) {
        self.past.interpolate(self.order, theta - 1.0, out);
    }
}

fn longer(a: (usize, f64), b: (usize, f64)) -> (usize, f64) {
    if b.1 > a.1 { b } else { a }
}
