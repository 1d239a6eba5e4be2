//! Claims that can't be judged.

use super::experiments::{list, meant};
use super::quote::{kind, quote};
use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::scope::Context;
use crate::hir::typing::Quantity;
use crate::source::Span;
use crate::syntax::ast::{Name, Readout};

/// E0630
pub fn no_comparison(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0630, "a claim is a comparison, true or false")
        .at(span, "this is neither")
        .help("compare it with something, as in `run.treated.yield < 0.8 * run.control.yield`")
}

/// E0631
pub fn unknown_experiment(name: &Name, names: &[&str]) -> Diagnostic {
    let report = Diagnostic::new(codes::E0631, format!("there is no experiment `{name}`"))
        .at(name.span, "no experiment of that name in this file");
    meant(report, &name.text, name.span, names)
}

/// E0632
pub fn unknown_arm(name: &Name, experiment: &str, names: &[&str]) -> Diagnostic {
    let report = Diagnostic::new(codes::E0632, format!("experiment `{experiment}` has no arm `{name}`"))
        .at(name.span, "no such arm");
    meant(report, &name.text, name.span, names)
}

/// E0633
pub fn unknown_measure(name: &Name, experiment: &str, names: &[&str]) -> Diagnostic {
    let report = Diagnostic::new(codes::E0633, format!("experiment `{experiment}` has no measure `{name}`"))
        .at(name.span, "not measured");
    meant(report, &name.text, name.span, names)
}

/// E0634
pub fn which_arm(span: Span, names: &[&str]) -> Diagnostic {
    Diagnostic::new(codes::E0634, "this names no single result")
        .at(span, "of which arm?")
        .note("a result is `experiment.arm.measure`")
        .help(format!("the arms are {}", list(names)))
}

/// E0634
pub fn which_measure(span: Span, names: &[&str]) -> Diagnostic {
    Diagnostic::new(codes::E0634, "this names no single result")
        .at(span, "which measure?")
        .note("a result is `experiment.arm.measure`")
        .help(format!("the measures are {}", list(names)))
}

/// E0635
pub fn which_model(span: Span, models: &[&str], experiment: &str) -> Diagnostic {
    Diagnostic::new(codes::E0635, format!("`{experiment}` is of several models"))
        .at(span, "which of them?")
        .note("a result is then `experiment.model.arm.measure`")
        .help(format!("the models are {}", list(models)))
}

/// E0636
pub fn unlike_results(context: &Context, left: &Quantity, right: &Quantity, op: Span) -> Diagnostic {
    Diagnostic::new(
        codes::E0636,
        format!("{} can't be compared with {}", left.dimension.words(), right.dimension.words()),
    )
    .at(op, "these don't go together")
    .also(left.span, format!("this is {}", kind(context, left)))
    .also(right.span, format!("this is {}", kind(context, right)))
    .help("give a number its unit, or compare with the control")
}

/// E0637
pub fn tolerance_out_of_range(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0637, "the tolerance of a claim is a share below 100 %")
        .at(span, "not between 0 % and 100 %")
        .note("`within 1 %` is the difference up to which two sides count as equal")
}

/// E0638
pub fn outside_the_run(span: Span, experiment: &str) -> Diagnostic {
    Diagnostic::new(codes::E0638, "nothing is known of that time")
        .at(span, format!("outside the run of `{experiment}`"))
        .help("read it at a time within the run, or run longer")
}

/// E0639
pub fn which_point(span: Span, arm: &str, axes: usize) -> Diagnostic {
    let points = if axes == 1 { "[1 uM]" } else { "[1 uM, 10 nM]" };
    Diagnostic::new(codes::E0639, format!("arm `{arm}` has many points"))
        .at(span, "which of them?")
        .help(format!("name the point: `experiment.{arm}{points}.measure`"))
}

/// E0640
pub fn wrong_coordinates(span: Span, wanted: usize, found: usize) -> Diagnostic {
    Diagnostic::new(codes::E0640, format!("a point of this arm has {wanted} coordinates, not {found}"))
        .at(span, "a different number")
}

/// E0640
pub fn no_such_point(context: &Context, coordinate: &Quantity) -> Diagnostic {
    Diagnostic::new(codes::E0640, format!("{} is not among the swept values", quote(context, coordinate.span)))
        .at(coordinate.span, "no point was run for this")
        .help("name one of the values of the sweep, or add this one to it")
}

/// E0641
pub fn not_a_measure(context: &Context, span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0641, format!("{} is no measure of an arm", quote(context, span)))
        .at(span, "has no course over time")
        .help("write `experiment.arm.measure at 24 h`, or `max of experiment.arm.measure`")
}

/// E0642
pub fn no_result(context: &Context, span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0642, format!("{} is no result", quote(context, span)))
        .at(span, "belongs to the model, not to what was measured")
        .help("measure it in an experiment and compare `experiment.arm.measure`")
}

/// E0643
pub fn unknown_readout(readout: &Readout, names: &[&str]) -> Diagnostic {
    let report = Diagnostic::new(codes::E0643, format!("the cell has no readout `{}`", readout.phrase))
        .at(readout.span, "neither an observable nor an expression");
    let report = meant(report, &readout.phrase, readout.span, names);
    report.note("a readout is an `observable` that the cell declares, by its name or phrase")
}

/// E0644
pub fn change_out_of_range(span: Span, direction: Span) -> Diagnostic {
    Diagnostic::new(codes::E0644, "nothing can change by that much")
        .at(span, "a share that can't be")
        .also(direction, "in this direction")
        .help("nothing is lowered by more than 100 %, and `by at least` is never negative")
}
