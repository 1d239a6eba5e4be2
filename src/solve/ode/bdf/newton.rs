//! Newton's iteration for the equations of a step, with a matrix that is kept while it serves.
//!
//! The matrix, made of the Jacobian at a predicted state, is renewed when c has drifted from that it was made with, when
//! it is old, or when corrections do not shrink; a step is given up only with a matrix made for it. Between two
//! matrices c differs from that of the matrix, which a common factor makes good in part: P. N. Brown, G. D. Byrne,
//! A. C. Hindmarsh, "VODE", SIAM J. Sci. Stat. Comput. 10 (1989) 1038-1051, as is the estimate of how fast corrections
//! shrink, carried from step to step.

use super::differences::{self, norm};
use crate::solve::SparsePattern;
use crate::solve::linear::{Guarded, Singular};
use crate::solve::ode::error::Evaluated;
use crate::solve::ode::method::{Cost, Refused, Scene};
use crate::solve::ode::positive::{depth, raised};
use crate::solve::ode::system::LaneSystem;

/// The error of the iteration, as part of the error of a step that is tolerated.
const ENOUGH: f64 = 0.01;
const MOST_ITERATIONS: usize = 4;
/// c may differ by so much from that of the matrix.
const DRIFT: f64 = 0.3;
/// Steps that a matrix may serve.
const OLDEST: usize = 20;
/// How fast an estimate of the rate is forgotten, and the estimate for a new matrix.
const FADING: f64 = 0.3;
const FIRST_RATE: f64 = 0.3;
/// A correction that grows by this much ends the iteration.
const DIVERGENT: f64 = 2.0;

/// The equations of a step: y − ψ-part − c f(end, y) = 0.
pub(super) struct Step<'a> {
    pub end: f64,
    pub c: f64,
    pub predicted: &'a [f64],
    pub psi: &'a [f64],
    pub weights: &'a [f64],
    /// The error of the step over its correction.
    pub constant: f64,
}

#[derive(Debug)]
pub(super) struct Newton<const W: usize> {
    correction: Vec<f64>,
    /// The slope, then what is lacking, then the step.
    work: Vec<f64>,
    /// The state as rates see it.
    above: Vec<f64>,
    jacobian: Vec<f64>,
    matrix: Guarded<W>,
    /// The c that the matrix was made with; none when there is no matrix that may serve.
    made_with: Option<f64>,
    age: usize,
    /// How fast corrections shrink.
    rate: f64,
    /// A bound of the spectral radius of the Jacobian; none when not yet asked for.
    bound: Option<f64>,
}

impl<const W: usize> Newton<W> {
    pub fn new<S: LaneSystem<W> + ?Sized>(system: &S) -> Self {
        let (n, pattern) = (system.dimension(), system.jacobian_pattern());
        let zeros = || vec![0.0; n];
        Newton {
            correction: zeros(),
            work: zeros(),
            above: zeros(),
            jacobian: vec![0.0; pattern.nnz()],
            matrix: Guarded::over_lanes(system.lane_solver(), pattern),
            made_with: None,
            age: 0,
            rate: 1.0,
            bound: None,
        }
    }

    /// y − p of the last step.
    pub fn correction(&self) -> &[f64] {
        &self.correction
    }

    /// Parameters or equations may have changed.
    pub fn forget(&mut self) {
        self.made_with = None;
    }

    pub fn accepted(&mut self) {
        self.age += 1;
    }

    /// Solves the equations of a step: the state at its end into `y`, and the size of its correction. None when the
    /// iteration does not converge.
    pub fn solve<S: LaneSystem<W> + ?Sized>(
        &mut self,
        scene: &Scene<'_, S, W>,
        step: &Step<'_>,
        y: &mut [f64],
        cost: &mut Cost,
    ) -> Result<Option<f64>, Refused> {
        let drifted = |made: f64| (step.c / made - 1.0).abs() > DRIFT;
        let mut fresh = false;
        if self.age >= OLDEST || self.made_with.is_none_or(drifted) {
            self.renew(scene, step, cost)?;
            fresh = true;
        }
        loop {
            let solved = self.iterate(scene, step, y, cost);
            if fresh || matches!(solved, Ok(Some(_))) {
                return solved;
            }
            self.renew(scene, step, cost)?;
            fresh = true;
        }
    }

