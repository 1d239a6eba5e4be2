//! Perturbations, drugs, experiments and claims.

use smol_str::SmolStr;

use super::{Assume, Evidence, Expr, Name, NameAlias, Path, Ref, Set, Text, UnitRef, Value};
use crate::source::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PerturbationKind {
    Knockout,
    Knockdown,
    Overexpression,
}

impl PerturbationKind {
    pub fn keyword(self) -> &'static str {
        match self {
            PerturbationKind::Knockout => "knockout",
            PerturbationKind::Knockdown => "knockdown",
            PerturbationKind::Overexpression => "overexpression",
        }
    }
}

/// `knockdown siRab27a { donor.Rab27a by 85 %; set k_raft 1.5 fold }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Perturbation {
    pub kind: PerturbationKind,
    pub name: NameAlias,
    pub targets: Vec<Target>,
    /// Compensation: what else is then different.
    pub sets: Vec<Set>,
    pub evidence: Option<Evidence>,
}

/// `donor.Hrs`, `donor.Rab27a by 85 %`, `donor.Rab31 5 fold`.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub what: Ref,
    pub degree: Degree,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Degree {
    /// Nothing written.
    Unsaid,
    /// `by 85 %`.
    By(Value),
    /// `5 fold`.
    Times(Value),
}

/// `drug manumycin_A { inhibits FTase (ki: 4 uM) cites … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Drug {
    pub name: NameAlias,
    pub actions: Vec<Action>,
    pub evidence: Option<Evidence>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    Inhibits,
    Activates,
}

/// `inhibits nSMase2 (ic50: 0.25 uM, hill: 1, irreversible) in HeLa assumed`.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub kind: ActionKind,
    pub target: Ref,
    pub ki: Option<Value>,
    pub ic50: Option<Value>,
    pub ec50: Option<Value>,
    pub hill: Option<Value>,
    pub max: Option<Value>,
    /// Where `irreversible` stands.
    pub irreversible: Option<Span>,
    /// `in CELL`: only there.
    pub within: Option<Path>,
    pub evidence: Option<Evidence>,
    pub span: Span,
}

/// `experiment secretion of hek, mcf7 { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    pub name: Name,
    /// The models; empty means the file itself.
    pub of: Vec<Path>,
    pub items: Vec<ExperimentItem>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ExperimentItem {
    pub docs: Option<Text>,
    pub kind: ExperimentItemKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExperimentItemKind {
    /// Text that was no such item; a diagnostic has been given.
    Error,
    Settle,
    /// `run 24 h every 10 min`.
    Run {
        duration: Expr,
        every: Option<Expr>,
    },
    /// `measure yield "exosomes per cell" = ILV@medium / 1e6 cells`.
    Measure {
        name: NameAlias,
        value: Expr,
    },
    Arm(Arm),
    Grid(Grid),
    /// `at 0 h add …`, in every arm; also `set` and `assume` for every arm.
    Treatment(Treatment),
}

/// `arm both { siRab27a; GW4869 at 10 uM }`, `arm titration over dose in [0, 1, 10] uM { GW4869 at dose }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    pub name: NameAlias,
    pub over: Option<Axis>,
    /// Empty for a control.
    pub treatments: Vec<Treatment>,
}

/// `grid matrix over GW4869 in [0, 1] uM, manumycin_A in [0, 10] nM { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    pub name: NameAlias,
    /// Never empty.
    pub axes: Vec<Axis>,
    /// What all points share; mostly empty.
    pub treatments: Vec<Treatment>,
}

/// `dose in [0, 0.1, 1] uM`.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// A name of its own for the treatments to use, or a drug, parameter or input.
    pub variable: Ref,
    pub values: Vec<Expr>,
    /// The unit after the bracket, for those values that are bare numbers.
    pub unit: Option<UnitRef>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Treatment {
    pub kind: TreatmentKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TreatmentKind {
    /// Text that was no treatment; a diagnostic has been given.
    Error,
    /// The name of a perturbation, or of a drug in a claim's short form.
    Named(Path),
    /// `knockdown X by 85 %`. Targets never empty.
    Inline {
        kind: PerturbationKind,
        targets: Vec<Target>,
    },
    /// `GW4869 at 10 uM from 2 h to 12 h`.
    Dose {
        drug: Path,
        amount: Expr,
        from: Option<Expr>,
        to: Option<Expr>,
    },
    Set(Set),
    Assume(Assume),
    Add(Addition),
}

/// `at 0 h add 1e10 copies of ILV to plasma { carrying A = 20, B = 5 }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Addition {
    /// `None`: at the start.
    pub time: Option<Expr>,
    pub amount: Expr,
    pub what: Ref,
    pub to: Ref,
    pub carrying: Vec<Carried>,
}

/// `A = 20`: copies in each vesicle added.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    pub what: Ref,
    pub amount: Expr,
    pub span: Span,
}

/// `claim "…" cites review[88] within 1 % …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    pub text: Text,
    pub evidence: Option<Evidence>,
    /// `within 1 %`: how near to a tie still counts as holding.
    pub tolerance: Option<Expr>,
    pub body: ClaimBody,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ClaimBody {
    /// Missing or broken; a diagnostic has been given.
    Error,
    /// A boolean over results.
    Holds(Expr),
    /// `in CELL: PERTURBATION lowers READOUT`.
    Effect(Effect),
}

/// `in std.cells.HeLa with knockout Rab27a: knockdown KIBRA by 80 % lowers secretion by at least 30 % through Rab35`.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    pub cell: Path,
    /// After `with`, joined by `and`: what is done to the control as well.
    pub background: Vec<Treatment>,
    /// Joined by `and`. Never empty.
    pub treatments: Vec<Treatment>,
    pub direction: Direction,
    pub direction_span: Span,
    pub readout: Readout,
    /// `by at least 30 %`.
    pub at_least: Option<Expr>,
    pub through: Option<Ref>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Raises,
    Lowers,
    DoesNotChange,
}

/// What an effect is read from: first looked up as the name or phrase of an observable of the cell, then, if it is
/// one, taken as an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Readout {
    /// The words with one space between: `degraded share`, `CD63 per exosome`, `Rab27a.gtp`.
    pub phrase: SmolStr,
    /// `None` when the words form no expression, as `degraded share` doesn't.
    pub expr: Option<Expr>,
    pub span: Span,
}

/// `observable degraded "degraded share" = share of ILV that reach lysosome`: a readout that a cell or pathway
/// declares for claims to name.
#[derive(Clone, Debug, PartialEq)]
pub struct Observable {
    pub name: Name,
    /// The words claims may use instead of the name.
    pub phrase: Option<Text>,
    pub value: Expr,
}
