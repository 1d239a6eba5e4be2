//! Claims: conditions on results, with dimensions that go together.

use rustc_hash::FxHashMap;

use super::{Results, effects};
use crate::hir::experiment::{Claim, Comparison, Condition, Reading, ReadingKind};
use crate::hir::expr::{Expr, ExprKind};
use crate::hir::program::{Declared, Space};
use crate::hir::reports::claims as report;
use crate::hir::scope::{At, Context, Reported};
use crate::hir::typing::{self, Quantity, fail};
use crate::hir::units::Dimension;
use crate::hir::value;
use crate::hir::{BinaryOp, Hir, ModuleId, SiteId};
use crate::source::Span;
use crate::syntax::ast::{self, ClaimBody};

/// Relative difference below which sides are tied, unless a claim says otherwise.
pub const TIE: f64 = 1e-3;

/// All claims of the root files, each about the results of its own; those that make no sense are left out.
pub fn lower_all(context: &mut Context, hir: &mut Hir, mut results: FxHashMap<ModuleId, Results>) {
    let program = context.program;
    for declared in &program.claims {
        context.typed.results = Some(results.remove(&declared.module).unwrap_or_default());
        if let Some(claim) = lower(context, hir, declared) {
            hir.claims.push(claim);
        }
        results.extend(context.typed.results.take().map(|own| (declared.module, own)));
    }
}

fn lower(context: &mut Context, hir: &mut Hir, declared: &Declared<&ast::Claim>) -> Option<Claim> {
    let at = At::site(declared.site);
    let claim = declared.ast;
    let evidence = value::lower_evidence(context, at, claim.evidence.as_ref());
    let tolerance = claim.tolerance.as_ref().map(|t| tolerance(context, at, t)).transpose();
    if let Some(results) = &mut context.typed.results {
        results.readings.clear();
    }
    let (condition, cell) = match &claim.body {
        ClaimBody::Error => (Err(Reported), None),
        ClaimBody::Holds(expr) => (condition(context, at, expr), None),
        ClaimBody::Effect(effect) => {
            let cell = context.quietly(|c| c.resolve_group(&effect.cell, at, "a cell")).ok();
            (effects::lower(context, hir, at, effect, claim), cell)
        }
    };
    let on_background = matches!(&claim.body, ClaimBody::Effect(effect) if !effect.background.is_empty());
    let words = context.sources.slice(predicted(&claim.body)?).split_whitespace();
    let prediction: Vec<&str> = on_background.then_some("with").into_iter().chain(words).collect();
    Some(Claim {
        text: named(context, declared.site, &claim.text.text),
        doc: declared.doc.clone(),
        module: declared.module,
        evidence,
        tolerance: tolerance.ok()?.unwrap_or(TIE),
        condition: condition.ok()?,
        prediction: prediction.join(" "),
        cell,
        span: declared.span,
    })
}

/// A claim's text, with the variables of the `for`s around it that it has in braces as what they stand for.
fn named(context: &Context, site: SiteId, text: &str) -> String {
    let program = context.program;
    let mut told = text.to_owned();
    let mut next = Some(site);
    while let Some(site) = next.and_then(|id| program.site(id)) {
        for ((space, variable), entry) in &site.names {
            if *space == Space::Thing && text.contains(&format!("{{{variable}}}")) {
                let name = program.name_of(entry.def).map_or(variable, |(name, _)| name);
                told = told.replace(&format!("{{{variable}}}"), name);
            }
        }
        next = site.parent;
    }
    told
}

/// Where what a claim says is written, without its cell.
fn predicted(body: &ClaimBody) -> Option<Span> {
    match body {
        ClaimBody::Error => None,
        ClaimBody::Holds(expr) => Some(expr.span),
        ClaimBody::Effect(effect) => {
            let last = [effect.at_least.as_ref().map(|e| e.span.end), effect.through.as_ref().map(|r| r.span.end)];
            let end = last.into_iter().flatten().fold(effect.readout.span.end, u32::max);
            effect.background.iter().chain(&effect.treatments).next().map(|first| Span { end, ..first.span })
        }
    }
}

