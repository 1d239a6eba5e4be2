//! Dose-response curves: the last value of a measure over a swept variable.

use super::super::number::{number, superscript};
use super::super::picture::{Anchor, BLACK, GREY, Picture, Rgb, Type, plain, width_of};
use super::super::ticks::{Axis, value_axis};
use super::super::unit::heading as titled;
use super::frame::Frame;
use super::{at_end, bands_in_words, colour_of, dashes_of, last, last_spread};
use crate::experiment::results::{Arm, ExperimentResult};

/// Doses that span more than this factor are drawn on a logarithmic axis.
const LOGARITHMIC_FROM: f64 = 15.0;
/// Share of the width kept at the left of a logarithmic axis for a dose of zero.
const ZERO: f64 = 0.1;

/// Points are marked where there are no more of them.
const MOST_DISCS: usize = 30;

/// How doses lie along the axis.
enum Doses {
    /// Decimal logarithms at the ends; whether zero is shown as well.
    Logarithmic {
        low: f64,
        high: f64,
        zero: bool,
    },
    Linear(Axis),
}

impl Doses {
    fn of(doses: &[f64]) -> Doses {
        let positive = || doses.iter().copied().filter(|d| *d > 0.0);
        let (low, high) = (positive().fold(f64::INFINITY, f64::min), positive().fold(0.0, f64::max));
        if doses.iter().all(|d| *d >= 0.0) && high > low * LOGARITHMIC_FROM {
            let margin = 0.02 * (high / low).log10();
            let zero = doses.contains(&0.0);
            return Doses::Logarithmic { low: low.log10() - margin, high: high.log10() + margin, zero };
        }
        let mut axis = value_axis(doses.iter().copied(), 6);
        let (least, most) = (doses.iter().copied().fold(axis.low, f64::max), axis.high);
        axis.high = least.max(axis.low + 1e-9 * most.abs());
        axis.ticks.retain(|(v, _)| *v <= axis.high * (1.0 + 1e-9));
        Doses::Linear(axis)
    }

    /// The share of the width at which a dose lies.
    fn share(&self, dose: f64) -> f64 {
        match self {
            Doses::Linear(axis) => axis.share(dose),
            Doses::Logarithmic { zero, .. } if dose <= 0.0 => {
                if *zero {
                    0.015
                } else {
                    0.0
                }
            }
            Doses::Logarithmic { low, high, zero } => {
                let start = if *zero { ZERO } else { 0.0 };
                start + (1.0 - start) * (dose.log10() - low) / (high - low)
            }
        }
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        let Doses::Logarithmic { low, high, zero } = self else {
            let Doses::Linear(axis) = self else { return Vec::new() };
            return axis.ticks.iter().map(|(v, label)| (axis.share(*v), label.clone())).collect();
        };
        let mut ticks = Vec::new();
        if *zero {
            ticks.push((self.share(0.0), "0".to_owned()));
        }
        let within = |v: f64| v.log10() >= low - 1e-9 && v.log10() <= high + 1e-9;
        let thirds = high - low < 3.2;
        for decade in (low.floor() as i32)..=(high.ceil() as i32) {
            for mantissa in if thirds { &[1.0, 3.0][..] } else { &[1.0] } {
                let value = mantissa * 10_f64.powi(decade);
                if within(value) {
                    let small = (-3..=4).contains(&decade);
                    let label = if small { number(value) } else { format!("10{}", superscript(decade)) };
                    ticks.push((self.share(value), label));
                }
            }
        }
        ticks
    }
}

