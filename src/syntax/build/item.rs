//! Declarations.

use super::clauses::Tails;
use super::*;

impl Builder<'_> {
    pub fn function(&self, name: Name, parameters: Option<Vec<Name>>, body: Expr) -> ItemKind {
        ItemKind::Function(Function { name, parameters: parameters.unwrap_or_default(), body })
    }

    pub fn when(&self, condition: Expr, after: Option<Expr>) -> ItemKind {
        ItemKind::When(When { condition, after, assignments: Vec::new() })
    }

    pub fn compartment(&self, name: NameAlias, size: Expr, tail: Vec<Tail>) -> ItemKind {
        let mut tails = self.sort_tails(tail);
        let placement = match (tails.places.take(), tails.between.take()) {
            (Some((_, first)), Some((_, second))) => {
                self.report(reports::said_twice(first, second));
                Placement::Outermost
            }
            (None, Some(((inner, outer), _))) => Placement::Between(inner, outer),
            (Some((places, span)), None) => {
                if places.len() > 1 {
                    self.report(reports::clause_out_of_place(span, "a compartment lies in one place"));
                }
                places.into_iter().next().map_or(Placement::Outermost, Placement::In)
            }
            (None, None) => Placement::Outermost,
        };
        let size = self.noted(size, tails.uncertainty.take(), tails.evidence.take());
        self.leftover(tails, "a compartment has none");
        ItemKind::Compartment(Compartment { name, size, placement })
    }

    pub fn species(&self, role: SpeciesRole, names: Vec<NameAlias>, amount: Option<Expr>, tail: Vec<Tail>) -> ItemKind {
        let mut tails = self.sort_tails(tail);
        let (amount, evidence) = self.amount(amount, &mut tails);
        let (states, diameter) = self.sort_lines(tails.states.take());
        if let Some(diameter) = diameter.or_else(|| states.iter().find_map(|s| s.diameter.clone())) {
            self.report(reports::clause_out_of_place(diameter.span, "only vesicles have a diameter"));
        }
        let places = tails.places.take().map(|p| p.0).unwrap_or_default();
        let fixed = tails.fixed.take();
        self.leftover(tails, "a molecule is `in` its places");
        ItemKind::Species(Species { role, names, amount, evidence, places, fixed, states })
    }

    pub fn complex(&self, name: NameAlias, composition: Vec<Term>, amount: Option<Expr>, tail: Vec<Tail>) -> ItemKind {
        let mut tails = self.sort_tails(tail);
        let (amount, evidence) = self.amount(amount, &mut tails);
        let places = tails.places.take().map(|p| p.0).unwrap_or_default();
        self.leftover(tails, "a complex has none");
        ItemKind::Complex(Complex { name, composition, amount, evidence, places })
    }

    pub fn vesicle(&self, name: NameAlias, amount: Option<Expr>, tail: Vec<Tail>) -> ItemKind {
        let mut tails = self.sort_tails(tail);
        let (amount, evidence) = self.amount(amount, &mut tails);
        let (states, diameter) = self.sort_lines(tails.states.take());
        let places = tails.places.take().map(|p| p.0).unwrap_or_default();
        self.leftover(tails, "a vesicle has none");
        ItemKind::Vesicle(Vesicle { name, amount, evidence, places, states, diameter })
    }

    /// Reports clauses that nobody took.
    fn leftover(&self, tails: Tails, why: &str) {
        let spans = [tails.places.map(|p| p.1), tails.between.map(|p| p.1), tails.fixed, tails.states.map(|p| p.1)];
        spans.into_iter().flatten().for_each(|span| self.report(reports::clause_out_of_place(span, why)));
    }

    pub fn diameter(
        &self,
        at: (usize, usize),
        mean: Expr,
        spread: Option<Expr>,
        range: Option<(Expr, Expr)>,
        notes: Vec<Evidence>,
    ) -> Diameter {
        Diameter { mean, spread, range, evidence: self.one_evidence(notes), span: self.span(at.0, at.1) }
    }

    pub fn set(&self, start: usize, target: Ref, kind: SetKind, value: Value, end: usize) -> Set {
        Set { target, kind, value, span: self.span(start, end) }
    }

    pub fn assume(&self, start: usize, hypothesis: Path, end: usize) -> Assume {
        Assume { hypothesis, span: self.span(start, end) }
    }

    pub fn assignment(&self, start: usize, target: Ref, value: Expr, end: usize) -> Assignment {
        Assignment { target, value, span: self.span(start, end) }
    }

    pub fn term(&self, start: usize, count: Option<(usize, usize)>, of: Ref, end: usize) -> Term {
        let count_span = count.map(|(from, to)| self.span(from, to));
        Term { count: count.map_or(1.0, |at| self.number_of(at)), count_span, of, span: self.span(start, end) }
    }

    pub fn reaction(&self, left: Option<Vec<Term>>, arrow: Arrow, right: Option<Vec<Term>>) -> ProcessKind {
        ProcessKind::Reaction { left: left.unwrap_or_default(), arrow, right: right.unwrap_or_default() }
    }

    pub fn process(
        &self,
        name: Name,
        of: Option<Name>,
        kind: ProcessKind,
        notes: Vec<Evidence>,
        clauses: Vec<Clause>,
    ) -> ItemKind {
        let evidence = self.one_evidence(notes);
        let (captures, modifiers) = (vec![], vec![]);
        let mut process =
            Process { name, of, kind, rate: None, through: None, captures, turning: None, modifiers, evidence };
        let (mut rate, mut through, mut captures) = (None, None, None);
        for Clause { kind, span } in clauses {
            match kind {
                ClauseKind::At(forward, reverse) => {
                    self.keep(&mut rate, span, (Rate::At { forward, reverse }, span), |r| r.1);
                }
                ClauseKind::Rate(value) => self.keep(&mut rate, span, (Rate::Whole(value), span), |r| r.1),
                ClauseKind::Through(what, notes) => {
                    self.keep(&mut through, span, (what, span), |t| t.1);
                    self.add_evidence(&mut process.evidence, notes);
                }
                ClauseKind::Capturing(list, notes) => {
                    self.keep(&mut captures, span, (list, span), |c| c.1);
                    self.add_evidence(&mut process.evidence, notes);
                }
                ClauseKind::Turning(left, right, notes) => {
                    let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
                    self.keep(&mut process.turning, span, Turning { left, right, span }, |t| t.span);
                    self.add_evidence(&mut process.evidence, notes);
                }
                ClauseKind::Modifier(kind, factors, notes) => {
                    let evidence = self.one_evidence(notes);
                    process.modifiers.push(Modifier { kind, factors, evidence, span });
                }
            }
        }
        match (&process.kind, &rate) {
            (ProcessKind::Load { .. }, Some((_, span))) => {
                self.report(reports::clause_out_of_place(
                    *span,
                    "what is loaded goes along with the buds that are made",
                ));
            }
            (ProcessKind::Load { .. }, None) | (_, Some(_)) => {}
            (_, None) => self.report(reports::missing_rate(&process.name)),
        }
        process.rate = rate.map(|r| r.0);
        process.through = through.map(|t| t.0);
        process.captures = captures.map(|c| c.0).unwrap_or_default();
        ItemKind::Process(process)
    }

    fn add_evidence(&self, slot: &mut Option<Evidence>, notes: Vec<Evidence>) {
        notes.into_iter().for_each(|e| self.keep(slot, e.span, e, |e: &Evidence| e.span));
    }
}
