//! Sparse LU with everything but the numbers settled beforehand, in any number of lanes.
//!
//! By rows over the filled pattern of a [`Symbolic`], pivots on the diagonal in its order, no tests for sparsity or zeros
//! while factoring, so a lane's numbers do not depend on the others. A row's unknown is summed up in a register, so that
//! solving writes nothing but the solution; neighbouring rows that have much in common are worked on together. Stable where
//! the matrix is diagonally dominant by columns or nearly so, which short steps of reaction networks are; growth of L is
//! watched, the rest is [`Guarded`](super::Guarded)'s work. Nothing is allocated after `new`.

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
    l: Rows<W>,
    u: Rows<W>,
    reciprocal_pivots: Rows<W>,
    /// Two rows of what is left to factor, side by side; minus zero between uses: what is subtracted from it is negated.
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
            work: Rows::new(2 * n, -0.0),
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
        let Symbolic { order, groups, .. } = &**symbolic;
        let work = work.as_chunks_mut().0;
        let mut elimination = Elimination { symbolic, l, u, reciprocals: reciprocal_pivots };
        let (mut most, mut singular) = ([0.0; W], [None; W]);
        for group in groups {
            let i = group.first as usize;
            elimination.begin(i, shift, jacobian, work, 0);
            if group.is_pair {
                elimination.begin(i + 1, shift, jacobian, work, 1);
            }
            for &(k, at) in &group.uses {
                let k = k as usize;
                let size = match at {
                    [Some(a), Some(b)] => elimination.take_both(k, [a as usize, b as usize], work),
                    [Some(at), _] => elimination.take(k, at as usize, work, 0),
                    [None, at] => elimination.take(k, at.unwrap_or_default() as usize, work, 1),
                };
                most = larger(most, size);
            }
            elimination.finish(i, work, 0);
            if group.is_pair {
                if let Some(at) = group.last {
                    most = larger(most, elimination.take(i, at as usize, work, 1));
                }
                elimination.finish(i + 1, work, 1);
            }
            let rows = i..i + 1 + usize::from(group.is_pair);
            for (&variable, reciprocal) in order[rows.clone()].iter().zip(&elimination.reciprocals[rows]) {
                for l in 0..W {
                    let is_sound = reciprocal[l].is_finite() && most[l] <= LARGEST_MULTIPLIER;
                    if !is_sound && singular[l].is_none() {
                        singular[l] = Some(Singular { column: variable as usize });
                    }
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

/// A factorisation under way.
struct Elimination<'a, const W: usize> {
    symbolic: &'a Symbolic,
    l: &'a mut [[f64; W]],
    u: &'a mut [[f64; W]],
    reciprocals: &'a mut [[f64; W]],
}

#[inline(always)]
fn larger<const W: usize>(a: [f64; W], b: [f64; W]) -> [f64; W] {
    lanes!(l => if b[l] > a[l] { b[l] } else { a[l] })
}

#[inline(always)]
fn size<const W: usize>(a: [f64; W]) -> [f64; W] {
    lanes!(l => a[l].abs())
}

/// Two rows side by side.
type Both<const W: usize> = [[f64; W]; 2];

impl<const W: usize> Elimination<'_, W> {
    /// A row of the matrix into one of the two in `work`.
    #[inline(always)]
    fn begin(&self, row: usize, shift: &[f64; W], jacobian: &[[f64; W]], work: &mut [Both<W>], to: usize) {
        let Symbolic { given_ptr, given, .. } = self.symbolic;
        for &(entry, column) in &given[given_ptr[row] as usize..given_ptr[row + 1] as usize] {
            let values = &jacobian[entry as usize];
            work[column as usize][to] = lanes!(l => -values[l]);
        }
        work[row][to] = lanes!(l => work[row][to][l] + shift[l]);
    }

    /// What a row takes from row k of U as often as this; and the multiplier, which is kept.
    #[inline(always)]
    fn multiplier(&mut self, k: usize, at: usize, work: &mut [f64; W]) -> [[f64; W]; 2] {
        let (value, reciprocal) = (std::mem::replace(work, [-0.0; W]), &self.reciprocals[k]);
        let multiplier = lanes!(l => value[l] * reciprocal[l]);
        self.l[at] = multiplier;
        [value, multiplier]
    }

    /// Takes from one of two rows what it has of row k of U; the size of its multiplier.
    #[inline(always)]
    fn take(&mut self, k: usize, at: usize, work: &mut [Both<W>], from: usize) -> [f64; W] {
        let [value, multiplier] = self.multiplier(k, at, &mut work[k][from]);
        for (column, entry) in self.symbolic.u.with(self.symbolic.row_of_u(k), self.u) {
            let rest = &mut work[column][from];
            *rest = lanes!(l => rest[l] - value[l] * entry[l]);
        }
        size(multiplier)
    }

    /// The same of both; the larger size.
    #[inline(always)]
    fn take_both(&mut self, k: usize, at: [usize; 2], work: &mut [Both<W>]) -> [f64; W] {
        let [first, second] = &mut work[k];
        let ([a, a_multiplier], [b, b_multiplier]) =
            (self.multiplier(k, at[0], first), self.multiplier(k, at[1], second));
        for (column, entry) in self.symbolic.u.with(self.symbolic.row_of_u(k), self.u) {
            let [first, second] = &mut work[column];
            *first = lanes!(l => first[l] - a[l] * entry[l]);
            *second = lanes!(l => second[l] - b[l] * entry[l]);
        }
        larger(size(a_multiplier), size(b_multiplier))
    }

    /// What is left of a row is one of U.
    #[inline(always)]
    fn finish(&mut self, row: usize, work: &mut [Both<W>], from: usize) {
        let pivot = std::mem::replace(&mut work[row][from], [-0.0; W]);
        let reciprocal = lanes!(l => 1.0 / pivot[l]);
        self.reciprocals[row] = reciprocal;
        let range = self.symbolic.u.range(self.symbolic.row_of_u(row));
        for (&column, entry) in self.symbolic.u.columns[range.clone()].iter().zip(&mut self.u[range]) {
            let value = std::mem::replace(&mut work[column as usize][from], [-0.0; W]);
            *entry = lanes!(l => value[l] * reciprocal[l]);
        }
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
                    let [reciprocal] = reciprocal_pivots[i];
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
