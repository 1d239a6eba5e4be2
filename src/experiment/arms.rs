//! Every arm of every experiment, one after the other.

use super::results::{self, Arm, Coordinate, ExperimentResult, Failure, Series, Statistics};
use super::{Bench, Progress, reports};
use crate::diagnostics::Diagnostic;
use crate::hir::experiment::{Experiment, ReadingKind};
use crate::hir::{ExperimentId, Hir};
use crate::network::plan::{Plan, PlannedArm};
use crate::network::{DisplayUnit, Role, Values};
use crate::simulate::{
    self, Held, Intervention, Model, Parameters, Protocol, Sample, Settings, SimulationError, State, is_of_parameters,
};
use crate::solve;

/// One experiment with its results, and which arm is which.
pub(super) struct Run {
    pub id: ExperimentId,
    pub result: ExperimentResult,
    /// For each arm of the result its position among the experiment's arms, and its point of the sweep.
    pub keys: Vec<(usize, usize)>,
    pub synthetic: bool,
}

impl Run {
    /// The results of an arm, or of one point of it.
    pub fn arm(&self, arm: usize, point: usize) -> Option<&Arm> {
        let position = self.keys.iter().position(|key| *key == (arm, point))?;
        self.result.arms.get(position)
    }
}

/// What all arms of all plans share while they run.
struct Lab<'a> {
    settings: &'a Settings,
    done: usize,
    total: usize,
    failures: Vec<Diagnostic>,
    progress: &'a mut dyn FnMut(Progress<'_>),
}

pub(super) fn run_all(
    hir: &Hir,
    benches: &[Bench],
    settings: &Settings,
    wanted: &dyn Fn(ExperimentId) -> bool,
    progress: &mut dyn FnMut(Progress<'_>),
) -> (Vec<Run>, Vec<Diagnostic>) {
    let planned = |id: ExperimentId| {
        benches
            .iter()
            .flat_map(move |bench| bench.plans.iter().map(move |plan| (bench, plan)))
            .filter(move |(_, p)| p.experiment == id)
    };
    let ids = || (0..hir.experiments.len() as u32).map(ExperimentId).filter(|id| wanted(*id));
    let total = ids().flat_map(planned).map(|(_, plan)| plan.arms.len()).sum();
    let mut lab = Lab { settings, done: 0, total, failures: Vec::new(), progress };
    let mut runs = Vec::new();
    for (id, experiment) in ids().filter_map(|id| Some((id, hir.experiments.get(id.index())?))) {
        let times = claimed_times(hir, id);
        let mut arms: Vec<((usize, usize), Arm)> = Vec::new();
        for (bench, plan) in planned(id) {
            arms.extend(lab.run_plan(bench, plan, experiment, &times));
        }
        arms.sort_by_key(|(key, _)| *key);
        let (keys, arms) = arms.into_iter().unzip();
        let result = ExperimentResult { arms, ..described(hir, experiment, planned(id).next()) };
        runs.push(Run { id, result, keys, synthetic: experiment.synthetic });
    }
    (runs, lab.failures)
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
        model: hir.models.get(experiment.model).map_or_else(String::new, |m| m.name.to_string()),
        time_unit: time_unit(experiment),
        measures: experiment.measures.iter().enumerate().map(measure).collect(),
        arms: Vec::new(),
        span: experiment.span,
    }
}

