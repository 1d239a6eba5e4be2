//! Reactions: of molecules, or of vesicles that appear, change or go.

use super::complete::{self, made, places};
use super::{Subject, crossing, vesicles};
use crate::hir::expr::{Entity, Location, Pool};
use crate::hir::ids::*;
use crate::hir::matter::count;
use crate::hir::reports::process as report;
use crate::hir::scope::{Context, Reported};
use crate::hir::{self, MoleculeKind, ProcessKind};
use crate::syntax::ast::{self, Term};

pub fn reaction(
    context: &mut Context,
    subject: &mut Subject,
    left: &[Term],
    right: &[Term],
) -> Result<ProcessKind, Reported> {
    if left.is_empty() && right.is_empty() {
        return context.sink.fail(report::nothing_happens(subject.declared.span));
    }
    let mut left_pools = resolve(context, subject, left)?;
    let mut right_pools = resolve(context, subject, right)?;
    let all = || left_pools.iter().chain(&right_pools);
    let vesicle = all().find(|(pool, _)| matches!(pool.what, Entity::Vesicle(_))).cloned();
    let molecule = all().find(|(pool, _)| matches!(pool.what, Entity::Molecule(_))).cloned();
    match (vesicle, molecule) {
        (Some((vesicle, _)), Some((molecule, _))) => {
            context.sink.fail(report::molecules_with_vesicles(context.program, &vesicle, &molecule))
        }
        (Some(_), None) => of_vesicles(context, subject, left_pools, right_pools, left, right),
        _ => {
            locate(context, &mut left_pools, &mut right_pools)?;
            states(context, &left_pools, &mut right_pools)?;
            crossing::meet(context, subject, &left_pools)?;
            moves(context, subject, &left_pools, &right_pools)?;
            balance(context, subject, &left_pools, &right_pools);
            Ok(ProcessKind::Reaction { left: left_pools, right: right_pools })
        }
    }
}

/// `turning A -> 2 B` of a vesicle process, if it says so.
pub fn turning(
    context: &mut Context,
    subject: &mut Subject,
    kind: &ProcessKind,
) -> Option<Result<hir::Turning, Reported>> {
    let declared = subject.declared;
    let turning = declared.ast.turning.as_ref()?;
    let back = matches!(&declared.ast.kind, ast::ProcessKind::Reaction { arrow: ast::Arrow::Both, .. });
    if back || matches!(kind, ProcessKind::Reaction { .. } | ProcessKind::Load { .. }) {
        return Some(context.sink.fail(report::turns_without_vesicle(turning.span, declared.span, back)));
    }
    Some(turned(context, subject, turning))
}

/// As in a reaction of molecules, but of those in places alone, and of one state each.
fn turned(context: &mut Context, subject: &mut Subject, turning: &ast::Turning) -> Result<hir::Turning, Reported> {
    if turning.left.is_empty() && turning.right.is_empty() {
        return context.sink.fail(report::nothing_happens(turning.span));
    }
    let mut left = resolve(context, subject, &turning.left)?;
    let mut right = resolve(context, subject, &turning.right)?;
    locate(context, &mut left, &mut right)?;
    for (pool, _) in left.iter_mut().chain(&mut right) {
        let in_a_place = pool.at.iter().all(|location| !matches!(location, Location::Vesicle(..)));
        if matches!(pool.what, Entity::Vesicle(_)) || !in_a_place {
            return context.sink.fail(report::turns_in_vesicles(context.program, pool));
        }
        made(context, pool)?;
    }
    crossing::meet(context, subject, &left)?;
    moves(context, subject, &left, &right)?;
    balance(context, subject, &left, &right);
    Ok(hir::Turning { left, right })
}

fn resolve(context: &mut Context, subject: &Subject, terms: &[Term]) -> Result<Vec<(Pool, u32)>, Reported> {
    let mut pools = Vec::with_capacity(terms.len());
    let mut failed = false;
    for term in terms {
        let count = count(context, term);
        let pool = context.resolve_pool(&term.of, subject.at);
        match (pool, count) {
            (Ok(pool), Ok(count)) => pools.push((pool, count)),
            _ => failed = true,
        }
    }
    if failed { Err(Reported) } else { Ok(pools) }
}

/// `-> V`, `V ->`, `V.a -> V.b`.
fn of_vesicles(
    context: &mut Context,
    subject: &mut Subject,
    mut left: Vec<(Pool, u32)>,
    mut right: Vec<(Pool, u32)>,
    left_terms: &[Term],
    right_terms: &[Term],
) -> Result<ProcessKind, Reported> {
    let several = left.iter().chain(&right).find(|(_, count)| *count > 1);
    if left.len() > 1 || right.len() > 1 || several.is_some() {
        return context.sink.fail(report::vesicles_react(subject.declared.span, left_terms, right_terms));
    }
    match (left.pop(), right.pop()) {
        (None, Some((mut what, _))) => {
            places(context, &mut what, None)?;
            made(context, &mut what)?;
            vesicles::at_home(context, subject, &what)?;
            Ok(ProcessKind::Create { what })
        }
        (Some((mut what, _)), None) => {
            places(context, &mut what, None)?;
            Ok(ProcessKind::Degrade { what })
        }
        (Some((from, _)), Some((to, _))) => vesicles::converted(context, subject, from, to),
        (None, None) => Err(Reported),
    }
}

