//! Channels in balance, for leaps of stiff models: pairs that do and undo the same change so fast that only their
//! equilibrium matters.
//!
//! Such pairs limit no leap (Y. Cao, D. T. Gillespie, L. R. Petzold, J. Chem. Phys. 126, 224101, 2007); what they come
//! to in it is found implicitly, as in M. Rathinam, L. R. Petzold, Y. Cao, D. T. Gillespie, J. Chem. Phys. 119, 12784,
//! 2003. Of each pair the net number of firings ξ is the unknown: with D(x) the difference of its propensities and P
//! its Poisson number at the beginning,
//!
//! > ξ = P − τ D(x₀) + G + τ D(x₀ + what slow channels do + Σ v ξ),
//!
//! rounded to a whole number. An implicit step alone damps the noise of what is in balance, its variance by 1 + λτ/2
//! for one pair that relaxes at λ. G gives that back: it is normal with the covariance τ²/2 Λ S, where Λ = −∂D/∂ξ and S
//! = diag(sum of the propensities). In balance Λ S is symmetric, and linear theory then has the variance of the
//! equilibrium for a step of any length: the covariance C of the equilibrium has Λ C = S/2, and (1 + τΛ) C (1 + τΛ)ᵀ =
//! C + τ S + τ²/2 Λ S.
//!
//! Invariants: numbers of firings are whole. Deliberately absent: fast cycles of more than two channels; they limit
//! leaps as all else does.

use std::collections::BTreeMap;

use super::Rates;
use super::engine::Jumper;
use super::scheme::{Effect, Scheme};
use crate::solve::linear::DenseLu;
use crate::solve::random::{normal_quantile, poisson};

/// The propensities of a pair in balance differ by at most this share of the smaller one; by less in proportion if ε is
/// below [`USUAL`]. What is left of such a difference after a leap is off by at most a tenth of it, relatively to the
/// amounts.
const BALANCED: f64 = 0.05;
const USUAL: f64 = 0.03;
/// What a pair changes must be there so many times for it to be taken as in balance: noise then is a fifth of it.
const PLENTY: f64 = 25.0;
/// Newton's method has found the firings when they change by less than this; they are rounded to whole ones.
const FOUND: f64 = 0.01;
const MOST_ITERATIONS: usize = 20;

/// All channels that change the same amounts in the same way, forth or back.
#[derive(Clone, Debug)]
struct Pair {
    /// What firing forth changes.
    changes: Vec<(u32, f64)>,
    forth: Vec<u32>,
    back: Vec<u32>,
}

/// The pairs of a scheme, and which are in balance at present.
#[derive(Clone, Debug)]
pub(super) struct Balances {
    pairs: Vec<Pair>,
    /// Of each channel.
    pair_of: Vec<Option<u32>>,
    held: Vec<bool>,
    balanced: f64,
}

/// Amounts by which something changes, the first of them positive, as bits that can be compared.
type Change = Vec<(u32, u64)>;

impl Balances {
    pub fn new(scheme: &Scheme, epsilon: f64) -> Balances {
        let mut found: BTreeMap<Change, Pair> = BTreeMap::new();
        for (k, channel) in scheme.channels().iter().enumerate() {
            let Effect::Change(changes) = &channel.effect else { continue };
            let mut changes = changes.clone();
            changes.sort_by_key(|(state, _)| *state);
            let Some(&(_, first)) = changes.first() else { continue };
            // What is looked at between events keeps leaps short.
            if scheme.is_watched(k) || first == 0.0 {
                continue;
            }
            let sign = first.signum();
            changes.iter_mut().for_each(|(_, change)| *change *= sign);
            let key = changes.iter().map(|(state, change)| (*state, change.to_bits())).collect();
            let pair = found.entry(key).or_insert(Pair { changes, forth: Vec::new(), back: Vec::new() });
            if sign > 0.0 { pair.forth.push(k as u32) } else { pair.back.push(k as u32) }
        }
        let pairs: Vec<Pair> = found.into_values().filter(|p| !p.forth.is_empty() && !p.back.is_empty()).collect();
        let mut pair_of = vec![None; scheme.channels().len()];
        for (index, pair) in (0u32..).zip(&pairs) {
            pair.forth.iter().chain(&pair.back).for_each(|&k| pair_of[k as usize] = Some(index));
        }
        Balances { held: vec![false; pairs.len()], pairs, pair_of, balanced: BALANCED * (epsilon / USUAL).min(1.0) }
    }

    /// Decides which pairs are in balance; whether any is.
    pub fn weigh(&mut self, critical: &[bool], values: &[f64], x: &[f64]) -> bool {
        for (pair, held) in self.pairs.iter().zip(&mut self.held) {
            let sum = |channels: &[u32]| channels.iter().map(|&k| values[k as usize]).sum::<f64>();
            let (forth, back) = (sum(&pair.forth), sum(&pair.back));
            let least = forth.min(back);
            let free = pair.forth.iter().chain(&pair.back).all(|&k| !critical[k as usize]);
            let plenty = pair.changes.iter().all(|(state, change)| x[*state as usize] >= PLENTY * change.abs());
            *held = free && plenty && least > 0.0 && (forth - back).abs() <= self.balanced * least;
        }
        self.held.contains(&true)
    }

    /// Whether a channel is in balance with another.
    pub fn holds(&self, channel: usize) -> bool {
        self.pair_of[channel].is_some_and(|pair| self.held[pair as usize])
    }
}

