//! Processes whose pools can't be told, or don't go together.

use super::places::{declared, place, vesicle};
use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::expr::{Entity, Location, Pool};
use crate::hir::ids::*;
use crate::hir::program::{Def, Program};
use crate::source::Span;
use crate::syntax::ast::{State, Term};

/// The name of an entity.
pub fn entity<'p>(program: &'p Program, what: Entity) -> &'p str {
    match what {
        Entity::Molecule(id) => program.molecules.get(id.index()).map_or("", |m| m.name.as_str()),
        Entity::Vesicle(id) => vesicle(program, id),
    }
}

pub fn def(what: Entity) -> Def {
    match what {
        Entity::Molecule(id) => Def::Molecule(id),
        Entity::Vesicle(id) => Def::Vesicle(id),
    }
}

/// `MVB.docked@cytosol`: a chain of places as one would write it after `@`.
pub fn chain(program: &Program, at: &[Location]) -> String {
    let names = at.iter().map(|location| match location {
        Location::Compartment(id) => place(program, *id).to_owned(),
        Location::Vesicle(id, state) => {
            let name = vesicle(program, *id);
            match state.and_then(|s| program.vesicle_states(*id).get(s.index())) {
                Some(state) => format!("{name}.{}", state.name),
                None => name.to_owned(),
            }
        }
        Location::Scope(_) | Location::Anywhere => "everywhere".to_owned(),
    });
    names.collect::<Vec<_>>().join("@")
}

/// E0420
pub fn place_too_wide(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0420, "a process takes place in one place")
        .at(span, "this means several")
        .help("name one compartment after `@`; `everywhere` and cells are for measures")
}

/// E0421
pub fn no_place(program: &Program, pool: &Pool) -> Diagnostic {
    let name = entity(program, pool.what);
    let report = Diagnostic::new(codes::E0421, format!("where is `{name}`?"))
        .at(pool.span, "declared without a place, and nothing else here tells");
    declared(report, program, def(pool.what), "declared here")
        .help(format!("write `{name}@PLACE`, or declare it `in` a place"))
}

/// E0422
pub fn ambiguous_place(program: &Program, pool: &Pool, choices: &[Vec<Location>]) -> Diagnostic {
    let name = entity(program, pool.what);
    let report = Diagnostic::new(codes::E0422, format!("`{name}` is in several places; which one is meant?"))
        .at(pool.span, "could be any of them");
    let report = declared(report, program, def(pool.what), "declared in several places");
    // Several chains can begin alike: the first step that tells them apart is enough for the suggestion.
    let mut report = report;
    for choice in choices.iter().take(6) {
        let text = format!("@{}", chain(program, choice));
        let insert = if pool.at.is_empty() { vec![(pool.span.after(), text.clone())] } else { Vec::new() };
        report = report.fix(format!("`{name}{text}`"), insert);
    }
    report
}

/// E0423
pub fn ambiguous_state(program: &Program, pool: &Pool, states: &[State]) -> Diagnostic {
    let name = entity(program, pool.what);
    let list = super::names::join(states.iter().map(|s| s.name.text.as_str()), "or");
    let report = Diagnostic::new(codes::E0423, format!("`{name}` is made here; in which state?"))
        .at(pool.span, format!("{list}?"));
    let report = declared(report, program, def(pool.what), "has several states");
    report.help(format!("say it, as in `{name}.{}`", states.first().map_or("", |s| s.name.text.as_str())))
}

/// E0424
pub fn molecules_with_vesicles(program: &Program, one: &Pool, molecule: &Pool) -> Diagnostic {
    let (v, m) = (entity(program, one.what), entity(program, molecule.what));
    Diagnostic::new(codes::E0424, "molecules and vesicles can't react with each other")
        .at(one.span, format!("`{v}` is a vesicle class"))
        .also(molecule.span, format!("`{m}` is a molecule"))
        .help("let the molecule matter with `needs` or in the rate; it gets into vesicles by `capturing`")
}

/// E0425
pub fn vesicles_react(process: Span, left: &[Term], right: &[Term]) -> Diagnostic {
    let report = Diagnostic::new(codes::E0425, "vesicles don't react in numbers");
    let report = match left.iter().chain(right).next() {
        Some(first) => report.at(first.span, "one vesicle at a time can appear, change or go"),
        None => report.at(process, "one vesicle at a time can appear, change or go"),
    };
    report.help("write `-> V`, `V.a -> V.b` or `V ->`; two vesicles meet in `fuse V with W`")
}

/// E0426
pub fn nothing_happens(process: Span) -> Diagnostic {
    Diagnostic::new(codes::E0426, "nothing is on either side of the arrow")
        .at(process, "nothing happens in this process")
        .help("write what is used up on the left, and what comes of it on the right")
}

/// E0427
pub fn captures_without_bud(capture: Span, process: Span) -> Diagnostic {
    Diagnostic::new(codes::E0427, "only a vesicle that buds can capture something")
        .at(capture, "nothing buds here")
        .also(process, "in this process")
        .help("move `capturing` to the process that buds the vesicle, or leave it out")
}

