//! What `exoc run` prints: for each experiment its measures and arms, then charts, then the claims.
//!
//! Invariants: a pure function of the results, the width and whether there may be colour; an arm that failed shows
//! no final value and says why; every claim shows the numbers that decided it.

mod claim_table;
mod claims;
mod distributions;
mod ensemble;
mod runs;
mod steady;
mod sweep;

use std::path::PathBuf;

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Row, Table, TableStyle};
use unicode_width::UnicodeWidthStr;

use super::chart::chart;
use super::number::{align_points, number, ratio};
use super::paint::{Tone, paint};
use super::unit::{heading, quantity};
use crate::experiment::results::{Arm, ExperimentResult, Results, Statistics};

pub use claim_table::{ROBUST, claim_table};
pub use claims::claims;
pub(super) use ensemble::last_spread;
pub use steady::steady;
pub(super) use sweep::{distinct, groups};

/// Arms that failed are told one by one up to so many.
const MOST_FAILURES: usize = 10;
/// The method of [`Statistics::methods`] that gives way to others.
const EXPLICIT: &str = "Tsit5";

/// Everything about a run that fits a terminal of `width` columns.
pub fn summary(results: &Results, width: usize, colour: bool) -> String {
    let mut text = String::new();
    for result in &results.experiments {
        text.push_str(&experiment(result, width, colour));
        text.push('\n');
    }
    text.push_str(&ensemble::ensemble(results, width, colour));
    text.push_str(&runs::runs(results, width, colour));
    text.push_str(&claims(results, width, colour));
    text
}

/// What failed of an ensemble, or of exact runs, by kind; nothing if nothing did.
pub fn failed(results: &Results, width: usize, colour: bool) -> String {
    ensemble::failures(results, width, colour) + &runs::failures(results, width, colour)
}

/// Where further output went: one line, or nothing.
pub fn written(paths: &[PathBuf]) -> String {
    if paths.is_empty() {
        return String::new();
    }
    let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    format!("Written: {}\n", names.join(", "))
}

fn experiment(result: &ExperimentResult, width: usize, colour: bool) -> String {
    let mut text = paint(&title(result), Tone::Strong, colour) + "\n\n";
    if result.arms.iter().any(|arm| arm.coordinates.is_empty()) {
        match runs::are_exact(result) {
            true => text.push_str(&runs::arms(result, width, colour)),
            false => text.push_str(&plain_arms(result, width, colour)),
        }
    }
    text.push_str(&distributions::distributions(result, width, colour));
    text.push_str(&sweep::sweeps(result, width, colour));
    text.push_str(&failed_arms(result, width, colour));
    text.push_str(&charts(result, width, colour));
    text
}

fn title(result: &ExperimentResult) -> String {
    let name = if result.model.is_empty() || result.model == result.name {
        result.name.clone()
    } else {
        format!("{} of {}", result.name, result.model)
    };
    let end = end_time(result).map_or_else(String::new, |end| format!(" · {}", quantity(end, &result.time_unit)));
    let points = result.arms.iter().filter(|arm| !arm.coordinates.is_empty()).count();
    let arms = match (result.arms.len() - points, points) {
        (0 | 1, 0) => String::new(),
        (n, 0) => format!(" · {n} arms"),
        (0, n) => format!(" · {n} points"),
        (1, n) => format!(" · 1 arm and {n} points"),
        (arms, n) => format!(" · {arms} arms and {n} points"),
    };
    name + &end + &arms + &methods(result)
}

/// The methods that integrated the arms; an explicit one comes first where stability or short steps made it give way.
fn methods(result: &ExperimentResult) -> String {
    let all: Statistics = result.arms.iter().map(|arm| arm.statistics).sum();
    let mut names: Vec<&str> = all.methods().iter().map(|(name, _)| name.split(',').next().unwrap_or(name)).collect();
    match names.iter().position(|&name| name == EXPLICIT).filter(|_| names.len() > 1 && all.stiffened + all.stuck > 0) {
        Some(at) => {
            names.remove(at);
            format!(" · by {EXPLICIT}, where stiff by {}", names.join(" and "))
        }
        None if names.is_empty() => String::new(),
        None => format!(" · by {}", names.join(" and ")),
    }
}

