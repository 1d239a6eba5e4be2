//! What an integrator needs to know of a system of ordinary differential equations.

use crate::solve::SparsePattern;
use crate::solve::linear::{self, LinearSolver};

/// dy/dt = f(t, y) with its analytic derivatives and the functions whose sign changes are events.
///
/// All methods are pure: parameters live in the implementor and do not change during a step. Slices
/// have the lengths stated, and every output element must be written. A value that is not finite
/// makes an integrator shorten its step, and fail only when that does not help.
pub trait System {
    /// Number of components of y.
    fn dimension(&self) -> usize;

    /// f(t, y) into `dydt`, one value per component.
    fn rhs(&self, t: f64, y: &[f64], dydt: &mut [f64]);

    /// Where ∂f/∂y may differ from zero.
    fn jacobian_pattern(&self) -> &SparsePattern;

    /// ∂f/∂y into `values`, in the order of [`Self::jacobian_pattern`] (row = equation, column =
    /// variable); structural zeros of the diagonal included.
    fn jacobian(&self, t: f64, y: &[f64], values: &mut [f64]);

    /// ∂f/∂t at fixed y into `dfdt`; zero for an autonomous system.
    fn time_derivative(&self, _t: f64, _y: &[f64], dfdt: &mut [f64]) {
        dfdt.fill(0.0);
    }

    /// Whether that component is an amount, which can't be negative. The other methods are then never given a state in
    /// which it is, and an integration in which it would be is shortened or fails with [`SolveError::Exhausted`].
    ///
    /// [`SolveError::Exhausted`]: super::SolveError::Exhausted
    fn is_nonnegative(&self, _component: usize) -> bool {
        false
    }

    /// What solves with `shift·I − J`. Its answers are checked, and a pivoting factorisation stands
    /// behind it.
    fn linear_solver(&self) -> Box<dyn LinearSolver> {
        linear::suited(self.jacobian_pattern())
    }

    /// Number of root functions.
    fn roots(&self) -> usize {
        0
    }

    /// The root functions into `g`. Each stands for the condition "g > 0": a root is *rising* when
    /// that becomes true, falling when it ceases to be; NaN counts as not being so.
    fn root_values(&self, _t: f64, _y: &[f64], _g: &mut [f64]) {}
}
