//! Which method suits a problem: where to begin, and which implicit method.
//!
//! A step of the Rosenbrock method takes eight evaluations and solves and one factorisation, one of the multistep
//! method two and a tenth of one; the first takes fewer steps, and no more than one to start. The limits rest on four
//! models of 3, 8, 100 and 1,000 species, by work at equal errors; between those sizes they are interpolated, and the
//! costs of one model's own evaluations and factors don't enter.

use super::settings::Method;

/// The two implicit methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Implicit {
    Rosenbrock,
    Multistep,
}

/// From so many components on the multistep method is better for …
const MEDIUM: usize = 30;
/// … relative tolerances up to this one.
const MEDIUM_RTOL: f64 = 3e-6;
/// From so many on, for all.
const LARGE: usize = 400;
/// For fewer than [`MEDIUM`], for those up to this one.
const SMALL_RTOL: f64 = 1e-11;

/// Whether to begin with the implicit method: for so few components its step costs hardly more than an explicit one, most
/// models are stiff, and one that isn't is soon known to be mild. Where there may be lanes, more generously: a trial of
/// lanes that have parted into two methods costs as much as one of each.
pub(super) fn begins_implicit(method: Method, dimension: usize) -> bool {
    match method {
        Method::Explicit => false,
        Method::Stiff | Method::Multistep => true,
        Method::Auto => dimension < MEDIUM,
        Method::OneStep => dimension < LARGE,
    }
}

impl Implicit {
    /// What `method` means for a system of that dimension in W lanes.
    pub fn of<const W: usize>(method: Method, dimension: usize, rtol: f64) -> Implicit {
        let suits = match dimension {
            LARGE.. => true,
            MEDIUM.. => rtol <= MEDIUM_RTOL,
            _ => rtol <= SMALL_RTOL,
        };
        match method {
            _ if W > 1 => Implicit::Rosenbrock,
            Method::Multistep => Implicit::Multistep,
            Method::Auto if suits => Implicit::Multistep,
            _ => Implicit::Rosenbrock,
        }
    }
}
