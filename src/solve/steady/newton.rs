//! Newton's method on the equations of what moves, some of them replaced by the conserved totals.
//!
//! A correction Δ solves (σI − J) Δ = f in the independent components, Σ c Δ = total − Σ c y for each moiety, and Δ = 0
//! where nothing moves. σ is small against every rate constant that matters: it is the inverse of a last, very long step of
//! pseudo-transient continuation (C. T. Kelley, D. E. Keyes, SIAM J. Numer. Anal. 35 (1998) 508), and keeps the matrix
//! regular where some component neither moves nor is known not to.

use super::spectrum::{self, Spectrum, TooLarge};
use super::{Flow, Reduction};
use crate::solve::linear::{Guarded, Suited};
use crate::solve::{NEGLIGIBLE, SparsePattern};

/// Corrections before it gives up.
const MOST: usize = 20;
/// A correction may be at most this part of the one before.
const CONTRACTION: f64 = 0.5;
/// Relative corrections this small are rounding.
const ROUNDING: f64 = 1e-12;
/// Rates that ought to cancel, relative to the sum of their parts: more than this and they don't.
const CANCELLED: f64 = 1e-7;

/// How near, how exact, how slow.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// The amount of each component below which it doesn't matter; changes are relative to the larger of it and the
    /// component.
    pub scales: &'a [f64],
    /// The largest relative change, from the start to the steady state, that is looked for.
    pub near: f64,
    /// The relative change that is as good as none.
    pub tolerance: f64,
    /// σ, in the inverse of the unit of time.
    pub shift: f64,
}

/// Why there was no steady state to be found near by. Components are indices, for the caller to name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Missed {
    /// It would be farther than was allowed: this component would change by this share.
    Far {
        component: usize,
        share: f64,
    },
    /// Corrections do not shrink.
    Diverging {
        component: usize,
    },
    /// The equations have no unique solution.
    Singular {
        component: usize,
    },
    NotFinite {
        component: usize,
    },
    /// An amount would be negative.
    Negative {
        component: usize,
    },
    /// This moiety is not conserved by the rates, or this equation, which was replaced, not satisfied.
    NotConserved {
        component: usize,
    },
}

/// What was done, in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NewtonStatistics {
    pub attempts: usize,
    pub corrections: usize,
    pub rates: usize,
    pub jacobians: usize,
    pub factorisations: usize,
    pub pivoted: usize,
}

impl NewtonStatistics {
    /// What was done since an earlier count.
    pub fn since(&self, earlier: &NewtonStatistics) -> NewtonStatistics {
        NewtonStatistics {
            attempts: self.attempts - earlier.attempts,
            corrections: self.corrections - earlier.corrections,
            rates: self.rates - earlier.rates,
            jacobians: self.jacobians - earlier.jacobians,
            factorisations: self.factorisations - earlier.factorisations,
            pivoted: self.pivoted - earlier.pivoted,
        }
    }
}

/// Newton's method for one flow and one reduction, with its memory.
#[derive(Debug)]
pub struct Newton {
    reduction: Reduction,
    dependents: Vec<Option<usize>>,
    /// Entries of the flow's Jacobian and where they go.
    scatter: Vec<(usize, usize)>,
    /// The diagonal entries of independent components, less σ.
    diagonal: Vec<usize>,
    linear: Guarded,
    /// The matrix as the solver is given it: less those of (σI − J), the moieties and the identity.
    matrix: Vec<f64>,
    jacobian: Vec<f64>,
    rates: Vec<f64>,
    correction: Vec<f64>,
    raised: Vec<f64>,
    statistics: NewtonStatistics,
}

