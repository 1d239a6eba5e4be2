//! Experiments that can't be run as written.

use smol_str::SmolStr;

use super::quote::{kind, quote};
use crate::diagnostics::{Diagnostic, nearest, registry as codes};
use crate::hir::VesicleHome;
use crate::hir::ids::*;
use crate::hir::program::{Def, Program};
use crate::hir::scope::Context;
use crate::hir::typing::Quantity;
use crate::hir::units::Dimension;
use crate::source::Span;
use crate::syntax::ast::{Name, Path, Ref};

/// Names in backticks, with commas.
pub fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().take(8).map(|n| format!("`{n}`")).collect();
    let more = if names.len() > 8 { ", …" } else { "" };
    format!("{}{more}", quoted.join(", "))
}

/// E0601
pub fn no_run(name: Span) -> Diagnostic {
    Diagnostic::new(codes::E0601, "this experiment doesn't say how long it runs")
        .at(name, "no `run`")
        .help("add a line such as `run 24 h every 10 min`")
}

/// E0602
pub fn run_twice(again: Span, first: Span) -> Diagnostic {
    Diagnostic::new(codes::E0602, "an experiment runs once").at(again, "a second `run`").also(first, "the first")
}

/// E0603
pub fn not_a_time(context: &Context, found: &Quantity, role: &str) -> Diagnostic {
    let report = Diagnostic::new(
        codes::E0603,
        format!("{role} is a time, and {} is {}", quote(context, found.span), found.dimension.words()),
    )
    .at(found.span, format!("this is {}", kind(context, found)));
    report.help("units of time are `s`, `min`, `h`, `day`")
}

/// E0604
pub fn interval_too_long(every: Span, duration: Span) -> Diagnostic {
    Diagnostic::new(codes::E0604, "the first sample would come after the end")
        .at(every, "longer than the whole run")
        .also(duration, "which ends after this")
        .help("sample more often, or run longer")
}

/// E0605
pub fn too_many_samples(every: Span, duration: Span, number: f64) -> Diagnostic {
    Diagnostic::new(codes::E0605, format!("this would take {number:.0} samples"))
        .at(every, "so often")
        .also(duration, "for so long")
        .note("a run has at most a million samples")
}

/// E0605
pub fn too_many_points(name: &Name, number: f64, limit: f64) -> Diagnostic {
    Diagnostic::new(codes::E0605, format!("`{name}` would take {number:.0} runs"))
        .at(name.span, "one for each combination of its values")
        .note(format!("an arm has at most {limit:.0} points"))
        .help("sweep fewer values, or fewer things at once")
}

/// E0605
pub fn too_many_numbers(span: Span, number: f64, limit: f64) -> Diagnostic {
    Diagnostic::new(codes::E0605, format!("this experiment would give {number:.0} numbers"))
        .at(span, "samples times measures times points of its arms")
        .note(format!("an experiment gives at most {limit:.0}"))
        .help("sample less often with `every`, or sweep fewer values")
}

/// E0606
pub fn twice(what: &str, name: &str, again: Span, first: Span) -> Diagnostic {
    let article = if what.starts_with(['a', 'e']) { "an" } else { "a" };
    Diagnostic::new(codes::E0606, format!("there is {article} {what} `{name}` already"))
        .at(again, "the same name again")
        .also(first, "first here")
        .help("give it a name of its own, so that claims can tell them apart")
}

/// E0607
pub fn of_what_model(name: Span, models: &[&SmolStr]) -> Diagnostic {
    let report = Diagnostic::new(codes::E0607, "an experiment on what?").at(name, "no model is named");
    match models {
        [] => report
            .note("neither a model nor a process of the file's own is there to experiment on")
            .help("write processes, or a `model`, and then `experiment … of` it"),
        [one] => report.help(format!("name the model: `experiment … of {one}`")),
        several => {
            let names: Vec<&str> = several.iter().map(|n| n.as_str()).collect();
            report.help(format!("name one of the models: {}", list(&names)))
        }
    }
}

/// E0608
pub fn not_a_model(path: &Path, models: &[&SmolStr]) -> Diagnostic {
    let names: Vec<&str> = models.iter().map(|n| n.as_str()).collect();
    let report =
        Diagnostic::new(codes::E0608, format!("`{path}` is no model of this file")).at(path.span, "not a model");
    if names.is_empty() {
        return report.help("place cells of that type in a `model`, and experiment on that");
    }
    report.help(format!("the models are {}", list(&names)))
}

/// E0609
pub fn measures_what_is_not_there(span: Span, name: &str, model: &str) -> Diagnostic {
    Diagnostic::new(codes::E0609, format!("model `{model}` contains no `{name}`"))
        .at(span, "so there is nothing to measure")
        .help("include the pathway that has it, or measure something else")
}

/// E0609
pub fn never_there(program: &Program, span: Span, vesicle: VesicleId, place: CompartmentId) -> Diagnostic {
    let name = |def| program.name_of(def).map(|(name, _)| name.to_string()).unwrap_or_default();
    let (class, there) = (name(Def::Vesicle(vesicle)), name(Def::Compartment(place)));
    let homes = program.geometry.homes(vesicle).iter().map(|home| match home {
        VesicleHome::Compartment(id) => format!("`{}`", name(Def::Compartment(*id))),
        VesicleHome::Vesicle(id) => format!("`{}`", name(Def::Vesicle(*id))),
    });
    let homes: Vec<String> = homes.collect();
    let report = Diagnostic::new(codes::E0609, format!("`{class}` is never in `{there}`"))
        .at(span, "so there is nothing to measure");
    let report = match program.name_of(Def::Vesicle(vesicle)) {
        Some((_, declared)) => report.also(declared, "where it can be is said here"),
        None => report,
    };
    report.help(format!("look for it in {}", homes.join(" or ")))
}

