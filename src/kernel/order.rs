//! Cutting a program out of a builder: only what its outputs need, in an order that keeps values alive briefly.
//!
//! Invariants: outputs are met in order and each value is made just before its first use; of two operands, the one
//! that needs more registers is made first (Sethi–Ullman numbers, on a graph as if it were a tree).
//! The result passes [`Program::verify`].

use super::build::Builder;
use super::program::{Inputs, Instruction, Program, Value};
use rustc_hash::FxHashMap;

/// Values that are computed once per parameter set and then read as further parameters.
#[derive(Clone, Debug, Default)]
pub struct Hoisted {
    pub(super) slots: FxHashMap<Value, u32>,
    pub(super) values: Vec<Value>,
}

impl Hoisted {
    /// The hoisted values in order of their slots.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl Builder {
    /// The program that computes `outputs` from the inputs; values in `hoisted` are read from their parameter slots.
    pub fn extract(&self, outputs: &[Value], inputs: Inputs, hoisted: &Hoisted) -> Program {
        let needs = self.register_needs(outputs, hoisted);
        let mut program = Program { inputs, ..Program::default() };
        let mut placed: FxHashMap<Value, Value> = FxHashMap::default();
        let mut stack: Vec<(Value, bool)> = Vec::new();
        for &output in outputs {
            stack.push((output, false));
            while let Some((value, ready)) = stack.pop() {
                if placed.contains_key(&value) {
                    continue;
                }
                let slot = hoisted.slots.get(&value);
                let instruction = slot.map_or(self.instruction(value), |&slot| Instruction::Parameter(slot));
                if ready || instruction.operands().next().is_none() {
                    placed.insert(value, Value(program.instructions.len() as u32));
                    program.instructions.push(instruction.with_operands(|v| placed[&v]));
                    continue;
                }
                stack.push((value, true));
                let mut operands: Vec<Value> = instruction.operands().collect();
                operands.sort_by_key(|v| needs[v]);
                stack.extend(operands.into_iter().map(|v| (v, false)));
            }
            program.outputs.push(placed[&output]);
        }
        debug_assert_eq!(program.verify(), Ok(()));
        program
    }

    /// Sethi–Ullman numbers of everything the outputs reach.
    fn register_needs(&self, outputs: &[Value], hoisted: &Hoisted) -> FxHashMap<Value, u32> {
        let mut reached: Vec<bool> = vec![false; self.len()];
        let mut stack = outputs.to_vec();
        while let Some(value) = stack.pop() {
            if !std::mem::replace(&mut reached[value.index()], true) && !hoisted.slots.contains_key(&value) {
                stack.extend(self.instruction(value).operands());
            }
        }
        let mut needs: FxHashMap<Value, u32> = FxHashMap::default();
        for index in (0..self.len()).filter(|&i| reached[i]) {
            let value = Value(index as u32);
            let leaf = hoisted.slots.contains_key(&value);
            let mut operands: Vec<u32> = match leaf {
                true => Vec::new(),
                false => self.instruction(value).operands().map(|v| needs[&v]).collect(),
            };
            operands.sort_unstable_by(|a, b| b.cmp(a));
            let need = operands.iter().enumerate().map(|(held, n)| n + held as u32).max().unwrap_or(1);
            needs.insert(value, need);
        }
        needs
    }
}
