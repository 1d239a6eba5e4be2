//! The hybrid: what is abundant flows, the rest jumps, and which is which follows the state (after E. L. Haseltine, J. B.
//! Rawlings, J. Chem. Phys. 117, 6959, 2002; A. Alfonsi et al., ESAIM Proc. 14, 2005).
//!
//! A channel flows, that is, fires at its propensity as in the mean field, where every amount that it changes is at least
//! 1/ε² times the change. What such an amount loses of its own noise is then, relatively, about ε at most: births and deaths
//! give a population of n a standard deviation of about √n (T. G. Kurtz, J. Chem. Phys. 57, 2976, 1972). What it only reads
//! may be scarce: a gene that jumps between two states drives a protein that flows, and its noise stays. All other channels
//! jump at the times that the integral of their propensities along the flow gives, without another approximation.
//! A channel jumps again once an amount is below half its bound, and no step ends below a quarter of it.
//!
//! It pays where what could flow fires [`WORTH`] times as often as the rest; elsewhere the run is an exact one, with the same bits.
//!
//! What is too abundant to count, above 2^53, where a number and the next whole one are no longer told apart, flows whether it
//! pays or not, and without being asked to: a channel fires at its propensity where all that it changes is so abundant, and
//! where something else is counted it jumps and changes the abundant amount as far as a number of 53 bits can tell.
//!
//! Invariants: a channel that stops flowing has fired a whole number of times, rounded up or down by chance, so sums that
//! channels keep are kept; amounts that no flowing channel changes are whole. Never flow: what happens to individuals,
//! what changes a state that moves by itself, and watched channels. Pools that individuals take from and give to may flow:
//! they take whole copies of what there is.
//! Deliberately absent: noise of what flows (Langevin terms), implicit steps: stiff flows cost many.

use super::drift::Drift;
use super::engine::{Halt, Jumper, LARGEST_COUNT};
use super::error::JumpError;
use super::scheme::{Effect, Scheme};
use super::{Individuals, Rates};
use crate::solve::random::{Philox, Purpose, unit};

/// Flowing pays from so many firings for each jump on, and until a quarter of that.
pub const WORTH: f64 = 100.0;
/// Events between looks at what could flow, where nothing does.
const LOOK: u64 = 256;

/// The channels that flow, and how far they have come.
#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    /// Ascending.
    pub channels: Vec<u32>,
    /// What they change, ascending, how much of each there must be at a step's end, and what there was at its beginning.
    pub states: Vec<u32>,
    floors: Vec<f64>,
    origin: Vec<f64>,
    /// Firings of each channel since it began to flow, up to the beginning of the step, and in the step.
    extents: Vec<f64>,
    firings: Vec<f64>,
    /// Channels whose propensities are not among the sums because something flows.
    apart: Vec<u32>,
    /// Firings per second in the last step.
    paces: Vec<f64>,
    /// Whether each channel flows; empty if none does.
    all: Vec<bool>,
}

impl Flow {
    /// A step begins here.
    pub fn begin(&mut self, x: &[f64]) {
        self.origin.clear();
        self.origin.extend(self.states.iter().map(|&s| x[s as usize]));
    }

    /// Back to where the step began.
    pub fn restore(&self, x: &mut [f64]) {
        for (&state, origin) in self.states.iter().zip(&self.origin) {
            x[state as usize] = *origin;
        }
    }

    /// Adds what the channel at a position does by firing so often within the step.
    pub fn stand(&mut self, scheme: &Scheme, position: usize, firings: f64, x: &mut [f64]) {
        self.firings[position] = firings;
        add(scheme, self.channels[position], firings, x);
    }

    /// Whether something has become too scarce to flow within the step.
    pub fn sunk(&self, x: &[f64]) -> bool {
        self.states.iter().zip(&self.floors).any(|(&s, floor)| x[s as usize] < *floor)
    }

    /// The step stands as it was tried last, `h` seconds long.
    pub fn go_on(&mut self, h: f64) {
        self.extents.iter_mut().zip(&self.firings).for_each(|(extent, firings)| *extent += firings);
        self.paces.iter_mut().zip(&self.firings).for_each(|(pace, firings)| *pace = firings / h);
    }

    /// Adds what flows in `h` seconds at the pace of the last step; whether something is too scarce for that to go on as long
    /// again.
    pub fn lead(&self, scheme: &Scheme, h: f64, x: &mut [f64]) -> bool {
        let before: Vec<f64> = self.states.iter().map(|&s| x[s as usize]).collect();
        for (&channel, pace) in self.channels.iter().zip(&self.paces) {
            add(scheme, channel, pace * h, x);
        }
        let mut states = self.states.iter().zip(before).zip(&self.floors);
        states.any(|((&s, before), floor)| 2.0 * x[s as usize] - before < *floor)
    }

