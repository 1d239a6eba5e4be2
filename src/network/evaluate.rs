//! Expressions evaluated as they stand, one value at a time: for initial values, plans and tests.
//!
//! Deliberately absent: speed; simulations evaluate kernels.

use super::math::{binary, is_true, unary};
use super::{Expr, Network};

/// The numbers that expressions refer to. A species or parameter that isn't there is NaN.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Values {
    /// Seconds.
    pub time: f64,
    pub species: Vec<f64>,
    pub parameters: Vec<f64>,
}

impl Network {
    /// Unperturbed parameters and initial amounts, at time 0.
    pub fn initial_values(&self) -> Values {
        let mut values = Values { parameters: Vec::with_capacity(self.parameters.len()), ..Values::default() };
        for parameter in &self.parameters {
            let value = self.evaluate_at(&parameter.value, &values);
            values.parameters.push(value);
        }
        for species in &self.species {
            let value = self.evaluate_at(&species.initial, &values);
            values.species.push(value);
        }
        values
    }

    /// An expression at unperturbed parameters and initial amounts.
    pub fn evaluate(&self, expr: &Expr) -> f64 {
        self.evaluate_at(expr, &self.initial_values())
    }

    /// An expression at given values.
    pub fn evaluate_at(&self, expr: &Expr, values: &Values) -> f64 {
        let of = |slice: &[f64], index: usize| slice.get(index).copied().unwrap_or(f64::NAN);
        match expr {
            Expr::Constant(value) => *value,
            Expr::Time => values.time,
            Expr::Species(id) => of(&values.species, id.index()),
            Expr::Parameter(id) => of(&values.parameters, id.index()),
            Expr::Definition(id) => {
                self.definitions.get(id.index()).map_or(f64::NAN, |d| self.evaluate_at(&d.value, values))
            }
            Expr::Unary(op, a) => unary(*op, self.evaluate_at(a, values)),
            Expr::Binary(op, a, b) => binary(*op, self.evaluate_at(a, values), self.evaluate_at(b, values)),
            Expr::Select(select) => {
                let chosen = is_true(self.evaluate_at(&select.condition, values));
                self.evaluate_at(if chosen { &select.then } else { &select.otherwise }, values)
            }
        }
    }
}
