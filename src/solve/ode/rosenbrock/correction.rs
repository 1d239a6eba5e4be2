//! Corrections of dense output where it is rough: see [`interpolant`](super::interpolant).

use super::{NODES, Rosenbrock};
use crate::solve::lanes;
use crate::solve::ode::method::Scene;
use crate::solve::ode::system::LaneSystem;
use crate::solve::ode::vector::{continue_below, subtract_scaled};

impl<const W: usize> Rosenbrock<W> {
    /// Corrects the interpolant in all lanes in which it is rough.
    pub(super) fn correct<S: LaneSystem<W> + ?Sized>(&mut self, scene: &Scene<'_, S, W>, y: &[[f64; W]]) {
        let rough = self.interpolant.is_rough;
        let (shift, reciprocal) = (self.table.shift(&self.h), lanes!(l => 1.0 / self.h[l]));
        if !self.is_factored {
            let (inputs, outputs) = self.interpolant.correction(y, shift, reciprocal, scene.floor.slack());
            if scene.system.run_correction(inputs, outputs) {
                let below = self.interpolant.below();
                if (0..W).all(|l| !rough[l] || !below[l]) {
                    return self.interpolant.finish(&rough);
                }
            }
        }
        self.linearise_again(scene.system);
        if !self.is_factored {
            self.matrix.factor_passed(&shift, &self.jacobian, &rough);
            self.is_factored = true;
        }
        let Rosenbrock { numbers, stage, above, below, moved, second, jacobian, matrix, interpolant, .. } = self;
        second.reserve(stage.len());
        let mut singular = [None; W];
        for (node, theta) in NODES.into_iter().enumerate() {
            interpolant.at_node(node, y, moved, second);
            scene.floor.raise(moved, above);
            scene.system.rhs(&lanes!(l => self.t[l] + theta * self.h[l]), above, stage);
            if scene.floor.below(moved, below) {
                continue_below(scene.system.jacobian_pattern(), jacobian, below, stage);
            }
            subtract_scaled(numbers, stage, second, &reciprocal);
            matrix.solve_lanes(jacobian, stage, &rough, &mut singular);
            second.copy_from_slice(stage);
            matrix.solve_lanes(jacobian, second, &rough, &mut singular);
            subtract_scaled(numbers, stage, second, &shift);
            interpolant.correct(node, stage);
        }
        interpolant.finish(&std::array::from_fn(|l| rough[l] && singular[l].is_none()));
    }
}
