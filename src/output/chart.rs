//! Small charts for terminals: lines of braille dots, one colour or marker to each arm.
//!
//! Invariants: no line is wider than asked for; names stand at the right end of their lines; without colour a
//! marker on each line tells the arms apart. Swept arms are left to tables and pictures.

use unicode_width::UnicodeWidthStr;

use super::number::number;
use super::paint::{Tone, paint};
use super::ticks::{Axis, time_axis, value_axis};
use super::unit::time_unit;
use crate::experiment::results::{Arm, ExperimentResult};

/// Rows of the plotting area.
const ROWS: usize = 10;
/// Columns below which there is no room for a chart.
const NARROWEST: usize = 50;
const LONGEST_NAME: usize = 16;
/// Bands are drawn of so many arms at most.
const MOST_BANDS: usize = 3;
const MARKERS: [char; 7] = ['●', '▲', '■', '◆', '○', '△', '□'];

/// The lines of a chart of one measure over time, each at most `width` columns; none if there is nothing to show or
/// no room for it. The index of an arm among the plain arms is its colour.
pub fn chart(result: &ExperimentResult, measure: usize, width: usize, colour: bool) -> Vec<String> {
    let Some(column) = result.measures.get(measure) else { return Vec::new() };
    let arms: Vec<&Arm> = result.arms.iter().filter(|arm| arm.coordinates.is_empty()).collect();
    let end = arms.iter().filter_map(|arm| arm.times.last()).fold(0.0_f64, |a, &b| a.max(b));
    let start = arms.iter().filter_map(|arm| arm.times.first()).fold(end, |a, &b| a.min(b));
    let unit = time_unit(end - start, &result.time_unit);
    let curve = |arm: &Arm, values: &[f64]| -> Vec<(f64, f64)> {
        let points = arm.times.iter().zip(values).map(|(t, v)| (t / unit.factor, v / column.unit.factor));
        points.filter(|(_, v)| v.is_finite()).collect()
    };
    let spread = |arm: &Arm| arm.series.get(measure).and_then(|s| s.spread.clone());
    let lines: Vec<Vec<(f64, f64)>> = arms
        .iter()
        .map(|arm| {
            let nominal = arm.series.get(measure).map_or(&[][..], |s| &s.values);
            spread(arm).map_or_else(|| curve(arm, nominal), |spread| curve(arm, &spread.median))
        })
        .collect();
    // The ends of the widest band, of few arms: dots of many would be a fog.
    let edges: Vec<(usize, Vec<(f64, f64)>)> = (arms.iter().enumerate())
        .filter(|_| arms.len() <= MOST_BANDS)
        .filter_map(|(i, arm)| Some((i, *arm, spread(arm)?.bands.into_iter().next()?)))
        .flat_map(|(i, arm, band)| [(i, curve(arm, &band.lower)), (i, curve(arm, &band.upper))])
        .collect();
    if width < NARROWEST || lines.iter().all(|line| line.len() < 2) {
        return Vec::new();
    }
    let y = value_axis(lines.iter().chain(edges.iter().map(|(_, edge)| edge)).flatten().map(|p| p.1), 4);
    let margin = y.ticks.iter().map(|(_, l)| l.width()).max().unwrap_or(0) + 1;
    let names: Vec<String> = arms.iter().map(|arm| shortened(&arm.name)).collect();
    let room = names.iter().map(|n| n.width()).max().unwrap_or(0) + 3;
    let columns = width.saturating_sub(margin + 2 + room).max(10);
    let x = time_axis(start / unit.factor, end / unit.factor, &unit, columns / 9);

    let mut canvas = Canvas::new(columns, ROWS);
    for (arm, edge) in &edges {
        canvas.dotted(*arm, edge, &x, &y);
    }
    for (arm, line) in lines.iter().enumerate() {
        canvas.line(arm, line, &x, &y);
    }
    if !colour {
        for (arm, line) in lines.iter().enumerate() {
            canvas.markers(arm, lines.len(), line, &x, &y);
        }
    }
    let ends = end_labels(&lines, &y);
    let share = arms.iter().find_map(|arm| Some(spread(arm)?.bands.first()?.share));
    let aside = share.map_or_else(String::new, |share| match edges.is_empty() {
        true => "  median".to_owned(),
        false => format!("  median; {} % lie between the dots", number(100.0 * share)),
    });
    let title = paint(&y.heading(&column.name, &column.unit), Tone::Strong, colour);
    let mut text = vec![format!("{:margin$} {title}{}", "", paint(&aside, Tone::Faint, colour))];
    for row in 0..ROWS {
        let label = y.ticks.iter().find(|(v, _)| row_of(&y, *v) == row).map_or("", |(_, l)| l);
        let tick = if label.is_empty() { '│' } else { '┤' };
        let mut line = format!("{label:>margin$} {tick}{}", canvas.row(row, colour));
        if let Some(&arm) = ends.get(row).and_then(Option::as_ref) {
            let marker = if colour { String::new() } else { format!("{} ", MARKERS[arm % MARKERS.len()]) };
            let name = names.get(arm).map_or("", |n| n);
            line.push_str(&format!(" {}", paint(&format!("{marker}{name}"), Tone::Arm(arm), colour)));
        }
        text.push(line.trim_end().to_owned());
    }
    text.extend(time_line(&x, margin, columns, &unit.symbol));
    text
}

