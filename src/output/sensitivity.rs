//! Sensitivities as text for terminals and as tables for programs.
//!
//! Invariants: scaled sensitivities are pure numbers, percent for percent; where the measure or the number is zero, the
//! plain derivative stands instead, in the measure's unit per unit of the number, and is marked so.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::number::{number, ratio};
use super::paint::{Tone, paint};
use super::table::{Column, Data};
use super::unit::{quantity, symbol};
use super::{OutputError, extension, write_file};
use crate::experiment::results::Measure;
use crate::experiment::sensitivity::{Number, Sensitivities, Sensitivity, When};
use std::path::Path;

/// Bars are this wide where there is room.
const WIDEST: usize = 28;
/// What is smaller than this beside the largest is not told in a terminal.
const SMALL: f64 = 1e-4;

/// Everything that fits a terminal of `width` columns, at most `top` numbers to a measure.
pub fn summary(results: &[Sensitivities], top: usize, width: usize, colour: bool) -> String {
    let mut text = String::new();
    for result in results {
        text.push_str(&format!("{}\n", paint(&title(result), Tone::Strong, colour)));
        for measure in 0..result.measures.len() {
            text.push_str(&format!("\n{}", of_measure(result, measure, top, width, colour)));
        }
        text.push('\n');
    }
    text
}

/// `secretion of culture · control · at 24 h`.
pub(super) fn title(result: &Sensitivities) -> String {
    let mut parts = vec![match result.model.is_empty() || result.model == result.experiment {
        true => result.experiment.clone(),
        false => format!("{} of {}", result.experiment, result.model),
    }];
    let point = result.coordinates.iter().map(|c| format!(" {} = {}", c.name, quantity(c.value, &c.unit)));
    parts.push(format!("{}{}", result.arm, point.collect::<Vec<_>>().join(",")));
    parts.push(reading(result));
    parts.join(" · ")
}

/// When the measures are read.
pub(super) fn reading(result: &Sensitivities) -> String {
    match result.when {
        When::End => format!("at {}", quantity(result.times.last().copied().unwrap_or(0.0), &result.time_unit)),
        When::At(time) => format!("at {}", quantity(time, &result.time_unit)),
        When::Mean => "mean over time".to_owned(),
    }
}

/// One line of a ranking.
struct Line<'a> {
    number: &'a Number,
    sensitivity: Sensitivity,
}

impl Line<'_> {
    fn shown(&self, measure: &Measure) -> String {
        match self.sensitivity.scaled {
            Some(scaled) => ratio(scaled),
            None => plain(self.sensitivity.derivative, measure, self.number),
        }
    }
}

