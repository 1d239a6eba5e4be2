//! Propensities of a model under the present parameters.

use std::cell::RefCell;

use super::{ExactModel, compiled};
use crate::kernel::Scratch;
use crate::solve::jump::{Halt, Rates, Window};

/// A model's laws with values for the parameters.
#[derive(Debug)]
pub(super) struct Bound<'e> {
    exact: &'e ExactModel<'e>,
    /// As [`crate::kernel::Jumps`] reads them, and after these the coefficient of each reaction.
    p: Vec<f64>,
    /// As the model's own programs read them.
    parameters: Vec<f64>,
    /// The conditions of events as last seen, as far as they are to be watched between jumps.
    conditions: Vec<bool>,
    scratch: RefCell<Scratch>,
    /// Powers that the event loop keeps.
    powers: RefCell<Vec<f64>>,
}

impl<'e> Bound<'e> {
    pub fn new(exact: &'e ExactModel<'e>) -> Bound<'e> {
        Bound {
            exact,
            p: Vec::new(),
            parameters: Vec::new(),
            conditions: Vec::new(),
            scratch: RefCell::default(),
            powers: RefCell::default(),
        }
    }

    /// Takes over the values of the network's parameters.
    pub fn bind(&mut self, parameters: &[f64]) {
        self.parameters.clear();
        self.parameters.extend(parameters);
        self.p = self.exact.jumps.parameters(parameters);
        let coefficients = self.exact.jumps.coefficients.evaluate(0.0, &self.no_states(), &self.p);
        self.p.extend(coefficients);
    }

    /// From here on changes of these conditions are watched for.
    pub fn watch(&mut self, conditions: &[bool]) {
        self.conditions.clear();
        self.conditions.extend(conditions);
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

    fn moves(&self, t: f64, x: &[f64], out: &mut [f64]) {
        let exact = self.exact;
        let mut rates = vec![0.0; exact.jumps.rules.outputs().len()];
        exact.jumps.rules.interpret(t, x, &self.p, &mut rates, &mut self.scratch.borrow_mut());
        for (rule, rate) in exact.model.network().rate_rules.iter().zip(rates) {
            let state = rule.species.index() as u32;
            if let Ok(position) = exact.scheme.moving().binary_search(&state) {
                out[position] += rate;
            }
        }
    }

    fn watches(&self) -> bool {
        self.exact.conditions
    }

    fn turned(&self, t: f64, x: &[f64]) -> bool {
        let mut triggers = vec![0.0; self.conditions.len()];
        self.exact.model.code().triggers(t, x, &self.parameters, &mut triggers);
        triggers.iter().zip(&self.conditions).any(|(g, held)| (*g > 0.0) != *held)
    }

    fn run(&self, window: &mut Window<'_>) -> Option<Halt> {
        self.exact.event_loop().map(|code| compiled::run(code, &self.p, &mut self.powers.borrow_mut(), window))
    }

    fn propensity(&self, channel: usize, t: f64, x: &[f64]) -> f64 {
        match self.exact.laws_of[channel] {
            Some(law) => self.exact.laws.run(law as usize, t, x, &self.p),
            None => f64::NAN,
        }
    }
}
