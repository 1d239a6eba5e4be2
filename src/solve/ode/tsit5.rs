//! The explicit Runge-Kutta pair of order 5(4) of Tsitouras, with its free interpolant of order 4.
//!
//! Ch. Tsitouras, "Runge-Kutta pairs of order 5(4) satisfying only the first column simplifying
//! assumption", Computers & Mathematics with Applications 62 (2011) 770-775. Seven stages, the last
//! of which is the first of the next step. Stiffness is told as in DOPRI5 (Hairer, Nørsett, Wanner,
//! *Solving ODEs II*, IV.2): the sixth and seventh stage share c = 1, so the difference of their
//! slopes over that of their states estimates the dominant eigenvalue.

use pulp::NullaryFnOnce;

use super::control::{Controllers, Weights};
use super::error::Evaluated;
use super::method::{Cost, Entry, Method, Now, Refused, Scene};
use super::norms::{error_norm, norm_squared};
use super::system::LaneSystem;
use super::vector::{combine_end, combine_lane, combine_raised, take};
use crate::solve::{Rows, lanes};

const C: [f64; 7] = [0.0, 0.161, 0.327, 0.9, 0.9800255409045097, 1.0, 1.0];
const A2: [f64; 1] = [0.161];
const A3: [f64; 2] = [-0.008480655492356989, 0.335480655492357];
const A4: [f64; 3] = [2.8971530571054935, -6.359448489975075, 4.3622954328695815];
const A5: [f64; 4] = [5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525];
const A6: [f64; 5] =
    [5.86145544294642, -12.92096931784711, 8.159367898576159, -0.071584973281401, -0.028269050394068383];
/// The weights of the solution of order 5; also the seventh stage.
const B: [f64; 6] =
    [0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742, -3.290069515436081, 2.324710524099774];
/// Solution of order 5 minus that of order 4.
const E: [f64; 7] = [
    -0.001780011052225777,
    -0.0008164344596567469,
    0.007880878010261995,
    -0.1447110071732629,
    0.5823571654525552,
    -0.45808210592918697,
    0.015151515151515152,
];
/// Weights of the interpolant: b_i(θ) = θ (R[i][0] + θ (R[i][1] + θ (R[i][2] + θ R[i][3]))).
const R: [[f64; 4]; 7] = [
    [1.0, -2.763706197274826, 2.9132554618219126, -1.0530884977290216],
    [0.0, 0.1317, -0.2234, 0.1017],
    [0.0, 3.9302962368947516, -5.941033872131505, 2.490627285651253],
    [0.0, -12.411077166933676, 30.33818863028232, -16.548102889244902],
    [0.0, 37.50931341651104, -88.1789048947664, 47.37952196281928],
    [0.0, -27.896526289197286, 65.09189467479366, -34.87065786149661],
    [0.0, 1.5, -4.0, 2.5],
];
/// The region of stability ends at -3.5 on the real axis; the step controller settles where
/// hλ is from 2 to 3, and accuracy alone seldom lets it get there.
const STABLE: f64 = 2.0;
const STIFF_STEPS: usize = 15;
const MILD_STEPS: usize = 6;

/// The memory of the method: seven slopes, and the states that the last two were taken at. After an accepted step the
/// slopes serve the interpolant until the next [`Method::begin`].
#[derive(Debug)]
pub(super) struct Tsit5<const W: usize> {
    k: [Rows<W>; 7],
    stage: Rows<W>,
    above_end: Rows<W>,
    /// An estimate of the dominant eigenvalue at the end of the last step.
    eigenvalues: [f64; W],
    controllers: Controllers<W>,
    watch: [Watch; W],
}

/// Steps in a row by which stiffness is told.
#[derive(Debug, Clone, Copy, Default)]
struct Watch {
    stiff: usize,
    mild: usize,
}

impl<const W: usize> Tsit5<W> {
    /// The error estimate is that of the fourth-order solution: it shrinks with h^5.
    pub const ORDER_OF_ERROR: f64 = 5.0;

    pub fn new(n: usize) -> Self {
        let zeros = || Rows::zeros(n);
        Tsit5 {
            k: std::array::from_fn(|_| zeros()),
            stage: zeros(),
            above_end: zeros(),
            eigenvalues: [0.0; W],
            controllers: Controllers::pi(Self::ORDER_OF_ERROR),
            watch: [Watch::default(); W],
        }
    }

    /// The first slope of a lane that is not finite, if any.
    fn not_finite(&self, lane: usize) -> Option<usize> {
        self.k.iter().find_map(|k| k.iter().position(|v| !v[lane].is_finite()))
    }
}

/// One attempt, to be compiled for the processor at hand.
struct Attempt<'a, S: ?Sized, const W: usize> {
    method: &'a mut Tsit5<W>,
    scene: &'a Scene<'a, S, W>,
    now: Now<'a, W>,
    h: &'a [f64; W],
    lanes: &'a [bool; W],
    y_end: &'a mut [[f64; W]],
}

