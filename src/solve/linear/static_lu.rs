//! Sparse LU with everything but the numbers settled beforehand.
//!
//! Left-looking by columns over the pattern that [`markowitz`] fills, pivots on the diagonal in
//! that order, no tests for sparsity while factoring. Stable where the matrix is diagonally
//! dominant by columns or nearly so, which short steps of reaction networks are; growth of L is
//! watched, the rest is [`Guarded`](super::Guarded)'s work. Nothing is allocated after `new`.

use super::{Elimination, LinearSolver, Singular, SparsePattern, markowitz};

/// Entries of L beyond this are growth that no one should trust.
const LARGEST_MULTIPLIER: f64 = 1e8;

/// LU of `shift·I − J` in a fixed order without pivoting.
#[derive(Debug, Clone)]
pub struct StaticLu {
    /// The variable eliminated k-th.
    order: Vec<usize>,
    /// Entries of J by permuted column: where in J's values, which permuted row.
    scatter_ptr: Vec<usize>,
    scatter: Vec<(usize, usize)>,
    /// L without its unit diagonal and U without its diagonal, by columns, in permuted indices.
    l: Factor,
    u: Factor,
    reciprocal_pivots: Vec<f64>,
    work: Vec<f64>,
    /// Room for many right sides, once there were some.
    many: Vec<f64>,
}

#[derive(Debug, Clone)]
struct Factor {
    ptr: Vec<usize>,
    rows: Vec<usize>,
    values: Vec<f64>,
}

impl Factor {
    fn new(columns: Vec<Vec<usize>>) -> Self {
        let mut ptr = vec![0];
        let mut rows = Vec::new();
        for mut column in columns {
            column.sort_unstable();
            rows.extend(column);
            ptr.push(rows.len());
        }
        let values = vec![0.0; rows.len()];
        Factor { ptr, rows, values }
    }

    /// x -= value · column k
    #[inline]
    fn subtract(&self, k: usize, value: f64, x: &mut [f64]) {
        let range = self.ptr[k]..self.ptr[k + 1];
        for (&row, &entry) in self.rows[range.clone()].iter().zip(&self.values[range]) {
            x[row] -= entry * value;
        }
    }
}

impl Factor {
    /// x -= column k times row k of x, for x with so many numbers in a row.
    #[inline(always)]
    fn subtract_many(&self, k: usize, columns: usize, x: &mut [f64]) {
        for at in self.ptr[k]..self.ptr[k + 1] {
            let (row, value) = (self.rows[at], self.values[at]);
            let (low, high) = (row.min(k), row.max(k));
            let (front, back) = x.split_at_mut(high * columns);
            let (front, back) = (&mut front[low * columns..][..columns], &mut back[..columns]);
            let (to, from) = if row > k { (back, front) } else { (front, back) };
            to.iter_mut().zip(&*from).for_each(|(to, from)| *to -= value * from);
        }
    }
}

impl StaticLu {
    /// Orders and fills the pattern of J.
    pub fn new(pattern: &SparsePattern) -> Self {
        Self::ordered(pattern, markowitz(pattern))
    }

    /// With an elimination of this pattern.
    pub(super) fn ordered(pattern: &SparsePattern, elimination: Elimination) -> Self {
        let n = pattern.dimension();
        let mut position = vec![0; n];
        for (k, &variable) in elimination.order.iter().enumerate() {
            position[variable] = k;
        }
        let permuted = |variables: &Vec<usize>| variables.iter().map(|&v| position[v]).collect::<Vec<_>>();
        let l = Factor::new(elimination.below.iter().map(permuted).collect());
        let mut u_columns = vec![Vec::new(); n];
        for (k, right) in elimination.right.iter().enumerate() {
            for &variable in right {
                u_columns[position[variable]].push(k);
            }
        }
        let mut scatter_ptr = vec![0];
        let mut scatter = Vec::with_capacity(pattern.nnz());
        for &column in &elimination.order {
            scatter.extend(pattern.column(column).zip(pattern.rows(column).iter().map(|&r| position[r])));
            scatter_ptr.push(scatter.len());
        }
        StaticLu {
            order: elimination.order,
            scatter_ptr,
            scatter,
            l,
            u: Factor::new(u_columns),
            reciprocal_pivots: vec![0.0; n],
            work: vec![0.0; n],
            many: Vec::new(),
        }
    }

    /// Entries of L and U, both with their diagonals counted once.
    pub fn entries(&self) -> usize {
        self.l.rows.len() + self.u.rows.len() + self.order.len()
    }

    /// Computes column j of both factors; false when its pivot is not to be trusted.
    fn column(&mut self, j: usize, shift: f64, jacobian: &[f64]) -> bool {
        let StaticLu { scatter_ptr, scatter, l, u, reciprocal_pivots, work, .. } = self;
        for &(entry, row) in &scatter[scatter_ptr[j]..scatter_ptr[j + 1]] {
            work[row] = -jacobian[entry];
        }
        work[j] += shift;
        for at in u.ptr[j]..u.ptr[j + 1] {
            let k = u.rows[at];
            let value = std::mem::take(&mut work[k]);
            u.values[at] = value;
            if value != 0.0 {
                l.subtract(k, value, work);
            }
        }
        let reciprocal = 1.0 / std::mem::take(&mut work[j]);
        reciprocal_pivots[j] = reciprocal;
        let range = l.ptr[j]..l.ptr[j + 1];
        let mut largest = 0.0_f64;
        for (&row, entry) in l.rows[range.clone()].iter().zip(&mut l.values[range]) {
            *entry = std::mem::take(&mut work[row]) * reciprocal;
            largest = largest.max(entry.abs());
        }
        reciprocal.is_finite() && largest <= LARGEST_MULTIPLIER
    }
}

impl LinearSolver for StaticLu {
    fn factor(&mut self, shift: f64, jacobian: &[f64]) -> Result<(), Singular> {
        for j in 0..self.order.len() {
            if !self.column(j, shift, jacobian) {
                return Err(Singular { column: self.order[j] });
            }
        }
        Ok(())
    }

    fn solve(&mut self, b: &mut [f64]) {
        let StaticLu { order, l, u, reciprocal_pivots, work, .. } = self;
        for (x, &variable) in work.iter_mut().zip(&*order) {
            *x = b[variable];
        }
        for k in 0..order.len() {
            let value = work[k];
            if value != 0.0 {
                l.subtract(k, value, work);
            }
        }
        for k in (0..order.len()).rev() {
            let value = std::mem::take(&mut work[k]) * reciprocal_pivots[k];
            u.subtract(k, value, work);
            b[order[k]] = value;
        }
    }

    fn solve_many(&mut self, b: &mut [f64], columns: usize) {
        let StaticLu { order, l, u, reciprocal_pivots, many, .. } = self;
        pulp::Arch::new().dispatch(|| {
            many.clear();
            for &variable in &*order {
                many.extend_from_slice(&b[variable * columns..(variable + 1) * columns]);
            }
            for k in 0..order.len() {
                // Of L, rows below; of U, rows above: never row k itself.
                l.subtract_many(k, columns, many);
            }
            for k in (0..order.len()).rev() {
                let reciprocal = reciprocal_pivots[k];
                many[k * columns..(k + 1) * columns].iter_mut().for_each(|x| *x *= reciprocal);
                u.subtract_many(k, columns, many);
                let variable = order[k];
                b[variable * columns..(variable + 1) * columns].copy_from_slice(&many[k * columns..(k + 1) * columns]);
            }
        });
    }
}
