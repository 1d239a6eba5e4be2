//! What a method is to the driver, over lanes.
//!
//! Invariants: each lane is a problem of its own, with its time, step and state; what a method does in a lane depends
//! on nothing but that lane, whatever the others do, so the same problem gives the same bits alone and among others.
//! Lanes that take no part are computed with their last states and thrown away. A method that serves one lane only is
//! told so by never being made for more.
//!
//! A method proposes the length of steps itself: one-step methods by [`Controllers`](super::control::Controllers),
//! multistep methods along with their order.

use super::control::Weights;
use super::error::Evaluated;
use super::positive::Floor;
use super::system::LaneSystem;

/// The problem, and how it is looked at.
pub(super) struct Scene<'a, S: ?Sized, const W: usize> {
    pub system: &'a S,
    pub floor: &'a Floor<W>,
    pub weights: &'a Weights<W>,
}

/// Where all lanes are at the start of a step.
#[derive(Clone, Copy)]
pub(super) struct Now<'a, const W: usize> {
    pub t: &'a [f64; W],
    pub y: &'a [[f64; W]],
}

/// How a lane comes to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// Not at all: the method does nothing for it.
    Absent,
    /// From a start, a discontinuity or another method: nothing of earlier steps holds.
    Fresh,
    /// From the end of this method's last step.
    Continued,
    /// Once more from where the last trial began, which was refused.
    Again,
}

/// Why a trial step was not taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Refused {
    /// By its error, in units of the tolerance.
    Inaccurate(f64),
    /// Something in this component was not finite.
    NotFinite(Evaluated, usize),
    /// The matrix of the step is singular in this component.
    Singular(usize),
    /// This component, an amount, would be negative, by so many of its absolute tolerances.
    Negative(usize, f64),
    /// Something in this component is not finite where the step begins, so none is short enough.
    AtStart(Evaluated, usize),
}

/// What a lane has cost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    pub rhs: usize,
    pub jacobians: usize,
    pub factorisations: usize,
    pub solves: usize,
    pub pivoted: usize,
}

/// A method with its memory for systems of one dimension and pattern.
pub(super) trait Method<const W: usize> {
    /// Prepares steps of the lanes that enter; what is not finite at their start, and the component. `slopes` has f there, in
    /// fresh lanes.
    fn begin<S: LaneSystem<W> + ?Sized>(
        &mut self,
        scene: &Scene<'_, S, W>,
        now: Now<'_, W>,
        entries: &[Entry; W],
        slopes: &[[f64; W]],
        cost: &mut [Cost; W],
    ) -> [Option<(Evaluated, usize)>; W];

    /// f at the start of the step.
    fn slope(&self) -> &[[f64; W]];

    /// One step of length `h` in the lanes marked: the solution at its end into `y_end` (of these lanes only), and its
    /// error in units of the tolerance, at most 1. What is negative is for the driver to refuse.
    fn attempt<S: LaneSystem<W> + ?Sized>(
        &mut self,
        scene: &Scene<'_, S, W>,
        now: Now<'_, W>,
        h: &[f64; W],
        lanes: &[bool; W],
        y_end: &mut [[f64; W]],
        cost: &mut [Cost; W],
    ) -> [Result<f64, Refused>; W];

    /// After a trial refused for its error: the component with the largest.
    fn worst(&self, weights: &Weights<W>, lane: usize, y: &[[f64; W]], y_end: &[[f64; W]]) -> usize;

    /// The steps of the lanes marked were taken, with these errors: the lengths of the next.
    fn accepted(&mut self, lanes: &[bool; W], h: &[f64; W], error: &[f64; W]) -> [f64; W];

    /// The step was refused: the length to try instead.
    fn refused(&mut self, lane: usize, h: f64, refused: Refused) -> f64;

    /// What [`Self::refused`] would give for an error, nothing changed.
    fn after_error(&self, lane: usize, h: f64, error: f64) -> f64;

    /// Forgets the past of a lane, at a discontinuity.
    fn reset(&mut self, lane: usize);

    /// To be asked once after each accepted step, of length `h`: has the solution become one for which another family
    /// of methods is better?
    fn is_outdone<S: LaneSystem<W> + ?Sized>(&mut self, scene: &Scene<'_, S, W>, lane: usize, h: f64) -> bool;

    /// Whether samples of the last step of a lane need [`Self::prepare`] first.
    fn is_unprepared(&self, _lane: usize) -> bool {
        false
    }

    /// Prepares samples of the last step of a lane, from `y` to `end`; what that costs.
    fn prepare<S: LaneSystem<W> + ?Sized>(
        &mut self,
        _scene: &Scene<'_, S, W>,
        _lane: usize,
        _ends: [&[[f64; W]]; 2],
    ) -> Cost {
        Cost::default()
    }

    /// The solution at `theta` of the lane's last step, of length `h` from `y`.
    fn interpolate(&self, lane: usize, theta: f64, h: f64, y: &[[f64; W]], out: &mut [f64]);
}