pub(super) fn draw(
    picture: &mut Picture,
    area: [f64; 4],
    result: &ExperimentResult,
    measure: usize,
    sweeps: &[Vec<&Arm>],
) {
    let (Some(column), Some(variable)) =
        (result.measures.get(measure), sweeps.iter().flatten().find_map(|arm| arm.coordinates.first()))
    else {
        return;
    };
    let dose = |arm: &Arm| arm.coordinates.first().map_or(0.0, |c| c.value / c.unit.factor);
    let curves: Vec<Vec<(f64, f64)>> = sweeps
        .iter()
        .map(|sweep| {
            let mut curve: Vec<(f64, f64)> =
                sweep.iter().filter_map(|arm| Some((dose(arm), last(result, arm, measure)?))).collect();
            curve.sort_by(|a, b| a.0.total_cmp(&b.0));
            curve
        })
        .collect();
    let rising = are_rising(&curves);
    let discs = curves.iter().all(|curve| curve.len() <= MOST_DISCS);
    let control = result.control().filter(|arm| arm.coordinates.is_empty());
    let reference = control.and_then(|arm| Some((arm.name.as_str(), last(result, arm, measure)?)));
    let ends: Vec<Vec<Ends>> = sweeps.iter().map(|s| bands(result, s, measure, &dose)).collect();
    let edges = ends.iter().flatten().flat_map(|(_, bands)| bands).flat_map(|(low, high)| [*low, *high]);
    let y = value_axis(curves.iter().flatten().map(|p| p.1).chain(edges).chain(reference.map(|r| r.1)), 5);
    let x = Doses::of(&sweeps.iter().flatten().map(|arm| dose(arm)).collect::<Vec<f64>>());
    let frame = Frame::new(area, 0.0, 0.0);
    let all: Vec<&Arm> = sweeps.iter().flatten().copied().collect();
    let bands = bands_in_words(result).map_or_else(String::new, |bands| format!(", nominal and {bands}"));
    let aside = at_end(&all, result) + &bands;
    super::heading(picture, area[0], area[1] + 15.0, &y.heading(&column.name, &column.unit), &aside);
    frame.upright(picture, y.ticks.iter().map(|(v, label)| (y.share(*v), label.clone())));
    frame.level(picture, x.ticks().into_iter(), &titled(&variable.name, &variable.unit));
    if matches!(x, Doses::Logarithmic { zero: true, .. }) {
        axis_break(picture, &frame);
    }
    if let Some((name, value)) = reference {
        let level = frame.at(0.0, y.share(value)).1;
        picture.line(&[(frame.x, level), (frame.x + frame.width, level)], GREY, 1.4, &[5.0, 4.0]);
        let kind = Type { colour: GREY, ..plain(12) };
        let (end, anchor) = if rising { (4.0, Anchor::Start) } else { (frame.width, Anchor::End) };
        picture.text(frame.x + end, level - 5.0, name, kind, anchor);
    }
    let styles: Vec<usize> = (0..sweeps.len()).map(|i| style(result, sweeps, i)).collect();
    for (ends, &style) in ends.iter().zip(&styles) {
        paint_bands(picture, &frame, (&x, &y), ends, colour_of(style));
    }
    for (i, curve) in curves.iter().enumerate() {
        let points: Vec<(f64, f64)> = curve.iter().map(|(d, v)| frame.at(x.share(*d), y.share(*v))).collect();
        // The step from zero to the first dose is no part of a logarithmic axis.
        let joined = if matches!(x, Doses::Logarithmic { .. }) {
            points.iter().zip(curve).filter(|(_, (d, _))| *d > 0.0).map(|(p, _)| *p).collect()
        } else {
            points.clone()
        };
        picture.line(&joined, colour_of(styles[i]), 2.5, dashes_of(styles[i]));
        for (px, py) in points.into_iter().filter(|_| discs) {
            picture.disc(px, py, 4.5, (255, 255, 255), colour_of(styles[i]));
        }
    }
    if sweeps.len() > 1 && !(super::over_time(result) && styles.iter().all(|&style| style < plain_arms(result))) {
        names(picture, &frame, sweeps, &styles, rising);
    }
}

/// A dose with the lower and upper ends of the bands there.
type Ends = (f64, Vec<(f64, f64)>);

