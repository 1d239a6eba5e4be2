//! Dimensions that don't fit, and expressions that mean nothing.

use super::quote::{kind, quote, wanted};
use crate::diagnostics::{Diagnostic, nearest, registry as codes};
use crate::hir::expr::{ExprKind, Pool};
use crate::hir::ids::*;
use crate::hir::scope::Context;
use crate::hir::typing::Quantity;
use crate::hir::units::Dimension;
use crate::hir::{Entity, Value};
use crate::source::Span;
use crate::syntax::ast::Ref;

/// E0301
pub fn unlike_terms(context: &mut Context, left: &Quantity, right: &Quantity, op: Span) -> Diagnostic {
    if let Some(report) = amount_and_concentration(context, left, right, op) {
        return report;
    }
    if let Some(report) = share_of_what(context, left, right, op) {
        return report;
    }
    let report = Diagnostic::new(
        codes::E0301,
        format!("{} and {} can't be added or compared by size", left.dimension.words(), right.dimension.words()),
    );
    both_sides(context, report, left, right, op).note("only quantities of one dimension have a sum or a difference")
}

/// E0302
pub fn unlike_sides(context: &mut Context, left: &Quantity, right: &Quantity, op: Span) -> Diagnostic {
    if let Some(report) = amount_and_concentration(context, left, right, op) {
        return report;
    }
    let report = Diagnostic::new(
        codes::E0302,
        format!("{} can't be compared with {}", left.dimension.words(), right.dimension.words()),
    );
    let mut report = both_sides(context, report, left, right, op);
    for (bare, other) in [(left, right), (right, left)] {
        if bare.literal.is_some() && bare.dimension.is_none() && !other.dimension.is_none() {
            let unit = context.units.usual(other.dimension);
            let symbol = ascii(&context.units.get(unit).symbol);
            let text = quote(context, bare.span).trim_matches('`').to_owned();
            let edits =
                if symbol.contains(['/', '·']) { vec![] } else { vec![(bare.span, format!("{text} {symbol}"))] };
            report = report.fix(format!("give the number its unit, such as `{text} {symbol}`"), edits);
            break;
        }
    }
    report
}

/// As typed: `uM` for `µM`.
fn ascii(symbol: &str) -> String {
    symbol.replace('µ', "u").replace('²', "^2").replace('³', "^3").replace('·', " * ")
}

fn both_sides(context: &Context, report: Diagnostic, left: &Quantity, right: &Quantity, op: Span) -> Diagnostic {
    report
        .at(op, "these don't go together")
        .also(left.span, format!("this is {}", kind(context, left)))
        .also(right.span, format!("this is {}", kind(context, right)))
}

/// E0303, where an amount meets a concentration.
fn amount_and_concentration(context: &mut Context, left: &Quantity, right: &Quantity, op: Span) -> Option<Diagnostic> {
    let (amount, other) = match (is_density(left.dimension), is_density(right.dimension)) {
        (true, false) if right.dimension == Dimension::AMOUNT => (right, left),
        (false, true) if left.dimension == Dimension::AMOUNT => (left, right),
        _ => return None,
    };
    let what = other.dimension.words();
    let report = Diagnostic::new(codes::E0303, format!("an amount and {what} are mixed"));
    let report = both_sides(context, report, left, right, op)
        .note("`X` is how many of X there are; `[X]` is how many for each volume, or each area of a membrane");
    Some(match (&amount.kind, &other.kind) {
        (ExprKind::Amount(_), _) => {
            let text = quote(context, amount.span).trim_matches('`').to_owned();
            report.fix(format!("write `[{text}]` for {what}"), vec![(amount.span, format!("[{text}]"))])
        }
        (_, ExprKind::Concentration(_)) => {
            let text = quote(context, other.span).trim_matches(['`', '[', ']']).to_owned();
            report.fix(format!("write `{text}` for the amount"), vec![(other.span, text.clone())])
        }
        _ => report.help("multiply the concentration by the size of the place, or divide the amount by it"),
    })
}

fn is_density(dimension: Dimension) -> bool {
    dimension == Dimension::CONCENTRATION || dimension == Dimension::SURFACE_DENSITY
}

