//! Arms run exactly: one run of each, with what it says of single vesicles.
//!
//! Settling is that of the mean field: runs begin at what it settles in, rounded to whole copies by each run's random numbers.
//! Every arm of every run has random numbers of its own, told by the seed, the arm and the number of the run, so that what
//! an arm gives in a run depends neither on other arms nor on other runs.

use std::sync::Arc;

use super::answers::Answers;
use super::census::Roll;
use super::course::{Begun, Course, Failed, Ran, Shared};
use super::results::Series;
use super::{Setting, Settings};
use crate::simulate::exact::{ExactModel, ExactReceiver, ExactSettings, RunKey, Vesicles, run_exact};
use crate::simulate::{Model, Protocol, Sample};

/// Where the arms of a course begin, and what is done in them, under one setting.
pub(super) struct Prepared {
    begun: Begun,
    protocols: Vec<Protocol>,
}

impl Course<'_> {
    /// Settles, where that is asked for.
    pub fn prepare(&self, setting: &Setting, settings: &Settings) -> Prepared {
        let mut settler = self.settler();
        let begun = self.begin(setting, &mut settler, settings);
        let protocols = self.arms.iter().map(|arm| self.protocol(arm.planned, &begun.base)).collect();
        Prepared { begun, protocols }
    }

    /// One run of each arm. `seed` is of this course; `run` the number of the run; with a roll, all vesicles at the end are kept.
    pub fn run_exactly(
        &self,
        prepared: &Prepared,
        exact: &ExactModel<'_>,
        (seed, run): (u64, u64),
        settings: &ExactSettings,
        roll: Option<&Roll>,
    ) -> Vec<Ran> {
        let answers = &Answers::new(self.bench.model.network(), exact, self.samples.last().copied().unwrap_or(0.0));
        let pairs = self.arms.iter().zip(&prepared.protocols).enumerate();
        pairs
            .map(|(number, (shared, protocol))| {
                let mut intake = Intake::new(exact.model(), (&self.bench.model, answers), shared, &self.samples);
                intake.roll = roll;
                match prepared.begun.started(&self.bench.model, self.held(), shared.planned) {
                    Ok(start) => {
                        let key = RunKey { seed: mixed(seed, number as u64), run };
                        let outcome = run_exact(exact, start, protocol, key, settings, &mut intake);
                        intake.ran.marks = outcome.marks;
                        intake.ran.statistics.events = outcome.events;
                        intake.ran.stopped = outcome.stopped;
                        intake.ran.by_means = outcome.by_means;
                        intake.ran.failure = outcome.failure.map(Failed::Running);
                    }
                    Err(error) => intake.ran.failure = Some(Failed::Settling(error)),
                }
                intake.ran
            })
            .collect()
    }
}

/// A seed of its own for each number (the finalising steps of SplitMix64, Steele, Lea and Flood 2014).
pub(super) fn mixed(seed: u64, number: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15u64.wrapping_mul(number.wrapping_add(1)));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Takes in what one run gives.
struct Intake<'a> {
    /// The one that runs, and the whole one.
    model: &'a Model,
    whole: &'a Model,
    answers: &'a Answers,
    end: f64,
    roll: Option<&'a Roll>,
    shared: &'a Shared<'a>,
    observed: Vec<f64>,
    ran: Ran,
}

impl<'a> Intake<'a> {
    fn new(
        model: &'a Model,
        (whole, answers): (&'a Model, &'a Answers),
        shared: &'a Shared<'a>,
        samples: &[f64],
    ) -> Intake<'a> {
        let (samples, end) = (samples.len(), samples.last().copied().unwrap_or(0.0));
        let series = || Series { values: Vec::with_capacity(samples), ..Series::default() };
        let ran = Ran {
            times: Vec::with_capacity(samples),
            series: shared.reads.iter().map(|_| series()).collect(),
            ..Ran::default()
        };
        let observed = vec![0.0; model.network().observables.len()];
        Intake { model, whole, answers, end, roll: None, shared, observed, ran }
    }
}

impl ExactReceiver for Intake<'_> {
    fn sample(&mut self, sample: Sample<'_>) {
        self.model.code().observables(sample.time, sample.species, sample.parameters, &mut self.observed);
        self.ran.times.push(sample.time);
        for (series, measure) in self.ran.series.iter_mut().zip(&self.shared.reads) {
            series.values.push(self.observed.get(*measure).copied().unwrap_or(f64::NAN));
        }
    }

    /// Comes after the sample, whose values it sets right.
    fn vesicles(&mut self, sample: Sample<'_>, vesicles: &Vesicles<'_>) {
        if sample.time >= self.end {
            self.ran.vesicles = self.roll.map(|roll| Arc::new(roll.take(vesicles, sample.time)));
        }
        if self.answers.is_empty() {
            return;
        }
        let network = self.whole.network();
        let mut parameters = sample.parameters.to_vec();
        self.answers.give(network, vesicles, sample.time, &mut parameters);
        self.model.code().observables(sample.time, sample.species, &parameters, &mut self.observed);
        for (series, measure) in self.ran.series.iter_mut().zip(&self.shared.reads) {
            if let (Some(last), Some(value)) = (series.values.last_mut(), self.observed.get(*measure)) {
                *last = *value;
            }
        }
        if sample.time >= self.end {
            let read = &self.shared.reads;
            self.ran.distributions = self.answers.distributions(network, vesicles, sample.time, read);
        }
    }
}
