//! Sparse LU with everything but the numbers settled beforehand, in any number of lanes.
//!
//! By rows over the pattern that [`markowitz`] fills, pivots on the diagonal in that order, no tests for sparsity or zeros
//! while factoring, so a lane's numbers do not depend on the others. A row's unknown is summed up in a register, so that
//! solving writes nothing but the solution; U lies in memory in the order in which it is read, last row first. Stable where
//! the matrix is diagonally dominant by columns or nearly so, which short steps of reaction networks are; growth of L is
//! watched, the rest is [`Guarded`](super::Guarded)'s work. Nothing is allocated after `new`.

use std::cmp::Reverse;
use std::ops::Range;
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
    /// Entries of J by permuted row: where in J's values, which permuted column.
    given_ptr: Vec<u32>,
    given: Vec<(u32, u32)>,
    /// L without its unit diagonal, columns ascending.
    l: Rowwise,
    /// U without its diagonal, from the last row to the first, columns descending.
    u: Rowwise,
}

/// Where a triangle has entries, row by row in permuted indices.
#[derive(Debug)]
struct Rowwise {
    ptr: Vec<u32>,
    columns: Vec<u32>,
}

impl Rowwise {
    fn new(rows: impl Iterator<Item = Vec<u32>>) -> Self {
        let (mut ptr, mut columns) = (vec![0], Vec::new());
        for row in rows {
            columns.extend(row);
            ptr.push(columns.len() as u32);
        }
        Rowwise { ptr, columns }
    }

