//! The other solver: diffsol's variable-order BDF with a sparse factorisation.

use diffsol::{FaerSparseLU, FaerSparseMat, MatrixCommon, OdeBuilder, OdeSolverMethod};

/// An autonomous system with its Jacobian, as plain functions.
pub struct Field<F, J> {
    /// dy/dt at y.
    pub rhs: F,
    /// Calls back with (row, column, value) for terms of ∂f/∂y; several for one element are added.
    pub jacobian: J,
}

impl<F, J> Field<F, J>
where
    F: Fn(&[f64], &mut [f64]),
    J: Fn(&[f64], &mut dyn FnMut(usize, usize, f64)),
{
    /// The states at `times`, which ascend from 0, where the state is `start`.
    pub fn integrate(&self, start: &[f64], times: &[f64], rtol: f64, atol: f64) -> Vec<Vec<f64>> {
        type Matrix = FaerSparseMat<f64>;
        let jacobian_times = |y: &[f64], v: &[f64], out: &mut [f64]| {
            out.fill(0.0);
            (self.jacobian)(y, &mut |row, column, value| out[row] += value * v[column]);
        };
        let problem = OdeBuilder::<Matrix>::new()
            .rtol(rtol)
            .atol([atol])
            .rhs_implicit(|y, _, _, f| (self.rhs)(y, f), |y, _, _, v, out| jacobian_times(y, v, out))
            .init(|_, _, y| y.copy_from_slice(start), start.len())
            .build()
            .expect("a problem");
        let later: Vec<f64> = times.iter().copied().filter(|t| *t > 0.0).collect();
        let mut solver = problem.bdf::<FaerSparseLU<f64>>().expect("a solver");
        let (states, _) = solver.solve_dense(&later).expect("a solution");
        let initial = (later.len() < times.len()).then(|| start.to_vec());
        let column = |k: usize| (0..states.nrows()).map(|i| states.inner()[(i, k)]).collect();
        initial.into_iter().chain((0..later.len()).map(column)).collect()
    }
}
