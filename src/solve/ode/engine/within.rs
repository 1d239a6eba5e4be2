//! The inside of the last step: dense output, and roots found by it.

use super::Engine;
use crate::solve::ode::events::Root;
use crate::solve::ode::lane::{Family, Lane};
use crate::solve::ode::method::{Entry, Method as _, Scene};
use crate::solve::ode::positive::raised;
use crate::solve::ode::system::LaneSystem;

impl<const W: usize> Engine<W> {
    pub(super) fn find_root<S: LaneSystem<W> + ?Sized>(&mut self, system: &S, l: usize, end: f64) -> Option<Root> {
        if self.lanes[l].roots.is_empty() {
            return None;
        }
        // Taken out, so that the search may look through the rest of `self`.
        let mut roots = std::mem::take(&mut self.lanes[l].roots);
        let mut y = std::mem::take(&mut self.one);
        let root = roots.search(self.lanes[l].t_old, end, &mut |t, g| {
            self.interpolate(system, l, t, &mut y);
            y.iter_mut().zip(self.floor.least()).for_each(|(y, least)| *y = raised(*y, *least));
            system.root_values(l, t, &y, g);
        });
        self.one = y;
        self.lanes[l].roots = roots;
        root
    }

    /// Makes `t`, within the last step, the present.
    pub(super) fn move_back<S: LaneSystem<W> + ?Sized>(&mut self, system: &S, l: usize, t: f64) {
        let mut y = std::mem::take(&mut self.one);
        self.interpolate_within(system, l, t, &mut y);
        self.y.iter_mut().zip(&y).for_each(|(all, y)| all[l] = *y);
        self.one = y;
        self.lanes[l].t = t;
        self.lanes[l].entry = Entry::Fresh;
    }

    /// The state of a lane at `t` into `y`; a time outside of the last step gives the nearer end.
    pub fn interpolate<S: LaneSystem<W> + ?Sized>(&mut self, system: &S, l: usize, t: f64, y: &mut [f64]) {
        let copy = |from: &[[f64; W]], to: &mut [f64]| to.iter_mut().zip(from).for_each(|(to, from)| *to = from[l]);
        if t >= self.lanes[l].t {
            copy(&self.y, y);
        } else if t <= self.lanes[l].t_old {
            copy(&self.y_old, y);
        } else {
            self.interpolate_within(system, l, t, y);
        }
    }

    fn interpolate_within<S: LaneSystem<W> + ?Sized>(&mut self, system: &S, l: usize, t: f64, y: &mut [f64]) {
        let Lane { t_old, h_old, last, .. } = self.lanes[l];
        let theta = (t - t_old) / h_old;
        with_method!(self, last, method => {
            if method.is_unprepared(l) {
                let scene = Scene { system, floor: &self.floor, weights: &self.weights };
                let cost = method.prepare(&scene, l, [&self.y_old, &self.y_end]);
                self.lanes[l].add(&cost);
            }
            method.interpolate(l, theta, h_old, &self.y_old, y);
        });
    }
}
