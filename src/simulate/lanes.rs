//! A model in lanes, as the integrators see it.

use super::model::Model;
use crate::kernel::Part;
use crate::solve::linear::LaneSolver;
use crate::solve::{LaneSystem, SparsePattern};

/// A model running under other parameters in each lane.
pub(super) struct BoundLanes<'a, const W: usize> {
    model: &'a Model,
    /// In rows, as lanes read them, and each lane's by themselves.
    rows: Vec<[f64; W]>,
    each: [Vec<f64>; W],
}

impl<'a, const W: usize> BoundLanes<'a, W> {
    pub fn new(model: &'a Model) -> Self {
        let rows = vec![[0.0; W]; model.kernel().parameters()];
        BoundLanes { model, each: std::array::from_fn(|_| vec![0.0; rows.len()]), rows }
    }

    /// Gives a lane its parameters.
    pub fn bind(&mut self, lane: usize, parameters: &[f64]) {
        self.rows.iter_mut().zip(parameters).for_each(|(all, one)| all[lane] = *one);
        self.each[lane].copy_from_slice(parameters);
    }

    /// One lane by the scalar code, several by that for lanes.
    fn run(&self, part: Part, t: &[f64; W], y: &[[f64; W]], out: &mut [[f64; W]]) {
        let (code, p) = (self.model.code(), &self.rows);
        if W == 1 {
            code.run(part, t[0], y.as_flattened(), p.as_flattened(), out.as_flattened_mut());
        } else {
            code.run_lanes(part, t, y, p, out);
        }
    }
}

impl<const W: usize> LaneSystem<W> for BoundLanes<'_, W> {
    fn dimension(&self) -> usize {
        self.model.network().species.len()
    }

    fn rhs(&self, t: &[f64; W], y: &[[f64; W]], dydt: &mut [[f64; W]]) {
        self.run(Part::Rhs, t, y, dydt);
    }

    fn jacobian_pattern(&self) -> &SparsePattern {
        self.model.jacobian_pattern()
    }

    fn jacobian(&self, t: &[f64; W], y: &[[f64; W]], values: &mut [[f64; W]]) {
        self.run(Part::Jacobian, t, y, values);
    }

    fn is_autonomous(&self) -> bool {
        self.model.is_autonomous()
    }

    fn time_derivative(&self, t: &[f64; W], y: &[[f64; W]], dfdt: &mut [[f64; W]]) {
        self.run(Part::TimeDerivative, t, y, dfdt);
    }

    fn is_nonnegative(&self, component: usize) -> bool {
        self.model.is_amount(component)
    }

    fn lane_solver(&self) -> LaneSolver<W> {
        self.model.suited().lane_solver()
    }

    fn roots(&self) -> usize {
        self.model.network().events.len()
    }

    fn root_values(&self, lane: usize, t: f64, y: &[f64], g: &mut [f64]) {
        self.model.code().triggers(t, y, &self.each[lane], g);
    }
}
