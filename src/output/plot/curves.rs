//! A measure over time: a line to each arm, bands, and when doses were given.

use super::super::picture::{Anchor, GREY, PALE, Picture, Rgb, Type, fitted, plain, width_of};
use super::super::ticks::{Axis, time_axis, value_axis};
use super::super::unit::{heading as titled, time_unit};
use super::frame::Frame;
use super::{bands_in_words, colour_of, dashes_of};
use crate::experiment::results::{Arm, ExperimentResult};
use crate::network::DisplayUnit;

/// Height of the strip that shows one dose, and how many are shown at most.
const STRIP: f64 = 19.0;
const MOST_STRIPS: usize = 4;

/// How opaque a band is; bands lie upon each other.
const SHADE: f64 = 0.16;

/// From when to when, in seconds; without an end it is a moment.
type Interval = (f64, Option<f64>);

/// A dose or another mark, as often as it happened, with the arms that have it.
pub(super) struct Strip {
    text: String,
    intervals: Vec<Interval>,
    arms: Vec<usize>,
}

/// What is to be shown above the curves. A mark `NAME off` ends the latest mark that begins with `NAME`, or what
/// was there from the start.
pub(super) fn strips(result: &ExperimentResult) -> Vec<Strip> {
    let mut strips: Vec<Strip> = Vec::new();
    for (i, arm) in plain_arms(result) {
        for (text, intervals) in doses(arm) {
            match strips.iter_mut().find(|s| s.text == text && s.intervals == intervals) {
                Some(strip) => strip.arms.push(i),
                None => strips.push(Strip { text, intervals, arms: vec![i] }),
            }
        }
    }
    strips.truncate(MOST_STRIPS);
    strips
}

/// The marks of an arm by their texts.
fn doses(arm: &Arm) -> Vec<(String, Vec<Interval>)> {
    let mut doses: Vec<(String, Vec<Interval>)> = Vec::new();
    let add = |doses: &mut Vec<(String, Vec<Interval>)>, text: &str, interval: Interval| match doses
        .iter_mut()
        .find(|(known, _)| known == text)
    {
        Some((_, intervals)) => intervals.push(interval),
        None => doses.push((text.to_owned(), vec![interval])),
    };
    for (time, text) in &arm.marks {
        let Some(name) = text.strip_suffix(" off") else {
            add(&mut doses, text, (*time, None));
            continue;
        };
        let begins = |text: &str| text.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        let named = doses.iter_mut().filter(|(text, _)| begins(text)).flat_map(|(_, intervals)| intervals);
        match named.filter(|(_, end)| end.is_none()).max_by(|a, b| a.0.total_cmp(&b.0)) {
            Some((_, end)) => *end = Some(*time),
            None => add(&mut doses, name, (arm.times.first().copied().unwrap_or(0.0), Some(*time))),
        }
    }
    doses
}

fn plain_arms(result: &ExperimentResult) -> impl Iterator<Item = (usize, &Arm)> {
    result.arms.iter().filter(|arm| arm.coordinates.is_empty()).enumerate()
}

