//! From event to event.

use std::sync::atomic::{AtomicBool, Ordering};

use super::draws::{BATCH, Draws};
use super::drift::Drift;
use super::error::{Fault, JumpError};
use super::fixed::Fixed;
use super::hybrid::Hybrid;
use super::scheme::{Channel, Effect, Propensity, Scheme, Search};
use super::sums::Sums;
use super::{Individuals, Rates};

/// Above this, adding one to a number may leave it as it is: so many are not counted, but measured.
pub(super) const LARGEST_COUNT: f64 = 9_007_199_254_740_992.0;

/// Why the engine, or a compiled loop, has stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Halt {
    /// The next event comes at or after the limit, if it ever comes.
    Limit,
    /// Random numbers are used up.
    Numbers,
    /// A channel was chosen at the window's time: it is the engine's to carry out.
    Chosen { channel: usize },
    /// A channel has happened that the caller watches.
    Watched { channel: usize },
    /// A propensity that this channel's firing changed is negative or not finite.
    Fault { channel: usize },
    /// The sum of all propensities isn't finite, or below zero.
    Total,
    /// A condition that the caller watches has turned between events.
    Turned,
    /// Somebody wants it to.
    Stopped,
    /// A compiled loop leaves the next event to the engine, for rounding led to an empty place.
    Odd,
}

/// What a compiled loop works on.
#[derive(Debug)]
pub struct Window<'a> {
    /// Seconds, of the last event.
    pub time: f64,
    pub limit: f64,
    /// One more than there are states.
    pub x: &'a mut [f64],
    /// As the scheme's layout says.
    pub sums: &'a mut [f64],
    pub exponentials: &'a [f64],
    pub uniforms: &'a [f64],
    /// The numbers to use next, below `end`, which is at most the length of both.
    pub position: usize,
    pub end: usize,
}

/// A [`Propensity::Combination`] with its coefficient; close together, for many are read at each event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Law {
    coefficient: f64,
    less: f64,
    /// [`GENERAL`] if it is none.
    i: u32,
    j: u32,
}

const GENERAL: u32 = u32::MAX;

impl Law {
    #[inline(always)]
    pub fn is_general(&self) -> bool {
        self.i == GENERAL
    }

    /// Of one that isn't.
    #[inline(always)]
    pub fn combination(&self, x: &[f64]) -> f64 {
        self.coefficient * x[self.i as usize] * (x[self.j as usize] - self.less)
    }
}

/// One run.
#[derive(Debug)]
pub struct Jumper<'s> {
    pub(super) scheme: &'s Scheme,
    pub(super) time: f64,
    /// States, and the number 1.
    pub(super) x: Vec<f64>,
    /// One for each channel, and for [`Search::Fixed`] one more that is zero.
    pub(super) laws: Vec<Law>,
    /// Leaves are always those of the state; sums of them unless `is_fixed`.
    pub(super) sums: Sums,
    pub(super) fixed: Option<Box<Fixed>>,
    /// Whether it is the sums in fixed point that are up to date.
    pub(super) is_fixed: bool,
    pub(super) draws: Draws,
    pub(super) events: u64,
    pub(super) most_events: u64,
    pub(super) last: usize,
    pub(super) drift: Drift,
    pub(super) hybrid: Option<Box<Hybrid>>,
    /// States that were above [`LARGEST_COUNT`] when last looked at, or earlier.
    uncounted: Vec<u32>,
    stop: Option<&'s AtomicBool>,
}

