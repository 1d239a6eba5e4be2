//! Numbers that can't be, and what is said of where they come from.

use super::quote::{kind, quote};
use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::scope::Context;
use crate::hir::typing::Quantity;
use crate::source::Span;

pub use super::units::{changes_in_time, none_of, unknown_dimension};

/// E0340
pub fn negative(context: &Context, found: &Quantity, role: &str) -> Diagnostic {
    Diagnostic::new(codes::E0340, format!("{role} can't be negative"))
        .at(found.span, format!("{} is {} below zero", quote(context, found.span), kind(context, found)))
}

/// E0341
pub fn zero(found: &Quantity, role: &str) -> Diagnostic {
    Diagnostic::new(codes::E0341, format!("{role} can't be zero")).at(found.span, "this is zero")
}

/// E0342
pub fn factor_not_above_one(span: Span, found: f64) -> Diagnostic {
    Diagnostic::new(codes::E0342, "the factor of an uncertainty must be larger than 1")
        .at(span, format!("this is {found}"))
        .note("`within 3 fold` means: 95 % sure that it lies between a third and three times the value")
        .help("for a standard deviation write `± s`, in the unit of the number")
}

/// E0343
pub fn negative_deviation(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0343, "a standard deviation can't be negative").at(span, "below zero")
}

/// E0344
pub fn empty_range(low: Span, high: Span) -> Diagnostic {
    Diagnostic::new(codes::E0344, "this range holds no number")
        .at(high, "the upper end is not above the lower one")
        .also(low, "the lower end")
}

/// E0345
pub fn fold_of_nothing(value: Span, uncertainty: Span) -> Diagnostic {
    Diagnostic::new(codes::E0345, "only a positive number can be uncertain by a factor")
        .at(value, "this is zero or less")
        .also(uncertainty, "an uncertainty by a factor")
        .help("give a standard deviation with `±` instead")
}

/// W0301
pub fn no_evidence(what: &str, at: Span, value: Span) -> Diagnostic {
    Diagnostic::new(codes::W0301, format!("nothing is said of where the number of {what} comes from"))
        .at(value, "neither `cites` nor `assumed`")
        .also(at, "a reader will want to know")
        .fix("say that it is assumed, or cite a source", vec![(value.after(), " assumed".to_owned())])
}
