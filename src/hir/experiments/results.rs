//! What claims can read: experiments by name, with their arms, points and measures.

use smol_str::SmolStr;

use crate::hir::experiment::{Arm, Measure, ReadingKind, Summary};
use crate::hir::expr::{Asked, ExprKind, Own};
use crate::hir::ids::*;
use crate::hir::reports::claims as report;
use crate::hir::scope::{At, Context, Reported};
use crate::hir::typing::{Quantity, fail, infer};
use crate::hir::units::Dimension;
use crate::source::Span;
use crate::syntax::ast::{self, Name, Statistic};

/// The experiments of the file, and the readings that the claim in hand has made of them.
#[derive(Debug, Default)]
pub struct Results {
    experiments: Vec<Known>,
    /// Experiments that could not be understood: claims about them stay unjudged, and nothing more is said.
    broken: Vec<SmolStr>,
    pub(super) readings: Vec<ReadingKind>,
}

#[derive(Clone, Debug)]
struct Known {
    name: SmolStr,
    /// Of an experiment of several models: which this is.
    model: Option<SmolStr>,
    id: ExperimentId,
    duration: Option<f64>,
    /// Measures that could not be understood.
    broken: Vec<SmolStr>,
    measures: Vec<Column>,
    /// With the swept values of each axis, and their dimensions.
    arms: Vec<(SmolStr, Vec<AxisValues>)>,
}

/// A measure, as claims see it.
#[derive(Clone, Debug)]
struct Column {
    name: SmolStr,
    dimension: Dimension,
    unit: SmolStr,
    /// Of what, if it is a distribution.
    distribution: Option<Own>,
}

impl Column {
    fn of(measure: &Measure) -> Column {
        let distribution = match &measure.value.kind {
            ExprKind::Members(members) => match &members.asked {
                Asked::Distribution(own) => Some(own.clone()),
                _ => None,
            },
            _ => None,
        };
        Column {
            name: measure.name.clone(),
            dimension: measure.value.dimension,
            unit: measure.unit.symbol.clone(),
            distribution,
        }
    }
}

impl Results {
    pub fn add(
        &mut self,
        name: &SmolStr,
        model: Option<&SmolStr>,
        id: ExperimentId,
        (measures, broken): (&[Measure], Vec<SmolStr>),
        arms: &[Arm],
        duration: Option<f64>,
    ) {
        let axes = |arm: &Arm| arm.sweep.iter().map(|s| (s.values.clone(), s.unit.dimension)).collect();
        self.experiments.push(Known {
            name: name.clone(),
            model: model.cloned(),
            id,
            duration,
            broken,
            measures: measures.iter().map(Column::of).collect(),
            arms: arms.iter().map(|arm| (arm.name.clone(), axes(arm))).collect(),
        });
    }

    /// An experiment without a model.
    pub fn add_broken(&mut self, name: &SmolStr) {
        self.broken.push(name.clone());
    }

    /// Whether results are known under that name.
    fn has(&self, name: &str) -> bool {
        self.experiments.iter().any(|e| e.name == name)
    }
}

/// The values of an axis and their dimension.
type AxisValues = (Vec<f64>, Dimension);

/// Where a reading is taken.
struct Place<'a> {
    known: Known,
    arm: usize,
    rest: &'a [Name],
}

/// A measure that a path names, if claims are being checked and it begins with an experiment.
pub fn reference(context: &mut Context, reference: &ast::Ref) -> Option<Result<Quantity, Reported>> {
    let results = context.typed.results.as_ref()?;
    let [head, _, ..] = reference.path.segments.as_slice() else { return None };
    if !results.has(&head.text) {
        if results.broken.contains(&head.text) {
            return Some(Err(Reported));
        }
        let names: Vec<&str> = results.experiments.iter().map(|e| e.name.as_str()).collect();
        let report = report::unknown_experiment(head, &names);
        return Some(Err(fail(context, report)));
    }
    Some(read(context, &reference.path.segments, None, reference.span, &Taking::End))
}

/// How a measure is read.
enum Taking {
    End,
    At(f64),
    Summary(Summary),
}

/// `… at 24 h`.
pub fn at_time(
    context: &mut Context,
    at: At,
    what: &ast::Expr,
    time: &ast::Expr,
    span: Span,
) -> Result<Quantity, Reported> {
    if context.typed.results.is_none() {
        let report = crate::hir::reports::units::only_of_results(context, span);
        return Err(fail(context, report));
    }
    let moment = infer(context, at, time)?;
    let (Dimension::TIME, Some(seconds)) = (moment.dimension, moment.value()) else {
        let report = crate::hir::reports::experiments::not_a_time(context, &moment, "the time of a reading");
        return Err(fail(context, report));
    };
    taken(context, at, what, span, (Taking::At(seconds), time.span))
}

