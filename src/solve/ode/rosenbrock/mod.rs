//! Rosenbrock methods: linearly implicit, one factorisation a step, the exact Jacobian.
//!
//! E. Hairer, G. Wanner, *Solving Ordinary Differential Equations II*, 2nd ed. (1996), IV.7, in the
//! transformed variables that need no product with the Jacobian, (7.25'):
//!
//! ```text
//! (I/(hγ) − J) u_i = f(t + α_i h, y + Σ_j a_ij u_j) + Σ_j (c_ij / h) u_j + h d_i ∂f/∂t
//! ```
//!
//! The method, a [`Tableau`], is taken to be stiffly accurate: the last stages are evaluated at the
//! embedded solution, and the last u is the error estimate. Each of them, and the end, is where the one
//! before was plus that one's u ([`Tableau::continued`]).

mod correction;
mod interpolant;
mod rodas5p;
mod tableau;

use pulp::NullaryFnOnce;

use super::control::{Controllers, Weights};
use super::error::Evaluated;
use super::method::{Cost, Entry, Method, Now, Refused, Scene};
use super::norms::{all_finite, error_norm, finite_lanes, largest_of};
use super::system::LaneSystem;
use super::vector::{Numbers, Stage, add_scaled, combine_split, continue_below, continue_end, continue_split, take};
use crate::solve::linear::{Guarded, Singular};
use crate::solve::{Rows, lanes, vectorised};
pub use interpolant::{FROM_NODES, InterpolantShape, NODES};
use interpolant::{Interpolant, Made};
pub use rodas5p::RODAS5P;
pub use tableau::{StepShape, Tableau};

/// Of any method here.
const MOST_STAGES: usize = 8;

/// Steps in a row that an explicit method could have taken, by the diagonal of the Jacobian, before the last of them is looked
/// at more closely and it does.
const MILD_STEPS: usize = 50;
/// A step is one of those when it is shorter than this over the bound of the spectral radius.
const MILD: f64 = 1.0;

/// A method with its memory for systems of one pattern. After an accepted step the u serve the
/// interpolant until the next attempt.
#[derive(Debug)]
pub(super) struct Rosenbrock<const W: usize> {
    table: &'static Tableau,
    numbers: Numbers,
    /// The u of one stage after the other; then, after a step done at once, what else came of it: see [`StepShape`].
    u: Rows<W>,
    /// What a step done at once reads.
    inputs: Rows<W>,
    stage: Rows<W>,
    /// The state as rates see it: at the start, then at the end.
    above: Rows<W>,
    /// What rates don't see of it, being below what is allowed: zero, or less.
    below: Rows<W>,
    /// How far the state of a stage is from the start.
    moved: Rows<W>,
    slope: Rows<W>,
    slope_at_end: Rows<W>,
    /// Empty for an autonomous system.
    time_derivative: Rows<W>,
    /// Of the state at the start, once something needs it.
    jacobian: Rows<W>,
    is_linearised: bool,
    /// How the lanes came to the step.
    entries: [Entry; W],
    /// How steps are done at once, if they are.
    whole: Option<StepShape>,
    matrix: Guarded<W>,
    /// Whether `matrix` has the factors of the last step.
    is_factored: bool,
    /// When and how long the last step was, and the lanes in which it may be taken.
    t: [f64; W],
    h: [f64; W],
    is_sound: [bool; W],
    /// Where the diagonal of the Jacobian lies: the components that have one, and its entries.
    diagonal: Vec<(usize, usize)>,
    /// Which of those was found large in the last step.
    stiffest: [usize; W],
    row_sums: Vec<f64>,
    controllers: Controllers<W>,
    mild_steps: [usize; W],
    interpolant: Interpolant<W>,
    /// Room for corrections of it.
    second: Rows<W>,
}

