//! The loops over components that all methods are made of, for any number of lanes.
//!
//! Invariant: what a loop does in a lane is the same sequence of operations for any W. All is inlined, to be compiled for the
//! processor at hand by whoever dispatches.

#![allow(clippy::needless_range_loop, reason = "plain loops over lanes become wide instructions")]

use super::positive::{Floor, depth, raised};
use crate::solve::{SparsePattern, lanes, vectorised};

/// Rows taken at a time: all that they are made of is read before any is written, so the compiler need not fear that what is
/// written is read.
const BLOCK: usize = 4;

/// Does something with blocks of all rows: the number of the first, and how many as a constant of that name. The last ones
/// are taken twice where blocks don't come out even, with the same result.
macro_rules! in_blocks {
    ($rows:expr, $at:ident, $block:ident => $act:expr) => {{
        let rows = $rows;
        if rows < BLOCK {
            const $block: usize = 1;
            for $at in 0..rows {
                $act
            }
        } else {
            const $block: usize = BLOCK;
            let mut start = 0;
            while start < rows {
                let $at = start.min(rows - BLOCK);
                $act;
                start += BLOCK;
            }
        }
    }};
}

/// For each row: base + scale Σ a_j k_j, given to `write` with the number of the first of its block.
#[inline(always)]
fn each_sum<const N: usize, const W: usize>(
    base: &[[f64; W]],
    scale: &[f64; W],
    a: &[f64],
    k: &[impl AsRef<[[f64; W]]>],
    mut write: impl FnMut(usize, &[[f64; W]]),
) {
    let (a, rows) = (counted(a), rows::<N, W>(k, base.len()));
    in_blocks!(base.len(), at, B => write(at, &sums::<N, B, W>(at, base, scale, a, &rows)));
}

/// For each of n rows: Σ a_j k_j, given to `write` as [`each_sum`] does.
#[inline(always)]
fn each_dot<const N: usize, const W: usize>(
    n: usize,
    a: &[f64],
    k: &[impl AsRef<[[f64; W]]>],
    mut write: impl FnMut(usize, &[[f64; W]]),
) {
    let (a, rows) = (counted(a), rows::<N, W>(k, n));
    in_blocks!(n, at, B => write(at, &dots::<N, B, W>(at, a, &rows)));
}

/// For each of n rows: Σ a_j k_j and Σ c_j k_j, given to `write` as [`each_sum`] does.
#[inline(always)]
fn each_two_sums<const N: usize, const W: usize>(
    n: usize,
    a: &[f64],
    c: &[f64],
    k: &[impl AsRef<[[f64; W]]>],
    mut write: impl FnMut(usize, &[[f64; W]], &[[f64; W]]),
) {
    let (a, c, rows) = (counted(a), counted(c), rows::<N, W>(k, n));
    in_blocks!(n, at, B => write(at, &dots::<N, B, W>(at, a, &rows), &dots::<N, B, W>(at, c, &rows)));
}

/// The numbers of the rows, for loops over several lanes: as the compiler can't know that these follow each other, it makes
/// vectors of lanes, and not of rows, which lie apart.
#[derive(Debug)]
pub(super) struct Numbers(Vec<u32>);

impl Numbers {
    pub fn of(n: usize) -> Self {
        Numbers((0..n as u32).collect())
    }

    /// Calls `row` for each row. Of a single lane, vectors are of rows.
    #[inline(always)]
    fn each<const W: usize>(&self, mut row: impl FnMut(usize)) {
        if W == 1 {
            (0..self.0.len()).for_each(row);
        } else {
            for &i in &self.0 {
                row(i as usize);
            }
        }
    }
}

#[inline(always)]
fn counted<const N: usize>(a: &[f64]) -> &[f64; N] {
    a.first_chunk().expect("as many coefficients as the caller counted")
}

