//! From a start to the steady state that it tends to: an integration until that is near, then Newton's method.
//!
//! Three parts, each of which may end the search:
//!
//! 1. *Approach.* The model is integrated with relaxed tolerances ([`RELAXED`]): what is found doesn't depend on
//!    it, only on which side of a watershed the path keeps to. Every [`PROBE`] steps Newton's method looks for a steady state
//!    within [`NEAR`] of every amount.
//! 2. *Verification.* What Newton's method found is taken if the path has come nearer to it since the last probe, and if
//!    every disturbance of it decays within the patience that settling has. Otherwise the approach goes on. So a saddle that
//!    the path passes by, and the middle of an oscillation, are never taken; nor is a state that would take longer to
//!    reach than anyone waits.
//! 3. *Fall-back.* When the approach comes to nothing (oscillations, slow drifts, kinks in rates, [circles of
//!    equations](crate::solve::steady::LARGEST_BLOCK) too large for eigenvalues), the model is integrated from the start with the full
//!    accuracy until nothing changes over a block, or fails as [`super::settle`] says. Its result is polished where that changes
//!    nothing beyond the tolerance.
//!
//! Conserved are the combinations that no reaction changes *that can happen*: a reaction whose rate is zero at these
//! parameters, or for want of something that nothing makes, is none, and what it alone would change stands still.
//! They are found before each search and compared with the path.

use super::settings::scales;
use super::settle::{self, Held};
use super::system::Bound;
use super::{Model, Settings, SimulationError, State};
use crate::solve::steady::{Limits, Moiety, Newton, NewtonStatistics, Reduction, Spectrum, TooLarge};
use crate::solve::{Integrator, Method, Statistics, Step};

/// The tolerances of the approach are so many times those of the settings …
const RELAXED: f64 = 1000.0;
/// … but the relative one no larger than this, unless that of the settings is.
const COARSEST: f64 = 1e-3;
/// Newton's method is tried after so many steps.
const PROBE: usize = 4;
/// The share of its amount by which a species may be away from the steady state for that to be looked at.
const NEAR: f64 = 0.1;
/// Amounts below this part of one that matters don't count for what is near.
const FLOOR: f64 = 0.01;
/// Steps after which the approach is given up.
const MOST_STEPS: usize = 2000;
/// A conserved total that the path changes by more than this share is none.
const DRIFT: f64 = 1e-7;
/// Newton's σ times the patience.
const SHIFT: f64 = 1e-3;

/// A steady state and how it was found. Amounts and times in internal units.
#[derive(Debug, Clone)]
pub struct SteadyState {
    /// One for each species, as rates and people see them.
    pub amounts: Vec<f64>,
    /// Of the Jacobian at the steady state, held species and conserved moieties taken out.
    pub spectrum: Result<Spectrum, TooLarge>,
    /// What is conserved, with its total.
    pub moieties: Vec<(Moiety, f64)>,
    /// Whether each species stands still: held, or changed by nothing that can happen.
    pub still: Vec<bool>,
    /// Disturbances that decay or grow more slowly than at this rate, per second, don't within the patience.
    pub slowest: f64,
    /// Whether Newton's method had the last word; otherwise the amounts are as exact as the integration.
    pub polished: bool,
    /// How long the model was integrated.
    pub time: f64,
    /// All evaluations and factorisations, those of Newton's method included.
    pub statistics: Statistics,
    pub newton: NewtonStatistics,
}

/// Looks for the steady states of one model from many starts, with the same species held.
#[derive(Debug)]
pub struct Settler<'m> {
    model: &'m Model,
    held: Held,
    /// What each reaction and each rule changes.
    changes: Vec<Vec<(usize, f64)>>,
    /// Which changes could happen in the last search, and Newton's method for them.
    prepared: Option<(Vec<bool>, Newton)>,
}

