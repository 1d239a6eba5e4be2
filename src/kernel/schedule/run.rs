//! Working through a schedule.
//!
//! Invariants: no allocation once the scratch has grown; lengths are checked once, at the door. Loops are compiled for
//! the widest vectors that the machine has; nothing in them depends on how wide these are.

#![allow(clippy::redundant_closure, reason = "closures are inlined into code for wide registers")]

use super::{Kind, Operation, Place, Schedule, Signs};
use crate::network::math;
use crate::network::{BinaryOp, UnaryOp};
use std::cell::Cell;

/// Rows that functions of the elementary kind are gathered in, so that one loop serves many of them.
const BATCH: usize = 8;

/// Room for a schedule's slots, reused between calls and between schedules of any number of lanes.
#[derive(Clone, Debug, Default)]
pub struct LaneScratch {
    numbers: Vec<f64>,
}

impl LaneScratch {
    /// `count` rows that begin where the processor's cache lines do.
    fn rows<const W: usize>(&mut self, count: usize) -> &mut [[f64; W]] {
        const LINE: usize = 64;
        let room = count * W + LINE / size_of::<f64>();
        if self.numbers.len() < room {
            self.numbers.resize(room, 0.0);
        }
        let start = self.numbers.as_ptr().align_offset(LINE).min(LINE / size_of::<f64>());
        &mut self.numbers[start..start + count * W].as_chunks_mut().0[..count]
    }
}

impl Schedule {
    /// Runs the program for `W` sets of inputs: `t` in seconds; row `i` of `y` is state `i` in each lane, and so for
    /// `p` and `out`.
    ///
    /// # Panics
    /// If a slice is too short.
    pub fn run<const W: usize>(
        &self,
        t: &[f64; W],
        y: &[[f64; W]],
        p: &[[f64; W]],
        out: &mut [[f64; W]],
        scratch: &mut LaneScratch,
    ) {
        let inputs = self.inputs;
        assert!(y.len() >= inputs.states, "{} states given, {} needed", y.len(), inputs.states);
        assert!(p.len() >= inputs.parameters, "{} parameters given, {} needed", p.len(), inputs.parameters);
        assert!(out.len() >= self.outputs, "room for {} outputs, {} needed", out.len(), self.outputs);
        let slots = scratch.rows::<W>(self.slots);
        for &(slot, number) in &self.constants {
            slots[slot as usize] = [number; W];
        }
        if let Some(slot) = self.time {
            slots[slot as usize] = *t;
        }
        let rows = Rows { y, p, slots: cells(slots), out: cells(out) };
        pulp::Arch::new().dispatch(Work { schedule: self, rows });
    }
}

/// All steps of a schedule, to be compiled for each kind of machine. Not a closure: those aren't surely inlined.
struct Work<'r, const W: usize> {
    schedule: &'r Schedule,
    rows: Rows<'r, W>,
}

impl<const W: usize> pulp::WithSimd for Work<'_, W> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        self.rows.steps(self.schedule);
    }
}

/// One number for each lane. A loop in place: `std::array::from_fn` goes through functions of its own, which are compiled for
/// any processor.
#[inline(always)]
fn each<const W: usize>(value: impl Fn(usize) -> f64) -> [f64; W] {
    let mut row = [0.0; W];
    for (lane, to) in row.iter_mut().enumerate() {
        *to = value(lane);
    }
    row
}

fn cells<const W: usize>(rows: &mut [[f64; W]]) -> &[Cell<[f64; W]>] {
    Cell::from_mut(rows).as_slice_of_cells()
}

/// Rows that can be read by number.
trait Source<const W: usize>: Copy {
    fn row(self, index: u32) -> [f64; W];
}

impl<const W: usize> Source<W> for &[[f64; W]] {
    #[inline(always)]
    fn row(self, index: u32) -> [f64; W] {
        self[index as usize]
    }
}

impl<const W: usize> Source<W> for &[Cell<[f64; W]>] {
    #[inline(always)]
    fn row(self, index: u32) -> [f64; W] {
        self[index as usize].get()
    }
}

/// Everything that steps read and write.
#[derive(Clone, Copy)]
struct Rows<'r, const W: usize> {
    y: &'r [[f64; W]],
    p: &'r [[f64; W]],
    slots: &'r [Cell<[f64; W]>],
    out: &'r [Cell<[f64; W]>],
}

