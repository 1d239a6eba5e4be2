//! Results as one tidy table: a row for each experiment, arm, point of a sweep and time.
//!
//! Invariants: columns are equally long; headings are unique and carry the unit; values are in that unit; what an
//! experiment doesn't have is missing, not zero.

use super::number::number;
use super::unit::{heading, symbol};
use crate::experiment::results::{Arm, ExperimentResult, Results};
use crate::network::DisplayUnit;

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name with the unit in brackets: `yield [copies/cell]`.
    pub heading: String,
    /// The unit alone; empty for text and pure numbers.
    pub unit: String,
    /// What is in it, for people: the measure's expression, where there is one.
    pub description: String,
    pub data: Data,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    Text(Vec<String>),
    Number(Vec<Option<f64>>),
}

/// All results as columns. The first are `experiment`, `model`, `arm`, then one for each swept variable, `time`,
/// and the measures, each followed by its median and the ends of its bands where there are any.
pub fn columns(results: &Results) -> Vec<Column> {
    let layout = Layout::of(results);
    let mut table = layout.empty_columns();
    for experiment in &results.experiments {
        for arm in &experiment.arms {
            layout.append(&mut table, experiment, arm);
        }
    }
    table
}

/// A column of numbers to be: which name in which unit.
#[derive(Clone, PartialEq)]
struct Slot {
    name: String,
    unit: DisplayUnit,
}

struct Layout {
    coordinates: Vec<Slot>,
    time: DisplayUnit,
    /// With the expression, and the shares of the bands that any arm has, if any has a spread.
    measures: Vec<(Slot, String, Option<Vec<f64>>)>,
    /// Values are means over exact runs.
    exact: bool,
}

impl Layout {
    fn of(results: &Results) -> Layout {
        let mut layout = Layout {
            coordinates: Vec::new(),
            time: common_time(results),
            measures: Vec::new(),
            exact: results.runs.is_some(),
        };
        for experiment in &results.experiments {
            for coordinate in experiment.arms.iter().flat_map(|arm| &arm.coordinates) {
                let slot = Slot { name: coordinate.name.clone(), unit: coordinate.unit.clone() };
                if !layout.coordinates.contains(&slot) {
                    layout.coordinates.push(slot);
                }
            }
            for (i, measure) in experiment.measures.iter().enumerate() {
                let spread = experiment.arms.iter().find_map(|arm| arm.series.get(i)?.spread.as_ref());
                let bands = spread.map(|spread| spread.bands.iter().map(|band| band.share).collect());
                let slot = Slot { name: measure.name.clone(), unit: measure.unit.clone() };
                match layout.measures.iter_mut().find(|(known, ..)| *known == slot) {
                    Some((_, _, known)) => *known = known.take().or(bands),
                    None => layout.measures.push((slot, measure.source.clone(), bands)),
                }
            }
        }
        layout
    }

    fn empty_columns(&self) -> Vec<Column> {
        let mut columns: Vec<Column> = Vec::new();
        let mut add = |name: &str, unit: Option<&DisplayUnit>, description: &str| {
            let mut title = unit.map_or_else(|| name.to_owned(), |unit| heading(name, unit));
            while columns.iter().any(|c| c.heading == title) {
                title.push('\'');
            }
            let data = if unit.is_some() { Data::Number(Vec::new()) } else { Data::Text(Vec::new()) };
            let unit = unit.map(symbol).unwrap_or_default();
            columns.push(Column { heading: title, unit, description: description.to_owned(), data });
        };
        add("experiment", None, "the experiment's name");
        add("model", None, "the model it was run on");
        add("arm", None, "the arm, or the sweep that the point belongs to");
        for slot in &self.coordinates {
            add(&slot.name, Some(&slot.unit), "value of a swept variable");
        }
        add("time", Some(&self.time), "since the start of the run");
        for (slot, source, bands) in &self.measures {
            add(&slot.name, Some(&slot.unit), source);
            let Some(bands) = bands else { continue };
            let all = if self.exact { "runs" } else { "ensemble" };
            if self.exact {
                add(&format!("{} sd", slot.name), Some(&slot.unit), "standard deviation over the runs");
                add(&format!("{} mean field", slot.name), Some(&slot.unit), "what the mean field says");
            }
            add(&format!("{} median", slot.name), Some(&slot.unit), &format!("median of the {all}"));
            for share in bands {
                for percent in [50.0 * (1.0 - share), 50.0 * (1.0 + share)] {
                    let text = format!("{} % of the {all} lie below", number(percent));
                    add(&format!("{} q{}", slot.name, number(percent)), Some(&slot.unit), &text);
                }
            }
        }
        columns
    }

    /// Adds the rows of one arm; the order of values is that of [`Layout::empty_columns`].
    fn append(&self, table: &mut [Column], experiment: &ExperimentResult, arm: &Arm) {
        for (row, &time) in arm.times.iter().enumerate() {
            let mut texts = [&experiment.name, &experiment.model, &arm.name].into_iter();
            let mut numbers = self.numbers(experiment, arm, row, time).into_iter();
            for column in table.iter_mut() {
                match &mut column.data {
                    Data::Text(values) => values.push(texts.next().cloned().unwrap_or_default()),
                    Data::Number(values) => values.push(numbers.next().flatten()),
                }
            }
        }
    }

    fn numbers(&self, experiment: &ExperimentResult, arm: &Arm, row: usize, time: f64) -> Vec<Option<f64>> {
        let mut numbers: Vec<Option<f64>> = Vec::new();
        for slot in &self.coordinates {
            let found = arm.coordinates.iter().find(|c| c.name == slot.name && c.unit == slot.unit);
            numbers.push(found.map(|c| c.value / slot.unit.factor));
        }
        numbers.push(Some(time / self.time.factor));
        for (slot, _, bands) in &self.measures {
            let at = experiment.measures.iter().position(|m| m.name == slot.name && m.unit == slot.unit);
            let series = at.and_then(|at| arm.series.get(at));
            let shown = |values: &[f64]| values.get(row).map(|v| v / slot.unit.factor);
            numbers.push(series.and_then(|s| shown(&s.values)));
            let Some(bands) = bands else { continue };
            let spread = series.and_then(|s| s.spread.as_ref());
            if self.exact {
                numbers.push(spread.and_then(|s| shown(s.deviation.as_ref()?)).filter(|sd| sd.is_finite()));
                numbers.push(series.and_then(|s| shown(s.beside.as_ref()?)));
            }
            numbers.push(spread.and_then(|s| shown(&s.median)));
            for share in bands {
                let band = spread.and_then(|s| s.bands.iter().find(|band| band.share == *share));
                numbers.push(band.and_then(|band| shown(&band.lower)));
                numbers.push(band.and_then(|band| shown(&band.upper)));
            }
        }
        numbers
    }
}

/// The unit of time that all experiments share, or else seconds.
fn common_time(results: &Results) -> DisplayUnit {
    let mut units = results.experiments.iter().map(|e| &e.time_unit);
    match units.next() {
        Some(first) if units.all(|u| u == first) => first.clone(),
        _ => DisplayUnit { symbol: "s".to_owned(), factor: 1.0 },
    }
}
