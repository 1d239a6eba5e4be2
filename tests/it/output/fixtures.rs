//! Results and networks made by hand.

use exoc::experiment::results::{
    Arm, Band, ClaimResult, Comparison, Coordinate, ExperimentResult, Failure, Measure, Results, Series, Side, Spread,
    Statistics, Verdict,
};
use exoc::network::DisplayUnit;
use exoc::source::Span;

pub fn unit(symbol: &str, factor: f64) -> DisplayUnit {
    DisplayUnit { symbol: symbol.to_owned(), factor }
}

fn hours() -> DisplayUnit {
    unit("h", 3600.0)
}

fn measure(name: &str, unit: DisplayUnit, source: &str) -> Measure {
    Measure { name: name.to_owned(), unit, source: source.to_owned(), span: Span::default() }
}

fn arm(name: &str, end: f64, step: f64, curves: &[&dyn Fn(f64) -> f64]) -> Arm {
    let times: Vec<f64> = (0..).map(|i| f64::from(i) * step).take_while(|t| *t <= end * 1.000_001).collect();
    let series =
        curves.iter().map(|f| Series { values: times.iter().map(|&t| f(t / 3600.0)).collect(), ..Series::default() });
    Arm {
        name: name.to_owned(),
        coordinates: Vec::new(),
        series: series.collect(),
        times,
        marks: Vec::new(),
        failure: None,
        statistics: Statistics::default(),
        distributions: Vec::new(),
    }
}

/// Four arms, three measures, a band, doses, claims of each verdict.
pub fn knockdown() -> Results {
    let curve = |scale: f64, docked: f64, per: f64| {
        arm(
            "",
            24.0 * 3600.0,
            600.0,
            &[
                &move |t| scale * (t - 3.0 * (1.0 - (-t / 3.0).exp())),
                &move |t| docked + (31.4 - docked) * (-t / 2.5).exp(),
                &move |t| per + 0.9 * (-t / 8.0).exp() * (t / 2.0).sin(),
            ],
        )
    };
    let named = |name: &str, arm: Arm| Arm { name: name.to_owned(), ..arm };
    let mut control = named("control", curve(61.3, 31.4, 11.7));
    if let Some(series) = control.series.first_mut() {
        let bound = |f: f64| series.values.iter().map(|v| v * f).collect::<Vec<f64>>();
        let band = |share, low, high| Band { share, lower: bound(low), upper: bound(high) };
        series.spread = Some(Spread {
            median: bound(1.03),
            bands: vec![band(0.9, 0.8, 1.27), band(0.5, 0.92, 1.12)],
            deviation: None,
        });
    }
    let mut a = named("a", curve(22.9, 9.2, 11.9));
    a.marks = vec![(2.0 * 3600.0, "siRab27a 10 nM".to_owned()), (12.0 * 3600.0, "siRab27a off".to_owned())];
    a.marks.extend([14.0, 16.0, 18.0].map(|h| (h * 3600.0, "feeding".to_owned())));
    let arms = vec![control, a, named("b", curve(38.8, 21.0, 10.1)), named("both", curve(6.18, 4.4, 9.6))];
    let experiment = ExperimentResult {
        name: "secretion".to_owned(),
        model: "culture".to_owned(),
        time_unit: hours(),
        measures: vec![
            measure("yield", unit("copies/cell", 1.0), "ILV@medium / 1e6 cells"),
            measure("docked", unit("copies", 1.0), "MVB.docked@donor"),
            measure("CD63_per", unit("", 1.0), "CD63 per ILV@medium"),
        ],
        arms,
        span: Span::default(),
    };
    Results { experiments: vec![experiment], claims: knockdown_claims(), ..Results::default() }
}

fn side(source: &str, value: f64, unit: DisplayUnit) -> Side {
    Side { source: source.to_owned(), value, unit }
}

