//! Arithmetic, comparisons and connectives.

use super::{Quantity, fail};
use crate::hir::expr::ExprKind;
use crate::hir::reports::units as report;
use crate::hir::scope::{Context, Reported};
use crate::hir::units::{Dimension, UnitId};
use crate::hir::{BinaryOp, UnaryOp};
use crate::source::Span;
use crate::syntax::ast;

pub fn negate(context: &mut Context, operand: Quantity, span: Span) -> Result<Quantity, Reported> {
    wants_number(context, &operand)?;
    if operand.affine {
        let report = report::affine_in_product(operand.span);
        return Err(fail(context, report));
    }
    if let Some(number) = operand.literal {
        return Quantity::literal(context, -number, operand.unit, span);
    }
    if let Some(number) = operand.value() {
        return Ok(Quantity { kind: ExprKind::Number(-number), span, ..operand });
    }
    unary(context, UnaryOp::Neg, operand, span)
}

pub fn not(context: &mut Context, operand: Quantity, span: Span) -> Result<Quantity, Reported> {
    wants_truth(context, &operand)?;
    let result = unary(context, UnaryOp::Not, operand, span)?;
    Ok(Quantity { truth: true, ..result })
}

/// A function that keeps the dimension of its argument.
pub fn unary(context: &mut Context, op: UnaryOp, operand: Quantity, span: Span) -> Result<Quantity, Reported> {
    let (of, parts) = ((operand.dimension, operand.unit), (operand.varies, operand.size));
    Quantity::over(context, ExprKind::Unary(op, Box::new(operand.into_expr())), of, (&parts.0, parts.1), span)
}

pub fn binary(
    context: &mut Context,
    op: ast::BinaryOp,
    op_span: Span,
    left: Quantity,
    right: Quantity,
    span: Span,
) -> Result<Quantity, Reported> {
    use ast::BinaryOp as Op;
    if let Op::And | Op::Or = op {
        wants_truth(context, &left)?;
        wants_truth(context, &right)?;
        let op = if op == Op::And { BinaryOp::And } else { BinaryOp::Or };
        return truth(context, op, left, right, span);
    }
    wants_number(context, &left)?;
    wants_number(context, &right)?;
    match op {
        Op::Add => sum(context, BinaryOp::Add, op_span, left, right, span),
        Op::Subtract => sum(context, BinaryOp::Sub, op_span, left, right, span),
        Op::Multiply => product(context, left, right, span),
        Op::Divide => quotient(context, left, right, span),
        Op::Power => power(context, left, right, span),
        _ => comparison(context, op, op_span, left, right, span),
    }
}

fn wants_number(context: &mut Context, operand: &Quantity) -> Result<(), Reported> {
    if operand.truth {
        let report = report::number_wanted(context, operand);
        return Err(fail(context, report));
    }
    Ok(())
}

fn wants_truth(context: &mut Context, operand: &Quantity) -> Result<(), Reported> {
    if operand.truth {
        return Ok(());
    }
    let report = report::condition_wanted(context, operand);
    Err(fail(context, report))
}

fn not_affine(context: &mut Context, left: &Quantity, right: &Quantity) -> Result<(), Reported> {
    match [left, right].into_iter().find(|side| side.affine) {
        None => Ok(()),
        Some(side) => {
            let report = report::affine_in_product(side.span);
            Err(fail(context, report))
        }
    }
}

/// A node over two.
fn pair(
    context: &mut Context,
    op: BinaryOp,
    left: Quantity,
    right: Quantity,
    of: (Dimension, UnitId),
    span: Span,
) -> Result<Quantity, Reported> {
    let (varies, size) = (left.varies.or(right.varies), left.size.saturating_add(right.size));
    let kind = ExprKind::Binary(op, Box::new(left.into_expr()), Box::new(right.into_expr()));
    Quantity::over(context, kind, of, (&varies, size), span)
}

fn truth(
    context: &mut Context,
    op: BinaryOp,
    left: Quantity,
    right: Quantity,
    span: Span,
) -> Result<Quantity, Reported> {
    let result = pair(context, op, left, right, (Dimension::NONE, UnitId::PLAIN), span)?;
    Ok(Quantity { truth: true, ..result })
}

/// `+`, `-`, and, for functions, the smaller or larger of two.
pub fn sum(
    context: &mut Context,
    op: BinaryOp,
    op_span: Span,
    left: Quantity,
    right: Quantity,
    span: Span,
) -> Result<Quantity, Reported> {
    if left.dimension != right.dimension {
        let report = report::unlike_terms(context, &left, &right, op_span);
        return Err(fail(context, report));
    }
    if left.affine && right.affine {
        not_affine(context, &left, &right)?;
    }
    let apply = |a: f64, b: f64| match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Min => a.min(b),
        _ => a.max(b),
    };
    if let (Some(a), Some(b)) = (left.literal, right.literal)
        && left.unit == right.unit
    {
        return Quantity::literal(context, apply(a, b), left.unit, span);
    }
    let unit = if left.unit == UnitId::PLAIN { right.unit } else { left.unit };
    let dimension = left.dimension;
    if let (Some(a), Some(b)) = (left.value(), right.value()) {
        return number(context, apply(a, b), dimension, unit, span);
    }
    let unit = context.units.shown(unit);
    pair(context, op, left, right, (dimension, unit), span)
}

