//! All that is to be run: every arm of every wanted experiment, on every network, at every point of a scan.
//!
//! Invariants: entries are in the order of the source, an experiment's together; point 0 is the model as declared (with
//! the caller's own values), the others are those of the scan.

use super::claims::{Seen, View};
use super::course::{Course, Pace, Ran, Setting};
use super::scan::Point;
use super::{Bench, Options};
use crate::hir::experiment::{Experiment, ReadingKind};
use crate::hir::{ExperimentId, Hir};
use crate::network::DisplayUnit;
use crate::network::plan::{Plan, PlannedArm};

/// One arm, or one point of its own sweep.
pub(super) struct Entry<'a> {
    pub experiment: ExperimentId,
    /// Which course runs it, and as which of its arms.
    pub course: usize,
    pub position: usize,
    pub planned: &'a PlannedArm,
    /// Of time.
    pub unit: DisplayUnit,
}

/// What is to be run, and on what.
pub(super) struct Agenda<'a> {
    pub hir: &'a Hir,
    pub ids: Vec<ExperimentId>,
    pub courses: Vec<Course<'a>>,
    /// Of each course the bench it runs on.
    benches: Vec<usize>,
    pub entries: Vec<Entry<'a>>,
    pub points: Vec<Point>,
}

impl<'a> Agenda<'a> {
    pub fn new(hir: &'a Hir, benches: &'a [Bench], options: &Options) -> Agenda<'a> {
        let wanted = |id: &ExperimentId| options.only.as_ref().is_none_or(|only| only.contains(id));
        let ids: Vec<ExperimentId> = (0..hir.experiments.len() as u32).map(ExperimentId).filter(wanted).collect();
        let mut agenda = Agenda {
            hir,
            courses: Vec::new(),
            benches: Vec::new(),
            entries: Vec::new(),
            points: options.scan.points(benches),
            ids: ids.clone(),
        };
        for id in ids {
            let Some(experiment) = hir.experiments.get(id.index()) else { continue };
            let claimed = claimed_times(hir, id);
            let mut entries = Vec::new();
            for (index, bench) in benches.iter().enumerate() {
                for plan in bench.plans.iter().filter(|plan| plan.experiment == id) {
                    let course = agenda.courses.len();
                    agenda.courses.push(Course::new(bench, plan, &claimed));
                    agenda.benches.push(index);
                    entries.extend(entries_of(plan, experiment, course));
                }
            }
            entries.sort_by_key(|entry: &Entry<'_>| (entry.planned.arm, entry.planned.point));
            agenda.entries.append(&mut entries);
        }
        agenda
    }

    pub fn plan(&self, entry: &Entry<'_>) -> Option<&'a Plan> {
        self.courses.get(entry.course).map(|course| course.plan)
    }

    /// The times at which an entry is sampled.
    pub fn samples(&self, entry: &Entry<'_>) -> &[f64] {
        self.courses.get(entry.course).map_or(&[], |course| &course.samples)
    }

    /// Runs everything in several cases, a case being a setting for each bench; gives for each case what each entry gave.
    pub fn run(&self, cases: &[Vec<Setting>], pace: &mut Pace<'_>) -> Vec<Vec<Ran>> {
        let mut given: Vec<Vec<Ran>> = cases.iter().map(|_| vec![Ran::default(); self.entries.len()]).collect();
        for (number, (course, bench)) in self.courses.iter().zip(&self.benches).enumerate() {
            let settings: Vec<Setting> =
                cases.iter().map(|case| case.get(*bench).cloned().unwrap_or_default()).collect();
            let places: Vec<usize> = self.places(number);
            let mut outer = |arm: usize, passed: f64| {
                (pace.advanced)(places.get(arm).copied().unwrap_or(0), passed);
            };
            let mut pace = Pace { settings: pace.settings, lanes: pace.lanes, advanced: &mut outer };
            for (case, arms) in given.iter_mut().zip(course.run(&settings, &mut pace)) {
                for (arm, ran) in arms.into_iter().enumerate() {
                    if let Some(slot) = places.get(arm).and_then(|place| case.get_mut(*place)) {
                        *slot = ran;
                    }
                }
            }
        }
        given
    }

    /// Of each arm of a course its place among the entries.
    fn places(&self, course: usize) -> Vec<usize> {
        let mut places: Vec<(usize, usize)> = (self.entries.iter().enumerate())
            .filter(|(_, entry)| entry.course == course)
            .map(|(place, entry)| (entry.position, place))
            .collect();
        places.sort_unstable();
        places.into_iter().map(|(_, place)| place).collect()
    }
}

fn entries_of<'a>(plan: &'a Plan, experiment: &Experiment, course: usize) -> impl Iterator<Item = Entry<'a>> {
    let unit = super::arms::time_unit(experiment);
    plan.arms.iter().enumerate().map(move |(position, planned)| Entry {
        experiment: plan.experiment,
        course,
        position,
        planned,
        unit: unit.clone(),
    })
}

/// The times at which claims read an experiment: they are sampled besides the grid.
fn claimed_times(hir: &Hir, id: ExperimentId) -> Vec<f64> {
    let mut times = Vec::new();
    for claim in &hir.claims {
        claim.condition.each_reading(&mut |reading| {
            if let ReadingKind::Measure { experiment, time: Some(time), .. } = reading.kind
                && experiment == id
            {
                times.push(time);
            }
        });
    }
    times
}

/// What one case gave, as claims read it.
pub(super) struct Case<'a> {
    pub agenda: &'a Agenda<'a>,
    pub ran: &'a [Ran],
}

impl Seen for Case<'_> {
    fn covers(&self, experiment: ExperimentId) -> bool {
        self.agenda.ids.contains(&experiment)
    }

    fn arm(&self, experiment: ExperimentId, arm: usize, point: usize) -> Option<View<'_>> {
        let is = |e: &Entry<'_>| e.experiment == experiment && e.planned.arm == arm && e.planned.point == point;
        let place = self.agenda.entries.iter().position(is)?;
        let (entry, ran) = (self.agenda.entries.get(place)?, self.ran.get(place)?);
        Some(View {
            name: &entry.planned.name,
            unit: &entry.unit,
            times: &ran.times,
            series: &ran.series,
            stopped: ran.failure.as_ref().map(|failure| match failure {
                super::course::Failed::Settling(_) => 0.0,
                super::course::Failed::Running(error) => error.time,
            }),
        })
    }
}