impl<'s> Jumper<'s> {
    /// A run under a seed and a number of its own, of so many events at most.
    pub fn new(scheme: &'s Scheme, seed: u64, run: u64, most_events: u64) -> Jumper<'s> {
        let mut x = vec![0.0; scheme.states()];
        x.push(1.0);
        Jumper {
            scheme,
            time: 0.0,
            x,
            laws: Vec::new(),
            sums: Sums::new(scheme.layout()),
            fixed: (scheme.search() == Search::Fixed).then(|| Box::new(Fixed::new(scheme.channels().len() + 1))),
            is_fixed: false,
            draws: Draws::new(seed, run),
            events: 0,
            most_events,
            last: 0,
            drift: Drift::new(scheme),
            hybrid: None,
            uncounted: Vec::new(),
            stop: None,
        }
    }

    /// From now on stops with [`Halt::Stopped`] soon after this is set.
    pub fn heed(&mut self, stop: &'s AtomicBool) {
        self.stop = Some(stop);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// Seconds: of the last event, or where the run was placed since.
    pub fn time(&self) -> f64 {
        self.time
    }

    pub fn state(&self) -> &[f64] {
        &self.x[..self.scheme.states()]
    }

    /// Events so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// States that have been too abundant to count, in the order in which they came to be: they are real numbers, and what
    /// changes no others goes by its mean.
    pub fn uncounted(&self) -> &[u32] {
        &self.uncounted
    }

    /// Puts the run at a time and a state, from which it goes on under `rates` as they are now. Being without memory,
    /// what was about to happen is forgotten.
    pub fn place(&mut self, rates: &dyn Rates, t: f64, state: &[f64]) -> Result<(), JumpError> {
        self.time = t;
        self.x[..self.scheme.states()].copy_from_slice(state);
        self.bind(rates);
        self.drift.left = None;
        self.forget_flow();
        if self.draws.position < BATCH {
            self.draws.position += 1;
        }
        self.check_counts()?;
        self.check_coefficients()?;
        self.recompute(rates)
    }

    /// Takes over the present coefficients.
    fn bind(&mut self, rates: &dyn Rates) {
        let channels = self.scheme.channels();
        let mut coefficients = vec![0.0; channels.len()];
        rates.coefficients(&mut coefficients);
        let law = |(channel, coefficient): (&Channel, f64)| match channel.propensity {
            Propensity::Combination { i, j, less } => Law { coefficient, less, i, j },
            Propensity::General => Law { coefficient: f64::NAN, less: 0.0, i: GENERAL, j: GENERAL },
        };
        self.laws.clear();
        self.laws.extend(channels.iter().zip(coefficients).map(law));
        if self.fixed.is_some() {
            let one = self.scheme.states() as u32;
            self.laws.push(Law { coefficient: 0.0, less: 0.0, i: one, j: one });
        }
    }

    /// Goes on to the limit, which is not passed, or to an event that is watched, just after it. On the way to a limit
    /// the last event stays the present time: whoever looks in between changes nothing.
    pub fn advance(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
        limit: f64,
    ) -> Result<Halt, JumpError> {
        if self.hybrid.is_none() {
            let halt = match self.scheme.drifts() {
                true => self.advance_drifting(rates, individuals, limit),
                false => self.advance_by(rates, individuals, limit, u64::MAX),
            }?;
            if halt != Halt::Odd {
                return Ok(halt);
            }
        }
        self.advance_hybrid(rates, individuals, limit)
    }

    /// The same where nothing drifts, until there were so many events in all, or something can't be counted any more;
    /// [`Halt::Odd`] if that is why it stopped.
    pub(super) fn advance_by(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
        limit: f64,
        until: u64,
    ) -> Result<Halt, JumpError> {
        loop {
            let halt = match self.fixed {
                Some(_) => self.run_fixed(rates, limit, until),
                None => match self.run_compiled(rates, limit, until) {
                    Some(Halt::Odd) => self.run(rates, limit, self.events + 1),
                    Some(halt) => halt,
                    None => self.run(rates, limit, until),
                },
            };
            match halt {
                Halt::Limit | Halt::Watched { .. } | Halt::Turned | Halt::Stopped => return Ok(halt),
                Halt::Odd | Halt::Numbers if self.is_stopped() => return Ok(Halt::Stopped),
                Halt::Odd | Halt::Numbers if self.events >= until => return Ok(Halt::Odd),
                Halt::Odd => {}
                Halt::Numbers => {
                    let counted = self.hybrid.is_none();
                    self.replenish()?;
                    if counted && self.hybrid.is_some() {
                        return Ok(Halt::Odd);
                    }
                }
                Halt::Total | Halt::Fault { .. } if self.is_fixed => return Err(self.error(self.blame_fixed())),
                Halt::Total => return Err(self.error(self.blame_total())),
                Halt::Fault { channel } => {
                    self.follow(rates, channel)?;
                    return Err(self.error(self.blame_total()));
                }
                Halt::Chosen { channel } => {
                    if let Some(halt) = self.carry_out(rates, individuals, channel)? {
                        return Ok(halt);
                    }
                }
            }
        }
    }

    /// The sum of all propensities.
    pub(super) fn total(&self) -> Result<f64, JumpError> {
        let total = match &self.fixed {
            Some(fixed) if self.is_fixed => fixed.total(),
            _ => self.sums.total(self.scheme.layout()),
        };
        if (0.0..f64::INFINITY).contains(&total) { Ok(total) } else { Err(self.error(self.blame_total())) }
    }

    /// Moves the present time on to where nothing has happened until then; the next event is waited for anew.
    pub(super) fn pass_to(&mut self, t: f64) {
        self.time = t;
        if self.draws.position < BATCH {
            self.draws.position += 1;
        }
    }

    /// Counts events that were not simulated one by one. They are the work of one.
    pub(super) fn count(&mut self, events: u64) -> Result<(), JumpError> {
        self.events = self.events.saturating_add(events.max(1));
        self.most_events = self.most_events.saturating_add(events.saturating_sub(1));
        if self.events > self.most_events {
            return Err(self.error(Fault::Budget { events: self.events, channel: self.last }));
        }
        self.check_counts()
    }

    /// Computes everything anew.
    pub(super) fn recompute(&mut self, rates: &dyn Rates) -> Result<(), JumpError> {
        for (k, channel) in self.scheme.channels().iter().enumerate() {
            self.sums.values[k] = if channel.drifts { 0.0 } else { self.propensity(rates, k) };
            self.check_propensity(k)?;
        }
        self.sums.refresh_all(self.scheme.layout());
        self.is_fixed = false;
        self.set_apart();
        Ok(())
    }

    /// What a channel's firing changes, and what follows from that.
    pub(super) fn carry_out(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
        channel: usize,
    ) -> Result<Option<Halt>, JumpError> {
        self.last = channel;
        match &self.scheme.channels()[channel].effect {
            Effect::Change(changes) => {
                for &(state, change) in changes {
                    self.x[state as usize] += change;
                }
            }
            Effect::Individual { edge, .. } => {
                let fired = individuals.fire(*edge, self.time, &mut self.x[..self.scheme.states()]);
                fired.map_err(|state| self.crowded(state))?;
            }
        }
        self.follow(rates, channel)?;
        Ok(self.scheme.is_watched(channel).then_some(Halt::Watched { channel }))
    }

    pub(super) fn crowded(&self, state: usize) -> JumpError {
        self.error(Fault::TooMany { state, value: self.x[state] })
    }

    /// The exponential waiting time of the next event, which stays in place until the event has come.
    pub(super) fn next_wait(&mut self) -> Result<f64, JumpError> {
        if self.draws.position == BATCH || self.events >= self.most_events {
            self.replenish()?;
        }
        Ok(self.draws.exponentials[self.draws.position])
    }

    /// The generated loop, if there is one.
    fn run_compiled(&mut self, rates: &dyn Rates, limit: f64, until: u64) -> Option<Halt> {
        let most = self.most_events.min(until);
        let left = usize::try_from(most.saturating_sub(self.events)).unwrap_or(usize::MAX);
        let position = self.draws.position;
        let mut window = Window {
            time: self.time,
            limit,
            x: &mut self.x,
            sums: &mut self.sums.values,
            exponentials: &self.draws.exponentials[..],
            uniforms: &self.draws.uniforms[..],
            position,
            end: BATCH.min(position.saturating_add(left)),
        };
        let halt = rates.run(&mut window)?;
        self.time = window.time;
        self.draws.position = window.position;
        self.events += (self.draws.position - position) as u64;
        Some(halt)
    }

    /// The same in Rust, until there were so many events in all.
    fn run(&mut self, rates: &dyn Rates, limit: f64, most_events: u64) -> Halt {
        let layout = self.scheme.layout();
        loop {
            if self.draws.position == BATCH || self.events >= self.most_events {
                return Halt::Numbers;
            }
            if self.events >= most_events {
                return Halt::Odd;
            }
            let total = self.sums.total(layout);
            if !(0.0..f64::INFINITY).contains(&total) {
                return Halt::Total;
            }
            let next = self.time + self.draws.exponentials[self.draws.position] / total;
            if !(next < limit && total > 0.0) {
                return Halt::Limit;
            }
            self.time = next;
            let share = self.draws.uniforms[self.draws.position] * total;
            self.draws.position += 1;
            self.events += 1;
            let channel = self.sums.find(layout, share);
            self.last = channel;
            let Some(changes) = self.scheme.changes(channel) else {
                return Halt::Chosen { channel };
            };
            for &(state, change) in changes {
                self.x[state as usize] += change;
            }
            if self.follow(rates, channel).is_err() {
                return Halt::Fault { channel };
            }
            if self.scheme.is_watched(channel) {
                return Halt::Watched { channel };
            }
        }
    }

    /// Computes anew what depends on what a channel has changed.
    fn follow(&mut self, rates: &dyn Rates, channel: usize) -> Result<(), JumpError> {
        if self.is_fixed {
            let sound = self.follow_fixed(rates, channel);
            return if sound { Ok(()) } else { Err(self.error(self.blame_fixed())) };
        }
        let scheme = self.scheme;
        for &k in scheme.dependents(channel) {
            let k = k as usize;
            let value = self.propensity(rates, k);
            self.sums.values[k] = value;
            if !(0.0..f64::INFINITY).contains(&value) {
                self.check_propensity(k)?;
            }
        }
        for &group in scheme.groups(channel) {
            self.sums.refresh(scheme.layout(), group as usize);
        }
        Ok(())
    }

    #[inline(always)]
    fn propensity(&self, rates: &dyn Rates, channel: usize) -> f64 {
        self.propensity_at(rates, channel, self.time)
    }

    #[inline(always)]
    pub(super) fn propensity_at(&self, rates: &dyn Rates, channel: usize, t: f64) -> f64 {
        let law = &self.laws[channel];
        if law.is_general() {
            return rates.propensity(channel, t, &self.x);
        }
        law.combination(&self.x)
    }

    /// With these sound, combinations of counts are.
    fn check_coefficients(&self) -> Result<(), JumpError> {
        for (channel, law) in self.laws.iter().enumerate().filter(|(_, law)| law.i != GENERAL) {
            let value = law.coefficient;
            if !value.is_finite() {
                return Err(self.error(Fault::NotFinite { channel }));
            }
            if value < 0.0 {
                return Err(self.error(Fault::Negative { channel, value }));
            }
        }
        Ok(())
    }

    /// How many of the propensities that are kept are not what they would be if computed now.
    pub fn stale(&self, rates: &dyn Rates) -> usize {
        let kept = |k: &usize| !self.scheme.channels()[*k].drifts;
        let count = self.scheme.channels().len();
        (0..count).filter(kept).filter(|&k| self.sums.values[k] != self.propensity(rates, k)).count()
    }

    fn check_propensity(&self, channel: usize) -> Result<(), JumpError> {
        let value = self.sums.values[channel];
        if !value.is_finite() {
            return Err(self.error(Fault::NotFinite { channel }));
        }
        if value < 0.0 { Err(self.error(Fault::Negative { channel, value })) } else { Ok(()) }
    }

    fn blame_total(&self) -> Fault {
        let broken = |k: &usize| !self.sums.values[*k].is_finite();
        (0..self.scheme.channels().len())
            .find(broken)
            .map_or(Fault::TotalNotFinite, |channel| Fault::NotFinite { channel })
    }

    /// More random numbers, unless there were enough events. Checks on the way what is cheap only now and then.
    fn replenish(&mut self) -> Result<(), JumpError> {
        if self.events >= self.most_events {
            return Err(self.error(Fault::Budget { events: self.events, channel: self.last }));
        }
        self.check_counts()?;
        self.draws.refill();
        Ok(())
    }

    /// Notes what can't be counted any more, and lets it flow.
    fn check_counts(&mut self) -> Result<(), JumpError> {
        let scheme = self.scheme;
        for &state in scheme.changing() {
            let amount = self.x[state as usize];
            if !amount.is_finite() {
                return Err(self.crowded(state as usize));
            }
            if amount > LARGEST_COUNT && !self.uncounted.contains(&state) {
                self.uncounted.push(state);
                self.let_the_uncounted_flow();
            }
        }
        Ok(())
    }

    pub(super) fn error(&self, fault: Fault) -> JumpError {
        JumpError { t: self.time, fault }
    }
}
