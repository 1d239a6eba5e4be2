//! Expressions and values.

use super::sexp::{Sexp, list, text_atom};
use crate::syntax::ast::*;

pub fn expr(expr: &Expr) -> Sexp {
    let name = |what: &dyn std::fmt::Display| Sexp::atom(what);
    match &expr.kind {
        ExprKind::Error => Sexp::atom("error"),
        ExprKind::Number(number) => Sexp::atom(number),
        ExprKind::Quantity { number, unit: u } => Sexp::atom(format!("{number}_{}", unit(u))),
        ExprKind::Ref(what) => name(what),
        ExprKind::Concentration(what) => Sexp::atom(format!("[{what}]")),
        ExprKind::Unary { op: UnaryOp::Minus, operand } => list("-", vec![self::expr(operand)]),
        ExprKind::Unary { op: UnaryOp::Not, operand } => list("not", vec![self::expr(operand)]),
        ExprKind::Binary { op, left, right, .. } => list(op.symbol(), vec![self::expr(left), self::expr(right)]),
        ExprKind::Call { function, arguments } => {
            let arguments = arguments.iter().map(self::expr);
            list("call", std::iter::once(name(function)).chain(arguments).collect())
        }
        ExprKind::Per { what, carrier } => list("per", vec![name(what), name(carrier)]),
        ExprKind::PropertyOf { property, of, .. } => list("of", vec![lower(property), name(of)]),
        ExprKind::StatisticOf { statistic, of, .. } => list("of", vec![lower(statistic), self::expr(of)]),
        ExprKind::ShareReach { of, target } => list("share-reach", vec![name(of), name(target)]),
        ExprKind::ShareWith { of, condition } => list("share-with", vec![name(of), self::expr(condition)]),
        ExprKind::DistributionOf { property, of, .. } => list("distribution", vec![lower(property), name(of)]),
        ExprKind::DistributionOfCopies { what, carrier } => list("copies-per", vec![name(what), name(carrier)]),
        ExprKind::AtTime { what, time } => list("at-time", vec![self::expr(what), self::expr(time)]),
        ExprKind::Point { of, at, result } => {
            let at = Sexp::List(at.iter().map(self::expr).collect());
            let result = result.iter().map(|path| name(path));
            list("point", [name(of), at].into_iter().chain(result).collect())
        }
    }
}

fn lower(what: &impl std::fmt::Debug) -> Sexp {
    Sexp::atom(format!("{what:?}").to_lowercase())
}

pub fn unit(unit: &UnitRef) -> String {
    if unit.power == 1 { unit.name.to_string() } else { format!("{}^{}", unit.name, unit.power) }
}

/// A field that holds a value.
pub fn field(head: &str, value: &Value) -> Sexp {
    let notes = value.uncertainty.as_deref().into_iter().map(uncertainty).chain(value.evidence.iter().map(evidence));
    list(head, std::iter::once(expr(&value.expr)).chain(notes).collect())
}

/// A field for each value that is there.
pub fn fields<const N: usize>(named: [(&str, &Option<Value>); N]) -> Vec<Sexp> {
    named.into_iter().filter_map(|(head, value)| value.as_ref().map(|v| field(head, v))).collect()
}

fn uncertainty(uncertainty: &Uncertainty) -> Sexp {
    match &uncertainty.kind {
        UncertaintyKind::Within(fold) => list("within", vec![expr(fold)]),
        UncertaintyKind::PlusMinus(deviation) => list("±", vec![expr(deviation)]),
        UncertaintyKind::LogNormal { median, spread } => list("~lognormal", vec![expr(median), expr(spread)]),
        UncertaintyKind::Normal { mean, deviation } => list("~normal", vec![expr(mean), expr(deviation)]),
        UncertaintyKind::Uniform { low, high } => list("~uniform", vec![expr(low), expr(high)]),
    }
}

pub fn evidence(evidence: &Evidence) -> Sexp {
    match &evidence.kind {
        EvidenceKind::Assumed => Sexp::atom("assumed"),
        EvidenceKind::Cites(citations) => list("cites", citations.iter().map(citation).collect()),
    }
}

fn citation(citation: &Citation) -> Sexp {
    match &citation.kind {
        CitationKind::Source { source, numbers } if numbers.is_empty() => Sexp::atom(source),
        CitationKind::Source { source, numbers } => {
            let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
            Sexp::atom(format!("{source}[{}]", numbers.join(",")))
        }
        CitationKind::Doi(text) => list("doi", vec![text_atom(text)]),
        CitationKind::Pmid(text) => list("pmid", vec![text_atom(text)]),
    }
}
