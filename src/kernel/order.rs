//! Cutting a program out of a builder: only what its outputs need, in an order that keeps values alive briefly.
//!
//! Invariants: outputs are met in order and each value is made just before its first use; of two operands, the one
//! that needs more registers is made first (Sethi–Ullman numbers, on a graph as if it were a tree).
//! The result passes [`Program::verify`].

use super::build::Builder;
use super::program::{Inputs, Instruction, Program, Value};

/// Values that are computed once per parameter set and then read as further parameters.
#[derive(Clone, Debug, Default)]
pub struct Hoisted {
    /// The slot of each of the builder's values, where it has one; shorter than the builder if the rest have none.
    pub(super) slots: Vec<Option<u32>>,
    /// The hoisted values in order of their slots.
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

    fn slot(&self, value: Value) -> Option<u32> {
        self.slots.get(value.index()).copied().flatten()
    }
}

impl Builder {
    /// The program that computes `outputs` from the inputs; values in `hoisted` are read from their parameter slots.
    pub fn extract(&self, outputs: &[Value], inputs: Inputs, hoisted: &Hoisted) -> Program {
        let needs = self.register_needs(outputs, hoisted);
        let mut program = Program { inputs, ..Program::default() };
        let mut placed: Vec<Option<Value>> = vec![None; needs.len()];
        let mut stack: Vec<(Value, bool)> = Vec::new();
        for &output in outputs {
            stack.push((output, false));
            while let Some((value, ready)) = stack.pop() {
                if placed[value.index()].is_some() {
                    continue;
                }
                let instruction = self.read(value, hoisted);
                if ready || !instruction.is_operation() {
                    placed[value.index()] = Some(Value::at(program.instructions.len()));
                    let operand = |v: Value| placed[v.index()].expect("operands are placed before their reader");
                    program.instructions.push(instruction.with_operands(operand));
                    continue;
                }
                stack.push((value, true));
                let first = stack.len();
                stack.extend(instruction.operands().map(|v| (v, false)));
                // The neediest last, so that it is popped, and made, first.
                stack[first..].sort_by_key(|(v, _)| needs[v.index()]);
            }
            program.outputs.extend(placed[output.index()]);
        }
        debug_assert_eq!(program.verify(), Ok(()));
        program
    }

    /// [`Self::extract`], with `first` of the values that the outputs need computed before others, in this order.
    pub fn extract_after(&self, first: &[Value], outputs: &[Value], inputs: Inputs) -> Program {
        let mut program = self.extract(&[first, outputs].concat(), inputs, &Hoisted::default());
        program.outputs.drain(..first.len());
        program
    }

    /// How a program reads a value: as it was made, or from its slot.
    fn read(&self, value: Value, hoisted: &Hoisted) -> Instruction {
        hoisted.slot(value).map_or(self.instruction(value), Instruction::Parameter)
    }

    /// Sethi–Ullman numbers of everything the outputs reach; zero for the rest.
    fn register_needs(&self, outputs: &[Value], hoisted: &Hoisted) -> Vec<u32> {
        let length = outputs.iter().map(|v| v.index() + 1).max().unwrap_or(0);
        let mut reached = vec![false; length];
        for output in outputs {
            reached[output.index()] = true;
        }
        for index in (0..length).rev() {
            if reached[index] {
                let instruction = self.read(Value::at(index), hoisted);
                instruction.operands().for_each(|operand| reached[operand.index()] = true);
            }
        }
        let mut needs: Vec<u32> = vec![0; length];
        for index in (0..length).filter(|&i| reached[i]) {
            let mut operands = [0; 3];
            let instruction = self.read(Value::at(index), hoisted);
            for (need, operand) in operands.iter_mut().zip(instruction.operands()) {
                *need = needs[operand.index()];
            }
            // The neediest is made first; each later one while those before it are held.
            operands.sort_unstable_by(|a, b| b.cmp(a));
            let held = (0..).zip(operands).filter(|&(_, need)| need > 0);
            needs[index] = held.map(|(held, need)| need + held).max().unwrap_or(1);
        }
        needs
    }
}
