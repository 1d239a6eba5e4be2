//! Numbers of the source, with what is known of them: uncertainty and evidence.
//!
//! Invariants: whatever is wrong is reported once, and gives a value whose expression is
//! [`ExprKind::Error`]. Where evidence is asked for: of parameters, and of coefficients and rates that are written
//! as numbers in a process (one that names parameters too follows from those); amounts and sizes without evidence are listed by `check --evidence`, but no warning.

use super::expr::{Expr, ExprKind};
use super::reports::values as report;
use super::scope::{At, Context, Reported};
use super::typing::{self, Quantity, fail};
use super::units::{Dimension, Unit, UnitId};
use super::{Evidence, SiteId, Uncertainty, Value};
use crate::source::Span;
use crate::syntax::ast;

/// What a number must be to fill its place.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// For the message: `a diameter`.
    pub role: &'a str,
    /// Any of these; all, if there are none.
    pub dimensions: &'a [Dimension],
    /// Must not change in time.
    pub constant: bool,
    pub sign: Sign,
}

/// What sign a number may have, where it is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    Any,
    NotNegative,
    Positive,
}

impl<'a> Wanted<'a> {
    pub fn number(role: &'a str) -> Wanted<'a> {
        Wanted { role, dimensions: &[], constant: false, sign: Sign::Any }
    }

    pub fn of(role: &'a str, dimensions: &'a [Dimension]) -> Wanted<'a> {
        Wanted { dimensions, ..Wanted::number(role) }
    }

    pub fn constant(self) -> Wanted<'a> {
        Wanted { constant: true, ..self }
    }

    pub fn not_negative(self) -> Wanted<'a> {
        Wanted { sign: Sign::NotNegative, ..self }
    }

    pub fn positive(self) -> Wanted<'a> {
        Wanted { sign: Sign::Positive, ..self }
    }

    /// An amount or concentration that something has at first.
    pub const AMOUNT: Wanted<'static> = Wanted {
        role: "an initial amount",
        dimensions: &[Dimension::AMOUNT, Dimension::CONCENTRATION, Dimension::SURFACE_DENSITY],
        constant: true,
        sign: Sign::NotNegative,
    };

    /// How many vesicles there are at first.
    pub const VESICLES: Wanted<'static> = Wanted {
        role: "an initial number of vesicles",
        dimensions: &[Dimension::AMOUNT],
        constant: true,
        sign: Sign::NotNegative,
    };

    /// The size of a compartment.
    pub const SIZE: Wanted<'static> = Wanted {
        role: "the size of a compartment",
        dimensions: &[Dimension::VOLUME, Dimension::AREA],
        constant: true,
        sign: Sign::Positive,
    };

    /// The size of a vesicle.
    pub const DIAMETER: Wanted<'static> =
        Wanted { role: "a diameter", dimensions: &[Dimension::LENGTH], constant: true, sign: Sign::Positive };

    /// How many cells are placed.
    pub const CELLS: Wanted<'static> = Wanted {
        role: "how many cells are placed",
        dimensions: &[Dimension::CELLS],
        constant: true,
        sign: Sign::Positive,
    };

    /// By how much something is enriched: `5 fold`, `30 %`.
    pub const SHARE: Wanted<'static> = Wanted {
        role: "a share or a multiple",
        dimensions: &[Dimension::NONE],
        constant: true,
        sign: Sign::NotNegative,
    };
}

/// A value of the source; a failed one if anything is wrong with it.
pub fn lower_value(context: &mut Context, at: At, value: &ast::Value, wanted: Wanted) -> Value {
    lower(context, at, value, wanted).unwrap_or_else(|Reported| failed(value.span))
}

/// An expression where a value is wanted, as the number of cells of a `place`.
pub fn lower_number(context: &mut Context, at: At, expr: &ast::Expr, wanted: Wanted) -> Value {
    match number(context, at, expr, wanted) {
        Ok(quantity) => plain(context, quantity),
        Err(Reported) => failed(expr.span),
    }
}

/// In place of a value that has been reported.
pub fn failed(span: Span) -> Value {
    Value { expr: typing::error(span), unit: Unit::default(), uncertainty: None, evidence: Evidence::default(), span }
}

/// A quantity as a value that nothing more is said of.
pub fn plain(context: &Context, quantity: Quantity) -> Value {
    let (unit, span) = (typing::unit_of(context, &quantity), quantity.span);
    Value { expr: typing::finish(context, quantity), unit, uncertainty: None, evidence: Evidence::default(), span }
}

