//! The arms asked for, each run once and gone through again for each group of numbers.

use super::numbers::{every, uncertain};
use super::{Number, Options, Outcome, Sensitivities, When};
use crate::diagnostics::Diagnostic;
use crate::experiment::arms::{described, own_coordinates, time_unit};
use crate::experiment::course::{base_parameters, start};
use crate::experiment::{Bench, Progress, reports};
use crate::hir::experiment::Experiment;
use crate::hir::{ExperimentId, Hir};
use crate::network::plan::{Plan, PlannedArm};
use crate::network::{Expr, ParameterId, Role, Values};
use crate::simulate::sensitivity::{self, Derivatives, Moving, Reading};
use crate::simulate::{
    self, Act, Held, Intervention, Model, Parameters, Protocol, SimulationError, State, is_of_parameters,
};

/// Numbers in the largest matrix of derivatives; an integration has about 25 of them.
const LARGEST: usize = 1 << 15;
/// Numbers in a group at least: what they share would otherwise cost more than they do.
const FEWEST: usize = 16;

pub(super) fn run(hir: &Hir, benches: &[Bench], options: &Options, progress: &mut dyn FnMut(Progress<'_>)) -> Outcome {
    let mut outcome = Outcome::default();
    let wanted = |id: ExperimentId| match &options.only {
        Some(only) => only.contains(&id),
        None => hir.experiments.get(id.index()).is_some_and(|e| !e.synthetic),
    };
    let plans = benches.iter().flat_map(|bench| bench.plans.iter().map(move |plan| (bench, plan)));
    let mut plans: Vec<(&Bench, &Plan)> = plans.filter(|(_, plan)| wanted(plan.experiment)).collect();
    plans.sort_by_key(|(_, plan)| plan.experiment);
    for (bench, plan) in plans {
        let Some(experiment) = hir.experiments.get(plan.experiment.index()) else { continue };
        let arms = chosen(plan, options.arm.as_deref());
        let task = Task { hir, bench, plan, experiment, options, derivatives: Derivatives::new(&bench.model) };
        if let Err(failure) = task.run(&arms, &mut outcome, progress) {
            outcome.failures.push(failure);
        }
    }
    outcome
}

/// The arms of that name, or the one that ratios refer to.
fn chosen<'p>(plan: &'p Plan, name: Option<&str>) -> Vec<&'p PlannedArm> {
    let control = || plan.arms.iter().find(|arm| arm.name == "control").or(plan.arms.first());
    match name {
        Some(name) => plan.arms.iter().filter(|arm| arm.name == name).collect(),
        None => control().into_iter().collect(),
    }
}

struct Task<'a> {
    hir: &'a Hir,
    bench: &'a Bench,
    plan: &'a Plan,
    experiment: &'a Experiment,
    options: &'a Options,
    derivatives: Derivatives<'a>,
}

/// An arm that was run: its protocol, what was done in it, and what is collected.
struct Ready<'a> {
    planned: &'a PlannedArm,
    protocol: Protocol,
    acts: Vec<Act>,
    found: Sensitivities,
}