/// The last time of the longest arm, in seconds.
fn end_time(result: &ExperimentResult) -> Option<f64> {
    result.arms.iter().filter_map(|arm| arm.times.last().copied()).max_by(f64::total_cmp)
}

fn at_end(result: &ExperimentResult) -> String {
    end_time(result).map_or_else(|| "value".to_owned(), |end| format!("at {}", quantity(end, &result.time_unit)))
}

/// The last value of a measure in its unit, unless the arm failed.
fn last(result: &ExperimentResult, arm: &Arm, measure: usize) -> Option<f64> {
    let unit = &result.measures.get(measure)?.unit;
    let value = arm.series.get(measure)?.values.last()? / unit.factor;
    arm.failure.is_none().then_some(value)
}

/// The last value relative to that of the control.
fn relative(result: &ExperimentResult, arm: &Arm, measure: usize) -> Option<f64> {
    let control = last(result, result.control()?, measure)?;
    let share = last(result, arm, measure)? / control;
    share.is_finite().then_some(share)
}

fn control_heading(result: &ExperimentResult) -> String {
    match result.control() {
        Some(arm) if arm.coordinates.is_empty() => format!("× {}", arm.name),
        _ => "× first".to_owned(),
    }
}

fn shown(value: Option<f64>, with: fn(f64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), with)
}

