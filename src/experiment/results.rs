//! What came of a run: columns with names, units and arms.
//!
//! Invariants: values are in internal units (see [`crate::network`]) and are shown in the unit beside them; all
//! series of an arm are as long as its `times`; an arm that failed keeps what was computed before, and says why. Written
//! with serde and read again, results are the same to the last bit, but for spans and spreads, which are left out.

use serde::{Deserialize, Serialize};

use super::bits;
use crate::network::DisplayUnit;
use crate::source::Span;

/// Everything one invocation computed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Results {
    pub experiments: Vec<ExperimentResult>,
    pub claims: Vec<ClaimResult>,
    /// Of a run over the uncertainty of the parameters.
    pub ensemble: Option<EnsembleResult>,
    /// Of exact runs. Values of series are then means over them.
    #[serde(skip)]
    pub runs: Option<RunsResult>,
}

/// What exact runs there were.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RunsResult {
    /// How many were asked for, have been computed, and failed.
    pub wanted: u64,
    pub finished: u64,
    pub failed: u64,
    pub seed: u64,
    /// Firings of processes, in all of them.
    pub events: u64,
    pub failures: Vec<FailureKind>,
    pub representation: Representation,
}

/// What exact runs did not take one by one.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Representation {
    /// Empty if all cells were there.
    pub cells: Vec<RepresentedCells>,
    /// Processes whose rate reads contents in a way that can't be told apart by vesicle: it goes by their mean.
    pub averaged: Vec<String>,
    /// Numbers came up that were too large to be drawn, and stand at their means.
    pub large_numbers: bool,
    /// Species that were too abundant to count, for some time at least, and went by their mean.
    #[serde(default)]
    pub uncounted: Vec<String>,
    /// Leaps were asked for, and a model took none.
    #[serde(default)]
    pub no_leaps: bool,
}

/// Cells of one type.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RepresentedCells {
    pub cell: String,
    /// How many there were.
    pub here: u32,
    /// How many these stand for.
    pub all: f64,
}

/// What an ensemble was, and how much of it there is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EnsembleResult {
    /// How many members were asked for, have been computed, and failed.
    pub members: u64,
    pub finished: u64,
    pub failed: u64,
    /// How many numbers were drawn for each.
    pub uncertain: usize,
    /// `Sobol`, `Latin hypercube`, `random`.
    pub sampling: String,
    pub seed: u64,
    /// Those that failed, by kind, the most frequent first.
    pub failures: Vec<FailureKind>,
}

/// Members that failed in one way. They count in no median and no band.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FailureKind {
    /// The code that `exoc explain` explains, and its title.
    pub code: String,
    pub title: String,
    pub count: u64,
    /// The first of them: their numbers, and the arms in which they failed.
    pub examples: Vec<(u64, String)>,
    /// What there is to say of the first, if that is known.
    #[serde(default)]
    pub first: Option<String>,
}

/// One experiment on one model.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExperimentResult {
    pub name: String,
    /// The model it was run on; several results share a name when an experiment is `of` several models.
    pub model: String,
    #[serde(with = "bits::unit")]
    pub time_unit: DisplayUnit,
    pub measures: Vec<Measure>,
    /// In the order of the source; the swept arms of one `over` and the points of one `grid` are adjacent.
    pub arms: Vec<Arm>,
    #[serde(skip)]
    pub span: Span,
}

impl ExperimentResult {
    /// The arm that ratios refer to: the one named `control`, or else the first.
    pub fn control(&self) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.name == "control").or(self.arms.first())
    }
}

/// A column: what was measured, and the unit in which its author would read it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measure {
    /// As shown: the text after its name in the source, or else the name.
    pub name: String,
    #[serde(with = "bits::unit")]
    pub unit: DisplayUnit,
    /// The expression as written, for captions.
    pub source: String,
    #[serde(skip)]
    pub span: Span,
}

