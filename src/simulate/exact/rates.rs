//! Propensities of a model under the present parameters.

use std::cell::RefCell;

use super::{ExactModel, compiled};
use crate::kernel::Scratch;
use crate::kernel::jumps::Propensity;
use crate::solve::jump::{Halt, Rates, Window};

/// A model's laws with values for the parameters.
#[derive(Debug)]
pub(super) struct Bound<'e> {
    exact: &'e ExactModel<'e>,
    /// As [`crate::kernel::Jumps`] reads them, and after these the coefficient of each reaction.
    p: Vec<f64>,
    scratch: RefCell<Scratch>,
}

impl<'e> Bound<'e> {
    pub fn new(exact: &'e ExactModel<'e>) -> Bound<'e> {
        Bound { exact, p: Vec::new(), scratch: RefCell::default() }
    }

    /// Takes over the values of the network's parameters.
    pub fn bind(&mut self, parameters: &[f64]) {
        self.p = self.exact.jumps.parameters(parameters);
        let coefficients = self.exact.jumps.coefficients.evaluate(0.0, &self.no_states(), &self.p);
        self.p.extend(coefficients);
    }

    /// The coefficients read none, but the program's shape has them.
    fn no_states(&self) -> Vec<f64> {
        vec![f64::NAN; self.exact.scheme.states()]
    }
}

impl Rates for Bound<'_> {
    fn coefficients(&self, out: &mut [f64]) {
        let first = self.p.len() - self.exact.jumps.propensities.len();
        for (out, reaction) in out.iter_mut().zip(&self.exact.reactions) {
            *out = self.p[first + reaction];
        }
    }

    fn run(&self, window: &mut Window<'_>) -> Option<Halt> {
        self.exact.event_loop().map(|code| compiled::run(code, &self.p, window))
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
