//! What is done in an arm: perturbations, doses, settings, additions, assumptions.

use rustc_hash::FxHashSet;

use super::{Stage, perturbations};
use crate::hir::experiment::{Addition, Amount, Treatment};
use crate::hir::expr::{Entity, Pool};
use crate::hir::ids::*;
use crate::hir::reports::experiments as report;
use crate::hir::reports::perturbations as perturbation_report;
use crate::hir::scope::{At, Context, Named, Reported};
use crate::hir::typing::{self, fail};
use crate::hir::units::Dimension;
use crate::hir::value::{self, Wanted};
use crate::hir::{Decl, GroupKind, Value, VesicleHome, assignment};
use crate::source::Span;
use crate::syntax::ast::{self, TreatmentKind};

/// The position of the swept variable that an expression is, if it is one.
pub fn swept(at: At, expr: &ast::Expr) -> Option<usize> {
    let ast::ExprKind::Ref(reference) = &expr.kind else { return None };
    let name = reference.single()?;
    at.locals.iter().position(|local| *local == name.text)
}

/// The addition that a treatment is, if it is one.
pub fn addition(treatment: Treatment) -> Option<Addition> {
    match treatment {
        Treatment::Add(addition) => Some(addition),
        _ => None,
    }
}

/// The hypotheses that treatments assume. What is wrong is left out, and reported where the treatments are lowered.
pub fn assumed(context: &mut Context, at: At, treatments: &[ast::Treatment]) -> Vec<GroupId> {
    let hypotheses = treatments.iter().filter_map(|treatment| match &treatment.kind {
        TreatmentKind::Assume(assume) => Some(&assume.hypothesis),
        _ => None,
    });
    let groups = hypotheses.filter_map(|path| context.quietly(|c| c.resolve_group(path, at, "a hypothesis")).ok());
    let groups: Vec<GroupId> = groups.collect();
    groups
        .into_iter()
        .filter(|id| context.program.group(*id).is_some_and(|g| g.kind == GroupKind::Hypothesis))
        .collect()
}

/// Lowers one treatment into what is done and which hypotheses are assumed. What is wrong is left out.
pub fn lower(
    context: &mut Context,
    stage: &Stage,
    at: At,
    treatment: &ast::Treatment,
    used: &mut FxHashSet<PerturbationId>,
    (to, assumed): (&mut Vec<Treatment>, &mut Vec<GroupId>),
) {
    let span = treatment.span;
    match &treatment.kind {
        TreatmentKind::Error => {}
        TreatmentKind::Named(path) => match context.resolve_treatment(path, at) {
            Ok(Named::Perturbation(id)) => {
                used.insert(id);
                perturbations::named(context, stage, id, Some(path.span), to);
            }
            Ok(Named::Drug(id)) => {
                let known = context.program.drugs.get(id.index()).map(|d| d.span);
                let report = report::dose_missing(path, known);
                context.sink.push(report);
            }
            Err(Reported) => {}
        },
        TreatmentKind::Inline { kind, targets } => {
            perturbations::targets(context, stage, at, *kind, targets, None, to);
        }
        TreatmentKind::Dose { drug, amount, from, to: until } => {
            to.extend(dose(context, stage, at, (drug, amount), (from.as_ref(), until.as_ref()), span));
        }
        TreatmentKind::Set(set) => match swept(at, &set.value.expr) {
            Some(_) => {
                let report = report::sweep_it_directly(&set.target, set.value.expr.span);
                context.sink.push(report);
            }
            None => to.extend(assignment::lower_set(context, at, set).map(Treatment::Set)),
        },
        TreatmentKind::Assume(assume) => {
            let Ok(group) = context.resolve_group(&assume.hypothesis, at, "a hypothesis") else { return };
            if context.program.group(group).is_some_and(|g| g.kind == GroupKind::Hypothesis) {
                assumed.push(group);
            } else {
                let report = report::not_a_hypothesis(&assume.hypothesis);
                context.sink.push(report);
            }
        }
        TreatmentKind::Add(addition) => {
            to.extend(add(context, stage, at, addition, span).map(Treatment::Add));
        }
    }
}

/// `GW4869 at 10 uM from 2 h to 12 h`.
fn dose(
    context: &mut Context,
    stage: &Stage,
    at: At,
    (path, amount): (&ast::Path, &ast::Expr),
    (from, to): (Option<&ast::Expr>, Option<&ast::Expr>),
    span: Span,
) -> Result<Treatment, Reported> {
    let drug = match context.resolve_treatment(path, at) {
        Ok(Named::Drug(id)) => {
            acts_here(context, stage, id, path.span);
            Ok(id)
        }
        Ok(Named::Perturbation(_)) => {
            let report = report::perturbation_dosed(path, amount.span);
            Err(fail(context, report))
        }
        Err(Reported) => Err(Reported),
    };
    let concentration = given(context, stage, at, amount, "a dose", Dimension::CONCENTRATION);
    let from = from.map(|time| moment(context, at, time, "the start of a dose")).transpose();
    let to = to.map(|time| moment(context, at, time, "the end of a dose")).transpose();
    let (from, to) = (from?, to?);
    let start = from.as_ref().map_or(Some(0.0), |v| v.expr.number());
    if let (Some(start), Some(end), Some(to)) = (start, to.as_ref().and_then(|v| v.expr.number()), &to)
        && end <= start
    {
        let report = report::ends_before_it_begins(to.span, from.as_ref().map(|v| v.span));
        return Err(fail(context, report));
    }
    if let Some(from) = &from {
        never(context, stage, from, "dose");
    }
    Ok(Treatment::Dose { drug: drug?, concentration: concentration?, from, to, span })
}

