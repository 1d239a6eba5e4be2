//! A model under given parameters with its derivatives, as the integrator sees it.

use std::cell::RefCell;

use super::{Derivatives, Moving};
use crate::solve::{SparsePattern, Variational, vectorised};

/// A model with its parameters and how these move; while settling, with the time stopped and some species held.
///
/// Invariant: rates and derivatives of a held species are zero.
pub(super) struct Along<'a> {
    derivatives: &'a Derivatives<'a>,
    moving: &'a Moving,
    /// Species that stay as they are; none while running.
    held: Option<&'a [bool]>,
    /// Entries of ∂f/∂p whose parameter moves: where in the program's output, species, parameter.
    active: Vec<(usize, usize, usize)>,
    room: RefCell<Room>,
}

struct Room {
    /// Amounts without what is negative, and behind them a direction.
    y: Vec<f64>,
    out: Vec<f64>,
}

impl<'a> Along<'a> {
    pub fn new(derivatives: &'a Derivatives<'a>, moving: &'a Moving, held: Option<&'a [bool]>) -> Along<'a> {
        let stride = moving.stride();
        let moves = |p: usize| moving.parameters[p * stride..(p + 1) * stride].iter().any(|d| *d != 0.0);
        let moves: Vec<bool> = (0..moving.state.parameters.values().len()).map(moves).collect();
        let entries = derivatives.entries.iter().enumerate().map(|(at, &(species, p))| (at, species, p));
        let pattern = derivatives.model.jacobian_pattern();
        let room =
            Room { y: vec![0.0; 2 * pattern.dimension()], out: vec![0.0; pattern.nnz() + derivatives.entries.len()] };
        Along {
            derivatives,
            moving,
            held,
            active: entries.filter(|(.., p)| moves[*p]).collect(),
            room: RefCell::new(room),
        }
    }

    fn parameters(&self) -> &[f64] {
        self.moving.state.parameters.values()
    }

    fn time(&self, t: f64) -> f64 {
        if self.held.is_some() { 0.0 } else { t }
    }

    fn is_held(&self, species: usize) -> bool {
        self.held.is_some_and(|held| held.get(species) == Some(&true))
    }

    /// Amounts as rates see them: never below zero. What `raised` has beyond them is left alone.
    fn raise(&self, y: &[f64], raised: &mut [f64]) {
        let amounts = &mut raised[..y.len()];
        amounts.copy_from_slice(y);
        self.derivatives.model.without_negatives(amounts);
    }

    /// Spreads ∂f/∂p times how parameters move over the rows of `g`.
    fn spread(&self, slopes: &[f64], g: &mut [f64]) {
        let stride = self.moving.stride();
        g.fill(0.0);
        vectorised(
            #[inline(always)]
            || {
                for &(at, species, p) in &self.active {
                    let slope = slopes[at];
                    if slope != 0.0 {
                        let row = &mut g[species * stride..(species + 1) * stride];
                        let moving = &self.moving.parameters[p * stride..(p + 1) * stride];
                        row.iter_mut().zip(moving).for_each(|(g, d)| *g += slope * d);
                    }
                }
            },
        );
        for species in (0..self.dimension()).filter(|&i| self.is_held(i)) {
            g[species * stride..(species + 1) * stride].fill(0.0);
        }
    }

    /// Takes the rows of held species out of values in the Jacobian's pattern.
    fn hold(&self, jacobian: &mut [f64]) {
        if self.held.is_some() {
            for (value, (row, _)) in jacobian.iter_mut().zip(self.jacobian_pattern().entries()) {
                if self.is_held(row) {
                    *value = 0.0;
                }
            }
        }
    }
}

impl Variational for Along<'_> {
    fn dimension(&self) -> usize {
        self.derivatives.model.network().species.len()
    }

    fn stride(&self) -> usize {
        self.moving.stride()
    }

    fn directions(&self) -> usize {
        self.moving.thetas().len()
    }

    fn is_nonnegative(&self, component: usize) -> bool {
        self.derivatives.model.is_amount(component)
    }

    fn rhs(&self, t: f64, y: &[f64], dydt: &mut [f64]) {
        let raised = &mut self.room.borrow_mut().y[..y.len()];
        self.raise(y, raised);
        self.derivatives.model.code().rhs(self.time(t), raised, self.parameters(), dydt);
        (0..y.len()).filter(|&i| self.is_held(i)).for_each(|i| dydt[i] = 0.0);
    }

    fn time_derivative(&self, t: f64, y: &[f64], dfdt: &mut [f64]) {
        if self.held.is_some() || !self.derivatives.timed {
            dfdt.fill(0.0);
            return;
        }
        let raised = &mut self.room.borrow_mut().y[..y.len()];
        self.raise(y, raised);
        self.derivatives.model.code().time_derivative(t, raised, self.parameters(), dfdt);
    }

    fn jacobian_pattern(&self) -> &SparsePattern {
        self.derivatives.model.jacobian_pattern()
    }

    fn linear(&self, t: f64, y: &[f64], jacobian: &mut [f64], g: &mut [f64]) {
        let Room { y: raised, out } = &mut *self.room.borrow_mut();
        self.raise(y, raised);
        let (t, raised, p) = (self.time(t), &raised[..y.len()], self.parameters());
        self.derivatives.model.code().jacobian(t, raised, p, jacobian);
        self.hold(jacobian);
        self.derivatives.slopes(t, raised, p, out);
        self.spread(out, g);
    }

    fn curvature(&self, t: f64, y: &[f64], v: &[f64], jacobian: &mut [f64], g: &mut [f64]) {
        let Room { y: raised, out } = &mut *self.room.borrow_mut();
        self.raise(y, raised);
        raised[y.len()..].copy_from_slice(v);
        self.derivatives.curvature(self.time(t), raised, self.parameters(), out);
        jacobian.copy_from_slice(&out[..jacobian.len()]);
        self.hold(jacobian);
        self.spread(&out[jacobian.len()..], g);
    }

    fn curvature_in_time(&self, t: f64, y: &[f64], jacobian: &mut [f64], g: &mut [f64]) -> bool {
        if self.held.is_some() || !self.derivatives.timed {
            return false;
        }
        let Room { y: raised, out } = &mut *self.room.borrow_mut();
        self.raise(y, raised);
        self.derivatives.curvature_in_time(t, &raised[..y.len()], self.parameters(), out);
        jacobian.copy_from_slice(&out[..jacobian.len()]);
        self.spread(&out[jacobian.len()..], g);
        true
    }
}
