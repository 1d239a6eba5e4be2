//! The numbers of a model that one can ask about, by the names that `exoc check --evidence` lists.

use crate::network::{DisplayUnit, Expr, Network, ParameterId, Role, SpeciesId};
use crate::simulate::sensitivity::{About, Theta};
use crate::simulate::{Model, Parameters};

/// What stands before the name of a species for the amount that it begins with.
const INITIAL: &str = "initial ";

/// Something to differentiate by.
#[derive(Clone, PartialEq, Debug)]
pub struct Number {
    pub name: String,
    pub about: About,
    /// Internal units.
    pub value: f64,
    pub unit: DisplayUnit,
}

impl Number {
    /// What derivatives are by: the number over this. The value itself, or one unit for what is zero.
    pub fn scale(&self) -> f64 {
        if self.value == 0.0 { self.unit.factor } else { self.value }
    }

    pub(super) fn theta(&self) -> Theta {
        Theta { about: self.about, unit: self.scale() }
    }
}

/// Every number of the user's: parameters, conditions, sizes, initial amounts; with their values under `set`. Last come
/// amounts of species that begin with none or with what is computed: they can be asked for by name.
pub fn every(model: &Model, set: &[(ParameterId, f64)]) -> Vec<Number> {
    let network = model.network();
    let values = Parameters::new(model, set);
    let ours = network.parameters.iter().enumerate().filter(|(_, p)| p.role.is_users());
    let parameters = ours.map(|(index, p)| {
        let id = ParameterId(index as u32);
        Number { name: p.name.clone(), about: About::Parameter(id), value: values.get(id), unit: p.unit.clone() }
    });
    let amounts = model.initial_amounts(&values);
    let others = network.species.iter().enumerate().filter(|(_, s)| !is_parameter(network, &s.initial));
    let species = others.map(|(index, s)| Number {
        name: format!("{INITIAL}{}", s.name),
        about: About::Initial(SpeciesId(index as u32)),
        value: amounts.get(index).copied().unwrap_or(0.0),
        unit: s.unit.clone(),
    });
    parameters.chain(species).collect()
}

/// Those among them that are taken when none are named: parameters with a declared uncertainty or, if there are none,
/// all parameters.
pub fn uncertain(network: &Network, numbers: &[Number]) -> Vec<Number> {
    let parameters = || numbers.iter().filter(|n| matches!(n.about, About::Parameter(_)));
    let declared = |n: &&Number| match n.about {
        About::Parameter(id) => network.parameters.get(id.index()).is_some_and(|p| p.uncertainty.is_some()),
        About::Initial(_) => false,
    };
    let chosen: Vec<Number> = parameters().filter(declared).cloned().collect();
    if chosen.is_empty() { parameters().cloned().collect() } else { chosen }
}

impl Number {
    /// Whether a name means this: the whole of it, or without its cell, or for an initial amount that of the species alone.
    pub fn is_called(&self, name: &str) -> bool {
        let ends = |whole: &str, part: &str| {
            whole == part || whole.strip_suffix(part).is_some_and(|cell| cell.ends_with('.') || cell.is_empty())
        };
        match (self.name.strip_prefix(INITIAL), name.strip_prefix(INITIAL)) {
            (Some(own), Some(asked)) => ends(own, asked),
            (Some(own), None) => ends(own, name),
            (None, Some(_)) => false,
            (None, None) => ends(&self.name, name),
        }
    }
}

/// Whether an initial amount is a number of the user's as it stands.
fn is_parameter(network: &Network, initial: &Expr) -> bool {
    let Expr::Parameter(id) = initial else { return false };
    network.parameters.get(id.index()).is_some_and(|p| p.role == Role::Initial)
}