#[inline(always)]
fn rows<const N: usize, const W: usize>(k: &[impl AsRef<[[f64; W]]>], n: usize) -> [&[[f64; W]]; N] {
    let mut rows: [&[[f64; W]]; N] = [&[]; N];
    for (row, k) in rows.iter_mut().zip(k) {
        *row = &k.as_ref()[..n];
    }
    rows
}

/// Σ a_j k_j of some rows.
#[inline(always)]
fn dots<const N: usize, const B: usize, const W: usize>(
    start: usize,
    a: &[f64; N],
    rows: &[&[[f64; W]]; N],
) -> [[f64; W]; B] {
    let mut values = [[0.0; W]; B];
    for (value, row) in values.iter_mut().zip(&rows[0][start..start + B]) {
        for l in 0..W {
            value[l] = a[0] * row[l];
        }
    }
    for j in 1..N {
        for (value, row) in values.iter_mut().zip(&rows[j][start..start + B]) {
            for l in 0..W {
                value[l] += a[j] * row[l];
            }
        }
    }
    values
}

#[inline(always)]
fn sums<const N: usize, const B: usize, const W: usize>(
    start: usize,
    base: &[[f64; W]],
    scale: &[f64; W],
    a: &[f64; N],
    rows: &[&[[f64; W]]; N],
) -> [[f64; W]; B] {
    let mut values = dots::<N, B, W>(start, a, rows);
    for (value, base) in values.iter_mut().zip(&base[start..start + B]) {
        for l in 0..W {
            value[l] = base[l] + scale[l] * value[l];
        }
    }
    values
}

/// Does something with a number of stages, from one to eight, as a constant of that name.
macro_rules! by_count {
    ($count:expr, $n:ident => $act:expr) => {
        by_count!(@among 1 2 3 4 5 6 7 8; $count, $n => $act)
    };
    (@among $($stages:literal)+; $count:expr, $n:ident => $act:expr) => {
        match $count {
            $($stages => {
                const $n: usize = $stages;
                $act
            })+
            more => unreachable!("no method here has {more} stages"),
        }
    };
}

/// out = base + scale Σ a_j k_j.
#[inline(always)]
pub(super) fn combine<const W: usize>(
    out: &mut [[f64; W]],
    base: &[[f64; W]],
    scale: &[f64; W],
    a: &[f64],
    k: &[impl AsRef<[[f64; W]]>],
) {
    let out = &mut out[..base.len()];
    by_count!(a.len(), N => each_sum::<N, W>(
        base,
        scale,
        a,
        k,
        #[inline(always)]
        |at, values| out[at..at + values.len()].copy_from_slice(values)
    ));
}

/// x = base + scale x.
#[inline(always)]
pub(super) fn add_scaled<const W: usize>(numbers: &Numbers, x: &mut [[f64; W]], base: &[[f64; W]], scale: &[f64; W]) {
    let n = numbers.0.len();
    let (x, base) = (&mut x[..n], &base[..n]);
    numbers.each::<W>(
        #[inline(always)]
        |i| x[i] = lanes!(l => base[i][l] + scale[l] * x[i][l]),
    );
}

/// x −= scale k.
pub(super) fn subtract_scaled<const W: usize>(numbers: &Numbers, x: &mut [[f64; W]], k: &[[f64; W]], scale: &[f64; W]) {
    let n = numbers.0.len();
    let (x, k) = (&mut x[..n], &k[..n]);
    vectorised(
        #[inline(always)]
        || {
            numbers.each::<W>(
                #[inline(always)]
                |i| x[i] = lanes!(l => x[i][l] - scale[l] * k[i][l]),
            );
        },
    );
}

/// [`combine`] of one lane, into numbers that lie close.
pub(super) fn combine_lane<const W: usize>(
    lane: usize,
    out: &mut [f64],
    base: &[[f64; W]],
    scale: f64,
    a: &[f64],
    k: &[impl AsRef<[[f64; W]]>],
) {
    match a.len() {
        7 => sum_lane::<7, W>(lane, out, base, scale, a, k),
        8 => sum_lane::<8, W>(lane, out, base, scale, a, k),
        more => unreachable!("no method here has {more} stages"),
    }
}

