//! Matrices of two doses: the last value of a measure as colour and, where there is room, as a number.

use kuva::plot::ColorMap;

use super::super::number::number;
use super::super::picture::{Anchor, BLACK, Picture, Rgb, Type, plain, width_of};
use super::super::summary::distinct;
use super::super::ticks::value_axis;
use super::super::unit::heading as titled;
use super::frame::Frame;
use super::{at_end, last};
use crate::experiment::results::{Arm, ExperimentResult};

/// Room for the colour scale beside the matrix.
const SCALE: f64 = 84.0;

/// The first variable upwards, the second to the right; both as listed in the source.
pub(super) fn draw(picture: &mut Picture, area: [f64; 4], result: &ExperimentResult, measure: usize, points: &[&Arm]) {
    let (Some(column), Some([up, right])) =
        (result.measures.get(measure), points.first().map(|arm| arm.coordinates.as_slice()))
    else {
        return;
    };
    let (rows, columns) = (distinct(points, 0), distinct(points, 1));
    let frame = Frame::new(area, 22.0, SCALE);
    let values: Vec<Option<f64>> = rows
        .iter()
        .flat_map(|&r| columns.iter().map(move |&c| [r, c]))
        .map(|at| {
            points
                .iter()
                .find(|arm| arm.coordinates.iter().map(|c| c.value).eq(at))
                .and_then(|arm| last(result, arm, measure))
        })
        .collect();
    let known = || values.iter().flatten().copied();
    let (low, high) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let share = |v: f64| if high > low { (v - low) / (high - low) } else { 0.5 };
    let axis = value_axis([low, high].into_iter(), 5);

    let aside = format!("{}, {}", points.first().map_or("", |a| &a.name), at_end(points, result));
    super::heading(picture, area[0], area[1] + 15.0, &axis.heading(&column.name, &column.unit), &aside);
    picture.text(area[0], frame.y - 10.0, &format!("{} ↑", titled(&up.name, &up.unit)), plain(14), Anchor::Start);
    let (wide, high_cell) = (frame.width / columns.len() as f64, frame.height / rows.len() as f64);
    for (i, value) in values.iter().enumerate() {
        let (row, col) = (i / columns.len(), i % columns.len());
        let (x, y) = (frame.x + col as f64 * wide, frame.bottom() - (row + 1) as f64 * high_cell);
        cell(picture, [x, y, wide, high_cell], value.map(|v| (v, share(v))));
    }
    let middle = |i: usize, n: usize| (i as f64 + 0.5) / n as f64;
    let names = |values: &[f64], factor: f64| -> Vec<(f64, String)> {
        values.iter().enumerate().map(|(i, v)| (middle(i, values.len()), number(v / factor))).collect()
    };
    for (share, label) in names(&rows, up.unit.factor) {
        let (x, y) = frame.at(0.0, share);
        picture.text(x - 8.0, y + 4.5, &label, plain(13), Anchor::End);
    }
    frame.level(picture, names(&columns, right.unit.factor).into_iter(), &titled(&right.name, &right.unit));
    if low.is_finite() {
        let ticks = axis.ticks.iter().filter(|(v, _)| *v >= low && *v <= high).map(|(v, l)| (share(*v), l.clone()));
        scale(picture, &frame, &ticks.collect::<Vec<_>>());
    }
}

fn shade(share: f64) -> Rgb {
    ColorMap::Viridis.map_rgb(share).unwrap_or((128, 128, 128))
}

fn cell(picture: &mut Picture, [x, y, wide, high]: [f64; 4], value: Option<(f64, f64)>) {
    let Some((value, share)) = value else {
        picture.rectangle([x, y, wide, high], Some((0xee, 0xee, 0xee)), None);
        picture.text(x + wide / 2.0, y + high / 2.0 + 4.0, "–", plain(13), Anchor::Middle);
        return;
    };
    let fill = shade(share);
    // A little over the edge, so that no line of background shows between cells.
    picture.rectangle([x, y, wide + 0.4, high + 0.4], Some(fill), None);
    let (red, green, blue) = fill;
    let light = 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
    let colour = if light > 140.0 { BLACK } else { (255, 255, 255) };
    let text = number(value);
    let size =
        [13, 12, 11, 10].into_iter().find(|&s| width_of(&text, plain(s)) < wide - 6.0 && f64::from(s) < high - 4.0);
    if let Some(size) = size {
        let kind = Type { colour, ..plain(size) };
        picture.text(x + wide / 2.0, y + high / 2.0 + f64::from(size) * 0.36, &text, kind, Anchor::Middle);
    }
}

/// The colours with their values, at the right of the matrix.
fn scale(picture: &mut Picture, frame: &Frame, ticks: &[(f64, String)]) {
    const STEPS: usize = 64;
    let x = frame.x + frame.width + 16.0;
    let each = frame.height / STEPS as f64;
    for i in 0..STEPS {
        let y = frame.bottom() - (i + 1) as f64 * each;
        picture.rectangle([x, y, 16.0, each + 0.4], Some(shade((i as f64 + 0.5) / STEPS as f64)), None);
    }
    for (share, label) in ticks {
        let y = frame.at(0.0, *share).1;
        picture.line(&[(x + 16.0, y), (x + 20.0, y)], BLACK, 1.2, &[]);
        picture.text(x + 24.0, y + 4.5, label, plain(13), Anchor::Start);
    }
}
