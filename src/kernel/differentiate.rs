//! Symbolic derivatives, by forward accumulation of sparse gradients over the builder's values.
//!
//! Invariants: a gradient lists only the variables that a value depends on structurally, in increasing order; new
//! values go through the builder, so partial derivatives are shared between variables and between rates. A side
//! that `select` does not choose contributes nothing, even when it is not finite. Piecewise constant operators
//! (`floor`, comparisons…) have derivative zero; at a kink the derivative is that of the side `min`, `max`, `abs` take.
//!
//! Powers: `∂(xʸ)/∂x = y·xʸ/x` costs no second `pow`; at `x = 0` its limit is taken instead, so it is finite there
//! for `y ≥ 1`. `∂(xʸ)/∂y = xʸ·ln x`, taken as zero at `x = 0`.
//!
//! Method: tangent mode as in Griewank & Walther, "Evaluating Derivatives" (2008), ch. 3 and 7. Forward rather than
//! reverse, because a rate depends on few species, and because an adjoint would multiply the derivative of a side
//! not chosen, maybe infinite, by zero.

use super::build::Builder;
use super::program::{Instruction, Value};
use crate::network::{BinaryOp, UnaryOp};
use std::rc::Rc;

/// What to differentiate with respect to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Variables {
    /// Each `y[i]`, as variable `i`.
    States,
    /// `t`, as variable 0.
    Time,
    /// Each `p[i]`, as variable `i`.
    Parameters,
    /// One direction in which inputs move together, as variable 0.
    Along(Direction),
}

/// How fast each input moves along a direction: read from inputs that stand behind the program's own. What has no
/// such input stands still.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Direction {
    /// `y[i]` moves by `y[states + i]`.
    pub states: Option<u32>,
    /// `p[i]` moves by `p[parameters + i]`.
    pub parameters: Option<u32>,
    /// `t` moves by `p[time]`.
    pub time: Option<u32>,
}

/// Nonzero partial derivatives of one value: (variable, derivative), by increasing variable.
pub type Gradient = Rc<[(u32, Value)]>;

/// The gradients of `roots`, in order.
pub fn gradients(builder: &mut Builder, roots: &[Value], variables: Variables) -> Vec<Gradient> {
    let mut uses = count_uses(builder, roots);
    let nothing: Gradient = Rc::new([]);
    let mut known: Vec<Option<Gradient>> = vec![None; uses.len()];
    for index in 0..uses.len() {
        if uses[index] == 0 {
            continue;
        }
        let value = Value(index as u32);
        let instruction = builder.instruction(value);
        let of = |v: Value| known[v.index()].clone().unwrap_or_else(|| nothing.clone());
        let gradient = match instruction {
            Instruction::Unary(op, a) => of_unary(builder, op, a, value, &of(a)),
            Instruction::Binary(op, a, b) => of_binary(builder, op, [a, b], value, [&of(a), &of(b)]),
            Instruction::Select(c, a, b) => chosen(builder, c, &of(a), &of(b)),
            leaf => of_leaf(builder, leaf, variables),
        };
        known[index] = Some(gradient.into());
        // A gradient is let go with its last reader: in a long sum they would otherwise take quadratic memory.
        for operand in instruction.operands().map(Value::index) {
            uses[operand] -= 1;
            if uses[operand] == 0 {
                known[operand] = None;
            }
        }
    }
    roots.iter().map(|r| known[r.index()].clone().unwrap_or_else(|| nothing.clone())).collect()
}

/// How often each value is read by what the roots reach; roots count once more.
fn count_uses(builder: &Builder, roots: &[Value]) -> Vec<u32> {
    let length = roots.iter().map(|r| r.index() + 1).max().unwrap_or(0);
    let mut uses = vec![0; length];
    for root in roots {
        uses[root.index()] += 1;
    }
    for index in (0..length).rev() {
        if uses[index] > 0 {
            for operand in builder.instructions[index].operands() {
                uses[operand.index()] += 1;
            }
        }
    }
    uses
}

type Partials = Vec<(u32, Value)>;

fn of_leaf(builder: &mut Builder, leaf: Instruction, variables: Variables) -> Partials {
    if let Variables::Along(direction) = variables {
        return along(builder, leaf, direction).map(|d| (0, d)).into_iter().collect();
    }
    let variable = match (leaf, variables) {
        (Instruction::State(i), Variables::States) | (Instruction::Parameter(i), Variables::Parameters) => i,
        (Instruction::Time, Variables::Time) => 0,
        _ => return Partials::new(),
    };
    vec![(variable, builder.constant(1.0))]
}

fn along(builder: &mut Builder, leaf: Instruction, direction: Direction) -> Option<Value> {
    Some(match leaf {
        Instruction::State(i) => builder.state((direction.states? + i) as usize),
        Instruction::Parameter(i) => builder.parameter((direction.parameters? + i) as usize),
        Instruction::Time => builder.parameter(direction.time? as usize),
        _ => return None,
    })
}

