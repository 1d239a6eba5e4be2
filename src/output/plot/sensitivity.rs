//! Sensitivities as pictures: for each measure a bar to each number, those of most influence first; and, where they
//! are known over time, how they rise and fall.

use super::super::picture::{Anchor, BLACK, GREY, PALE, Picture, Type, bold, fitted, plain, width_of};
use super::super::sensitivity::{reading, title};
use super::super::ticks::{Axis, time_axis, value_axis};
use super::super::unit::{heading as titled, time_unit};
use super::frame::Frame;
use super::{COLOURS, GAP, MARGIN, PANEL, TITLE, colour_of, dashes_of};
use crate::experiment::sensitivity::Sensitivities;
use crate::output::OutputError;
use std::path::Path;

const BAR: f64 = 22.0;
const HEAD: f64 = 34.0;
const FOOT: f64 = 46.0;
/// Names may take this much of a panel.
const NAMES: f64 = 250.0;
const WIDTH: f64 = 640.0;
/// Lines in a panel over time.
const LINES: usize = 6;

/// Draws the `top` numbers of each measure and writes the picture as `.svg` or `.png`, whole or not at all.
pub fn save_sensitivity_plot(
    path: &Path,
    results: &[Sensitivities],
    top: usize,
    over_time: bool,
) -> Result<(), OutputError> {
    draw(results, top, over_time)?.save(path)
}

/// One measure of one arm: its numbers with their scaled sensitivities.
struct Panel<'a> {
    result: &'a Sensitivities,
    measure: usize,
    bars: Vec<(usize, f64)>,
}

/// All measures of all arms in one picture.
pub fn draw(results: &[Sensitivities], top: usize, over_time: bool) -> Result<Picture, OutputError> {
    let sections: Vec<Vec<Panel>> = results.iter().map(|r| panels(r, top)).filter(|p| !p.is_empty()).collect();
    if sections.is_empty() {
        return Err(OutputError::NothingToDraw(
            "no measure has a scaled sensitivity: they, or the numbers, are all zero",
        ));
    }
    let row = |panel: &Panel| {
        let bars = HEAD + FOOT + panel.bars.len() as f64 * BAR;
        if over_time { bars.max(PANEL.1) } else { bars }
    };
    let height: f64 = sections.iter().map(|s| TITLE + s.iter().map(|p| row(p) + GAP).sum::<f64>()).sum();
    let width = WIDTH + if over_time { PANEL.0 + NAMES / 2.0 + GAP } else { 0.0 };
    let mut picture = Picture::new(width + 2.0 * MARGIN, height + 2.0 * MARGIN - GAP);
    let mut y = MARGIN;
    for section in &sections {
        if let Some(panel) = section.first() {
            picture.text(MARGIN, y + 18.0, &title(panel.result), bold(20), Anchor::Start);
        }
        y += TITLE;
        for panel in section {
            panel.bars(&mut picture, MARGIN, y);
            if over_time {
                panel.curves(&mut picture, [MARGIN + WIDTH + GAP, y, PANEL.0 + NAMES / 2.0, PANEL.1]);
            }
            y += row(panel) + GAP;
        }
    }
    Ok(picture)
}

fn panels(result: &Sensitivities, top: usize) -> Vec<Panel<'_>> {
    let panel = |measure| {
        let scaled = |k| Some((k, result.of(measure, k)?.scaled?));
        let bars: Vec<(usize, f64)> = result.ranked(measure).into_iter().filter_map(scaled).take(top).collect();
        (!bars.is_empty()).then_some(Panel { result, measure, bars })
    };
    (0..result.measures.len()).filter_map(panel).collect()
}

