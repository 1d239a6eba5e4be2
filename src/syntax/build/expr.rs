//! Expressions, values, evidence.

use super::*;
use crate::syntax::lexer;

/// What may follow a number: how sure it is, where it comes from.
pub enum Note {
    Uncertainty(Uncertainty),
    Evidence(Evidence),
}

impl Builder<'_> {
    pub fn expr(&self, start: usize, kind: ExprKind, end: usize) -> Expr {
        Expr { kind, span: self.span(start, end) }
    }

    pub fn binary(&self, left: Expr, op_span: (usize, usize), op: BinaryOp, right: Expr) -> Expr {
        let span = left.span.to(right.span);
        let op_span = self.span(op_span.0, op_span.1);
        Expr { kind: ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) }, span }
    }

    pub fn unary(&self, start: usize, op: UnaryOp, operand: Expr, end: usize) -> Expr {
        self.expr(start, ExprKind::Unary { op, operand: Box::new(operand) }, end)
    }

    pub fn call(&self, start: usize, function: Path, arguments: Option<Vec<Expr>>, end: usize) -> Expr {
        self.expr(start, ExprKind::Call { function, arguments: arguments.unwrap_or_default() }, end)
    }

    pub fn property(&self, start: usize, property: (Property, usize, usize), of: Ref, end: usize) -> Expr {
        let (property, from, to) = property;
        self.expr(start, ExprKind::PropertyOf { property, property_span: self.span(from, to), of }, end)
    }

    pub fn statistic(&self, start: usize, statistic: (Statistic, usize, usize), of: Expr, end: usize) -> Expr {
        let (statistic, from, to) = statistic;
        let statistic_span = self.span(from, to);
        self.expr(start, ExprKind::StatisticOf { statistic, statistic_span, of: Box::new(of) }, end)
    }

    pub fn distribution(&self, start: usize, property: (Property, usize, usize), of: Ref, end: usize) -> Expr {
        let (property, from, to) = property;
        self.expr(start, ExprKind::DistributionOf { property, property_span: self.span(from, to), of }, end)
    }

    pub fn number(&self, start: usize, end: usize) -> Expr {
        self.expr(start, ExprKind::Number(self.number_of((start, end))), end)
    }

    pub fn quantity(&self, number: (usize, usize), unit: UnitRef) -> Expr {
        let span = self.span(number.0, number.1).to(unit.span);
        Expr { kind: ExprKind::Quantity { number: self.number_of(number), unit }, span }
    }

    /// The lexer has reported numbers that are too large; here they count as 1.
    pub(super) fn number_of(&self, (start, end): (usize, usize)) -> f64 {
        let number = lexer::number(self.slice(start, end));
        if number.is_finite() { number } else { 1.0 }
    }

    pub fn unit(&self, (start, end): (usize, usize), power: Option<(usize, usize)>) -> UnitRef {
        let name = self.name(start, end);
        let Some((from, to)) = power else { return UnitRef { span: name.span, name, power: 1 } };
        let text: String = self.slice(from, to).replace('−', "-").split_whitespace().collect();
        let parsed = text.parse::<i32>().ok().filter(|p| (-9..=9).contains(p) && *p != 0);
        if parsed.is_none() {
            self.report(reports::bad_exponent(self.span(from, to), &name.text));
        }
        UnitRef { name, power: parsed.unwrap_or(1), span: self.span(start, to) }
    }

    pub fn value(&self, start: usize, expr: Expr, notes: Vec<Note>, end: usize) -> Value {
        let (uncertainty, evidence) = self.sort_notes(notes);
        Value { expr, uncertainty: uncertainty.map(Box::new), evidence, span: self.span(start, end) }
    }

    pub(super) fn sort_notes(&self, notes: Vec<Note>) -> (Option<Uncertainty>, Option<Evidence>) {
        let (mut uncertainty, mut evidence) = (None, None);
        for note in notes {
            match note {
                Note::Uncertainty(u) => self.keep(&mut uncertainty, u.span, u, |u: &Uncertainty| u.span),
                Note::Evidence(e) => self.keep(&mut evidence, e.span, e, |e: &Evidence| e.span),
            }
        }
        (uncertainty, evidence)
    }

    pub fn uncertainty(&self, start: usize, kind: UncertaintyKind, end: usize) -> Note {
        Note::Uncertainty(Uncertainty { kind, span: self.span(start, end) })
    }

    /// `~ name(arguments)`; `at` is from the tilde to the parenthesis.
    pub fn drawn(
        &self,
        at: (usize, usize),
        name: Name,
        arguments: Vec<Expr>,
        notes: Vec<Evidence>,
        end: usize,
    ) -> Value {
        let span = self.span(at.0, at.1);
        let evidence = self.one_evidence(notes);
        let whole = self.span(at.0, end);
        let pair = <[Expr; 2]>::try_from(arguments).ok();
        let (expr, kind) = match (name.text.as_str(), pair) {
            ("lognormal", Some([median, spread])) => (median.clone(), UncertaintyKind::LogNormal { median, spread }),
            ("normal", Some([mean, deviation])) => (mean.clone(), UncertaintyKind::Normal { mean, deviation }),
            ("uniform", Some([low, high])) => (self.middle(&low, &high), UncertaintyKind::Uniform { low, high }),
            _ => {
                self.report(reports::unknown_distribution(span, &name));
                let expr = Expr { kind: ExprKind::Error, span };
                return Value { expr, uncertainty: None, evidence, span: whole };
            }
        };
        Value { expr, uncertainty: Some(Box::new(Uncertainty { kind, span })), evidence, span: whole }
    }

    /// `(low + high) / 2`.
    fn middle(&self, low: &Expr, high: &Expr) -> Expr {
        let span = low.span.to(high.span);
        let at = (span.start as usize, span.end as usize);
        let sum = self.binary(low.clone(), at, BinaryOp::Add, high.clone());
        let two = Expr { kind: ExprKind::Number(2.0), span };
        self.binary(sum, at, BinaryOp::Divide, two)
    }

    pub fn evidence(&self, start: usize, kind: EvidenceKind, end: usize) -> Evidence {
        Evidence { kind, span: self.span(start, end) }
    }

    pub fn citation(&self, start: usize, source: Path, numbers: Vec<(usize, usize)>, end: usize) -> Citation {
        let numbers = numbers.into_iter().filter_map(|(from, to)| {
            let parsed = self.slice(from, to).parse::<u32>().ok();
            if parsed.is_none() {
                self.report(reports::bad_reference(self.span(from, to)));
            }
            parsed
        });
        let kind = CitationKind::Source { source, numbers: numbers.collect() };
        Citation { kind, span: self.span(start, end) }
    }

    pub fn doi(&self, start: usize, text: Text, end: usize) -> Citation {
        Citation { kind: CitationKind::Doi(text), span: self.span(start, end) }
    }

    pub fn pmid(&self, start: usize, text: Text, end: usize) -> Citation {
        Citation { kind: CitationKind::Pmid(text), span: self.span(start, end) }
    }
}
