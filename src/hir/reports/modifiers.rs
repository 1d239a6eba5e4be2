//! Modifiers that say too little, too much or the opposite.

use super::places::{declared, vesicle};
use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::ids::*;
use crate::hir::program::{Def, Program};
use crate::source::Span;
use crate::syntax::ast::{Factor, ModifierKind};

/// E0451
pub fn without_missing(kind: ModifierKind, factor: &Factor) -> Diagnostic {
    let (who, words) = (&factor.who, kind.words());
    let example = if kind == ModifierKind::PromotedBy { "40 %" } else { "2 fold" };
    Diagnostic::new(codes::E0451, format!("`{words} {who}` does not say how much"))
        .at(factor.who.span, "what is the rate without it?")
        .note("the number is what a knockout experiment reports: the rate without it, relative to the rate with it")
        .fix(
            format!("say it, as in `(without: {example})`"),
            vec![(factor.who.span.after(), format!(" (without: {example})"))],
        )
}

/// E0452
pub fn without_out_of_range(kind: ModifierKind, without: f64, span: Span) -> Diagnostic {
    let (words, side) = match kind {
        ModifierKind::PromotedBy => ("promoted by", "below 1 and not negative: the rate is lower without a promoter"),
        _ => ("inhibited by", "above 1: the rate is higher without an inhibitor"),
    };
    let other = if kind == ModifierKind::PromotedBy { "inhibited by" } else { "promoted by" };
    let report = Diagnostic::new(codes::E0452, format!("`without` of `{words}` must be {side}"))
        .at(span, format!("this is {without} fold"));
    match (kind, without > 1.0, without >= 0.0) {
        (ModifierKind::PromotedBy, true, _) | (ModifierKind::InhibitedBy, false, true) if without != 1.0 => {
            report.help(format!("if that is what was seen, write `{other}`"))
        }
        _ => report.help("a factor of 1 would be no effect: leave the modifier out"),
    }
}

/// E0453
pub fn needs_without(span: Span, who: Span) -> Diagnostic {
    Diagnostic::new(codes::E0453, "what a process needs can't be done without")
        .at(span, "`needs` means that nothing happens without it")
        .also(who, "needed")
        .help("leave it out, or write `promoted by` if something remains")
}

/// E0454
pub fn half_out_of_place(kind: ModifierKind, half: f64, span: Span) -> Diagnostic {
    let report = Diagnostic::new(codes::E0454, "`half` is the relative amount at which an effect is half saturated");
    match kind {
        ModifierKind::InhibitedBy => report
            .at(span, "inhibition does not saturate this way")
            .help("leave it out; an inhibitor's strength is in `without`"),
        _ => report.at(span, format!("this is {half}")).help("give a number above 0, such as `half: 0.5`"),
    }
}

/// E0455
pub fn vesicle_as_modifier(program: &Program, id: VesicleId, span: Span) -> Diagnostic {
    let name = vesicle(program, id);
    let report = Diagnostic::new(codes::E0455, format!("vesicle class `{name}` can't modify a process"))
        .at(span, "modifiers are molecules, measured by their amounts before the experiment");
    declared(report, program, Def::Vesicle(id), "declared as a vesicle class")
        .help(format!("write the dependence into the rate, as in `rate k * {name}`"))
}

/// E0456
pub fn modifier_without_reference(program: &Program, id: MoleculeId, state: Option<&str>, span: Span) -> Diagnostic {
    let name = program.molecules.get(id.index()).map_or("", |m| m.name.as_str());
    let what = state.map_or(name.to_owned(), |state| format!("{name}.{state}"));
    let report = Diagnostic::new(codes::E0456, format!("there is no `{what}` at first to compare with"))
        .at(span, "its effect is measured relative to its initial amount, which is 0");
    let report = declared(report, program, Def::Molecule(id), "declared without any of it");
    match state {
        Some(state) => {
            report.help(format!("give state `{state}` a share above 0 %, or write the dependence into the rate"))
        }
        None => report.help(format!("give `{name}` an initial amount, or write the dependence into the rate")),
    }
}

/// W0403
pub fn modifier_twice(who: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::W0403, format!("`{who}` modifies this process twice"))
        .at(again, "counted again")
        .also(first, "counted here")
        .help("join both into one modifier, or leave one out")
}
