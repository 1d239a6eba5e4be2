//! The steady states of models, or of the arms of experiments: amounts, fluxes, what is conserved, and stability.
//!
//! A model settles as `settle` makes it: from its initial amounts, what lies outside the cells held; or, as a whole, with
//! nothing held but what is `fixed`. An arm of an experiment settles anew from where it begins ([the module's first lines](super)), with
//! everything that is done to it at the start; what is done later is not.
//!
//! Invariants: numbers are in internal units, each with the unit it is shown in; fluxes are firings per second of one cell's
//! process, or of the model's. Deliberately absent: text for people, files.

use super::arms::{display, own_coordinates};
use super::course::{base_parameters, start};
use super::{Bench, reports};
use crate::diagnostics::Diagnostic;
use crate::hir::{ExperimentId, Hir};
use crate::network::plan::{Intervention, Plan, PlannedArm};
use crate::network::{DisplayUnit, Network, PlaceKind, SpeciesKind, Values};
use crate::simulate::{Held, Model, Settings, Settler, SimulationError, State, SteadyState};
use crate::solve::Statistics;
use crate::solve::steady::{Eigenvalue, NewtonStatistics};

/// The run that a model alone settles for, in seconds: a day.
const DAY: f64 = 86_400.0;
/// Copies per femtolitre in 1 µM.
const MICROMOLAR: f64 = 602.214_076;

/// One steady state.
#[derive(Clone, Debug)]
pub struct Resting {
    pub model: String,
    /// The experiment and the arm; none of a model alone.
    pub arm: Option<ArmName>,
    pub species: Vec<Amount>,
    pub fluxes: Vec<Flux>,
    pub conserved: Vec<Conserved>,
    pub stability: Stability,
    /// In 1/s, the slowest to decay first; empty when they were not computed.
    pub eigenvalues: Vec<Eigenvalue>,
    /// How long the model was integrated, in seconds.
    pub time: f64,
    /// Whether Newton's method had the last word.
    pub polished: bool,
    pub statistics: Statistics,
    pub newton: NewtonStatistics,
}

/// Which arm of which experiment.
#[derive(Clone, Debug)]
pub struct ArmName {
    pub experiment: String,
    pub arm: String,
    /// Of a sweep: the values of its variables.
    pub coordinates: Vec<super::results::Coordinate>,
}

/// What there is of a species.
#[derive(Clone, Debug)]
pub struct Amount {
    pub name: String,
    pub amount: f64,
    pub unit: DisplayUnit,
    /// The concentration, the density on a membrane, or the mean per vesicle.
    pub density: Option<(f64, DisplayUnit)>,
    /// It was held, or nothing can change it.
    pub still: bool,
}

/// How often a process happens.
#[derive(Clone, Debug)]
pub struct Flux {
    pub process: String,
    pub part: Option<String>,
    /// Per second.
    pub rate: f64,
}

/// Σ factor · species = total.
#[derive(Clone, Debug)]
pub struct Conserved {
    pub terms: Vec<(f64, String)>,
    pub total: f64,
}

/// What becomes of a small disturbance. Times in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stability {
    /// It decays; its slowest part by e in `slowest`, and meanwhile turns with the period, if it does.
    Stable { slowest: f64, period: Option<f64> },
    /// It grows, in so many directions; by e in `fastest`.
    Unstable { directions: usize, fastest: f64 },
    /// It neither decays nor grows in any time that matters.
    Indifferent,
    /// Nothing moves.
    Still,
    /// Not computed: so many equations depend on each other in a circle.
    Unknown { equations: usize },
}