    /// Firings per second of a channel in the last step.
    fn pace(&self, channel: u32) -> f64 {
        self.channels.binary_search(&channel).ok().and_then(|position| self.paces.get(position)).copied().unwrap_or(0.0)
    }

    pub fn flows(&self, channel: usize) -> bool {
        self.all.get(channel).copied().unwrap_or(false)
    }
}

/// What decides who flows.
#[derive(Clone, Debug)]
pub(super) struct Hybrid {
    /// `None` if only what can't be counted flows.
    epsilon: Option<f64>,
    /// 1/ε².
    least: f64,
    able: Vec<bool>,
    flowing: Vec<bool>,
    philox: Philox,
    run: u64,
    drawn: u64,
}

impl Hybrid {
    fn new(scheme: &Scheme, (philox, run): (Philox, u64), epsilon: Option<f64>) -> Hybrid {
        let channels = scheme.channels();
        let mut kept = vec![false; scheme.states()];
        scheme.moving().iter().for_each(|&s| kept[s as usize] = true);
        let able = |(k, channel): (usize, &super::Channel)| match &channel.effect {
            Effect::Change(changes) => !scheme.is_watched(k) && changes.iter().all(|(s, _)| !kept[*s as usize]),
            Effect::Individual { .. } => false,
        };
        Hybrid {
            epsilon,
            least: epsilon.map_or(LARGEST_COUNT, |epsilon| 1.0 / (epsilon * epsilon)),
            able: channels.iter().enumerate().map(able).collect(),
            flowing: vec![false; channels.len()],
            philox,
            run,
            drawn: 0,
        }
    }

    /// Who should flow at present.
    fn wanted(&self, jumper: &Jumper<'_>, rates: &dyn Rates) -> Vec<bool> {
        let channels = jumper.scheme.channels();
        let (mut fast, mut slow) = (0.0, 0.0);
        let (mut wanted, mut uncounted) = (vec![false; channels.len()], vec![false; channels.len()]);
        for (k, channel) in channels.iter().enumerate() {
            let held = if self.flowing[k] { 0.5 } else { 1.0 };
            if let Effect::Change(changes) = &channel.effect
                && self.able[k]
            {
                let each =
                    |least: f64| changes.iter().all(|(s, change)| jumper.x[*s as usize] >= held * least * change.abs());
                (wanted[k], uncounted[k]) = (each(self.least), each(LARGEST_COUNT));
            }
            let apart = channel.drifts || jumper.drift.flow.apart.binary_search(&(k as u32)).is_ok();
            let rate = if apart { jumper.propensity_at(rates, k, jumper.time) } else { jumper.sums.values[k] };
            if wanted[k] { fast += rate } else { slow += rate }
        }
        let worth = if jumper.drift.flow.channels.is_empty() { WORTH } else { 0.25 * WORTH };
        if fast > 0.0 && fast >= worth * slow { wanted } else { uncounted }
    }

    /// A whole number near `firings`, with that mean.
    fn round(&mut self, firings: f64) -> f64 {
        let chance = unit(self.philox.pair(Purpose::Leap, self.run, self.drawn)[0]);
        self.drawn += 1;
        (firings + (1.0 - chance)).floor()
    }
}

