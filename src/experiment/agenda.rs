//! All that is to be run: every arm of every wanted experiment, on every network, at every point of a scan.
//!
//! Invariants: entries are in the order of the source, an experiment's together; point 0 is the model as declared (with
//! the caller's own values), the others are those of the scan.

use std::ops::Range;

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
    /// Which course runs it, as which of its arms, and where among what is read there its measures are.
    pub course: usize,
    arm: usize,
    reads: Range<usize>,
    pub plan: &'a Plan,
    pub planned: &'a PlannedArm,
    /// Of time.
    pub unit: DisplayUnit,
}

/// Arms of a course that are run together, at a piece.
pub(super) struct Part {
    course: usize,
    arms: Range<usize>,
}

/// So many arms of a course are one part: more would keep one thread busy while others wait, fewer would settle more
/// often than need be.
const ARMS_AT_ONCE: usize = 32;

/// What is to be run, and on what.
pub(super) struct Agenda<'a> {
    pub hir: &'a Hir,
    pub ids: Vec<ExperimentId>,
    pub courses: Vec<Course<'a>>,
    /// Of each course the bench it runs on.
    pub benches: Vec<usize>,
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
                    let course = agenda.course(plan, experiment, (index, bench), &claimed);
                    entries.extend(agenda.entries_of(plan, experiment, course));
                }
            }
            entries.sort_by_key(|entry: &Entry<'_>| (entry.planned.arm, entry.planned.point));
            agenda.entries.append(&mut entries);
        }
        agenda
    }

    /// The course that runs a plan: one that is there and suits it, or a new one.
    fn course(
        &mut self,
        plan: &'a Plan,
        experiment: &Experiment,
        (index, bench): (usize, &'a Bench),
        claimed: &[f64],
    ) -> usize {
        // Experiments of their own name keep to themselves: what is told of one is not about another.
        let shares = experiment.synthetic && claimed.is_empty();
        let suits = |(course, on): (&Course<'_>, &usize)| *on == index && course.shared && course.suits(plan);
        let known = self.courses.iter().zip(&self.benches).position(suits).filter(|_| shares);
        known.unwrap_or_else(|| {
            self.courses.push(Course::new(bench, plan, claimed, shares));
            self.benches.push(index);
            self.courses.len() - 1
        })
    }

    fn entries_of(&mut self, plan: &'a Plan, experiment: &Experiment, course: usize) -> Vec<Entry<'a>> {
        let unit = super::arms::time_unit(experiment);
        let Some(own) = self.courses.get_mut(course) else { return Vec::new() };
        let entry = |planned: &'a PlannedArm| {
            let (arm, first) = own.admit(planned, &plan.measures);
            let reads = first..first + plan.measures.len();
            Entry { experiment: plan.experiment, course, arm, reads, plan, planned, unit: unit.clone() }
        };
        plan.arms.iter().map(entry).collect()
    }

    /// What there is to do, in pieces that don't depend on one another.
    pub fn parts(&self) -> Vec<Part> {
        let parts = self.courses.iter().enumerate().flat_map(|(course, own)| {
            let starts = (0..own.arms.len()).step_by(ARMS_AT_ONCE);
            starts.map(move |start| Part { course, arms: start..own.arms.len().min(start + ARMS_AT_ONCE) })
        });
        parts.collect()
    }

    /// The times at which an entry is sampled.
    pub fn samples(&self, entry: &Entry<'_>) -> &[f64] {
        self.courses.get(entry.course).map_or(&[], |course| &course.samples)
    }

    /// Runs everything in several cases, a case being a setting for each bench; gives for each case what each entry gave.
    pub fn run(&self, cases: &[Vec<Setting>], pace: &mut Pace<'_>) -> Vec<Vec<Ran>> {
        let mut given: Vec<Vec<Ran>> = cases.iter().map(|_| vec![Ran::default(); self.entries.len()]).collect();
        for part in self.parts() {
            self.put(&part, self.run_part(&part, cases, pace), &mut given);
        }
        given
    }

    /// Runs some arms in several cases; gives for each case what each of them gave.
    pub fn run_part(&self, part: &Part, cases: &[Vec<Setting>], pace: &mut Pace<'_>) -> Vec<Vec<Ran>> {
        let Some((course, bench)) = self.courses.get(part.course).zip(self.benches.get(part.course)) else {
            return Vec::new();
        };
        let settings: Vec<Setting> = cases.iter().map(|case| case.get(*bench).cloned().unwrap_or_default()).collect();
        // Told of the first that reads an arm, in the name of all.
        let first = |arm: usize| self.entries.iter().position(|e| e.course == part.course && e.arm == arm).unwrap_or(0);
        let told: Vec<(usize, f64)> = (part.arms.clone())
            .map(|arm| (first(arm), course.arms.get(arm).map_or(1.0, |shared| shared.readers as f64)))
            .collect();
        let mut outer = |arm: usize, passed: f64| {
            let (entry, readers) = told.get(arm).copied().unwrap_or_default();
            (pace.advanced)(entry, passed * readers);
        };
        let mut pace = Pace { settings: pace.settings, lanes: pace.lanes, advanced: &mut outer };
        course.run(part.arms.clone(), &settings, &mut pace)
    }

    /// The bench that an entry is run on.
    pub fn bench_of(&self, entry: &Entry<'_>) -> Option<usize> {
        self.benches.get(entry.course).copied()
    }

    /// Gives every entry its share of what all arms of a course gave in each case.
    pub fn put_course(&self, course: usize, ran: Vec<Vec<Ran>>, given: &mut [Vec<Ran>]) {
        let arms = 0..self.courses.get(course).map_or(0, |course| course.arms.len());
        self.put(&Part { course, arms }, ran, given);
    }

    /// Gives every entry its share of what the arms of a part gave in each case.
    pub fn put(&self, part: &Part, ran: Vec<Vec<Ran>>, given: &mut [Vec<Ran>]) {
        for (case, arms) in given.iter_mut().zip(ran) {
            let entries = self.entries.iter().zip(case).filter(|(entry, _)| entry.course == part.course);
            for (entry, slot) in entries {
                let arm = entry.arm.checked_sub(part.arms.start).and_then(|arm| arms.get(arm));
                if let Some(arm) = arm {
                    let series = arm.series.get(entry.reads.clone()).map(<[_]>::to_vec).unwrap_or_default();
                    let (times, marks) = (arm.times.clone(), arm.marks.clone());
                    let distributions = arm.distributions.get(entry.reads.clone()).unwrap_or_default().to_vec();
                    let (failure, statistics) = (arm.failure.clone(), arm.statistics);
                    let (vesicles, by_means, stopped) = (arm.vesicles.clone(), arm.by_means.clone(), arm.stopped);
                    *slot =
                        Ran { times, series, marks, failure, statistics, distributions, vesicles, by_means, stopped };
                }
            }
        }
    }
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
            distributions: &ran.distributions,
            stopped: ran.failure.as_ref().map(|failure| match failure {
                super::course::Failed::Settling(_) => 0.0,
                super::course::Failed::Running(error) => error.time,
            }),
        })
    }
}
