//! One protocol under several settings of its parameters: settled where asked, all arms of all settings in one batch.
//!
//! Plans of one network that ask for the same protocol, as those of short claims about one cell do, share a course: it
//! settles once for all of them, and arms in which the same is done, such as their controls, are run once.
//!
//! Invariant: what an arm gives under a setting does not depend on the other settings, nor on how many there are, nor on
//! who shares it.

use std::ops::Range;
use std::sync::Arc;

use super::Bench;
use super::census::Rows;
use super::results::{Series, Statistics, Times};
use super::spectrum::{Mixed, Spectrum};
use crate::network::plan::{Plan, PlannedArm};
use crate::network::questions::Inquiry;
use crate::network::{Role, Values};
use crate::simulate::exact::ByMeans;
use crate::simulate::{
    self, Held, Intervention, Job, Lanes, Model, Outcome, Parameters, Protocol, Receiver, Sample, Settings, Settler,
    SimulationError, State, is_of_parameters,
};
use crate::solve;

/// Values of parameters that replace the declared ones, of one model, in internal units.
pub type Setting = Vec<(crate::network::ParameterId, f64)>;

/// A protocol with what is the same under all settings.
pub(super) struct Course<'a> {
    pub bench: &'a Bench,
    /// Whose settling and times are those of all.
    plan: &'a Plan,
    /// Whether other plans may join.
    pub shared: bool,
    pub arms: Vec<Shared<'a>>,
    /// Seconds, ascending: the same under every setting.
    pub samples: Vec<f64>,
    duration: f64,
    held: Held,
}

/// An arm that is run once, for all plans that have it.
pub(super) struct Shared<'a> {
    pub planned: &'a PlannedArm,
    /// What is read of it, as positions in the network's observables.
    pub reads: Vec<usize>,
    /// How many read it.
    pub readers: usize,
}

/// What an arm gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Ran {
    pub times: Vec<f64>,
    /// One for each measure, each as long as `times`.
    pub series: Vec<Series>,
    pub marks: Vec<(f64, String)>,
    pub failure: Option<Failed>,
    pub statistics: Statistics,
    /// One for each measure that is a distribution, of the end of the run.
    pub distributions: Vec<Option<Spectrum>>,
    /// Of the end of an exact run, where they are asked for.
    pub vesicles: Option<Arc<Rows>>,
    /// Of an exact run.
    pub by_means: ByMeans,
    /// It was told to stop before its end.
    pub stopped: bool,
}

/// Why an arm ended before its time.
#[derive(Clone, Debug)]
pub(super) enum Failed {
    /// It was not begun: there was no state to begin with.
    Settling(SimulationError),
    Running(SimulationError),
}

impl Failed {
    pub fn error(&self) -> &SimulationError {
        match self {
            Failed::Settling(error) | Failed::Running(error) => error,
        }
    }
}

/// How to run, and whom to tell how far it is: the arm's position and the share of its time that has passed since the
/// last word.
pub(super) struct Pace<'a> {
    pub settings: &'a Settings,
    pub lanes: Lanes,
    pub advanced: &'a mut dyn FnMut(usize, f64),
}

