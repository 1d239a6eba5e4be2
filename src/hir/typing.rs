//! Types of expressions: which dimension each has, and in which unit its author thinks of it.
//!
//! Invariants: parameters, definitions, inputs and units of the user's are typed on demand and once ([`demand`]),
//! since any may refer to any other; a mistake is reported where it is found and gives [`Reported`], and whoever
//! meets that stays silent. Functions are inlined where they are called, generic over dimensions; a mistake in a
//! body is shown with the calls that led to it. Numbers are computed exactly as long as they are numbers with units,
//! and rounded once. Nesting and growth by inlining are bounded, so that checking ends. Deliberately absent:
//! evidence and uncertainty ([`value`](super::value)), and results, which only claims read.

mod calls;
pub mod demand;
pub(super) mod members;
mod operators;
mod quantity;
pub(super) mod references;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

pub use quantity::Quantity;

use super::experiments::{Results, results};
use super::expr::{Expr, ExprKind};
use super::ids::*;
use super::reports::units as report;
use super::scope::{At, Context, Reported};
use super::units::{Dimension, Special, Unit, UnitId};
use crate::diagnostics::Diagnostic;
use crate::source::Span;
use crate::syntax::ast;

/// What has been typed so far, each thing once.
#[derive(Debug, Default)]
pub struct Typed {
    pub(super) params: FxHashMap<ParamId, demand::Slot<demand::TypedParam>>,
    pub(super) lets: FxHashMap<LetId, demand::Slot<Quantity>>,
    pub(super) inputs: FxHashMap<InputId, demand::Slot<super::Value>>,
    pub(super) units: FxHashMap<UserUnitId, demand::Slot<UnitId>>,
    /// The functions whose bodies are being looked at, with the calls.
    pub(super) calls: Vec<(FunctionId, SmolStr, Span)>,
    /// What claims can read, while they are checked.
    pub(super) results: Option<Results>,
    /// What is looked at is measured, and may ask for single vesicles.
    pub(super) measuring: bool,
    /// The vesicles of whose members a condition is, while it is looked at.
    pub(super) members: Option<super::Pool>,
    /// How many functions have been put in place for the expression in hand.
    pub(super) inlined: u32,
    /// How many things are being typed on behalf of each other.
    pub(super) depth: u32,
}

/// An expression with names resolved and dimensions checked; an error in it gives [`ExprKind::Error`].
pub fn type_expr(context: &mut Context, at: At, expr: &ast::Expr) -> Expr {
    match infer(context, at, expr) {
        Ok(quantity) => finish(context, quantity),
        Err(Reported) => error(expr.span),
    }
}

/// The same, for an expression that must be of that dimension; `role` is for the message: "a delay".
pub fn type_as(context: &mut Context, at: At, expr: &ast::Expr, dimension: Dimension, role: &str) -> Expr {
    let found = infer(context, at, expr).and_then(|quantity| {
        expect(context, &quantity, dimension, role)?;
        Ok(quantity)
    });
    match found {
        Ok(quantity) => finish(context, quantity),
        Err(Reported) => error(expr.span),
    }
}

/// An expression that must be true or false, as after `when`.
pub fn type_condition(context: &mut Context, at: At, expr: &ast::Expr) -> Expr {
    match infer(context, at, expr) {
        Ok(quantity) if quantity.truth => finish(context, quantity),
        Ok(quantity) => {
            let report = report::condition_wanted(context, &quantity);
            fail(context, report);
            error(expr.span)
        }
        Err(Reported) => error(expr.span),
    }
}

/// A number that must be known when checking, in internal units; `role` as in [`type_as`].
pub fn constant(
    context: &mut Context,
    at: At,
    expr: &ast::Expr,
    dimension: Dimension,
    role: &str,
) -> Result<f64, Reported> {
    let quantity = infer(context, at, expr)?;
    expect(context, &quantity, dimension, role)?;
    match quantity.kind {
        ExprKind::Number(number) => Ok(number),
        _ => {
            let report = report::not_constant(context, &quantity, role);
            Err(fail(context, report))
        }
    }
}

/// That expression in place of one that could not be typed.
pub fn error(span: Span) -> Expr {
    Expr { kind: ExprKind::Error, dimension: Dimension::NONE, unit: None, span }
}

/// The expression that a quantity is, with the unit to show it in.
pub fn finish(context: &Context, quantity: Quantity) -> Expr {
    let unit = context.units.get(quantity.unit).clone();
    Expr { kind: quantity.kind, dimension: quantity.dimension, unit: Some(unit), span: quantity.span }
}