impl<const W: usize> Rosenbrock<W> {
    pub fn new<S: LaneSystem<W> + ?Sized>(system: &S, table: &'static Tableau) -> Self {
        let n = system.dimension();
        let pattern = system.jacobian_pattern();
        let zeros = || Rows::zeros(n);
        Rosenbrock {
            table,
            numbers: Numbers::of(n),
            u: Rows::zeros(table.a.len() * n),
            inputs: Rows::default(),
            stage: zeros(),
            above: zeros(),
            below: zeros(),
            moved: zeros(),
            slope: zeros(),
            slope_at_end: zeros(),
            time_derivative: if system.is_autonomous() { Rows::default() } else { zeros() },
            jacobian: Rows::zeros(pattern.nnz()),
            is_linearised: false,
            entries: [Entry::Absent; W],
            whole: None,
            matrix: Guarded::over_lanes(system.lane_solver(), pattern),
            is_factored: false,
            t: [0.0; W],
            h: [0.0; W],
            is_sound: [false; W],
            diagonal: (0..n).filter_map(|i| Some((i, pattern.lookup(i, i)?))).collect(),
            stiffest: [0; W],
            row_sums: vec![0.0; n],
            controllers: Controllers::predictive(table.order_of_error),
            mild_steps: [0; W],
            interpolant: Interpolant::new(n),
            second: Rows::default(),
        }
    }

    /// The Jacobian into its place, of states as they were at the start. In lanes where it is not finite, as that of √y at 0, that of a state within the
    /// tolerance serves.
    fn linearise<S: LaneSystem<W> + ?Sized>(
        &mut self,
        scene: &Scene<'_, S, W>,
        now: Now<'_, W>,
        cost: &mut [Cost; W],
    ) -> [Option<(Evaluated, usize)>; W] {
        let wanted = self.entries.map(|e| e != Entry::Absent);
        scene.system.jacobian(now.t, &self.above, &mut self.jacobian);
        self.is_linearised = true;
        let finite = finite_lanes(&self.jacobian);
        if (0..W).all(|l| finite[l] || !wanted[l]) {
            return [None; W];
        }
        for (i, (near, y)) in self.stage.iter_mut().zip(now.y).enumerate() {
            *near = std::array::from_fn(|l| y[l] + scene.weights.scale(l, i, y[l].abs()));
        }
        let mut near = Rows::zeros(self.jacobian.len());
        scene.system.jacobian(now.t, &self.stage, &mut near);
        for (value, near) in self.jacobian.iter_mut().zip(&near) {
            *value = std::array::from_fn(|l| if finite[l] { value[l] } else { near[l] });
        }
        std::array::from_fn(|l| {
            if finite[l] || !wanted[l] {
                return None;
            }
            cost[l].jacobians += usize::from(self.entries[l] != Entry::Again);
            let entry = self.jacobian.iter().position(|v| !v[l].is_finite())?;
            let starts = scene.system.jacobian_pattern().col_ptr();
            Some((Evaluated::Jacobian, starts.partition_point(|&start| start <= entry) - 1))
        })
    }

    /// The first component of a lane that some stage could not make finite.
    fn not_finite(&self, lane: usize) -> Option<usize> {
        self.stages().iter().find_map(|u| u.iter().position(|v| !v[lane].is_finite()))
    }

    /// The u of each stage, and nothing where the method has fewer stages.
    fn stages(&self) -> [&[[f64; W]]; MOST_STAGES] {
        stages(&self.u, self.stage.len(), self.table.a.len())
    }

