//! Perturbations, drugs, experiments, claims.

use super::expr::{evidence, expr, field, fields, unit};
use super::item::{named, set_parts};
use super::sexp::{Sexp, list, text_atom};
use crate::syntax::ast::*;

pub fn parts(kind: &ItemKind, rest: &mut Vec<Sexp>) -> Vec<Sexp> {
    match kind {
        ItemKind::Perturbation(perturbation) => {
            rest.extend(perturbation.targets.iter().map(target));
            rest.extend(perturbation.sets.iter().map(|set| list("set", set_parts(set))));
            rest.extend(perturbation.evidence.iter().map(evidence));
            vec![named(&perturbation.name)]
        }
        ItemKind::Drug(drug) => {
            rest.extend(drug.actions.iter().map(action));
            rest.extend(drug.evidence.iter().map(evidence));
            vec![named(&drug.name)]
        }
        ItemKind::Experiment(experiment) => {
            if !experiment.of.is_empty() {
                rest.push(list("of", experiment.of.iter().map(Sexp::atom).collect()));
            }
            rest.extend(experiment.items.iter().map(line));
            vec![Sexp::atom(&experiment.name)]
        }
        ItemKind::Claim(claim) => {
            rest.extend(claim.evidence.iter().map(evidence));
            rest.extend(claim.tolerance.iter().map(|t| list("within", vec![expr(t)])));
            rest.push(body(&claim.body));
            vec![text_atom(&claim.text)]
        }
        _ => Vec::new(),
    }
}

fn target(target: &Target) -> Sexp {
    let degree = match &target.degree {
        Degree::Unsaid => return list("target", vec![Sexp::atom(&target.what)]),
        Degree::By(value) => field("by", value),
        Degree::Times(value) => field("times", value),
    };
    list("target", vec![Sexp::atom(&target.what), degree])
}

fn action(action: &Action) -> Sexp {
    let head = if action.kind == ActionKind::Inhibits { "inhibits" } else { "activates" };
    let options = fields([
        ("ki", &action.ki),
        ("ic50", &action.ic50),
        ("ec50", &action.ec50),
        ("hill", &action.hill),
        ("max", &action.max),
    ]);
    let mut all = vec![Sexp::atom(&action.target)];
    all.extend(options);
    all.extend(action.irreversible.map(|_| Sexp::atom("irreversible")));
    all.extend(action.within.iter().map(|cell| list("in", vec![Sexp::atom(cell)])));
    all.extend(action.evidence.iter().map(evidence));
    list(head, all)
}

fn line(item: &ExperimentItem) -> Sexp {
    let docs = item.docs.iter().map(|docs| list("docs", vec![text_atom(docs)]));
    let (head, rest) = match &item.kind {
        ExperimentItemKind::Error => ("error", Vec::new()),
        ExperimentItemKind::Settle => ("settle", Vec::new()),
        ExperimentItemKind::Run { duration, every } => {
            let every = every.iter().map(|e| list("every", vec![expr(e)]));
            ("run", std::iter::once(expr(duration)).chain(every).collect())
        }
        ExperimentItemKind::Measure { name, value } => ("measure", vec![named(name), expr(value)]),
        ExperimentItemKind::Arm(arm) => {
            let over = arm.over.iter().map(axis);
            let treatments = arm.treatments.iter().map(treatment);
            ("arm", std::iter::once(named(&arm.name)).chain(over).chain(treatments).collect())
        }
        ExperimentItemKind::Grid(grid) => {
            let axes = grid.axes.iter().map(axis);
            let treatments = grid.treatments.iter().map(treatment);
            ("grid", std::iter::once(named(&grid.name)).chain(axes).chain(treatments).collect())
        }
        ExperimentItemKind::Treatment(all) => ("all-arms", vec![treatment(all)]),
    };
    list(head, rest.into_iter().chain(docs).collect())
}

fn axis(axis: &Axis) -> Sexp {
    let values = Sexp::List(axis.values.iter().map(expr).collect());
    let unit = axis.unit.iter().map(|u| Sexp::atom(unit(u)));
    list("over", [Sexp::atom(&axis.variable), values].into_iter().chain(unit).collect())
}

fn treatment(treatment: &Treatment) -> Sexp {
    match &treatment.kind {
        TreatmentKind::Error => Sexp::atom("error"),
        TreatmentKind::Named(path) => Sexp::atom(path),
        TreatmentKind::Inline { kind, targets } => list(kind.keyword(), targets.iter().map(target).collect()),
        TreatmentKind::Dose { drug, amount, from, to } => {
            let from = from.iter().map(|from| list("from", vec![expr(from)]));
            let to = to.iter().map(|to| list("to", vec![expr(to)]));
            list("dose", [Sexp::atom(drug), expr(amount)].into_iter().chain(from).chain(to).collect())
        }
        TreatmentKind::Set(set) => list("set", set_parts(set)),
        TreatmentKind::Assume(assume) => list("assume", vec![Sexp::atom(&assume.hypothesis)]),
        TreatmentKind::Add(addition) => {
            let time = addition.time.iter().map(|time| list("at", vec![expr(time)]));
            let what = [expr(&addition.amount), Sexp::atom(&addition.what), Sexp::atom(&addition.to)];
            let carried = |c: &Carried| list("carrying", vec![Sexp::atom(&c.what), expr(&c.amount)]);
            list("add", what.into_iter().chain(time).chain(addition.carrying.iter().map(carried)).collect())
        }
    }
}

fn body(body: &ClaimBody) -> Sexp {
    let effect = match body {
        ClaimBody::Error => return Sexp::atom("error"),
        ClaimBody::Holds(statement) => return expr(statement),
        ClaimBody::Effect(effect) => effect,
    };
    let direction = match effect.direction {
        Direction::Raises => "raises",
        Direction::Lowers => "lowers",
        Direction::DoesNotChange => "does-not-change",
    };
    let mut all = vec![Sexp::atom(&effect.cell)];
    if !effect.background.is_empty() {
        all.push(list("with", effect.background.iter().map(treatment).collect()));
    }
    all.extend(effect.treatments.iter().map(treatment));
    let readout =
        effect.readout.expr.as_ref().map_or(Sexp::atom(format!("{:?}", effect.readout.phrase.as_str())), expr);
    all.push(list(direction, vec![readout]));
    all.extend(effect.at_least.iter().map(|e| list("by-at-least", vec![expr(e)])));
    all.extend(effect.through.iter().map(|t| list("through", vec![Sexp::atom(t)])));
    list("in", all)
}
