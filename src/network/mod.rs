//! The pivot: everything above is language, everything below is mathematics.
//!
//! A [`Network`] is one model made concrete: cells instantiated, vesicles lowered to populations with content
//! pools, rate laws derived, modifiers and drugs folded into them. It names everything (for people), refers by
//! typed ids (for machines), and keeps for each number its unit, its origin in the source and its evidence.
//!
//! Internal units, used by every number here and below: seconds, micrometres, copies (of molecules or vesicles),
//! kilograms, kelvin, cells. So a volume is in femtolitres (µm³) and a concentration in copies per femtolitre.
//!
//! Invariants: ids are positions in the tables of the same network; definitions and parameters refer only to
//! earlier ones; amounts inside a cell are per cell, and what crosses into a shared place carries the number of
//! cells in its stoichiometry; a reaction's rate is the number of firings per second.
//! Deliberately absent: solvers, code, any name that must still be resolved, any check of the user's input.

mod build;
pub mod conservation;
mod drugs;
mod evaluate;
mod experiments;
mod expr;
mod facts;
pub mod geometry;
mod ids;
pub mod individuals;
mod lower;
pub mod math;
mod numbers;
pub mod plan;
mod poisson;
mod pools;
pub mod questions;
mod rates;
mod reactions;
mod reports;
pub mod represent;
mod rules;
mod scopes;
mod seeds;
pub mod sizes;
mod tallies;
#[cfg(test)]
mod tests;
mod vesicles;
pub mod ways;

pub use build::{BuildError, Built, Kept, build};
pub use evaluate::Values;
pub use expr::{BinaryOp, Expr, Select, UnaryOp};
pub use ids::{CellId, DefinitionId, ParameterId, PlaceId, ProcessId, SpeciesId};
pub use math::{binary, unary};

use crate::source::Span;

/// How a number is shown: `shown = internal / factor`, followed by `symbol` (empty if dimensionless).
#[derive(Clone, PartialEq, Debug)]
pub struct DisplayUnit {
    pub symbol: String,
    /// Internal units in one of this unit.
    pub factor: f64,
}

/// How well a number is supported, kept from the source.
#[derive(Clone, PartialEq, Debug)]
pub enum Evidence {
    /// Said to be assumed.
    Assumed,
    /// Citations, as written (`review[20]`, `doi:10.1000/xyz`).
    Cited(Vec<String>),
    /// Neither; a warning has been given.
    Unsupported,
    /// Follows from other numbers, or is a matter of definition.
    Derived,
}

/// The declared uncertainty of a number, in internal units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Uncertainty {
    /// `within f fold`: log-normal with the given value as median; `ln_sd = ln f / 1.959964`.
    LogNormal {
        median: f64,
        ln_sd: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    Uniform {
        low: f64,
        high: f64,
    },
}

/// A compartment (volume) or membrane (area), of one cell or shared.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
    /// Qualified by the cell's place if it belongs to one: `donor.cytosol`.
    pub name: String,
    pub kind: PlaceKind,
    /// Size in internal units: µm³ or µm². Refers to parameters, or to the membrane's area if that varies.
    pub size: Expr,
    pub cell: Option<CellId>,
    /// The place this one lies in; for a membrane, its inner and outer neighbours.
    pub within: Vec<PlaceId>,
    /// Membranes between it and the outside.
    pub depth: u32,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlaceKind {
    Volume,
    Membrane,
}

/// A cell type with its number in the model.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    /// The name given by `place` (`donor`).
    pub name: String,
    /// The cell type (`HeLa`).
    pub kind: String,
    pub count: ParameterId,
}

/// What a state variable counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SpeciesKind {
    /// Molecules of one state in one place, in copies.
    Molecules,
    /// Vesicles of one state in one place or carrier, in copies.
    Vesicles,
    /// Molecules or vesicles carried by all vesicles of a population together, in copies.
    /// The population is named so that means per vesicle can be formed.
    Contents { carrier: SpeciesId },
    /// Area of a membrane, or of all membranes of a vesicle population together, in µm².
    Area,
    /// A condition (`input`) that a `change` rule moves; in its own unit.
    Condition,
    /// How many vesicles have gone some way since the start of the run.
    Tally,
}

/// A state variable.
#[derive(Clone, PartialEq, Debug)]
pub struct Species {
    /// `donor.Rab27a.gtp`, `CD63@ILV@medium`: as a user would write it.
    pub name: String,
    pub kind: SpeciesKind,
    pub place: Option<PlaceId>,
    /// `None` in a place that cells share; amounts are per cell otherwise.
    pub cell: Option<CellId>,
    /// Initial value, over parameters.
    pub initial: Expr,
    /// Held constant (`fixed`); reactions don't change it.
    pub fixed: bool,
    pub unit: DisplayUnit,
    pub span: Span,
}

/// What a parameter is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A `param` of the source, or a number written in a process.
    Declared,
    /// An `input` that no rule moves.
    Condition,
    /// The initial amount or concentration of a molecule or vesicle.
    Initial,
    /// The size of a place.
    Size,
    /// The number of cells. Stoichiometry was formed with its value: it must not be changed.
    Count,
    /// The unperturbed initial amount that modifiers compare with. Follows from initial amounts, but not from what
    /// an arm does to them: whoever applies an arm keeps the value it had before.
    Reference,
    /// A factor on the sources of a molecule, 1 unless it is knocked down.
    Synthesis,
    /// The concentration of a drug, 0 unless it is dosed.
    Drug,
    /// The highest concentration of a drug so far.
    Latch,
    /// What the exact simulation says of single vesicles, see [`questions`]; 0 in the mean field.
    Answer,
}

