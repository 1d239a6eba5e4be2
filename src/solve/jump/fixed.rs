//! Sums of propensities in fixed point, for many channels: a propensity is kept as a whole number of quanta, so that
//! adding to a sum and taking from it is exact, and a firing changes sums by differences instead of adding groups up
//! anew.
//!
//! Propensities are rounded to half a quantum, and the total is kept between 2^40 and 2^52 quanta by changing the
//! quantum: a channel's share of the total is exact to 2^-41 of it, about as fine as a random number of 53 bits can
//! tell.
//!
//! Invariants: after every event each leaf is its propensity in quanta and each sum is the exact sum of its members,
//! whatever happened before; a quantum changes with what happens in the run alone, never with where the caller looks. A
//! channel whose propensity is zero is never found.

use super::engine::{Halt, Jumper, Law};
use super::error::Fault;
use super::scheme::{CHANGES, DEPENDENTS, Row, Scheme};
use super::sums::{GROUP, find_in};
use super::{BATCH, Rates};

/// A number of quanta below this is the mantissa of a double: 2^52.
const LIMIT: f64 = 4_503_599_627_370_496.0;
/// The total, in quanta, that a new quantum is chosen for, by powers of 2, and below which it is.
const AIM: i32 = 48;
const LEAST: i64 = 1 << 40;
/// A total above this is too large: 2^52 quanta must be a number.
const LARGEST: f64 = 1e290;
/// Levels of eight that loops are compiled for; as many leaves as the last holds there are never.
const LEVELS: [usize; 5] = [3, 4, 5, 6, 11];
const MOST_LEVELS: usize = LEVELS[LEVELS.len() - 1];

/// Propensities in quanta and their sums, eight to a group.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    /// One of [`LEVELS`].
    levels: usize,
    /// Where each level begins, leaves first; the last is one group.
    at: [usize; MOST_LEVELS],
    sums: Vec<i64>,
    total: i64,
    /// A power of 2.
    quantum: f64,
    /// 2^52 quanta: a double of that size counts in quanta.
    base: f64,
}

/// To the nearest whole number of quanta, of which `base` is 2^52; what is negative, not a number or too large comes out
/// below 0 or not below 2^52.
#[inline(always)]
fn fix(value: f64, base: f64) -> i64 {
    (value + base).to_bits().wrapping_sub(base.to_bits()) as i64
}

/// Whether any of the numbers that were joined by `or` is out of the range of [`fix`].
#[inline(always)]
fn beyond(joined: i64) -> bool {
    (joined as u64) >> 52 != 0
}

impl Fixed {
    /// All zero, for so many leaves.
    pub fn new(leaves: usize) -> Fixed {
        let needed = |levels: &&usize| GROUP.checked_pow(**levels as u32).is_none_or(|most| most >= leaves);
        let levels = LEVELS.iter().find(needed).copied().unwrap_or(MOST_LEVELS);
        let (mut at, mut end, mut members) = ([0; MOST_LEVELS], 0, leaves);
        for start in &mut at[..levels] {
            *start = end;
            members = members.div_ceil(GROUP).max(1);
            end += members * GROUP;
        }
        Fixed { levels, at, sums: vec![0; end], total: 0, quantum: 1.0, base: LIMIT }
    }

    /// Takes over all propensities, of which none is negative, with a quantum that fits them; whether there is one.
    pub fn fill(&mut self, values: &[f64]) -> bool {
        let total: f64 = values.iter().sum();
        self.sums.fill(0);
        self.total = 0;
        if !(total > 0.0 && total < LARGEST) {
            return total == 0.0;
        }
        // The exponent of the total; of a subnormal one as good as.
        let exponent = (total.to_bits() >> 52) as i32 - 1023;
        self.quantum = power_of_two((exponent - AIM).max(-1000));
        self.base = LIMIT * self.quantum;
        for (k, value) in values.iter().enumerate() {
            self.sums[k] = fix(*value, self.base);
            self.total += self.sums[k];
        }
        for level in 1..self.levels {
            let (below, start) = (self.at[level - 1], self.at[level]);
            for (group, first) in (below..start).step_by(GROUP).enumerate() {
                self.sums[start + group] = self.sums[first..first + GROUP].iter().sum();
            }
        }
        true
    }

