//! Programs as people read them: one operation a line, inputs and outputs by name where names are known.
//!
//! Invariants: the same program prints the same text everywhere; numbers print so that they read back exactly.

use super::program::{Instruction, Program};
use crate::network::{BinaryOp, UnaryOp};
use std::fmt;

/// Names for a program's inputs and outputs; kept beside it, since the program itself has only positions.
/// A list that is too short leaves the rest nameless.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Names {
    pub states: Vec<String>,
    pub parameters: Vec<String>,
    pub outputs: Vec<String>,
}

/// A program with names, ready to print.
pub struct Named<'a> {
    program: &'a Program,
    names: &'a Names,
}

impl Program {
    /// The program as text, with names in comments.
    pub fn display<'a>(&'a self, names: &'a Names) -> Named<'a> {
        Named { program: self, names }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.display(&Names::default()).fmt(f)
    }
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Named { program, names } = self;
        writeln!(
            f,
            "; {} states, {} parameters, {} operations, {} outputs",
            program.inputs().states,
            program.inputs().parameters,
            program.operations(),
            program.outputs().len()
        )?;
        for (i, instruction) in program.instructions().iter().enumerate() {
            let name = match instruction {
                Instruction::State(s) => names.states.get(*s as usize),
                Instruction::Parameter(p) => names.parameters.get(*p as usize),
                _ => None,
            };
            commented(f, &format!("v{i} = {instruction}"), name)?;
        }
        for (i, output) in program.outputs().iter().enumerate() {
            commented(f, &format!("out[{i}] = v{}", output.index()), names.outputs.get(i))?;
        }
        Ok(())
    }
}

fn commented(f: &mut fmt::Formatter<'_>, text: &str, comment: Option<&String>) -> fmt::Result {
    match comment {
        Some(comment) => writeln!(f, "{text:<32} ; {comment}"),
        None => writeln!(f, "{text}"),
    }
}

impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Instruction::Constant(c) => write!(f, "{c:?}"),
            Instruction::Time => write!(f, "t"),
            Instruction::State(i) => write!(f, "y[{i}]"),
            Instruction::Parameter(i) => write!(f, "p[{i}]"),
            Instruction::Unary(op, a) => write!(f, "{} v{}", unary_name(op), a.index()),
            Instruction::Binary(op, a, b) => write!(f, "{} v{}, v{}", binary_name(op), a.index(), b.index()),
            Instruction::Select(c, a, b) => write!(f, "select v{}, v{}, v{}", c.index(), a.index(), b.index()),
        }
    }
}

fn unary_name(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Neg => "neg",
        UnaryOp::Abs => "abs",
        UnaryOp::Sqrt => "sqrt",
        UnaryOp::Exp => "exp",
        UnaryOp::Ln => "ln",
        UnaryOp::Log10 => "log10",
        UnaryOp::Sin => "sin",
        UnaryOp::Cos => "cos",
        UnaryOp::Tanh => "tanh",
        UnaryOp::Floor => "floor",
        UnaryOp::Ceil => "ceil",
        UnaryOp::Not => "not",
    }
}

fn binary_name(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "add",
        BinaryOp::Sub => "sub",
        BinaryOp::Mul => "mul",
        BinaryOp::Div => "div",
        BinaryOp::Pow => "pow",
        BinaryOp::Min => "min",
        BinaryOp::Max => "max",
        BinaryOp::Less => "less",
        BinaryOp::LessEqual => "less_equal",
        BinaryOp::Equal => "equal",
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
    }
}
