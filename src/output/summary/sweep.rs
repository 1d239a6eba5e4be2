//! Swept arms as compact tables of the last values: a list for one variable, a matrix for two.

use super::{at_end, control_heading, last, relative, shown, table};
use crate::experiment::results::{Arm, Coordinate, ExperimentResult};
use crate::output::number::{align_points, number, ratio};
use crate::output::paint::{Tone, paint};
use crate::output::unit::heading;
use unicode_width::UnicodeWidthStr;

/// All sweeps and grids of an experiment.
pub(super) fn sweeps(result: &ExperimentResult, width: usize, colour: bool) -> String {
    let mut text = String::new();
    for points in groups(result) {
        let Some(first) = points.first() else { continue };
        match first.coordinates.as_slice() {
            [rows, columns] => text.push_str(&matrices(result, &points, [rows, columns], width, colour)),
            _ => text.push_str(&list(result, &points, width, colour)),
        }
    }
    text
}

/// The points of each sweep, in order.
pub(in crate::output) fn groups(result: &ExperimentResult) -> Vec<Vec<&Arm>> {
    let mut groups: Vec<Vec<&Arm>> = Vec::new();
    for arm in result.arms.iter().filter(|arm| !arm.coordinates.is_empty()) {
        match groups.last_mut() {
            Some(group) if group.first().is_some_and(|a| a.name == arm.name && alike(a, arm)) => group.push(arm),
            _ => groups.push(vec![arm]),
        }
    }
    groups
}

/// Whether two arms are points over the same variables.
fn alike(one: &Arm, other: &Arm) -> bool {
    one.coordinates.iter().map(|c| &c.name).eq(other.coordinates.iter().map(|c| &c.name))
}

fn value(coordinate: &Coordinate) -> String {
    number(coordinate.value / coordinate.unit.factor)
}

/// A heading and the texts below it.
type Column = (String, Vec<String>);

/// One table, or several below each other if the measures don't fit side by side.
fn list(result: &ExperimentResult, points: &[&Arm], width: usize, colour: bool) -> String {
    let Some(first) = points.first() else { return String::new() };
    let variables: Vec<Column> = (first.coordinates.iter().enumerate())
        .map(|(i, coordinate)| {
            let values = points.iter().map(|arm| arm.coordinates.get(i).map(value).unwrap_or_default());
            (heading(&coordinate.name, &coordinate.unit), aligned(values.collect()))
        })
        .collect();
    let mut text = caption(&format!("{}, {}", first.name, at_end(result)), colour);
    let narrowest: usize = variables.iter().map(wide).sum();
    let (mut block, mut used) = (variables.clone(), narrowest);
    for (m, measure) in result.measures.iter().enumerate() {
        let values = points.iter().map(|arm| shown(last(result, arm, m), number)).collect();
        let ratios = points.iter().map(|arm| shown(relative(result, arm, m), ratio)).collect();
        let mut pair = vec![(heading(&measure.name, &measure.unit), aligned(values))];
        for share in super::ensemble::shares(result).into_iter().flatten().take(1) {
            let bands = points.iter().map(|arm| super::ensemble::band(result, arm, m, share)).collect();
            pair.push((format!("{} % lie in", number(100.0 * share)), bands));
        }
        pair.push((control_heading(result), aligned(ratios)));
        let needed: usize = pair.iter().map(wide).sum();
        if used + needed > width && block.len() > variables.len() {
            text.push_str(&side_by_side(&block, points.len(), width, colour));
            (block, used) = (variables.clone(), narrowest);
        }
        block.extend(pair);
        used += needed;
    }
    text + &side_by_side(&block, points.len(), width, colour)
}

fn aligned(mut values: Vec<String>) -> Vec<String> {
    align_points(&mut values);
    values
}

/// How many characters a column takes.
fn wide((title, values): &Column) -> usize {
    values.iter().map(|v| v.width()).chain([title.width()]).max().unwrap_or(0) + 2
}

fn side_by_side(columns: &[Column], rows: usize, width: usize, colour: bool) -> String {
    let header: Vec<String> = columns.iter().map(|(title, _)| title.clone()).collect();
    let rows: Vec<Vec<String>> =
        (0..rows).map(|r| columns.iter().map(|(_, v)| v.get(r).cloned().unwrap_or_default()).collect()).collect();
    table(&header, &rows, 0, width, colour, |_, _| None)
}

/// One matrix for each measure: the first variable downwards, the second to the right.
fn matrices(
    result: &ExperimentResult,
    points: &[&Arm],
    [down, right]: [&Coordinate; 2],
    width: usize,
    colour: bool,
) -> String {
    let name = points.first().map_or("", |arm| &arm.name);
    let rows = distinct(points, 0);
    let columns = distinct(points, 1);
    let mut text = String::new();
    for (m, measure) in result.measures.iter().enumerate() {
        let title = format!("{name}: {}, {}", heading(&measure.name, &measure.unit), at_end(result));
        text.push_str(&caption(&title, colour));
        let corner = heading(&down.name, &down.unit);
        let across = format!("{} →", heading(&right.name, &right.unit));
        text.push_str(&format!(" {:w$}  {across}\n", "", w = corner.width()));
        let cell = |row: f64, column: f64| {
            let at = |arm: &&&Arm| arm.coordinates.iter().map(|c| c.value).eq([row, column]);
            shown(points.iter().find(at).and_then(|arm| last(result, arm, m)), number)
        };
        let mut block: Vec<(String, Vec<String>)> = Vec::new();
        let mut used = corner.width() + 2;
        for &column in &columns {
            let mut cells: Vec<String> = rows.iter().map(|&row| cell(row, column)).collect();
            align_points(&mut cells);
            let title = number(column / right.unit.factor);
            let wide = cells.iter().map(|c| c.width()).chain([title.width()]).max().unwrap_or(0) + 2;
            if used + wide > width && !block.is_empty() {
                text.push_str(&matrix(&corner, down, &rows, &block, width, colour));
                block.clear();
                used = corner.width() + 2;
            }
            used += wide;
            block.push((title, cells));
        }
        text.push_str(&matrix(&corner, down, &rows, &block, width, colour));
    }
    text
}

fn matrix(
    corner: &str,
    down: &Coordinate,
    rows: &[f64],
    block: &[(String, Vec<String>)],
    width: usize,
    colour: bool,
) -> String {
    let header: Vec<String> = [corner.to_owned()].into_iter().chain(block.iter().map(|(t, _)| t.clone())).collect();
    let mut names: Vec<String> = rows.iter().map(|row| number(row / down.unit.factor)).collect();
    align_points(&mut names);
    let lines: Vec<Vec<String>> = names
        .into_iter()
        .enumerate()
        .map(|(r, name)| {
            [name].into_iter().chain(block.iter().map(|(_, c)| c.get(r).cloned().unwrap_or_default())).collect()
        })
        .collect();
    table(&header, &lines, 0, width, colour, |_, column| (column == 0).then_some(Tone::Faint))
}

/// The distinct values of the coordinate at that position, in order of appearance.
pub(in crate::output) fn distinct(points: &[&Arm], position: usize) -> Vec<f64> {
    let mut values: Vec<f64> = Vec::new();
    for coordinate in points.iter().filter_map(|arm| arm.coordinates.get(position)) {
        if !values.contains(&coordinate.value) {
            values.push(coordinate.value);
        }
    }
    values
}

fn caption(text: &str, colour: bool) -> String {
    format!(" {}\n", paint(text, Tone::Strong, colour))
}
