//! Expressions of a network as a person would write them, as text or as LaTeX.
//!
//! Invariants: parentheses stand where they are needed and nowhere else; constants are in internal units, as the
//! network keeps them; names are written whole and, in LaTeX, escaped.

use super::number::significant;
use crate::network::{BinaryOp, DefinitionId, Expr, Network, ParameterId, SpeciesId, UnaryOp};

/// How to write it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notation {
    Text,
    Latex,
}

/// How tightly an operator binds; larger binds tighter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Binding {
    Choice,
    Or,
    And,
    Comparison,
    Sum,
    /// Weaker than a product, so that `(a / b)·c` is not read as `a / (b·c)`.
    Quotient,
    Product,
    Sign,
    Power,
    Atom,
}

/// Writes expressions of one network.
pub(super) struct Writer<'a> {
    pub network: &'a Network,
    pub notation: Notation,
}

impl Writer<'_> {
    pub fn species(&self, id: SpeciesId) -> String {
        self.name(self.network.species.get(id.index()).map_or("?", |s| &s.name))
    }

    pub fn parameter(&self, id: ParameterId) -> String {
        self.name(self.network.parameters.get(id.index()).map_or("?", |p| &p.name))
    }

    fn definition(&self, id: DefinitionId) -> String {
        self.name(self.network.definitions.get(id.index()).map_or("?", |d| &d.name))
    }

    pub fn name(&self, name: &str) -> String {
        match self.notation {
            // `area of plasma_membrane` is one name; without a mark it would read as three.
            Notation::Text if name.contains(' ') => format!("`{name}`"),
            Notation::Text => name.to_owned(),
            Notation::Latex => format!("\\mathit{{{}}}", escaped(name).replace(' ', "\\ ")),
        }
    }

    pub fn expression(&self, expr: &Expr) -> String {
        self.with(expr, Binding::Choice)
    }

    /// In parentheses if it binds less tightly than `least`.
    pub fn with(&self, expr: &Expr, least: Binding) -> String {
        let (text, binding) = self.written(expr);
        match self.notation {
            _ if binding >= least => text,
            Notation::Text => format!("({text})"),
            Notation::Latex => format!("\\left({text}\\right)"),
        }
    }

    fn written(&self, expr: &Expr) -> (String, Binding) {
        match expr {
            Expr::Constant(value) => self.constant(*value),
            Expr::Time => (if self.notation == Notation::Text { "time" } else { "t" }.to_owned(), Binding::Atom),
            Expr::Species(id) => (self.species(*id), Binding::Atom),
            Expr::Parameter(id) => (self.parameter(*id), Binding::Atom),
            Expr::Definition(id) => (self.definition(*id), Binding::Atom),
            Expr::Unary(op, a) => self.unary(*op, a),
            Expr::Binary(op, a, b) => self.binary(*op, a, b),
            Expr::Select(select) => {
                let condition = self.expression(&select.condition);
                let (then, otherwise) = (self.expression(&select.then), self.expression(&select.otherwise));
                match self.notation {
                    Notation::Text => (format!("if {condition} then {then} else {otherwise}"), Binding::Choice),
                    Notation::Latex => {
                        let cases =
                            format!("{then} & \\text{{if }} {condition} \\\\ {otherwise} & \\text{{otherwise}}");
                        (format!("\\begin{{cases}} {cases} \\end{{cases}}"), Binding::Atom)
                    }
                }
            }
        }
    }

    pub fn constant(&self, value: f64) -> (String, Binding) {
        let binding = if value < 0.0 { Binding::Sign } else { Binding::Atom };
        let rounded = significant(value, 6);
        let size = rounded.abs();
        if !value.is_finite() || size == 0.0 || (1e-3..1e6).contains(&size) {
            return (rounded.to_string(), binding);
        }
        let text = format!("{rounded:e}");
        match (self.notation, text.split_once('e')) {
            (Notation::Latex, Some(("1", power))) => (format!("10^{{{power}}}"), binding),
            (Notation::Latex, Some((mantissa, power))) => {
                (format!("{mantissa} \\times 10^{{{power}}}"), binding.min(Binding::Product))
            }
            _ => (text, binding),
        }
    }

    fn unary(&self, op: UnaryOp, a: &Expr) -> (String, Binding) {
        let latex = self.notation == Notation::Latex;
        let call = |name: &str| {
            let argument = self.expression(a);
            if latex { format!("\\{name}\\left({argument}\\right)") } else { format!("{name}({argument})") }
        };
        let around = |open: &str, close: &str| format!("{open}{}{close}", self.expression(a));
        let text = match op {
            UnaryOp::Neg => {
                let minus = if latex { "-" } else { "−" };
                return (format!("{minus}{}", self.with(a, Binding::Quotient)), Binding::Sign);
            }
            UnaryOp::Abs if latex => around("\\left|", "\\right|"),
            UnaryOp::Sqrt if latex => around("\\sqrt{", "}"),
            UnaryOp::Floor if latex => around("\\lfloor ", "\\rfloor"),
            UnaryOp::Ceil if latex => around("\\lceil ", "\\rceil"),
            UnaryOp::Log10 if latex => around("\\log_{10}\\left(", "\\right)"),
            UnaryOp::Not if latex => {
                return (format!("\\lnot {}", self.with(a, Binding::Power)), Binding::Sign);
            }
            UnaryOp::Not => return (format!("not {}", self.with(a, Binding::Power)), Binding::Sign),
            UnaryOp::Abs => call("abs"),
            UnaryOp::Sqrt => call("sqrt"),
            UnaryOp::Exp => call("exp"),
            UnaryOp::Ln => call("ln"),
            UnaryOp::Log10 => call("log10"),
            UnaryOp::Sin => call("sin"),
            UnaryOp::Cos => call("cos"),
            UnaryOp::Tanh => call("tanh"),
            UnaryOp::Floor => call("floor"),
            UnaryOp::Ceil => call("ceil"),
        };
        (text, Binding::Atom)
    }

    fn binary(&self, op: BinaryOp, a: &Expr, b: &Expr) -> (String, Binding) {
        let latex = self.notation == Notation::Latex;
        let infix = |sign: &str, binding: Binding, right: Binding| {
            (format!("{}{sign}{}", self.with(a, binding), self.with(b, right)), binding)
        };
        let say = |text: &'static str, math: &'static str| if latex { math } else { text };
        match op {
            BinaryOp::Add => infix(" + ", Binding::Sum, Binding::Sum),
            BinaryOp::Sub => infix(say(" − ", " - "), Binding::Sum, Binding::Quotient),
            BinaryOp::Mul => infix(say("·", " \\cdot "), Binding::Product, Binding::Product),
            BinaryOp::Div if latex => {
                (format!("\\frac{{{}}}{{{}}}", self.expression(a), self.expression(b)), Binding::Power)
            }
            BinaryOp::Div => {
                (format!("{} / {}", self.with(a, Binding::Product), self.with(b, Binding::Power)), Binding::Quotient)
            }
            BinaryOp::Pow if latex => {
                (format!("{{{}}}^{{{}}}", self.with(a, Binding::Atom), self.expression(b)), Binding::Power)
            }
            BinaryOp::Pow => {
                (format!("{}^{}", self.with(a, Binding::Atom), self.with(b, Binding::Atom)), Binding::Power)
            }
            BinaryOp::Min | BinaryOp::Max => {
                let name = if op == BinaryOp::Min { "min" } else { "max" };
                let (a, b) = (self.expression(a), self.expression(b));
                let text = if latex { format!("\\{name}\\left({a}, {b}\\right)") } else { format!("{name}({a}, {b})") };
                (text, Binding::Atom)
            }
            BinaryOp::Less => infix(" < ", Binding::Comparison, Binding::Sum),
            BinaryOp::LessEqual => infix(say(" <= ", " \\le "), Binding::Comparison, Binding::Sum),
            BinaryOp::Equal => infix(say(" == ", " = "), Binding::Comparison, Binding::Sum),
            BinaryOp::And => infix(say(" and ", " \\land "), Binding::And, Binding::And),
            BinaryOp::Or => infix(say(" or ", " \\lor "), Binding::Or, Binding::Or),
        }
    }
}

