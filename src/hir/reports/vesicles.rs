//! Membrane events that geometry does not allow.

use super::places::{declared, place, vesicle};
use super::process::{chain, entity};
use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::Position;
use crate::hir::expr::{Entity, Location, Pool};
use crate::hir::ids::*;
use crate::hir::program::{Def, Program};
use crate::source::Span;
use crate::syntax::ast::Ref;

/// E0438
pub fn molecule_for_vesicle(program: &Program, id: MoleculeId, span: Span) -> Diagnostic {
    let name = entity(program, Entity::Molecule(id));
    let report = Diagnostic::new(codes::E0438, format!("`{name}` is a molecule; only vesicles do that"))
        .at(span, "a vesicle class is wanted here");
    declared(report, program, Def::Molecule(id), "declared as a molecule")
        .help("name a vesicle class; molecules change in reactions, with `->`")
}

/// The membranes that bound a volume.
fn membranes_of(program: &Program, volume: CompartmentId) -> Vec<CompartmentId> {
    let bounds = |at: usize| match program.geometry.position(CompartmentId(at as u32)) {
        Position::Between { inner, outer } => inner == volume || outer == volume,
        _ => false,
    };
    (0..program.compartments.len()).filter(|at| bounds(*at)).map(|at| CompartmentId(at as u32)).collect()
}

/// E0440
pub fn bud_from_volume(program: &Program, id: CompartmentId, span: Span) -> Diagnostic {
    let name = place(program, id);
    let report = Diagnostic::new(codes::E0440, format!("vesicles bud from membranes, and `{name}` is a volume"))
        .at(span, "a membrane is wanted here");
    let report = declared(report, program, Def::Compartment(id), "declared as a volume");
    let membranes = membranes_of(program, id);
    if membranes.is_empty() {
        return report.help("declare its membrane, as in `compartment membrane = 100 um^2 between INNER and OUTER`");
    }
    membranes.iter().fold(report, |report, membrane| {
        let name = place(program, *membrane);
        report.fix(format!("did you mean its membrane, `{name}`?"), vec![(span, name.to_owned())])
    })
}

/// E0440, of something that is neither.
pub fn bud_from_no_membrane(reference: &Ref) -> Diagnostic {
    Diagnostic::new(codes::E0440, format!("vesicles bud from membranes, and `{reference}` has none"))
        .at(reference.span, "a membrane or a vesicle class is wanted here")
        .help("name a membrane, or a vesicle class to bud off")
}

/// E0439
pub fn bud_into_compartment(program: &Program, id: CompartmentId, span: Span) -> Diagnostic {
    let name = place(program, id);
    let report = Diagnostic::new(codes::E0439, format!("`{name}` is a compartment; vesicles bud *into* vesicles"))
        .at(span, "a vesicle class is wanted here");
    let report = declared(report, program, Def::Compartment(id), "declared as a compartment");
    let membranes = membranes_of(program, id);
    match membranes.first() {
        Some(membrane) => report.help(format!("to bud off its membrane, write `from {}`", place(program, *membrane))),
        None => report.help("to bud off a membrane, write `bud … from MEMBRANE`"),
    }
}

/// E0449
pub fn loaded_somewhere(program: &Program, id: VesicleId, span: Span) -> Diagnostic {
    let name = vesicle(program, id);
    Diagnostic::new(codes::E0449, format!("`{name}` is loaded when it buds, wherever that is"))
        .at(span, "a place is said here")
        .help(format!("write `into {name}`, or the state of those that are meant"))
}

/// E0441
pub fn not_at_home(
    program: &Program,
    id: VesicleId,
    at: &[Location],
    span: Span,
    carried: Option<(VesicleId, Span)>,
) -> Diagnostic {
    let name = vesicle(program, id);
    let first = at.get(..1).unwrap_or_default();
    let end = match first {
        [Location::Vesicle(carrier, _)] => vesicle(program, *carrier).to_owned(),
        other => chain(program, other),
    };
    let mut report =
        Diagnostic::new(codes::E0441, format!("`{name}` would end up in `{end}`, but is not declared there"))
            .at(span, format!("so it would be in `{end}`"));
    if let Some((carrier, process)) = carried {
        let carrier = vesicle(program, carrier);
        report = report.also(process, format!("what is in `{carrier}` goes along in this process"));
    }
    let report = declared(report, program, Def::Vesicle(id), "lists the places it can be in");
    let last = program.vesicles.get(id.index()).and_then(|v| v.ast.places.last());
    let edits = last.map(|place| vec![(place.span.after(), format!(", {end}"))]).unwrap_or_default();
    report.fix(format!("if that is right, declare `{name}` in `{end}` too"), edits)
}

