//! What building has to say to the user: notes on what the mean field can't say exactly.

use crate::diagnostics::{Diagnostic, registry};
use crate::hir::Process;
use crate::source::Span;

/// N0401: a vesicle process whose rate depends on what the vesicles carry.
pub(super) fn first_order_closure(process: &Process, content: Span) -> Diagnostic {
    Diagnostic::new(
        registry::N0401,
        format!("`{}` depends on what vesicles carry; in mean field that is an approximation", process.name),
    )
    .at(content, "this is a mean over all vesicles there")
    .also(process.span, "each vesicle that moves here takes its contents along")
    .note(
        "vesicles differ in what they carry, and those that move would not be the average ones; the equations for \
         means take them to be (first-order closure)",
    )
}

/// N0402: contents of single vesicles that the mean field takes as Poisson.
pub(super) fn taken_as_poisson(asked: Span) -> Diagnostic {
    Diagnostic::new(registry::N0402, "the mean field takes what single vesicles carry as Poisson numbers")
        .at(asked, "by theory, if the source kept one concentration")
        .note("each vesicle of a population is taken to have captured at the population's present mean, in proportion to its size")
        .help("`exoc run --exact` follows each vesicle and needs no such assumption")
}

/// N0403: what the mean field can't answer.
pub(super) fn unanswered(asked: Span, reason: super::questions::Unanswered) -> Diagnostic {
    use super::questions::Unanswered;
    let why = match reason {
        Unanswered::Age => "the mean field doesn't know when a vesicle was made",
        Unanswered::Route => "the mean field doesn't know where a vesicle came through",
        Unanswered::Contents => {
            "what these vesicles carry is not captured once and kept, by one process: theory has no law for it"
        }
        Unanswered::Condition => "a condition on one content twice, or on more copies than can be summed over",
    };
    Diagnostic::new(registry::N0403, "only the exact simulation can answer this; without it there is no number")
        .at(asked, why)
        .help("run it with `exoc run --exact`, which follows each vesicle")
}
