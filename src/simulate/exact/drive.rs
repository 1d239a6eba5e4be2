//! One exact run through its protocol.

use super::herd::Herd;
use super::rates::Bound;
use super::{ByMeans, ExactModel, ExactOutcome, ExactReceiver, ExactSettings, RunKey};
use crate::kernel::jumps::is_counted;
use crate::simulate::run::Course;
use crate::simulate::{Intervention, Parameters, Protocol, SimulationError, State};
use crate::solve::Statistics;
use crate::solve::jump::{Fault, Halt, Individuals, JumpError, Jumper, Leaper, NoIndividuals};
use crate::solve::random::{Philox, Purpose, unit};

/// Runs a model from a state through a protocol. Amounts that are not whole are rounded by the run's random numbers.
pub fn run_exact(
    exact: &ExactModel<'_>,
    start: State,
    protocol: &Protocol,
    key: RunKey,
    settings: &ExactSettings,
    receiver: &mut dyn ExactReceiver,
) -> ExactOutcome {
    let (start, here) = exact.represented(start, protocol);
    let course = Course::new(&exact.model, start, here.as_ref().unwrap_or(protocol));
    let herd = exact
        .pasture
        .as_ref()
        .map(|pasture| Herd::new(exact.model.network(), pasture, (key.seed, key.run), settings.most_vesicles));
    let mut jumper = Jumper::new(&exact.scheme, key.seed, key.run, settings.most_events);
    if let Some(stop) = settings.stop {
        jumper.heed(stop);
    }
    if let Some(epsilon) = settings.hybrid.filter(|_| settings.tau.is_none()) {
        jumper.let_flow(key.seed, key.run, epsilon);
    }
    let leaps = settings.tau.filter(|_| exact.may_leap());
    let leaper = leaps.map(|epsilon| Leaper::new(&jumper, key.seed, key.run, epsilon));
    let (rates, rounding) = (Bound::new(exact), Rounding::new(key));
    let mut trip = Trip { exact, course, jumper, leaper, herd, rates, rounding, stopped: false };
    let failure = trip.travel(receiver).err();
    let events = trip.jumper.events();
    let outcome = trip.course.outcome(Statistics::default(), None);
    let species = &exact.model.network().species;
    let uncounted = trip.jumper.uncounted().iter().filter_map(|&state| species.get(state as usize));
    let by_means = ByMeans {
        numbers: trip.herd.as_ref().is_some_and(|herd| herd.view().had_large_numbers()),
        species: uncounted.map(|species| species.name.clone()).collect(),
    };
    ExactOutcome { marks: outcome.marks, events, by_means, stopped: trip.stopped, failure }
}

/// A run under way.
struct Trip<'e> {
    exact: &'e ExactModel<'e>,
    course: Course<'e>,
    jumper: Jumper<'e>,
    leaper: Option<Leaper>,
    herd: Option<Herd<'e>>,
    rates: Bound<'e>,
    rounding: Rounding,
    stopped: bool,
}

/// Which way to round.
struct Rounding {
    philox: Philox,
    run: u64,
    drawn: u64,
}

