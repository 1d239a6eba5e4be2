//! What an integration of sensitivities needs to know of a system.

use crate::solve::SparsePattern;

/// dy/dt = f(t, y, θ) with what its derivatives along m directions of θ need.
///
/// With s_k = ∂y/∂θ_k: ds_k/dt = J s_k + g_k, J = ∂f/∂y, g_k = ∂f/∂θ_k. What is given for all directions is laid out by
/// component: `stride` numbers for each, of which the first m count and the others are zero.
///
/// All methods are pure; slices have the lengths stated, and every output element must be written.
pub trait Variational {
    /// Number of components of y.
    fn dimension(&self) -> usize;

    /// Numbers in a row of what is given for all directions: at least m.
    fn stride(&self) -> usize;

    /// Number of directions m.
    fn directions(&self) -> usize;

    /// Whether that component is an amount, which can't be negative.
    fn is_nonnegative(&self, component: usize) -> bool;

    /// f(t, y) into `dydt`.
    fn rhs(&self, t: f64, y: &[f64], dydt: &mut [f64]);

    /// ∂f/∂t into `dfdt`.
    fn time_derivative(&self, t: f64, y: &[f64], dfdt: &mut [f64]);

    /// Where J may differ from zero.
    fn jacobian_pattern(&self) -> &SparsePattern;

    /// J at (t, y) in the order of the pattern, and g (dimension × stride).
    fn linear(&self, t: f64, y: &[f64], jacobian: &mut [f64], g: &mut [f64]);

    /// The derivatives of both along `v`, in y.
    fn curvature(&self, t: f64, y: &[f64], v: &[f64], jacobian: &mut [f64], g: &mut [f64]);

    /// The derivatives of both by t; false, with nothing written, where they are zero.
    fn curvature_in_time(&self, t: f64, y: &[f64], jacobian: &mut [f64], g: &mut [f64]) -> bool;
}