/// Completes the places of all pools: first those that say or have only one, then the others by where those are.
fn locate(context: &mut Context, left: &mut [(Pool, u32)], right: &mut [(Pool, u32)]) -> Result<(), Reported> {
    let mut known: Vec<Vec<Location>> = Vec::new();
    let mut open: Vec<&mut Pool> = Vec::new();
    for (pool, _) in left.iter_mut().chain(right.iter_mut()) {
        let ends = complete::base(&pool.at).is_some();
        if ends || (pool.at.is_empty() && complete::chains(context, pool.what).len() == 1) {
            places(context, pool, None)?;
            if !known.contains(&pool.at) {
                known.push(pool.at.clone());
            }
        } else {
            open.push(pool);
        }
    }
    let near = match known.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    };
    let mut result = Ok(());
    for pool in open {
        result = result.and(places(context, pool, near.as_deref()));
    }
    result
}

/// A molecule that is made has a state, unless it keeps the one it had.
fn states(context: &mut Context, left: &[(Pool, u32)], right: &mut [(Pool, u32)]) -> Result<(), Reported> {
    let mut result = Ok(());
    for (pool, _) in right {
        let kept = left.iter().any(|(used, _)| used.what == pool.what && used.state.is_none());
        if !kept {
            result = result.and(made(context, pool));
        }
    }
    result
}

/// The elementary molecules of a pool.
fn parts(subject: &Subject, pool: &Pool) -> Vec<(MoleculeId, u32)> {
    let Entity::Molecule(id) = pool.what else { return Vec::new() };
    match subject.molecule(id).map(|m| m.composition.as_slice()) {
        None | Some([]) => vec![(id, 1)],
        Some(parts) => parts.to_vec(),
    }
}

/// Checks where each molecule comes from and goes to.
fn moves(
    context: &mut Context,
    subject: &mut Subject,
    left: &[(Pool, u32)],
    right: &[(Pool, u32)],
) -> Result<(), Reported> {
    for (to, _) in right {
        for (part, _) in parts(subject, to) {
            let sources: Vec<&Pool> = left
                .iter()
                .map(|(from, _)| from)
                .filter(|from| parts(subject, from).iter().any(|(p, _)| *p == part))
                .collect();
            // What has no like on the left was made of what is there.
            let made_of = if sources.is_empty() { left.iter().map(|(from, _)| from).collect() } else { sources };
            let stays = made_of.iter().any(|from| crossing::way(context, &from.at, &to.at) == crossing::Way::Same);
            if let (false, Some(from)) = (stays, nearest(context, &made_of, to)) {
                crossing::check(context, subject, part, from, to)?;
            }
        }
    }
    Ok(())
}

fn nearest<'a>(context: &Context, from: &[&'a Pool], to: &Pool) -> Option<&'a Pool> {
    let touching = from.iter().find(|f| crossing::way(context, &f.at, &to.at) == crossing::Way::Touching);
    touching.or(from.first()).copied()
}

/// What complexes are made of must be as much before as after.
fn balance(context: &mut Context, subject: &Subject, left: &[(Pool, u32)], right: &[(Pool, u32)]) {
    if left.is_empty() || right.is_empty() {
        return;
    }
    let is_complex = |pool: &Pool| match pool.what {
        Entity::Molecule(id) => subject.molecule(id).is_some_and(|m| m.kind == MoleculeKind::Complex),
        Entity::Vesicle(_) => false,
    };
    let mut watched: Vec<MoleculeId> = Vec::new();
    for (pool, _) in left.iter().chain(right).filter(|(pool, _)| is_complex(pool)) {
        for (part, _) in parts(subject, pool) {
            if !watched.contains(&part) {
                watched.push(part);
            }
        }
    }
    let total = |side: &[(Pool, u32)], part: MoleculeId| -> u32 {
        let each = side.iter().flat_map(|(pool, n)| parts(subject, pool).into_iter().map(move |(p, m)| (p, n * m)));
        each.filter(|(p, _)| *p == part).map(|(_, n)| n).sum()
    };
    let wrong: Vec<(MoleculeId, u32, u32)> = watched
        .into_iter()
        .map(|part| (part, total(left, part), total(right, part)))
        .filter(|(_, before, after)| before != after)
        .collect();
    if !wrong.is_empty() {
        context.sink.push(report::unbalanced(context.program, left, right, &wrong));
    }
}
