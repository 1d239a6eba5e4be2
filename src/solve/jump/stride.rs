//! Many jumps between two steps of what flows: jumps and flow by turns, with the middle of each felt by the other.
//!
//! A stride begins at x₀. Jumps happen by their propensities with the flow stopped half a stride ahead, where its pace of
//! late would take it, and come to Δ. Then what flows goes on for the whole stride from x₀ + Δ/2, and the other half of Δ is
//! added. That is a splitting of second order (G. Strang, SIAM J. Numer. Anal. 5, 506, 1968), with jumps in whole copies.
//! A stride is so short that the flow changes no propensity by more than ε, and it ends with the jump that has changed a
//! flowing channel's propensity by more than ε, unless that matters to none of the amounts that this channel changes.
//!
//! It pays where more than [`MANY`] jumps come in a step of the flow, which the times of jumps would otherwise cut to pieces.
//! Invariants: as of [`super::hybrid`]. Deliberately absent: moving states and conditions between jumps; [`super::drift`] has them.

use super::engine::{Halt, Jumper};
use super::error::JumpError;
use super::scheme::Effect;
use super::{Individuals, Rates};

/// Jumps in a step of what flows from which on strides pay.
const MANY: f64 = 8.0;
/// The least share of all jumps for a channel whose change matters.
const MINOR: f64 = 0.01;

/// Where a stride is.
#[derive(Clone, Debug, Default)]
pub(super) struct Stride {
    /// The state at its beginning, where jumps began, and where they ended.
    from: Vec<f64>,
    ahead: Vec<f64>,
    after: Vec<f64>,
    /// Propensities of channels that jump and read what flows, at its beginning.
    before: Vec<f64>,
    /// Propensities of flowing channels where jumps began, by channel.
    paces: Vec<f64>,
    /// Seconds.
    length: f64,
    /// Propensities that follow the flow are among the sums.
    pub whole_sums: bool,
}

