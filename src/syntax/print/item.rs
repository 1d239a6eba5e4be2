//! Declarations and processes.

use super::experiment;
use super::expr::{evidence, expr, field, fields};
use super::sexp::{Sexp, list, text_atom};
use crate::syntax::ast::*;

pub fn item(item: &Item) -> Sexp {
    let mut rest = Vec::new();
    rest.extend(item.docs.iter().map(|docs| list("docs", vec![text_atom(docs)])));
    let head = parts(&item.kind, &mut rest);
    let keyword = if item.kind == ItemKind::Error { "error" } else { item.kind.keyword() };
    list(keyword, head.into_iter().chain(rest).collect())
}

/// Names go into the result, which is printed first, all else behind the docs.
fn parts(kind: &ItemKind, rest: &mut Vec<Sexp>) -> Vec<Sexp> {
    match kind {
        ItemKind::Error => Vec::new(),
        ItemKind::Use(usage) => {
            rest.extend(usage.names.iter().map(|names| list("names", names.iter().map(Sexp::atom).collect())));
            vec![Sexp::atom(&usage.path)]
        }
        ItemKind::Source(source) => vec![Sexp::atom(&source.name), text_atom(&source.text)],
        ItemKind::Unit(unit) => vec![Sexp::atom(&unit.name), expr(&unit.value)],
        ItemKind::Param(param) => {
            rest.extend(param.dimension.iter().map(|d| list("dimension", vec![expr(d)])));
            rest.push(param.value.as_ref().map_or(Sexp::atom("required"), |v| field("value", v)));
            vec![Sexp::atom(&param.name)]
        }
        ItemKind::Function(function) => {
            let parameters = Sexp::List(function.parameters.iter().map(Sexp::atom).collect());
            vec![Sexp::atom(&function.name), parameters, expr(&function.body)]
        }
        ItemKind::Let(definition) => vec![Sexp::atom(&definition.name), expr(&definition.value)],
        ItemKind::Input(input) => vec![Sexp::atom(&input.name), field("value", &input.value)],
        ItemKind::Change(change) => vec![Sexp::atom(&change.target), list("by", vec![expr(&change.by)])],
        ItemKind::When(when) => {
            rest.extend(when.after.iter().map(|after| list("after", vec![expr(after)])));
            rest.extend(when.assignments.iter().map(|a| list("=", vec![Sexp::atom(&a.target), expr(&a.value)])));
            vec![expr(&when.condition)]
        }
        ItemKind::Place(place) => {
            rest.push(list("cell", vec![Sexp::atom(&place.cell)]));
            rest.push(list("count", vec![expr(&place.count)]));
            rest.push(list("in", vec![Sexp::atom(&place.within)]));
            vec![Sexp::atom(&place.name)]
        }
        ItemKind::Include(include) => include.paths.iter().map(Sexp::atom).collect(),
        ItemKind::Set(set) => set_parts(set),
        ItemKind::Assume(assume) => vec![Sexp::atom(&assume.hypothesis)],
        ItemKind::Pathway(block) | ItemKind::Hypothesis(block) | ItemKind::Model(block) => {
            rest.extend(block.items.iter().map(item));
            vec![Sexp::atom(&block.name)]
        }
        ItemKind::Cell(cell) => {
            rest.extend(cell.like.iter().map(|like| list("like", vec![Sexp::atom(like)])));
            rest.extend(cell.items.iter().map(item));
            vec![named(&cell.name)]
        }
        ItemKind::For(repeat) => {
            rest.push(list("in", repeat.over.iter().map(Sexp::atom).collect()));
            rest.extend(repeat.items.iter().map(item));
            vec![Sexp::atom(&repeat.variable)]
        }
        ItemKind::Observable(observable) => {
            rest.extend(observable.phrase.iter().map(text_atom));
            rest.push(expr(&observable.value));
            vec![Sexp::atom(&observable.name)]
        }
        ItemKind::Compartment(compartment) => compartment_parts(compartment, rest),
        ItemKind::Species(species) => species_parts(species, rest),
        ItemKind::Complex(complex) => {
            rest.push(side("of", &complex.composition));
            amount_and_places(&complex.amount, &complex.evidence, &complex.places, rest);
            vec![named(&complex.name)]
        }
        ItemKind::Vesicle(vesicle) => {
            amount_and_places(&vesicle.amount, &vesicle.evidence, &vesicle.places, rest);
            rest.extend(vesicle.states.iter().map(state));
            rest.extend(vesicle.diameter.iter().map(diameter));
            vec![named(&vesicle.name)]
        }
        ItemKind::Process(process) => process_parts(process, rest),
        ItemKind::Perturbation(_) | ItemKind::Drug(_) | ItemKind::Experiment(_) | ItemKind::Claim(_) => {
            experiment::parts(kind, rest)
        }
    }
}

pub fn named(name: &NameAlias) -> Sexp {
    match &name.alias {
        Some(alias) => Sexp::List(vec![Sexp::atom(&name.name), text_atom(alias)]),
        None => Sexp::atom(&name.name),
    }
}

pub fn set_parts(set: &Set) -> Vec<Sexp> {
    let how = if set.kind == SetKind::To { "to" } else { "times" };
    vec![Sexp::atom(&set.target), field(how, &set.value)]
}

