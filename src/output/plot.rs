//! Pictures of results, good enough for a talk: one panel for each measure over time, one for each dose-response
//! curve, one for each matrix of two doses.
//!
//! Invariants: arms have the same colour and dash in all panels of an experiment, colours are those of Okabe and
//! Ito, which people with any colour vision tell apart; axes carry units; a logarithmic axis shows a dose of zero
//! at its left end, apart from the others. Deliberately absent: sweeps over three and more variables, which no
//! plane shows.

mod curves;
mod frame;
mod heat;
mod histogram;
mod legend;
mod response;
mod sensitivity;

pub use sensitivity::save_sensitivity_plot;

use std::path::Path;

use super::OutputError;
use super::number::number;
use super::picture::{Anchor, GREY, Picture, Rgb, bold, plain};
use super::summary::{groups, last_spread};
use super::unit::quantity;
use crate::experiment::results::{Arm, ExperimentResult, Results};

/// Blue, vermilion, green, purple, orange, sky blue, black (Okabe and Ito 2008, yellow left out: it is too pale).
const COLOURS: [Rgb; 7] = [
    (0x00, 0x72, 0xb2),
    (0xd5, 0x5e, 0x00),
    (0x00, 0x9e, 0x73),
    (0xcc, 0x79, 0xa7),
    (0xe6, 0x9f, 0x00),
    (0x56, 0xb4, 0xe9),
    (0x22, 0x22, 0x22),
];
/// Strokes and gaps, so that lines differ without colour as well.
const DASHES: [&[f64]; 6] =
    [&[], &[9.0, 4.0], &[2.5, 3.5], &[10.0, 3.5, 2.5, 3.5], &[16.0, 5.0], &[5.0, 3.0, 2.0, 3.0, 2.0, 3.0]];

fn colour_of(arm: usize) -> Rgb {
    COLOURS[arm % COLOURS.len()]
}

fn dashes_of(arm: usize) -> &'static [f64] {
    DASHES[arm % DASHES.len()]
}

/// Space around everything.
const MARGIN: f64 = 24.0;
/// A panel with its axes and headings.
const PANEL: (f64, f64) = (520.0, 372.0);
const GAP: f64 = 18.0;
const TITLE: f64 = 34.0;

/// One panel to be drawn at a place of its own.
enum Panel<'a> {
    Curves { measure: usize },
    Response { measure: usize, sweeps: Vec<Vec<&'a Arm>> },
    Heat { measure: usize, points: Vec<&'a Arm> },
    Histogram { measure: usize },
}

/// All experiments in one picture, below each other.
pub fn draw(results: &Results) -> Result<Picture, OutputError> {
    let sections: Vec<Section> = results.experiments.iter().map(Section::new).filter(|s| !s.is_empty()).collect();
    if sections.is_empty() {
        return Err(OutputError::NothingToDraw("no experiment gave values over time or over doses"));
    }
    let width = sections.iter().map(Section::width).fold(0.0, f64::max) + 2.0 * MARGIN;
    let height = sections.iter().map(|s| s.height() + GAP).sum::<f64>() + 2.0 * MARGIN - GAP;
    let mut picture = Picture::new(width, height);
    let mut top = MARGIN;
    for section in &sections {
        section.draw(&mut picture, MARGIN, top);
        top += section.height() + GAP;
    }
    Ok(picture)
}

/// Draws all experiments and writes the picture as `.svg` or `.png`, whole or not at all.
pub fn save_plot(path: &Path, results: &Results) -> Result<(), OutputError> {
    draw(results)?.save(path)
}

/// One experiment with its title, its legend and its panels: a group of them has one panel for each measure.
struct Section<'a> {
    result: &'a ExperimentResult,
    groups: Vec<Vec<Panel<'a>>>,
    columns: usize,
    legend: legend::Legend,
}