impl Jumper<'_> {
    /// Lets pairs in balance fire for `tau` seconds that began at `x0`, at the propensities that are kept; what all other
    /// channels do in that time is already in the state. `None` if Newton's method finds no state to end in, and then the
    /// state means nothing.
    pub(super) fn settle_balances(
        &mut self,
        rates: &dyn Rates,
        balances: &Balances,
        x0: &[f64],
        tau: f64,
        unit: &mut impl FnMut() -> f64,
    ) -> Option<()> {
        let pairs: Vec<&Pair> =
            balances.pairs.iter().zip(&balances.held).filter(|(_, h)| **h).map(|(p, _)| p).collect();
        let values = &self.sums.values;
        let mut given = Vec::with_capacity(pairs.len());
        let mut spread = Vec::with_capacity(pairs.len());
        for pair in &pairs {
            let (mut net, mut sum, mut difference) = (0.0, 0.0, 0.0);
            for (channels, sign) in [(&pair.forth, 1.0), (&pair.back, -1.0)] {
                for value in channels.iter().map(|&k| values[k as usize]) {
                    let times = poisson(value * tau, unit);
                    net += sign * times;
                    sum += value;
                    difference += sign * value;
                }
            }
            given.push(net - tau * difference);
            spread.push(sum);
        }
        let base = self.x.clone();
        self.x[..x0.len()].copy_from_slice(x0);
        let slopes = self.slopes(rates, &pairs);
        self.x.copy_from_slice(&base);
        add_damped(&mut given, &slopes, &spread, tau, unit);
        let extents = self.implicit(rates, &pairs, &slopes, &given, tau)?;
        self.x.copy_from_slice(&base);
        for (pair, extent) in pairs.iter().zip(&extents) {
            pair.add(extent.round(), &mut self.x);
        }
        Some(())
    }

    /// By how much more often each pair fires forth than back, per second.
    fn differences(&self, rates: &dyn Rates, pairs: &[&Pair]) -> Vec<f64> {
        let sum = |channels: &[u32]| -> f64 {
            channels.iter().map(|&k| self.propensity_at(rates, k as usize, self.time)).sum()
        };
        pairs.iter().map(|pair| sum(&pair.forth) - sum(&pair.back)).collect()
    }

    /// −∂D/∂ξ at the present state by differences, a column for each ξ.
    fn slopes(&mut self, rates: &dyn Rates, pairs: &[&Pair]) -> Vec<Vec<f64>> {
        let mut columns = Vec::with_capacity(pairs.len());
        let here = self.x.clone();
        for pair in pairs {
            // Central, so that it is exact for pairs that meet.
            let (mut ahead, mut behind) = (Vec::new(), Vec::new());
            for (step, found) in [(1.0, &mut ahead), (-1.0, &mut behind)] {
                pair.add(step, &mut self.x);
                *found = self.differences(rates, pairs);
                self.x.copy_from_slice(&here);
            }
            columns.push(ahead.iter().zip(&behind).map(|(a, b)| 0.5 * (b - a)).collect());
        }
        columns
    }

    /// The ξ with ξ = given + τ D(x + Σ v ξ), x the present state, which is lost. By Newton's method with one matrix.
    fn implicit(
        &mut self,
        rates: &dyn Rates,
        pairs: &[&Pair],
        slopes: &[Vec<f64>],
        given: &[f64],
        tau: f64,
    ) -> Option<Vec<f64>> {
        let base = self.x.clone();
        let mut matrix = DenseLu::new(pairs.len());
        for (j, slopes) in slopes.iter().enumerate() {
            for (i, (entry, slope)) in matrix.column_mut(j).iter_mut().zip(slopes).enumerate() {
                *entry = tau * slope + f64::from(u8::from(i == j));
            }
        }
        matrix.factor().ok()?;
        let mut extents = vec![0.0; pairs.len()];
        for _ in 0..MOST_ITERATIONS {
            self.x.copy_from_slice(&base);
            pairs.iter().zip(&extents).for_each(|(pair, extent)| pair.add(*extent, &mut self.x));
            let differences = self.differences(rates, pairs);
            let mut step: Vec<f64> =
                (extents.iter().zip(given).zip(&differences)).map(|((xi, given), d)| given + tau * d - xi).collect();
            matrix.solve(&mut step);
            extents.iter_mut().zip(&step).for_each(|(extent, step)| *extent += step);
            if !extents.iter().all(|extent| extent.is_finite()) {
                return None;
            }
            if step.iter().all(|step| step.abs() < FOUND) {
                return Some(extents);
            }
        }
        None
    }
}

impl Pair {
    fn add(&self, firings: f64, x: &mut [f64]) {
        for &(state, change) in &self.changes {
            x[state as usize] += change * firings;
        }
    }
}

/// Adds the noise that an implicit step takes away: normal numbers of covariance τ²/2 Λ S, by its Cholesky factor.
fn add_damped(given: &mut [f64], slopes: &[Vec<f64>], spread: &[f64], tau: f64, unit: &mut impl FnMut() -> f64) {
    let n = given.len();
    let covariance = |i: usize, j: usize| 0.25 * tau * tau * (slopes[j][i] * spread[j] + slopes[i][j] * spread[i]);
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let done: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let left: f64 = covariance(i, j) - done;
            factor[i][j] = match i == j {
                true => left.max(0.0).sqrt(),
                false if factor[j][j] > 0.0 => left / factor[j][j],
                false => 0.0,
            };
        }
    }
    // Half a grain below, so that it is never 1.
    let normals: Vec<f64> = (0..n).map(|_| normal_quantile(unit() - f64::EPSILON / 4.0)).collect();
    for (given, row) in given.iter_mut().zip(&factor) {
        *given += row.iter().zip(&normals).map(|(factor, normal)| factor * normal).sum::<f64>();
    }
}
