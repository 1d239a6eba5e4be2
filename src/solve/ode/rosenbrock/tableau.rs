//! What Rosenbrock methods differ in, and a whole step of one as a single function.
//!
//! [`Rosenbrock`](super::Rosenbrock) asks a system for one evaluation after the other. A system that can do a whole step at
//! once, in the same operations, says so by [`LaneSystem::whole_step`](crate::solve::LaneSystem::whole_step); [`StepShape`] tells
//! where the numbers lie that go in and come out.

use std::ops::Range;

use crate::solve::lanes;

/// A Rosenbrock method in transformed variables: stage i is one entry of each list, with i coefficients in its rows of `a` and `c`.
#[derive(Debug)]
pub struct Tableau {
    pub gamma: f64,
    pub a: &'static [&'static [f64]],
    pub c: &'static [&'static [f64]],
    /// The stages after this one, and the end, are each where the one before was plus that one's u.
    pub continued: usize,
    /// Where in the step each stage looks.
    pub alpha: &'static [f64],
    /// The share of ∂f/∂t in each stage.
    pub d: &'static [f64],
    /// The solution: y + Σ m_j u_j.
    pub m: &'static [f64],
    /// Dense output: y(θ) = y + Σ_j θ (m_j + (1 − θ) (dense_0j + θ (dense_1j + θ dense_2j))) u_j.
    pub dense: [&'static [f64]; 3],
    /// Σ doubt_j u_j estimates the error of dense output between the ends of a step: see `interpolant`.
    pub doubt: &'static [f64],
    pub order_of_error: f64,
}

impl Tableau {
    /// 1/(hγ): what the matrix of a step of each length has on its diagonal besides the Jacobian.
    #[inline(always)]
    pub(super) fn shift<const W: usize>(&self, h: &[f64; W]) -> [f64; W] {
        lanes!(l => 1.0 / (h[l] * self.gamma))
    }
}

/// The numbers of a whole step of an autonomous system, in rows of one for each lane. In: the state, its slope, 1/(hγ),
/// 1/h, by how much amounts may be negative. Out: the u of all stages; the solution at the end and its slope; whether a stage was below what is allowed, as 1 or
/// 0; the diagonal of the Jacobian; the reciprocal pivots and the multipliers of the factorisation, as
/// [`StaticLu`](crate::solve::linear::StaticLu) has them.
///
/// Where a stage was below, or the factorisation isn't to be trusted, the rest is not to be used: such a step is done
/// evaluation by evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepShape {
    /// Of the state.
    pub components: usize,
    pub stages: usize,
    /// Entries of L below its diagonal.
    pub multipliers: usize,
}

impl StepShape {
    /// Rows that go in.
    pub fn inputs(&self) -> usize {
        self.slack() + 1
    }

    /// Where the slope begins; the state is before it.
    pub fn slope(&self) -> usize {
        self.components
    }

    /// Where 1/(hγ) is.
    pub fn shift(&self) -> usize {
        2 * self.components
    }

    /// Where 1/h is.
    pub fn reciprocal(&self) -> usize {
        self.shift() + 1
    }

    /// Where it is told by how much amounts may be negative without being minded.
    pub fn slack(&self) -> usize {
        self.reciprocal() + 1
    }

    /// Rows that come out.
    pub fn outputs(&self) -> usize {
        self.multipliers().end
    }

    /// The u of a stage.
    pub fn u(&self, stage: usize) -> Range<usize> {
        stage * self.components..(stage + 1) * self.components
    }

    /// The state at the end.
    pub fn end(&self) -> Range<usize> {
        self.u(self.stages)
    }

    /// The slope at the end.
    pub fn slope_at_end(&self) -> Range<usize> {
        self.u(self.stages + 1)
    }

    /// Whether a stage was below what is allowed.
    pub fn below(&self) -> usize {
        self.slope_at_end().end
    }

    /// The diagonal of the Jacobian.
    pub fn diagonal(&self) -> Range<usize> {
        let start = self.below() + 1;
        start..start + self.components
    }

    /// The reciprocal pivots.
    pub fn pivots(&self) -> Range<usize> {
        let start = self.diagonal().end;
        start..start + self.components
    }

    /// L below its diagonal.
    pub fn multipliers(&self) -> Range<usize> {
        let start = self.pivots().end;
        start..start + self.multipliers
    }
}
