//! What came of a run: columns with names, units and arms.
//!
//! Invariants: values are in internal units (see [`crate::network`]) and are shown in the unit beside them; all
//! series of an arm are as long as its `times`; an arm that failed keeps what was computed before, and says why.

use crate::network::DisplayUnit;
use crate::source::Span;

/// Everything one invocation computed.
#[derive(Clone, Debug, Default)]
pub struct Results {
    pub experiments: Vec<ExperimentResult>,
    pub claims: Vec<ClaimResult>,
}

/// One experiment on one model.
#[derive(Clone, Debug)]
pub struct ExperimentResult {
    pub name: String,
    /// The model it was run on; several results share a name when an experiment is `of` several models.
    pub model: String,
    pub time_unit: DisplayUnit,
    pub measures: Vec<Measure>,
    /// In the order of the source; the swept arms of one `over` and the points of one `grid` are adjacent.
    pub arms: Vec<Arm>,
    pub span: Span,
}

impl ExperimentResult {
    /// The arm that ratios refer to: the one named `control`, or else the first.
    pub fn control(&self) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.name == "control").or(self.arms.first())
    }
}

/// A column: what was measured, and the unit in which its author would read it.
#[derive(Clone, Debug)]
pub struct Measure {
    /// As shown: the text after its name in the source, or else the name.
    pub name: String,
    pub unit: DisplayUnit,
    /// The expression as written, for captions.
    pub source: String,
    pub span: Span,
}

/// One arm, or one point of a swept arm or grid.
#[derive(Clone, Debug)]
pub struct Arm {
    /// As declared; the points of a sweep share it.
    pub name: String,
    /// The value of each swept variable, in order of the `over` or `grid` clause; empty for a plain arm.
    pub coordinates: Vec<Coordinate>,
    /// Seconds.
    pub times: Vec<f64>,
    /// One series for each measure, each as long as `times`.
    pub series: Vec<Series>,
    /// What doses and events happened, for the plots: time in seconds and a short text (`GW4869 10 µM`). What lasts
    /// has a second mark, `GW4869 off`.
    pub marks: Vec<(f64, String)>,
    pub failure: Option<Failure>,
    pub statistics: Statistics,
}

/// The value of a swept variable.
#[derive(Clone, PartialEq, Debug)]
pub struct Coordinate {
    pub name: String,
    pub value: f64,
    pub unit: DisplayUnit,
}

/// A measure over time, with its band where there is an uncertainty.
#[derive(Clone, Debug, Default)]
pub struct Series {
    pub values: Vec<f64>,
    /// Lower and upper bounds, each as long as `values`.
    pub band: Option<(Vec<f64>, Vec<f64>)>,
}

/// Why an arm ended before its time.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Seconds.
    pub time: f64,
    /// One sentence with the species and the processes to blame, and a way out; or that the arm was not run, and why. Such
    /// an arm has no times.
    pub message: String,
    /// Where the process or species to blame is declared.
    pub span: Option<Span>,
}

/// What the integrator did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    pub steps: u64,
    pub rejected: u64,
    pub rhs_evaluations: u64,
    pub jacobian_evaluations: u64,
    pub factorisations: u64,
}

/// A claim with its verdict and the numbers behind it.
#[derive(Clone, Debug)]
pub struct ClaimResult {
    pub text: String,
    /// Citations as written, or `assumed`.
    pub evidence: Vec<String>,
    pub verdict: Verdict,
    /// Each comparison of the claim, in order of the source.
    pub comparisons: Vec<Comparison>,
    pub span: Span,
}

/// What became of a claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Holds,
    Fails,
    /// It could not be evaluated; with the reason.
    Undecided(String),
}

/// One comparison of a claim: both sides as written and as computed.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub left: Side,
    /// `<`, `>=`…
    pub operator: &'static str,
    pub right: Side,
    pub holds: bool,
}

/// One side of a comparison.
#[derive(Clone, Debug)]
pub struct Side {
    pub source: String,
    pub value: f64,
    pub unit: DisplayUnit,
}
