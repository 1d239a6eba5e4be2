//! Machine code for the kernel's programs, by Cranelift.
//!
//! The way through: `chunk` cuts a long program into parts; `pairs` finds operations that can go side by side; `emit` writes
//! a part's operations; `function` makes functions of them in a module; `jit` runs them in this process, `object`
//! hands them to others, with a `header`.
//! A `unit` is one program with all that can run it.
//! [`CompiledModel`] is what the rest of the compiler sees.
//!
//! Invariants: this is the only home of `unsafe`; no pointer to code or data leaves; the interpreter gives the same
//! bits and serves wherever code can't be had. Deliberately absent: names, networks, solvers.

#![allow(unsafe_code, reason = "machine code is called, and its memory freed, here and nowhere else")]

mod abi;
mod chunk;
mod compiled;
mod emit;
mod error;
mod events;
mod function;
mod header;
mod jit;
mod laws;
mod object;
mod pairs;
mod powers;
mod unit;

pub use compiled::{CompiledModel, Engine, Function};
pub use error::CodegenError;
pub use events::{EventLoop, LoopChannel, LoopExit, LoopLaw, LoopPlan, LoopState};
pub use function::Listing;
pub use header::identifier;
pub use jit::{Effort, list};
pub use laws::Laws;
pub use object::{ObjectFile, object};
