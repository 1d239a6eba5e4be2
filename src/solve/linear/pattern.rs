//! The sparsity pattern of a square matrix.
//!
//! Invariants: compressed sparse columns, the row indices of each column strictly ascending,
//! every diagonal entry present. No values are kept here: they live in a slice of length
//! [`SparsePattern::nnz`] in the order of the pattern.

use std::ops::Range;

use thiserror::Error;

/// Where the entries of an n by n matrix may differ from zero (CSC, diagonal always present).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SparsePattern {
    n: usize,
    col_ptr: Vec<usize>,
    row_idx: Vec<usize>,
}

/// Why arrays do not describe a [`SparsePattern`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    #[error("column pointers must be n + 1 = {expected} ascending numbers from 0 to the number of rows given")]
    Pointers { expected: usize },
    #[error("the rows of column {column} are not strictly ascending and below {n}")]
    Rows { column: usize, n: usize },
    #[error("column {column} lacks its diagonal entry")]
    NoDiagonal { column: usize },
}

impl SparsePattern {
    /// The pattern with the given `(row, column)` entries, in any order and with repetitions; the
    /// diagonal is added.
    ///
    /// # Panics
    /// If an index is not below `n`.
    pub fn from_entries(n: usize, entries: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut columns: Vec<Vec<usize>> = (0..n).map(|diagonal| vec![diagonal]).collect();
        for (row, column) in entries {
            assert!(row < n && column < n, "entry ({row}, {column}) outside {n} by {n}");
            columns[column].push(row);
        }
        let mut col_ptr = Vec::with_capacity(n + 1);
        let mut row_idx = Vec::new();
        col_ptr.push(0);
        for mut rows in columns {
            rows.sort_unstable();
            rows.dedup();
            row_idx.extend(rows);
            col_ptr.push(row_idx.len());
        }
        SparsePattern { n, col_ptr, row_idx }
    }

    /// Takes ready compressed columns, checking every invariant.
    pub fn from_csc(n: usize, col_ptr: Vec<usize>, row_idx: Vec<usize>) -> Result<Self, PatternError> {
        let ends_fit = col_ptr.first() == Some(&0) && col_ptr.last() == Some(&row_idx.len());
        if col_ptr.len() != n + 1 || !ends_fit || !col_ptr.is_sorted() {
            return Err(PatternError::Pointers { expected: n + 1 });
        }
        let pattern = SparsePattern { n, col_ptr, row_idx };
        for column in 0..n {
            let rows = pattern.rows(column);
            if rows.windows(2).any(|w| w[0] >= w[1]) || rows.last().is_some_and(|&r| r >= n) {
                return Err(PatternError::Rows { column, n });
            }
            if rows.binary_search(&column).is_err() {
                return Err(PatternError::NoDiagonal { column });
            }
        }
        Ok(pattern)
    }

    /// Only the diagonal.
    pub fn diagonal(n: usize) -> Self {
        Self::from_entries(n, [])
    }

    /// Every entry.
    pub fn dense(n: usize) -> Self {
        SparsePattern { n, col_ptr: (0..=n).map(|c| c * n).collect(), row_idx: (0..n).flat_map(|_| 0..n).collect() }
    }

    /// Number of rows and of columns.
    pub fn dimension(&self) -> usize {
        self.n
    }

    /// Number of entries, the length of a slice of values.
    pub fn nnz(&self) -> usize {
        self.row_idx.len()
    }

    /// Where each column begins in [`Self::row_idx`]; n + 1 numbers.
    pub fn col_ptr(&self) -> &[usize] {
        &self.col_ptr
    }

    /// The row of each entry, column after column.
    pub fn row_idx(&self) -> &[usize] {
        &self.row_idx
    }

    /// The positions of a column's entries in a slice of values.
    pub fn column(&self, column: usize) -> Range<usize> {
        self.col_ptr[column]..self.col_ptr[column + 1]
    }

    /// The rows of a column's entries.
    pub fn rows(&self, column: usize) -> &[usize] {
        &self.row_idx[self.column(column)]
    }

    /// The position of entry `(row, column)` in a slice of values.
    pub fn lookup(&self, row: usize, column: usize) -> Option<usize> {
        let found = self.rows(column).binary_search(&row).ok()?;
        Some(self.col_ptr[column] + found)
    }

    /// All entries as `(row, column)`, in the order of the values.
    pub fn entries(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..self.n).flat_map(move |column| self.rows(column).iter().map(move |&row| (row, column)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_sorted_and_the_diagonal_is_added() {
        let p = SparsePattern::from_entries(3, [(2, 0), (0, 2), (2, 0)]);
        assert_eq!(p.col_ptr(), [0, 2, 3, 5]);
        assert_eq!(p.row_idx(), [0, 2, 1, 0, 2]);
        assert_eq!(p.lookup(0, 2), Some(3));
        assert_eq!(p.lookup(1, 0), None);
        assert_eq!(p.entries().count(), p.nnz());
    }

    #[test]
    fn ready_columns_are_checked() {
        let taken = |ptr: &[usize], rows: &[usize]| SparsePattern::from_csc(2, ptr.to_vec(), rows.to_vec());
        assert_eq!(taken(&[0, 2, 4], &[0, 1, 0, 1]), Ok(SparsePattern::dense(2)));
        assert!(matches!(taken(&[0, 2], &[0, 1]), Err(PatternError::Pointers { .. })));
        assert!(matches!(taken(&[0, 2, 3], &[1, 0, 1]), Err(PatternError::Rows { column: 0, .. })));
        assert!(matches!(taken(&[0, 1, 2], &[0, 0]), Err(PatternError::NoDiagonal { column: 1 })));
    }
}
