//! Where compartments, molecules and vesicle classes lie, before any expression is looked at.
//!
//! Invariants: compartments nest without circles; a membrane lies between a volume and the volume around it; depth
//! counts the membranes to the outside. What is wrong is reported and put outermost, so that everything has a place.

use super::expr::Location;
use super::ids::*;
use super::program::{Geometry, Program};
use super::reports::places as report;
use super::scope::{At, Context};
use super::{Position, VesicleHome};
use crate::source::Span;
use crate::syntax::ast::{self, Path, Placement, Ref};

/// Finds out where everything lies.
pub fn geometry(context: &mut Context) -> Geometry {
    let program = context.program;
    let mut geometry = Geometry::default();
    let mut spans: Vec<Span> = Vec::with_capacity(program.compartments.len());
    for compartment in &program.compartments {
        let at = At::site(compartment.site);
        let (position, span) = match &compartment.ast.placement {
            Placement::Outermost => (Some(Position::Outermost), compartment.span),
            Placement::In(place) => (context.resolve_compartment(place, at).ok().map(Position::Inside), place.span),
            Placement::Between(inner, outer) => {
                let inner_id = context.resolve_compartment(inner, at).ok();
                let outer_id = context.resolve_compartment(outer, at).ok();
                let position = inner_id.zip(outer_id).map(|(inner, outer)| Position::Between { inner, outer });
                (position, inner.span.to(outer.span))
            }
        };
        geometry.positions.push(position.unwrap_or(Position::Outermost));
        spans.push(span);
    }
    break_circles(context, &mut geometry, &spans);
    check_neighbours(context, &mut geometry, &spans);
    geometry.depths = depths(&geometry);
    for molecule in &program.molecules {
        let at = At::site(molecule.site);
        let places = molecule.ast.places().iter().filter_map(|place| context.resolve_compartment(place, at).ok());
        geometry.places.push(places.collect());
    }
    homes(context, &mut geometry);
    geometry
}

/// The volume that something lies in directly; for a membrane, its inner side.
fn parent(position: Position) -> Option<CompartmentId> {
    match position {
        Position::Outermost => None,
        Position::Inside(outer) => Some(outer),
        Position::Between { inner, .. } => Some(inner),
    }
}

fn break_circles(context: &mut Context, geometry: &mut Geometry, spans: &[Span]) {
    /// Not looked at, being looked at, free of circles.
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; geometry.positions.len()];
    for start in 0..geometry.positions.len() {
        let mut chain: Vec<usize> = Vec::new();
        let mut next = Some(start);
        while let Some(at) = next {
            match marks.get(at).copied() {
                Some(Mark::New) => {
                    if let Some(mark) = marks.get_mut(at) {
                        *mark = Mark::Open;
                    }
                    chain.push(at);
                    next = parent(geometry.position(CompartmentId(at as u32))).map(CompartmentId::index);
                }
                Some(Mark::Open) => {
                    let circle: Vec<CompartmentId> =
                        chain.iter().skip_while(|c| **c != at).map(|c| CompartmentId(*c as u32)).collect();
                    let span = chain.last().and_then(|c| spans.get(*c)).copied().unwrap_or_default();
                    context.sink.push(report::nested_in_itself(context.program, &circle, span));
                    for id in &circle {
                        if let Some(position) = geometry.positions.get_mut(id.index()) {
                            *position = Position::Outermost;
                        }
                    }
                    break;
                }
                _ => break,
            }
        }
        for at in chain {
            if let Some(mark) = marks.get_mut(at) {
                *mark = Mark::Done;
            }
        }
    }
}

fn check_neighbours(context: &mut Context, geometry: &mut Geometry, spans: &[Span]) {
    for (at, span) in spans.iter().enumerate() {
        let id = CompartmentId(at as u32);
        match geometry.position(id) {
            Position::Outermost => {}
            Position::Inside(outer) => {
                if let Position::Between { inner, outer: beyond } = geometry.position(outer) {
                    context.sink.push(report::inside_a_membrane(context.program, id, outer, [inner, beyond], *span));
                    if let Some(position) = geometry.positions.get_mut(at) {
                        *position = Position::Inside(inner);
                    }
                }
            }
            Position::Between { inner, outer } => {
                let volumes = !geometry.is_membrane(inner) && !geometry.is_membrane(outer);
                if volumes && geometry.position(inner) == Position::Inside(outer) {
                    continue;
                }
                let swapped = volumes && geometry.position(outer) == Position::Inside(inner);
                let membrane = [inner, outer].into_iter().find(|c| geometry.is_membrane(*c));
                let placement = program_span(context.program, inner);
                context.sink.push(match membrane {
                    Some(membrane) => report::between_membranes(context.program, id, membrane, *span),
                    None if swapped => report::between_swapped(context.program, id, inner, outer, *span),
                    None => report::not_neighbours(context.program, id, inner, outer, *span, placement),
                });
                if swapped && let Some(position) = geometry.positions.get_mut(at) {
                    *position = Position::Between { inner: outer, outer: inner };
                }
            }
        }
    }
}

