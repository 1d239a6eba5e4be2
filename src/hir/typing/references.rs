//! What names stand for in expressions: amounts, concentrations, parameters, sizes, units.

use super::demand;
use super::{Quantity, fail};
use crate::hir::expr::{Entity, ExprKind, Location, Pool};
use crate::hir::ids::*;
use crate::hir::reports::units as report;
use crate::hir::scope::{At, Context, Referent, Reported};
use crate::hir::units::{Dimension, Special, UnitId};
use crate::source::Span;
use crate::syntax::ast::{self, Name, Property, Ref};

/// 0 °C.
const ICE: f64 = 273.15;

pub fn reference(context: &mut Context, at: At, frame: &[Quantity], reference: &Ref) -> Result<Quantity, Reported> {
    let span = reference.span;
    if reference.single().is_some_and(|name| name.text == "pi") {
        return Ok(Quantity::number(std::f64::consts::PI, span));
    }
    if let Some(result) = crate::hir::experiments::results::reference(context, reference) {
        return result;
    }
    if let Some(own) = super::members::own_reference(context, at, reference) {
        return own;
    }
    match context.resolve(reference, at)? {
        Referent::Local(position) => {
            frame.get(position).cloned().map(|local| Quantity { span, ..local }).ok_or(Reported)
        }
        Referent::Time => {
            let seconds = named(context, "s");
            Ok(Quantity::varying(ExprKind::Time, Dimension::TIME, seconds, span))
        }
        Referent::Param(id, scope) => {
            let (dimension, unit) = demand::param(context, id, span)?;
            Ok(Quantity::node(ExprKind::Param(id, scope), dimension, unit, span))
        }
        Referent::Let(id, scope) => {
            let (dimension, unit, truth, varies) = demand::definition(context, id, span)?;
            let varies = varies.map(|_| span);
            Ok(Quantity { truth, varies, ..Quantity::node(ExprKind::Let(id, scope), dimension, unit, span) })
        }
        Referent::Input(id, scope) => {
            let (dimension, unit) = demand::input(context, id, span)?;
            Ok(Quantity::varying(ExprKind::Input(id, scope), dimension, unit, span))
        }
        Referent::Pool(pool) => {
            let copies = named(context, "copies");
            Ok(Quantity::varying(ExprKind::Amount(pool), Dimension::AMOUNT, copies, span))
        }
        Referent::Unit(id) => one(context, id, span),
        Referent::UserUnit(id) => {
            let id = demand::unit(context, id, span)?;
            one(context, id, span)
        }
        Referent::Observable(id, scope) => {
            let mut quantity = demand::observable(context, id, span)?;
            if let Some(scope) = scope {
                quantity.kind.ask_of(scope);
            }
            Ok(Quantity { span, ..quantity })
        }
        Referent::Compartment(id, _) => {
            let membrane = context.program.geometry.is_membrane(id);
            let report = report::place_as_number(reference, if membrane { "area" } else { "volume" });
            Err(fail(context, report))
        }
        Referent::Process(..) => {
            let report = report::process_as_number(reference);
            Err(fail(context, report))
        }
    }
}

fn named(context: &Context, name: &str) -> UnitId {
    context.units.named(name).unwrap_or_default()
}

/// A unit that stands for one of it.
fn one(context: &mut Context, id: UnitId, span: Span) -> Result<Quantity, Reported> {
    if context.units.special(id) == Special::Affine {
        let report = report::affine_in_product(span);
        return Err(fail(context, report));
    }
    Quantity::literal(context, 1.0, id, span)
}

/// The unit of a name after a number.
pub fn unit(context: &mut Context, at: At, name: &Name) -> Result<UnitId, Reported> {
    match context.resolve_unit(name, at)? {
        Referent::Unit(id) => Ok(id),
        Referent::UserUnit(id) => demand::unit(context, id, name.span),
        _ => Err(Reported),
    }
}

pub fn celsius(context: &Context, number: f64, span: Span) -> Quantity {
    let kelvin = named(context, "K");
    let kind = ExprKind::Number(number + ICE);
    Quantity { affine: true, ..Quantity::node(kind, Dimension::TEMPERATURE, kelvin, span) }
}