impl Role {
    /// Whether the number is one that the user has given, and may ask about or give otherwise.
    pub fn is_users(self) -> bool {
        matches!(self, Role::Declared | Role::Condition | Role::Initial | Role::Size)
    }
}

/// A number that stays put between interventions.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter {
    /// `donor.k_dock`.
    pub name: String,
    pub role: Role,
    /// Over earlier parameters; a constant for most.
    pub value: Expr,
    pub unit: DisplayUnit,
    pub evidence: Evidence,
    pub uncertainty: Option<Uncertainty>,
    pub span: Span,
    /// Where the uncertainty is declared: parameters of one origin are one number, of which several cells have each their
    /// own copy, and whoever draws it draws it once.
    pub origin: Span,
}

/// A named expression, recomputed wherever it is used.
#[derive(Clone, PartialEq, Debug)]
pub struct Definition {
    pub name: String,
    pub value: Expr,
    pub unit: DisplayUnit,
    pub span: Span,
}

/// A process of the source in one cell (or the model): the name that reports and failures use.
#[derive(Clone, PartialEq, Debug)]
pub struct Process {
    /// `donor.docking`.
    pub name: String,
    pub cell: Option<CellId>,
    pub span: Span,
}

/// The one law that rates are derived from: what a jump simulation needs beside the mean-field rate.
#[derive(Clone, PartialEq, Debug)]
pub enum Law {
    /// `coefficient` × the number of distinct combinations of reactants: n for one, n (n - 1) / 2 for a pair of one
    /// kind in jumps; n^m / m! for m of one kind in mean field, which is its limit for many. Modifiers and sizes of
    /// places are in the coefficient.
    MassAction { coefficient: Expr, reactants: Vec<(SpeciesId, u32)> },
    /// The rate is the propensity.
    Whole,
    /// No jump of its own: what goes along with the firings of the reaction at position `leader`, on average
    /// rate / leader's rate copies each time: the contents of a vesicle that moves, or what a bud captures.
    Follows { leader: usize, how: Following },
}

/// How something follows a vesicle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Following {
    /// Carried: all that this vesicle has.
    Carried,
    /// Captured by a new bud: a Poisson number of that mean.
    Captured,
}

/// One flux: firings per second, and what each firing changes.
#[derive(Clone, PartialEq, Debug)]
pub struct Reaction {
    pub process: ProcessId,
    /// What of the process this is, when it has several: `forward`, `reverse`, or the name of the pool carried along.
    pub part: Option<String>,
    pub law: Law,
    /// Derived from the law, for means.
    pub rate: Expr,
    /// Net change of each species per firing; sorted, no zeros, no fixed species.
    pub stoichiometry: Vec<(SpeciesId, f64)>,
}

/// `change x by r`: the species' derivative gains `rate`.
#[derive(Clone, PartialEq, Debug)]
pub struct RateRule {
    pub species: SpeciesId,
    pub rate: Expr,
    pub span: Span,
}

/// `when … after … { … }`: fires when `trigger` rises through zero from below.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    pub name: String,
    /// Negative or zero while the condition is false, positive while it is true.
    pub trigger: Expr,
    /// Seconds between the crossing and the assignments; over parameters.
    pub delay: Expr,
    pub assignments: Vec<(Target, Expr)>,
    pub span: Span,
}

/// What can be assigned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    Species(SpeciesId),
    Parameter(ParameterId),
}

/// Something an experiment reads.
#[derive(Clone, PartialEq, Debug)]
pub struct Observable {
    pub name: String,
    pub value: Expr,
    pub unit: DisplayUnit,
    pub span: Span,
}

/// A sum of species that no reaction changes: Σ coefficient × species = constant. Coefficients are integers.
#[derive(Clone, PartialEq, Debug)]
pub struct ConservationLaw {
    pub terms: Vec<(SpeciesId, i64)>,
}

/// A model made concrete. See the module's first lines for units and invariants.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Network {
    pub name: String,
    pub cells: Vec<Cell>,
    pub places: Vec<Place>,
    pub species: Vec<Species>,
    pub parameters: Vec<Parameter>,
    pub definitions: Vec<Definition>,
    pub processes: Vec<Process>,
    pub reactions: Vec<Reaction>,
    pub rate_rules: Vec<RateRule>,
    pub events: Vec<Event>,
    pub observables: Vec<Observable>,
    /// Parameters that are the coefficient of a process' `at`, which must not be negative.
    pub coefficients: Vec<(ParameterId, ProcessId)>,
    pub conservation: Vec<ConservationLaw>,
    /// What the reactions of vesicles mean for single ones.
    pub individuals: individuals::Individuals,
    /// What observables ask of single vesicles.
    pub questions: Vec<questions::Question>,
    /// The switch by which observables read the answers; `None` without questions.
    pub individual: Option<ParameterId>,
    /// What is counted of vesicles that come to places or are lost.
    pub tallies: Vec<tallies::Tally>,
}