pub fn lower(context: &mut Context, at: At, value: &ast::Value, wanted: Wanted) -> Result<Value, Reported> {
    with_unit(context, at, value, wanted).map(|(value, _)| value)
}

/// The value, and its unit's id.
pub fn with_unit(
    context: &mut Context,
    at: At,
    value: &ast::Value,
    wanted: Wanted,
) -> Result<(Value, UnitId), Reported> {
    with_quantity(context, at, value, wanted).map(|(value, quantity)| (value, quantity.unit))
}

/// The value, and what is known of its expression, which is in the value and not there.
pub fn with_quantity(
    context: &mut Context,
    at: At,
    value: &ast::Value,
    wanted: Wanted,
) -> Result<(Value, Quantity), Reported> {
    let quantity = number(context, at, &value.expr, wanted);
    let evidence = lower_evidence(context, at, value.evidence.as_ref());
    let quantity = quantity?;
    let uncertainty = match &value.uncertainty {
        Some(uncertainty) => Some(lower_uncertainty(context, at, uncertainty, &quantity)?),
        None => None,
    };
    let known = Quantity { kind: ExprKind::Error, ..quantity };
    let plain = plain(context, Quantity { kind: quantity.kind, ..known });
    Ok((Value { uncertainty, evidence, span: value.span, ..plain }, known))
}

/// A number that fits its place.
pub fn number(context: &mut Context, at: At, expr: &ast::Expr, wanted: Wanted) -> Result<Quantity, Reported> {
    let quantity = typing::infer(context, at, expr)?;
    fits(context, &quantity, wanted)?;
    Ok(quantity)
}

/// Whether a quantity fits its place.
pub fn fits(context: &mut Context, quantity: &Quantity, wanted: Wanted) -> Result<(), Reported> {
    match wanted.dimensions {
        [] if quantity.truth => typing::expect(context, quantity, Dimension::NONE, wanted.role)?,
        [] => {}
        [one] => typing::expect(context, quantity, *one, wanted.role)?,
        [first, ..] if quantity.truth || !wanted.dimensions.contains(&quantity.dimension) => {
            if quantity.truth {
                typing::expect(context, quantity, *first, wanted.role)?;
            }
            let report = report::none_of(context, quantity, wanted.dimensions, wanted.role);
            return Err(fail(context, report));
        }
        _ => {}
    }
    if let (true, Some(varies)) = (wanted.constant, quantity.varies) {
        let report = report::changes_in_time(context, quantity, varies, wanted.role);
        return Err(fail(context, report));
    }
    if let Some(number) = quantity.value() {
        if wanted.sign != Sign::Any && number < 0.0 {
            let report = report::negative(context, quantity, wanted.role);
            return Err(fail(context, report));
        }
        if wanted.sign == Sign::Positive && number == 0.0 {
            let report = report::zero(quantity, wanted.role);
            return Err(fail(context, report));
        }
    }
    Ok(())
}

/// Evidence as written; none is no evidence.
pub fn lower_evidence(context: &mut Context, at: At, evidence: Option<&ast::Evidence>) -> Evidence {
    let Some(evidence) = evidence else { return Evidence::default() };
    match &evidence.kind {
        ast::EvidenceKind::Assumed => Evidence { assumed: true, citations: Vec::new() },
        ast::EvidenceKind::Cites(citations) => {
            let shown = citations.iter().filter_map(|citation| citation_text(context, at, citation).ok());
            Evidence { assumed: false, citations: shown.collect() }
        }
    }
}

fn citation_text(context: &mut Context, at: At, citation: &ast::Citation) -> Result<String, Reported> {
    match &citation.kind {
        ast::CitationKind::Source { source, numbers } => {
            // An unknown source is reported; that something is cited still holds.
            let _ = context.resolve_source(source, at);
            if numbers.is_empty() {
                return Ok(source.to_string());
            }
            let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
            Ok(format!("{source}[{}]", numbers.join(", ")))
        }
        ast::CitationKind::Doi(doi) => Ok(format!("doi:{}", doi.text)),
        ast::CitationKind::Pmid(pmid) => Ok(format!("pmid:{}", pmid.text)),
    }
}

