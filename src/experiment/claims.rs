//! Claims held against results.
//!
//! Two sides that differ by no more than the claim's tolerance, relative to the larger of them, are tied: `<` and `>`
//! don't hold for a tie, `<=`, `>=` and `=` do. All comparisons of a claim are made, also those that no longer matter
//! for its verdict. A side that can't be computed, or is no number, leaves the claim undecided.

use super::arms::display;
use super::results::{ClaimResult, Comparison, Measured, Series, Side, Verdict};
use super::spectrum::Spectrum;
use super::statistics::{summary, value_at};
use crate::hir::experiment::{self as hir, Claim, Condition, Reading, ReadingKind};
use crate::hir::{ExperimentId, Hir};
use crate::network::{DisplayUnit, binary, unary};

/// What claims read.
pub(super) trait Seen {
    /// Whether an experiment was run.
    fn covers(&self, experiment: ExperimentId) -> bool;

    /// An arm, or one point of it.
    fn arm(&self, experiment: ExperimentId, arm: usize, point: usize) -> Option<View<'_>>;
}

/// What came of an arm.
pub(super) struct View<'r> {
    pub name: &'r str,
    /// Of time.
    pub unit: &'r DisplayUnit,
    pub times: &'r [f64],
    /// One for each measure.
    pub series: &'r [Series],
    /// One for each measure that is a distribution.
    pub distributions: &'r [Option<Spectrum>],
    /// When it failed, in seconds.
    pub stopped: Option<f64>,
}

/// The claims that are about nothing but what was run, as positions in the program.
pub(super) fn asked(hir: &Hir, seen: &dyn Seen) -> Vec<usize> {
    let claims = hir.claims.iter().enumerate();
    claims.filter(|(_, claim)| is_about(claim, seen)).map(|(position, _)| position).collect()
}

/// Those claims with their verdicts and the numbers behind them.
pub(super) fn evaluate(hir: &Hir, seen: &dyn Seen) -> Vec<ClaimResult> {
    asked(hir, seen).into_iter().filter_map(|position| result(hir, position, seen)).collect()
}

/// Whether a claim holds; `None` if that can't be said.
pub(super) fn holds(claim: &Claim, seen: &dyn Seen) -> Option<bool> {
    let mut trial = Trial { seen, tolerance: claim.tolerance, comparisons: None, undecided: None };
    let holds = trial.condition(&claim.condition);
    trial.undecided.is_none().then_some(holds)
}

fn is_about(claim: &Claim, seen: &dyn Seen) -> bool {
    let mut about = true;
    claim.condition.each_reading(&mut |reading| {
        if let ReadingKind::Measure { experiment, .. } | ReadingKind::Summary { experiment, .. } = reading.kind {
            about &= seen.covers(experiment);
        }
    });
    about
}

fn result(hir: &Hir, position: usize, seen: &dyn Seen) -> Option<ClaimResult> {
    let claim = hir.claims.get(position)?;
    let mut trial = Trial { seen, tolerance: claim.tolerance, comparisons: Some(Vec::new()), undecided: None };
    let holds = trial.condition(&claim.condition);
    let verdict = match (trial.undecided, holds) {
        (Some(reason), _) => Verdict::Undecided(reason),
        (None, true) => Verdict::Holds,
        (None, false) => Verdict::Fails,
    };
    let mut evidence = claim.evidence.citations.clone();
    if claim.evidence.assumed {
        evidence.push("assumed".to_owned());
    }
    let comparisons = trial.comparisons.unwrap_or_default();
    let cell = claim.cell.and_then(|cell| hir.groups.get(cell.index()));
    Some(ClaimResult {
        text: claim.text.clone(),
        module: hir.modules.get(claim.module.index()).map_or_else(String::new, |m| m.path.clone()),
        evidence,
        cell: cell.map(|group| group.name.to_string()),
        prediction: claim.prediction.clone(),
        measured: claim.cell.and_then(|_| measured(claim, seen)),
        way: None,
        verdict,
        comparisons,
        shares: Vec::new(),
        position,
        span: claim.span,
    })
}

/// What a short claim reads at the end, without and with what it does.
fn measured(claim: &Claim, seen: &dyn Seen) -> Option<Measured> {
    let mut read = None;
    claim.condition.each_reading(&mut |reading| {
        if let (None, ReadingKind::Measure { experiment, measure, .. }) = (&read, &reading.kind) {
            read = Some((*experiment, *measure, reading.unit.as_ref().map(display)));
        }
    });
    let (experiment, measure, unit) = read?;
    let at_end = |arm: usize| {
        let view = seen.arm(experiment, arm, 0).filter(|view| view.stopped.is_none())?;
        view.values(measure).last().copied()
    };
    let unit = unit.unwrap_or(DisplayUnit { symbol: String::new(), factor: 1.0 });
    Some(Measured { control: at_end(hir::CLAIM_CONTROL)?, treated: at_end(hir::CLAIM_TREATED)?, unit })
}

/// A claim while it is held against what was seen.
struct Trial<'a> {
    seen: &'a dyn Seen,
    tolerance: f64,
    /// If they are to be kept.
    comparisons: Option<Vec<Comparison>>,
    undecided: Option<String>,
}

