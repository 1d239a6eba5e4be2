//! Models elaborated: which cell has which entities, with which numbers.
//!
//! Invariants: scope 0 is what cells share; each `place` is a scope after it. A declaration belongs to a scope if a
//! group included there declares it, or if something that belongs there refers to it; compartments that the model
//! itself includes or declares, and everything in them, are in scope 0. A cell's outermost compartment is bound to
//! the place the model puts it in. Pools are told apart by (scope of their outermost carrier's place, entity, state,
//! location): an exosome in the medium is the same pool whichever cell made it.

use indexmap::{IndexMap, IndexSet};
use smol_str::SmolStr;

use super::ids::*;
use super::{Assignment, Decl, Value};
use crate::source::Span;

#[derive(Clone, Debug)]
pub struct Model {
    pub name: SmolStr,
    pub scopes: Vec<Scope>,
    pub span: Span,
}

/// What the cells share, or one placed cell.
#[derive(Clone, Debug)]
pub struct Scope {
    /// `donor`; empty for the shared scope.
    pub name: SmolStr,
    /// The cell type and how many there are; `None` for the shared scope.
    pub cell: Option<PlacedCell>,
    /// Everything in it, in order of first mention: compartments before what lies in them.
    pub members: IndexSet<Decl>,
    /// The last `set` of each thing, those of `like`d cells first.
    pub sets: Vec<Assignment>,
}

#[derive(Clone, Debug)]
pub struct PlacedCell {
    pub kind: GroupId,
    pub count: Value,
    /// The cell's own outermost compartments, each bound to a compartment of the shared scope.
    pub exterior: IndexMap<CompartmentId, CompartmentId>,
    pub span: Span,
}
