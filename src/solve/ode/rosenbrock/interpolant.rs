//! Dense output of a Rosenbrock method: a polynomial in the share of the step, its coefficients made once for all samples.
//!
//! Where a component is fast and the solution bends, such a polynomial may lie off by many times the error of the step's
//! ends: the order conditions that it fulfils say nothing of products like hJ that are large. [`Tableau::doubt`] tells
//! where. There it is corrected at [`NODES`] so that it fits the equations: with W = (I/(hγ) − J)⁻¹, factored for the step
//! anyhow, and the defect r = f(y) − y′ of the polynomial, what is added is (I − W/(hγ)) W r, a Newton step towards r = 0 for what is
//! fast, and nothing to leading order for what is slow, where the polynomial knows better. Linear invariants are kept.

use std::ops::Range;

use super::tableau::Tableau;
use crate::solve::ode::control::Weights;
use crate::solve::ode::norms::{all_finite, largest_excess};
use crate::solve::ode::vector::{Numbers, combine_several};
use crate::solve::{Rows, lanes, vectorised};

/// Shares of the step at which the polynomial is corrected: as many as it has coefficients that leave the ends alone.
pub const NODES: [f64; 3] = [0.25, 0.5, 0.75];

/// What a correction at each node adds to r₁, r₂ and r₃, so that it is the value of θ (1 − θ) (r₁ + θ (r₂ + θ r₃)) there.
pub const FROM_NODES: [[f64; 3]; 3] =
    [[16.0, -160.0 / 3.0, 128.0 / 3.0], [-12.0, 64.0, -64.0], [16.0 / 3.0, -32.0, 128.0 / 3.0]];

/// Dense output is corrected where the error of one component alone makes more than this of the norm in which steps are measured,
/// in units of the tolerance.
const LET_BE: f64 = 0.5;

/// Where the numbers of an interpolant lie, in rows of one for each lane, and what is added to them where it is corrected. A
/// system that can find the latter at once says so by [`LaneSystem::run_correction`](crate::solve::LaneSystem::run_correction).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InterpolantShape {
    /// Of the state.
    pub components: usize,
}

impl InterpolantShape {
    fn block(self, number: usize) -> Range<usize> {
        number * self.components..(number + 1) * self.components
    }

    /// The state at the start of the step; set for corrections.
    pub fn start(self) -> Range<usize> {
        self.block(0)
    }

    /// r_k, of four.
    pub fn coefficient(self, k: usize) -> Range<usize> {
        self.block(1 + k)
    }

    fn doubt(self) -> Range<usize> {
        self.block(5)
    }

    /// Where 1/(hγ) is.
    pub fn shift(self) -> usize {
        self.doubt().end
    }

    /// Where 1/h is.
    pub fn reciprocal(self) -> usize {
        self.shift() + 1
    }

    /// Where it is told by how much amounts may be negative without being minded.
    pub fn slack(self) -> usize {
        self.reciprocal() + 1
    }

    /// Rows of all that.
    pub fn inputs(self) -> usize {
        self.slack() + 1
    }

    /// Where, of what a correction gives, it is told whether the state at a node is below what is allowed, as 1 or 0; before
    /// it lies what is added to r₁, r₂ and r₃.
    pub fn below(self) -> usize {
        3 * self.components
    }

    /// Rows that a correction gives.
    pub fn outputs(self) -> usize {
        self.below() + 1
    }
}

/// How far dense output of the last step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    Nothing,
    /// The method's own.
    Polynomial,
    /// And corrected wherever it was rough.
    Corrected,
}

/// Dense output of the last step, in all lanes: y + θ (r₀ + (1 − θ) (r₁ + θ (r₂ + θ r₃))), made when first asked for.
#[derive(Debug)]
pub(super) struct Interpolant<const W: usize> {
    shape: InterpolantShape,
    rows: Rows<W>,
    pub made: Made,
    /// The lanes in which it is to be corrected before use.
    pub is_rough: [bool; W],
    /// What is added to r₁, r₂ and r₃, once something was.
    added: Rows<W>,
}

impl<const W: usize> Interpolant<W> {
    /// Room for n components.
    pub fn new(n: usize) -> Self {
        let shape = InterpolantShape { components: n };
        Interpolant {
            shape,
            rows: Rows::zeros(shape.inputs()),
            made: Made::Nothing,
            is_rough: [false; W],
            added: Rows::default(),
        }
    }

