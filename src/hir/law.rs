//! Rate laws: whether a coefficient fits its process, and what it is meant for.
//!
//! Invariants: the coefficient's own dimension says whether a mass-action law is in amounts or in concentrations;
//! the two differ wherever there are two reactants or more, or none. A law in concentrations needs one place: a
//! volume, or a membrane with volumes beside it; its size is then that of the membrane, so that binding from solution to
//! a membrane has a coefficient in 1/(µM·s). Deliberately absent: the derived rates (the network's).

use super::expr::{Entity, Location, Pool};
use super::ids::*;
use super::reports::laws as report;
use super::scope::{At, Context, Reported};
use super::typing::{self, Quantity, fail};
use super::units::Dimension;
use super::value::{self, Wanted};
use super::{Basis, Evidence, Law, Membrane, ProcessKind, Value};
use crate::source::Span;
use crate::syntax::ast;

/// The law of a process whose kind is known. One that can't be understood gives a rate that has failed.
pub fn check_law(context: &mut Context, at: At, process: &ast::Process, kind: &ProcessKind) -> Law {
    let failed = |span: Span| Law::Rate(value::failed(span));
    match &process.rate {
        _ if matches!(kind, ProcessKind::Load { .. }) => Law::Along,
        None => failed(process.name.span),
        Some(ast::Rate::Whole(rate)) => whole(context, at, process, rate).unwrap_or_else(|Reported| failed(rate.span)),
        Some(ast::Rate::At { forward, reverse }) => {
            let law = coefficients(context, at, process, kind, (forward, reverse.as_ref()));
            law.unwrap_or_else(|Reported| failed(forward.span))
        }
    }
}

fn goes_both_ways(process: &ast::Process) -> bool {
    matches!(process.kind, ast::ProcessKind::Reaction { arrow: ast::Arrow::Both, .. })
}

/// `rate r`.
fn whole(context: &mut Context, at: At, process: &ast::Process, rate: &ast::Value) -> Result<Law, Reported> {
    let (value, quantity) = coefficient(context, at, process, rate, None)?;
    if goes_both_ways(process) {
        let report = report::rate_both_ways(rate.span, process.name.span);
        return Err(fail(context, report));
    }
    if quantity.dimension != Dimension::FLUX || quantity.truth {
        let report = report::no_rate(context, &quantity, process.name.span);
        return Err(fail(context, report));
    }
    Ok(Law::Rate(value))
}

/// `at k[, k_reverse]`.
fn coefficients(
    context: &mut Context,
    at: At,
    process: &ast::Process,
    kind: &ProcessKind,
    (forward, reverse): (&ast::Value, Option<&ast::Value>),
) -> Result<Law, Reported> {
    match (goes_both_ways(process), reverse) {
        (true, None) => {
            let report = report::way_back_missing(forward.span, process.name.span);
            return Err(fail(context, report));
        }
        (false, Some(reverse)) => {
            let report = report::no_way_back(reverse.span, process.name.span);
            return Err(fail(context, report));
        }
        _ => {}
    }
    // Evidence at the end of `at k, k_back` is for both.
    let shared = reverse.and_then(|r| r.evidence.as_ref());
    let forward = coefficient(context, at, process, forward, shared);
    let reverse = reverse.map(|r| coefficient(context, at, process, r, None)).transpose();
    let (forward, reverse) = (forward?, reverse?);
    let name = process.name.span;
    match kind {
        ProcessKind::Reaction { left, right } => {
            let ahead = basis(context, &forward.1, left, right, name);
            let back = match &reverse {
                Some(reverse) => Some(basis(context, &reverse.1, right, left, name)?),
                None => None,
            };
            let basis = either(context, ahead?, back, (&forward.1, reverse.as_ref().map(|r| &r.1)))?;
            Ok(Law::MassAction { forward: forward.0, reverse: reverse.map(|r| r.0), basis })
        }
        ProcessKind::Create { .. } => {
            if forward.1.dimension == Dimension::FLUX {
                return Ok(Law::Rate(forward.0));
            }
            let report = report::no_rate(context, &forward.1, name);
            Err(fail(context, report))
        }
        ProcessKind::Bud { from: Membrane::Compartment(_), .. } => {
            let report = report::nothing_to_be_per(context, &forward.1, name);
            Err(fail(context, report))
        }
        _ => {
            for quantity in [Some(&forward.1), reverse.as_ref().map(|r| &r.1)].into_iter().flatten() {
                if quantity.dimension != Dimension::FREQUENCY || quantity.truth {
                    let report = report::no_rate_per_vesicle(context, quantity, name, &per_what(context, kind));
                    return Err(fail(context, report));
                }
            }
            Ok(Law::PerVesicle { forward: forward.0, reverse: reverse.map(|r| r.0) })
        }
    }
}

/// A coefficient or rate with its evidence, which may stand with the process.
fn coefficient(
    context: &mut Context,
    at: At,
    process: &ast::Process,
    written: &ast::Value,
    shared: Option<&ast::Evidence>,
) -> Result<(Value, Quantity), Reported> {
    let wanted = Wanted::number("a rate").not_negative();
    let (mut value, quantity) = value::with_quantity(context, at, written, wanted)?;
    if value.evidence == Evidence::default() {
        value.evidence = value::lower_evidence(context, at, shared.or(process.evidence.as_ref()));
    }
    if let super::ExprKind::Param(id, _) = &value.expr.kind
        && typing::demand::param_number(context, *id).is_some_and(|number| number < 0.0)
    {
        let report = report::negative_coefficient(context, written.span, *id);
        return Err(fail(context, report));
    }
    let name = match &process.of {
        Some(of) => format!("`{} of {of}`", process.name),
        None => format!("`{}`", process.name),
    };
    value::warn_without_evidence(context, &value, process.name.span, &name);
    Ok((value, quantity))
}

