//! Sparse LU with everything but the numbers settled beforehand, in any number of lanes.
//!
//! Left-looking by columns over the pattern that [`markowitz`] fills, pivots on the diagonal in
//! that order, no tests for sparsity or zeros while factoring, so a lane's numbers do not depend on
//! the others. Stable where the matrix is diagonally dominant by columns or nearly so, which short
//! steps of reaction networks are; growth of L is watched, the rest is [`Guarded`](super::Guarded)'s
//! work. Nothing is allocated after `new`.

use std::sync::Arc;

use pulp::NullaryFnOnce;

use super::{Elimination, LinearSolver, Singular, SparsePattern, markowitz};
use crate::solve::{Rows, lanes, vectorised};

/// Entries of L beyond this are taken for a pivot lost to rounding. Far above the square root of 1/ε, for unknowns in
/// units of their own (copies, and parts of one) make large entries that harm no digit; [`Guarded`](super::Guarded) tells.
pub const LARGEST_MULTIPLIER: f64 = 1e20;

/// What does not depend on the numbers: the order of elimination and where the factors have entries.
#[derive(Debug)]
pub struct Symbolic {
    /// The variable eliminated k-th.
    order: Vec<u32>,
    /// Entries of J by permuted column: where in J's values, which permuted row.
    scatter_ptr: Vec<u32>,
    scatter: Vec<(u32, u32)>,
    /// L without its unit diagonal and U without its diagonal, by columns, in permuted indices.
    l: Columns,
    u: Columns,
}

#[derive(Debug)]
struct Columns {
    ptr: Vec<u32>,
    rows: Vec<u32>,
}

impl Columns {
    fn new(columns: Vec<Vec<u32>>) -> Self {
        let mut ptr = vec![0];
        let mut rows = Vec::new();
        for mut column in columns {
            column.sort_unstable();
            rows.extend(column);
            ptr.push(rows.len() as u32);
        }
        Columns { ptr, rows }
    }

    #[inline(always)]
    fn range(&self, k: usize) -> std::ops::Range<usize> {
        self.ptr[k] as usize..self.ptr[k + 1] as usize
    }

    /// Where the entries of column k are among all, with their rows.
    fn entries(&self, k: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.range(k).map(|at| (at, self.rows[at] as usize))
    }

    /// x -= value · column k
    #[inline(always)]
    fn subtract<const W: usize>(&self, values: &[[f64; W]], k: usize, value: [f64; W], x: &mut [[f64; W]]) {
        let range = self.range(k);
        for (&row, entry) in self.rows[range.clone()].iter().zip(&values[range]) {
            let x = &mut x[row as usize];
            for l in 0..W {
                x[l] -= entry[l] * value[l];
            }
        }
    }
}

impl Columns {
    /// x -= column k times row k of x, for x with so many numbers in a row.
    #[inline(always)]
    fn subtract_many(&self, values: &[[f64; 1]], k: usize, columns: usize, x: &mut [f64]) {
        for at in self.range(k) {
            let (row, [value]) = (self.rows[at] as usize, values[at]);
            let (low, high) = (row.min(k), row.max(k));
            let (front, back) = x.split_at_mut(high * columns);
            let (front, back) = (&mut front[low * columns..][..columns], &mut back[..columns]);
            let (to, from) = if row > k { (back, front) } else { (front, back) };
            to.iter_mut().zip(&*from).for_each(|(to, from)| *to -= value * from);
        }
    }
}

impl Symbolic {
    /// Orders and fills the pattern of J.
    pub fn new(pattern: &SparsePattern) -> Self {
        Self::ordered(pattern, &markowitz(pattern))
    }

    /// With an elimination of this pattern.
    pub(super) fn ordered(pattern: &SparsePattern, elimination: &Elimination) -> Self {
        let n = pattern.dimension();
        let mut position = vec![0; n];
        for (k, &variable) in elimination.order.iter().enumerate() {
            position[variable] = k as u32;
        }
        let permuted = |variables: &Vec<usize>| variables.iter().map(|&v| position[v]).collect::<Vec<_>>();
        let l = Columns::new(elimination.below.iter().map(permuted).collect());
        let mut u_columns = vec![Vec::new(); n];
        for (k, right) in elimination.right.iter().enumerate() {
            for &variable in right {
                u_columns[position[variable] as usize].push(k as u32);
            }
        }
        let mut scatter_ptr = vec![0];
        let mut scatter = Vec::with_capacity(pattern.nnz());
        for &column in &elimination.order {
            let entries = pattern.column(column).zip(pattern.rows(column));
            scatter.extend(entries.map(|(entry, &row)| (entry as u32, position[row])));
            scatter_ptr.push(scatter.len() as u32);
        }
        let order = elimination.order.iter().map(|&v| v as u32).collect();
        Symbolic { order, scatter_ptr, scatter, l, u: Columns::new(u_columns) }
    }

