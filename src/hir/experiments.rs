//! Perturbations, drugs, experiments and claims, checked against the models they are about.
//!
//! Invariants: an experiment is checked once for each of its models; a perturbation named in an arm means what it
//! means in that arm's model; one that nothing uses is checked against the models of the file. Swept variables are
//! the locals of an arm, in the order of its axes. Deliberately absent: running anything.

mod arms;
mod claims;
mod depends;
mod drugs;
mod effects;
mod perturbations;
pub(super) mod results;
mod treatments;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::experiment::{Addition, Arm, Experiment, Measure, Sweep, Treatment};
use super::expr::{Entity, Location, Pool};
use super::ids::*;
use super::program::Declared;
use super::reports::experiments as report;
use super::scope::{At, Context, Reported};
use super::typing::{self, fail};
use super::units::Dimension;
use super::value::{self, Wanted};
use super::{Decl, Hir, Value, VesicleHome, elaborate, refs};
use crate::source::Span;
use crate::syntax::ast::{self, ExperimentItemKind as Item};

pub use results::Results;

/// What treatments are done to: a model, with what matters in it, and the sweep they stand in.
struct Stage<'a> {
    /// `None` when a perturbation is looked at without a model.
    model: Option<usize>,
    model_name: SmolStr,
    /// The molecules on which something depends.
    matters: &'a FxHashSet<MoleculeId>,
    sweep: &'a [Sweep],
    /// How long the experiment runs, in seconds, where that is known.
    duration: Option<f64>,
    /// What is added, or what hypotheses that some arm assumes bring: it may be measured, and there is none of it in
    /// other arms.
    hypothetical: &'a FxHashSet<Decl>,
}

impl Stage<'_> {
    fn swept_values(&self, at: usize) -> &[f64] {
        self.sweep.get(at).map_or(&[], |s| s.values.as_slice())
    }
}

/// Fills the drugs, experiments and claims of `hir`; its models have been elaborated.
pub fn check_experiments(context: &mut Context, hir: &mut Hir) {
    hir.drugs = drugs::lower_all(context);
    let program = context.program;
    let mut used = FxHashSet::default();
    let mut results: FxHashMap<ModuleId, Results> = FxHashMap::default();
    twice(context);
    for declared in &program.experiments {
        experiment(context, hir, declared, results.entry(declared.module).or_default(), &mut used);
    }
    unused(context, hir, &used);
    claims::lower_all(context, hir, results);
}

/// Experiments of one name in one file.
fn twice(context: &mut Context) {
    let program = context.program;
    for (i, declared) in program.experiments.iter().enumerate() {
        if let Some(first) =
            program.experiments.iter().take(i).find(|e| e.name == declared.name && e.module == declared.module)
        {
            let report = report::twice("experiment", &declared.name, declared.span, first.span);
            context.sink.push(report);
        }
    }
}

/// The elaborated model that a group has become.
fn model_of(context: &Context, hir: &Hir, group: GroupId) -> Option<usize> {
    let declared = context.program.group(group)?;
    hir.models.iter().position(|model| model.span == declared.span && model.name == declared.name)
}

/// The models an experiment is of, with the groups they were made from.
fn models_of(context: &mut Context, hir: &Hir, declared: &Declared<&ast::Experiment>) -> Vec<(usize, GroupId)> {
    let at = At::site(declared.site);
    if declared.ast.of.is_empty() {
        let root = context.program.modules.get(declared.module.index()).map(|m| m.group);
        if let Some((model, group)) = root.and_then(|group| Some((model_of(context, hir, group)?, group))) {
            return vec![(model, group)];
        }
        let names: Vec<&SmolStr> = hir.models.iter().map(|m| &m.name).collect();
        let report = report::of_what_model(declared.span, &names);
        context.sink.push(report);
        return Vec::new();
    }
    let mut models = Vec::with_capacity(declared.ast.of.len());
    for path in &declared.ast.of {
        let Ok(group) = context.resolve_group(path, at, "a model") else { continue };
        match model_of(context, hir, group) {
            Some(model) => models.push((model, group)),
            None => {
                let report = report::not_a_model(path, &hir.models.iter().map(|m| &m.name).collect::<Vec<_>>());
                context.sink.push(report);
            }
        }
    }
    models
}