fn plain_arms(result: &ExperimentResult, width: usize, colour: bool) -> String {
    let arms: Vec<(usize, &Arm)> = result.arms.iter().filter(|arm| arm.coordinates.is_empty()).enumerate().collect();
    let shares = ensemble::shares(result);
    let many = arms.len() > 1;
    let mut header = vec!["measure".to_owned(), "arm".to_owned(), at_end(result)];
    if let Some(shares) = &shares {
        header.push("median".to_owned());
        header.extend(shares.iter().map(|share| format!("{} % lie in", number(100.0 * share))));
    }
    if many {
        header.push(control_heading(result));
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (m, measure) in result.measures.iter().enumerate() {
        let mut values: Vec<String> = arms.iter().map(|(_, arm)| shown(last(result, arm, m), number)).collect();
        let mut ratios: Vec<String> = arms.iter().map(|(_, arm)| shown(relative(result, arm, m), ratio)).collect();
        let middle = |arm: &Arm| ensemble::last_spread(result, arm, m).map(|spread| spread.median);
        let mut medians: Vec<String> = arms.iter().map(|(_, arm)| shown(middle(arm), number)).collect();
        align_points(&mut values);
        align_points(&mut ratios);
        align_points(&mut medians);
        for (((i, arm), value), ratio) in arms.iter().zip(values).zip(ratios) {
            let name = if *i == 0 { heading(&measure.name, &measure.unit) } else { String::new() };
            let mut row = vec![name, arm.name.clone(), value];
            if let Some(shares) = &shares {
                row.push(medians.get(*i).cloned().unwrap_or_default());
                row.extend(shares.iter().map(|share| ensemble::band(result, arm, m, *share)));
            }
            if many {
                row.push(ratio);
            }
            rows.push(row);
        }
    }
    let arms = arms.len();
    table(&header, &rows, 2, width, colour, |row, column| (column == 1).then_some(Tone::Arm(row % arms.max(1))))
}

/// A table without frame: text columns first, numbers after them to the right.
fn table(
    header: &[String],
    rows: &[Vec<String>],
    texts: usize,
    width: usize,
    colour: bool,
    tone: impl Fn(usize, usize) -> Option<Tone>,
) -> String {
    const PLAIN: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
    let mut table = Table::new();
    table.load_style(PLAIN).set_content_arrangement(ContentArrangement::Dynamic).force_no_tty();
    table.set_width(u16::try_from(width.max(20)).unwrap_or(u16::MAX));
    let side = |column: usize| if column < texts { CellAlignment::Left } else { CellAlignment::Right };
    let cells =
        |row: &[String]| Row::from(row.iter().enumerate().map(|(c, text)| Cell::new(text).set_alignment(side(c))));
    table.set_header(cells(header));
    for row in rows {
        table.add_row(cells(row));
    }
    let lines: Vec<String> = table.lines().collect();
    let whole = lines.len() == rows.len() + 2;
    let mut text = String::new();
    for (i, line) in lines.iter().enumerate() {
        let mut line = line.trim_end().to_owned();
        // Colour is laid on afterwards: escape codes have no width, and the table must not count them.
        if colour && i < 2 {
            line = paint(&line, Tone::Faint, true);
        } else if colour && whole {
            line = coloured(&line, rows.get(i - 2).map_or(&[], |r| r.as_slice()), |column| tone(i - 2, column));
        }
        text.push_str(&line);
        text.push('\n');
    }
    text + "\n"
}

/// A line of a table with its cells in colour, found from left to right.
fn coloured(line: &str, row: &[String], tone: impl Fn(usize) -> Option<Tone>) -> String {
    let mut text = String::new();
    let mut rest = line;
    for (column, cell) in row.iter().enumerate() {
        let cell = cell.trim_end();
        let Some(at) = rest.find(cell).filter(|_| !cell.is_empty()) else { continue };
        let (before, from) = rest.split_at(at);
        let (here, after) = from.split_at(cell.len());
        text.push_str(before);
        text.push_str(&tone(column).map_or_else(|| here.to_owned(), |tone| paint(here, tone, true)));
        rest = after;
    }
    text + rest
}

fn failed_arms(result: &ExperimentResult, width: usize, colour: bool) -> String {
    let mut text = String::new();
    let mut failed = result.arms.iter().filter(|arm| arm.failure.is_some());
    for arm in failed.by_ref().take(MOST_FAILURES) {
        let Some(failure) = &arm.failure else { continue };
        let at: Vec<String> =
            arm.coordinates.iter().map(|c| format!("{} = {}", c.name, quantity(c.value, &c.unit))).collect();
        let point = if at.is_empty() { String::new() } else { format!(" ({})", at.join(", ")) };
        let time = quantity(failure.time, &result.time_unit);
        let head = if arm.times.is_empty() {
            format!("✗ arm {}{point}: ", arm.name)
        } else {
            format!("✗ arm {}{point} stopped at {time}: ", arm.name)
        };
        let lines = wrap(&(head + &failure.message), width, "  ");
        text.push_str(&paint(&lines, Tone::Bad, colour));
        text.push('\n');
    }
    match failed.count() {
        0 => {}
        1 => text.push_str("and one more\n"),
        more => text.push_str(&format!("and {more} more\n")),
    }
    if text.is_empty() { text } else { text + "\n" }
}

/// The charts of all measures, two abreast where there is room.
fn charts(result: &ExperimentResult, width: usize, colour: bool) -> String {
    let abreast = if width >= 120 && result.measures.len() > 1 { 2 } else { 1 };
    let each = (width / abreast).min(100);
    let drawn: Vec<Vec<String>> = (0..result.measures.len())
        .map(|measure| chart(result, measure, each.saturating_sub(2), colour))
        .filter(|lines| !lines.is_empty())
        .collect();
    let mut text = String::new();
    for group in drawn.chunks(abreast) {
        let height = group.iter().map(Vec::len).max().unwrap_or(0);
        for row in 0..height {
            let mut line = String::new();
            for (i, lines) in group.iter().enumerate() {
                let gap = (i * each).saturating_sub(visible(&line));
                line.extend(std::iter::repeat_n(' ', gap));
                line.push_str(lines.get(row).map_or("", |l| l));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

/// Columns that a text with colour codes takes.
fn visible(text: &str) -> usize {
    let mut pieces = text.split('\x1b');
    let first = pieces.next().map_or(0, |p| p.width());
    first + pieces.map(|p| p.split_once('m').map_or(0, |(_, shown)| shown.width())).sum::<usize>()
}

/// Text broken between words so that lines fit `width`; those after the first are indented.
fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut wrapped = String::new();
    let mut column = 0;
    for word in text.split_inclusive(' ') {
        if column > indent.len() && column + word.trim_end().width() > width {
            wrapped.truncate(wrapped.trim_end_matches(' ').len());
            wrapped.push('\n');
            wrapped.push_str(indent);
            column = indent.width();
        }
        wrapped.push_str(word);
        column += word.width();
    }
    wrapped
}
