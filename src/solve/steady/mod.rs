//! Steady states: f(y) = 0 beside a state that is already near, with what is conserved kept.
//!
//! Invariants:
//! - Components that are held do not move, and every [`Moiety`] keeps its total: the equations of as many components as
//!   there are moieties are replaced by them, so the matrix of Newton's method is regular wherever the steady state is
//!   isolated.
//! - [`Newton`] is a local method on purpose. It starts only where its first correction is small, takes whole
//!   corrections, and gives up when one of them isn't at most half of the last (the monotonicity test of P. Deuflhard, *Newton
//!   Methods for Nonlinear Problems*, 2.1, which bounds the contraction in a way that no scaling of the equations changes).
//!   So it cannot wander off to another steady state; to come near is an integrator's work.
//! - What it finds satisfies all of the equations, those that were replaced included.
//! - Nothing is random, and nothing is allocated by a correction.
//!
//! The conserved moieties come of the left null space of the stoichiometry without the rows of what is held (C. Reder,
//! J. Theor. Biol. 135 (1988) 175); stability of the eigenvalues of the Jacobian reduced by them. Deliberately absent: the
//! search for steady states that no start leads to, and continuation in a parameter.

mod newton;
mod reduction;
mod spectrum;

#[cfg(test)]
mod tests;

pub use newton::{Limits, Missed, Newton, NewtonStatistics};
pub use reduction::{Moiety, Reduction};
pub use spectrum::{Eigenvalue, LARGEST_BLOCK, Spectrum, TooLarge};

use crate::solve::SparsePattern;

/// dy/dt = f(y) with its Jacobian; the time does not enter.
pub trait Flow {
    /// Number of components of y.
    fn dimension(&self) -> usize;

    /// f(y) into `dydt`, one value per component.
    fn rates(&self, y: &[f64], dydt: &mut [f64]);

    /// Where ∂f/∂y may differ from zero.
    fn pattern(&self) -> &SparsePattern;

    /// ∂f/∂y into `values`, in the order of [`Self::pattern`].
    fn derivatives(&self, y: &[f64], values: &mut [f64]);

    /// Whether that component is an amount, which can't be negative. The other methods are then never given a state in
    /// which it is.
    fn is_amount(&self, component: usize) -> bool;
}