#[inline(always)]
fn sum_lane<const N: usize, const W: usize>(
    lane: usize,
    out: &mut [f64],
    base: &[[f64; W]],
    scale: f64,
    a: &[f64],
    k: &[impl AsRef<[[f64; W]]>],
) {
    // Known to the compiler, which then takes numbers in one lane as lying close.
    let lane = if W == 1 { 0 } else { lane };
    let (n, out) = (base.len(), &mut out[..base.len()]);
    let a: [f64; N] = std::array::from_fn(|j| a[j]);
    let k: [&[[f64; W]]; N] = std::array::from_fn(|j| &k[j].as_ref()[..n]);
    for i in 0..n {
        let mut sum = a[0] * k[0][i][lane];
        for j in 1..N {
            sum += a[j] * k[j][i][lane];
        }
        out[i] = base[i][lane] + scale * sum;
    }
}

/// M sums Σ a_j k_j, into as many groups of rows one after the other, in one pass over the k.
#[inline(always)]
pub(super) fn combine_several<const M: usize, const W: usize>(
    numbers: &Numbers,
    out: &mut [[f64; W]],
    a: [&[f64]; M],
    k: &[impl AsRef<[[f64; W]]>],
) {
    by_count!(k.len(), N => each_several::<N, M, W>(numbers, out, a.map(counted::<N>), k));
}

#[inline(always)]
fn each_several<const N: usize, const M: usize, const W: usize>(
    numbers: &Numbers,
    out: &mut [[f64; W]],
    a: [&[f64; N]; M],
    k: &[impl AsRef<[[f64; W]]>],
) {
    let n = numbers.0.len();
    let rows = rows::<N, W>(k, n);
    let mut rest = out;
    let mut groups: [&mut [[f64; W]]; M] = std::array::from_fn(|_| {
        let (group, others) = std::mem::take(&mut rest).split_at_mut(n);
        rest = others;
        group
    });
    numbers.each::<W>(
        #[inline(always)]
        |i| {
            let mut sums = [[0.0; W]; M];
            for (sum, a) in sums.iter_mut().zip(&a) {
                *sum = lanes!(l => a[0] * rows[0][i][l]);
            }
            for j in 1..N {
                for (sum, a) in sums.iter_mut().zip(&a) {
                    *sum = lanes!(l => sum[l] + a[j] * rows[j][i][l]);
                }
            }
            for (group, sum) in groups.iter_mut().zip(sums) {
                group[i] = sum;
            }
        },
    );
}

/// [`combine`], what is below `least` raised to it.
#[inline(always)]
pub(super) fn combine_raised<const W: usize>(
    out: &mut [[f64; W]],
    base: &[[f64; W]],
    scale: &[f64; W],
    a: &[f64],
    k: &[impl AsRef<[[f64; W]]>],
    least: &[f64],
) {
    let (out, least) = (&mut out[..base.len()], &least[..base.len()]);
    by_count!(a.len(), N => each_sum::<N, W>(
        base,
        scale,
        a,
        k,
        #[inline(always)]
        |at, values| {
            let (out, least) = (&mut out[at..at + values.len()], &least[at..at + values.len()]);
            for ((out, value), least) in out.iter_mut().zip(values).zip(least) {
                *out = lanes!(l => raised(value[l], *least));
            }
        }
    ));
}

