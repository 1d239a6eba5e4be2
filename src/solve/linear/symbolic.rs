//! Where a sparse LU without pivoting has its entries, and in which steps it is made and used.
//!
//! Both triangles are kept by rows, in the order in which unknowns are found: of U the last row comes first, so that solving
//! reads memory upwards. Neighbouring rows that share columns are marked, to be worked on together. Each entry is the same
//! sequence of operations whatever is marked.

use std::cmp::Reverse;
use std::ops::Range;

use super::updates::Updates;
use super::{Elimination, LARGEST_MULTIPLIER, Singular, SparsePattern};
use crate::solve::lanes;

/// Entries that two neighbouring rows must share to be worked on together: with fewer, the loops are too short.
const SHARED: usize = 4;

/// What does not depend on the numbers: the order of elimination and where the factors have entries.
#[derive(Debug)]
pub struct Symbolic {
    /// The variable eliminated k-th.
    pub(super) order: Vec<u32>,
    /// Entries of J by permuted row: where in J's values, which permuted column.
    pub(super) given_ptr: Vec<u32>,
    pub(super) given: Vec<(u32, u32)>,
    /// L without its unit diagonal, columns ascending.
    pub(super) l: Rowwise,
    /// U without its diagonal, from the last row to the first, columns descending.
    pub(super) u: Rowwise,
    /// The elimination.
    pub(super) updates: Updates,
}

/// Where a triangle has entries, row by row in permuted indices, in the order in which unknowns are found.
#[derive(Debug)]
pub(super) struct Rowwise {
    ptr: Vec<u32>,
    pub columns: Vec<u32>,
    pairs: Vec<Pair>,
}

/// A row by itself, or two neighbours whose last entries are in the same columns: their sums don't wait for each other, and
/// what they multiply is read once.
#[derive(Debug)]
struct Pair {
    first: u32,
    /// Entries at the end that both have; 0 for a single row.
    shared: u32,
    /// Whether one more of the second row, the last, takes from the first's unknown.
    has_last: bool,
}

impl Rowwise {
    /// `unknown` tells which one a row finds.
    fn new(rows: &[Vec<u32>], unknown: impl Fn(usize) -> u32) -> Self {
        let (mut ptr, mut columns, mut pairs, mut first) = (vec![0], Vec::new(), Vec::new(), 0);
        for row in rows {
            columns.extend(row);
            ptr.push(columns.len() as u32);
        }
        while first < rows.len() {
            let mut pair = Pair { first: first as u32, shared: 0, has_last: false };
            if let Some((last, before)) = rows.get(first + 1).and_then(|row| row.split_last()) {
                pair.has_last = *last == unknown(first);
                let second = if pair.has_last { before } else { &rows[first + 1] };
                let same = second.iter().rev().zip(rows[first].iter().rev()).take_while(|(a, b)| a == b);
                pair.shared = Some(same.count()).filter(|shared| *shared >= SHARED).unwrap_or(0) as u32;
            }
            first += if pair.shared > 0 { 2 } else { 1 };
            pairs.push(pair);
        }
        Rowwise { ptr, columns, pairs }
    }

    #[inline(always)]
    pub fn range(&self, row: usize) -> Range<usize> {
        self.ptr[row] as usize..self.ptr[row + 1] as usize
    }

    /// The entries of a row, with their columns.
    #[inline(always)]
    fn with<'v, const W: usize>(
        &'v self,
        row: usize,
        values: &'v [[f64; W]],
    ) -> impl Iterator<Item = (usize, &'v [f64; W])> + 'v {
        let range = self.range(row);
        self.columns[range.clone()].iter().map(|column| *column as usize).zip(&values[range])
    }

    /// Finds the unknowns x, row by row: `given` tells where a row begins, `found` what its sum means.
    #[inline(always)]
    pub fn substitute<const W: usize>(
        &self,
        values: &[[f64; W]],
        x: &mut [[f64; W]],
        given: impl Fn(usize, &[[f64; W]]) -> [f64; W],
        mut found: impl FnMut(usize, [f64; W], &mut [[f64; W]]) -> [f64; W],
    ) {
        for pair in &self.pairs {
            let (row, shared) = (pair.first as usize, pair.shared as usize);
            let own = self.range(row);
            let start = own.end - shared;
            let mut first = self.reduced(own.start..start, values, x, given(row, x));
            if shared == 0 {
                found(row, first, x);
                continue;
            }
            let others = self.range(row + 1);
            let end = others.end - usize::from(pair.has_last);
            let mut second = self.reduced(others.start..end - shared, values, x, given(row + 1, x));
            let entries = values[start..own.end].iter().zip(&values[end - shared..end]);
            for (&column, (a, b)) in self.columns[start..own.end].iter().zip(entries) {
                let x = &x[column as usize];
                first = lanes!(l => first[l] - a[l] * x[l]);
                second = lanes!(l => second[l] - b[l] * x[l]);
            }
            let x_first = found(row, first, x);
            if pair.has_last {
                let last = &values[end];
                second = lanes!(l => second[l] - last[l] * x_first[l]);
            }
            found(row + 1, second, x);
        }
    }

    /// `sum` − these entries · x, one product after the other.
    #[inline(always)]
    fn reduced<const W: usize>(
        &self,
        range: Range<usize>,
        values: &[[f64; W]],
        x: &[[f64; W]],
        sum: [f64; W],
    ) -> [f64; W] {
        let mut sum = sum;
        for (&column, entry) in self.columns[range.clone()].iter().zip(&values[range]) {
            let x = &x[column as usize];
            for l in 0..W {
                sum[l] -= entry[l] * x[l];
            }
        }
        sum
    }

    /// Row `to` of x −= row of the triangle · x, for x with so many numbers in a row.
    #[inline(always)]
    pub fn reduce_many(&self, row: usize, values: &[[f64; 1]], columns: usize, x: &mut [f64], to: usize) {
        for (from, [value]) in self.with(row, values) {
            let (front, back) = x.split_at_mut(from.max(to) * columns);
            let (front, back) = (&mut front[from.min(to) * columns..][..columns], &mut back[..columns]);
            let (to, from) = if to > from { (back, front) } else { (front, back) };
            to.iter_mut().zip(&*from).for_each(|(to, from)| *to -= value * from);
        }
    }
}

