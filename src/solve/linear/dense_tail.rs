//! Sparse LU whose last part, which fills, is factored as a dense matrix.
//!
//! In the order of [`markowitz`](super::markowitz) most pivots of a large network touch little, and
//! the last ones touch each other. Up to there this is [`StaticLu`](super::StaticLu)'s left-looking
//! elimination; what remains, the Schur complement, is one block with partial pivoting inside it
//! ([`DenseLu`]). The columns of the block are made [`TOGETHER`] at a time. Nothing is allocated
//! after `new`.

use super::dense::DenseLu;
use super::{Elimination, LARGEST_MULTIPLIER, LinearSolver, Singular, SparsePattern};
use crate::solve::vectorised;

/// Columns of the block made at a time.
const TOGETHER: usize = 8;

/// LU of `shift·I − J` in a fixed order, dense at its end.
#[derive(Debug, Clone)]
pub struct DenseTailLu {
    /// The variable eliminated k-th.
    order: Vec<u32>,
    /// Entries of J by permuted column: where in J's values, which permuted row.
    scatter_ptr: Vec<u32>,
    scatter: Vec<(u32, u32)>,
    /// Pivots before the block.
    sparse: usize,
    /// L without its unit diagonal by columns, all rows, and U without its diagonal, in permuted indices.
    l: Columns,
    u: Columns,
    /// For each group of the block's columns, the rows of U that some of them have.
    groups: Columns,
    group_values: Vec<[f64; TOGETHER]>,
    reciprocal_pivots: Vec<f64>,
    work: Vec<f64>,
    work_together: Vec<[f64; TOGETHER]>,
    block: DenseLu,
    /// The largest entry of L before the block.
    largest: f64,
}

#[derive(Debug, Clone, Default)]
struct Columns {
    ptr: Vec<u32>,
    rows: Vec<u32>,
    values: Vec<f64>,
}

impl Columns {
    fn new(columns: Vec<Vec<u32>>) -> Self {
        let mut all = Columns { ptr: vec![0], ..Columns::default() };
        for mut column in columns {
            column.sort_unstable();
            column.dedup();
            all.rows.extend(column);
            all.ptr.push(all.rows.len() as u32);
        }
        all.values = vec![0.0; all.rows.len()];
        all
    }

    #[inline(always)]
    fn range(&self, k: usize) -> std::ops::Range<usize> {
        self.ptr[k] as usize..self.ptr[k + 1] as usize
    }