/// `max of …`.
pub fn statistic(
    context: &mut Context,
    at: At,
    statistic: Statistic,
    of: &ast::Expr,
    span: Span,
) -> Result<Quantity, Reported> {
    if context.typed.results.is_none() {
        let report = crate::hir::reports::units::only_of_results(context, span);
        return Err(fail(context, report));
    }
    let summary = match statistic {
        Statistic::Min => Summary::Min,
        Statistic::Max => Summary::Max,
        Statistic::Mean => Summary::Mean,
        Statistic::Median => Summary::Median,
        Statistic::Sd => Summary::Sd,
        Statistic::Fano => Summary::Fano,
    };
    taken(context, at, of, span, (Taking::Summary(summary), of.span))
}

fn taken(
    context: &mut Context,
    at: At,
    what: &ast::Expr,
    span: Span,
    (taking, taking_span): (Taking, Span),
) -> Result<Quantity, Reported> {
    match &what.kind {
        ast::ExprKind::Ref(reference) if reference.path.segments.len() > 1 => {
            let quantity = read(context, &reference.path.segments, None, span, &taking)?;
            in_time(context, &quantity, &taking, taking_span)?;
            Ok(quantity)
        }
        ast::ExprKind::Point { of, at: coordinates, result } => {
            let quantity = point_taken(context, at, (of, coordinates, result.as_deref()), span, &taking)?;
            in_time(context, &quantity, &taking, taking_span)?;
            Ok(quantity)
        }
        _ => {
            let report = report::not_a_measure(context, what.span);
            Err(fail(context, report))
        }
    }
}

/// A time must lie in the run.
fn in_time(context: &mut Context, quantity: &Quantity, taking: &Taking, span: Span) -> Result<(), Reported> {
    let (Taking::At(time), ExprKind::Result(at)) = (taking, &quantity.kind) else { return Ok(()) };
    let results = context.typed.results.as_ref();
    let reading = results.and_then(|r| r.readings.get(*at as usize));
    let Some(ReadingKind::Measure { experiment, .. }) = reading else { return Ok(()) };
    let known = results.and_then(|r| r.experiments.iter().find(|e| e.id == *experiment));
    let end = known.and_then(|e| e.duration);
    if end.is_none_or(|end| (0.0..=end * (1.0 + 1e-9)).contains(time)) {
        return Ok(());
    }
    let name = known.map(|e| e.name.clone()).unwrap_or_default();
    let report = report::outside_the_run(span, &name);
    Err(fail(context, report))
}

/// `titration.dosed[1 uM].product`.
pub fn point(
    context: &mut Context,
    at: At,
    of: (&ast::Path, &[ast::Expr], Option<&ast::Path>),
    span: Span,
) -> Result<Quantity, Reported> {
    if context.typed.results.is_none() {
        let report = crate::hir::reports::units::only_of_results(context, span);
        return Err(fail(context, report));
    }
    point_taken(context, at, of, span, &Taking::End)
}

fn point_taken(
    context: &mut Context,
    at: At,
    (of, coordinates, result): (&ast::Path, &[ast::Expr], Option<&ast::Path>),
    span: Span,
    taking: &Taking,
) -> Result<Quantity, Reported> {
    let mut typed = Vec::with_capacity(coordinates.len());
    for coordinate in coordinates {
        typed.push(infer(context, at, coordinate)?);
    }
    let mut segments = of.segments.clone();
    segments.extend(result.iter().flat_map(|path| path.segments.iter().cloned()));
    read(context, &segments, Some(&typed), span, taking)
}

/// Follows `experiment.[model.]arm.measure`.
fn read(
    context: &mut Context,
    segments: &[Name],
    coordinates: Option<&[Quantity]>,
    span: Span,
    taking: &Taking,
) -> Result<Quantity, Reported> {
    let place = place(context, segments, span)?;
    let (known, arm) = (place.known, place.arm);
    let (arm_name, axes) = known.arms.get(arm).cloned().unwrap_or_default();
    let point = match coordinates {
        Some(coordinates) => Some(position(context, &axes, coordinates, span)?),
        None if axes.is_empty() => None,
        None => {
            let report = report::which_point(span, &arm_name, axes.len());
            return Err(fail(context, report));
        }
    };
    let [name, beyond @ ..] = place.rest else {
        let names: Vec<&str> = known.measures.iter().map(|m| m.name.as_str()).collect();
        let report = report::which_measure(span, &names);
        return Err(fail(context, report));
    };
    let found = known.measures.iter().position(|m| m.name == name.text);
    let (Some(measure), []) = (found, beyond) else {
        if known.broken.contains(&name.text) {
            return Err(Reported);
        }
        no_more_is_known(context, &known.name)?;
        let names: Vec<&str> = known.measures.iter().map(|m| m.name.as_str()).collect();
        let report = report::unknown_measure(beyond.first().unwrap_or(name), &known.name, &names);
        return Err(fail(context, report));
    };
    let Some(Column { dimension, unit: symbol, distribution, .. }) = known.measures.get(measure).cloned() else {
        return Err(Reported);
    };
    let dimension = readable(context, taking, distribution.as_ref(), dimension, span)?;
    let experiment = known.id;
    let kind = match *taking {
        Taking::End => ReadingKind::Measure { experiment, arm, point, measure, time: None },
        Taking::At(time) => ReadingKind::Measure { experiment, arm, point, measure, time: Some(time) },
        Taking::Summary(how) => ReadingKind::Summary { how, experiment, arm, point, measure },
    };
    let own = context.units.spelt(&symbol).filter(|unit| context.units.get(*unit).dimension == dimension);
    let unit = own.unwrap_or_else(|| context.units.usual(dimension));
    let Some(results) = context.typed.results.as_mut() else { return Err(Reported) };
    results.readings.push(kind);
    let at = results.readings.len() as u32 - 1;
    Ok(Quantity::varying(ExprKind::Result(at), dimension, unit, span))
}

