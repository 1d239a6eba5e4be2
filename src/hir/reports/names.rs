//! Names that are missing, doubled, ambiguous or of the wrong kind.

use crate::diagnostics::{Diagnostic, nearest, registry as codes};
use crate::hir::expr::Entity;
use crate::hir::ids::*;
use crate::hir::library::Library;
use crate::hir::program::{Def, Program, Space};
use crate::hir::scope::{At, Context};
use crate::hir::units::Units;
use crate::source::Span;
use crate::syntax::ast::{Name, State};

/// Names are guessed for no more unknown ones than this.
const MOST_GUESSES: usize = 200;

/// E0201, or E0209 if a module of the library has it.
pub fn unknown_name(context: &Context, name: &Name, at: At, spaces: &[Space]) -> Diagnostic {
    let imports = context.library.paths(&name.text);
    if !imports.is_empty() {
        return not_imported(context.program, name, at.site, imports);
    }
    let report = Diagnostic::new(codes::E0201, format!("there is nothing named `{name}` here"));
    let report = report.at(name.span, "nothing of that name");
    // Among so many mistakes nobody reads what each may have been meant for.
    if context.sink.diagnostics.len() > MOST_GUESSES {
        return report.help(format!("declare `{name}`, or import it with `use`"));
    }
    let mut known: Vec<&str> = spaces.iter().flat_map(|space| context.program.visible(*space, at.site)).collect();
    known.extend(at.locals.iter().map(|l| l.as_str()));
    if let Some(model) = at.model.and_then(|m| context.models.get(m)) {
        known.extend(model.things.keys().chain(model.scopes.keys()).map(|n| n.as_str()));
        known.sort_unstable();
    }
    if let Some(near) = nearest(&name.text, known.iter().copied()) {
        return spelling(report, name, near);
    }
    if let Some(near) = nearest(&name.text, context.library.names())
        && let [path, ..] = context.library.paths(near)
    {
        return report.help(format!("the library has `{near}`: add `use {path}` and write `{near}`"));
    }
    report.help(format!("declare `{name}`, or import it with `use`"))
}

/// W0604
pub fn namesake(program: &Program, name: &Name, own: Def, model: Def) -> Diagnostic {
    let span = |def| program.name_of(def).map(|(_, span)| span);
    let mut report = Diagnostic::new(codes::W0604, format!("the `{name}` of this file is not in the model"))
        .at(name.span, "taken for the one that the model has");
    if let Some(span) = span(own) {
        report = report.also(span, "this one is not in the model");
    }
    if let Some(span) = span(model) {
        report = report.also(span, "this one is meant");
    }
    report.help("import it instead of declaring another, or build the model from the one declared here")
}

/// E0209
fn not_imported(program: &Program, name: &Name, site: SiteId, paths: &[String]) -> Diagnostic {
    let mut report = Diagnostic::new(codes::E0209, format!("`{name}` is not imported"))
        .at(name.span, "the library has it, but this file doesn't import it");
    let module = program.site(site).and_then(|s| program.modules.get(s.module.index()));
    for path in paths.iter().take(3) {
        let edits = module.map(|m| vec![(use_position(m.ast), format!("use {path}\n"))]).unwrap_or_default();
        report = report.fix(format!("import it: `use {path}`"), edits);
    }
    report
}

/// Where another `use` goes: before the first item.
fn use_position(ast: &crate::syntax::ast::Ast) -> Span {
    let first = ast.items.first();
    let start = first
        .map_or(ast.span.end, |item| item.docs.as_ref().map_or(item.span.start, |d| d.span.start.min(item.span.start)));
    Span { file: ast.span.file, start, end: start }
}

fn spelling(report: Diagnostic, name: &Name, near: &str) -> Diagnostic {
    report.fix(format!("did you mean `{near}`?"), vec![(name.span, near.to_owned())])
}

/// E0202
pub fn declared_twice(name: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::E0202, format!("`{name}` is declared twice"))
        .at(again, "declared again here")
        .also(first, "first declared here")
        .help("give one of them another name; to change a value in one cell, use `set` there")
}

/// E0203
pub fn shadows_unit(name: &Name, noun: &str) -> Diagnostic {
    Diagnostic::new(codes::E0203, format!("`{name}` is a unit, so no {noun} can have that name"))
        .at(name.span, "the name of a unit")
        .note("units keep their meaning everywhere, so that `5 h` can only ever be five hours")
        .help(format!("write out what it is, such as `{name}_value`"))
}

