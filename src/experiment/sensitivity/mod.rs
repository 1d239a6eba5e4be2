//! How the measures of an experiment depend on its numbers.
//!
//! Each arm asked for is run as any other, and then gone through again with its derivatives
//! ([`crate::simulate::sensitivity`]), in groups of so many numbers that their memory stays bounded. Derivatives go the whole way: through
//! parameters that follow from others, settling, what the arm changes, doses and events.
//!
//! Invariants: what a modifier compares with ([`Role::Reference`](crate::network::Role::Reference)) moves with the numbers that it follows from, but not with what
//! an arm does to these, as in a run; the numbers that a group has do not depend on what else is in it beyond the tolerance.
//! Deliberately absent: the number of cells, with which the network was formed; text for people, files.

mod arms;
mod numbers;

pub use numbers::{Number, every, uncertain};

use super::results::{Coordinate, Measure};
use super::statistics::{summary, value_at};
use super::{Bench, Progress};
use crate::diagnostics::Diagnostic;
use crate::hir::experiment::Summary;
use crate::hir::{ExperimentId, Hir};
use crate::network::DisplayUnit;
use crate::simulate::Settings;

/// An amount is none beside the largest of its run when it is smaller by this factor: its logarithm says nothing.
const NOTHING: f64 = 1e-9;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub settings: Settings,
    /// Only these experiments; `None` for all.
    pub only: Option<Vec<ExperimentId>>,
    /// Only arms of this name; `None` for the control, or else the first.
    pub arm: Option<String>,
    /// By these numbers of each model, by name; `None` for those with an uncertainty or, if there are none, all.
    pub by: Option<Vec<String>>,
    pub when: When,
    /// Keep all samples, not only what `when` needs.
    pub over_time: bool,
}

/// When a measure is read.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum When {
    /// At the end of the run.
    #[default]
    End,
    /// So many seconds after its start.
    At(f64),
    /// The mean over the run, by the trapezoidal rule.
    Mean,
}

/// One arm, or one point of a swept arm, with its derivatives.
#[derive(Clone, Debug)]
pub struct Sensitivities {
    pub experiment: String,
    pub model: String,
    pub arm: String,
    /// The value of each swept variable.
    pub coordinates: Vec<Coordinate>,
    pub time_unit: DisplayUnit,
    pub when: When,
    pub measures: Vec<Measure>,
    pub numbers: Vec<Number>,
    /// Seconds.
    pub times: Vec<f64>,
    /// Of each measure, as long as `times`, in internal units.
    pub values: Vec<Vec<f64>>,
    /// Of each measure by each number, as long as `times`: derivatives by the number over its [`Number::scale`].
    pub derivatives: Vec<Vec<Vec<f64>>>,
}

/// A measure's dependence on a number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Sensitivity {
    /// ∂O/∂θ, in internal units.
    pub derivative: f64,
    /// ∂ln O/∂ln θ; none where O or θ is zero.
    pub scaled: Option<f64>,
}

impl Sensitivities {
    /// A measure when it is read.
    pub fn value(&self, measure: usize) -> f64 {
        self.values.get(measure).map_or(f64::NAN, |values| self.read(values))
    }

    /// Its dependence on a number, then.
    pub fn of(&self, measure: usize, number: usize) -> Option<Sensitivity> {
        let derivative = self.read(self.derivatives.get(measure)?.get(number)?);
        Some(self.sensitivity(measure, number, self.value(measure), derivative))
    }

    /// Its dependence on a number at each of the times.
    pub fn over_time(&self, measure: usize, number: usize) -> Vec<Sensitivity> {
        let derivatives = self.derivatives.get(measure).and_then(|all| all.get(number));
        let values = self.values.get(measure).map_or(&[][..], Vec::as_slice);
        let both = values.iter().zip(derivatives.map_or(&[][..], Vec::as_slice));
        both.map(|(value, derivative)| self.sensitivity(measure, number, *value, *derivative)).collect()
    }

    /// The numbers of a measure, those it depends on most first; those without a scaled sensitivity last, by the size of what
    /// one unit of the number does.
    pub fn ranked(&self, measure: usize) -> Vec<usize> {
        let size = |number: usize| {
            let found = self.of(measure, number)?;
            let factor = self.numbers.get(number)?.unit.factor;
            Some((found.scaled.is_some(), found.scaled.unwrap_or(found.derivative * factor).abs()))
        };
        let mut ranked: Vec<(usize, (bool, f64))> =
            (0..self.numbers.len()).filter_map(|k| Some((k, size(k)?))).collect();
        ranked.sort_by(|(i, (a, x)), (j, (b, y))| b.cmp(a).then(y.total_cmp(x)).then(i.cmp(j)));
        ranked.into_iter().map(|(k, _)| k).collect()
    }

    /// Leaves out measures that are not among these; nothing is left out if there are none.
    pub fn keep(&mut self, names: &[String]) {
        if names.is_empty() {
            return;
        }
        let kept: Vec<bool> = self.measures.iter().map(|m| names.contains(&m.name)).collect();
        let of = |m: &mut usize| {
            *m += 1;
            kept[*m - 1]
        };
        let (mut a, mut b, mut c) = (0, 0, 0);
        self.measures.retain(|_| of(&mut a));
        self.values.retain(|_| of(&mut b));
        self.derivatives.retain(|_| of(&mut c));
    }

    fn sensitivity(&self, measure: usize, number: usize, value: f64, derivative: f64) -> Sensitivity {
        let largest = self.values.get(measure).map_or(0.0, |v| v.iter().fold(0.0, |most: f64, v| most.max(v.abs())));
        let found = self.numbers.get(number);
        let scaled = (value.abs() > NOTHING * largest && found.is_some_and(|n| n.value != 0.0))
            .then_some(derivative / value)
            .filter(|scaled| scaled.is_finite());
        Sensitivity { derivative: derivative / found.map_or(1.0, Number::scale), scaled }
    }

    fn read(&self, values: &[f64]) -> f64 {
        match self.when {
            When::End => values.last().copied(),
            When::At(time) => value_at(&self.times, values, Some(time)),
            When::Mean => summary(Summary::Mean, &self.times, values),
        }
        .unwrap_or(f64::NAN)
    }
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub results: Vec<Sensitivities>,
    /// One for each arm or settling that failed.
    pub failures: Vec<Diagnostic>,
}

/// Computes the sensitivities of all measures of the arms asked for.
pub fn run(hir: &Hir, benches: &[Bench], options: &Options, progress: &mut dyn FnMut(Progress<'_>)) -> Outcome {
    arms::run(hir, benches, options, progress)
}