impl<'m> Settler<'m> {
    pub fn new(model: &'m Model, held: Held) -> Settler<'m> {
        Settler { model, held, changes: changes(model), prepared: None }
    }

    /// The steady state that a start tends to, before a run of `duration` seconds. The same start gives the same bits,
    /// whatever was searched before.
    ///
    /// # Errors
    /// Numerical failures, and a model that still changes when patience ends.
    pub fn settle(
        &mut self,
        start: &State,
        duration: f64,
        settings: &Settings,
    ) -> Result<SteadyState, SimulationError> {
        let mut newton = self.prepare(start);
        let held = std::mem::take(&mut self.held.0);
        let bound = Bound { model: self.model, parameters: start.parameters.values(), held: &held };
        let search = Search::new(&bound, start, duration, settings);
        let found = search.run(newton.as_mut().map(|(_, newton)| newton));
        self.held.0 = held;
        self.prepared = newton;
        found
    }

    /// Newton's method for what can happen from a start; none when it can't be had.
    fn prepare(&mut self, start: &State) -> Option<(Vec<bool>, Newton)> {
        let active = active(self.model, start, &self.held, &self.changes);
        if let Some(prepared) = self.prepared.take_if(|(last, _)| *last == active) {
            return Some(prepared);
        }
        let happening = self.changes.iter().zip(&active).filter(|(_, active)| **active);
        let reduction = Reduction::new(&self.held.0, happening.map(|(change, _)| change.as_slice()))?;
        let flow = Bound { model: self.model, parameters: start.parameters.values(), held: &self.held.0 };
        Some((active, Newton::new(&flow, reduction)))
    }
}

/// What each reaction changes, then what each rule does.
fn changes(model: &Model) -> Vec<Vec<(usize, f64)>> {
    let network = model.network();
    let reactions = network.reactions.iter().map(|r| r.stoichiometry.iter().map(|(s, n)| (s.index(), *n)).collect());
    reactions.chain(network.rate_rules.iter().map(|rule| vec![(rule.species.index(), 1.0)])).collect()
}

/// Which changes can happen: those whose rate is not zero at amounts that can come to be. Tried are small, middling and large
/// amounts of what there is or can be made.
fn active(model: &Model, start: &State, held: &Held, changes: &[Vec<(usize, f64)>]) -> Vec<bool> {
    let mut there: Vec<bool> = start.species.iter().map(|y| *y != 0.0).collect();
    let mut active = vec![false; changes.len()];
    let mut y = start.species.clone();
    loop {
        let mut grown = false;
        for size in [1e-2, 1e1, 1e5] {
            for (i, y) in y.iter_mut().enumerate().filter(|(i, _)| there[*i] && !held.holds(*i)) {
                // Some number between 1 and 2 for each, so that nothing cancels.
                *y = size * (1.0 + (0.618_034 * (i + 1) as f64).fract());
            }
            let rates = model.kernel().rates.evaluate(0.0, &y, start.parameters.values());
            for ((change, active), _) in
                changes.iter().zip(&mut active).zip(rates).filter(|((_, a), r)| !**a && *r != 0.0)
            {
                *active = true;
                change.iter().for_each(|(i, _)| {
                    grown |= !there[*i];
                    there[*i] = true;
                });
            }
        }
        if !grown {
            return active;
        }
    }
}

/// One search from one start.
struct Search<'a> {
    bound: &'a Bound<'a>,
    start: &'a State,
    duration: f64,
    settings: &'a Settings,
    patience: f64,
    /// For Newton's method.
    scales: Vec<f64>,
}

/// A state that was accepted.
struct Found {
    amounts: Vec<f64>,
    spectrum: Spectrum,
    time: f64,
}

