//! Coefficients and rates that don't fit their process.

use super::quote::{kind, quote, wanted};
use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::ids::*;
use crate::hir::scope::Context;
use crate::hir::typing::Quantity;
use crate::hir::units::Dimension;
use crate::source::Span;

/// E0350
pub fn wrong_coefficient(
    context: &mut Context,
    found: &Quantity,
    order: i32,
    wants: &[Dimension],
    name: Span,
) -> Diagnostic {
    let reactants = match order {
        0 => "no reactant".to_owned(),
        1 => "one reactant".to_owned(),
        n => format!("{n} reactants"),
    };
    let (is, text) = (kind(context, found), quote(context, found.span));
    let shown: Vec<String> = wants.iter().map(|d| wanted(context, *d)).collect();
    let mut report = Diagnostic::new(codes::E0350, format!("{text} is no coefficient for {reactants}"))
        .at(found.span, format!("this is {is}"))
        .also(name, format!("a process with {reactants}"));
    let ways = ["in amounts", "in concentrations"];
    let same = wants.first() == wants.get(1) || wants.len() == 1;
    report = match shown.as_slice() {
        [first, ..] if same => report.note(format!("expected {first}")),
        several => {
            let listed: Vec<String> = several.iter().zip(ways).map(|(want, way)| format!("{way}: {want}")).collect();
            report.note(format!("expected {}", listed.join("; or ")))
        }
    };
    if found.dimension == Dimension::FLUX {
        return report.help("for a whole rate, an amount per time, write `rate` in place of `at`");
    }
    report
}

/// Says why a law in concentrations isn't among the choices.
pub fn in_unlike_places(context: &Context, report: Diagnostic, places: &[CompartmentId]) -> Diagnostic {
    let names = places.iter().filter_map(|place| context.program.compartments.get(place.index()));
    let names: Vec<String> = names.map(|c| format!("`{}`", c.name)).collect();
    report.note(format!(
        "the reactants lie in {}, so no one size can turn concentrations into amounts; give it in amounts",
        names.join(" and ")
    ))
}

/// E0351
pub fn no_rate_per_vesicle(context: &mut Context, found: &Quantity, name: Span, vesicle: &str) -> Diagnostic {
    let (is, text) = (kind(context, found), quote(context, found.span));
    let report = Diagnostic::new(codes::E0351, format!("{text} is {is}, but `at` of a vesicle is per time"))
        .at(found.span, format!("this is {is}"))
        .also(name, format!("happens to each {vesicle} by itself"))
        .note(format!("expected a number per time, such as 1/min: how often it happens to one {vesicle}"));
    if found.dimension == Dimension::FLUX {
        return report.help("for the rate of all of them together, an amount per time, write `rate` in place of `at`");
    }
    report
}

/// E0352
pub fn no_rate(context: &mut Context, found: &Quantity, name: Span) -> Diagnostic {
    let (is, text) = (kind(context, found), quote(context, found.span));
    let report = Diagnostic::new(codes::E0352, format!("{text} is {is}, but a rate must be copies per time"))
        .at(found.span, format!("this is {is}"))
        .also(name, "the rate of this process")
        .note("expected an amount per time, such as copies/min");
    if found.dimension * Dimension::TIME == Dimension::CONCENTRATION {
        return report
            .help("multiply by the volume of the place, or use amounts, `X`, in place of concentrations, `[X]`");
    }
    if found.dimension * Dimension::TIME == Dimension::SURFACE_DENSITY {
        return report.help("multiply by the area of the membrane, or use amounts, `X`, in place of `[X]`");
    }
    if found.dimension == Dimension::FREQUENCY {
        return report.help("multiply by the amount of what it happens to, or write `at` in place of `rate`");
    }
    report
}

/// E0353
pub fn way_back_missing(forward: Span, name: Span) -> Diagnostic {
    Diagnostic::new(codes::E0353, "a process with `<->` needs two coefficients")
        .at(forward, "this is the way there")
        .also(name, "goes both ways")
        .help("give the way back after a comma: `at k_there, k_back`; or write `->`")
}

/// E0354
pub fn no_way_back(reverse: Span, name: Span) -> Diagnostic {
    Diagnostic::new(codes::E0354, "a process with `->` has one coefficient")
        .at(reverse, "there is no way back for this one")
        .also(name, "goes one way")
        .help("write `<->` if it goes both ways")
}

/// E0355
pub fn nothing_to_be_per(context: &mut Context, found: &Quantity, name: Span) -> Diagnostic {
    let is = kind(context, found);
    Diagnostic::new(codes::E0355, "budding from a membrane of the cell has no vesicle that `at` could be per")
        .at(found.span, format!("this is {is}"))
        .also(name, "buds from a membrane, of which there is one")
        .help("give the rate of all budding together: `rate 30 copies / min`")
}

/// E0356
pub fn rate_both_ways(rate: Span, name: Span) -> Diagnostic {
    Diagnostic::new(codes::E0356, "`rate` gives one direction, but `<->` goes both ways")
        .at(rate, "the rate of which way?")
        .also(name, "goes both ways")
        .help("write two processes with `->`, each with its rate, or `at k_there, k_back`")
}

/// E0357
pub fn mixed_bases(context: &Context, forward: &Quantity, reverse: &Quantity) -> Diagnostic {
    Diagnostic::new(codes::E0357, "one way is in amounts and the other in concentrations")
        .at(reverse.span, format!("this is {}", kind(context, reverse)))
        .also(forward.span, format!("this is {}", kind(context, forward)))
        .help("give both in amounts or both in concentrations")
}

/// E0340
pub fn negative_coefficient(context: &Context, span: Span, param: ParamId) -> Diagnostic {
    let report = Diagnostic::new(codes::E0340, "a rate can't be negative").at(span, "below zero");
    let report = match context.program.params.get(param.index()) {
        Some(declared) => report.also(declared.span, "its value is given here"),
        None => report,
    };
    report.help("write the process the other way round, or `rate` for a whole rate law that may change its sign")
}