    /// The variable eliminated k-th.
    pub fn order(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.order.iter().map(|&variable| variable as usize)
    }

    /// The entries of J in the column eliminated k-th: where among J's values, and in which permuted row.
    pub fn given(&self, k: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let range = self.scatter_ptr[k] as usize..self.scatter_ptr[k + 1] as usize;
        self.scatter[range].iter().map(|&(entry, row)| (entry as usize, row as usize))
    }

    /// The entries of column k of L below its diagonal: where among L's values, and in which permuted row.
    pub fn below(&self, k: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.l.entries(k)
    }

    /// Of U, above its diagonal.
    pub fn above(&self, k: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.u.entries(k)
    }

    /// Multiplications and subtractions that a factorisation and a solution take.
    pub fn work(&self) -> (usize, usize) {
        let columns = 0..self.order.len();
        let factor = columns.flat_map(|j| self.above(j)).map(|(_, k)| self.l.range(k).len()).sum();
        (factor, self.l.rows.len() + self.u.rows.len())
    }

    /// Entries of L and U, both with their diagonals counted once.
    pub fn entries(&self) -> usize {
        self.l.rows.len() + self.u.rows.len() + self.order.len()
    }
}

/// LU of `shift·I − J` in a fixed order without pivoting, of W matrices of one pattern at once.
#[derive(Debug, Clone)]
pub struct StaticLu<const W: usize = 1> {
    symbolic: Arc<Symbolic>,
    l: Rows<W>,
    u: Rows<W>,
    reciprocal_pivots: Rows<W>,
    /// Minus zero between uses: what is subtracted from it is negated.
    work: Rows<W>,
    largest: [f64; W],
    /// Room for many right sides, once there were some.
    many: Vec<f64>,
}

impl StaticLu {
    /// Orders and fills the pattern of J.
    pub fn new(pattern: &SparsePattern) -> Self {
        StaticLu::with(Arc::new(Symbolic::new(pattern)))
    }
}

impl<const W: usize> StaticLu<W> {
    /// Over an order and a filled pattern found before.
    pub fn with(symbolic: Arc<Symbolic>) -> Self {
        let n = symbolic.order.len();
        StaticLu {
            l: Rows::zeros(symbolic.l.rows.len()),
            u: Rows::zeros(symbolic.u.rows.len()),
            reciprocal_pivots: Rows::zeros(n),
            work: Rows::new(n, -0.0),
            largest: [f64::INFINITY; W],
            many: Vec::new(),
            symbolic,
        }
    }

    /// [`Symbolic::entries`].
    pub fn entries(&self) -> usize {
        self.symbolic.entries()
    }

    /// Factors `shift·I − J` in every lane; where it met a pivot not to be trusted, in each lane.
    pub fn factor_lanes(&mut self, shift: &[f64; W], jacobian: &[[f64; W]]) -> [Option<Singular>; W] {
        pulp::Arch::new().dispatch(Factor { lu: self, shift, jacobian })
    }

    /// Replaces b by the solution, in every lane.
    pub fn solve_lanes(&mut self, b: &mut [[f64; W]]) {
        pulp::Arch::new().dispatch(Solve { lu: self, b });
    }

    /// [`LinearSolver::largest_multiplier`] of each lane.
    pub fn largest_multipliers(&self) -> &[f64; W] {
        &self.largest
    }
}

struct Factor<'a, const W: usize> {
    lu: &'a mut StaticLu<W>,
    shift: &'a [f64; W],
    jacobian: &'a [[f64; W]],
}