/// Text with the characters that LaTeX gives a meaning escaped.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '\\' => safe.push_str("\\textbackslash{}"),
            '^' => safe.push_str("\\textasciicircum{}"),
            '~' => safe.push_str("\\textasciitilde{}"),
            '#' | '$' | '%' | '&' | '_' | '{' | '}' => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(i: u32) -> Expr {
        Expr::Parameter(ParameterId(i))
    }

    fn written(expr: &Expr, notation: Notation) -> String {
        let parameter = |name: &str| crate::network::Parameter {
            name: name.into(),
            role: crate::network::Role::Declared,
            value: Expr::Constant(1.0),
            unit: crate::network::DisplayUnit { symbol: String::new(), factor: 1.0 },
            evidence: crate::network::Evidence::Assumed,
            uncertainty: None,
            origin: Default::default(),
            span: Default::default(),
        };
        let network = Network { parameters: ["a", "b_1", "c"].map(parameter).to_vec(), ..Network::default() };
        Writer { network: &network, notation }.expression(expr)
    }

    #[test]
    fn parentheses_stand_where_they_change_the_meaning() {
        let cases = [
            (p(0) * (p(1) + p(2)), "a·(b_1 + c)"),
            (p(0) - (p(1) - p(2)), "a − (b_1 − c)"),
            (p(0) + (p(1) + p(2)), "a + b_1 + c"),
            (p(0) / (p(1) * p(2)), "a / (b_1·c)"),
            (p(0) / p(1) * p(2), "(a / b_1)·c"),
            (Expr::unary(UnaryOp::Neg, p(0) + p(1)), "−(a + b_1)"),
            (p(0) - Expr::Constant(-2.0), "a − -2"),
            (Expr::binary(BinaryOp::Pow, p(0) * p(1), Expr::Constant(2.0)), "(a·b_1)^2"),
            (
                Expr::select(Expr::binary(BinaryOp::Less, p(0), p(1)), p(0), p(1)) * p(2),
                "(if a < b_1 then a else b_1)·c",
            ),
            (Expr::Constant(1.0 / 60.0), "0.0166667"),
            (Expr::Constant(2.5e-7), "2.5e-7"),
        ];
        for (expr, text) in cases {
            assert_eq!(written(&expr, Notation::Text), text);
        }
        let fraction = p(0) * p(1) / (p(2) + Expr::Constant(1e-9));
        assert_eq!(
            written(&fraction, Notation::Latex),
            "\\frac{\\mathit{a} \\cdot \\mathit{b\\_1}}{\\mathit{c} + 10^{-9}}"
        );
    }
}