impl Trial<'_> {
    fn condition(&mut self, asked: &Condition) -> bool {
        match asked {
            Condition::And(a, b) => {
                let a = self.condition(a);
                self.condition(b) && a
            }
            Condition::Or(a, b) => {
                let a = self.condition(a);
                self.condition(b) || a
            }
            Condition::Not(a) => !self.condition(a),
            Condition::Compare { operator, left, right } => {
                let (l, r) = (self.value(left), self.value(right));
                let holds = compare(*operator, l, r, self.tolerance);
                if let Some(comparisons) = &mut self.comparisons {
                    let (left, right) = (side(left, right, l), side(right, left, r));
                    comparisons.push(Comparison { left, operator: symbol(*operator).to_owned(), right, holds });
                }
                holds
            }
        }
    }

    fn value(&mut self, reading: &Reading) -> f64 {
        match read(reading, self.seen) {
            Ok(value) if !value.is_nan() => value,
            Ok(_) => {
                self.undecided.get_or_insert_with(|| format!("`{}` is not a number", reading.source));
                f64::NAN
            }
            Err(reason) => {
                self.undecided.get_or_insert(reason);
                f64::NAN
            }
        }
    }
}

fn compare(operator: hir::Comparison, l: f64, r: f64, tolerance: f64) -> bool {
    let tied = l == r || (l - r).abs() <= tolerance * l.abs().max(r.abs());
    match operator {
        hir::Comparison::Less => l < r && !tied,
        hir::Comparison::LessEqual => l < r || tied,
        hir::Comparison::Greater => l > r && !tied,
        hir::Comparison::GreaterEqual => l > r || tied,
        hir::Comparison::Equal => tied,
        hir::Comparison::NotEqual => !tied && !l.is_nan() && !r.is_nan(),
    }
}

fn symbol(operator: hir::Comparison) -> &'static str {
    match operator {
        hir::Comparison::Less => "<",
        hir::Comparison::LessEqual => "<=",
        hir::Comparison::Greater => ">",
        hir::Comparison::GreaterEqual => ">=",
        hir::Comparison::Equal => "=",
        hir::Comparison::NotEqual => "!=",
    }
}

/// A side in the unit its author thinks of it, or else in that of the other side.
fn side(reading: &Reading, other: &Reading, value: f64) -> Side {
    let unit = reading.unit.as_ref().or(other.unit.as_ref()).map(display);
    let unit = unit.unwrap_or(DisplayUnit { symbol: String::new(), factor: 1.0 });
    Side { source: reading.source.clone(), value, unit }
}

/// The value of a reading in internal units, or why there is none.
fn read(reading: &Reading, seen: &dyn Seen) -> Result<f64, String> {
    let find = |experiment, arm, point: Option<usize>| {
        let found = seen.arm(experiment, arm, point.unwrap_or(0));
        found.ok_or_else(|| format!("`{}` was not run", reading.source))
    };
    match &reading.kind {
        ReadingKind::Number(value) => Ok(*value),
        ReadingKind::Measure { experiment, arm, point, measure, time } => {
            let found = find(*experiment, *arm, *point)?;
            if found.stopped.is_some_and(|stopped| time.is_none_or(|t| t > stopped)) {
                return Err(stopped(&reading.source, &found));
            }
            value_at(found.times, found.values(*measure), *time).ok_or_else(|| match time {
                Some(time) => {
                    let unit = found.unit;
                    format!("`{}`: the run has no time {} {}", reading.source, time / unit.factor, unit.symbol)
                }
                None => format!("`{}` has no values", reading.source),
            })
        }
        ReadingKind::Summary { how, experiment, arm, point, measure } => {
            let found = find(*experiment, *arm, *point)?;
            if found.stopped.is_some() {
                return Err(stopped(&reading.source, &found));
            }
            if let Some(spectrum) = found.distribution(*measure) {
                return Ok(spectrum.statistic(*how).unwrap_or(f64::NAN));
            }
            let values = found.values(*measure);
            summary(*how, found.times, values).ok_or_else(|| format!("`{}` has no values", reading.source))
        }
        ReadingKind::Unary(op, a) => Ok(unary(*op, read(a, seen)?)),
        ReadingKind::Binary(op, a, b) => Ok(binary(*op, read(a, seen)?, read(b, seen)?)),
    }
}

impl View<'_> {
    fn distribution(&self, measure: usize) -> Option<&Spectrum> {
        self.distributions.get(measure)?.as_ref()
    }

    fn values(&self, measure: usize) -> &[f64] {
        self.series.get(measure).map_or(&[], |series| &series.values)
    }
}

fn stopped(source: &str, arm: &View<'_>) -> String {
    if arm.times.is_empty() {
        return format!("`{source}`: arm `{}` has no results", arm.name);
    }
    let reached = arm.times.last().copied().unwrap_or(0.0) / arm.unit.factor;
    format!("`{source}`: arm `{}` failed and only reached {reached:.4} {}", arm.name, arm.unit.symbol)
}
