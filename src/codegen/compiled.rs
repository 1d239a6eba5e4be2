//! A model that can be run: safe functions over slices, whoever executes them.
//!
//! Invariants: both engines run the same programs and give the same bits; lengths are checked before memory is
//! touched; functions take `&self` and may be called from several threads at once.
//! Deliberately absent: integrator state, and any choice that would change a result.

use super::error::CodegenError;
use super::jit::Code;
use crate::kernel::{Model, Part, Scratch};
use std::cell::RefCell;

/// What executes a model's programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Engine {
    /// Machine code made at run time.
    #[default]
    Native,
    /// The kernel's interpreter: slower, starts at once, works everywhere.
    Interpreter,
}

/// A model with what runs it. Owns its code memory and frees it when dropped.
#[derive(Debug)]
pub struct CompiledModel {
    model: Model,
    code: Option<Code>,
    fallback: Option<String>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl CompiledModel {
    /// Compiles the model for `engine`. Where native code can't be had (no executable memory, a machine the code
    /// generator doesn't know), the interpreter serves, and [`CompiledModel::fallback`] says why.
    pub fn new(model: Model, engine: Engine) -> CompiledModel {
        match engine {
            Engine::Native => {
                let attempt = Code::compile(&model);
                CompiledModel::from_attempt(model, attempt)
            }
            Engine::Interpreter => CompiledModel { model, code: None, fallback: None },
        }
    }

    pub(super) fn from_attempt(model: Model, attempt: Result<Code, CodegenError>) -> CompiledModel {
        match attempt {
            Ok(code) => CompiledModel { model, code: Some(code), fallback: None },
            Err(reason) => CompiledModel { model, code: None, fallback: Some(reason.to_string()) },
        }
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What runs it in fact.
    pub fn engine(&self) -> Engine {
        if self.code.is_some() { Engine::Native } else { Engine::Interpreter }
    }

    /// Why the interpreter serves although native code was asked for.
    pub fn fallback(&self) -> Option<&str> {
        self.fallback.as_deref()
    }

    /// Number of states: the length of `y`.
    pub fn states(&self) -> usize {
        self.model.states()
    }

    /// `dy/dt` into `out` (n), per second.
    ///
    /// # Panics
    /// As all of these: if `y`, `p` or `out` is shorter than the model needs.
    pub fn rhs(&self, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        self.run(Part::Rhs, t, y, p, out);
    }

    /// `∂(dy/dt)/∂y` into `out`: the entries of [`Model::sparsity`], in its order.
    pub fn jacobian(&self, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        self.run(Part::Jacobian, t, y, p, out);
    }

    /// `∂(dy/dt)/∂t` at constant `y` into `out` (n).
    pub fn time_derivative(&self, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        self.run(Part::TimeDerivative, t, y, p, out);
    }

    /// The network's observables into `out`, in internal units.
    pub fn observables(&self, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        self.run(Part::Observables, t, y, p, out);
    }

    /// The events' triggers into `out`: positive while an event's condition holds.
    pub fn triggers(&self, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        self.run(Part::Triggers, t, y, p, out);
    }

    /// Any of the above.
    pub fn run(&self, part: Part, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        match &self.code {
            Some(code) => code.run(part, t, y, p, out),
            None => SCRATCH.with_borrow_mut(|scratch| self.model.program(part).interpret(t, y, p, out, scratch)),
        }
    }
}