fn of_unary(builder: &mut Builder, op: UnaryOp, a: Value, value: Value, da: &[(u32, Value)]) -> Partials {
    use UnaryOp::*;
    if da.is_empty() || matches!(op, Floor | Ceil | Not) {
        return Partials::new();
    }
    let zero = builder.constant(0.0);
    let outer = match op {
        Exp => value,
        Ln => return each(da, |d| builder.div(d, a)),
        Log10 => {
            let scale = builder.constant(std::f64::consts::LOG10_E);
            builder.div(scale, a)
        }
        Sqrt => {
            let half = builder.constant(0.5);
            builder.div(half, value)
        }
        Sin => builder.unary(Cos, a),
        Cos => {
            let sin = builder.unary(Sin, a);
            builder.neg(sin)
        }
        Tanh => {
            let (one, square) = (builder.constant(1.0), builder.mul(value, value));
            builder.sub(one, square)
        }
        Neg => return each(da, |d| builder.neg(d)),
        Abs | Floor | Ceil | Not => {
            let negative = builder.binary(BinaryOp::Less, a, zero);
            return each(da, |d| {
                let opposite = builder.neg(d);
                builder.select(negative, opposite, d)
            });
        }
    };
    each(da, |d| builder.mul(outer, d))
}

fn of_binary(
    builder: &mut Builder,
    op: BinaryOp,
    [a, b]: [Value; 2],
    value: Value,
    [da, db]: [&[(u32, Value)]; 2],
) -> Partials {
    use BinaryOp::*;
    if da.is_empty() && db.is_empty() {
        return Partials::new();
    }
    match op {
        Add => merge(da, db, |da, db| sum(builder, da, db)),
        Sub => merge(da, db, |da, db| difference(builder, da, db)),
        Mul => merge(da, db, |da, db| {
            let left = da.map(|da| builder.mul(da, b));
            let right = db.map(|db| builder.mul(a, db));
            sum(builder, left, right)
        }),
        Div => merge(da, db, |da, db| {
            let shrink = db.map(|db| builder.mul(value, db));
            let numerator = difference(builder, da, shrink);
            builder.div(numerator, b)
        }),
        Pow => {
            let to_base = (!da.is_empty()).then(|| power_by_base(builder, a, b, value));
            let to_exponent = (!db.is_empty()).then(|| power_by_exponent(builder, a, value));
            merge(da, db, |da, db| {
                let left = da.zip(to_base).map(|(d, outer)| builder.mul(outer, d));
                let right = db.zip(to_exponent).map(|(d, outer)| builder.mul(outer, d));
                sum(builder, left, right)
            })
        }
        Min | Max => {
            let (low, high) = if op == Min { (a, b) } else { (b, a) };
            let first = builder.binary(Less, low, high);
            chosen(builder, first, da, db)
        }
        Less | LessEqual | Equal | And | Or => Partials::new(),
    }
}

fn chosen(builder: &mut Builder, condition: Value, da: &[(u32, Value)], db: &[(u32, Value)]) -> Partials {
    let zero = builder.constant(0.0);
    merge(da, db, |da, db| builder.select(condition, da.unwrap_or(zero), db.unwrap_or(zero)))
}

/// `∂(xʸ)/∂x`.
fn power_by_base(builder: &mut Builder, x: Value, y: Value, power: Value) -> Value {
    let (zero, one, infinite) = (builder.constant(0.0), builder.constant(1.0), builder.constant(f64::INFINITY));
    let scaled = builder.mul(y, power);
    let slope = builder.div(scaled, x);
    // At zero: 0 above one, 1 at one, infinite with y's sign below, and 0 again where the power is constant.
    let unbounded = builder.mul(y, infinite);
    let flat = builder.binary(BinaryOp::Equal, y, zero);
    let below = builder.select(flat, zero, unbounded);
    let is_one = builder.binary(BinaryOp::Equal, y, one);
    let above = builder.select(is_one, one, zero);
    let is_below = builder.binary(BinaryOp::Less, y, one);
    let limit = builder.select(is_below, below, above);
    let at_zero = builder.binary(BinaryOp::Equal, x, zero);
    builder.select(at_zero, limit, slope)
}

/// `∂(xʸ)/∂y`.
fn power_by_exponent(builder: &mut Builder, x: Value, power: Value) -> Value {
    let zero = builder.constant(0.0);
    let log = builder.unary(UnaryOp::Ln, x);
    let slope = builder.mul(power, log);
    let at_zero = builder.binary(BinaryOp::Equal, x, zero);
    builder.select(at_zero, zero, slope)
}

fn sum(builder: &mut Builder, a: Option<Value>, b: Option<Value>) -> Value {
    match (a, b) {
        (Some(a), Some(b)) => builder.add(a, b),
        (Some(v), None) | (None, Some(v)) => v,
        (None, None) => builder.constant(0.0),
    }
}

fn difference(builder: &mut Builder, a: Option<Value>, b: Option<Value>) -> Value {
    match (a, b) {
        (Some(a), Some(b)) => builder.sub(a, b),
        (Some(a), None) => a,
        (None, Some(b)) => builder.neg(b),
        (None, None) => builder.constant(0.0),
    }
}

fn each(gradient: &[(u32, Value)], mut map: impl FnMut(Value) -> Value) -> Partials {
    gradient.iter().map(|&(variable, d)| (variable, map(d))).collect()
}

/// Combines two gradients variable by variable; at least one side is there.
fn merge(
    left: &[(u32, Value)],
    right: &[(u32, Value)],
    mut combine: impl FnMut(Option<Value>, Option<Value>) -> Value,
) -> Partials {
    let mut merged = Partials::with_capacity(left.len().max(right.len()));
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        let a = left.get(i).map_or(u32::MAX, |e| e.0);
        let b = right.get(j).map_or(u32::MAX, |e| e.0);
        let variable = a.min(b);
        let from_left = (a == variable).then(|| left[i].1);
        let from_right = (b == variable).then(|| right[j].1);
        i += usize::from(a == variable);
        j += usize::from(b == variable);
        merged.push((variable, combine(from_left, from_right)));
    }
    merged
}