impl<'a> Course<'a> {
    /// `claimed`: times that are sampled besides the plan's own; `shared`: whether other plans may join.
    pub fn new(bench: &'a Bench, plan: &'a Plan, claimed: &[f64], shared: bool) -> Course<'a> {
        let base = base_parameters(&bench.model, &bench.set);
        let at_base = Values { parameters: base.values().to_vec(), ..Values::default() };
        let number = |expr| bench.model.network().evaluate_at(expr, &at_base);
        let duration = number(&plan.duration);
        let mut protocol = Protocol::sampled(duration, number(&plan.interval));
        protocol.sample_also(claimed.iter().copied());
        let held = Held::for_settling(&bench.model);
        Course { bench, plan, shared, arms: Vec::new(), samples: protocol.samples, duration, held }
    }

    /// Whether a plan of the same network has the same protocol but for its arms.
    pub fn suits(&self, plan: &Plan) -> bool {
        let own = self.plan;
        (own.settle, &own.duration, &own.interval) == (plan.settle, &plan.duration, &plan.interval)
    }

    /// Takes in an arm that is read at these observables: gives its position, and where among what is read of it the
    /// first of them stands.
    pub fn admit(&mut self, planned: &'a PlannedArm, measures: &[usize]) -> (usize, usize) {
        let position = self.arms.iter().position(|known| same(known.planned, planned)).unwrap_or_else(|| {
            self.arms.push(Shared { planned, reads: Vec::new(), readers: 0 });
            self.arms.len() - 1
        });
        let Some(shared) = self.arms.get_mut(position) else { return (position, 0) };
        shared.readers += 1;
        let known = (!measures.is_empty()).then(|| shared.reads.windows(measures.len()).position(|w| w == measures));
        let first = known.flatten().unwrap_or(shared.reads.len());
        if known.flatten().is_none() {
            shared.reads.extend(measures);
        }
        (position, first)
    }

    /// Some of the arms under each setting: for each setting in turn its arms.
    pub fn run(&self, range: Range<usize>, settings: &[Setting], pace: &mut Pace<'_>) -> Vec<Vec<Ran>> {
        let shared = self.arms.get(range.clone()).unwrap_or_default();
        let arms = shared.len();
        let mut settler = Settler::new(&self.bench.model, self.held.clone());
        let begun: Vec<Begun> =
            settings.iter().map(|setting| self.begin(setting, &mut settler, pace.settings)).collect();
        let protocols: Vec<Protocol> =
            begun.iter().flat_map(|begun| shared.iter().map(|arm| self.protocol(arm.planned, &begun.base))).collect();
        let mut intake = Intake {
            model: &self.bench.model,
            shared,
            end: self.samples.last().copied().unwrap_or(0.0),
            observed: vec![0.0; self.bench.model.network().observables.len()],
            ran: (begun.iter().flat_map(|_| shared))
                .map(|arm| Ran::empty(arm.reads.len(), self.samples.len()))
                .collect(),
            advanced: pace.advanced,
        };
        for (k, begun) in begun.iter().enumerate() {
            intake.note_settling(k, begun, range.start == 0);
        }
        let pairs = (0..settings.len()).flat_map(|k| (0..arms).map(move |a| (k, a)));
        let mut jobs = pairs.zip(&protocols).enumerate().filter_map(|(index, ((k, a), protocol))| {
            let start = begun.get(k)?.start(&self.bench.model, &self.held, shared.get(a)?.planned)?;
            Some(Job { index, start, protocol })
        });
        simulate::run_batch(&self.bench.model, &mut jobs, pace.settings, pace.lanes, &mut intake);
        let mut ran = intake.ran.into_iter();
        settings.iter().map(|_| ran.by_ref().take(arms).collect()).collect()
    }

    pub fn settler(&self) -> Settler<'_> {
        Settler::new(&self.bench.model, self.held.clone())
    }

    pub fn held(&self) -> &Held {
        &self.held
    }

    pub fn begin(&self, setting: &Setting, settler: &mut Settler<'_>, settings: &Settings) -> Begun {
        let model = &self.bench.model;
        let base = base_parameters(model, setting);
        let initial = || State::initial(model, base.clone());
        let settled = match self.plan.settle {
            false => Ok(None),
            true => {
                settler.settle(&initial(), self.duration, settings).map(|found| Some((found.amounts, found.statistics)))
            }
        };
        Begun { base, settled }
    }

    pub fn protocol(&self, planned: &PlannedArm, base: &Parameters) -> Protocol {
        let at_base = Values { parameters: base.values().to_vec(), ..Values::default() };
        let timed = planned.interventions.iter().filter_map(|i| {
            let time = self.bench.model.network().evaluate_at(i.time.as_ref()?, &at_base);
            Some(Intervention { time, change: i.change.clone(), label: i.label.clone() })
        });
        Protocol { samples: self.samples.clone(), interventions: timed.collect() }
    }
}

impl Ran {
    fn empty(measures: usize, samples: usize) -> Ran {
        let series = || Series { values: Vec::with_capacity(samples), ..Series::default() };
        Ran { times: Vec::with_capacity(samples), series: (0..measures).map(|_| series()).collect(), ..Ran::default() }
    }
}

/// Where the arms of one setting begin.
pub(super) struct Begun {
    pub base: Parameters,
    /// The amounts that it settled in, if the plan asks for it.
    settled: Result<Option<(Vec<f64>, solve::Statistics)>, SimulationError>,
}

impl Begun {
    /// Where an arm begins, or why it can't.
    pub fn started(&self, model: &Model, held: &Held, planned: &PlannedArm) -> Result<State, SimulationError> {
        match &self.settled {
            Err(error) => Err(error.clone()),
            Ok(settled) => {
                let settled = settled.as_ref().map(|(amounts, _)| (amounts.as_slice(), held));
                Ok(start(model, &self.base, settled, planned))
            }
        }
    }

    /// Where an arm begins; `None` if it can't.
    fn start(&self, model: &Model, held: &Held, planned: &PlannedArm) -> Option<State> {
        let settled = self.settled.as_ref().ok()?.as_ref();
        Some(start(model, &self.base, settled.map(|(amounts, _)| (amounts.as_slice(), held)), planned))
    }
}

/// Where an arm begins, with the amounts that the model settled in, if it did; see the first lines of [`super`].
pub(super) fn start(model: &Model, base: &Parameters, settled: Option<(&[f64], &Held)>, planned: &PlannedArm) -> State {
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

/// Takes in what the batch gives.
struct Intake<'a> {
    model: &'a Model,
    /// The arms of each setting.
    shared: &'a [Shared<'a>],
    end: f64,
    observed: Vec<f64>,
    ran: Vec<Ran>,
    advanced: &'a mut dyn FnMut(usize, f64),
}