    /// The sum of all propensities.
    pub fn total(&self) -> f64 {
        self.total as f64 * self.quantum
    }

    /// Another quantum, if propensities are sound.
    #[cold]
    fn refill(&mut self, values: &[f64]) -> bool {
        values.iter().all(|value| (0.0..f64::INFINITY).contains(value)) && self.fill(values)
    }

    /// Whether the quantum has become too coarse.
    #[inline(always)]
    fn is_coarse(&self) -> bool {
        self.total < LEAST
    }

    /// Puts a propensity in its place; gives the number of quanta, to be looked at with [`beyond`].
    #[inline(always)]
    fn set<const L: usize>(&mut self, leaf: usize, value: f64) -> i64 {
        let quanta = fix(value, self.base);
        let change = quanta.wrapping_sub(self.sums[leaf]);
        self.sums[leaf] = quanta;
        let mut member = leaf;
        for start in &self.at[1..L] {
            member /= GROUP;
            let sum = &mut self.sums[start + member];
            *sum = sum.wrapping_add(change);
        }
        self.total = self.total.wrapping_add(change);
        quanta
    }

    /// The leaf in whose part of the total `share` lies, given 0 ≤ share < total.
    #[inline(always)]
    fn find<const L: usize>(&self, mut share: i64) -> usize {
        let mut group = 0;
        for start in self.at[..L].iter().rev() {
            let members = self.sums[start + group * GROUP..].first_chunk().expect("a group is whole");
            let (member, rest) = find_in(members, share);
            (group, share) = (group * GROUP + member, rest);
        }
        group
    }

    /// That part of the total, of a random number in (0, 1] with 53 bits: below the total.
    #[inline(always)]
    fn share(&self, unit: f64) -> i64 {
        let fraction = ((unit * (2.0 * LIMIT)) as u64 - 1) << 11;
        ((u128::from(fraction) * u128::from(self.total as u64)) >> 64) as i64
    }
}

/// 2^n for n between −1022 and 1023.
fn power_of_two(n: i32) -> f64 {
    f64::from_bits(((n + 1023) as u64) << 52)
}

/// Calls a function for the number of levels at hand, and by whether some propensity is of a general form.
macro_rules! by_kind {
    ($fixed:expr, $general:expr, $run:ident($($argument:expr),*)) => {
        match ($fixed.levels, $general) {
            (3, false) => $run::<3, false>($($argument),*),
            (3, true) => $run::<3, true>($($argument),*),
            (4, false) => $run::<4, false>($($argument),*),
            (4, true) => $run::<4, true>($($argument),*),
            (5, false) => $run::<5, false>($($argument),*),
            (5, true) => $run::<5, true>($($argument),*),
            (6, false) => $run::<6, false>($($argument),*),
            (6, true) => $run::<6, true>($($argument),*),
            (_, false) => $run::<MOST_LEVELS, false>($($argument),*),
            (_, true) => $run::<MOST_LEVELS, true>($($argument),*),
        }
    };
}

/// What an event changes and reads, each borrowed by itself, so that the loop keeps in registers where it lies.
struct Parts<'a> {
    scheme: &'a Scheme,
    x: &'a mut [f64],
    laws: &'a [Law],
    /// Of each law.
    values: &'a mut [f64],
    fixed: &'a mut Fixed,
    time: f64,
}

/// Random numbers of the next events, as many as there may be.
struct Numbers<'a> {
    exponentials: &'a [f64],
    uniforms: &'a [f64],
    /// How many were used.
    used: usize,
    last: usize,
}

