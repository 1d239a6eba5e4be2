//! A model under given parameters, as the integrators see it.

use super::model::Model;
use crate::solve::steady::Flow;
use crate::solve::{SparsePattern, System};

/// A model with its parameters; and, while settling, with the time stopped and some species held.
///
/// Invariant: the derivative of a held species and its row of the Jacobian are zero.
#[derive(Clone, Copy)]
pub(super) struct Bound<'a> {
    pub model: &'a Model,
    pub parameters: &'a [f64],
    pub stage: Stage<'a>,
}

/// What is being simulated.
#[derive(Clone, Copy)]
pub(super) enum Stage<'a> {
    /// The run itself, with events.
    Running,
    /// Before the run: the time is 0, events wait, and species marked here stay as they are.
    Settling(&'a [bool]),
}

impl Bound<'_> {
    fn time(&self, t: f64) -> f64 {
        match self.stage {
            Stage::Running => t,
            Stage::Settling(_) => 0.0,
        }
    }

    /// Whether that species stays as it is.
    pub fn holds(&self, species: usize) -> bool {
        matches!(self.stage, Stage::Settling(held) if held.get(species) == Some(&true))
    }

    fn held(&self) -> impl Iterator<Item = usize> + '_ {
        let held = match self.stage {
            Stage::Running => &[][..],
            Stage::Settling(held) => held,
        };
        held.iter().enumerate().filter(|(_, held)| **held).map(|(i, _)| i)
    }
}

impl System for Bound<'_> {
    fn dimension(&self) -> usize {
        self.model.network().species.len()
    }

    fn rhs(&self, t: f64, y: &[f64], dydt: &mut [f64]) {
        self.model.code().rhs(self.time(t), y, self.parameters, dydt);
        for i in self.held() {
            dydt[i] = 0.0;
        }
    }

    fn jacobian_pattern(&self) -> &SparsePattern {
        self.model.jacobian_pattern()
    }

    fn jacobian(&self, t: f64, y: &[f64], values: &mut [f64]) {
        self.model.code().jacobian(self.time(t), y, self.parameters, values);
        if let Stage::Settling(held) = self.stage {
            for (value, (row, _)) in values.iter_mut().zip(self.jacobian_pattern().entries()) {
                if held.get(row) == Some(&true) {
                    *value = 0.0;
                }
            }
        }
    }

    fn time_derivative(&self, t: f64, y: &[f64], dfdt: &mut [f64]) {
        match self.stage {
            Stage::Running => self.model.code().time_derivative(t, y, self.parameters, dfdt),
            Stage::Settling(_) => dfdt.fill(0.0),
        }
    }

    fn is_nonnegative(&self, component: usize) -> bool {
        self.model.is_amount(component)
    }

    fn roots(&self) -> usize {
        match self.stage {
            Stage::Running => self.model.network().events.len(),
            Stage::Settling(_) => 0,
        }
    }

    fn root_values(&self, t: f64, y: &[f64], g: &mut [f64]) {
        self.model.code().triggers(t, y, self.parameters, g);
    }
}

/// Only while settling is the time stopped, so only then is this the same as the system.
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
