//! The operators that survive checking; the network uses the same.

/// Functions of one argument.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    Neg,
    Abs,
    Sqrt,
    Exp,
    /// Natural logarithm.
    Ln,
    Log10,
    Sin,
    Cos,
    Tanh,
    Floor,
    Ceil,
    /// 1 if the argument is 0, else 0.
    Not,
}

/// Functions of two arguments. Comparisons and connectives give 1 or 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Min,
    Max,
    Less,
    LessEqual,
    Equal,
    And,
    Or,
}
