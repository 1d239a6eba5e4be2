//! What an integrator needs to know of a system of ordinary differential equations.

#[cfg(doc)]
use super::rosenbrock::InterpolantShape;
use super::rosenbrock::{StepShape, Tableau};
use crate::solve::SparsePattern;
use crate::solve::linear::{self, LaneSolver, LinearSolver};

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

    /// Whether f does not depend on t; then [`Self::time_derivative`] is not asked for.
    fn is_autonomous(&self) -> bool {
        false
    }

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

/// As many systems of one pattern as there are lanes, evaluated together: the same equations under different
/// parameters. Lane l of every array belongs to the l-th; what it gives for a lane depends on nothing but that lane.
///
/// Every [`System`] is one in a single lane.
pub trait LaneSystem<const W: usize> {
    /// Number of components of y.
    fn dimension(&self) -> usize;

    /// f(t, y) into `dydt`.
    fn rhs(&self, t: &[f64; W], y: &[[f64; W]], dydt: &mut [[f64; W]]);

    /// f(t, y) of one lane, with the same bits.
    fn rhs_of(&self, lane: usize, t: f64, y: &[f64], dydt: &mut [f64]);

    /// [`System::jacobian_pattern`], of all lanes.
    fn jacobian_pattern(&self) -> &SparsePattern;

    /// ∂f/∂y into `values`.
    fn jacobian(&self, t: &[f64; W], y: &[[f64; W]], values: &mut [[f64; W]]);

    /// [`System::is_autonomous`], of all lanes.
    fn is_autonomous(&self) -> bool;

    /// ∂f/∂t at fixed y into `dfdt`.
    fn time_derivative(&self, t: &[f64; W], y: &[[f64; W]], dfdt: &mut [[f64; W]]);

    /// [`System::is_nonnegative`], of all lanes.
    fn is_nonnegative(&self, component: usize) -> bool;

    /// What solves with `shift·I − J`, in each lane.
    fn lane_solver(&self) -> LaneSolver<W>;

    /// Whether [`Self::run_whole_step`] is to be asked for steps of that method, and how its numbers lie. May come to be
    /// so while an integration goes on: the numbers are the same either way.
    fn whole_step(&self, _method: &'static Tableau) -> Option<StepShape> {
        None
    }

    /// A step of the method at once.
    ///
    /// # Panics
    /// If [`Self::whole_step`] does not offer it, or a slice is shorter than it needs.
    fn run_whole_step(&self, _inputs: &[[f64; W]], _outputs: &mut [[f64; W]]) {
        unreachable!("this system offers no whole steps");
    }

    /// The correction of an interpolant at once, its numbers as [`InterpolantShape`] says, of the method of the last whole
    /// step; whether that was done.
    ///
    /// # Panics
    /// If a slice is shorter than it needs.
    fn run_correction(&self, _inputs: &[[f64; W]], _outputs: &mut [[f64; W]]) -> bool {
        false
    }

    /// Number of root functions.
    fn roots(&self) -> usize;

    /// [`System::root_values`] of one lane.
    fn root_values(&self, lane: usize, t: f64, y: &[f64], g: &mut [f64]);
}

impl<S: System + ?Sized> LaneSystem<1> for S {
    fn dimension(&self) -> usize {
        System::dimension(self)
    }

    #[inline(always)]
    fn rhs(&self, t: &[f64; 1], y: &[[f64; 1]], dydt: &mut [[f64; 1]]) {
        System::rhs(self, t[0], y.as_flattened(), dydt.as_flattened_mut());
    }

    fn rhs_of(&self, _lane: usize, t: f64, y: &[f64], dydt: &mut [f64]) {
        System::rhs(self, t, y, dydt);
    }

    fn jacobian_pattern(&self) -> &SparsePattern {
        System::jacobian_pattern(self)
    }

    #[inline(always)]
    fn jacobian(&self, t: &[f64; 1], y: &[[f64; 1]], values: &mut [[f64; 1]]) {
        System::jacobian(self, t[0], y.as_flattened(), values.as_flattened_mut());
    }

    fn is_autonomous(&self) -> bool {
        System::is_autonomous(self)
    }

    fn time_derivative(&self, t: &[f64; 1], y: &[[f64; 1]], dfdt: &mut [[f64; 1]]) {
        System::time_derivative(self, t[0], y.as_flattened(), dfdt.as_flattened_mut());
    }

    fn is_nonnegative(&self, component: usize) -> bool {
        System::is_nonnegative(self, component)
    }

    fn lane_solver(&self) -> LaneSolver<1> {
        LaneSolver::Each(vec![self.linear_solver()])
    }

    fn roots(&self) -> usize {
        System::roots(self)
    }

    fn root_values(&self, _lane: usize, t: f64, y: &[f64], g: &mut [f64]) {
        System::root_values(self, t, y, g);
    }
}