/// A derivative with its unit: `1.2e3 copies per 1/min`.
fn plain(derivative: f64, measure: &Measure, by: &Number) -> String {
    let value = number(derivative * by.unit.factor / measure.unit.factor);
    let unit = symbol(&measure.unit);
    let per = match symbol(&by.unit) {
        none if none.is_empty() => "per 1".to_owned(),
        unit => format!("per {unit}"),
    };
    [value, unit, per].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn of_measure(result: &Sensitivities, measure: usize, top: usize, width: usize, colour: bool) -> String {
    let Some(column) = result.measures.get(measure) else { return String::new() };
    let line = |k: usize| Some(Line { number: result.numbers.get(k)?, sensitivity: result.of(measure, k)? });
    let all: Vec<Line> = result.ranked(measure).into_iter().filter_map(line).collect();
    let size = |line: &Line| line.sensitivity.scaled.map_or(0.0, f64::abs);
    let largest = all.iter().map(size).fold(0.0, f64::max);
    let told = |line: &&Line| match line.sensitivity.scaled {
        Some(scaled) => scaled.abs() > SMALL * largest,
        None => line.sensitivity.derivative != 0.0,
    };
    let lines: Vec<&Line> = all.iter().filter(told).take(top).collect();
    let rest = all.iter().filter(told).count() - lines.len();
    let none = all.len() - lines.len() - rest;
    let wide = |cell: &dyn Fn(&Line) -> String| lines.iter().map(|l| cell(l).width()).max().unwrap_or(0);
    let value = |l: &Line| quantity(l.number.value, &l.number.unit);
    let (names, values) = (wide(&|l| l.number.name.clone()), wide(&value));
    let scaled = wide(&|l| l.sensitivity.scaled.map_or_else(String::new, ratio));
    let room = width.saturating_sub(names + values + scaled + 8).min(WIDEST);
    let mut text = format!(
        "  {} = {}\n",
        paint(&column.name, Tone::Strong, colour),
        quantity(result.value(measure), &column.unit)
    );
    for line in lines {
        let (name, value, shown) = (&line.number.name, value(line), line.shown(column));
        let pad = |text: &str, to: usize| " ".repeat(to.saturating_sub(text.width()));
        text.push_str(&format!("    {name}{}  {}{value}  ", pad(name, names), pad(&value, values)));
        match line.sensitivity.scaled {
            Some(s) => {
                let length = ((s.abs() / largest * room as f64).round() as usize).min(room);
                let tone = if s < 0.0 { Tone::Arm(1) } else { Tone::Arm(0) };
                text.push_str(&format!("{}{shown}  {}", pad(&shown, scaled), paint(&"▇".repeat(length), tone, colour)));
            }
            None => text.push_str(&format!("{}{shown} *", pad("", 0))),
        }
        text = text.trim_end().to_owned() + "\n";
    }
    let more = [(rest, "more have less influence"), (none, "have next to none")];
    let more: Vec<String> = more.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{n} {words}")).collect();
    if !more.is_empty() {
        text.push_str(&format!("    {}\n", paint(&more.join(", "), Tone::Faint, colour)));
    }
    if all.iter().any(|line| line.sensitivity.scaled.is_none() && line.sensitivity.derivative != 0.0) {
        let note = "* not scaled: the measure or the number is zero";
        text.push_str(&format!("    {}\n", paint(note, Tone::Faint, colour)));
    }
    text
}

/// Writes sensitivities to `path` in the format of its extension: `.csv`, `.parquet` or `.json`; at every time of the
/// results, or where the measures are read.
///
/// The file is complete or, on an error, as it was before.
pub fn save_sensitivities(path: &Path, results: &[Sensitivities], over_time: bool) -> Result<(), OutputError> {
    let bytes = match extension(path).as_deref() {
        Some("csv") => super::csv::encode(&columns(results, over_time)),
        Some("parquet") => super::parquet::table(&columns(results, over_time))?,
        Some("json") => json_bytes(results, over_time),
        _ => return Err(OutputError::unknown_format(path, &["csv", "parquet", "json"])),
    };
    write_file(path, &bytes)
}

/// A row for each experiment, arm, measure and number, and for each time if they are asked for.
pub fn columns(results: &[Sensitivities], over_time: bool) -> Vec<Column> {
    const TEXTS: [(&str, &str); 8] = [
        ("experiment", "the experiment's name"),
        ("model", "the model it was run on"),
        ("arm", "the arm, or the sweep that the point belongs to"),
        ("point", "the values of swept variables"),
        ("measure", "what depends"),
        ("measure unit", "the unit of its value"),
        ("number", "what it depends on"),
        ("number unit", "the unit of its value"),
    ];
    const NUMBERS: [(&str, &str, &str); 5] = [
        ("time [s]", "s", "since the start of the run; missing for a mean over it"),
        ("value", "", "of the measure, in its unit"),
        ("number value", "", "of the number, in its unit"),
        ("derivative", "", "of the measure by the number, in their units"),
        ("scaled", "", "derivative of the logarithms; missing where one of the two is zero"),
    ];
    let mut texts: [Vec<String>; 8] = Default::default();
    let mut numbers: [Vec<Option<f64>>; 5] = Default::default();
    for result in results {
        let point: Vec<String> =
            result.coordinates.iter().map(|c| format!("{}={}", c.name, quantity(c.value, &c.unit))).collect();
        each_row(result, over_time, &mut |row| {
            let words = [
                &result.experiment,
                &result.model,
                &result.arm,
                &point.join(" "),
                &row.measure.name,
                &symbol(&row.measure.unit),
                &row.number.name,
                &symbol(&row.number.unit),
            ];
            texts.iter_mut().zip(words).for_each(|(column, word)| column.push(word.clone()));
            let values = [
                row.time,
                Some(row.value / row.measure.unit.factor),
                Some(row.number.value / row.number.unit.factor),
                Some(row.sensitivity.derivative * row.number.unit.factor / row.measure.unit.factor),
                row.sensitivity.scaled,
            ];
            numbers.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        });
    }
    let texts = TEXTS.iter().zip(texts).map(|((heading, description), values)| Column {
        heading: (*heading).to_owned(),
        unit: String::new(),
        description: (*description).to_owned(),
        data: Data::Text(values),
    });
    let numbers = NUMBERS.iter().zip(numbers).map(|((heading, unit, description), values)| Column {
        heading: (*heading).to_owned(),
        unit: (*unit).to_owned(),
        description: (*description).to_owned(),
        data: Data::Number(values),
    });
    texts.chain(numbers).collect()
}

struct Row<'a> {
    measure: &'a Measure,
    number: &'a Number,
    time: Option<f64>,
    value: f64,
    sensitivity: Sensitivity,
}

