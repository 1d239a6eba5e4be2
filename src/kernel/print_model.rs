//! A whole model as text, under the network's names: what `exoc compile --emit kernel` shows.

use super::model::{Model, Part};
use super::print::Names;
use super::program::Program;
use crate::network::{Network, Target};
use std::fmt;

/// A model beside the network it was lowered from, ready to print.
pub struct ModelListing<'a> {
    model: &'a Model,
    network: &'a Network,
}

impl Model {
    /// All programs as text. `network` is the one this model was made from; it gives the names.
    pub fn display<'a>(&'a self, network: &'a Network) -> ModelListing<'a> {
        ModelListing { model: self, network }
    }
}

impl ModelListing<'_> {
    fn names(&self, outputs: Vec<String>) -> Names {
        let network = self.network;
        let declared = network.parameters.iter().map(|p| p.name.clone());
        let derived = (0..self.model.derived().outputs().len()).map(|i| format!("derived {i}"));
        Names {
            states: network.species.iter().map(|s| s.name.clone()).collect(),
            parameters: declared.chain(derived).collect(),
            outputs,
        }
    }

    fn part_outputs(&self, part: Part) -> Vec<String> {
        let network = self.network;
        let species = network.species.iter().map(|s| &s.name);
        match part {
            Part::Rhs => species.map(|s| format!("d {s} / dt")).collect(),
            Part::Jacobian => self.entries(),
            Part::TimeDerivative => species.map(|s| format!("d² {s} / dt² at constant y")).collect(),
            Part::Observables => network.observables.iter().map(|o| o.name.clone()).collect(),
            Part::Triggers => network.events.iter().map(|e| e.name.clone()).collect(),
        }
    }

    /// `d (d A / dt) / d B` for each entry of the Jacobian.
    fn entries(&self) -> Vec<String> {
        let (sparsity, species) = (self.model.sparsity(), &self.network.species);
        let column = |j: usize| &sparsity.rows[sparsity.column_starts[j]..sparsity.column_starts[j + 1]];
        let entry = |row: usize, j: usize| format!("d (d {} / dt) / d {}", species[row].name, species[j].name);
        (0..sparsity.size()).flat_map(|j| column(j).iter().map(move |&row| entry(row, j))).collect()
    }

    fn target(&self, target: &Target) -> String {
        match target {
            Target::Species(id) => self.network.species[id.index()].name.clone(),
            Target::Parameter(id) => self.network.parameters[id.index()].name.clone(),
        }
    }

    fn program(&self, f: &mut fmt::Formatter<'_>, title: &str, p: &Program, outputs: Vec<String>) -> fmt::Result {
        if p.outputs().is_empty() {
            return Ok(());
        }
        writeln!(f, "{title}\n{}", p.display(&self.names(outputs)))
    }
}

impl fmt::Display for ModelListing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (model, network) = (self.model, self.network);
        let derived = (0..model.derived().outputs().len()).map(|i| format!("derived {i}")).collect();
        self.program(f, "derived: once per parameter set, appended to p", model.derived(), derived)?;
        let species: Vec<String> = network.species.iter().map(|s| s.name.clone()).collect();
        self.program(f, "initial", &model.initial, species)?;
        for part in Part::ALL {
            self.program(f, part.name(), model.program(part), self.part_outputs(part))?;
        }
        let events: Vec<String> = network.events.iter().map(|e| e.name.clone()).collect();
        self.program(f, "delays", &model.delays, events.clone())?;
        for (event, assignments) in events.iter().zip(&model.assignments) {
            let targets = assignments.targets.iter().map(|t| self.target(t)).collect();
            self.program(f, &format!("assignments of {event}"), &assignments.program, targets)?;
        }
        Ok(())
    }
}