/// One arm, or one point of a swept arm or grid.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Arm {
    /// As declared; the points of a sweep share it.
    pub name: String,
    /// The value of each swept variable, in order of the `over` or `grid` clause; empty for a plain arm.
    pub coordinates: Vec<Coordinate>,
    /// Seconds.
    #[serde(with = "bits::many")]
    pub times: Vec<f64>,
    /// One series for each measure, each as long as `times`.
    pub series: Vec<Series>,
    /// What doses and events happened, for the plots: time in seconds and a short text (`GW4869 10 µM`). What lasts
    /// has a second mark, `GW4869 off`.
    #[serde(with = "bits::marks")]
    pub marks: Vec<(f64, String)>,
    pub failure: Option<Failure>,
    pub statistics: Statistics,
    /// One for each measure; `None` for those that are numbers, and for distributions of which nothing is known.
    #[serde(skip)]
    pub distributions: Vec<Option<Distribution>>,
}

/// A distribution at the end of the run.
#[derive(Clone, PartialEq, Debug)]
pub struct Distribution {
    pub found: Histogram,
    /// What the mean field says, beside what was counted; in the same bins.
    pub beside: Option<Histogram>,
}

/// Shares of members by bins, with what is known of all of them. NaN stands for what there is none of.
#[derive(Clone, PartialEq, Debug)]
pub struct Histogram {
    /// Of all runs together; of the mean field no whole number.
    pub members: f64,
    /// Where the first bin begins, and how wide each is; internal units.
    pub from: f64,
    pub width: f64,
    /// Of each bin; empty of routes.
    pub shares: Vec<f64>,
    /// Of routes: each with its share.
    pub routes: Vec<(String, f64)>,
    /// Of copies: the share of members that have none.
    pub none: Option<f64>,
    pub mean: f64,
    pub sd: f64,
    pub least: f64,
    pub most: f64,
    pub median: f64,
}

/// The value of a swept variable.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Coordinate {
    pub name: String,
    #[serde(with = "bits")]
    pub value: f64,
    #[serde(with = "bits::unit")]
    pub unit: DisplayUnit,
}

/// A measure over time, with its spread where there is an uncertainty.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Series {
    /// As computed with nominal parameters.
    #[serde(with = "bits::many")]
    pub values: Vec<f64>,
    #[serde(skip)]
    pub spread: Option<Spread>,
    /// What the mean field says, beside means over exact runs.
    #[serde(skip)]
    pub beside: Option<Vec<f64>>,
}

/// Where the members of an ensemble lie, time by time.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Spread {
    /// As long as the values.
    pub median: Vec<f64>,
    /// The widest first.
    pub bands: Vec<Band>,
    /// Standard deviation, of exact runs.
    pub deviation: Option<Vec<f64>>,
}

/// The central share of the members.
#[derive(Clone, PartialEq, Debug)]
pub struct Band {
    /// 0.9 for the band that 90 % lie in.
    pub share: f64,
    /// Each as long as the values.
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
}

/// Why an arm ended before its time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// Seconds.
    #[serde(with = "bits")]
    pub time: f64,
    /// One sentence with the species and the processes to blame, and a way out; or that the arm was not run, and why. Such
    /// an arm has no times.
    pub message: String,
    /// Where the process or species to blame is declared.
    #[serde(skip)]
    pub span: Option<Span>,
}

/// What the integrator did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Statistics {
    pub steps: u64,
    pub rejected: u64,
    pub rhs_evaluations: u64,
    pub jacobian_evaluations: u64,
    pub factorisations: u64,
    /// Firings of processes in an exact run.
    pub events: u64,
    /// Systems of equations solved.
    pub solutions: u64,
    /// Factorisations that needed pivoting.
    pub pivoted: u64,
    /// Accepted steps by method.
    pub explicit_steps: u64,
    pub rosenbrock_steps: u64,
    pub multistep_steps: u64,
    /// Changes from the explicit method because stability held its steps, or no step was short enough; and back to it.
    pub stiffened: u64,
    pub stuck: u64,
    pub eased: u64,
    /// Where the time went, if that was measured.
    pub times: Option<Times>,
}

/// Nanoseconds by the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    pub rhs: u64,
    pub jacobian: u64,
    pub factorisation: u64,
    pub solution: u64,
    /// All of the run, recording included.
    pub total: u64,
}

impl std::ops::AddAssign for Times {
    fn add_assign(&mut self, more: Times) {
        self.rhs += more.rhs;
        self.jacobian += more.jacobian;
        self.factorisation += more.factorisation;
        self.solution += more.solution;
        self.total += more.total;
    }
}

