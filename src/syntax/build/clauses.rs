//! Clauses that may stand in any order, and options in parentheses.

use super::*;

/// `half: 0.5` or `irreversible`, before anyone asked whether there is such an option.
pub struct Choice {
    pub name: Name,
    pub value: Option<Value>,
}

/// A clause after the head of a compartment, molecule, complex or vesicle.
pub struct Tail {
    pub kind: TailKind,
    pub span: Span,
}

pub enum TailKind {
    In(Vec<Ref>),
    Between(Ref, Ref),
    Fixed,
    States(Vec<StateLine>),
    Note(Note),
}

/// A line in the braces of a molecule or vesicle.
pub enum StateLine {
    States(Vec<State>),
    Diameter(Diameter),
    Separator,
}

/// A clause of a process.
pub struct Clause {
    pub kind: ClauseKind,
    pub span: Span,
}

pub enum ClauseKind {
    At(Value, Option<Value>),
    Rate(Value),
    Through(Ref, Vec<Evidence>),
    Capturing(Vec<Capture>, Vec<Evidence>),
    Turning(Option<Vec<Term>>, Option<Vec<Term>>, Vec<Evidence>),
    Modifier(ModifierKind, Vec<Factor>, Vec<Evidence>),
}

/// All tails of one head, each at most once.
#[derive(Default)]
pub(super) struct Tails {
    pub places: Option<(Vec<Ref>, Span)>,
    pub between: Option<((Ref, Ref), Span)>,
    pub fixed: Option<Span>,
    pub states: Option<(Vec<StateLine>, Span)>,
    pub uncertainty: Option<Uncertainty>,
    pub evidence: Option<Evidence>,
}

impl Builder<'_> {
    pub fn tail(&self, start: usize, kind: TailKind, end: usize) -> Tail {
        Tail { kind, span: self.span(start, end) }
    }

    pub fn clause(&self, start: usize, kind: ClauseKind, end: usize) -> Clause {
        Clause { kind, span: self.span(start, end) }
    }

    pub(super) fn sort_tails(&self, tails: Vec<Tail>) -> Tails {
        let mut sorted = Tails::default();
        for Tail { kind, span } in tails {
            match kind {
                TailKind::In(places) => self.keep(&mut sorted.places, span, (places, span), |p| p.1),
                TailKind::Between(a, b) => self.keep(&mut sorted.between, span, ((a, b), span), |p| p.1),
                TailKind::Fixed => self.keep(&mut sorted.fixed, span, span, |s| *s),
                TailKind::States(lines) => self.keep(&mut sorted.states, span, (lines, span), |p| p.1),
                TailKind::Note(Note::Uncertainty(u)) => self.keep(&mut sorted.uncertainty, span, u, |u| u.span),
                TailKind::Note(Note::Evidence(e)) => self.keep(&mut sorted.evidence, span, e, |e| e.span),
            }
        }
        sorted
    }

    /// The amount with its notes, or else the evidence of the declaration itself.
    pub(super) fn amount(&self, amount: Option<Expr>, tails: &mut Tails) -> (Option<Value>, Option<Evidence>) {
        let (uncertainty, evidence) = (tails.uncertainty.take(), tails.evidence.take());
        match amount {
            Some(expr) => (Some(self.noted(expr, uncertainty, evidence)), None),
            None => {
                if let Some(uncertainty) = uncertainty {
                    self.report(reports::clause_out_of_place(uncertainty.span, "there is no amount to be unsure of"));
                }
                (None, evidence)
            }
        }
    }

    /// A value whose notes stood apart from it.
    pub(super) fn noted(&self, expr: Expr, uncertainty: Option<Uncertainty>, evidence: Option<Evidence>) -> Value {
        let span = expr.span;
        Value { expr, uncertainty: uncertainty.map(Box::new), evidence, span }
    }

    /// States and diameter out of the lines in braces.
    pub(super) fn sort_lines(&self, lines: Option<(Vec<StateLine>, Span)>) -> (Vec<State>, Option<Diameter>) {
        let (mut states, mut diameter) = (Vec::new(), None);
        for line in lines.map(|l| l.0).unwrap_or_default() {
            match line {
                StateLine::States(more) => states.extend(more),
                StateLine::Diameter(d) => self.keep(&mut diameter, d.span, d, |d: &Diameter| d.span),
                StateLine::Separator => {}
            }
        }
        (states, diameter)
    }

    /// Sorts options into slots by name: `slots` are the names there are, each taking a value.
    fn choose<const N: usize>(&self, choices: Vec<Choice>, slots: [&'static str; N], of: &str) -> [Option<Value>; N] {
        let mut values = [const { None }; N];
        for choice in choices {
            let slot = slots.iter().position(|slot| *slot == choice.name.text);
            match (slot.and_then(|i| values.get_mut(i)), choice.value) {
                (Some(slot), Some(value)) => self.keep(slot, choice.name.span, value, |v: &Value| v.span),
                (Some(_), None) => self.report(reports::option_without_value(&choice.name)),
                (None, _) => self.report(reports::unknown_option(&choice.name, of, &slots)),
            }
        }
        values
    }

    pub fn capture(&self, start: usize, what: Ref, options: Vec<Choice>, end: usize) -> Capture {
        let [enriched] = self.choose(options, ["enriched"], "what is captured");
        Capture { what, enriched, span: self.span(start, end) }
    }

    pub fn load(&self, start: usize, what: Ref, into: Vec<Ref>, options: Vec<Choice>, end: usize) -> ProcessKind {
        ProcessKind::Load { what: self.capture(start, what, options, end), into }
    }

    pub fn factor(&self, start: usize, who: Ref, options: Vec<Choice>, end: usize) -> Factor {
        let [without, half] = self.choose(options, ["without", "half"], "a factor");
        Factor { who, without, half, span: self.span(start, end) }
    }

    pub fn action(
        &self,
        at: (usize, usize),
        kind: ActionKind,
        target: Ref,
        options: Vec<Choice>,
        within: Option<Path>,
        notes: Vec<Evidence>,
    ) -> Action {
        let (flags, options): (Vec<_>, Vec<_>) =
            options.into_iter().partition(|o| o.name.text == "irreversible" && o.value.is_none());
        let mut irreversible = None;
        flags.iter().for_each(|flag| self.keep(&mut irreversible, flag.name.span, flag.name.span, |s| *s));
        let slots = ["ki", "ic50", "ec50", "hill", "max"];
        let [ki, ic50, ec50, hill, max] = self.choose(options, slots, "a drug's action");
        let evidence = self.one_evidence(notes);
        let span = self.span(at.0, at.1);
        Action { kind, target, ki, ic50, ec50, hill, max, irreversible, within, evidence, span }
    }
}
