//! A quick factorisation whose answers are checked, with a safe one behind it.

use super::lanes::{gather, scatter};
use super::{LaneSolver, LinearSolver, PivotingLu, Singular, SparsePattern};
use crate::solve::Rows;

/// The backward error |b − Wx| / (|W| |x| + |b|) let pass: of each component by itself (W. Oettli,
/// W. Prager, Numer. Math. 6 (1964) 405) …
const TOLERATED_BY_COMPONENT: f64 = 1e-8;
/// … or against the largest component of the denominator, which is what pivoting would give.
const TOLERATED_BY_NORM: f64 = 1e-12;
/// A factorisation without a larger multiplier is one that threshold pivoting would have let pass
/// with its usual threshold of a tenth, so it is not checked.
const TRUSTED_MULTIPLIER: f64 = 10.0;
/// With a larger one every solution is checked, not the first alone: half of the digits may be at stake.
const WATCHED_MULTIPLIER: f64 = 1e8;

/// Uses a given solver; when it fails, or when its multipliers grow and the first solution after a
/// factorisation (or, where they grow a lot, any) does not satisfy its equations, factors the same
/// matrix with pivoting. Each lane by itself.
#[derive(Debug)]
pub struct Guarded<const W: usize = 1> {
    quick: LaneSolver<W>,
    pattern: SparsePattern,
    /// Made when first needed.
    safe: [Option<Box<PivotingLu>>; W],
    state: [State; W],
    shift: [f64; W],
    right_side: Rows<W>,
    pivoted: [usize; W],
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
        Guarded::over_lanes(LaneSolver::Each(vec![quick]), pattern)
    }

    /// How many factorisations needed pivoting so far.
    pub fn pivoted(&self) -> usize {
        self.pivoted[0]
    }

    /// Factors `shift·I − J`.
    ///
    /// # Errors
    /// When the matrix is singular to working precision.
    pub fn factor(&mut self, shift: f64, jacobian: &[f64]) -> Result<(), Singular> {
        self.factor_lanes(&[shift], jacobian.as_chunks().0, &[true])[0].map_or(Ok(()), Err)
    }

    /// Replaces b by the solution; `jacobian` as given to [`Self::factor`].
    ///
    /// # Errors
    /// When the check fails and the matrix is singular to working precision; b is lost.
    pub fn solve(&mut self, jacobian: &[f64], b: &mut [f64]) -> Result<(), Singular> {
        let mut singular = [None];
        self.solve_lanes(jacobian.as_chunks().0, b.as_chunks_mut().0, &[true], &mut singular);
        singular[0].map_or(Ok(()), Err)
    }

    /// Replaces many right sides, one row of them for each unknown, after a first [`Self::solve`] has passed the check.
    pub fn solve_many(&mut self, b: &mut [f64], columns: usize) {
        match (self.state, &mut self.safe) {
            ([State::Pivoted], [Some(safe)]) => safe.solve_many(b, columns),
            _ => self.quick.solve_many(b, columns),
        }
    }
}

impl<const W: usize> Guarded<W> {
    /// Guards `quick`, which solves with matrices of this pattern.
    pub fn over_lanes(quick: LaneSolver<W>, pattern: &SparsePattern) -> Self {
        Guarded {
            quick,
            pattern: pattern.clone(),
            safe: std::array::from_fn(|_| None),
            state: [State::Unchecked; W],
            shift: [0.0; W],
            right_side: Rows::zeros(pattern.dimension()),
            pivoted: [0; W],
        }
    }

    /// [`Self::pivoted`] of each lane.
    pub fn pivoted_lanes(&self) -> [usize; W] {
        self.pivoted
    }

    /// Factors `shift·I − J` in the lanes marked; where the matrix is singular to working precision.
    pub fn factor_lanes(
        &mut self,
        shift: &[f64; W],
        jacobian: &[[f64; W]],
        lanes: &[bool; W],
    ) -> [Option<Singular>; W] {
        self.shift = *shift;
        let mut singular = self.quick.factor(shift, jacobian, lanes);
        for l in (0..W).filter(|&l| lanes[l]) {
            if singular[l].is_some() {
                singular[l] = self.pivot(l, jacobian).err();
            } else if Self::trusts(self.quick.largest_multiplier(l)) {
                self.state[l] = State::Checked;
            } else {
                self.state[l] = State::Unchecked;
            }
        }
        singular
    }