fn run_levels<const L: usize, const GENERAL: bool>(
    parts: &mut Parts<'_>,
    numbers: &mut Numbers<'_>,
    rates: &dyn Rates,
    limit: f64,
) -> Halt {
    // Copied, so that nothing is known to look at it from elsewhere.
    let Parts { scheme, laws, time, .. } = *parts;
    let mut here = Parts { scheme, x: &mut *parts.x, laws, values: &mut *parts.values, fixed: &mut *parts.fixed, time };
    let mut used = 0;
    let mut halt = Halt::Numbers;
    for (&wait, &unit) in numbers.exponentials.iter().zip(numbers.uniforms) {
        let next = here.time + wait / here.fixed.total();
        if !(next < limit && here.fixed.total > 0) {
            halt = Halt::Limit;
            break;
        }
        here.time = next;
        used += 1;
        let channel = here.fixed.find::<L>(here.fixed.share(unit));
        numbers.last = channel;
        let row = here.scheme.padded_row(channel);
        if row.individual {
            halt = Halt::Chosen { channel };
            break;
        }
        for few in here.scheme.padded_changes(row).as_chunks::<CHANGES>().0 {
            for &(state, change) in few {
                here.x[state as usize] += change;
            }
        }
        if !follow_levels::<L, GENERAL>(&mut here, rates, row) {
            halt = Halt::Fault { channel };
            break;
        }
        if row.watched {
            halt = Halt::Watched { channel };
            break;
        }
    }
    parts.time = here.time;
    numbers.used = used;
    halt
}

/// Computes anew what depends on what a channel has changed; whether all is sound.
#[inline(always)]
fn follow_levels<const L: usize, const GENERAL: bool>(parts: &mut Parts<'_>, rates: &dyn Rates, row: &Row) -> bool {
    let mut joined = 0;
    for few in parts.scheme.padded_dependents(row).as_chunks::<DEPENDENTS>().0 {
        for &leaf in few {
            let leaf = leaf as usize;
            let law = &parts.laws[leaf];
            let value = if GENERAL && law.is_general() {
                let value = rates.propensity(leaf, parts.time, parts.x);
                // A tiny negative one would come to no quanta; combinations of counts are never negative.
                if !(0.0..f64::INFINITY).contains(&value) {
                    joined = -1;
                }
                value
            } else {
                law.combination(parts.x)
            };
            parts.values[leaf] = value;
            joined |= parts.fixed.set::<L>(leaf, value);
        }
    }
    let fits = !beyond(joined | parts.fixed.total) && !parts.fixed.is_coarse();
    fits || parts.fixed.refill(parts.values)
}

