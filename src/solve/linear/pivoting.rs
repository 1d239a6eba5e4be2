//! Sparse LU with partial pivoting, for the rare matrix that needs it.
//!
//! Left-looking by columns in the order of [`markowitz`], the row of each pivot chosen by size with
//! a preference for the diagonal (threshold pivoting). Each column looks at all earlier pivots, so
//! a factorisation costs n² comparisons besides its arithmetic: it is a fall-back. It allocates
//! while its factors grow.

use super::{LinearSolver, Singular, SparsePattern, markowitz};

/// The diagonal is taken when it is at least this part of the largest candidate.
const THRESHOLD: f64 = 0.1;

/// LU of `shift·I − J` with rows exchanged as its values demand.
#[derive(Debug, Clone)]
pub struct PivotingLu {
    pattern: SparsePattern,
    /// Columns in the order of elimination, and the row that each pivot was found in.
    columns: Vec<usize>,
    pivot_rows: Vec<usize>,
    pivots: Vec<f64>,
    /// L by steps: (row, multiplier); U by steps: (earlier step, value).
    l_ptr: Vec<usize>,
    l: Vec<(usize, f64)>,
    u_ptr: Vec<usize>,
    u: Vec<(usize, f64)>,
    work: Vec<f64>,
    used: Vec<bool>,
}

impl PivotingLu {
    /// Orders the columns of the pattern of J.
    pub fn new(pattern: &SparsePattern) -> Self {
        let n = pattern.dimension();
        PivotingLu {
            columns: markowitz(pattern).order,
            pattern: pattern.clone(),
            pivot_rows: Vec::with_capacity(n),
            pivots: Vec::with_capacity(n),
            l_ptr: Vec::with_capacity(n + 1),
            l: Vec::new(),
            u_ptr: Vec::with_capacity(n + 1),
            u: Vec::new(),
            work: vec![0.0; n],
            used: vec![false; n],
        }
    }

    /// Applies all earlier steps to the column in `work`, moving what is above its pivot to U.
    fn eliminate(&mut self) {
        for (step, &row) in self.pivot_rows.iter().enumerate() {
            let value = std::mem::take(&mut self.work[row]);
            if value != 0.0 {
                self.u.push((step, value));
                for &(row, multiplier) in &self.l[self.l_ptr[step]..self.l_ptr[step + 1]] {
                    self.work[row] -= multiplier * value;
                }
            }
        }
        self.u_ptr.push(self.u.len());
    }

    /// Takes the pivot of `column` from `work` and moves what is below it to L.
    fn pivot(&mut self, column: usize) -> Result<(), Singular> {
        let candidates = (0..self.work.len()).filter(|&row| !self.used[row]);
        let largest = candidates.max_by(|&a, &b| self.work[a].abs().total_cmp(&self.work[b].abs()));
        let Some(mut row) = largest else { return Err(Singular { column }) };
        if !self.used[column] && self.work[column].abs() >= THRESHOLD * self.work[row].abs() {
            row = column;
        }
        let pivot = std::mem::take(&mut self.work[row]);
        if pivot == 0.0 || !pivot.is_finite() {
            return Err(Singular { column });
        }
        self.used[row] = true;
        self.pivot_rows.push(row);
        self.pivots.push(pivot);
        for (row, value) in self.work.iter_mut().enumerate() {
            if *value != 0.0 {
                self.l.push((row, std::mem::take(value) / pivot));
            }
        }
        self.l_ptr.push(self.l.len());
        Ok(())
    }
}

impl LinearSolver for PivotingLu {
    fn factor(&mut self, shift: f64, jacobian: &[f64]) -> Result<(), Singular> {
        self.work.fill(0.0);
        self.used.fill(false);
        self.pivot_rows.clear();
        self.pivots.clear();
        self.l.clear();
        self.u.clear();
        for ptr in [&mut self.l_ptr, &mut self.u_ptr] {
            ptr.clear();
            ptr.push(0);
        }
        for k in 0..self.columns.len() {
            let column = self.columns[k];
            for (entry, &row) in self.pattern.column(column).zip(self.pattern.rows(column)) {
                self.work[row] = -jacobian[entry];
            }
            self.work[column] += shift;
            self.eliminate();
            self.pivot(column)?;
        }
        Ok(())
    }

    fn solve(&mut self, b: &mut [f64]) {
        let n = self.columns.len();
        for step in 0..n {
            let value = b[self.pivot_rows[step]];
            self.work[step] = value;
            for &(row, multiplier) in &self.l[self.l_ptr[step]..self.l_ptr[step + 1]] {
                b[row] -= multiplier * value;
            }
        }
        for step in (0..n).rev() {
            let value = self.work[step] / self.pivots[step];
            b[self.columns[step]] = value;
            for &(earlier, entry) in &self.u[self.u_ptr[step]..self.u_ptr[step + 1]] {
                self.work[earlier] -= entry * value;
            }
        }
        self.work.fill(0.0);
    }
}
