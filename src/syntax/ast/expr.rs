//! Expressions, and values with what is known of them.
//!
//! The rarer and larger parts are boxed: parsing moves expressions about, and each is as large as the largest.

use super::{Name, Path, Ref, Text};
use crate::source::Span;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// Text that was no expression; a diagnostic has been given.
    Error,
    /// A bare number, finite and not negative (a minus sign is [`UnaryOp::Minus`]).
    Number(f64),
    /// A number directly followed by a unit, on one line: `1500 um^2`, `30 %`, `5 fold`, `1e6 cells`.
    Quantity {
        number: f64,
        unit: UnitRef,
    },
    /// The amount of something, a parameter, a result (`secretion.a.yield`), `time`, `diameter`…
    Ref(Ref),
    /// `[X]`: concentration, or surface density on a membrane.
    Concentration(Ref),
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        op_span: Span,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `hill(x, half, n)`, `exp(x)`, `min(a, b)`.
    Call {
        function: Path,
        arguments: Vec<Expr>,
    },
    /// `CD63 per ILV@medium`: the mean per vesicle.
    Per {
        what: Ref,
        carrier: Box<Ref>,
    },
    /// `size of ILV@medium`, `area of MVB`: a property of a place or of the members of a vesicle population.
    PropertyOf {
        property: Property,
        property_span: Span,
        of: Ref,
    },
    /// `min of secretion.control.sizes`: a statistic of a result.
    StatisticOf {
        statistic: Statistic,
        statistic_span: Span,
        of: Box<Expr>,
    },
    /// `share of V that reach P`: of all V that end, the part that ends in P.
    ShareReach {
        of: Ref,
        target: Box<Ref>,
    },
    /// `share of V with CONDITION`; inside the condition, names mean a member's own (`diameter`, its contents).
    ShareWith {
        of: Ref,
        condition: Box<Expr>,
    },
    /// `distribution of diameter of V`.
    DistributionOf {
        property: Property,
        property_span: Span,
        of: Ref,
    },
    /// `distribution of copies of X per V`.
    DistributionOfCopies {
        what: Ref,
        carrier: Box<Ref>,
    },
    /// `secretion.a.docked at 24 h`; only in claims.
    AtTime {
        what: Box<Expr>,
        time: Box<Expr>,
    },
    /// `titration.dose[1 uM].yield`, `combination.matrix[1 uM, 10 nM].yield`: a point of a sweep or grid. `result`
    /// is the path after the bracket, if there is one.
    Point {
        of: Path,
        at: Vec<Expr>,
        result: Option<Box<Path>>,
    },
}

/// A unit as written after a number.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitRef {
    /// `um`, `%`, `fold`.
    pub name: Name,
    /// The 2 of `um^2`; 1 when none is written.
    pub power: i32,
    /// Name and power.
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Minus,
    Not,
}

/// `=` and `==` are one operator inside expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

impl BinaryOp {
    /// As printed in messages.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Power => "^",
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterEqual => ">=",
            BinaryOp::Equal => "=",
            BinaryOp::NotEqual => "!=",
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
        }
    }
}

/// What `… of V` reads of a place or vesicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// The same as the diameter.
    Size,
    Diameter,
    Area,
    Volume,
    Age,
    /// The process that made it, and those that it went through.
    Route,
}

/// What `… of RESULT` makes of a distribution or a time course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    Min,
    Max,
    Mean,
    Median,
    /// Standard deviation.
    Sd,
    /// Variance over mean.
    Fano,
}

/// A number of the model with what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The nominal value. For `~ lognormal(m, s)` and `~ normal(m, s)` it is `m`, for `~ uniform(a, b)` the
    /// expression `(a + b) / 2`, put together with the spans of its parts.
    pub expr: Expr,
    pub uncertainty: Option<Box<Uncertainty>>,
    pub evidence: Option<Evidence>,
    /// All of it.
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Uncertainty {
    pub kind: UncertaintyKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum UncertaintyKind {
    /// `within 3 fold`: log-normal, 95 % between a third and three times.
    Within(Expr),
    /// `± 4 min`, also `+- 4 min`: normal, standard deviation.
    PlusMinus(Expr),
    /// `~ lognormal(median, spread)`, the spread a fold as in `within`.
    LogNormal { median: Expr, spread: Expr },
    /// `~ normal(mean, deviation)`.
    Normal { mean: Expr, deviation: Expr },
    /// `~ uniform(low, high)`.
    Uniform { low: Expr, high: Expr },
}

/// Where a number or a statement comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    pub kind: EvidenceKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum EvidenceKind {
    Assumed,
    /// `cites review[20, 30], doi"10.1000/xyz"`. Never empty.
    Cites(Vec<Citation>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Citation {
    pub kind: CitationKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum CitationKind {
    /// `review[20, 30]`: a declared `source`, and the numbers of its references (may be none).
    Source { source: Path, numbers: Vec<u32> },
    /// `doi"10.1000/xyz"`.
    Doi(Text),
    /// `pmid"12345678"`.
    Pmid(Text),
}
