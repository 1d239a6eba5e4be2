//! Amounts that cannot be negative, kept so.
//!
//! What the integrator does about components that a system declares nonnegative:
//!
//! - The right-hand side and its derivatives are evaluated at the state with negative components taken as zero, so a
//!   power or a root of an amount is defined whatever rounding leaves, and nothing grows out of less than nothing.
//! - A step that ends with a component below minus its absolute tolerance is refused and shortened.
//! - What is above that, negative by less than the tolerance, stays as it is. Setting it to zero would make matter: linear
//!   invariants of the state hold to rounding because no accepted state is touched. Who shows it shows zero.
//! - A component at zero whose derivative is negative there has no nonnegative solution to follow: the system takes from
//!   what is empty, and is let fail.
//!
//! L. F. Shampine, S. Thompson, J. A. Kierzenka, G. D. Byrne, "Non-negative solutions of ODEs", Applied Mathematics and
//! Computation 170 (2005) 556-569. They also project the accepted state and replace the derivative at zero by its
//! positive part; both break conservation and the second hides a wrong model, so neither is done here. That a component at
//! zero must not have a negative derivative is the condition for a nonnegative solution to exist at all.

use std::cell::RefCell;

use super::control::Weights;
use super::system::System;
use crate::solve::SparsePattern;
use crate::solve::linear::LinearSolver;

/// An amount this small is none to a rate: a population that dies out exponentially would otherwise end in numbers
/// whose reciprocals overflow, or, in derivatives, the powers of those.
pub const NEGLIGIBLE: f64 = 1e-60;

/// Which components can't be negative.
#[derive(Debug, Default)]
pub(super) struct Floor {
    /// 0 or minus infinity for each component; empty when none is bounded.
    least: Vec<f64>,
    room: RefCell<Vec<f64>>,
}

impl Floor {
    pub fn of<S: System + ?Sized>(system: &S) -> Floor {
        let floor = |i| if system.is_nonnegative(i) { 0.0 } else { f64::NEG_INFINITY };
        let least: Vec<f64> = (0..system.dimension()).map(floor).collect();
        if least.contains(&0.0) {
            Floor { room: RefCell::new(vec![0.0; least.len()]), least }
        } else {
            Floor::default()
        }
    }

    pub fn over<'a, S: System + ?Sized>(&'a self, system: &'a S) -> Above<'a, S> {
        Above { system, floor: self }
    }

    /// The component of `y` that is farthest below what is allowed, and how far in units of its absolute tolerance.
    fn violation(&self, y: &[f64], weights: &Weights) -> Option<(usize, f64)> {
        if !self.least.iter().zip(y).zip(&weights.atol).any(|((least, y), atol)| *y < least - atol) {
            return None;
        }
        let depths =
            y.iter().zip(&self.least).enumerate().map(|(i, (y, least))| (i, (least - y) / weights.scale(i, 0.0)));
        depths.filter(|(_, depth)| *depth > 1.0).max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Gives `f` the state with what is negative taken as zero.
    fn raise<R>(&self, y: &[f64], f: impl FnOnce(&[f64]) -> R) -> R {
        if self.least.is_empty() {
            return f(y);
        }
        let mut room = self.room.borrow_mut();
        for ((raised, y), least) in room.iter_mut().zip(y).zip(&self.least) {
            // Not `max`, which would take a NaN for zero.
            *raised = if *y <= least + NEGLIGIBLE { *least } else { *y };
        }
        f(&room)
    }
}

/// A system seen from above its floor.
pub(super) struct Above<'a, S: ?Sized> {
    system: &'a S,
    floor: &'a Floor,
}

impl<S: ?Sized> Above<'_, S> {
    /// [`Floor::violation`].
    pub fn violation(&self, y: &[f64], weights: &Weights) -> Option<(usize, f64)> {
        self.floor.violation(y, weights)
    }
}

impl<S: System + ?Sized> System for Above<'_, S> {
    fn dimension(&self) -> usize {
        self.system.dimension()
    }

    fn rhs(&self, t: f64, y: &[f64], dydt: &mut [f64]) {
        self.floor.raise(y, |y| self.system.rhs(t, y, dydt));
    }

    fn jacobian_pattern(&self) -> &SparsePattern {
        self.system.jacobian_pattern()
    }

    /// One-sided at zero: the column of a component below it is that at zero, not none, so that what feeds and what
    /// drains a fast component stay coupled in an implicit step.
    fn jacobian(&self, t: f64, y: &[f64], values: &mut [f64]) {
        self.floor.raise(y, |y| self.system.jacobian(t, y, values));
    }

    fn time_derivative(&self, t: f64, y: &[f64], dfdt: &mut [f64]) {
        self.floor.raise(y, |y| self.system.time_derivative(t, y, dfdt));
    }

    fn linear_solver(&self) -> Box<dyn LinearSolver> {
        self.system.linear_solver()
    }

    fn roots(&self) -> usize {
        self.system.roots()
    }

    fn root_values(&self, t: f64, y: &[f64], g: &mut [f64]) {
        self.floor.raise(y, |y| self.system.root_values(t, y, g));
    }
}
