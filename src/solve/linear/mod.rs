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
mod lanes;
mod ordering;
mod pattern;
mod pivoting;
mod static_lu;
mod symbolic;
mod updates;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use thiserror::Error;

pub(crate) use dense::DenseLu;
pub use dense_tail::DenseTailLu;
pub use guarded::Guarded;
pub use lanes::LaneSolver;
pub use ordering::Elimination;
pub use pattern::{PatternError, SparsePattern};
pub use pivoting::PivotingLu;
pub use static_lu::{LARGEST_MULTIPLIER, StaticLu};
pub use symbolic::Symbolic;

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

    /// The largest entry of L in the present factors, its diagonal aside: what rounding may have grown by. Infinite
    /// when not known; then the answers are checked.
    fn largest_multiplier(&self) -> f64 {
        f64::INFINITY
    }
}

/// Below so many unknowns a dense block gains a single matrix little, and would keep lanes from being solved together.
const LARGE: usize = 300;

/// Multiplications of a large system's factorisation up to which [`StaticLu`] may list their places: 16 MB.
const MOST_LISTED: f64 = 4e6;

/// The factorisation without pivoting that suits a pattern: [`DenseTailLu`] where the factors of a large system fill,
/// [`StaticLu`] elsewhere. Found once, it gives as many solvers as are needed.
#[derive(Debug)]
pub enum Suited {
    Static(Arc<Symbolic>),
    DenseTail(Box<DenseTailLu>),
}

impl Suited {
    /// Orders the elimination of a matrix with this pattern.
    pub fn new(pattern: &SparsePattern) -> Suited {
        let elimination = Elimination::of(pattern);
        let tail = if pattern.dimension() < LARGE { 0 } else { elimination.dense_tail(MOST_LISTED) };
        match tail {
            0 => Suited::Static(Arc::new(Symbolic::ordered(pattern, &elimination))),
            tail => Suited::DenseTail(Box::new(DenseTailLu::new(pattern, &elimination, tail))),
        }
    }

    /// A solver of one matrix.
    pub fn solver(&self) -> Box<dyn LinearSolver> {
        match self {
            Suited::Static(symbolic) => Box::new(StaticLu::<1>::with(symbolic.clone())),
            Suited::DenseTail(lu) => lu.clone(),
        }
    }

    /// A solver of one matrix in each lane, each with the bits of [`Self::solver`].
    pub fn lane_solver<const W: usize>(&self) -> LaneSolver<W> {
        match self {
            Suited::Static(symbolic) => LaneSolver::Together(Box::new(StaticLu::with(symbolic.clone()))),
            Suited::DenseTail(_) => LaneSolver::Each((0..W).map(|_| self.solver()).collect()),
        }
    }
}

/// [`Suited::solver`] of a pattern.
pub fn suited(pattern: &SparsePattern) -> Box<dyn LinearSolver> {
    Suited::new(pattern).solver()
}

/// No usable pivot in this column (an index of the matrix as given).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no usable pivot in column {column}")]
pub struct Singular {
    pub column: usize,
}
