//! Propensities that change between jumps: with the time, or with states that move by themselves.
//!
//! The next event comes when the hazard, the integral of the sum of all propensities, has reached an exponential number of
//! mean 1 (as A. Alfonsi et al., ESAIM Proc. 14, 2005, have it for hybrid models). Hazard and moving states are integrated
//! together by the method of Dormand and Prince, J. Comput. Appl. Math. 6 (1980), 5(4); where the hazard passes the number
//! within a step, the step is shortened until it ends there. So there is no bound to find and nothing to reject, and the
//! only error is that of the integration, kept below [`TOLERANCE`].
//!
//! Channels that flow ([`super::hybrid`]) are moving states too: of each how often it has fired, a real number.
//!
//! Invariants: no evaluation past the limit; channels that neither drift nor flow keep their propensities in the sums.

use super::engine::{Halt, Jumper};
use super::error::{Fault, JumpError};
use super::hybrid::Flow;
use super::scheme::Scheme;
use super::stride::Stride;
use super::{Individuals, Rates};

/// Of a step: of the hazard as it is, of a moving state relative to what it is, or to one.
pub(super) const TOLERANCE: f64 = 1e-8;
/// The same of firings that flow, relative to the least amount that they change.
const FLOW_TOLERANCE: f64 = 1e-6;
/// The hazard is met when it is as near as this.
pub(super) const MET: f64 = 1e-12;
const STAGES: usize = 7;

