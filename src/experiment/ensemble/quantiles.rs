//! Exact quantiles of every column of a store, in bounded memory.
//!
//! Columns are sorted in groups that fit the budget. A column that doesn't fit on its own is not held at all: its order
//! statistics are found digit by digit, by counting how many values begin with each (a radix selection, in four readings
//! of the store).
//!
//! A quantile lies between two order statistics, in proportion (type 7 of Hyndman and Fan, The American Statistician 50,
//! 1996). What is no number is left out.

use super::EnsembleError;
use super::store::Store;

/// Bytes of values held at once.
const BUDGET: usize = 64 << 20;
/// Bits of a digit of the selection.
const DIGIT: u32 = 16;

/// For each column of the records the quantiles at these probabilities.
pub(super) fn quantiles(store: &mut Store, at: &[f64]) -> Result<Vec<Vec<f64>>, EnsembleError> {
    within(store, at, BUDGET)
}

/// Mean and standard deviation of a column, value by value in their order (Welford, Technometrics 4, 1962).
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    /// NaN of nothing.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.mean }
    }

    /// Of the values as a sample; NaN of fewer than two.
    pub fn deviation(&self) -> f64 {
        if self.count < 2 { f64::NAN } else { (self.squares / (self.count - 1) as f64).sqrt() }
    }
}

/// Of each column. What is no number is left out.
pub(super) fn moments(store: &mut Store) -> Result<Vec<Moments>, EnsembleError> {
    let columns = store.header().values;
    let mut moments = vec![Moments::default(); columns];
    each(store, 0, columns, &mut |values| {
        for (column, value) in moments.iter_mut().zip(values).filter(|(_, value)| !value.is_nan()) {
            column.add(*value);
        }
    })?;
    Ok(moments)
}

/// The same with so many bytes of values held at once.
pub(super) fn within(store: &mut Store, at: &[f64], budget: usize) -> Result<Vec<Vec<f64>>, EnsembleError> {
    let columns = store.header().values;
    let together = budget / 8 / store.finished().max(1) as usize;
    let mut found = Vec::with_capacity(columns);
    if together == 0 {
        for column in 0..columns {
            found.push(select(store, column, at)?);
        }
        return Ok(found);
    }
    for first in (0..columns).step_by(together) {
        let mut group: Vec<Vec<f64>> = vec![Vec::new(); together.min(columns - first)];
        each(store, first, group.len(), &mut |values| {
            for (column, value) in group.iter_mut().zip(values) {
                if !value.is_nan() {
                    column.push(*value);
                }
            }
        })?;
        for mut column in group {
            column.sort_unstable_by(f64::total_cmp);
            let statistic = |rank: u64| column.get(rank as usize).copied().unwrap_or(f64::NAN);
            found.push(at.iter().map(|p| between(column.len() as u64, *p, &statistic)).collect());
        }
    }
    Ok(found)
}

/// Shows some columns of all records that are there.
fn each(store: &mut Store, first: usize, count: usize, show: &mut dyn FnMut(&[f64])) -> Result<(), EnsembleError> {
    let members: Vec<u64> = store.members().collect();
    let from = store.header().shape().first_value() + 8 * first;
    let (mut bytes, mut values) = (vec![0; 8 * count], vec![0.0; count]);
    for member in members {
        if store.read(member, from, &mut bytes)? {
            for (value, eight) in values.iter_mut().zip(bytes.as_chunks::<8>().0) {
                *value = f64::from_le_bytes(*eight);
            }
            show(&values);
        }
    }
    Ok(())
}

/// The quantile from the order statistics of so many values.
fn between(count: u64, probability: f64, statistic: &dyn Fn(u64) -> f64) -> f64 {
    let Some(last) = count.checked_sub(1) else { return f64::NAN };
    let position = last as f64 * probability;
    let below = (position.floor() as u64).min(last);
    let above = (below + 1).min(last);
    let (low, high) = (statistic(below), statistic(above));
    let share = position - below as f64;
    if share == 0.0 || low == high { low } else { low + (high - low) * share }
}

/// An order statistic that is being found.
struct Sought {
    /// Among all values, from 0.
    rank: u64,
    /// Among those that begin with the prefix.
    within: u64,
    prefix: u64,
}

fn select(store: &mut Store, column: usize, at: &[f64]) -> Result<Vec<f64>, EnsembleError> {
    let mut count = 0u64;
    each(store, column, 1, &mut |v| count += u64::from(v.iter().all(|v| !v.is_nan())))?;
    let last = count.saturating_sub(1);
    let ranks = at.iter().flat_map(|p| {
        let below = ((last as f64 * p).floor() as u64).min(last);
        [below, (below + 1).min(last)]
    });
    let mut sought: Vec<Sought> = ranks.map(|rank| Sought { rank, within: rank, prefix: 0 }).collect();
    for shift in (0..u64::BITS / DIGIT).rev().map(|digit| digit * DIGIT) {
        // The bits above the digit.
        let head = |key: u64| key.checked_shr(shift + DIGIT).unwrap_or(0);
        let mut prefixes: Vec<u64> = sought.iter().map(|s| s.prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        let mut counts = vec![vec![0u64; 1 << DIGIT]; prefixes.len()];
        each(store, column, 1, &mut |values| {
            for key in values.iter().filter(|v| !v.is_nan()).map(|v| ordered(*v)) {
                if let Ok(which) = prefixes.binary_search(&head(key)) {
                    counts[which][(key >> shift) as usize & ((1 << DIGIT) - 1)] += 1;
                }
            }
        })?;
        for one in &mut sought {
            let Ok(which) = prefixes.binary_search(&one.prefix) else { continue };
            let mut digit = 0u64;
            for &here in &counts[which] {
                if one.within < here || digit + 1 == 1 << DIGIT {
                    break;
                }
                one.within -= here;
                digit += 1;
            }
            one.prefix = one.prefix << DIGIT | digit;
        }
    }
    let statistic = |rank: u64| sought.iter().find(|s| s.rank == rank).map_or(f64::NAN, |s| from_ordered(s.prefix));
    Ok(at.iter().map(|p| between(count, *p, &statistic)).collect())
}

/// Bits in the order of `total_cmp`.
fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn from_ordered(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}
