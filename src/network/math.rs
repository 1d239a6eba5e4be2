//! What each operator means for numbers, to the last bit, on every machine.
//!
//! Invariants: whoever computes (tables of the network, the constant folder, the interpreter, the native code) takes
//! the meaning of the operators from here, so all agree bit for bit (NaNs agree in being NaN; their payloads are
//! not promised), and so do lanes that are computed at once. Elementary functions are our own, without branches, so
//! that they are quick over lanes (sine and cosine: the `libm` crate's); all are plain IEEE operations in a fixed
//! order, never the machine's own library. `sqrt`, `floor` and `ceil` are exact everywhere.
//!
//! Truth is any number that does not equal zero, so NaN is true. Comparisons with NaN are false.
//! `min` and `max` give NaN when either argument is NaN; of zeros with unlike signs they give the second.
//! Deliberately absent: fused multiply-add and anything else whose rounding depends on the machine.

mod elementary;
mod power;

use super::{BinaryOp, UnaryOp};
pub use elementary::{exp, ln, log10, tanh};
pub use power::{pow, pow_of_one};

fn truth(condition: bool) -> f64 {
    if condition { 1.0 } else { 0.0 }
}

/// Whether a number counts as true.
pub fn is_true(x: f64) -> bool {
    x != 0.0
}

/// The value of `op a`.
pub fn unary(op: UnaryOp, a: f64) -> f64 {
    match op {
        UnaryOp::Neg => -a,
        UnaryOp::Abs => a.abs(),
        UnaryOp::Sqrt => a.sqrt(),
        UnaryOp::Exp => exp(a),
        UnaryOp::Ln => ln(a),
        UnaryOp::Log10 => log10(a),
        UnaryOp::Sin => sin(a),
        UnaryOp::Cos => cos(a),
        UnaryOp::Tanh => tanh(a),
        UnaryOp::Floor => a.floor(),
        UnaryOp::Ceil => a.ceil(),
        UnaryOp::Not => truth(a == 0.0),
    }
}

/// The value of `a op b`.
pub fn binary(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::Pow => pow(a, b),
        BinaryOp::Min => min(a, b),
        BinaryOp::Max => max(a, b),
        BinaryOp::Less => truth(a < b),
        BinaryOp::LessEqual => truth(a <= b),
        BinaryOp::Equal => truth(a == b),
        BinaryOp::And => truth(is_true(a) && is_true(b)),
        BinaryOp::Or => truth(is_true(a) || is_true(b)),
    }
}

/// The chosen side: the first unless the condition is zero.
pub fn select(condition: f64, then: f64, otherwise: f64) -> f64 {
    if is_true(condition) { then } else { otherwise }
}

fn min(a: f64, b: f64) -> f64 {
    if a < b || a.is_nan() { a } else { b }
}

fn max(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() { a } else { b }
}

/// The sine, in radians.
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// The cosine, in radians.
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

#[cfg(test)]
mod tests;