/// Warns of a drug none of whose targets the model contains.
pub fn acts_here(context: &mut Context, stage: &Stage, id: DrugId, used: Span) {
    let program = context.program;
    let Some(drug) = program.drugs.get(id.index()) else { return };
    let Some(model) = stage.model else { return };
    let at = At::site(drug.site);
    let mut any = drug.ast.actions.is_empty();
    for action in &drug.ast.actions {
        let decl = match context.quietly(|c| c.resolve(&action.target, at)) {
            Ok(crate::hir::scope::Referent::Pool(Pool { what: Entity::Molecule(id), .. })) => Decl::Molecule(id),
            Ok(crate::hir::scope::Referent::Process(id, _)) => Decl::Process(id),
            _ => return,
        };
        any |= context.models.get(model).is_none_or(|m| m.members.contains_key(&decl));
    }
    if !any && !context.sink.has_errors() {
        let report = perturbation_report::no_target_here(used, &drug.name, &stage.model_name, drug.span);
        context.sink.push(report);
    }
}

/// An amount or dose: a number that is known, or the swept variable.
fn given(
    context: &mut Context,
    stage: &Stage,
    at: At,
    expr: &ast::Expr,
    role: &str,
    dimension: Dimension,
) -> Result<Amount, Reported> {
    let Some(position) = swept(at, expr) else {
        let wanted = [dimension];
        let quantity = value::number(context, at, expr, Wanted::of(role, &wanted).constant().not_negative())?;
        return Ok(Amount::Given(value::plain(context, quantity)));
    };
    if let Some(sweep) = stage.sweep.get(position)
        && sweep.unit.dimension != dimension
    {
        let report = report::swept_does_not_fit(context, expr.span, sweep.unit.dimension, dimension, role);
        return Err(fail(context, report));
    }
    Ok(Amount::Swept(position))
}

/// A time since the start of the run.
pub fn moment(context: &mut Context, at: At, expr: &ast::Expr, role: &str) -> Result<Value, Reported> {
    let quantity = typing::infer(context, at, expr)?;
    if quantity.dimension != Dimension::TIME || quantity.truth {
        let report = report::not_a_time(context, &quantity, role);
        return Err(fail(context, report));
    }
    value::fits(context, &quantity, Wanted::of(role, &[Dimension::TIME]).constant().not_negative())?;
    Ok(value::plain(context, quantity))
}

/// Warns of what would happen after the end.
fn never(context: &mut Context, stage: &Stage, time: &Value, what: &str) {
    if let (Some(time_number), Some(end)) = (time.expr.number(), stage.duration)
        && time_number >= end
    {
        let report = report::after_the_end(time.span, what);
        context.sink.push(report);
    }
}

/// `at 0 h add 1e10 copies of ILV to plasma { carrying A = 20 }`.
fn add(
    context: &mut Context,
    stage: &Stage,
    at: At,
    addition: &ast::Addition,
    span: Span,
) -> Result<Addition, Reported> {
    let time = match &addition.time {
        Some(time) => moment(context, at, time, "the time of an addition"),
        None => Ok(perturbations::exact(0.0, span)),
    };
    let amount = given(context, stage, at, &addition.amount, "an amount that is added", Dimension::AMOUNT);
    let what = context.resolve_pool(&addition.what, at);
    let place = context.resolve_compartment(&addition.to, at);
    let (mut target, place) = (what?, place?);
    let lives = match target.what {
        Entity::Vesicle(id) => context.program.geometry.homes(id).contains(&VesicleHome::Compartment(place)),
        Entity::Molecule(_) => true,
    };
    if !lives || !target.at.is_empty() {
        let report = report::added_where(&addition.what, &addition.to);
        return Err(fail(context, report));
    }
    let carrying = carried(context, at, addition, &target);
    // With the cell, if one is said: `donor.cytosol`.
    context.resolve_home(&addition.to, at, &mut target.at)?;
    let time = time?;
    never(context, stage, &time, "addition");
    Ok(Addition { time, amount: amount?, target, carrying: carrying?, span })
}

/// Copies in each vesicle that is added.
fn carried(
    context: &mut Context,
    at: At,
    addition: &ast::Addition,
    target: &Pool,
) -> Result<Vec<(Pool, f64)>, Reported> {
    let mut all = Vec::with_capacity(addition.carrying.len());
    for carried in &addition.carrying {
        if let Entity::Molecule(_) = target.what {
            let report = report::carries_nothing(&addition.what, carried.span);
            return Err(fail(context, report));
        }
        let pool = context.resolve_pool(&carried.what, at)?;
        let wanted = Wanted::of("a number of copies in each vesicle", &[Dimension::NONE, Dimension::AMOUNT]);
        let quantity = value::number(context, at, &carried.amount, wanted.constant().not_negative())?;
        let Some(number) = quantity.value() else {
            let report = crate::hir::reports::units::not_constant(context, &quantity, wanted.role);
            return Err(fail(context, report));
        };
        all.push((pool, number));
    }
    Ok(all)
}
