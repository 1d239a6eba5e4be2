//! Names and units become types.
//!
//! `check` takes a file's tree and everything it uses and gives a [`Hir`]: every declaration of every
//! module, resolved and typed, with the models elaborated (which cell has which entities). It always gives one,
//! with all diagnostics; a [`CheckedModel`] is what exists only when none of them was an error. It is the one gate:
//! past it no code handles a user's mistake.
//!
//! The phases, each over the whole program: load modules → declare names → resolve references → infer dimensions →
//! places, membranes and balance → elaborate models → experiments and claims against them.
//!
//! Invariants: ids are positions in the tables of the same [`Hir`]; spans are kept everywhere. Deliberately absent:
//! anything of a particular simulation; the AST is not referred to after checking.

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)
)]

pub mod assignment;
mod cells;
mod check;
mod declare;
pub mod elaborate;
pub mod experiment;
pub mod experiments;
pub mod expr;
mod ids;
mod import;
pub mod law;
pub mod library;
mod load;
mod lookup;
mod matter;
pub mod model;
mod ops;
pub mod print;
mod process;
pub mod program;
mod refs;
mod reports;
mod resolve;
pub mod scope;
mod topology;
pub mod typing;
pub mod units;
pub mod value;

pub use check::{check, check_all};
pub use expr::{Entity, Expr, ExprKind, Location, Pool};
pub use ids::*;
pub use ops::{BinaryOp, UnaryOp};

use crate::source::{FileId, Span};
use smol_str::SmolStr;
use units::{Dimension, Unit};

/// Where a number comes from.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Evidence {
    pub assumed: bool,
    /// As written: `review[20]`, `doi:10.1000/xyz`.
    pub citations: Vec<String>,
}

/// A declared uncertainty, in internal units.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Uncertainty {
    /// `within f fold`: 95 % between a f-th and f times the value.
    Fold(f64),
    /// `± s`: normal with that standard deviation.
    Sd(f64),
    /// `~ lognormal(median, fold)`: as `within`, `~ uniform(low, high)`.
    Uniform(f64, f64),
}

/// A number of the source with what is known of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Value {
    pub expr: Expr,
    /// The unit it was written in.
    pub unit: Unit,
    pub uncertainty: Option<Uncertainty>,
    pub evidence: Evidence,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Module {
    /// `std.cells.HeLa`, or the file's name for the root.
    pub path: String,
    pub file: FileId,
    pub doc: String,
    /// What the file itself declares.
    pub group: GroupId,
}

