//! Forward sensitivities: a state and its derivatives along m directions, integrated together.
//!
//! Rodas5P (see `rodas5p`) on the system of y and all s_k at once, with its exact Jacobian. That is block triangular:
//! J = ∂f/∂y on the diagonal, C_k = ∂(J s_k + g_k)/∂y in the column of y. So one factorisation of I/(hγ) − J serves y and all
//! directions; u of y comes first, and C_k u enters the right side of each direction as (∂J/∂y · u) s_k + (∂g_k/∂y · u),
//! with one derivative along u for all k. The s_k are thus the exact derivatives of the numerical solution by θ for the
//! steps taken (Hairer, Nørsett, Wanner, *Solving ODEs I*, II.17, "internal differentiation").
//!
//! Invariants: the error of every direction is held to the tolerance like that of y: the norm is the largest of
//! the root mean squares of y and of each direction, so results don't depend on which directions go together beyond the
//! tolerance. A direction's error in a component may be as large as that of the component itself, in units of θ: what
//! the caller scales θ by. Steps stop only where the caller says: what happens to a system in between, events
//! included, is known from the run whose derivatives these are.
//! Deliberately absent: events, a choice of method.

use super::control::Controllers;
use super::error::{Evaluated, SolveError};
use super::rosenbrock::{RODAS5P, Tableau};
use super::settings::Settings;
use super::variational::Variational;
use super::vector::{combine_numbers as combine, product};
use crate::solve::linear::{Guarded, suited};

/// A state and its derivatives, dimension × stride.
#[derive(Debug, Clone)]
struct Pair {
    y: Vec<f64>,
    s: Vec<f64>,
}

impl Pair {
    fn zeros(n: usize, stride: usize) -> Pair {
        Pair { y: vec![0.0; n], s: vec![0.0; n * stride] }
    }
}

/// An integration of sensitivities under way.
#[derive(Debug)]
pub struct Forward {
    rtol: f64,
    atol: Vec<f64>,
    nonnegative: Vec<bool>,
    max_steps: usize,
    table: &'static Tableau,
    directions: usize,
    stride: usize,
    t: f64,
    now: Pair,
    t_old: f64,
    old: Pair,
    end: Pair,
    stage: Pair,
    slope: Pair,
    time_derivative: Pair,
    u: Vec<Vec<f64>>,
    v: Vec<Vec<f64>>,
    /// J and g at the start of the step, then their derivatives.
    jacobian: Vec<f64>,
    stage_jacobian: Vec<f64>,
    forcing: Vec<f64>,
    matrix: Guarded,
    controller: Controllers<1>,
    h_next: Option<f64>,
    steps_since_start: usize,
    steps: usize,
    blame: usize,
    norms: Vec<f64>,
}

/// Why a trial step was not taken.
enum Refused {
    Inaccurate(f64),
    NotFinite,
    Singular(usize),
}

impl Forward {
    /// An integration from `y` and its derivatives `s` at `t`.
    ///
    /// # Errors
    /// Impossible tolerances, and wrong lengths.
    pub fn start<V: Variational>(
        system: &V,
        t: f64,
        y: &[f64],
        s: &[f64],
        settings: &Settings,
    ) -> Result<Forward, SolveError> {
        settings.check()?;
        let (n, stride) = (system.dimension(), system.stride());
        if y.len() != n || s.len() != n * stride {
            return Err(SolveError::WrongDimension { given: y.len(), dimension: n });
        }
        let pattern = system.jacobian_pattern();
        let pair = || Pair::zeros(n, stride);
        let table = &RODAS5P;
        let mut forward = Forward {
            rtol: settings.tolerances.rtol(),
            atol: settings.tolerances.expand(n)?,
            nonnegative: (0..n).map(|i| system.is_nonnegative(i)).collect(),
            max_steps: settings.max_steps,
            table,
            directions: system.directions(),
            stride,
            t,
            now: pair(),
            t_old: t,
            old: pair(),
            end: pair(),
            stage: pair(),
            slope: pair(),
            time_derivative: pair(),
            u: vec![vec![0.0; n]; table.a.len()],
            v: vec![vec![0.0; n * stride]; table.a.len()],
            jacobian: vec![0.0; pattern.nnz()],
            stage_jacobian: vec![0.0; pattern.nnz()],
            forcing: vec![0.0; n * stride],
            matrix: Guarded::new(suited(pattern), pattern),
            controller: Controllers::predictive(table.order_of_error),
            h_next: None,
            steps_since_start: 0,
            steps: 0,
            blame: 0,
            norms: vec![0.0; stride],
        };
        forward.restart(t, y, s);
        Ok(forward)
    }

