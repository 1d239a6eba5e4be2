//! Leaps: many events at once, for as long as no propensity changes by more than a share of it (Y. Cao, D. T.
//! Gillespie, L. R. Petzold, J. Chem. Phys. 124, 044109, 2006).
//!
//! A leap over τ fires each channel a Poisson number of times with mean a τ. τ is such that the mean and the standard
//! deviation of the relative change of every propensity stay below ε, by way of the states that it reads: with g the
//! order of the highest law that reads state i, |Δx_i| ≤ max(ε x_i / g, 1). Channels that could use something up within
//! [`CRITICAL`] firings, and those that happen to individuals, fire one by one. Where a leap would be no longer than
//! [`WORTH`] events, as many single events as [`SINGLES`] are taken exactly instead. A leap that makes something
//! negative is halved and drawn again.
//!
//! Where channels in balance ([`super::balance`]) alone keep leaps short, [`STIFF`] times shorter than the others
//! would, leaps are as long as the others allow and these are found implicitly (Cao, Gillespie, Petzold, J. Chem. Phys.
//! 126, 224101, 2007, who wait for a factor of 100; but explicit leaps give what is in balance too much noise).
//!
//! Invariants: no state becomes negative, sums that channels keep are kept; the numbers of a leap are a function of the
//! seed, the run and how many leaps came before. Deliberately absent: propensities that drift, which are integrated
//! exactly.

use super::balance::Balances;
use super::engine::{Halt, Jumper};
use super::error::JumpError;
use super::scheme::{Effect, Propensity};
use super::{Individuals, Rates};
use crate::solve::random::{Philox, Purpose, poisson, unit};

/// So few firings from using something up a channel is critical.
const CRITICAL: f64 = 10.0;
/// A leap must replace more than so many events.
const WORTH: f64 = 10.0;
/// Else so many events are simulated one by one.
const SINGLES: u64 = 100;
/// The same where the last leap was an implicit one.
const FEW_SINGLES: u64 = 10;
/// Implicit leaps must be so many times longer than explicit ones.
const STIFF: f64 = 3.0;

/// How long a leap may be, in seconds: if all channels limit it, and if those in balance don't.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    explicit: f64,
    implicit: f64,
}

/// The numbers of leaps, and room to plan them.
#[derive(Clone, Debug)]
pub struct Leaper {
    epsilon: f64,
    philox: Philox,
    run: u64,
    drawn: u64,
    /// The highest order of a law that reads each state, with how many copies of it that law takes: 11, 21, 22, 31, 32,
    /// 33.
    orders: Vec<(u32, u32)>,
    critical: Vec<bool>,
    drift: Vec<f64>,
    spread: Vec<f64>,
    before: Vec<f64>,
    singles: u64,
    balances: Balances,
    was_implicit: bool,
    /// Leaps so far, and how many of them were implicit.
    pub leaps: u64,
    pub implicit_leaps: u64,
}

impl Leaper {
    /// Leaps under a seed and a run's number, with the error bound ε.
    pub fn new(jumper: &Jumper<'_>, seed: u64, run: u64, epsilon: f64) -> Leaper {
        let states = jumper.scheme.states();
        let mut orders = vec![(0, 0); states];
        for channel in jumper.scheme.channels() {
            for &state in &channel.reads {
                let order = match channel.propensity {
                    Propensity::Combination { i, j, .. } if i == j => (2, 2),
                    Propensity::Combination { i, j, .. } => {
                        (u32::from((i as usize) < states) + u32::from((j as usize) < states), 1)
                    }
                    // A law of any other form is taken to be as steep as one of third order.
                    Propensity::General => (3, 1),
                };
                let slot = &mut orders[state as usize];
                *slot = order.max(*slot);
            }
        }
        Leaper {
            epsilon,
            philox: Philox::new(seed),
            run,
            drawn: 0,
            orders,
            critical: Vec::new(),
            drift: vec![0.0; states],
            spread: vec![0.0; states],
            before: Vec::new(),
            singles: 0,
            balances: Balances::new(jumper.scheme, epsilon),
            was_implicit: false,
            leaps: 0,
            implicit_leaps: 0,
        }
    }

