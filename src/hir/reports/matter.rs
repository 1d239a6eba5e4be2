//! Molecules and vesicles whose numbers don't fit.

use super::places::{place, vesicle};
use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::ids::*;
use crate::hir::program::{Def, Program};
use crate::source::Span;
use crate::syntax::ast::State;

/// E0409
pub fn amount_without_place(name: &str, amount: Span, declared: Span) -> Diagnostic {
    Diagnostic::new(codes::E0409, format!("`{name}` has an amount, but is nowhere"))
        .at(amount, "where is this?")
        .also(declared, "declared without a place")
        .fix("say where, as in `in cytosol`", vec![(amount.after(), " in cytosol".to_owned())])
}

/// E0410
pub fn density_of_the_wrong_kind(
    program: &Program,
    id: MoleculeId,
    at: CompartmentId,
    amount: Span,
    membrane: bool,
) -> Diagnostic {
    let (name, place) = (program.molecules.get(id.index()).map_or("", |m| m.name.as_str()), place(program, at));
    let report = match membrane {
        true => Diagnostic::new(codes::E0410, format!("`{name}` lies in a membrane, where there is no concentration"))
            .at(amount, "an amount per volume")
            .help("give copies, or a surface density such as `30 copies / um^2`"),
        false => Diagnostic::new(codes::E0410, format!("`{name}` lies in a volume, where there is no surface density"))
            .at(amount, "an amount per area")
            .help("give copies, or a concentration such as `5 nM`"),
    };
    let what = if membrane { "a membrane" } else { "a volume" };
    super::places::declared(report, program, Def::Compartment(at), &format!("`{place}` is {what}"))
}

/// E0411
pub fn shares_do_not_add(states: &[State], sum: f64) -> Diagnostic {
    let percent = sum * 100.0;
    let mut report = Diagnostic::new(codes::E0411, "the shares of the states must add to 100 %");
    let shares: Vec<Span> = states.iter().filter_map(|s| s.share.as_ref().map(|e| e.span)).collect();
    if let (Some(first), Some(last)) = (shares.first(), shares.last()) {
        report = report.at(first.to(*last), format!("these add to {} %", rounded(percent)));
    }
    report.help("change one of them, or leave one share out: that state then has the rest")
}

fn rounded(x: f64) -> String {
    let text = format!("{x:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// E0412
pub fn shares_incomplete(states: &[State]) -> Diagnostic {
    let report = Diagnostic::new(codes::E0412, "some states say their share and several don't");
    let without = states.iter().filter(|s| s.share.is_none());
    without
        .fold(report, |r, s| r.at(s.name.span, "what share?"))
        .help("give all shares, or all but one, or none: then all begin in the first state")
}

/// E0411, of a share below 0.
pub fn negative_share(state: &State) -> Diagnostic {
    let span = state.share.as_ref().map_or(state.name.span, |s| s.span);
    Diagnostic::new(codes::E0411, format!("state `{}` has a negative share", state.name))
        .at(span, "below 0 %")
        .help("shares are between 0 and 100 %")
}

/// E0413
pub fn complex_of_itself(program: &Program, id: MoleculeId) -> Diagnostic {
    let (name, span) = program.molecules.get(id.index()).map_or(("", Span::default()), |m| (m.name.as_str(), m.span));
    Diagnostic::new(codes::E0413, format!("complex `{name}` is a part of itself"))
        .at(span, "contains itself, by way of its parts")
        .help("leave it out of the composition of its parts")
}

/// E0414
pub fn vesicle_in_complex(program: &Program, id: VesicleId, span: Span) -> Diagnostic {
    let name = vesicle(program, id);
    let report = Diagnostic::new(codes::E0414, format!("vesicle class `{name}` can't be a part of a complex"))
        .at(span, "complexes are made of molecules");
    super::places::declared(report, program, Def::Vesicle(id), "declared as a vesicle class")
        .help("name the molecule that is bound")
}

/// E0415
pub fn no_diameter(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0415, format!("`{name}` has no diameter"))
        .at(span, "how large are these vesicles?")
        .help("say it in braces, as in `{ diameter 80 nm }`: budding and capture follow from it")
}

/// E0416
pub fn bad_range(range: Span, mean: Span, ordered: bool) -> Diagnostic {
    let report = Diagnostic::new(codes::E0416, "no diameter can be in this range");
    match ordered {
        false => report.at(range, "the smallest is not below the largest"),
        true => report.at(range, "must be above 0 and have the mean in it").also(mean, "the mean"),
    }
    .help("write the smallest first, as in `30 nm .. 150 nm`, with the mean between")
}

/// E0416, of a spread.
pub fn negative_spread(span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0416, "the spread of a diameter can't be negative")
        .at(span, "below 0")
        .help("give the standard deviation between vesicles, as in `± 20 nm`")
}

/// E0417
pub fn vesicle_without_place(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0417, format!("vesicle class `{name}` is nowhere"))
        .at(span, "where can these vesicles be?")
        .help(format!("list all places, as in `vesicle {name} in MVB, lysosome, medium`"))
}

/// E0418
pub fn count_not_whole(count: f64, span: Span) -> Diagnostic {
    Diagnostic::new(codes::E0418, format!("{count} is no number of molecules that can react"))
        .at(span, "must be a whole number from 1 to 1000")
        .help("write whole numbers in front of molecules; a factor on the rate goes into `at` or `rate`")
}
