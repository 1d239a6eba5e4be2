//! Solvers for as many matrices of one pattern as there are lanes.

use super::{LinearSolver, Singular, StaticLu};

/// Solves with `shift·I − J` in each lane, either all at once or each by itself.
#[derive(Debug)]
pub enum LaneSolver<const W: usize> {
    Together(Box<StaticLu<W>>),
    /// One solver for each lane.
    Each(Vec<Box<dyn LinearSolver>>),
}

/// The numbers of one lane, close together.
pub(super) fn gather<const W: usize>(lane: usize, from: &[[f64; W]]) -> Vec<f64> {
    from.iter().map(|v| v[lane]).collect()
}

/// The reverse of [`gather`].
pub(super) fn scatter<const W: usize>(lane: usize, from: &[f64], to: &mut [[f64; W]]) {
    to.iter_mut().zip(from).for_each(|(to, from)| to[lane] = *from);
}

impl LaneSolver<1> {
    /// [`LinearSolver::solve_many`].
    pub fn solve_many(&mut self, b: &mut [f64], columns: usize) {
        match self {
            LaneSolver::Together(lu) => lu.solve_many(b, columns),
            LaneSolver::Each(solvers) => solvers[0].solve_many(b, columns),
        }
    }
}

impl<const W: usize> LaneSolver<W> {
    /// Factors in the lanes marked; where one met no usable pivot. There [`Self::solve`] must not be asked.
    pub fn factor(&mut self, shift: &[f64; W], jacobian: &[[f64; W]], lanes: &[bool; W]) -> [Option<Singular>; W] {
        match self {
            LaneSolver::Together(lu) => lu.factor_lanes(shift, jacobian),
            LaneSolver::Each(solvers) => std::array::from_fn(|l| match W {
                _ if !lanes[l] => None,
                1 => solvers[l].factor(shift[l], jacobian.as_flattened()).err(),
                _ => solvers[l].factor(shift[l], &gather(l, jacobian)).err(),
            }),
        }
    }

    /// Replaces b by the solution in the lanes marked; in others it becomes anything.
    pub fn solve(&mut self, b: &mut [[f64; W]], lanes: &[bool; W]) {
        match self {
            LaneSolver::Together(lu) => lu.solve_lanes(b),
            LaneSolver::Each(solvers) if W == 1 && lanes[0] => solvers[0].solve(b.as_flattened_mut()),
            LaneSolver::Each(solvers) => {
                for l in (0..W).filter(|&l| lanes[l]) {
                    let mut one = gather(l, b);
                    solvers[l].solve(&mut one);
                    scatter(l, &one, b);
                }
            }
        }
    }

    /// [`LinearSolver::largest_multiplier`] of a lane.
    pub fn largest_multiplier(&self, lane: usize) -> f64 {
        match self {
            LaneSolver::Together(lu) => lu.largest_multipliers()[lane],
            LaneSolver::Each(solvers) => solvers[lane].largest_multiplier(),
        }
    }
}