    fn unit(&mut self) -> f64 {
        let bits = self.philox.pair(Purpose::Leap, self.run, self.drawn)[0];
        self.drawn += 1;
        unit(bits)
    }

    /// The change of a state that no propensity minds.
    fn tolerated(&self, state: usize, x: f64) -> f64 {
        let g = match self.orders[state] {
            (2, 2) => 2.0 + 1.0 / (x - 1.0).max(1.0),
            (order, _) => f64::from(order),
        };
        (self.epsilon * x / g).max(1.0)
    }

    /// How long a leap may be under channels that aren't critical.
    fn longest(&mut self, jumper: &Jumper<'_>) -> Lengths {
        self.critical.clear();
        for (k, channel) in jumper.scheme.channels().iter().enumerate() {
            let scarce = |&(state, change): &(u32, f64)| change < 0.0 && jumper.x[state as usize] < CRITICAL * -change;
            self.critical.push(match &channel.effect {
                Effect::Change(changes) => jumper.sums.values[k] > 0.0 && changes.iter().any(scarce),
                Effect::Individual { .. } => true,
            });
        }
        let explicit = self.length(jumper, false);
        let balanced = self.balances.weigh(&self.critical, &jumper.sums.values, &jumper.x);
        Lengths { explicit, implicit: if balanced { self.length(jumper, true) } else { explicit } }
    }

    /// The same, with or without those that are in balance.
    fn length(&mut self, jumper: &Jumper<'_>, implicit: bool) -> f64 {
        let scheme = jumper.scheme;
        self.drift.fill(0.0);
        self.spread.fill(0.0);
        for (k, channel) in scheme.channels().iter().enumerate() {
            let Effect::Change(changes) = &channel.effect else { continue };
            if self.critical[k] || implicit && self.balances.holds(k) {
                continue;
            }
            let a = jumper.sums.values[k];
            for &(state, change) in changes {
                self.drift[state as usize] += change * a;
                self.spread[state as usize] += change * change * a;
            }
        }
        let mut tau = f64::INFINITY;
        for state in (0..scheme.states()).filter(|&s| self.orders[s].0 > 0) {
            let most = self.tolerated(state, jumper.x[state]);
            tau = tau.min(most / self.drift[state].abs()).min(most * most / self.spread[state]);
        }
        tau
    }
}