/// E0442
pub fn volume_behind(
    program: &Program,
    what: &Pool,
    id: CompartmentId,
    membranes: &[CompartmentId],
    span: Span,
) -> Diagnostic {
    let (name, volume) = (entity(program, what.what), place(program, id));
    let here = chain(program, &what.at);
    let report = Diagnostic::new(
        codes::E0442,
        format!("`{name}` can't fuse with `{volume}`, a volume that it doesn't lie next to"),
    )
    .at(span, "a membrane is wanted here")
    .also(what.span, format!("lies in `{here}`"));
    let report = declared(report, program, Def::Compartment(id), "declared as a volume");
    if membranes.is_empty() {
        return report.help(format!("fuse with a membrane around `{here}`, or with a volume that lies in it"));
    }
    membranes.iter().fold(report, |report, membrane| {
        let name = place(program, *membrane);
        let message = format!("did you mean `{name}`, the membrane between `{here}` and `{volume}`?");
        report.fix(message, vec![(span, name.to_owned())])
    })
}

/// E0443
pub fn out_of_reach(
    program: &Program,
    what: &Pool,
    id: CompartmentId,
    sides: [CompartmentId; 2],
    span: Span,
) -> Diagnostic {
    let (name, membrane) = (entity(program, what.what), place(program, id));
    let [inner, outer] = sides.map(|side| place(program, side));
    let here = chain(program, &what.at);
    let report = Diagnostic::new(codes::E0443, format!("`{name}` is not at `{membrane}`, so it can't fuse with it"))
        .at(span, format!("between `{inner}` and `{outer}`"))
        .also(what.span, format!("in `{here}`"));
    declared(report, program, Def::Compartment(id), "declared here")
        .help(format!("say that `{name}` in `{inner}` or `{outer}` fuses, or name a membrane at `{here}`"))
}

/// E0444
pub fn apart(program: &Program, what: &Pool, target: &Pool) -> Diagnostic {
    let (one, other) = (entity(program, what.what), entity(program, target.what));
    let (here, there) = (chain(program, &what.at), chain(program, &target.at));
    Diagnostic::new(codes::E0444, format!("`{one}` and `{other}` are in different places and can't fuse"))
        .at(target.span, format!("in `{there}`"))
        .also(what.span, format!("in `{here}`"))
        .help("vesicles fuse in one place; across a membrane, `engulf` takes one up into another")
}

/// E0445
pub fn fuse_with_surroundings(program: &Program, what: &Pool, id: CompartmentId, span: Span) -> Diagnostic {
    let (name, volume) = (entity(program, what.what), place(program, id));
    let report =
        Diagnostic::new(codes::E0445, format!("`{name}` lies in `{volume}`, and there is no membrane to fuse with"))
            .at(span, "the place it is in");
    let report = membranes_of(program, id).iter().fold(report, |report, membrane| {
        let name = place(program, *membrane);
        report.fix(format!("did you mean the membrane `{name}`?"), vec![(span, name.to_owned())])
    });
    report.help(format!("a vesicle that bursts is `rupture {name}`"))
}

/// E0442, of something that is no place.
pub fn fuse_with_no_membrane(reference: &Ref) -> Diagnostic {
    Diagnostic::new(codes::E0442, format!("vesicles can't fuse with `{reference}`"))
        .at(reference.span, "has no membrane")
        .help("name a membrane, an organelle's volume, or a vesicle class")
}

/// E0446
pub fn not_across(program: &Program, what: &Pool, into: &Pool) -> Diagnostic {
    let (one, other) = (entity(program, what.what), entity(program, into.what));
    let (here, there) = (chain(program, &what.at), chain(program, &into.at));
    Diagnostic::new(codes::E0446, format!("`{one}` can't be engulfed into `{other}` from there"))
        .at(into.span, format!("in `{there}`"))
        .also(what.span, format!("in `{here}`"))
        .note("engulfing takes something across one membrane: from the place on its other side")
        .help("name vesicles in neighbouring places; in one place, use `fuse … with …` or `bud … into …`")
}

/// E0446, of a compartment.
pub fn engulf_into_compartment(host: &Ref, noun: &str) -> Diagnostic {
    Diagnostic::new(codes::E0446, format!("`{host}` is a {noun}; what is engulfed ends up in a vesicle"))
        .at(host.span, "a vesicle class is wanted here")
        .help("name the vesicle class that takes it up, as in `engulf ILV@medium into Endosome`")
}

/// E0447
pub fn jumps(program: &Program, id: VesicleId, from: &Pool, to: &Pool, depths: [u32; 2]) -> Diagnostic {
    let name = vesicle(program, id);
    let (source, target) = (chain(program, &from.at), chain(program, &to.at));
    let [before, after] = depths;
    let report = Diagnostic::new(codes::E0447, format!("`{name}` can't go from `{source}` to `{target}` like this"))
        .at(to.span, format!("depth {after}"))
        .also(from.span, format!("depth {before}"));
    report
        .help("vesicles change places in membrane events: `fuse` its carrier with a membrane, `engulf` it, or `bud` it")
        .help("or, if they flow, say through what: `through circulation`")
}

/// E0448
pub fn ends_elsewhere(program: &Program, id: VesicleId, end: &[Location], span: Span) -> Diagnostic {
    let (name, end) = (vesicle(program, id), chain(program, end));
    Diagnostic::new(codes::E0448, format!("this bud of `{name}` ends up in `{end}`, not there"))
        .at(span, "where a bud ends up follows from the membrane it buds from")
        .help("leave the `@…` out, or bud from another membrane")
}
