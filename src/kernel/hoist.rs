//! What depends on parameters alone is computed once per parameter set, not at every step.
//!
//! Invariants: a hoisted value reads no state and no time, is an operation (inputs and constants are free already),
//! and something that is not hoisted reads it. Slots follow the declared parameters, in order of making.

use super::build::Builder;
use super::order::Hoisted;
use super::program::{Instruction, Value};

impl Builder {
    /// Finds what can be hoisted out of programs with these outputs; slots start at `first_slot`.
    pub fn hoist(&self, outputs: &[Value], first_slot: usize) -> Hoisted {
        let constant = self.constant_in_time();
        let mut wanted = vec![false; self.len()];
        let mut reached = vec![false; self.len()];
        let mut stack = outputs.to_vec();
        while let Some(value) = stack.pop() {
            if std::mem::replace(&mut reached[value.index()], true) {
                continue;
            }
            if !constant[value.index()] {
                stack.extend(self.instruction(value).operands());
            } else if self.instruction(value).is_operation() {
                wanted[value.index()] = true;
            }
        }
        let values: Vec<Value> = (0..self.len()).filter(|&i| wanted[i]).map(|i| Value(i as u32)).collect();
        let mut slots = vec![None; self.len()];
        for (i, value) in values.iter().enumerate() {
            slots[value.index()] = Some((first_slot + i) as u32);
        }
        Hoisted { slots, values }
    }

    fn constant_in_time(&self) -> Vec<bool> {
        let mut constant: Vec<bool> = Vec::with_capacity(self.len());
        for instruction in &self.instructions {
            let is = !matches!(instruction, Instruction::Time | Instruction::State(_))
                && instruction.operands().all(|v| constant[v.index()]);
            constant.push(is);
        }
        constant
    }
}
