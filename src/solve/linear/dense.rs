//! LU of dense matrices with partial pivoting, blocked.
//!
//! Right-looking in panels of [`PANEL`] columns; the trailing update, where the work is, goes through tiles that stay in
//! registers. Each entry is updated pivot after pivot with one multiplication and one subtraction, whatever the blocks
//! and whatever the processor, so the factors are the same bits on every machine, which those of a library that fuses
//! where it can are not. Threshold pivoting: the diagonal stays when it is large enough, which in short steps it always
//! is, and no rows move.

use crate::solve::{Rows, vectorised};

/// Columns of a panel.
const PANEL: usize = 16;
/// A tile is so many rows by so many columns.
const ROWS: usize = 8;
const COLUMNS: usize = 4;
/// Columns that a substitution takes together.
const TOGETHER: usize = ROWS;
/// The diagonal is the pivot when it is at least this part of the largest candidate.
const THRESHOLD: f64 = 0.1;

/// A square matrix by columns, then its factors in its place.
#[derive(Debug, Clone)]
pub(crate) struct DenseLu {
    n: usize,
    /// Entries from one column to the next; rows and columns beyond n, to whole tiles, are zero.
    stride: usize,
    /// In rows of tiles, column after column.
    values: Rows<ROWS>,
    /// The row exchanged with row k at step k.
    exchanged: Vec<usize>,
    /// Beyond n they are zero.
    reciprocal_pivots: Vec<f64>,
    /// Rows of L under a panel, tile by tile.
    packed: Rows<ROWS>,
    /// A solution.
    x: Rows<ROWS>,
}

impl DenseLu {
    pub fn new(n: usize) -> Self {
        let tiles = n.div_ceil(ROWS);
        let stride = tiles * ROWS;
        DenseLu {
            n,
            stride,
            values: Rows::zeros(stride * tiles),
            exchanged: vec![0; n],
            reciprocal_pivots: vec![0.0; stride],
            packed: Rows::zeros(tiles * PANEL),
            x: Rows::zeros(tiles),
        }
    }

    /// Column j, to be written before [`Self::factor`].
    pub fn column_mut(&mut self, j: usize) -> &mut [f64] {
        &mut self.values.as_flattened_mut()[j * self.stride..j * self.stride + self.n]
    }

    /// Factors what was written.
    ///
    /// # Errors
    /// The column without a usable pivot.
    pub fn factor(&mut self) -> Result<(), usize> {
        for start in (0..self.n).step_by(PANEL) {
            let end = (start + PANEL).min(self.n);
            for j in start..end {
                self.pivot(j)?;
                vectorised(
                    #[inline(always)]
                    || self.eliminate(j, end),
                );
            }
            if end < self.n {
                vectorised(
                    #[inline(always)]
                    || self.update(start),
                );
            }
        }
        Ok(())
    }

    /// Chooses the pivot of column j and brings its row up.
    fn pivot(&mut self, j: usize) -> Result<(), usize> {
        let (mut row, mut largest) = (j, 0.0);
        for (i, value) in self.column_mut(j).iter().enumerate().skip(j) {
            if value.abs() > largest {
                (row, largest) = (i, value.abs());
            }
        }
        if self.column_mut(j)[j].abs() >= THRESHOLD * largest {
            row = j;
        }
        let reciprocal = 1.0 / self.column_mut(j)[row];
        if !reciprocal.is_finite() {
            return Err(j);
        }
        self.exchanged[j] = row;
        self.reciprocal_pivots[j] = reciprocal;
        if row != j {
            for column in self.values.as_flattened_mut().chunks_exact_mut(self.stride) {
                column.swap(j, row);
            }
        }
        Ok(())
    }

    /// Divides column j by its pivot and subtracts its multiples from the panel's columns up to `end`.
    #[inline(always)]
    fn eliminate(&mut self, j: usize, end: usize) {
        let (n, stride, reciprocal) = (self.n, self.stride, self.reciprocal_pivots[j]);
        let (before, after) = self.values.as_flattened_mut().split_at_mut((j + 1) * stride);
        let multipliers = &mut before[j * stride + j + 1..j * stride + n];
        for value in multipliers.iter_mut() {
            *value *= reciprocal;
        }
        for column in after.chunks_exact_mut(stride).take(end - j - 1) {
            let u = column[j];
            for (value, l) in column[j + 1..n].iter_mut().zip(&*multipliers) {
                *value -= l * u;
            }
        }
    }