/// E0610
pub fn dose_missing(path: &Path, declared: Option<Span>) -> Diagnostic {
    let report = Diagnostic::new(codes::E0610, format!("how much `{path}`?"))
        .at(path.span, "a drug without a dose")
        .fix("give the concentration, such as 10 µM", vec![(path.span.after(), " at 10 uM".to_owned())]);
    match declared {
        Some(span) => report.also(span, "declared as a drug here"),
        None => report,
    }
}

/// E0611
pub fn perturbation_dosed(path: &Path, dose: Span) -> Diagnostic {
    Diagnostic::new(codes::E0611, format!("`{path}` is no drug, and has no dose"))
        .at(path.span, "a perturbation is done or not")
        .also(dose, "so this doesn't belong here")
        .help(format!("write `{path}` alone"))
}

/// E0612
pub fn ends_before_it_begins(to: Span, from: Option<Span>) -> Diagnostic {
    let report = Diagnostic::new(codes::E0612, "this dose ends before it begins").at(to, "the end");
    match from {
        Some(from) => report.also(from, "the beginning"),
        None => report,
    }
}

/// E0613
pub fn unlike_points(context: &Context, found: &Quantity, want: Dimension, variable: Span) -> Diagnostic {
    Diagnostic::new(codes::E0613, format!("this value is {}, but {} is swept", found.dimension.words(), want.words()))
        .at(found.span, format!("this is {}", kind(context, found)))
        .also(variable, format!("this is {}", want.words()))
        .help("a unit after the bracket holds for all bare numbers in it: `[0, 1, 10] uM`")
}

/// E0615
pub fn axis_twice(again: &Ref, first: Span) -> Diagnostic {
    Diagnostic::new(codes::E0615, format!("`{again}` is swept twice")).at(again.span, "again").also(first, "first here")
}

/// E0616
pub fn not_to_be_swept(reference: &Ref) -> Diagnostic {
    Diagnostic::new(codes::E0616, format!("`{reference}` can't be swept"))
        .at(reference.span, "neither a drug, a parameter, an input, nor a new name")
        .help("sweep a new name, and use it in the arm: `arm dosed over dose in [0, 1] uM { drug at dose }`")
}

/// E0616
pub fn sweep_it_directly(target: &Ref, value: Span) -> Diagnostic {
    Diagnostic::new(codes::E0616, "a setting can't take a swept name")
        .at(value, "a swept name")
        .also(target.span, "this is set")
        .help(format!("sweep it directly: `over {target} in […]`"))
}

/// E0617
pub fn swept_does_not_fit(context: &Context, span: Span, found: Dimension, want: Dimension, role: &str) -> Diagnostic {
    Diagnostic::new(
        codes::E0617,
        format!("{role} is {}, but {} is {}", want.words(), quote(context, span), found.words()),
    )
    .at(span, format!("this stands for {}", found.words()))
    .help("give the swept values a unit: `[0, 1, 10] uM`")
}

/// E0618
pub fn not_a_hypothesis(path: &Path) -> Diagnostic {
    Diagnostic::new(codes::E0618, format!("`{path}` is no hypothesis"))
        .at(path.span, "only a `hypothesis` can be assumed")
        .help("what is always there needs no assuming; a pathway is included by a cell")
}

/// E0619
pub fn added_where(what: &Ref, to: &Ref) -> Diagnostic {
    Diagnostic::new(codes::E0619, format!("`{what}` can't be added to `{to}`"))
        .at(to.span, format!("`{what}` is never here"))
        .also(what.span, "declared for other places")
        .help(format!("declare it `in {to}` as well, or add it where it belongs"))
}

/// E0620
pub fn carries_nothing(what: &Ref, carried: Span) -> Diagnostic {
    Diagnostic::new(codes::E0620, format!("`{what}` is a molecule, and carries nothing"))
        .at(carried, "only vesicles carry things")
        .also(what.span, "this is added")
}

/// W0601
pub fn nothing_measured(name: Span) -> Diagnostic {
    Diagnostic::new(codes::W0601, "this experiment measures nothing")
        .at(name, "no `measure`")
        .help("add a line such as `measure yield = ILV@medium`")
}

/// W0602
pub fn swept_for_nothing(variable: &Ref) -> Diagnostic {
    Diagnostic::new(codes::W0602, format!("`{variable}` is swept, but nothing in this arm uses it"))
        .at(variable.span, "every point will be the same")
        .help(format!("use it in a treatment, as in `drug at {variable}`"))
}

/// W0603
pub fn after_the_end(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(codes::W0603, format!("this {what} comes after the end of the run"))
        .at(span, "not before the run is over")
        .help("run longer, or begin earlier")
}

/// For claims: what was probably meant.
pub fn meant(report: Diagnostic, name: &str, span: Span, names: &[&str]) -> Diagnostic {
    match nearest(name, names.iter().copied()) {
        Some(near) => report.fix(format!("did you mean `{near}`?"), vec![(span, near.to_owned())]),
        None if names.is_empty() => report,
        None => report.help(format!("there are {}", list(names))),
    }
}