impl Newton {
    /// Orders the equations of a flow whose dimension is that of the reduction.
    pub fn new<F: Flow + ?Sized>(flow: &F, reduction: Reduction) -> Newton {
        let pattern = flow.pattern();
        let n = reduction.dimension();
        let dependents = reduction.dependents();
        let independent = |i: usize| !reduction.holds(i) && dependents[i].is_none();
        let kept = |&(row, column): &(usize, usize)| independent(row) && !reduction.holds(column);
        let lawful = reduction.moieties().iter().flat_map(|m| m.terms.iter().map(|&(i, _)| (m.dependent, i)));
        let extended = SparsePattern::from_entries(n, pattern.entries().filter(kept).chain(lawful));
        let at = |row, column| extended.lookup(row, column).unwrap_or(0);
        let entries = pattern.entries().enumerate().filter(|(_, entry)| kept(entry));
        let scatter = entries.map(|(from, (row, column))| (from, at(row, column))).collect();
        let mut matrix = vec![0.0; extended.nnz()];
        (0..n).filter(|&i| reduction.holds(i)).for_each(|i| matrix[at(i, i)] = -1.0);
        for moiety in reduction.moieties() {
            moiety.terms.iter().for_each(|&(i, c)| matrix[at(moiety.dependent, i)] = -c);
        }
        Newton {
            diagonal: (0..n).filter(|&i| independent(i)).map(|i| at(i, i)).collect(),
            scatter,
            linear: Guarded::new(Suited::new(&extended).solver(), &extended),
            matrix,
            jacobian: vec![0.0; pattern.nnz()],
            rates: vec![0.0; n],
            correction: vec![0.0; n],
            raised: vec![0.0; n],
            dependents,
            reduction,
            statistics: NewtonStatistics::default(),
        }
    }

    /// What moves and what is conserved.
    pub fn reduction(&self) -> &Reduction {
        &self.reduction
    }

    /// What was done so far.
    pub fn statistics(&self) -> NewtonStatistics {
        NewtonStatistics { pivoted: self.linear.pivoted(), ..self.statistics }
    }

    /// Moves `y` to the steady state beside it, the moieties at `totals`. On an error `y` is somewhere between.
    ///
    /// # Errors
    /// When there is none within the limits, or it is not certain that there is.
    pub fn polish<F: Flow + ?Sized>(
        &mut self,
        flow: &F,
        y: &mut [f64],
        totals: &[f64],
        limits: &Limits<'_>,
    ) -> Result<(), Missed> {
        self.statistics.attempts += 1;
        let mut last = f64::INFINITY;
        let mut moved = 0.0;
        for attempt in 0..MOST {
            self.correct(flow, y, totals, limits.shift)?;
            let (component, share) = largest(&self.correction, y, limits.scales);
            if !share.is_finite() {
                return Err(Missed::NotFinite { component });
            }
            moved += share;
            if moved > limits.near {
                return Err(Missed::Far { component, share: moved });
            }
            let stalled = share > CONTRACTION * last;
            if stalled && share > limits.tolerance {
                return Err(Missed::Diverging { component });
            }
            y.iter_mut().zip(&self.correction).for_each(|(y, delta)| *y += delta);
            // Once two corrections were seen to shrink quadratically, the one to come can be told.
            let next = if attempt > 0 { share * (share / last) } else { share };
            if stalled || share <= ROUNDING || next <= ROUNDING {
                return self.finish(flow, y, limits);
            }
            last = share;
        }
        Err(Missed::Diverging { component: largest(&self.correction, y, limits.scales).0 })
    }

    /// The eigenvalues of the reduced Jacobian at `y`, slowest to decay first.
    ///
    /// # Errors
    /// When a block of equations that depend on each other is larger than [`LARGEST_BLOCK`](super::LARGEST_BLOCK).
    pub fn spectrum<F: Flow + ?Sized>(&mut self, flow: &F, y: &[f64], scales: &[f64]) -> Result<Spectrum, TooLarge> {
        self.linearise(flow, y);
        let weights: Vec<f64> = y.iter().zip(scales).map(|(y, scale)| y.abs().max(*scale)).collect();
        spectrum::of(flow.pattern(), &self.jacobian, &self.reduction, &self.dependents, &weights)
    }