/// The areas between the ends of bands, over doses that the axis joins.
fn paint_bands(picture: &mut Picture, frame: &Frame, (x, y): (&Doses, &Axis), ends: &[Ends], colour: Rgb) {
    for band in 0..ends.first().map_or(0, |(_, bands)| bands.len()) {
        let of = |(d, bands): &Ends| Some((*d, *bands.get(band)?));
        let inside = ends.iter().filter_map(of).filter(|(d, _)| *d > 0.0 || matches!(x, Doses::Linear(_)));
        let inside: Vec<(f64, (f64, f64))> = inside.collect();
        let there = inside.iter().map(|(d, (_, high))| frame.at(x.share(*d), y.share(*high)));
        let back = inside.iter().rev().map(|(d, (low, _))| frame.at(x.share(*d), y.share(*low)));
        let outline: Vec<(f64, f64)> = there.chain(back).collect();
        if outline.len() > 2 {
            picture.area(&outline, colour, 0.16);
        }
    }
}

/// Where the bands of a sweep end, dose by dose in order; the widest first.
fn bands(result: &ExperimentResult, sweep: &[&Arm], measure: usize, dose: &dyn Fn(&Arm) -> f64) -> Vec<Ends> {
    let of = |arm: &&Arm| {
        let ends = last_spread(result, arm, measure)?.bands.into_iter().map(|(_, low, high)| (low, high));
        Some((dose(arm), ends.filter(|(low, high)| low.is_finite() && high.is_finite()).collect()))
    };
    let mut bands: Vec<Ends> = sweep.iter().filter_map(of).collect();
    bands.sort_by(|a, b| a.0.total_cmp(&b.0));
    bands
}

/// Two strokes across the level axis between zero and the first decade.
fn axis_break(picture: &mut Picture, frame: &Frame) {
    let (x, y) = frame.at(ZERO * 0.6, 0.0);
    picture.rectangle([x - 3.0, y - 2.0, 6.0, 4.0], Some((255, 255, 255)), None);
    for offset in [-3.0, 3.0] {
        picture.line(&[(x + offset - 2.5, y + 5.0), (x + offset + 2.5, y - 5.0)], BLACK, 1.2, &[]);
    }
}

fn plain_arms(result: &ExperimentResult) -> usize {
    result.arms.iter().filter(|arm| arm.coordinates.is_empty()).count()
}

/// The colour and dash of a sweep: those of the plain arm that was swept, or else the first ones that no arm has.
fn style(result: &ExperimentResult, sweeps: &[Vec<&Arm>], sweep: usize) -> usize {
    let name = sweeps[sweep].first().map(|arm| &arm.name);
    let mut plain = result.arms.iter().filter(|arm| arm.coordinates.is_empty());
    plain.position(|arm| Some(&arm.name) == name).unwrap_or(plain_arms(result) + sweep)
}

/// Whether curves end higher than they begin, so that there is room at the upper left.
fn are_rising(curves: &[Vec<(f64, f64)>]) -> bool {
    curves.iter().filter_map(|curve| Some(curve.last()?.1 - curve.first()?.1)).sum::<f64>() > 0.0
}

/// The names of several curves in the upper corner where there is room.
fn names(picture: &mut Picture, frame: &Frame, sweeps: &[Vec<&Arm>], styles: &[usize], rising: bool) {
    let names: Vec<&str> = sweeps.iter().filter_map(|s| s.first()).map(|arm| arm.name.as_str()).collect();
    let widest = names.iter().map(|n| width_of(n, plain(13))).fold(0.0, f64::max);
    let x = if rising { frame.x + 52.0 } else { frame.x + frame.width - widest };
    for (i, (name, &style)) in names.iter().zip(styles).enumerate() {
        let y = frame.y + 14.0 + i as f64 * 19.0;
        picture.line(&[(x - 40.0, y - 4.0), (x - 8.0, y - 4.0)], colour_of(style), 2.5, dashes_of(style));
        picture.text(x, y, name, plain(13), Anchor::Start);
    }
}