    /// Continues from another state, after the caller changed it or the system.
    pub fn restart(&mut self, t: f64, y: &[f64], s: &[f64]) {
        self.t = t;
        self.t_old = t;
        self.now.y.copy_from_slice(y);
        self.now.s.copy_from_slice(s);
        self.h_next = None;
        self.steps_since_start = 0;
        self.controller.reset(0);
    }

    pub fn time(&self) -> f64 {
        self.t
    }

    /// The state now.
    pub fn state(&self) -> &[f64] {
        &self.now.y
    }

    /// Its derivatives now, dimension × stride.
    pub fn derivatives(&self) -> &[f64] {
        &self.now.s
    }

    /// Accepted steps so far.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// State and derivatives at `t` within the last step.
    pub fn interpolate(&self, t: f64, y: &mut [f64], s: &mut [f64]) {
        let h = self.t - self.t_old;
        if t >= self.t || h <= 0.0 {
            y.copy_from_slice(&self.now.y);
            s.copy_from_slice(&self.now.s);
            return;
        }
        let theta = ((t - self.t_old) / h).max(0.0);
        let Tableau { m, dense, .. } = self.table;
        let mut weights = [0.0; 8];
        for (j, weight) in weights.iter_mut().enumerate().take(m.len()) {
            let inner = dense.iter().rev().fold(0.0, |sum, row| sum * theta + row[j]);
            *weight = theta * (m[j] + (1.0 - theta) * inner);
        }
        combine(y, &self.old.y, 1.0, &weights[..m.len()], &self.u);
        combine(s, &self.old.s, 1.0, &weights[..m.len()], &self.v);
    }

    /// One accepted step, never past `limit` and landing on it exactly; whether it is reached.
    ///
    /// # Errors
    /// A step that underflows, more steps than allowed, numbers that are not finite, a matrix that is singular whatever
    /// the step.
    pub fn step<V: Variational>(&mut self, system: &V, limit: f64) -> Result<bool, SolveError> {
        let remaining = limit - self.t;
        if remaining <= 0.0 {
            return Ok(true);
        }
        self.begin(system)?;
        let mut h = self.h_next.unwrap_or_else(|| self.first_step(remaining));
        loop {
            let last = 1.01 * h >= remaining;
            let tried = if last { remaining } else { h.min(0.5 * remaining) };
            if self.steps_since_start >= self.max_steps {
                let (steps, component) = (self.steps_since_start, self.blame);
                return Err(SolveError::TooManySteps { t: self.t, step: h, steps, component });
            }
            self.steps_since_start += 1;
            match self.attempt(system, tried) {
                Ok(error) => {
                    let [proposed] = self.controller.accepted(&[true], &[tried], &[error]);
                    self.h_next = Some(if tried < h { proposed.max(h) } else { proposed });
                    self.t_old = self.t;
                    self.t = if last { limit } else { self.t + tried };
                    std::mem::swap(&mut self.old, &mut self.now);
                    std::mem::swap(&mut self.now, &mut self.end);
                    self.steps += 1;
                    return Ok(last);
                }
                Err(refused) => h = self.refuse(tried, &refused)?,
            }
        }
    }

    /// Steps until `limit`.
    ///
    /// # Errors
    /// As [`Forward::step`].
    pub fn advance<V: Variational>(&mut self, system: &V, limit: f64) -> Result<(), SolveError> {
        while !self.step(system, limit)? {}
        Ok(())
    }

