//! Molecules that would go where no membrane lets them.

use super::places::{declared, place};
use super::process::{chain, def, entity};
use crate::diagnostics::{Diagnostic, registry as codes};
use crate::hir::Position;
use crate::hir::expr::{Entity, Location, Pool};
use crate::hir::ids::*;
use crate::hir::program::{Def, Program};

fn side(depth: u32) -> &'static str {
    if depth.is_multiple_of(2) { "outside, or in the lumen of an organelle" } else { "cytosolic" }
}

/// E0430
pub fn unlike(program: &Program, id: MoleculeId, from: &Pool, to: &Pool, depths: [u32; 2]) -> Diagnostic {
    let name = entity(program, Entity::Molecule(id));
    let (source, target) = (chain(program, &from.at), chain(program, &to.at));
    let [before, after] = depths;
    Diagnostic::new(
        codes::E0430,
        format!("`{name}` can't cross the membrane between `{source}` and `{target}` by itself"),
    )
    .at(to.span, format!("`{target}` is {} (depth {after})", side(after)))
    .also(from.span, format!("`{source}` is {} (depth {before})", side(before)))
    .help("name the channel, pump or leak that it goes through, as in `through X`")
    .help(format!("or leave it in `{source}`"))
}

/// E0431
pub fn like(program: &Program, id: MoleculeId, from: &Pool, to: &Pool) -> Diagnostic {
    let name = entity(program, Entity::Molecule(id));
    let (source, target) = (chain(program, &from.at), chain(program, &to.at));
    let report = Diagnostic::new(codes::E0431, format!("`{name}` has no way from `{source}` to `{target}`"))
        .at(to.span, "no membrane event brings it here")
        .also(from.span, "from here");
    let report = match path(program, &from.at, &to.at) {
        Some(path) => report.note(format!("the way between them: {path}")),
        None => report,
    };
    report
        .help("let vesicles carry it: `bud … capturing …` on this side, `fuse … with …` on the other")
        .help("or, if it flows, say through what: `through circulation`")
}

/// The places between two compartments, by nesting.
fn path(program: &Program, from: &[Location], to: &[Location]) -> Option<String> {
    let above = |at: &[Location]| -> Vec<CompartmentId> {
        let mut all = Vec::new();
        let mut next = match at.last() {
            Some(Location::Compartment(id)) => Some(*id),
            _ => None,
        };
        while let Some(id) = next.filter(|id| !all.contains(id)) {
            all.push(id);
            next = match program.geometry.position(id) {
                Position::Outermost => None,
                Position::Inside(outer) => Some(outer),
                Position::Between { inner, .. } => Some(inner),
            };
        }
        all
    };
    let (up, down) = (above(from), above(to));
    let meet = *up.iter().find(|id| down.contains(id))?;
    let mut steps: Vec<CompartmentId> = up.iter().take_while(|id| **id != meet).copied().collect();
    steps.push(meet);
    steps.extend(down.iter().take_while(|id| **id != meet).collect::<Vec<_>>().into_iter().rev());
    let names: Vec<String> = steps.iter().map(|id| format!("`{}`", place(program, *id))).collect();
    (names.len() > 2).then(|| names.join(" → "))
}

/// E0432
pub fn leaves_membrane(program: &Program, id: MoleculeId, from: &Pool, to: &Pool) -> Diagnostic {
    let name = entity(program, Entity::Molecule(id));
    let (source, target) = (chain(program, &from.at), chain(program, &to.at));
    let report = Diagnostic::new(codes::E0432, format!("`{name}` is membrane-bound and can't leave its membrane"))
        .at(to.span, format!("`{target}` is a volume"))
        .also(from.span, format!("in `{source}`"));
    declared(report, program, Def::Molecule(id), "declared in a membrane, so membrane-bound")
        .help(format!("vesicles can carry it: `bud … from {source} capturing {name}`"))
        .help("if it also dissolves, declare it in both places; a soluble part that is cut off is another molecule")
}

/// E0433
pub fn never_meet(program: &Program, one: &Pool, other: &Pool) -> Diagnostic {
    let (a, b) = (entity(program, one.what), entity(program, other.what));
    let (here, there) = (chain(program, &one.at), chain(program, &other.at));
    let report = Diagnostic::new(codes::E0433, format!("`{a}` and `{b}` never meet"))
        .at(other.span, format!("in `{there}`"))
        .also(one.span, format!("in `{here}`"));
    let report = declared(report, program, def(other.what), "declared here");
    report
        .help("things react in one place, or at a membrane with what is on its two sides; say with `@` where they meet")
}