/// E0304, where a share or a multiple meets something with a dimension.
fn share_of_what(context: &Context, left: &Quantity, right: &Quantity, op: Span) -> Option<Diagnostic> {
    let relative = |q: &Quantity| matches!(context.units.get(q.unit).symbol.as_str(), "%" | "fold");
    let (share, other) = match (relative(left), relative(right)) {
        (true, false) => (left, right),
        (false, true) => (right, left),
        _ => return None,
    };
    let word = quote(context, share.span);
    let report = Diagnostic::new(codes::E0304, format!("{word} of what? A share is a plain number"));
    Some(
        both_sides(context, report, left, right, op)
            .help(format!("say what it is a share of: {word} * {}", quote(context, other.span))),
    )
}

/// E0305
pub fn function_of_dimension(context: &Context, name: &str, name_span: Span, argument: &Quantity) -> Diagnostic {
    Diagnostic::new(codes::E0305, format!("`{name}` takes a plain number, not {}", argument.dimension.words()))
        .at(argument.span, format!("this is {}", kind(context, argument)))
        .also(name_span, "has no meaning for a quantity with a unit")
        .help("divide by a reference of the same kind first, as in `ln([X] / (1 uM))`")
}

/// E0306
pub fn open_exponent(context: &Context, base: &Quantity, exponent: &Quantity) -> Diagnostic {
    Diagnostic::new(codes::E0306, "the dimension of this power isn't known before running")
        .at(exponent.span, "this isn't a plain constant")
        .also(base.span, format!("this is {}", kind(context, base)))
        .note("with an exponent that can change, the base must be a plain number")
        .help("divide the base by a reference first, as in `([X] / half)^n`, or write the exponent as a number")
}

/// E0307
pub fn exponent_with_dimension(context: &Context, exponent: &Quantity) -> Diagnostic {
    Diagnostic::new(codes::E0307, "an exponent is a plain number")
        .at(exponent.span, format!("this is {}", kind(context, exponent)))
}

/// E0308
pub fn no_such_power(context: &Context, base: &Quantity, exponent: &Quantity) -> Diagnostic {
    Diagnostic::new(codes::E0308, "this power has no dimension that anything could have")
        .at(exponent.span, "the exponent isn't a simple fraction")
        .also(base.span, format!("this is {}", kind(context, base)))
        .help("divide the base by a reference first, so that it is a plain number")
}

/// E0309
pub fn affine_in_product(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0309, "a temperature in °C can't be multiplied, divided or raised to a power")
        .at(span, "its zero is not the zero of temperature")
        .help("write it in K: 37 °C is 310.15 K")
}

/// E0310
pub fn wrong_dimension(context: &mut Context, found: &Quantity, want: Dimension, role: &str) -> Diagnostic {
    let expected = wanted(context, want);
    let report = Diagnostic::new(codes::E0310, format!("{role} must be {}", want.words()))
        .at(found.span, format!("this is {}", kind(context, found)))
        .note(format!("expected {expected}"));
    hint(context, report, found, want)
}

/// What would mend a dimension that is wrong in one of the usual ways.
fn hint(context: &Context, report: Diagnostic, found: &Quantity, want: Dimension) -> Diagnostic {
    let text = quote(context, found.span);
    let text = text.trim_matches('`');
    let is = found.dimension;
    if is_density(is) && want == Dimension::AMOUNT {
        return report.help("write `X` for the amount of X; `[X]` is for each volume or area");
    }
    if is == Dimension::AMOUNT && is_density(want) {
        return report.help("write `[X]` for a concentration or surface density; `X` is the amount");
    }
    if is == want.inverse() && !is.is_none() {
        return report.help(format!("did you mean `1 / ({text})`?"));
    }
    if is / Dimension::TIME == want {
        return report.help("is a `/ min` or `/ s` missing?");
    }
    if found.literal.is_some() && is.is_none() {
        return report.help("give the number its unit");
    }
    report
}

/// E0310, where several dimensions will do.
pub fn none_of(context: &mut Context, found: &Quantity, wants: &[Dimension], role: &str) -> Diagnostic {
    let words: Vec<String> = wants.iter().map(|d| d.words()).collect();
    let shown: Vec<String> = wants.iter().map(|d| wanted(context, *d)).collect();
    let report = Diagnostic::new(codes::E0310, format!("{role} must be {}", words.join(", or ")))
        .at(found.span, format!("this is {}", kind(context, found)))
        .note(format!(
            "expected {}; or {}",
            shown.first().map_or("", |s| s),
            shown.get(1..).unwrap_or_default().join("; or ")
        ));
    match wants {
        [first, ..] => hint(context, report, found, *first),
        [] => report,
    }
}

