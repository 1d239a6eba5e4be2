//! Initial-value problems of ordinary differential equations.
//!
//! One driver (`engine`) serves a single [`Integrator`] and a [`Bundle`] of several in lanes: it runs one of the
//! methods of this folder (`tsit5`, `rosenbrock`, `bdf`; `method` says what they have in common) over a
//! [`System`], watches the root functions (`events`) and moves between the methods when [`Method::Auto`] lets it. A
//! method knows how to attempt one step and how long the next should be, and how to interpolate within it, nothing else. Amounts
//! are kept from being negative by `positive`. Deliberately absent: integration backwards in time, mass matrices, delays.

mod bdf;
mod bundle;
mod choice;
mod control;
mod engine;
mod error;
mod events;
mod forward;
mod integrator;
mod lane;
mod method;
mod norms;
mod positive;
mod rosenbrock;
mod settings;
mod system;
mod trajectory;
mod tsit5;
mod variational;
mod vector;

#[cfg(test)]
mod tests;

pub use bundle::Bundle;
pub use error::{Evaluated, SolveError};
pub use events::Root;
pub use forward::Forward;
pub use integrator::{Integrator, Statistics, Step, Stop};
pub use lane::Trial;
pub use positive::NEGLIGIBLE;
pub use rosenbrock::{FROM_NODES, InterpolantShape, NODES, RODAS5P, StepShape, Tableau};
pub use settings::{AbsoluteTolerance, Method, Settings, ToleranceError, Tolerances};
pub use system::{LaneSystem, System};
pub use trajectory::{Failure, Trajectory, trajectory};
pub use variational::Variational;
