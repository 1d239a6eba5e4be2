//! Where root functions change sign within an accepted step.
//!
//! A root function g stands for the condition g > 0. A crossing is a change of that condition
//! between two points of the dense output; it is placed at the first representable time (to a few
//! units in the last place) at which the new condition holds, so the state shown there already has
//! it and the crossing is not found again. Steps are searched in [`PIECES`] pieces. A piece whose ends
//! agree is searched for an extremum if g approaches zero at its left end and leaves it at its right, and so are the first and
//! last of it where g is so near zero that it could turn within them; else it is halved, up to [`HALVINGS`] times, as long as g bends enough to reach zero and come back within (its second
//! difference tells), and what is left is searched. So a trigger narrower than a step is not missed, at a
//! cost that is bounded. Bracketing: I. Oliveira, R. Takahashi, "An enhancement of the bisection method
//! average performance preserving minmax optimality", ACM TOMS 47 (2020) 5, the ITP method.

/// A change of a root function's condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Root {
    /// Which root function.
    pub index: usize,
    pub t: f64,
    /// g became positive; otherwise it ceased to be.
    pub rising: bool,
}

/// Pieces that a step is searched in.
const PIECES: usize = 4;
/// Steps of the golden-section search for an extremum, at most: to 4e-11 of the piece.
const EXTREMUM_STEPS: usize = 50;
/// A piece's slopes are told over this part of it.
const SLOPE: f64 = 1.0 / 256.0;
/// How often a piece is halved at most.
const HALVINGS: usize = 6;

/// The conditions as last seen, and room to evaluate them.
#[derive(Debug, Clone, Default)]
pub(super) struct RootWatch {
    positive: Vec<bool>,
    left: Vec<f64>,
    left_slope: Vec<f64>,
    middle: Vec<f64>,
    right: Vec<f64>,
    right_slope: Vec<f64>,
    trial: Vec<f64>,
    crossings: Vec<Root>,
}

