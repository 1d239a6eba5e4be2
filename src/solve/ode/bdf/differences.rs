//! Backward differences of the last states on an even grid, and the passes over them.
//!
//! Row j holds ∇ʲy at the end of the last step, row 0 the state itself. All of a step's work on them
//! is done in one pass before the corrector and one after it, for an order known to the compiler.
//! The arithmetic of a component does not depend on how many are done at once; sums over components
//! run in [`LANES`] partial sums, whatever the processor.

use crate::solve::ode::positive::raised;
use crate::solve::vectorised;

/// The largest order that is stable enough.
pub(super) const MAX_ORDER: usize = 5;
/// One difference for the error, one for that of the next order.
const ROWS: usize = MAX_ORDER + 3;
const LANES: usize = 8;

/// Weights of a formula's history: ψ = Σ γ_j ∇ʲy / α.
pub(super) const GAMMA: [f64; MAX_ORDER + 1] = [0.0, 1.0, 3.0 / 2.0, 11.0 / 6.0, 25.0 / 12.0, 137.0 / 60.0];

#[derive(Debug)]
pub(super) struct Differences {
    rows: [Vec<f64>; ROWS],
}

/// Runs `$pass::<K>` for the order at hand.
macro_rules! for_order {
    ($order:expr, $pass:ident, $($argument:expr),*) => {
        match $order {
            1 => $pass::<1>($($argument),*),
            2 => $pass::<2>($($argument),*),
            3 => $pass::<3>($($argument),*),
            4 => $pass::<4>($($argument),*),
            _ => $pass::<MAX_ORDER>($($argument),*),
        }
    };
}

impl Differences {
    pub fn new(n: usize) -> Self {
        Differences { rows: std::array::from_fn(|_| vec![0.0; n]) }
    }

    /// A history of one point and a slope there.
    pub fn start(&mut self, y: &[f64], slope: &[f64], h: f64) {
        self.rows[0].copy_from_slice(y);
        for (row, slope) in self.rows[1].iter_mut().zip(slope) {
            *row = h * slope;
        }
        self.rows[2..].iter_mut().for_each(|row| row.fill(0.0));
    }

    /// The differences of states on an even grid, the last one first.
    #[cfg(test)]
    pub fn set(&mut self, states: &[Vec<f64>]) {
        for (j, row) in self.rows.iter_mut().enumerate().take(states.len()) {
            for (i, value) in row.iter_mut().enumerate() {
                let mut differences: Vec<f64> = states.iter().map(|state| state[i]).collect();
                for _ in 0..j {
                    differences = differences.windows(2).map(|pair| pair[0] - pair[1]).collect();
                }
                *value = differences[0];
            }
        }
    }

    /// Extrapolates to the next point of the grid: the state there and ψ of the formula with that `alpha`, and one over
    /// the error allowed in each component.
    pub fn predict(
        &self,
        order: usize,
        alpha: f64,
        (rtol, atol): (f64, &[f64]),
        (predicted, psi, weights): (&mut [f64], &mut [f64], &mut [f64]),
    ) {
        let rows = &self.rows;
        vectorised(
            #[inline(always)]
            || for_order!(order, predict, rows, alpha, rtol, atol, predicted, psi, weights),
        );
    }

    /// Takes in the correction of an accepted step: all rows move to its end.
    pub fn accept(&mut self, order: usize, correction: &[f64]) {
        let rows = &mut self.rows;
        vectorised(
            #[inline(always)]
            || for_order!(order, accept, rows, correction),
        );
    }

    /// The differences of the same polynomial on the grid with steps `ratio` times as long.
    pub fn regrid(&mut self, order: usize, ratio: f64) {
        let weights = regrid_weights(order, ratio);
        let rows = &mut self.rows;
        vectorised(
            #[inline(always)]
            || for_order!(order, regrid, rows, &weights),
        );
    }

    /// The interpolating polynomial `s` steps after the end of the last step (−1: at its start).
    pub fn interpolate(&self, order: usize, s: f64, out: &mut [f64]) {
        let (rows, basis) = (&self.rows, basis(s));
        vectorised(
            #[inline(always)]
            || for_order!(order, interpolate, rows, &basis, out),
        );
    }

    /// Root mean square of row j under the weights.
    pub fn norm(&self, j: usize, weights: &[f64]) -> f64 {
        norm(&self.rows[j], weights)
    }
}

/// Root mean square of `v` times `weights`.
pub(super) fn norm(v: &[f64], weights: &[f64]) -> f64 {
    vectorised(
        #[inline(always)]
        || root_mean_square(v, weights),
    )
}

