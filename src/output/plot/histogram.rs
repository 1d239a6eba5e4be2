//! Distributions over single vesicles: shares by bins as steps, with what the mean field says as a line.

use super::super::number::number;
use super::super::picture::{Anchor, GREY, Picture, Type, plain};
use super::super::ticks::value_axis;
use super::frame::Frame;
use super::{at_end, colour_of, dashes_of};
use crate::experiment::results::{Arm, ExperimentResult, Histogram};

/// How opaque the bars are; those of several arms lie upon each other.
const SHADE: f64 = 0.22;

/// Whether a measure is a distribution of numbers in any arm.
pub(super) fn has(result: &ExperimentResult, measure: usize) -> bool {
    arms(result, measure).next().is_some()
}

fn arms(result: &ExperimentResult, measure: usize) -> impl Iterator<Item = (usize, &Arm, &Histogram)> {
    let plain = result.arms.iter().filter(|arm| arm.coordinates.is_empty()).enumerate();
    plain.filter_map(move |(i, arm)| {
        let found = &arm.distributions.get(measure)?.as_ref()?.found;
        (!found.shares.is_empty()).then_some((i, arm, found))
    })
}

/// The corners of the steps of a histogram, in units of the measure and percent.
fn steps(histogram: &Histogram, factor: f64) -> Vec<(f64, f64)> {
    let edge = |bin: usize| (histogram.from + bin as f64 * histogram.width) / factor;
    let mut corners = vec![(edge(0), 0.0)];
    for (bin, share) in histogram.shares.iter().enumerate() {
        corners.extend([(edge(bin), 100.0 * share), (edge(bin + 1), 100.0 * share)]);
    }
    corners.push((edge(histogram.shares.len()), 0.0));
    corners
}

/// The middles of the bins.
fn middles(histogram: &Histogram, factor: f64) -> Vec<(f64, f64)> {
    let middle = |bin: usize| (histogram.from + (bin as f64 + 0.5) * histogram.width) / factor;
    histogram.shares.iter().enumerate().map(|(bin, share)| (middle(bin), 100.0 * share)).collect()
}

pub(super) fn draw(picture: &mut Picture, area: [f64; 4], result: &ExperimentResult, measure: usize) {
    let Some(column) = result.measures.get(measure) else { return };
    let factor = column.unit.factor;
    let frame = Frame::new(area, 0.0, 0.0);
    let beside = |arm: &Arm| arm.distributions.get(measure).and_then(|d| d.as_ref()?.beside.clone());
    let shares = arms(result, measure).flat_map(|(_, arm, found)| {
        let other = beside(arm).map(|b| b.shares).unwrap_or_default();
        found.shares.iter().copied().chain(other).map(|share| 100.0 * share).collect::<Vec<_>>()
    });
    let y = value_axis(shares.chain([0.0]), 5);
    let values = arms(result, measure).flat_map(|(_, _, found)| steps(found, factor)).map(|(x, _)| x);
    let x = value_axis(values, 6);
    let all: Vec<&Arm> = arms(result, measure).map(|(_, arm, _)| arm).collect();
    let compared = all.iter().any(|arm| beside(arm).is_some());
    let aside = if compared { format!("{}; thin: mean field", at_end(&all, result)) } else { at_end(&all, result) };
    let width = arms(result, measure).next().map_or(0.0, |(_, _, found)| found.width / factor);
    let by = format!("% of vesicles by {} {}", number(width), column.unit.symbol);
    super::heading(picture, area[0], area[1] + 15.0, by.trim_end(), &aside);
    frame.upright(picture, y.ticks.iter().map(|(v, label)| (y.share(*v), label.clone())));
    let ticks = x.ticks.iter().map(|(v, label)| (x.share(*v), label.clone()));
    frame.level(picture, ticks, &x.heading(&column.name, &column.unit));
    let place = |(v, share): (f64, f64)| frame.at(x.share(v), y.share(share));
    for (i, _, found) in arms(result, measure) {
        let outline: Vec<(f64, f64)> = steps(found, factor).into_iter().map(place).collect();
        picture.area(&outline, colour_of(i), SHADE);
        picture.line(&outline, colour_of(i), 1.6, dashes_of(i));
    }
    for (i, arm, _) in arms(result, measure) {
        if let Some(beside) = beside(arm) {
            let curve: Vec<(f64, f64)> = middles(&beside, factor).into_iter().map(place).collect();
            picture.line(&curve, (0x22, 0x22, 0x22), 1.0, dashes_of(i));
        }
    }
    legend(picture, &frame, result, measure);
}

/// Mean and deviation of each arm; of copies, how many vesicles have none.
fn legend(picture: &mut Picture, frame: &Frame, result: &ExperimentResult, measure: usize) {
    let Some(column) = result.measures.get(measure) else { return };
    let unit = &column.unit;
    for (row, (i, _, found)) in arms(result, measure).enumerate() {
        let shown = |value: f64| if value.is_finite() { number(value / unit.factor) } else { "–".to_owned() };
        let mut text = format!("{} ± {} {}", shown(found.mean), shown(found.sd), unit.symbol);
        if let Some(none) = found.none {
            text.push_str(&format!(", {} % none", number(100.0 * none)));
        }
        let kind = Type { colour: if result.arms.len() > 1 { colour_of(i) } else { GREY }, ..plain(13) };
        let (right, top) = frame.at(1.0, 1.0);
        picture.text(right - 6.0, top + 16.0 + 18.0 * row as f64, &text, kind, Anchor::End);
    }
}
