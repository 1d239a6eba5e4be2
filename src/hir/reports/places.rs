//! Compartments and vesicle classes that can't lie where they are said to.

use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::Position;
use crate::hir::ids::*;
use crate::hir::program::{Def, Program};
use crate::source::Span;

/// The name of a compartment.
pub fn place<'p>(program: &'p Program, id: CompartmentId) -> &'p str {
    program.compartments.get(id.index()).map_or("", |c| c.name.as_str())
}

/// The name of a vesicle class.
pub fn vesicle<'p>(program: &'p Program, id: VesicleId) -> &'p str {
    program.vesicles.get(id.index()).map_or("", |v| v.name.as_str())
}

/// Adds where something is declared.
pub fn declared(report: Diagnostic, program: &Program, def: Def, message: &str) -> Diagnostic {
    match program.name_of(def) {
        Some((_, span)) => report.also(span, message),
        None => report,
    }
}

/// E0401
pub fn nested_in_itself(program: &Program, circle: &[CompartmentId], span: Span) -> Diagnostic {
    let mut names: Vec<&str> = circle.iter().map(|id| place(program, *id)).collect();
    names.extend(circle.first().map(|id| place(program, *id)));
    let report =
        Diagnostic::new(codes::E0401, format!("compartments lie in each other in a circle: {}", names.join(" in ")))
            .at(span, "closes the circle");
    let report = circle.iter().fold(report, |r, id| declared(r, program, Def::Compartment(*id), "part of it"));
    report.help("one of them must be outermost: leave out its `in …`")
}

/// E0402
pub fn inside_a_membrane(
    program: &Program,
    id: CompartmentId,
    membrane: CompartmentId,
    sides: [CompartmentId; 2],
    span: Span,
) -> Diagnostic {
    let [inner, outer] = sides.map(|side| place(program, side));
    let (name, membrane_name) = (place(program, id), place(program, membrane));
    let report = Diagnostic::new(codes::E0402, format!("`{name}` can't lie in `{membrane_name}`, which is a membrane"))
        .at(span, "a membrane has no inside");
    declared(report, program, Def::Compartment(membrane), "a membrane, since it lies between two volumes")
        .fix(format!("put it in `{inner}`"), vec![(span, inner.to_owned())])
        .fix(format!("or in `{outer}`"), vec![(span, outer.to_owned())])
}

/// E0403
pub fn between_membranes(program: &Program, id: CompartmentId, membrane: CompartmentId, span: Span) -> Diagnostic {
    let (name, other) = (place(program, id), place(program, membrane));
    let report = Diagnostic::new(codes::E0403, format!("membrane `{name}` must lie between two volumes"))
        .at(span, format!("`{other}` is itself a membrane"));
    declared(report, program, Def::Compartment(membrane), "declared between two volumes")
        .help("name the volumes on its two sides, the inner one first")
}

/// E0404
pub fn between_swapped(
    program: &Program,
    id: CompartmentId,
    inner: CompartmentId,
    outer: CompartmentId,
    span: Span,
) -> Diagnostic {
    let (name, first, second) = (place(program, id), place(program, inner), place(program, outer));
    let report = Diagnostic::new(codes::E0404, format!("the sides of membrane `{name}` are the wrong way round"))
        .at(span, "the inner side comes first");
    declared(report, program, Def::Compartment(outer), &format!("lies in `{first}`"))
        .fix("swap them", vec![(span, format!("{second} and {first}"))])
}

/// E0405
pub fn not_neighbours(
    program: &Program,
    id: CompartmentId,
    inner: CompartmentId,
    outer: CompartmentId,
    span: Span,
    declared_at: Span,
) -> Diagnostic {
    let (name, first, second) = (place(program, id), place(program, inner), place(program, outer));
    Diagnostic::new(codes::E0405, format!("`{first}` does not lie in `{second}`, so no membrane is between them"))
        .at(span, format!("`{name}` would have nothing to part"))
        .also(declared_at, format!("`{first}` is not declared `in {second}`"))
        .help(format!("declare `compartment {first} = … in {second}`, or name the volume that `{first}` lies in"))
}

/// E0406
pub fn size_of_the_wrong_kind(program: &Program, id: CompartmentId, size: Span, membrane: bool) -> Diagnostic {
    let name = place(program, id);
    let report = match membrane {
        true => {
            Diagnostic::new(codes::E0406, format!("`{name}` lies between two volumes, so its size must be an area"))
                .at(size, "a volume")
                .help("give its area, as in `1500 um^2`; or put it `in` one place if it is a volume")
        }
        false => Diagnostic::new(codes::E0406, format!("`{name}` has an area, so it must lie between two volumes"))
            .at(size, "an area, so this is a membrane")
            .help("say which: `between INNER and OUTER`; or give its volume, as in `2 pL`"),
    };
    declared(report, program, Def::Compartment(id), "declared here")
}

/// E0407
pub fn vesicle_in_membrane(program: &Program, id: CompartmentId, span: Span, position: Position) -> Diagnostic {
    let name = place(program, id);
    let report = Diagnostic::new(codes::E0407, format!("vesicles can't be in `{name}`, which is a membrane"))
        .at(span, "vesicles lie in volumes");
    match position {
        Position::Between { inner, outer } => {
            let (inner, outer) = (place(program, inner), place(program, outer));
            report
                .fix(format!("put them in `{inner}`"), vec![(span, inner.to_owned())])
                .fix(format!("or in `{outer}`"), vec![(span, outer.to_owned())])
        }
        _ => report.help("name a volume"),
    }
}

/// E0408
pub fn vesicle_in_itself(program: &Program, chain: &[VesicleId]) -> Diagnostic {
    let mut names: Vec<&str> = chain.iter().map(|id| vesicle(program, *id)).collect();
    names.extend(chain.first().map(|id| vesicle(program, *id)));
    let span = chain.first().and_then(|id| program.vesicles.get(id.index())).map_or(Span::default(), |v| v.span);
    let report =
        Diagnostic::new(codes::E0408, format!("vesicles carry each other in a circle: {}", names.join(" in ")))
            .at(span, "would be carried by itself");
    let others = chain.iter().skip(1);
    others
        .fold(report, |r, id| declared(r, program, Def::Vesicle(*id), "part of it"))
        .help("leave out one of the `in …`; nesting must end")
}
