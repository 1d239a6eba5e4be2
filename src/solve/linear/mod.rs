//! Sparse linear algebra for the matrices that implicit methods solve with.
//!
//! An implicit step solves with `shift·I − J`, J the Jacobian: the pattern never changes, the
//! diagonal dominates as soon as the step is short enough. So [`StaticLu`] orders and fills once,
//! from the pattern alone, and factors without pivoting; where the factors of a large system fill,
//! [`DenseTailLu`] takes what has filled as one dense block. [`Guarded`] checks what they deliver and
//! falls back on [`PivotingLu`]. Another factorisation goes behind [`LinearSolver`]; [`suited`]
//! chooses.

mod dense;
mod dense_tail;
mod guarded;
mod ordering;
mod pattern;
mod pivoting;
mod static_lu;

#[cfg(test)]
mod tests;

use thiserror::Error;

pub use dense_tail::DenseTailLu;
pub use guarded::Guarded;
pub use ordering::{Elimination, markowitz};
pub use pattern::{PatternError, SparsePattern};
pub use pivoting::PivotingLu;
pub use static_lu::StaticLu;

/// Solves with `shift·I − J` for a J of known pattern.
pub trait LinearSolver: std::fmt::Debug {
    /// Factors `shift·I − J`; `jacobian` holds the values of J in the order of the pattern.
    ///
    /// # Errors
    /// When it meets a pivot too small to divide by. Then [`Self::solve`] must not be called.
    fn factor(&mut self, shift: f64, jacobian: &[f64]) -> Result<(), Singular>;

    /// Replaces b by the solution.
    fn solve(&mut self, b: &mut [f64]);

    /// Replaces each of `columns` right sides by its solution: b has one row of them for each unknown.
    fn solve_many(&mut self, b: &mut [f64], columns: usize) {
        let mut one = vec![0.0; b.len() / columns.max(1)];
        for column in 0..columns {
            one.iter_mut().zip(b.chunks_exact(columns)).for_each(|(one, row)| *one = row[column]);
            self.solve(&mut one);
            b.chunks_exact_mut(columns).zip(&one).for_each(|(row, one)| row[column] = *one);
        }
    }
}

/// The factorisation without pivoting that suits a pattern: [`DenseTailLu`] where the factors fill, [`StaticLu`] elsewhere.
pub fn suited(pattern: &SparsePattern) -> Box<dyn LinearSolver> {
    let elimination = markowitz(pattern);
    match elimination.dense_tail() {
        0 => Box::new(StaticLu::ordered(pattern, elimination)),
        tail => Box::new(DenseTailLu::new(pattern, &elimination, tail)),
    }
}

/// No usable pivot in this column (an index of the matrix as given).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no usable pivot in column {column}")]
pub struct Singular {
    pub column: usize,
}
