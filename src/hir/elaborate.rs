//! Models made concrete: what is shared, which cells there are, and what each contains.
//!
//! Invariants: as in [`model`](super::model). Membership is closed along references, so that the machinery that an
//! included pathway uses is in; a process is in only if its group is included. A hypothesis that an arm assumes holds
//! in every placed cell, or in what is shared if there are none.

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::expr::ExprKind;
use super::ids::*;
use super::model::{Model, PlacedCell, Scope};
use super::program::{Def, Program, Space};
use super::reports::cells as report;
use super::reports::modules::unknown_module;
use super::scope::{At, Context, ModelNames, Reported};
use super::units::{Dimension, Unit};
use super::value::{self, Wanted};
use super::{
    Assignable, Assignment, BinaryOp, Decl, Evidence, Expr, GroupKind, Hir, Position, Uncertainty, Value, refs,
};
use crate::source::Span;
use crate::syntax::ast;

/// A group with everything it is made of, what it builds on first.
pub fn parts(program: &Program, group: GroupId) -> Vec<GroupId> {
    fn visit(program: &Program, group: GroupId, seen: &mut FxHashSet<GroupId>, to: &mut Vec<GroupId>) {
        if seen.insert(group) {
            program.related(group).for_each(|part| visit(program, part, seen, to));
            to.push(group);
        }
    }
    let mut all = Vec::new();
    visit(program, group, &mut FxHashSet::default(), &mut all);
    all
}

/// All members of groups, closed along references.
pub fn members(program: &Program, hir: &Hir, groups: &[GroupId]) -> IndexSet<Decl> {
    let mut open: Vec<Decl> = Vec::new();
    for group in groups.iter().filter_map(|id| program.group(*id)) {
        open.extend(&group.members);
    }
    for group in groups.iter().filter_map(|id| hir.groups.get(id.index())) {
        group.sets.iter().for_each(|set| refs::expr(&set.value, &mut open));
    }
    let mut all = IndexSet::new();
    let mut found = Vec::new();
    open.reverse();
    while let Some(decl) = open.pop() {
        if !all.insert(decl) {
            continue;
        }
        refs::of(hir, decl, &mut found);
        open.extend(found.drain(..).rev());
    }
    // Compartments before what lies in them, and everything before what happens to it.
    let rank = |decl: &Decl| match decl {
        Decl::Compartment(id) => (0, hir.compartments.get(id.index()).map_or(0, |c| c.depth)),
        _ => (1, 0),
    };
    all.sort_by(|a, b| rank(a).cmp(&rank(b)));
    all
}

/// What the `set`s of each thing come to, in the order of first mention: the last value, times the factors after it.
fn sets(hir: &Hir, groups: &[GroupId]) -> Vec<Assignment> {
    let mut all: Vec<Assignment> = Vec::new();
    for set in groups.iter().filter_map(|id| hir.groups.get(id.index())).flat_map(|g| &g.sets) {
        match all.iter_mut().find(|known| same_target(&known.target, &set.target)) {
            Some(known) if set.relative => *known = times(known, set),
            Some(known) => *known = set.clone(),
            None => all.push(set.clone()),
        }
    }
    all
}

/// A value that a cell starts from, and what it multiplies it by. The evidence is that of the factor.
fn times(known: &Assignment, factor: &Assignment) -> Assignment {
    let by = factor.value.number();
    let kept = match (known.uncertainty, by) {
        (Some(Uncertainty::Sd(sd)), Some(by)) => Some(Uncertainty::Sd(sd * by)),
        (Some(Uncertainty::Uniform(low, high)), Some(by)) => Some(Uncertainty::Uniform(low * by, high * by)),
        (Some(fold @ Uncertainty::Fold(_)), _) => Some(fold),
        _ => None,
    };
    let product = ExprKind::Binary(BinaryOp::Mul, Box::new(factor.value.clone()), Box::new(known.value.clone()));
    Assignment {
        value: Expr { kind: product, ..known.value.clone() },
        relative: known.relative,
        uncertainty: factor.uncertainty.or(kept),
        ..factor.clone()
    }
}

/// Whether two assignments are to the same thing.
pub fn same_target(one: &Assignable, other: &Assignable) -> bool {
    match (one, other) {
        (Assignable::Param(a, s), Assignable::Param(b, t)) => a == b && s == t,
        (Assignable::Input(a, s), Assignable::Input(b, t)) => a == b && s == t,
        (Assignable::Compartment(a, s), Assignable::Compartment(b, t)) => a == b && s == t,
        (Assignable::Amount(a), Assignable::Amount(b)) => {
            a.what == b.what && a.state == b.state && a.at == b.at && a.scope == b.scope
        }
        _ => false,
    }
}

