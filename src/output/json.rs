//! Results as JSON that explains itself: experiments with their measures and arms, and claims with the numbers
//! behind them. Values are in the unit given beside them; what is not finite is `null`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::unit::symbol;
use crate::experiment::results::{
    self, Arm, ClaimResult, EnsembleResult, ExperimentResult, Histogram, Results, RunsResult, Side, Trials, Verdict,
};
use crate::network::DisplayUnit;

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: &'static str,
    experiments: Vec<Experiment<'a>>,
    claims: Vec<Claim<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ensemble: Option<&'a EnsembleResult>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<&'a RunsResult>,
}

#[derive(Serialize)]
struct Experiment<'a> {
    name: &'a str,
    model: &'a str,
    time_unit: String,
    measures: Vec<Measure<'a>>,
    arms: Vec<ArmObject<'a>>,
}

#[derive(Serialize)]
struct Measure<'a> {
    name: &'a str,
    unit: String,
    expression: &'a str,
}

#[derive(Serialize)]
struct ArmObject<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    coordinates: Vec<Value<'a>>,
    time: Vec<f64>,
    series: Vec<Series<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<Mark<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Mark<'a>>,
    statistics: Statistics,
}

#[derive(Serialize)]
struct Value<'a> {
    name: &'a str,
    value: f64,
    unit: String,
}

#[derive(Serialize)]
struct Series<'a> {
    measure: &'a str,
    values: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    median: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bands: Vec<Band>,
    /// Standard deviation over exact runs, and what the mean field says beside their mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    deviation: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_field: Option<Vec<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distribution: Option<Bins<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_field_distribution: Option<Bins<'a>>,
}

/// A distribution over single vesicles at the end.
#[derive(Serialize)]
struct Bins<'a> {
    vesicles: f64,
    mean: f64,
    sd: f64,
    median: f64,
    least: f64,
    most: f64,
    /// Of copies: the share of vesicles without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    none: Option<f64>,
    /// Where the first bin begins, how wide each is, and the share of vesicles in each.
    from: f64,
    width: f64,
    shares: &'a [f64],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    routes: Vec<Route<'a>>,
}

#[derive(Serialize)]
struct Route<'a> {
    route: &'a str,
    share: f64,
}

#[derive(Serialize)]
struct Band {
    share: f64,
    lower: Vec<f64>,
    upper: Vec<f64>,
}

#[derive(Serialize)]
struct Mark<'a> {
    time: f64,
    text: &'a str,
}

#[derive(Serialize)]
struct Statistics {
    steps: u64,
    rejected: u64,
    rhs_evaluations: u64,
    jacobian_evaluations: u64,
    factorisations: u64,
    solutions: u64,
    pivoted: u64,
    /// The accepted steps of each method.
    methods: BTreeMap<&'static str, u64>,
    /// Why the method was changed, and how often.
    changes: BTreeMap<&'static str, u64>,
    /// Seconds by the clock, with `--stats`.
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<BTreeMap<&'static str, f64>>,
}

#[derive(Serialize)]
struct Claim<'a> {
    text: &'a str,
    module: &'a str,
    evidence: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    cell: Option<&'a str>,
    prediction: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<Measured>,
    /// The processes on the shortest way from what is perturbed to what is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    way: Option<&'a [String]>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    comparisons: Vec<Comparison<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shares: Vec<Shares>,
}

/// What a short claim reads, without and with what it does.
#[derive(Serialize)]
struct Measured {
    control: f64,
    treated: f64,
    unit: String,
}

#[derive(Serialize)]
struct Shares {
    of: &'static str,
    holds: u64,
    fails: u64,
    undecided: u64,
}

#[derive(Serialize)]
struct Comparison<'a> {
    left: SideObject<'a>,
    operator: &'a str,
    right: SideObject<'a>,
    holds: bool,
}

#[derive(Serialize)]
struct SideObject<'a> {
    expression: &'a str,
    value: f64,
    unit: String,
}