#[derive(Clone, Debug)]
pub struct Compartment {
    pub name: SmolStr,
    pub size: Value,
    /// Volume or membrane, and where it lies.
    pub position: Position,
    /// Membranes between it and the outside; a membrane has the depth of its inner side.
    pub depth: u32,
    pub doc: String,
    pub module: ModuleId,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Position {
    /// A volume that nothing of the model encloses.
    Outermost,
    /// A volume inside another; its limiting membrane may have been declared or not.
    Inside(CompartmentId),
    /// A membrane.
    Between { inner: CompartmentId, outer: CompartmentId },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MoleculeKind {
    Machinery,
    Cargo,
    Species,
    Complex,
}

#[derive(Clone, Debug)]
pub struct Molecule {
    pub name: SmolStr,
    /// The name to show, if another was given.
    pub alias: Option<String>,
    pub kind: MoleculeKind,
    /// Initial amount in the first of `places`; an amount, or a concentration there. `None`: nothing at first.
    pub amount: Option<Value>,
    pub places: Vec<CompartmentId>,
    pub fixed: bool,
    /// Exclusive states with their shares of the amount (which add to 1); empty if it has none.
    pub states: Vec<(SmolStr, f64)>,
    /// What it is made of, for a complex: elementary molecules with their numbers.
    pub composition: Vec<(MoleculeId, u32)>,
    /// Stays in membranes wherever vesicles carry it.
    pub membrane_bound: bool,
    pub doc: String,
    pub module: ModuleId,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Vesicle {
    pub name: SmolStr,
    /// Initial number, in the first state, in the first place.
    pub amount: Option<Value>,
    /// Where its members may be: compartments, or other vesicles' lumens.
    pub places: Vec<VesicleHome>,
    /// At least one: a class without states has one without a name.
    pub states: Vec<VesicleState>,
    pub doc: String,
    pub module: ModuleId,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum VesicleHome {
    Compartment(CompartmentId),
    Vesicle(VesicleId),
}

#[derive(Clone, Debug)]
pub struct VesicleState {
    pub name: SmolStr,
    pub diameter: Diameter,
}

/// A size distribution: normal, cut to a range; all in µm.
#[derive(Clone, PartialEq, Debug)]
pub struct Diameter {
    pub mean: Value,
    pub sd: Option<f64>,
    pub range: Option<(f64, f64)>,
}

#[derive(Clone, Debug)]
pub struct Param {
    pub name: SmolStr,
    /// `None` for `required`.
    pub value: Option<Value>,
    pub dimension: Dimension,
    pub doc: String,
    pub module: ModuleId,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Let {
    pub name: SmolStr,
    pub value: Expr,
    pub span: Span,
}

/// A condition that experiments may set, rules may move and events may assign.
#[derive(Clone, Debug)]
pub struct Input {
    pub name: SmolStr,
    pub value: Value,
    pub doc: String,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Process {
    /// `activation of Rab27a` for an instance of a repeated process.
    pub name: SmolStr,
    pub kind: ProcessKind,
    pub law: Law,
    /// What turns over with each vesicle.
    pub turning: Option<Turning>,
    pub modifiers: Vec<Modifier>,
    /// The channel, pump or leak it goes through, if it crosses.
    pub through: Option<Channel>,
    pub evidence: Evidence,
    pub doc: String,
    pub module: ModuleId,
    pub span: Span,
}

#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "there are few processes, and each is looked at once")]
pub enum ProcessKind {
    /// Molecules into molecules; an empty side is a source or a sink. Each pool names one place and state.
    Reaction {
        left: Vec<(Pool, u32)>,
        right: Vec<(Pool, u32)>,
    },
    /// `-> V`: members appear, empty.
    Create {
        what: Pool,
    },
    /// `V.a -> V.b` and `mature V.a -> W.b`: contents and membrane go along.
    Convert {
        from: Pool,
        to: Pool,
    },
    /// `bud V from M`, `bud V into W`.
    Bud {
        what: Pool,
        from: Membrane,
        capturing: Vec<Capture>,
    },
    Fuse {
        what: Pool,
        with: Partner,
    },
    Engulf {
        what: Pool,
        into: Pool,
    },
    /// `degrade V`, or `V ->`.
    Degrade {
        what: Pool,
    },
    Rupture {
        what: Pool,
    },
    /// `load X into V`: every bud of V that the cell makes takes X along, from where that bud takes its cargo.
    Load {
        what: Capture,
        into: Vec<Pool>,
    },
}

/// `turning A -> 2 B`: molecules in places that turn over with one vesicle. Each pool names one place and state.
#[derive(Clone, Debug)]
pub struct Turning {
    pub left: Vec<(Pool, u32)>,
    pub right: Vec<(Pool, u32)>,
}

impl Turning {
    /// Each pool with the change of its copies by one vesicle.
    pub fn changes(&self) -> impl Iterator<Item = (&Pool, f64)> {
        let lost = self.left.iter().map(|(pool, count)| (pool, -f64::from(*count)));
        lost.chain(self.right.iter().map(|(pool, count)| (pool, f64::from(*count))))
    }
}

/// The membrane that a bud takes its area and its membrane cargo from.
#[derive(Clone, Debug)]
pub enum Membrane {
    /// `from M`: a membrane of the model; the lumen is filled from its far side.
    Compartment(CompartmentId),
    /// `from W`: off a vesicle, outwards; the lumen is filled from W's lumen.
    OffVesicle(Pool),
    /// `into W`: into a vesicle; the lumen is filled from where W lies.
    IntoVesicle(Pool),
}

#[derive(Clone, Debug)]
pub struct Capture {
    pub what: Pool,
    /// 1 if not given.
    pub enrichment: Option<Value>,
}

/// What a vesicle fuses with.
#[derive(Clone, Debug)]
pub enum Partner {
    /// A membrane: lumen to its far side, membrane to it.
    Membrane(CompartmentId),
    /// A volume that lies where the vesicle lies: lumen to lumen.
    Volume(CompartmentId),
    /// A vesicle: lumen to lumen.
    Vesicle(Pool),
}

#[derive(Clone, Debug)]
pub enum Law {
    /// `at k[, k_reverse]`.
    MassAction { forward: Value, reverse: Option<Value>, basis: Basis },
    /// `at k` of a vesicle process: per vesicle and time.
    PerVesicle { forward: Value, reverse: Option<Value> },
    /// `rate r`: amount per time.
    Rate(Value),
    /// No law of its own: it goes along with others.
    Along,
}

/// Whether a mass-action coefficient is meant for copies or for concentrations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Basis {
    /// Rate = k × product of amounts.
    Amounts,
    /// Rate = k × product of concentrations × size of the place.
    Concentrations,
}

/// A factor f(a) on a rate; see "Processes" in the language reference.
#[derive(Clone, Debug)]
pub struct Modifier {
    pub kind: ModifierKind,
    pub by: Pool,
    /// `half: h`.
    pub half: Option<f64>,
    pub evidence: Evidence,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ModifierKind {
    Needs,
    /// With the factor that remains without it, below 1.
    Promoted {
        without: f64,
    },
    /// With the factor that is reached without it, above 1.
    Inhibited {
        without: f64,
    },
}

#[derive(Clone, Debug)]
pub enum Channel {
    Molecule(Pool),
    /// A name that stands for a leak without machinery.
    Named(SmolStr),
}

/// `change x by r`.
#[derive(Clone, Debug)]
pub struct Rule {
    pub target: Assignable,
    pub rate: Expr,
    pub span: Span,
}

/// `when … after … { … }`.
#[derive(Clone, Debug)]
pub struct Event {
    pub name: SmolStr,
    pub condition: Expr,
    pub delay: Option<Expr>,
    pub assignments: Vec<Assignment>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Assignment {
    pub target: Assignable,
    pub value: Expr,
    /// `= 2 fold`: times the reference value (initial amount, declared value) instead of the value itself.
    pub relative: bool,
    pub evidence: Evidence,
    pub uncertainty: Option<Uncertainty>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum Assignable {
    Param(ParamId, Option<ScopeId>),
    Input(InputId, Option<ScopeId>),
    /// Total initial amount (in a cell's `set`) or present amount (in an event or arm).
    Amount(Pool),
    /// Its size; of the placed cell that is named, or of every one that has it.
    Compartment(CompartmentId, Option<ScopeId>),
}

/// A readout that a cell or pathway declares.
#[derive(Clone, Debug)]
pub struct Observable {
    pub name: SmolStr,
    pub phrase: Option<String>,
    pub value: Expr,
    pub span: Span,
}

/// Any declaration that can be a member of a group and so part of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Decl {
    Compartment(CompartmentId),
    Molecule(MoleculeId),
    Vesicle(VesicleId),
    Param(ParamId),
    Let(LetId),
    Input(InputId),
    Process(ProcessId),
    Rule(RuleId),
    Event(EventId),
    Observable(ObservableId),
}

#[derive(Clone, Debug)]
pub struct Group {
    pub name: SmolStr,
    pub kind: GroupKind,
    /// Declared in it, in order (repetitions unrolled).
    pub members: Vec<Decl>,
    pub includes: Vec<GroupId>,
    pub sets: Vec<Assignment>,
    pub assumes: Vec<GroupId>,
    pub doc: String,
    pub module: ModuleId,
    pub span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupKind {
    File,
    Pathway,
    Hypothesis,
    Cell { like: Option<GroupId> },
    Model,
}

/// Everything of one compilation, resolved and typed.
#[derive(Clone, Debug, Default)]
pub struct Hir {
    pub modules: Vec<Module>,
    pub compartments: Vec<Compartment>,
    pub molecules: Vec<Molecule>,
    pub vesicles: Vec<Vesicle>,
    pub params: Vec<Param>,
    pub lets: Vec<Let>,
    pub inputs: Vec<Input>,
    pub processes: Vec<Process>,
    pub rules: Vec<Rule>,
    pub events: Vec<Event>,
    pub observables: Vec<Observable>,
    pub groups: Vec<Group>,
    pub drugs: Vec<experiment::Drug>,
    /// The models of the root file, elaborated; the file itself if it declares processes at its top level.
    pub models: Vec<model::Model>,
    pub experiments: Vec<experiment::Experiment>,
    pub claims: Vec<experiment::Claim>,
}

/// What checking gives, always: the program as far as it could be understood, and everything there is to say of it.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    pub hir: Hir,
    pub diagnostics: Vec<crate::diagnostics::Diagnostic>,
}

impl Checked {
    /// Passes the gate: the program, if nothing was wrong; warnings and notes are given in both cases.
    pub fn gate(self) -> (Option<CheckedModel>, Vec<crate::diagnostics::Diagnostic>) {
        let wrong = self.diagnostics.iter().any(|d| d.is_error());
        ((!wrong).then_some(CheckedModel { hir: self.hir }), self.diagnostics)
    }
}

/// A program in which no mistake is left; only [`Checked::gate`] makes one.
#[derive(Clone, Debug)]
pub struct CheckedModel {
    hir: Hir,
}

impl std::ops::Deref for CheckedModel {
    type Target = Hir;

    fn deref(&self) -> &Hir {
        &self.hir
    }
}