fn experiment(
    context: &mut Context,
    hir: &mut Hir,
    declared: &Declared<&ast::Experiment>,
    results: &mut Results,
    used: &mut FxHashSet<PerturbationId>,
) {
    let models = models_of(context, hir, declared);
    let several = models.len() > 1;
    if models.is_empty() || declared.ast.items.iter().any(|item| matches!(item.kind, Item::Error)) {
        results.add_broken(&declared.name);
    }
    for (model, group) in models {
        let matters = depends::on(hir, model);
        let name = hir.models.get(model).map(|m| m.name.clone()).unwrap_or_default();
        let at = At::in_model(declared.site, model);
        let (duration, interval) = run(context, at, declared);
        let hypothetical = hypothetical(context, hir, at, declared.ast);
        let mut stage = Stage {
            model: Some(model),
            model_name: name.clone(),
            matters: &matters,
            sweep: &[],
            duration: duration.expr.number(),
            hypothetical: &hypothetical,
        };
        let (measures, broken) = measures(context, at, &stage, declared.ast);
        let mut common = Vec::new();
        let mut common_assumed = Vec::new();
        for item in &declared.ast.items {
            if let Item::Treatment(treatment) = &item.kind {
                treatments::lower(context, &stage, at, treatment, used, (&mut common, &mut common_assumed));
            }
        }
        let arms = arms::lower(context, hir, &mut stage, (at, group), declared.ast, (&common, &common_assumed), used);
        bounded(context, (&duration, &interval), measures.len(), &arms, declared.span);
        let additions: Vec<Addition> = common.into_iter().filter_map(treatments::addition).collect();
        let id = ExperimentId(hir.experiments.len() as u32);
        results.add(&declared.name, several.then_some(&name), id, (&measures, broken), &arms, stage.duration);
        hir.experiments.push(Experiment {
            name: declared.name.clone(),
            model,
            settle: declared.ast.items.iter().any(|i| matches!(i.kind, Item::Settle)),
            duration,
            interval,
            measures,
            additions,
            arms,
            synthetic: false,
            span: declared.span,
        });
    }
}

/// What the hypotheses bring that arms of an experiment assume, and what is added.
fn hypothetical(context: &mut Context, hir: &Hir, at: At, experiment: &ast::Experiment) -> FxHashSet<Decl> {
    let treatments = experiment.items.iter().flat_map(|item| match &item.kind {
        Item::Arm(arm) => arm.treatments.as_slice(),
        Item::Grid(grid) => grid.treatments.as_slice(),
        Item::Treatment(treatment) => std::slice::from_ref(treatment),
        _ => &[],
    });
    let mut brought = FxHashSet::default();
    for treatment in treatments {
        if let ast::TreatmentKind::Add(addition) = &treatment.kind {
            let added = std::iter::once(&addition.what).chain(addition.carrying.iter().map(|c| &c.what));
            brought.extend(added.filter_map(|what| match context.quietly(|c| c.resolve_pool(what, at)).ok()?.what {
                Entity::Molecule(id) => Some(Decl::Molecule(id)),
                Entity::Vesicle(id) => Some(Decl::Vesicle(id)),
            }));
        }
        for group in treatments::assumed(context, at, std::slice::from_ref(treatment)) {
            brought.extend(elaborate::members(context.program, hir, &elaborate::parts(context.program, group)));
        }
    }
    brought
}

/// How long, and how often to look.
fn run(context: &mut Context, at: At, declared: &Declared<&ast::Experiment>) -> (Value, Value) {
    let mut runs = declared.ast.items.iter().filter_map(|item| match &item.kind {
        Item::Run { duration, every } => Some((duration, every.as_ref(), item.span)),
        _ => None,
    });
    let Some((duration, every, span)) = runs.next() else {
        let broken = declared.ast.items.iter().any(|i| matches!(i.kind, Item::Error));
        if !broken {
            let report = report::no_run(declared.span);
            context.sink.push(report);
        }
        return (value::failed(declared.span), value::failed(declared.span));
    };
    for (_, _, again) in runs {
        let report = report::run_twice(again, span);
        context.sink.push(report);
    }
    let lasts = time(context, at, duration, "a run").unwrap_or_else(|Reported| value::failed(duration.span));
    let interval = match every {
        Some(every) => {
            time(context, at, every, "the time between samples").unwrap_or_else(|Reported| value::failed(every.span))
        }
        None => share_of(&lasts, 1.0 / 200.0),
    };
    if let (Some(whole), Some(step), Some(every)) = (lasts.expr.number(), interval.expr.number(), every) {
        if step > whole {
            let report = report::interval_too_long(every.span, duration.span);
            context.sink.push(report);
        } else if whole / step > MOST_SAMPLES {
            let report = report::too_many_samples(every.span, duration.span, whole / step);
            context.sink.push(report);
        }
    }
    (lasts, interval)
}

