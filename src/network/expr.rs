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

impl Expr {
    /// Zero.
    pub const ZERO: Expr = Expr::Constant(0.0);
    /// One.
    pub const ONE: Expr = Expr::Constant(1.0);

    pub fn is_constant(&self, value: f64) -> bool {
        matches!(self, Expr::Constant(own) if *own == value)
    }

    /// The sum of all; zero of none.
    pub fn sum(terms: impl IntoIterator<Item = Expr>) -> Expr {
        terms.into_iter().reduce(|a, b| a + b).unwrap_or(Expr::ZERO)
    }

    /// `self / divisor`, or 0 where the divisor isn't above 0: shares and means of what may be empty.
    pub fn over_positive(self, divisor: Expr) -> Expr {
        if matches!(divisor, Expr::Constant(value) if value > 0.0) {
            return self / divisor;
        }
        let some = Expr::binary(BinaryOp::Less, Expr::ZERO, divisor.clone());
        Expr::select(some, self / divisor, Expr::ZERO)
    }

    /// `self / size`: a concentration or density. Only a place of fixed size, which is checked to be positive, is sure
    /// to have room: a membrane may be used up, a population of vesicles may be empty, and then nothing is in it.
    pub fn per_room(self, size: Expr) -> Expr {
        match size {
            Expr::Parameter(_) => self / size,
            _ => self.over_positive(size),
        }
    }

    pub fn min(self, other: Expr) -> Expr {
        Expr::binary(BinaryOp::Min, self, other)
    }

    pub fn max(self, other: Expr) -> Expr {
        Expr::binary(BinaryOp::Max, self, other)
    }

    /// To a whole power, as a product when it is small.
    pub fn times(self, power: u32) -> Expr {
        match power {
            0 => Expr::ONE,
            1 => self,
            2 => self.clone() * self,
            _ => Expr::binary(BinaryOp::Pow, self, Expr::Constant(f64::from(power))),
        }
    }
}

/// Numbers computed from numbers become one, and what changes nothing (`+ 0`, `× 1`, `/ 1`) goes.
fn fold(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    match (&a, &b) {
        (Expr::Constant(x), Expr::Constant(y)) => Expr::Constant(super::math::binary(op, *x, *y)),
        (Expr::Constant(x), _) if (op == BinaryOp::Add && *x == 0.0) || (op == BinaryOp::Mul && *x == 1.0) => b,
        (_, Expr::Constant(y))
            if (matches!(op, BinaryOp::Add | BinaryOp::Sub) && *y == 0.0)
                || (matches!(op, BinaryOp::Mul | BinaryOp::Div) && *y == 1.0) =>
        {
            a
        }
        _ => Expr::binary(op, a, b),
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $op:ident)*) => {
        $(impl std::ops::$trait for Expr {
            type Output = Expr;
            fn $method(self, other: Expr) -> Expr {
                fold(BinaryOp::$op, self, other)
            }
        })*
    };
}

operators! { Add add Add  Sub sub Sub  Mul mul Mul  Div div Div }
