//! A model in lanes, as the integrators see it; and where a single run's time goes, if that is asked for.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::model::Model;
use super::whole_step::WholeStep;
use crate::kernel::Part;
use crate::solve::linear::{LaneSolver, LinearSolver, Singular};
use crate::solve::{LaneSystem, RODAS5P, Rows, SparsePattern, StepShape, Tableau};

/// Where the time of a run went, by the clock; the rest is the method's own arithmetic and the recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    pub rhs: Duration,
    pub jacobian: Duration,
    pub factorisation: Duration,
    pub solution: Duration,
    pub total: Duration,
}

/// Runs `what`, and adds its time to what `part` picks.
fn measured<R>(clock: Option<&Cell<Times>>, part: impl Fn(&mut Times) -> &mut Duration, what: impl FnOnce() -> R) -> R {
    let Some(clock) = clock else { return what() };
    let start = Instant::now();
    let result = what();
    let mut times = clock.get();
    *part(&mut times) += start.elapsed();
    clock.set(times);
    result
}

/// A solver whose time is measured.
#[derive(Debug)]
struct TimedSolver {
    solver: Box<dyn LinearSolver>,
    clock: Rc<Cell<Times>>,
}

impl LinearSolver for TimedSolver {
    fn factor(&mut self, shift: f64, jacobian: &[f64]) -> Result<(), Singular> {
        measured(Some(&self.clock), |t| &mut t.factorisation, || self.solver.factor(shift, jacobian))
    }

    fn solve(&mut self, b: &mut [f64]) {
        measured(Some(&self.clock), |t| &mut t.solution, || self.solver.solve(b));
    }

    fn largest_multiplier(&self) -> f64 {
        self.solver.largest_multiplier()
    }
}

/// A model running under other parameters in each lane.
pub(super) struct BoundLanes<'a, const W: usize> {
    model: &'a Model,
    /// In rows, as lanes read them, and each lane's by themselves.
    rows: Rows<W>,
    each: [Vec<f64>; W],
    /// Of a run that is measured.
    clock: Option<Rc<Cell<Times>>>,
}

impl<'a, const W: usize> BoundLanes<'a, W> {
    pub fn new(model: &'a Model) -> Self {
        let rows = Rows::zeros(model.kernel().parameters());
        BoundLanes { model, each: std::array::from_fn(|_| vec![0.0; rows.len()]), rows, clock: None }
    }

    /// Measures from now on.
    pub fn measure(&mut self) {
        self.clock = Some(Rc::default());
    }

    /// What was measured, `total` aside.
    pub fn times(&self) -> Times {
        self.clock.as_ref().map(|clock| clock.get()).unwrap_or_default()
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
        measured(self.clock.as_deref(), |t| &mut t.rhs, || self.run(Part::Rhs, t, y, dydt));
    }

    fn rhs_of(&self, lane: usize, t: f64, y: &[f64], dydt: &mut [f64]) {
        let code = self.model.code();
        measured(self.clock.as_deref(), |t| &mut t.rhs, || code.rhs(t, y, &self.each[lane], dydt));
    }

    fn jacobian_pattern(&self) -> &SparsePattern {
        self.model.jacobian_pattern()
    }

    fn jacobian(&self, t: &[f64; W], y: &[[f64; W]], values: &mut [[f64; W]]) {
        measured(self.clock.as_deref(), |t| &mut t.jacobian, || self.run(Part::Jacobian, t, y, values));
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
        match &self.clock {
            Some(clock) if W == 1 => {
                LaneSolver::Each(vec![Box::new(TimedSolver { solver: self.model.solver(), clock: clock.clone() })])
            }
            _ => self.model.lane_solver(),
        }
    }

    fn whole_step(&self, method: &'static Tableau) -> Option<StepShape> {
        let is_measured = self.clock.is_some();
        let step = if is_measured { None } else { self.model.whole_step(method, W as u32) };
        step.map(|step| step.shape)
    }

    fn run_whole_step(&self, inputs: &[[f64; W]], outputs: &mut [[f64; W]]) {
        let step = self.model.whole_step(&RODAS5P, 0).expect("what was offered is there");
        step.function.run_lanes(&[0.0; W], inputs, &self.rows, outputs);
    }

    fn run_correction(&self, inputs: &[[f64; W]], outputs: &mut [[f64; W]]) -> bool {
        let correction = self.model.whole_step(&RODAS5P, 0).and_then(WholeStep::correction);
        correction.map(|correction| correction.run_lanes(&[0.0; W], inputs, &self.rows, outputs)).is_some()
    }

    fn roots(&self) -> usize {
        self.model.network().events.len()
    }

    fn root_values(&self, lane: usize, t: f64, y: &[f64], g: &mut [f64]) {
        self.model.code().triggers(t, y, &self.each[lane], g);
    }
}
