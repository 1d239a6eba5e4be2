//! Problems with known solutions, for the tests of the methods and of the driver.

use crate::solve::{SparsePattern, System};

type Rhs = fn(f64, &[f64], &mut [f64]);
/// Writes ∂f/∂y through `set(row, column, value)`.
type Jacobian = fn(f64, &[f64], &mut dyn FnMut(usize, usize, f64));

/// A system written as plain functions.
pub struct Problem {
    pattern: SparsePattern,
    rhs: Rhs,
    jacobian: Jacobian,
    time_derivative: Option<Rhs>,
    roots: Option<(usize, Rhs)>,
}

impl Problem {
    /// The pattern is what `jacobian` sets at (0.5, [0.5; n]).
    pub fn new(n: usize, rhs: Rhs, jacobian: Jacobian) -> Self {
        let mut entries = Vec::new();
        jacobian(0.5, &vec![0.5; n], &mut |i, j, _| entries.push((i, j)));
        let pattern = SparsePattern::from_entries(n, entries);
        Problem { pattern, rhs, jacobian, time_derivative: None, roots: None }
    }

    pub fn with_time_derivative(self, dfdt: Rhs) -> Self {
        Problem { time_derivative: Some(dfdt), ..self }
    }

    pub fn with_roots(self, count: usize, g: Rhs) -> Self {
        Problem { roots: Some((count, g)), ..self }
    }
}

impl System for Problem {
    fn dimension(&self) -> usize {
        self.pattern.dimension()
    }

    fn rhs(&self, t: f64, y: &[f64], dydt: &mut [f64]) {
        (self.rhs)(t, y, dydt);
    }

    fn jacobian_pattern(&self) -> &SparsePattern {
        &self.pattern
    }

    fn jacobian(&self, t: f64, y: &[f64], values: &mut [f64]) {
        values.fill(0.0);
        (self.jacobian)(t, y, &mut |i, j, v| {
            values[self.pattern.lookup(i, j).expect("an entry of the pattern")] += v;
        });
    }

    fn time_derivative(&self, t: f64, y: &[f64], dfdt: &mut [f64]) {
        match self.time_derivative {
            Some(f) => f(t, y, dfdt),
            None => dfdt.fill(0.0),
        }
    }

    fn roots(&self) -> usize {
        self.roots.map_or(0, |(count, _)| count)
    }

    fn root_values(&self, t: f64, y: &[f64], g: &mut [f64]) {
        if let Some((_, f)) = self.roots {
            f(t, y, g);
        }
    }
}

/// x'' = -x as a system: (cos t, -sin t) from (1, 0).
pub fn oscillator() -> Problem {
    Problem::new(
        2,
        |_, y, f| {
            f[0] = y[1];
            f[1] = -y[0];
        },
        |_, _, set| {
            set(0, 1, 1.0);
            set(1, 0, -1.0);
        },
    )
}
