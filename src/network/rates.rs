//! Rate laws: coefficients, modifiers, drugs, combinations of reactants.
//!
//! One law is written, [`Law`]; the mean-field rate follows from it. Mass action counts distinct combinations of
//! reactants in both meanings, so a pair of one kind reacts at k n²/2 in mean field, the limit of k n (n - 1)/2.

use super::build::{Builder, Result, View};
use super::drugs::Target;
use super::lower::Context;
use super::pools::Container;
use super::{Expr, Law, PlaceKind, ProcessId, Role, SpeciesId};
use crate::hir::{self, Entity, Modifier, ModifierKind, ScopeId};

impl<'h> Builder<'h> {
    /// What modifiers and drugs make of a process' rate: the product of their factors.
    pub(super) fn factors(&mut self, scope: ScopeId, id: hir::ProcessId) -> Result<Expr> {
        let hir = self.hir;
        let Some(process) = hir.processes.get(id.index()) else { return Ok(Expr::ONE) };
        let mut factor = self.activity(scope, Target::Process(id))?;
        for modifier in &process.modifiers {
            factor = factor * self.modifier(scope, modifier)?;
        }
        Ok(factor)
    }

    fn modifier(&mut self, scope: ScopeId, modifier: &Modifier) -> Result<Expr> {
        let a = self.relative(scope, &modifier.by)?;
        let saturated = |a: Expr| match modifier.half {
            None => a,
            Some(h) => a.clone() * Expr::Constant(1.0 + h) / (a + Expr::Constant(h)),
        };
        Ok(match modifier.kind {
            ModifierKind::Needs => saturated(a),
            ModifierKind::Promoted { without } => {
                Expr::Constant(without) + Expr::Constant(1.0 - without) * saturated(a)
            }
            ModifierKind::Inhibited { without } => {
                Expr::Constant(without) / (Expr::ONE + Expr::Constant(without - 1.0) * a)
            }
        })
    }

    /// The present amount over the unperturbed initial one, times what drugs leave of its activity.
    fn relative(&mut self, scope: ScopeId, pool: &hir::Pool) -> Result<Expr> {
        let found = self.find(pool, View::Cell(scope));
        let key = (scope, found);
        if let Some(made) = self.relatives.get(&key) {
            return Ok(made.clone());
        }
        let found = &key.1;
        let initial = |&id: &SpeciesId| self.network.species.get(id.index()).map(|s| s.initial.clone());
        let initial = Expr::sum(found.iter().filter_map(initial));
        let name = match found.as_slice() {
            [only] => self.network.species.get(only.index()).map(|s| s.name.clone()).unwrap_or_default(),
            _ => format!("{}{}", self.scope_prefix(scope), self.written(pool)),
        };
        let known = super::numbers::Known::derived(super::pools::copies(), pool.span);
        let reference = self.parameter(format!("reference {name}"), Role::Reference, initial, known);
        let present = Expr::sum(found.iter().map(|&id| Expr::Species(id)));
        let mut value = present / Expr::Parameter(reference);
        if let Entity::Molecule(id) = pool.what {
            value = value * self.activity(scope, Target::Molecule(id))?;
        }
        let definition = Expr::Definition(self.define(format!("relative {name}"), value, None, pool.span));
        self.relatives.insert(key, definition.clone());
        Ok(definition)
    }

    /// A reference's name and state.
    fn written(&self, pool: &hir::Pool) -> String {
        match (pool.what, pool.state) {
            (Entity::Molecule(id), state) => self.what_name(super::pools::What::Molecule(id, state)),
            (Entity::Vesicle(id), Some(state)) => self.what_name(super::pools::What::Vesicle(id, state)),
            (Entity::Vesicle(id), None) => {
                self.hir.vesicles.get(id.index()).map(|v| v.name.to_string()).unwrap_or_default()
            }
        }
    }

    /// A whole rate law, as written.
    pub(super) fn whole_rate(
        &mut self,
        value: &hir::Value,
        scope: ScopeId,
        name: impl FnOnce() -> String,
    ) -> Result<Expr> {
        let expr = self.lower(&value.expr, Context::acting(scope))?;
        match expr {
            Expr::Constant(_) => self.number(value, scope, name),
            _ if value.uncertainty.is_some() && super::numbers::over_parameters(&expr) => {
                self.number(value, scope, name)
            }
            _ => Ok(expr),
        }
    }

    /// Notes a parameter that is the coefficient of a process.
    pub(super) fn note_coefficient(&mut self, coefficient: &Expr, process: ProcessId) {
        if let Expr::Parameter(id) = coefficient {
            self.network.coefficients.push((*id, process));
        }
    }

    /// What makes a coefficient for concentrations one for amounts. Of places of different kinds the rate refers to
    /// the one that the coefficient's dimension leaves over.
    pub(super) fn size_factor(
        &self,
        coefficient: hir::units::Dimension,
        reactants: &[(SpeciesId, u32)],
        products: &[(SpeciesId, u32)],
    ) -> Expr {
        let mut rooms: Vec<Room> = Vec::new();
        for &(species, count) in reactants {
            let room = self.room_of(species);
            rooms.extend((0..count).map(|_| room.clone()));
        }
        if rooms.is_empty() {
            return products.first().map_or(Expr::ONE, |&(species, _)| self.room_of(species).size);
        }
        let all: i32 = rooms.iter().map(|room| room.length).sum();
        let wanted = i32::from(coefficient.exponents[1]) / 60;
        let left_over = rooms.iter().position(|room| all - room.length == wanted).unwrap_or(0);
        rooms.remove(left_over);
        rooms.into_iter().fold(Expr::ONE, |factor, room| factor.per_room(room.size))
    }

    fn room_of(&self, species: SpeciesId) -> Room {
        let Some(key) = self.pools.key(species) else { return Room { size: Expr::ONE, length: 3 } };
        let bound = self.is_membrane_bound(key.what);
        let flat = match key.within {
            Container::Place(place) => self.place_kind(place) == PlaceKind::Membrane,
            Container::Vesicle(_) => bound,
        };
        Room { size: self.container_size(key.within, bound), length: if flat { 2 } else { 3 } }
    }
}

/// What contains a reactant.
#[derive(Clone)]
struct Room {
    size: Expr,
    /// The exponent of length in it.
    length: i32,
}

/// The mean-field rate of mass action.
pub(super) fn mass_action(coefficient: Expr, reactants: Vec<(SpeciesId, u32)>) -> (Law, Expr) {
    let mut rate = coefficient.clone();
    for &(species, count) in &reactants {
        rate = rate * Expr::Species(species).times(count);
        if count > 1 {
            let orders: f64 = (2..=count).map(f64::from).product();
            rate = rate / Expr::Constant(orders);
        }
    }
    (Law::MassAction { coefficient, reactants }, rate)
}
