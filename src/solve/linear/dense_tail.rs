//! Sparse LU whose last part, which fills, is factored as a dense matrix.
//!
//! In the order of [`Elimination`] most pivots of a large network touch little, and the last ones touch each other. Up to
//! there this is left-looking, by columns; what remains, the Schur complement, is one block with partial pivoting inside it
//! ([`DenseLu`]). The columns of the block are made [`TOGETHER`] at a time. Nothing is allocated after `new`.

use super::dense::DenseLu;
use super::{Elimination, LARGEST_MULTIPLIER, LinearSolver, Singular, SparsePattern};
use crate::solve::{Rows, vectorised};

/// Columns of the block made at a time, and neighbours in it that are kept together.
const TOGETHER: usize = 8;

/// LU of `shift·I − J` in a fixed order, dense at its end.
#[derive(Debug, Clone)]
pub struct DenseTailLu {
    /// The variable eliminated k-th.
    order: Vec<u32>,
    /// Entries of J by permuted column: where in J's values, which permuted row.
    scatter_ptr: Vec<u32>,
    scatter: Vec<(u32, u32)>,
    /// Pivots before the block, and the number of its first row, which begins a group.
    sparse: usize,
    base: usize,
    /// L and U before the block without their diagonals, by columns.
    l: Columns,
    l_values: Vec<f64>,
    u: Columns,
    u_values: Vec<f64>,
    /// L in the block's rows by columns: in which groups of rows it has entries; what these are, those aside that are always zero;
    /// and for each entry which row, and which of all those numbers.
    below: Columns,
    below_values: Rows<TOGETHER>,
    below_entries: Vec<(u32, u32)>,
    below_ptr: Vec<u32>,
    /// U in the block's columns by groups of these: the rows that some of them have.
    above: Columns,
    above_values: Rows<TOGETHER>,
    reciprocal_pivots: Vec<f64>,
    work: Rows<TOGETHER>,
    work_together: Rows<TOGETHER>,
    block: DenseLu,
    /// The largest entry of L before the block.
    largest: f64,
}

/// Rows by columns, ascending.
#[derive(Debug, Clone)]
struct Columns {
    ptr: Vec<u32>,
    rows: Vec<u32>,
}

impl Columns {
    fn new(columns: Vec<Vec<u32>>) -> Self {
        let mut all = Columns { ptr: vec![0], rows: Vec::new() };
        for mut column in columns {
            column.sort_unstable();
            column.dedup();
            all.rows.extend(column);
            all.ptr.push(all.rows.len() as u32);
        }
        all
    }

    #[inline(always)]
    fn range(&self, k: usize) -> std::ops::Range<usize> {
        self.ptr[k] as usize..self.ptr[k + 1] as usize
    }

    /// The rows of column k with what belongs to each.
    #[inline(always)]
    fn with<'v, T>(&'v self, k: usize, values: &'v [T]) -> impl Iterator<Item = (usize, &'v T)> + 'v {
        let range = self.range(k);
        self.rows[range.clone()].iter().map(|row| *row as usize).zip(&values[range])
    }
}

/// x −= value · column k.
#[inline(always)]
fn subtract(columns: &Columns, values: &[f64], k: usize, value: f64, x: &mut [f64]) {
    for (row, entry) in columns.with(k, values) {
        x[row] -= entry * value;
    }
}

/// The same of groups of rows.
#[inline(always)]
fn subtract_groups(columns: &Columns, values: &[[f64; TOGETHER]], k: usize, value: f64, x: &mut [[f64; TOGETHER]]) {
    for (group, entries) in columns.with(k, values) {
        let x = &mut x[group];
        for lane in 0..TOGETHER {
            x[lane] -= entries[lane] * value;
        }
    }
}

