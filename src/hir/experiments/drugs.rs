//! Drugs: what each does to its targets, and at what concentration.

use crate::hir::experiment::{Drug, DrugAction, DrugTarget, Effect};
use crate::hir::expr::{Entity, Pool};
use crate::hir::reports::perturbations as report;
use crate::hir::scope::{At, Context, Referent, Reported};
use crate::hir::typing::{self, fail};
use crate::hir::units::Dimension;
use crate::hir::value::{self, Wanted};
use crate::hir::{Evidence, Value};
use crate::source::Span;
use crate::syntax::ast;

/// All drugs, in the order of their ids; actions that make no sense are left out.
pub fn lower_all(context: &mut Context) -> Vec<Drug> {
    let program = context.program;
    let mut drugs = Vec::with_capacity(program.drugs.len());
    for declared in &program.drugs {
        let at = At::site(declared.site);
        if declared.ast.actions.is_empty() {
            let report = report::acts_on_nothing(declared.span);
            context.sink.push(report);
        }
        twice(context, &declared.ast.actions);
        let mut actions = Vec::with_capacity(declared.ast.actions.len());
        for action in &declared.ast.actions {
            actions.extend(lower_action(context, at, action, declared.ast.evidence.as_ref()));
        }
        drugs.push(Drug { name: declared.name.clone(), actions, doc: declared.doc.clone(), span: declared.span });
    }
    drugs
}

/// One target must not be acted on twice in the same cells.
fn twice(context: &mut Context, actions: &[ast::Action]) {
    for (i, action) in actions.iter().enumerate() {
        let cell = |a: &ast::Action| a.within.as_ref().map(ast::Path::to_string);
        let same = |earlier: &&ast::Action| {
            earlier.target.to_string() == action.target.to_string() && cell(earlier) == cell(action)
        };
        if let Some(first) = actions.iter().take(i).find(same) {
            let report = report::same_target_twice(&action.target, first.target.span);
            context.sink.push(report);
        }
    }
}

fn lower_action(
    context: &mut Context,
    at: At,
    action: &ast::Action,
    shared: Option<&ast::Evidence>,
) -> Result<DrugAction, Reported> {
    let target = target(context, at, &action.target);
    let cell = cell(context, at, action.within.as_ref());
    let evidence = value::lower_evidence(context, at, action.evidence.as_ref().or(shared));
    let effect = match action.kind {
        ast::ActionKind::Inhibits => inhibits(context, at, action, &evidence),
        ast::ActionKind::Activates => activates(context, at, action, &evidence),
    };
    Ok(DrugAction { target: target?, effect: effect?, context: cell?, evidence, span: action.span })
}

fn target(context: &mut Context, at: At, target: &ast::Ref) -> Result<DrugTarget, Reported> {
    match context.resolve(target, at)? {
        Referent::Pool(Pool { what: Entity::Molecule(id), state: None, at, .. }) if at.is_empty() => {
            Ok(DrugTarget::Molecule(id))
        }
        Referent::Process(id, _) => Ok(DrugTarget::Process(id)),
        _ => {
            let report = report::nothing_to_act_on(target);
            Err(fail(context, report))
        }
    }
}

fn cell(context: &mut Context, at: At, path: Option<&ast::Path>) -> Result<Option<crate::hir::GroupId>, Reported> {
    let Some(path) = path else { return Ok(None) };
    let group = context.resolve_group(path, at, "a cell")?;
    if context.program.is_cell(group) {
        return Ok(Some(group));
    }
    let report = report::not_a_cell(path);
    Err(fail(context, report))
}

fn inhibits(context: &mut Context, at: At, action: &ast::Action, evidence: &Evidence) -> Result<Effect, Reported> {
    for (given, name) in [(&action.ec50, "ec50"), (&action.max, "max")] {
        if let Some(value) = given {
            let report = report::option_of_the_other(value.span, name, false);
            fail(context, report);
        }
    }
    let written = match (&action.ki, &action.ic50) {
        (Some(ki), Some(ic50)) => {
            let report = report::two_potencies(ki.span, ic50.span);
            return Err(fail(context, report));
        }
        (None, None) => {
            let report = report::no_potency(action.target.span, &action.target, false);
            return Err(fail(context, report));
        }
        (Some(one), None) | (None, Some(one)) => one,
    };
    let potency = potency(context, at, written, evidence, action.target.span);
    let hill = hill(context, at, action.hill.as_ref());
    Ok(Effect::Inhibits { potency: potency?, hill: hill?, irreversible: action.irreversible.is_some() })
}

fn activates(context: &mut Context, at: At, action: &ast::Action, evidence: &Evidence) -> Result<Effect, Reported> {
    let spans = [
        (action.ki.as_ref().map(|v| v.span), "ki"),
        (action.ic50.as_ref().map(|v| v.span), "ic50"),
        (action.irreversible, "irreversible"),
    ];
    for (span, name) in spans {
        if let Some(span) = span {
            let report = report::option_of_the_other(span, name, true);
            fail(context, report);
        }
    }
    let Some(written) = &action.ec50 else {
        let report = report::no_potency(action.target.span, &action.target, true);
        return Err(fail(context, report));
    };
    let potency = potency(context, at, written, evidence, action.target.span);
    let hill = hill(context, at, action.hill.as_ref());
    let Some(max) = &action.max else {
        let report = report::no_maximum(action.target.span, false);
        return Err(fail(context, report));
    };
    let factor = typing::constant(context, at, &max.expr, Dimension::NONE, "the highest factor")?;
    if factor <= 1.0 {
        let report = report::no_maximum(max.span, true);
        return Err(fail(context, report));
    }
    Ok(Effect::Activates { potency: potency?, hill: hill?, max: factor })
}

fn potency(
    context: &mut Context,
    at: At,
    written: &ast::Value,
    evidence: &Evidence,
    target: Span,
) -> Result<Value, Reported> {
    let wanted = Wanted::of("a potency", &[Dimension::CONCENTRATION]).constant().positive();
    let mut potency = value::lower(context, at, written, wanted)?;
    if potency.evidence == Evidence::default() {
        potency.evidence = evidence.clone();
    }
    value::warn_without_evidence(context, &potency, target, "this potency");
    Ok(potency)
}

fn hill(context: &mut Context, at: At, written: Option<&ast::Value>) -> Result<f64, Reported> {
    let Some(written) = written else { return Ok(1.0) };
    let hill = typing::constant(context, at, &written.expr, Dimension::NONE, "a Hill coefficient")?;
    if hill > 0.0 {
        return Ok(hill);
    }
    let report = report::hill_not_positive(written.span);
    Err(fail(context, report))
}