    /// A step at once, where the system offers that; the error of each lane. None where it doesn't, or one of the lanes
    /// marked needs more care.
    fn attempt_whole<S: LaneSystem<W> + ?Sized>(
        &mut self,
        scene: &Scene<'_, S, W>,
        Now { t, y }: Now<'_, W>,
        h: &[f64; W],
        lanes: &[bool; W],
        y_end: &mut [[f64; W]],
    ) -> Option<[f64; W]> {
        let shape = self.whole?;
        self.inputs.reserve(shape.inputs());
        self.u.reserve(shape.outputs());
        let Rosenbrock { inputs, u, slope, .. } = self;
        inputs[..shape.slope()].copy_from_slice(y);
        inputs[shape.slope()..shape.shift()].copy_from_slice(slope);
        inputs[shape.shift()] = self.table.shift(h);
        inputs[shape.reciprocal()] = lanes!(l => 1.0 / h[l]);
        inputs[shape.slack()] = *scene.floor.slack();
        scene.system.run_whole_step(inputs, u);
        let (mut largest, mut finite, mut errors) = ([0.0; W], [true; W], [0.0; W]);
        vectorised(
            #[inline(always)]
            || {
                largest = largest_of(&u[shape.multipliers()]);
                finite = all_finite(&u[shape.pivots()]);
                let end = &u[shape.end()];
                let error = &u[shape.u(shape.stages - 1)];
                errors = error_norm(
                    scene.weights,
                    y,
                    end,
                    #[inline(always)]
                    |i| error[i],
                );
                let finite_at_end = all_finite(&u[shape.slope_at_end()]);
                for l in 0..W {
                    // What isn't finite in the Jacobian shows here.
                    finite[l] &= errors[l].is_finite();
                    let ends_badly = errors[l] <= 1.0 && !finite_at_end[l];
                    errors[l] = if ends_badly { f64::INFINITY } else { errors[l] };
                }
            },
        );
        let below = &self.u[shape.below()];
        if (0..W).any(|l| lanes[l] && (below[l] != 0.0 || !finite[l])) {
            return None;
        }
        let doubted = lanes!(l => if lanes[l] { largest[l] } else { 0.0 }).map(|most| !Guarded::<W>::trusts(most));
        if doubted.contains(&true) {
            if !self.is_linearised {
                scene.system.jacobian(t, &self.above, &mut self.jacobian);
            }
            for l in (0..W).filter(|&l| doubted[l]) {
                let shift = self.inputs[shape.shift()][l];
                if !self.matrix.would_pass(l, shift, largest[l], &self.jacobian, &self.slope, &self.u) {
                    return None;
                }
            }
        }
        take(y_end, &self.u[shape.end()], lanes);
        self.slope_at_end.copy_from_slice(&self.u[shape.slope_at_end()]);
        Some(errors)
    }

    /// Whether an entry on the diagonal of the Jacobian is that large: looked for where it was so last.
    fn is_stiff(&mut self, lane: usize, enough: f64) -> bool {
        let Rosenbrock { diagonal, jacobian, u, stiffest, whole, is_linearised, .. } = self;
        let (jacobian, step): (&[[f64; W]], &[[f64; W]]) = match whole {
            Some(shape) if !*is_linearised => (&[], &u[shape.diagonal()]),
            _ => (jacobian, &[]),
        };
        let is_large = |&(component, entry): &(usize, usize)| {
            let value = if step.is_empty() { jacobian[entry][lane] } else { step[component][lane] };
            value.abs() >= enough
        };
        if diagonal.get(stiffest[lane]).is_some_and(is_large) {
            return true;
        }
        let found = diagonal.iter().position(is_large);
        stiffest[lane] = found.unwrap_or(0);
        found.is_some()
    }

    /// The Jacobian into its place, where no step needed it: only after steps done at once, of autonomous systems, and those
    /// were finite.
    fn linearise_again<S: LaneSystem<W> + ?Sized>(&mut self, system: &S) {
        if !self.is_linearised {
            system.jacobian(&[0.0; W], &self.above, &mut self.jacobian);
            self.is_linearised = true;
        }
    }

