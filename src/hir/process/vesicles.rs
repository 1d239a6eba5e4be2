//! Vesicles that bud, mature, fuse, are engulfed: which membranes and places are involved.

use super::complete::{base, chains, depth, inside, made, places, same};
use super::crossing::{Way, volume, way};
use super::{Subject, captures, pool};
use crate::hir::expr::{Entity, Location, Pool};
use crate::hir::ids::*;
use crate::hir::program::Def;
use crate::hir::reports::process as report_process;
use crate::hir::reports::vesicles as report;
use crate::hir::scope::{Context, Referent, Reported};
use crate::hir::value::{self, Wanted};
use crate::hir::{Capture, Membrane, Partner, Position, ProcessKind, VesicleHome};
use crate::source::Span;
use crate::syntax::ast::{self, Ref};

/// A vesicle class, as written.
fn class(context: &mut Context, subject: &Subject, reference: &Ref) -> Result<(Pool, VesicleId), Reported> {
    let pool = context.resolve_pool(reference, subject.at)?;
    match pool.what {
        Entity::Vesicle(id) => Ok((pool, id)),
        Entity::Molecule(id) => context.sink.fail(report::molecule_for_vesicle(context.program, id, reference.span)),
    }
}

/// Vesicles that are there already.
pub fn existing(context: &mut Context, subject: &Subject, reference: &Ref) -> Result<(Pool, VesicleId), Reported> {
    let (mut pool, id) = class(context, subject, reference)?;
    places(context, &mut pool, None)?;
    at_home(context, subject, &pool)?;
    Ok((pool, id))
}

/// Checks that vesicles of the class may be where the pool says.
pub fn at_home(context: &mut Context, _subject: &Subject, pool: &Pool) -> Result<(), Reported> {
    let Entity::Vesicle(id) = pool.what else { return Ok(()) };
    match homely(context, id, &pool.at) {
        true => Ok(()),
        false => context.sink.fail(report::not_at_home(context.program, id, &pool.at, pool.span, None)),
    }
}

/// Whether members of a class may lie directly in what a chain begins with.
fn homely(context: &Context, id: VesicleId, at: &[Location]) -> bool {
    let homes = context.program.geometry.homes(id);
    // A class that lies nowhere has been reported.
    homes.is_empty()
        || match at.first() {
            Some(Location::Compartment(place)) => homes.contains(&VesicleHome::Compartment(*place)),
            Some(Location::Vesicle(carrier, _)) => homes.contains(&VesicleHome::Vesicle(*carrier)),
            _ => true,
        }
}

/// Checks that what vesicles of a class may carry may also be where the contents go; warns of what may not.
pub fn contents_fit(context: &mut Context, subject: &Subject, carrier: VesicleId, to: Vec<Location>, span: Span) {
    let program = context.program;
    for at in 0..program.vesicles.len() {
        let id = VesicleId(at as u32);
        if program.geometry.homes(id).contains(&VesicleHome::Vesicle(carrier)) && !homely(context, id, &to) {
            let by = Some((carrier, subject.declared.span));
            context.sink.push(report::not_at_home(program, id, &to, span, by));
        }
    }
}

/// `load X into V`.
pub fn load(
    context: &mut Context,
    subject: &Subject,
    loaded: &ast::Capture,
    into: &[Ref],
) -> Result<ProcessKind, Reported> {
    let what = context.resolve_pool(&loaded.what, subject.at)?;
    if let Entity::Vesicle(_) = what.what {
        return context.sink.fail(report_process::captures_vesicle(context.program, &what));
    }
    let mut vesicles = Vec::with_capacity(into.len());
    for reference in into {
        let (pool, id) = class(context, subject, reference)?;
        if !pool.at.is_empty() {
            return context.sink.fail(report::loaded_somewhere(context.program, id, reference.span));
        }
        vesicles.push(pool);
    }
    let enrichment = loaded.enriched.as_ref().map(|e| value::lower_value(context, subject.at, e, Wanted::SHARE));
    Ok(ProcessKind::Load { what: Capture { what, enrichment }, into: vesicles })
}

/// The bud, in the place where it ends up.
fn bud(context: &mut Context, subject: &Subject, reference: &Ref, end: Vec<Location>) -> Result<Pool, Reported> {
    let (mut what, id) = class(context, subject, reference)?;
    made(context, &mut what)?;
    let written = !what.at.is_empty();
    if written && !what.at.iter().zip(&end).all(|(a, b)| same(&[*a], &[*b])) {
        return context.sink.fail(report::ends_elsewhere(context.program, id, &end, reference.span));
    }
    if !homely(context, id, &end) {
        return context.sink.fail(report::not_at_home(context.program, id, &end, reference.span, None));
    }
    what.at = end;
    Ok(what)
}

