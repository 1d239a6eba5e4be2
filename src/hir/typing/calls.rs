//! Calls: of the functions every file knows, and of the user's, which are inlined.

use super::{Quantity, fail, infer_with, operators};
use crate::hir::expr::ExprKind;
use crate::hir::reports::units as report;
use crate::hir::scope::{At, Callee, Context, Reported};
use crate::hir::units::{Dimension, UnitId};
use crate::hir::{BinaryOp, FunctionId, UnaryOp};
use crate::source::Span;
use crate::syntax::ast;
use smol_str::SmolStr;

/// What a known function asks of its argument.
enum Rule {
    /// A plain number in, a plain number out.
    Plain(UnaryOp),
    /// Any dimension, and the same out.
    Keeps(UnaryOp),
    Root,
    Extreme(BinaryOp),
}

const NAMES: [&str; 13] =
    ["exp", "ln", "log10", "sqrt", "abs", "min", "max", "sin", "cos", "tanh", "floor", "ceil", "log"];

fn rule(name: &str) -> Option<Rule> {
    Some(match name {
        "exp" => Rule::Plain(UnaryOp::Exp),
        "ln" => Rule::Plain(UnaryOp::Ln),
        "log10" => Rule::Plain(UnaryOp::Log10),
        "sin" => Rule::Plain(UnaryOp::Sin),
        "cos" => Rule::Plain(UnaryOp::Cos),
        "tanh" => Rule::Plain(UnaryOp::Tanh),
        "floor" => Rule::Plain(UnaryOp::Floor),
        "ceil" => Rule::Plain(UnaryOp::Ceil),
        "abs" => Rule::Keeps(UnaryOp::Abs),
        "sqrt" => Rule::Root,
        "min" => Rule::Extreme(BinaryOp::Min),
        "max" => Rule::Extreme(BinaryOp::Max),
        _ => return None,
    })
}

/// The names of the functions every file knows, for suggestions; `log` is there to be told apart.
pub fn names() -> &'static [&'static str] {
    &NAMES
}

pub fn call(
    context: &mut Context,
    at: At,
    frame: &[Quantity],
    function: &ast::Path,
    arguments: &[ast::Expr],
    span: Span,
) -> Result<Quantity, Reported> {
    // All arguments are looked at before any of them stops the call.
    let typed: Vec<Result<Quantity, Reported>> =
        arguments.iter().map(|argument| infer_with(context, at, frame, argument)).collect();
    match context.resolve_function(function, at, names())? {
        Callee::Declared(id) => {
            let arguments = typed.into_iter().collect::<Result<Vec<_>, _>>()?;
            inline(context, id, function, arguments, span)
        }
        Callee::Builtin(position) => {
            let arguments = typed.into_iter().collect::<Result<Vec<_>, _>>()?;
            let name = NAMES.get(position).copied().unwrap_or_default();
            match rule(name) {
                Some(rule) => builtin(context, name, &rule, arguments, function.span, span),
                None => {
                    let report = report::which_logarithm(function.span);
                    Err(fail(context, report))
                }
            }
        }
    }
}

fn builtin(
    context: &mut Context,
    name: &str,
    rule: &Rule,
    arguments: Vec<Quantity>,
    name_span: Span,
    span: Span,
) -> Result<Quantity, Reported> {
    if let Rule::Extreme(op) = rule {
        let mut arguments = arguments.into_iter();
        let Some(first) = arguments.next() else {
            let report = report::wrong_count(name, "at least one argument", 0, name_span, None);
            return Err(fail(context, report));
        };
        let extreme = arguments.try_fold(first, |so_far, next| {
            let together = Span { start: so_far.span.start, ..next.span };
            operators::sum(context, *op, name_span, so_far, next, together)
        })?;
        return Ok(Quantity { span, ..extreme });
    }
    let count = arguments.len();
    let [argument] = <[Quantity; 1]>::try_from(arguments).map_err(|_| {
        let report = report::wrong_count(name, "one argument", count, name_span, None);
        fail(context, report)
    })?;
    if argument.truth {
        let report = report::number_wanted(context, &argument);
        return Err(fail(context, report));
    }
    match rule {
        Rule::Keeps(op) => match argument.value() {
            Some(number) => Ok(Quantity { kind: ExprKind::Number(number.abs()), literal: None, span, ..argument }),
            None => operators::unary(context, *op, argument, span),
        },
        Rule::Root => root(context, argument, span),
        Rule::Plain(op) => {
            if !argument.dimension.is_none() {
                let report = report::function_of_dimension(context, name, name_span, &argument);
                return Err(fail(context, report));
            }
            let result = operators::unary(context, *op, argument, span)?;
            Ok(Quantity { unit: UnitId::PLAIN, ..result })
        }
        Rule::Extreme(_) => Err(Reported),
    }
}

fn root(context: &mut Context, argument: Quantity, span: Span) -> Result<Quantity, Reported> {
    let Some(dimension) = argument.dimension.power(30) else {
        let report = report::no_such_power(context, &argument, &Quantity::number(0.5, span));
        return Err(fail(context, report));
    };
    let unit = if dimension == Dimension::NONE { UnitId::PLAIN } else { context.units.power(argument.unit, 30) };
    let result = operators::unary(context, UnaryOp::Sqrt, argument, span)?;
    Ok(Quantity { dimension, unit: context.units.shown(unit), ..result })
}

/// Functions put in place for one expression; those that call others twice grow beyond all bounds.
const MOST_CALLS: u32 = 10_000;

/// The body with the arguments in place of the parameters.
fn inline(
    context: &mut Context,
    id: FunctionId,
    path: &ast::Path,
    arguments: Vec<Quantity>,
    span: Span,
) -> Result<Quantity, Reported> {
    let program = context.program;
    let Some(declared) = program.functions.get(id.index()) else { return Err(Reported) };
    let function = declared.ast;
    if function.parameters.len() != arguments.len() {
        let wanted = match function.parameters.len() {
            1 => "one argument".to_owned(),
            n => format!("{n} arguments"),
        };
        let report = report::wrong_count(&declared.name, &wanted, arguments.len(), path.span, Some(function.name.span));
        return Err(fail(context, report));
    }
    if context.typed.calls.iter().any(|(open, _, _)| *open == id) {
        let report = report::calls_itself(&declared.name, path.span, function.name.span);
        return Err(fail(context, report));
    }
    if context.typed.calls.is_empty() {
        context.typed.inlined = 0;
    }
    context.typed.inlined += 1;
    if context.typed.inlined > MOST_CALLS {
        let report = report::too_large(context.typed.calls.first().map_or(span, |(_, _, outermost)| *outermost));
        context.sink.push(report);
        return Err(Reported);
    }
    super::demand::enter(context, span)?;
    context.typed.calls.push((id, declared.name.clone(), span));
    let locals: Vec<SmolStr> = function.parameters.iter().map(|p| p.text.clone()).collect();
    let at = At { site: declared.site, model: None, locals: &locals };
    let body = infer_with(context, at, &arguments, &function.body);
    context.typed.calls.pop();
    super::demand::leave(context);
    Ok(Quantity { span, ..body? })
}
