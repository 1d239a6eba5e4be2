//! A model that can be run: safe functions over slices, whoever executes them.
//!
//! Invariants: all executors run the same programs and give the same bits, for one set of inputs and for each of
//! several lanes; lengths are checked before memory is touched; functions take `&self` and may be called from several
//! threads at once. Code is made when it is first asked for.
//! Deliberately absent: integrator state, and any choice that would change a result.

use super::jit::Effort;
use super::unit::{Choice, Unit};
use crate::kernel::{Model, Part, Program};

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
    parts: [Unit; Part::ALL.len()],
    extra: Vec<(Program, Unit)>,
}

impl CompiledModel {
    /// A model run by `engine`. Where native code can't be had (no executable memory, a machine the code generator
    /// doesn't know), the interpreter serves, and [`CompiledModel::fallback`] says why.
    pub fn new(model: Model, engine: Engine) -> CompiledModel {
        CompiledModel::with_extra(model, engine, Vec::new())
    }

    /// As [`CompiledModel::new`], with further programs that solvers need beside the model's own, such as the
    /// factorisation of a matrix: each with inputs and outputs of its own numbers.
    pub fn with_extra(model: Model, engine: Engine, extra: Vec<Program>) -> CompiledModel {
        let choice = |effort| match engine {
            Engine::Native => Choice::Native(effort),
            Engine::Interpreter => Choice::Interpreter,
        };
        let parts = Part::ALL.map(|_| Unit::new(choice(Effort::Much)));
        // Programs that mostly move numbers between memory and registers lose by Cranelift's optimiser.
        let extra = extra.into_iter().map(|program| (program, Unit::new(choice(Effort::Little)))).collect();
        CompiledModel { model, parts, extra }
    }

    #[cfg(test)]
    pub(super) fn from_attempts(model: Model, mut attempt: impl FnMut(&Program) -> Unit) -> CompiledModel {
        let parts = Part::ALL.map(|part| attempt(model.program(part)));
        CompiledModel { model, parts, extra: Vec::new() }
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What runs it in fact.
    pub fn engine(&self) -> Engine {
        match self.unit(Part::Rhs).1.native(self.model.program(Part::Rhs)) {
            Ok(Some(_)) => Engine::Native,
            _ => Engine::Interpreter,
        }
    }

    /// Why the interpreter serves although native code was asked for.
    pub fn fallback(&self) -> Option<&str> {
        let (program, unit) = self.unit(Part::Rhs);
        unit.native(program).err()
    }

    fn unit(&self, part: Part) -> (&Program, &Unit) {
        (self.model.program(part), &self.parts[part as usize])
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
        let (program, unit) = self.unit(part);
        unit.run(program, t, y, p, out);
    }

    /// Any of the above for `W` sets of inputs at once: row `i` of `y` is state `i` in each lane, and so for `p` and
    /// `out`. Each lane gets the bits that [`CompiledModel::run`] would give it alone.
    ///
    /// # Panics
    /// If `y`, `p` or `out` is shorter than the model needs.
    pub fn run_lanes<const W: usize>(
        &self,
        part: Part,
        t: &[f64; W],
        y: &[[f64; W]],
        p: &[[f64; W]],
        out: &mut [[f64; W]],
    ) {
        let (program, unit) = self.unit(part);
        unit.run_lanes(program, t, y, p, out);
    }

    /// The programs given beside the model's own, in order.
    pub fn extra(&self) -> impl ExactSizeIterator<Item = &Program> {
        self.extra.iter().map(|(program, _)| program)
    }

    /// Runs a program of [`CompiledModel::extra`].
    ///
    /// # Panics
    /// If there is none with this index, or a slice is shorter than it needs.
    pub fn run_extra(&self, index: usize, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        let (program, unit) = &self.extra[index];
        unit.run(program, t, y, p, out);
    }

    /// Runs a program of [`CompiledModel::extra`] for `W` sets of inputs at once, as [`CompiledModel::run_lanes`].
    ///
    /// # Panics
    /// If there is none with this index, or a slice is shorter than it needs.
    pub fn run_extra_lanes<const W: usize>(
        &self,
        index: usize,
        t: &[f64; W],
        y: &[[f64; W]],
        p: &[[f64; W]],
        out: &mut [[f64; W]],
    ) {
        let (program, unit) = &self.extra[index];
        unit.run_lanes(program, t, y, p, out);
    }
}