const MOST_SAMPLES: f64 = 1e6;
/// Numbers that an experiment may give, all of which are kept in memory.
const MOST_NUMBERS: f64 = 5e7;

/// Whether all that an experiment gives can be kept.
fn bounded(context: &mut Context, (lasts, interval): (&Value, &Value), measures: usize, arms: &[Arm], span: Span) {
    let (Some(whole), Some(step)) = (lasts.expr.number(), interval.expr.number()) else { return };
    let points: f64 = arms.iter().map(|a| a.sweep.iter().map(|s| s.values.len() as f64).product::<f64>()).sum();
    let numbers = whole / step * points * (measures as f64 + 1.0);
    // Each of too many samples and too many points has been said.
    let said = whole / step > MOST_SAMPLES || points > arms::MOST_POINTS * arms.len() as f64;
    if numbers > MOST_NUMBERS && !said {
        let report = report::too_many_numbers(span, numbers, MOST_NUMBERS);
        context.sink.push(report);
    }
}

fn share_of(value: &Value, share: f64) -> Value {
    let mut part = value.clone();
    if let Some(number) = part.expr.number() {
        part.expr.kind = super::ExprKind::Number(number * share);
    }
    part
}

/// A time that is known, and more than nothing.
fn time(context: &mut Context, at: At, expr: &ast::Expr, role: &str) -> Result<Value, Reported> {
    let quantity = typing::infer(context, at, expr)?;
    if quantity.dimension != Dimension::TIME || quantity.truth {
        let report = report::not_a_time(context, &quantity, role);
        return Err(fail(context, report));
    }
    value::fits(context, &quantity, Wanted::of(role, &[Dimension::TIME]).constant().positive())?;
    Ok(value::plain(context, quantity))
}

/// What is measured, and the names of measures that could not be understood.
fn measures(
    context: &mut Context,
    at: At,
    stage: &Stage,
    experiment: &ast::Experiment,
) -> (Vec<Measure>, Vec<SmolStr>) {
    let mut broken = Vec::new();
    let mut measures: Vec<Measure> = Vec::new();
    let mut any = false;
    for item in &experiment.items {
        let Item::Measure { name, value } = &item.kind else { continue };
        any = true;
        if let Some(first) = measures.iter().find(|m| m.name == name.name.text) {
            let report = report::twice("measure", &name.name.text, name.name.span, first.span);
            context.sink.push(report);
        }
        let label = name.alias.as_ref().map(|a| a.text.to_string());
        match measure(context, at, stage, &name.name, value) {
            Ok(measure) => measures.push(Measure { label, ..measure }),
            Err(Reported) => broken.push(name.name.text.clone()),
        }
    }
    if !any && !experiment.items.iter().any(|i| matches!(i.kind, Item::Error)) {
        let report = report::nothing_measured(experiment.name.span);
        context.sink.push(report);
    }
    (measures, broken)
}

/// Something to read: a number, of things that the model contains.
fn measure(
    context: &mut Context,
    at: At,
    stage: &Stage,
    name: &ast::Name,
    value: &ast::Expr,
) -> Result<Measure, Reported> {
    let quantity = typing::members::measured(context, at, value)?;
    if quantity.truth {
        let report = super::reports::units::number_wanted(context, &quantity);
        return Err(fail(context, report));
    }
    let unit = typing::unit_of(context, &quantity);
    let expr = typing::finish(context, quantity);
    contained(context, stage, &expr, value.span)?;
    homes(context, &expr)?;
    let source = context.sources.slice(value.span).to_owned();
    Ok(Measure { name: name.text.clone(), label: None, value: expr, unit, source, span: name.span })
}