/// Measures in order, numbers by rank, times in order.
fn each_row(result: &Sensitivities, over_time: bool, act: &mut dyn FnMut(Row<'_>)) {
    for (m, measure) in result.measures.iter().enumerate() {
        for k in result.ranked(m) {
            let Some(number) = result.numbers.get(k) else { continue };
            if over_time {
                let values = result.values.get(m).map_or(&[][..], Vec::as_slice);
                for ((time, value), sensitivity) in result.times.iter().zip(values).zip(result.over_time(m, k)) {
                    act(Row { measure, number, time: Some(*time), value: *value, sensitivity });
                }
            } else if let Some(sensitivity) = result.of(m, k) {
                let time = match result.when {
                    When::End => result.times.last().copied(),
                    When::At(time) => Some(time),
                    When::Mean => None,
                };
                act(Row { measure, number, time, value: result.value(m), sensitivity });
            }
        }
    }
}

fn json_bytes(results: &[Sensitivities], over_time: bool) -> Vec<u8> {
    let object = |result: &Sensitivities| {
        let mut rows = Vec::new();
        each_row(result, over_time, &mut |row| {
            rows.push(json!({
                "measure": row.measure.name, "measure_unit": symbol(&row.measure.unit),
                "value": row.value / row.measure.unit.factor,
                "number": row.number.name, "number_unit": symbol(&row.number.unit),
                "number_value": row.number.value / row.number.unit.factor,
                "time": row.time.map(|t| t / result.time_unit.factor),
                "derivative": row.sensitivity.derivative * row.number.unit.factor / row.measure.unit.factor,
                "scaled": row.sensitivity.scaled,
            }));
        });
        let coordinates = result.coordinates.iter();
        let coordinates = coordinates
            .map(|c| json!({ "name": c.name, "value": c.value / c.unit.factor, "unit": symbol(&c.unit) }))
            .collect::<Vec<Value>>();
        json!({
            "experiment": result.experiment, "model": result.model, "arm": result.arm, "coordinates": coordinates,
            "time_unit": symbol(&result.time_unit), "reading": reading(result), "sensitivities": rows,
        })
    };
    let all: Vec<Value> = results.iter().map(object).collect();
    let document = json!({ "format": "exoc sensitivities", "version": env!("CARGO_PKG_VERSION"), "results": all });
    format!("{document}\n").into_bytes()
}
