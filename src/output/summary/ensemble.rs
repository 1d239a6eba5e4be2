//! What an ensemble adds: medians and bands beside the nominal values, how often claims hold, what failed.

use super::wrap;
use crate::experiment::results::{Arm, ExperimentResult, FailureKind, Results, Shares, Trials};
use crate::output::number::number;
use crate::output::paint::{Tone, paint};

/// The spread of a last value, in the unit of its measure.
pub(in crate::output) struct LastSpread {
    pub median: f64,
    /// Share, lower and upper end; the widest first.
    pub bands: Vec<(f64, f64, f64)>,
}

/// The last spread of a measure; `None` without an ensemble.
pub(in crate::output) fn last_spread(result: &ExperimentResult, arm: &Arm, measure: usize) -> Option<LastSpread> {
    let factor = result.measures.get(measure)?.unit.factor;
    let spread = arm.series.get(measure)?.spread.as_ref()?;
    let ends = spread.bands.iter().filter_map(|b| Some((b.share, b.lower.last()? / factor, b.upper.last()? / factor)));
    Some(LastSpread { median: spread.median.last()? / factor, bands: ends.collect() })
}

/// The shares of the bands that an experiment has; `None` without an ensemble.
pub(super) fn shares(result: &ExperimentResult) -> Option<Vec<f64>> {
    let spread = result.arms.iter().flat_map(|arm| &arm.series).find_map(|series| series.spread.as_ref())?;
    Some(spread.bands.iter().map(|band| band.share).collect())
}

/// `12.3 … 45.6`.
pub(super) fn band(result: &ExperimentResult, arm: &Arm, measure: usize, share: f64) -> String {
    let spread = last_spread(result, arm, measure);
    let found = spread.and_then(|spread| spread.bands.into_iter().find(|(s, ..)| *s == share));
    match found {
        Some((_, lower, upper)) if lower.is_finite() && upper.is_finite() => {
            format!("{} … {}", number(lower), number(upper))
        }
        _ => "–".to_owned(),
    }
}

/// `holds in 93.4 % of 1,000 members, undecided in 2`.
pub(super) fn held(shares: &Shares) -> String {
    let all = shares.all();
    let trials = match shares.of {
        Trials::ScanPoints => "points of the scan",
        Trials::Members => "members",
        Trials::Runs => "runs",
    };
    let undecided = match shares.undecided {
        0 => String::new(),
        n => format!(", undecided in {}", number(n as f64)),
    };
    let of = number(all as f64);
    match shares.holds {
        0 => format!("holds in none of {of} {trials}{undecided}"),
        n if n == all => format!("holds in all {of} {trials}"),
        n => format!("holds in {} % of {of} {trials}{undecided}", number(100.0 * n as f64 / all.max(1) as f64)),
    }
}

/// How many members there are, of what, and what failed.
pub(super) fn ensemble(results: &Results, width: usize, colour: bool) -> String {
    let Some(ensemble) = &results.ensemble else { return String::new() };
    let count = |n: u64| number(n as f64);
    let numbers = if ensemble.uncertain == 1 { "number" } else { "numbers" };
    let members = match ensemble.finished == ensemble.members {
        true => format!("{} members", count(ensemble.members)),
        false => format!("{} of {} members", count(ensemble.finished), count(ensemble.members)),
    };
    let line = format!(
        "{members} · {} uncertain {numbers} · {}, seed {}",
        ensemble.uncertain, ensemble.sampling, ensemble.seed
    );
    let text = format!("{}  {}\n", paint("ensemble", Tone::Strong, colour), wrap(&line, width, "  "));
    text + &failures(results, width, colour) + "\n"
}

/// What failed of the members, by kind.
pub(super) fn failures(results: &Results, width: usize, colour: bool) -> String {
    let Some(ensemble) = &results.ensemble else { return String::new() };
    failed(ensemble.failed, "count in no median and no band where they did", &ensemble.failures, width, colour)
}

/// What failed, by kind.
pub(super) fn failed(failed: u64, meaning: &str, kinds: &[FailureKind], width: usize, colour: bool) -> String {
    let count = |n: u64| number(n as f64);
    let mut text = String::new();
    if failed > 0 {
        let line = format!("{} failed, and {meaning}:", count(failed));
        text.push_str(&format!("  {}\n", paint(&wrap(&line, width, "  "), Tone::Bad, colour)));
    }
    for kind in kinds {
        let example = |(member, arm): &(u64, String)| match arm.as_str() {
            "" => format!("{member}"),
            arm => format!("{member} ({arm})"),
        };
        let first: Vec<String> = kind.examples.iter().map(example).collect();
        let which = match kind.count as usize > first.len() {
            true => "first number",
            false => "number",
        };
        let line = format!("{} × {} {}: {which} {}", count(kind.count), kind.code, kind.title, first.join(", "));
        text.push_str(&format!("    {}\n", wrap(&line, width.saturating_sub(4), "      ")));
        if let Some(first) = &kind.first {
            text.push_str(&format!("      {}\n", wrap(first, width.saturating_sub(6), "      ")));
        }
    }
    text
}