/// Elaborates the models of the root files, and the files themselves that are one.
pub fn models(context: &mut Context, hir: &mut Hir) {
    let program = context.program;
    let own = |group: GroupId| program.group(group).is_some_and(|g| program.is_root(g.module));
    for root in program.modules.iter().take(program.roots) {
        let happens = program.group(root.group).is_some_and(|g| {
            let process = |d: &Decl| matches!(d, Decl::Process(_) | Decl::Rule(_) | Decl::Event(_));
            let cell = |(id, _): &(GroupId, Span)| program.is_cell(*id);
            g.members.iter().any(process) || !g.places.is_empty() || g.includes.iter().any(cell)
        });
        if happens {
            elaborate(context, hir, root.group, &[]);
        }
    }
    for at in 0..program.groups.len() {
        let id = GroupId(at as u32);
        if own(id) && program.group(id).is_some_and(|g| g.kind == GroupKind::Model) {
            elaborate(context, hir, id, &[]);
        }
    }
}

/// Makes a model, with hypotheses that an arm assumes, and gives its position in [`Hir::models`].
pub fn elaborate(context: &mut Context, hir: &mut Hir, group: GroupId, assumed: &[GroupId]) -> usize {
    let program = context.program;
    let (name, span, places) = match program.group(group) {
        Some(declared) => (declared.name.clone(), declared.span, declared.places.clone()),
        None => return hir.models.len(),
    };
    let mut shared = parts(program, group);
    if places.is_empty() {
        shared.extend(assumed.iter().flat_map(|h| parts(program, *h)));
    }
    let mut scopes = vec![scope(program, hir, SmolStr::default(), &shared)];
    let mut incomplete = shared.iter().any(|part| program.group(*part).is_some_and(|g| g.incomplete));
    for place in places {
        match placed(context, hir, group, place, assumed, &scopes) {
            Ok(placed) => scopes.push(placed),
            Err(Reported) => incomplete = true,
        }
    }
    finish(context, hir, Model { name, scopes, span }, incomplete)
}

fn scope(program: &Program, hir: &Hir, name: SmolStr, groups: &[GroupId]) -> Scope {
    Scope { name, cell: None, members: members(program, hir, groups), sets: sets(hir, groups) }
}

/// `place donor: HeLa, 1e6 cells in medium`.
fn placed(
    context: &mut Context,
    hir: &Hir,
    model: GroupId,
    place: &ast::Place,
    assumed: &[GroupId],
    scopes: &[Scope],
) -> Result<Scope, Reported> {
    let program = context.program;
    let at = At::site(program.group(model).map_or(SiteId(0), |g| g.site));
    let cell = context.resolve_group(&place.cell, at, "a cell");
    let count = value::lower_number(context, at, &place.count, Wanted::CELLS);
    let within = context.resolve_compartment(&place.within, at)?;
    let cell = cell?;
    if !program.is_cell(cell) {
        return context.sink.fail(report::place_of_no_cell(program, place.cell.span, cell));
    }
    if program.geometry.is_membrane(within) {
        return context.sink.fail(report::place_in_membrane(program, within, place.within.span));
    }
    let shared = scopes.first().is_some_and(|s| s.members.contains(&Decl::Compartment(within)));
    if !shared {
        return context.sink.fail(report::place_not_in_model(program, within, place.within.span, model));
    }
    let mut groups = parts(program, cell);
    groups.extend(assumed.iter().flat_map(|h| parts(program, *h)));
    let mut scope = scope(program, hir, place.name.text.clone(), &groups);
    let exterior = exterior(hir, &scope, within);
    if exterior.is_empty() && !scope.members.is_empty() {
        context.sink.push(report::cell_without_outside(program, cell, place.name.span));
    }
    scope.cell = Some(PlacedCell { kind: cell, count, exterior, span: place.name.span });
    Ok(scope)
}

/// The cell's own outermost compartments, bound to where it is placed.
fn exterior(hir: &Hir, scope: &Scope, within: CompartmentId) -> IndexMap<CompartmentId, CompartmentId> {
    let compartments = scope.members.iter().filter_map(|decl| match decl {
        Decl::Compartment(id) => Some(*id),
        _ => None,
    });
    let outermost =
        |id: &CompartmentId| hir.compartments.get(id.index()).is_some_and(|c| c.position == Position::Outermost);
    compartments.filter(outermost).map(|id| (id, within)).collect()
}

/// Checks a model as a whole and takes it in.
fn finish(context: &mut Context, hir: &mut Hir, model: Model, incomplete: bool) -> usize {
    let process = |d: &Decl| matches!(d, Decl::Process(_) | Decl::Rule(_) | Decl::Event(_));
    if !incomplete && !model.scopes.iter().any(|s| s.members.iter().any(process)) {
        context.sink.push(report::nothing_happens(&model.name, model.span));
    }
    for scope in &model.scopes {
        required(context, hir, &model, scope);
    }
    let names = ModelNames { incomplete, ..names(context.program, &model) };
    context.models.push(names);
    hir.models.push(model);
    hir.models.len() - 1
}