impl DenseTailLu {
    /// Factors in this order, the last `tail` pivots as one dense block.
    ///
    /// # Panics
    /// If the elimination is not one of this pattern, or shorter than its tail.
    pub fn new(pattern: &SparsePattern, elimination: &Elimination, tail: usize) -> Self {
        let n = pattern.dimension();
        let sparse = n - tail;
        let base = sparse.next_multiple_of(TOGETHER);
        let mut position = vec![0_u32; n];
        for (k, &variable) in elimination.order.iter().enumerate() {
            position[variable] = if k < sparse { k } else { base + k - sparse } as u32;
        }
        let group = |position: u32| (position as usize - base) / TOGETHER;
        let is_sparse = |position: &u32| (*position as usize) < sparse;
        let (mut l, mut u) = (vec![Vec::new(); sparse], vec![Vec::new(); sparse]);
        let (mut in_block, mut below) = (vec![Vec::new(); sparse], vec![Vec::new(); sparse]);
        let mut above = vec![Vec::new(); tail.div_ceil(TOGETHER)];
        for k in 0..sparse {
            for row in elimination.below[k].iter().map(|&variable| position[variable]) {
                if is_sparse(&row) {
                    l[k].push(row);
                } else {
                    in_block[k].push(row);
                    below[k].push(group(row) as u32);
                }
            }
            for column in elimination.right[k].iter().map(|&variable| position[variable]) {
                let rows = if is_sparse(&column) { &mut u[column as usize] } else { &mut above[group(column)] };
                rows.push(k as u32);
            }
        }
        let [l, u, below, above, in_block] = [l, u, below, above, in_block].map(Columns::new);
        let mut below_entries = Vec::with_capacity(in_block.rows.len());
        for k in 0..sparse {
            for &row in &in_block.rows[in_block.range(k)] {
                let groups = below.range(k);
                let at = groups.start + below.rows[groups].partition_point(|&g| (g as usize) < group(row));
                below_entries.push((row, (at * TOGETHER) as u32 + (row - base as u32) % TOGETHER as u32));
            }
        }
        let mut scatter_ptr = vec![0];
        let mut scatter = Vec::with_capacity(pattern.nnz());
        for &column in &elimination.order {
            let entries = pattern.column(column).zip(pattern.rows(column));
            scatter.extend(entries.map(|(entry, &row)| (entry as u32, position[row])));
            scatter_ptr.push(scatter.len() as u32);
        }
        let groups = (base + tail).div_ceil(TOGETHER);
        DenseTailLu {
            order: elimination.order.iter().map(|&v| v as u32).collect(),
            scatter_ptr,
            scatter,
            sparse,
            base,
            l_values: vec![0.0; l.rows.len()],
            l,
            u_values: vec![0.0; u.rows.len()],
            u,
            below_values: Rows::zeros(below.rows.len()),
            below,
            below_entries,
            below_ptr: in_block.ptr,
            above_values: Rows::zeros(above.rows.len()),
            above,
            reciprocal_pivots: vec![0.0; sparse],
            work: Rows::zeros(groups),
            work_together: Rows::zeros(groups * TOGETHER),
            block: DenseLu::new(tail),
            largest: f64::INFINITY,
        }
    }

    fn scattered(&self, j: usize) -> std::ops::Range<usize> {
        self.scatter_ptr[j] as usize..self.scatter_ptr[j + 1] as usize
    }

    /// Computes column j of both factors, before the block; false when its pivot is not to be trusted.
    #[inline(always)]
    fn column(&mut self, j: usize, shift: f64, jacobian: &[f64]) -> bool {
        let scattered = self.scattered(j);
        let DenseTailLu { scatter, l, l_values, u, u_values, below, below_values, work, base, .. } = self;
        let (before, block) = work.split_at_mut(*base / TOGETHER);
        let before = before.as_flattened_mut();
        for &(entry, row) in &scatter[scattered] {
            let (row, value) = (row as usize, -jacobian[entry as usize]);
            match row.checked_sub(*base) {
                Some(row) => block[row / TOGETHER][row % TOGETHER] = value,
                None => before[row] = value,
            }
        }
        before[j] += shift;
        for at in u.range(j) {
            let k = u.rows[at] as usize;
            let value = std::mem::take(&mut before[k]);
            u_values[at] = value;
            if value != 0.0 {
                subtract(l, l_values, k, value, before);
                subtract_groups(below, below_values, k, value, block);
            }
        }
        let reciprocal = 1.0 / std::mem::take(&mut before[j]);
        self.reciprocal_pivots[j] = reciprocal;
        let mut largest = 0.0_f64;
        let range = l.range(j);
        for (&row, entry) in l.rows[range.clone()].iter().zip(&mut l_values[range]) {
            *entry = std::mem::take(&mut before[row as usize]) * reciprocal;
            largest = largest.max(entry.abs());
        }
        let range = below.range(j);
        for (&group, entries) in below.rows[range.clone()].iter().zip(&mut below_values[range]) {
            let values = std::mem::take(&mut block[group as usize]);
            for lane in 0..TOGETHER {
                entries[lane] = values[lane] * reciprocal;
                largest = largest.max(entries[lane].abs());
            }
        }
        self.largest = self.largest.max(largest);
        reciprocal.is_finite() && largest <= LARGEST_MULTIPLIER
    }

