//! Claims in short form: `in CELL with BACKGROUND: knockdown X by 80 % lowers READOUT`.
//!
//! The standard protocol: a million of the cells in the library's dish, settled; 24 h, looked at every 30 min; what is
//! read at the end is compared with the control. What stands after `with` is done to both, when they begin. `raises` and
//! `lowers` mean by more than `by at least` says (nothing, if it doesn't); `does not change` means by at most that (5 %). `through Y` means that with Y knocked out in both,
//! the treatment changes the readout by at most 5 %, or leaves less than a millionth of it.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;
use smol_str::{SmolStr, format_smolstr};

use super::{Stage, contained, depends, perturbations, treatments};
use crate::hir::experiment::{Arm, Comparison, Condition, Experiment, Measure, Reading, ReadingKind, Treatment};
use crate::hir::expr::{Expr, ExprKind};
use crate::hir::ids::*;
use crate::hir::reports::claims as report;
use crate::hir::reports::units::number_wanted;
use crate::hir::scope::{At, Context, Reported};
use crate::hir::typing::{self, Quantity, demand, fail};
use crate::hir::units::{Dimension, Unit};
use crate::hir::value;
use crate::hir::{BinaryOp, Decl, Hir, Value, elaborate};
use crate::source::Span;
use crate::syntax::ast::{self, Direction, Effect, Readout};

const HOUR: f64 = 3600.0;
/// Within this share of each other two readings have not changed.
const UNCHANGED: f64 = 0.05;
/// So small a share of the control is nothing.
const NOTHING: f64 = 1e-6;

/// The arms of the experiment that a short claim brings.
#[derive(Clone, Copy)]
enum In {
    Control,
    Treated,
    /// With what it goes through knocked out.
    BlockedControl,
    BlockedTreated,
}

/// The condition of a short claim; its model and experiment are added to `hir`.
pub fn lower(
    context: &mut Context,
    hir: &mut Hir,
    at: At,
    effect: &Effect,
    claim: &ast::Claim,
) -> Result<Condition, Reported> {
    let least = effect.at_least.as_ref().map(|least| at_least(context, at, least, effect)).transpose();
    let cell = context.resolve_group(&effect.cell, at, "a cell")?;
    let mut assumed = treatments::assumed(context, at, &effect.background);
    let model = elaborate::standard(context, hir, cell, &assumed, effect.cell.span)?;
    let more = treatments::assumed(context, at, &effect.treatments);
    assumed.extend(&more);
    let variant = (!more.is_empty()).then(|| elaborate::standard(context, hir, cell, &assumed, effect.cell.span));
    let variant = variant.transpose()?;
    let site = at.site;
    let at = At::in_model(site, model);
    let matters = depends::on(hir, model);
    let stage = stage(hir, model, &matters);
    // `Rab27a.gtp` is a pool here, not an experiment's arm.
    let results = context.typed.results.take();
    let measure = readout(context, at, &stage, &effect.readout);
    context.typed.results = results;
    let said = context.sink.diagnostics.len();
    let background = done(context, &stage, at, &effect.background);
    let treated = match variant {
        None => done(context, &stage, at, &effect.treatments),
        // What the treatment assumes, it may also change.
        Some(variant) => {
            let matters = depends::on(hir, variant);
            done(context, &self::stage(hir, variant, &matters), At::in_model(site, variant), &effect.treatments)
        }
    };
    let mut blocked = Vec::new();
    if let Some(through) = &effect.through {
        let target = ast::Target { what: through.clone(), degree: ast::Degree::Unsaid, span: through.span };
        let kind = ast::PerturbationKind::Knockout;
        perturbations::targets(context, &stage, at, kind, &[target], None, &mut blocked);
    }
    let wrong = context.sink.diagnostics.iter().skip(said).any(crate::diagnostics::Diagnostic::is_error);
    let (measure, least) = (measure?, least?);
    if wrong {
        return Err(Reported);
    }
    let experiment = ExperimentId(hir.experiments.len() as u32);
    let about = About { experiment, measure: &measure, span: effect.readout.span };
    let condition = about.condition(effect.direction, least, effect.through.is_some());
    let blocked = effect.through.is_some().then_some(blocked);
    let arms = arms(&background, (&treated, variant), blocked.as_deref(), claim.text.span);
    hir.experiments.push(synthetic(model, measure, arms, claim.text.span));
    Ok(condition)
}

