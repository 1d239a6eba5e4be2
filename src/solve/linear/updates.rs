//! An elimination on the diagonal, pivot by pivot, as lists of the places that it reads and writes.
//!
//! What a pivot takes from the entries that it touches doesn't wait for each other, so the processor has much to do at once;
//! row by row each multiplier would wait for the one before. Each entry is the same sequence of operations either way:
//! what is taken from it comes by ascending pivots.
//!
//! The lists are as long as the elimination has multiplications: [`Suited`](super::Suited) sees to it that these are not too
//! many.

use std::ops::Range;

use super::symbolic::Rowwise;
use crate::solve::lanes;

/// Entries of a row of U that are held in registers while all rows below take from them.
const WIDEST: usize = 8;

/// Where an elimination finds everything among the factors: L without its diagonal by rows, then U as [`Symbolic`] has it, then
/// the pivots.
///
/// [`Symbolic`]: super::Symbolic
#[derive(Debug)]
pub(super) struct Updates {
    /// Entries of J, and their places.
    given: Vec<(u32, u32)>,
    /// The places that J has no entries for.
    filled: Vec<u32>,
    /// By pivots.
    blocks: Vec<Block>,
    /// For each block and each row below its pivot: the place of the entry of L, then of those that change.
    places: Vec<u32>,
}

/// What a pivot takes from the rows below it, in a few columns.
#[derive(Debug, Clone, Copy)]
struct Block {
    pivot: u32,
    /// Where its entries of U are, and how many.
    from: u32,
    width: u32,
    /// The end of its part of the places; it begins where the block before ended.
    end: u32,
    /// Whether its pivot has none before.
    is_first: bool,
    /// Whether it has none after: the entries of L become multipliers.
    is_last: bool,
}

impl Updates {
    /// Of a matrix with these factors, where J has for each row entries, as numbers and permuted columns.
    pub fn of(l: &Rowwise, u: &Rowwise, given_ptr: &[u32], given: &[(u32, u32)]) -> Updates {
        let n = given_ptr.len() - 1;
        let right = |row: usize| u.range(n - 1 - row);
        let (upper, pivots) = (l.columns.len(), l.columns.len() + u.columns.len());
        let mut below = vec![0; n];
        l.columns.iter().for_each(|&pivot| below[pivot as usize] += 1);
        // How far the places of each block are known.
        let (mut blocks, mut first_block, mut known, mut end) = (Vec::new(), vec![0], Vec::new(), 0);
        for (pivot, below) in below.into_iter().enumerate() {
            let Range { start, end: last } = right(pivot);
            for from in (start..last.max(start + 1)).step_by(WIDEST) {
                let width = (last - from).min(WIDEST);
                known.push(end);
                end += below * (1 + width);
                blocks.push(Block {
                    pivot: pivot as u32,
                    from: (upper + from) as u32,
                    width: width as u32,
                    end: end as u32,
                    is_first: from == start,
                    is_last: from + width == last,
                });
            }
            first_block.push(blocks.len());
        }
        let (mut given_places, mut is_given) = (Vec::with_capacity(given.len()), vec![false; pivots + n]);
        let (mut places, mut place_of) = (vec![0; end], vec![0; n]);
        for row in 0..n {
            l.range(row).for_each(|at| place_of[l.columns[at] as usize] = at as u32);
            right(row).for_each(|at| place_of[u.columns[at] as usize] = (upper + at) as u32);
            place_of[row] = (pivots + row) as u32;
            for &(entry, column) in &given[given_ptr[row] as usize..given_ptr[row + 1] as usize] {
                let place = place_of[column as usize];
                given_places.push((entry, place));
                is_given[place as usize] = true;
            }
            for left in l.range(row) {
                let pivot = l.columns[left] as usize;
                let range = first_block[pivot]..first_block[pivot + 1];
                for (block, known) in blocks[range.clone()].iter().zip(&mut known[range]) {
                    let columns = &u.columns[block.from as usize - upper..][..block.width as usize];
                    let changed = columns.iter().map(|&column| place_of[column as usize]);
                    for place in std::iter::once(left as u32).chain(changed) {
                        places[*known] = place;
                        *known += 1;
                    }
                }
            }
        }
        let filled = (0..is_given.len()).filter(|&place| !is_given[place]).map(|place| place as u32).collect();
        Updates { given: given_places, filled, blocks, places }
    }

    /// Makes L, U divided by its pivots, and the reciprocal pivots of `shift·I − J`; the largest entry of L in each lane.
    #[inline(always)]
    pub fn factor<const W: usize>(
        &self,
        shift: &[f64; W],
        jacobian: &[[f64; W]],
        factors: &mut [[f64; W]],
        pivots: usize,
    ) -> [f64; W] {
        // Minus zero: what is subtracted from it is negated.
        for &at in &self.filled {
            factors[at as usize] = [-0.0; W];
        }
        for &(entry, at) in &self.given {
            let value = &jacobian[entry as usize];
            factors[at as usize] = lanes!(l => -value[l]);
        }
        for pivot in &mut factors[pivots..] {
            *pivot = lanes!(l => pivot[l] + shift[l]);
        }
        let (mut start, mut most) = (0, [0.0; W]);
        for block in &self.blocks {
            let places = &self.places[start..block.end as usize];
            start = block.end as usize;
            let mut taking = Taking { factors, block, pivot: pivots + block.pivot as usize, places, most };
            most = match (block.width, block.is_last) {
                (0, _) => taking.take::<0, true>(),
                (1, _) => taking.take::<1, true>(),
                (2, _) => taking.take::<2, true>(),
                (3, _) => taking.take::<3, true>(),
                (4, _) => taking.take::<4, true>(),
                (5, _) => taking.take::<5, true>(),
                (6, _) => taking.take::<6, true>(),
                (7, _) => taking.take::<7, true>(),
                (_, true) => taking.take::<WIDEST, true>(),
                (_, false) => taking.take::<WIDEST, false>(),
            };
        }
        most
    }
}

/// One block under way.
struct Taking<'a, const W: usize> {
    factors: &'a mut [[f64; W]],
    block: &'a Block,
    pivot: usize,
    places: &'a [u32],
    most: [f64; W],
}

impl<const W: usize> Taking<'_, W> {
    #[inline(always)]
    fn take<const WIDTH: usize, const IS_LAST: bool>(&mut self) -> [f64; W] {
        let Taking { factors, block, places, .. } = self;
        let mut most = self.most;
        let pivot = &mut factors[self.pivot];
        // The first block of a pivot finds the pivot itself, further ones its reciprocal.
        let reciprocal = if block.is_first { lanes!(l => 1.0 / pivot[l]) } else { *pivot };
        *pivot = reciprocal;
        let from = block.from as usize;
        let mut row = [[0.0; W]; WIDTH];
        for (row, entry) in row.iter_mut().zip(&mut factors[from..from + WIDTH]) {
            *entry = lanes!(l => entry[l] * reciprocal[l]);
            *row = *entry;
        }
        for places in places.chunks_exact(1 + WIDTH) {
            let left = places[0] as usize;
            let value = factors[left];
            for (at, entry) in places[1..].iter().zip(&row) {
                let rest = &mut factors[*at as usize];
                *rest = lanes!(l => rest[l] - value[l] * entry[l]);
            }
            if IS_LAST {
                let multiplier = lanes!(l => value[l] * reciprocal[l]);
                factors[left] = multiplier;
                most = lanes!(l => if multiplier[l].abs() > most[l] { multiplier[l].abs() } else { most[l] });
            }
        }
        most
    }
}
