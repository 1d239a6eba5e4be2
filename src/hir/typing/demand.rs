//! Parameters, definitions, inputs, observables and units of the user's, typed when first asked for.

use super::{Quantity, fail, finish, infer, members, references};
use crate::hir::expr::Entity;
use crate::hir::ids::*;
use crate::hir::program::Declared;
use crate::hir::reports::units as report;
use crate::hir::scope::{At, Context, Referent, Reported};
use crate::hir::units::{Dimension, UnitId, of_number};
use crate::hir::value::{self, Wanted};
use crate::hir::{Input, Let, Observable, Param, Value};
use crate::source::Span;
use crate::syntax::ast;

/// Where the typing of something stands.
#[derive(Clone, Debug)]
pub enum Slot<T> {
    /// Being typed: to ask again is to go round in a circle.
    Busy,
    Done(Result<T, Reported>),
}

#[derive(Clone, Debug)]
pub struct TypedParam {
    /// `None` for `required`.
    pub value: Option<Value>,
    pub dimension: Dimension,
    pub unit: UnitId,
}

/// How far things may be nested in each other's definitions; the stack must bear it.
const DEEPEST: u32 = 100;

/// To be followed by [`leave`].
pub fn enter(context: &mut Context, span: Span) -> Result<(), Reported> {
    if context.typed.depth >= DEEPEST {
        let report = report::too_deep(span);
        return Err(fail(context, report));
    }
    context.typed.depth += 1;
    Ok(())
}

pub fn leave(context: &mut Context) {
    context.typed.depth = context.typed.depth.saturating_sub(1);
}

/// Looks a thing up in its table of slots, or types it.
macro_rules! once {
    ($context:ident, $table:ident, $id:ident, $span:ident, $type:expr) => {{
        let program = $context.program;
        let Some(declared) = program.$table.get($id.index()) else { return Err(Reported) };
        match $context.typed.$table.get(&$id) {
            Some(Slot::Done(done)) => done.clone(),
            Some(Slot::Busy) => {
                let report = report::circle(&declared.name, $span, declared.span);
                Err(fail($context, report))
            }
            None => {
                enter($context, $span)?;
                $context.typed.$table.insert($id, Slot::Busy);
                // The calls on the way here have nothing to do with what is found there.
                let calls = std::mem::take(&mut $context.typed.calls);
                let measuring = std::mem::take(&mut $context.typed.measuring);
                let members = $context.typed.members.take();
                let found = $type($context, declared);
                $context.typed.calls = calls;
                $context.typed.measuring = measuring;
                $context.typed.members = members;
                leave($context);
                $context.typed.$table.insert($id, Slot::Done(found.clone()));
                found
            }
        }
    }};
}

/// Dimension and unit of a parameter.
pub fn param(context: &mut Context, id: ParamId, span: Span) -> Result<(Dimension, UnitId), Reported> {
    if let Some(Slot::Done(Ok(known))) = context.typed.params.get(&id) {
        return Ok((known.dimension, known.unit));
    }
    typed_param(context, id, span).map(|known| (known.dimension, known.unit))
}

/// The number that a parameter has unless something sets it, internal units; where it is written as a number.
pub fn param_number(context: &mut Context, id: ParamId) -> Option<f64> {
    let span = context.program.params.get(id.index())?.span;
    typed_param(context, id, span).ok()?.value?.expr.number()
}

fn typed_param(context: &mut Context, id: ParamId, span: Span) -> Result<TypedParam, Reported> {
    once!(context, params, id, span, |context: &mut Context, declared| find_param(context, id, declared))
}

fn find_param(context: &mut Context, id: ParamId, declared: &Declared<&ast::Param>) -> Result<TypedParam, Reported> {
    let at = At::site(declared.site);
    let annotated = match &declared.ast.dimension {
        Some(annotation) => Some((value::annotation(context, annotation)?, annotation.span)),
        None => None,
    };
    let Some(value) = &declared.ast.value else {
        let (dimension, unit) = match annotated {
            Some((dimension, _)) => (dimension, context.units.usual(dimension)),
            None => required(context, id, declared)?,
        };
        return Ok(TypedParam { value: None, dimension, unit });
    };
    let wanted = Wanted::number("a parameter").constant();
    let (value, unit) = value::with_unit(context, at, value, wanted)?;
    if let Some((dimension, span)) = annotated
        && dimension != value.expr.dimension
    {
        let report = report::not_as_annotated(context, &declared.name, &value, dimension, span);
        return Err(fail(context, report));
    }
    value::warn_without_evidence(context, &value, declared.span, &format!("`{}`", declared.name));
    Ok(TypedParam { dimension: value.expr.dimension, value: Some(value), unit })
}

