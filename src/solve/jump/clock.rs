//! Propensities that follow the clock alone: between two jumps no state moves, so the hazard is a function of the time,
//! and what it comes to is a matter of quadrature.
//!
//! From the last jump on the hazard is looked at there, at the end of the wait that it promises, and half way. Where
//! Simpson's rule and the trapezoidal one agree to [`TOLERANCE`], the first is far more accurate than that, and the
//! wait is found by Newton's method, for which its derivative is at hand; elsewhere [`super::drift`] integrates in
//! steps. Rates that stand still between turns of the clock are exact.
//!
//! Invariants: no evaluation past the limit; the same event as by [`super::drift`] but for errors of the size of its
//! tolerance.

use super::Rates;
use super::drift::{MET, TOLERANCE};
use super::engine::{Halt, Jumper};
use super::error::JumpError;

/// Each at least squares the error.
const MOST_ITERATIONS: usize = 4;

/// What became of a wait.
pub(super) enum Wait {
    /// The present time has come to the next jump, which is to be carried out.
    Over,
    /// It has come to the limit, or was there.
    Limit,
    /// The hazard changes too much; nothing has happened.
    Rough,
}

impl Jumper<'_> {
    /// Whether it is the clock alone that propensities follow.
    pub(super) fn follows_clock(&self, rates: &dyn Rates) -> bool {
        self.scheme.moving().is_empty() && self.drift.flow.channels.is_empty() && !rates.watches()
    }

    /// Waits for the next jump, up to the limit.
    pub(super) fn wait_by_clock(&mut self, rates: &dyn Rates, limit: f64) -> Result<Wait, JumpError> {
        let left = match self.drift.left {
            Some(left) => left,
            None => self.next_wait()?,
        };
        self.drift.left = Some(left);
        if self.time >= limit {
            return Ok(Wait::Limit);
        }
        let most = limit - self.time;
        let first = self.hazard(rates, self.time, true)?;
        let mut h = (left / first).min(most);
        for _ in 0..MOST_ITERATIONS {
            let middle = self.hazard(rates, self.time + 0.5 * h, false)?;
            let last = self.hazard(rates, if h < most { self.time + h } else { limit }, false)?;
            let sum = h / 6.0 * (first + 4.0 * middle + last);
            let error = (sum - 0.5 * h * (first + last)).abs();
            // Not where something is not a number, either.
            let smooth = error <= TOLERANCE * (1.0 + sum.abs());
            if !smooth {
                break;
            }
            let miss = sum - left;
            if h >= most && miss < 0.0 {
                self.drift.left = Some(-miss);
                self.time = limit;
                return Ok(Wait::Limit);
            }
            let correction = miss / last;
            let beyond = 0.5 * (last - first).abs() * correction * correction / h;
            h = (h - correction).min(most);
            if h.is_nan() || h < 0.0 {
                break;
            }
            if beyond <= MET * left.max(1.0) {
                self.drift.left = None;
                self.time += h;
                return Ok(Wait::Over);
            }
        }
        Ok(Wait::Rough)
    }

    /// As `advance`, where something drifts. While states move, the present time moves on with them. [`Halt::Odd`] if
    /// something can't be counted any more.
    pub(super) fn advance_drifting(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn super::Individuals,
        limit: f64,
    ) -> Result<Halt, JumpError> {
        while !self.is_stopped() {
            let halt = match self.follows_clock(rates) {
                true => match self.wait_by_clock(rates, limit)? {
                    Wait::Over => self.happen(rates, individuals)?,
                    Wait::Limit => Some(Halt::Limit),
                    Wait::Rough => self.drift_on(rates, individuals, limit)?,
                },
                false => self.drift_on(rates, individuals, limit)?,
            };
            if let Some(halt) = halt {
                return Ok(halt);
            }
            if self.hybrid.is_some() {
                return Ok(Halt::Odd);
            }
        }
        Ok(Halt::Stopped)
    }
}
