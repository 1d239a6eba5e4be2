//! Drugs: concentrations as parameters, and what they make of the activity of their targets.
//!
//! A concentration is 0 until an arm doses it. Only drugs that an experiment on the model gives are in its network.

use super::build::{Builder, Result};
use super::numbers::Known;
use super::{BinaryOp, DisplayUnit, Expr, ParameterId, Role};
use crate::hir::experiment::{DrugAction, DrugTarget, Effect};
use crate::hir::{DrugId, GroupId, GroupKind, MoleculeId, ProcessId, ScopeId, Value};

/// Parameters of a drug, in copies/µm³.
#[derive(Clone, Copy, Debug)]
pub(super) struct Concentration {
    pub present: ParameterId,
    /// The highest so far, where an effect is irreversible.
    pub highest: Option<ParameterId>,
}

/// What a drug acts on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Target {
    Molecule(MoleculeId),
    Process(ProcessId),
}

impl<'h> Builder<'h> {
    pub(super) fn drug(&mut self, id: DrugId) -> Concentration {
        if let Some(made) = self.drugs.get(&id) {
            return *made;
        }
        let declared = self.hir.drugs.get(id.index());
        let (name, span) = declared.map(|d| (d.name.to_string(), d.span)).unwrap_or_default();
        let actions = declared.map_or(&[][..], |d| &d.actions);
        let unit = actions.first().map(|action| super::numbers::display(&potency(&action.effect).unit));
        let unit = unit.unwrap_or(DisplayUnit { symbol: "copies/µm³".into(), factor: 1.0 });
        let irreversible = actions.iter().any(|a| matches!(a.effect, Effect::Inhibits { irreversible: true, .. }));
        let known = Known::derived(unit, span);
        let present = self.parameter(format!("[{name}]"), Role::Drug, Expr::ZERO, known.clone());
        let highest =
            irreversible.then(|| self.parameter(format!("highest [{name}] so far"), Role::Latch, Expr::ZERO, known));
        let made = Concentration { present, highest };
        self.drugs.insert(id, made);
        made
    }

    /// What drugs leave of a target's activity in a cell: 1 without any.
    pub(super) fn activity(&mut self, scope: ScopeId, target: Target) -> Result<Expr> {
        if self.facts.drugs.is_empty() {
            return Ok(Expr::ONE);
        }
        if let Some(made) = self.activities.get(&(scope, target)) {
            return Ok(made.clone());
        }
        let hir = self.hir;
        let mut activity = Expr::ONE;
        for id in self.facts.drugs.clone() {
            let Some(drug) = hir.drugs.get(id.index()) else { continue };
            let here = |action: &DrugAction| match target_of(action) == target {
                true => self.distance(action, scope),
                false => None,
            };
            let nearest = drug.actions.iter().filter_map(here).min();
            let acting: Vec<bool> = drug.actions.iter().map(|a| here(a).is_some_and(|d| Some(d) == nearest)).collect();
            for (position, (action, acts)) in drug.actions.iter().zip(acting).enumerate() {
                if acts {
                    activity = activity * self.effect(id, position, action, scope)?;
                }
            }
        }
        if !activity.is_constant(1.0) {
            let name = match target {
                Target::Molecule(id) => hir.molecules.get(id.index()).map(|m| m.name.as_str()),
                Target::Process(id) => hir.processes.get(id.index()).map(|p| p.name.as_str()),
            };
            let name = format!("activity of {}{}", self.scope_prefix(scope), name.unwrap_or_default());
            activity = Expr::Definition(self.define(name, activity, None, Default::default()));
        }
        self.activities.insert((scope, target), activity.clone());
        Ok(activity)
    }

    /// How far a cell is from the context of an action: 0 in a cell of that type, 1 in one like it, and so on; furthest
    /// for an action that holds everywhere; `None` where it doesn't hold. What is said of a target in the nearest
    /// context replaces what is said in others.
    fn distance(&self, action: &DrugAction, scope: ScopeId) -> Option<usize> {
        let Some(context) = action.context else { return Some(usize::MAX) };
        let mut kind = self.scope(scope).and_then(|s| s.cell.as_ref()).map(|cell| cell.kind);
        // As many steps as there are groups: `like` can't go in circles in a checked program.
        for distance in 0..self.hir.groups.len() {
            match kind? {
                group if group == context => return Some(distance),
                group => kind = self.likeness(group),
            }
        }
        None
    }

    fn likeness(&self, group: GroupId) -> Option<GroupId> {
        match self.hir.groups.get(group.index())?.kind {
            GroupKind::Cell { like } => like,
            _ => None,
        }
    }

    fn effect(&mut self, id: DrugId, position: usize, action: &DrugAction, scope: ScopeId) -> Result<Expr> {
        let drug = self.drug(id);
        let half = match self.potencies.get(&(id, position)) {
            Some(made) => made.clone(),
            None => {
                let name = self.hir.drugs.get(id.index()).map(|d| d.name.to_string()).unwrap_or_default();
                let value = potency(&action.effect);
                let made = self.number(value, scope, || format!("potency of {name} {}", position + 1))?;
                self.potencies.insert((id, position), made.clone());
                made
            }
        };
        let concentration = Expr::Parameter(match action.effect {
            Effect::Inhibits { irreversible: true, .. } => drug.highest.unwrap_or(drug.present),
            _ => drug.present,
        });
        Ok(match action.effect {
            Effect::Inhibits { hill, .. } => Expr::ONE / (Expr::ONE + power(concentration / half, hill)),
            Effect::Activates { hill, max, .. } => {
                let present = power(concentration, hill);
                let saturation = present.clone() / (power(half, hill) + present);
                Expr::ONE + Expr::Constant(max - 1.0) * saturation
            }
        })
    }
}

fn target_of(action: &DrugAction) -> Target {
    match action.target {
        DrugTarget::Molecule(id) => Target::Molecule(id),
        DrugTarget::Process(id) => Target::Process(id),
    }
}

fn potency(effect: &Effect) -> &Value {
    match effect {
        Effect::Inhibits { potency, .. } | Effect::Activates { potency, .. } => potency,
    }
}

fn power(base: Expr, exponent: f64) -> Expr {
    if exponent == 1.0 {
        return base;
    }
    Expr::binary(BinaryOp::Pow, base, Expr::Constant(exponent))
}
