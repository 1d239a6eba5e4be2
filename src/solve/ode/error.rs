//! How an integration can fail: always with the time, the step and the component to blame.

use thiserror::Error;

use super::settings::ToleranceError;

/// What was being computed when a number ceased to be finite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evaluated {
    InitialState,
    RightHandSide,
    Jacobian,
    TimeDerivative,
}

impl std::fmt::Display for Evaluated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Evaluated::InitialState => "initial state",
            Evaluated::RightHandSide => "right-hand side",
            Evaluated::Jacobian => "Jacobian",
            Evaluated::TimeDerivative => "time derivative",
        })
    }
}

/// Why an integration stopped short. Components and roots are indices, for the caller to name.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SolveError {
    #[error("{what} {component} is not a finite number at t = {t}")]
    NonFinite { t: f64, component: usize, what: Evaluated },
    #[error("at t = {t} no step as long as {step:e} meets the tolerance; component {component} has the largest error")]
    StepUnderflow {
        t: f64,
        step: f64,
        component: usize,
        /// Set when the last trial was refused because this was not finite, not for its error.
        not_finite: Option<Evaluated>,
    },
    #[error("{steps} steps taken and only t = {t} reached; the last was {step:e}, component {component} held it back")]
    TooManySteps { t: f64, step: f64, steps: usize, component: usize },
    #[error("the matrix of the implicit step {step:e} at t = {t} is singular in component {component}")]
    SingularMatrix { t: f64, step: f64, component: usize },
    #[error("at t = {t} component {component} has run out, and is still taken from")]
    Exhausted { t: f64, component: usize },
    #[error("component {component} is {value} at the start, t = {t}, and can't be negative")]
    Negative { t: f64, component: usize, value: f64 },
    #[error(transparent)]
    BadTolerance(#[from] ToleranceError),
    #[error("{name} = {value} is not a positive number")]
    BadSetting { name: &'static str, value: f64 },
    #[error("{given} initial values for {dimension} components")]
    WrongDimension { given: usize, dimension: usize },
    #[error("asked to go back from t = {t} to {limit}")]
    Backwards { t: f64, limit: f64 },
}