/// E0311
pub fn not_as_annotated(context: &mut Context, name: &str, value: &Value, said: Dimension, at: Span) -> Diagnostic {
    let expected = wanted(context, said);
    Diagnostic::new(
        codes::E0311,
        format!("`{name}` is said to be {}, but its value is {}", said.words(), value.expr.dimension.words()),
    )
    .at(value.expr.span, format!("this is {}", value.expr.dimension.words()))
    .also(at, format!("this says {expected}"))
    .help("change the value or the annotation; without an annotation the dimension is that of the value")
}

/// E0312
pub fn unknown_dimension(context: &Context, span: Span) -> Diagnostic {
    let text = quote(context, span);
    let text = text.trim_matches('`');
    let report =
        Diagnostic::new(codes::E0312, format!("`{text}` is no dimension")).at(span, "no dimension of that name");
    match nearest(text, Dimension::names()) {
        Some(near) => report.fix(format!("did you mean `{near}`?"), vec![(span, near.to_owned())]),
        None => {
            let names: Vec<&str> = Dimension::names().collect();
            report
                .help(format!("an annotation is a product or quotient of these, as in `1/time`: {}", names.join(", ")))
        }
    }
}

/// E0313
pub fn overflow(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0313, "this number is too large to compute with")
        .at(span, "more than about 1.8e308 in internal units (s, µm, copies)")
}

/// E0314
pub fn division_by_zero(context: &Context, left: &Quantity, right: &Quantity) -> Diagnostic {
    Diagnostic::new(codes::E0314, "division by zero")
        .at(right.span, "this is zero")
        .also(left.span, format!("{} would be divided by it", quote(context, left.span)))
}

/// E0315
pub fn number_wanted(context: &Context, found: &Quantity) -> Diagnostic {
    Diagnostic::new(codes::E0315, "a number is wanted here, not something true or false")
        .at(found.span, format!("{} is true or false", quote(context, found.span)))
}

/// E0316
pub fn condition_wanted(context: &Context, found: &Quantity) -> Diagnostic {
    Diagnostic::new(codes::E0316, "a condition is wanted here: something true or false")
        .at(found.span, format!("this is {}", kind(context, found)))
        .help("compare it with something, as in `[Ca] > 1 uM`")
}

/// E0317
pub fn wrong_count(name: &str, wanted: &str, found: usize, at: Span, declared: Option<Span>) -> Diagnostic {
    let given = match found {
        0 => "none is given".to_owned(),
        1 => "one is given".to_owned(),
        n => format!("{n} are given"),
    };
    let report = Diagnostic::new(codes::E0317, format!("`{name}` takes {wanted}, but {given}")).at(at, given);
    match declared {
        Some(span) => report.also(span, format!("`{name}` takes {wanted}")),
        None => report,
    }
}

/// E0318
pub fn calls_itself(name: &str, at: Span, declared: Span) -> Diagnostic {
    Diagnostic::new(codes::E0318, format!("`{name}` calls itself"))
        .at(at, "this call would never end")
        .also(declared, "in the body of this function")
        .note("functions are put in place where they are called, so none may contain itself")
}

/// E0318
pub fn circle(name: &str, at: Span, declared: Span) -> Diagnostic {
    Diagnostic::new(codes::E0318, format!("`{name}` is defined by way of itself"))
        .at(at, "this refers back to what is being defined")
        .also(declared, format!("`{name}` is declared here"))
}

/// E0319
pub fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0319, "definitions refer to each other through more than 100 steps")
        .at(span, "here it becomes too deep")
        .help("declare things after what they refer to, or shorten the chain")
}

/// E0319
pub fn too_large(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0319, "with its functions put in place this expression becomes too large")
        .at(span, "more than 100,000 terms")
        .help("give parts of it a name with `let`: those are computed once")
}

/// E0320
pub fn no_unit(context: &Context, found: &Quantity, name: &str) -> Diagnostic {
    Diagnostic::new(codes::E0320, format!("unit `{name}` must be a positive number of other units"))
        .at(found.span, format!("{} is not", quote(context, found.span)))
        .help(format!("write it like `unit {name} = 10 uM`"))
}

