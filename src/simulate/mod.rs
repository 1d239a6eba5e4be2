//! Models in motion: compiled networks driven through time by the integrators.
//!
//! Invariants:
//! - Between interventions the parameters stand still; every dose, addition and assignment happens exactly at its
//!   time, and integration starts afresh from there.
//! - A sample at the time of a change shows the state after it. Samples are taken from dense output otherwise, so
//!   the grid does not steer the steps.
//! - What was sampled before a failure has been handed over; a failure names the species, the processes that drive
//!   it, and a way out.
//! - The same model, start and protocol give the same bits.
//!
//! Deliberately absent: what the arms of an experiment mean (that is [`crate::experiment`]'s), and anything of the
//! source language.

mod batch;
mod clock;
mod error;
pub mod exact;
mod factors;
mod interval;
mod lanes;
mod model;
mod parameters;
mod protocol;
mod run;
pub mod sensitivity;
mod settings;
mod settle;
mod state;
mod steady;
mod system;
mod whole_step;

pub use batch::{Job, Lanes, Receiver, run_batch};
pub use error::{Culprit, Problem, SimulationError};
pub use lanes::Times;
pub use model::Model;
pub use parameters::Parameters;
pub use protocol::{Intervention, Protocol};
pub use run::{Act, Deed, Outcome, Sample, run};
pub use settings::Settings;
pub use settle::{Held, settle, settle_by_integration};
pub use state::{State, is_of_parameters};
pub use steady::{Settler, SteadyState};

#[cfg(test)]
mod tests;