fn lower_uncertainty(
    context: &mut Context,
    at: At,
    uncertainty: &ast::Uncertainty,
    value: &Quantity,
) -> Result<Uncertainty, Reported> {
    match &uncertainty.kind {
        ast::UncertaintyKind::Within(spread) | ast::UncertaintyKind::LogNormal { spread, .. } => {
            if value.value().is_some_and(|number| number <= 0.0) {
                let report = report::fold_of_nothing(value.span, uncertainty.span);
                return Err(fail(context, report));
            }
            let factor = typing::constant(context, at, spread, Dimension::NONE, "the factor of an uncertainty")?;
            if factor > 1.0 {
                return Ok(Uncertainty::Fold(factor));
            }
            let report = report::factor_not_above_one(spread.span, factor);
            Err(fail(context, report))
        }
        ast::UncertaintyKind::PlusMinus(deviation) | ast::UncertaintyKind::Normal { deviation, .. } => {
            let role = "a standard deviation";
            let deviation_of = typing::constant(context, at, deviation, value.dimension, role)?;
            if deviation_of >= 0.0 {
                return Ok(Uncertainty::Sd(deviation_of));
            }
            let report = report::negative_deviation(deviation.span);
            Err(fail(context, report))
        }
        ast::UncertaintyKind::Uniform { low, high } => {
            let from = typing::constant(context, at, low, value.dimension, "the lower end of a range")?;
            let to = typing::constant(context, at, high, value.dimension, "the upper end of a range")?;
            if from < to {
                return Ok(Uncertainty::Uniform(from, to));
            }
            let report = report::empty_range(low.span, high.span);
            Err(fail(context, report))
        }
    }
}

/// Warns of a number for which nothing is said to speak.
pub fn warn_without_evidence(context: &mut Context, value: &Value, span: Span, what: &str) {
    // Where the text is broken, the evidence may be what was not understood.
    if context.sink.broken {
        return;
    }
    let mut holds = Holds::default();
    look(&value.expr, true, &mut holds);
    if value.evidence == Evidence::default() && holds.number && !holds.parameter {
        let report = report::no_evidence(what, span, value.span);
        context.sink.push(report);
    }
}

/// What an expression is made of.
#[derive(Default)]
struct Holds {
    /// A number of its own, other than a factor without dimension.
    number: bool,
    /// A parameter, which has its own evidence.
    parameter: bool,
}

fn look(expr: &Expr, root: bool, holds: &mut Holds) {
    match &expr.kind {
        ExprKind::Number(_) => holds.number |= root || !expr.dimension.is_none(),
        ExprKind::Param(..) => holds.parameter = true,
        ExprKind::Unary(_, operand) => look(operand, false, holds),
        ExprKind::Binary(_, left, right) => {
            look(left, false, holds);
            look(right, false, holds);
        }
        _ => {}
    }
}

/// The dimension that an annotation names: `1/time`, `amount / volume / time`.
pub fn annotation(context: &mut Context, expr: &ast::Expr) -> Result<Dimension, Reported> {
    use ast::{BinaryOp, ExprKind as Kind};
    match &expr.kind {
        Kind::Error => Err(Reported),
        Kind::Number(1.0) => Ok(Dimension::NONE),
        Kind::Ref(reference) => {
            let found = reference.single().and_then(|name| Dimension::named(&name.text));
            found.ok_or_else(|| {
                let report = report::unknown_dimension(context, expr.span);
                fail(context, report)
            })
        }
        Kind::Binary { op: BinaryOp::Multiply, left, right, .. } => {
            Ok(annotation(context, left)? * annotation(context, right)?)
        }
        Kind::Binary { op: BinaryOp::Divide, left, right, .. } => {
            Ok(annotation(context, left)? / annotation(context, right)?)
        }
        Kind::Binary { op: BinaryOp::Power, left, right, .. } => {
            let dimension = annotation(context, left)?;
            let exponent = typing::constant(context, At::site(SiteId(0)), right, Dimension::NONE, "an exponent")?;
            let sixtieths = (exponent * 60.0).round();
            let power = if sixtieths.abs() < 6000.0 { dimension.power(sixtieths as i32) } else { None };
            power.ok_or_else(|| {
                let report = report::unknown_dimension(context, expr.span);
                fail(context, report)
            })
        }
        _ => {
            let report = report::unknown_dimension(context, expr.span);
            Err(fail(context, report))
        }
    }
}
