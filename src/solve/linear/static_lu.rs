//! Sparse LU with everything but the numbers settled beforehand, in any number of lanes.
//!
//! By rows over the pattern that [`markowitz`] fills, pivots on the diagonal in that order, no tests for sparsity or zeros
//! while factoring, so a lane's numbers do not depend on the others. A row's unknown is summed up in a register, so that
//! solving writes nothing but the solution; U lies in memory in the order in which it is read, last row first. Stable where
//! the matrix is diagonally dominant by columns or nearly so, which short steps of reaction networks are; growth of L is
//! watched, the rest is [`Guarded`](super::Guarded)'s work. Nothing is allocated after `new`.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use pulp::NullaryFnOnce;

use super::{LinearSolver, Singular, SparsePattern, markowitz};
use crate::solve::{Rows, lanes, vectorised};

/// Entries of L beyond this are taken for a pivot lost to rounding. Far above the square root of 1/ε, for unknowns in
/// units of their own (copies, and parts of one) make large entries that harm no digit; [`Guarded`](super::Guarded) tells.
pub const LARGEST_MULTIPLIER: f64 = 1e20;

/// Entries that two neighbouring rows must share to be worked on together: with fewer, the loops are too short.
const SHARED: usize = 4;

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
    /// In which rows, one or two at a time, the matrix is factored.
    groups: Vec<Group>,
}

/// One or two neighbouring rows that are factored together: what both take from a row of U is then read once.
#[derive(Debug)]
struct Group {
    first: u32,
    is_pair: bool,
    /// The rows of U above, ascending, with the place in L of each row's multiplier: of the first, of the second.
    uses: Vec<(u32, [Option<u32>; 2])>,
    /// The place in L of the multiplier by which the second row takes from the first.
    last: Option<u32>,
}

impl Group {
    /// All rows.
    fn of(l: &Rowwise) -> Vec<Group> {
        let rows = l.ptr.len() - 1;
        let (mut groups, mut first) = (Vec::new(), 0);
        while first < rows {
            let entries = |row: usize| l.range(row).map(|at| (l.columns[at], at as u32));
            let alone: BTreeMap<u32, [Option<u32>; 2]> = entries(first).map(|(k, at)| (k, [Some(at), None])).collect();
            let (mut both, mut last) = (alone.clone(), None);
            if first + 1 < rows {
                for (k, at) in entries(first + 1) {
                    if k as usize == first {
                        last = Some(at);
                    } else {
                        both.entry(k).or_default()[1] = Some(at);
                    }
                }
            }
            let shared = both.values().filter(|at| at.iter().all(Option::is_some)).count();
            let is_pair = shared >= SHARED;
            let uses = if is_pair { both } else { alone };
            let uses = uses.into_iter().collect();
            groups.push(Group { first: first as u32, is_pair, uses, last: last.filter(|_| is_pair) });
            first += if is_pair { 2 } else { 1 };
        }
        groups
    }
}

/// Where a triangle has entries, row by row in permuted indices, in the order in which unknowns are found.
#[derive(Debug)]
struct Rowwise {
    ptr: Vec<u32>,
    columns: Vec<u32>,
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

    /// Finds the unknowns x, row by row: `given` tells where a row begins, `found` what its sum means.
    #[inline(always)]
    fn substitute<const W: usize>(
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
    pub(super) fn ordered(pattern: &SparsePattern, elimination: &super::Elimination) -> Self {
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
        let l = Rowwise::new(&left, |row| row as u32);
        Symbolic {
            groups: Group::of(&l),
            l,
            order: elimination.order.iter().map(|&v| v as u32).collect(),
            given_ptr,
            given: given.concat(),
            u: Rowwise::new(&right, |row| (n - 1 - row) as u32),
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
            for row in i..i + 1 + usize::from(group.is_pair) {
                for l in 0..W {
                    let is_sound = elimination.reciprocals[row][l].is_finite() && most[l] <= LARGEST_MULTIPLIER;
                    if !is_sound && singular[l].is_none() {
                        singular[l] = Some(Singular { column: order[row] as usize });
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

    /// The multiplier by which a row takes from row k of U.
    #[inline(always)]
    fn multiplier(&mut self, k: usize, at: usize, work: &mut [f64; W]) -> [f64; W] {
        let (value, reciprocal) = (std::mem::replace(work, [-0.0; W]), &self.reciprocals[k]);
        let value = lanes!(l => value[l] * reciprocal[l]);
        self.l[at] = value;
        value
    }

    /// Takes from one of two rows what it has of row k of U; the size of its multiplier.
    #[inline(always)]
    fn take(&mut self, k: usize, at: usize, work: &mut [Both<W>], from: usize) -> [f64; W] {
        let value = self.multiplier(k, at, &mut work[k][from]);
        for (column, entry) in self.symbolic.u.with(self.symbolic.from_end(k), self.u) {
            let rest = &mut work[column][from];
            *rest = lanes!(l => rest[l] - value[l] * entry[l]);
        }
        size(value)
    }

    /// The same of both; the larger size.
    #[inline(always)]
    fn take_both(&mut self, k: usize, at: [usize; 2], work: &mut [Both<W>]) -> [f64; W] {
        let [first, second] = &mut work[k];
        let (a, b) = (self.multiplier(k, at[0], first), self.multiplier(k, at[1], second));
        for (column, entry) in self.symbolic.u.with(self.symbolic.from_end(k), self.u) {
            let [first, second] = &mut work[column];
            *first = lanes!(l => first[l] - a[l] * entry[l]);
            *second = lanes!(l => second[l] - b[l] * entry[l]);
        }
        larger(size(a), size(b))
    }

    /// What is left of a row is one of U.
    #[inline(always)]
    fn finish(&mut self, row: usize, work: &mut [Both<W>], from: usize) {
        let pivot = std::mem::replace(&mut work[row][from], [-0.0; W]);
        self.reciprocals[row] = lanes!(l => 1.0 / pivot[l]);
        let range = self.symbolic.u.range(self.symbolic.from_end(row));
        for (&column, entry) in self.symbolic.u.columns[range.clone()].iter().zip(&mut self.u[range]) {
            *entry = std::mem::replace(&mut work[column as usize][from], [-0.0; W]);
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
            |row, x| x[n - 1 - row],
            #[inline(always)]
            |row, sum, x| {
                let i = n - 1 - row;
                let value = lanes!(l => sum[l] * reciprocals[i][l]);
                x[i] = value;
                b[order[i] as usize] = value;
                value
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