impl Panel<'_> {
    fn name(&self, number: usize) -> &str {
        self.result.numbers.get(number).map_or("", |n| n.name.as_str())
    }

    fn measure(&self) -> &str {
        self.result.measures.get(self.measure).map_or("", |m| m.name.as_str())
    }

    fn bars(&self, picture: &mut Picture, left: f64, top: f64) {
        super::heading(picture, left, top + 15.0, self.measure(), &reading(self.result));
        let widest = self.bars.iter().map(|(k, _)| width_of(self.name(*k), plain(13))).fold(0.0, f64::max).min(NAMES);
        let axis = value_axis(self.bars.iter().map(|b| b.1).chain([0.0]), 6);
        let (start, wide) = (left + widest + 12.0, WIDTH - widest - 60.0);
        let place = |value: f64| start + axis.share(value) * wide;
        let (first, last) = (top + HEAD, top + HEAD + self.bars.len() as f64 * BAR);
        for (value, label) in &axis.ticks {
            let x = place(*value);
            picture.line(&[(x, first), (x, last)], PALE, 1.0, &[]);
            picture.text(x, last + 18.0, label, plain(13), Anchor::Middle);
        }
        for (i, (number, value)) in self.bars.iter().enumerate() {
            let y = first + i as f64 * BAR;
            let name = fitted(self.name(*number), plain(13), NAMES);
            picture.text(start - 10.0, y + BAR / 2.0 + 4.5, &name, plain(13), Anchor::End);
            let (from, to) = (place(value.min(0.0)), place(value.max(0.0)));
            let colour = if *value < 0.0 { COLOURS[1] } else { COLOURS[0] };
            picture.rectangle([from, y + 3.0, (to - from).max(0.5), BAR - 6.0], Some(colour), None);
        }
        let zero = place(0.0);
        picture.line(&[(zero, first), (zero, last)], BLACK, 1.2, &[]);
        picture.text(start + wide / 2.0, last + 38.0, &axis_title(&axis), plain(14), Anchor::Middle);
    }

    fn curves(&self, picture: &mut Picture, area: [f64; 4]) {
        let result = self.result;
        let end = result.times.last().copied().unwrap_or(0.0);
        let unit = time_unit(end, &result.time_unit);
        let lines: Vec<(&str, Vec<(f64, f64)>)> = self
            .bars
            .iter()
            .take(LINES)
            .map(|(k, _)| {
                let scaled = result.over_time(self.measure, *k).into_iter().map(|s| s.scaled);
                let points = result.times.iter().zip(scaled).filter_map(|(t, s)| Some((t / unit.factor, s?)));
                (self.name(*k), points.collect())
            })
            .collect();
        let x = time_axis(0.0, end / unit.factor, &unit, 7);
        let y = value_axis(lines.iter().flat_map(|(_, points)| points.iter().map(|p| p.1)).chain([0.0]), 5);
        let frame = Frame::new(area, 0.0, NAMES / 2.0);
        super::heading(picture, area[0], area[1] + 15.0, self.measure(), "over time");
        frame.upright(picture, y.ticks.iter().map(|(v, label)| (y.share(*v), label.clone())));
        frame.level(picture, x.ticks.iter().map(|(v, label)| (x.share(*v), label.clone())), &titled("time", &unit));
        let zero = frame.at(0.0, y.share(0.0)).1;
        picture.line(&[(frame.x, zero), (frame.x + frame.width, zero)], GREY, 1.2, &[]);
        for (i, (_, points)) in lines.iter().enumerate() {
            let placed: Vec<(f64, f64)> = points.iter().map(|(t, s)| frame.at(x.share(*t), y.share(*s))).collect();
            picture.line(&placed, colour_of(i), 2.5, dashes_of(i));
        }
        let end_of = |points: &[(f64, f64)]| points.last().map_or(zero, |p| frame.at(1.0, y.share(p.1)).1);
        let ends: Vec<f64> = lines.iter().map(|(_, points)| end_of(points)).collect();
        for (i, at) in apart(&ends, frame.bottom()).into_iter().enumerate() {
            let kind = Type { colour: colour_of(i), ..plain(12) };
            let name = fitted(lines[i].0, kind, NAMES / 2.0);
            picture.text(frame.x + frame.width + 8.0, at + 4.0, &name, kind, Anchor::Start);
        }
    }
}

/// Heights near to those wanted, a line apart and above the bottom.
fn apart(wanted: &[f64], bottom: f64) -> Vec<f64> {
    const LINE: f64 = 16.0;
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut places = wanted.to_vec();
    let mut free = f64::NEG_INFINITY;
    for &i in &order {
        places[i] = places[i].max(free);
        free = places[i] + LINE;
    }
    let mut free = bottom;
    for &i in order.iter().rev() {
        places[i] = places[i].min(free);
        free = places[i] - LINE;
    }
    places
}

fn axis_title(axis: &Axis) -> String {
    match axis.exponent {
        0 => "percent for percent".to_owned(),
        exponent => format!("percent for percent, times 10{}", super::super::number::superscript(exponent)),
    }
}
