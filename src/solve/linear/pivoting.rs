//! Sparse LU with partial pivoting, for the rare matrix that needs it.
//!
//! Left-looking by columns in the order of [`Elimination`], the row of each pivot chosen by size with
//! a preference for the diagonal (threshold pivoting). What a column meets of earlier ones is found
//! along the entries of L, so time and memory grow with the arithmetic: J. R. Gilbert, T. Peierls,
//! SIAM J. Sci. Stat. Comput. 9 (1988) 862. It allocates while its factors grow. A library's sparse
//! LU would be quicker, but fuses operations where the processor can: this gives the same bits on
//! every machine.

use super::{Elimination, LinearSolver, Singular, SparsePattern};

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
    /// The step that took its pivot from a row, once one has.
    step_of: Vec<Option<usize>>,
    /// L by steps: (row, multiplier); U by steps: (earlier step, value).
    l_ptr: Vec<usize>,
    l: Vec<(usize, f64)>,
    u_ptr: Vec<usize>,
    u: Vec<(usize, f64)>,
    /// The column at hand by rows, zero between uses, and what it meets.
    work: Vec<f64>,
    reach: Reach,
}

/// The rows that a column has entries in once earlier steps are applied.
#[derive(Debug, Clone)]
struct Reach {
    /// Steps to apply, each after those that it depends on when read from the end.
    steps: Vec<usize>,
    /// Rows without a pivot yet.
    candidates: Vec<usize>,
    /// The last column that met a row, as a count of columns.
    met: Vec<usize>,
    /// Steps under way, with how many entries of L were followed.
    path: Vec<(usize, usize)>,
}

impl PivotingLu {
    /// Orders the columns of the pattern of J.
    pub fn new(pattern: &SparsePattern) -> Self {
        let n = pattern.dimension();
        PivotingLu {
            columns: Elimination::of(pattern).order,
            pattern: pattern.clone(),
            pivot_rows: Vec::with_capacity(n),
            pivots: Vec::with_capacity(n),
            step_of: vec![None; n],
            l_ptr: Vec::with_capacity(n + 1),
            l: Vec::new(),
            u_ptr: Vec::with_capacity(n + 1),
            u: Vec::new(),
            work: vec![0.0; n],
            reach: Reach { steps: Vec::new(), candidates: Vec::new(), met: vec![0; n], path: Vec::new() },
        }
    }

    /// Entries of the present factors, diagonals counted once.
    pub fn entries(&self) -> usize {
        self.l.len() + self.u.len() + self.pivots.len()
    }

    /// Finds what `column` meets, the k-th in the order.
    fn follow(&mut self, k: usize, column: usize) {
        let PivotingLu { pattern, step_of, l_ptr, l, reach, .. } = self;
        let Reach { steps, candidates, met, path } = reach;
        let mut meet = |row: usize, path: &mut Vec<(usize, usize)>| {
            if std::mem::replace(&mut met[row], k + 1) != k + 1 {
                match step_of[row] {
                    Some(step) => path.push((step, l_ptr[step])),
                    None => candidates.push(row),
                }
            }
        };
        for &row in pattern.rows(column) {
            meet(row, path);
            while let Some((step, at)) = path.last_mut() {
                if *at < l_ptr[*step + 1] {
                    *at += 1;
                    let row = l[*at - 1].0;
                    meet(row, path);
                } else {
                    steps.push(*step);
                    path.pop();
                }
            }
        }
    }

    /// Applies earlier steps to the column in `work`, moving what is above its pivot to U.
    fn eliminate(&mut self) {
        for step in self.reach.steps.drain(..).rev() {
            let value = std::mem::take(&mut self.work[self.pivot_rows[step]]);
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
        let PivotingLu { work, reach: Reach { candidates, .. }, step_of, l, .. } = self;
        let largest = candidates.iter().copied().max_by(|&a, &b| work[a].abs().total_cmp(&work[b].abs()));
        let Some(mut row) = largest else { return Err(Singular { column }) };
        if step_of[column].is_none() && work[column].abs() >= THRESHOLD * work[row].abs() {
            row = column;
        }
        let pivot = std::mem::take(&mut work[row]);
        if pivot == 0.0 || !pivot.is_finite() {
            return Err(Singular { column });
        }
        step_of[row] = Some(self.pivots.len());
        self.pivot_rows.push(row);
        self.pivots.push(pivot);
        for row in candidates.drain(..) {
            let value = std::mem::take(&mut work[row]);
            if value != 0.0 {
                l.push((row, value / pivot));
            }
        }
        self.l_ptr.push(self.l.len());
        Ok(())
    }

    fn clear(&mut self) {
        self.work.fill(0.0);
        self.step_of.fill(None);
        self.reach.met.fill(0);
        self.reach.candidates.clear();
        self.pivot_rows.clear();
        self.pivots.clear();
        self.l.clear();
        self.u.clear();
        for ptr in [&mut self.l_ptr, &mut self.u_ptr] {
            ptr.clear();
            ptr.push(0);
        }
    }
}

impl LinearSolver for PivotingLu {
    fn factor(&mut self, shift: f64, jacobian: &[f64]) -> Result<(), Singular> {
        self.clear();
        for k in 0..self.columns.len() {
            let column = self.columns[k];
            for (entry, &row) in self.pattern.column(column).zip(self.pattern.rows(column)) {
                self.work[row] = -jacobian[entry];
            }
            self.work[column] += shift;
            self.follow(k, column);
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