/// Whether a bud from a membrane leaves to its outer side: if that is what is written, or the class lies only there.
fn buds_outwards(
    context: &mut Context,
    subject: &Subject,
    vesicle: &Ref,
    inner: CompartmentId,
    outer: CompartmentId,
) -> bool {
    let Ok((what, id)) = context.quietly(|context| class(context, subject, vesicle)) else { return false };
    match what.at.first() {
        Some(written) => same(&[*written], &[Location::Compartment(outer)]),
        None => {
            let lies_in = |place| homely(context, id, &[Location::Compartment(place)]);
            lies_in(outer) && !lies_in(inner)
        }
    }
}

/// `bud V from M`.
pub fn bud_from(
    context: &mut Context,
    subject: &mut Subject,
    vesicle: &Ref,
    membrane: &Ref,
) -> Result<ProcessKind, Reported> {
    match context.resolve(membrane, subject.at)? {
        Referent::Compartment(id, _) => match context.program.geometry.position(id) {
            Position::Between { inner, outer } => {
                let outwards = buds_outwards(context, subject, vesicle, inner, outer);
                let (end, lumen) = if outwards { (outer, inner) } else { (inner, outer) };
                let what = bud(context, subject, vesicle, vec![Location::Compartment(end)])?;
                let from = Membrane::Compartment(id);
                let capturing = captures(context, subject, &[Location::Compartment(lumen)], &from);
                Ok(ProcessKind::Bud { what, from, capturing })
            }
            _ => context.sink.fail(report::bud_from_volume(context.program, id, membrane.span)),
        },
        Referent::Pool(Pool { what: Entity::Vesicle(_), .. }) => {
            let (host, _) = existing(context, subject, membrane)?;
            let what = bud(context, subject, vesicle, host.at.clone())?;
            let lumen = inside(&host);
            let from = Membrane::OffVesicle(host);
            let capturing = captures(context, subject, &lumen, &from);
            Ok(ProcessKind::Bud { what, from, capturing })
        }
        _ => context.sink.fail(report::bud_from_no_membrane(membrane)),
    }
}

/// `bud V into W`.
pub fn bud_into(
    context: &mut Context,
    subject: &mut Subject,
    vesicle: &Ref,
    host: &Ref,
) -> Result<ProcessKind, Reported> {
    if let Referent::Compartment(id, _) = context.resolve(host, subject.at)? {
        return context.sink.fail(report::bud_into_compartment(context.program, id, host.span));
    }
    let (host, _) = existing(context, subject, host)?;
    let what = bud(context, subject, vesicle, inside(&host))?;
    let lumen = host.at.clone();
    let from = Membrane::IntoVesicle(host);
    let capturing = captures(context, subject, &lumen, &from);
    Ok(ProcessKind::Bud { what, from, capturing })
}

/// `mature A -> B`.
pub fn convert(context: &mut Context, subject: &mut Subject, from: &Ref, to: &Ref) -> Result<ProcessKind, Reported> {
    let (from, _) = class(context, subject, from)?;
    let (to, _) = class(context, subject, to)?;
    converted(context, subject, from, to)
}

/// Vesicles that become others, or go elsewhere: contents and membrane go along.
pub fn converted(
    context: &mut Context,
    subject: &mut Subject,
    mut from: Pool,
    mut to: Pool,
) -> Result<ProcessKind, Reported> {
    let (Entity::Vesicle(old), Entity::Vesicle(new)) = (from.what, to.what) else { return Err(Reported) };
    places(context, &mut from, None)?;
    at_home(context, subject, &from)?;
    if to.at.is_empty() {
        to.at = from.at.clone();
    } else {
        places(context, &mut to, Some(&from.at))?;
    }
    if !(old == new && from.state.is_none()) {
        made(context, &mut to)?;
    }
    at_home(context, subject, &to)?;
    match way(context, &from.at, &to.at) {
        Way::Same => {}
        _ if subject.through.is_some() => subject.crosses = true,
        _ => {
            let depths = [depth(context, &from.at), depth(context, &to.at)];
            return context.sink.fail(report::jumps(context.program, old, &from, &to, depths));
        }
    }
    if old != new {
        let span = to.span;
        let end = inside(&to);
        contents_fit(context, subject, old, end, span);
    }
    Ok(ProcessKind::Convert { from, to })
}

