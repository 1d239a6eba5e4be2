//! Whether molecules may go from one place to another.
//!
//! Depth parity: places of even depth are topologically outside, those of odd depth cytosolic. Unlike places need a
//! channel; like places that are not one need vesicles, or a flow that is named; membrane-bound molecules stay in
//! membranes.

use super::Subject;
use super::complete::{base, depth, same};
use crate::hir::Position;
use crate::hir::expr::{Location, Pool};
use crate::hir::ids::*;
use crate::hir::reports::crossing as report;
use crate::hir::scope::{Context, Reported};

/// How two places stand to each other, for something that goes from one to the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Same,
    /// A volume and the membrane at its edge.
    Touching,
    /// A membrane, or several, between, and unlike parity.
    Unlike,
    /// Like parity, but no way.
    Like,
}

/// The membrane that is the place, if it is one.
fn membrane(context: &Context, at: &[Location]) -> Option<CompartmentId> {
    match at {
        [Location::Compartment(id)] => context.program.geometry.is_membrane(*id).then_some(*id),
        _ => None,
    }
}

/// How `from` and `to` stand to each other. Things inside vesicles are taken to be in the lumen.
pub fn way(context: &Context, from: &[Location], to: &[Location]) -> Way {
    if same(from, to) {
        return Way::Same;
    }
    let touches = |membrane: CompartmentId, at: &[Location]| match context.program.geometry.position(membrane) {
        Position::Between { inner, outer } => matches!(at, [Location::Compartment(c)] if *c == inner || *c == outer),
        _ => false,
    };
    match (membrane(context, from), membrane(context, to)) {
        (Some(a), None) if touches(a, to) => Way::Touching,
        (None, Some(b)) if touches(b, from) => Way::Touching,
        (None, None) if depth(context, from) % 2 != depth(context, to) % 2 => Way::Unlike,
        _ => Way::Like,
    }
}

/// Checks that a molecule may go from one pool to another.
pub fn check(
    context: &mut Context,
    subject: &mut Subject,
    id: MoleculeId,
    from: &Pool,
    to: &Pool,
) -> Result<(), Reported> {
    let way = way(context, &from.at, &to.at);
    if way == Way::Same {
        return Ok(());
    }
    let bound = subject.molecule(id).is_some_and(|m| m.membrane_bound);
    if bound && membrane(context, &to.at).is_none() && !carried(&to.at) {
        return context.sink.fail(report::leaves_membrane(context.program, id, from, to));
    }
    if way == Way::Touching {
        return Ok(());
    }
    if subject.through.is_some() {
        subject.crosses = true;
        return Ok(());
    }
    context.sink.fail(match way {
        Way::Unlike => {
            let depths = [depth(context, &from.at), depth(context, &to.at)];
            report::unlike(context.program, id, from, to, depths)
        }
        _ => report::like(context.program, id, from, to),
    })
}

fn carried(at: &[Location]) -> bool {
    matches!(at.first(), Some(Location::Vesicle(..)))
}

/// Checks that what reacts meets: all in one place, or in a membrane and the volumes at it.
pub fn meet(context: &mut Context, subject: &mut Subject, pools: &[(Pool, u32)]) -> Result<(), Reported> {
    let Some(((first, _), rest)) = pools.split_first() else { return Ok(()) };
    for (other, _) in rest {
        let meets =
            matches!(way(context, &first.at, &other.at), Way::Same | Way::Touching) || share_membrane(pools, context);
        if meets {
            continue;
        }
        if subject.through.is_some() {
            subject.crosses = true;
            continue;
        }
        return context.sink.fail(report::never_meet(context.program, first, other));
    }
    Ok(())
}

/// Whether one of the pools lies in a membrane that all others lie in or at.
fn share_membrane(pools: &[(Pool, u32)], context: &Context) -> bool {
    pools.iter().filter(|(pool, _)| membrane(context, &pool.at).is_some()).any(|(center, _)| {
        pools.iter().all(|(pool, _)| matches!(way(context, &center.at, &pool.at), Way::Same | Way::Touching))
    })
}

/// The place that holds a chain, for things that lie side by side in it.
pub fn volume(at: &[Location]) -> Option<CompartmentId> {
    match at {
        [_] => base(at),
        _ => None,
    }
}
