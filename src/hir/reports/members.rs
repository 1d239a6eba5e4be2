//! Questions about single vesicles that can't be asked so.

use super::quote::quote;
use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::scope::Context;
use crate::source::Span;
use crate::syntax::ast::Ref;

/// E0331
pub fn only_measured(context: &Context, span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0331, format!("{} asks for single vesicles, which nothing here can wait for", quote(context, span)))
        .at(span, "only a measure or an observable can ask that")
        .note("rates, conditions and definitions are the same in both meanings of a model, and the mean field has no single vesicles")
        .help("measure it in an experiment; in a rate, use a mean such as `CD63 per ILV@medium` or `size of ILV@medium`")
}

/// E0332
pub fn no_condition_of_members(context: &Context, span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0332, format!("{} is no condition that one vesicle meets or doesn't", quote(context, span)))
        .at(span, "not a comparison of what one vesicle has with a number")
        .note("a vesicle has its `diameter`, `area`, `volume`, `age`, and its copies of what it carries")
        .help("write such as `with diameter < 90 nm`, `with miR21 = 0 copies`, or several joined by `and`, in parentheses")
}

/// E0333
pub fn part_of_a_number(context: &Context, span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0333, format!("{} is many numbers, not one", quote(context, span)))
        .at(span, "a number is wanted here")
        .help("measure the distribution by itself, `measure sizes = distribution of …`, and let a claim take `mean of`, `median of`, `sd of`… of it")
}

/// E0333
pub fn distribution_read_as_number(context: &Context, span: Span) -> Diagnostic {
    let quoted = quote(context, span);
    let plain = quoted.trim_matches('`').to_owned();
    Diagnostic::new(codes::E0333, format!("{quoted} is a distribution: many numbers, not one"))
        .at(span, "which number of it?")
        .help(format!("take `mean of {plain}`, or its `min`, `max`, `median`, `sd` or `Fano`"))
}

/// E0334
pub fn reach_from_somewhere(context: &Context, of: &Ref, target: &Ref) -> Diagnostic {
    let name = of.path.segments.last().map_or("V", |name| name.text.as_str());
    Diagnostic::new(codes::E0334, "this share is of all vesicles of a class, wherever they are made")
        .at(of.span, "says where or in which state")
        .help(format!("write `share of {name} that reach {}`", quote(context, target.span).trim_matches('`')))
}

/// E0334
pub fn reach_no_place(context: &Context, target: &Ref) -> Diagnostic {
    Diagnostic::new(codes::E0334, format!("{} is no place", quote(context, target.span)))
        .at(target.span, "vesicles are asked to reach a compartment")
        .help("name a compartment that vesicles are set free in, or fuse with")
}

/// E0645
pub fn no_such_statistic(context: &Context, span: Span, statistic: &str, why: &str) -> Diagnostic {
    Diagnostic::new(codes::E0645, format!("{} has no {statistic}", quote(context, span))).at(span, why.to_owned()).help(
        "`sd of` and `Fano of` are of a distribution that was measured, `Fano of` of one of copies; `min`, `max`, `mean` and `median` also of a course over time",
    )
}

/// E0645
pub fn routes_are_no_numbers(context: &Context, span: Span) -> Diagnostic {
    Diagnostic::new(
        codes::E0645,
        format!("{} is a distribution of routes, which have no order and no mean", quote(context, span)),
    )
    .at(span, "routes are names")
    .help("read it in the results; a claim can compare shares, such as `share of ILV that reach lysosome`")
}