impl Trip<'_> {
    fn travel(&mut self, receiver: &mut dyn ExactReceiver) -> Result<(), SimulationError> {
        let Some(end) = self.course.end() else { return Ok(()) };
        let mut started = false;
        loop {
            let changed = self.course.act()?;
            if changed || !started {
                self.set_out()?;
                started = true;
            }
            let vesicles = self.herd.as_ref().map(Herd::view);
            self.course.sample_here(&mut |sample| {
                receiver.sample(sample);
                if let Some(vesicles) = &vesicles {
                    receiver.vesicles(sample, vesicles);
                }
            });
            if self.stopped || self.course.state().time >= end {
                return Ok(());
            }
            if !self.course.turn()? {
                self.advance(end)?;
            }
        }
    }

    /// Begins anew from the present state, in whole copies.
    fn set_out(&mut self) -> Result<(), SimulationError> {
        let State { time, parameters, .. } = self.course.state();
        let time = *time;
        if let Some(refusal) = self.exact.model.refusal(parameters) {
            return Err(SimulationError { time, ..refusal });
        }
        self.rates.bind(parameters.values());
        self.stop_flow();
        let network = self.exact.model.network();
        let mut negative = None;
        self.course.amend(|state| {
            for (index, (amount, species)) in state.species.iter_mut().zip(&network.species).enumerate() {
                let moves = self.exact.scheme.moving().contains(&(index as u32));
                if is_counted(&species.kind) && !species.fixed && !moves {
                    *amount = self.rounding.round(*amount);
                }
                let bad = amount.is_nan() || (*amount < 0.0 && self.exact.model.is_amount(index));
                negative = negative.or(bad.then_some((index, *amount)));
            }
        });
        if let Some((index, value)) = negative {
            return Err(self.course.refused(index, value));
        }
        if let Some(herd) = &mut self.herd {
            let jumper = &self.jumper;
            herd.bind(self.course.state().parameters.values());
            let mut placed = Ok(());
            self.course.amend(|state| {
                placed = herd.place(time, jumper.state(), &mut state.species);
            });
            if let Err(state) = placed {
                let value = self.course.state().species.get(state).copied().unwrap_or(f64::NAN);
                return Err(self.exact.named(JumpError { t: time, fault: Fault::TooMany { state, value } }));
            }
        }
        let placed = self.jumper.place(&self.rates, time, &self.course.state().species);
        placed.map_err(|error| self.exact.named(error))
    }

    /// What has flowed becomes whole firings, so that sums are kept.
    fn stop_flow(&mut self) {
        let flowed = self.jumper.state().to_vec();
        self.jumper.make_whole();
        let whole = self.jumper.state();
        self.course.amend(|state| {
            for ((amount, flowed), whole) in state.species.iter_mut().zip(&flowed).zip(whole) {
                if amount == flowed {
                    *amount = *whole;
                }
            }
        });
    }

    /// Goes on to the next thing that is due, or sample, or change of a condition.
    fn advance(&mut self, end: f64) -> Result<(), SimulationError> {
        let limit = self.course.limit(end);
        let stop = self.course.next_sample().map_or(limit, |sample| sample.min(limit));
        let before = self.course.conditions();
        self.rates.watch(&before);
        loop {
            let Trip { jumper, rates, leaper, herd, .. } = self;
            let individuals: &mut dyn Individuals = match herd {
                Some(herd) => herd,
                None => &mut NoIndividuals,
            };
            let gone = match leaper {
                Some(leaper) => jumper.leap(rates, individuals, leaper, stop),
                None => jumper.advance(rates, individuals, stop),
            };
            let halt = gone.map_err(|error| self.exact.named(error))?;
            let time = if halt == Halt::Limit { stop } else { self.jumper.time() };
            let jumper = &self.jumper;
            self.course.arrive(time, |species| species.copy_from_slice(jumper.state()));
            self.stopped = halt == Halt::Stopped;
            if self.stopped || halt == Halt::Limit {
                return Ok(());
            }
            let after = self.course.conditions();
            if after != before {
                return self.course.rise(&before);
            }
        }
    }
}

impl ExactModel<'_> {
    /// A start and a protocol of the whole model as they are for the one that runs; the protocol only if it is another.
    fn represented(&self, start: State, protocol: &Protocol) -> (State, Option<Protocol>) {
        let Some(made) = self.representation() else { return (start, None) };
        let given: Vec<_> = start.parameters.given().map(|id| (id, start.parameters.get(id))).collect();
        let parameters = Parameters::new(&self.model, &given);
        let species = made.amounts(&start.species);
        let interventions = protocol.interventions.iter().flat_map(|one| {
            made.changes(&one.change).into_iter().enumerate().map(|(n, change)| {
                let label = if n == 0 { one.label.clone() } else { String::new() };
                Intervention { time: one.time, change, label }
            })
        });
        let protocol = Protocol { samples: protocol.samples.clone(), interventions: interventions.collect() };
        (State { time: start.time, species, parameters }, Some(protocol))
    }
}

impl Rounding {
    fn new(key: RunKey) -> Rounding {
        Rounding { philox: Philox::new(key.seed), run: key.run, drawn: 0 }
    }

    /// Up with the probability of what is beyond the whole number below, so that the mean is the amount itself.
    fn round(&mut self, amount: f64) -> f64 {
        let nearest = amount.round();
        // Rounding errors of arithmetic are no share of a copy.
        if (amount - nearest).abs() <= 1e-9 * amount.abs().max(1.0) || !amount.is_finite() {
            return if amount.is_finite() { nearest } else { amount };
        }
        let chance = unit(self.philox.pair(Purpose::Rounding, self.run, self.drawn)[0]);
        self.drawn += 1;
        (amount + chance).floor()
    }
}
