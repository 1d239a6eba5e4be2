//! The factorisation of a small matrix as compiled programs, for one system at a time.
//!
//! Invariants: each number is the same sequence of operations as in [`StaticLu`], so the bits are the same, and one may stand
//! in for the other at any time; small matrices are compiled at once, others when they have been factored often enough
//! for compiling to pay, and large ones never. Deliberately absent: lanes, which loops over the rows serve better.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::codegen::{Engine, Function};
use crate::kernel::{Builder, Hoisted, Inputs, Program, Value};
use crate::network::BinaryOp;
use crate::solve::SparsePattern;
use crate::solve::linear::{LARGEST_MULTIPLIER, LinearSolver, Singular, StaticLu, Symbolic};
use crate::solve::vectorised;

/// Multiplications in a factorisation and a solution beyond which straight-line code gains nothing: it takes milliseconds to
/// compile and doesn't fit the processor's nearest cache.
const MOST: usize = 6_000;
/// Up to so many, compiling takes less than a millisecond.
const AT_ONCE: usize = 700;
/// After so many factorisations of one model its larger matrices are compiled too.
const OFTEN: u32 = 200;

/// What factors `shift·I − J` of one model, and solves with it, as programs.
#[derive(Debug)]
pub(super) struct Factors {
    symbolic: Arc<Symbolic>,
    layout: Layout,
    /// Reads the entries of J as states and the shift as parameter; gives the reciprocal pivots, L and U.
    factor: Function,
    /// Reads those as states and the right side as parameters.
    solve: Function,
    multiplications: usize,
    factored: AtomicU32,
}

impl Factors {
    /// Programs for these factors, unless they are too large for that.
    pub fn of(symbolic: &Arc<Symbolic>, pattern: &SparsePattern, engine: Engine) -> Option<Arc<Factors>> {
        let (factor, solution) = symbolic.work();
        let multiplications = factor + solution;
        if engine == Engine::Interpreter || multiplications > MOST {
            return None;
        }
        let layout = Layout::of(symbolic);
        Some(Arc::new(Factors {
            factor: Function::new(factoring(symbolic, pattern, layout), engine),
            solve: Function::new(solving(symbolic, layout), engine),
            symbolic: symbolic.clone(),
            layout,
            multiplications,
            factored: AtomicU32::new(0),
        }))
    }

    /// A solver of one matrix.
    pub fn solver(self: &Arc<Factors>) -> Box<dyn LinearSolver> {
        let layout = self.layout;
        Box::new(CompiledLu {
            factors: self.clone(),
            by_loops: StaticLu::with(self.symbolic.clone()),
            values: vec![0.0; layout.length],
            right_side: vec![0.0; layout.pivots],
            largest: f64::INFINITY,
            is_compiled: false,
        })
    }

    fn is_worth_compiling(&self) -> bool {
        self.multiplications <= AT_ONCE || self.factored.fetch_add(1, Ordering::Relaxed) >= OFTEN
    }

    /// Who solves, in words.
    pub fn explain(&self) -> String {
        let mut text = format!("straight-line code, {} multiplications for both", self.multiplications);
        if self.multiplications > AT_ONCE {
            let _ = write!(text, ", after {OFTEN} factorisations by loops");
        }
        text
    }
}

/// Where reciprocal pivots, L and U are among the numbers that a factorisation gives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub pivots: usize,
    /// Where U begins; L is before it.
    pub u: usize,
    length: usize,
}

impl Layout {
    pub fn of(symbolic: &Symbolic) -> Layout {
        let pivots = symbolic.order().len();
        let below: usize = (0..pivots).map(|k| symbolic.left(k).count()).sum();
        Layout { pivots, u: pivots + below, length: symbolic.entries() }
    }
}

fn factoring(symbolic: &Symbolic, pattern: &SparsePattern, layout: Layout) -> Program {
    let mut code = Builder::new();
    let shift = code.parameter(0);
    let outputs = factor(&mut code, symbolic, shift, Builder::state);
    debug_assert_eq!(outputs.len(), layout.length);
    code.extract(&outputs, Inputs { states: pattern.nnz(), parameters: 1 }, &Hoisted::default())
}

fn solving(symbolic: &Symbolic, layout: Layout) -> Program {
    let mut code = Builder::new();
    let right_side = (0..layout.pivots).map(|i| code.parameter(i)).collect::<Vec<_>>();
    let outputs = solve(&mut code, symbolic, &right_side, Builder::state);
    let inputs = Inputs { states: layout.length, parameters: layout.pivots };
    code.extract(&outputs, inputs, &Hoisted::default())
}

/// The factors of `shift·I − J`, with J's entries as `entry` gives them: reciprocal pivots, then L, then U by its pivots, in their orders
/// among [`Symbolic`]'s.
pub(super) fn factor(
    code: &mut Builder,
    symbolic: &Symbolic,
    shift: Value,
    entry: impl Fn(&mut Builder, usize) -> Value,
) -> Vec<Value> {
    let layout = Layout::of(symbolic);
    let (one, nothing) = (code.constant(1.0), code.constant(-0.0));
    let mut outputs = vec![one; layout.length];
    let mut work: Vec<Option<Value>> = vec![None; layout.pivots];
    for i in 0..layout.pivots {
        for (at, column) in symbolic.given(i) {
            let value = entry(code, at);
            work[column] = Some(code.neg(value));
        }
        work[i] = Some(work[i].map_or(shift, |value| code.add(value, shift)));
        for (at, k) in symbolic.left(i) {
            let value = work[k].take().unwrap_or(nothing);
            outputs[layout.pivots + at] = code.mul(value, outputs[k]);
            for (at, column) in symbolic.right(k) {
                work[column] = Some(less(code, work[column], value, outputs[layout.u + at]));
            }
        }
        let pivot = work[i].take().unwrap_or(nothing);
        outputs[i] = code.binary(BinaryOp::Div, one, pivot);
        for (at, column) in symbolic.right(i) {
            let value = work[column].take().unwrap_or(nothing);
            outputs[layout.u + at] = code.mul(value, outputs[i]);
        }
    }
    outputs
}

