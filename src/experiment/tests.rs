//! Verdicts on results made by hand. Whole experiments are held by the goldens of `exoc run`.

use super::claims::{self, Seen, View};
use super::results::*;
use crate::hir::experiment::{Claim, Comparison as Operator, Condition, Reading, ReadingKind};
use crate::hir::{ExperimentId, Hir, ModuleId};
use crate::network::DisplayUnit;
use crate::source::Span;

/// One experiment with a few arms.
struct Run {
    unit: DisplayUnit,
    arms: Vec<Arm>,
}

impl Seen for Run {
    fn covers(&self, experiment: ExperimentId) -> bool {
        experiment == ExperimentId(0)
    }

    fn arm(&self, _: ExperimentId, arm: usize, _: usize) -> Option<View<'_>> {
        let arm = self.arms.get(arm)?;
        let stopped = arm.failure.as_ref().map(|failure| failure.time);
        Some(View {
            name: &arm.name,
            unit: &self.unit,
            times: &arm.times,
            series: &arm.series,
            distributions: &[],
            stopped,
        })
    }
}

fn run() -> Run {
    let unit = DisplayUnit { symbol: "h".into(), factor: 3600.0 };
    let arm = |name: &str, last: f64, failure: Option<Failure>| Arm {
        name: name.into(),
        coordinates: vec![],
        times: vec![0.0, 3600.0],
        series: vec![Series { values: vec![1.0, last], ..Series::default() }],
        marks: vec![],
        failure,
        statistics: Statistics::default(),
        distributions: Vec::new(),
    };
    let failure = Failure { time: 3700.0, message: "no".into(), span: None };
    let arms = vec![arm("control", 100.0, None), arm("near", 100.5, None), arm("broken", 5.0, Some(failure))];
    Run { unit, arms }
}

fn reading(kind: ReadingKind, source: &str) -> Reading {
    Reading { kind, dimension: Default::default(), unit: None, source: source.into(), span: Span::default() }
}

fn at_end(arm: usize) -> Reading {
    let kind = ReadingKind::Measure { experiment: ExperimentId(0), arm, point: None, measure: 0, time: None };
    reading(kind, &format!("e.{arm}.x"))
}

fn verdict(left: Reading, operator: Operator, right: Reading, tolerance: f64) -> ClaimResult {
    let claim = Claim {
        text: "so it is".into(),
        doc: String::new(),
        module: ModuleId(0),
        evidence: Default::default(),
        prediction: String::new(),
        cell: None,
        tolerance,
        condition: Condition::Compare { operator, left, right },
        span: Span::default(),
    };
    let hir = Hir { claims: vec![claim], ..Hir::default() };
    claims::evaluate(&hir, &run()).remove(0)
}

#[test]
fn a_tie_is_neither_less_nor_more_and_is_equal() {
    use Operator::*;
    for (operator, exactly, tied) in [
        (Less, true, false),
        (LessEqual, true, true),
        (Greater, false, false),
        (GreaterEqual, false, true),
        (Equal, false, true),
        (NotEqual, true, false),
    ] {
        let holds = |tolerance| verdict(at_end(0), operator, at_end(1), tolerance).verdict == Verdict::Holds;
        assert_eq!((holds(1e-3), holds(1e-2)), (exactly, tied), "{operator:?}");
    }
}

#[test]
fn the_numbers_behind_a_verdict_are_kept() {
    let result = verdict(at_end(1), Operator::Less, reading(ReadingKind::Number(3.0), "3"), 0.0);
    let [comparison] = result.comparisons.as_slice() else { panic!() };
    assert_eq!((comparison.left.value, comparison.operator.as_str(), comparison.right.value), (100.5, "<", 3.0));
    assert_eq!((comparison.left.source.as_str(), comparison.right.source.as_str()), ("e.1.x", "3"));
    assert_eq!(result.verdict, Verdict::Fails);
}

#[test]
fn a_claim_about_what_was_not_reached_is_undecided() {
    let result = verdict(at_end(2), Operator::Less, at_end(0), 0.0);
    let Verdict::Undecided(reason) = result.verdict else { panic!() };
    assert_eq!(reason, "`e.2.x`: arm `broken` failed and only reached 1.0000 h");
    let nothing = verdict(reading(ReadingKind::Number(f64::NAN), "0/0"), Operator::NotEqual, at_end(0), 0.0);
    assert!(matches!(nothing.verdict, Verdict::Undecided(_)));
}
