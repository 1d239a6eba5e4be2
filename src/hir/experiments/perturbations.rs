//! Knockouts, knockdowns, overexpressions: what they leave of what, in the model they are done to.

use super::Stage;
use crate::hir::assignment;
use crate::hir::experiment::{Amount, Treatment};
use crate::hir::expr::{Entity, ExprKind, Pool};
use crate::hir::reports::perturbations as report;
use crate::hir::scope::{At, Context, Reported};
use crate::hir::typing::{self, fail};
use crate::hir::units::Dimension;
use crate::hir::value::{self, Wanted};
use crate::hir::{Decl, PerturbationId, Uncertainty, Value};
use crate::source::Span;
use crate::syntax::ast::{self, Degree, PerturbationKind, Ref, Target};

/// A perturbation of the file's or a library's, done to the model of `stage`; `used` is where it is named.
pub fn named(context: &mut Context, stage: &Stage, id: PerturbationId, used: Option<Span>, to: &mut Vec<Treatment>) {
    let program = context.program;
    let Some(declared) = program.perturbations.get(id.index()) else { return };
    let perturbation = declared.ast;
    // A target that could not be read was meant.
    if perturbation.targets.is_empty() && perturbation.sets.is_empty() && !context.sink.broken {
        let report = report::empty_perturbation(perturbation.kind, declared.span);
        context.sink.push(report);
    }
    let at = At { site: declared.site, model: stage.model, locals: &[] };
    targets(context, stage, at, perturbation.kind, &perturbation.targets, used, to);
    for set in &perturbation.sets {
        to.extend(assignment::lower_set(context, at, set).map(Treatment::Set));
    }
}

/// The targets of a perturbation, named or inline. Those that are wrong are left out.
pub fn targets(
    context: &mut Context,
    stage: &Stage,
    at: At,
    kind: PerturbationKind,
    targets: &[Target],
    used: Option<Span>,
    to: &mut Vec<Treatment>,
) {
    for target in targets {
        let pool = molecule(context, stage, at, kind, &target.what, used);
        let factor = factor(context, stage, at, kind, target);
        if let (Ok(pool), Ok(factor)) = (pool, factor) {
            to.push(Treatment::Scale { target: pool, factor, span: target.span });
        }
    }
}

/// The molecule that is perturbed: in the model, and of some use there.
fn molecule(
    context: &mut Context,
    stage: &Stage,
    at: At,
    kind: PerturbationKind,
    target: &Ref,
    used: Option<Span>,
) -> Result<Pool, Reported> {
    let pool = context.resolve_pool(target, at)?;
    let molecule = match pool.what {
        Entity::Molecule(id) if pool.state.is_none() && pool.at.is_empty() => id,
        _ => {
            let verb = match kind {
                PerturbationKind::Knockout => "knocked out",
                PerturbationKind::Knockdown => "knocked down",
                PerturbationKind::Overexpression => "overexpressed",
            };
            let report = report::not_to_be_perturbed(target, verb);
            return Err(fail(context, report));
        }
    };
    let Some(model) = stage.model.and_then(|m| context.models.get(m)) else { return Ok(pool) };
    let name = target.path.last().map_or_else(|| target.to_string(), |last| last.text.to_string());
    if !model.members.contains_key(&Decl::Molecule(molecule)) {
        let report = report::not_in_model(target.span, &name, &stage.model_name, used);
        return Err(fail(context, report));
    }
    // A process that could not be understood may depend on it.
    if !stage.matters.contains(&molecule) && !context.sink.has_errors() {
        let report = report::nothing_depends(target.span, &name, &stage.model_name);
        context.sink.push(report);
    }
    Ok(pool)
}

/// By what the amount is multiplied.
fn factor(
    context: &mut Context,
    stage: &Stage,
    at: At,
    kind: PerturbationKind,
    target: &Target,
) -> Result<Amount, Reported> {
    match (kind, &target.degree) {
        (PerturbationKind::Knockout, Degree::Unsaid) => Ok(Amount::Given(exact(0.0, target.span))),
        (PerturbationKind::Knockout, Degree::By(degree) | Degree::Times(degree)) => {
            let report = report::partial_knockout(&target.what, degree.span);
            Err(fail(context, report))
        }
        (PerturbationKind::Knockdown, Degree::By(share)) => knockdown(context, stage, at, share, &target.what),
        (PerturbationKind::Knockdown, _) => {
            let report = report::knockdown_by_how_much(&target.what);
            Err(fail(context, report))
        }
        (PerturbationKind::Overexpression, Degree::Times(factor)) => {
            overexpression(context, stage, at, factor, &target.what)
        }
        (PerturbationKind::Overexpression, degree) => {
            let given = match degree {
                Degree::By(value) => Some(value.span),
                _ => None,
            };
            let report = report::overexpression_by_how_much(&target.what, given);
            Err(fail(context, report))
        }
    }
}

/// A plain number that is a matter of definition.
pub fn exact(number: f64, span: Span) -> Value {
    let expr = crate::hir::Expr { kind: ExprKind::Number(number), dimension: Dimension::NONE, unit: None, span };
    Value { expr, ..value::failed(span) }
}

fn knockdown(
    context: &mut Context,
    stage: &Stage,
    at: At,
    share: &ast::Value,
    target: &Ref,
) -> Result<Amount, Reported> {
    if let Some(swept) = super::treatments::swept(at, &share.expr) {
        for value in stage.swept_values(swept) {
            if !(0.0..=1.0).contains(value) {
                let report = report::share_out_of_range(context, share.span, target, *value);
                return Err(fail(context, report));
            }
        }
        return Ok(Amount::Remaining(swept));
    }
    let number = typing::constant(context, at, &share.expr, Dimension::NONE, "the share of a knockdown")?;
    if !(0.0..=1.0).contains(&number) {
        let report = report::share_out_of_range(context, share.span, target, number);
        return Err(fail(context, report));
    }
    let known = value::lower(context, at, share, Wanted::of("the share of a knockdown", &[Dimension::NONE]))?;
    let uncertainty = match known.uncertainty {
        Some(Uncertainty::Uniform(low, high)) => Some(Uncertainty::Uniform(1.0 - high, 1.0 - low)),
        // A factor on the share is no factor on what is left; about as wide, as a standard deviation.
        Some(Uncertainty::Fold(fold)) => Some(Uncertainty::Sd(number * fold.ln() / 1.96)),
        sd => sd,
    };
    let left = exact(1.0 - number, share.span);
    Ok(Amount::Given(Value { uncertainty, evidence: known.evidence, ..left }))
}

fn overexpression(
    context: &mut Context,
    stage: &Stage,
    at: At,
    factor: &ast::Value,
    target: &Ref,
) -> Result<Amount, Reported> {
    if let Some(swept) = super::treatments::swept(at, &factor.expr) {
        if stage.swept_values(swept).iter().any(|value| *value < 1.0) {
            let report = report::lowers_in_overexpression(context, factor.span, target);
            return Err(fail(context, report));
        }
        return Ok(Amount::Swept(swept));
    }
    let number = typing::constant(context, at, &factor.expr, Dimension::NONE, "the factor of an overexpression")?;
    if number < 1.0 {
        let report = report::lowers_in_overexpression(context, factor.span, target);
        return Err(fail(context, report));
    }
    let wanted = Wanted::of("the factor of an overexpression", &[Dimension::NONE]);
    Ok(Amount::Given(value::lower(context, at, factor, wanted)?))
}
