//! The model as declared and every point of a scan: what each arm gave, with names.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use rustc_hash::FxHashSet;

use super::agenda::{Agenda, Case, Entry};
use super::claims;
use super::course::{Failed, Pace, Ran, Setting};
use super::results::{self, Arm, ClaimResult, Coordinate, Distribution, ExperimentResult, Failure, Shares, Trials};
use super::spectrum::{Binning, Spectrum};
use super::workers::work_through;
use super::{Bench, Options, Progress, reports};
use crate::diagnostics::Diagnostic;
use crate::hir::experiment::Experiment;
use crate::hir::{ExperimentId, Hir};
use crate::network::DisplayUnit;
use crate::network::plan::{Plan, PlannedArm};

/// So many points of a scan are computed as one piece.
const POINTS_AT_ONCE: usize = 16;

/// What every entry gave at every point.
pub(super) fn run_all(
    agenda: &Agenda<'_>,
    options: &Options,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Vec<Vec<Ran>> {
    let cases: Vec<Vec<Setting>> = agenda.points.iter().map(|point| point.settings.clone()).collect();
    let total = (agenda.entries.len() * cases.len()).max(1) as f64;
    let told = Mutex::new((0.0, progress));
    let advanced = |entry: usize, passed: f64| {
        let Ok(mut guard) = told.lock() else { return };
        guard.0 += passed;
        let share = guard.0 / total;
        if let Some(entry) = agenda.entries.get(entry) {
            (guard.1)(Progress { share, experiment: &entry.plan.name, arm: &entry.planned.name });
        }
    };
    let (chunks, parts) = (cases.len().div_ceil(POINTS_AT_ONCE), agenda.parts());
    let chunk = |piece: usize| (piece % chunks * POINTS_AT_ONCE, parts.get(piece / chunks));
    let work = |piece: usize| {
        let (first, part) = chunk(piece);
        let cases: Vec<_> = cases.iter().skip(first).take(POINTS_AT_ONCE).cloned().collect();
        let mut advanced = &advanced;
        let mut pace = Pace { settings: &options.settings, lanes: options.lanes, advanced: &mut advanced };
        part.map_or_else(Vec::new, |part| agenda.run_part(part, &cases, &mut pace))
    };
    let mut given: Vec<Vec<Ran>> = cases.iter().map(|_| vec![Ran::default(); agenda.entries.len()]).collect();
    let mut keep = |piece: usize, ran: Vec<Vec<Ran>>| {
        if let (first, Some(part)) = chunk(piece) {
            agenda.put(part, ran, given.get_mut(first..).unwrap_or_default());
        }
        Ok::<(), std::convert::Infallible>(())
    };
    let Ok(()) = work_through(chunks * parts.len(), options.threads, &AtomicBool::new(false), &work, &mut keep);
    given
}

/// The results of all listed experiments; with the failures to be told.
pub(super) fn assemble(agenda: &Agenda<'_>, ran: Vec<Vec<Ran>>) -> (Vec<ExperimentResult>, Vec<Diagnostic>) {
    let failures = failures_of(agenda, &ran);
    let mut ran: Vec<Vec<Option<Ran>>> = ran.into_iter().map(|case| case.into_iter().map(Some).collect()).collect();
    let mut experiments = Vec::new();
    for &id in &agenda.ids {
        let Some(experiment) = agenda.hir.experiments.get(id.index()).filter(|e| !e.synthetic) else { continue };
        let planned = agenda.entries.iter().find(|entry| entry.experiment == id);
        let on = planned.and_then(|entry| Some((agenda.courses.get(entry.course)?.bench, entry.plan)));
        let mut result = described(agenda.hir, experiment, on);
        for (point, place) in order(agenda, id) {
            let found = ran.get_mut(point).and_then(|case| case.get_mut(place)).and_then(Option::take);
            if let (Some(entry), Some(ran)) = (agenda.entries.get(place), found) {
                result.arms.push(named(agenda, entry, point, ran));
            }
        }
        experiments.push(result);
    }
    (experiments, failures)
}

/// The arms of an experiment's results as (point of the scan, place of the entry): all as declared, then each arm over the
/// scan.
pub(super) fn order(agenda: &Agenda<'_>, id: ExperimentId) -> Vec<(usize, usize)> {
    let places = || (0..agenda.entries.len()).filter(|&p| agenda.entries.get(p).is_some_and(|e| e.experiment == id));
    let scanned = places().flat_map(|place| (1..agenda.points.len()).map(move |point| (point, place)));
    places().map(|place| (0, place)).chain(scanned).collect()
}

/// The claims on the model as declared, and how often they hold over the scan.
pub(super) fn claims(agenda: &Agenda<'_>, ran: &[Vec<Ran>]) -> Vec<ClaimResult> {
    let Some((declared, scanned)) = ran.split_first() else { return Vec::new() };
    let nominal = Case { agenda, ran: declared };
    let mut results = claims::evaluate(agenda.hir, &nominal);
    if scanned.is_empty() {
        return results;
    }
    for (result, position) in results.iter_mut().zip(claims::asked(agenda.hir, &nominal)) {
        let Some(claim) = agenda.hir.claims.get(position) else { continue };
        let mut shares = Shares::none(Trials::ScanPoints);
        scanned.iter().for_each(|ran| shares.count(claims::holds(claim, &Case { agenda, ran })));
        result.shares.push(shares);
    }
    results
}

/// A message for each arm that failed as declared; over a scan, for the first point at which one failed.
fn failures_of(agenda: &Agenda<'_>, ran: &[Vec<Ran>]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let mut unsettled = FxHashSet::default();
    for (place, entry) in agenda.entries.iter().enumerate() {
        let failed = |(point, case): (usize, &Vec<Ran>)| Some((point, case.get(place)?.failure.clone()?));
        let mut all = ran.iter().enumerate().filter_map(failed);
        let Some((first, failure)) = all.next() else { continue };
        let more = all.count();
        let name = &entry.plan.name;
        let mut report = match &failure {
            // Said once for all arms that would have begun there.
            Failed::Settling(_) if !unsettled.insert(entry.course) => continue,
            Failed::Settling(error) => reports::settling(name, error, &entry.unit),
            Failed::Running(error) => {
                reports::arm(name, &entry.planned.name, &coordinates(agenda, entry, first), error, &entry.unit)
            }
        };
        if more > 0 {
            report.notes.push(format!("and at {more} more points of the scan"));
        }
        told.push(report);
    }
    told
}

/// The values of an arm's own swept variables.
pub(super) fn own_coordinates(planned: &PlannedArm) -> Vec<Coordinate> {
    let own = planned.coordinates.iter();
    own.map(|c| Coordinate { name: c.name.clone(), value: c.value, unit: c.unit.clone() }).collect()
}

fn coordinates(agenda: &Agenda<'_>, entry: &Entry<'_>, point: usize) -> Vec<Coordinate> {
    let own = own_coordinates(entry.planned).into_iter();
    let scanned = agenda.points.get(point).into_iter().flat_map(|point| point.coordinates.iter().cloned());
    own.chain(scanned).collect()
}

fn named(agenda: &Agenda<'_>, entry: &Entry<'_>, point: usize, ran: Ran) -> Arm {
    let factors = agenda.hir.experiments.get(entry.experiment.index());
    let factors = factors.map_or(Vec::new(), |e| e.measures.iter().map(|m| m.unit.factor).collect());
    let experiment = &entry.plan.name;
    Arm {
        name: entry.planned.name.clone(),
        coordinates: coordinates(agenda, entry, point),
        times: ran.times,
        series: ran.series,
        marks: ran.marks,
        failure: ran.failure.map(|failure| told(&failure, experiment, &entry.unit)),
        statistics: ran.statistics,
        distributions: shown(&ran.distributions, &[], &factors),
    }
}

/// Distributions in bins, what was counted beside what the mean field says.
pub(super) fn shown(
    found: &[Option<Spectrum>],
    beside: &[Option<Spectrum>],
    factors: &[f64],
) -> Vec<Option<Distribution>> {
    let one = |(measure, spectrum): (usize, &Option<Spectrum>)| {
        let found = spectrum.as_ref()?;
        let beside = beside.get(measure).and_then(Option::as_ref);
        let both: Vec<&Spectrum> = std::iter::once(found).chain(beside).collect();
        let bins = Binning::of(&both, factors.get(measure).copied().unwrap_or(1.0));
        Some(Distribution { found: found.histogram(&bins), beside: beside.map(|spectrum| spectrum.histogram(&bins)) })
    };
    found.iter().enumerate().map(one).collect()
}

fn told(failure: &Failed, experiment: &str, unit: &DisplayUnit) -> Failure {
    match failure {
        Failed::Running(error) => Failure { time: error.time, message: error.message(unit), span: error.span() },
        // A diagnostic of its own tells why.
        Failed::Settling(_) => {
            Failure { time: 0.0, message: format!("not run: `{experiment}` could not settle"), span: None }
        }
    }
}

/// The results of an experiment before any arm has run.
pub(super) fn described(hir: &Hir, experiment: &Experiment, planned: Option<(&Bench, &Plan)>) -> ExperimentResult {
    let observables = planned.map(|(bench, plan)| (&bench.model.network().observables, &plan.measures));
    let measure = |(i, measure): (usize, &crate::hir::experiment::Measure)| {
        let observable = observables.and_then(|(all, measures)| all.get(*measures.get(i)?));
        let unit = observable.map_or_else(|| display(&measure.unit), |o| o.unit.clone());
        let name = measure.label.clone().unwrap_or_else(|| measure.name.to_string());
        results::Measure { name, unit, source: measure.source.clone(), span: measure.span }
    };
    ExperimentResult {
        name: experiment.name.to_string(),
        model: model_name(hir, experiment),
        time_unit: time_unit(experiment),
        measures: experiment.measures.iter().enumerate().map(measure).collect(),
        arms: Vec::new(),
        span: experiment.span,
    }
}

/// The unit in which the author gave the duration.
pub(super) fn time_unit(experiment: &Experiment) -> DisplayUnit {
    display(&experiment.duration.unit)
}

fn model_name(hir: &Hir, experiment: &Experiment) -> String {
    hir.models.get(experiment.model).map_or_else(String::new, |m| m.name.to_string())
}

pub(super) fn display(unit: &crate::hir::units::Unit) -> DisplayUnit {
    DisplayUnit { symbol: unit.symbol.to_string(), factor: unit.factor }
}