    /// Slopes, Jacobian and time derivatives at the present state.
    fn begin<V: Variational>(&mut self, system: &V) -> Result<(), SolveError> {
        let t = self.t;
        system.rhs(t, &self.now.y, &mut self.slope.y);
        system.time_derivative(t, &self.now.y, &mut self.time_derivative.y);
        self.time_derivative.s.fill(0.0);
        let Forward { stage_jacobian, time_derivative, now, .. } = self;
        if system.curvature_in_time(t, &now.y, stage_jacobian, &mut time_derivative.s) {
            product(system.jacobian_pattern(), stage_jacobian, &now.s, &mut time_derivative.s, self.stride);
        }
        system.linear(t, &self.now.y, &mut self.jacobian, &mut self.slope.s);
        if self.jacobian.iter().any(|v| !v.is_finite()) {
            // As that of √y at 0: there the Jacobian of a state within the tolerance serves.
            for (i, (near, y)) in self.stage.y.iter_mut().zip(&self.now.y).enumerate() {
                *near = y + self.atol[i] + self.rtol * y.abs();
            }
            system.linear(t, &self.stage.y, &mut self.jacobian, &mut self.slope.s);
        }
        product(system.jacobian_pattern(), &self.jacobian, &self.now.s, &mut self.slope.s, self.stride);
        let bad = |values: &[f64], per: usize| values.iter().position(|v| !v.is_finite()).map(|i| i / per);
        let first = |what, found: Option<usize>| found.map(|component| SolveError::NonFinite { t, component, what });
        if let Some(entry) = bad(&self.jacobian, 1) {
            let column = system.jacobian_pattern().col_ptr().partition_point(|&start| start <= entry) - 1;
            return Err(SolveError::NonFinite { t, component: column, what: Evaluated::Jacobian });
        }
        let found = first(Evaluated::RightHandSide, bad(&self.slope.y, 1))
            .or_else(|| first(Evaluated::RightHandSide, bad(&self.slope.s, self.stride)))
            .or_else(|| first(Evaluated::TimeDerivative, bad(&self.time_derivative.y, 1)))
            .or_else(|| first(Evaluated::TimeDerivative, bad(&self.time_derivative.s, self.stride)));
        found.map_or(Ok(()), Err)
    }

    /// Tries a step of length `h`: its error in units of the tolerance.
    fn attempt<V: Variational>(&mut self, system: &V, h: f64) -> Result<f64, Refused> {
        let Tableau { a, c, alpha, d, gamma, m, .. } = *self.table;
        let (t, stride) = (self.t, self.stride);
        let pattern = system.jacobian_pattern();
        self.matrix.factor(1.0 / (h * gamma), &self.jacobian).map_err(|s| Refused::Singular(s.column))?;
        for i in 0..a.len() {
            let (u_before, u_from) = self.u.split_at_mut(i);
            let (v_before, v_from) = self.v.split_at_mut(i);
            let (u, v) = (&mut u_from[0], &mut v_from[0]);
            if i == 0 {
                self.stage.y.copy_from_slice(&self.slope.y);
                self.stage.s.copy_from_slice(&self.slope.s);
            } else {
                // u and v are free: they hold the stage while its slopes are computed.
                combine(u, &self.now.y, 1.0, a[i], u_before);
                combine(v, &self.now.s, 1.0, a[i], v_before);
                let at = t + alpha[i] * h;
                system.rhs(at, u, &mut self.stage.y);
                system.linear(at, u, &mut self.stage_jacobian, &mut self.stage.s);
                product(pattern, &self.stage_jacobian, v, &mut self.stage.s, stride);
            }
            combine(u, &self.stage.y, 1.0 / h, c[i], u_before);
            combine(v, &self.stage.s, 1.0 / h, c[i], v_before);
            if d[i] != 0.0 {
                u.iter_mut().zip(&self.time_derivative.y).for_each(|(u, f_t)| *u += h * d[i] * f_t);
                v.iter_mut().zip(&self.time_derivative.s).for_each(|(v, f_t)| *v += h * d[i] * f_t);
            }
            self.matrix.solve(&self.jacobian, u).map_err(|s| Refused::Singular(s.column))?;
            system.curvature(t, &self.now.y, u, &mut self.stage_jacobian, &mut self.forcing);
            product(pattern, &self.stage_jacobian, &self.now.s, &mut self.forcing, stride);
            v.iter_mut().zip(&self.forcing).for_each(|(v, more)| *v += more);
            self.matrix.solve_many(v, stride);
        }
        combine(&mut self.end.y, &self.now.y, 1.0, m, &self.u);
        combine(&mut self.end.s, &self.now.s, 1.0, m, &self.v);
        self.judge()
    }

