//! What `set`, `change` and `when` do to parameters, inputs, amounts and sizes.
//!
//! Invariants: a value written in `fold`, and one without `=`, is relative to the reference value (declared value,
//! initial amount); one in `%` is so only without `=`. An amount given as a concentration has been multiplied by the
//! size of its place.

use super::expr::{Expr, ExprKind};
use super::reports::assignments as report;
use super::scope::{At, Context, Referent, Reported};
use super::typing::{self, Quantity, demand, fail, references};
use super::units::Dimension;
use super::value::{self, Sign, Wanted};
use super::{Assignable, Assignment, BinaryOp, Event, Evidence, Rule, Uncertainty};
use crate::source::Span;
use crate::syntax::ast::{self, Ref};
use smol_str::SmolStr;

/// What can be assigned, and its dimension.
struct Target {
    assignable: Assignable,
    dimension: Dimension,
    sign: Sign,
}

/// `set x = v`, `set x 1.5 fold`: of a cell, an arm, a perturbation. The value must not change in time.
pub fn lower_set(context: &mut Context, at: At, set: &ast::Set) -> Result<Assignment, Reported> {
    let target = target(context, at, &set.target);
    let scaled = set.kind == ast::SetKind::Scale;
    let (value, quantity) = {
        let wanted = Wanted { constant: true, ..Wanted::number("what is set") };
        value::with_quantity(context, at, &set.value, wanted)?
    };
    let target = target?;
    let quantity = Quantity { kind: value.expr.kind, ..quantity };
    let assignment = assign(context, target, quantity, scaled, (set.target.span, set.span))?;
    Ok(Assignment { evidence: value.evidence, uncertainty: value.uncertainty, ..assignment })
}

/// A swept value that is set: `set x = v` where `v` is a variable of the arm; only whether it fits is checked.
pub fn check_target(
    context: &mut Context,
    at: At,
    reference: &Ref,
    dimension: Dimension,
    span: Span,
) -> Result<Assignable, Reported> {
    let target = target(context, at, reference)?;
    if target.dimension == dimension {
        return Ok(target.assignable);
    }
    let swept = Quantity::node(ExprKind::Error, dimension, context.units.usual(dimension), span);
    let report = report::does_not_fit(context, &swept, target.dimension, reference.span);
    Err(fail(context, report))
}

/// `x = v` after `when`.
pub fn lower_assignment(context: &mut Context, at: At, set: &ast::Assignment) -> Result<Assignment, Reported> {
    let target = target(context, at, &set.target);
    let quantity = typing::infer(context, at, &set.value)?;
    assign(context, target?, quantity, false, (set.target.span, set.span))
}

fn assign(
    context: &mut Context,
    target: Target,
    quantity: Quantity,
    scaled: bool,
    (target_span, span): (Span, Span),
) -> Result<Assignment, Reported> {
    let fold = context.units.named("fold");
    let relative = scaled || (quantity.literal.is_some() && Some(quantity.unit) == fold);
    let quantity = if relative {
        let role = "a factor";
        value::fits(context, &quantity, Wanted { sign: Sign::NotNegative, ..Wanted::of(role, &[Dimension::NONE]) })?;
        quantity
    } else {
        let quantity = amount_of(context, &target, quantity);
        if quantity.dimension != target.dimension || quantity.truth {
            let report = report::does_not_fit(context, &quantity, target.dimension, target_span);
            return Err(fail(context, report));
        }
        value::fits(context, &quantity, Wanted { sign: target.sign, ..Wanted::number("what is set") })?;
        quantity
    };
    Ok(Assignment {
        target: target.assignable,
        value: typing::finish(context, quantity),
        relative,
        evidence: Evidence::default(),
        uncertainty: None::<Uncertainty>,
        span,
    })
}