    /// Replaces b by the solution in the lanes marked that are not `singular`; a lane becomes so when the check fails
    /// and its matrix is singular to working precision. `jacobian` as given to [`Self::factor_lanes`].
    #[inline]
    pub fn solve_lanes(
        &mut self,
        jacobian: &[[f64; W]],
        b: &mut [[f64; W]],
        lanes: &[bool; W],
        singular: &mut [Option<Singular>; W],
    ) {
        if (0..W).all(|l| self.state[l] == State::Checked || !lanes[l]) {
            return self.quick.solve(b, lanes);
        }
        self.right_side.copy_from_slice(b);
        let is = |state: State, of: [State; W]| std::array::from_fn(|l| lanes[l] && of[l] == state);
        let pivoted: [bool; W] = is(State::Pivoted, self.state);
        self.quick.solve(b, &std::array::from_fn(|l| lanes[l] && !pivoted[l]));
        for l in 0..W {
            if !lanes[l] || singular[l].is_some() {
                continue;
            }
            if self.state[l] == State::Unchecked {
                if self.satisfied(l, jacobian, b) {
                    if self.quick.largest_multiplier(l) <= WATCHED_MULTIPLIER {
                        self.state[l] = State::Checked;
                    }
                } else if let Err(error) = self.pivot(l, jacobian) {
                    singular[l] = Some(error);
                    continue;
                }
            }
            if let (State::Pivoted, Some(safe)) = (self.state[l], &mut self.safe[l]) {
                let mut one = gather(l, &self.right_side);
                safe.solve(&mut one);
                scatter(l, &one, b);
            }
        }
    }

    /// Whether factors with no larger multiplier need no check.
    pub fn trusts(largest_multiplier: f64) -> bool {
        largest_multiplier <= TRUSTED_MULTIPLIER
    }

    /// Whether factors of a lane that others made in the quick solver's way, with this largest multiplier, would be let pass
    /// after `x`, the first of the solutions that came of them, and all further ones unseen.
    pub fn would_pass(
        &mut self,
        lane: usize,
        shift: f64,
        largest_multiplier: f64,
        jacobian: &[[f64; W]],
        right_side: &[[f64; W]],
        x: &[[f64; W]],
    ) -> bool {
        if Self::trusts(largest_multiplier) {
            return true;
        }
        self.shift[lane] = shift;
        self.right_side.copy_from_slice(right_side);
        largest_multiplier <= WATCHED_MULTIPLIER && self.satisfied(lane, jacobian, &x[..right_side.len()])
    }

    /// Factors `shift·I − J` in the lanes marked where [`Self::would_pass`] has let pass factors that others made: these again,
    /// so what is solved with them is not checked.
    pub fn factor_passed(&mut self, shift: &[f64; W], jacobian: &[[f64; W]], lanes: &[bool; W]) {
        self.shift = *shift;
        let singular = self.quick.factor(shift, jacobian, lanes);
        for l in (0..W).filter(|&l| lanes[l] && singular[l].is_none()) {
            self.state[l] = State::Checked;
        }
    }

    fn pivot(&mut self, lane: usize, jacobian: &[[f64; W]]) -> Result<(), Singular> {
        self.pivoted[lane] += 1;
        self.state[lane] = State::Pivoted;
        let safe = self.safe[lane].get_or_insert_with(|| Box::new(PivotingLu::new(&self.pattern)));
        safe.factor(self.shift[lane], &gather(lane, jacobian))
    }

    /// Whether x solves the equations of a lane with its `right_side`, to within what is tolerated.
    fn satisfied(&self, lane: usize, jacobian: &[[f64; W]], x: &[[f64; W]]) -> bool {
        let (mut residual, shift) = (gather(lane, &self.right_side), self.shift[lane]);
        let mut size: Vec<f64> = residual.iter().map(|b| b.abs()).collect();
        for (column, x) in x.iter().enumerate() {
            let x = x[lane];
            residual[column] -= shift * x;
            size[column] += (shift * x).abs();
            for (entry, &row) in self.pattern.column(column).zip(self.pattern.rows(column)) {
                let term = jacobian[entry][lane] * x;
                residual[row] += term;
                size[row] += term.abs();
            }
        }
        let by_norm = TOLERATED_BY_NORM * size.iter().copied().fold(0.0, f64::max);
        // A comparison that NaN passes: what is not finite is the caller's to see, not a pivot's fault.
        !residual.iter().zip(&size).any(|(r, s)| r.abs() > by_norm.max(TOLERATED_BY_COMPONENT * s))
    }
}
