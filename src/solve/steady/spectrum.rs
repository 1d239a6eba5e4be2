//! Eigenvalues of a Jacobian reduced by conserved moieties.
//!
//! The dependent components are eliminated, J_ii − J_id L; then the equations are taken apart into blocks that depend on
//! each other in a circle (R. Tarjan, SIAM J. Comput. 1 (1972) 146), since the eigenvalues of a block triangular matrix
//! are those of its blocks: pathways are mostly chains, so most blocks are small. A block is scaled by the amounts, which
//! changes no eigenvalue but loses fewer digits, and given to a dense QR algorithm.

use super::Reduction;
use crate::solve::SparsePattern;
use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd;
use faer::{Mat, Par};

/// The largest block of equations whose eigenvalues are computed.
pub const LARGEST_BLOCK: usize = 600;

/// In the inverse of the unit of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Eigenvalue {
    pub real: f64,
    pub imaginary: f64,
}

/// A block of so many equations is too large for its eigenvalues to be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge {
    pub equations: usize,
}

/// All eigenvalues of a reduced Jacobian, those with the largest real part first.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    eigenvalues: Vec<Eigenvalue>,
}

impl Spectrum {
    pub fn eigenvalues(&self) -> &[Eigenvalue] {
        &self.eigenvalues
    }

    /// The one that decides about stability: of the largest real part. None when nothing moves.
    pub fn dominant(&self) -> Option<Eigenvalue> {
        self.eigenvalues.first().copied()
    }

    /// Whether every disturbance decays, none of them slower than exp(−margin · t).
    pub fn decays_faster_than(&self, margin: f64) -> bool {
        self.eigenvalues.iter().all(|e| e.real < -margin)
    }

    /// How many directions disturbances grow in.
    pub fn unstable(&self) -> usize {
        self.eigenvalues.iter().filter(|e| e.real > 0.0).count()
    }

    /// Whether any decaying or growing disturbance turns by more than a tenth of its rate while it does.
    pub fn oscillates(&self) -> bool {
        self.eigenvalues.iter().any(|e| e.imaginary.abs() > 0.1 * e.real.abs())
    }
}

/// The eigenvalues of ∂f/∂y in `pattern`; `weights` are sizes of the components.
pub(super) fn of(
    pattern: &SparsePattern,
    jacobian: &[f64],
    reduction: &Reduction,
    dependents: &[Option<usize>],
    weights: &[f64],
) -> Result<Spectrum, TooLarge> {
    let columns = reduced(pattern, jacobian, reduction, dependents);
    let free: Vec<bool> = (0..dependents.len()).map(|i| !reduction.holds(i) && dependents[i].is_none()).collect();
    let blocks = blocks(&columns, &free);
    if let Some(equations) = blocks.iter().map(Vec::len).max().filter(|&most| most > LARGEST_BLOCK) {
        return Err(TooLarge { equations });
    }
    let mut position = vec![usize::MAX; dependents.len()];
    let mut eigenvalues = Vec::new();
    for block in &blocks {
        block.iter().enumerate().for_each(|(at, &i)| position[i] = at);
        let mut dense = Mat::<f64>::zeros(block.len(), block.len());
        for (at, &j) in block.iter().enumerate() {
            for &(i, value) in &columns[j] {
                if position[i] != usize::MAX {
                    dense[(position[i], at)] += value * weights[j] / weights[i];
                }
            }
        }
        of_block(&dense, &mut eigenvalues);
        block.iter().for_each(|&i| position[i] = usize::MAX);
    }
    eigenvalues.sort_by(|a, b| b.real.total_cmp(&a.real).then(b.imaginary.total_cmp(&a.imaginary)));
    Ok(Spectrum { eigenvalues })
}

/// A block's eigenvalues. One whose computation fails, as with entries that are not finite, is NaN and so never stable.
fn of_block(block: &Mat<f64>, into: &mut Vec<Eigenvalue>) {
    if block.nrows() == 1 {
        return into.push(Eigenvalue { real: block[(0, 0)], imaginary: 0.0 });
    }
    let failed = Eigenvalue { real: f64::NAN, imaginary: f64::NAN };
    if block.col_iter().any(|column| column.iter().any(|v| !v.is_finite())) {
        return into.push(failed);
    }
    let n = block.nrows();
    let (mut real, mut imaginary) = (Diag::zeros(n), Diag::zeros(n));
    // In this thread alone, so that the sums don't depend on how many there are.
    let none = evd::ComputeEigenvectors::No;
    let room = evd::evd_scratch::<f64>(n, none, none, Par::Seq, Default::default());
    let mut room = MemBuffer::new(room);
    let room = MemStack::new(&mut room);
    let found = evd::evd_real(
        block.as_ref(),
        real.as_mut(),
        imaginary.as_mut(),
        None,
        None,
        Par::Seq,
        room,
        Default::default(),
    );
    match found {
        Ok(()) => into.extend((0..n).map(|i| Eigenvalue { real: real[i], imaginary: imaginary[i] })),
        Err(_) => into.push(failed),
    }
}

/// The columns of the independent components, those of the dependent ones folded in; the others are empty.
fn reduced(
    pattern: &SparsePattern,
    jacobian: &[f64],
    reduction: &Reduction,
    dependents: &[Option<usize>],
) -> Vec<Vec<(usize, f64)>> {
    let independent = |i: usize| !reduction.holds(i) && dependents[i].is_none();
    let column = |j: usize, factor: f64| {
        let entries = pattern.rows(j).iter().zip(&jacobian[pattern.column(j)]);
        entries.filter(move |(i, v)| independent(**i) && **v != 0.0).map(move |(i, v)| (*i, factor * v))
    };
    let mut columns = vec![Vec::new(); dependents.len()];
    for (j, entries) in columns.iter_mut().enumerate().filter(|(j, _)| independent(*j)) {
        entries.extend(column(j, 1.0));
    }
    for moiety in reduction.moieties() {
        for &(j, c) in moiety.terms.iter().filter(|(j, _)| *j != moiety.dependent) {
            columns[j].extend(column(moiety.dependent, -c));
        }
    }
    columns
}

/// The strongly connected components of the graph in which each column points to its rows; iterative.
fn blocks(columns: &[Vec<(usize, f64)>], free: &[bool]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let n = columns.len();
    let (mut number, mut low, mut on_stack) = (vec![UNSEEN; n], vec![0; n], vec![false; n]);
    let (mut stack, mut found, mut next) = (Vec::new(), Vec::new(), 0);
    for root in (0..n).filter(|&i| free[i]) {
        if number[root] != UNSEEN {
            continue;
        }
        let mut path = vec![(root, 0)];
        while let Some(&mut (node, ref mut edge)) = path.last_mut() {
            if number[node] == UNSEEN {
                (number[node], low[node], on_stack[node]) = (next, next, true);
                next += 1;
                stack.push(node);
            }
            if let Some(&(to, _)) = columns[node].get(*edge) {
                *edge += 1;
                if number[to] == UNSEEN {
                    path.push((to, 0));
                } else if on_stack[to] {
                    low[node] = low[node].min(number[to]);
                }
                continue;
            }
            path.pop();
            if let Some(&(parent, _)) = path.last() {
                low[parent] = low[parent].min(low[node]);
            }
            if low[node] == number[node] {
                let from = stack.iter().rposition(|&i| i == node).unwrap_or(0);
                let block = stack.split_off(from);
                block.iter().for_each(|&i| on_stack[i] = false);
                found.push(block);
            }
        }
    }
    found
}