fn number(
    context: &mut Context,
    value: f64,
    dimension: Dimension,
    unit: UnitId,
    span: Span,
) -> Result<Quantity, Reported> {
    if !value.is_finite() {
        let report = report::overflow(span);
        return Err(fail(context, report));
    }
    let unit = context.units.shown(unit);
    Ok(Quantity::node(ExprKind::Number(value), dimension, unit, span))
}

fn product(context: &mut Context, left: Quantity, right: Quantity, span: Span) -> Result<Quantity, Reported> {
    not_affine(context, &left, &right)?;
    let unit = context.units.times(left.unit, right.unit);
    if let (Some(a), Some(b)) = (left.literal, right.literal) {
        return Quantity::literal(context, a * b, unit, span);
    }
    let dimension = left.dimension * right.dimension;
    if let (Some(a), Some(b)) = (left.value(), right.value()) {
        return number(context, a * b, dimension, unit, span);
    }
    let unit = context.units.shown(unit);
    pair(context, BinaryOp::Mul, left, right, (dimension, unit), span)
}

fn quotient(context: &mut Context, left: Quantity, right: Quantity, span: Span) -> Result<Quantity, Reported> {
    not_affine(context, &left, &right)?;
    if right.value() == Some(0.0) {
        let report = report::division_by_zero(context, &left, &right);
        return Err(fail(context, report));
    }
    let unit = context.units.over(left.unit, right.unit);
    if let (Some(a), Some(b)) = (left.literal, right.literal) {
        return Quantity::literal(context, a / b, unit, span);
    }
    let dimension = left.dimension / right.dimension;
    if let (Some(a), Some(b)) = (left.value(), right.value()) {
        return number(context, a / b, dimension, unit, span);
    }
    let unit = context.units.shown(unit);
    pair(context, BinaryOp::Div, left, right, (dimension, unit), span)
}

fn power(context: &mut Context, base: Quantity, exponent: Quantity, span: Span) -> Result<Quantity, Reported> {
    not_affine(context, &base, &exponent)?;
    if !exponent.dimension.is_none() {
        let report = report::exponent_with_dimension(context, &exponent);
        return Err(fail(context, report));
    }
    let of = match exponent.value() {
        Some(by) => fixed_power(context, &base, by, &exponent)?,
        None if base.dimension.is_none() => (Dimension::NONE, UnitId::PLAIN),
        None => {
            let report = report::open_exponent(context, &base, &exponent);
            return Err(fail(context, report));
        }
    };
    if let (Some(number), Some(by)) = (base.literal, exponent.value())
        && by.fract() == 0.0
        && by.abs() <= 64.0
    {
        return Quantity::literal(context, whole_power(number, by), of.1, span);
    }
    let of = (of.0, context.units.shown(of.1));
    pair(context, BinaryOp::Pow, base, exponent, of, span)
}

/// Dimension and unit of a base to a power that is known.
fn fixed_power(
    context: &mut Context,
    base: &Quantity,
    by: f64,
    exponent: &Quantity,
) -> Result<(Dimension, UnitId), Reported> {
    if base.unit == UnitId::PLAIN && base.dimension.is_none() {
        return Ok((Dimension::NONE, UnitId::PLAIN));
    }
    let sixtieths = (by * 60.0).round();
    let exact = (by * 60.0 - sixtieths).abs() < 1e-9 && sixtieths.abs() <= 60.0 * 64.0;
    let dimension = if exact { base.dimension.power(sixtieths as i32) } else { None };
    match dimension {
        Some(dimension) => Ok((dimension, context.units.power(base.unit, sixtieths as i32))),
        None if base.dimension.is_none() => Ok((Dimension::NONE, UnitId::PLAIN)),
        None => {
            let report = report::no_such_power(context, base, exponent);
            Err(fail(context, report))
        }
    }
}

/// By multiplication, so that it is the same on every machine.
fn whole_power(base: f64, exponent: f64) -> f64 {
    let product = (0..exponent.abs() as u32).fold(1.0, |product, _| product * base);
    if exponent < 0.0 { 1.0 / product } else { product }
}

fn comparison(
    context: &mut Context,
    op: ast::BinaryOp,
    op_span: Span,
    left: Quantity,
    right: Quantity,
    span: Span,
) -> Result<Quantity, Reported> {
    use ast::BinaryOp as Op;
    if left.dimension != right.dimension {
        let report = report::unlike_sides(context, &left, &right, op_span);
        return Err(fail(context, report));
    }
    match op {
        Op::Less => truth(context, BinaryOp::Less, left, right, span),
        Op::LessEqual => truth(context, BinaryOp::LessEqual, left, right, span),
        Op::Greater => truth(context, BinaryOp::Less, right, left, span),
        Op::GreaterEqual => truth(context, BinaryOp::LessEqual, right, left, span),
        Op::Equal => truth(context, BinaryOp::Equal, left, right, span),
        _ => {
            let equal = truth(context, BinaryOp::Equal, left, right, span)?;
            not(context, equal, span)
        }
    }
}
