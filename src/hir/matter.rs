//! Compartments, molecules and vesicle classes, with their numbers.
//!
//! Invariants: tables in the order of the program's; shares of states add to 1; a molecule's composition is of
//! molecules that have none themselves. A molecule that says no shares is in its first state.

use super::expr::Entity;
use super::ids::*;
use super::program::{Declared, MoleculeAst};
use super::reports::{matter as report, places};
use super::scope::{At, Context, Reported};
use super::units::Dimension;
use super::value::{self, Wanted};
use super::{Compartment, Diameter, ExprKind, Molecule, Vesicle, VesicleState, typing};
use crate::syntax::ast;
use rustc_hash::FxHashMap;

pub fn compartments(context: &mut Context) -> Vec<Compartment> {
    let program = context.program;
    let mut table = Vec::with_capacity(program.compartments.len());
    for (at, compartment) in program.compartments.iter().enumerate() {
        let id = CompartmentId(at as u32);
        let size = value::lower_value(context, At::site(compartment.site), &compartment.ast.size, Wanted::SIZE);
        let membrane = program.geometry.is_membrane(id);
        let right = if membrane { Dimension::AREA } else { Dimension::VOLUME };
        if size.expr.kind != ExprKind::Error && size.expr.dimension != right {
            context.sink.push(places::size_of_the_wrong_kind(program, id, size.span, membrane));
        }
        table.push(Compartment {
            name: compartment.name.clone(),
            size,
            position: program.geometry.position(id),
            depth: program.geometry.depth(id),
            doc: compartment.doc.clone(),
            module: compartment.module,
            span: compartment.span,
        });
    }
    table
}

pub fn molecules(context: &mut Context) -> Vec<Molecule> {
    let program = context.program;
    let compositions = Compositions::find(context);
    let mut table = Vec::with_capacity(program.molecules.len());
    for (at, molecule) in program.molecules.iter().enumerate() {
        let id = MoleculeId(at as u32);
        table.push(lower_molecule(context, id, molecule, &compositions));
    }
    for at in 0..table.len() {
        let parts = table.get(at).map(|m| m.composition.clone()).unwrap_or_default();
        let bound = parts.iter().any(|(part, _)| table.get(part.index()).is_some_and(|m| m.membrane_bound));
        if let Some(molecule) = table.get_mut(at)
            && molecule.places.is_empty()
        {
            molecule.membrane_bound |= bound;
        }
    }
    table
}

fn lower_molecule(
    context: &mut Context,
    id: MoleculeId,
    molecule: &Declared<MoleculeAst>,
    compositions: &Compositions,
) -> Molecule {
    let at = At::site(molecule.site);
    let geometry = &context.program.geometry;
    let places = geometry.places(id).to_vec();
    let mut amount = molecule.ast.amount().map(|amount| value::lower_value(context, at, amount, Wanted::AMOUNT));
    if let Some(amount) = &amount {
        check_amount_place(context, id, molecule, amount, &places);
    }
    let evidence = value::lower_evidence(context, at, molecule.ast.evidence());
    if let Some(amount) = amount.as_mut().filter(|a| a.evidence == Default::default()) {
        amount.evidence = evidence;
    }
    let fixed = matches!(molecule.ast, MoleculeAst::Species(ast::Species { fixed: Some(_), .. }, _));
    Molecule {
        name: molecule.name.clone(),
        alias: molecule.ast.alias(),
        kind: molecule.ast.kind(),
        amount,
        membrane_bound: !places.is_empty() && places.iter().all(|p| context.program.geometry.is_membrane(*p)),
        places,
        fixed,
        states: shares(context, at, molecule.ast.states()),
        composition: compositions.of(id),
        doc: molecule.doc.clone(),
        module: molecule.module,
        span: molecule.span,
    }
}

fn check_amount_place(
    context: &mut Context,
    id: MoleculeId,
    molecule: &Declared<MoleculeAst>,
    amount: &super::Value,
    places: &[CompartmentId],
) {
    let program = context.program;
    if amount.expr.kind == ExprKind::Error {
        return;
    }
    let Some(place) = places.first() else {
        if molecule.ast.places().is_empty() {
            context.sink.push(report::amount_without_place(&molecule.name, amount.span, molecule.span));
        }
        return;
    };
    let membrane = program.geometry.is_membrane(*place);
    let wrong = match membrane {
        true => Dimension::CONCENTRATION,
        false => Dimension::SURFACE_DENSITY,
    };
    if amount.expr.dimension == wrong {
        context.sink.push(report::density_of_the_wrong_kind(program, id, *place, amount.span, membrane));
    }
}

