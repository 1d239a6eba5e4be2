//! Construction: every value is made here once, shared, and simplified on the way.
//!
//! Invariants: equal operations on equal operands are one value; constants are folded by [`math`], the same
//! functions that run programs; operands of commutative operations are in order of their making. A simplification
//! gives the same finite number up to the sign of a zero, with two stated exceptions: powers by small whole exponents
//! become multiplications (a few units in the last place apart from `pow`), and powers by one half and three halves
//! use `sqrt`. Because programs are simplified before anything runs them, interpreter and native code see the same.
//! Deliberately absent: `x * 0 → 0` and `x - x → 0`, which would hide a NaN; any reassociation.

use super::program::{Instruction, Program, Value};
use crate::network::math;
use crate::network::{BinaryOp, UnaryOp};
use rustc_hash::FxHashMap;

/// Whole exponents up to this become multiplications.
const LARGEST_CHAIN: f64 = 64.0;

/// Collects values. Programs are cut out of it by [`Builder::extract`].
#[derive(Clone, Debug, Default)]
pub struct Builder {
    pub(super) instructions: Vec<Instruction>,
    known: FxHashMap<Key, Value>,
}

type Key = (u8, u8, u32, u32, u32);

fn key(instruction: Instruction) -> Key {
    match instruction {
        Instruction::Constant(c) => {
            let bits = if c.is_nan() { f64::NAN.to_bits() } else { c.to_bits() };
            (0, 0, bits as u32, (bits >> 32) as u32, 0)
        }
        Instruction::Time => (1, 0, 0, 0, 0),
        Instruction::State(i) => (2, 0, i, 0, 0),
        Instruction::Parameter(i) => (3, 0, i, 0, 0),
        Instruction::Unary(op, a) => (4, op as u8, a.0, 0, 0),
        Instruction::Binary(op, a, b) => (5, op as u8, a.0, b.0, 0),
        Instruction::Select(c, a, b) => (6, 0, c.0, a.0, b.0),
    }
}

impl Builder {
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Number of values made so far.
    pub fn len(&self) -> usize {
        self.instructions.len()
    }

    pub fn is_empty(&self) -> bool {
        self.instructions.is_empty()
    }

    pub fn constant(&mut self, c: f64) -> Value {
        self.intern(Instruction::Constant(c))
    }

    pub fn time(&mut self) -> Value {
        self.intern(Instruction::Time)
    }

    pub fn state(&mut self, index: usize) -> Value {
        self.intern(Instruction::State(index as u32))
    }

    pub fn parameter(&mut self, index: usize) -> Value {
        self.intern(Instruction::Parameter(index as u32))
    }

    /// The instruction that made a value.
    pub fn instruction(&self, value: Value) -> Instruction {
        self.instructions[value.index()]
    }

    /// The number a value is known to be.
    pub fn as_constant(&self, value: Value) -> Option<f64> {
        match self.instruction(value) {
            Instruction::Constant(c) => Some(c),
            _ => None,
        }
    }

    fn intern(&mut self, instruction: Instruction) -> Value {
        let next = Value(self.instructions.len() as u32);
        let value = *self.known.entry(key(instruction)).or_insert(next);
        if value == next {
            self.instructions.push(instruction);
        }
        value
    }

    fn negated(&self, value: Value) -> Option<Value> {
        match self.instruction(value) {
            Instruction::Unary(UnaryOp::Neg, a) => Some(a),
            _ => None,
        }
    }

    pub fn unary(&mut self, op: UnaryOp, a: Value) -> Value {
        if let Some(c) = self.as_constant(a) {
            return self.constant(math::unary(op, c));
        }
        match (op, self.instruction(a)) {
            (UnaryOp::Neg, Instruction::Unary(UnaryOp::Neg, inner)) => inner,
            (UnaryOp::Abs, Instruction::Unary(UnaryOp::Neg | UnaryOp::Abs, inner)) => self.unary(UnaryOp::Abs, inner),
            _ => self.intern(Instruction::Unary(op, a)),
        }
    }

    pub fn binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Value {
        if let (Some(x), Some(y)) = (self.as_constant(a), self.as_constant(b)) {
            return self.constant(math::binary(op, x, y));
        }
        match op {
            BinaryOp::Add => self.add(a, b),
            BinaryOp::Sub => self.sub(a, b),
            BinaryOp::Mul => self.mul(a, b),
            BinaryOp::Div => self.div(a, b),
            BinaryOp::Pow => self.pow(a, b),
            BinaryOp::Equal | BinaryOp::And | BinaryOp::Or => self.intern(Instruction::Binary(op, a.min(b), a.max(b))),
            BinaryOp::Min | BinaryOp::Max if a == b => a,
            BinaryOp::Min | BinaryOp::Max | BinaryOp::Less | BinaryOp::LessEqual => {
                self.intern(Instruction::Binary(op, a, b))
            }
        }
    }

    pub fn neg(&mut self, a: Value) -> Value {
        self.unary(UnaryOp::Neg, a)
    }