    /// The error of the step, the largest of those of y and of each direction; or why it can't be taken.
    fn judge(&mut self) -> Result<f64, Refused> {
        let last = self.table.a.len() - 1;
        let (stride, n) = (self.stride, self.now.y.len().max(1) as f64);
        let (mut of_state, mut worst, mut deepest) = (0.0, (0, -1.0), 0.0f64);
        self.norms.fill(0.0);
        for (i, atol) in self.atol.iter().enumerate() {
            let size = self.now.y[i].abs().max(self.end.y[i].abs());
            let ratio = self.u[last][i] / (atol + self.rtol * size).max(f64::MIN_POSITIVE);
            of_state += ratio * ratio;
            let row = i * stride..(i + 1) * stride;
            let sizes = self.now.s[row.clone()].iter().zip(&self.end.s[row.clone()]);
            let mut here = ratio * ratio;
            for ((norm, error), (a, b)) in self.norms.iter_mut().zip(&self.v[last][row]).zip(sizes) {
                let scale = (atol + self.rtol * size.max(a.abs()).max(b.abs())).max(f64::MIN_POSITIVE);
                let ratio = error / scale;
                *norm += ratio * ratio;
                here += ratio * ratio;
            }
            if here.is_nan() || here > worst.1 {
                worst = (i, if here.is_nan() { f64::INFINITY } else { here });
            }
            if self.nonnegative[i] && self.end.y[i] < -atol {
                deepest = deepest.max(-self.end.y[i] / (atol + self.rtol * size).max(f64::MIN_POSITIVE));
            }
        }
        self.blame = worst.0;
        let norms = &self.norms[..self.directions];
        // The sum is finite only if all of them are, which the largest would not tell.
        if !(of_state + norms.iter().sum::<f64>()).is_finite() {
            return Err(Refused::NotFinite);
        }
        let error = (norms.iter().fold(of_state, |most, &norm| norm.max(most)) / n).sqrt();
        let error = if deepest > 1.0 { error.max(deepest) } else { error };
        if error <= 1.0 { Ok(error) } else { Err(Refused::Inaccurate(error)) }
    }

    /// The length to try after a step of length `h` was refused.
    fn refuse(&mut self, h: f64, refused: &Refused) -> Result<f64, SolveError> {
        let shorter = match refused {
            Refused::Inaccurate(error) => self.controller.refused(0, h, *error),
            Refused::NotFinite => self.controller.broken(0, h),
            Refused::Singular(column) => {
                self.blame = *column;
                self.controller.broken(0, h)
            }
        };
        if shorter >= (4.0 * f64::EPSILON * self.t.abs()).max(f64::MIN_POSITIVE) {
            return Ok(shorter);
        }
        let (t, step, component) = (self.t, h, self.blame);
        let not_finite = matches!(refused, Refused::NotFinite).then_some(Evaluated::RightHandSide);
        Err(match refused {
            Refused::Singular(_) => SolveError::SingularMatrix { t, step, component },
            _ => SolveError::StepUnderflow { t, step, component, not_finite },
        })
    }

    /// A hundredth of the time in which something would change by its own size; steps grow quickly from there.
    fn first_step(&self, remaining: f64) -> f64 {
        let (mut size, mut slope) = (0.0, 0.0);
        for (i, atol) in self.atol.iter().enumerate() {
            let scale = (atol + self.rtol * self.now.y[i].abs()).max(f64::MIN_POSITIVE);
            size += (self.now.y[i] / scale).powi(2);
            slope += (self.slope.y[i] / scale).powi(2);
            let row = i * self.stride..(i + 1) * self.stride;
            size += self.now.s[row.clone()].iter().map(|s| (s / scale).powi(2)).sum::<f64>();
            slope += self.slope.s[row].iter().map(|s| (s / scale).powi(2)).sum::<f64>();
        }
        let h = 0.01 * (size / slope).sqrt();
        let least = 1e-9 * remaining;
        if h.is_finite() { h.clamp(least, remaining) } else { 1e-3 * remaining }
    }
}
