//! Groups as they are after checking: what they declare, include, assume and set.
//!
//! Invariants: in the order of the program's. A `set` is resolved in the cell or model it stands in: first among the
//! names there, then among everything that belongs to it.

use super::elaborate::{members, parts, same_target};
use super::expr::Entity;
use super::ids::*;
use super::program::Program;
use super::reports::cells as report;
use super::scope::{At, Context, ModelNames};
use super::{Assignment, Decl, Group, GroupKind, Hir, assignment, refs};

/// All groups, still without their sets.
pub fn groups(program: &Program) -> Vec<Group> {
    let groups = program.groups.iter().map(|group| Group {
        name: group.name.clone(),
        kind: group.kind,
        members: group.members.clone(),
        includes: group.includes.iter().map(|(id, _)| *id).collect(),
        sets: Vec::new(),
        assumes: group.assumes.iter().map(|(id, _)| *id).collect(),
        doc: group.doc.clone(),
        module: group.module,
        span: group.span,
    });
    groups.collect()
}

/// Resolves and types the sets of all groups.
pub fn sets(context: &mut Context, hir: &mut Hir) {
    let program = context.program;
    for (index, group) in program.groups.iter().enumerate() {
        if group.sets.is_empty() {
            continue;
        }
        let id = GroupId(index as u32);
        let parts = parts(program, id);
        let mut all = members(program, hir, &parts);
        if group.kind == GroupKind::Model {
            // A model may also set what its placed cells share with it by their declarations.
            all.extend(placed_members(context, hir, group));
        }
        let names = names(program, &all);
        context.models.push(names);
        let view = context.models.len() - 1;
        let mut sets: Vec<Assignment> = Vec::new();
        for (set, site) in &group.sets {
            let at = At::in_model(*site, view);
            let Ok(lowered) = assignment::lower_set(context, at, set) else { continue };
            let mut target = Vec::new();
            refs::assignable(&lowered.target, &mut target);
            if let Some(decl) = target.first().filter(|decl| !all.contains(*decl)) {
                let name = decl.named().and_then(|def| program.name_of(def));
                let includes = group.kind != GroupKind::Pathway && group.kind != GroupKind::Hypothesis;
                // What a pathway sets may come with the cell that includes it.
                if includes {
                    context.sink.push(report::set_of_nothing(
                        &set.target,
                        name.map(|(_, s)| s),
                        &group.name,
                        group.span,
                    ));
                }
            }
            if let Some(first) = sets.iter().find(|s| same_target(&s.target, &lowered.target)) {
                context.sink.push(report::set_twice(&set.target.to_string(), set.span, first.span));
            }
            sets.push(lowered);
        }
        context.models.pop();
        if let Some(group) = hir.groups.get_mut(index) {
            group.sets = sets;
        }
    }
}

fn placed_members(context: &mut Context, hir: &Hir, group: &super::program::DeclaredGroup) -> Vec<Decl> {
    let mut all = Vec::new();
    for place in &group.places {
        // What is wrong with it is said when the model is elaborated.
        let before = context.sink.diagnostics.len();
        if let Ok(cell) = context.resolve_group(&place.cell, At::site(group.site), "a cell") {
            all.extend(members(context.program, hir, &parts(context.program, cell)));
        }
        context.sink.diagnostics.truncate(before);
    }
    all
}

fn names(program: &Program, members: &indexmap::IndexSet<Decl>) -> ModelNames {
    let mut names = ModelNames::default();
    for decl in members {
        names.members.insert(*decl, vec![ScopeId(0)]);
        let Some(def) = decl.named() else { continue };
        if let Some((name, _)) = program.name_of(def) {
            names.things.entry(name.clone()).or_default().push((def, vec![ScopeId(0)]));
        }
    }
    names
}

/// Modifiers are measured relative to an initial amount: there must be one.
pub fn references(context: &mut Context, hir: &Hir) {
    let program = context.program;
    let set: rustc_hash::FxHashSet<Entity> = hir
        .groups
        .iter()
        .flat_map(|g| &g.sets)
        .filter_map(|s| match &s.target {
            super::Assignable::Amount(pool) => Some(pool.what),
            _ => None,
        })
        .collect();
    for modifier in hir.processes.iter().flat_map(|p| &p.modifiers) {
        let Entity::Molecule(id) = modifier.by.what else { continue };
        let Some(molecule) = hir.molecules.get(id.index()) else { continue };
        if set.contains(&modifier.by.what) {
            continue;
        }
        let nothing = match &molecule.amount {
            None => true,
            Some(amount) => amount.expr.kind == super::ExprKind::Number(0.0),
        };
        let state = modifier.by.state.and_then(|s| molecule.states.get(s.index()));
        let empty = state.filter(|(_, share)| *share == 0.0).map(|(name, _)| name.as_str());
        if nothing || empty.is_some() {
            let state = if nothing { None } else { empty };
            context.sink.push(super::reports::modifiers::modifier_without_reference(program, id, state, modifier.span));
        }
    }
}
