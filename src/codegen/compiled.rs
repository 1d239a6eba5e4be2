//! A model that can be run: safe functions over slices, whoever executes them.
//!
//! Invariants: all executors run the same programs and give the same bits, for one set of inputs and for each of
//! several lanes; lengths are checked before memory is touched; functions take `&self` and may be called from several
//! threads at once. Code is made when it is first asked for.
//! Deliberately absent: integrator state, and any choice that would change a result.

use super::jit::Effort;
use super::unit::{Choice, Unit};
use crate::kernel::{Model, Part, Program};
use std::fmt::Write;

/// What executes a model's programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Engine {
    /// Machine code made at run time.
    #[default]
    Native,
    /// The kernel's interpreter: slower, starts at once, works everywhere.
    Interpreter,
}

/// Longer programs are compiled in the quickest way, which takes a third of the time and makes code half as quick.
const MOST_FOR_CARE: usize = 20_000;

/// A model with what runs it. Owns its code memory and frees it when dropped.
#[derive(Debug)]
pub struct CompiledModel {
    model: Model,
    engine: Engine,
    parts: [Unit; Part::ALL.len()],
    extra: Vec<Function>,
}

/// A program of its own with what runs it, such as the factorisation of a matrix.
#[derive(Debug)]
pub struct Function {
    program: Program,
    unit: Unit,
}

impl Function {
    /// A program run by `engine`, as in [`CompiledModel::new`].
    pub fn new(program: Program, engine: Engine) -> Function {
        Function { unit: Unit::new(choice(engine, &program, true)), program }
    }

    /// A program that will be run very often: its code may take its time to make.
    pub fn of_often(program: Program) -> Function {
        Function { unit: Unit::new(Choice::Native(Effort::Much)), program }
    }

    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Runs the program.
    ///
    /// # Panics
    /// If a slice is shorter than it needs.
    #[inline]
    pub fn run(&self, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        self.unit.run(&self.program, t, y, p, out);
    }

    /// Runs the program for `W` sets of inputs at once: row `i` of `y` is state `i` in each lane, and so for `p` and `out`.
    /// Programs that are run very often do it two lanes at a time, in code that computes with two numbers in each register.
    ///
    /// # Panics
    /// If a slice is shorter than it needs.
    #[inline]
    pub fn run_lanes<const W: usize>(&self, t: &[f64; W], y: &[[f64; W]], p: &[[f64; W]], out: &mut [[f64; W]]) {
        self.unit.run_lanes(&self.program, t, y, p, out);
    }
}

/// Who runs a program: depends on what is asked for, and on its size, because code for long programs takes longer to
/// make than it will ever save.
fn choice(engine: Engine, program: &Program, is_called_at_every_step: bool) -> Choice {
    let operations = program.operations();
    let effort = if operations > MOST_FOR_CARE { Effort::Least } else { Effort::Little };
    match engine {
        Engine::Interpreter => Choice::Interpreter,
        Engine::Native if operations == 0 => Choice::Interpreter,
        Engine::Native if is_called_at_every_step => Choice::Native(effort),
        Engine::Native => Choice::Later(effort),
    }
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
        let parts = Part::ALL.map(|part| {
            let program = model.program(part);
            Unit::new(choice(engine, program, part == Part::Rhs || part == Part::Jacobian))
        });
        let extra = extra.into_iter().map(|program| Function::new(program, engine)).collect();
        CompiledModel { model, engine, parts, extra }
    }

    #[cfg(test)]
    pub(super) fn from_attempts(model: Model, mut attempt: impl FnMut(&Program) -> Unit) -> CompiledModel {
        let parts = Part::ALL.map(|part| attempt(model.program(part)));
        CompiledModel { model, engine: Engine::Native, parts, extra: Vec::new() }
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What runs it in fact.
    pub fn engine(&self) -> Engine {
        if self.fallback().is_some() { Engine::Interpreter } else { self.engine }
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

    /// What executes each program, one set of inputs at a time and over lanes, and why: lines of text.
    pub fn explain(&self) -> String {
        let mut text = String::new();
        let parts = Part::ALL.map(|part| (part.name().to_owned(), self.unit(part)));
        let extra = self.extra.iter().enumerate().map(|(i, f)| (format!("extra {i}"), (&f.program, &f.unit)));
        for (name, (program, unit)) in parts.into_iter().chain(extra) {
            if !program.outputs().is_empty() {
                let _ = writeln!(text, "{name:<16} {}", unit.explain(program));
                let _ = writeln!(text, "{:<16} over eight lanes: {}", "", unit.explain_lanes(program));
            }
        }
        text
    }

    /// The programs given beside the model's own, in order.
    pub fn extra(&self) -> impl ExactSizeIterator<Item = &Program> {
        self.extra.iter().map(Function::program)
    }

    /// Runs a program of [`CompiledModel::extra`].
    ///
    /// # Panics
    /// If there is none with this index, or a slice is shorter than it needs.
    pub fn run_extra(&self, index: usize, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        self.extra[index].run(t, y, p, out);
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
        let Function { program, unit } = &self.extra[index];
        unit.run_lanes(program, t, y, p, out);
    }
}