/// E0419
pub fn turns_without_vesicle(turning: Span, process: Span, back: bool) -> Diagnostic {
    let (message, label, help) = match back {
        true => ("what turns over with vesicles does so one way", "which way?", "write a process for each way"),
        false => (
            "only with a vesicle can molecules turn over beside a process",
            "no vesicle does anything here",
            "make it a process of its own: `process NAME: A -> B at k`",
        ),
    };
    Diagnostic::new(codes::E0419, message).at(turning, label).also(process, "in this process").help(help)
}

/// E0435
pub fn turns_in_vesicles(program: &Program, what: &Pool) -> Diagnostic {
    let name = entity(program, what.what);
    let (message, label) = match what.what {
        Entity::Vesicle(_) => (format!("`{name}` is a vesicle class: only molecules turn over"), "a vesicle class"),
        Entity::Molecule(_) => {
            (format!("only what lies in a place turns over, not `{name}` in vesicles"), "in vesicles")
        }
    };
    let report = Diagnostic::new(codes::E0435, message).at(what.span, label);
    declared(report, program, def(what.what), "declared here").help("make it a process of its own, beside this one")
}

/// E0428
pub fn captures_vesicle(program: &Program, what: &Pool) -> Diagnostic {
    let name = entity(program, what.what);
    let report = Diagnostic::new(codes::E0428, format!("vesicles such as `{name}` are not captured"))
        .at(what.span, "a vesicle class");
    declared(report, program, def(what.what), "declared here")
        .help(format!("vesicles get into others by `engulf {name} into …` or `bud {name} into …`"))
}

/// E0429
pub fn captured_elsewhere(program: &Program, what: &Pool, source: &[Location], bound: bool) -> Diagnostic {
    let name = entity(program, what.what);
    let source = chain(program, source);
    let why = match bound {
        true => format!("it is membrane-bound, so it comes from `{source}`, whose membrane the bud is made of"),
        false => format!("the lumen of the bud is filled from `{source}`"),
    };
    let report = Diagnostic::new(codes::E0429, format!("this bud can't capture `{name}` from there"));
    declared(report.at(what.span, why), program, def(what.what), "declared here")
        .help("leave out the `@…`: where a capture comes from follows from geometry")
}

/// W0402
pub fn nothing_to_capture(
    program: &Program,
    what: &Pool,
    source: CompartmentId,
    bound: bool,
    process: Span,
) -> Diagnostic {
    let (name, from) = (entity(program, what.what), place(program, source));
    let why = match bound {
        true => format!("this bud is made of `{from}`, and `{name}` is not declared in it"),
        false => format!("the lumen of this bud is filled from `{from}`, and `{name}` is not declared in it"),
    };
    let report = Diagnostic::new(codes::W0402, format!("there may be no `{name}` to capture")).at(what.span, why);
    declared(report.also(process, "buds here"), program, def(what.what), "declared elsewhere")
        .help("bud from another membrane, or let a process bring it there")
}

/// W0401
pub fn through_nothing(through: Span, process: Span) -> Diagnostic {
    Diagnostic::new(codes::W0401, "nothing crosses a membrane here, so there is nothing to go through")
        .at(through, "no effect")
        .also(process, "everything stays on its side in this process")
        .help("leave `through` out, or say with `@` where it goes")
}

/// E0434
pub fn unbalanced(
    program: &Program,
    left: &[(Pool, u32)],
    right: &[(Pool, u32)],
    wrong: &[(MoleculeId, u32, u32)],
) -> Diagnostic {
    let span = |side: &[(Pool, u32)]| {
        let spans = side.iter().map(|(pool, _)| pool.span);
        spans.reduce(|a, b| if a.file == b.file { a.to(b) } else { a }).unwrap_or_default()
    };
    let count = |side: usize| {
        let counts = wrong.iter().map(|(id, before, after)| {
            let n = if side == 0 { before } else { after };
            format!("{n} {}", entity(program, Entity::Molecule(*id)))
        });
        counts.collect::<Vec<_>>().join(", ")
    };
    let names = wrong.iter().map(|(id, ..)| entity(program, Entity::Molecule(*id)));
    let mut report = Diagnostic::new(
        codes::E0434,
        format!("what enters does not leave: {} is not balanced", super::names::join(names, "and")),
    )
    .at(span(right), format!("holds {}", count(1)))
    .also(span(left), format!("holds {}", count(0)));
    let mut shown = Vec::new();
    for (pool, _) in left.iter().chain(right) {
        let Entity::Molecule(id) = pool.what else { continue };
        if !shown.contains(&id)
            && program.molecules.get(id.index()).is_some_and(|m| m.ast.kind() == crate::hir::MoleculeKind::Complex)
        {
            shown.push(id);
            report = declared(report, program, Def::Molecule(id), "its composition");
        }
    }
    report.help("add what is missing to one side; what appears or goes needs a process of its own, `-> X` or `X ->`")
}