/// Every `required` parameter must be set in each cell that has it.
fn required(context: &mut Context, hir: &Hir, model: &Model, scope: &Scope) {
    for decl in &scope.members {
        let Decl::Param(id) = decl else { continue };
        let Some(param) = hir.params.get(id.index()) else { continue };
        let open = context.program.params.get(id.index()).is_some_and(|p| p.ast.value.is_none());
        // A factor alone leaves it open: there is nothing that it multiplies.
        let set = scope.sets.iter().any(|s| !s.relative && matches!(s.target, Assignable::Param(p, _) if p == *id));
        if !open || set {
            continue;
        }
        let mut used = Vec::new();
        let user = scope.members.iter().find(|user| {
            used.clear();
            refs::of(hir, **user, &mut used);
            used.contains(decl)
        });
        let user = user.and_then(|u| u.named()).and_then(|def| context.program.name_of(def)).map(|(_, span)| span);
        let (span, cell) = match &scope.cell {
            Some(cell) => (cell.span, hir.groups.get(cell.kind.index()).map(|g| (g.name.clone(), g.span))),
            None => (model.span, None),
        };
        context.sink.push(report::required_unset(&param.name, param.span, user, span, cell));
    }
}

/// What names mean in an elaborated model.
fn names(program: &Program, model: &Model) -> ModelNames {
    let mut names = ModelNames::default();
    for (at, scope) in model.scopes.iter().enumerate() {
        let id = ScopeId(at as u32);
        if !scope.name.is_empty() {
            names.scopes.insert(scope.name.clone(), id);
        }
        let exterior = scope.cell.as_ref().map(|c| &c.exterior);
        for decl in &scope.members {
            // A cell's outside is the place it is bound to, by that place's name.
            if let (Decl::Compartment(own), Some(exterior)) = (decl, exterior)
                && exterior.get(own).is_some_and(|bound| bound != own)
            {
                names.members.entry(*decl).or_default().push(ScopeId(0));
                continue;
            }
            names.members.entry(*decl).or_default().push(id);
            let Some(def) = decl.named() else { continue };
            if matches!(def, Def::Process(_)) {
                continue;
            }
            let Some((name, _)) = program.name_of(def) else { continue };
            add(&mut names, name, def, id);
        }
        let groups = scope.cell.as_ref().map(|c| parts(program, c.kind)).unwrap_or_default();
        for group in groups {
            if let Some(name) = program.group(group).map(|g| &g.name) {
                add(&mut names, name, Def::Group(group), id);
            }
        }
    }
    names
}

fn add(names: &mut ModelNames, name: &SmolStr, def: Def, scope: ScopeId) {
    let things = names.things.entry(name.clone()).or_default();
    match things.iter_mut().find(|(known, _)| *known == def) {
        Some((_, scopes)) => scopes.push(scope),
        None => things.push((def, vec![scope])),
    }
}

/// A model of one cell in the library's dish, with hypotheses that a claim assumes: the standard protocol of short claims.
pub fn standard(
    context: &mut Context,
    hir: &mut Hir,
    cell: GroupId,
    assumed: &[GroupId],
    span: Span,
) -> Result<usize, Reported> {
    const CELLS: f64 = 1e6;
    let program = context.program;
    let of = |group: GroupId| program.group(group).map_or("", |g| g.name.as_str());
    let mut name = format!("{} in a dish", of(cell));
    assumed.iter().for_each(|hypothesis| name += &format!(", assuming {}", of(*hypothesis)));
    let name = SmolStr::from(name);
    let of_cell = |m: &Model| m.scopes.iter().any(|s| s.cell.as_ref().is_some_and(|placed| placed.kind == cell));
    if let Some(known) = hir.models.iter().position(|m| m.name == name && of_cell(m)) {
        return Ok(known);
    }
    if !program.is_cell(cell) {
        return context.sink.fail(report::place_of_no_cell(program, span, cell));
    }
    let dish = program.module_by_path.get("std.places").map(|id| Def::Module(*id));
    let dish = dish.and_then(|module| program.part(module, Space::Thing, &"dish".into()));
    // Only a loader without a library has none.
    let no_dish = || unknown_module("std.places", span, &[]);
    let Some(Def::Group(dish)) = dish else { return context.sink.fail(no_dish()) };
    let medium = program.part(Def::Group(dish), Space::Thing, &"medium".into());
    let Some(Def::Compartment(medium)) = medium else { return context.sink.fail(no_dish()) };
    let shared = scope(program, hir, SmolStr::default(), &parts(program, dish));
    let mut groups = parts(program, cell);
    groups.extend(assumed.iter().flat_map(|hypothesis| parts(program, *hypothesis)));
    let mut placed = scope(program, hir, "cell".into(), &groups);
    let unit = Unit { symbol: "cells".into(), dimension: Dimension::CELLS, factor: 1.0 };
    let expr = Expr { kind: ExprKind::Number(CELLS), dimension: Dimension::CELLS, unit: Some(unit.clone()), span };
    let evidence = Evidence { assumed: true, citations: Vec::new() };
    let count = Value { expr, unit, uncertainty: None, evidence, span };
    let exterior = exterior(hir, &placed, medium);
    placed.cell = Some(PlacedCell { kind: cell, count, exterior, span });
    Ok(finish(context, hir, Model { name, scopes: vec![shared, placed], span }, false))
}