impl<'a> Search<'a> {
    fn new(bound: &'a Bound<'a>, start: &'a State, duration: f64, settings: &'a Settings) -> Search<'a> {
        let scales = scales(bound.model.network(), &start.parameters).into_iter().map(|s| FLOOR * s).collect();
        Search { bound, start, duration, settings, patience: settle::patience(duration), scales }
    }

    fn run(&self, mut newton: Option<&mut Newton>) -> Result<SteadyState, SimulationError> {
        let before = newton.as_ref().map(|n| n.statistics()).unwrap_or_default();
        let mut statistics = Statistics::default();
        if let Some(newton) = newton.as_deref_mut()
            && let Some(found) = self.approach(newton, &mut statistics)
        {
            let Found { amounts, spectrum, time } = found;
            return Ok(self.report(amounts, Ok(spectrum), time, true, statistics, Some(newton), before));
        }
        let (mut amounts, time, spent) = settle::by_integration(self.bound, self.start, self.duration, self.settings)?;
        statistics += spent;
        let mut spectrum = Err(TooLarge { equations: amounts.len() });
        let mut polished = false;
        if let Some(newton) = newton.as_deref_mut() {
            let near = settle::tolerance(self.settings);
            match self.look(newton, &amounts, near) {
                Some((state, Ok(found))) if found.decays_faster_than(1.0 / self.patience) => {
                    (amounts, spectrum, polished) = (state, Ok(found), true);
                }
                _ => spectrum = newton.spectrum(self.bound, &amounts, &self.scales),
            }
        }
        Ok(self.report(amounts, spectrum, time, polished, statistics, newton, before))
    }

    /// Integrates until Newton's method finds what the path tends to.
    fn approach(&self, newton: &mut Newton, statistics: &mut Statistics) -> Option<Found> {
        let mut relaxed = self.settings.relaxed(RELAXED, COARSEST);
        relaxed.method = Method::Stiff;
        let solver = relaxed.for_network(self.bound.model.network(), &self.start.parameters).ok()?;
        let mut integrator = Integrator::start(self.bound, 0.0, &self.start.species, &solver).ok()?;
        let found = self.follow(&mut integrator, newton);
        *statistics += integrator.statistics();
        found
    }

    fn follow(&self, integrator: &mut Integrator, newton: &mut Newton) -> Option<Found> {
        let totals = newton.totals(&self.start.species);
        let mut last = self.start.species.clone();
        for step in 1..=MOST_STEPS {
            let ended = integrator.step(self.bound, self.patience).ok()? == Step::Limit;
            if step % PROBE != 0 && !ended {
                continue;
            }
            let now = integrator.state();
            if newton.drift(now, &totals) > DRIFT {
                return None;
            }
            if let Some((amounts, spectrum)) = self.look(newton, now, NEAR)
                && self.distance(now, &amounts) <= self.distance(&last, &amounts)
            {
                // Without eigenvalues nothing can be verified.
                let spectrum = spectrum.ok()?;
                if spectrum.decays_faster_than(1.0 / self.patience) {
                    return Some(Found { amounts, spectrum, time: integrator.time() });
                }
            }
            if ended {
                return None;
            }
            last.copy_from_slice(now);
        }
        None
    }

    /// The steady state within `near` of a state, with its eigenvalues.
    fn look(&self, newton: &mut Newton, from: &[f64], near: f64) -> Option<(Vec<f64>, Result<Spectrum, TooLarge>)> {
        let totals = newton.totals(&self.start.species);
        let tolerance = settle::tolerance(self.settings).min(0.1 * near);
        let limits = Limits { scales: &self.scales, near, tolerance, shift: SHIFT / self.patience };
        let mut amounts = from.to_vec();
        newton.polish(self.bound, &mut amounts, &totals, &limits).ok()?;
        let spectrum = newton.spectrum(self.bound, &amounts, &self.scales);
        Some((amounts, spectrum))
    }

    /// The largest share by which an amount differs.
    fn distance(&self, a: &[f64], b: &[f64]) -> f64 {
        let share = |((a, b), scale): ((&f64, &f64), &f64)| (a - b).abs() / a.abs().max(b.abs()).max(*scale);
        a.iter().zip(b).zip(&self.scales).map(share).fold(0.0, f64::max)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of the result")]
    fn report(
        &self,
        mut amounts: Vec<f64>,
        spectrum: Result<Spectrum, TooLarge>,
        time: f64,
        polished: bool,
        mut statistics: Statistics,
        newton: Option<&mut Newton>,
        before: NewtonStatistics,
    ) -> SteadyState {
        self.bound.model.without_negatives(&mut amounts);
        let mut moieties = Vec::new();
        let mut still: Vec<bool> = (0..amounts.len()).map(|i| self.bound.holds(i)).collect();
        let mut spent = NewtonStatistics::default();
        if let Some(newton) = newton {
            spent = newton.statistics().since(&before);
            statistics.rhs += spent.rates;
            statistics.jacobians += spent.jacobians;
            statistics.factorisations += spent.factorisations;
            statistics.solves += spent.corrections;
            let reduction = newton.reduction();
            moieties = reduction.moieties().iter().map(|m| (m.clone(), m.total(&self.start.species))).collect();
            still = (0..amounts.len()).map(|i| reduction.holds(i)).collect();
        }
        let slowest = 1.0 / self.patience;
        SteadyState { amounts, spectrum, moieties, still, slowest, polished, time, statistics, newton: spent }
    }
}