    /// Computes a group of the block's columns: their part of U, and what remains for the block.
    #[inline(always)]
    fn group(&mut self, group: usize, shift: f64, jacobian: &[f64]) {
        let first = self.sparse + group * TOGETHER;
        let columns = first..(first + TOGETHER).min(self.order.len());
        for j in columns.clone() {
            for &(entry, row) in &self.scatter[self.scattered(j)] {
                self.work_together[row as usize][j - first] = -jacobian[entry as usize];
            }
            self.work_together[self.base + j - self.sparse][j - first] += shift;
        }
        let DenseTailLu { l, l_values, below_entries, below_ptr, below_values, above, above_values, .. } = self;
        let (together, below_values) = (&mut self.work_together[..], below_values.as_flattened());
        for at in above.range(group) {
            let k = above.rows[at] as usize;
            let value = std::mem::take(&mut together[k]);
            above_values[at] = value;
            let mut subtract = |row: usize, entry: f64| {
                let x = &mut together[row];
                for lane in 0..TOGETHER {
                    x[lane] -= entry * value[lane];
                }
            };
            l.with(k, l_values).for_each(|(row, &entry)| subtract(row, entry));
            for &(row, at) in &below_entries[below_ptr[k] as usize..below_ptr[k + 1] as usize] {
                subtract(row as usize, below_values[at as usize]);
            }
        }
        let remaining = &mut together[self.base..];
        for j in columns {
            let column = self.block.column_mut(j - self.sparse);
            for (value, row) in column.iter_mut().zip(&*remaining) {
                *value = row[j - first];
            }
        }
        remaining.fill([0.0; TOGETHER]);
    }

    /// Replaces b by the solution.
    #[inline(always)]
    fn substitute(&mut self, b: &mut [f64]) {
        let DenseTailLu { order, sparse, base, l, l_values, u, u_values, below, below_values, work, .. } = self;
        let (before, tail) = work.split_at_mut(*base / TOGETHER);
        let before = before.as_flattened_mut();
        let (first, last) = order.split_at(*sparse);
        for (x, &variable) in before.iter_mut().zip(first) {
            *x = b[variable as usize];
        }
        for (x, &variable) in tail.as_flattened_mut().iter_mut().zip(last) {
            *x = b[variable as usize];
        }
        for k in 0..*sparse {
            let value = before[k];
            if value != 0.0 {
                subtract(l, l_values, k, value, before);
                subtract_groups(below, below_values, k, value, tail);
            }
        }
        self.block.solve(tail.as_flattened_mut());
        for (group, x) in tail.iter().enumerate() {
            for (row, entries) in self.above.with(group, &self.above_values) {
                let mut p = *entries;
                for lane in 0..TOGETHER {
                    p[lane] *= x[lane];
                }
                before[row] -= ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
            }
        }
        for (&variable, value) in last.iter().zip(tail.as_flattened_mut()) {
            b[variable as usize] = std::mem::take(value);
        }
        for k in (0..*sparse).rev() {
            let value = std::mem::take(&mut before[k]) * self.reciprocal_pivots[k];
            subtract(u, u_values, k, value, before);
            b[order[k] as usize] = value;
        }
    }
}

impl LinearSolver for DenseTailLu {
    fn factor(&mut self, shift: f64, jacobian: &[f64]) -> Result<(), Singular> {
        self.largest = 0.0;
        let mut unsound = None;
        vectorised(
            #[inline(always)]
            || {
                for j in 0..self.sparse {
                    if !self.column(j, shift, jacobian) {
                        unsound = Some(j);
                        break;
                    }
                }
            },
        );
        if let Some(j) = unsound {
            self.work.fill([0.0; TOGETHER]);
            return Err(Singular { column: self.order[j] as usize });
        }
        vectorised(
            #[inline(always)]
            || {
                for group in 0..self.above.ptr.len() - 1 {
                    self.group(group, shift, jacobian);
                }
            },
        );
        self.block.factor().map_err(|k| Singular { column: self.order[self.sparse + k] as usize })
    }

    fn solve(&mut self, b: &mut [f64]) {
        vectorised(
            #[inline(always)]
            || self.substitute(b),
        );
    }

    /// Of what the block does not choose its pivots for; inside it none is larger than ten.
    fn largest_multiplier(&self) -> f64 {
        self.largest
    }
}