/// States with their shares; those of a molecule that says none are all in the first.
fn shares(context: &mut Context, at: At, states: &[ast::State]) -> Vec<(smol_str::SmolStr, f64)> {
    let mut given: Vec<Option<f64>> = Vec::with_capacity(states.len());
    for state in states {
        let share = state.share.as_ref();
        let share =
            share.map(|share| typing::constant(context, at, share, Dimension::NONE, "a share").unwrap_or(f64::NAN));
        given.push(share);
    }
    let failed = given.iter().flatten().any(|share| share.is_nan());
    let sum: f64 = given.iter().flatten().sum();
    let open = given.iter().filter(|share| share.is_none()).count();
    const ROUNDING: f64 = 1e-6;
    if open == given.len() {
        if let Some(first) = given.first_mut() {
            *first = Some(1.0);
        }
    } else if !failed {
        let negative = states.iter().zip(&given).find(|(_, share)| share.is_some_and(|s| s < 0.0));
        if let Some((state, _)) = negative {
            context.sink.push(report::negative_share(state));
        } else if open == 0 && (sum - 1.0).abs() > ROUNDING || sum > 1.0 + ROUNDING {
            context.sink.push(report::shares_do_not_add(states, sum));
        } else if open > 1 {
            context.sink.push(report::shares_incomplete(states));
        }
    }
    let rest = (1.0 - given.iter().flatten().sum::<f64>()).max(0.0);
    let last = if open == 1 && open < given.len() { rest } else { 0.0 };
    states.iter().zip(given).map(|(state, share)| (state.name.text.clone(), share.unwrap_or(last))).collect()
}

pub fn vesicles(context: &mut Context) -> Vec<Vesicle> {
    let program = context.program;
    let mut table = Vec::with_capacity(program.vesicles.len());
    for (index, vesicle) in program.vesicles.iter().enumerate() {
        let at = At::site(vesicle.site);
        let mut amount = vesicle.ast.amount.as_ref().map(|a| value::lower_value(context, at, a, Wanted::VESICLES));
        let evidence = value::lower_evidence(context, at, vesicle.ast.evidence.as_ref());
        if let Some(amount) = amount.as_mut().filter(|a| a.evidence == Default::default()) {
            amount.evidence = evidence;
        }
        let places = program.geometry.homes(VesicleId(index as u32)).to_vec();
        if vesicle.ast.places.is_empty() {
            context.sink.push(report::vesicle_without_place(&vesicle.name, vesicle.span));
        }
        table.push(Vesicle {
            name: vesicle.name.clone(),
            amount,
            places,
            states: vesicle_states(context, vesicle),
            doc: vesicle.doc.clone(),
            module: vesicle.module,
            span: vesicle.span,
        });
    }
    table
}

fn vesicle_states(context: &mut Context, vesicle: &Declared<&ast::Vesicle>) -> Vec<VesicleState> {
    let at = At::site(vesicle.site);
    let common = vesicle.ast.diameter.as_ref();
    if common.is_none() && vesicle.ast.states.iter().all(|s| s.diameter.is_none()) {
        context.sink.push(report::no_diameter(&vesicle.name, vesicle.span));
    }
    let shared = common.map(|d| diameter(context, at, d));
    if vesicle.ast.states.is_empty() {
        let diameter = shared.unwrap_or_else(|| unknown_diameter(vesicle));
        return vec![VesicleState { name: Default::default(), diameter }];
    }
    let some_say = vesicle.ast.states.iter().any(|s| s.diameter.is_some());
    let mut states = Vec::with_capacity(vesicle.ast.states.len());
    for state in &vesicle.ast.states {
        let own = state.diameter.as_ref().map(|d| diameter(context, at, d));
        if own.is_none() && shared.is_none() && some_say {
            context.sink.push(report::no_diameter(&format!("{}.{}", vesicle.name, state.name), state.name.span));
        }
        let diameter = own.or_else(|| shared.clone()).unwrap_or_else(|| unknown_diameter(vesicle));
        states.push(VesicleState { name: state.name.text.clone(), diameter });
    }
    states
}