fn compartment_parts(compartment: &Compartment, rest: &mut Vec<Sexp>) -> Vec<Sexp> {
    rest.push(field("size", &compartment.size));
    match &compartment.placement {
        Placement::Outermost => {}
        Placement::In(place) => rest.push(list("in", vec![Sexp::atom(place)])),
        Placement::Between(a, b) => rest.push(list("between", vec![Sexp::atom(a), Sexp::atom(b)])),
    }
    vec![named(&compartment.name)]
}

fn species_parts(species: &Species, rest: &mut Vec<Sexp>) -> Vec<Sexp> {
    amount_and_places(&species.amount, &species.evidence, &species.places, rest);
    rest.extend(species.fixed.map(|_| Sexp::atom("fixed")));
    rest.extend(species.states.iter().map(state));
    species.names.iter().map(named).collect()
}

fn amount_and_places(amount: &Option<Value>, own: &Option<Evidence>, places: &[Ref], rest: &mut Vec<Sexp>) {
    rest.extend(amount.iter().map(|amount| field("amount", amount)));
    rest.extend(own.iter().map(evidence));
    if !places.is_empty() {
        rest.push(list("in", places.iter().map(Sexp::atom).collect()));
    }
}

fn state(state: &State) -> Sexp {
    let share = state.share.iter().map(expr);
    let diameters = state.diameter.iter().map(diameter);
    list("state", std::iter::once(Sexp::atom(&state.name)).chain(share).chain(diameters).collect())
}

fn diameter(diameter: &Diameter) -> Sexp {
    let spread = diameter.spread.iter().map(|s| list("±", vec![expr(s)]));
    let range = diameter.range.iter().map(|(low, high)| list("..", vec![expr(low), expr(high)]));
    let known = diameter.evidence.iter().map(evidence);
    list("diameter", std::iter::once(expr(&diameter.mean)).chain(spread).chain(range).chain(known).collect())
}

fn side(head: &str, terms: &[Term]) -> Sexp {
    let term = |t: &Term| match t.count_span {
        Some(_) => Sexp::List(vec![Sexp::atom(t.count), Sexp::atom(&t.of)]),
        None => Sexp::atom(&t.of),
    };
    list(head, terms.iter().map(term).collect())
}

fn process_parts(process: &Process, rest: &mut Vec<Sexp>) -> Vec<Sexp> {
    rest.push(process_kind(&process.kind));
    match &process.rate {
        Some(Rate::At { forward, reverse }) => {
            rest.push(field("at", forward));
            rest.extend(reverse.iter().map(|r| field("reverse", r)));
        }
        Some(Rate::Whole(value)) => rest.push(field("rate", value)),
        None => {}
    }
    rest.extend(process.through.iter().map(|t| list("through", vec![Sexp::atom(t)])));
    for capture in &process.captures {
        let enriched = fields([("enriched", &capture.enriched)]);
        rest.push(list("capturing", std::iter::once(Sexp::atom(&capture.what)).chain(enriched).collect()));
    }
    if let Some(turning) = &process.turning {
        rest.push(list("turning", vec![side("from", &turning.left), side("to", &turning.right)]));
    }
    for modifier in &process.modifiers {
        let factors = modifier.factors.iter().map(|factor| {
            let options = fields([("without", &factor.without), ("half", &factor.half)]);
            match options.is_empty() {
                true => Sexp::atom(&factor.who),
                false => Sexp::List(std::iter::once(Sexp::atom(&factor.who)).chain(options).collect()),
            }
        });
        let known = modifier.evidence.iter().map(evidence);
        rest.push(list(&modifier.kind.words().replace(' ', "-"), factors.chain(known).collect()));
    }
    rest.extend(process.evidence.iter().map(evidence));
    let of = process.of.iter().map(|of| list("of", vec![Sexp::atom(of)]));
    std::iter::once(Sexp::atom(&process.name)).chain(of).collect()
}

fn process_kind(kind: &ProcessKind) -> Sexp {
    let two = |head: &str, a: &Ref, b: &Ref| list(head, vec![Sexp::atom(a), Sexp::atom(b)]);
    match kind {
        ProcessKind::Error => Sexp::atom("error"),
        ProcessKind::Reaction { left, arrow, right } => {
            let arrow = if *arrow == Arrow::Forward { "->" } else { "<->" };
            list(arrow, vec![side("from", left), side("to", right)])
        }
        ProcessKind::BudFrom { vesicle, membrane } => two("bud-from", vesicle, membrane),
        ProcessKind::BudInto { vesicle, host } => two("bud-into", vesicle, host),
        ProcessKind::Mature { from, to } => two("mature", from, to),
        ProcessKind::Fuse { vesicle, with } => two("fuse", vesicle, with),
        ProcessKind::Engulf { vesicle, host } => two("engulf", vesicle, host),
        ProcessKind::Degrade { vesicle } => list("degrade", vec![Sexp::atom(vesicle)]),
        ProcessKind::Rupture { vesicle } => list("rupture", vec![Sexp::atom(vesicle)]),
        ProcessKind::Load { what, into } => {
            let enriched = fields([("enriched", &what.enriched)]);
            let into = list("into", into.iter().map(Sexp::atom).collect());
            list("load", std::iter::once(Sexp::atom(&what.what)).chain(enriched).chain([into]).collect())
        }
    }
}