    pub fn add(&mut self, a: Value, b: Value) -> Value {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(x), Some(y)) => return self.constant(x + y),
            (Some(0.0), _) => return b,
            (_, Some(0.0)) => return a,
            _ => {}
        }
        match (self.negated(a), self.negated(b)) {
            (_, Some(b)) => self.sub(a, b),
            (Some(a), None) => self.sub(b, a),
            (None, None) => self.intern(Instruction::Binary(BinaryOp::Add, a.min(b), a.max(b))),
        }
    }

    pub fn sub(&mut self, a: Value, b: Value) -> Value {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(x), Some(y)) => return self.constant(x - y),
            (Some(0.0), _) => return self.neg(b),
            (_, Some(0.0)) => return a,
            _ => {}
        }
        match self.negated(b) {
            Some(b) => self.add(a, b),
            None => self.intern(Instruction::Binary(BinaryOp::Sub, a, b)),
        }
    }

    pub fn mul(&mut self, a: Value, b: Value) -> Value {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(x), Some(y)) => return self.constant(x * y),
            (Some(1.0), _) => return b,
            (_, Some(1.0)) => return a,
            (Some(-1.0), _) => return self.neg(b),
            (_, Some(-1.0)) => return self.neg(a),
            (Some(x), _) => return self.scale(b, x),
            (_, Some(x)) => return self.scale(a, x),
            _ => {}
        }
        match (self.negated(a), self.negated(b)) {
            (Some(a), Some(b)) => self.mul(a, b),
            (Some(a), None) => {
                let product = self.mul(a, b);
                self.neg(product)
            }
            (None, Some(b)) => {
                let product = self.mul(a, b);
                self.neg(product)
            }
            (None, None) => self.intern(Instruction::Binary(BinaryOp::Mul, a.min(b), a.max(b))),
        }
    }

    fn scale(&mut self, a: Value, factor: f64) -> Value {
        if let Some(a) = self.negated(a) {
            return self.scale(a, -factor);
        }
        let factor = self.constant(factor);
        self.intern(Instruction::Binary(BinaryOp::Mul, a.min(factor), a.max(factor)))
    }

    pub fn div(&mut self, a: Value, b: Value) -> Value {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(x), Some(y)) => return self.constant(x / y),
            (_, Some(1.0)) => return a,
            (_, Some(-1.0)) => return self.neg(a),
            // The reciprocal of a power of two is exact.
            (_, Some(c)) if c.is_normal() && (1.0 / c).is_normal() && c.to_bits() << 12 == 0 => {
                let reciprocal = self.constant(1.0 / c);
                return self.mul(a, reciprocal);
            }
            _ => {}
        }
        match (self.negated(a), self.negated(b)) {
            (Some(a), Some(b)) => self.div(a, b),
            (Some(a), None) => {
                let quotient = self.div(a, b);
                self.neg(quotient)
            }
            (None, Some(b)) => {
                let quotient = self.div(a, b);
                self.neg(quotient)
            }
            (None, None) => self.intern(Instruction::Binary(BinaryOp::Div, a, b)),
        }
    }

    pub fn pow(&mut self, a: Value, b: Value) -> Value {
        if let (Some(x), Some(y)) = (self.as_constant(a), self.as_constant(b)) {
            return self.constant(math::pow(x, y));
        }
        match self.as_constant(b) {
            Some(n) if n.fract() == 0.0 && n.abs() <= LARGEST_CHAIN => {
                let power = self.chain(a, n.abs() as u32);
                if n >= 0.0 {
                    return power;
                }
                let one = self.constant(1.0);
                self.div(one, power)
            }
            Some(0.5) => self.unary(UnaryOp::Sqrt, a),
            Some(1.5) => {
                let root = self.unary(UnaryOp::Sqrt, a);
                self.mul(a, root)
            }
            _ => self.intern(Instruction::Binary(BinaryOp::Pow, a, b)),
        }
    }

    /// `a` to the `n` by repeated squaring; 1 for `n = 0`, as `pow` has it even for NaN.
    fn chain(&mut self, a: Value, n: u32) -> Value {
        match n {
            0 => self.constant(1.0),
            1 => a,
            _ => {
                let half = self.chain(a, n / 2);
                let even = self.mul(half, half);
                if n.is_multiple_of(2) { even } else { self.mul(even, a) }
            }
        }
    }

    pub fn select(&mut self, condition: Value, then: Value, otherwise: Value) -> Value {
        if then == otherwise {
            return then;
        }
        match self.instruction(condition) {
            Instruction::Constant(c) => {
                if math::is_true(c) {
                    then
                } else {
                    otherwise
                }
            }
            Instruction::Unary(UnaryOp::Not, c) => self.select(c, otherwise, then),
            _ => self.intern(Instruction::Select(condition, then, otherwise)),
        }
    }

    /// Makes a program's values again; its outputs.
    pub fn replay(&mut self, program: &Program) -> Vec<Value> {
        self.replay_at(program, |builder, state| builder.state(state))
    }

    /// As [`Builder::replay`], with a value in the place of each state.
    pub fn replay_at(&mut self, program: &Program, mut state: impl FnMut(&mut Builder, usize) -> Value) -> Vec<Value> {
        let mut made: Vec<Value> = Vec::with_capacity(program.instructions().len());
        for instruction in program.instructions() {
            let of = |v: Value| made[v.index()];
            let value = match *instruction {
                Instruction::Constant(c) => self.constant(c),
                Instruction::Time => self.time(),
                Instruction::State(i) => state(self, i as usize),
                Instruction::Parameter(i) => self.parameter(i as usize),
                Instruction::Unary(op, a) => self.unary(op, of(a)),
                Instruction::Binary(op, a, b) => self.binary(op, of(a), of(b)),
                Instruction::Select(c, a, b) => self.select(of(c), of(a), of(b)),
            };
            made.push(value);
        }
        program.outputs().iter().map(|v| made[v.index()]).collect()
    }
}