/// The dimension of a parameter without a value: that of the first `set` of it.
fn required(
    context: &mut Context,
    id: ParamId,
    declared: &Declared<&ast::Param>,
) -> Result<(Dimension, UnitId), Reported> {
    let program = context.program;
    let sets = program.groups.iter().flat_map(|group| &group.sets);
    for (set, site) in sets {
        if set.target.path.last().is_none_or(|last| last.text != declared.ast.name.text) {
            continue;
        }
        let at = At::site(*site);
        // What is wrong with the name is said when the set is lowered.
        if context.quietly(|context| context.resolve(&set.target, at)) == Ok(Referent::Param(id, None))
            && let Ok(quantity) = infer(context, at, &set.value.expr)
        {
            return Ok((quantity.dimension, quantity.unit));
        }
    }
    let report = report::required_without_dimension(&declared.name, declared.span);
    Err(fail(context, report))
}

/// Dimension, unit, whether it is a truth value, and what changes it, of a `let`.
pub fn definition(
    context: &mut Context,
    id: LetId,
    span: Span,
) -> Result<(Dimension, UnitId, bool, Option<Span>), Reported> {
    typed_let(context, id, span).map(|known| (known.dimension, known.unit, known.truth, known.varies))
}

fn typed_let(context: &mut Context, id: LetId, span: Span) -> Result<Quantity, Reported> {
    once!(context, lets, id, span, |context: &mut Context, declared: &Declared<&ast::Let>| {
        infer(context, At::site(declared.site), &declared.ast.value)
    })
}

/// Dimension and unit of an input.
pub fn input(context: &mut Context, id: InputId, span: Span) -> Result<(Dimension, UnitId), Reported> {
    let value = typed_input(context, id, span)?;
    let unit = context.units.named(&value.unit.symbol).unwrap_or_else(|| context.units.usual(value.expr.dimension));
    Ok((value.expr.dimension, unit))
}

fn typed_input(context: &mut Context, id: InputId, span: Span) -> Result<Value, Reported> {
    once!(context, inputs, id, span, |context: &mut Context, declared: &Declared<&ast::Input>| {
        let wanted = Wanted::number("an input").constant();
        value::lower(context, At::site(declared.site), &declared.ast.value, wanted)
    })
}

/// An observable is inlined where it is read.
pub fn observable(context: &mut Context, id: ObservableId, span: Span) -> Result<Quantity, Reported> {
    let program = context.program;
    let Some(declared) = program.observables.get(id.index()) else { return Err(Reported) };
    enter(context, span)?;
    let found = members::measuring(context, |context| infer(context, At::site(declared.site), &declared.ast.value));
    leave(context);
    found
}

/// A unit of the user's: `unit dose = 10 uM`.
pub fn unit(context: &mut Context, id: UserUnitId, span: Span) -> Result<UnitId, Reported> {
    once!(context, units, id, span, |context: &mut Context, declared: &Declared<&ast::UnitDeclaration>| {
        let quantity = infer(context, At::site(declared.site), &declared.ast.value)?;
        let Some(literal) = quantity.literal.filter(|number| *number > 0.0) else {
            let report = report::no_unit(context, &quantity, &declared.name);
            return Err(fail(context, report));
        };
        let scale = of_number(literal).times(context.units.scale(quantity.unit));
        Ok(context.units.declare(&declared.name, quantity.dimension, scale))
    })
}

/// All parameters, in the order of their ids.
pub fn params(context: &mut Context) -> Vec<Param> {
    let program = context.program;
    let ids = (0..program.params.len() as u32).map(ParamId);
    ids.zip(&program.params)
        .map(|(id, declared)| {
            let known = typed_param(context, id, declared.span).ok();
            let failed = known.is_none() && declared.ast.value.is_some();
            let dimension = known.as_ref().map_or(Dimension::NONE, |k| k.dimension);
            let value = known.and_then(|k| k.value);
            Param {
                name: declared.name.clone(),
                value: if failed { Some(value::failed(declared.span)) } else { value },
                dimension,
                doc: declared.doc.clone(),
                module: declared.module,
                span: declared.span,
            }
        })
        .collect()
}