/// `within 1 %`.
fn tolerance(context: &mut Context, at: At, expr: &ast::Expr) -> Result<f64, Reported> {
    let share = typing::constant(context, at, expr, Dimension::NONE, "the tolerance of a claim")?;
    if (0.0..1.0).contains(&share) {
        return Ok(share);
    }
    let report = report::tolerance_out_of_range(expr.span);
    Err(fail(context, report))
}

/// Connectives and comparisons keep the order in which they were written.
fn condition(context: &mut Context, at: At, expr: &ast::Expr) -> Result<Condition, Reported> {
    use ast::BinaryOp as Op;
    let comparison = match &expr.kind {
        ast::ExprKind::Unary { op: ast::UnaryOp::Not, operand } => {
            return Ok(Condition::Not(Box::new(condition(context, at, operand)?)));
        }
        ast::ExprKind::Binary { op: op @ (Op::And | Op::Or), left, right, .. } => {
            let left = condition(context, at, left);
            let right = condition(context, at, right);
            let (left, right) = (Box::new(left?), Box::new(right?));
            return Ok(if *op == Op::And { Condition::And(left, right) } else { Condition::Or(left, right) });
        }
        ast::ExprKind::Binary { op, op_span, left, right } => {
            comparison(*op).map(|operator| (operator, *op_span, left, right))
        }
        ast::ExprKind::Error => return Err(Reported),
        _ => None,
    };
    let Some((operator, op_span, left, right)) = comparison else {
        let report = report::no_comparison(expr.span);
        return Err(fail(context, report));
    };
    let left = typing::infer(context, at, left);
    let right = typing::infer(context, at, right);
    let (left, right) = (left?, right?);
    if left.dimension != right.dimension {
        let report = report::unlike_results(context, &left, &right, op_span);
        return Err(fail(context, report));
    }
    let left = reading(context, left)?;
    let right = reading(context, right)?;
    Ok(Condition::Compare { operator, left, right })
}

fn comparison(op: ast::BinaryOp) -> Option<Comparison> {
    use ast::BinaryOp as Op;
    Some(match op {
        Op::Less => Comparison::Less,
        Op::LessEqual => Comparison::LessEqual,
        Op::Greater => Comparison::Greater,
        Op::GreaterEqual => Comparison::GreaterEqual,
        Op::Equal => Comparison::Equal,
        Op::NotEqual => Comparison::NotEqual,
        _ => return None,
    })
}

/// An expression over results, as what is read.
fn reading(context: &mut Context, quantity: Quantity) -> Result<Reading, Reported> {
    let unit = Some(typing::unit_of(context, &quantity));
    let expr = quantity.into_expr();
    let reading = read(context, &expr)?;
    Ok(Reading { unit, ..reading })
}

fn read(context: &mut Context, expr: &Expr) -> Result<Reading, Reported> {
    let kind = match &expr.kind {
        ExprKind::Number(number) => ReadingKind::Number(*number),
        ExprKind::Result(at) => {
            let readings = context.typed.results.as_ref().map(|r| &r.readings);
            readings.and_then(|r| r.get(*at as usize)).cloned().ok_or(Reported)?
        }
        ExprKind::Unary(op, operand) => ReadingKind::Unary(*op, Box::new(read(context, operand)?)),
        ExprKind::Binary(op, left, right) => {
            if let BinaryOp::And | BinaryOp::Or | BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Equal = op {
                let report = report::no_comparison(expr.span);
                return Err(fail(context, report));
            }
            ReadingKind::Binary(*op, Box::new(read(context, left)?), Box::new(read(context, right)?))
        }
        ExprKind::Error => return Err(Reported),
        _ => {
            let report = report::no_result(context, expr.span);
            return Err(fail(context, report));
        }
    };
    let source = context.sources.slice(expr.span).to_owned();
    Ok(Reading { kind, dimension: expr.dimension, unit: None, source, span: expr.span })
}