impl<'r, const W: usize> Rows<'r, W> {
    #[inline(always)]
    fn steps(self, schedule: &Schedule) {
        let mut start = 0;
        for step in &schedule.steps {
            let code = &schedule.code[start..step.end];
            start = step.end;
            let to = if step.kind.to_output { self.out } else { self.slots };
            match step.kind.operation {
                Operation::Copy => self.singles(
                    step.kind,
                    code,
                    to,
                    #[inline(always)]
                    |a| a,
                ),
                Operation::Negate => self.singles(
                    step.kind,
                    code,
                    to,
                    #[inline(always)]
                    |a: f64| -a,
                ),
                Operation::Multiply => self.pairs(
                    step.kind,
                    code,
                    to,
                    #[inline(always)]
                    |a, b| a * b,
                ),
                Operation::Divide => self.pairs(
                    step.kind,
                    code,
                    to,
                    #[inline(always)]
                    |a, b| a / b,
                ),
                Operation::Add => self.pairs(
                    step.kind,
                    code,
                    to,
                    #[inline(always)]
                    |a, b| a + b,
                ),
                Operation::Subtract => self.pairs(
                    step.kind,
                    code,
                    to,
                    #[inline(always)]
                    |a, b| a - b,
                ),
                Operation::Product => self.products(step.kind, code, to),
                Operation::Sum => match step.kind.places[0] {
                    Place::Slot => sums(code, to, self.slots),
                    input => sums(code, to, self.input(input)),
                },
                Operation::Dot(signs) => match step.kind.places[0] {
                    Place::Slot => self.dots(signs, code, to, self.slots),
                    input => self.dots(signs, code, to, self.input(input)),
                },
                Operation::Unary(op) => self.unary(op, code, to),
                Operation::Binary(op) => self.binary(op, code, to),
                Operation::Select => self.select(code, to),
            }
        }
    }

    /// The inputs of a place that isn't slots.
    #[inline(always)]
    fn input(self, place: Place) -> &'r [[f64; W]] {
        if place == Place::State { self.y } else { self.p }
    }

    #[inline(always)]
    fn singles(self, kind: Kind, code: &[u32], to: &[Cell<[f64; W]>], op: impl Fn(f64) -> f64 + Copy) {
        match kind.places[0] {
            Place::Slot => singles(code, to, self.slots, op),
            input => singles(code, to, self.input(input), op),
        }
    }

    #[inline(always)]
    fn dots<A: Source<W>>(self, signs: Signs, code: &[u32], to: &[Cell<[f64; W]>], first: A) {
        match signs {
            Signs::Plus => dots(
                code,
                to,
                first,
                self.slots,
                #[inline(always)]
                |sum, a, b| sum + a * b,
            ),
            Signs::Minus => dots(
                code,
                to,
                first,
                self.slots,
                #[inline(always)]
                |sum, a, b| sum - a * b,
            ),
            Signs::Mixed => mixed_dots(code, to, first, self.slots),
        }
    }

    #[inline(always)]
    fn pairs(self, kind: Kind, code: &[u32], to: &[Cell<[f64; W]>], op: impl Fn(f64, f64) -> f64 + Copy) {
        match [kind.places[0], kind.places[1]] {
            [Place::Slot, Place::Slot] => pairs(code, to, self.slots, self.slots, op),
            [Place::Slot, b] => pairs(code, to, self.slots, self.input(b), op),
            [a, Place::Slot] => pairs(code, to, self.input(a), self.slots, op),
            [a, b] => pairs(code, to, self.input(a), self.input(b), op),
        }
    }

    #[inline(always)]
    fn products(self, kind: Kind, code: &[u32], to: &[Cell<[f64; W]>]) {
        let [a, b, c] = [self.input(kind.places[0]), self.input(kind.places[1]), self.input(kind.places[2])];
        for &[target, i, j, k] in code.as_chunks::<4>().0 {
            let (x, y, z) = (a.row(i), b.row(j), c.row(k));
            to[target as usize].set(each(
                #[inline(always)]
                |lane| x[lane] * y[lane] * z[lane],
            ));
        }
    }

    /// Gathers operands, applies a function to all of them, and puts the results where they belong.
    #[inline(always)]
    fn batches<const N: usize, const LENGTH: usize>(
        self,
        code: &[u32],
        to: &[Cell<[f64; W]>],
        apply: impl Fn(&mut [f64], [&[f64]; N]) + Copy,
    ) {
        const { assert!(LENGTH == N + 1) };
        for batch in code.as_chunks::<LENGTH>().0.chunks(BATCH) {
            let mut operands = [[[0.0; W]; BATCH]; N];
            let mut results = [[0.0; W]; BATCH];
            for (index, node) in batch.iter().enumerate() {
                for operand in 0..N {
                    operands[operand][index] = self.slots.row(node[operand + 1]);
                }
            }
            let mut given: [&[f64]; N] = [&[]; N];
            for (given, rows) in given.iter_mut().zip(&operands) {
                *given = rows[..batch.len()].as_flattened();
            }
            apply(results[..batch.len()].as_flattened_mut(), given);
            for (node, result) in batch.iter().zip(&results) {
                to[node[0] as usize].set(*result);
            }
        }
    }

    #[inline(always)]
    fn functions(self, code: &[u32], to: &[Cell<[f64; W]>], op: impl Fn(f64) -> f64 + Copy) {
        self.batches::<1, 2>(
            code,
            to,
            #[inline(always)]
            |results, [a]| results.iter_mut().zip(a).for_each(|(result, &a)| *result = op(a)),
        );
    }

    #[inline(always)]
    fn functions_of_two(self, code: &[u32], to: &[Cell<[f64; W]>], op: impl Fn(f64, f64) -> f64 + Copy) {
        self.batches::<2, 3>(
            code,
            to,
            #[inline(always)]
            |results, [a, b]| {
                for ((result, &a), &b) in results.iter_mut().zip(a).zip(b) {
                    *result = op(a, b);
                }
            },
        );
    }

    #[inline(always)]
    fn unary(self, op: UnaryOp, code: &[u32], to: &[Cell<[f64; W]>]) {
        match op {
            UnaryOp::Sqrt => self.functions(
                code,
                to,
                #[inline(always)]
                |a: f64| a.sqrt(),
            ),
            UnaryOp::Exp => self.functions(
                code,
                to,
                #[inline(always)]
                |a| math::exp(a),
            ),
            UnaryOp::Ln => self.functions(
                code,
                to,
                #[inline(always)]
                |a| math::ln(a),
            ),
            UnaryOp::Log10 => self.functions(
                code,
                to,
                #[inline(always)]
                |a| math::log10(a),
            ),
            UnaryOp::Tanh => self.functions(
                code,
                to,
                #[inline(always)]
                |a| math::tanh(a),
            ),
            other => self.functions(
                code,
                to,
                #[inline(always)]
                |a| math::unary(other, a),
            ),
        }
    }

    #[inline(always)]
    fn binary(self, op: BinaryOp, code: &[u32], to: &[Cell<[f64; W]>]) {
        match op {
            BinaryOp::Pow => self.functions_of_two(
                code,
                to,
                #[inline(always)]
                |a, b| math::pow(a, b),
            ),
            other => self.functions_of_two(
                code,
                to,
                #[inline(always)]
                |a, b| math::binary(other, a, b),
            ),
        }
    }

    #[inline(always)]
    fn select(self, code: &[u32], to: &[Cell<[f64; W]>]) {
        self.batches::<3, 4>(
            code,
            to,
            #[inline(always)]
            |results, [c, a, b]| {
                for (((result, &c), &a), &b) in results.iter_mut().zip(c).zip(a).zip(b) {
                    *result = math::select(c, a, b);
                }
            },
        );
    }
}

