//! Rate laws and definitions as expressions over the network's tables, in internal units.
//!
//! Invariants: names are gone, units are gone (every number is in internal units), truth is 1.0 and falsehood 0.0.
//! Trees are finite and small; sharing is the kernel's business.

use super::ids::{DefinitionId, ParameterId, SpeciesId};

pub use crate::hir::{BinaryOp, UnaryOp};

/// An expression in internal units (see [`crate::network`]).
#[derive(Clone, PartialEq, Debug)]
pub enum Expr {
    Constant(f64),
    /// Seconds since the start of the run.
    Time,
    /// The present value of a state variable.
    Species(SpeciesId),
    Parameter(ParameterId),
    Definition(DefinitionId),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `if condition != 0 { then } else { otherwise }`; only the chosen side needs to be finite.
    Select(Box<Select>),
}

/// The parts of [`Expr::Select`].
#[derive(Clone, PartialEq, Debug)]
pub struct Select {
    pub condition: Expr,
    pub then: Expr,
    pub otherwise: Expr,
}

impl Expr {
    pub fn unary(op: UnaryOp, a: Expr) -> Expr {
        Expr::Unary(op, Box::new(a))
    }

    pub fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
        Expr::Binary(op, Box::new(a), Box::new(b))
    }

    pub fn select(condition: Expr, then: Expr, otherwise: Expr) -> Expr {
        Expr::Select(Box::new(Select { condition, then, otherwise }))
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $op:ident)*) => {
        $(impl std::ops::$trait for Expr {
            type Output = Expr;
            fn $method(self, other: Expr) -> Expr {
                Expr::binary(BinaryOp::$op, self, other)
            }
        })*
    };
}

operators! { Add add Add  Sub sub Sub  Mul mul Mul  Div div Div }
