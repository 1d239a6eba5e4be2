//! Which one pool a reference in a process means.

use super::Subject;
use crate::diagnostics::Diagnostic;
use crate::hir::VesicleHome;
use crate::hir::expr::{Entity, Location, Pool};
use crate::hir::ids::*;
use crate::hir::reports::process as report;
use crate::hir::scope::{Context, Reported};
use crate::source::Span;

/// More chains of carriers than this are not told apart.
const MOST_CHAINS: usize = 64;

/// All chains of carriers that an entity is declared in.
pub fn chains(context: &Context, what: Entity) -> Vec<Vec<Location>> {
    let geometry = &context.program.geometry;
    match what {
        Entity::Molecule(id) => geometry.places(id).iter().map(|place| vec![Location::Compartment(*place)]).collect(),
        Entity::Vesicle(id) => {
            let mut all = Vec::new();
            let mut open: Vec<(Vec<Location>, VesicleId)> = vec![(Vec::new(), id)];
            while let Some((chain, of)) = open.pop() {
                for home in geometry.homes(of) {
                    let mut longer = chain.clone();
                    match *home {
                        VesicleHome::Compartment(place) => {
                            longer.push(Location::Compartment(place));
                            all.push(longer);
                        }
                        VesicleHome::Vesicle(carrier) if chain.len() < 8 && all.len() < MOST_CHAINS => {
                            longer.push(Location::Vesicle(carrier, None));
                            open.push((longer, carrier));
                        }
                        VesicleHome::Vesicle(_) => {}
                    }
                }
            }
            all
        }
    }
}

/// The chain for something inside a vesicle population.
pub fn inside(pool: &Pool) -> Vec<Location> {
    match pool.what {
        Entity::Vesicle(id) => std::iter::once(Location::Vesicle(id, pool.state)).chain(pool.at.clone()).collect(),
        Entity::Molecule(_) => pool.at.clone(),
    }
}

/// Completes the places of a pool: down to a compartment. `near` is where the rest of the process is, if it is known.
pub fn places(context: &mut Context, pool: &mut Pool, near: Option<&[Location]>) -> Result<(), Reported> {
    if pool.at.iter().any(|l| matches!(l, Location::Scope(_) | Location::Anywhere)) {
        return context.sink.fail(report::place_too_wide(pool.span));
    }
    let candidates = match pool.at.last() {
        Some(Location::Compartment(_)) => return Ok(()),
        Some(Location::Vesicle(carrier, _)) => chains(context, Entity::Vesicle(*carrier)),
        _ => chains(context, pool.what),
    };
    let given = pool.at.clone();
    let mut full: Vec<Vec<Location>> =
        candidates.into_iter().map(|rest| given.iter().copied().chain(rest).collect()).collect();
    if full.len() != 1
        && let Some(near) = near
    {
        let fits: Vec<Vec<Location>> = match full.is_empty() && given.is_empty() {
            true => vec![near.to_vec()],
            false => full.iter().filter(|chain| same(chain, near)).cloned().collect(),
        };
        if fits.len() == 1 {
            full = fits;
        }
    }
    match full.as_slice() {
        [one] => {
            pool.at = one.clone();
            Ok(())
        }
        // A declared place that is not there has been reported.
        [] if said(context, pool.what) => Err(Reported),
        [] => context.sink.fail(report::no_place(context.program, pool)),
        several => context.sink.fail(report::ambiguous_place(context.program, pool, several)),
    }
}

/// Whether the declaration says a place, even if there is no such place.
fn said(context: &Context, what: Entity) -> bool {
    match what {
        Entity::Molecule(id) => context.program.molecules.get(id.index()).is_some_and(|m| !m.ast.places().is_empty()),
        // A vesicle class that is nowhere has been reported.
        Entity::Vesicle(_) => true,
    }
}

/// Whether two chains name the same place; a carrier without a state goes with any.
pub fn same(one: &[Location], other: &[Location]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|pair| match pair {
            (Location::Vesicle(a, s), Location::Vesicle(b, t)) => a == b && (s == t || s.is_none() || t.is_none()),
            (a, b) => a == b,
        })
}

/// Completes the state of a pool that is made: it must have one.
pub fn made(context: &mut Context, pool: &mut Pool) -> Result<(), Reported> {
    if pool.state.is_some() {
        return Ok(());
    }
    let states = context.states(pool.what);
    match (states, pool.what) {
        ([], Entity::Molecule(_)) => Ok(()),
        ([] | [_], _) => {
            pool.state = Some(StateId(0));
            Ok(())
        }
        (several, _) => context.sink.fail(report::ambiguous_state(context.program, pool, several)),
    }
}

/// The compartment at the end of a chain.
pub fn base(at: &[Location]) -> Option<CompartmentId> {
    match at.last() {
        Some(Location::Compartment(id)) => Some(*id),
        _ => None,
    }
}

/// Membranes between a place and the outside.
pub fn depth(context: &Context, at: &[Location]) -> u32 {
    let base = base(at).map_or(0, |id| context.program.geometry.depth(id));
    base + at.len().saturating_sub(1) as u32
}

/// What there is to say if a captured molecule isn't where the bud takes it from.
pub fn not_captured(
    context: &Context,
    subject: &Subject,
    what: &Pool,
    source: &[Location],
    bound: bool,
) -> Option<Diagnostic> {
    let Entity::Molecule(id) = what.what else { return None };
    if !what.at.is_empty() && !what.at.iter().zip(source).all(|(a, b)| same(&[*a], &[*b])) {
        return Some(report::captured_elsewhere(context.program, what, source, bound));
    }
    let [Location::Compartment(place)] = source else { return None };
    let declared = context.program.geometry.places(id);
    let may_come = declared.contains(place) || declared.is_empty() || !what.at.is_empty();
    let process: Span = subject.declared.span;
    (!may_come).then(|| report::nothing_to_capture(context.program, what, *place, bound, process))
}