/// The unit of that quantity, by value.
pub fn unit_of(context: &Context, quantity: &Quantity) -> Unit {
    context.units.get(quantity.unit).clone()
}

/// Checks the dimension of a number that has a place to fill.
pub fn expect(context: &mut Context, quantity: &Quantity, wanted: Dimension, role: &str) -> Result<(), Reported> {
    if quantity.truth {
        let report = report::number_wanted(context, quantity);
        return Err(fail(context, report));
    }
    if quantity.dimension == wanted {
        return Ok(());
    }
    let report = report::wrong_dimension(context, quantity, wanted, role);
    Err(fail(context, report))
}

/// Reports a mistake, with the calls of functions that led to it.
pub fn fail(context: &mut Context, mut diagnostic: Diagnostic) -> Reported {
    for (_, name, span) in context.typed.calls.iter().rev().take(4) {
        diagnostic = diagnostic.also(*span, format!("in this use of `{name}`"));
    }
    context.sink.push(diagnostic);
    Reported
}

/// What an expression is: the heart of the matter.
pub fn infer(context: &mut Context, at: At, expr: &ast::Expr) -> Result<Quantity, Reported> {
    infer_with(context, at, &[], expr)
}

/// The same where names stand for quantities: the body of a function. `frame` is in the order of `at.locals`.
pub fn infer_with(context: &mut Context, at: At, frame: &[Quantity], expr: &ast::Expr) -> Result<Quantity, Reported> {
    let span = expr.span;
    match &expr.kind {
        ast::ExprKind::Error => Err(Reported),
        ast::ExprKind::Number(number) => Ok(Quantity::number(*number, span)),
        ast::ExprKind::Quantity { number, unit } => with_unit(context, at, *number, unit, span),
        ast::ExprKind::Ref(reference) => references::reference(context, at, frame, reference),
        ast::ExprKind::Concentration(reference) => references::concentration(context, at, reference, span),
        ast::ExprKind::Unary { op: ast::UnaryOp::Minus, operand } => match &operand.kind {
            // −5 °C is five degrees below zero, not the opposite of 278 K.
            ast::ExprKind::Quantity { number, unit } => with_unit(context, at, -number, unit, span),
            _ => {
                let operand = infer_with(context, at, frame, operand)?;
                operators::negate(context, operand, span)
            }
        },
        ast::ExprKind::Unary { op: ast::UnaryOp::Not, operand } => {
            let operand = infer_with(context, at, frame, operand)?;
            operators::not(context, operand, span)
        }
        ast::ExprKind::Binary { op, op_span, left, right } => {
            // Both sides are looked at, so that mistakes in both are reported in one go.
            let left = infer_with(context, at, frame, left);
            let right = infer_with(context, at, frame, right);
            operators::binary(context, *op, *op_span, left?, right?, span)
        }
        ast::ExprKind::Call { function, arguments } => calls::call(context, at, frame, function, arguments, span),
        ast::ExprKind::Per { what, carrier } => references::per(context, at, what, carrier, span),
        ast::ExprKind::PropertyOf { property, property_span, of } => {
            references::property(context, at, *property, *property_span, of, span)
        }
        ast::ExprKind::ShareReach { of, target } => members::reach(context, at, of, target, span),
        ast::ExprKind::ShareWith { of, condition } => members::share(context, at, of, condition, span),
        ast::ExprKind::DistributionOf { .. } | ast::ExprKind::DistributionOfCopies { .. } => {
            let report = crate::hir::reports::members::part_of_a_number(context, span);
            Err(fail(context, report))
        }
        ast::ExprKind::StatisticOf { statistic, of, .. } => results::statistic(context, at, *statistic, of, span),
        ast::ExprKind::AtTime { what, time } => results::at_time(context, at, what, time, span),
        ast::ExprKind::Point { of, at: coordinates, result } => {
            results::point(context, at, (of, coordinates, result.as_deref()), span)
        }
    }
}

/// `5 uM`, `1500 um^2`, `37 degC`.
fn with_unit(
    context: &mut Context,
    at: At,
    number: f64,
    unit: &ast::UnitRef,
    span: Span,
) -> Result<Quantity, Reported> {
    let named = references::unit(context, at, &unit.name)?;
    if context.units.special(named) == Special::Affine {
        if unit.power != 1 {
            let report = report::affine_in_product(unit.span);
            return Err(fail(context, report));
        }
        return Ok(references::celsius(context, number, span));
    }
    let id = context.units.power(named, unit.power.saturating_mul(60));
    Quantity::literal(context, number, id, span)
}
