//! What is known of an expression while it is being typed.

use crate::hir::expr::{Expr, ExprKind};
use crate::hir::reports::units as report;
use crate::hir::scope::{Context, Reported};
use crate::hir::units::{Dimension, UnitId};
use crate::source::Span;

/// An expression with its dimension and unit.
#[derive(Clone, Debug)]
pub struct Quantity {
    pub kind: ExprKind,
    pub dimension: Dimension,
    pub unit: UnitId,
    /// A number of `unit`: nothing but numbers and units was written. `kind` is then that number in internal units.
    pub literal: Option<f64>,
    /// True or false rather than a number.
    pub truth: bool,
    /// The first thing in it that changes in time, if any.
    pub varies: Option<Span>,
    /// Given in a unit with a zero of its own.
    pub affine: bool,
    /// Nodes of the tree.
    pub size: u32,
    pub span: Span,
}

/// Trees larger than this only come from functions inlined in functions.
const LARGEST: u32 = 100_000;

impl Quantity {
    /// A bare number.
    pub fn number(number: f64, span: Span) -> Quantity {
        Quantity {
            literal: Some(number),
            ..Quantity::node(ExprKind::Number(number), Dimension::NONE, UnitId::PLAIN, span)
        }
    }

    /// A number of a unit, converted with one rounding.
    pub fn literal(context: &mut Context, number: f64, unit: UnitId, span: Span) -> Result<Quantity, Reported> {
        let value = context.units.scale(unit).apply(number);
        if !value.is_finite() {
            let report = report::overflow(span);
            return Err(super::fail(context, report));
        }
        let dimension = context.units.get(unit).dimension;
        Ok(Quantity { literal: Some(number), ..Quantity::node(ExprKind::Number(value), dimension, unit, span) })
    }

    /// Something that is no sum or product of others.
    pub fn node(kind: ExprKind, dimension: Dimension, unit: UnitId, span: Span) -> Quantity {
        Quantity { kind, dimension, unit, literal: None, truth: false, varies: None, affine: false, size: 1, span }
    }

    /// Something that changes in time.
    pub fn varying(kind: ExprKind, dimension: Dimension, unit: UnitId, span: Span) -> Quantity {
        Quantity { varies: Some(span), ..Quantity::node(kind, dimension, unit, span) }
    }

    /// A node over others; too large a tree is refused.
    pub fn over(
        context: &mut Context,
        kind: ExprKind,
        (dimension, unit): (Dimension, UnitId),
        parts: (&Option<Span>, u32),
        span: Span,
    ) -> Result<Quantity, Reported> {
        let size = parts.1.saturating_add(1);
        if size > LARGEST {
            let report = report::too_large(span);
            return Err(super::fail(context, report));
        }
        Ok(Quantity { varies: *parts.0, size, ..Quantity::node(kind, dimension, unit, span) })
    }

    /// The value, if it is a number.
    pub fn value(&self) -> Option<f64> {
        match self.kind {
            ExprKind::Number(number) => Some(number),
            _ => None,
        }
    }

    /// As part of a larger expression.
    pub fn into_expr(self) -> Expr {
        Expr { kind: self.kind, dimension: self.dimension, unit: None, span: self.span }
    }
}