impl Jumper<'_> {
    /// Goes on by leaps to the limit, or to just after one in which a watched channel fired.
    pub fn leap(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
        leaper: &mut Leaper,
        limit: f64,
    ) -> Result<Halt, JumpError> {
        while !self.is_stopped() {
            if leaper.singles > 0 {
                match self.a_few(rates, individuals, leaper, limit)? {
                    Some(halt) => return Ok(halt),
                    None => continue,
                }
            }
            let total = self.total()?;
            if self.time >= limit || total <= 0.0 {
                self.time = self.time.max(limit);
                return Ok(Halt::Limit);
            }
            let lengths = leaper.longest(self);
            let stiff = lengths.implicit > STIFF * lengths.explicit;
            let mut tau = if stiff { lengths.implicit } else { lengths.explicit };
            loop {
                if tau < WORTH / total {
                    leaper.singles = if leaper.was_implicit { FEW_SINGLES } else { SINGLES };
                    leaper.was_implicit = false;
                    break;
                }
                if let Some(watched) = self.try_leap(rates, individuals, leaper, (tau, lengths.explicit), limit)? {
                    if let Some(channel) = watched {
                        return Ok(Halt::Watched { channel });
                    }
                    break;
                }
                tau *= 0.5;
            }
        }
        Ok(Halt::Stopped)
    }

    /// Single events, as far as they are due; the reason to stop, if there is one.
    fn a_few(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
        leaper: &mut Leaper,
        limit: f64,
    ) -> Result<Option<Halt>, JumpError> {
        let before = self.events;
        let halt = self.advance_by(rates, individuals, limit, before + leaper.singles)?;
        leaper.singles = leaper.singles.saturating_sub(self.events - before);
        if halt == Halt::Limit {
            // The wait goes on from the limit as from anywhere; a leap may begin there.
            self.pass_to(limit);
        }
        Ok((halt != Halt::Odd).then_some(halt))
    }

    /// A leap over at most `tau`, or to the limit, implicit if it is longer than an explicit one may be: the watched
    /// channel that fired, if one did; `None` if something would become negative, and then nothing was done.
    fn try_leap(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
        leaper: &mut Leaper,
        (tau, explicit): (f64, f64),
        limit: f64,
    ) -> Result<Option<Option<usize>>, JumpError> {
        let scheme = self.scheme;
        let values = &self.sums.values;
        let critical_total: f64 = (0..scheme.channels().len()).filter(|&k| leaper.critical[k]).map(|k| values[k]).sum();
        let wait = if critical_total > 0.0 { -libm::log(leaper.unit()) / critical_total } else { f64::INFINITY };
        let step = tau.min(wait).min(limit - self.time);
        let single = match wait <= step {
            true => {
                let share = leaper.unit() * critical_total;
                critical_choice(leaper, values, scheme.channels().len(), share)
            }
            false => None,
        };
        leaper.before.clone_from(&self.x);
        let implicit = step > explicit;
        let (mut fired, mut watched) = (0u64, None);
        for (k, channel) in scheme.channels().iter().enumerate() {
            let Effect::Change(changes) = &channel.effect else { continue };
            let a = self.sums.values[k];
            if leaper.critical[k] || a <= 0.0 || implicit && leaper.balances.holds(k) {
                continue;
            }
            let times = poisson(a * step, &mut || leaper.unit());
            if times > 0.0 {
                fired += times as u64;
                for &(state, change) in changes {
                    self.x[state as usize] += times * change;
                }
                if scheme.is_watched(k) {
                    watched = Some(k);
                }
            }
        }
        let settled = !implicit || self.settle(rates, leaper, step);
        if !settled || scheme.changing().iter().any(|&s| self.x[s as usize] < 0.0 && leaper.before[s as usize] >= 0.0) {
            self.x.clone_from(&leaper.before);
            return Ok(None);
        }
        self.time = if step >= limit - self.time { limit } else { self.time + step };
        // What is in balance fires without being counted, but a leap is some work.
        self.count(fired)?;
        leaper.leaps += 1;
        leaper.implicit_leaps += u64::from(implicit);
        leaper.was_implicit = implicit;
        self.recompute(rates)?;
        // What the leap has used up meanwhile may have made it impossible.
        if let Some(channel) = single.filter(|&k| self.sums.values[k] > 0.0) {
            self.count(1)?;
            if self.carry_out(rates, individuals, channel)?.is_some() {
                watched = Some(channel);
            }
        }
        Ok(Some(watched))
    }

    /// What channels in balance do within a leap; whether it could be found.
    fn settle(&mut self, rates: &dyn Rates, leaper: &mut Leaper, step: f64) -> bool {
        let Leaper { balances, before, philox, run, drawn, .. } = leaper;
        let mut number = || {
            let bits = philox.pair(Purpose::Leap, *run, *drawn)[0];
            *drawn += 1;
            unit(bits)
        };
        self.settle_balances(rates, balances, before, step, &mut number).is_some()
    }
}

/// The critical channel that a share of their sum falls on.
fn critical_choice(leaper: &Leaper, values: &[f64], count: usize, mut share: f64) -> Option<usize> {
    let mut last = None;
    for k in (0..count).filter(|&k| leaper.critical[k] && values[k] > 0.0) {
        last = Some(k);
        if share < values[k] {
            break;
        }
        share -= values[k];
    }
    last
}