/// The file's contents.
pub fn bytes(results: &Results) -> Vec<u8> {
    let document = Document {
        format: "exoc results",
        version: env!("CARGO_PKG_VERSION"),
        experiments: results.experiments.iter().map(experiment).collect(),
        claims: results.claims.iter().map(claim).collect(),
        ensemble: results.ensemble.as_ref(),
        runs: results.runs.as_ref(),
    };
    // Plain data with string keys can't be refused.
    let mut bytes = serde_json::to_vec(&document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// The claims alone.
pub fn claims(results: &Results) -> Vec<u8> {
    bytes(&Results { experiments: Vec::new(), ..results.clone() })
}

fn experiment(result: &ExperimentResult) -> Experiment<'_> {
    let measures = result.measures.iter();
    Experiment {
        name: &result.name,
        model: &result.model,
        time_unit: symbol(&result.time_unit),
        measures: measures.map(|m| Measure { name: &m.name, unit: symbol(&m.unit), expression: &m.source }).collect(),
        arms: result.arms.iter().map(|a| arm(a, result)).collect(),
    }
}

fn arm<'a>(arm: &'a Arm, result: &'a ExperimentResult) -> ArmObject<'a> {
    let time = &result.time_unit;
    let columns = result.measures.iter().zip(&arm.series).enumerate();
    let distribution = |m: usize| arm.distributions.get(m).and_then(Option::as_ref);
    let series = columns.map(|(m, (measure, series))| Series {
        deviation: series.spread.as_ref().and_then(|s| Some(shown(s.deviation.as_ref()?, &measure.unit))),
        mean_field: series.beside.as_ref().map(|beside| shown(beside, &measure.unit)),
        distribution: distribution(m).map(|d| bins(&d.found, &measure.unit)),
        mean_field_distribution: distribution(m).and_then(|d| Some(bins(d.beside.as_ref()?, &measure.unit))),
        measure: &measure.name,
        values: shown(&series.values, &measure.unit),
        median: series.spread.as_ref().map(|spread| shown(&spread.median, &measure.unit)),
        bands: series.spread.iter().flat_map(|spread| &spread.bands).map(|b| band(b, &measure.unit)).collect(),
    });
    let coordinates = arm.coordinates.iter();
    let statistics = arm.statistics;
    ArmObject {
        name: &arm.name,
        coordinates: coordinates
            .map(|c| Value { name: &c.name, value: c.value / c.unit.factor, unit: symbol(&c.unit) })
            .collect(),
        time: shown(&arm.times, time),
        series: series.collect(),
        marks: arm.marks.iter().map(|(at, text)| Mark { time: at / time.factor, text }).collect(),
        failure: arm.failure.as_ref().map(|f| Mark { time: f.time / time.factor, text: &f.message }),
        statistics: Statistics {
            steps: statistics.steps,
            rejected: statistics.rejected,
            rhs_evaluations: statistics.rhs_evaluations,
            jacobian_evaluations: statistics.jacobian_evaluations,
            factorisations: statistics.factorisations,
            solutions: statistics.solutions,
            pivoted: statistics.pivoted,
            methods: statistics.methods().into_iter().collect(),
            changes: changes(&statistics),
            times: statistics.times.map(times),
        },
    }
}

fn bins<'a>(histogram: &'a Histogram, unit: &DisplayUnit) -> Bins<'a> {
    let own = |value: f64| value / unit.factor;
    Bins {
        vesicles: histogram.members,
        mean: own(histogram.mean),
        sd: own(histogram.sd),
        median: own(histogram.median),
        least: own(histogram.least),
        most: own(histogram.most),
        none: histogram.none,
        from: own(histogram.from),
        width: own(histogram.width),
        shares: &histogram.shares,
        routes: histogram.routes.iter().map(|(route, share)| Route { route, share: *share }).collect(),
    }
}

fn changes(statistics: &results::Statistics) -> BTreeMap<&'static str, u64> {
    let all = [("stiff", statistics.stiffened), ("stuck", statistics.stuck), ("eased", statistics.eased)];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn times(times: results::Times) -> BTreeMap<&'static str, f64> {
    let all = [
        ("right_hand_sides", times.rhs),
        ("jacobians", times.jacobian),
        ("factorisations", times.factorisation),
        ("solutions", times.solution),
        ("total", times.total),
    ];
    all.into_iter().map(|(what, nanoseconds)| (what, nanoseconds as f64 * 1e-9)).collect()
}

fn band(band: &results::Band, unit: &DisplayUnit) -> Band {
    Band { share: band.share, lower: shown(&band.lower, unit), upper: shown(&band.upper, unit) }
}

fn shown(internal: &[f64], unit: &DisplayUnit) -> Vec<f64> {
    internal.iter().map(|v| v / unit.factor).collect()
}

fn claim(claim: &ClaimResult) -> Claim<'_> {
    let (verdict, reason) = match &claim.verdict {
        Verdict::Holds => ("holds", None),
        Verdict::Fails => ("fails", None),
        Verdict::Undecided(reason) => ("undecided", Some(reason.as_str())),
    };
    let comparisons = claim.comparisons.iter().map(|c| Comparison {
        left: side(&c.left),
        operator: &c.operator,
        right: side(&c.right),
        holds: c.holds,
    });
    let shares = claim.shares.iter().map(|shares| Shares {
        of: match shares.of {
            Trials::ScanPoints => "points of the scan",
            Trials::Members => "members of the ensemble",
            Trials::Runs => "exact runs",
        },
        holds: shares.holds,
        fails: shares.fails,
        undecided: shares.undecided,
    });
    Claim {
        text: &claim.text,
        module: &claim.module,
        evidence: &claim.evidence,
        cell: claim.cell.as_deref(),
        prediction: &claim.prediction,
        measured: claim.measured.as_ref().map(|m| Measured {
            control: m.control / m.unit.factor,
            treated: m.treated / m.unit.factor,
            unit: symbol(&m.unit),
        }),
        way: claim.way.as_deref(),
        verdict,
        reason,
        comparisons: comparisons.collect(),
        shares: shares.collect(),
    }
}

fn side(side: &Side) -> SideObject<'_> {
    SideObject { expression: &side.source, value: side.value / side.unit.factor, unit: symbol(&side.unit) }
}
