//! Rosenbrock methods: linearly implicit, one factorisation a step, the exact Jacobian.
//!
//! E. Hairer, G. Wanner, *Solving Ordinary Differential Equations II*, 2nd ed. (1996), IV.7, in the
//! transformed variables that need no product with the Jacobian, (7.25'):
//!
//! ```text
//! (I/(hγ) − J) u_i = f(t + α_i h, y + Σ_j a_ij u_j) + Σ_j (c_ij / h) u_j + h d_i ∂f/∂t
//! ```
//!
//! The method, a [`Table`], is taken to be stiffly accurate: the last stages are evaluated at the
//! embedded solution, and the last u is the error estimate.

use super::control::Weights;
use super::error::Evaluated;
use super::system::System;
use super::vector::combine;
use crate::solve::linear::{Guarded, Singular};

/// A Rosenbrock method in transformed variables: stage i is one entry of each list, with i coefficients in its rows of `a` and `c`.
#[derive(Debug)]
pub(super) struct Table {
    pub gamma: f64,
    pub a: &'static [&'static [f64]],
    pub c: &'static [&'static [f64]],
    /// Where in the step each stage looks.
    pub alpha: &'static [f64],
    /// The share of ∂f/∂t in each stage.
    pub d: &'static [f64],
    /// The solution: y + Σ m_j u_j.
    pub m: &'static [f64],
    /// Dense output: y(θ) = y + Σ_j θ (m_j + (1 − θ) (dense_0j + θ (dense_1j + …))) u_j.
    pub dense: &'static [&'static [f64]],
    pub order_of_error: f64,
}

/// What a step has cost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    pub rhs: usize,
    pub jacobians: usize,
    pub factorisations: usize,
    pub solves: usize,
}

/// A method with its memory for systems of one pattern. After an accepted step the u serve the
/// interpolant until the next attempt.
#[derive(Debug)]
pub(super) struct Rosenbrock {
    table: &'static Table,
    u: Vec<Vec<f64>>,
    stage: Vec<f64>,
    slope: Vec<f64>,
    slope_at_end: Vec<f64>,
    time_derivative: Vec<f64>,
    jacobian: Vec<f64>,
    matrix: Guarded,
    row_sums: Vec<f64>,
    pub cost: Cost,
}

impl Rosenbrock {
    pub fn new<S: System + ?Sized>(system: &S, table: &'static Table) -> Self {
        let n = system.dimension();
        let pattern = system.jacobian_pattern();
        let zeros = || vec![0.0; n];
        Rosenbrock {
            table,
            u: (0..table.a.len()).map(|_| zeros()).collect(),
            stage: zeros(),
            slope: zeros(),
            slope_at_end: zeros(),
            time_derivative: zeros(),
            jacobian: vec![0.0; pattern.nnz()],
            matrix: Guarded::new(system.linear_solver(), pattern),
            row_sums: zeros(),
            cost: Cost::default(),
        }
    }

    /// The power of h with which the error estimate shrinks.
    pub fn order_of_error(&self) -> f64 {
        self.table.order_of_error
    }

    /// Factorisations that needed pivoting.
    pub fn pivoted(&self) -> usize {
        self.matrix.pivoted()
    }

    /// Prepares steps from `(t, y)`: slope (kept from the last step when `continued`), Jacobian and
    /// time derivative. Where the Jacobian is not finite, as that of √y at 0, that of a state within
    /// the tolerance serves.
    ///
    /// # Errors
    /// What is not finite, and the component: the variable, for the Jacobian.
    pub fn begin<S: System + ?Sized>(
        &mut self,
        system: &S,
        t: f64,
        y: &[f64],
        weights: &Weights,
        continued: bool,
    ) -> Result<(), (Evaluated, usize)> {
        if continued {
            std::mem::swap(&mut self.slope, &mut self.slope_at_end);
        } else {
            system.rhs(t, y, &mut self.slope);
            self.cost.rhs += 1;
        }
        system.jacobian(t, y, &mut self.jacobian);
        self.cost.jacobians += 1;
        if !all_finite(&self.jacobian) {
            for (i, (near, y)) in self.stage.iter_mut().zip(y).enumerate() {
                *near = y + weights.scale(i, y.abs());
            }
            system.jacobian(t, &self.stage, &mut self.jacobian);
            self.cost.jacobians += 1;
            if let Some(entry) = self.jacobian.iter().position(|v| !v.is_finite()) {
                let column = system.jacobian_pattern().col_ptr().partition_point(|&start| start <= entry) - 1;
                return Err((Evaluated::Jacobian, column));
            }
        }
        system.time_derivative(t, y, &mut self.time_derivative);
        match self.time_derivative.iter().position(|v| !v.is_finite()) {
            Some(component) => Err((Evaluated::TimeDerivative, component)),
            None => Ok(()),
        }
    }

