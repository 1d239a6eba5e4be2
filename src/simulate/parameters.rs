//! The values of all parameters during a run, those that follow from others kept in step.

use super::Model;
use crate::network::ParameterId;

/// Values of the parameters of one model.
///
/// Invariant: a parameter that was set keeps its value; every other is what its expression gives for the present
/// values of those before it.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameters {
    set: Vec<(ParameterId, f64)>,
    values: Vec<f64>,
}

impl Parameters {
    /// As declared, but for those given a value of their own; of two for one parameter the later counts.
    pub fn new(model: &Model, set: &[(ParameterId, f64)]) -> Parameters {
        let mut parameters = Parameters { set: Vec::new(), values: Vec::new() };
        for &(id, value) in set {
            parameters.record(id, value);
        }
        parameters.values = model.kernel().parameter_values(&parameters.set);
        parameters
    }

    /// Gives a parameter a value of its own, and those that follow from it theirs.
    pub fn set(&mut self, model: &Model, id: ParameterId, value: f64) {
        self.record(id, value);
        self.values = model.kernel().parameter_values(&self.set);
    }

    /// The value of one parameter, in internal units; NaN for an id of another network.
    pub fn get(&self, id: ParameterId) -> f64 {
        self.values.get(id.index()).copied().unwrap_or(f64::NAN)
    }

    /// All values as the model's programs read them: the network's parameters, then what is derived from them.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Those that have a value of their own.
    pub fn given(&self) -> impl Iterator<Item = ParameterId> + '_ {
        self.set.iter().map(|(id, _)| *id)
    }

    fn record(&mut self, id: ParameterId, value: f64) {
        match self.set.iter_mut().find(|(set, _)| *set == id) {
            Some((_, slot)) => *slot = value,
            None => self.set.push((id, value)),
        }
    }
}