fn knockdown_claims() -> Vec<ClaimResult> {
    let per_cell = || unit("copies/cell", 1.0);
    let claim = |text: &str, evidence: &[&str], verdict: Verdict, comparisons: Vec<Comparison>| ClaimResult {
        text: text.to_owned(),
        module: "model".to_owned(),
        evidence: evidence.iter().map(|&e| e.to_owned()).collect(),
        cell: None,
        prediction: String::new(),
        measured: None,
        way: None,
        verdict,
        comparisons,
        shares: Vec::new(),
        position: 0,
        span: Span::default(),
    };
    vec![
        claim(
            "Rab27a silencing lowers secretion",
            &["review[88]"],
            Verdict::Holds,
            vec![Comparison {
                left: side("secretion.a.yield", 480.9, per_cell()),
                operator: "<".to_owned(),
                right: side("0.8 * secretion.control.yield", 1029.9, per_cell()),
                holds: true,
            }],
        ),
        claim(
            "Silencing both isoforms is worse than either, which takes rather many words to say in one line",
            &["assumed"],
            Verdict::Fails,
            vec![
                Comparison {
                    left: side("secretion.both.yield", 829.8, per_cell()),
                    operator: "<".to_owned(),
                    right: side("min(secretion.a.yield, secretion.b.yield)", 480.9, per_cell()),
                    holds: false,
                },
                Comparison {
                    left: side("secretion.both.empty", 0.93, unit("%", 0.01)),
                    operator: ">".to_owned(),
                    right: side("90 %", 0.9, unit("%", 0.01)),
                    holds: true,
                },
            ],
        ),
        claim(
            "Docking is the step that fails",
            &["review[88]", "doi:10.1000/xyz"],
            Verdict::Undecided("arm `a` stopped at 3.2 h".to_owned()),
            Vec::new(),
        ),
    ]
}

/// A dose sweep over decades, a grid of two drugs, and an arm that failed.
pub fn sweeps() -> Results {
    let micromolar = unit("uM", 602.214_076);
    let nanomolar = unit("nM", 0.602_214_076);
    let response = |gw: f64, manu: f64| 1234.5 / (1.0 + gw / 2.0) / (1.0 + manu / 250.0);
    let at = |name: &str, coordinates: Vec<Coordinate>, last: f64| Arm {
        coordinates,
        ..arm(name, 48.0 * 3600.0, 24.0 * 3600.0, &[&move |t| last * t / 48.0, &move |t| 0.5 - last * t / 48.0 * 1e-4])
    };
    let gw =
        |value: f64| Coordinate { name: "GW4869".to_owned(), value: value * 602.214_076, unit: micromolar.clone() };
    let manu = |value: f64| Coordinate {
        name: "manumycin_A".to_owned(),
        value: value * 0.602_214_076,
        unit: nanomolar.clone(),
    };
    let mut arms = vec![at("control", vec![], response(0.0, 0.0)), at("gw", vec![], response(10.0, 0.0))];
    for dose in [0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0] {
        arms.push(at("dose", vec![gw(dose)], response(dose, 0.0)));
    }
    for g in [0.0, 0.3, 1.0, 3.0, 10.0] {
        for m in [0.0, 10.0, 30.0, 100.0, 300.0, 1000.0] {
            arms.push(at("matrix", vec![gw(g), manu(m)], response(g, m)));
        }
    }
    if let Some(failed) = arms.get_mut(1) {
        failed.times.truncate(2);
        for series in &mut failed.series {
            series.values.truncate(2);
        }
        failed.failure = Some(Failure {
            time: 24.3 * 3600.0,
            message: "`donor.ceramide` grows without bound by `donor.conversion`; give it a sink, or saturate its rate"
                .to_owned(),
            span: None,
        });
    }
    let experiment = ExperimentResult {
        name: "combination".to_owned(),
        model: "culture".to_owned(),
        time_unit: hours(),
        measures: vec![
            measure("yield", unit("copies/cell", 1.0), "ILV@medium / 1e6 cells"),
            measure("share", unit("%", 0.01), "share of ILV that reach lysosome"),
        ],
        arms,
        span: Span::default(),
    };
    Results { experiments: vec![experiment], claims: Vec::new(), ..Results::default() }
}