impl Jumper<'_> {
    /// Whether so many jumps come in a step that a stride pays.
    pub(super) fn may_stride(&self, rates: &dyn Rates) -> bool {
        let many = |step: f64| step * self.drift.hazard > MANY;
        !self.scheme.drifts() && !rates.watches() && self.drift.step.is_some_and(many)
    }

    /// A stride from the present time. `None` if it is not to be had, and nothing has happened; otherwise the reason to stop,
    /// if there is one.
    pub(super) fn stride(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
        (limit, epsilon): (f64, f64),
    ) -> Result<Option<Option<Halt>>, JumpError> {
        if self.time >= limit {
            return Ok(Some(Some(Halt::Limit)));
        }
        let mut stride = std::mem::take(&mut self.drift.stride);
        let begun = self.begin(rates, &mut stride, limit, epsilon);
        let done = match begun {
            Ok(true) => self.go(rates, individuals, &mut stride, epsilon).map(Some),
            Ok(false) => Ok(None),
            Err(error) => Err(error),
        };
        self.drift.stride = stride;
        done
    }

    /// Chooses how long it is, and puts the flow where jumps are to see it; whether that is worth it.
    fn begin(&mut self, rates: &dyn Rates, stride: &mut Stride, limit: f64, epsilon: f64) -> Result<bool, JumpError> {
        if self.drift.left.take().is_some() {
            // The rest of a wait that was begun is forgotten with its number.
            self.pass_to(self.time);
        }
        let drifting = std::mem::take(&mut self.drift.drifting);
        stride.from.clone_from(&self.x);
        stride.before.clear();
        stride.before.extend(drifting.iter().map(|&k| self.propensity_at(rates, k as usize, self.time)));
        let left = limit - self.time;
        let step = self.drift.step.unwrap_or(left);
        let mut h = step.min(left);
        // A stride that the limit cuts short is worth it all the same.
        let least = 0.25 * MANY / self.drift.hazard;
        let begun = loop {
            self.x.clone_from(&stride.from);
            let sunk = self.drift.flow.lead(self.scheme, 0.5 * h, &mut self.x);
            let mut worst = if sunk { f64::INFINITY } else { 0.0f64 };
            for (&k, before) in drifting.iter().zip(&stride.before) {
                let value = self.sound(rates, k as usize, self.time, true)?;
                self.sums.values[k as usize] = value;
                worst = worst.max((value - before).abs() / before.max(MINOR * self.drift.hazard));
            }
            if worst <= 0.5 * epsilon {
                break true;
            }
            h *= (0.45 * epsilon / worst).clamp(0.1, 0.9);
            if h < least {
                self.x.clone_from(&stride.from);
                break false;
            }
        };
        self.drift.drifting = drifting;
        stride.whole_sums = true;
        self.drift.flow.channels.iter().for_each(|&k| self.sums.values[k as usize] = 0.0);
        self.sums.refresh_all(self.scheme.layout());
        self.drift.hazard = self.total()?;
        stride.paces.resize(self.scheme.channels().len(), 0.0);
        for &k in &self.drift.flow.channels {
            stride.paces[k as usize] = self.propensity_at(rates, k as usize, self.time);
        }
        stride.ahead.clone_from(&self.x);
        stride.length = h;
        Ok(begun)
    }

    /// Jumps, then flow.
    fn go(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
        stride: &mut Stride,
        epsilon: f64,
    ) -> Result<Option<Halt>, JumpError> {
        let begun = self.time;
        let halt = self.jump_on(rates, individuals, stride, epsilon)?;
        let ended = self.time;
        stride.after.clone_from(&self.x);
        for ((x, from), ahead) in self.x.iter_mut().zip(&stride.from).zip(&stride.ahead) {
            *x = from + 0.5 * (*x - ahead);
        }
        self.time = begun;
        while self.time < ended {
            let (h, _) = self.accurate_step(rates, ended, false)?;
            self.drift.flow.go_on(h);
            self.time = if h >= ended - self.time { ended } else { self.time + h };
        }
        for state in self.drift.flow.states.iter().map(|&s| s as usize) {
            stride.after[state] = self.x[state] + 0.5 * (stride.after[state] - stride.ahead[state]);
        }
        self.x.clone_from(&stride.after);
        Ok(halt)
    }

    /// Jumps up to the end of the stride, with the flow stopped; or until one has changed the flow, or is watched.
    fn jump_on(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
        stride: &Stride,
        epsilon: f64,
    ) -> Result<Option<Halt>, JumpError> {
        let scheme = self.scheme;
        let until = self.time + stride.length;
        loop {
            let wait = self.next_wait()?;
            let total = self.total()?;
            let next = self.time + wait / total;
            if !(next < until && total > 0.0) {
                self.pass_to(until);
                return Ok(None);
            }
            self.time = next;
            let share = self.draws.uniforms[self.draws.position] * total;
            self.draws.position += 1;
            self.events += 1;
            let channel = self.sums.find(scheme.layout(), share);
            self.happen_to(individuals, channel)?;
            let mut turned = false;
            for &k in scheme.dependents(channel) {
                let k = k as usize;
                let value = self.sound(rates, k, self.time, true)?;
                if !self.drift.flow.flows(k) {
                    self.sums.values[k] = value;
                    continue;
                }
                let change = (value - stride.paces[k]).abs();
                let matters = || change * stride.length > epsilon * epsilon * scheme.least_changed(k, &self.x);
                turned |= change > epsilon * stride.paces[k] && matters();
            }
            for &group in scheme.groups(channel) {
                self.sums.refresh(scheme.layout(), group as usize);
            }
            if scheme.is_watched(channel) {
                return Ok(Some(Halt::Watched { channel }));
            }
            if turned {
                return Ok(None);
            }
        }
    }

    /// What a firing changes, without what follows from it.
    fn happen_to(&mut self, individuals: &mut dyn Individuals, channel: usize) -> Result<(), JumpError> {
        match &self.scheme.channels()[channel].effect {
            Effect::Change(changes) => changes.iter().for_each(|&(state, change)| self.x[state as usize] += change),
            Effect::Individual { edge, .. } => {
                let states = self.scheme.states();
                let fired = individuals.fire(*edge, self.time, &mut self.x[..states]);
                fired.map_err(|state| self.crowded(state))?;
            }
        }
        Ok(())
    }
}