/// What to look at, and how exactly.
#[derive(Clone, Debug, Default)]
pub struct RestOptions {
    pub settings: Settings,
    /// The arms of these experiments instead of the models alone.
    pub experiments: Option<Vec<ExperimentId>>,
    /// Only the model of that name.
    pub model: Option<String>,
    /// Nothing is held but what is `fixed`.
    pub whole: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct RestOutcome {
    pub states: Vec<Resting>,
    /// One for each model or arm without a steady state.
    pub failures: Vec<Diagnostic>,
}

/// The steady states of all models, or of all arms of the experiments given.
pub fn rest(hir: &Hir, benches: &[Bench], options: &RestOptions) -> RestOutcome {
    let mut outcome = RestOutcome::default();
    let wanted = |bench: &&Bench| options.model.as_ref().is_none_or(|name| bench.model.network().name == *name);
    for bench in benches.iter().filter(wanted) {
        match &options.experiments {
            None => of_model(bench, options, &mut outcome),
            Some(ids) => {
                for plan in bench.plans.iter().filter(|plan| ids.contains(&plan.experiment)) {
                    of_plan(hir, bench, plan, options, &mut outcome);
                }
            }
        }
    }
    outcome
}

fn held(model: &Model, whole: bool) -> Held {
    if whole { Held::fixed(model) } else { Held::for_settling(model) }
}

fn of_model(bench: &Bench, options: &RestOptions, outcome: &mut RestOutcome) {
    let model = &bench.model;
    let start = State::initial(model, base_parameters(model, &bench.set));
    match Settler::new(model, held(model, options.whole)).settle(&start, DAY, &options.settings) {
        Ok(found) => outcome.states.push(resting(model, &start, found, None)),
        Err(error) => {
            let unit = DisplayUnit { symbol: "h".to_owned(), factor: 3600.0 };
            outcome.failures.push(reports::resting(&format!("`{}`", model.network().name), &error, &unit));
        }
    }
}

fn of_plan(hir: &Hir, bench: &Bench, plan: &Plan, options: &RestOptions, outcome: &mut RestOutcome) {
    let model = &bench.model;
    let base = base_parameters(model, &bench.set);
    let at_base = Values { parameters: base.values().to_vec(), ..Values::default() };
    let duration = model.network().evaluate_at(&plan.duration, &at_base);
    let unit = hir.experiments.get(plan.experiment.index()).map_or_else(
        || DisplayUnit { symbol: "h".to_owned(), factor: 3600.0 },
        |experiment| display(&experiment.duration.unit),
    );
    let mut failed = |what: String, error: &SimulationError| {
        outcome.failures.push(reports::resting(&what, error, &unit));
    };
    let held_outside = Held::for_settling(model);
    let control = plan.settle.then(|| {
        Settler::new(model, held_outside.clone()).settle(
            &State::initial(model, base.clone()),
            duration,
            &options.settings,
        )
    });
    let control = match control.transpose() {
        Ok(found) => found.map(|found| found.amounts),
        Err(error) => return failed(format!("the control of `{}`", plan.name), &error),
    };
    let mut settler = Settler::new(model, held(model, options.whole));
    for arm in &plan.arms {
        let mut state = start(model, &base, control.as_deref().map(|amounts| (amounts, &held_outside)), arm);
        let at_start =
            |i: &&Intervention| i.time.as_ref().is_some_and(|time| model.network().evaluate_at(time, &at_base) <= 0.0);
        for intervention in arm.interventions.iter().filter(at_start) {
            state.apply(model, &intervention.change);
        }
        match settler.settle(&state, duration, &options.settings) {
            Ok(found) => outcome.states.push(resting(model, &state, found, Some(arm_name(plan, arm)))),
            Err(error) => failed(format!("arm `{}` of `{}`", arm.name, plan.name), &error),
        }
    }
}

fn arm_name(plan: &Plan, arm: &PlannedArm) -> ArmName {
    ArmName { experiment: plan.name.clone(), arm: arm.name.clone(), coordinates: own_coordinates(arm) }
}

fn resting(model: &Model, start: &State, found: SteadyState, arm: Option<ArmName>) -> Resting {
    let network = model.network();
    let stability = stability(&found);
    let name = |i: usize| network.species.get(i).map_or_else(String::new, |s| s.name.clone());
    let conserved = found.moieties.iter().map(|(moiety, total)| Conserved {
        terms: moiety.terms.iter().map(|&(i, factor)| (factor, name(i))).collect(),
        total: *total,
    });
    Resting {
        model: network.name.clone(),
        arm,
        conserved: conserved.collect(),
        species: amounts(network, start, &found),
        fluxes: fluxes(model, start, &found.amounts),
        stability,
        eigenvalues: found.spectrum.map(|s| s.eigenvalues().to_vec()).unwrap_or_default(),
        time: found.time,
        polished: found.polished,
        statistics: found.statistics,
        newton: found.newton,
    }
}

fn stability(found: &SteadyState) -> Stability {
    let spectrum = match &found.spectrum {
        Ok(spectrum) => spectrum,
        Err(too_large) => return Stability::Unknown { equations: too_large.equations },
    };
    let Some(dominant) = spectrum.dominant() else { return Stability::Still };
    if dominant.real < -found.slowest {
        let turns = dominant.imaginary.abs() > 1e-6 * dominant.real.abs();
        let period = turns.then(|| std::f64::consts::TAU / dominant.imaginary.abs());
        Stability::Stable { slowest: -1.0 / dominant.real, period }
    } else if dominant.real > found.slowest {
        let directions = spectrum.eigenvalues().iter().filter(|e| e.real > found.slowest).count();
        Stability::Unstable { directions, fastest: 1.0 / dominant.real }
    } else {
        Stability::Indifferent
    }
}

fn amounts(network: &Network, start: &State, found: &SteadyState) -> Vec<Amount> {
    let values = Values { time: 0.0, species: found.amounts.clone(), parameters: start.parameters.values().to_vec() };
    let density = |i: usize, amount: f64| {
        let species = network.species.get(i)?;
        let (size, symbol, factor) = match species.kind {
            SpeciesKind::Condition | SpeciesKind::Area | SpeciesKind::Tally => return None,
            SpeciesKind::Contents { carrier } => (*found.amounts.get(carrier.index())?, "copies/vesicle", 1.0),
            SpeciesKind::Molecules | SpeciesKind::Vesicles => {
                let place = network.places.get(species.place?.index())?;
                let size = network.evaluate_at(&place.size, &values);
                match place.kind {
                    PlaceKind::Volume => (size, "uM", MICROMOLAR),
                    PlaceKind::Membrane => (size, "copies/um^2", 1.0),
                }
            }
        };
        (size > 0.0).then(|| (amount / size, DisplayUnit { symbol: symbol.to_owned(), factor }))
    };
    let of = |(i, (species, &amount)): (usize, (&crate::network::Species, &f64))| Amount {
        name: species.name.clone(),
        amount,
        unit: species.unit.clone(),
        density: density(i, amount),
        still: found.still.get(i) == Some(&true),
    };
    network.species.iter().zip(&found.amounts).enumerate().map(of).collect()
}

/// Every reaction's rate, then that of every rule.
fn fluxes(model: &Model, start: &State, amounts: &[f64]) -> Vec<Flux> {
    let network = model.network();
    let reactions = network.reactions.iter().map(|reaction| {
        let process = network.processes.get(reaction.process.index());
        (process.map_or_else(String::new, |p| p.name.clone()), reaction.part.clone())
    });
    let rules = network.rate_rules.iter().map(|rule| {
        let species = network.species.get(rule.species.index()).map_or("", |s| &s.name);
        (format!("change {species}"), None)
    });
    let rates = model.rates(amounts, &start.parameters);
    reactions.chain(rules).zip(rates).map(|((process, part), rate)| Flux { process, part, rate }).collect()
}