impl<'a> Task<'a> {
    fn model(&self) -> &'a Model {
        &self.bench.model
    }

    fn numbers(&self) -> Vec<Number> {
        let all = every(self.model(), &self.bench.set);
        match &self.options.by {
            Some(names) => all.into_iter().filter(|n| names.iter().any(|name| n.is_called(name))).collect(),
            None => uncertain(self.model().network(), &all),
        }
    }

    fn run(
        &self,
        arms: &[&'a PlannedArm],
        outcome: &mut Outcome,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), Diagnostic> {
        let (model, plan, settings) = (self.model(), self.plan, &self.options.settings);
        let unit = time_unit(self.experiment);
        let numbers = self.numbers();
        if arms.is_empty() || numbers.is_empty() {
            return Ok(());
        }
        let base = base_parameters(self.model(), &self.bench.set);
        let at_base = Values { parameters: base.values().to_vec(), ..Values::default() };
        let number = |expr: &Expr| model.network().evaluate_at(expr, &at_base);
        let (duration, interval) = (number(&plan.duration), number(&plan.interval));
        let held = Held::for_settling(model);
        let unsettled = |e: SimulationError| reports::settling(&plan.name, &e, &unit);
        let settled = match plan.settle {
            true => {
                let start = State::initial(model, base.clone());
                let found = simulate::settle(model, &start, &held, duration, settings).map_err(unsettled)?;
                Some((found.0, held))
            }
            false => None,
        };
        let mut ready: Vec<Ready> = Vec::new();
        for planned in arms {
            let timed = planned.interventions.iter().filter_map(|i| {
                let time = number(i.time.as_ref()?);
                Some(Intervention { time, change: i.change.clone(), label: String::new() })
            });
            let protocol = Protocol { interventions: timed.collect(), ..self.samples(duration, interval) };
            let start =
                start(model, &base, settled.as_ref().map(|(amounts, held)| (amounts.as_slice(), held)), planned);
            let run = simulate::run(model, start, &protocol, settings, &mut |_| {});
            match run.failure {
                Some(error) => outcome.failures.push(reports::arm(
                    &plan.name,
                    &planned.name,
                    &own_coordinates(planned),
                    &error,
                    &unit,
                )),
                None => ready.push(Ready { planned, protocol, acts: run.acts, found: self.empty(planned, &numbers) }),
            }
        }
        let size = (LARGEST / model.network().species.len().max(1)).max(FEWEST);
        let total = (ready.len() * numbers.len().div_ceil(size)).max(1) as f64;
        for (group, numbers) in numbers.chunks(size).enumerate() {
            let base = self.moving(numbers);
            let settled = match &settled {
                Some((amounts, held)) => {
                    let found = sensitivity::settle(&self.derivatives, &base, amounts, held, duration, settings);
                    Some((found.map_err(unsettled)?, held))
                }
                None => None,
            };
            let arms = ready.len();
            for (position, arm) in ready.iter_mut().enumerate() {
                let done = (group * arms + position) as f64 / total;
                progress(Progress { share: done, experiment: &plan.name, arm: &arm.planned.name });
                if let Err(error) = self.follow(arm, &base, settled.as_ref()) {
                    outcome.failures.push(reports::arm(
                        &plan.name,
                        &arm.planned.name,
                        &own_coordinates(arm.planned),
                        &error,
                        &unit,
                    ));
                    arm.found.times.clear();
                }
            }
            ready.retain(|arm| !arm.found.times.is_empty());
        }
        progress(Progress { share: 1.0, experiment: &plan.name, arm: "" });
        outcome.results.extend(ready.into_iter().map(|arm| arm.found));
        Ok(())
    }

    /// When the run is looked at: at all samples, or at as few as will do.
    fn samples(&self, duration: f64, interval: f64) -> Protocol {
        let mut protocol = match (self.options.over_time, self.options.when) {
            (false, When::End | When::At(_)) => Protocol::sampled(duration, duration),
            _ => Protocol::sampled(duration, interval),
        };
        if let When::At(time) = self.options.when {
            protocol.sample_also([time]);
        }
        protocol
    }

    /// The state that arms begin from, as parameters and initial amounts have it, with its derivatives.
    fn moving(&self, numbers: &[Number]) -> Moving {
        let model = self.model();
        let thetas: Vec<_> = numbers.iter().map(Number::theta).collect();
        let mut moving = Moving::initial(&self.derivatives, Parameters::new(model, &self.bench.set), &thetas);
        for (index, parameter) in model.network().parameters.iter().enumerate() {
            if parameter.role == Role::Reference {
                moving.keep(&self.derivatives, ParameterId(index as u32));
            }
        }
        moving
    }

    /// Goes through an arm once more, for one group of numbers.
    fn follow(
        &self,
        arm: &mut Ready<'_>,
        base: &Moving,
        settled: Option<&(Moving, &Held)>,
    ) -> Result<(), SimulationError> {
        let derivatives = &self.derivatives;
        let at_once = || arm.planned.interventions.iter().filter(|i| i.time.is_none()).map(|i| &i.change);
        let still = vec![0.0; base.stride()];
        let mut start = base.clone();
        for change in at_once().filter(|c| is_of_parameters(c)) {
            start.apply(derivatives, change, &still);
        }
        start.begin_again(derivatives);
        if let Some((settled, held)) = settled {
            for (i, amount) in settled.state.species.iter().enumerate().filter(|(i, _)| !held.holds(*i)) {
                start.place(i, *amount, settled.species_row(i));
            }
        }
        for change in at_once().filter(|c| !is_of_parameters(c)) {
            start.apply(derivatives, change, &still);
        }
        let times = arm.planned.interventions.iter().filter_map(|i| i.time.as_ref());
        let shifts: Vec<Vec<f64>> = times
            .map(|time| match time {
                Expr::Constant(_) => Vec::new(),
                computed => base.expression(derivatives, computed),
            })
            .collect();
        let Sensitivities { times, values, derivatives: found, .. } = &mut arm.found;
        let first = times.is_empty();
        let group = found.first().map_or(0, Vec::len);
        found.iter_mut().for_each(|rows| rows.resize(group + base.thetas().len(), Vec::new()));
        let mut record = |reading: Reading<'_>| {
            if first {
                times.push(reading.time);
            }
            for (m, measure) in self.plan.measures.iter().enumerate() {
                if first {
                    values[m].push(reading.values.get(*measure).copied().unwrap_or(f64::NAN));
                }
                let row = reading.derivatives.get(*measure).map_or(&[][..], Vec::as_slice);
                found[m][group..].iter_mut().zip(row).for_each(|(series, d)| series.push(*d));
            }
        };
        let settings = &self.options.settings;
        sensitivity::follow(derivatives, start, &arm.protocol, &arm.acts, &shifts, settings, &mut record).map(|_| ())
    }

    fn empty(&self, planned: &PlannedArm, numbers: &[Number]) -> Sensitivities {
        let described = described(self.hir, self.experiment, Some((self.bench, self.plan)));
        let none = || vec![Vec::new(); self.plan.measures.len()];
        Sensitivities {
            experiment: described.name,
            model: self.model().network().name.clone(),
            arm: planned.name.clone(),
            coordinates: own_coordinates(planned),
            time_unit: described.time_unit,
            when: self.options.when,
            measures: described.measures,
            numbers: numbers.to_vec(),
            times: Vec::new(),
            values: none(),
            derivatives: vec![Vec::new(); self.plan.measures.len()],
        }
    }
}
