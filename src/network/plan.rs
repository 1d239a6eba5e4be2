//! Experiments as plans: what is done to which number of a network, when, and what is read.
//!
//! Invariants: every id is of the network the plan came with; every number is in internal units, as an expression
//! over the network's parameters (a constant for most; [`Network::evaluate`](super::Network::evaluate) reads it at
//! unperturbed parameters). Sweeps are expanded: one [`PlannedArm`] for each of their points, in the order of the
//! source, the last swept variable turning fastest. An arm that assumes a hypothesis is in the plan of that
//! hypothesis' network, and only there. Deliberately absent: claims, which are evaluated over results.

use super::{DisplayUnit, Expr, ParameterId, SpeciesId, Target};
use crate::hir::ExperimentId;
use crate::source::Span;

/// The arms of one experiment that run on one network.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    pub experiment: ExperimentId,
    pub name: String,
    /// Run the network without interventions to a steady state of its cells first, shared places held as they
    /// start; then begin every arm there, with shared places at their initial amounts.
    pub settle: bool,
    /// Seconds.
    pub duration: Expr,
    /// Seconds between samples.
    pub interval: Expr,
    /// What is read, as positions in [`Network::observables`](super::Network::observables), in the order of the
    /// experiment's measures.
    pub measures: Vec<usize>,
    pub arms: Vec<PlannedArm>,
    pub span: Span,
}

/// One arm, or one point of a swept arm.
#[derive(Clone, PartialEq, Debug)]
pub struct PlannedArm {
    /// Position among the experiment's arms in the HIR.
    pub arm: usize,
    /// As declared; the points of a sweep share it.
    pub name: String,
    /// Which point of the sweep this is; 0 for a plain arm.
    pub point: usize,
    /// The value of each swept variable; empty for a plain arm.
    pub coordinates: Vec<Coordinate>,
    /// In the order in which they apply when they fall on one time.
    pub interventions: Vec<Intervention>,
    pub span: Span,
}

/// The value of a swept variable.
#[derive(Clone, PartialEq, Debug)]
pub struct Coordinate {
    pub name: String,
    /// Internal units.
    pub value: f64,
    pub unit: DisplayUnit,
}

/// One thing done in an arm.
#[derive(Clone, PartialEq, Debug)]
pub struct Intervention {
    /// `None`: to the state and the parameters that the arm begins with, after settling.
    /// Otherwise seconds since the start of the run.
    pub time: Option<Expr>,
    pub change: Change,
    /// What to call it in plots: `GW4869 10 µM`. Empty for what is not worth a mark, as the second and further
    /// changes of one treatment.
    pub label: String,
    pub span: Span,
}

/// What an intervention changes. Values are taken at the time of the change.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// The amount, times a factor.
    Scale { species: SpeciesId, factor: Expr },
    /// For a complex of which a part is knocked down by `factor` < 1 (nothing happens for 1 and above): its amount
    /// times the factor; each copy that vanishes gives the amounts of `freed`, the parts that were not meant.
    Dissolve { complex: SpeciesId, factor: Expr, freed: Vec<(SpeciesId, f64)> },
    /// The parameter, times a factor: the synthesis of a molecule that is knocked down.
    ScaleParameter { parameter: ParameterId, factor: Expr },
    /// A value of its own. Parameters that follow from a parameter follow, except [references](super::Role).
    Set { target: Target, value: Expr },
    /// Adds to an amount: copies, or µm² of membrane.
    Add { species: SpeciesId, amount: Expr },
    /// A drug in the medium: adds `level` (copies/µm³) to its concentration, so that doses that overlap add up.
    /// The highest concentration so far is kept in `latch`, for irreversible effects: after adding,
    /// `latch = max(latch, concentration)`.
    Dose { concentration: ParameterId, latch: Option<ParameterId>, level: Expr },
    /// The end of a dose: takes `level` from the concentration again (down to 0).
    Washout { concentration: ParameterId, level: Expr },
}