impl<S: LaneSystem<W> + ?Sized, const W: usize> NullaryFnOnce for Attempt<'_, S, W> {
    type Output = [f64; W];

    /// The error of each lane.
    #[inline(always)]
    fn call(self) -> [f64; W] {
        let Attempt { method, scene, now: Now { t, y }, h, lanes, y_end } = self;
        let Tsit5 { k, stage, above_end, eigenvalues, .. } = method;
        let (system, least) = (scene.system, scene.floor.least());
        let rows: [&[f64]; 5] = [&A2, &A3, &A4, &A5, &A6];
        for (i, a) in rows.into_iter().enumerate() {
            combine_raised(stage, y, h, a, k, least);
            system.rhs(&lanes!(l => t[l] + C[i + 1] * h[l]), stage, &mut k[i + 1]);
        }
        combine_end(y_end, above_end, lanes, y, h, &B, k, least);
        system.rhs(&lanes!(l => t[l] + h[l]), above_end, &mut k[6]);
        let n = y.len();
        let k: [&[[f64; W]]; 7] = k.each_ref().map(|k| &k[..n]);
        let (before, above_end) = (&stage[..n], &above_end[..n]);
        // In units of the tolerance, in which stability shows: large components that are smooth would hide small ones
        // that are not.
        let slopes = norm_squared(
            scene.weights,
            y_end,
            #[inline(always)]
            |i| lanes!(l => k[6][i][l] - k[5][i][l]),
        );
        let states = norm_squared(
            scene.weights,
            y_end,
            #[inline(always)]
            |i| lanes!(l => above_end[i][l] - before[i][l]),
        );
        *eigenvalues = lanes!(l => if states[l] > 0.0 { (slopes[l] / states[l]).sqrt() } else { 0.0 });
        error_norm(
            scene.weights,
            y,
            y_end,
            #[inline(always)]
            |i| {
                let mut sum = lanes!(l => E[0] * k[0][i][l]);
                for j in 1..7 {
                    for l in 0..W {
                        sum[l] += E[j] * k[j][i][l];
                    }
                }
                lanes!(l => h[l] * sum[l])
            },
        )
    }
}

impl<const W: usize> Method<W> for Tsit5<W> {
    fn begin<S: LaneSystem<W> + ?Sized>(
        &mut self,
        _scene: &Scene<'_, S, W>,
        _now: Now<'_, W>,
        entries: &[Entry; W],
        slopes: &[[f64; W]],
        _cost: &mut [Cost; W],
    ) -> [Option<(Evaluated, usize)>; W] {
        let [first, .., last] = &mut self.k;
        if entries.iter().all(|e| *e == Entry::Continued) {
            std::mem::swap(first, last);
        } else if entries.contains(&Entry::Continued) {
            take(first, last, &entries.map(|e| e == Entry::Continued));
        }
        if !entries.contains(&Entry::Fresh) {
            return [None; W];
        }
        take(first, slopes, &entries.map(|e| e == Entry::Fresh));
        for l in (0..W).filter(|&l| entries[l] == Entry::Fresh) {
            self.watch[l] = Watch::default();
        }
        [None; W]
    }

    fn slope(&self) -> &[[f64; W]] {
        &self.k[0]
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
        let errors = pulp::Arch::new().dispatch(Attempt { method: self, scene, now, h, lanes, y_end });
        std::array::from_fn(|l| {
            cost[l].rhs += if lanes[l] { 6 } else { 0 };
            if !lanes[l] || errors[l] <= 1.0 {
                return Ok(errors[l]);
            }
            Err(match self.not_finite(l) {
                Some(component) => Refused::NotFinite(Evaluated::RightHandSide, component),
                None => Refused::Inaccurate(errors[l]),
            })
        })
    }

    fn worst(&self, weights: &Weights<W>, lane: usize, y: &[[f64; W]], y_end: &[[f64; W]]) -> usize {
        let error = |i: usize| E.iter().zip(&self.k).map(|(e, k)| e * k[i][lane]).sum();
        weights.worst(lane, error, y, y_end)
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

    /// Has stability, not accuracy, long held the step?
    fn is_outdone<S: LaneSystem<W> + ?Sized>(&mut self, _scene: &Scene<'_, S, W>, lane: usize, h: f64) -> bool {
        let watch = &mut self.watch[lane];
        if h * self.eigenvalues[lane] > STABLE {
            watch.stiff += 1;
            watch.mild = 0;
        } else {
            watch.mild += 1;
            if watch.mild == MILD_STEPS {
                watch.stiff = 0;
            }
        }
        watch.stiff >= STIFF_STEPS
    }

    /// Fourth order.
    fn interpolate(&self, lane: usize, theta: f64, h: f64, y: &[[f64; W]], out: &mut [f64]) {
        let weights = R.map(|r| theta * (r[0] + theta * (r[1] + theta * (r[2] + theta * r[3]))));
        combine_lane(lane, out, y, h, &weights, &self.k);
    }
}