/// `[X]`.
pub fn concentration(context: &mut Context, at: At, reference: &Ref, span: Span) -> Result<Quantity, Reported> {
    let mut pool = match context.resolve(reference, at)? {
        Referent::Pool(pool) => pool,
        _ => {
            let report = report::concentration_of_what(context, reference);
            return Err(fail(context, report));
        }
    };
    let place = match place_of(context, &pool) {
        Ok(place) => place,
        Err(places) => {
            let report = report::concentration_where(context, reference, &pool, &places);
            return Err(fail(context, report));
        }
    };
    if pool.at.is_empty() {
        pool.at.push(Location::Compartment(place));
    }
    let membrane = context.program.geometry.is_membrane(place);
    let (dimension, unit) = if membrane {
        let dimension = Dimension::SURFACE_DENSITY;
        (dimension, context.units.usual(dimension))
    } else {
        (Dimension::CONCENTRATION, demand::concentration_unit(context, pool.what, place))
    };
    Ok(Quantity::varying(ExprKind::Concentration(pool), dimension, unit, span))
}

/// The one compartment that a pool lies in, or all it may lie in.
pub fn place_of(context: &Context, pool: &Pool) -> Result<CompartmentId, Vec<CompartmentId>> {
    match pool.at.as_slice() {
        [Location::Compartment(place), ..] => return Ok(*place),
        [Location::Vesicle(..) | Location::Anywhere, ..] => return Err(Vec::new()),
        [] | [Location::Scope(_), ..] => {}
    }
    let places: Vec<CompartmentId> = match pool.what {
        Entity::Molecule(id) => context.program.geometry.places(id).to_vec(),
        Entity::Vesicle(id) => {
            let homes = context.program.geometry.homes(id).iter();
            let places = homes.filter_map(|home| match home {
                crate::hir::VesicleHome::Compartment(place) => Some(*place),
                crate::hir::VesicleHome::Vesicle(_) => None,
            });
            places.collect()
        }
    };
    match places.as_slice() {
        [place] => Ok(*place),
        _ => Err(places),
    }
}

/// `CD63 per ILV@medium`.
pub fn per(context: &mut Context, at: At, what: &Ref, carrier: &Ref, span: Span) -> Result<Quantity, Reported> {
    let pool = context.resolve_pool(what, at);
    let vesicle = vesicles(context, at, carrier)?;
    Ok(Quantity::varying(ExprKind::Per(pool?, vesicle), Dimension::NONE, UnitId::PLAIN, span))
}

pub fn vesicles(context: &mut Context, at: At, reference: &Ref) -> Result<Pool, Reported> {
    let pool = context.resolve_pool(reference, at)?;
    if let Entity::Molecule(_) = pool.what {
        let report = report::vesicle_wanted(reference);
        return Err(fail(context, report));
    }
    Ok(pool)
}

/// `size of ILV@medium`, `area of plasma_membrane`.
pub fn property(
    context: &mut Context,
    at: At,
    property: Property,
    property_span: Span,
    of: &Ref,
    span: Span,
) -> Result<Quantity, Reported> {
    let (nm, area) = (named(context, "nm"), context.units.usual(Dimension::AREA));
    match context.resolve(of, at)? {
        Referent::Compartment(id, scope) => {
            let membrane = context.program.geometry.is_membrane(id);
            let dimension = if membrane { Dimension::AREA } else { Dimension::VOLUME };
            match (property, membrane) {
                (Property::Size, _) | (Property::Area, true) | (Property::Volume, false) => {
                    let unit = demand::size_unit(context, id, dimension);
                    // The area of a membrane changes with every bud.
                    Ok(Quantity::varying(ExprKind::SizeOf(id, scope), dimension, unit, span))
                }
                _ => {
                    let report = report::no_such_property(of, property_span, if membrane { "area" } else { "volume" });
                    Err(fail(context, report))
                }
            }
        }
        Referent::Pool(pool @ Pool { what: Entity::Vesicle(_), .. }) => match property {
            Property::Size | Property::Diameter => {
                Ok(Quantity::varying(ExprKind::DiameterOf(pool), Dimension::LENGTH, nm, span))
            }
            Property::Area => Ok(Quantity::varying(ExprKind::AreaOf(pool), Dimension::AREA, area, span)),
            Property::Age => super::members::mean_age(context, pool, span),
            Property::Volume | Property::Route => {
                let report = report::no_such_property(of, property_span, "diameter");
                Err(fail(context, report))
            }
        },
        _ => {
            let report = report::property_of_what(of, property_span);
            Err(fail(context, report))
        }
    }
}

/// The number an expression is written with, if it is nothing else; for guesses at a good unit.
pub fn plain_quantity(expr: &ast::Expr) -> Option<(f64, &ast::UnitRef)> {
    match &expr.kind {
        ast::ExprKind::Quantity { number, unit } => Some((*number, unit)),
        _ => None,
    }
}
