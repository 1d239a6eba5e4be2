//! Sums of propensities, eight to a group, and the search for the channel that a share of the total falls on.
//!
//! Invariants: a group's sum is always formed in the same order, so sums depend on the leaves alone, not on the history;
//! nothing is added to or taken from a sum, so no error piles up. Leaves come first, then the sums of each level, the
//! top ones last; what is not used is zero.

use std::ops::{Add, Sub};

/// Members of a group.
pub const GROUP: usize = 8;

/// Groups at the top of a tree: an event touches nearly as many, so a further level would only be one more to climb.
/// Measured with 300 channels, see `benches/jump.rs`.
const MOST_AT_TOP: usize = 8;

/// The member of a group in whose part `share` lies, and the rest of it in there.
#[inline(always)]
pub(super) fn find_in<T>(v: &[T; GROUP], share: T) -> (usize, T)
where
    T: Copy + Default + PartialOrd + Add<Output = T> + Sub<Output = T>,
{
    let (q0, q1, q2) = (v[0] + v[1], v[2] + v[3], v[4] + v[5]);
    let half = q0 + q1;
    let most = half + q2;
    let below = [T::default(), v[0], q0, q0 + v[2], half, half + v[4], most, most + v[6]];
    let mut index = 0;
    for bound in &below[1..] {
        index += usize::from(share >= *bound);
    }
    (index, share - below[index])
}

/// Where sums lie: number `k` is channel k's propensity, further on are the sums of groups of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The first group of each level, leaves first, and the number of groups.
    starts: Vec<u32>,
    /// Of each group but those of the top level: where its sum lies.
    parents: Vec<u32>,
}

impl Layout {
    /// For so many leaves: all groups at one level, or a tree of groups with one or a few at the top.
    pub fn new(leaves: usize, flat: bool) -> Layout {
        let mut starts = vec![0u32];
        let mut members = leaves;
        loop {
            let groups = members.div_ceil(GROUP).max(1);
            let start = starts[starts.len() - 1];
            starts.push(start + groups as u32);
            let few = starts.len() > 2 && groups <= MOST_AT_TOP;
            if groups == 1 || few || flat {
                break;
            }
            members = groups;
        }
        let levels = starts.len() - 1;
        let mut parents = Vec::new();
        for level in 1..levels {
            let below = starts[level] - starts[level - 1];
            parents.extend((0..below).map(|g| GROUP as u32 * starts[level] + g));
        }
        Layout { starts, parents }
    }

    pub fn levels(&self) -> usize {
        self.starts.len() - 1
    }

    /// Numbers in all.
    pub fn len(&self) -> usize {
        self.groups() * GROUP
    }

    pub fn is_empty(&self) -> bool {
        self.groups() == 0
    }

    /// Groups in all.
    pub fn groups(&self) -> usize {
        self.starts[self.levels()] as usize
    }

    /// The first group of each level, leaves first, and the number of groups.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// Where the sum of a group lies; `None` at the top.
    #[inline]
    pub fn parent(&self, group: usize) -> Option<usize> {
        self.parents.get(group).map(|&p| p as usize)
    }

    /// The groups below the top that leaves lie in, at all levels, ascending.
    pub fn groups_of(&self, leaves: &[u32]) -> Vec<u32> {
        let mut all = Vec::new();
        let mut level: Vec<u32> = leaves.to_vec();
        for _ in 1..self.levels() {
            level.iter_mut().for_each(|slot| *slot /= GROUP as u32);
            level.dedup();
            all.extend_from_slice(&level);
            level.iter_mut().for_each(|group| *group = self.parents[*group as usize]);
        }
        all
    }
}

/// The sum of a group.
#[inline(always)]
pub fn sum(v: &[f64; GROUP]) -> f64 {
    ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]))
}

/// Propensities and their sums.
#[derive(Clone, Debug)]
pub struct Sums {
    pub values: Vec<f64>,
}

impl Sums {
    pub fn new(layout: &Layout) -> Sums {
        Sums { values: vec![0.0; layout.len()] }
    }

    #[inline(always)]
    fn group(&self, group: usize) -> &[f64; GROUP] {
        self.values[group * GROUP..].first_chunk().expect("a group is whole")
    }

    /// Adds up one group below the top.
    #[inline(always)]
    pub fn refresh(&mut self, layout: &Layout, group: usize) {
        let total = sum(self.group(group));
        self.values[layout.parents[group] as usize] = total;
    }

    /// Adds up everything.
    pub fn refresh_all(&mut self, layout: &Layout) {
        (0..layout.parents.len()).for_each(|group| self.refresh(layout, group));
    }

    /// The sum of all leaves.
    #[inline(always)]
    pub fn total(&self, layout: &Layout) -> f64 {
        let [first, end] = [layout.starts[layout.levels() - 1] as usize, layout.groups()];
        let mut total = sum(self.group(first));
        for group in first + 1..end {
            total += sum(self.group(group));
        }
        total
    }

    /// The leaf in whose part of the total `share` lies, given 0 ≤ share < total: never one that is zero.
    #[inline(always)]
    pub fn find(&self, layout: &Layout, mut share: f64) -> usize {
        let mut level = layout.levels() - 1;
        let (mut group, end) = (layout.starts[level] as usize, layout.groups());
        while group + 1 < end {
            let here = sum(self.group(group));
            if share < here {
                break;
            }
            share -= here;
            group += 1;
        }
        loop {
            let (member, rest) = find_in(self.group(group), share);
            share = rest;
            let mut slot = group * GROUP + member;
            if self.values[slot] <= 0.0 {
                slot = self.nearest(slot);
            }
            if level == 0 {
                return slot;
            }
            level -= 1;
            let above = layout.starts[level + 1] as usize * GROUP;
            group = layout.starts[level] as usize + (slot - above);
        }
    }

    /// Where rounding has led to an empty leaf: the nearest before it that isn't, or else after it.
    #[cold]
    fn nearest(&self, slot: usize) -> usize {
        let first = slot / GROUP * GROUP;
        let filled = |s: &usize| self.values[*s] > 0.0;
        let found = (first..slot).rev().find(filled).or_else(|| (slot..first + GROUP).find(filled));
        found.or_else(|| (0..first).rev().find(filled)).unwrap_or(slot)
    }
}