fn program_span(program: &Program, id: CompartmentId) -> Span {
    program.compartments.get(id.index()).map_or(Span::default(), |c| c.span)
}

fn depths(geometry: &Geometry) -> Vec<u32> {
    let mut depths = Vec::with_capacity(geometry.positions.len());
    for at in 0..geometry.positions.len() {
        let mut depth = 0;
        let mut position = geometry.position(CompartmentId(at as u32));
        if let Position::Between { inner, .. } = position {
            position = geometry.position(inner);
        }
        // Circles have been broken, so this ends.
        while let Position::Inside(outer) = position {
            depth += 1;
            position = geometry.position(outer);
        }
        depths.push(depth);
    }
    depths
}

/// Where the members of vesicle classes may be.
fn homes(context: &mut Context, geometry: &mut Geometry) {
    let program = context.program;
    for vesicle in &program.vesicles {
        let mut homes = Vec::new();
        for place in &vesicle.ast.places {
            let mut found = Vec::new();
            if context.resolve_home(place, At::site(vesicle.site), &mut found).is_err() {
                continue;
            }
            match found.as_slice() {
                [Location::Compartment(id)] if geometry.is_membrane(*id) => {
                    context.sink.push(report::vesicle_in_membrane(program, *id, place.span, geometry.position(*id)));
                }
                [Location::Compartment(id)] => homes.push((VesicleHome::Compartment(*id), place.span)),
                [Location::Vesicle(id, _)] => homes.push((VesicleHome::Vesicle(*id), place.span)),
                _ => {}
            }
        }
        geometry.homes.push(homes.iter().map(|(home, _)| *home).collect());
    }
    engulfed(context, geometry);
    for at in 0..program.vesicles.len() {
        let id = VesicleId(at as u32);
        if let Some(chain) = carried_by_itself(geometry, id) {
            context.sink.push(report::vesicle_in_itself(program, &chain));
            if let Some(homes) = geometry.homes.get_mut(at) {
                homes.retain(|home| matches!(home, VesicleHome::Compartment(_)));
            }
        }
    }
}

/// `engulf V into W` says by itself that V may be in W, and `V@here -> V@there through …` that V may be there, so that a
/// module may take vesicles of another to places that only it knows. What they name wrongly is reported with the process.
fn engulfed(context: &mut Context, geometry: &mut Geometry) {
    for process in &context.program.processes {
        let at = At::site(process.site);
        let mut location = |path: &Path| {
            let mut found = Vec::new();
            let resolved = context.quietly(|context| {
                let home = Ref { path: path.clone(), at: Vec::new(), span: path.span };
                context.resolve_home(&home, at, &mut found)
            });
            match (resolved, found.as_slice()) {
                (Ok(()), [one]) => Some(*one),
                _ => None,
            }
        };
        let said = match &process.ast.kind {
            ast::ProcessKind::Engulf { vesicle, host } => vec![(&vesicle.path, &host.path)],
            ast::ProcessKind::Reaction { left, right, .. } if process.ast.through.is_some() => {
                left.iter().chain(right).filter_map(|term| Some((&term.of.path, term.of.at.first()?))).collect()
            }
            _ => continue,
        };
        for (vesicle, home) in said {
            let (Some(Location::Vesicle(id, _)), Some(home)) = (location(vesicle), location(home)) else { continue };
            let home = match home {
                Location::Vesicle(carrier, _) => VesicleHome::Vesicle(carrier),
                Location::Compartment(place) if !geometry.is_membrane(place) => VesicleHome::Compartment(place),
                _ => continue,
            };
            if let Some(homes) = geometry.homes.get_mut(id.index())
                && !homes.contains(&home)
            {
                homes.push(home);
            }
        }
    }
}

/// A chain of carriers from a vesicle class back to it.
fn carried_by_itself(geometry: &Geometry, id: VesicleId) -> Option<Vec<VesicleId>> {
    let mut seen = vec![id];
    let mut open = vec![vec![id]];
    while let Some(chain) = open.pop() {
        for home in chain.last().map_or(&[][..], |last| geometry.homes(*last)) {
            let VesicleHome::Vesicle(carrier) = *home else { continue };
            if carrier == id {
                return Some(chain);
            }
            if !seen.contains(&carrier) {
                seen.push(carrier);
                open.push(chain.iter().copied().chain([carrier]).collect());
            }
        }
    }
    None
}
