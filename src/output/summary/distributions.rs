//! Distributions over single vesicles: what is known of each in a row, and the shares by bins as bars.

use super::table;
use crate::experiment::results::{Distribution, ExperimentResult, Histogram};
use crate::network::DisplayUnit;
use crate::output::number::number;
use crate::output::paint::Tone;
use crate::output::unit::heading;

/// Eighths of a block from the left.
const BLOCKS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
/// Bins that a terminal shows.
const MOST_ROWS: usize = 16;

/// All distributions of an experiment; nothing without any.
pub(super) fn distributions(result: &ExperimentResult, width: usize, colour: bool) -> String {
    let mut text = String::new();
    for (m, measure) in result.measures.iter().enumerate() {
        let found: Vec<(&str, &Distribution)> = (result.arms.iter())
            .filter_map(|arm| Some((arm.name.as_str(), arm.distributions.get(m)?.as_ref()?)))
            .collect();
        if found.is_empty() {
            continue;
        }
        let name = heading(&measure.name, &measure.unit);
        if found.iter().any(|(_, one)| !one.found.routes.is_empty()) {
            text.push_str(&routes(&name, &found, width, colour));
            continue;
        }
        text.push_str(&moments(&name, &found, &measure.unit, width, colour));
        text.push_str(&bars(&name, &found, &measure.unit, width));
    }
    text
}

/// Members, mean, deviation, range; of copies the share without any and the Fano factor.
fn moments(name: &str, found: &[(&str, &Distribution)], unit: &DisplayUnit, width: usize, colour: bool) -> String {
    let copies = found.iter().any(|(_, one)| one.found.none.is_some());
    let mut header: Vec<String> = vec![format!("distribution of {name}")];
    let more: &[&str] = if copies { &["none", "Fano"] } else { &[] };
    header.extend(["vesicles", "mean", "sd", "median", "least", "most"].iter().chain(more).map(|s| (*s).to_owned()));
    let shown = |value: f64| if value.is_finite() { number(value) } else { "–".to_owned() };
    let row = |arm: String, one: &Histogram| {
        let own = |value: f64| shown(value / unit.factor);
        let mut row = vec![arm, shown(one.members), own(one.mean), own(one.sd), own(one.median)];
        row.extend([own(one.least), own(one.most)]);
        if copies {
            row.push(one.none.map_or_else(|| "–".to_owned(), |none| format!("{} %", number(100.0 * none))));
            row.push(shown(one.sd * one.sd / one.mean));
        }
        row
    };
    let mut rows = Vec::new();
    for (arm, one) in found {
        rows.push(row((*arm).to_owned(), &one.found));
        if let Some(beside) = &one.beside {
            rows.push(row("  mean field".to_owned(), beside));
        }
    }
    table(&header, &rows, 1, width, colour, |row, column| (column == 0).then_some(Tone::Arm(row)))
}

/// One bar to a bin, of the first arm.
fn bars(name: &str, found: &[(&str, &Distribution)], unit: &DisplayUnit, width: usize) -> String {
    let Some((arm, one)) = found.first() else { return String::new() };
    let shares = &one.found.shares;
    let together = shares.len().div_ceil(MOST_ROWS).max(1);
    let rows: Vec<(f64, f64)> = (shares.chunks(together).enumerate())
        .map(|(i, chunk)| {
            let from = one.found.from + (i * together) as f64 * one.found.width;
            (from / unit.factor, chunk.iter().sum::<f64>())
        })
        .collect();
    let most = rows.iter().map(|(_, share)| *share).fold(0.0, f64::max);
    if rows.len() < 2 || most <= 0.0 {
        return String::new();
    }
    let labels: Vec<String> = rows.iter().map(|(from, _)| number(*from)).collect();
    let wide = labels.iter().map(String::len).max().unwrap_or(0);
    let room = width.saturating_sub(wide + 14).clamp(8, 50);
    let step = number(one.found.width * together as f64 / unit.factor);
    let mut text = format!("{name}, {arm}: share of vesicles by {step} {}\n", unit.symbol.trim());
    for ((_, share), label) in rows.iter().zip(&labels) {
        let eighths = (share / most * (room * 8) as f64).round() as usize;
        let mut bar: String = std::iter::repeat_n('█', eighths / 8).collect();
        if let Some(part) = (eighths % 8).checked_sub(1).and_then(|i| BLOCKS.get(i)) {
            bar.push(*part);
        }
        text.push_str(format!("{label:>wide$} │{bar} {} %", number(100.0 * share)).trim_end());
        text.push('\n');
    }
    text + "\n"
}

fn routes(name: &str, found: &[(&str, &Distribution)], width: usize, colour: bool) -> String {
    let mut all: Vec<(&str, f64)> = Vec::new();
    for (route, share) in found.iter().flat_map(|(_, one)| &one.found.routes) {
        match all.iter_mut().find(|(known, _)| known == route) {
            Some((_, most)) => *most = most.max(*share),
            None => all.push((route, *share)),
        }
    }
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let mut header = vec![format!("distribution of {name}")];
    header.extend(found.iter().map(|(arm, _)| (*arm).to_owned()));
    let rows: Vec<Vec<String>> = (all.iter())
        .map(|(route, _)| {
            let share = |one: &Distribution| one.found.routes.iter().find(|(own, _)| own == route).map_or(0.0, |r| r.1);
            let shares = found.iter().map(|(_, one)| format!("{} %", number(100.0 * share(one))));
            std::iter::once((*route).to_owned()).chain(shares).collect()
        })
        .collect();
    table(&header, &rows, 1, width, colour, |_, _| None)
}