    /// A bound of the spectral radius of the Jacobian: the smaller of its 1- and ∞-norm.
    fn spectral_bound<S: LaneSystem<W> + ?Sized>(&mut self, system: &S, lane: usize) -> f64 {
        self.linearise_again(system);
        let pattern = system.jacobian_pattern();
        self.row_sums.fill(0.0);
        let mut by_columns = 0.0_f64;
        for column in 0..pattern.dimension() {
            let mut sum = 0.0;
            for (entry, &row) in pattern.column(column).zip(pattern.rows(column)) {
                let size = self.jacobian[entry][lane].abs();
                sum += size;
                self.row_sums[row] += size;
            }
            by_columns = by_columns.max(sum);
        }
        self.row_sums.iter().copied().fold(0.0, f64::max).min(by_columns)
    }
}

/// The rows of so many stages, and nothing for others.
#[inline(always)]
fn stages<const W: usize>(u: &[[f64; W]], n: usize, count: usize) -> [&[[f64; W]]; MOST_STAGES] {
    let mut rows: [&[[f64; W]]; MOST_STAGES] = [&[]; MOST_STAGES];
    for (i, row) in rows.iter_mut().enumerate().take(count) {
        *row = &u[i * n..(i + 1) * n];
    }
    rows
}

/// One attempt, evaluation by evaluation, to be compiled for the processor at hand.
struct Attempt<'a, S: ?Sized, const W: usize> {
    method: &'a mut Rosenbrock<W>,
    scene: &'a Scene<'a, S, W>,
    now: Now<'a, W>,
    h: &'a [f64; W],
    lanes: &'a [bool; W],
    y_end: &'a mut [[f64; W]],
}

impl<S: LaneSystem<W> + ?Sized, const W: usize> NullaryFnOnce for Attempt<'_, S, W> {
    /// The error of each lane, and where its matrix is singular.
    type Output = ([f64; W], [Option<Singular>; W]);

    #[inline(always)]
    fn call(self) -> Self::Output {
        let Attempt { method, scene, now: Now { t, y }, h, lanes, y_end } = self;
        let Rosenbrock {
            table,
            numbers,
            u,
            stage,
            above,
            below,
            moved,
            slope,
            slope_at_end,
            time_derivative,
            jacobian,
            matrix,
            ..
        } = method;
        let Tableau { a, c, alpha, d, continued, .. } = **table;
        let (system, floor) = (scene.system, scene.floor);
        let reciprocal = lanes!(l => 1.0 / h[l]);
        let mut singular = matrix.factor_lanes(&table.shift(h), jacobian, lanes);
        if (0..W).all(|l| singular[l].is_some() || !lanes[l]) {
            return ([f64::NAN; W], singular);
        }
        let n = y.len();
        for i in 0..a.len() {
            let (before, from) = u.split_at_mut(i * n);
            let (before, u) = (&stages(before, n, i), &mut from[..n]);
            let before = &before[..i];
            if i == 0 {
                u.copy_from_slice(slope);
            } else {
                let mut place = Stage { above, below, moved };
                let is_below = if i > continued {
                    continue_split(numbers, &mut place, u, y, c[i], before, floor)
                } else {
                    combine_split(numbers, &mut place, u, y, a[i], c[i], before, floor)
                };
                system.rhs(&lanes!(l => t[l] + alpha[i] * h[l]), above, stage);
                if is_below {
                    continue_below(system.jacobian_pattern(), jacobian, below, stage);
                }
                add_scaled(numbers, u, stage, &reciprocal);
            }
            if d[i] != 0.0 {
                for (u, f_t) in u.iter_mut().zip(&*time_derivative) {
                    *u = lanes!(l => u[l] + h[l] * d[i] * f_t[l]);
                }
            }
            matrix.solve_lanes(jacobian, u, lanes, &mut singular);
        }
        let u = &stages(u, n, a.len());
        let error = u[a.len() - 1];
        continue_end(numbers, &mut Stage { above, below, moved }, y_end, lanes, y, error, floor.least());
        let mut errors = error_norm(
            scene.weights,
            y,
            y_end,
            #[inline(always)]
            |i| error[i],
        );
        if (0..W).any(|l| lanes[l] && errors[l] <= 1.0) {
            system.rhs(&lanes!(l => t[l] + h[l]), above, slope_at_end);
            let finite = all_finite(slope_at_end);
            for l in 0..W {
                errors[l] = if finite[l] || errors[l].is_nan() || errors[l] > 1.0 { errors[l] } else { f64::INFINITY };
            }
        }
        (errors, singular)
    }
}

