//! A model's state with how fast each of its numbers moves along every θ, and what each change does to that.
//!
//! Invariants: parameters and what is derived from them move together; a parameter that was given a value moves as that
//! value does, and all others as their expressions do. Mirrors [`State::apply`], change by change.

use super::{Derivatives, LANES};
use crate::kernel::Program;
use crate::network::plan::Change;
use crate::network::{Expr, ParameterId, SpeciesId, Target};
use crate::simulate::{Parameters, State};

/// What to differentiate by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// A parameter; those that follow from it follow.
    Parameter(ParameterId),
    /// The amount that a species begins with.
    Initial(SpeciesId),
}

/// Something to differentiate by, and in what units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Theta {
    pub about: About,
    /// Derivatives are by θ over this; the value of θ makes them derivatives by its logarithm. Not zero.
    pub unit: f64,
}

/// A state and its derivatives by several θ. Rows have one number for each θ, and zeros up to a whole number of lanes.
#[derive(Clone, Debug)]
pub struct Moving {
    pub state: State,
    thetas: Vec<Theta>,
    stride: usize,
    /// A row for each species.
    pub(super) species: Vec<f64>,
    /// A row for each number of p.
    pub(super) parameters: Vec<f64>,
    set: Vec<(ParameterId, Vec<f64>)>,
}

impl Moving {
    /// At time 0, with the initial amounts that follow from the parameters.
    pub fn initial(derivatives: &Derivatives, parameters: Parameters, thetas: &[Theta]) -> Moving {
        let model = derivatives.model;
        let stride = thetas.len().next_multiple_of(LANES);
        let mut set: Vec<(ParameterId, Vec<f64>)> = parameters.given().map(|id| (id, vec![0.0; stride])).collect();
        for (k, theta) in thetas.iter().enumerate() {
            if let About::Parameter(id) = theta.about {
                if !set.iter().any(|(known, _)| *known == id) {
                    set.push((id, vec![0.0; stride]));
                }
                set.iter_mut().filter(|(known, _)| *known == id).for_each(|(_, row)| row[k] = theta.unit);
            }
        }
        let state = State::initial(model, parameters);
        let (n, p) = (state.species.len(), state.parameters.values().len());
        let (species, parameters) = (vec![0.0; n * stride], vec![0.0; p * stride]);
        let mut moving = Moving { state, thetas: thetas.to_vec(), stride, species, parameters, set };
        moving.follow_parameters(derivatives);
        moving.begin_again(derivatives);
        moving
    }

    /// The amounts that follow from the parameters as they are now.
    pub fn begin_again(&mut self, derivatives: &Derivatives) {
        self.state = State::initial(derivatives.model, self.state.parameters.clone());
        let none = vec![0.0; self.state.species.len()];
        for k in 0..self.thetas.len() {
            let moved = self.along(&derivatives.initial, &none, k, 0.0);
            for (i, d) in moved.into_iter().enumerate() {
                self.species[i * self.stride + k] = d;
            }
            let theta = self.thetas[k];
            if let About::Initial(id) = theta.about {
                self.species[id.index() * self.stride + k] += theta.unit;
            }
        }
    }

    /// Makes a parameter keep its present value and derivatives, whatever becomes of those that it follows from.
    pub fn keep(&mut self, derivatives: &Derivatives, id: ParameterId) {
        let row = self.parameter_row(id).to_vec();
        self.set_row(id, row);
        self.state.parameters.set(derivatives.model, id, self.state.parameters.get(id));
    }

    /// Numbers in a row.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// What is differentiated by.
    pub fn thetas(&self) -> &[Theta] {
        &self.thetas
    }

    /// The derivatives of a species' amount, one for each θ.
    pub fn species_row(&self, species: usize) -> &[f64] {
        &self.species[species * self.stride..][..self.stride]
    }