impl<'a> Section<'a> {
    fn new(result: &'a ExperimentResult) -> Section<'a> {
        let mut groups = panel_groups(result);
        if result.measures.len() == 1 {
            groups = vec![groups.into_iter().flatten().collect()];
        }
        let columns = match groups.iter().map(Vec::len).max().unwrap_or(0) {
            most @ 0..=3 => most.max(1),
            4 => 2,
            _ => 3,
        };
        let curves = groups.iter().flatten().any(|p| matches!(p, Panel::Curves { .. }));
        let width = columns as f64 * (PANEL.0 + GAP) - GAP;
        let legend = if curves { legend::Legend::of(result, width) } else { legend::Legend::default() };
        Section { result, groups, columns, legend }
    }

    fn is_empty(&self) -> bool {
        self.groups.iter().all(Vec::is_empty)
    }

    fn width(&self) -> f64 {
        self.columns as f64 * (PANEL.0 + GAP) - GAP
    }

    fn height(&self) -> f64 {
        let rows: usize = self.groups.iter().map(|group| group.len().div_ceil(self.columns)).sum();
        TITLE + self.legend.height() + rows as f64 * (PANEL.1 + GAP) - GAP
    }

    fn draw(&self, picture: &mut Picture, left: f64, top: f64) {
        let name = if self.result.model.is_empty() || self.result.model == self.result.name {
            self.result.name.clone()
        } else {
            format!("{} of {}", self.result.name, self.result.model)
        };
        picture.text(left, top + 18.0, &name, bold(20), Anchor::Start);
        self.legend.draw(picture, left, top + TITLE);
        let strips = curves::strips(self.result);
        let mut y = top + TITLE + self.legend.height();
        for row in self.groups.iter().flat_map(|group| group.chunks(self.columns)) {
            for (i, panel) in row.iter().enumerate() {
                let area = [left + i as f64 * (PANEL.0 + GAP), y, PANEL.0, PANEL.1];
                self.draw_panel(picture, area, panel, &strips);
            }
            y += PANEL.1 + GAP;
        }
    }

    fn draw_panel(&self, picture: &mut Picture, area: [f64; 4], panel: &Panel, strips: &[curves::Strip]) {
        match panel {
            Panel::Curves { measure } => curves::draw(picture, area, self.result, *measure, strips),
            Panel::Response { measure, sweeps } => response::draw(picture, area, self.result, *measure, sweeps),
            Panel::Heat { measure, points } => heat::draw(picture, area, self.result, *measure, points),
            Panel::Histogram { measure } => histogram::draw(picture, area, self.result, *measure),
        }
    }
}

/// Curves first, then the responses to each swept variable, then the matrices.
fn panel_groups(result: &ExperimentResult) -> Vec<Vec<Panel<'_>>> {
    let mut lists: Vec<Vec<Vec<&Arm>>> = Vec::new();
    let mut matrices: Vec<Vec<&Arm>> = Vec::new();
    for group in groups(result) {
        match group.first().map_or(0, |arm| arm.coordinates.len()) {
            1 => match lists.iter_mut().find(|list| same_variable(list, &group)) {
                Some(list) => list.push(group),
                None => lists.push(vec![group]),
            },
            2 => matrices.push(group),
            _ => {}
        }
    }
    let measures = || 0..result.measures.len();
    let told = |measure: &usize| {
        let mut series = result.arms.iter().filter_map(|arm| arm.series.get(*measure));
        series.any(|series| series.values.iter().any(|value| value.is_finite()))
    };
    let curves = over_time(result).then(|| measures().filter(told).map(|measure| Panel::Curves { measure }).collect());
    let histograms: Vec<Panel> =
        measures().filter(|m| histogram::has(result, *m)).map(|measure| Panel::Histogram { measure }).collect();
    let histograms = (!histograms.is_empty()).then_some(histograms);
    let responses = lists
        .into_iter()
        .map(|sweeps| measures().map(|measure| Panel::Response { measure, sweeps: sweeps.clone() }).collect());
    let heat = matrices
        .into_iter()
        .map(|points| measures().map(|measure| Panel::Heat { measure, points: points.clone() }).collect());
    curves.into_iter().chain(histograms).chain(responses).chain(heat).collect()
}

/// Whether plain arms are shown over time, in panels with a legend.
fn over_time(result: &ExperimentResult) -> bool {
    result.arms.iter().any(|arm| arm.coordinates.is_empty() && arm.times.len() > 1)
}

fn same_variable(list: &[Vec<&Arm>], group: &[&Arm]) -> bool {
    let variable =
        |group: &[&Arm]| group.first().and_then(|a| a.coordinates.first()).map(|c| (c.name.clone(), c.unit.clone()));
    list.first().is_some_and(|first| variable(first) == variable(group))
}

/// The last value of a measure in its unit, if the arm came to its end.
fn last(result: &ExperimentResult, arm: &Arm, measure: usize) -> Option<f64> {
    let value = arm.series.get(measure)?.values.last()? / result.measures.get(measure)?.unit.factor;
    (arm.failure.is_none() && value.is_finite()).then_some(value)
}

/// When the last values were taken, to stand behind a heading.
fn at_end(arms: &[&Arm], result: &ExperimentResult) -> String {
    let end = arms.iter().filter_map(|arm| arm.times.last().copied()).fold(0.0, f64::max);
    format!("at {}", quantity(end, &result.time_unit))
}

/// What bands are, where there are any: `50 and 90 % of members`.
fn bands_in_words(result: &ExperimentResult) -> Option<String> {
    let mut spreads = result.arms.iter().flat_map(|arm| &arm.series).filter_map(|series| series.spread.as_ref());
    let mut shares: Vec<String> = spreads.next()?.bands.iter().map(|band| number(100.0 * band.share)).collect();
    shares.reverse();
    let exact = result.arms.iter().flat_map(|arm| &arm.series).any(|series| series.beside.is_some());
    Some(format!("{} % of {}", shares.join(" and "), if exact { "runs" } else { "members" }))
}

/// The heading of a panel: what the upright axis shows, then in grey what else is to be known.
fn heading(picture: &mut Picture, x: f64, y: f64, text: &str, aside: &str) {
    picture.text(x, y, text, bold(15), Anchor::Start);
    let after = x + super::picture::width_of(text, bold(15)) + 10.0;
    let kind = super::picture::Type { colour: GREY, ..plain(13) };
    picture.text(after, y, aside, kind, Anchor::Start);
}
