//! Integrators for initial-value problems, over slices; nothing here knows the compiler.
//!
//! Invariants:
//! - A [`System`] is pure over slices: the same `(t, y)` gives the same numbers. Parameters live in
//!   its implementor, and a caller who changes them must [`Integrator::restart`].
//! - An [`Integrator`] never evaluates a system past the limit it was given, so a limit may be a
//!   discontinuity; it lands on the limit exactly.
//! - The state that it shows is always finite, and dense output covers the last accepted step only.
//! - Nothing is allocated per step, nothing is random: the same calls give the same bits.
//! - Failures are [`SolveError`]s that carry the time, the step and the component to blame; what was
//!   computed before a failure stays with the caller.
//!
//! Typical use, sampling an output grid between discontinuities:
//!
//! ```
//! use exoc::solve::{Integrator, Settings, SolveError, SparsePattern, Step, System};
//!
//! /// dy/dt = -y
//! struct Decay(SparsePattern);
//! impl System for Decay {
//!     fn dimension(&self) -> usize { 1 }
//!     fn rhs(&self, _t: f64, y: &[f64], dydt: &mut [f64]) { dydt[0] = -y[0]; }
//!     fn jacobian_pattern(&self) -> &SparsePattern { &self.0 }
//!     fn jacobian(&self, _t: f64, _y: &[f64], values: &mut [f64]) { values[0] = -1.0; }
//! }
//!
//! let system = Decay(SparsePattern::diagonal(1));
//! let mut integrator = Integrator::start(&system, 0.0, &[1.0], &Settings::default())?;
//! let (mut y, mut sample) = ([0.0], 0.5);
//! loop {
//!     let step = integrator.step(&system, 2.0)?;
//!     while sample <= integrator.time() {
//!         integrator.interpolate(&system, sample, &mut y);
//!         assert!((y[0] - (-sample).exp()).abs() < 1e-5);
//!         sample += 0.5;
//!     }
//!     if let Step::Limit = step { break; }
//! }
//! # Ok::<(), SolveError>(())
//! ```

pub mod jump;
pub mod linear;
pub mod ode;
pub mod random;
mod rows;
pub mod steady;
mod vectorised;
pub mod vesicles;

pub use linear::SparsePattern;
pub use ode::{
    AbsoluteTolerance, Bundle, Evaluated, FROM_NODES, Failure, Forward, Integrator, InterpolantShape, LaneSystem,
    Method, NEGLIGIBLE, NODES, RODAS5P, Root, Settings, SolveError, Statistics, Step, StepShape, Stop, System, Tableau,
    ToleranceError, Tolerances, Trajectory, Trial, Variational, trajectory,
};
pub(crate) use rows::Rows;
pub(crate) use vectorised::{lanes, vectorised};