    /// x -= value · column k
    #[inline(always)]
    fn subtract(&self, k: usize, value: f64, x: &mut [f64]) {
        let range = self.range(k);
        for (&row, &entry) in self.rows[range.clone()].iter().zip(&self.values[range]) {
            x[row as usize] -= entry * value;
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
        let mut position = vec![0_u32; n];
        for (k, &variable) in elimination.order.iter().enumerate() {
            position[variable] = k as u32;
        }
        let below = elimination.below[..sparse].iter();
        let l = Columns::new(below.map(|rows| rows.iter().map(|&v| position[v]).collect()).collect());
        let mut u = vec![Vec::new(); sparse];
        let mut groups = vec![Vec::new(); tail.div_ceil(TOGETHER)];
        for (k, right) in elimination.right[..sparse].iter().enumerate() {
            for &variable in right {
                let column = position[variable] as usize;
                let rows = if column < sparse { &mut u[column] } else { &mut groups[(column - sparse) / TOGETHER] };
                rows.push(k as u32);
            }
        }
        let groups = Columns::new(groups);
        let mut scatter_ptr = vec![0];
        let mut scatter = Vec::with_capacity(pattern.nnz());
        for &column in &elimination.order {
            let entries = pattern.column(column).zip(pattern.rows(column));
            scatter.extend(entries.map(|(entry, &row)| (entry as u32, position[row])));
            scatter_ptr.push(scatter.len() as u32);
        }
        DenseTailLu {
            order: elimination.order.iter().map(|&v| v as u32).collect(),
            scatter_ptr,
            scatter,
            sparse,
            l,
            u: Columns::new(u),
            group_values: vec![[0.0; TOGETHER]; groups.rows.len()],
            groups,
            reciprocal_pivots: vec![0.0; sparse],
            work: vec![0.0; sparse + tail.next_multiple_of(TOGETHER)],
            work_together: vec![[0.0; TOGETHER]; n],
            block: DenseLu::new(tail),
            largest: f64::INFINITY,
        }
    }

    fn scattered(&self, j: usize) -> std::ops::Range<usize> {
        self.scatter_ptr[j] as usize..self.scatter_ptr[j + 1] as usize
    }

    /// Computes column j of both factors, before the block; false when its pivot is not to be trusted.
    fn column(&mut self, j: usize, shift: f64, jacobian: &[f64]) -> bool {
        let scattered = self.scattered(j);
        let DenseTailLu { scatter, l, u, reciprocal_pivots, work, .. } = self;
        for &(entry, row) in &scatter[scattered] {
            work[row as usize] = -jacobian[entry as usize];
        }
        work[j] += shift;
        for at in u.range(j) {
            let k = u.rows[at] as usize;
            let value = std::mem::take(&mut work[k]);
            u.values[at] = value;
            if value != 0.0 {
                l.subtract(k, value, work);
            }
        }
        let reciprocal = 1.0 / std::mem::take(&mut work[j]);
        reciprocal_pivots[j] = reciprocal;
        let range = l.range(j);
        let mut largest = 0.0_f64;
        for (&row, entry) in l.rows[range.clone()].iter().zip(&mut l.values[range]) {
            *entry = std::mem::take(&mut work[row as usize]) * reciprocal;
            largest = largest.max(entry.abs());
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
            self.work_together[j][j - first] += shift;
        }
        let DenseTailLu { l, groups, group_values, work_together, .. } = self;
        for at in groups.range(group) {
            let k = groups.rows[at] as usize;
            let value = std::mem::take(&mut work_together[k]);
            group_values[at] = value;
            let range = l.range(k);
            for (&row, &entry) in l.rows[range.clone()].iter().zip(&l.values[range]) {
                let x = &mut work_together[row as usize];
                for lane in 0..TOGETHER {
                    x[lane] -= entry * value[lane];
                }
            }
        }
        let remaining = &mut work_together[self.sparse..];
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
        let DenseTailLu { order, sparse, l, u, groups, group_values, reciprocal_pivots, work, block, .. } = self;
        for (x, &variable) in work.iter_mut().zip(&*order) {
            *x = b[variable as usize];
        }
        for k in 0..*sparse {
            let value = work[k];
            if value != 0.0 {
                l.subtract(k, value, work);
            }
        }
        let (above, tail) = work.split_at_mut(*sparse);
        block.solve(tail);
        for (group, x) in tail.as_chunks::<TOGETHER>().0.iter().enumerate() {
            for at in groups.range(group) {
                let mut p = group_values[at];
                for lane in 0..TOGETHER {
                    p[lane] *= x[lane];
                }
                above[groups.rows[at] as usize] -= ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
            }
        }
        for (&variable, value) in order[*sparse..].iter().zip(&mut *tail) {
            b[variable as usize] = std::mem::take(value);
        }
        for k in (0..*sparse).rev() {
            let value = std::mem::take(&mut above[k]) * reciprocal_pivots[k];
            u.subtract(k, value, above);
            b[order[k] as usize] = value;
        }
    }
}

impl LinearSolver for DenseTailLu {
    fn factor(&mut self, shift: f64, jacobian: &[f64]) -> Result<(), Singular> {
        self.largest = 0.0;
        for j in 0..self.sparse {
            if !self.column(j, shift, jacobian) {
                self.work.fill(0.0);
                return Err(Singular { column: self.order[j] as usize });
            }
        }
        vectorised(
            #[inline(always)]
            || {
                for group in 0..self.groups.ptr.len() - 1 {
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