/// E0204
pub fn ambiguous(program: &Program, name: &Name, choices: impl Iterator<Item = Def>) -> Diagnostic {
    let mut report = Diagnostic::new(codes::E0204, format!("`{name}` can mean several things here"))
        .at(name.span, "which one is meant?");
    let mut qualified = Vec::new();
    for def in choices {
        if let Some((_, span)) = program.name_of(def) {
            report = report.also(span, format!("this {}", program.describe(def)));
        }
        qualified.extend(program.owner_name(def).map(|owner| format!("`{owner}.{name}`")));
    }
    match qualified.is_empty() {
        true => report.help("rename one of them, or import the one that is meant with `use`"),
        false => report.help(format!("say which: {}", qualified.join(" or "))),
    }
}

/// E0205
pub fn wrong_kind(program: &Program, span: Span, found: Def, wanted: &str) -> Diagnostic {
    let name = program.name_of(found).map_or("", |(name, _)| name.as_str());
    let noun = program.describe(found);
    let mut report = Diagnostic::new(codes::E0205, format!("{wanted} is wanted here, but `{name}` is a {noun}"))
        .at(span, format!("a {noun}"));
    if let Some((_, declared)) = program.name_of(found).filter(|(_, declared)| *declared != span) {
        report = report.also(declared, "declared here");
    }
    report.help(format!("name {wanted} instead"))
}

/// E0206, or E0207 if there are no states at all.
pub fn unknown_state(program: &Program, name: &Name, of: Entity, states: &[State]) -> Diagnostic {
    let def = match of {
        Entity::Molecule(id) => Def::Molecule(id),
        Entity::Vesicle(id) => Def::Vesicle(id),
    };
    let (owner, declared) = program.name_of(def).map_or(("", None), |(n, span)| (n.as_str(), Some(span)));
    if states.is_empty() {
        let report = Diagnostic::new(codes::E0207, format!("`{owner}` has no states"))
            .at(name.span, format!("so there is no `{owner}.{name}`"));
        let report = declared.map_or(report.clone(), |span| report.also(span, "declared without states"));
        return report.help(format!("declare them, as in `{{ {name}, … }}`, or leave `.{name}` out"));
    }
    let mut report =
        Diagnostic::new(codes::E0206, format!("`{owner}` has no state `{name}`")).at(name.span, "no such state");
    if let (Some(first), Some(last)) = (states.first(), states.last()) {
        let list = join(states.iter().map(|s| s.name.text.as_str()), "and");
        report = report.also(first.name.span.to(last.name.span), format!("its states are {list}"));
    }
    match nearest(&name.text, states.iter().map(|s| s.name.text.as_str())) {
        Some(near) => spelling(report, name, near),
        None => report.help(format!("use one of {}", join(states.iter().map(|s| s.name.text.as_str()), "or"))),
    }
}

/// E0208
pub fn no_part(program: &Program, name: &Name, of: Def) -> Diagnostic {
    let (owner, noun) = (program.name_of(of).map_or("", |(n, _)| n.as_str()), program.describe(of));
    let report = Diagnostic::new(codes::E0208, format!("there is no `{name}` in {noun} `{owner}`"))
        .at(name.span, "nothing of that name in it");
    let parts = program.parts(of);
    match nearest(&name.text, parts.iter().copied()) {
        Some(near) => spelling(report, name, near),
        None if parts.is_empty() => report.help(format!("a {noun} has no named parts: leave `.{name}` out")),
        None if parts.len() <= 12 => report.help(format!("it has {}", join(parts.iter().copied(), "and"))),
        None => report.help(format!("declare it there, or look at what {noun} `{owner}` declares")),
    }
}

/// E0208, of a state.
pub fn state_of_a_state(name: &Name, state: &Name) -> Diagnostic {
    Diagnostic::new(codes::E0208, format!("a state has no parts, so there is no `{state}.{name}`"))
        .at(name.span, "nothing can follow a state but a place")
        .help(format!("leave `.{name}` out; a place is written with `@`"))
}

/// E0210
pub fn unknown_function(
    program: &Program,
    name: &Name,
    site: SiteId,
    builtins: &[&str],
    library: &Library,
) -> Diagnostic {
    if let paths @ [_, ..] = library.paths(&name.text) {
        return not_imported(program, name, site, paths);
    }
    let report = Diagnostic::new(codes::E0210, format!("there is no function `{name}`"))
        .at(name.span, "no function of that name");
    let known = program.visible(Space::Thing, site);
    match nearest(&name.text, builtins.iter().copied().chain(known)) {
        Some(near) => spelling(report, name, near),
        None => report
            .help(format!("declare it with `fn {name}(x) = …`; there are {}", join(builtins.iter().copied(), "and"))),
    }
}