#[inline(always)]
fn root_mean_square(v: &[f64], weights: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (v, v_rest) = v.as_chunks::<LANES>();
    let (w, w_rest) = weights.as_chunks::<LANES>();
    for (v, w) in v.iter().zip(w) {
        for l in 0..LANES {
            sums[l] += (v[l] * w[l]) * (v[l] * w[l]);
        }
    }
    for ((sum, v), w) in sums.iter_mut().zip(v_rest).zip(w_rest) {
        *sum += (v * w) * (v * w);
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((((a + e) + (c + g)) + ((b + f) + (d + h))) / weights.len().max(1) as f64).sqrt()
}

/// A sum is finite unless something in it is not, or it overflows: then look again.
pub(super) fn all_finite(values: &[f64]) -> bool {
    values.iter().sum::<f64>().is_finite() || values.iter().all(|v| v.is_finite())
}

/// Adds `step`, scaled, to the correction, makes the state of it and what rates see of that, and measures the scaled
/// step.
pub(super) fn correct(
    (step, scale, predicted, weights, least): (&[f64], f64, &[f64], &[f64], &[f64]),
    (correction, y, above): (&mut [f64], &mut [f64], &mut [f64]),
) -> f64 {
    let n = step.len();
    vectorised(
        #[inline(always)]
        || {
            let (predicted, weights, least) = (&predicted[..n], &weights[..n], &least[..n]);
            let (correction, y, above) = (&mut correction[..n], &mut y[..n], &mut above[..n]);
            for i in 0..n {
                correction[i] += scale * step[i];
                y[i] = predicted[i] + correction[i];
                above[i] = raised(y[i], least[i]);
            }
            scale * root_mean_square(step, weights)
        },
    )
}

/// Whether some component of `y` is less than that of `above`, by more than that.
pub(super) fn any_below(y: &[f64], above: &[f64], slack: f64) -> bool {
    vectorised(
        #[inline(always)]
        || y.iter().zip(above).fold(false, |any, (y, above)| any | (*y < above - slack)),
    )
}

/// slope − (ψ + correction) / c, into the slope: what the corrector's equation lacks.
pub(super) fn residual(slope: &mut [f64], psi: &[f64], correction: &[f64], c: f64) {
    let reciprocal = 1.0 / c;
    vectorised(
        #[inline(always)]
        || {
            for ((slope, psi), correction) in slope.iter_mut().zip(psi).zip(correction) {
                *slope -= (psi + correction) * reciprocal;
            }
        },
    );
}

#[inline(always)]
fn predict<const K: usize>(
    rows: &[Vec<f64>; ROWS],
    alpha: f64,
    rtol: f64,
    atol: &[f64],
    predicted: &mut [f64],
    psi: &mut [f64],
    weights: &mut [f64],
) {
    let n = predicted.len();
    let (psi, weights, atol) = (&mut psi[..n], &mut weights[..n], &atol[..n]);
    let y = &rows[0][..n];
    let rows: [&[f64]; K] = std::array::from_fn(|j| &rows[j + 1][..n]);
    let gamma: [f64; K] = std::array::from_fn(|j| GAMMA[j + 1] / alpha);
    for i in 0..n {
        // The small ones first, so that the state is rounded once.
        let (mut sum, mut history) = (0.0, 0.0);
        for j in (0..K).rev() {
            sum += rows[j][i];
            history += gamma[j] * rows[j][i];
        }
        let next = y[i] + sum;
        predicted[i] = next;
        psi[i] = history;
        let (a, b) = (y[i].abs(), next.abs());
        let size = if a < b { b } else { a };
        let scale = atol[i] + rtol * size;
        weights[i] = 1.0 / if scale < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { scale };
    }
}

#[inline(always)]
fn accept<const K: usize>(rows: &mut [Vec<f64>; ROWS], correction: &[f64]) {
    let n = correction.len();
    let rows: [&mut [f64]; ROWS] = rows.each_mut().map(|row| &mut row[..n]);
    for i in 0..n {
        let new = correction[i];
        rows[K + 2][i] = new - rows[K + 1][i];
        rows[K + 1][i] = new;
        let mut above = new;
        for j in (0..=K).rev() {
            above += rows[j][i];
            rows[j][i] = above;
        }
    }
}

#[inline(always)]
#[expect(clippy::needless_range_loop, reason = "a column across the rows")]
fn regrid<const K: usize>(rows: &mut [Vec<f64>; ROWS], weights: &[[f64; MAX_ORDER + 1]; MAX_ORDER + 1]) {
    let n = rows[0].len();
    let rows: [&mut [f64]; ROWS] = rows.each_mut().map(|row| &mut row[..n]);
    for i in 0..n {
        let old: [f64; ROWS] = std::array::from_fn(|j| rows[j][i]);
        for to in 0..=K {
            let mut sum = 0.0;
            for from in (to..=K).rev() {
                sum += weights[to][from] * old[from];
            }
            rows[to][i] = sum;
        }
    }
}

#[inline(always)]
fn interpolate<const K: usize>(rows: &[Vec<f64>; ROWS], basis: &[f64; MAX_ORDER + 1], out: &mut [f64]) {
    let n = out.len();
    let rows: [&[f64]; ROWS] = std::array::from_fn(|j| &rows[j][..n]);
    for (i, out) in out.iter_mut().enumerate() {
        let mut sum = 0.0;
        for j in (1..=K).rev() {
            sum += basis[j] * rows[j][i];
        }
        *out = rows[0][i] + sum;
    }
}

/// Newton's basis at `s` steps after the end of the grid: s (s + 1) … (s + j − 1) / j!.
fn basis(s: f64) -> [f64; MAX_ORDER + 1] {
    let mut basis = [1.0; MAX_ORDER + 1];
    for j in 1..=MAX_ORDER {
        basis[j] = basis[j - 1] * (s + (j - 1) as f64) / j as f64;
    }
    basis
}

/// What row `to` of the new grid takes of row `from` of the old one.
#[expect(clippy::needless_range_loop, reason = "two rows at once")]
fn regrid_weights(order: usize, ratio: f64) -> [[f64; MAX_ORDER + 1]; MAX_ORDER + 1] {
    // First the values of each basis polynomial on the new grid, then their differences in place.
    let mut weights: [_; MAX_ORDER + 1] = std::array::from_fn(|m| basis(-(m as f64) * ratio));
    for level in 1..=order {
        for m in (level..=order).rev() {
            for j in 0..=order {
                weights[m][j] = weights[m - 1][j] - weights[m][j];
            }
        }
    }
    weights
}
