//! What exact runs add: means with how sure they are, deviations, bands, and how many runs it took.

use super::{at_end, control_heading, ensemble, relative, shown, table, wrap};
use crate::experiment::results::{Arm, ExperimentResult, Representation, RepresentedCells, Results};
use crate::output::number::{align_points, number, ratio};
use crate::output::paint::{Tone, paint};
use crate::output::unit::heading;

/// 95 % of a normal distribution lie within so many standard deviations.
const NORMAL_95: f64 = 1.959_964;
/// How near to the mean itself the mean over runs should be, with 95 % certainty.
const WANTED: f64 = 0.01;

/// Whether values are means over exact runs.
pub(super) fn are_exact(result: &ExperimentResult) -> bool {
    result.arms.iter().flat_map(|arm| &arm.series).any(|series| series.beside.is_some())
}

/// Mean, standard deviation and the mean field of a last value, in its unit.
struct Last {
    mean: f64,
    deviation: f64,
    beside: f64,
}

fn last(result: &ExperimentResult, arm: &Arm, measure: usize) -> Option<Last> {
    let factor = result.measures.get(measure)?.unit.factor;
    let series = arm.series.get(measure)?;
    let end = |values: Option<&Vec<f64>>| values.and_then(|v| v.last()).map_or(f64::NAN, |v| v / factor);
    let deviation = end(series.spread.as_ref().and_then(|spread| spread.deviation.as_ref()));
    Some(Last { mean: end(Some(&series.values)), deviation, beside: end(series.beside.as_ref()) })
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// The arms of an experiment that was run exactly.
pub(super) fn arms(result: &ExperimentResult, width: usize, colour: bool) -> String {
    let arms: Vec<&Arm> = result.arms.iter().filter(|arm| arm.coordinates.is_empty()).collect();
    let several = arms.iter().flat_map(|arm| &arm.series).any(|series| {
        let deviation = series.spread.as_ref().and_then(|spread| spread.deviation.as_ref());
        deviation.is_some_and(|d| d.iter().any(|d| d.is_finite()))
    });
    let mut header = vec!["measure".to_owned(), "arm".to_owned()];
    header.push(if several { format!("mean {}", at_end(result)) } else { at_end(result) });
    if several {
        header.extend(["sd", "90 % lie in"].map(str::to_owned));
    }
    if arms.len() > 1 {
        header.push(control_heading(result));
    }
    header.push("mean field".to_owned());
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (m, measure) in result.measures.iter().enumerate() {
        let lasts: Vec<Option<Last>> = arms.iter().map(|arm| last(result, arm, m)).collect();
        let column = |of: &dyn Fn(&Last) -> f64| -> Vec<String> {
            let values = lasts.iter().map(|last| shown(last.as_ref().and_then(|last| finite(of(last))), number));
            let mut values: Vec<String> = values.collect();
            align_points(&mut values);
            values
        };
        let means = column(&|last| last.mean);
        let (deviations, beside) = (column(&|last| last.deviation), column(&|last| last.beside));
        let mut ratios: Vec<String> = arms.iter().map(|arm| shown(relative(result, arm, m), ratio)).collect();
        align_points(&mut ratios);
        for (i, arm) in arms.iter().enumerate() {
            let name = if i == 0 { heading(&measure.name, &measure.unit) } else { String::new() };
            let cell = |column: &[String]| column.get(i).cloned().unwrap_or_default();
            let mut row = vec![name, arm.name.clone(), cell(&means)];
            if several {
                row.push(cell(&deviations));
                row.push(ensemble::band(result, arm, m, 0.9));
            }
            if arms.len() > 1 {
                row.push(cell(&ratios));
            }
            row.push(cell(&beside));
            rows.push(row);
        }
    }
    let number = arms.len();
    table(&header, &rows, 2, width, colour, |row, column| (column == 1).then_some(Tone::Arm(row % number.max(1))))
}

/// How many runs there are, how sure their means are, and what failed.
pub(super) fn runs(results: &Results, width: usize, colour: bool) -> String {
    let Some(runs) = &results.runs else { return String::new() };
    let count = |n: u64| number(n as f64);
    let plural = if runs.wanted == 1 { "run" } else { "runs" };
    let all = match runs.finished == runs.wanted {
        true => format!("{} {plural}", count(runs.wanted)),
        false => format!("{} of {} {plural}", count(runs.finished), count(runs.wanted)),
    };
    let line = format!("{all} · {} events · seed {}", count(runs.events), runs.seed);
    let mut text = format!("{}  {}\n", paint("exact", Tone::Strong, colour), wrap(&line, width, "  "));
    for line in represented(&runs.representation) {
        text.push_str(&format!("  {}\n", wrap(&line, width.saturating_sub(2), "    ")));
    }
    if runs.finished > 1 {
        for line in certainty(results, runs.finished - runs.failed) {
            text.push_str(&format!("  {}\n", wrap(&line, width.saturating_sub(2), "    ")));
        }
    }
    text + &failures(results, width, colour) + "\n"
}

/// What failed of the runs, by kind.
pub(super) fn failures(results: &Results, width: usize, colour: bool) -> String {
    let Some(runs) = &results.runs else { return String::new() };
    let meaning = "count in no mean and no band where they did";
    ensemble::failed(runs.failed, meaning, &runs.failures, width, colour)
}

/// What was not taken one by one.
fn represented(representation: &Representation) -> Vec<String> {
    let mut lines = Vec::new();
    let cells = |c: &RepresentedCells| {
        let stand = if c.here == 1 { "stands" } else { "stand" };
        format!("{} `{}` {stand} for {}", number(f64::from(c.here)), c.cell, number(c.all))
    };
    let cells: Vec<String> = representation.cells.iter().map(cells).collect();
    if !cells.is_empty() {
        let shared = "what cells share is scaled down with them, and fluctuates as that of so few";
        lines.push(format!("{}; {shared} (more with --cells)", cells.join(", ")));
    }
    for process in &representation.averaged {
        lines.push(format!("`{process}` goes by mean contents: its rate can't be told apart by vesicle"));
    }
    if representation.large_numbers {
        lines.push("numbers above a thousand million were taken as their means, not drawn".to_owned());
    }
    if !representation.uncounted.is_empty() {
        let names: Vec<String> = representation.uncounted.iter().map(|name| format!("`{name}`")).collect();
        let (verb, it) =
            if names.len() == 1 { ("was", "it goes by its mean") } else { ("were", "they go by their means") };
        lines.push(format!(
            "{} {verb} too abundant to count, above 2^53 copies: {it}, and so does what changes nothing else",
            names.join(", ")
        ));
    }
    if representation.no_leaps {
        lines.push(
            "no leaps: rates change between events, and each was taken by itself; `--hybrid` may be faster".to_owned(),
        );
    }
    lines
}

/// The least sure of the means at the end, and how many runs would do.
fn certainty(results: &Results, finished: u64) -> Vec<String> {
    let mut least: Option<(f64, String)> = None;
    for result in &results.experiments {
        for arm in &result.arms {
            for (m, measure) in result.measures.iter().enumerate() {
                let Some(last) = last(result, arm, m) else { continue };
                let spread = last.deviation / last.mean.abs();
                if spread.is_finite() && least.as_ref().is_none_or(|(known, _)| spread > *known) {
                    let name = if result.arms.len() > 1 {
                        format!("{}, {}", measure.name, arm.name)
                    } else {
                        measure.name.clone()
                    };
                    least = Some((spread, name));
                }
            }
        }
    }
    let Some((spread, name)) = least else { return Vec::new() };
    let half = NORMAL_95 * spread / (finished.max(1) as f64).sqrt();
    let needed = (NORMAL_95 * spread / WANTED).powi(2).ceil().max(2.0);
    let sure = format!("means at the end are within ± {} % or better with 95 % certainty", number(100.0 * half));
    let enough = match needed <= finished as f64 {
        true => format!("1 % takes {} runs", number(needed)),
        false => format!("1 % would take {} runs", number(needed)),
    };
    vec![format!("{sure} (least sure: {name}); {enough}")]
}