impl Jumper<'_> {
    /// From now on what is abundant flows, with `epsilon` for the relative noise that this may cost.
    pub fn let_flow(&mut self, seed: u64, run: u64, epsilon: f64) {
        self.hybrid = Some(Box::new(Hybrid::new(self.scheme, (Philox::new(seed), run), Some(epsilon))));
    }

    /// From now on what can't be counted flows.
    pub(super) fn let_the_uncounted_flow(&mut self) {
        let Jumper { scheme, draws, hybrid, .. } = self;
        hybrid.get_or_insert_with(|| Box::new(Hybrid::new(scheme, draws.key(), None)));
    }

    /// As `advance`, for a hybrid. While something flows the present time moves on with the integration.
    pub(super) fn advance_hybrid(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
        limit: f64,
    ) -> Result<Halt, JumpError> {
        while !self.is_stopped() {
            self.divide(rates)?;
            if self.scheme.drifts() || !self.drift.flow.channels.is_empty() {
                if let Some(halt) = self.flow_on(rates, individuals, limit)? {
                    return Ok(halt);
                }
                continue;
            }
            let halt = self.advance_by(rates, individuals, limit, self.events() + LOOK)?;
            if halt != Halt::Odd {
                return Ok(halt);
            }
        }
        Ok(Halt::Stopped)
    }

    /// A stride, or one step or jump.
    fn flow_on(
        &mut self,
        rates: &dyn Rates,
        individuals: &mut dyn Individuals,
        limit: f64,
    ) -> Result<Option<Halt>, JumpError> {
        if let Some(epsilon) = self.hybrid.as_ref().and_then(|hybrid| hybrid.epsilon)
            && self.may_stride(rates)
            && let Some(halt) = self.stride(rates, individuals, (limit, epsilon))?
        {
            return Ok(halt);
        }
        if std::mem::take(&mut self.drift.stride.whole_sums) {
            self.set_apart();
        }
        self.drift_on(rates, individuals, limit)
    }

    /// Decides anew who flows.
    fn divide(&mut self, rates: &dyn Rates) -> Result<(), JumpError> {
        let Some(mut hybrid) = self.hybrid.take() else { return Ok(()) };
        let wanted = hybrid.wanted(self, rates);
        let changed = wanted != hybrid.flowing;
        if changed {
            let flowed = !self.drift.flow.channels.is_empty();
            self.set_flow(&mut hybrid, wanted);
            if flowed && self.drift.flow.channels.is_empty() && !self.scheme.drifts() {
                // Waits for the next event have no memory.
                self.drift.left = None;
                self.pass_to(self.time);
            }
        }
        self.hybrid = Some(hybrid);
        if changed { self.recompute(rates) } else { Ok(()) }
    }

    /// Makes these channels flow. Propensities are to be computed anew.
    fn set_flow(&mut self, hybrid: &mut Hybrid, wanted: Vec<bool>) {
        let old = std::mem::take(&mut self.drift.flow);
        let mut extents = vec![0.0; wanted.len()];
        for (&channel, extent) in old.channels.iter().zip(&old.extents) {
            if wanted[channel as usize] {
                extents[channel as usize] = *extent;
            } else {
                let rest = hybrid.round(*extent) - extent;
                add(self.scheme, channel, rest, &mut self.x);
            }
        }
        let mut flow = Flow::of(self.scheme, &wanted, &extents, hybrid.least);
        flow.paces = flow.channels.iter().map(|channel| old.pace(*channel)).collect();
        for &state in old.states.iter().filter(|s| flow.states.binary_search(s).is_err()) {
            // Apart from errors of rounding it is whole.
            self.x[state as usize] = self.x[state as usize].round();
        }
        let scheme = self.scheme;
        let reads = |k: &u32| scheme.channels()[*k as usize].reads.iter().any(|s| flow.states.binary_search(s).is_ok());
        let all = 0..scheme.channels().len() as u32;
        let flows = |k: &u32| wanted[*k as usize];
        self.drift.drifting =
            all.filter(|k| !flows(k) && (scheme.channels()[*k as usize].drifts || reads(k))).collect();
        self.drift.flow = flow;
        self.drift.flow.apart = self.drift.drifting.iter().chain(&self.drift.flow.channels).copied().collect();
        self.drift.flow.apart.sort_unstable();
        hybrid.flowing = wanted;
    }

    /// Rounds what has flowed to whole firings. The run must be placed before it goes on.
    pub fn make_whole(&mut self) {
        if let Some(mut hybrid) = self.hybrid.take() {
            let none = vec![false; hybrid.flowing.len()];
            self.set_flow(&mut hybrid, none);
            self.hybrid = Some(hybrid);
        }
    }

    /// The state is another: nothing has flowed.
    pub(super) fn forget_flow(&mut self) {
        if let Some(hybrid) = &mut self.hybrid {
            hybrid.flowing.fill(false);
            self.drift = Drift::new(self.scheme);
        }
    }

    /// Takes propensities that are integrated along out of the sums.
    pub(super) fn set_apart(&mut self) {
        if self.drift.flow.channels.is_empty() {
            return;
        }
        for &channel in &self.drift.flow.apart {
            self.sums.values[channel as usize] = 0.0;
        }
        self.sums.refresh_all(self.scheme.layout());
    }
}

impl Flow {
    fn of(scheme: &Scheme, wanted: &[bool], extents: &[f64], least: f64) -> Flow {
        let channels: Vec<u32> = (0u32..).zip(wanted).filter(|(_, w)| **w).map(|(k, _)| k).collect();
        let mut largest: Vec<(u32, f64)> = Vec::new();
        for &channel in &channels {
            if let Effect::Change(changes) = &scheme.channels()[channel as usize].effect {
                largest.extend(changes.iter().map(|(s, change)| (*s, change.abs())));
            }
        }
        // Of each state the largest change comes first.
        largest.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        largest.dedup_by_key(|(state, _)| *state);
        Flow {
            states: largest.iter().map(|(state, _)| *state).collect(),
            floors: largest.iter().map(|(_, change)| 0.25 * least * change).collect(),
            origin: Vec::new(),
            extents: channels.iter().map(|&k| extents[k as usize]).collect(),
            firings: vec![0.0; channels.len()],
            apart: Vec::new(),
            paces: Vec::new(),
            all: wanted.to_vec(),
            channels,
        }
    }
}

/// What a channel changes by firing so often.
fn add(scheme: &Scheme, channel: u32, firings: f64, x: &mut [f64]) {
    if let Effect::Change(changes) = &scheme.channels()[channel as usize].effect {
        for &(state, change) in changes {
            x[state as usize] += change * firings;
        }
    }
}