/// Whether vesicles are looked for only where their class may be.
fn homes(context: &mut Context, expr: &super::Expr) -> Result<(), Reported> {
    use super::ExprKind as Kind;
    let pools: [Option<&Pool>; 2] = match &expr.kind {
        Kind::Amount(p) | Kind::Concentration(p) | Kind::AreaOf(p) | Kind::DiameterOf(p) => [Some(p), None],
        Kind::Per(what, carrier) => [Some(what), Some(carrier)],
        Kind::Members(members) => [Some(&members.of), None],
        Kind::Unary(_, operand) => return homes(context, operand),
        Kind::Binary(_, left, right) => return homes(context, left).and(homes(context, right)),
        _ => return Ok(()),
    };
    for pool in pools.into_iter().flatten() {
        let (Entity::Vesicle(id), Some(Location::Compartment(place))) = (pool.what, pool.at.first()) else { continue };
        let geometry = &context.program.geometry;
        let known = geometry.homes(id);
        // A class without homes has been complained of; a cell's own outside is the model's.
        let outside = geometry.depth(*place) == 0;
        let is_home = |home: &VesicleHome| match home {
            VesicleHome::Compartment(id) => id == place || outside && geometry.depth(*id) == 0,
            VesicleHome::Vesicle(_) => false,
        };
        if !known.is_empty() && !known.iter().any(is_home) {
            let report = report::never_there(context.program, pool.span, id, *place);
            return Err(fail(context, report));
        }
    }
    Ok(())
}

/// Whether a model contains everything that an expression reads.
fn contained(context: &mut Context, stage: &Stage, expr: &super::Expr, span: Span) -> Result<(), Reported> {
    let Some(model) = stage.model.and_then(|m| context.models.get(m)) else { return Ok(()) };
    let mut read = Vec::new();
    refs::expr(expr, &mut read);
    let pool = |decl: &&Decl| matches!(decl, Decl::Molecule(_) | Decl::Vesicle(_) | Decl::Compartment(_));
    let absent =
        read.iter().filter(pool).find(|decl| !model.members.contains_key(*decl) && !stage.hypothetical.contains(*decl));
    let Some(def) = absent.and_then(|decl| decl.named()) else { return Ok(()) };
    let name = context.program.name_of(def).map(|(name, _)| name.clone()).unwrap_or_default();
    let report = report::measures_what_is_not_there(span, &name, &stage.model_name);
    Err(fail(context, report))
}

/// Perturbations of root files that no arm uses: they must make sense in one of the models.
fn unused(context: &mut Context, hir: &Hir, used: &FxHashSet<PerturbationId>) {
    let program = context.program;
    for (id, declared) in (0..).map(PerturbationId).zip(&program.perturbations) {
        if used.contains(&id) || !program.is_root(declared.module) {
            continue;
        }
        let resolves = |context: &mut Context, model: usize| {
            let at = At::in_model(declared.site, model);
            declared.ast.targets.iter().all(|t| context.quietly(|c| c.resolve_pool(&t.what, at)).is_ok())
        };
        let own = |model: &usize| hir.models.get(*model).is_some();
        let fitting = (0..hir.models.len()).filter(own).find(|model| resolves(context, *model));
        let model = fitting.or((!hir.models.is_empty()).then_some(0));
        // Without a model, or in a model that an experiment will say, only names and numbers can be wrong.
        let nothing = FxHashSet::default();
        let matters = model.map(|m| depends::on(hir, m));
        let name = model.and_then(|m| hir.models.get(m)).map(|m| m.name.clone()).unwrap_or_default();
        let stage = Stage {
            model,
            model_name: name,
            matters: matters.as_ref().unwrap_or(&nothing),
            sweep: &[],
            duration: None,
            hypothetical: &FxHashSet::default(),
        };
        perturbations::named(context, &stage, id, None, &mut Vec::<Treatment>::new());
    }
}

impl super::Expr {
    /// The number that it is, if it is nothing but one.
    pub fn number(&self) -> Option<f64> {
        match self.kind {
            super::ExprKind::Number(number) => Some(number),
            _ => None,
        }
    }
}
