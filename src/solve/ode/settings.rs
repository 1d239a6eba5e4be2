//! What a caller asks of an integrator, checked before anything runs.

use thiserror::Error;

use super::error::SolveError;

/// Below this a relative tolerance asks for more than the arithmetic holds.
pub const SMALLEST_RTOL: f64 = 100.0 * f64::EPSILON;

/// Error that is tolerated however small a component is, in the unit of the component.
#[derive(Debug, Clone, PartialEq)]
pub enum AbsoluteTolerance {
    Scalar(f64),
    PerComponent(Vec<f64>),
}

/// The error allowed per step in component i: `atol_i + rtol * |y_i|`, in root mean square.
#[derive(Debug, Clone, PartialEq)]
pub struct Tolerances {
    rtol: f64,
    atol: AbsoluteTolerance,
}

/// Why tolerances are impossible.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ToleranceError {
    #[error("the relative tolerance {0} is not a number from 0 to 1")]
    Relative(f64),
    #[error("the relative tolerance {0:e} is finer than double precision; {SMALLEST_RTOL:.1e} is the least")]
    TooFine(f64),
    #[error("the absolute tolerance {value}{} is not a number of at least 0", of_component(component))]
    Absolute { value: f64, component: Option<usize> },
    #[error("the relative and the absolute tolerance{} are both zero", of_component(component))]
    BothZero { component: Option<usize> },
    #[error("{given} absolute tolerances for {dimension} components")]
    Length { given: usize, dimension: usize },
}

fn of_component(component: &Option<usize>) -> String {
    component.map_or_else(String::new, |c| format!(" of component {c}"))
}

impl Tolerances {
    /// Checks that a double-precision computation can meet them.
    pub fn new(rtol: f64, atol: AbsoluteTolerance) -> Result<Self, ToleranceError> {
        if !(0.0..1.0).contains(&rtol) {
            return Err(ToleranceError::Relative(rtol));
        }
        if rtol > 0.0 && rtol < SMALLEST_RTOL {
            return Err(ToleranceError::TooFine(rtol));
        }
        let check = |value: f64, component: Option<usize>| {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(ToleranceError::Absolute { value, component });
            }
            if value == 0.0 && rtol == 0.0 {
                return Err(ToleranceError::BothZero { component });
            }
            Ok(())
        };
        match &atol {
            AbsoluteTolerance::Scalar(value) => check(*value, None)?,
            AbsoluteTolerance::PerComponent(values) => {
                for (i, &value) in values.iter().enumerate() {
                    check(value, Some(i))?;
                }
            }
        }
        Ok(Tolerances { rtol, atol })
    }

    /// One absolute tolerance for all components.
    pub fn scalar(rtol: f64, atol: f64) -> Result<Self, ToleranceError> {
        Self::new(rtol, AbsoluteTolerance::Scalar(atol))
    }

    pub fn rtol(&self) -> f64 {
        self.rtol
    }

    pub fn atol(&self) -> &AbsoluteTolerance {
        &self.atol
    }

    /// The absolute tolerance of each of `dimension` components.
    pub(crate) fn expand(&self, dimension: usize) -> Result<Vec<f64>, ToleranceError> {
        match &self.atol {
            AbsoluteTolerance::Scalar(value) => Ok(vec![*value; dimension]),
            AbsoluteTolerance::PerComponent(values) if values.len() == dimension => Ok(values.clone()),
            AbsoluteTolerance::PerComponent(values) => Err(ToleranceError::Length { given: values.len(), dimension }),
        }
    }
}

impl Default for Tolerances {
    /// rtol 1e-7, atol 1e-10.
    fn default() -> Self {
        Tolerances { rtol: 1e-7, atol: AbsoluteTolerance::Scalar(1e-10) }
    }
}

/// Which family of methods integrates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Implicit from the start where the system is small; else explicit until it shows itself to be stiff. The implicit
    /// method is the one that suits its size and the tolerance: [`Method::Multistep`] for those that are large or tight, [`Method::Stiff`] for others, and in several
    /// lanes at once.
    #[default]
    Auto,
    /// The explicit Runge-Kutta pair of Tsitouras, order 5(4).
    Explicit,
    /// A stiffly accurate Rosenbrock method on the sparse analytic Jacobian.
    Stiff,
    /// Numerical differentiation formulas of orders 1 to 5. In several lanes at once, [`Method::Stiff`].
    Multistep,
    /// [`Method::Auto`] among the methods that any number of lanes may use, so that the numbers do not depend on it.
    OneStep,
}

impl Method {
    /// What gives the same numbers in any number of lanes.
    pub fn over_lanes(self) -> Method {
        match self {
            Method::Auto => Method::OneStep,
            Method::Multistep => Method::Stiff,
            other => other,
        }
    }

    pub(super) fn may_change(self) -> bool {
        matches!(self, Method::Auto | Method::OneStep)
    }
}

/// Everything that a caller may set. Times and steps are in the unit of t.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub tolerances: Tolerances,
    pub method: Method,
    /// Steps, accepted and rejected, allowed between two restarts.
    pub max_steps: usize,
    /// A shorter step is an underflow (besides the limit that rounding of t sets).
    pub min_step: f64,
    pub max_step: Option<f64>,
    /// The first step to try; estimated when absent.
    pub initial_step: Option<f64>,
}

impl Settings {
    /// Refuses limits that are not positive numbers.
    pub(crate) fn check(&self) -> Result<(), SolveError> {
        if !(self.min_step >= 0.0 && self.min_step.is_finite()) {
            return Err(SolveError::BadSetting { name: "min_step", value: self.min_step });
        }
        for (name, value) in [("max_step", self.max_step), ("initial_step", self.initial_step)] {
            if let Some(value) = value.filter(|v| v.is_nan() || *v <= 0.0) {
                return Err(SolveError::BadSetting { name, value });
            }
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            tolerances: Tolerances::default(),
            method: Method::Auto,
            max_steps: 1_000_000,
            min_step: 0.0,
            max_step: None,
            initial_step: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_tolerances_are_refused() {
        use ToleranceError::*;
        assert!(matches!(Tolerances::scalar(-1e-3, 1e-6), Err(Relative(_))));
        assert!(matches!(Tolerances::scalar(f64::NAN, 1e-6), Err(Relative(_))));
        assert!(matches!(Tolerances::scalar(1.0, 1e-6), Err(Relative(_))));
        assert!(matches!(Tolerances::scalar(1e-15, 1e-6), Err(TooFine(_))));
        assert!(matches!(Tolerances::scalar(1e-6, -1.0), Err(Absolute { .. })));
        assert!(matches!(Tolerances::scalar(1e-6, f64::INFINITY), Err(Absolute { .. })));
        assert!(matches!(Tolerances::scalar(0.0, 0.0), Err(BothZero { .. })));
        let mixed = Tolerances::new(1e-6, AbsoluteTolerance::PerComponent(vec![1.0, 0.0])).unwrap();
        assert_eq!(mixed.expand(3), Err(Length { given: 2, dimension: 3 }));
        assert!(Tolerances::scalar(0.0, 1e-9).is_ok() && Tolerances::scalar(1e-6, 0.0).is_ok());
    }
}
