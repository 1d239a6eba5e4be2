//! What can't be set or moved.

use super::quote::{kind, wanted};
use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::scope::Context;
use crate::hir::typing::Quantity;
use crate::hir::units::Dimension;
use crate::source::Span;
use crate::syntax::ast::Ref;

/// E0360
pub fn not_assignable(reference: &Ref, what: &str) -> Diagnostic {
    Diagnostic::new(codes::E0360, format!("`{reference}` can't be set"))
        .at(reference.span, format!("this is {what}"))
        .note("parameters, inputs, amounts and the sizes of places can be set")
}

/// E0361
pub fn does_not_fit(context: &mut Context, found: &Quantity, want: Dimension, target: Span) -> Diagnostic {
    let expected = wanted(context, want);
    let report = Diagnostic::new(
        codes::E0361,
        format!("this is {}, but what is set is {}", found.dimension.words(), want.words()),
    )
    .at(found.span, format!("this is {}", kind(context, found)))
    .also(target, format!("this is {}", want.words()))
    .note(format!("expected {expected}"));
    if found.dimension.is_none() && found.literal.is_some() {
        return report.help("to multiply it write the number in `fold`, as in `2 fold`");
    }
    report
}

/// E0362
pub fn parameter_changes(target: &Ref) -> Diagnostic {
    Diagnostic::new(codes::E0362, format!("`{target}` is a parameter, and parameters stay put"))
        .at(target.span, "a rule would move it all the time")
        .help(format!("declare it with `input {target} = …` in place of `param`"))
}

/// E0363
pub fn no_rate_of(context: &mut Context, found: &Quantity, want: Dimension, target: Span) -> Diagnostic {
    let expected = wanted(context, want);
    Diagnostic::new(codes::E0363, format!("this rule needs {}", want.words()))
        .at(found.span, format!("this is {}", kind(context, found)))
        .also(target, "how fast this changes")
        .note(format!("expected {expected}"))
}