/// An amount, where a concentration was written for one.
fn amount_of(context: &mut Context, target: &Target, quantity: Quantity) -> Quantity {
    let Assignable::Amount(pool) = &target.assignable else { return quantity };
    let size = match quantity.dimension {
        Dimension::CONCENTRATION => Dimension::VOLUME,
        Dimension::SURFACE_DENSITY => Dimension::AREA,
        _ => return quantity,
    };
    let Ok(place) = references::place_of(context, pool) else { return quantity };
    let membrane = context.program.geometry.is_membrane(place);
    if membrane != (size == Dimension::AREA) {
        return quantity;
    }
    let (span, varies, unit) = (quantity.span, quantity.varies, context.units.usual(Dimension::AMOUNT));
    let size = Expr { kind: ExprKind::SizeOf(place, pool.scope), dimension: size, unit: None, span };
    let kind = ExprKind::Binary(BinaryOp::Mul, Box::new(quantity.into_expr()), Box::new(size));
    Quantity { varies, ..Quantity::node(kind, Dimension::AMOUNT, unit, span) }
}

fn target(context: &mut Context, at: At, reference: &Ref) -> Result<Target, Reported> {
    let span = reference.span;
    let any = |assignable, dimension| Target { assignable, dimension, sign: Sign::Any };
    Ok(match context.resolve(reference, at)? {
        Referent::Param(id, scope) => any(Assignable::Param(id, scope), demand::param(context, id, span)?.0),
        Referent::Input(id, scope) => any(Assignable::Input(id, scope), demand::input(context, id, span)?.0),
        Referent::Pool(pool) => {
            Target { assignable: Assignable::Amount(pool), dimension: Dimension::AMOUNT, sign: Sign::NotNegative }
        }
        Referent::Compartment(id, scope) => {
            let membrane = context.program.geometry.is_membrane(id);
            let dimension = if membrane { Dimension::AREA } else { Dimension::VOLUME };
            Target { assignable: Assignable::Compartment(id, scope), dimension, sign: Sign::Positive }
        }
        other => {
            let report = report::not_assignable(reference, what_it_is(&other));
            return Err(fail(context, report));
        }
    })
}

fn what_it_is(referent: &Referent) -> &'static str {
    match referent {
        Referent::Let(..) => "a definition (`let`), computed from other things",
        Referent::Observable(..) => "an observable, which is only read",
        Referent::Process(..) => "a process",
        Referent::Unit(_) | Referent::UserUnit(_) => "a unit",
        Referent::Time => "the time, which passes by itself",
        Referent::Local(_) => "a variable of this sweep",
        _ => "nothing that has a value to set",
    }
}

/// `change x by r`.
pub fn lower_change(context: &mut Context, at: At, change: &ast::Change, span: Span) -> Result<Rule, Reported> {
    let target = target(context, at, &change.target);
    let rate = typing::infer(context, at, &change.by);
    let (target, rate) = (target?, rate?);
    if let Assignable::Param(..) = target.assignable {
        let report = report::parameter_changes(&change.target);
        return Err(fail(context, report));
    }
    let wanted = target.dimension / Dimension::TIME;
    if rate.dimension != wanted || rate.truth {
        let report = report::no_rate_of(context, &rate, wanted, change.target.span);
        return Err(fail(context, report));
    }
    Ok(Rule { target: target.assignable, rate: typing::finish(context, rate), span })
}

/// `when … after … { … }`. Parts that are wrong are left out; they have been reported.
pub fn lower_when(context: &mut Context, at: At, when: &ast::When, name: SmolStr, span: Span) -> Event {
    let condition = typing::type_condition(context, at, &when.condition);
    let delay = when.after.as_ref().map(|after| {
        let wanted = Wanted::of("a delay", &[Dimension::TIME]).constant().not_negative();
        value::lower_number(context, at, after, wanted).expr
    });
    let mut assignments = Vec::with_capacity(when.assignments.len());
    for assignment in &when.assignments {
        assignments.extend(lower_assignment(context, at, assignment));
    }
    Event { name, condition, delay, assignments, span }
}
