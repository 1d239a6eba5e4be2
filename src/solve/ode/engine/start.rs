//! Where a lane starts: its state, its slope, its first step.

use super::Engine;
use crate::solve::ode::bdf::Bdf;
use crate::solve::ode::choice::begins_implicit;
use crate::solve::ode::control::first_step;
use crate::solve::ode::error::{Evaluated, SolveError};
use crate::solve::ode::lane::{Bounds, Family, Lane};
use crate::solve::ode::method::{Cost, Method as _, Scene};
use crate::solve::ode::positive::raised;
use crate::solve::ode::settings::Settings;
use crate::solve::ode::system::LaneSystem;
use crate::solve::ode::tsit5::Tsit5;

/// Room for what happens where a lane starts, each of one number for each component.
#[derive(Debug)]
pub(super) struct Start {
    y: Vec<f64>,
    slope: Vec<f64>,
    y_near: Vec<f64>,
    slope_near: Vec<f64>,
}

impl Start {
    /// Room for n components.
    pub(super) fn new(n: usize) -> Self {
        let zeros = || vec![0.0; n];
        Start { y: zeros(), slope: zeros(), y_near: zeros(), slope_near: zeros() }
    }
}

impl<const W: usize> Engine<W> {
    /// An integration of its own in a lane, whatever was there before.
    pub fn start<S: LaneSystem<W> + ?Sized>(
        &mut self,
        system: &S,
        lane: usize,
        t: f64,
        y: &[f64],
        settings: &Settings,
    ) -> Result<(), SolveError> {
        settings.check()?;
        self.weights.rtol[lane] = settings.tolerances.rtol();
        let atol = settings.tolerances.expand(self.y.len())?;
        self.floor.set_slack(lane, atol.iter().copied());
        self.weights.atol.iter_mut().zip(atol).for_each(|(all, atol)| all[lane] = atol);
        let state = &mut self.lanes[lane];
        *state = Lane { bounds: Bounds::of(settings), roots: std::mem::take(&mut state.roots), ..Lane::new(0) };
        self.use_explicit(lane);
        self.place(system, lane, t, y)?;
        if begins_implicit(settings.method, system.dimension()) {
            self.use_implicit(system, lane);
        }
        Ok(())
    }

    /// Goes on in a lane from `y` at `t`, without a past.
    pub fn place<S: LaneSystem<W> + ?Sized>(
        &mut self,
        system: &S,
        lane: usize,
        t: f64,
        y: &[f64],
    ) -> Result<(), SolveError> {
        if y.len() != self.y.len() {
            return Err(SolveError::WrongDimension { given: y.len(), dimension: self.y.len() });
        }
        if let Some(component) = y.iter().position(|v| !v.is_finite()) {
            return Err(SolveError::NonFinite { t, component, what: Evaluated::InitialState });
        }
        for (i, &y) in y.iter().enumerate() {
            self.y[i][lane] = y;
            self.y_old[i][lane] = y;
        }
        if self.floor.violated(&self.y, &self.weights)[lane]
            && let Some((component, _)) = self
                .floor
                .deepest(lane, &self.y, |_| f64::INFINITY, &self.weights)
                // A step may have ended a little below what is allowed.
                .filter(|(_, depth)| *depth > 2.0)
        {
            return Err(SolveError::Negative { t, component, value: y[component] });
        }
        self.lanes[lane].place(t);
        self.explicit.reset(lane);
        if let Some(stiff) = &mut self.stiff {
            stiff.reset(lane);
        }
        if let Some(multistep) = &mut self.multistep {
            multistep.reset(lane);
        }
        self.evaluate(system, lane)?;
        let Engine { lanes, start, .. } = self;
        let roots = &mut lanes[lane].roots;
        if !roots.is_empty() {
            roots.reset(t, &mut |t, g| system.root_values(lane, t, &start.y, g));
        }
        Ok(())
    }

    /// The slope where a lane is, which may not have one that is not finite.
    pub(super) fn evaluate<S: LaneSystem<W> + ?Sized>(&mut self, system: &S, l: usize) -> Result<(), SolveError> {
        let Engine { floor, lanes, start: Start { y: above, slope, .. }, .. } = self;
        let t = lanes[l].t;
        for ((above, y), least) in above.iter_mut().zip(&self.y).zip(floor.least()) {
            *above = raised(y[l], *least);
        }
        system.rhs_of(l, t, above, slope);
        lanes[l].statistics.rhs += 1;
        if let Some(component) = slope.iter().position(|v| !v.is_finite()) {
            return Err(SolveError::NonFinite { t, component, what: Evaluated::RightHandSide });
        }
        self.slope.iter_mut().zip(slope).for_each(|(all, slope)| all[l] = *slope);
        lanes[l].has_slope = true;
        Ok(())
    }

    pub fn restart<S: LaneSystem<W> + ?Sized>(
        &mut self,
        system: &S,
        lane: usize,
        t: f64,
        y: &[f64],
    ) -> Result<(), SolveError> {
        self.lanes[lane].statistics.restarts += 1;
        self.place(system, lane, t, y)
    }

    pub(super) fn choose_first<S: LaneSystem<W> + ?Sized>(&mut self, system: &S, family: Family, l: usize, limit: f64) {
        let (t, bounds) = (self.lanes[l].t, self.lanes[l].bounds);
        let first = bounds.initial_step.unwrap_or_else(|| {
            let order = match family {
                Family::Multistep => Bdf::<W>::ORDER_OF_FIRST_ERROR,
                _ => Tsit5::<W>::ORDER_OF_ERROR,
            };
            let slopes = with_method!(self, family, method => method.slope());
            let Start { y, slope, y_near, slope_near } = &mut self.start;
            y.iter_mut().zip(&self.y).for_each(|(y, all)| *y = all[l]);
            slope.iter_mut().zip(slopes).for_each(|(slope, all)| *slope = all[l]);
            let scene = Scene { system, floor: &self.floor, weights: &self.weights };
            let (span, mut cost) = ((limit - t).min(bounds.max_step), Cost::default());
            let found = first_step(&scene, l, t, (y, slope), span, order, (y_near, slope_near), &mut cost);
            self.lanes[l].add(&cost);
            found.max(self.lanes[l].least_step())
        });
        self.lanes[l].h_next = Some(first);
    }
}