/// What a share leaves of one, without the dust of subtraction: it is shown to people.
fn left_of_one(share: f64) -> f64 {
    const DIGITS: f64 = 1e12;
    ((1.0 - share) * DIGITS).round() / DIGITS
}

fn at_least(context: &mut Context, at: At, least: &ast::Expr, effect: &Effect) -> Result<f64, Reported> {
    let share = typing::constant(context, at, least, Dimension::NONE, "by how much a readout changes")?;
    let most = if effect.direction == Direction::Lowers { 1.0 } else { f64::INFINITY };
    if (0.0..=most).contains(&share) {
        return Ok(share);
    }
    let report = report::change_out_of_range(least.span, effect.direction_span);
    Err(fail(context, report))
}

/// What is read: an observable of the cell, by its name or phrase, or an expression.
fn readout(context: &mut Context, at: At, stage: &Stage, readout: &Readout) -> Result<Measure, Reported> {
    let program = context.program;
    let observables: Vec<ObservableId> =
        context.models.get(stage.model.unwrap_or(usize::MAX)).map_or(Vec::new(), |m| {
            let ids = m.members.keys().filter_map(|decl| match decl {
                Decl::Observable(id) => Some(*id),
                _ => None,
            });
            ids.collect()
        });
    let called = |id: &ObservableId| {
        program.observables.get(id.index()).is_some_and(|o| {
            o.name == readout.phrase || o.ast.phrase.as_ref().is_some_and(|p| p.text == readout.phrase)
        })
    };
    let quantity = match (observables.iter().find(|id| called(id)), &readout.expr) {
        (Some(id), _) => demand::observable(context, *id, readout.span)?,
        (None, Some(expr)) => typing::members::measuring(context, |context| typing::infer(context, at, expr))?,
        (None, None) => {
            let mut names: Vec<&str> = Vec::new();
            for observable in observables.iter().filter_map(|id| program.observables.get(id.index())) {
                names.push(observable.ast.phrase.as_ref().map_or(observable.name.as_str(), |p| p.text.as_str()));
            }
            names.sort_unstable();
            let report = report::unknown_readout(readout, &names);
            return Err(fail(context, report));
        }
    };
    if quantity.truth {
        let report = number_wanted(context, &quantity);
        return Err(fail(context, report));
    }
    let unit = typing::unit_of(context, &quantity);
    let value = typing::finish(context, Quantity { span: readout.span, ..quantity });
    contained(context, stage, &value, readout.span)?;
    let source = readout.phrase.to_string();
    Ok(Measure { name: readout.phrase.clone(), label: None, value, unit, source, span: readout.span })
}

fn stage<'a>(hir: &Hir, model: usize, matters: &'a FxHashSet<MoleculeId>) -> Stage<'a> {
    static NOTHING: LazyLock<FxHashSet<Decl>> = LazyLock::new(FxHashSet::default);
    Stage {
        model: Some(model),
        model_name: hir.models.get(model).map(|m| m.name.clone()).unwrap_or_default(),
        matters,
        sweep: &[],
        duration: Some(24.0 * HOUR),
        hypothetical: &NOTHING,
    }
}

/// What treatments do; the hypotheses they assume are the model's affair.
fn done(context: &mut Context, stage: &Stage, at: At, treatments: &[ast::Treatment]) -> Vec<Treatment> {
    let mut done = Vec::new();
    for treatment in treatments {
        let used = &mut FxHashSet::default();
        treatments::lower(context, stage, at, treatment, used, (&mut done, &mut Vec::new()));
    }
    done
}

