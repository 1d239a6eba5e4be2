//! A program as a schedule over lanes: several sets of inputs at once, one operation after the other over all of them.
//!
//! The way through: `fuse` gathers operations into nodes, such as a whole sum; `items` says
//! which loop would serve each; `order` puts nodes of one kind in a row
//! wherever operands allow, and gives their results slots that are used again; `run` works through the rows, each
//! with one tight loop, compiled for the widest vectors of the machine.
//!
//! Invariants: each value is the same operation on the same operands as in the program, in the same order of rounding,
//! so every lane gets the interpreter's bits; inputs are read where they lie, outputs written where they belong.
//! Deliberately absent: fused multiply-add, reassociation, anything that looks at other lanes.

mod fuse;
mod items;
mod order;
mod run;

use super::program::{Inputs, Program};
use crate::network::{BinaryOp, UnaryOp};
pub use run::LaneScratch;
use std::fmt;

/// Where a row of operands lies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Place {
    /// Results kept in slots.
    Slot,
    State,
    Parameter,
}

/// What a node does with its operands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Operation {
    Copy,
    Negate,
    Multiply,
    Divide,
    Add,
    Subtract,
    /// The product of the first two, times the third.
    Product,
    /// Terms added one after the other.
    Sum,
    /// To the first, products of two added or subtracted one after the other.
    Dot(Signs),
    Unary(UnaryOp),
    Binary(BinaryOp),
    Select,
}

/// How products go into a sum.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Signs {
    /// All are added.
    Plus,
    /// All are subtracted.
    Minus,
    /// As each one's code says.
    Mixed,
}

/// What nodes in a row have in common, so that one loop serves them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Kind {
    operation: Operation,
    /// Of the first, the second and the third operand; of all terms in a sum.
    places: [Place; 3],
    /// Whether results go to outputs rather than to slots.
    to_output: bool,
}

/// Nodes of one kind in a row.
#[derive(Clone, Debug)]
struct Step {
    kind: Kind,
    nodes: usize,
    /// The end of its part of the code; it begins where the step before ended.
    end: usize,
}

/// A program made ready to run over lanes.
#[derive(Clone, Debug)]
pub struct Schedule {
    inputs: Inputs,
    outputs: usize,
    steps: Vec<Step>,
    /// For each node where its result goes, then its operands as its kind has them.
    code: Vec<u32>,
    /// Slots filled before the first step.
    constants: Vec<(u32, f64)>,
    time: Option<u32>,
    slots: usize,
}

impl Schedule {
    /// Makes a schedule of a program.
    pub fn new(program: &Program) -> Schedule {
        order::schedule(program, &fuse::nodes(program))
    }

    /// Rows of numbers kept between steps.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Nodes in all.
    pub fn nodes(&self) -> usize {
        self.steps.iter().map(|s| s.nodes).sum()
    }

    /// Loops that work through them.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }
}

/// As `exoc compile --emit kernel` says it: `412 nodes in 9 loops, 230 slots`.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} nodes in {} loops, {} slots", self.nodes(), self.steps(), self.slots)
    }
}

#[cfg(test)]
mod tests;