pub(super) fn draw(picture: &mut Picture, area: [f64; 4], result: &ExperimentResult, measure: usize, strips: &[Strip]) {
    let Some(column) = result.measures.get(measure) else { return };
    let frame = Frame::new(area, strips.len() as f64 * STRIP, 0.0);
    let factor = column.unit.factor;
    let shown = |arm: &Arm| -> Vec<f64> {
        arm.series.get(measure).map_or(&[][..], |s| &s.values).iter().map(|v| v / factor).collect()
    };
    let spread = |arm: &Arm| arm.series.get(measure).and_then(|s| s.spread.clone());
    let all = plain_arms(result).flat_map(|(_, arm)| {
        let bands = spread(arm).map(|spread| spread.bands).unwrap_or_default();
        let ends = bands.into_iter().flat_map(|band| band.lower.into_iter().chain(band.upper));
        let beside = arm.series.get(measure).and_then(|s| s.beside.clone()).unwrap_or_default();
        shown(arm).into_iter().chain(ends.chain(beside).map(move |v| v / factor)).filter(|v| v.is_finite())
    });
    let y = value_axis(all, 5);
    let (x, unit) = times(result);

    let exact = plain_arms(result).any(|(_, arm)| arm.series.iter().any(|series| series.beside.is_some()));
    let key = bands_in_words(result).map_or_else(String::new, |bands| match exact {
        true => format!("mean, {bands}; thin: mean field"),
        false => format!("median, {bands}; thin: nominal"),
    });
    super::heading(picture, area[0], area[1] + 15.0, &y.heading(&column.name, &column.unit), &key);
    frame.upright(picture, y.ticks.iter().map(|(v, label)| (y.share(*v), label.clone())));
    frame.level(picture, x.ticks.iter().map(|(v, label)| (x.share(*v), label.clone())), &titled("time", &unit));
    for (i, strip) in strips.iter().enumerate() {
        draw_strip(picture, &frame, &x, &unit, strip, frame.y - (strips.len() - i) as f64 * STRIP);
    }
    let place = |t: f64, v: f64| frame.at(x.share(t / unit.factor), y.share(v));
    for (i, arm) in plain_arms(result) {
        for band in spread(arm).iter().flat_map(|spread| &spread.bands) {
            let there = arm.times.iter().zip(&band.upper).map(|(t, v)| place(*t, v / factor));
            let back = arm.times.iter().zip(&band.lower).rev().map(|(t, v)| place(*t, v / factor));
            let outline: Vec<(f64, f64)> = there.chain(back).filter(|(_, y)| y.is_finite()).collect();
            if outline.len() > 2 {
                picture.area(&outline, colour_of(i), SHADE);
            }
        }
    }
    for (i, arm) in plain_arms(result) {
        let finite = |values: &[f64]| -> Vec<(f64, f64)> {
            let shown = arm.times.iter().zip(values).filter(|(_, v)| v.is_finite());
            shown.map(|(t, v)| place(*t, v / factor)).collect()
        };
        let series = arm.series.get(measure);
        let nominal = finite(series.map_or(&[], |s| &s.values));
        let beside = series.and_then(|series| series.beside.as_ref());
        match spread(arm) {
            _ if beside.is_some() => {
                picture.line(&nominal, colour_of(i), 2.5, dashes_of(i));
                picture.line(&finite(beside.map_or(&[], Vec::as_slice)), (0x22, 0x22, 0x22), 1.0, dashes_of(i));
            }
            Some(spread) => {
                picture.line(&nominal, colour_of(i), 1.0, &[]);
                picture.line(&finite(&spread.median), colour_of(i), 2.5, dashes_of(i));
            }
            None => picture.line(&nominal, colour_of(i), 2.5, dashes_of(i)),
        }
        if let (Some(_), Some(&end)) = (&arm.failure, nominal.last()) {
            frame.cross(picture, end, colour_of(i));
        }
    }
}

/// The axis of time and its unit, common to all arms.
fn times(result: &ExperimentResult) -> (Axis, DisplayUnit) {
    let all = || plain_arms(result).flat_map(|(_, arm)| arm.times.iter().copied());
    let end = all().fold(f64::NEG_INFINITY, f64::max);
    let start = all().fold(end, f64::min);
    let unit = time_unit(end - start, &result.time_unit);
    (time_axis(start / unit.factor, end / unit.factor, &unit, 7), unit)
}

fn draw_strip(picture: &mut Picture, frame: &Frame, x: &Axis, unit: &DisplayUnit, strip: &Strip, top: f64) {
    let colour: Rgb = match strip.arms.as_slice() {
        [one] => colour_of(*one),
        _ => GREY,
    };
    let across = |seconds: f64| frame.at(x.share(seconds / unit.factor).clamp(0.0, 1.0), 0.0).0;
    let bar = top + STRIP - 5.0;
    for &(start, end) in &strip.intervals {
        let (from, to) = (across(start), across(end.unwrap_or(start)));
        for edge in [Some(from), end.map(|_| to)].into_iter().flatten() {
            if edge > frame.x + 1.0 && edge < frame.x + frame.width - 1.0 {
                picture.line(&[(edge, top + STRIP - 3.0), (edge, frame.bottom())], PALE, 1.2, &[4.0, 3.0]);
            }
        }
        if end.is_some() {
            picture.rectangle([from, bar - 2.5, (to - from).max(2.0), 5.0], Some(colour), None);
        } else {
            picture.area(&[(from - 5.0, bar - 5.0), (from + 5.0, bar - 5.0), (from, bar + 3.0)], colour, 1.0);
        }
    }
    let from = strip.intervals.iter().map(|i| across(i.0)).fold(f64::INFINITY, f64::min);
    let to = strip.intervals.iter().map(|i| across(i.1.unwrap_or(i.0))).fold(f64::NEG_INFINITY, f64::max);
    let kind = Type { colour, ..plain(12) };
    let label = fitted(&strip.text, kind, frame.width);
    let wide = width_of(&label, kind);
    let right = frame.x + frame.width;
    // Beside the bar where there is room, or else above it.
    if to + 8.0 + wide <= right {
        picture.text(to + 8.0, bar + 4.0, &label, kind, Anchor::Start);
    } else if from - 8.0 - wide >= frame.x {
        picture.text(from - 8.0, bar + 4.0, &label, kind, Anchor::End);
    } else {
        picture.text(from.min(right - wide).max(frame.x), bar - 5.0, &label, kind, Anchor::Start);
    }
}