/// The control and what is treated, on the same background; and both without what the effect goes through.
fn arms(
    background: &[Treatment],
    (treated, variant): (&[Treatment], Option<usize>),
    blocked: Option<&[Treatment]>,
    span: Span,
) -> Vec<Arm> {
    let arm = |name: &str, model: Option<usize>, parts: &[&[Treatment]]| {
        let treatments = background.iter().chain(parts.iter().copied().flatten()).cloned().collect();
        Arm { name: name.into(), sweep: Vec::new(), treatments, model, span }
    };
    let mut arms = vec![arm("control", None, &[]), arm("treated", variant, &[treated])];
    if let Some(blocked) = blocked {
        arms.push(arm("control_without", None, &[blocked]));
        arms.push(arm("treated_without", variant, &[treated, blocked]));
    }
    arms
}

fn synthetic(model: usize, measure: Measure, arms: Vec<Arm>, span: Span) -> Experiment {
    let hours = |hours: f64| {
        let unit = Unit { symbol: "h".into(), dimension: Dimension::TIME, factor: HOUR };
        let kind = ExprKind::Number(hours * HOUR);
        let expr = Expr { kind, dimension: Dimension::TIME, unit: Some(unit.clone()), span };
        Value { expr, unit, ..value::failed(span) }
    };
    let name: SmolStr = format_smolstr!("claim at {}", span.start);
    Experiment {
        name,
        model,
        settle: true,
        duration: hours(24.0),
        interval: hours(0.5),
        measures: vec![measure],
        additions: Vec::new(),
        arms,
        synthetic: true,
        span,
    }
}

/// What the condition speaks of.
struct About<'a> {
    experiment: ExperimentId,
    measure: &'a Measure,
    span: Span,
}

impl About<'_> {
    fn condition(&self, direction: Direction, least: Option<f64>, through: bool) -> Condition {
        let change = match direction {
            Direction::Raises => {
                self.compare(In::Treated, Comparison::Greater, 1.0 + least.unwrap_or(0.0), In::Control)
            }
            Direction::Lowers => {
                self.compare(In::Treated, Comparison::Less, left_of_one(least.unwrap_or(0.0)), In::Control)
            }
            Direction::DoesNotChange => self.alike(In::Treated, In::Control, least.unwrap_or(UNCHANGED)),
        };
        if !through {
            return change;
        }
        let unchanged = self.alike(In::BlockedTreated, In::BlockedControl, UNCHANGED);
        // What is left of a molecule that is made no more is dust, however much of it there is beside other dust.
        let gone = self.compare(In::BlockedTreated, Comparison::LessEqual, NOTHING, In::Control);
        let vanishes = Condition::Or(Box::new(unchanged), Box::new(gone));
        Condition::And(Box::new(change), Box::new(vanishes))
    }

    /// Within a share of each other.
    fn alike(&self, one: In, other: In, share: f64) -> Condition {
        Condition::And(
            Box::new(self.compare(one, Comparison::GreaterEqual, 1.0 - share, other)),
            Box::new(self.compare(one, Comparison::LessEqual, 1.0 + share, other)),
        )
    }

    fn compare(&self, one: In, operator: Comparison, times: f64, other: In) -> Condition {
        let right = self.reading(other);
        let right = if times == 1.0 {
            right
        } else {
            // 1 - 0.9 is not quite 0.1 in binary; what is shown is what was meant.
            let rounded = (times * 1e12).round() / 1e12;
            let number = ReadingKind::Number(times);
            let factor = Reading {
                kind: number,
                dimension: Dimension::NONE,
                unit: None,
                source: rounded.to_string(),
                span: self.span,
            };
            let source = format!("{rounded} * {}", right.source);
            Reading {
                source,
                kind: ReadingKind::Binary(BinaryOp::Mul, Box::new(factor), Box::new(right.clone())),
                ..right
            }
        };
        Condition::Compare { operator, left: self.reading(one), right }
    }

    fn reading(&self, arm: In) -> Reading {
        let names = ["control", "treated", "control_without", "treated_without"];
        let position = match arm {
            In::Control => 0,
            In::Treated => 1,
            In::BlockedControl => 2,
            In::BlockedTreated => 3,
        };
        let kind =
            ReadingKind::Measure { experiment: self.experiment, arm: position, point: None, measure: 0, time: None };
        Reading {
            kind,
            dimension: self.measure.value.dimension,
            unit: Some(self.measure.unit.clone()),
            source: format!("{}.{}", names.get(position).unwrap_or(&""), self.measure.name),
            span: self.span,
        }
    }
}