impl<const W: usize> NullaryFnOnce for Factor<'_, W> {
    type Output = [Option<Singular>; W];

    #[inline(always)]
    fn call(self) -> Self::Output {
        let Factor { lu: StaticLu { symbolic, l, u, reciprocal_pivots, work, largest, .. }, shift, jacobian } = self;
        let Symbolic { order, scatter_ptr, scatter, l: below, u: above } = &**symbolic;
        let n = order.len();
        let (work, reciprocals) = (&mut work[..n], &mut reciprocal_pivots[..n]);
        let mut singular = [None; W];
        *largest = [0.0; W];
        for j in 0..n {
            for &(entry, row) in &scatter[scatter_ptr[j] as usize..scatter_ptr[j + 1] as usize] {
                let values = &jacobian[entry as usize];
                work[row as usize] = lanes!(i => -values[i]);
            }
            for i in 0..W {
                work[j][i] += shift[i];
            }
            let range = above.range(j);
            for (&k, entry) in above.rows[range.clone()].iter().zip(&mut u[range]) {
                let value = std::mem::replace(&mut work[k as usize], [-0.0; W]);
                *entry = value;
                below.subtract(l, k as usize, value, work);
            }
            let pivot = std::mem::replace(&mut work[j], [-0.0; W]);
            let reciprocal = lanes!(i => 1.0 / pivot[i]);
            reciprocals[j] = reciprocal;
            let range = below.range(j);
            let mut most = [0.0; W];
            for (&row, entry) in below.rows[range.clone()].iter().zip(&mut l[range]) {
                let value = std::mem::replace(&mut work[row as usize], [-0.0; W]);
                for i in 0..W {
                    entry[i] = value[i] * reciprocal[i];
                    let size = entry[i].abs();
                    most[i] = if size > most[i] { size } else { most[i] };
                }
            }
            for i in 0..W {
                largest[i] = if most[i] > largest[i] { most[i] } else { largest[i] };
                if !(reciprocal[i].is_finite() && most[i] <= LARGEST_MULTIPLIER) && singular[i].is_none() {
                    singular[i] = Some(Singular { column: order[j] as usize });
                }
            }
            if W == 1 && singular[0].is_some() {
                break;
            }
        }
        singular
    }
}

struct Solve<'a, const W: usize> {
    lu: &'a mut StaticLu<W>,
    b: &'a mut [[f64; W]],
}

impl<const W: usize> NullaryFnOnce for Solve<'_, W> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Solve { lu: StaticLu { symbolic, l, u, reciprocal_pivots, work, .. }, b } = self;
        let Symbolic { order, l: below, u: above, .. } = &**symbolic;
        let n = order.len();
        let (work, reciprocals) = (&mut work[..n], &reciprocal_pivots[..n]);
        for (x, &variable) in work.iter_mut().zip(order) {
            *x = b[variable as usize];
        }
        for k in 0..n {
            below.subtract(l, k, work[k], work);
        }
        for k in (0..n).rev() {
            let value = std::mem::replace(&mut work[k], [-0.0; W]);
            let value = lanes!(i => value[i] * reciprocals[k][i]);
            above.subtract(u, k, value, work);
            b[order[k] as usize] = value;
        }
    }
}

impl LinearSolver for StaticLu {
    fn factor(&mut self, shift: f64, jacobian: &[f64]) -> Result<(), Singular> {
        self.factor_lanes(&[shift], jacobian.as_chunks().0)[0].map_or(Ok(()), Err)
    }

    fn solve(&mut self, b: &mut [f64]) {
        self.solve_lanes(b.as_chunks_mut().0);
    }

    fn solve_many(&mut self, b: &mut [f64], columns: usize) {
        let StaticLu { symbolic, l, u, reciprocal_pivots, many, .. } = self;
        let Symbolic { order, l: below, u: above, .. } = &**symbolic;
        let row = |k: usize| k * columns..(k + 1) * columns;
        vectorised(
            #[inline(always)]
            || {
                many.clear();
                for &variable in order {
                    many.extend_from_slice(&b[row(variable as usize)]);
                }
                for k in 0..order.len() {
                    // Of L, rows below; of U, rows above: never row k itself.
                    below.subtract_many(l, k, columns, many);
                }
                for k in (0..order.len()).rev() {
                    let [reciprocal] = reciprocal_pivots[k];
                    many[row(k)].iter_mut().for_each(|x| *x *= reciprocal);
                    above.subtract_many(u, k, columns, many);
                    b[row(order[k] as usize)].copy_from_slice(&many[row(k)]);
                }
            },
        );
    }

    fn largest_multiplier(&self) -> f64 {
        self.largest[0]
    }
}