#[inline(always)]
fn pairs<const W: usize, A: Source<W>, B: Source<W>>(
    code: &[u32],
    to: &[Cell<[f64; W]>],
    a: A,
    b: B,
    op: impl Fn(f64, f64) -> f64,
) {
    for &[target, i, j] in code.as_chunks::<3>().0 {
        let (x, y) = (a.row(i), b.row(j));
        to[target as usize].set(each(
            #[inline(always)]
            |lane| op(x[lane], y[lane]),
        ));
    }
}

#[inline(always)]
fn singles<const W: usize, A: Source<W>>(code: &[u32], to: &[Cell<[f64; W]>], a: A, op: impl Fn(f64) -> f64) {
    for &[target, i] in code.as_chunks::<2>().0 {
        let x = a.row(i);
        to[target as usize].set(each(
            #[inline(always)]
            |lane| op(x[lane]),
        ));
    }
}

#[inline(always)]
fn sums<const W: usize, A: Source<W>>(code: &[u32], to: &[Cell<[f64; W]>], a: A) {
    let mut code = code;
    while let [target, count, rest @ ..] = code {
        let (terms, rest) = rest.split_at(*count as usize);
        code = rest;
        // Adding to −0 gives every number as it is.
        let mut sum = [-0.0; W];
        for &term in terms {
            let row = a.row(term);
            for lane in 0..W {
                sum[lane] += row[lane];
            }
        }
        to[*target as usize].set(sum);
    }
}

#[inline(always)]
fn dots<const W: usize, A: Source<W>, B: Source<W>>(
    code: &[u32],
    to: &[Cell<[f64; W]>],
    first: A,
    factors: B,
    op: impl Fn(f64, f64, f64) -> f64,
) {
    let mut code = code;
    while let [target, count, beginning, rest @ ..] = code {
        let (terms, rest) = rest.split_at(2 * *count as usize);
        code = rest;
        let mut sum = first.row(*beginning);
        for &[a, b] in terms.as_chunks::<2>().0 {
            let (x, y) = (factors.row(a), factors.row(b));
            for lane in 0..W {
                sum[lane] = op(sum[lane], x[lane], y[lane]);
            }
        }
        to[*target as usize].set(sum);
    }
}

#[inline(always)]
fn mixed_dots<const W: usize, A: Source<W>, B: Source<W>>(code: &[u32], to: &[Cell<[f64; W]>], first: A, factors: B) {
    let mut code = code;
    while let [target, count, beginning, rest @ ..] = code {
        let (terms, rest) = rest.split_at(2 * *count as usize);
        code = rest;
        let mut sum = first.row(*beginning);
        for &[a, b] in terms.as_chunks::<2>().0 {
            let (x, y, sign) = (factors.row(a >> 1), factors.row(b), u64::from(a) << 63);
            for lane in 0..W {
                sum[lane] += f64::from_bits((x[lane] * y[lane]).to_bits() ^ sign);
            }
        }
        to[*target as usize].set(sum);
    }
}