impl std::iter::Sum for Statistics {
    fn sum<I: Iterator<Item = Statistics>>(all: I) -> Statistics {
        all.fold(Statistics::default(), |mut sum, more| {
            sum.steps += more.steps;
            sum.rejected += more.rejected;
            sum.rhs_evaluations += more.rhs_evaluations;
            sum.jacobian_evaluations += more.jacobian_evaluations;
            sum.factorisations += more.factorisations;
            sum.events += more.events;
            sum.solutions += more.solutions;
            sum.pivoted += more.pivoted;
            sum.explicit_steps += more.explicit_steps;
            sum.rosenbrock_steps += more.rosenbrock_steps;
            sum.multistep_steps += more.multistep_steps;
            sum.stiffened += more.stiffened;
            sum.stuck += more.stuck;
            sum.eased += more.eased;
            if let Some(more) = more.times {
                *sum.times.get_or_insert_default() += more;
            }
            sum
        })
    }
}

impl Statistics {
    /// The methods that took its steps, the one with the most first.
    pub fn methods(&self) -> Vec<(&'static str, u64)> {
        let mut methods = vec![
            ("Tsit5, explicit", self.explicit_steps),
            ("Rodas5P", self.rosenbrock_steps),
            ("NDF, multistep", self.multistep_steps),
        ];
        methods.retain(|(_, steps)| *steps > 0);
        methods.sort_by_key(|(_, steps)| std::cmp::Reverse(*steps));
        methods
    }
}

/// A claim with its verdict and the numbers behind it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClaimResult {
    pub text: String,
    /// The module that makes it.
    pub module: String,
    /// Citations as written, or `assumed`.
    pub evidence: Vec<String>,
    /// The cell that a short claim is about.
    pub cell: Option<String>,
    /// What it says, as written, in one line.
    pub prediction: String,
    /// What a short claim reads, without and with what it does.
    pub measured: Option<Measured>,
    /// The processes on the shortest way from what is perturbed to what is read; none if nothing is perturbed, or
    /// nothing leads there.
    pub way: Option<Vec<String>>,
    pub verdict: Verdict,
    /// Each comparison of the claim, in order of the source.
    pub comparisons: Vec<Comparison>,
    /// How often it holds: at the points of a scan, in the members of an ensemble.
    pub shares: Vec<Shares>,
    /// Among the program's claims.
    #[serde(skip)]
    pub position: usize,
    #[serde(skip)]
    pub span: Span,
}

/// A readout in two arms.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Measured {
    #[serde(with = "bits")]
    pub control: f64,
    #[serde(with = "bits")]
    pub treated: f64,
    #[serde(with = "bits::unit")]
    pub unit: DisplayUnit,
}

impl Measured {
    /// Treated relative to control; no number where the control has nothing.
    pub fn ratio(&self) -> f64 {
        self.treated / self.control
    }
}

/// Of how many trials a claim holds in how many.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shares {
    pub of: Trials,
    pub holds: u64,
    pub fails: u64,
    pub undecided: u64,
}

/// What a claim was tried on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Trials {
    ScanPoints,
    Members,
    Runs,
}

impl Shares {
    pub fn none(of: Trials) -> Shares {
        Shares { of, holds: 0, fails: 0, undecided: 0 }
    }

    pub fn count(&mut self, holds: Option<bool>) {
        match holds {
            Some(true) => self.holds += 1,
            Some(false) => self.fails += 1,
            None => self.undecided += 1,
        }
    }

    pub fn all(&self) -> u64 {
        self.holds + self.fails + self.undecided
    }
}

/// What became of a claim.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Verdict {
    Holds,
    Fails,
    /// It could not be evaluated; with the reason.
    Undecided(String),
}

/// One comparison of a claim: both sides as written and as computed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comparison {
    pub left: Side,
    /// `<`, `>=`…
    pub operator: String,
    pub right: Side,
    pub holds: bool,
}

/// One side of a comparison.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Side {
    pub source: String,
    #[serde(with = "bits")]
    pub value: f64,
    #[serde(with = "bits::unit")]
    pub unit: DisplayUnit,
}