impl<const W: usize> Method<W> for Rosenbrock<W> {
    fn begin<S: LaneSystem<W> + ?Sized>(
        &mut self,
        scene: &Scene<'_, S, W>,
        now: Now<'_, W>,
        entries: &[Entry; W],
        slopes: &[[f64; W]],
        cost: &mut [Cost; W],
    ) -> [Option<(Evaluated, usize)>; W] {
        self.entries = *entries;
        let wanted = entries.map(|e| matches!(e, Entry::Fresh | Entry::Continued));
        if !wanted.contains(&true) {
            return [None; W];
        }
        // Lanes that come again have the same state and get the same numbers again.
        scene.floor.raise(now.y, &mut self.above);
        if entries.iter().all(|e| *e == Entry::Continued) {
            std::mem::swap(&mut self.slope, &mut self.slope_at_end);
        } else {
            take(&mut self.slope, &self.slope_at_end, &entries.map(|e| e == Entry::Continued));
            take(&mut self.slope, slopes, &entries.map(|e| e == Entry::Fresh));
        }
        for l in (0..W).filter(|&l| wanted[l]) {
            cost[l].jacobians += 1;
            if entries[l] == Entry::Fresh {
                self.mild_steps[l] = 0;
            }
        }
        self.whole = scene.system.whole_step(self.table);
        self.is_linearised = false;
        let is_below = scene.floor.below(now.y, &mut self.below);
        let mut failures = [None; W];
        if is_below || self.whole.is_none() {
            failures = self.linearise(scene, now, cost);
        }
        if is_below {
            for below in &mut self.below {
                *below = lanes!(l => if wanted[l] && failures[l].is_none() { below[l] } else { 0.0 });
            }
            continue_below(scene.system.jacobian_pattern(), &self.jacobian, &self.below, &mut self.slope);
            let finite = finite_lanes(&self.slope);
            for l in (0..W).filter(|&l| wanted[l] && !finite[l]) {
                let component = self.slope.iter().position(|v| !v[l].is_finite());
                failures[l] = component.map(|c| (Evaluated::RightHandSide, c));
            }
        }
        if !self.time_derivative.is_empty() {
            scene.system.time_derivative(now.t, &self.above, &mut self.time_derivative);
            let finite = finite_lanes(&self.time_derivative);
            for l in (0..W).filter(|&l| wanted[l] && !finite[l]) {
                let component = self.time_derivative.iter().position(|v| !v[l].is_finite());
                failures[l] = failures[l].or(component.map(|c| (Evaluated::TimeDerivative, c)));
            }
        }
        failures
    }

    fn slope(&self) -> &[[f64; W]] {
        &self.slope
    }

