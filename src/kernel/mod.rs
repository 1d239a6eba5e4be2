//! Mathematics as straight-line programs: what a [`Network`](crate::network::Network) computes, in slots, not names.
//!
//! The way through: [`Lowering`] takes expressions into a [`Builder`], which shares, folds and simplifies as values are
//! made; [`gradients`] adds symbolic derivatives; [`Builder::hoist`] finds what depends on parameters alone;
//! [`Builder::extract`] cuts out [`Program`]s, ordered so that values live briefly; [`Model`] bundles those of one
//! network. An interpreter runs any of them ([`Program::interpret`]), the code generator compiles them, a
//! [`Schedule`] runs them for several sets of inputs at once, and all take the meaning of every operator from [`math`].
//!
//! Invariants: programs are deterministic to the bit on every machine; nothing here fails on a user's input.
//! Deliberately absent: machine code, solvers, checks of the model.

mod build;
mod differentiate;
mod hoist;
mod interpret;
pub mod jumps;
mod lower;
mod model;
mod order;
mod print;
mod print_model;
mod program;
mod schedule;
mod tangent;

pub use crate::network::math;
pub use build::Builder;
pub use differentiate::{Direction, Gradient, Variables, gradients};
pub use interpret::Scratch;
pub use jumps::Jumps;
pub use lower::{Lowering, Sparsity};
pub use model::{Assignments, Hoisting, Model, Part, expressions};
pub use order::Hoisted;
pub use print::{Named, Names};
pub use print_model::ModelListing;
pub use program::{Inputs, Instruction, Malformed, Program, Value};
pub use schedule::{LaneScratch, Schedule};
pub use tangent::{Tangents, tangent};
