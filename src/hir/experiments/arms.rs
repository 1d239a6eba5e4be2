//! Arms, sweeps and grids.

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::{Stage, depends, treatments};
use crate::hir::experiment::{Arm, Sweep, Swept, Treatment};
use crate::hir::ids::*;
use crate::hir::program::{Def, Space};
use crate::hir::reports::experiments as report;
use crate::hir::scope::{At, Context, Named, Referent, Reported};
use crate::hir::typing::{self, Quantity, demand, fail};
use crate::hir::units::{Dimension, UnitId};
use crate::hir::value::{self, Wanted};
use crate::hir::{Hir, elaborate, lookup::Found};
use crate::syntax::ast::{self, Axis, ExperimentItemKind as Item};

/// Points of one arm.
pub const MOST_POINTS: f64 = 10_000.0;

/// An arm or grid as written.
struct Written<'a> {
    name: &'a ast::NameAlias,
    axes: Vec<&'a Axis>,
    treatments: &'a [ast::Treatment],
}

/// All arms of an experiment; one called `control` if it says none.
pub fn lower(
    context: &mut Context,
    hir: &mut Hir,
    stage: &mut Stage,
    (at, group): (At, GroupId),
    experiment: &ast::Experiment,
    (common, assumed): (&[Treatment], &[GroupId]),
    used: &mut FxHashSet<PerturbationId>,
) -> Vec<Arm> {
    let mut arms: Vec<Arm> = Vec::new();
    for item in &experiment.items {
        let written = match &item.kind {
            Item::Arm(arm) => Written { name: &arm.name, axes: arm.over.iter().collect(), treatments: &arm.treatments },
            Item::Grid(grid) => {
                Written { name: &grid.name, axes: grid.axes.iter().collect(), treatments: &grid.treatments }
            }
            _ => continue,
        };
        let name = &written.name.name;
        if let Some(first) = arms.iter().find(|a| a.name == name.text) {
            let report = report::twice("arm", &name.text, name.span, first.span);
            context.sink.push(report);
        }
        let arm = arm(context, hir, stage, (at, group), &written, (common, assumed), used);
        let points: f64 = arm.sweep.iter().map(|s| s.values.len() as f64).product();
        if points > MOST_POINTS {
            let report = report::too_many_points(name, points, MOST_POINTS);
            context.sink.push(report);
        }
        arms.push(arm);
    }
    if arms.is_empty() {
        let model = variant(context, hir, group, assumed);
        let treatments = common.iter().filter(|t| !matches!(t, Treatment::Add(_))).cloned().collect();
        let span = experiment.name.span;
        arms.push(Arm { name: "control".into(), sweep: Vec::new(), treatments, model, span });
    }
    arms
}

fn arm(
    context: &mut Context,
    hir: &mut Hir,
    stage: &Stage,
    (at, group): (At, GroupId),
    written: &Written,
    (common, assumed): (&[Treatment], &[GroupId]),
    used: &mut FxHashSet<PerturbationId>,
) -> Arm {
    let mut sweep: Vec<Sweep> = Vec::with_capacity(written.axes.len());
    for (i, axis) in written.axes.iter().enumerate() {
        let text = axis.variable.to_string();
        if let Some(first) = written.axes.iter().take(i).find(|a| a.variable.to_string() == text) {
            let report = report::axis_twice(&axis.variable, first.span);
            context.sink.push(report);
        }
        // An axis that is wrong keeps its place, so that those after it keep theirs.
        sweep.push(lower_axis(context, stage, at, axis).unwrap_or_else(|Reported| broken(axis)));
    }
    let locals: Vec<SmolStr> = sweep
        .iter()
        .map(|s| if matches!(s.over, Swept::Variable) { s.name.clone() } else { SmolStr::default() })
        .collect();
    // An arm that assumes something is about a model of its own: what it does may be to what only that one contains.
    let mut hypotheses = assumed.to_vec();
    hypotheses.extend(treatments::assumed(context, at, written.treatments));
    let model = variant(context, hir, group, &hypotheses);
    let at = At { locals: &locals, model: model.or(at.model), ..at };
    let matters = model.map(|model| depends::on(hir, model));
    let stage = Stage {
        model: model.or(stage.model),
        matters: matters.as_ref().unwrap_or(stage.matters),
        sweep: &sweep,
        model_name: stage.model_name.clone(),
        ..*stage
    };
    let mut done: Vec<Treatment> = common.iter().filter(|t| !matches!(t, Treatment::Add(_))).cloned().collect();
    for treatment in written.treatments {
        treatments::lower(context, &stage, at, treatment, used, (&mut done, &mut Vec::new()));
    }
    for (axis, sweep) in written.axes.iter().zip(&sweep) {
        let understood = !sweep.values.is_empty();
        if understood
            && matches!(sweep.over, Swept::Variable)
            && !written.treatments.iter().any(|t| mentions(t, &sweep.name))
        {
            let report = report::swept_for_nothing(&axis.variable);
            context.sink.push(report);
        }
    }
    let name = &written.name.name;
    Arm { name: name.text.clone(), sweep, treatments: done, model, span: name.span }
}

