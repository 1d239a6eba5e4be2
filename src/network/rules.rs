//! Rate rules, events, observables: what a model says beside its processes.

use super::build::{Builder, Number, Result, View};
use super::lower::Context;
use super::numbers::display;
use super::{DisplayUnit, Event, Expr, Observable, RateRule, SpeciesId, Target};
use crate::hir::{self, Assignable, Assignment, Decl, ScopeId};

impl<'h> Builder<'h> {
    pub(super) fn write_rules(&mut self) -> Result<()> {
        let hir = self.hir;
        for (scope, decl) in self.members() {
            let Decl::Rule(id) = decl else { continue };
            let Some(rule) = hir.rules.get(id.index()) else { continue };
            let rate = self.lower(&rule.rate, Context::acting(scope))?;
            for (species, share) in self.moved_by(&rule.target, scope)? {
                let rate = rate.clone() * share;
                self.network.rate_rules.push(RateRule { species, rate, span: rule.span });
            }
        }
        Ok(())
    }

    /// The state variables of what a rule moves, with the share of its rate that each gets.
    fn moved_by(&mut self, target: &Assignable, scope: ScopeId) -> Result<Vec<(SpeciesId, Expr)>> {
        let number = match target {
            Assignable::Param(id, at) => self.named(Number::Param(*id), at.or(Some(scope)))?,
            Assignable::Input(id, at) => self.named(Number::Input(*id), at.or(Some(scope)))?,
            Assignable::Compartment(id, at) => {
                let place = self.place(at.unwrap_or(scope), *id)?;
                self.size(place)
            }
            Assignable::Amount(pool) => {
                let pools = self.find(pool, View::Cell(scope));
                return Ok(self.shares(&pools));
            }
        };
        Ok(match number {
            Expr::Species(id) => vec![(id, Expr::ONE)],
            _ => Vec::new(),
        })
    }

    /// Pools with their present shares of the total; all of it is the first one's when there is nothing.
    fn shares(&self, pools: &[SpeciesId]) -> Vec<(SpeciesId, Expr)> {
        if let [only] = pools {
            return vec![(*only, Expr::ONE)];
        }
        let total = Expr::sum(pools.iter().map(|&p| Expr::Species(p)));
        let some = Expr::binary(super::BinaryOp::Less, Expr::ZERO, total.clone());
        let share = |(position, &pool): (usize, &SpeciesId)| {
            let otherwise = if position == 0 { Expr::ONE } else { Expr::ZERO };
            (pool, Expr::select(some.clone(), Expr::Species(pool) / total.clone(), otherwise))
        };
        pools.iter().enumerate().map(share).collect()
    }

    pub(super) fn write_events(&mut self) -> Result<()> {
        let hir = self.hir;
        for (scope, decl) in self.members() {
            let Decl::Event(id) = decl else { continue };
            let Some(event) = hir.events.get(id.index()) else { continue };
            let context = Context::reading(scope);
            let trigger = self.trigger(&event.condition, context)?;
            let delay = event.delay.as_ref().map_or(Ok(Expr::ZERO), |delay| self.lower(delay, context))?;
            let mut assignments = Vec::new();
            for assignment in &event.assignments {
                assignments.extend(self.assigned(assignment, context)?);
            }
            let name = format!("{}{}", self.scope_prefix(scope), event.name);
            self.network.events.push(Event { name, trigger, delay, assignments, span: event.span });
        }
        Ok(())
    }

    /// What an assignment of an event or arm sets, and to what.
    pub(super) fn assigned(&mut self, assignment: &Assignment, context: Context) -> Result<Vec<(Target, Expr)>> {
        let value = self.lower(&assignment.value, context)?;
        let here = match context.view {
            View::Cell(scope) => Some(scope),
            View::Experiment => None,
        };
        let numbers = match &assignment.target {
            Assignable::Param(id, at) => self.numbers_of(Number::Param(*id), at.or(here))?,
            Assignable::Input(id, at) => self.numbers_of(Number::Input(*id), at.or(here))?,
            Assignable::Compartment(id, at) => {
                let mut sizes = Vec::new();
                for scope in self.owners(at.or(here), Decl::Compartment(*id)) {
                    let place = self.place(scope, *id)?;
                    sizes.push(self.size(place));
                }
                sizes
            }
            Assignable::Amount(pool) => return Ok(self.assigned_amounts(assignment, pool, value, context)),
        };
        let mut set: Vec<(Target, Expr)> = Vec::with_capacity(numbers.len());
        for number in numbers {
            let (target, reference) = match number {
                Expr::Parameter(id) => {
                    (Target::Parameter(id), self.network.parameters.get(id.index()).map(|p| p.value.clone()))
                }
                Expr::Species(id) => {
                    (Target::Species(id), self.network.species.get(id.index()).map(|s| s.initial.clone()))
                }
                _ => continue,
            };
            let base = reference.filter(|_| assignment.relative).unwrap_or(Expr::ONE);
            if set.iter().all(|(known, _)| *known != target) {
                set.push((target, value.clone() * base));
            }
        }
        Ok(set)
    }

    /// A param or an input of a cell or, if none is said, of each scope that has it.
    pub(super) fn numbers_of(&mut self, number: Number, said: Option<ScopeId>) -> Result<Vec<Expr>> {
        let decl = match number {
            Number::Param(id) => Decl::Param(id),
            Number::Input(id) => Decl::Input(id),
        };
        self.owners(said, decl).into_iter().map(|scope| self.named(number, Some(scope))).collect()
    }

    /// Relative: each pool times its initial amount; otherwise the total, divided as it is at present.
    fn assigned_amounts(
        &self,
        assignment: &Assignment,
        pool: &hir::Pool,
        value: Expr,
        context: Context,
    ) -> Vec<(Target, Expr)> {
        let pools = self.find(pool, context.view);
        let parts = self.shares(&pools).into_iter().map(|(species, share)| {
            let initial = self.network.species.get(species.index()).map(|s| s.initial.clone());
            let by = if assignment.relative { initial.unwrap_or(Expr::ZERO) } else { share };
            (Target::Species(species), value.clone() * by)
        });
        parts.collect()
    }

    /// What the model's experiments measure, then what its cells declare.
    pub(super) fn write_observables(&mut self) -> Result<()> {
        let hir = self.hir;
        for experiment in self.own_experiments() {
            for measure in &experiment.measures {
                let value = self.lower(&measure.value, Context::EXPERIMENT)?;
                let unit = display(&measure.unit);
                let name = measure.name.to_string();
                self.network.observables.push(Observable { name, value, unit, span: measure.span });
            }
        }
        for (scope, decl) in self.members() {
            let Decl::Observable(id) = decl else { continue };
            let Some(declared) = hir.observables.get(id.index()) else { continue };
            let value = self.lower_in(&declared.value, scope)?;
            let unit = declared.value.unit.as_ref().map(display);
            let unit = unit.unwrap_or(DisplayUnit { symbol: String::new(), factor: 1.0 });
            let name = format!("{}{}", self.scope_prefix(scope), declared.name);
            self.network.observables.push(Observable { name, value, unit, span: declared.span });
        }
        Ok(())
    }
}
