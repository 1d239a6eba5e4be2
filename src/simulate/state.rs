//! A model's state between two changes, and what each change does to it.

use super::{Model, Parameters};
use crate::network::plan::Change;
use crate::network::{Expr, ParameterId, SpeciesId, Target, Values};

/// Where a model is: the time, an amount for each species, a value for each parameter, all in internal units.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    /// Seconds since the start of the run.
    pub time: f64,
    pub species: Vec<f64>,
    pub parameters: Parameters,
}

impl State {
    /// At time 0, with the initial amounts that follow from the parameters.
    pub fn initial(model: &Model, parameters: Parameters) -> State {
        State { time: 0.0, species: model.kernel().initial_state(parameters.values()), parameters }
    }

    /// Changes one thing; its value is taken from the state as it is.
    pub fn apply(&mut self, model: &Model, change: &Change) {
        match change {
            Change::Scale { species, factor } => {
                let factor = self.value(model, factor);
                self.update(*species, |amount| amount * factor);
            }
            Change::Dissolve { complex, factor, freed } => {
                let factor = self.value(model, factor).min(1.0);
                let before = self.amount(*complex);
                self.update(*complex, |amount| amount * factor);
                for (part, copies) in freed {
                    self.update(*part, |amount| amount + copies * before * (1.0 - factor));
                }
            }
            Change::ScaleParameter { parameter, factor } => {
                let value = self.parameters.get(*parameter) * self.value(model, factor);
                self.parameters.set(model, *parameter, value);
            }
            Change::Set { target, value } => {
                let value = self.value(model, value);
                self.assign(model, *target, value);
            }
            Change::Add { species, amount } => {
                let added = self.value(model, amount);
                self.update(*species, |amount| amount + added);
            }
            Change::Dose { concentration, latch, level } => {
                let level = self.parameters.get(*concentration) + self.value(model, level);
                self.parameters.set(model, *concentration, level);
                if let Some(latch) = latch {
                    self.raise(model, *latch, level);
                }
            }
            Change::Washout { concentration, level } => {
                let left = self.parameters.get(*concentration) - self.value(model, level);
                self.parameters.set(model, *concentration, left.max(0.0));
            }
        }
    }

    /// Gives a species or a parameter a value.
    pub fn assign(&mut self, model: &Model, target: Target, value: f64) {
        match target {
            Target::Species(id) => self.update(id, |_| value),
            Target::Parameter(id) => self.parameters.set(model, id, value),
        }
    }

    fn raise(&mut self, model: &Model, id: ParameterId, value: f64) {
        if value > self.parameters.get(id) {
            self.parameters.set(model, id, value);
        }
    }

    fn amount(&self, id: SpeciesId) -> f64 {
        self.species.get(id.index()).copied().unwrap_or(f64::NAN)
    }

    fn update(&mut self, id: SpeciesId, new: impl FnOnce(f64) -> f64) {
        if let Some(slot) = self.species.get_mut(id.index()) {
            *slot = new(*slot);
        }
    }

    /// The amounts as rates and people see them, none of them negative.
    pub(super) fn shown(&self, model: &Model) -> Vec<f64> {
        let mut shown = self.species.clone();
        model.without_negatives(&mut shown);
        shown
    }

    fn value(&self, model: &Model, expr: &Expr) -> f64 {
        if let Expr::Constant(value) = expr {
            return *value;
        }
        let (species, parameters) = (self.shown(model), self.parameters.values().to_vec());
        model.network().evaluate_at(expr, &Values { time: self.time, species, parameters })
    }
}

/// Whether a change is to a parameter, from which initial amounts may follow, rather than to an amount.
pub fn is_of_parameters(change: &Change) -> bool {
    match change {
        Change::ScaleParameter { .. } | Change::Dose { .. } | Change::Washout { .. } => true,
        Change::Set { target, .. } => matches!(target, Target::Parameter(_)),
        Change::Scale { .. } | Change::Dissolve { .. } | Change::Add { .. } => false,
    }
}
