//! Gathering operations into nodes: what is used once, by an operation that can take it in, gets no place of its own.
//!
//! Invariants: a node's result is the value of one instruction; a sum keeps its order, and a product in it is rounded
//! before it is added. Of what a sum takes in only the first operand of a difference can be its beginning, because
//! −(x − x) and −x + x differ in the sign of zero.

use super::Operation;
use crate::kernel::program::{Instruction, Program, Value};
use crate::network::{BinaryOp, UnaryOp};

/// A term of a sum.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Term {
    Value { negative: bool, value: Value },
    Product { negative: bool, factors: [Value; 2] },
}

/// One node: an operation on values, or a sum of terms.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// Whose value it is.
    pub value: Value,
    pub operation: Operation,
    pub operands: Operands,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Operands {
    Values([Value; 3], usize),
    Terms(Vec<Term>),
}

impl Operands {
    /// All values read, as they come.
    pub fn each(&self, mut visit: impl FnMut(Value)) {
        match self {
            Operands::Values(values, count) => values[..*count].iter().copied().for_each(visit),
            Operands::Terms(terms) => terms.iter().for_each(|term| match *term {
                Term::Value { value, .. } => visit(value),
                Term::Product { factors: [a, b], .. } => {
                    visit(a);
                    visit(b);
                }
            }),
        }
    }
}

/// A value on its way to becoming a node, or part of one.
enum State {
    Leaf,
    Waiting(Operation, Operands),
    Taken,
}

/// The nodes of a program, in its order.
pub fn nodes(program: &Program) -> Vec<Node> {
    let mut fusing = Fusing { program, uses: uses(program), states: Vec::with_capacity(program.instructions().len()) };
    for &instruction in program.instructions() {
        let state = fusing.take_in(instruction);
        fusing.states.push(state);
    }
    let numbered = fusing.states.into_iter().enumerate();
    let made = numbered.filter_map(|(index, state)| match state {
        State::Waiting(operation, operands) => Some(Node { value: Value::at(index), operation, operands }),
        State::Leaf | State::Taken => None,
    });
    made.collect()
}

/// How often each value is read; an output counts as two, since it needs a place of its own.
fn uses(program: &Program) -> Vec<u32> {
    let mut uses = vec![0; program.instructions().len()];
    for operand in program.instructions().iter().flat_map(Instruction::operands) {
        uses[operand.index()] += 1;
    }
    for output in program.outputs() {
        uses[output.index()] += 2;
    }
    uses
}

struct Fusing<'p> {
    program: &'p Program,
    uses: Vec<u32>,
    states: Vec<State>,
}

impl Fusing<'_> {
    fn take_in(&mut self, instruction: Instruction) -> State {
        let (operation, operands) = match instruction {
            Instruction::Unary(UnaryOp::Neg, a) => (Operation::Sum, Operands::Terms(vec![self.term(true, a)])),
            Instruction::Unary(op, a) => (Operation::Unary(op), Operands::Values([a; 3], 1)),
            Instruction::Binary(BinaryOp::Add, a, b) => self.sum(a, b, false),
            Instruction::Binary(BinaryOp::Sub, a, b) => self.sum(a, b, true),
            Instruction::Binary(BinaryOp::Mul, a, b) => self.product(a, b),
            Instruction::Binary(BinaryOp::Div, a, b) => (Operation::Divide, Operands::Values([a, b, b], 2)),
            Instruction::Binary(op, a, b) => (Operation::Binary(op), Operands::Values([a, b, b], 2)),
            Instruction::Select(c, a, b) => (Operation::Select, Operands::Values([c, a, b], 3)),
            Instruction::Constant(_) | Instruction::Time | Instruction::State(_) | Instruction::Parameter(_) => {
                return State::Leaf;
            }
        };
        State::Waiting(operation, operands)
    }

    fn is_input(&self, value: Value) -> bool {
        matches!(self.program.instructions()[value.index()], Instruction::State(_) | Instruction::Parameter(_))
    }

    /// The number of terms of a sum that may be taken in; zero if there is none.
    fn terms(&self, value: Value) -> usize {
        match &self.states[value.index()] {
            State::Waiting(Operation::Sum, Operands::Terms(terms)) if self.uses[value.index()] == 1 => terms.len(),
            _ => 0,
        }
    }

    fn sum(&mut self, a: Value, b: Value, difference: bool) -> (Operation, Operands) {
        let (in_a, in_b) = (self.terms(a), if difference { 0 } else { self.terms(b) });
        let (beginning, other) = if in_b > in_a { (b, a) } else { (a, b) };
        let mut terms = if in_a.max(in_b) > 0 { self.beginning(beginning) } else { vec![self.term(false, beginning)] };
        let last = self.term(difference, other);
        terms.push(last);
        (Operation::Sum, Operands::Terms(terms))
    }

    fn beginning(&mut self, value: Value) -> Vec<Term> {
        match std::mem::replace(&mut self.states[value.index()], State::Taken) {
            State::Waiting(_, Operands::Terms(terms)) => terms,
            _ => unreachable!("only sums have terms"),
        }
    }

    /// A term; a product that nothing else needs is taken in, unless it is of inputs alone, which is quicker apart.
    fn term(&mut self, negative: bool, value: Value) -> Term {
        match &self.states[value.index()] {
            &State::Waiting(Operation::Multiply, Operands::Values([a, b, _], _))
                if self.uses[value.index()] == 1 && !(self.is_input(a) && self.is_input(b)) =>
            {
                self.states[value.index()] = State::Taken;
                Term::Product { negative, factors: [a, b] }
            }
            _ => Term::Value { negative, value },
        }
    }

    fn product(&mut self, a: Value, b: Value) -> (Operation, Operands) {
        for (inner, outer) in [(a, b), (b, a)] {
            if let State::Waiting(Operation::Multiply, Operands::Values([x, y, _], _)) = self.states[inner.index()]
                && self.uses[inner.index()] == 1
                && [x, y, outer].iter().all(|&v| self.is_input(v))
            {
                self.states[inner.index()] = State::Taken;
                return (Operation::Product, Operands::Values([x, y, outer], 3));
            }
        }
        (Operation::Multiply, Operands::Values([a, b, b], 2))
    }
}
