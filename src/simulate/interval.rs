//! What the operators of the network make of intervals: an enclosure of everything that they can give.
//!
//! Invariant: for any numbers in the operands, the result of the operator is in the interval, rounding included. Where no
//! narrow enclosure is at hand the answer is everything.

use crate::network::{BinaryOp, UnaryOp, math};

/// All numbers from `low` to `high`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Interval {
    low: f64,
    high: f64,
}

impl Interval {
    pub const ANYTHING: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };
    const TRUTH: Interval = Interval { low: 0.0, high: 1.0 };

    pub fn new(low: f64, high: f64) -> Interval {
        Interval { low, high }
    }

    pub fn point(value: f64) -> Interval {
        if value.is_nan() { Interval::ANYTHING } else { Interval { low: value, high: value } }
    }

    pub fn is_point(self, value: f64) -> bool {
        self.low == value && self.high == value
    }

    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// All of both, and what lies between.
    pub fn or(self, other: Interval) -> Interval {
        Interval { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    pub fn unary(self, op: UnaryOp) -> Interval {
        let Interval { low, high } = self;
        match op {
            UnaryOp::Neg => Interval { low: -high, high: -low },
            UnaryOp::Abs if low >= 0.0 => self,
            UnaryOp::Abs if high <= 0.0 => Interval { low: -high, high: -low },
            UnaryOp::Abs => Interval { low: 0.0, high: high.max(-low) },
            UnaryOp::Floor | UnaryOp::Ceil => Interval { low: math::unary(op, low), high: math::unary(op, high) },
            UnaryOp::Exp | UnaryOp::Tanh => self.rising(op),
            UnaryOp::Sqrt if low >= 0.0 => self.rising(op),
            UnaryOp::Ln | UnaryOp::Log10 if low > 0.0 => self.rising(op),
            UnaryOp::Sqrt | UnaryOp::Ln | UnaryOp::Log10 => Interval::ANYTHING,
            UnaryOp::Sin => self.wave(op, std::f64::consts::FRAC_PI_2),
            UnaryOp::Cos => self.wave(op, 0.0),
            UnaryOp::Not if self.is_point(0.0) => Interval::point(1.0),
            UnaryOp::Not if !self.contains(0.0) => Interval::point(0.0),
            UnaryOp::Not => Interval::TRUTH,
        }
    }

    /// A rising function, by its ends. Elementary functions are exact to a few units in the last place.
    fn rising(self, op: UnaryOp) -> Interval {
        Interval { low: math::unary(op, self.low), high: math::unary(op, self.high) }.widened(4)
    }

    /// A sine or cosine with one of its crests at `crest`.
    fn wave(self, op: UnaryOp, crest: f64) -> Interval {
        use std::f64::consts::PI;
        let half_turns = [(self.low - crest) / PI, (self.high - crest) / PI];
        // Far from zero, or over a whole turn, all values are taken.
        if !half_turns.iter().all(|h| h.abs() < 1e12) || half_turns[1] - half_turns[0] >= 2.0 {
            return Interval { low: -1.0, high: 1.0 };
        }
        let ends = [math::unary(op, self.low), math::unary(op, self.high)];
        let mut range = Interval { low: ends[0].min(ends[1]), high: ends[0].max(ends[1]) }.widened(4);
        let slack = 1e-15 * half_turns[1].abs().max(1.0);
        let mut half_turn = (half_turns[0] - slack).ceil();
        while half_turn <= half_turns[1] + slack {
            let is_crest = half_turn.rem_euclid(2.0) == 0.0;
            range = range.or(Interval::point(if is_crest { 1.0 } else { -1.0 }));
            half_turn += 1.0;
        }
        range
    }

    pub fn binary(self, op: BinaryOp, other: Interval) -> Interval {
        let (a, b) = (self, other);
        match op {
            BinaryOp::Add => Interval { low: a.low + b.low, high: a.high + b.high }.widened(1),
            BinaryOp::Sub => Interval { low: a.low - b.high, high: a.high - b.low }.widened(1),
            BinaryOp::Mul => a.corners(b, |x, y| x * y),
            BinaryOp::Div if b.contains(0.0) => Interval::ANYTHING,
            BinaryOp::Div => a.corners(b, |x, y| x / y),
            BinaryOp::Min => Interval { low: a.low.min(b.low), high: a.high.min(b.high) },
            BinaryOp::Max => Interval { low: a.low.max(b.low), high: a.high.max(b.high) },
            BinaryOp::Pow => a.power(b),
            BinaryOp::Less => truth(a.high < b.low, a.low >= b.high),
            BinaryOp::LessEqual => truth(a.high <= b.low, a.low > b.high),
            BinaryOp::Equal => {
                truth(a.low == a.high && b.is_point(a.low) && a.low.is_finite(), a.high < b.low || b.high < a.low)
            }
            BinaryOp::And => truth(!a.contains(0.0) && !b.contains(0.0), a.is_point(0.0) || b.is_point(0.0)),
            BinaryOp::Or => truth(!a.contains(0.0) || !b.contains(0.0), a.is_point(0.0) && b.is_point(0.0)),
        }
    }

    /// Of an operator that is monotonic in each operand: what it gives at the corners.
    fn corners(self, other: Interval, op: impl Fn(f64, f64) -> f64) -> Interval {
        let corners =
            [op(self.low, other.low), op(self.low, other.high), op(self.high, other.low), op(self.high, other.high)];
        if corners.iter().any(|c| c.is_nan()) {
            return Interval::ANYTHING;
        }
        let low = corners.into_iter().fold(f64::INFINITY, f64::min);
        Interval { low, high: corners.into_iter().fold(f64::NEG_INFINITY, f64::max) }.widened(1)
    }

    /// Of a base that is not negative, or a whole exponent.
    fn power(self, exponent: Interval) -> Interval {
        let whole = exponent.low == exponent.high && exponent.low.trunc() == exponent.low;
        if self.low > 0.0 || (self.low >= 0.0 && exponent.low > 0.0) {
            self.corners(exponent, |x, y| math::binary(BinaryOp::Pow, x, y)).widened(4)
        } else if whole && exponent.low > 0.0 && exponent.low.rem_euclid(2.0) == 0.0 {
            self.unary(UnaryOp::Abs).power(exponent)
        } else if whole && exponent.low > 0.0 {
            self.corners(exponent, |x, y| math::binary(BinaryOp::Pow, x, y)).widened(4)
        } else {
            Interval::ANYTHING
        }
    }

    /// Wider by so many units in the last place at each end.
    fn widened(self, units: u32) -> Interval {
        if self.low.is_nan() || self.high.is_nan() {
            return Interval::ANYTHING;
        }
        let Interval { mut low, mut high } = self;
        for _ in 0..units {
            (low, high) = (low.next_down(), high.next_up());
        }
        Interval { low, high }
    }
}

fn truth(always: bool, never: bool) -> Interval {
    match (always, never) {
        (true, _) => Interval::point(1.0),
        (_, true) => Interval::point(0.0),
        _ => Interval::TRUTH,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UNARY: [UnaryOp; 12] = [
        UnaryOp::Neg,
        UnaryOp::Abs,
        UnaryOp::Sqrt,
        UnaryOp::Exp,
        UnaryOp::Ln,
        UnaryOp::Log10,
        UnaryOp::Sin,
        UnaryOp::Cos,
        UnaryOp::Tanh,
        UnaryOp::Floor,
        UnaryOp::Ceil,
        UnaryOp::Not,
    ];
    const BINARY: [BinaryOp; 12] = [
        BinaryOp::Add,
        BinaryOp::Sub,
        BinaryOp::Mul,
        BinaryOp::Div,
        BinaryOp::Pow,
        BinaryOp::Min,
        BinaryOp::Max,
        BinaryOp::Less,
        BinaryOp::LessEqual,
        BinaryOp::Equal,
        BinaryOp::And,
        BinaryOp::Or,
    ];

    proptest! {
        #[test]
        fn what_an_operator_gives_is_enclosed(
            a in -20.0f64..20.0, wide in 0.0f64..9.0, share in 0.0f64..=1.0,
            b in -5i32..5, broad in prop_oneof![Just(0.0), 0.0f64..3.0], part in 0.0f64..=1.0,
        ) {
            let (one, other) = (Interval::new(a, a + wide), Interval::new(f64::from(b), f64::from(b) + broad));
            let (x, y) = ((a + share * wide).min(a + wide), (f64::from(b) + part * broad).min(f64::from(b) + broad));
            for op in UNARY {
                let value = math::unary(op, x);
                prop_assert!(value.is_nan() || one.unary(op).contains(value), "{:?} {}", op, x);
            }
            for op in BINARY {
                let value = math::binary(op, x, y);
                prop_assert!(value.is_nan() || one.binary(op, other).contains(value), "{} {:?} {}", x, op, y);
            }
        }
    }
}
