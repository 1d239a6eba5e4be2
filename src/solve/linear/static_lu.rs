//! Sparse LU with everything but the numbers settled beforehand, in any number of lanes.
//!
//! Over the filled pattern of a [`Symbolic`], pivots on the diagonal in its order, no tests for sparsity or zeros while
//! factoring, so a lane's numbers do not depend on the others. Factored pivot by pivot; solved by rows: a row's unknown is
//! summed up in a register, so that solving writes nothing but the solution, and neighbouring rows that have much in common are
//! worked on together. Stable where the matrix is diagonally dominant by columns or nearly so, which short steps of reaction
//! networks are; growth of L is watched, the rest is [`Guarded`](super::Guarded)'s work. Nothing is allocated after `new`.

use std::sync::Arc;

use pulp::NullaryFnOnce;

use super::symbolic::Symbolic;
use super::{LinearSolver, Singular, SparsePattern};
use crate::solve::{Rows, lanes, vectorised};

/// Entries of L beyond this are taken for a pivot lost to rounding. Far above the square root of 1/ε, for unknowns in
/// units of their own (copies, and parts of one) make large entries that harm no digit; [`Guarded`](super::Guarded) tells.
pub const LARGEST_MULTIPLIER: f64 = 1e20;

/// LU of `shift·I − J` in a fixed order without pivoting, of W matrices of one pattern at once. Rows of U are divided by their
/// pivots, so that of unknowns which wait for each other none waits for a pivot besides.
#[derive(Debug, Clone)]
pub struct StaticLu<const W: usize = 1> {
    symbolic: Arc<Symbolic>,
    /// L without its diagonal, U without its diagonal, the reciprocal pivots.
    factors: Rows<W>,
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
            factors: Rows::zeros(symbolic.entries()),
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
        let Factor { lu, shift, jacobian } = self;
        let StaticLu { symbolic, factors, largest, .. } = lu;
        let pivots = factors.len() - symbolic.order.len();
        let most = symbolic.updates.factor(shift, jacobian, factors, pivots);
        let mut sum = [0.0; W];
        for reciprocal in &factors[pivots..] {
            // Nothing is what is finite, times zero.
            sum = lanes!(l => sum[l] + 0.0 * reciprocal[l]);
        }
        *largest = most;
        let mut singular = [None; W];
        for l in 0..W {
            if sum[l] != 0.0 || most[l] > LARGEST_MULTIPLIER {
                singular[l] = symbolic.unsound(|k| factors[pivots + k][l], |at| factors[at][l]);
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
        let Solve { lu: StaticLu { symbolic, factors, x, .. }, b } = self;
        let Symbolic { order, l: left, u: right, .. } = &**symbolic;
        let n = order.len();
        let (order, x) = (&order[..n], &mut x[..n]);
        let (l, rest) = factors.split_at(left.columns.len());
        let (u, reciprocals) = rest.split_at(right.columns.len());
        left.substitute(
            l,
            x,
            #[inline(always)]
            |i, _| b[order[i] as usize],
            #[inline(always)]
            |i, sum, x| {
                x[i] = sum;
                sum
            },
        );
        right.substitute(
            u,
            x,
            #[inline(always)]
            |row, x| {
                let i = n - 1 - row;
                lanes!(l => x[i][l] * reciprocals[i][l])
            },
            #[inline(always)]
            |row, sum, x| {
                let i = n - 1 - row;
                x[i] = sum;
                b[order[i] as usize] = sum;
                sum
            },
        );
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
        let StaticLu { symbolic, factors, many, .. } = self;
        let Symbolic { order, l: left, u: right, .. } = &**symbolic;
        let n = order.len();
        let (l, rest) = factors.split_at(left.columns.len());
        let (u, reciprocals) = rest.split_at(right.columns.len());
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
                    let [reciprocal] = reciprocals[i];
                    many[row(i)].iter_mut().for_each(|x| *x *= reciprocal);
                    right.reduce_many(n - 1 - i, u, columns, many, i);
                    b[row(order[i] as usize)].copy_from_slice(&many[row(i)]);
                }
            },
        );
    }

    fn largest_multiplier(&self) -> f64 {
        self.largest[0]
    }
}