    /// A new matrix, of the Jacobian at the predicted state; where that is not finite, as that of √y at 0, at a state
    /// within the tolerance.
    fn renew<S: LaneSystem<W> + ?Sized>(
        &mut self,
        scene: &Scene<'_, S, W>,
        step: &Step<'_>,
        cost: &mut Cost,
    ) -> Result<(), Refused> {
        self.made_with = None;
        self.bound = None;
        self.raise(scene, step.predicted);
        self.differentiate(scene, step, cost);
        if !differences::all_finite(&self.jacobian) {
            for (above, weight) in self.above.iter_mut().zip(step.weights) {
                *above += 1.0 / weight;
            }
            self.differentiate(scene, step, cost);
            if let Some(entry) = self.jacobian.iter().position(|v| !v.is_finite()) {
                let starts = scene.system.jacobian_pattern().col_ptr();
                let column = starts.partition_point(|&start| start <= entry) - 1;
                return Err(Refused::NotFinite(Evaluated::Jacobian, column));
            }
        }
        cost.factorisations += 1;
        let before = self.matrix.pivoted_lanes()[0];
        let jacobian = self.jacobian.as_chunks().0;
        let singular = self.matrix.factor_lanes(&[1.0 / step.c; W], jacobian, &[true; W])[0];
        cost.pivoted += self.matrix.pivoted_lanes()[0] - before;
        if let Some(Singular { column }) = singular {
            return Err(Refused::Singular(column));
        }
        (self.made_with, self.age, self.rate) = (Some(step.c), 0, FIRST_RATE);
        Ok(())
    }

    fn raise<S: LaneSystem<W> + ?Sized>(&mut self, scene: &Scene<'_, S, W>, y: &[f64]) {
        for ((above, y), &least) in self.above.iter_mut().zip(y).zip(scene.floor.least()) {
            *above = raised(*y, least);
        }
    }

    fn differentiate<S: LaneSystem<W> + ?Sized>(&mut self, scene: &Scene<'_, S, W>, step: &Step<'_>, cost: &mut Cost) {
        scene.system.jacobian(&[step.end; W], self.above.as_chunks().0, self.jacobian.as_chunks_mut().0);
        cost.jacobians += 1;
    }

    fn iterate<S: LaneSystem<W> + ?Sized>(
        &mut self,
        scene: &Scene<'_, S, W>,
        step: &Step<'_>,
        y: &mut [f64],
        cost: &mut Cost,
    ) -> Result<Option<f64>, Refused> {
        let made = self.made_with.unwrap_or(step.c);
        let scale = 2.0 * step.c / (step.c + made);
        y.copy_from_slice(step.predicted);
        self.raise(scene, step.predicted);
        self.correction.fill(0.0);
        let mut before = 0.0;
        for iteration in 0..MOST_ITERATIONS {
            scene.system.rhs(&[step.end; W], self.above.as_chunks().0, self.work.as_chunks_mut().0);
            cost.rhs += 1;
            let slack = scene.floor.slack()[0];
            if differences::any_below(y, &self.above, slack) {
                self.continue_below(scene.system.jacobian_pattern(), y, slack);
            }
            differences::residual(&mut self.work, step.psi, &self.correction, step.c);
            let mut singular = [None; W];
            let (jacobian, work) = (self.jacobian.as_chunks().0, self.work.as_chunks_mut().0);
            self.matrix.solve_lanes(jacobian, work, &[true; W], &mut singular);
            cost.solves += 1;
            if let Some(Singular { column }) = singular[0] {
                return Err(Refused::Singular(column));
            }
            let from = (&self.work[..], scale, step.predicted, step.weights, scene.floor.least());
            let size = differences::correct(from, (&mut self.correction, y, &mut self.above));
            if !size.is_finite() {
                let component = self.work.iter().position(|v| !v.is_finite()).unwrap_or(0);
                return Err(Refused::NotFinite(Evaluated::RightHandSide, component));
            }
            if iteration > 0 {
                let rate = size / before;
                if rate > DIVERGENT {
                    return Ok(None);
                }
                self.rate = if rate > FADING * self.rate { rate } else { FADING * self.rate };
            }
            if size * self.rate.min(1.0) * step.constant <= ENOUGH {
                return Ok(Some(norm(&self.correction, step.weights)));
            }
            before = size;
        }
        Ok(None)
    }

    /// Adds to the slope at the raised state what the Jacobian says of what was raised. Without that, rates would have a
    /// kink at zero, where the iteration does not converge and the past is no guide, and fast components would be left
    /// below zero instead of drawn back.
    fn continue_below(&mut self, pattern: &SparsePattern, y: &[f64], slack: f64) {
        for (column, (y, above)) in y.iter().zip(&self.above).enumerate() {
            let below = depth(*y, *above, slack);
            if below < 0.0 {
                for (entry, &row) in pattern.column(column).zip(pattern.rows(column)) {
                    self.work[row] += self.jacobian[entry] * below;
                }
            }
        }
    }

    /// A bound of the spectral radius of the last Jacobian: the smaller of its 1- and ∞-norm.
    pub fn spectral_bound(&mut self, pattern: &SparsePattern) -> f64 {
        *self.bound.get_or_insert_with(|| {
            let mut rows = vec![0.0; pattern.dimension()];
            let mut by_columns = 0.0_f64;
            for column in 0..pattern.dimension() {
                let mut sum = 0.0;
                for (entry, &row) in pattern.column(column).zip(pattern.rows(column)) {
                    let size = self.jacobian[entry].abs();
                    sum += size;
                    rows[row] += size;
                }
                by_columns = by_columns.max(sum);
            }
            rows.into_iter().fold(0.0, f64::max).min(by_columns)
        })
    }
}
