//! Cells, models and what they are made of.

use smol_str::SmolStr;

use super::places::{declared, place};
use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::ids::*;
use crate::hir::program::{Def, Program};
use crate::source::Span;
use crate::syntax::ast::Ref;

fn group<'p>(program: &'p Program, id: GroupId) -> &'p str {
    program.group(id).map_or("", |g| g.name.as_str())
}

fn noun(program: &Program, id: GroupId) -> &'static str {
    program.describe(Def::Group(id))
}

/// E0501
pub fn like_no_cell(program: &Program, span: Span, base: GroupId) -> Diagnostic {
    let (name, noun) = (group(program, base), noun(program, base));
    let report =
        Diagnostic::new(codes::E0501, format!("a cell can only be like another cell, and `{name}` is a {noun}"))
            .at(span, format!("a {noun}"));
    declared(report, program, Def::Group(base), "declared here")
        .help(format!("to take its declarations in, write `include {name}` in the braces"))
}

/// E0502
pub fn like_circle(program: &Program, span: Span, id: GroupId, base: GroupId) -> Diagnostic {
    let (name, other) = (group(program, id), group(program, base));
    let message = match id == base {
        true => format!("cell `{name}` is like itself"),
        false => format!("cells `{name}` and `{other}` are like each other, in a circle"),
    };
    let report = Diagnostic::new(codes::E0502, message).at(span, "closes the circle");
    declared(report, program, Def::Group(base), "starts from it in turn")
        .help("one of them must say all that it has: leave its `like` out")
}

/// E0503
pub fn not_includable(program: &Program, span: Span, id: GroupId) -> Diagnostic {
    let (name, noun) = (group(program, id), noun(program, id));
    let report =
        Diagnostic::new(codes::E0503, format!("a {noun} can't be included: `{name}`")).at(span, format!("a {noun}"));
    let report = declared(report, program, Def::Group(id), "declared here");
    match noun {
        "hypothesis" => report.fix(format!("switch it on with `assume {name}`"), Vec::new()),
        _ => report
            .help(format!("a model places it: `place NAME: {name}, 1e6 cells in medium`"))
            .help(format!("another cell starts from it: `cell B like {name} {{ … }}`")),
    }
}

/// E0504
pub fn include_circle(program: &Program, span: Span, id: GroupId, other: GroupId) -> Diagnostic {
    let (name, included) = (group(program, id), group(program, other));
    let report = Diagnostic::new(codes::E0504, format!("`{name}` and `{included}` include each other, in a circle"))
        .at(span, "closes the circle");
    declared(report, program, Def::Group(other), "includes it in turn, directly or not")
        .help("move what both need into a pathway of its own that both include")
}

/// W0501
pub fn included_twice(name: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::W0501, format!("`{name}` is included twice"))
        .at(again, "has no effect")
        .also(first, "included here already")
        .help("leave one out")
}

/// E0505
pub fn not_a_hypothesis(program: &Program, span: Span, id: GroupId) -> Diagnostic {
    let (name, noun) = (group(program, id), noun(program, id));
    let report = Diagnostic::new(codes::E0505, format!("only hypotheses are assumed, and `{name}` is a {noun}"))
        .at(span, format!("a {noun}"));
    declared(report, program, Def::Group(id), "declared here")
        .help(format!("write `include {name}`, or declare it as a `hypothesis`"))
}

/// E0506
pub fn place_of_no_cell(program: &Program, span: Span, id: GroupId) -> Diagnostic {
    let (name, noun) = (group(program, id), noun(program, id));
    let report = Diagnostic::new(codes::E0506, format!("a cell is wanted here, and `{name}` is a {noun}"))
        .at(span, format!("a {noun}"));
    declared(report, program, Def::Group(id), "declared here")
        .help(format!("declare a cell that has it: `cell MyCell {{ include {name} }}`"))
}

/// E0507
pub fn place_in_membrane(program: &Program, id: CompartmentId, span: Span) -> Diagnostic {
    let name = place(program, id);
    let report = Diagnostic::new(codes::E0507, format!("cells can't be placed in `{name}`, which is a membrane"))
        .at(span, "a volume is wanted here");
    declared(report, program, Def::Compartment(id), "declared between two volumes")
        .help("place them in the volume around them, such as the medium")
}

/// E0508
pub fn place_not_in_model(program: &Program, id: CompartmentId, span: Span, model: GroupId) -> Diagnostic {
    let (name, model_name) = (place(program, id), group(program, model));
    let report = Diagnostic::new(codes::E0508, format!("model `{model_name}` has no `{name}` of its own"))
        .at(span, "declared elsewhere, and not included in the model");
    let report = declared(report, program, Def::Compartment(id), "declared here");
    declared(report, program, Def::Group(model), "in this model").help(format!(
        "declare `compartment {name} = 1 mL` in the model, or `include` a group that has it, such as `std.places.dish`"
    ))
}

/// E0509
pub fn set_of_nothing(target: &Ref, declared: Option<Span>, group: &str, span: Span) -> Diagnostic {
    let mut report = Diagnostic::new(codes::E0509, format!("`{group}` has no `{target}` to set"))
        .at(target.span, "nothing that belongs to it uses this")
        .also(span, "what belongs to it: its declarations, its includes, and what they refer to");
    if let Some(declared) = declared {
        report = report.also(declared, "declared here");
    }
    report.help("include the pathway that uses it, or leave the `set` out")
}

/// W0503
pub fn set_twice(target: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::W0503, format!("`{target}` is set twice in one place"))
        .at(again, "the last one counts")
        .also(first, "without effect")
        .help("leave one out")
}

/// E0510
pub fn required_unset(
    name: &str,
    param: Span,
    user: Option<Span>,
    span: Span,
    cell: Option<(SmolStr, Span)>,
) -> Diagnostic {
    let mut report = Diagnostic::new(codes::E0510, format!("`{name}` has no value, and is required"))
        .at(span, format!("needs a value of `{name}`"))
        .also(param, "left open here, since the literature leaves it open");
    if let Some(user) = user {
        report = report.also(user, "used here");
    }
    match cell {
        Some((cell, at)) => {
            report.also(at, "nothing sets it here").help(format!("write `set {name} = …` in cell `{cell}`"))
        }
        None => report.help(format!("write `set {name} = …` in the model")),
    }
}

/// W0504
pub fn cell_without_outside(program: &Program, id: GroupId, span: Span) -> Diagnostic {
    let name = group(program, id);
    let report = Diagnostic::new(
        codes::W0504,
        format!("cell `{name}` has no compartments, so nothing of it meets what is around it"),
    )
    .at(span, "placed here");
    declared(report, program, Def::Group(id), "nothing here lies anywhere")
        .help("include pathways with molecules or vesicles `in` compartments")
}

/// W0502
pub fn nothing_happens(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(codes::W0502, format!("nothing happens in model `{name}`: it has no processes"))
        .at(span, "amounts stay as they are")
        .help("add a `process`, `include` a pathway that has some, or `place` a cell that does")
}