const C: [f64; STAGES] = [0.0, 1.0 / 5.0, 3.0 / 10.0, 4.0 / 5.0, 8.0 / 9.0, 1.0, 1.0];
const A: [[f64; 6]; STAGES] = [
    [0.0; 6],
    [1.0 / 5.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [3.0 / 40.0, 9.0 / 40.0, 0.0, 0.0, 0.0, 0.0],
    [44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0, 0.0, 0.0, 0.0],
    [19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0, 0.0, 0.0],
    [9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0, 0.0],
    [35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];
/// The fifth-order weights less those of fourth order.
const E: [f64; STAGES] =
    [71.0 / 57600.0, 0.0, -71.0 / 16695.0, 71.0 / 1920.0, -17253.0 / 339200.0, 22.0 / 525.0, -1.0 / 40.0];

/// What the integration needs between events.
#[derive(Clone, Debug)]
pub(super) struct Drift {
    /// What the hazard must still reach until the next event, if that is known.
    pub left: Option<f64>,
    /// Channels that jump, with propensities that change between jumps.
    pub drifting: Vec<u32>,
    pub flow: Flow,
    /// The step that the last one's error allows, in seconds.
    pub step: Option<f64>,
    /// The sum of propensities of what jumps, as last seen.
    pub hazard: f64,
    pub stride: Stride,
    /// The moving states where the step began.
    start: Vec<f64>,
    /// Slopes of the moving states, then of the channels that flow, then of the hazard, by stage.
    slopes: [Vec<f64>; STAGES],
}

impl Drift {
    pub fn new(scheme: &Scheme) -> Drift {
        Drift {
            left: None,
            drifting: scheme.drifting().to_vec(),
            flow: Flow::default(),
            step: None,
            hazard: 0.0,
            stride: Stride::default(),
            start: Vec::new(),
            slopes: Default::default(),
        }
    }

    /// What a stage adds to the start, for a step of length 1.
    fn towards(&self, stage: usize, i: usize) -> f64 {
        (0..stage).map(|before| A[stage][before] * self.slopes[before][i]).sum()
    }

    /// The difference between fifth and fourth order, for a step of length 1.
    fn error(&self, i: usize) -> f64 {
        (0..STAGES).map(|s| E[s] * self.slopes[s][i]).sum()
    }
}

/// A trial step from the present time.
pub(super) struct Trial {
    hazard: f64,
    /// Largest share of the tolerance.
    error: f64,
}

impl Jumper<'_> {
    /// One step of the integration, with the event at its end if there is one; the reason to stop, if there is one.
    pub(super) fn drift_on(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
        limit: f64,
    ) -> Result<Option<Halt>, JumpError> {
        let left = match self.drift.left {
            Some(left) => left,
            None => self.next_wait()?,
        };
        self.drift.left = Some(left);
        if self.time >= limit {
            return Ok(Some(Halt::Limit));
        }
        let (mut h, trial) = self.accurate_step(rates, limit, true)?;
        let event = trial.hazard >= left;
        if event {
            h = self.meet(rates, h, trial.hazard, left)?;
        }
        if let Some(turn) = self.first_turn(rates, h)? {
            let hazard = self.trial(rates, turn, true)?.hazard;
            self.drift.left = Some((left - hazard).max(0.0));
            self.time += turn;
            self.drift.flow.go_on(turn);
            return Ok(Some(Halt::Turned));
        }
        self.drift.flow.go_on(h);
        self.time = if !event && h >= limit - self.time { limit } else { self.time + h };
        if !event {
            self.drift.left = Some(left - trial.hazard);
            return Ok(None);
        }
        self.drift.left = None;
        self.happen(rates, individuals)
    }

    /// A step no longer than to the limit with an error within the tolerance; its end is in `x`. If `jumps` are not heeded, the
    /// hazard is left out, and nothing is too scarce.
    pub(super) fn accurate_step(
        &mut self,
        rates: &dyn Rates,
        limit: f64,
        jumps: bool,
    ) -> Result<(f64, Trial), JumpError> {
        self.drift.start.clear();
        self.drift.start.extend(self.scheme.moving().iter().map(|&s| self.x[s as usize]));
        self.drift.flow.begin(&self.x);
        let most = limit - self.time;
        let mut h = self.drift.step.map_or(most, |step| step.min(most));
        loop {
            let trial = self.trial(rates, h, jumps)?;
            let sunk = jumps && self.drift.flow.sunk(&self.x);
            if trial.error <= 1.0 && !sunk {
                let grown = h * (0.9 * trial.error.max(1e-10).powf(-0.2)).clamp(0.2, 5.0);
                // A step cut short by the limit says nothing against a longer one.
                self.drift.step = Some(self.drift.step.filter(|s| h < *s).map_or(grown, |s| s.max(grown)));
                return Ok((h, trial));
            }
            let shrink = if trial.error.is_finite() { 0.9 * trial.error.powf(-0.2) } else { 0.1 };
            h *= shrink.clamp(0.1, if sunk { 0.5 } else { 0.9 });
            self.drift.step = Some(h);
            if self.time + h <= self.time {
                self.restore();
                self.hazard(rates, self.time, true)?;
                return Err(self.error(Fault::StepUnderflow));
            }
        }
    }

    /// Puts the moving states back to where the step began.
    fn restore(&mut self) {
        for (&state, start) in self.scheme.moving().iter().zip(&self.drift.start) {
            self.x[state as usize] = *start;
        }
        self.drift.flow.restore(&mut self.x);
    }

    /// One step of that length from where the step began; its end is in `x`.
    fn trial(&mut self, rates: &dyn Rates, h: f64, jumps: bool) -> Result<Trial, JumpError> {
        let moving = self.scheme.moving();
        let width = moving.len() + self.drift.flow.channels.len();
        for (stage, c) in C.into_iter().enumerate() {
            self.stand(stage, h);
            let t = self.time + c * h;
            let hazard = if jumps { self.hazard(rates, t, stage == 0)? } else { 0.0 };
            let mut slopes = std::mem::take(&mut self.drift.slopes[stage]);
            slopes.clear();
            slopes.resize(moving.len(), 0.0);
            if !moving.is_empty() {
                rates.moves(t, &self.x, &mut slopes);
            }
            for &channel in &self.drift.flow.channels {
                slopes.push(self.sound(rates, channel as usize, t, stage == 0)?);
            }
            slopes.push(hazard);
            self.drift.slopes[stage] = slopes;
        }
        if jumps && let Some(hazard) = self.drift.slopes[0].last() {
            self.drift.hazard = *hazard;
        }
        // The last stage stands at the end of the step, with the weights of fifth order.
        let hazard = h * self.drift.towards(STAGES - 1, width);
        let mut error = (h * self.drift.error(width)).abs() / (TOLERANCE * (1.0 + hazard.abs()));
        for (i, &state) in moving.iter().enumerate() {
            let scale = TOLERANCE * self.x[state as usize].abs().max(self.drift.start[i].abs()).max(1.0);
            error = error.max((h * self.drift.error(i)).abs() / scale);
        }
        for (j, &channel) in self.drift.flow.channels.iter().enumerate() {
            let scale = FLOW_TOLERANCE * self.scheme.least_changed(channel as usize, &self.x);
            error = error.max((h * self.drift.error(moving.len() + j)).abs() / scale);
        }
        let mut moved = moving.iter().chain(&self.drift.flow.states);
        let finite = hazard.is_finite() && moved.all(|&s| self.x[s as usize].is_finite());
        Ok(Trial { hazard, error: if finite && !error.is_nan() { error } else { f64::INFINITY } })
    }

    /// Puts the state where a stage of a step looks at it.
    fn stand(&mut self, stage: usize, h: f64) {
        let Jumper { scheme, drift, x, .. } = self;
        let moving = scheme.moving();
        for (i, &state) in moving.iter().enumerate() {
            x[state as usize] = drift.start[i] + h * drift.towards(stage, i);
        }
        drift.flow.restore(x);
        for j in 0..drift.flow.channels.len() {
            let firings = h * drift.towards(stage, moving.len() + j);
            drift.flow.stand(scheme, j, firings, x);
        }
    }

    /// The sum of all propensities; faults are told where the state is a real one.
    pub(super) fn hazard(&self, rates: &dyn Rates, t: f64, real: bool) -> Result<f64, JumpError> {
        let mut total = self.sums.total(self.scheme.layout());
        for &channel in &self.drift.drifting {
            total += self.sound(rates, channel as usize, t, real)?;
        }
        Ok(total)
    }

    /// A propensity, looked through if the state is a real one.
    pub(super) fn sound(&self, rates: &dyn Rates, channel: usize, t: f64, real: bool) -> Result<f64, JumpError> {
        let value = self.propensity_at(rates, channel, t);
        if real && !(0.0..f64::INFINITY).contains(&value) {
            let fault = if value < 0.0 { Fault::Negative { channel, value } } else { Fault::NotFinite { channel } };
            return Err(JumpError { t, fault });
        }
        Ok(value)
    }

    /// The length of step over which the hazard comes to `left`, given what it comes to over `most`: by false position,
    /// the end that stays put counting half (Dowell, Jarratt, BIT 11, 1971).
    fn meet(&mut self, rates: &dyn Rates, most: f64, hazard: f64, left: f64) -> Result<f64, JumpError> {
        let (mut low, mut high) = ((0.0, -left), (most, hazard - left));
        let mut kept = 0;
        loop {
            if high.1 <= MET * left.max(1.0) || high.0 - low.0 <= f64::EPSILON * (self.time + high.0) {
                self.trial(rates, high.0, true)?;
                return Ok(high.0);
            }
            let mut h = low.0 - low.1 * (high.0 - low.0) / (high.1 - low.1);
            if !(h > low.0 && h < high.0) {
                h = 0.5 * (low.0 + high.0);
            }
            if h <= low.0 || h >= high.0 {
                self.trial(rates, high.0, true)?;
                return Ok(high.0);
            }
            let miss = self.trial(rates, h, true)?.hazard - left;
            if miss.abs() <= MET * left.max(1.0) {
                return Ok(h);
            }
            if miss < 0.0 {
                low = (h, miss);
                if kept == 1 {
                    high.1 *= 0.5;
                }
                kept = 1;
            } else {
                high = (h, miss);
                if kept == -1 {
                    low.1 *= 0.5;
                }
                kept = -1;
            }
        }
    }

    /// The first length of step, up to `h`, at which a condition that the caller watches has turned, as far as a look at
    /// every quarter shows. `x` is at the end of the step that stands.
    fn first_turn(&mut self, rates: &dyn Rates, h: f64) -> Result<Option<f64>, JumpError> {
        if !rates.watches() {
            return Ok(None);
        }
        for quarter in 1..=4 {
            let (mut from, mut to) = (h * f64::from(quarter - 1) / 4.0, h * f64::from(quarter) / 4.0);
            self.trial(rates, to, true)?;
            if !rates.turned(self.time + to, &self.x) {
                continue;
            }
            while to - from > f64::EPSILON * (self.time + to) {
                let middle = 0.5 * (from + to);
                if middle <= from || middle >= to {
                    break;
                }
                self.trial(rates, middle, true)?;
                if rates.turned(self.time + middle, &self.x) { to = middle } else { from = middle }
            }
            return Ok(Some(to));
        }
        Ok(None)
    }

    /// An event at the present time: which, and what follows.
    pub(super) fn happen(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
    ) -> Result<Option<Halt>, JumpError> {
        let layout = self.scheme.layout();
        let still = self.sums.total(layout);
        let total = self.hazard(rates, self.time, true)?;
        let mut share = self.draws.uniforms[self.draws.position] * total;
        self.draws.position += 1;
        self.events += 1;
        let channel = if share < still {
            self.sums.find(layout, share)
        } else {
            share -= still;
            let mut chosen = None;
            for &channel in &self.drift.drifting {
                let value = self.propensity_at(rates, channel as usize, self.time);
                if value > 0.0 {
                    chosen = Some(channel as usize);
                    if share < value {
                        break;
                    }
                    share -= value;
                }
            }
            match chosen {
                Some(channel) => channel,
                None => return Ok(None),
            }
        };
        let halt = self.carry_out(rates, individuals, channel)?;
        self.set_apart();
        Ok(halt)
    }
}
