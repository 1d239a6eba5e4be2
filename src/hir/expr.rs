//! Expressions with names resolved, dimensions known and numbers in internal units.
//!
//! Invariants: functions of the user's are inlined where they are called (they are generic over dimensions and
//! checked at each use); a unit is a number; what is computed from numbers alone is one, where that is exact; [`Expr::dimension`] is right for every node.

use super::ids::*;
use super::units::{Dimension, Unit};
use crate::source::Span;

#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub dimension: Dimension,
    /// The unit in which its author thinks of it, for showing results; only at the root of an expression.
    pub unit: Option<Unit>,
    pub span: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// In internal units.
    Number(f64),
    /// Time since the start of the run.
    Time,
    /// With the placed cell it is asked of, in an experiment; `None` where there is only one.
    Param(ParamId, Option<ScopeId>),
    Let(LetId, Option<ScopeId>),
    Input(InputId, Option<ScopeId>),
    /// Copies in all pools that match.
    Amount(Pool),
    /// The same, over the volume or area of the one place that it names.
    Concentration(Pool),
    /// Volume or area of a compartment.
    SizeOf(CompartmentId, Option<ScopeId>),
    /// Mean membrane area of the vesicles that match.
    AreaOf(Pool),
    /// Mean diameter of the vesicles that match.
    DiameterOf(Pool),
    /// Mean copies of the first for each vesicle of the second: a plain number.
    Per(Pool, Pool),
    /// A question about single vesicles; only in what is measured, and a distribution only as all of it.
    Members(Box<Members>),
    /// Of the vesicles of a class that come to a place or are lost, the share that come to this place.
    Reach(Pool, CompartmentId, Option<ScopeId>),
    /// What the member in hand has of its own; only in the condition of [`Asked::Share`].
    Own(Own),
    Unary(UnaryOp, Box<Expr>),
    /// `min(a, b, …)` and `max` are folded to pairs by the checker.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// A result, while a claim is being checked: position among its readings. Nowhere else.
    Result(u32),
    /// Something wrong, and said so; not in a checked model.
    Error,
}

impl ExprKind {
    /// Makes everything that is asked of any cell asked of this one: an observable read as `donor.secretion`.
    pub fn ask_of(&mut self, cell: ScopeId) {
        let pool = |pool: &mut Pool| pool.scope = pool.scope.or(Some(cell));
        match self {
            ExprKind::Param(_, scope)
            | ExprKind::Let(_, scope)
            | ExprKind::Input(_, scope)
            | ExprKind::SizeOf(_, scope) => *scope = scope.or(Some(cell)),
            ExprKind::Amount(what)
            | ExprKind::Concentration(what)
            | ExprKind::AreaOf(what)
            | ExprKind::DiameterOf(what) => pool(what),
            ExprKind::Per(what, carrier) => [what, carrier].into_iter().for_each(pool),
            ExprKind::Members(members) => pool(&mut members.of),
            ExprKind::Reach(of, _, scope) => {
                pool(of);
                *scope = scope.or(Some(cell));
            }
            ExprKind::Unary(_, operand) => operand.kind.ask_of(cell),
            ExprKind::Binary(_, left, right) => {
                left.kind.ask_of(cell);
                right.kind.ask_of(cell);
            }
            ExprKind::Number(_) | ExprKind::Time | ExprKind::Own(_) | ExprKind::Result(_) | ExprKind::Error => {}
        }
    }

    /// Whether it is many numbers rather than one.
    pub fn is_distribution(&self) -> bool {
        matches!(self, ExprKind::Members(members) if matches!(members.asked, Asked::Distribution(_)))
    }
}

/// What is asked of each member of the populations that match.
#[derive(Clone, PartialEq, Debug)]
pub struct Members {
    pub of: Pool,
    pub asked: Asked,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Asked {
    /// The share for which this is true: comparisons of an [`Own`] with a number, joined by `and`, `or` and `not`.
    Share(Box<Expr>),
    Mean(Own),
    Distribution(Own),
}

/// What one vesicle has.
#[derive(Clone, PartialEq, Debug)]
pub enum Own {
    Diameter,
    /// Of its membrane, at the outer diameter.
    Area,
    /// Of its lumen.
    Volume,
    /// Time since it was made, or since the start of the run if that is later.
    Age,
    /// The process that made it and those that it went through.
    Route,
    /// Copies of what it carries.
    Copies(Pool),
}

pub use crate::hir::ops::{BinaryOp, UnaryOp};

/// Which pools a reference means. In a process it means exactly one for each cell; in an expression, all that match.
#[derive(Clone, PartialEq, Debug)]
pub struct Pool {
    pub what: Entity,
    pub state: Option<StateId>,
    /// From the inside out: what carries it, what carries that, at last a compartment. Empty: wherever it is declared.
    pub at: Vec<Location>,
    /// In an experiment: the placed cell (`donor.`) that it is asked of; `None` for all.
    pub scope: Option<ScopeId>,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Entity {
    Molecule(MoleculeId),
    Vesicle(VesicleId),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Location {
    Compartment(CompartmentId),
    Vesicle(VesicleId, Option<StateId>),
    /// A placed cell: in any place of it (`MVB.docked@donor`).
    Scope(ScopeId),
    /// `everywhere`.
    Anywhere,
}
