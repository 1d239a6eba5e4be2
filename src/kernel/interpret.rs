//! The interpreter: the oracle of the native code, and its stand-in where code can't be made.
//!
//! Invariants: one pass, in order, no allocation once the scratch has grown; lengths are checked once, at the door.

use super::program::{Instruction, Program};
use crate::network::math;

/// Room for a program's values, reused between calls and between programs.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    values: Vec<f64>,
}

impl Program {
    /// Runs the program: `t` in seconds, `y` and `p` as long as [`Program::inputs`] says (or longer), one number
    /// written to `out` for each output.
    ///
    /// # Panics
    /// If a slice is too short.
    pub fn interpret(&self, t: f64, y: &[f64], p: &[f64], out: &mut [f64], scratch: &mut Scratch) {
        assert!(y.len() >= self.inputs.states, "{} states given, {} needed", y.len(), self.inputs.states);
        assert!(p.len() >= self.inputs.parameters, "{} parameters given, {} needed", p.len(), self.inputs.parameters);
        assert!(out.len() >= self.outputs.len(), "room for {} outputs, {} needed", out.len(), self.outputs.len());
        let values = &mut scratch.values;
        values.clear();
        for instruction in &self.instructions {
            let value = match *instruction {
                Instruction::Constant(c) => c,
                Instruction::Time => t,
                Instruction::State(i) => y[i as usize],
                Instruction::Parameter(i) => p[i as usize],
                Instruction::Unary(op, a) => math::unary(op, values[a.index()]),
                Instruction::Binary(op, a, b) => math::binary(op, values[a.index()], values[b.index()]),
                Instruction::Select(c, a, b) => math::select(values[c.index()], values[a.index()], values[b.index()]),
            };
            values.push(value);
        }
        for (slot, output) in out.iter_mut().zip(&self.outputs) {
            *slot = values[output.index()];
        }
    }

    /// [`Program::interpret`] into fresh memory, for programs that run once.
    pub fn evaluate(&self, t: f64, y: &[f64], p: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.outputs.len()];
        self.interpret(t, y, p, &mut out, &mut Scratch::default());
        out
    }
}