/// The dimension of what is taken of a measure, if that can be: numbers of a distribution are read by a statistic.
fn readable(
    context: &mut Context,
    taking: &Taking,
    distribution: Option<&Own>,
    dimension: Dimension,
    span: Span,
) -> Result<Dimension, Reported> {
    use crate::hir::reports::members as report;
    let report = match (taking, distribution) {
        (Taking::End | Taking::At(_), None) => return Ok(dimension),
        (Taking::End | Taking::At(_), Some(_)) => report::distribution_read_as_number(context, span),
        (Taking::Summary(_), Some(Own::Route)) => report::routes_are_no_numbers(context, span),
        (Taking::Summary(Summary::Fano), Some(Own::Copies(_))) => return Ok(Dimension::NONE),
        (Taking::Summary(Summary::Fano), _) => {
            report::no_such_statistic(context, span, "Fano factor", "variance over mean is a number for copies only")
        }
        (Taking::Summary(Summary::Sd), None) => {
            report::no_such_statistic(context, span, "standard deviation", "a course over time, not a distribution")
        }
        (Taking::Summary(_), _) => return Ok(dimension),
    };
    Err(fail(context, report))
}

/// Fails without a word for an experiment of which something could not be read: that may be what is asked for.
fn no_more_is_known(context: &Context, experiment: &SmolStr) -> Result<(), Reported> {
    let broken = context.typed.results.as_ref().is_some_and(|r| r.broken.contains(experiment));
    if broken { Err(Reported) } else { Ok(()) }
}

/// The experiment and arm that the first words name.
fn place<'a>(context: &mut Context, segments: &'a [Name], span: Span) -> Result<Place<'a>, Reported> {
    let all = context.typed.results.as_ref().map_or(&[][..], |r| r.experiments.as_slice());
    let Some((head, mut rest)) = segments.split_first() else { return Err(Reported) };
    let named: Vec<Known> = all.iter().filter(|e| e.name == head.text).cloned().collect();
    if named.is_empty() {
        if context.typed.results.as_ref().is_some_and(|r| r.broken.contains(&head.text)) {
            return Err(Reported);
        }
        let names: Vec<&str> = all.iter().map(|e| e.name.as_str()).collect();
        let report = report::unknown_experiment(head, &names);
        return Err(fail(context, report));
    }
    let known = if named.len() > 1 {
        let models: Vec<&str> = named.iter().filter_map(|e| e.model.as_deref()).collect();
        let Some((model, after)) = rest.split_first() else {
            let report = report::which_model(span, &models, &head.text);
            return Err(fail(context, report));
        };
        let Some(known) = named.iter().find(|e| e.model.as_ref() == Some(&model.text)) else {
            let report = report::which_model(model.span, &models, &head.text);
            return Err(fail(context, report));
        };
        rest = after;
        known.clone()
    } else {
        named.into_iter().next().ok_or(Reported)?
    };
    let names: Vec<&str> = known.arms.iter().map(|a| a.0.as_str()).collect();
    let Some((arm, rest)) = rest.split_first() else {
        let report = report::which_arm(span, &names);
        return Err(fail(context, report));
    };
    match known.arms.iter().position(|a| a.0 == arm.text) {
        Some(position) => Ok(Place { arm: position, rest, known }),
        None => {
            no_more_is_known(context, &known.name)?;
            let report = report::unknown_arm(arm, &known.name, &names);
            Err(fail(context, report))
        }
    }
}

/// The index of a point among all combinations, the last axis fastest.
fn position(
    context: &mut Context,
    axes: &[AxisValues],
    coordinates: &[Quantity],
    span: Span,
) -> Result<usize, Reported> {
    if axes.len() != coordinates.len() {
        let report = report::wrong_coordinates(span, axes.len(), coordinates.len());
        return Err(fail(context, report));
    }
    let mut index = 0usize;
    for ((values, dimension), coordinate) in axes.iter().zip(coordinates) {
        let near = |value: &f64, wanted: f64| (value - wanted).abs() <= 1e-9 * wanted.abs().max(value.abs());
        let same = coordinate.dimension == *dimension;
        let found = coordinate.value().filter(|_| same).and_then(|w| values.iter().position(|v| near(v, w)));
        let Some(found) = found else {
            let report = report::no_such_point(context, coordinate);
            return Err(fail(context, report));
        };
        index = index.saturating_mul(values.len()).saturating_add(found);
    }
    Ok(index)
}