    /// Applies the full panel that begins at `start` to all columns after it.
    #[inline(always)]
    fn update(&mut self, start: usize) {
        let DenseLu { stride, values, packed, .. } = self;
        let (stride, end) = (*stride, start + PANEL);
        let (panel, after) = values.as_flattened_mut().split_at_mut(end * stride);
        let panel = &panel[start * stride..];
        // The panel's own triangle, zero elsewhere, so that its loops have fixed lengths.
        let mut triangle = [[0.0; PANEL]; PANEL];
        for (k, column) in triangle.iter_mut().enumerate() {
            column[k + 1..].copy_from_slice(&panel[k * stride + start + k + 1..k * stride + end]);
        }
        let tiles = (stride - end) / ROWS;
        for (tile, packed) in packed.chunks_exact_mut(PANEL).take(tiles).enumerate() {
            for (k, packed) in packed.iter_mut().enumerate() {
                let at = k * stride + end + tile * ROWS;
                packed.copy_from_slice(&panel[at..at + ROWS]);
            }
        }
        for columns in after.chunks_exact_mut(COLUMNS * stride) {
            let mut u = [[0.0; COLUMNS]; PANEL];
            for (c, column) in columns.chunks_exact_mut(stride).enumerate() {
                let mut x = [0.0; PANEL];
                x.copy_from_slice(&column[start..end]);
                for k in 0..PANEL {
                    let pivot = x[k];
                    for (x, l) in x.iter_mut().zip(&triangle[k]) {
                        *x -= l * pivot;
                    }
                }
                column[start..end].copy_from_slice(&x);
                for k in 0..PANEL {
                    u[k][c] = x[k];
                }
            }
            let (c0, rest) = columns.split_at_mut(stride);
            let (c1, rest) = rest.split_at_mut(stride);
            let (c2, c3) = rest.split_at_mut(stride);
            let [t0, t1, t2, t3] = [c0, c1, c2, c3].map(|c| c[end..].as_chunks_mut::<ROWS>().0);
            let tiles = packed.as_chunks::<PANEL>().0.iter().zip(t0).zip(t1).zip(t2).zip(t3);
            for ((((l, t0), t1), t2), t3) in tiles {
                let mut sums = [*t0, *t1, *t2, *t3];
                for (l, u) in l.iter().zip(&u) {
                    for c in 0..COLUMNS {
                        for r in 0..ROWS {
                            sums[c][r] -= l[r] * u[c];
                        }
                    }
                }
                [*t0, *t1, *t2, *t3] = sums;
            }
        }
    }

    /// Replaces b by the solution.
    pub fn solve(&mut self, b: &mut [f64]) {
        let (x, beyond) = self.x.as_flattened_mut().split_at_mut(self.n);
        x.copy_from_slice(&b[..self.n]);
        beyond.fill(0.0);
        for (k, &row) in self.exchanged.iter().enumerate() {
            if row != k {
                x.swap(k, row);
            }
        }
        vectorised(
            #[inline(always)]
            || self.substitute(),
        );
        b[..self.n].copy_from_slice(&self.x.as_flattened()[..self.n]);
    }

    /// By [`TOGETHER`] columns: first their own tile, then what they take from all others, each of which is read once for that.
    #[inline(always)]
    fn substitute(&mut self) {
        let DenseLu { n, stride, values, reciprocal_pivots, x, .. } = self;
        let tiles = *stride / ROWS;
        // Of a width not known to the compiler, which would else make vectors of tiles, whose numbers lie apart.
        let columns = |tile: usize| {
            let width = (*n - tile * TOGETHER).min(TOGETHER);
            values[tile * TOGETHER * tiles..][..width * tiles].chunks_exact(tiles)
        };
        let x = &mut x[..tiles];
        for tile in 0..tiles {
            let mut own = x[tile];
            for (k, column) in columns(tile).enumerate() {
                for (row, l) in column[tile].iter().enumerate().skip(k + 1) {
                    own[row] -= l * own[k];
                }
            }
            x[tile] = own;
            for at in tile + 1..tiles {
                let mut rest = x[at];
                for (column, own) in columns(tile).zip(&own) {
                    for row in 0..ROWS {
                        rest[row] -= column[at][row] * own;
                    }
                }
                x[at] = rest;
            }
        }
        let reciprocals = reciprocal_pivots.as_chunks::<TOGETHER>().0;
        for tile in (0..tiles).rev() {
            let mut own = x[tile];
            for (k, column) in columns(tile).enumerate().rev() {
                own[k] *= reciprocals[tile][k];
                for (row, u) in column[tile].iter().enumerate().take(k) {
                    own[row] -= u * own[k];
                }
            }
            x[tile] = own;
            for at in 0..tile {
                let mut rest = x[at];
                for (column, own) in columns(tile).zip(&own).rev() {
                    for row in 0..ROWS {
                        rest[row] -= column[at][row] * own;
                    }
                }
                x[at] = rest;
            }
        }
    }
}