    #[inline(always)]
    fn range(&self, row: usize) -> Range<usize> {
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

    /// `sum` − row of the triangle · x, one product after the other.
    #[inline(always)]
    fn reduced<const W: usize>(&self, row: usize, values: &[[f64; W]], x: &[[f64; W]], sum: [f64; W]) -> [f64; W] {
        let mut sum = sum;
        for (column, entry) in self.with(row, values) {
            let x = &x[column];
            for l in 0..W {
                sum[l] -= entry[l] * x[l];
            }
        }
        sum
    }

    /// Row `to` of x −= row of the triangle · x, for x with so many numbers in a row.
    #[inline(always)]
    fn reduce_many(&self, row: usize, values: &[[f64; 1]], columns: usize, x: &mut [f64], to: usize) {
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
        Self::ordered(pattern, &markowitz(pattern))
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
        Symbolic {
            order: elimination.order.iter().map(|&v| v as u32).collect(),
            given_ptr,
            given: given.concat(),
            l: Rowwise::new(left.into_iter()),
            u: Rowwise::new(right.into_iter().rev()),
        }
    }

    /// The variable eliminated k-th.
    pub fn order(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.order.iter().map(|&variable| variable as usize)
    }

    /// Which row of `u` has the entries of that row of U.
    #[inline(always)]
    fn from_end(&self, row: usize) -> usize {
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
        self.u.range(self.from_end(k)).map(|at| (at, self.u.columns[at] as usize))
    }

    /// Multiplications and subtractions that a factorisation and a solution take.
    pub fn work(&self) -> (usize, usize) {
        let factor = self.l.columns.iter().map(|&k| self.u.range(self.from_end(k as usize)).len()).sum();
        (factor, self.l.columns.len() + self.u.columns.len())
    }

    /// Entries of L and U, both with their diagonals counted once.
    pub fn entries(&self) -> usize {
        self.l.columns.len() + self.u.columns.len() + self.order.len()
    }
}

/// LU of `shift·I − J` in a fixed order without pivoting, of W matrices of one pattern at once.
#[derive(Debug, Clone)]
pub struct StaticLu<const W: usize = 1> {
    symbolic: Arc<Symbolic>,
    l: Rows<W>,
    u: Rows<W>,
    reciprocal_pivots: Rows<W>,
    /// A row of what is left to factor; minus zero between uses: what is subtracted from it is negated.
    work: Rows<W>,
    /// A solution in the order of elimination.
    x: Rows<W>,
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
            l: Rows::zeros(symbolic.l.columns.len()),
            u: Rows::zeros(symbolic.u.columns.len()),
            reciprocal_pivots: Rows::zeros(n),
            work: Rows::new(n, -0.0),
            x: Rows::zeros(n),
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
        let Symbolic { order, given_ptr, given, l: left, u: right } = &**symbolic;
        let n = order.len();
        let (work, reciprocals) = (&mut work[..n], &mut reciprocal_pivots[..n]);
        let mut singular = [None; W];
        let mut most = [0.0; W];
        for i in 0..n {
            for &(entry, column) in &given[given_ptr[i] as usize..given_ptr[i + 1] as usize] {
                let values = &jacobian[entry as usize];
                work[column as usize] = lanes!(l => -values[l]);
            }
            work[i] = lanes!(l => work[i][l] + shift[l]);
            let range = left.range(i);
            for (&k, entry) in left.columns[range.clone()].iter().zip(&mut l[range]) {
                let value = std::mem::replace(&mut work[k as usize], [-0.0; W]);
                let reciprocal = &reciprocals[k as usize];
                let value = lanes!(l => value[l] * reciprocal[l]);
                most = lanes!(l => if value[l].abs() > most[l] { value[l].abs() } else { most[l] });
                *entry = value;
                for (column, entry) in right.with(symbolic.from_end(k as usize), u) {
                    let rest = &mut work[column];
                    *rest = lanes!(l => rest[l] - value[l] * entry[l]);
                }
            }
            let pivot = std::mem::replace(&mut work[i], [-0.0; W]);
            let reciprocal = lanes!(l => 1.0 / pivot[l]);
            reciprocals[i] = reciprocal;
            let range = right.range(symbolic.from_end(i));
            for (&column, entry) in right.columns[range.clone()].iter().zip(&mut u[range]) {
                *entry = std::mem::replace(&mut work[column as usize], [-0.0; W]);
            }
            for l in 0..W {
                if !(reciprocal[l].is_finite() && most[l] <= LARGEST_MULTIPLIER) && singular[l].is_none() {
                    singular[l] = Some(Singular { column: order[i] as usize });
                }
            }
            if W == 1 && singular[0].is_some() {
                break;
            }
        }
        *largest = most;
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
        let Solve { lu: StaticLu { symbolic, l, u, reciprocal_pivots, x, .. }, b } = self;
        let Symbolic { order, l: left, u: right, .. } = &**symbolic;
        let n = order.len();
        let (order, x, reciprocals) = (&order[..n], &mut x[..n], &reciprocal_pivots[..n]);
        for i in 0..n {
            x[i] = left.reduced(i, l, x, b[order[i] as usize]);
        }
        for i in (0..n).rev() {
            let sum = right.reduced(n - 1 - i, u, x, x[i]);
            let value = lanes!(l => sum[l] * reciprocals[i][l]);
            x[i] = value;
            b[order[i] as usize] = value;
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
        let Symbolic { order, l: left, u: right, .. } = &**symbolic;
        let n = order.len();
        let row = |k: usize| k * columns..(k + 1) * columns;
        vectorised(
            #[inline(always)]
            || {
                many.clear();
                for &variable in order {
                    many.extend_from_slice(&b[row(variable as usize)]);
                }
                for i in 0..n {
                    left.reduce_many(i, l, columns, many, i);
                }
                for i in (0..n).rev() {
                    right.reduce_many(n - 1 - i, u, columns, many, i);
                    let [reciprocal] = reciprocal_pivots[i];
                    many[row(i)].iter_mut().for_each(|x| *x *= reciprocal);
                    b[row(order[i] as usize)].copy_from_slice(&many[row(i)]);
                }
            },
        );
    }

    fn largest_multiplier(&self) -> f64 {
        self.largest[0]
    }
}
