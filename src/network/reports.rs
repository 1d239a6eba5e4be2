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
