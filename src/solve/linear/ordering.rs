//! In which order to eliminate, and what fills in.
//!
//! H. Markowitz, Management Science 3 (1957) 255, restricted to diagonal pivots: each step takes
//! the pivot with the least product of the other entries in its row and its column, ties broken by
//! index, so the order is a function of the pattern.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::SparsePattern;

/// An elimination order with the entries of its factors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elimination {
    /// `order[k]` is eliminated k-th.
    pub order: Vec<usize>,
    /// For each step k, the variables whose rows it changes (entries of L in column k), ascending.
    pub below: Vec<Vec<usize>>,
    /// For each step k, the variables that its row still holds (entries of U in row k), ascending.
    pub right: Vec<Vec<usize>>,
}

/// Orders the elimination of a matrix with this pattern, pivots on the diagonal.
pub fn markowitz(pattern: &SparsePattern) -> Elimination {
    let n = pattern.dimension();
    // Off-diagonal entries of the part not yet eliminated.
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); n];
    for (row, column) in pattern.entries().filter(|(r, c)| r != c) {
        rows[row].push(column);
        columns[column].push(row);
    }
    let cost = |rows: &[Vec<usize>], columns: &[Vec<usize>], i: usize| rows[i].len() * columns[i].len();
    let mut queue: BinaryHeap<_> = (0..n).map(|i| Reverse((cost(&rows, &columns, i), i))).collect();
    let mut eliminated = vec![false; n];
    let mut elimination = Elimination { order: Vec::new(), below: Vec::new(), right: Vec::new() };
    let mut merged = Vec::new();
    while let Some(Reverse((price, pivot))) = queue.pop() {
        if eliminated[pivot] || price != cost(&rows, &columns, pivot) {
            continue;
        }
        eliminated[pivot] = true;
        let right = std::mem::take(&mut rows[pivot]);
        let below = std::mem::take(&mut columns[pivot]);
        for &i in &below {
            merge_without(&mut rows[i], &right, pivot, i, &mut merged);
        }
        for &j in &right {
            merge_without(&mut columns[j], &below, pivot, j, &mut merged);
        }
        for &i in below.iter().chain(&right) {
            queue.push(Reverse((cost(&rows, &columns, i), i)));
        }
        elimination.order.push(pivot);
        elimination.below.push(below);
        elimination.right.push(right);
    }
    elimination
}

/// `into ∪ other`, without the pivot just eliminated and without the diagonal; all ascending.
fn merge_without(into: &mut Vec<usize>, other: &[usize], pivot: usize, diagonal: usize, merged: &mut Vec<usize>) {
    merged.clear();
    let (mut a, mut b) = (into.iter().copied().peekable(), other.iter().copied().peekable());
    loop {
        let next = match (a.peek(), b.peek()) {
            (Some(&x), Some(&y)) => {
                if x <= y {
                    a.next();
                }
                if y <= x {
                    b.next();
                }
                x.min(y)
            }
            (Some(_), None) => a.next().unwrap_or_default(),
            (None, Some(_)) => b.next().unwrap_or_default(),
            (None, None) => break,
        };
        if next != pivot && next != diagonal {
            merged.push(next);
        }
    }
    std::mem::swap(into, merged);
}
