//! Perturbations, experiments, claims.

use super::*;

/// What may stand before or after the statement of a claim.
pub enum ClaimNote {
    Evidence(Evidence),
    Tolerance(Expr, Span),
}

impl Builder<'_> {
    pub fn perturbation(&self, kind: PerturbationKind, name: NameAlias, notes: Vec<Evidence>) -> ItemKind {
        let evidence = self.one_evidence(notes);
        ItemKind::Perturbation(Perturbation { kind, name, targets: Vec::new(), sets: Vec::new(), evidence })
    }

    pub fn drug(&self, name: NameAlias, notes: Vec<Evidence>) -> ItemKind {
        ItemKind::Drug(Drug { name, actions: Vec::new(), evidence: self.one_evidence(notes) })
    }

    pub fn target(&self, start: usize, what: Ref, degree: Degree, end: usize) -> Target {
        Target { what, degree, span: self.span(start, end) }
    }

    pub fn experiment(&self, name: Name, of: Option<Vec<Path>>) -> ItemKind {
        ItemKind::Experiment(Experiment { name, of: of.unwrap_or_default(), items: Vec::new() })
    }

    pub fn arm(&self, name: NameAlias, over: Option<Axis>) -> ExperimentItemKind {
        ExperimentItemKind::Arm(Arm { name, over, treatments: Vec::new() })
    }

    pub fn grid(&self, name: NameAlias, axes: Vec<Axis>) -> ExperimentItemKind {
        ExperimentItemKind::Grid(Grid { name, axes, treatments: Vec::new() })
    }

    pub fn axis(&self, start: usize, variable: Ref, values: Vec<Expr>, unit: Option<UnitRef>, end: usize) -> Axis {
        Axis { variable, values, unit, span: self.span(start, end) }
    }

    pub fn treatment(&self, start: usize, kind: TreatmentKind, end: usize) -> Treatment {
        Treatment { kind, span: self.span(start, end) }
    }

    pub fn shared_treatment(&self, start: usize, kind: TreatmentKind, end: usize) -> ExperimentItemKind {
        ExperimentItemKind::Treatment(self.treatment(start, kind, end))
    }

    pub fn addition(
        &self,
        time: Option<Expr>,
        amount: Expr,
        what: Ref,
        to: Ref,
        carrying: Option<Vec<Carried>>,
    ) -> TreatmentKind {
        TreatmentKind::Add(Addition { time, amount, what, to, carrying: carrying.unwrap_or_default() })
    }

    pub fn carried(&self, start: usize, what: Ref, amount: Expr, end: usize) -> Carried {
        Carried { what, amount, span: self.span(start, end) }
    }

    pub fn tolerance(&self, start: usize, tolerance: Expr, end: usize) -> ClaimNote {
        ClaimNote::Tolerance(tolerance, self.span(start, end))
    }

    pub fn claim_without_body(&self, text: Text, notes: Vec<ClaimNote>) -> ItemKind {
        self.report(reports::claim_without_statement(text.span));
        self.claim(text, notes, ClaimBody::Error, Vec::new())
    }

    pub fn claim(&self, text: Text, before: Vec<ClaimNote>, body: ClaimBody, after: Vec<ClaimNote>) -> ItemKind {
        let (mut evidence, mut tolerance) = (None, None);
        for note in before.into_iter().chain(after) {
            match note {
                ClaimNote::Evidence(e) => self.keep(&mut evidence, e.span, e, |e: &Evidence| e.span),
                ClaimNote::Tolerance(expr, span) => self.keep(&mut tolerance, span, (expr, span), |t| t.1),
            }
        }
        ItemKind::Claim(Claim { text, evidence, tolerance: tolerance.map(|t| t.0), body })
    }

    pub fn effect(
        &self,
        (cell, background): (Path, Option<Vec<Treatment>>),
        treatments: Vec<Treatment>,
        (direction, from, to): (Direction, usize, usize),
        readout: Readout,
        at_least: Option<Expr>,
        through: Option<Ref>,
    ) -> ClaimBody {
        let direction_span = self.span(from, to);
        let background = background.unwrap_or_default();
        ClaimBody::Effect(Effect {
            cell,
            background,
            treatments,
            direction,
            direction_span,
            readout,
            at_least,
            through,
        })
    }

    /// A readout that is an expression; its phrase is its text with single spaces.
    pub fn readout(&self, expr: Expr) -> Readout {
        let span = expr.span;
        let words: Vec<&str> = self.slice(span.start as usize, span.end as usize).split_whitespace().collect();
        Readout { phrase: words.join(" ").into(), expr: Some(expr), span }
    }

    /// A readout that is only words.
    pub fn phrase(&self, words: Vec<Name>) -> Readout {
        let start = words.first().map_or(self.span(0, 0), |w| w.span);
        let span = words.last().map_or(start, |w| start.to(w.span));
        let words: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
        Readout { phrase: words.join(" ").into(), expr: None, span }
    }
}
