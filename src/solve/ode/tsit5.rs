//! The explicit Runge-Kutta pair of order 5(4) of Tsitouras, with its free interpolant of order 4.
//!
//! Ch. Tsitouras, "Runge-Kutta pairs of order 5(4) satisfying only the first column simplifying
//! assumption", Computers & Mathematics with Applications 62 (2011) 770-775. Seven stages, the last
//! of which is the first of the next step. Stiffness is told as in DOPRI5 (Hairer, Nørsett, Wanner,
//! *Solving ODEs II*, IV.2): the sixth and seventh stage share c = 1, so the difference of their
//! slopes over that of their states estimates the dominant eigenvalue.

use super::control::Weights;
use super::system::System;
use super::vector::combine;

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

/// The memory of the method: seven slopes and a stage. After an accepted step the slopes serve
/// the interpolant until the next [`Tsit5::begin`].
#[derive(Debug, Clone)]
pub(super) struct Tsit5 {
    k: [Vec<f64>; 7],
    stage: Vec<f64>,
    stiff: usize,
    mild: usize,
}

impl Tsit5 {
    /// The error estimate is that of the fourth-order solution: it shrinks with h^5.
    pub const ORDER_OF_ERROR: f64 = 5.0;

    pub fn new(n: usize) -> Self {
        Tsit5 { k: std::array::from_fn(|_| vec![0.0; n]), stage: vec![0.0; n], stiff: 0, mild: 0 }
    }

    /// Prepares steps from `(t, y)`. `continued`: the last step ended there, its last slope serves.
    /// Returns the number of evaluations.
    pub fn begin<S: System + ?Sized>(&mut self, system: &S, t: f64, y: &[f64], continued: bool) -> usize {
        if continued {
            self.k.swap(0, 6);
            return 0;
        }
        self.stiff = 0;
        self.mild = 0;
        system.rhs(t, y, &mut self.k[0]);
        1
    }

    /// f at the start of the step.
    pub fn slope(&self) -> &[f64] {
        &self.k[0]
    }

    /// One step of length `h`: the solution at its end and the error estimate. Returns the number of
    /// evaluations.
    pub fn attempt<S: System + ?Sized>(
        &mut self,
        system: &S,
        t: f64,
        h: f64,
        y: &[f64],
        y_end: &mut [f64],
        error: &mut [f64],
    ) -> usize {
        let Tsit5 { k, stage, .. } = self;
        macro_rules! stage {
            ($i:literal, $a:expr) => {
                combine(stage, y, h, $a, k);
                system.rhs(t + C[$i] * h, stage, &mut k[$i]);
            };
        }
        stage!(1, &A2);
        stage!(2, &A3);
        stage!(3, &A4);
        stage!(4, &A5);
        stage!(5, &A6);
        combine(y_end, y, h, &B, k);
        system.rhs(t + h, y_end, &mut k[6]);
        let n = y.len();
        let k: [&[f64]; 7] = std::array::from_fn(|j| &k[j][..n]);
        for (i, error) in error.iter_mut().enumerate().take(n) {
            let mut sum = 0.0;
            for j in 0..7 {
                sum += E[j] * k[j][i];
            }
            *error = h * sum;
        }
        6
    }

    /// The first slope that is not finite, if any.
    pub fn not_finite(&self) -> Option<usize> {
        self.k.iter().find_map(|k| k.iter().position(|v| !v.is_finite()))
    }

    /// To be asked once after each accepted step: has stability, not accuracy, long held the step?
    /// The estimate is taken in units of the tolerance, in which stability shows: large components
    /// that are smooth would hide small ones that are not.
    pub fn is_stiff(&mut self, h: f64, y_end: &[f64], weights: &Weights) -> bool {
        let (mut slopes, mut states) = (0.0, 0.0);
        for (i, &end) in y_end.iter().enumerate() {
            let scale = weights.scale(i, end.abs());
            slopes += ((self.k[6][i] - self.k[5][i]) / scale).powi(2);
            states += ((end - self.stage[i]) / scale).powi(2);
        }
        if states > 0.0 && h * (slopes / states).sqrt() > STABLE {
            self.stiff += 1;
            self.mild = 0;
        } else {
            self.mild += 1;
            if self.mild == MILD_STEPS {
                self.stiff = 0;
            }
        }
        self.stiff >= STIFF_STEPS
    }

    /// The solution at `θ` of the last step, of length `h` from `y`; fourth order.
    pub fn interpolate(&self, theta: f64, h: f64, y: &[f64], out: &mut [f64]) {
        let weights = R.map(|r| theta * (r[0] + theta * (r[1] + theta * (r[2] + theta * r[3]))));
        combine(out, y, h, &weights, &self.k);
    }
}