/// All definitions, in the order of their ids.
pub fn lets(context: &mut Context) -> Vec<Let> {
    let program = context.program;
    let ids = (0..program.lets.len() as u32).map(LetId);
    ids.zip(&program.lets)
        .map(|(id, declared)| {
            let value = match typed_let(context, id, declared.span) {
                Ok(quantity) => finish(context, quantity),
                Err(Reported) => super::error(declared.span),
            };
            Let { name: declared.name.clone(), value, span: declared.span }
        })
        .collect()
}

/// All inputs, in the order of their ids.
pub fn inputs(context: &mut Context) -> Vec<Input> {
    let program = context.program;
    let ids = (0..program.inputs.len() as u32).map(InputId);
    ids.zip(&program.inputs)
        .map(|(id, declared)| Input {
            name: declared.name.clone(),
            value: typed_input(context, id, declared.span).unwrap_or_else(|Reported| value::failed(declared.span)),
            doc: declared.doc.clone(),
            span: declared.span,
        })
        .collect()
}

/// All observables, in the order of their ids.
pub fn observables(context: &mut Context) -> Vec<Observable> {
    let program = context.program;
    let mut all = Vec::with_capacity(program.observables.len());
    for declared in &program.observables {
        let at = At::site(declared.site);
        let value = members::measuring(context, |context| super::type_expr(context, at, &declared.ast.value));
        let phrase = declared.ast.phrase.as_ref().map(|p| p.text.to_string());
        all.push(Observable { name: declared.name.clone(), phrase, value, span: declared.span });
    }
    all
}

/// Functions and units that nothing uses are looked at as well: units wholly; functions can only be typed where they
/// are called.
pub fn unused_units(context: &mut Context) {
    let program = context.program;
    for (id, declared) in (0..).map(UserUnitId).zip(&program.units) {
        // Anything wrong has been reported.
        let _ = unit(context, id, declared.span);
    }
}

/// The unit to show a concentration in: that of the declared amount, or that in which it is a number of some size.
pub fn concentration_unit(context: &mut Context, what: Entity, place: CompartmentId) -> UnitId {
    let usual = context.units.usual(Dimension::CONCENTRATION);
    let program = context.program;
    let amount = match what {
        Entity::Molecule(id) => program.molecules.get(id.index()).and_then(|m| m.ast.amount()),
        Entity::Vesicle(id) => program.vesicles.get(id.index()).and_then(|v| v.ast.amount.as_ref()),
    };
    let size = program.compartments.get(place.index()).map(|c| &c.ast.size);
    let Some((number, unit)) = amount.and_then(|a| written(context, &a.expr)) else { return usual };
    if context.units.get(unit).dimension == Dimension::CONCENTRATION {
        return unit;
    }
    let Some((size, volume)) = size.and_then(|s| written(context, &s.expr)) else { return usual };
    if context.units.get(unit).dimension != Dimension::AMOUNT
        || context.units.get(volume).dimension != Dimension::VOLUME
    {
        return usual;
    }
    let copies = number * context.units.get(unit).factor;
    let molar = copies / (size * context.units.get(volume).factor);
    let fitting = ["mM", "uM", "nM", "pM"].into_iter().filter_map(|name| context.units.named(name));
    let fitting = fitting.into_iter().find(|id| molar / context.units.get(*id).factor >= 0.1);
    fitting.filter(|_| molar > 0.0).unwrap_or(usual)
}

/// The unit in which a compartment's size was given.
pub fn size_unit(context: &mut Context, id: CompartmentId, dimension: Dimension) -> UnitId {
    let program = context.program;
    let size = program.compartments.get(id.index()).and_then(|c| written(context, &c.ast.size.expr));
    match size {
        Some((_, unit)) if context.units.get(unit).dimension == dimension => unit,
        _ => context.units.usual(dimension),
    }
}

/// Number and unit of a plain quantity in a unit that every file knows.
fn written(context: &mut Context, expr: &ast::Expr) -> Option<(f64, UnitId)> {
    let (number, unit) = references::plain_quantity(expr)?;
    let id = context.units.named(&unit.name.text)?;
    Some((number, context.units.power(id, unit.power.saturating_mul(60))))
}