/// `fuse V with …`.
pub fn fuse(context: &mut Context, subject: &mut Subject, vesicle: &Ref, with: &Ref) -> Result<ProcessKind, Reported> {
    let (what, class) = existing(context, subject, vesicle)?;
    let partner = context.resolve(with, subject.at)?;
    match partner {
        Referent::Compartment(id, _) => {
            let (partner, end) = fuse_compartment(context, &what, id, with.span)?;
            contents_fit(context, subject, class, vec![Location::Compartment(end)], with.span);
            Ok(ProcessKind::Fuse { what, with: partner })
        }
        Referent::Pool(target) if matches!(target.what, Entity::Vesicle(_)) => {
            let mut target = pool(target.what, target.state, target.at.clone(), &target);
            // From within, with the one that carries it: the lumen then goes to where the carrier lies.
            let carrier =
                matches!(what.at.first(), Some(Location::Vesicle(id, _)) if Entity::Vesicle(*id) == target.what);
            let near = if carrier { what.at.get(1..) } else { None };
            places(context, &mut target, Some(near.unwrap_or(&what.at)))?;
            let end = match (same(&what.at, &target.at), same(&what.at, &inside(&target))) {
                (true, _) => inside(&target),
                (_, true) => target.at.clone(),
                _ => return context.sink.fail(report::apart(context.program, &what, &target)),
            };
            contents_fit(context, subject, class, end, with.span);
            Ok(ProcessKind::Fuse { what, with: Partner::Vesicle(target) })
        }
        _ => context.sink.fail(report::fuse_with_no_membrane(with)),
    }
}

/// A membrane or a volume to fuse with, and where the contents go.
fn fuse_compartment(
    context: &mut Context,
    what: &Pool,
    id: CompartmentId,
    span: Span,
) -> Result<(Partner, CompartmentId), Reported> {
    let program = context.program;
    let geometry = &program.geometry;
    let here = volume(&what.at);
    if let Position::Between { inner, outer } = geometry.position(id) {
        return match here {
            Some(place) if place == inner => Ok((Partner::Membrane(id), outer)),
            Some(place) if place == outer => Ok((Partner::Membrane(id), inner)),
            _ => context.sink.fail(report::out_of_reach(program, what, id, [inner, outer], span)),
        };
    }
    match here {
        Some(place) if geometry.position(id) == Position::Inside(place) => Ok((Partner::Volume(id), id)),
        Some(place) if place == id => context.sink.fail(report::fuse_with_surroundings(program, what, id, span)),
        _ => {
            let between = membranes_at(context, base(&what.at), id);
            context.sink.fail(report::volume_behind(context.program, what, id, &between, span))
        }
    }
}

/// The membranes that part a place from another.
fn membranes_at(context: &Context, place: Option<CompartmentId>, other: CompartmentId) -> Vec<CompartmentId> {
    let geometry = &context.program.geometry;
    let parts = |at: usize| match geometry.position(CompartmentId(at as u32)) {
        Position::Between { inner, outer } => {
            (Some(inner) == place && outer == other) || (Some(outer) == place && inner == other)
        }
        _ => false,
    };
    (0..geometry.positions.len()).filter(|at| parts(*at)).map(|at| CompartmentId(at as u32)).collect()
}

/// `engulf V into W`.
pub fn engulf(
    context: &mut Context,
    subject: &mut Subject,
    vesicle: &Ref,
    host: &Ref,
) -> Result<ProcessKind, Reported> {
    let (mut what, _) = class(context, subject, vesicle)?;
    if let Referent::Compartment(id, _) = context.resolve(host, subject.at)? {
        let noun = context.program.describe(Def::Compartment(id));
        return context.sink.fail(report::engulf_into_compartment(host, noun));
    }
    let (into, _) = existing(context, subject, host)?;
    // Of the places that the class may be in, the one that it can be engulfed from is meant.
    if what.at.is_empty() {
        let mut outside = chains(context, what.what);
        outside.retain(|chain| is_across(context, chain, &into.at));
        if let [only] = outside.as_slice() {
            what.at = only.clone();
        }
    }
    places(context, &mut what, None)?;
    at_home(context, subject, &what)?;
    if !is_across(context, &what.at, &into.at) {
        return context.sink.fail(report::not_across(context.program, &what, &into));
    }
    Ok(ProcessKind::Engulf { what, into })
}

/// Whether one membrane of the model lies between two places.
fn is_across(context: &Context, one: &[Location], other: &[Location]) -> bool {
    let geometry = &context.program.geometry;
    match (volume(one), volume(other)) {
        (Some(a), Some(b)) => {
            geometry.position(a) == Position::Inside(b) || geometry.position(b) == Position::Inside(a)
        }
        _ => false,
    }
}