/// The model with hypotheses assumed, if any are.
fn variant(context: &mut Context, hir: &mut Hir, group: GroupId, assumed: &[GroupId]) -> Option<usize> {
    (!assumed.is_empty()).then(|| elaborate::elaborate(context, hir, group, assumed))
}

fn broken(axis: &Axis) -> Sweep {
    Sweep {
        name: axis.variable.to_string().into(),
        over: Swept::Variable,
        values: Vec::new(),
        unit: crate::hir::units::Unit::default(),
    }
}

/// Whether a treatment has a variable for one of its numbers.
fn mentions(treatment: &ast::Treatment, name: &str) -> bool {
    use ast::{Degree, TreatmentKind as Kind};
    let is =
        |expr: &ast::Expr| matches!(&expr.kind, ast::ExprKind::Ref(r) if r.single().is_some_and(|n| n.text == name));
    match &treatment.kind {
        // A broken treatment may have mentioned it.
        Kind::Error => true,
        Kind::Inline { targets, .. } => targets.iter().any(|target| match &target.degree {
            Degree::By(value) | Degree::Times(value) => is(&value.expr),
            Degree::Unsaid => false,
        }),
        Kind::Dose { amount, .. } => is(amount),
        Kind::Set(set) => is(&set.value.expr),
        Kind::Add(addition) => is(&addition.amount),
        Kind::Named(_) | Kind::Assume(_) => false,
    }
}

/// `dose in [0, 0.1, 1] uM`.
fn lower_axis(context: &mut Context, stage: &Stage, at: At, axis: &Axis) -> Result<Sweep, Reported> {
    let (over, wanted) = meaning(context, stage, at, axis)?;
    let unit = match &axis.unit {
        Some(unit) => {
            let id = typing::references::unit(context, at, &unit.name)?;
            context.units.power(id, unit.power.saturating_mul(60))
        }
        None => UnitId::PLAIN,
    };
    let mut values = Vec::with_capacity(axis.values.len());
    let mut first: Option<Quantity> = None;
    for expr in &axis.values {
        let quantity = point(context, at, expr, unit)?;
        let dimension = wanted.or(first.as_ref().map(|f| f.dimension)).unwrap_or(quantity.dimension);
        if quantity.dimension != dimension {
            let report = report::unlike_points(context, &quantity, dimension, axis.variable.span);
            return Err(fail(context, report));
        }
        if let Swept::Drug(_) = over {
            value::fits(context, &quantity, Wanted::number("a dose").not_negative())?;
        }
        let Some(value) = quantity.value() else {
            let report = crate::hir::reports::units::not_constant(context, &quantity, "a swept value");
            return Err(fail(context, report));
        };
        values.push(value);
        first.get_or_insert(quantity);
    }
    // The parser has said it if there are none.
    let first = first.ok_or(Reported)?;
    let unit = typing::unit_of(context, &first);
    Ok(Sweep { name: axis.variable.to_string().into(), over, values, unit })
}

/// A swept value; a bare number is of the unit after the bracket.
fn point(context: &mut Context, at: At, expr: &ast::Expr, unit: UnitId) -> Result<Quantity, Reported> {
    let quantity = typing::infer(context, at, expr)?;
    match quantity.literal {
        Some(number) if quantity.unit == UnitId::PLAIN => Quantity::literal(context, number, unit, expr.span),
        _ => Ok(quantity),
    }
}

/// What is swept, and the dimension its values must have.
fn meaning(context: &mut Context, stage: &Stage, at: At, axis: &Axis) -> Result<(Swept, Option<Dimension>), Reported> {
    let reference = &axis.variable;
    if let Some(name) = reference.single() {
        let known = context.program.lookup(Space::Thing, &name.text, at.site);
        let model = at.model.and_then(|m| context.models.get(m)).and_then(|m| m.things.get(&name.text));
        match (&known, model) {
            (Found::Nothing, None) => return Ok((Swept::Variable, None)),
            (Found::One(entry, _), _) if matches!(entry.def, Def::Unit(_)) => return Ok((Swept::Variable, None)),
            _ => {}
        }
        if let Ok(Named::Drug(id)) = context.quietly(|c| c.resolve_treatment(&reference.path, at)) {
            treatments::acts_here(context, stage, id, reference.span);
            return Ok((Swept::Drug(id), Some(Dimension::CONCENTRATION)));
        }
    } else if let Ok(Named::Drug(id)) = context.quietly(|c| c.resolve_treatment(&reference.path, at)) {
        return Ok((Swept::Drug(id), Some(Dimension::CONCENTRATION)));
    }
    match context.resolve(reference, at)? {
        Referent::Param(id, scope) => {
            let (dimension, _) = demand::param(context, id, reference.span)?;
            Ok((Swept::Param(id, scope), Some(dimension)))
        }
        Referent::Input(id, scope) => {
            let (dimension, _) = demand::input(context, id, reference.span)?;
            Ok((Swept::Input(id, scope), Some(dimension)))
        }
        _ => {
            let report = report::not_to_be_swept(reference);
            Err(fail(context, report))
        }
    }
}
