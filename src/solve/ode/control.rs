//! How long the next step is: error norms, step controllers, the first step.

use super::system::System;

/// Tolerances spread over the components.
#[derive(Debug, Clone)]
pub(super) struct Weights {
    pub rtol: f64,
    pub atol: Vec<f64>,
}

impl Weights {
    /// The error allowed in component `i` when its size is `size`; never zero.
    #[inline]
    pub fn scale(&self, i: usize, size: f64) -> f64 {
        (self.atol[i] + self.rtol * size).max(f64::MIN_POSITIVE)
    }

    /// Root mean square of the error of a step from `y` to `y_end`, in units of the tolerance.
    pub fn error_norm(&self, error: &[f64], y: &[f64], y_end: &[f64]) -> f64 {
        if error.is_empty() {
            return 0.0;
        }
        let mut sum = 0.0;
        for (((&e, &a), &b), &atol) in error.iter().zip(y).zip(y_end).zip(&self.atol) {
            let scale = (atol + self.rtol * a.abs().max(b.abs())).max(f64::MIN_POSITIVE);
            let ratio = e / scale;
            sum += ratio * ratio;
        }
        (sum / error.len() as f64).sqrt()
    }

    /// The component with the largest error, the first that is not a number before all.
    pub fn worst(&self, error: &[f64], y: &[f64], y_end: &[f64]) -> usize {
        let mut worst = (0, -1.0);
        for i in 0..error.len() {
            let ratio = error[i].abs() / self.scale(i, y[i].abs().max(y_end[i].abs()));
            if !ratio.is_finite() {
                return i;
            }
            if ratio > worst.1 {
                worst = (i, ratio);
            }
        }
        worst.0
    }

    /// Root mean square of a vector measured by the tolerance at `y`.
    fn norm(&self, v: impl Iterator<Item = f64>, y: &[f64]) -> f64 {
        let sum: f64 = v.zip(y).enumerate().map(|(i, (v, y))| (v / self.scale(i, y.abs())).powi(2)).sum();
        (sum / y.len().max(1) as f64).sqrt()
    }
}

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
        let error = error.max(1e-10);
        let factor = if self.predictive { self.predicted(h, error) } else { self.proportional_integral(error) };
        self.last = Some(Accepted { h, error: error.max(if self.predictive { 1e-2 } else { 1e-4 }) });
        let factor = if self.rejected { factor.min(1.0) } else { factor };
        self.rejected = false;
        h * factor
    }

    fn proportional_integral(&self, error: f64) -> f64 {
        let memory = self.last.map_or(1e-4, |last| last.error);
        let factor = Self::SAFETY * memory.powf(Self::BETA) / error.powf(self.exponent - 0.75 * Self::BETA);
        factor.clamp(0.2, 10.0)
    }

    fn predicted(&self, h: f64, error: f64) -> f64 {
        let plain = Self::SAFETY / error.powf(self.exponent);
        let factor = match self.last {
            None => plain,
            Some(last) => {
                let trend = h / last.h * (last.error / (error * error)).powf(self.exponent) * Self::SAFETY;
                plain.min(trend)
            }
        };
        factor.clamp(0.2, 6.0)
    }

    /// The next step to try after one of length `h` was refused for its error.
    pub fn refused(&mut self, h: f64, error: f64) -> f64 {
        self.rejected = true;
        self.after_refusal(h, error)
    }

    /// What [`Self::refused`] gives.
    pub fn after_refusal(&self, h: f64, error: f64) -> f64 {
        h * (Self::SAFETY / error.powf(self.exponent)).clamp(0.1, 0.9)
    }

    /// The next step to try after something in a step of length `h` was not finite.
    pub fn broken(&mut self, h: f64) -> f64 {
        self.rejected = true;
        0.25 * h
    }
}

/// A first step (*Solving ODEs I*, II.4, "Starting step size"), at most `span`; `f0` is f(t, y).
/// One or a few evaluations of the right-hand side, counted into `evaluations`.
#[expect(clippy::too_many_arguments, reason = "the data of a start, and its scratch")]
pub(super) fn first_step<S: System + ?Sized>(
    system: &S,
    t: f64,
    y: &[f64],
    f0: &[f64],
    span: f64,
    order: f64,
    weights: &Weights,
    scratch: (&mut [f64], &mut [f64]),
    evaluations: &mut usize,
) -> f64 {
    let (y1, f1) = scratch;
    let size = weights.norm(y.iter().copied(), y);
    let slope = weights.norm(f0.iter().copied(), y);
    let mut h0 = if size < 1e-5 || slope < 1e-5 { 1e-6 } else { 0.01 * size / slope };
    h0 = h0.min(span);
    let bend = loop {
        for i in 0..y.len() {
            y1[i] = y[i] + h0 * f0[i];
        }
        system.rhs(t + h0, y1, f1);
        *evaluations += 1;
        let bend = weights.norm(f1.iter().zip(f0).map(|(a, b)| a - b), y) / h0;
        if bend.is_finite() || t + 0.1 * h0 == t {
            break bend;
        }
        h0 *= 0.1;
    };
    let steepest = slope.max(bend);
    let h1 = if steepest <= 1e-15 { (h0 * 1e-3).max(1e-6) } else { (0.01 / steepest).powf(1.0 / order) };
    let h = (100.0 * h0).min(h1).min(span);
    if h > 0.0 { h } else { h0 }
}
