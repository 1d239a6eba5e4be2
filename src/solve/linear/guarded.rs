//! A quick factorisation whose answers are checked, with a safe one behind it.

use super::{LinearSolver, PivotingLu, Singular, SparsePattern};

/// The backward error |b − Wx| / (|W| |x| + |b|) let pass: of each component by itself (W. Oettli,
/// W. Prager, Numer. Math. 6 (1964) 405) …
const TOLERATED_BY_COMPONENT: f64 = 1e-8;
/// … or against the largest component of the denominator, which is what pivoting would give.
const TOLERATED_BY_NORM: f64 = 1e-12;

/// Uses a given solver; when it fails, or when the first solution after a factorisation does not
/// satisfy its equations, factors the same matrix with pivoting.
#[derive(Debug)]
pub struct Guarded {
    quick: Box<dyn LinearSolver>,
    pattern: SparsePattern,
    /// Made when first needed.
    safe: Option<PivotingLu>,
    state: State,
    shift: f64,
    right_side: Vec<f64>,
    residual: Vec<f64>,
    size: Vec<f64>,
    pivoted: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Unchecked,
    Checked,
    Pivoted,
}

impl Guarded {
    /// Guards `quick`, which solves with matrices of this pattern.
    pub fn new(quick: Box<dyn LinearSolver>, pattern: &SparsePattern) -> Self {
        let zeros = || vec![0.0; pattern.dimension()];
        Guarded {
            quick,
            pattern: pattern.clone(),
            safe: None,
            state: State::Unchecked,
            shift: 0.0,
            right_side: zeros(),
            residual: zeros(),
            size: zeros(),
            pivoted: 0,
        }
    }

    /// How many factorisations needed pivoting so far.
    pub fn pivoted(&self) -> usize {
        self.pivoted
    }

    /// Factors `shift·I − J`.
    ///
    /// # Errors
    /// When the matrix is singular to working precision.
    pub fn factor(&mut self, shift: f64, jacobian: &[f64]) -> Result<(), Singular> {
        self.shift = shift;
        self.state = State::Unchecked;
        self.quick.factor(shift, jacobian).or_else(|_| self.pivot(jacobian))
    }

    /// Replaces b by the solution; `jacobian` as given to [`Self::factor`].
    ///
    /// # Errors
    /// When the check fails and the matrix is singular to working precision; b is lost.
    pub fn solve(&mut self, jacobian: &[f64], b: &mut [f64]) -> Result<(), Singular> {
        match (self.state, &mut self.safe) {
            (State::Pivoted, Some(safe)) => safe.solve(b),
            (State::Unchecked, _) => {
                self.right_side.copy_from_slice(b);
                self.quick.solve(b);
                if self.satisfied(jacobian, b) {
                    self.state = State::Checked;
                } else {
                    self.pivot(jacobian)?;
                    b.copy_from_slice(&self.right_side);
                    return self.solve(jacobian, b);
                }
            }
            _ => self.quick.solve(b),
        }
        Ok(())
    }

    /// Replaces many right sides, one row of them for each unknown, after a first [`Self::solve`] has passed the check.
    pub fn solve_many(&mut self, b: &mut [f64], columns: usize) {
        match (self.state, &mut self.safe) {
            (State::Pivoted, Some(safe)) => safe.solve_many(b, columns),
            _ => self.quick.solve_many(b, columns),
        }
    }

    fn pivot(&mut self, jacobian: &[f64]) -> Result<(), Singular> {
        self.pivoted += 1;
        self.state = State::Pivoted;
        self.safe.get_or_insert_with(|| PivotingLu::new(&self.pattern)).factor(self.shift, jacobian)
    }

    /// Whether x solves the equations with `right_side`, to within what is tolerated.
    fn satisfied(&mut self, jacobian: &[f64], x: &[f64]) -> bool {
        let Guarded { residual, size, right_side, pattern, shift, .. } = self;
        for (i, &b) in right_side.iter().enumerate() {
            residual[i] = b - *shift * x[i];
            size[i] = b.abs() + (*shift * x[i]).abs();
        }
        for (column, &x) in x.iter().enumerate() {
            for (entry, &row) in pattern.column(column).zip(pattern.rows(column)) {
                let term = jacobian[entry] * x;
                residual[row] += term;
                size[row] += term.abs();
            }
        }
        let by_norm = TOLERATED_BY_NORM * size.iter().copied().fold(0.0, f64::max);
        // A comparison that NaN passes: what is not finite is the caller's to see, not a pivot's fault.
        !residual.iter().zip(&*size).any(|(r, s)| r.abs() > by_norm.max(TOLERATED_BY_COMPONENT * s))
    }
}