    /// The largest share by which a moiety's total at `y` differs from what it was, relative to its parts.
    pub fn drift(&self, y: &[f64], totals: &[f64]) -> f64 {
        let share = |(m, total): (&super::Moiety, &f64)| {
            (m.total(y) - total).abs() / m.magnitude(y).max(total.abs()).max(f64::MIN_POSITIVE)
        };
        self.reduction.moieties().iter().zip(totals).map(share).fold(0.0, f64::max)
    }

    /// The totals of the moieties at a state.
    pub fn totals(&self, y: &[f64]) -> Vec<f64> {
        self.reduction.moieties().iter().map(|m| m.total(y)).collect()
    }

    /// Rates and Jacobian at `y` with what is negative taken as none.
    fn linearise<F: Flow + ?Sized>(&mut self, flow: &F, y: &[f64]) {
        for (i, (raised, y)) in self.raised.iter_mut().zip(y).enumerate() {
            *raised = if *y <= NEGLIGIBLE && flow.is_amount(i) { 0.0 } else { *y };
        }
        flow.rates(&self.raised, &mut self.rates);
        flow.derivatives(&self.raised, &mut self.jacobian);
        self.statistics.rates += 1;
        self.statistics.jacobians += 1;
    }

    /// The correction at `y`.
    fn correct<F: Flow + ?Sized>(&mut self, flow: &F, y: &[f64], totals: &[f64], shift: f64) -> Result<(), Missed> {
        self.linearise(flow, y);
        self.diagonal.iter().for_each(|&entry| self.matrix[entry] = 0.0);
        self.scatter.iter().for_each(|&(from, to)| self.matrix[to] = self.jacobian[from]);
        self.diagonal.iter().for_each(|&entry| self.matrix[entry] -= shift);
        for i in 0..self.correction.len() {
            self.correction[i] = match self.dependents[i] {
                Some(moiety) => totals[moiety] - self.reduction.moieties()[moiety].total(y),
                None if self.reduction.holds(i) => 0.0,
                None => self.rates[i],
            };
        }
        if let Some(component) = self.correction.iter().position(|v| !v.is_finite()) {
            return Err(Missed::NotFinite { component });
        }
        self.statistics.corrections += 1;
        self.statistics.factorisations += 1;
        let singular = |s: crate::solve::linear::Singular| Missed::Singular { component: s.column };
        self.linear.factor(0.0, &self.matrix).map_err(singular)?;
        self.linear.solve(&self.matrix, &mut self.correction).map_err(singular)
    }

    /// Takes away what is negative by rounding, and sees whether all equations hold.
    fn finish<F: Flow + ?Sized>(&mut self, flow: &F, y: &mut [f64], limits: &Limits<'_>) -> Result<(), Missed> {
        for (component, (y, scale)) in y.iter_mut().zip(limits.scales).enumerate() {
            if *y < 0.0 && flow.is_amount(component) {
                if *y < -limits.tolerance * scale {
                    return Err(Missed::Negative { component });
                }
                *y = 0.0;
            }
        }
        self.linearise(flow, y);
        let mut size = vec![0.0; y.len()];
        for (value, (row, column)) in self.jacobian.iter().zip(flow.pattern().entries()) {
            size[row] += (value * y[column].abs().max(limits.tolerance * limits.scales[column])).abs();
        }
        let unbalanced = |&i: &usize| {
            let (rate, most) = (self.rates[i].abs(), CANCELLED * size[i] + f64::MIN_POSITIVE);
            !self.reduction.holds(i) && (rate.is_nan() || rate > most)
        };
        match (0..y.len()).find(unbalanced) {
            Some(component) => Err(Missed::NotConserved { component }),
            None => Ok(()),
        }
    }
}

/// The component that would change most, and by what share.
fn largest(correction: &[f64], y: &[f64], scales: &[f64]) -> (usize, f64) {
    let mut worst = (0, 0.0);
    for (i, ((delta, y), scale)) in correction.iter().zip(y).zip(scales).enumerate() {
        let share = delta.abs() / y.abs().max((y + delta).abs()).max(*scale);
        if share.is_nan() {
            return (i, share);
        }
        if share > worst.1 {
            worst = (i, share);
        }
    }
    worst
}
