//! Expressions evaluated as they stand, one value at a time: for initial values, plans and tests.
//!
//! Deliberately absent: speed; simulations evaluate kernels.

use super::{BinaryOp, Expr, Network, UnaryOp};

/// The numbers that expressions refer to. A species or parameter that isn't there is NaN.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Values {
    /// Seconds.
    pub time: f64,
    pub species: Vec<f64>,
    pub parameters: Vec<f64>,
}

impl Network {
    /// Unperturbed parameters and initial amounts, at time 0.
    pub fn initial_values(&self) -> Values {
        let mut values = Values { parameters: Vec::with_capacity(self.parameters.len()), ..Values::default() };
        for parameter in &self.parameters {
            let value = self.evaluate_at(&parameter.value, &values);
            values.parameters.push(value);
        }
        for species in &self.species {
            let value = self.evaluate_at(&species.initial, &values);
            values.species.push(value);
        }
        values
    }

    /// An expression at unperturbed parameters and initial amounts.
    pub fn evaluate(&self, expr: &Expr) -> f64 {
        self.evaluate_at(expr, &self.initial_values())
    }

    /// An expression at given values.
    pub fn evaluate_at(&self, expr: &Expr, values: &Values) -> f64 {
        let of = |slice: &[f64], index: usize| slice.get(index).copied().unwrap_or(f64::NAN);
        match expr {
            Expr::Constant(value) => *value,
            Expr::Time => values.time,
            Expr::Species(id) => of(&values.species, id.index()),
            Expr::Parameter(id) => of(&values.parameters, id.index()),
            Expr::Definition(id) => {
                self.definitions.get(id.index()).map_or(f64::NAN, |d| self.evaluate_at(&d.value, values))
            }
            Expr::Unary(op, a) => unary(*op, self.evaluate_at(a, values)),
            Expr::Binary(op, a, b) => binary(*op, self.evaluate_at(a, values), self.evaluate_at(b, values)),
            Expr::Select(select) => {
                let chosen = self.evaluate_at(&select.condition, values) != 0.0;
                self.evaluate_at(if chosen { &select.then } else { &select.otherwise }, values)
            }
        }
    }
}

/// The value of a function of one argument.
pub fn unary(op: UnaryOp, a: f64) -> f64 {
    match op {
        UnaryOp::Neg => -a,
        UnaryOp::Abs => a.abs(),
        UnaryOp::Sqrt => a.sqrt(),
        UnaryOp::Exp => a.exp(),
        UnaryOp::Ln => a.ln(),
        UnaryOp::Log10 => a.log10(),
        UnaryOp::Sin => a.sin(),
        UnaryOp::Cos => a.cos(),
        UnaryOp::Tanh => a.tanh(),
        UnaryOp::Floor => a.floor(),
        UnaryOp::Ceil => a.ceil(),
        UnaryOp::Not => truth(a == 0.0),
    }
}

/// The value of a function of two arguments; truth is 1 and falsehood 0.
pub fn binary(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::Pow => a.powf(b),
        BinaryOp::Min => a.min(b),
        BinaryOp::Max => a.max(b),
        BinaryOp::Less => truth(a < b),
        BinaryOp::LessEqual => truth(a <= b),
        BinaryOp::Equal => truth(a == b),
        BinaryOp::And => truth(a != 0.0 && b != 0.0),
        BinaryOp::Or => truth(a != 0.0 || b != 0.0),
    }
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}