    /// f at the start of the step.
    pub fn slope(&self) -> &[f64] {
        &self.slope
    }

    /// One step of length `h`: the solution at its end and the error estimate.
    ///
    /// # Errors
    /// When the matrix of the step is singular; a shorter step has another matrix.
    pub fn attempt<S: System + ?Sized>(
        &mut self,
        system: &S,
        t: f64,
        h: f64,
        y: &[f64],
        y_end: &mut [f64],
        error: &mut [f64],
    ) -> Result<(), Singular> {
        let Table { a, c, alpha, d, gamma, .. } = self.table;
        self.cost.factorisations += 1;
        self.matrix.factor(1.0 / (h * gamma), &self.jacobian)?;
        for i in 0..a.len() {
            let (before, from) = self.u.split_at_mut(i);
            let u = &mut from[0];
            if i == 0 {
                self.stage.copy_from_slice(&self.slope);
            } else {
                // u is free: it holds the stage while f is evaluated into `stage`.
                combine(u, y, 1.0, a[i], before);
                system.rhs(t + alpha[i] * h, u, &mut self.stage);
                self.cost.rhs += 1;
            }
            combine(u, &self.stage, 1.0 / h, c[i], before);
            if d[i] != 0.0 {
                for (u, f_t) in u.iter_mut().zip(&self.time_derivative) {
                    *u += h * d[i] * f_t;
                }
            }
            self.matrix.solve(&self.jacobian, u)?;
            self.cost.solves += 1;
        }
        combine(y_end, y, 1.0, self.table.m, &self.u);
        error.copy_from_slice(&self.u[a.len() - 1]);
        Ok(())
    }

    /// The first component that some stage could not make finite.
    pub fn not_finite(&self) -> Option<usize> {
        self.u.iter().find_map(|u| u.iter().position(|v| !v.is_finite()))
    }

    /// Evaluates the slope at the end of an accurate step, which the next will need; the component
    /// that is not finite, if any.
    pub fn finish<S: System + ?Sized>(&mut self, system: &S, end: f64, y_end: &[f64]) -> Option<usize> {
        system.rhs(end, y_end, &mut self.slope_at_end);
        self.cost.rhs += 1;
        self.slope_at_end.iter().position(|v| !v.is_finite())
    }

    /// A bound of the spectral radius of the Jacobian: the smaller of its 1- and ∞-norm.
    pub fn spectral_bound<S: System + ?Sized>(&mut self, system: &S) -> f64 {
        let pattern = system.jacobian_pattern();
        self.row_sums.fill(0.0);
        let mut by_columns = 0.0_f64;
        for column in 0..pattern.dimension() {
            let mut sum = 0.0;
            for (entry, &row) in pattern.column(column).zip(pattern.rows(column)) {
                let size = self.jacobian[entry].abs();
                sum += size;
                self.row_sums[row] += size;
            }
            by_columns = by_columns.max(sum);
        }
        self.row_sums.iter().copied().fold(0.0, f64::max).min(by_columns)
    }

    /// The solution at `theta` of the last step from `y`.
    pub fn interpolate(&self, theta: f64, y: &[f64], out: &mut [f64]) {
        let Table { m, dense, .. } = self.table;
        let mut weights = [0.0; 8];
        for (j, weight) in weights.iter_mut().enumerate().take(m.len()) {
            let inner = dense.iter().rev().fold(0.0, |sum, row| sum * theta + row[j]);
            *weight = theta * (m[j] + (1.0 - theta) * inner);
        }
        combine(out, y, 1.0, &weights[..m.len()], &self.u);
    }
}

fn all_finite(values: &[f64]) -> bool {
    // A sum is finite unless something in it is not, or it overflows: then look again.
    values.iter().sum::<f64>().is_finite() || values.iter().all(|v| v.is_finite())
}
