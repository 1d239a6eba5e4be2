//! Straight-line programs over `f64` in static single assignment.
//!
//! Invariants (held by [`Program::verify`]): an instruction's operands come before it; inputs are within the declared
//! counts; every output exists. A program reads `t`, `y` (states) and `p` (parameters) and writes its outputs;
//! nothing else. Programs come only out of a [`Builder`](super::Builder), which shares and simplifies.
//! Deliberately absent: names, branches, loops, memory.

use crate::network::{BinaryOp, UnaryOp};
use thiserror::Error;

/// A position in a program's (or builder's) list of instructions, standing for its result.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Value(pub(crate) u32);

impl Value {
    pub(crate) fn at(index: usize) -> Value {
        Value(index as u32)
    }

    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One operation. What the operators mean to the last bit is said in [`super::math`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Instruction {
    Constant(f64),
    /// Seconds since the start of the run.
    Time,
    /// `y[i]`.
    State(u32),
    /// `p[i]`.
    Parameter(u32),
    Unary(UnaryOp, Value),
    Binary(BinaryOp, Value, Value),
    /// The second unless the first is zero, else the third; both sides are always computed.
    Select(Value, Value, Value),
}

impl Instruction {
    /// The values it reads, in order.
    pub fn operands(&self) -> impl DoubleEndedIterator<Item = Value> + use<> {
        let (a, b, c) = match *self {
            Instruction::Unary(_, a) => (Some(a), None, None),
            Instruction::Binary(_, a, b) => (Some(a), Some(b), None),
            Instruction::Select(a, b, c) => (Some(a), Some(b), Some(c)),
            _ => (None, None, None),
        };
        [a, b, c].into_iter().flatten()
    }

    /// The same operation on other values.
    pub(crate) fn with_operands(self, mut map: impl FnMut(Value) -> Value) -> Instruction {
        match self {
            Instruction::Unary(op, a) => Instruction::Unary(op, map(a)),
            Instruction::Binary(op, a, b) => Instruction::Binary(op, map(a), map(b)),
            Instruction::Select(a, b, c) => Instruction::Select(map(a), map(b), map(c)),
            leaf => leaf,
        }
    }

    /// Whether it computes, as opposed to naming an input or a constant.
    pub fn is_operation(&self) -> bool {
        matches!(self, Instruction::Unary(..) | Instruction::Binary(..) | Instruction::Select(..))
    }
}

/// How many numbers a program may read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Inputs {
    /// Length of `y`.
    pub states: usize,
    /// Length of `p`.
    pub parameters: usize,
}

/// A straight-line program: reads `t`, `y`, `p`; writes one number for each of its outputs.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Program {
    pub(super) inputs: Inputs,
    pub(super) instructions: Vec<Instruction>,
    pub(super) outputs: Vec<Value>,
}

/// A program that breaks an invariant: a defect of the compiler, never a user's mistake.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Malformed {
    #[error("v{user} reads v{operand}, which is not defined before it")]
    Order { user: usize, operand: usize },
    #[error("v{user} reads {input} {index} of {count}")]
    Input { user: usize, input: &'static str, index: usize, count: usize },
    #[error("output {output} names v{value}, which does not exist")]
    Output { output: usize, value: usize },
}

impl Program {
    /// The numbers it may read.
    pub fn inputs(&self) -> Inputs {
        self.inputs
    }

    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// The value of each output, in order.
    pub fn outputs(&self) -> &[Value] {
        &self.outputs
    }

    /// Number of arithmetic operations.
    pub fn operations(&self) -> usize {
        self.instructions.iter().filter(|i| i.is_operation()).count()
    }

    /// Whether every output is the number zero.
    pub fn is_zero(&self) -> bool {
        let zero = |v: &Value| self.instructions.get(v.index()) == Some(&Instruction::Constant(0.0));
        self.outputs.iter().all(zero)
    }

    /// Whether the program reads the time.
    pub fn reads_time(&self) -> bool {
        self.instructions.contains(&Instruction::Time)
    }

    /// Checks the invariants of the module's first lines.
    pub fn verify(&self) -> Result<(), Malformed> {
        for (user, instruction) in self.instructions.iter().enumerate() {
            for operand in instruction.operands().map(Value::index) {
                if operand >= user {
                    return Err(Malformed::Order { user, operand });
                }
            }
            let (input, index, count) = match *instruction {
                Instruction::State(i) => ("state", i as usize, self.inputs.states),
                Instruction::Parameter(i) => ("parameter", i as usize, self.inputs.parameters),
                _ => continue,
            };
            if index >= count {
                return Err(Malformed::Input { user, input, index, count });
            }
        }
        let exists = |v: &Value| v.index() < self.instructions.len();
        match self.outputs.iter().position(|v| !exists(v)) {
            Some(output) => Err(Malformed::Output { output, value: self.outputs[output].index() }),
            None => Ok(()),
        }
    }
}
