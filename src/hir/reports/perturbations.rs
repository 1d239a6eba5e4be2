//! Perturbations and drugs that can't be done.

use super::quote::quote;
use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::scope::Context;
use crate::source::Span;
use crate::syntax::ast::{Path, PerturbationKind, Ref};

/// E0550
pub fn knockdown_by_how_much(target: &Ref) -> Diagnostic {
    Diagnostic::new(codes::E0550, format!("a knockdown of `{target}` by how much?"))
        .at(target.span, "no share is given")
        .fix("say what share of it is gone, such as 85 %", vec![(target.span.after(), " by 85 %".to_owned())])
        .help("for all of it write `knockout`")
}

/// E0551
pub fn share_out_of_range(context: &Context, share: Span, target: &Ref, found: f64) -> Diagnostic {
    let what = if found > 1.0 { "more than all of it" } else { "less than nothing" };
    let report = Diagnostic::new(
        codes::E0551,
        format!("a knockdown by {} takes away {what}", quote(context, share).trim_matches('`')),
    )
    .at(share, "not between 0 % and 100 %")
    .also(target.span, "of this");
    if found > 1.0 {
        return report.help("a knockdown `by 85 %` leaves 15 %; for all of it write `knockout`");
    }
    report.help("for more of it than usual write `overexpression`")
}

/// E0552
pub fn lowers_in_overexpression(context: &Context, factor: Span, target: &Ref) -> Diagnostic {
    Diagnostic::new(codes::E0552, format!("{} is no overexpression of `{target}`", quote(context, factor)))
        .at(factor, "less than the usual amount")
        .also(target.span, "of this")
        .help("an overexpression is by a factor above 1; for less write `knockdown … by`")
}

/// E0553
pub fn overexpression_by_how_much(target: &Ref, given: Option<Span>) -> Diagnostic {
    let (at, what) = match given {
        Some(span) => (span, "a share is for knockdowns"),
        None => (target.span, "no factor is given"),
    };
    Diagnostic::new(codes::E0553, format!("an overexpression of `{target}` by what factor?"))
        .at(at, what)
        .help(format!("write the factor after it: `{target} 5 fold`"))
}

/// E0554
pub fn partial_knockout(target: &Ref, degree: Span) -> Diagnostic {
    Diagnostic::new(codes::E0554, "a knockout takes away all of it")
        .at(degree, "so it has no degree")
        .also(target.span, "of this")
        .help("write `knockdown` for a part, or leave the degree out")
}

/// E0555
pub fn not_to_be_perturbed(target: &Ref, verb: &str) -> Diagnostic {
    Diagnostic::new(codes::E0555, format!("`{target}` can't be {verb}"))
        .at(target.span, "not a molecule as a whole")
        .note("a perturbation is of a molecule in all its states and places, since a cell makes it or doesn't")
        .help("name the molecule alone, without a state or `@place`")
}

/// E0556
pub fn not_in_model(target: Span, name: &str, model: &str, used: Option<Span>) -> Diagnostic {
    let report = Diagnostic::new(codes::E0556, format!("there is no `{name}` in model `{model}`"))
        .at(target, "nothing that belongs to the model refers to it")
        .help("include a pathway that uses it, or perturb something else");
    match used {
        Some(span) if span != target => report.also(span, format!("used here, on `{model}`")),
        _ => report,
    }
}

/// E0557
pub fn empty_perturbation(kind: PerturbationKind, name: Span) -> Diagnostic {
    let word = kind.keyword();
    Diagnostic::new(codes::E0557, format!("this {word} is of nothing"))
        .at(name, "its braces are empty")
        .help(format!("name what it is of: `{word} name {{ Hrs }}`"))
}

/// E0558
pub fn no_potency(action: Span, target: &Ref, activates: bool) -> Diagnostic {
    let (verb, option) = if activates { ("activates", "ec50") } else { ("inhibits", "ic50") };
    Diagnostic::new(codes::E0558, format!("at what concentration it {verb} `{target}` isn't said"))
        .at(action, "no potency")
        .fix(format!("give it: `{target} ({option}: 1 uM)`"), vec![])
}

/// E0559
pub fn two_potencies(ki: Span, ic50: Span) -> Diagnostic {
    Diagnostic::new(codes::E0559, "`ki` and `ic50` are two words for one number here")
        .at(ic50, "this is the half-inhibiting concentration")
        .also(ki, "and so is this")
        .help("keep the one that was measured in cells")
}

/// E0560
pub fn hill_not_positive(hill: Span) -> Diagnostic {
    Diagnostic::new(codes::E0560, "a Hill coefficient must be positive")
        .at(hill, "zero or less")
        .help("1 means one binding site; leave it out for 1")
}

/// E0561
pub fn option_of_the_other(option: Span, name: &str, activates: bool) -> Diagnostic {
    let (has, other) = if activates {
        ("an activator has `ec50`, `max` and `hill`", "an activator")
    } else {
        ("an inhibitor has `ki` or `ic50`, `hill` and `irreversible`", "an inhibitor")
    };
    Diagnostic::new(codes::E0561, format!("`{name}` is no property of {other}"))
        .at(option, "doesn't belong here")
        .note(has)
}

/// E0562
pub fn no_maximum(at: Span, given: bool) -> Diagnostic {
    let what = if given { "not above 1" } else { "no `max`" };
    Diagnostic::new(codes::E0562, "an activator needs a highest factor above 1")
        .at(at, what)
        .help("say how active it makes its target at most: `max: 3 fold`")
}

/// E0563
pub fn nothing_to_act_on(target: &Ref) -> Diagnostic {
    Diagnostic::new(codes::E0563, format!("a drug can't act on `{target}`"))
        .at(target.span, "neither a molecule nor a process")
        .help("name the molecule whose activity it changes, without a state, or the process whose rate it changes")
}

/// E0564
pub fn acts_on_nothing(name: Span) -> Diagnostic {
    Diagnostic::new(codes::E0564, "this drug does nothing")
        .at(name, "its braces are empty")
        .help("say what it does: `inhibits nSMase2 (ic50: 1 uM)`")
}

/// E0565
pub fn same_target_twice(again: &Ref, first: Span) -> Diagnostic {
    Diagnostic::new(codes::E0565, format!("this drug acts on `{again}` twice"))
        .at(again.span, "again")
        .also(first, "first here")
        .help("keep one, or say in which cells each holds with `in CELL`")
}

/// E0566
pub fn not_a_cell(path: &Path) -> Diagnostic {
    Diagnostic::new(codes::E0566, format!("`{path}` is no cell")).at(path.span, "after `in` comes a type of cell")
}

/// W0550
pub fn nothing_depends(target: Span, name: &str, model: &str) -> Diagnostic {
    Diagnostic::new(codes::W0550, format!("no process of model `{model}` depends on `{name}`"))
        .at(target, "so nothing will change")
        .help(format!("say what it does, with `needs {name}` or `promoted by {name}` on a process"))
}

/// W0551
pub fn no_target_here(used: Span, drug: &str, model: &str, declared: Span) -> Diagnostic {
    Diagnostic::new(codes::W0551, format!("`{drug}` has no target in model `{model}`"))
        .at(used, "so nothing will change")
        .also(declared, "acts on nothing that the model contains")
}
