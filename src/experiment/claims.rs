//! Claims held against results.
//!
//! Two sides that differ by no more than the claim's tolerance, relative to the larger of them, are tied: `<` and `>`
//! don't hold for a tie, `<=`, `>=` and `=` do. All comparisons of a claim are made, also those that no longer matter
//! for its verdict. A side that can't be computed, or is no number, leaves the claim undecided.

use super::arms::{Run, display};
use super::results::{Arm, ClaimResult, Comparison, Side, Verdict};
use super::statistics::{summary, value_at};
use crate::hir::experiment::{self as hir, Claim, Condition, Reading, ReadingKind};
use crate::hir::{ExperimentId, Hir};
use crate::network::{DisplayUnit, binary, unary};

/// The claims that are about nothing but these experiments.
pub(super) fn evaluate(hir: &Hir, runs: &[Run]) -> Vec<ClaimResult> {
    hir.claims.iter().filter(|claim| is_about(claim, runs)).map(|claim| verdict(claim, runs)).collect()
}

fn is_about(claim: &Claim, runs: &[Run]) -> bool {
    let mut about = true;
    claim.condition.each_reading(&mut |reading| {
        if let ReadingKind::Measure { experiment, .. } | ReadingKind::Summary { experiment, .. } = reading.kind {
            about &= runs.iter().any(|run| run.id == experiment);
        }
    });
    about
}

fn verdict(claim: &Claim, runs: &[Run]) -> ClaimResult {
    let mut comparisons = Vec::new();
    let mut undecided = None;
    let holds = condition(&claim.condition, claim.tolerance, runs, &mut comparisons, &mut undecided);
    let verdict = match (undecided, holds) {
        (Some(reason), _) => Verdict::Undecided(reason),
        (None, true) => Verdict::Holds,
        (None, false) => Verdict::Fails,
    };
    let mut evidence = claim.evidence.citations.clone();
    if claim.evidence.assumed {
        evidence.push("assumed".to_owned());
    }
    ClaimResult { text: claim.text.clone(), evidence, verdict, comparisons, span: claim.span }
}

fn condition(
    asked: &Condition,
    tolerance: f64,
    runs: &[Run],
    comparisons: &mut Vec<Comparison>,
    undecided: &mut Option<String>,
) -> bool {
    match asked {
        Condition::And(a, b) => {
            let a = condition(a, tolerance, runs, comparisons, undecided);
            condition(b, tolerance, runs, comparisons, undecided) && a
        }
        Condition::Or(a, b) => {
            let a = condition(a, tolerance, runs, comparisons, undecided);
            condition(b, tolerance, runs, comparisons, undecided) || a
        }
        Condition::Not(a) => !condition(a, tolerance, runs, comparisons, undecided),
        Condition::Compare { operator, left, right } => {
            let mut value = |reading: &Reading| match read(reading, runs) {
                Ok(value) if !value.is_nan() => value,
                Ok(_) => {
                    undecided.get_or_insert_with(|| format!("`{}` is not a number", reading.source));
                    f64::NAN
                }
                Err(reason) => {
                    undecided.get_or_insert(reason);
                    f64::NAN
                }
            };
            let (l, r) = (value(left), value(right));
            let holds = compare(*operator, l, r, tolerance);
            let (left, right) = (side(left, right, l), side(right, left, r));
            comparisons.push(Comparison { left, operator: symbol(*operator), right, holds });
            holds
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
fn read(reading: &Reading, runs: &[Run]) -> Result<f64, String> {
    match &reading.kind {
        ReadingKind::Number(value) => Ok(*value),
        ReadingKind::Measure { experiment, arm, point, measure, time } => {
            let (found, unit) = find(runs, *experiment, *arm, point.unwrap_or(0), &reading.source)?;
            if let Some(failure) = &found.failure
                && time.is_none_or(|t| t > failure.time)
            {
                return Err(stopped(&reading.source, found, unit));
            }
            let values = found.series.get(*measure).map_or(&[][..], |s| &s.values);
            value_at(&found.times, values, *time).ok_or_else(|| match time {
                Some(time) => {
                    format!("`{}`: the run has no time {} {}", reading.source, time / unit.factor, unit.symbol)
                }
                None => format!("`{}` has no values", reading.source),
            })
        }
        ReadingKind::Summary { how, experiment, arm, point, measure } => {
            let (found, unit) = find(runs, *experiment, *arm, point.unwrap_or(0), &reading.source)?;
            if found.failure.is_some() {
                return Err(stopped(&reading.source, found, unit));
            }
            let values = found.series.get(*measure).map_or(&[][..], |s| &s.values);
            summary(*how, &found.times, values).ok_or_else(|| format!("`{}` has no values", reading.source))
        }
        ReadingKind::Unary(op, a) => Ok(unary(*op, read(a, runs)?)),
        ReadingKind::Binary(op, a, b) => Ok(binary(*op, read(a, runs)?, read(b, runs)?)),
    }
}

fn find<'r>(
    runs: &'r [Run],
    experiment: ExperimentId,
    arm: usize,
    point: usize,
    source: &str,
) -> Result<(&'r Arm, &'r DisplayUnit), String> {
    let run = runs.iter().find(|run| run.id == experiment);
    let found = run.and_then(|run| Some((run.arm(arm, point)?, &run.result.time_unit)));
    found.ok_or_else(|| format!("`{source}` was not run"))
}

fn stopped(source: &str, arm: &Arm, unit: &DisplayUnit) -> String {
    if arm.times.is_empty() {
        return format!("`{source}`: arm `{}` has no results", arm.name);
    }
    let reached = arm.times.last().copied().unwrap_or(0.0) / unit.factor;
    format!("`{source}`: arm `{}` failed and only reached {reached:.4} {}", arm.name, unit.symbol)
}
