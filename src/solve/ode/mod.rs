//! Initial-value problems of ordinary differential equations.
//!
//! [`Integrator`] drives one of the methods of this folder over a [`System`]: it chooses the step
//! (`control`), watches the root functions (`events`) and moves between the methods (`tsit5`,
//! `rosenbrock` with `rodas5p`) when [`Method::Auto`] lets it. A method knows how to attempt one step and how to interpolate within
//! it, nothing else. Amounts are kept from being negative by `positive`. Deliberately absent: integration backwards in time, mass matrices, delays.

mod control;
mod error;
mod events;
mod forward;
mod integrator;
mod positive;
mod rodas5p;
mod rosenbrock;
mod settings;
mod system;
mod trajectory;
mod tsit5;
mod variational;
mod vector;

#[cfg(test)]
mod tests;

pub use error::{Evaluated, SolveError};
pub use events::Root;
pub use forward::Forward;
pub use integrator::{Integrator, Statistics, Step, Stop};
pub use positive::NEGLIGIBLE;
pub use settings::{AbsoluteTolerance, Method, Settings, ToleranceError, Tolerances};
pub use system::System;
pub use trajectory::{Failure, Trajectory, trajectory};
pub use variational::Variational;