    /// Gives a species an amount and derivatives.
    pub fn place(&mut self, species: usize, amount: f64, row: &[f64]) {
        self.state.species[species] = amount;
        self.species[species * self.stride..][..self.stride].copy_from_slice(row);
    }

    /// How fast an expression over parameters moves, one number for each θ.
    pub fn expression(&self, derivatives: &Derivatives, expr: &Expr) -> Vec<f64> {
        self.read(derivatives, expr, &vec![0.0; self.thetas.len()]).1
    }

    fn parameter_row(&self, id: ParameterId) -> &[f64] {
        &self.parameters[id.index() * self.stride..][..self.stride]
    }

    fn set_row(&mut self, id: ParameterId, row: Vec<f64>) {
        match self.set.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => *known = row,
            None => self.set.push((id, row)),
        }
    }

    /// Brings the derivatives of all parameters in step with those that were set.
    fn follow_parameters(&mut self, derivatives: &Derivatives) {
        let declared = derivatives.model.network().parameters.len();
        self.parameters.fill(0.0);
        for (id, row) in &self.set {
            self.parameters[id.index() * self.stride..][..self.stride].copy_from_slice(row);
        }
        for (index, program) in &derivatives.dependent {
            if self.set.iter().any(|(id, _)| id.index() == *index) {
                continue;
            }
            for k in 0..self.thetas.len() {
                let moved = self.along(program, &[], k, 0.0);
                self.parameters[index * self.stride + k] = moved.first().copied().unwrap_or(0.0);
            }
        }
        for k in 0..self.thetas.len() {
            for (i, d) in self.along(&derivatives.derived, &[], k, 0.0).into_iter().enumerate() {
                self.parameters[(declared + i) * self.stride + k] = d;
            }
        }
    }

    /// What a tangent program gives along θ number `k` at the amounts `y`, the time moving by `time`.
    pub(super) fn along(&self, program: &Program, y: &[f64], k: usize, time: f64) -> Vec<f64> {
        let of = |rows: &[f64], count: usize| -> Vec<f64> {
            rows.chunks_exact(self.stride.max(1)).take(count).map(|row| row[k]).collect()
        };
        let inputs = program.inputs();
        let (states, parameters) = (inputs.states / 2, inputs.parameters / 2);
        let y = [&y[..states], &of(&self.species, states)].concat();
        let p = [&self.state.parameters.values()[..parameters], &of(&self.parameters, parameters), &[time]].concat();
        program.evaluate(self.state.time, &y, &p)
    }

    /// An expression's value and derivatives, the time moving by `shift`.
    fn read(&self, derivatives: &Derivatives, expr: &Expr, shift: &[f64]) -> (f64, Vec<f64>) {
        if let Expr::Constant(value) = expr {
            return (*value, vec![0.0; self.stride]);
        }
        let (program, moved) = derivatives.expression(expr);
        let y = self.state.shown(derivatives.model);
        let value = program.evaluate(self.state.time, &y, self.state.parameters.values());
        let mut row: Vec<f64> = (0..self.thetas.len())
            .map(|k| self.along(&moved, &y, k, shift[k]).first().copied().unwrap_or(0.0))
            .collect();
        row.resize(self.stride, 0.0);
        (value.first().copied().unwrap_or(f64::NAN), row)
    }

    /// Changes one thing, the time of the change moving by `shift`, one number for each θ.
    pub fn apply(&mut self, derivatives: &Derivatives, change: &Change, shift: &[f64]) {
        let read = |expr: &Expr| self.read(derivatives, expr, shift);
        match change {
            Change::Scale { species, factor } => {
                let (factor, moved) = read(factor);
                self.scale(species.index(), factor, &moved);
            }
            Change::Dissolve { complex, factor, freed } => {
                let (factor, mut moved) = read(factor);
                if factor >= 1.0 {
                    moved.fill(0.0);
                }
                let factor = factor.min(1.0);
                let before = self.species_row(complex.index()).to_vec();
                self.scale(complex.index(), factor, &moved);
                let left = self.species_row(complex.index()).to_vec();
                for (part, copies) in freed {
                    let row = self.row_mut(part.index());
                    for (d, (before, left)) in row.iter_mut().zip(before.iter().zip(&left)) {
                        *d += copies * (before - left);
                    }
                }
            }
            Change::ScaleParameter { parameter, factor } => {
                let (factor, moved) = read(factor);
                let value = self.state.parameters.get(*parameter);
                let row = self.parameter_row(*parameter).iter().zip(moved).map(|(d, m)| d * factor + value * m);
                let row = row.collect();
                self.set_row(*parameter, row);
            }
            Change::Set { target, value } => {
                let row = read(value).1;
                self.set_target(*target, row);
            }
            Change::Add { species, amount } => {
                let moved = read(amount).1;
                self.row_mut(species.index()).iter_mut().zip(moved).for_each(|(d, m)| *d += m);
            }
            Change::Dose { concentration, latch, level } => {
                let (level, moved) = read(level);
                let level = self.state.parameters.get(*concentration) + level;
                let row: Vec<f64> = self.parameter_row(*concentration).iter().zip(moved).map(|(d, m)| d + m).collect();
                if let Some(latch) = latch.filter(|latch| level > self.state.parameters.get(*latch)) {
                    self.set_row(latch, row.clone());
                }
                self.set_row(*concentration, row);
            }
            Change::Washout { concentration, level } => {
                let (level, moved) = read(level);
                let some = self.state.parameters.get(*concentration) > level;
                let row = self.parameter_row(*concentration).iter().zip(moved);
                let row = row.map(|(d, m)| if some { d - m } else { 0.0 }).collect();
                self.set_row(*concentration, row);
            }
        }
        self.state.apply(derivatives.model, change);
        self.follow_parameters(derivatives);
    }

    /// Makes an event's assignments, all computed from the state before the first.
    pub(super) fn assign(&mut self, derivatives: &Derivatives, event: usize, shift: &[f64]) {
        let model = derivatives.model;
        let assigned = model.kernel().assignments.get(event).zip(derivatives.assignments.get(event));
        let Some((assigned, program)) = assigned else { return };
        let y = self.state.shown(model);
        let values = assigned.program.evaluate(self.state.time, &y, self.state.parameters.values());
        let moved: Vec<Vec<f64>> = (0..self.thetas.len()).map(|k| self.along(program, &y, k, shift[k])).collect();
        for (i, (target, value)) in assigned.targets.iter().zip(values).enumerate() {
            let mut row: Vec<f64> = moved.iter().map(|moved| moved[i]).collect();
            row.resize(self.stride, 0.0);
            self.set_target(*target, row);
            self.state.assign(model, *target, value);
        }
        self.follow_parameters(derivatives);
    }

    fn set_target(&mut self, target: Target, row: Vec<f64>) {
        match target {
            Target::Species(id) => self.row_mut(id.index()).copy_from_slice(&row),
            Target::Parameter(id) => self.set_row(id, row),
        }
    }

    fn row_mut(&mut self, species: usize) -> &mut [f64] {
        &mut self.species[species * self.stride..][..self.stride]
    }

    fn scale(&mut self, species: usize, factor: f64, moved: &[f64]) {
        let amount = self.state.species[species];
        self.row_mut(species).iter_mut().zip(moved).for_each(|(d, m)| *d = *d * factor + amount * m);
    }

    /// Moves all amounts along their rates for the time `shift`: the derivatives of the state at a time that moves
    /// with θ. Nothing where `shift` is zero.
    pub(super) fn carry(&mut self, rates: &[f64], shift: &[f64], sign: f64) {
        for (row, rate) in self.species.chunks_exact_mut(self.stride.max(1)).zip(rates) {
            row.iter_mut().zip(shift).filter(|(_, t)| **t != 0.0).for_each(|(d, t)| *d += sign * rate * t);
        }
    }
}
