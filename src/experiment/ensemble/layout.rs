//! What is kept of a member, as one record of numbers.

use super::record::Record;
use crate::diagnostics::Code;
use crate::experiment::agenda::{Agenda, Case};
use crate::experiment::course::Ran;
use crate::experiment::results::Results;
use crate::experiment::{arms, claims, reports};

/// Where each arm's values stand in a record: in the order of the results, arm by arm, measure by measure, sample by
/// sample.
#[derive(Debug)]
pub(super) struct Layout {
    pub arms: Vec<Place>,
    pub values: usize,
    /// The claims that are tried, as positions in the program.
    pub claims: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Place {
    /// Of the scan.
    pub point: usize,
    pub entry: usize,
    pub measures: usize,
    samples: usize,
    /// Where its values begin.
    first: usize,
}

impl Place {
    /// Where the values of a measure stand.
    pub fn columns(&self, measure: usize) -> std::ops::Range<usize> {
        let first = self.first + measure * self.samples;
        first..first + self.samples
    }
}

impl Layout {
    /// `synthetic`: with the experiments of short claims, behind all that results have.
    pub fn of(agenda: &Agenda<'_>, synthetic: bool) -> Layout {
        let listed =
            |id: &&crate::hir::ExperimentId| agenda.hir.experiments.get(id.index()).is_some_and(|e| !e.synthetic);
        let unlisted = |id: &&crate::hir::ExperimentId| synthetic && !listed(id);
        let ids = agenda.ids.iter().filter(listed).chain(agenda.ids.iter().filter(unlisted));
        let order = ids.flat_map(|id| arms::order(agenda, *id));
        let mut values = 0;
        let place = |(point, entry): (usize, usize)| {
            let planned = agenda.entries.get(entry)?;
            let measures = planned.plan.measures.len();
            let (samples, first) = (agenda.samples(planned).len(), values);
            values += measures * samples;
            Some(Place { point, entry, measures, samples, first })
        };
        let arms: Vec<Place> = order.filter_map(place).collect();
        let nothing = Case { agenda, ran: &[] };
        Layout { arms, values, claims: claims::asked(agenda.hir, &nothing) }
    }

    /// The record of a member that gave this at each point of the scan.
    pub fn record(&self, agenda: &Agenda<'_>, member: u64, ran: &[Vec<Ran>]) -> Record {
        let mut record = Record { member, values: Vec::with_capacity(self.values), ..Record::default() };
        for place in &self.arms {
            let found = ran.get(place.point).and_then(|case| case.get(place.entry)).filter(|ran| ran.failure.is_none());
            for measure in 0..place.measures {
                let values = found.and_then(|ran| ran.series.get(measure)).map_or(&[][..], |s| &s.values);
                let padded = values.iter().copied().chain(std::iter::repeat(f64::NAN));
                record.values.extend(padded.take(place.samples));
            }
        }
        let declared = Case { agenda, ran: ran.first().map_or(&[], |case| case) };
        let tried = self.claims.iter().filter_map(|position| agenda.hir.claims.get(*position));
        record.verdicts = tried.map(|claim| claims::holds(claim, &declared)).collect();
        record.failure = self.failure(ran);
        record
    }

    /// The first arm that failed: its code's number, its place among the results' arms, the time.
    fn failure(&self, ran: &[Vec<Ran>]) -> Option<(u32, u32, f64)> {
        let found = ran.iter().enumerate().find_map(|(point, case)| {
            case.iter().enumerate().find_map(|(entry, ran)| Some((point, entry, ran.failure.as_ref()?.error())))
        });
        let (point, entry, error) = found?;
        let arm = self.arms.iter().position(|place| place.point == point && place.entry == entry);
        let arm = arm.and_then(|arm| u32::try_from(arm).ok()).unwrap_or(u32::MAX);
        Some((number_of(reports::code(&error.problem)), arm, error.time))
    }

    /// Makes all arms as long as they should be, those that failed with what is no number.
    pub fn pad(&self, agenda: &Agenda<'_>, results: &mut Results) {
        let arms = results.experiments.iter_mut().flat_map(|e| &mut e.arms);
        for (arm, place) in arms.zip(&self.arms) {
            if let Some(entry) = agenda.entries.get(place.entry) {
                arm.times = agenda.samples(entry).to_vec();
                arm.series.iter_mut().for_each(|series| series.values.resize(place.samples, f64::NAN));
            }
        }
    }
}

/// `E0703` as 703.
fn number_of(code: Code) -> u32 {
    code.as_str().get(1..).and_then(|digits| digits.parse().ok()).unwrap_or(799)
}

/// 703 as `E0703`, with its title.
pub(super) fn code_of(number: u32) -> (String, String) {
    let code = format!("E{number:04}");
    let title = Code::parse(&code).map_or_else(String::new, |code| code.title().to_owned());
    (code, title)
}