impl Symbolic {
    /// Orders and fills the pattern of J.
    pub fn new(pattern: &SparsePattern) -> Self {
        Self::ordered(pattern, &Elimination::of(pattern))
    }

    /// With an elimination of this pattern.
    pub(super) fn ordered(pattern: &SparsePattern, elimination: &Elimination) -> Self {
        let n = pattern.dimension();
        let mut position = vec![0; n];
        for (k, &variable) in elimination.order.iter().enumerate() {
            position[variable] = k as u32;
        }
        let (mut left, mut given) = (vec![Vec::new(); n], vec![Vec::new(); n]);
        for (k, below) in elimination.below.iter().enumerate() {
            below.iter().for_each(|&variable| left[position[variable] as usize].push(k as u32));
        }
        let mut right: Vec<Vec<u32>> =
            elimination.right.iter().map(|row| row.iter().map(|&variable| position[variable]).collect()).collect();
        right.iter_mut().for_each(|row| row.sort_unstable_by_key(|&column| Reverse(column)));
        for (entry, (row, column)) in pattern.entries().enumerate() {
            given[position[row] as usize].push((entry as u32, position[column]));
        }
        let mut given_ptr = vec![0];
        given_ptr.extend(given.iter().scan(0, |sum, row| {
            *sum += row.len() as u32;
            Some(*sum)
        }));
        right.reverse();
        let given = given.concat();
        let (l, u) = (Rowwise::new(&left, |row| row as u32), Rowwise::new(&right, |row| (n - 1 - row) as u32));
        Symbolic {
            updates: Updates::of(&l, &u, &given_ptr, &given),
            l,
            order: elimination.order.iter().map(|&v| v as u32).collect(),
            given_ptr,
            given,
            u,
        }
    }

    /// The variable eliminated k-th.
    pub fn order(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.order.iter().map(|&variable| variable as usize)
    }

    /// Which row of `u` has the entries of that row of U.
    #[inline(always)]
    pub(super) fn row_of_u(&self, row: usize) -> usize {
        self.order.len() - 1 - row
    }

    /// The entries of J in the row eliminated k-th: where among J's values, and in which permuted column.
    pub fn given(&self, k: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let range = self.given_ptr[k] as usize..self.given_ptr[k + 1] as usize;
        self.given[range].iter().map(|&(entry, column)| (entry as usize, column as usize))
    }

    /// The entries of row k of L left of its diagonal: where among L's values, and in which permuted column; ascending.
    pub fn left(&self, k: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.l.range(k).map(|at| (at, self.l.columns[at] as usize))
    }

    /// Of U, right of its diagonal; descending.
    pub fn right(&self, k: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.u.range(self.row_of_u(k)).map(|at| (at, self.u.columns[at] as usize))
    }

    /// The first row with a pivot or a multiplier not to be trusted, by their numbers: of reciprocal pivots, of entries of L.
    pub fn unsound(&self, reciprocal: impl Fn(usize) -> f64, multiplier: impl Fn(usize) -> f64) -> Option<Singular> {
        let grows = |at: usize| multiplier(at).abs() > LARGEST_MULTIPLIER;
        let row = (0..self.order.len()).find(|&k| !reciprocal(k).is_finite() || self.l.range(k).any(grows))?;
        Some(Singular { column: self.order[row] as usize })
    }

    /// Multiplications and subtractions that a factorisation and a solution take.
    pub fn work(&self) -> (usize, usize) {
        let factor = self.l.columns.iter().map(|&k| self.u.range(self.row_of_u(k as usize)).len()).sum();
        (factor, self.l.columns.len() + self.u.columns.len())
    }

    /// Entries of L and U, both with their diagonals counted once.
    pub fn entries(&self) -> usize {
        self.l.columns.len() + self.u.columns.len() + self.order.len()
    }
}