/// The name of the vesicle that a rate is per.
fn per_what(context: &Context, kind: &ProcessKind) -> String {
    let pool = match kind {
        ProcessKind::Convert { from: pool, .. }
        | ProcessKind::Bud { from: Membrane::OffVesicle(pool) | Membrane::IntoVesicle(pool), .. }
        | ProcessKind::Fuse { what: pool, .. }
        | ProcessKind::Engulf { what: pool, .. }
        | ProcessKind::Degrade { what: pool }
        | ProcessKind::Rupture { what: pool } => Some(pool),
        _ => None,
    };
    let vesicle = pool.and_then(|pool| match pool.what {
        Entity::Vesicle(id) => context.program.vesicles.get(id.index()),
        Entity::Molecule(_) => None,
    });
    vesicle.map_or_else(|| "vesicle".to_owned(), |v| v.name.to_string())
}

/// Where the reactants of a law are: how many in volumes and on membranes, and the places.
#[derive(Default)]
struct Reactants {
    dissolved: i32,
    bound: i32,
    volumes: Vec<CompartmentId>,
    membranes: Vec<CompartmentId>,
    /// In or on vesicles, or vesicles themselves: there is no one volume to go by.
    carried: bool,
}

impl Reactants {
    fn of(context: &Context, pools: &[(Pool, u32)]) -> Reactants {
        let mut all = Reactants::default();
        for (pool, count) in pools {
            let count = i32::try_from(*count).unwrap_or(i32::MAX);
            let Some(place) = compartment_of(context, pool) else {
                all.carried = true;
                all.dissolved = all.dissolved.saturating_add(count);
                continue;
            };
            let (number, places) = if context.program.geometry.is_membrane(place) {
                (&mut all.bound, &mut all.membranes)
            } else {
                (&mut all.dissolved, &mut all.volumes)
            };
            *number = number.saturating_add(count);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        all
    }

    fn order(&self) -> i32 {
        self.dissolved.saturating_add(self.bound)
    }

    /// Whether there is one place whose size the law can go by.
    fn share_a_place(&self) -> bool {
        let beside = self.membranes.len() == 1 && self.volumes.len() <= 1;
        !self.carried && (beside || (self.membranes.is_empty() && self.volumes.len() <= 1))
    }
}

fn compartment_of(context: &Context, pool: &Pool) -> Option<CompartmentId> {
    match (pool.at.first(), pool.what) {
        (Some(Location::Compartment(place)), _) => Some(*place),
        (None, Entity::Molecule(id)) => context.program.geometry.places(id).first().copied(),
        _ => None,
    }
}

/// What the coefficient of that many reactants may be: in amounts, and in concentrations.
fn fitting(reactants: &Reactants, product_membrane: bool) -> [Option<Dimension>; 2] {
    let times = |dimension: Dimension, n: i32| dimension.power(n.clamp(-20, 20) * 60).unwrap_or(Dimension::NONE);
    let amounts = Dimension::FLUX / times(Dimension::AMOUNT, reactants.order());
    let on_membrane = reactants.bound > 0 || (reactants.order() == 0 && product_membrane);
    let size = if on_membrane { Dimension::AREA } else { Dimension::VOLUME };
    let densities = times(Dimension::CONCENTRATION, reactants.dissolved)
        * times(Dimension::SURFACE_DENSITY, reactants.bound)
        * size;
    [Some(amounts), reactants.share_a_place().then(|| Dimension::FLUX / densities)]
}

/// Which kind of law a coefficient is for; `None` where both are the same.
fn basis(
    context: &mut Context,
    coefficient: &Quantity,
    from: &[(Pool, u32)],
    to: &[(Pool, u32)],
    name: Span,
) -> Result<Option<Basis>, Reported> {
    let reactants = Reactants::of(context, from);
    let product = to.first().and_then(|(pool, _)| compartment_of(context, pool));
    let product_membrane = product.is_some_and(|place| context.program.geometry.is_membrane(place));
    let [amounts, concentrations] = fitting(&reactants, product_membrane);
    let is = |wanted: Option<Dimension>| !coefficient.truth && wanted == Some(coefficient.dimension);
    match (is(amounts), is(concentrations)) {
        (true, true) => Ok(None),
        (true, false) => Ok(Some(Basis::Amounts)),
        (false, true) => Ok(Some(Basis::Concentrations)),
        (false, false) => {
            let wants: Vec<Dimension> = amounts.into_iter().chain(concentrations).collect();
            let apart = !reactants.carried && !reactants.share_a_place();
            let places: Vec<CompartmentId> = reactants.volumes.iter().chain(&reactants.membranes).copied().collect();
            let report = report::wrong_coefficient(context, coefficient, reactants.order(), &wants, name);
            let report = if apart { report::in_unlike_places(context, report, &places) } else { report };
            Err(fail(context, report))
        }
    }
}

/// One basis for both directions.
fn either(
    context: &mut Context,
    ahead: Option<Basis>,
    back: Option<Option<Basis>>,
    (forward, reverse): (&Quantity, Option<&Quantity>),
) -> Result<Basis, Reported> {
    match (ahead, back.flatten()) {
        (Some(a), Some(b)) if a != b => {
            let report = report::mixed_bases(context, forward, reverse.unwrap_or(forward));
            Err(typing::fail(context, report))
        }
        (Some(basis), _) | (None, Some(basis)) => Ok(basis),
        (None, None) => Ok(Basis::Amounts),
    }
}