    fn attempt<S: LaneSystem<W> + ?Sized>(
        &mut self,
        scene: &Scene<'_, S, W>,
        now: Now<'_, W>,
        h: &[f64; W],
        lanes: &[bool; W],
        y_end: &mut [[f64; W]],
        cost: &mut [Cost; W],
    ) -> [Result<f64, Refused>; W] {
        self.interpolant.made = Made::Nothing;
        (self.t, self.h, self.is_factored) = (*now.t, *h, false);
        let pivoted = self.matrix.pivoted_lanes();
        let mut failed = [None; W];
        let (errors, singular) = match self.attempt_whole(scene, now, h, lanes, y_end) {
            Some(errors) => (errors, [None; W]),
            None => {
                if !self.is_linearised {
                    failed = self.linearise(scene, now, cost);
                }
                self.is_factored = true;
                pulp::Arch::new().dispatch(Attempt { method: self, scene, now, h, lanes, y_end })
            }
        };
        let pivoted_now = self.matrix.pivoted_lanes();
        let stages = self.table.a.len();
        self.is_sound = std::array::from_fn(|l| lanes[l] && errors[l] <= 1.0);
        std::array::from_fn(|l| {
            if !lanes[l] {
                return Ok(0.0);
            }
            if let Some((what, component)) = failed[l] {
                return Err(Refused::AtStart(what, component));
            }
            cost[l].factorisations += 1;
            cost[l].pivoted += pivoted_now[l] - pivoted[l];
            if let Some(Singular { column }) = singular[l] {
                return Err(Refused::Singular(column));
            }
            let error = errors[l];
            cost[l].rhs += stages - 1 + usize::from(error <= 1.0 || error == f64::INFINITY);
            cost[l].solves += stages;
            if error <= 1.0 {
                return Ok(error);
            }
            let at_end = || self.slope_at_end.iter().position(|v| !v[l].is_finite()).filter(|_| error == f64::INFINITY);
            Err(match self.not_finite(l).or_else(at_end) {
                Some(component) => Refused::NotFinite(Evaluated::RightHandSide, component),
                None => Refused::Inaccurate(error),
            })
        })
    }

    fn worst(&self, weights: &Weights<W>, lane: usize, y: &[[f64; W]], y_end: &[[f64; W]]) -> usize {
        let error = self.stages()[self.table.a.len() - 1];
        weights.worst(lane, |i| error[i][lane], y, y_end)
    }

    fn accepted(&mut self, lanes: &[bool; W], h: &[f64; W], error: &[f64; W]) -> [f64; W] {
        self.controllers.accepted(lanes, h, error)
    }

    fn refused(&mut self, lane: usize, h: f64, refused: Refused) -> f64 {
        self.controllers.after(lane, h, refused)
    }

    fn after_error(&self, _lane: usize, h: f64, error: f64) -> f64 {
        self.controllers.after_error(h, error)
    }

    fn reset(&mut self, lane: usize) {
        self.controllers.reset(lane);
    }

    /// Could an explicit method long have taken these steps?
    fn is_outdone<S: LaneSystem<W> + ?Sized>(&mut self, scene: &Scene<'_, S, W>, lane: usize, h: f64) -> bool {
        self.mild_steps[lane] = if self.is_stiff(lane, MILD / h) { 0 } else { self.mild_steps[lane] + 1 };
        if self.mild_steps[lane] < MILD_STEPS {
            return false;
        }
        self.mild_steps[lane] = 0;
        h * self.spectral_bound(scene.system, lane) < MILD
    }

    #[inline(always)]
    fn is_unprepared(&self, lane: usize) -> bool {
        self.interpolant.made == Made::Nothing || self.interpolant.is_rough[lane]
    }

    fn prepare<S: LaneSystem<W> + ?Sized>(
        &mut self,
        scene: &Scene<'_, S, W>,
        lane: usize,
        ends: [&[[f64; W]]; 2],
    ) -> Cost {
        if self.interpolant.made == Made::Nothing {
            let u = &stages(&self.u, self.stage.len(), self.table.a.len())[..self.table.m.len()];
            self.interpolant.make(&self.numbers, self.table, u, scene.weights, ends);
            (0..W).for_each(|l| self.interpolant.is_rough[l] &= self.is_sound[l]);
        }
        if !self.interpolant.is_rough[lane] {
            return Cost::default();
        }
        if self.interpolant.made == Made::Polynomial {
            self.correct(scene, ends[0]);
        }
        // Once for each lane, so that its cost is what it is alone.
        self.interpolant.is_rough[lane] = false;
        Cost { rhs: NODES.len(), solves: 2 * NODES.len(), ..Cost::default() }
    }

    fn interpolate(&self, lane: usize, theta: f64, _h: f64, y: &[[f64; W]], out: &mut [f64]) {
        self.interpolant.at(lane, theta, y, out);
    }
}
