//! Questions about single vesicles: shares with a condition, shares that reach a place, ages, distributions.
//!
//! Invariants: they stand only in what is measured (measures and observables), since a rate of the mean field can't
//! wait for them; a distribution is all of a measure, never part of a number; a condition compares what one vesicle has
//! of its own with numbers. Whether the mean field can answer is not decided here, but where a network is built.

use super::{Quantity, fail, infer, references};
use crate::hir::expr::{Asked, Expr, ExprKind, Members, Own, Pool};
use crate::hir::reports::members as report;
use crate::hir::scope::{At, Context, Referent, Reported};
use crate::hir::units::{Dimension, UnitId};
use crate::hir::{BinaryOp, UnaryOp};
use crate::source::Span;
use crate::syntax::ast::{self, Property, Ref};

/// What a measure is of: a number, or a distribution.
pub fn measured(context: &mut Context, at: At, expr: &ast::Expr) -> Result<Quantity, Reported> {
    measuring(context, |context| match &expr.kind {
        ast::ExprKind::DistributionOf { property, of, .. } => {
            let pool = vesicles(context, at, of)?;
            distribution(context, pool, own(*property), expr.span)
        }
        ast::ExprKind::DistributionOfCopies { what, carrier } => {
            let what = context.resolve_pool(what, at);
            let pool = vesicles(context, at, carrier)?;
            distribution(context, pool, Own::Copies(what?), expr.span)
        }
        _ => infer(context, at, expr),
    })
}

/// Looks at something that is measured.
pub fn measuring<T>(context: &mut Context, look: impl FnOnce(&mut Context) -> T) -> T {
    let before = std::mem::replace(&mut context.typed.measuring, true);
    let found = look(context);
    context.typed.measuring = before;
    found
}

fn distribution(context: &mut Context, of: Pool, own: Own, span: Span) -> Result<Quantity, Reported> {
    let (dimension, unit) = kind_of(context, &own);
    let asked = Asked::Distribution(own);
    Ok(Quantity::varying(ExprKind::Members(Box::new(Members { of, asked })), dimension, unit, span))
}

/// `share of ILV@medium with diameter < 90 nm`.
pub fn share(context: &mut Context, at: At, of: &Ref, condition: &ast::Expr, span: Span) -> Result<Quantity, Reported> {
    only_measured(context, span)?;
    let pool = vesicles(context, at, of)?;
    let before = context.typed.members.replace(pool.clone());
    let found = infer(context, at, condition);
    context.typed.members = before;
    let found = found?;
    if !found.truth {
        let report = crate::hir::reports::units::condition_wanted(context, &found);
        return Err(fail(context, report));
    }
    let condition = found.into_expr();
    if let Some(strange) = not_of_a_member(&condition) {
        let report = report::no_condition_of_members(context, strange);
        return Err(fail(context, report));
    }
    let asked = Asked::Share(Box::new(condition));
    let percent = context.units.named("%").unwrap_or(UnitId::PLAIN);
    Ok(Quantity::varying(ExprKind::Members(Box::new(Members { of: pool, asked })), Dimension::NONE, percent, span))
}

/// The part of a condition that is no comparison of what a member has with a number.
fn not_of_a_member(condition: &Expr) -> Option<Span> {
    match &condition.kind {
        ExprKind::Unary(UnaryOp::Not, a) => not_of_a_member(a),
        ExprKind::Binary(BinaryOp::And | BinaryOp::Or, a, b) => not_of_a_member(a).or_else(|| not_of_a_member(b)),
        ExprKind::Binary(BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Equal, a, b) => match (&a.kind, &b.kind) {
            (ExprKind::Own(_), ExprKind::Number(_)) | (ExprKind::Number(_), ExprKind::Own(_)) => None,
            _ => Some(condition.span),
        },
        _ => Some(condition.span),
    }
}

/// In the condition of a share, what a name means of the member in hand.
pub fn own_reference(context: &mut Context, at: At, reference: &Ref) -> Option<Result<Quantity, Reported>> {
    context.typed.members.as_ref()?;
    let span = reference.span;
    let property = reference.single().and_then(|name| match name.text.as_str() {
        "diameter" | "size" => Some(Own::Diameter),
        "area" => Some(Own::Area),
        "volume" => Some(Own::Volume),
        "age" => Some(Own::Age),
        _ => None,
    });
    let own = match property {
        Some(own) => own,
        None => match context.resolve(reference, at) {
            Ok(Referent::Pool(pool)) => Own::Copies(pool),
            Ok(_) => return None,
            Err(Reported) => return Some(Err(Reported)),
        },
    };
    let (dimension, unit) = kind_of(context, &own);
    Some(Ok(Quantity::varying(ExprKind::Own(own), dimension, unit, span)))
}

/// `share of ILV that reach lysosome`.
pub fn reach(context: &mut Context, at: At, of: &Ref, target: &Ref, span: Span) -> Result<Quantity, Reported> {
    only_measured(context, span)?;
    let pool = vesicles(context, at, of)?;
    if !pool.at.is_empty() || pool.state.is_some() {
        let report = report::reach_from_somewhere(context, of, target);
        return Err(fail(context, report));
    }
    let Referent::Compartment(place, scope) = context.resolve(target, at)? else {
        let report = report::reach_no_place(context, target);
        return Err(fail(context, report));
    };
    let percent = context.units.named("%").unwrap_or(UnitId::PLAIN);
    Ok(Quantity::varying(ExprKind::Reach(pool, place, scope), Dimension::NONE, percent, span))
}

/// `age of ILV@medium`: the mean.
pub fn mean_age(context: &mut Context, of: Pool, span: Span) -> Result<Quantity, Reported> {
    only_measured(context, span)?;
    let (dimension, unit) = kind_of(context, &Own::Age);
    let asked = Asked::Mean(Own::Age);
    Ok(Quantity::varying(ExprKind::Members(Box::new(Members { of, asked })), dimension, unit, span))
}

fn only_measured(context: &mut Context, span: Span) -> Result<(), Reported> {
    if context.typed.measuring {
        return Ok(());
    }
    let report = report::only_measured(context, span);
    Err(fail(context, report))
}

fn vesicles(context: &mut Context, at: At, of: &Ref) -> Result<Pool, Reported> {
    references::vesicles(context, at, of)
}

fn own(property: Property) -> Own {
    match property {
        Property::Size | Property::Diameter => Own::Diameter,
        Property::Area => Own::Area,
        Property::Volume => Own::Volume,
        Property::Age => Own::Age,
        Property::Route => Own::Route,
    }
}

/// Dimension and unit of what one vesicle has.
fn kind_of(context: &mut Context, own: &Own) -> (Dimension, UnitId) {
    let (area, volume) = (context.units.usual(Dimension::AREA), context.units.usual(Dimension::VOLUME));
    let named = |name| context.units.named(name).unwrap_or_default();
    match own {
        Own::Diameter => (Dimension::LENGTH, named("nm")),
        Own::Area => (Dimension::AREA, area),
        Own::Volume => (Dimension::VOLUME, volume),
        Own::Age => (Dimension::TIME, named("h")),
        Own::Route => (Dimension::NONE, UnitId::PLAIN),
        Own::Copies(_) => (Dimension::AMOUNT, named("copies")),
    }
}