impl Jumper<'_> {
    /// From event to event by sums in fixed point, until there were so many events in all.
    pub(super) fn run_fixed(&mut self, rates: &dyn Rates, limit: f64, most_events: u64) -> Halt {
        let Some(mut fixed) = self.fixed.take() else { return Halt::Odd };
        let values = &mut self.sums.values[..self.laws.len()];
        if !self.is_fixed && !fixed.fill(values) {
            self.fixed = Some(fixed);
            return Halt::Total;
        }
        self.is_fixed = true;
        let left = self.most_events.min(most_events).saturating_sub(self.events);
        let from = self.draws.position;
        let to = BATCH.min(from.saturating_add(usize::try_from(left).unwrap_or(usize::MAX)));
        let mut numbers = Numbers {
            exponentials: &self.draws.exponentials[from..to],
            uniforms: &self.draws.uniforms[from..to],
            used: 0,
            last: self.last,
        };
        let (scheme, time) = (self.scheme, self.time);
        let mut parts = Parts { scheme, x: &mut self.x, laws: &self.laws, values, fixed: &mut fixed, time };
        let halt = by_kind!(parts.fixed, scheme.has_general(), run_levels(&mut parts, &mut numbers, rates, limit));
        self.time = parts.time;
        (self.draws.position, self.last) = (from + numbers.used, numbers.last);
        self.events += numbers.used as u64;
        self.fixed = Some(fixed);
        halt
    }

    /// As `follow`, with sums in fixed point; whether all is sound.
    pub(super) fn follow_fixed(&mut self, rates: &dyn Rates, channel: usize) -> bool {
        let Some(mut fixed) = self.fixed.take() else { return false };
        let values = &mut self.sums.values[..self.laws.len()];
        let (scheme, time) = (self.scheme, self.time);
        let mut parts = Parts { scheme, x: &mut self.x, laws: &self.laws, values, fixed: &mut fixed, time };
        let row = scheme.padded_row(channel);
        let sound = by_kind!(parts.fixed, true, follow_levels(&mut parts, rates, row));
        self.fixed = Some(fixed);
        sound
    }

    /// What is wrong where sums in fixed point found a fault.
    pub(super) fn blame_fixed(&self) -> Fault {
        let sound = |value: &f64| (0.0..f64::INFINITY).contains(value);
        match self.sums.values.iter().take(self.laws.len()).position(|value| !sound(value)) {
            Some(channel) if self.sums.values[channel] < 0.0 => {
                Fault::Negative { channel, value: self.sums.values[channel] }
            }
            Some(channel) => Fault::NotFinite { channel },
            None => Fault::TotalNotFinite,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_quanta_are_exact_and_faults_are_seen() {
        for quantum in [1.0, power_of_two(-1000), power_of_two(-60), power_of_two(20), power_of_two(900)] {
            let fix = |quanta: f64| fix(quanta * quantum, LIMIT * quantum);
            assert_eq!(fix(3.0), 3);
            assert_eq!(fix(-0.0), 0);
            assert_eq!(fix(LIMIT - 1.0), (1 << 52) - 1);
            for sound in [0.0, 0.49, 1e15, LIMIT - 1.0] {
                assert!(!beyond(fix(sound)), "{sound}");
            }
            let faults = [-1.0, -1e15, -LIMIT, -2.0 * LIMIT, -1e300, LIMIT, 1e300];
            for fault in faults.into_iter().chain([f64::NAN, f64::INFINITY, f64::NEG_INFINITY]) {
                assert!(beyond(fix(fault)), "{fault} of {quantum}");
            }
        }
    }

    #[test]
    fn sums_are_those_of_their_members_after_any_history() {
        let leaves = 700;
        let mut fixed = Fixed::new(leaves);
        let mut values: Vec<f64> = (0..leaves).map(|k| ((k * 37) % 11) as f64 * 0.1).collect();
        assert!(fixed.fill(&values));
        for step in 0..5000usize {
            let leaf = (step * 7919) % leaves;
            values[leaf] = ((step * 31) % 17) as f64 * 0.07;
            assert!(!beyond(fixed.set::<4>(leaf, values[leaf])));
        }
        let mut anew = Fixed::new(leaves);
        (anew.quantum, anew.base) = (fixed.quantum, fixed.base);
        for (leaf, value) in values.iter().enumerate() {
            anew.set::<4>(leaf, *value);
        }
        assert_eq!(fixed.sums, anew.sums);
        assert_eq!(fixed.total, anew.total);
        let total: f64 = values.iter().sum();
        assert!((fixed.total() - total).abs() <= 1e-12 * total);
    }

    #[test]
    fn a_share_falls_on_the_leaf_whose_part_it_is_in() {
        for leaves in [1, 8, 9, 300, 513, 5000] {
            let mut fixed = Fixed::new(leaves);
            // Every third leaf is empty; the others have one, two, three and so on.
            let values: Vec<f64> = (0..leaves).map(|k| if k % 3 == 1 { 0.0 } else { (k % 5 + 1) as f64 }).collect();
            assert!(fixed.fill(&values));
            let quanta: Vec<i64> = values.iter().map(|value| fix(*value, fixed.base)).collect();
            let mut before = 0;
            for (leaf, quanta) in quanta.iter().enumerate().filter(|(_, quanta)| **quanta > 0) {
                for share in [before, before + quanta - 1] {
                    let found = match fixed.levels {
                        3 => fixed.find::<3>(share),
                        4 => fixed.find::<4>(share),
                        _ => fixed.find::<5>(share),
                    };
                    assert_eq!(found, leaf, "{share} of {leaves}");
                }
                before += quanta;
            }
            assert_eq!(before, fixed.total);
            assert_eq!(fixed.share(1.0), fixed.total - 1);
            assert_eq!(fixed.share(1.0 / (2.0 * LIMIT)), 0);
        }
    }

    #[test]
    fn totals_of_any_size_have_a_quantum() {
        for size in [1e-300, 5e-324, 1e-9, 1.0, 1e9, 1e289] {
            let mut fixed = Fixed::new(2);
            assert!(fixed.fill(&[size, 0.0]));
            if size > 1e-280 {
                assert!((fixed.total() - size).abs() <= 1e-12 * size, "{size}");
                assert!(!fixed.is_coarse() && !beyond(fixed.total));
            }
        }
        assert!(Fixed::new(1).fill(&[0.0]));
        assert!(!Fixed::new(1).fill(&[f64::NAN]));
        assert!(!Fixed::new(2).fill(&[1e308, 1e308]));
    }
}