fn unknown_diameter(vesicle: &Declared<&ast::Vesicle>) -> Diameter {
    Diameter { mean: value::failed(vesicle.span), sd: None, range: None }
}

fn diameter(context: &mut Context, at: At, diameter: &ast::Diameter) -> Diameter {
    let mut mean = value::lower_number(context, at, &diameter.mean, Wanted::DIAMETER);
    mean.evidence = value::lower_evidence(context, at, diameter.evidence.as_ref());
    let length = Dimension::LENGTH;
    let sd = diameter.spread.as_ref();
    let sd = sd.and_then(|s| typing::constant(context, at, s, length, "the spread of a diameter").ok());
    if let (Some(sd), Some(spread)) = (sd, &diameter.spread)
        && sd < 0.0
    {
        context.sink.push(report::negative_spread(spread.span));
    }
    let range = diameter.range.as_ref().and_then(|(low, high)| {
        let from = typing::constant(context, at, low, length, "the smallest diameter");
        let to = typing::constant(context, at, high, length, "the largest diameter");
        let (from, to) = from.and_then(|from| to.map(|to| (from, to))).ok()?;
        let middle = match mean.expr.kind {
            ExprKind::Number(mean) => mean,
            _ => from,
        };
        if !(0.0 < from && from < to) || middle < from || middle > to {
            context.sink.push(report::bad_range(low.span.to(high.span), diameter.mean.span, from < to));
        }
        Some((from, to))
    });
    Diameter { mean, sd, range }
}

/// Compositions of all complexes, down to molecules that have none.
struct Compositions(FxHashMap<MoleculeId, Vec<(MoleculeId, u32)>>);

impl Compositions {
    fn of(&self, id: MoleculeId) -> Vec<(MoleculeId, u32)> {
        self.0.get(&id).cloned().unwrap_or_default()
    }

    fn find(context: &mut Context) -> Compositions {
        let program = context.program;
        let mut direct: FxHashMap<MoleculeId, Vec<(MoleculeId, u32)>> = FxHashMap::default();
        for (at, molecule) in program.molecules.iter().enumerate() {
            let MoleculeAst::Complex(complex) = molecule.ast else { continue };
            let mut parts = Vec::new();
            for term in &complex.composition {
                let Ok(count) = count(context, term) else { continue };
                let Ok(pool) = context.resolve_pool(&term.of, At::site(molecule.site)) else { continue };
                match pool.what {
                    Entity::Molecule(part) => parts.push((part, count)),
                    Entity::Vesicle(id) => context.sink.push(report::vesicle_in_complex(program, id, term.span)),
                }
            }
            direct.insert(MoleculeId(at as u32), parts);
        }
        let mut all = FxHashMap::default();
        let mut ids: Vec<MoleculeId> = direct.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            let mut parts = Vec::new();
            let mut above = vec![id];
            match expand(&direct, id, 1, &mut above, &mut parts) {
                Ok(()) => {
                    all.insert(id, parts);
                }
                Err(Reported) => context.sink.push(report::complex_of_itself(program, id)),
            }
        }
        Compositions(all)
    }
}

/// Adds the elementary parts of `times` of a complex; fails where it is a part of itself.
fn expand(
    direct: &FxHashMap<MoleculeId, Vec<(MoleculeId, u32)>>,
    id: MoleculeId,
    times: u32,
    above: &mut Vec<MoleculeId>,
    to: &mut Vec<(MoleculeId, u32)>,
) -> Result<(), Reported> {
    for (part, count) in direct.get(&id).map_or(&[][..], Vec::as_slice) {
        let times = times.saturating_mul(*count);
        if above.contains(part) {
            return Err(Reported);
        }
        if direct.contains_key(part) {
            above.push(*part);
            expand(direct, *part, times, above, to)?;
            above.pop();
        } else {
            match to.iter_mut().find(|(known, _)| known == part) {
                Some((_, sum)) => *sum = sum.saturating_add(times),
                None => to.push((*part, times)),
            }
        }
    }
    Ok(())
}

/// The number in front of a term: a whole one, from 1 on.
pub fn count(context: &mut Context, term: &ast::Term) -> Result<u32, Reported> {
    const MOST: f64 = 1000.0;
    let whole = term.count.fract() == 0.0 && (1.0..=MOST).contains(&term.count);
    if whole {
        return Ok(term.count as u32);
    }
    context.sink.fail(report::count_not_whole(term.count, term.count_span.unwrap_or(term.span)))
}