/// E0321
pub fn concentration_where(context: &Context, reference: &Ref, pool: &Pool, places: &[CompartmentId]) -> Diagnostic {
    let mut report = Diagnostic::new(codes::E0321, format!("`[{reference}]`: in which place?"))
        .at(reference.span, "a concentration is that of one place")
        .note("the amount is divided by the volume or area of the place");
    if places.is_empty() {
        let what = if matches!(pool.what, Entity::Molecule(_)) {
            "copies for each vesicle"
        } else {
            "members for each carrier"
        };
        return report.help(format!("inside vesicles write `X per V` for {what}, or name a compartment"));
    }
    for place in places.iter().take(4) {
        if let Some(declared) = context.program.compartments.get(place.index()) {
            let text = format!("{reference}@{}", declared.name);
            report = report.fix(format!("in {}: `[{text}]`", declared.name), vec![(reference.span, text)]);
        }
    }
    report
}

/// E0322
pub fn concentration_of_what(context: &Context, reference: &Ref) -> Diagnostic {
    Diagnostic::new(codes::E0322, format!("{} has no concentration", quote(context, reference.span)))
        .at(reference.span, "neither a molecule nor a vesicle class")
        .help("brackets are for concentrations; group with parentheses")
}

/// E0323
pub fn place_as_number(reference: &Ref, property: &str) -> Diagnostic {
    Diagnostic::new(codes::E0323, format!("the place `{reference}` is no number"))
        .at(reference.span, "this names a place")
        .fix(
            format!("for its size write `{property} of {reference}`"),
            vec![(reference.span, format!("({property} of {reference})"))],
        )
}

/// E0323
pub fn process_as_number(reference: &Ref) -> Diagnostic {
    Diagnostic::new(codes::E0323, format!("the process `{reference}` is no number"))
        .at(reference.span, "this names a process")
        .help("name its rate with `let`, use that in the process, and here")
}

/// E0324
pub fn no_such_property(of: &Ref, property: Span, instead: &str) -> Diagnostic {
    Diagnostic::new(codes::E0324, format!("`{of}` doesn't have this property"))
        .at(property, format!("not a property of `{of}`"))
        .fix(format!("it has a `{instead}`"), vec![(property, instead.to_owned())])
}

/// E0324
pub fn property_of_what(of: &Ref, property: Span) -> Diagnostic {
    Diagnostic::new(codes::E0324, format!("`{of}` has no size"))
        .at(of.span, "neither a place nor a vesicle class")
        .also(property, "a property of places and vesicles")
}

/// E0325
pub fn vesicle_wanted(reference: &Ref) -> Diagnostic {
    Diagnostic::new(codes::E0325, format!("`per` counts for each vesicle, and `{reference}` is none"))
        .at(reference.span, "a molecule, not a vesicle class")
        .help("write the molecule first and the vesicle after `per`, as in `CD63 per ILV@medium`; a ratio of amounts is written `A / B`")
}

/// E0326
pub fn which_logarithm(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0326, "`log` could be the natural or the decimal logarithm")
        .at(span, "which one?")
        .fix("natural: `ln`", vec![(span, "ln".to_owned())])
        .fix("decimal: `log10`", vec![(span, "log10".to_owned())])
}

/// E0327
pub fn not_constant(context: &Context, found: &Quantity, role: &str) -> Diagnostic {
    Diagnostic::new(codes::E0327, format!("{role} must be a plain number"))
        .at(found.span, format!("{} is computed when the model runs", quote(context, found.span)))
        .help("write the number itself")
}

/// E0328
pub fn changes_in_time(context: &Context, found: &Quantity, what: Span, role: &str) -> Diagnostic {
    let report = Diagnostic::new(codes::E0328, format!("{role} must not change in time"))
        .at(what, "this changes while the model runs");
    let report = if what == found.span { report } else { report.also(found.span, role) };
    report
        .help("for something recomputed at each moment use `let`, not `param`")
        .note(format!("{} is fixed when a run begins", quote(context, found.span)))
}

/// E0329
pub fn required_without_dimension(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0329, format!("the dimension of `{name}` isn't known"))
        .at(span, "required, and never set in what is loaded here")
        .help(format!("say it: `param {name}: 1/time required`"))
}

/// E0330
pub fn only_of_results(context: &Context, span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0330, format!("{} reads a result", quote(context, span)))
        .at(span, "only a claim can read results")
        .help("measure the quantity itself, and take its value at a time, or its extreme, in the claim")
}
