//! Numerical failures as messages, one code for each kind.

use super::results::Coordinate;
use crate::diagnostics::registry::*;
use crate::diagnostics::{Code, Diagnostic};
use crate::network::DisplayUnit;
use crate::simulate::{Problem, SimulationError};

/// An arm ended before its time.
pub(super) fn arm(
    experiment: &str,
    arm: &str,
    coordinates: &[Coordinate],
    error: &SimulationError,
    unit: &DisplayUnit,
) -> Diagnostic {
    let point: Vec<String> =
        coordinates.iter().map(|c| format!("{} = {} {}", c.name, c.value / c.unit.factor, c.unit.symbol)).collect();
    let point = if point.is_empty() { String::new() } else { format!(" ({})", point.join(", ")) };
    report(format!("arm `{arm}`{point} of `{experiment}` failed"), error, unit)
}

/// An experiment found no state to begin with.
pub(super) fn settling(experiment: &str, error: &SimulationError, unit: &DisplayUnit) -> Diagnostic {
    report(format!("experiment `{experiment}` could not settle"), error, unit)
}

/// A model or an arm has no steady state that it comes to.
pub(super) fn resting(what: &str, error: &SimulationError, unit: &DisplayUnit) -> Diagnostic {
    report(format!("{what} does not come to rest"), error, unit)
}

fn report(what: String, error: &SimulationError, unit: &DisplayUnit) -> Diagnostic {
    let diagnostic = Diagnostic::new(code(&error.problem), format!("{what}: {}", error.message(unit)));
    match (error.span(), error.culprit.as_ref().and_then(|c| c.processes.first())) {
        (Some(span), Some(process)) => diagnostic.at(span, format!("`{process}` is what changes it most")),
        (Some(span), None) => diagnostic.at(span, "this one"),
        (None, _) => diagnostic,
    }
}

pub(super) fn code(problem: &Problem) -> Code {
    match problem {
        Problem::Start => E0701,
        Problem::NotFinite => E0702,
        Problem::StepUnderflow { .. } => E0703,
        Problem::TooManySteps { .. } => E0704,
        Problem::Singular => E0705,
        Problem::Cascade { .. } | Problem::Endless { .. } => E0706,
        Problem::Exhausted => E0710,
        Problem::Negative { .. } => E0711,
        Problem::NoRoom { .. } => E0713,
        Problem::Backwards { .. } => E0714,
        Problem::Delay { .. } => E0707,
        Problem::Unsettled { .. } => E0708,
        Problem::Grazing { .. } => E0712,
        Problem::NegativeRate { .. } | Problem::RateNotFinite => E0715,
        Problem::TooManyEvents { .. } => E0716,
        Problem::TooManyCopies { .. } => E0717,
        Problem::Tolerance(_) => E0709,
        Problem::Defect(_) => E0799,
    }
}