/// What solves with the factors, as [`factor`] gives them.
pub(super) fn solve(
    code: &mut Builder,
    symbolic: &Symbolic,
    right_side: &[Value],
    factors: impl Fn(&mut Builder, usize) -> Value,
) -> Vec<Value> {
    let layout = Layout::of(symbolic);
    let order: Vec<usize> = symbolic.order().collect();
    let mut x: Vec<Value> = order.iter().map(|&variable| right_side[variable]).collect();
    for i in 0..layout.pivots {
        for (at, column) in symbolic.left(i) {
            let entry = factors(code, layout.pivots + at);
            x[i] = less(code, Some(x[i]), entry, x[column]);
        }
    }
    let mut outputs = x.clone();
    for i in (0..layout.pivots).rev() {
        let reciprocal = factors(code, i);
        x[i] = code.mul(x[i], reciprocal);
        for (at, column) in symbolic.right(i) {
            let entry = factors(code, layout.u + at);
            x[i] = less(code, Some(x[i]), entry, x[column]);
        }
        outputs[order[i]] = x[i];
    }
    outputs
}

/// from − a b
pub(super) fn less(code: &mut Builder, from: Option<Value>, a: Value, b: Value) -> Value {
    let product = code.mul(a, b);
    match from {
        Some(from) => code.sub(from, product),
        None => code.neg(product),
    }
}

/// LU of `shift·I − J` by the programs of [`Factors`], or by loops while these aren't worth compiling.
#[derive(Debug)]
struct CompiledLu {
    factors: Arc<Factors>,
    by_loops: StaticLu,
    values: Vec<f64>,
    right_side: Vec<f64>,
    largest: f64,
    /// Whether the present factors are the programs'.
    is_compiled: bool,
}

impl LinearSolver for CompiledLu {
    fn factor(&mut self, shift: f64, jacobian: &[f64]) -> Result<(), Singular> {
        self.is_compiled = self.is_compiled || self.factors.is_worth_compiling();
        if !self.is_compiled {
            self.by_loops.factor(shift, jacobian)?;
            self.largest = self.by_loops.largest_multiplier();
            return Ok(());
        }
        self.factors.factor.run(0.0, jacobian, &[shift], &mut self.values);
        let Layout { pivots, u, .. } = self.factors.layout;
        let (reciprocals, below) = self.values[..u].split_at(pivots);
        let (mut sum, mut largest) = (0.0, 0.0);
        vectorised(
            #[inline(always)]
            || {
                for value in reciprocals {
                    sum += 0.0 * value;
                }
                for value in below {
                    largest = if value.abs() > largest { value.abs() } else { largest };
                }
            },
        );
        self.largest = largest;
        if sum == 0.0 && largest <= LARGEST_MULTIPLIER {
            return Ok(());
        }
        let unsound = self.factors.symbolic.unsound(|k| reciprocals[k], |at| below[at]);
        unsound.map_or(Ok(()), Err)
    }

    fn solve(&mut self, b: &mut [f64]) {
        if !self.is_compiled {
            return self.by_loops.solve(b);
        }
        self.right_side.copy_from_slice(b);
        self.factors.solve.run(0.0, &self.values, &self.right_side, b);
    }

    fn largest_multiplier(&self) -> f64 {
        self.largest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn programs_give_the_bits_of_the_loops() {
        let n = 17;
        let mut last = 0.3_f64;
        let mut random = || {
            last = (last * 997.0 + 0.137).fract();
            last
        };
        let mut entries: Vec<(usize, usize)> = (0..n).map(|i| (i, i)).collect();
        entries.extend((0..60).map(|_| ((random() * n as f64) as usize, (random() * n as f64) as usize)));
        let pattern = SparsePattern::from_entries(n, entries);
        let symbolic = Arc::new(Symbolic::new(&pattern));
        let factors = Factors::of(&symbolic, &pattern, Engine::Native).unwrap();
        assert!(factors.multiplications <= AT_ONCE);
        let (mut compiled, mut loops) = (factors.solver(), StaticLu::with(symbolic));
        for shift in [1.0, 0.3, 1e3] {
            let jacobian: Vec<f64> = (0..pattern.nnz()).map(|_| random() - 0.7).collect();
            let mut b: Vec<f64> = (0..n).map(|_| random()).collect();
            let mut c = b.clone();
            assert_eq!(compiled.factor(shift, &jacobian), loops.factor(shift, &jacobian));
            assert_eq!(compiled.largest_multiplier(), loops.largest_multiplier());
            compiled.solve(&mut b);
            loops.solve(&mut c);
            let bits = |x: &[f64]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&b), bits(&c));
        }
        let nothing = vec![0.0; pattern.nnz()];
        assert_eq!(compiled.factor(0.0, &nothing), loops.factor(0.0, &nothing));
    }
}