impl Intake<'_> {
    /// A settling that failed is the failure of all arms; one that didn't is counted with the first.
    fn note_settling(&mut self, setting: usize, begun: &Begun, counted: bool) {
        let arms = self.ran.iter_mut().skip(setting * self.shared.len()).take(self.shared.len());
        match &begun.settled {
            Ok(Some((_, statistics))) if counted => {
                arms.take(1).for_each(|ran| add(&mut ran.statistics, *statistics));
            }
            Ok(_) => {}
            Err(error) => {
                for (arm, ran) in arms.enumerate() {
                    ran.failure = Some(Failed::Settling(error.clone()));
                    (self.advanced)(arm, 1.0);
                }
            }
        }
    }
}

impl Receiver for Intake<'_> {
    fn sample(&mut self, job: usize, sample: Sample<'_>) {
        let (Some(ran), arm) = (self.ran.get_mut(job), job % self.shared.len().max(1)) else { return };
        let Some(shared) = self.shared.get(arm) else { return };
        self.model.code().observables(sample.time, sample.species, sample.parameters, &mut self.observed);
        let before = ran.times.last().copied();
        ran.times.push(sample.time);
        for (series, measure) in ran.series.iter_mut().zip(&shared.reads) {
            series.values.push(self.observed.get(*measure).copied().unwrap_or(f64::NAN));
        }
        if sample.time >= self.end {
            ran.distributions = mixtures(self.model, &shared.reads, &self.observed);
        }
        let passed = match before {
            None if self.end > 0.0 => 0.0,
            None => 1.0,
            Some(before) => (sample.time - before) / self.end,
        };
        (self.advanced)(arm, passed);
    }

    fn ended(&mut self, job: usize, outcome: Outcome) {
        let Some(ran) = self.ran.get_mut(job) else { return };
        ran.marks = outcome.marks;
        add(&mut ran.statistics, outcome.statistics);
        ran.statistics.times = outcome.times.map(nanoseconds);
        ran.failure = outcome.failure.map(Failed::Running);
    }
}

/// Whether the same is done in two arms, whatever they are called.
fn same(one: &PlannedArm, other: &PlannedArm) -> bool {
    let done = |arm: &PlannedArm| arm.interventions.len();
    let pairs = || one.interventions.iter().zip(&other.interventions);
    done(one) == done(other) && pairs().all(|(a, b)| a.time == b.time && a.change == b.change)
}

/// What the mean field knows of the distributions among these measures.
fn mixtures(model: &Model, measures: &[usize], observed: &[f64]) -> Vec<Option<Spectrum>> {
    let questions = &model.network().questions;
    if questions.iter().all(|question| question.distribution.is_none()) {
        return Vec::new();
    }
    let of = |measure: &usize| {
        questions.iter().find_map(|question| match (&question.asked, &question.distribution) {
            (Inquiry::Distribution(property), Some(distribution)) if distribution.observable == *measure => {
                Mixed::of(property, &distribution.mixture, observed).map(Spectrum::Mixed)
            }
            _ => None,
        })
    };
    measures.iter().map(of).collect()
}

/// Parameters before any arm: the setting's values, and what modifiers compare with made to stay.
pub(super) fn base_parameters(model: &Model, setting: &Setting) -> Parameters {
    let declared = Parameters::new(model, setting);
    let mut set = setting.clone();
    for (index, parameter) in model.network().parameters.iter().enumerate() {
        if parameter.role == Role::Reference {
            let id = crate::network::ParameterId(index as u32);
            set.push((id, declared.get(id)));
        }
    }
    if set.len() == setting.len() { declared } else { Parameters::new(model, &set) }
}

fn add(to: &mut Statistics, from: solve::Statistics) {
    to.steps += from.accepted as u64;
    to.rejected += from.rejected as u64;
    to.rhs_evaluations += from.rhs as u64;
    to.jacobian_evaluations += from.jacobians as u64;
    to.factorisations += from.factorisations as u64;
    to.solutions += from.solves as u64;
    to.pivoted += from.pivoted as u64;
    to.explicit_steps += (from.accepted - from.stiff_steps) as u64;
    to.rosenbrock_steps += (from.stiff_steps - from.multistep_steps) as u64;
    to.multistep_steps += from.multistep_steps as u64;
    to.stiffened += from.stiffened as u64;
    to.stuck += from.stuck as u64;
    to.eased += from.eased as u64;
}

fn nanoseconds(times: simulate::Times) -> Times {
    let whole = |time: std::time::Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    Times {
        rhs: whole(times.rhs),
        jacobian: whole(times.jacobian),
        factorisation: whole(times.factorisation),
        solution: whole(times.solution),
        total: whole(times.total),
    }
}