    /// From the u of all stages of a step from `y` to `end`.
    pub fn make(
        &mut self,
        numbers: &Numbers,
        table: &Tableau,
        u: &[&[[f64; W]]],
        weights: &Weights<W>,
        [y, end]: [&[[f64; W]]; 2],
    ) {
        let &Tableau { m, dense: [r1, r2, r3], doubt, .. } = table;
        let Interpolant { shape, rows, .. } = self;
        let limit = LET_BE * (shape.components as f64).sqrt();
        let mut excess = [0.0; W];
        vectorised(
            #[inline(always)]
            || {
                combine_several(numbers, &mut rows[shape.coefficient(0).start..], [m, r1, r2, r3, doubt], u);
                excess = largest_excess(weights, y, end, &rows[shape.doubt()], limit);
            },
        );
        self.is_rough = excess.map(|excess| excess > 0.0);
        self.made = Made::Polynomial;
    }

    /// A lane's state at `theta` of its step, once it is made.
    pub fn at(&self, lane: usize, theta: f64, y: &[[f64; W]], out: &mut [f64]) {
        let (n, [r0, r1, r2, r3]) = (self.shape.components, self.coefficients());
        let (y, out) = (&y[..n], &mut out[..n]);
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

    /// States and slopes, as shares of the step, of all lanes at a node.
    pub fn at_node(&self, node: usize, y: &[[f64; W]], state: &mut [[f64; W]], slope: &mut [[f64; W]]) {
        let (n, theta, [r0, r1, r2, r3]) = (self.shape.components, NODES[node], self.coefficients());
        let (y, state, slope) = (&y[..n], &mut state[..n], &mut slope[..n]);
        vectorised(
            #[inline(always)]
            || {
                for i in 0..n {
                    state[i] = lanes!(l => polynomial(theta, y[i][l], r0[i][l], r1[i][l], r2[i][l], r3[i][l]));
                    slope[i] = lanes!(l => {
                        let (inner, bend) = (r1[i][l] + theta * (r2[i][l] + theta * r3[i][l]), r2[i][l] + 2.0 * theta * r3[i][l]);
                        r0[i][l] + (1.0 - 2.0 * theta) * inner + theta * (1.0 - theta) * bend
                    });
                }
            },
        );
    }

    /// Everything that a correction reads, and room for what it gives. For steps from `y` of which these are 1/(hγ) and 1/h,
    /// with amounts negative by no more than `slack` let be.
    pub fn correction(
        &mut self,
        y: &[[f64; W]],
        shift: [f64; W],
        reciprocal: [f64; W],
        slack: &[f64; W],
    ) -> (&[[f64; W]], &mut [[f64; W]]) {
        let Interpolant { shape, rows, added, .. } = self;
        rows[shape.start()].copy_from_slice(y);
        rows[shape.shift()] = shift;
        rows[shape.reciprocal()] = reciprocal;
        rows[shape.slack()] = *slack;
        added.reserve(shape.outputs());
        (rows, added)
    }

    /// Takes note of the correction at a node, after those before it.
    pub fn correct(&mut self, node: usize, correction: &[[f64; W]]) {
        let n = self.shape.components;
        self.added.reserve(self.shape.outputs());
        let (added, correction) = (&mut self.added[..3 * n], &correction[..n]);
        vectorised(
            #[inline(always)]
            || {
                for (added, factor) in added.chunks_exact_mut(n).zip(FROM_NODES[node]) {
                    for (added, correction) in added.iter_mut().zip(correction) {
                        *added = if node == 0 {
                            lanes!(l => factor * correction[l])
                        } else {
                            lanes!(l => added[l] + factor * correction[l])
                        };
                    }
                }
            },
        );
    }

    /// The lanes in which a correction made at once is below what is allowed at a node: there it is not to be used.
    pub fn below(&self) -> [bool; W] {
        self.added[self.shape.below()].map(|below| below != 0.0)
    }

    /// Adds all corrections in the lanes marked, those aside in which one is not finite.
    pub fn finish(&mut self, lanes: &[bool; W]) {
        let Interpolant { shape, rows, added, .. } = self;
        let (rows, added) = (&mut rows[shape.coefficient(1).start..shape.doubt().start], &added[..shape.below()]);
        vectorised(
            #[inline(always)]
            || {
                let finite = all_finite(added);
                for (row, added) in rows.iter_mut().zip(added) {
                    *row = lanes!(l => if lanes[l] && finite[l] { row[l] + added[l] } else { row[l] });
                }
            },
        );
        self.made = Made::Corrected;
    }

    /// The r.
    #[inline(always)]
    fn coefficients(&self) -> [&[[f64; W]]; 4] {
        let (n, mut rest) = (self.shape.components, &self.rows[self.shape.coefficient(0).start..]);
        std::array::from_fn(|_| {
            let (block, others) = rest.split_at(n);
            rest = others;
            block
        })
    }
}

/// y + θ (r₀ + (1 − θ) (r₁ + θ (r₂ + θ r₃)))
#[inline(always)]
fn polynomial(theta: f64, y: f64, r0: f64, r1: f64, r2: f64, r3: f64) -> f64 {
    y + theta * (r0 + (1.0 - theta) * (r1 + theta * (r2 + theta * r3)))
}