fn shortened(name: &str) -> String {
    if name.width() <= LONGEST_NAME {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(LONGEST_NAME - 1).collect();
    short.push('…');
    short
}

/// The row in which a value lies; the uppermost is 0.
fn row_of(axis: &Axis, value: f64) -> usize {
    let from_top = (1.0 - axis.share(value)).clamp(0.0, 1.0) * (ROWS * 4 - 1) as f64;
    (from_top / 4.0) as usize
}

/// Which arm's name stands in each row: as near as may be to where its line ends. Arms that share a row with
/// others are moved apart, in the order of their values.
fn end_labels(lines: &[Vec<(f64, f64)>], axis: &Axis) -> Vec<Option<usize>> {
    let mut ends: Vec<(usize, f64, usize)> =
        lines.iter().enumerate().filter_map(|(arm, l)| l.last().map(|p| (row_of(axis, p.1), p.1, arm))).collect();
    ends.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    ends.truncate(ROWS);
    let mut rows = vec![None; ROWS];
    let mut next = 0;
    for (i, (row, _, arm)) in ends.iter().enumerate() {
        let last_possible = ROWS - (ends.len() - i);
        let row = (*row).max(next).min(last_possible);
        rows[row] = Some(*arm);
        next = row + 1;
    }
    rows
}

fn time_line(x: &Axis, margin: usize, columns: usize, unit: &str) -> [String; 2] {
    let mut rule: Vec<char> = vec!['─'; columns];
    let mut labels: Vec<char> = vec![' '; margin + 2 + columns + 8];
    let mut free = 0;
    for (i, (value, label)) in x.ticks.iter().enumerate() {
        let at = (x.share(*value).clamp(0.0, 1.0) * (columns - 1) as f64).round() as usize;
        let last = i + 1 == x.ticks.len();
        let label = if last && !unit.is_empty() { format!("{label} {unit}") } else { label.clone() };
        let centre = margin + 2 + at;
        let start = if last {
            centre + 1 - label.split(' ').next().unwrap_or("").len().min(centre + 1)
        } else {
            centre.saturating_sub(label.len() / 2)
        };
        if let Some(c) = rule.get_mut(at) {
            *c = '┬';
        }
        if start >= free {
            for (slot, c) in labels.iter_mut().skip(start).zip(label.chars()) {
                *slot = c;
            }
            free = start + label.len() + 1;
        }
    }
    let rule: String = rule.into_iter().collect();
    [format!("{:margin$} └{rule}", ""), labels.into_iter().collect::<String>().trim_end().to_owned()]
}

/// Cells of two by four dots; each cell remembers which arm drew in it last.
struct Canvas {
    columns: usize,
    rows: usize,
    dots: Vec<u8>,
    owner: Vec<usize>,
    glyph: Vec<Option<char>>,
}

impl Canvas {
    fn new(columns: usize, rows: usize) -> Canvas {
        let cells = columns * rows;
        Canvas { columns, rows, dots: vec![0; cells], owner: vec![0; cells], glyph: vec![None; cells] }
    }

    /// A point in dots, from the upper left.
    fn place(&self, point: (f64, f64), x: &Axis, y: &Axis) -> (i64, i64) {
        let right = x.share(point.0).clamp(0.0, 1.0) * (self.columns * 2 - 1) as f64;
        let down = (1.0 - y.share(point.1)).clamp(0.0, 1.0) * (self.rows * 4 - 1) as f64;
        (right.round() as i64, down.round() as i64)
    }

    /// Every fourth dot of a line.
    fn dotted(&mut self, arm: usize, points: &[(f64, f64)], x: &Axis, y: &Axis) {
        let placed: Vec<(i64, i64)> = points.iter().map(|&p| self.place(p, x, y)).collect();
        for pair in placed.windows(2) {
            let [(x0, y0), (x1, y1)] = pair else { continue };
            for right in (*x0..*x1).filter(|right| right % 4 == 0) {
                self.dot(arm, right, y0 + (y1 - y0) * (right - x0) / (x1 - x0));
            }
        }
    }

    fn line(&mut self, arm: usize, points: &[(f64, f64)], x: &Axis, y: &Axis) {
        let placed: Vec<(i64, i64)> = points.iter().map(|&p| self.place(p, x, y)).collect();
        for pair in placed.windows(2) {
            let [(x0, y0), (x1, y1)] = pair else { continue };
            let steps = (x1 - x0).abs().max((y1 - y0).abs()).max(1);
            for i in 0..=steps {
                self.dot(arm, x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps);
            }
        }
    }

    fn dot(&mut self, arm: usize, right: i64, down: i64) {
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        let (right, down) = (right as usize, down as usize);
        let cell = (down / 4) * self.columns + right / 2;
        if let (Some(dots), Some(owner)) = (self.dots.get_mut(cell), self.owner.get_mut(cell)) {
            *dots |= BITS[down % 4][right % 2];
            *owner = arm;
        }
    }

    /// Puts the arm's marker on its line at intervals, each arm at columns of its own.
    fn markers(&mut self, arm: usize, arms: usize, points: &[(f64, f64)], x: &Axis, y: &Axis) {
        let apart = 12.max(arms * 2);
        let offset = 4 + arm * apart / arms.max(1);
        for &point in points {
            let (right, down) = self.place(point, x, y);
            let (column, row) = (right as usize / 2, down as usize / 4);
            if column % apart == offset % apart
                && let Some(glyph) = self.glyph.get_mut(row * self.columns + column)
            {
                *glyph = Some(MARKERS[arm % MARKERS.len()]);
            }
        }
    }

    /// A row as text; neighbours of one arm share their colour code.
    fn row(&self, row: usize, colour: bool) -> String {
        let mut text = String::new();
        let mut run = String::new();
        let mut owner = 0;
        for column in 0..self.columns {
            let cell = row * self.columns + column;
            let c = match (self.glyph[cell], self.dots[cell]) {
                (Some(glyph), _) => glyph,
                (None, 0) => ' ',
                (None, dots) => char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' '),
            };
            if c != ' ' && self.owner[cell] != owner {
                text.push_str(&paint(&std::mem::take(&mut run), Tone::Arm(owner), colour));
                owner = self.owner[cell];
            }
            run.push(c);
        }
        text + &paint(&run, Tone::Arm(owner), colour)
    }
}