/// [`combine`] into the lanes marked of `end`, and into all lanes of `above`, there raised to `least`.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the data of a step's end")]
pub(super) fn combine_end<const W: usize>(
    end: &mut [[f64; W]],
    above: &mut [[f64; W]],
    lanes: &[bool; W],
    base: &[[f64; W]],
    scale: &[f64; W],
    a: &[f64],
    k: &[impl AsRef<[[f64; W]]>],
    least: &[f64],
) {
    let n = base.len();
    let (end, above, least) = (&mut end[..n], &mut above[..n], &least[..n]);
    if lanes.iter().all(|l| *l) {
        by_count!(a.len(), N => each_sum::<N, W>(
            base,
            scale,
            a,
            k,
            #[inline(always)]
            |at, values| {
                let (above, least) = (&mut above[at..at + values.len()], &least[at..at + values.len()]);
                end[at..at + values.len()].copy_from_slice(values);
                for ((above, value), least) in above.iter_mut().zip(values).zip(least) {
                    *above = lanes!(l => raised(value[l], *least));
                }
            }
        ));
    } else {
        by_count!(a.len(), N => each_sum::<N, W>(
            base,
            scale,
            a,
            k,
            #[inline(always)]
            |at, values| {
                for (i, value) in (at..).zip(values) {
                    end[i] = lanes!(l => if lanes[l] { value[l] } else { end[i][l] });
                    above[i] = lanes!(l => raised(value[l], least[i]));
                }
            }
        ));
    }
}

/// Where a stage's state goes: what rates see of it, raised to the least that is allowed; what that took away, zero or less;
/// and how far it is from the state at the start.
pub(super) struct Stage<'s, const W: usize> {
    pub above: &'s mut [[f64; W]],
    pub below: &'s mut [[f64; W]],
    pub moved: &'s mut [[f64; W]],
}

impl<const W: usize> Stage<'_, W> {
    /// What follows from how far all was moved; whether some is below what is allowed.
    #[inline(always)]
    fn split(&mut self, numbers: &Numbers, base: &[[f64; W]], floor: &Floor<W>) -> bool {
        let n = numbers.0.len();
        let (above, below, moved) = (&mut self.above[..n], &mut self.below[..n], &self.moved[..n]);
        let (base, least, slack) = (&base[..n], &floor.least()[..n], *floor.slack());
        let mut lowest = [0.0; W];
        numbers.each::<W>(
            #[inline(always)]
            |i| {
                let value = lanes!(l => base[i][l] + moved[i][l]);
                above[i] = lanes!(l => raised(value[l], least[i]));
                below[i] = lanes!(l => depth(value[l], least[i], slack[l]));
                lowest = lanes!(l => if below[i][l] < lowest[l] { below[i][l] } else { lowest[l] });
            },
        );
        lowest.iter().any(|lowest| *lowest < 0.0)
    }
}

/// base + Σ a_j k_j into `stage`, and Σ c_j k_j into `other`, in one pass over the k. Whether it is below what is allowed
/// anywhere.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the data of a stage")]
pub(super) fn combine_split<const W: usize>(
    numbers: &Numbers,
    stage: &mut Stage<'_, W>,
    other: &mut [[f64; W]],
    base: &[[f64; W]],
    a: &[f64],
    c: &[f64],
    k: &[impl AsRef<[[f64; W]]>],
    floor: &Floor<W>,
) -> bool {
    by_count!(a.len(), N => each_two_sums::<N, W>(
        base.len(),
        a,
        c,
        k,
        #[inline(always)]
        |at, moved, others| {
            stage.moved[at..at + moved.len()].copy_from_slice(moved);
            other[at..at + others.len()].copy_from_slice(others);
        }
    ));
    stage.split(numbers, base, floor)
}

/// [`combine_split`] where the stage before was moved by all but the last of the k, and this one is by that once.
#[inline(always)]
pub(super) fn continue_split<const W: usize>(
    numbers: &Numbers,
    stage: &mut Stage<'_, W>,
    other: &mut [[f64; W]],
    base: &[[f64; W]],
    c: &[f64],
    k: &[impl AsRef<[[f64; W]]>],
    floor: &Floor<W>,
) -> bool {
    let n = base.len();
    by_count!(c.len(), N => each_dot::<N, W>(
        n,
        c,
        k,
        #[inline(always)]
        |at, others| other[at..at + others.len()].copy_from_slice(others)
    ));
    let (moved, last) = (&mut stage.moved[..n], &k[c.len() - 1].as_ref()[..n]);
    numbers.each::<W>(
        #[inline(always)]
        |i| moved[i] = lanes!(l => moved[i][l] + last[i][l]),
    );
    stage.split(numbers, base, floor)
}

