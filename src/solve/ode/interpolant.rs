//! Dense output of a Rosenbrock method: a polynomial in the share of the step, its coefficients made once for all samples.

use super::tableau::Tableau;
use super::vector::{Numbers, combine_four};
use crate::solve::{Rows, vectorised};

/// Dense output of the last step, in all lanes: y + θ (r₀ + (1 − θ) (r₁ + θ (r₂ + θ r₃))), made when first asked for.
#[derive(Debug)]
pub(super) struct Interpolant<const W: usize> {
    /// The r, one after the other.
    rows: Rows<W>,
    pub is_made: bool,
}

impl<const W: usize> Interpolant<W> {
    /// Room for n components.
    pub fn new(n: usize) -> Self {
        Interpolant { rows: Rows::zeros(4 * n), is_made: false }
    }

    /// From the u of all stages.
    pub fn make(&mut self, numbers: &Numbers, table: &Tableau, u: &[&[[f64; W]]]) {
        let &Tableau { m, dense: [r1, r2, r3], .. } = table;
        vectorised(
            #[inline(always)]
            || combine_four(numbers, &mut self.rows, [m, r1, r2, r3], u),
        );
        self.is_made = true;
    }

    /// A lane's state at `theta` of its step from `y`, once it is made.
    pub fn at(&self, lane: usize, theta: f64, y: &[[f64; W]], out: &mut [f64]) {
        let n = y.len();
        let out = &mut out[..n];
        let (r0, rest) = self.rows.split_at(n);
        let (r1, rest) = rest.split_at(n);
        let (r2, r3) = rest.split_at(n);
        let r3 = &r3[..n];
        // Numbers in one lane lie close.
        if W == 1 {
            return vectorised(
                #[inline(always)]
                || {
                    for i in 0..n {
                        out[i] = polynomial(theta, y[i][0], r0[i][0], r1[i][0], r2[i][0], r3[i][0]);
                    }
                },
            );
        }
        for (i, out) in out.iter_mut().enumerate() {
            *out = polynomial(theta, y[i][lane], r0[i][lane], r1[i][lane], r2[i][lane], r3[i][lane]);
        }
    }
}

/// y + θ (r₀ + (1 − θ) (r₁ + θ (r₂ + θ r₃)))
#[inline(always)]
fn polynomial(theta: f64, y: f64, r0: f64, r1: f64, r2: f64, r3: f64) -> f64 {
    y + theta * (r0 + (1.0 - theta) * (r1 + theta * (r2 + theta * r3)))
}
