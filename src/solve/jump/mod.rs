//! Exact simulation of jumps: counts that change one event at a time (Gillespie, J. Phys. Chem. 81, 1977).
//!
//! The way through: a [`Scheme`] says which channels there are and who depends on whom; [`Rates`] computes propensities;
//! a [`Jumper`] carries the state from event to event; [`Individuals`] is asked whenever a channel happens to one of many
//! vesicles, and changes the counts by what becomes of that one.
//!
//! Invariants:
//! - After every event each propensity is what [`Rates`] gives for the present state: only those are computed anew that
//!   read something that may have changed.
//! - An event's numbers are a function of the seed, the run and how many events came before; where the caller stops to
//!   look does not matter, and neither do threads.
//! - Nothing is allocated per event, and an event's cost does not depend on how many individuals are at rest.
//! - Faults are [`JumpError`]s with the time and the channel to blame.
//!
//! Deliberately absent: names, programs, vesicles, protocols.

mod balance;
mod clock;
mod draws;
mod drift;
mod engine;
mod error;
mod fixed;
mod hybrid;
mod leap;
mod scheme;
mod stride;
mod sums;
#[cfg(test)]
mod tests;

pub use draws::{BATCH, Draws};
pub use engine::{Halt, Jumper, Window};
pub use error::{Fault, JumpError};
pub use leap::Leaper;
pub use scheme::{Channel, Effect, Propensity, Rows, Scheme, Search};
pub use sums::{GROUP, Layout};

/// Propensities under one set of parameters.
pub trait Rates {
    /// The coefficient of each [`Propensity::Combination`], by channel; those of other channels are not read.
    fn coefficients(&self, out: &mut [f64]);

    /// The propensity of a [`Propensity::General`] channel, per second, at `t` seconds. `x` has one number more than
    /// there are states.
    fn propensity(&self, channel: usize, t: f64, x: &[f64]) -> f64;

    /// The slopes of the scheme's moving states, per second, in its order.
    fn moves(&self, t: f64, x: &[f64], out: &mut [f64]) {
        let _ = (t, x, out);
    }

    /// Whether [`Rates::turned`] is to be asked between events.
    fn watches(&self) -> bool {
        false
    }

    /// Whether a condition is another now than where the run was placed or last reported.
    fn turned(&self, t: f64, x: &[f64]) -> bool {
        let _ = (t, x);
        false
    }

    /// Goes from event to event by code of its own, with the same bits as the engine's, until it meets something that it
    /// leaves to the engine; `None` if there is no such code. Not asked where channels drift.
    fn run(&self, window: &mut Window<'_>) -> Option<Halt> {
        let _ = window;
        None
    }
}

/// The vesicles of a run, each for itself. States are the counts of all that there are, and further ones that the
/// implementor keeps, such as the sum over individuals of what each brings to a propensity.
pub trait Individuals {
    /// An edge happens to one individual at `t` seconds: chooses it, changes it and changes `x` by exactly that. States
    /// outside the edge's `touches` must stay as they are. What can't happen to the one chosen may be left undone.
    ///
    /// # Errors
    /// Afterwards there are more individuals than may be kept: the state that counts most of them.
    fn fire(&mut self, edge: u32, t: f64, x: &mut [f64]) -> Result<(), usize>;
}

/// Where there are none.
pub struct NoIndividuals;

impl Individuals for NoIndividuals {
    fn fire(&mut self, _edge: u32, _t: f64, _x: &mut [f64]) -> Result<(), usize> {
        Ok(())
    }
}
