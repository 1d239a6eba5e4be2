//! A model under given parameters, as the integrators see it.

use super::model::Model;
use crate::solve::linear::LinearSolver;
use crate::solve::steady::Flow;
use crate::solve::{SparsePattern, System};

/// A model with its parameters while it settles, before a run: the time is 0, events wait, and some species are held.
///
/// Invariant: the derivative of a held species and its row of the Jacobian are zero.
#[derive(Clone, Copy)]
pub(super) struct Bound<'a> {
    pub model: &'a Model,
    pub parameters: &'a [f64],
    /// Which species stay as they are.
    pub held: &'a [bool],
}

impl Bound<'_> {
    /// Whether that species stays as it is.
    pub fn holds(&self, species: usize) -> bool {
        self.held.get(species) == Some(&true)
    }
}

impl System for Bound<'_> {
    fn dimension(&self) -> usize {
        self.model.network().species.len()
    }

    fn rhs(&self, _t: f64, y: &[f64], dydt: &mut [f64]) {
        self.model.code().rhs(0.0, y, self.parameters, dydt);
        for (slope, _) in dydt.iter_mut().zip(self.held).filter(|(_, held)| **held) {
            *slope = 0.0;
        }
    }

    fn jacobian_pattern(&self) -> &SparsePattern {
        self.model.jacobian_pattern()
    }

    fn jacobian(&self, _t: f64, y: &[f64], values: &mut [f64]) {
        self.model.code().jacobian(0.0, y, self.parameters, values);
        for (value, (row, _)) in values.iter_mut().zip(self.jacobian_pattern().entries()) {
            if self.holds(row) {
                *value = 0.0;
            }
        }
    }

    fn is_autonomous(&self) -> bool {
        true
    }

    fn linear_solver(&self) -> Box<dyn LinearSolver> {
        self.model.solver()
    }

    fn is_nonnegative(&self, component: usize) -> bool {
        self.model.is_amount(component)
    }
}

/// The time stands still, so this is the same as the system.
impl Flow for Bound<'_> {
    fn dimension(&self) -> usize {
        System::dimension(self)
    }

    fn rates(&self, y: &[f64], dydt: &mut [f64]) {
        self.rhs(0.0, y, dydt);
    }

    fn pattern(&self) -> &SparsePattern {
        self.jacobian_pattern()
    }

    fn derivatives(&self, y: &[f64], values: &mut [f64]) {
        self.jacobian(0.0, y, values);
    }

    fn is_amount(&self, component: usize) -> bool {
        self.is_nonnegative(component)
    }
}