/// The same of the end of a step, into the lanes marked of `end`.
#[inline(always)]
pub(super) fn continue_end<const W: usize>(
    numbers: &Numbers,
    stage: &mut Stage<'_, W>,
    end: &mut [[f64; W]],
    lanes: &[bool; W],
    base: &[[f64; W]],
    last: &[[f64; W]],
    least: &[f64],
) {
    let n = numbers.0.len();
    let (end, base, last, least) = (&mut end[..n], &base[..n], &last[..n], &least[..n]);
    let (above, moved) = (&mut stage.above[..n], &stage.moved[..n]);
    numbers.each::<W>(
        #[inline(always)]
        |i| {
            let value = lanes!(l => base[i][l] + (moved[i][l] + last[i][l]));
            end[i] = lanes!(l => if lanes[l] { value[l] } else { end[i][l] });
            above[i] = lanes!(l => raised(value[l], least[i]));
        },
    );
}

/// slope += J below, in the lanes and columns in which something is below.
pub(super) fn continue_below<const W: usize>(
    pattern: &SparsePattern,
    jacobian: &[[f64; W]],
    below: &[[f64; W]],
    slope: &mut [[f64; W]],
) {
    vectorised(
        #[inline(always)]
        || {
            for (column, below) in below.iter().enumerate() {
                let mut some = false;
                for l in 0..W {
                    some |= below[l] < 0.0;
                }
                if !some {
                    continue;
                }
                for (entry, &row) in pattern.column(column).zip(pattern.rows(column)) {
                    let (slope, entry) = (&mut slope[row], &jacobian[entry]);
                    *slope = lanes!(l => {
                        let continued = slope[l] + entry[l] * below[l];
                        if below[l] < 0.0 { continued } else { slope[l] }
                    });
                }
            }
        },
    );
}

/// `to` becomes `from` in the lanes marked.
pub(super) fn take<const W: usize>(to: &mut [[f64; W]], from: &[[f64; W]], lanes: &[bool; W]) {
    if lanes.iter().all(|l| *l) {
        return to.copy_from_slice(from);
    }
    vectorised(
        #[inline(always)]
        || {
            for (to, from) in to.iter_mut().zip(from) {
                *to = lanes!(l => if lanes[l] { from[l] } else { to[l] });
            }
        },
    );
}

/// [`combine`] of plain numbers.
pub(super) fn combine_numbers(out: &mut [f64], base: &[f64], scale: f64, a: &[f64], k: &[Vec<f64>]) {
    if a.is_empty() {
        return out.copy_from_slice(base);
    }
    let k: [&[[f64; 1]]; 8] = std::array::from_fn(|j| k.get(j).map_or(&[][..], |k| k.as_chunks().0));
    combine(out.as_chunks_mut().0, base.as_chunks().0, &[scale], a, &k);
}

/// out += J x, for x and out with `stride` numbers to each component.
pub(super) fn product(pattern: &SparsePattern, jacobian: &[f64], x: &[f64], out: &mut [f64], stride: usize) {
    vectorised(
        #[inline(always)]
        || {
            for column in 0..pattern.dimension() {
                let from = &x[column * stride..(column + 1) * stride];
                for (entry, &row) in pattern.column(column).zip(pattern.rows(column)) {
                    let value = jacobian[entry];
                    if value != 0.0 {
                        let to = &mut out[row * stride..(row + 1) * stride];
                        to.iter_mut().zip(from).for_each(|(to, from)| *to += value * from);
                    }
                }
            }
        },
    );
}
