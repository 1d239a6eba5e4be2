//! What is told of a vector as a whole: norms in units of the tolerance, extremes, whether it is finite. For any number of lanes.
//!
//! Invariant: sums over components have [`PARTS`] partial sums, component i in the (i mod PARTS)-th, added in one order. So a
//! lane's numbers do not depend on W, and one lane alone still fills the machine's registers.

#![allow(clippy::needless_range_loop, reason = "plain loops over lanes become wide instructions")]

use super::control::Weights;
use crate::solve::{lanes, vectorised};

/// Partial sums.
const PARTS: usize = 4;

/// [`all_finite`], compiled for the processor at hand.
pub(super) fn finite_lanes<const W: usize>(values: &[[f64; W]]) -> [bool; W] {
    vectorised(
        #[inline(always)]
        || all_finite(values),
    )
}

/// The sum over components i of `term(i)`, in the order of this module's first lines.
#[inline(always)]
pub(super) fn sum<const W: usize>(n: usize, term: impl Fn(usize) -> [f64; W]) -> [f64; W] {
    let mut parts = [[0.0; W]; PARTS];
    let mut start = 0;
    while start + PARTS <= n {
        let mut terms = [[0.0; W]; PARTS];
        for p in 0..PARTS {
            terms[p] = term(start + p);
        }
        for p in 0..PARTS {
            for l in 0..W {
                parts[p][l] += terms[p][l];
            }
        }
        start += PARTS;
    }
    for i in start..n {
        let term = term(i);
        for l in 0..W {
            parts[i - start][l] += term[l];
        }
    }
    lanes!(l => (parts[0][l] + parts[1][l]) + (parts[2][l] + parts[3][l]))
}

/// Whether all numbers of each lane are finite.
#[inline(always)]
pub(super) fn all_finite<const W: usize>(values: &[[f64; W]]) -> [bool; W] {
    // Nothing is what is finite, times zero.
    let zeros = sum(
        values.len(),
        #[inline(always)]
        |i| lanes!(l => 0.0 * values[i][l]),
    );
    let mut finite = [true; W];
    for l in 0..W {
        finite[l] = zeros[l] == 0.0;
    }
    finite
}

/// The largest of the absolute values of each lane; 0 of none.
#[inline(always)]
pub(super) fn largest_of<const W: usize>(values: &[[f64; W]]) -> [f64; W] {
    let mut largest = [0.0; W];
    for row in values {
        largest = lanes!(l => larger(row[l].abs(), largest[l]));
    }
    largest
}

/// Root mean square of the error of a step from `y` to `end`, in units of the tolerance; NaN when one of its numbers or
/// of the state at its end is not finite.
#[inline(always)]
pub(super) fn error_norm<const W: usize>(
    weights: &Weights<W>,
    y: &[[f64; W]],
    end: &[[f64; W]],
    error: impl Fn(usize) -> [f64; W],
) -> [f64; W] {
    let n = y.len();
    let (end, atol, rtol) = (&end[..n], &weights.atol[..n], &weights.rtol);
    let squares = sum(
        n,
        #[inline(always)]
        |i| {
            let error = error(i);
            lanes!(l => {
                let ratio = error[l] / scale(atol[i][l], rtol[l], larger(y[i][l].abs(), end[i][l].abs()));
                ratio * ratio + 0.0 * end[i][l]
            })
        },
    );
    lanes!(l => (squares[l] / n.max(1) as f64).sqrt())
}

/// By how much the errors of a step from `y` to `end` are beyond so many times what is allowed, the largest of each lane; not
/// above zero where none is.
#[inline(always)]
pub(super) fn largest_excess<const W: usize>(
    weights: &Weights<W>,
    y: &[[f64; W]],
    end: &[[f64; W]],
    error: &[[f64; W]],
    times: f64,
) -> [f64; W] {
    let n = y.len();
    let (end, error, atol, rtol) = (&end[..n], &error[..n], &weights.atol[..n], &weights.rtol);
    let mut largest = [0.0; W];
    for i in 0..n {
        largest = lanes!(l => {
            let allowed = scale(atol[i][l], rtol[l], larger(y[i][l].abs(), end[i][l].abs()));
            larger(error[i][l].abs() - times * allowed, largest[l])
        });
    }
    largest
}

/// The sum of squares of a vector in units of the tolerance at `y`.
#[inline(always)]
pub(super) fn norm_squared<const W: usize>(
    weights: &Weights<W>,
    y: &[[f64; W]],
    value: impl Fn(usize) -> [f64; W],
) -> [f64; W] {
    let n = y.len();
    let (atol, rtol) = (&weights.atol[..n], &weights.rtol);
    sum(
        n,
        #[inline(always)]
        |i| {
            let value = value(i);
            lanes!(l => {
                let ratio = value[l] / scale(atol[i][l], rtol[l], y[i][l].abs());
                ratio * ratio
            })
        },
    )
}

/// Root mean square of a vector of one lane, in units of the tolerance at `y`.
pub(super) fn norm<const W: usize>(weights: &Weights<W>, lane: usize, y: &[f64], value: &[f64]) -> f64 {
    let [squares] = sum(
        y.len(),
        #[inline(always)]
        |i| {
            let ratio = value[i] / scale(weights.atol[i][lane], weights.rtol[lane], y[i].abs());
            [ratio * ratio]
        },
    );
    (squares / y.len().max(1) as f64).sqrt()
}

#[inline(always)]
pub(super) fn scale(atol: f64, rtol: f64, size: f64) -> f64 {
    larger(atol + rtol * size, f64::MIN_POSITIVE)
}

/// One machine instruction, unlike `f64::max`, which minds NaN.
#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
