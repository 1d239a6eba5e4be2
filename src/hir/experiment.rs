//! Perturbations, drugs, experiments and claims, resolved against the models they are about.
//!
//! Invariants: an experiment of several models is several [`Experiment`]s, one for each; short claims
//! (`in CELL: knockdown X by 80 % lowers secretion`) have been given a model and an experiment of their own, by the
//! library's standard protocol, and are then like any other claim.

use smol_str::SmolStr;

use super::expr::{Expr, Pool};
use super::ids::*;
use super::units::Unit;
use super::{Assignment, Evidence, Value};
use crate::source::Span;

#[derive(Clone, Debug)]
pub struct Drug {
    pub name: SmolStr,
    pub actions: Vec<DrugAction>,
    pub doc: String,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct DrugAction {
    pub target: DrugTarget,
    pub effect: Effect,
    /// Only in cells of this type.
    pub context: Option<GroupId>,
    pub evidence: Evidence,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum DrugTarget {
    /// The activity of a molecule: what it does in rate laws and as a modifier.
    Molecule(MoleculeId),
    /// The rate of a process.
    Process(ProcessId),
}

/// What a concentration c does to an activity.
#[derive(Clone, Debug)]
pub enum Effect {
    /// × 1 / (1 + (c / potency)^hill); irreversible: c is the highest concentration seen so far.
    Inhibits { potency: Value, hill: f64, irreversible: bool },
    /// × 1 + (max - 1) c^hill / (ec50^hill + c^hill).
    Activates { potency: Value, hill: f64, max: f64 },
}

#[derive(Clone, Debug)]
pub struct Experiment {
    pub name: SmolStr,
    /// Position in [`Hir::models`](super::Hir::models).
    pub model: usize,
    pub settle: bool,
    /// Seconds.
    pub duration: Value,
    /// Seconds between samples.
    pub interval: Value,
    pub measures: Vec<Measure>,
    /// Additions in every arm.
    pub additions: Vec<Addition>,
    pub arms: Vec<Arm>,
    /// Made by a short claim: not listed among the file's own.
    pub synthetic: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Measure {
    pub name: SmolStr,
    /// The name to show, if another was given.
    pub label: Option<String>,
    pub value: Expr,
    /// The unit to show it in.
    pub unit: Unit,
    pub source: String,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Arm {
    pub name: SmolStr,
    /// `over v in […]` and `grid … over …`: swept variables; the arm is run for each combination.
    pub sweep: Vec<Sweep>,
    pub treatments: Vec<Treatment>,
    /// Hypotheses assumed in this arm: the elaborated model to use instead, by position, if any.
    pub model: Option<usize>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Sweep {
    pub name: SmolStr,
    pub over: Swept,
    /// Internal units.
    pub values: Vec<f64>,
    pub unit: Unit,
}

#[derive(Clone, Debug)]
pub enum Swept {
    /// A drug given throughout at the swept concentration.
    Drug(DrugId),
    Param(ParamId, Option<ScopeId>),
    Input(InputId, Option<ScopeId>),
    /// A name used in the arm's treatments.
    Variable,
}

/// The arms of the experiment that a short claim brings, as positions; the last two only if it says `through`.
pub const CLAIM_CONTROL: usize = 0;
/// With what the claim does.
pub const CLAIM_TREATED: usize = 1;

/// A number of a treatment: given, or the swept variable at that position of the arm's `sweep`.
#[expect(clippy::large_enum_variant, reason = "there are a handful of them in a program")]
#[derive(Clone, Debug)]
pub enum Amount {
    Given(Value),
    Swept(usize),
    /// One less the swept share: what a knockdown by it leaves.
    Remaining(usize),
}

#[expect(clippy::large_enum_variant, reason = "there are a handful of them in a program")]
#[derive(Clone, Debug)]
pub enum Treatment {
    /// Initial amounts and synthesis of what is named, times a factor: 0 for a knockout.
    Scale {
        target: Pool,
        factor: Amount,
        span: Span,
    },
    Set(Assignment),
    Dose {
        drug: DrugId,
        concentration: Amount,
        from: Option<Value>,
        to: Option<Value>,
        span: Span,
    },
    Add(Addition),
}

/// `at T add N of X to P { carrying A = 20 }`.
#[derive(Clone, Debug)]
pub struct Addition {
    pub time: Value,
    pub amount: Amount,
    pub target: Pool,
    pub carrying: Vec<(Pool, f64)>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Claim {
    pub text: String,
    pub doc: String,
    pub module: ModuleId,
    pub evidence: Evidence,
    /// Relative difference below which two sides count as tied; `<` and `>` then fail.
    pub tolerance: f64,
    pub condition: Condition,
    /// What it says, as written, in one line: `knockdown KIBRA by 80 % lowers secretion`.
    pub prediction: String,
    /// The cell of a short claim.
    pub cell: Option<GroupId>,
    pub span: Span,
}

#[expect(clippy::large_enum_variant, reason = "there are a handful of them in a program")]
#[derive(Clone, Debug)]
pub enum Condition {
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
    Compare { operator: Comparison, left: Reading, right: Reading },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
}

/// An expression over results.
#[derive(Clone, Debug)]
pub struct Reading {
    pub kind: ReadingKind,
    pub dimension: super::units::Dimension,
    pub unit: Option<Unit>,
    /// As written.
    pub source: String,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ReadingKind {
    Number(f64),
    /// A measure of an arm: at the given time (seconds), or at the end. `point`: of a swept arm, the index of the point.
    Measure {
        experiment: ExperimentId,
        arm: usize,
        point: Option<usize>,
        measure: usize,
        time: Option<f64>,
    },
    /// `min/max/mean/median of` a measure over time, or of a distribution at the end; of the latter also the others.
    Summary {
        how: Summary,
        experiment: ExperimentId,
        arm: usize,
        point: Option<usize>,
        measure: usize,
    },
    Unary(super::UnaryOp, Box<Reading>),
    Binary(super::BinaryOp, Box<Reading>, Box<Reading>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Summary {
    Min,
    Max,
    Mean,
    Median,
    /// Standard deviation, of a distribution.
    Sd,
    /// Variance over mean, of a distribution of copies.
    Fano,
}

impl Condition {
    /// Visits every reading, parts of readings included, in the order of the source.
    pub fn each_reading(&self, visit: &mut dyn FnMut(&Reading)) {
        match self {
            Condition::And(a, b) | Condition::Or(a, b) => {
                a.each_reading(visit);
                b.each_reading(visit);
            }
            Condition::Not(a) => a.each_reading(visit),
            Condition::Compare { left, right, .. } => {
                left.each(visit);
                right.each(visit);
            }
        }
    }
}

impl Reading {
    fn each(&self, visit: &mut dyn FnMut(&Reading)) {
        visit(self);
        match &self.kind {
            ReadingKind::Unary(_, a) => a.each(visit),
            ReadingKind::Binary(_, a, b) => {
                a.each(visit);
                b.each(visit);
            }
            ReadingKind::Number(_) | ReadingKind::Measure { .. } | ReadingKind::Summary { .. } => {}
        }
    }
}
