//! `needs`, `promoted by`, `inhibited by`.

use crate::hir::expr::Entity;
use crate::hir::reports::modifiers as report;
use crate::hir::scope::{At, Context, Reported};
use crate::hir::units::Dimension;
use crate::hir::{Modifier, ModifierKind, typing, value};
use crate::syntax::ast;

/// The modifiers of a process, in the order written; what is wrong is reported and left out.
pub fn modifiers(context: &mut Context, at: At, clauses: &[ast::Modifier]) -> Vec<Modifier> {
    let mut all: Vec<Modifier> = Vec::new();
    for clause in clauses {
        let evidence = value::lower_evidence(context, at, clause.evidence.as_ref());
        for factor in &clause.factors {
            let Ok(by) = context.resolve_pool(&factor.who, at) else { continue };
            if let Entity::Vesicle(id) = by.what {
                context.sink.push(report::vesicle_as_modifier(context.program, id, factor.who.span));
                continue;
            }
            let Ok(kind) = kind(context, at, clause.kind, factor) else { continue };
            let Ok(half) = half(context, at, clause.kind, factor) else { continue };
            if let Some(first) = all.iter().find(|m| m.by.what == by.what && m.by.state == by.state) {
                context.sink.push(report::modifier_twice(&factor.who.to_string(), factor.who.span, first.span));
            }
            all.push(Modifier { kind, by, half, evidence: evidence.clone(), span: factor.span });
        }
    }
    all
}

fn kind(
    context: &mut Context,
    at: At,
    kind: ast::ModifierKind,
    factor: &ast::Factor,
) -> Result<ModifierKind, Reported> {
    let without = match &factor.without {
        Some(value) => Some((constant(context, at, value, "what remains without it")?, value.span)),
        None => None,
    };
    match (kind, without) {
        (ast::ModifierKind::Needs, None) => Ok(ModifierKind::Needs),
        (ast::ModifierKind::Needs, Some((_, span))) => context.sink.fail(report::needs_without(span, factor.who.span)),
        (_, None) => context.sink.fail(report::without_missing(kind, factor)),
        (ast::ModifierKind::PromotedBy, Some((without, _))) if (0.0..1.0).contains(&without) => {
            Ok(ModifierKind::Promoted { without })
        }
        (ast::ModifierKind::InhibitedBy, Some((without, _))) if without > 1.0 => {
            Ok(ModifierKind::Inhibited { without })
        }
        (_, Some((without, span))) => context.sink.fail(report::without_out_of_range(kind, without, span)),
    }
}

fn half(context: &mut Context, at: At, kind: ast::ModifierKind, factor: &ast::Factor) -> Result<Option<f64>, Reported> {
    let Some(value) = &factor.half else { return Ok(None) };
    let half = constant(context, at, value, "the amount at half effect")?;
    let fits = kind != ast::ModifierKind::InhibitedBy && half > 0.0;
    if fits { Ok(Some(half)) } else { context.sink.fail(report::half_out_of_place(kind, half, value.span)) }
}

fn constant(context: &mut Context, at: At, value: &ast::Value, role: &str) -> Result<f64, Reported> {
    typing::constant(context, at, &value.expr, Dimension::NONE, role)
}