impl Lab<'_> {
    /// The arms of one plan, each with its position and point.
    fn run_plan(
        &mut self,
        bench: &Bench,
        plan: &Plan,
        experiment: &Experiment,
        claimed: &[f64],
    ) -> Vec<((usize, usize), Arm)> {
        let model = &bench.model;
        let base = base_parameters(bench);
        let at_base = Values { parameters: base.values().to_vec(), ..Values::default() };
        let number = |expr| model.network().evaluate_at(expr, &at_base);
        let duration = number(&plan.duration);
        let mut protocol = Protocol::sampled(duration, number(&plan.interval));
        protocol.sample_also(claimed.iter().copied());
        let unit = time_unit(experiment);
        let held = Held::for_settling(model);
        let mut settling = solve::Statistics::default();
        let settled = plan
            .settle
            .then(|| simulate::settle(model, &State::initial(model, base.clone()), &held, duration, self.settings));
        let settled = match settled.transpose() {
            Ok(found) => found.map(|(amounts, statistics)| {
                settling = statistics;
                (amounts, held)
            }),
            Err(error) => {
                self.failures.push(reports::settling(&plan.name, &error, &unit));
                self.done += plan.arms.len();
                let arm = |planned: &PlannedArm| ((planned.arm, planned.point), arm_not_run(planned, plan));
                return plan.arms.iter().map(arm).collect();
            }
        };
        let mut arms = Vec::new();
        for planned in &plan.arms {
            let start = start(model, &base, settled.as_ref(), planned);
            let timed = planned.interventions.iter().filter_map(|i| {
                let time = number(i.time.as_ref()?);
                Some(Intervention { time, change: i.change.clone(), label: i.label.clone() })
            });
            protocol.interventions = timed.collect();
            let mut arm = self.run_arm(model, plan, planned, start, &protocol, &unit);
            add_statistics(&mut arm.statistics, std::mem::take(&mut settling));
            arms.push(((planned.arm, planned.point), arm));
            self.done += 1;
        }
        arms
    }

    fn run_arm(
        &mut self,
        model: &Model,
        plan: &Plan,
        planned: &PlannedArm,
        start: State,
        protocol: &Protocol,
        unit: &DisplayUnit,
    ) -> Arm {
        let mut arm = empty_arm(planned, plan);
        let mut observed = vec![0.0; model.network().observables.len()];
        let end = protocol.samples.last().copied().unwrap_or(0.0);
        let (done, total, progress) = (self.done as f64, self.total.max(1) as f64, &mut *self.progress);
        let mut record = |sample: Sample<'_>| {
            model.code().observables(sample.time, sample.species, sample.parameters, &mut observed);
            arm.times.push(sample.time);
            for (series, measure) in arm.series.iter_mut().zip(&plan.measures) {
                series.values.push(observed.get(*measure).copied().unwrap_or(f64::NAN));
            }
            let share = (done + if end > 0.0 { sample.time / end } else { 1.0 }) / total;
            progress(Progress { share, experiment: &plan.name, arm: &planned.name });
        };
        let outcome = simulate::run(model, start, protocol, self.settings, &mut record);
        arm.marks = outcome.marks;
        add_statistics(&mut arm.statistics, outcome.statistics);
        if let Some(error) = outcome.failure {
            self.failures.push(reports::arm(&plan.name, planned, &error, unit));
            arm.failure = Some(failure(&error, unit));
        }
        arm
    }
}

/// Parameters before any arm: the caller's values, and what modifiers compare with made to stay.
pub(super) fn base_parameters(bench: &Bench) -> Parameters {
    let declared = Parameters::new(&bench.model, &bench.set);
    let mut set = bench.set.clone();
    for (index, parameter) in bench.model.network().parameters.iter().enumerate() {
        if parameter.role == Role::Reference {
            let id = crate::network::ParameterId(index as u32);
            set.push((id, declared.get(id)));
        }
    }
    Parameters::new(&bench.model, &set)
}

/// Where an arm begins; see the module's first lines.
pub(super) fn start(
    model: &Model,
    base: &Parameters,
    settled: Option<&(Vec<f64>, Held)>,
    planned: &PlannedArm,
) -> State {
    let at_once = || planned.interventions.iter().filter(|i| i.time.is_none()).map(|i| &i.change);
    let mut state = State::initial(model, base.clone());
    for change in at_once().filter(|c| is_of_parameters(c)) {
        state.apply(model, change);
    }
    let mut state = State::initial(model, state.parameters);
    if let Some((amounts, held)) = settled {
        for (i, (amount, settled)) in state.species.iter_mut().zip(amounts).enumerate() {
            if !held.holds(i) {
                *amount = *settled;
            }
        }
    }
    for change in at_once().filter(|c| !is_of_parameters(c)) {
        state.apply(model, change);
    }
    state
}

fn empty_arm(planned: &PlannedArm, plan: &Plan) -> Arm {
    let coordinate = |c: &crate::network::plan::Coordinate| Coordinate {
        name: c.name.clone(),
        value: c.value,
        unit: c.unit.clone(),
    };
    Arm {
        name: planned.name.clone(),
        coordinates: planned.coordinates.iter().map(coordinate).collect(),
        times: Vec::new(),
        series: vec![Series::default(); plan.measures.len()],
        marks: Vec::new(),
        failure: None,
        statistics: Statistics::default(),
    }
}

/// An arm of an experiment that could not settle, which is told by a diagnostic of its own.
fn arm_not_run(planned: &PlannedArm, plan: &Plan) -> Arm {
    let message = format!("not run: `{}` could not settle", plan.name);
    Arm { failure: Some(Failure { time: 0.0, message, span: None }), ..empty_arm(planned, plan) }
}

fn failure(error: &SimulationError, unit: &DisplayUnit) -> Failure {
    Failure { time: error.time, message: error.message(unit), span: error.span() }
}

fn add_statistics(to: &mut Statistics, from: solve::Statistics) {
    to.steps += from.accepted as u64;
    to.rejected += from.rejected as u64;
    to.rhs_evaluations += from.rhs as u64;
    to.jacobian_evaluations += from.jacobians as u64;
    to.factorisations += from.factorisations as u64;
}

/// The unit in which the author gave the duration.
pub(super) fn time_unit(experiment: &Experiment) -> DisplayUnit {
    display(&experiment.duration.unit)
}

pub(super) fn display(unit: &crate::hir::units::Unit) -> DisplayUnit {
    DisplayUnit { symbol: unit.symbol.to_string(), factor: unit.factor }
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
