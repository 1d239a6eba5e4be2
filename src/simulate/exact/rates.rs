//! Propensities of a model under the present parameters.

use std::cell::RefCell;

use super::ExactModel;
use crate::kernel::Scratch;
use crate::kernel::jumps::Propensity;
use crate::solve::jump::Rates;

/// A model's laws with values for the parameters.
#[derive(Debug)]
pub(super) struct Bound<'e> {
    exact: &'e ExactModel<'e>,
    /// As [`crate::kernel::Jumps`] reads them.
    p: Vec<f64>,
    coefficients: Vec<f64>,
    scratch: RefCell<Scratch>,
}

impl<'e> Bound<'e> {
    pub fn new(exact: &'e ExactModel<'e>) -> Bound<'e> {
        Bound { exact, p: Vec::new(), coefficients: Vec::new(), scratch: RefCell::default() }
    }

    /// Takes over the values of the network's parameters.
    pub fn bind(&mut self, parameters: &[f64]) {
        self.p = self.exact.jumps.parameters(parameters);
        self.coefficients = self.exact.jumps.coefficients.evaluate(0.0, &self.no_states(), &self.p);
    }

    /// The coefficients read none, but the program's shape has them.
    fn no_states(&self) -> Vec<f64> {
        vec![f64::NAN; self.exact.scheme.states()]
    }
}

impl Rates for Bound<'_> {
    fn coefficients(&self, out: &mut [f64]) {
        for (out, reaction) in out.iter_mut().zip(&self.exact.reactions) {
            *out = self.coefficients[*reaction];
        }
    }

    fn propensity(&self, channel: usize, t: f64, x: &[f64]) -> f64 {
        match &self.exact.jumps.propensities[self.exact.reactions[channel]] {
            Propensity::General(program) => {
                let mut out = [0.0];
                program.interpret(t, x, &self.p, &mut out, &mut self.scratch.borrow_mut());
                out[0]
            }
            Propensity::Combination { .. } | Propensity::Follows => f64::NAN,
        }
    }
}