/// E0211
pub fn unknown_unit(program: &Program, units: &Units, name: &Name) -> Diagnostic {
    let report =
        Diagnostic::new(codes::E0211, format!("there is no unit `{name}`")).at(name.span, "no unit of that name");
    let own = program.units.iter().map(|u| u.name.as_str());
    let meant = units.meant_by(&name.text).or_else(|| nearest(&name.text, units.names().into_iter().chain(own)));
    match meant {
        Some(near) => spelling(report, name, near),
        None => report.help(format!("declare it with `unit {name} = …`, or put an operator between number and name")),
    }
}

/// E0212
pub fn unknown_source(program: &Program, name: &Name, site: SiteId, library: &Library) -> Diagnostic {
    if let paths @ [_, ..] = library.paths(&name.text) {
        return not_imported(program, name, site, paths);
    }
    let report = Diagnostic::new(codes::E0212, format!("there is no source of citations named `{name}`"))
        .at(name.span, "cited, but not declared");
    match nearest(&name.text, program.sources.iter().map(|s| s.name.as_str())) {
        Some(near) => spelling(report, name, near),
        None => report.help(format!("name it once, with `source {name} = \"…\"`, or cite `doi\"…\"` or `pmid\"…\"`")),
    }
}

/// E0213
pub fn has_no_places(program: &Program, place: Span, def: Def) -> Diagnostic {
    let (name, noun) = (program.name_of(def).map_or("", |(n, _)| n.as_str()), program.describe(def));
    Diagnostic::new(codes::E0213, format!("`{name}` is a {noun}, which is not in one place rather than another"))
        .at(place, "only molecules and vesicles are somewhere")
        .help("leave the `@…` out")
}

/// E0214
pub fn cell_alone(name: &Name) -> Diagnostic {
    Diagnostic::new(codes::E0214, format!("`{name}` is a placed cell, and has no value of its own"))
        .at(name.span, "which thing in it?")
        .help(format!("name something in it, as in `{name}.Rab27a`, or ask for `…@{name}`"))
}

/// E0215
pub fn not_in_cell(context: &Context, name: &Name, scope: ScopeId, at: At) -> Diagnostic {
    let model = at.model.and_then(|m| context.models.get(m));
    let cell = model.and_then(|m| m.scopes.iter().find(|(_, s)| **s == scope)).map_or("", |(n, _)| n.as_str());
    let report = Diagnostic::new(codes::E0215, format!("cell `{cell}` has no `{name}`"))
        .at(name.span, format!("nothing of that name in `{cell}`"));
    let mut known: Vec<&str> = model
        .map(|m| {
            m.things
                .iter()
                .filter(|(_, d)| d.iter().any(|(_, s)| s.contains(&scope)))
                .map(|(n, _)| n.as_str())
                .collect()
        })
        .unwrap_or_default();
    known.sort_unstable();
    match nearest(&name.text, known) {
        Some(near) => spelling(report, name, near),
        None => report.help("include the pathway that has it in the cell, or ask another cell"),
    }
}

/// `a, b and c`.
pub fn join<'a>(words: impl Iterator<Item = &'a str>, last: &str) -> String {
    let words: Vec<String> = words.map(|w| format!("`{w}`")).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., end] => format!("{} {last} {end}", init.join(", ")),
    }
}

/// E0216
pub fn repeated_without_of(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0216, format!("each round of the `for` makes a process named `{name}`"))
        .at(span, "declared once for each value")
        .help(format!("write `{name} of X`, where `X` is the variable of the `for`"))
}

/// E0217
pub fn repeated_value(name: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::E0217, format!("`{name}` is twice among the values of this `for`"))
        .at(again, "again")
        .also(first, "here already")
        .help("leave one out")
}

/// E0218
pub fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0218, "repetitions are nested too deeply")
        .at(span, "more than eight within each other")
        .help("write the declarations out, or in a pathway of their own")
}

/// E0218
pub fn too_often(span: Span, limit: usize) -> Diagnostic {
    Diagnostic::new(codes::E0218, format!("this repeats declarations more than {limit} times"))
        .at(span, "for each of its values, in each round of those around it")
        .help("repeat for fewer values")
}