impl RootWatch {
    pub fn new(count: usize) -> Self {
        let zeros = || vec![0.0; count];
        RootWatch {
            positive: vec![false; count],
            left: zeros(),
            left_slope: zeros(),
            middle: zeros(),
            right: zeros(),
            right_slope: zeros(),
            trial: zeros(),
            crossings: Vec::with_capacity(count),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.positive.is_empty()
    }

    /// All that crossed at the time of the last root, in the order of their indices.
    pub fn crossings(&self) -> &[Root] {
        &self.crossings
    }

    /// Takes the conditions at `t` as known.
    pub fn reset(&mut self, t: f64, values: &mut impl FnMut(f64, &mut [f64])) {
        self.crossings.clear();
        values(t, &mut self.right);
        for (positive, g) in self.positive.iter_mut().zip(&self.right) {
            *positive = *g > 0.0;
        }
    }

    /// The first crossing in the accepted step from `t0` to `t1`; `values(t, g)` evaluates the root
    /// functions on its dense output. The conditions are known there afterwards, or at `t1`.
    pub fn search(&mut self, t0: f64, t1: f64, values: &mut impl FnMut(f64, &mut [f64])) -> Option<Root> {
        self.crossings.clear();
        let width = (t1 - t0) / PIECES as f64;
        let mut a = t0;
        values(a, &mut self.left);
        for piece in 1..=PIECES {
            let b = if piece == PIECES { t1 } else { t0 + piece as f64 * width };
            if b <= a {
                continue;
            }
            values(a + SLOPE * (b - a), &mut self.left_slope);
            values(0.5 * (a + b), &mut self.middle);
            values(b - SLOPE * (b - a), &mut self.right_slope);
            values(b, &mut self.right);
            if let Some(t) = self.first_in(a, b, values) {
                return self.record(t, values);
            }
            std::mem::swap(&mut self.left, &mut self.right);
            a = b;
        }
        None
    }

    /// The earliest change between `a` and `b`, whose values are in `left` and `right`.
    fn first_in(&mut self, a: f64, b: f64, values: &mut impl FnMut(f64, &mut [f64])) -> Option<f64> {
        let mut first: Option<f64> = None;
        for i in 0..self.positive.len() {
            let old = self.positive[i];
            let end = if (self.right[i] > 0.0) != old {
                Some((b, self.right[i]))
            } else {
                let points = [(a, self.left[i]), (0.5 * (a + b), self.middle[i]), (b, self.right[i])];
                let peak = if self.turns(i) { self.beyond_extremum(i, a, b, values) } else { None };
                let peak = peak.or_else(|| self.at_ends(i, a, b, values));
                peak.or_else(|| self.hidden(i, points, HALVINGS, values))
            };
            if let Some((end, g)) = end {
                let t = self.bracket(i, (a, self.left[i]), (end, g), values);
                first = Some(first.map_or(t, |f| f.min(t)));
            }
        }
        first
    }

    /// Whether g of root `i` approaches zero at the left end of the piece and leaves it at the right.
    fn turns(&self, i: usize) -> bool {
        let sign = if self.positive[i] { 1.0 } else { -1.0 };
        sign * (self.left_slope[i] - self.left[i]) < 0.0 && sign * (self.right[i] - self.right_slope[i]) > 0.0
    }

    /// A point where the condition of root `i` has changed and changed back where slopes are told, too near an end of the piece for
    /// these to show it.
    fn at_ends(&mut self, i: usize, a: f64, b: f64, values: &mut impl FnMut(f64, &mut [f64])) -> Option<(f64, f64)> {
        let width = SLOPE * (b - a);
        // At the pace at which g moves elsewhere in the piece.
        let near = |end: f64, inner: f64, middle: f64| {
            end.abs().min(inner.abs()) < 2.0 * SLOPE / (0.5 - SLOPE) * (inner - middle).abs()
        };
        if near(self.left[i], self.left_slope[i], self.middle[i])
            && let Some(found) = self.beyond_extremum(i, a, a + width, values)
        {
            return Some(found);
        }
        let is_near = near(self.right[i], self.right_slope[i], self.middle[i]);
        if is_near { self.beyond_extremum(i, b - width, b, values) } else { None }
    }

    /// The earliest point found where the condition of root `i` has changed although both ends agree; g is known at them
    /// and in the middle.
    fn hidden(
        &mut self,
        i: usize,
        [left, middle, right]: [(f64, f64); 3],
        halvings: usize,
        values: &mut impl FnMut(f64, &mut [f64]),
    ) -> Option<(f64, f64)> {
        let old = self.positive[i];
        if (middle.1 > 0.0) != old {
            return Some(middle);
        }
        let bend = (left.1 - 2.0 * middle.1 + right.1).abs();
        let nearest = left.1.abs().min(middle.1.abs()).min(right.1.abs());
        // NaN is as good as far away: the condition is false on both sides of it.
        if nearest >= bend || bend.is_nan() {
            return None;
        }
        if halvings == 0 {
            return self.beyond_extremum(i, left.0, right.0, values);
        }
        for (a, b) in [(left, middle), (middle, right)] {
            let t = 0.5 * (a.0 + b.0);
            if t <= a.0 || t >= b.0 {
                return None;
            }
            values(t, &mut self.trial);
            let halved = self.hidden(i, [a, (t, self.trial[i]), b], halvings - 1, values);
            if halved.is_some() {
                return halved;
            }
        }
        None
    }

    /// A point where the condition of root `i` has changed although both ends of the piece agree.
    fn beyond_extremum(
        &mut self,
        i: usize,
        a: f64,
        b: f64,
        values: &mut impl FnMut(f64, &mut [f64]),
    ) -> Option<(f64, f64)> {
        const GOLDEN: f64 = 0.381_966_011_250_105_2;
        let old = self.positive[i];
        let sign = if old { 1.0 } else { -1.0 };
        let (mut a, mut b) = (a, b);
        let mut g = |t: f64| {
            values(t, &mut self.trial);
            self.trial[i]
        };
        let (mut left, mut right) = (a + GOLDEN * (b - a), b - GOLDEN * (b - a));
        let (mut g_left, mut g_right) = (g(left), g(right));
        let steepest = (g_left - g(a)).abs().max((g_right - g_left).abs()).max((g(b) - g_right).abs());
        // Twice as fast as g was seen to move.
        let pace = 2.0 * steepest / (GOLDEN * (b - a));
        for _ in 0..EXTREMUM_STEPS {
            for (t, g) in [(left, g_left), (right, g_right)] {
                if (g > 0.0) != old {
                    return Some((t, g));
                }
            }
            if pace * (b - a) < g_left.abs().min(g_right.abs()) {
                return None;
            }
            if sign * g_left < sign * g_right {
                (b, right, g_right) = (right, left, g_left);
                left = a + GOLDEN * (b - a);
                g_left = g(left);
            } else {
                (a, left, g_left) = (left, right, g_right);
                right = b - GOLDEN * (b - a);
                g_right = g(right);
            }
        }
        None
    }

    /// Shrinks a bracket of a change of root `i` to a few units in the last place; its right end.
    fn bracket(
        &mut self,
        i: usize,
        (mut a, mut g_a): (f64, f64),
        (mut b, mut g_b): (f64, f64),
        values: &mut impl FnMut(f64, &mut [f64]),
    ) -> f64 {
        let old = self.positive[i];
        let resolution = 2.0 * f64::EPSILON * a.abs().max(b.abs());
        let (start, mut step) = (b - a, 0);
        while b - a > resolution {
            // At most two evaluations more than bisection would take.
            let radius = (start * 0.5f64.powi(step) - 0.5 * (b - a)).max(0.0);
            let t = itp_point((a, g_a), (b, g_b), start, radius);
            let t = t.clamp(a + 0.5 * resolution, b - 0.5 * resolution);
            if t <= a || t >= b {
                break;
            }
            values(t, &mut self.trial);
            if (self.trial[i] > 0.0) == old {
                (a, g_a) = (t, self.trial[i]);
            } else {
                (b, g_b) = (t, self.trial[i]);
            }
            step += 1;
        }
        b
    }

    /// Records every condition that differs at `t`, and takes the new ones as known.
    fn record(&mut self, t: f64, values: &mut impl FnMut(f64, &mut [f64])) -> Option<Root> {
        values(t, &mut self.trial);
        for (index, positive) in self.positive.iter_mut().enumerate() {
            let rising = self.trial[index] > 0.0;
            if rising != *positive {
                *positive = rising;
                self.crossings.push(Root { index, t, rising });
            }
        }
        self.crossings.first().copied()
    }
}

/// The next point of the ITP method with κ₁ = 0.2 / start, κ₂ = 2: the secant point, moved towards
/// the middle, and kept within `radius` of it.
fn itp_point((a, g_a): (f64, f64), (b, g_b): (f64, f64), start: f64, radius: f64) -> f64 {
    let middle = a + 0.5 * (b - a);
    let secant = (g_b * a - g_a * b) / (g_b - g_a);
    if !secant.is_finite() {
        return middle;
    }
    let towards = (middle - secant).signum();
    let shift = 0.2 * (b - a) * (b - a) / start;
    let moved = if shift <= (middle - secant).abs() { secant + towards * shift } else { middle };
    if (moved - middle).abs() <= radius { moved } else { middle - towards * radius }
}
