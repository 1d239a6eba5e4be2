//! Questions about single vesicles, and what of them the mean field can answer.
//!
//! The exact simulation answers all of them by looking at each vesicle: it sets the parameter [`Question::answer`] and the
//! switch [`Network::individual`](super::Network::individual), and observables read that. Without the switch they read what
//! the mean field knows: sizes by the law of each population, contents as Poisson numbers where theory says that they are
//! (captured by one process only, at a steady concentration, and only carried since), and otherwise nothing: NaN, with a
//! note that says why.
//!
//! Invariants: questions are in the order of the observables that ask them; populations are those of the network, each with the
//! number of cells that have it, as in totals. Deliberately absent: single vesicles.

use super::build::{Builder, Result};
use super::lower::Context;
use super::numbers::Known;
use super::pools::What;
use super::sizes::{SizeLaw, area_of, diameter_of_area, diameter_of_lumen, lumen_of};
use super::{Expr, ParameterId, Role, SpeciesId, reports};
use crate::hir::expr::{Asked, Members, Own};
use crate::hir::{self, BinaryOp, ExprKind, UnaryOp};
use crate::source::Span;

/// Something asked of every member of some populations.
#[derive(Clone, PartialEq, Debug)]
pub struct Question {
    /// With the number of cells that each counts for.
    pub populations: Vec<(SpeciesId, f64)>,
    pub asked: Inquiry,
    /// What the exact simulation found: the share, or the mean; NaN of no members.
    pub answer: ParameterId,
    /// Of a distribution: the observable that asks, and what the mean field knows of it, if anything.
    pub distribution: Option<Distribution>,
    pub span: Span,
}

/// A distribution that is measured.
#[derive(Clone, PartialEq, Debug)]
pub struct Distribution {
    /// Position in [`Network::observables`](super::Network::observables).
    pub observable: usize,
    /// Empty if the mean field can't tell it.
    pub mixture: Vec<Component>,
}

/// One population's part in a mixture.
#[derive(Clone, PartialEq, Debug)]
pub struct Component {
    pub law: SizeLaw,
    /// The observable that counts the members.
    pub members: usize,
    /// Of copies: the observable of their mean, and how the mean of one vesicle goes with its size.
    pub copies: Option<(usize, Scaling)>,
}

/// How the captured copies of a vesicle go with its size: as its area or its lumen, relative to the mean of that.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scaling {
    Area(f64),
    Lumen(f64),
}

impl Scaling {
    /// Expected copies at a diameter, relative to the mean over all.
    pub fn at(self, diameter: f64) -> f64 {
        match self {
            Scaling::Area(mean) if mean > 0.0 => area_of(diameter) / mean,
            Scaling::Lumen(mean) if mean > 0.0 => lumen_of(diameter) / mean,
            _ => 1.0,
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub enum Inquiry {
    /// The share of members that pass.
    Share(Test),
    /// The mean of something.
    Mean(Property),
    Distribution(Property),
}

/// What one vesicle has, in internal units.
#[derive(Clone, PartialEq, Debug)]
pub enum Property {
    Diameter,
    Area,
    /// Of the lumen.
    Volume,
    Age,
    Route,
    /// Of all these pools together.
    Copies(Vec<SpeciesId>),
}

/// A condition that one vesicle meets or doesn't.
#[derive(Clone, PartialEq, Debug)]
pub enum Test {
    /// The property below this value; `or_equal`, or equal to it.
    Below {
        of: Property,
        value: f64,
        or_equal: bool,
    },
    Equal {
        of: Property,
        value: f64,
    },
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
}

impl Test {
    /// Whether a vesicle with these numbers passes.
    pub fn passes(&self, number: &mut dyn FnMut(&Property) -> f64) -> bool {
        match self {
            Test::Below { of, value, or_equal: true } => number(of) <= *value,
            Test::Below { of, value, or_equal: false } => number(of) < *value,
            Test::Equal { of, value } => number(of) == *value,
            Test::Not(a) => !a.passes(number),
            Test::And(a, b) => a.passes(number) && b.passes(number),
            Test::Or(a, b) => a.passes(number) || b.passes(number),
        }
    }

    /// Every comparison's property and value.
    fn each(&self, visit: &mut dyn FnMut(&Property, f64)) {
        match self {
            Test::Below { of, value, .. } | Test::Equal { of, value } => visit(of, *value),
            Test::Not(a) => a.each(visit),
            Test::And(a, b) | Test::Or(a, b) => {
                a.each(visit);
                b.each(visit);
            }
        }
    }
}

/// Why the mean field can't answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unanswered {
    Age,
    Route,
    /// Contents whose distribution theory doesn't give.
    Contents,
    /// A condition on one content twice, or on too many copies to sum over.
    Condition,
}

/// Copies up to which Poisson probabilities are summed.
const MOST_COPIES: f64 = 200.0;

/// The chance that a vesicle of a certain size passes.
enum Chance {
    Sure(bool),
    Some(Expr),
}

impl Chance {
    fn expr(self) -> Expr {
        match self {
            Chance::Sure(sure) => Expr::Constant(if sure { 1.0 } else { 0.0 }),
            Chance::Some(expr) => expr,
        }
    }
}

/// A population as a test sees it.
struct Sorted {
    law: SizeLaw,
    /// Of each content that is asked for: its pools, its mean copies, how these go with size.
    contents: Vec<(Vec<SpeciesId>, Expr, Scaling)>,
}

impl<'h> Builder<'h> {
    /// A question, as the number that observables show for it.
    pub(super) fn ask(&mut self, members: &Members, context: Context, span: Span) -> Result<Expr> {
        let found = self.find(&members.of, context.view);
        let populations = self.counted(&found);
        let (asked, known) = match &members.asked {
            Asked::Share(condition) => {
                let test = self.test(condition, &found)?;
                let known = self.share(&test, &populations);
                (Inquiry::Share(test), known)
            }
            Asked::Mean(own) => {
                let property = self.property(own, &found);
                let known = self.mean(&property, members, context)?;
                (Inquiry::Mean(property), known)
            }
            Asked::Distribution(own) => {
                let property = self.property(own, &found);
                let known = self.mean(&property, members, context)?;
                (Inquiry::Distribution(property), known)
            }
        };
        let distribution = match &asked {
            Inquiry::Distribution(property) => {
                let mixture = self.mixture(property, &populations);
                let observable = self.network.observables.len();
                Some((observable, mixture))
            }
            _ => None,
        };
        let failed = known.as_ref().err().copied();
        let failed = failed.or(distribution.as_ref().and_then(|(_, mixture)| mixture.as_ref().err().copied()));
        if let Some(reason) = failed {
            self.notes.push(reports::unanswered(span, reason));
        } else if asks_for_copies(&asked) {
            self.notes.push(reports::taken_as_poisson(span));
        }
        let answer = self.answer(span);
        let distribution = distribution.map(|(observable, mixture)| {
            let mixture = if failed.is_none() { mixture.unwrap_or_default() } else { Vec::new() };
            (observable, mixture)
        });
        let known = known.unwrap_or(Expr::Constant(f64::NAN));
        let distribution = distribution.map(|(observable, mixture)| Distribution {
            observable,
            mixture: mixture.into_iter().map(|part| self.hide(part, span)).collect(),
        });
        self.network.questions.push(Question { populations, asked, answer, distribution, span });
        let switch = Expr::Parameter(self.switch());
        Ok(Expr::select(switch, Expr::Parameter(answer), known))
    }

    /// Populations with the number of cells each counts for, as in totals.
    fn counted(&self, found: &[SpeciesId]) -> Vec<(SpeciesId, f64)> {
        let scope = |species: SpeciesId| self.pools.root(species).map(|root| self.place_scope(root));
        let first = found.first().copied().and_then(scope);
        let one = found.iter().all(|&species| scope(species) == first);
        let count = |species| if one { 1.0 } else { scope(species).map_or(1.0, |scope| self.count(scope)) };
        found.iter().map(|&species| (species, count(species))).collect()
    }

    /// Set while single vesicles are followed.
    fn switch(&mut self) -> ParameterId {
        if let Some(made) = self.network.individual {
            return made;
        }
        let name = "single vesicles are followed".to_owned();
        let made = self.parameter(name, Role::Answer, Expr::ZERO, Known::plain(Span::default()));
        self.network.individual = Some(made);
        made
    }

    fn answer(&mut self, span: Span) -> ParameterId {
        let name = format!("answer {}", self.network.questions.len() + 1);
        self.parameter(name, Role::Answer, Expr::ZERO, Known::plain(span))
    }

    fn property(&self, own: &Own, populations: &[SpeciesId]) -> Property {
        match own {
            Own::Diameter => Property::Diameter,
            Own::Area => Property::Area,
            Own::Volume => Property::Volume,
            Own::Age => Property::Age,
            Own::Route => Property::Route,
            Own::Copies(what) => Property::Copies(self.contents_of(what, populations)),
        }
    }

    fn test(&self, condition: &hir::Expr, populations: &[SpeciesId]) -> Result<Test> {
        let unresolved = || super::BuildError::Unresolved { span: condition.span };
        Ok(match &condition.kind {
            ExprKind::Unary(UnaryOp::Not, a) => Test::Not(Box::new(self.test(a, populations)?)),
            ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), a, b) => {
                let (a, b) = (Box::new(self.test(a, populations)?), Box::new(self.test(b, populations)?));
                if *op == BinaryOp::And { Test::And(a, b) } else { Test::Or(a, b) }
            }
            ExprKind::Binary(op, a, b) => match (&a.kind, &b.kind, op) {
                (ExprKind::Own(own), ExprKind::Number(value), BinaryOp::Equal)
                | (ExprKind::Number(value), ExprKind::Own(own), BinaryOp::Equal) => {
                    Test::Equal { of: self.property(own, populations), value: *value }
                }
                (ExprKind::Own(own), ExprKind::Number(value), _) => Test::Below {
                    of: self.property(own, populations),
                    value: *value,
                    or_equal: *op == BinaryOp::LessEqual,
                },
                // v < X is not X <= v.
                (ExprKind::Number(value), ExprKind::Own(own), _) => Test::Not(Box::new(Test::Below {
                    of: self.property(own, populations),
                    value: *value,
                    or_equal: *op == BinaryOp::Less,
                })),
                _ => return Err(unresolved()),
            },
            _ => return Err(unresolved()),
        })
    }

    /// The mean of a property over all members, if the mean field knows it.
    fn mean(
        &mut self,
        property: &Property,
        members: &Members,
        context: Context,
    ) -> Result<std::result::Result<Expr, Unanswered>> {
        Ok(Ok(match (property, &members.asked) {
            (Property::Diameter, _) => self.mean_over(&members.of, context, |geometry| geometry.diameter),
            (Property::Area, _) => self.mean_over(&members.of, context, |geometry| geometry.area),
            (Property::Volume, _) => self.mean_over(&members.of, context, |geometry| geometry.lumen),
            (Property::Copies(_), Asked::Mean(Own::Copies(what)) | Asked::Distribution(Own::Copies(what))) => {
                self.per(what, &members.of, context)?
            }
            (Property::Route, _) => return Ok(Err(Unanswered::Route)),
            _ => return Ok(Err(Unanswered::Age)),
        }))
    }

    /// The share of members that pass, over all populations.
    fn share(&mut self, test: &Test, populations: &[(SpeciesId, f64)]) -> std::result::Result<Expr, Unanswered> {
        let mut shares = Vec::with_capacity(populations.len());
        for (population, _) in populations {
            let sorted = self.sorted(test, *population)?;
            shares.push(passing(test, &sorted)?);
        }
        match shares.first() {
            None => return Ok(Expr::ZERO),
            Some(first @ Expr::Constant(_)) if shares.iter().all(|share| share == first) => return Ok(first.clone()),
            Some(_) => {}
        }
        let number = |(population, cells): &(SpeciesId, f64)| Expr::Constant(*cells) * Expr::Species(*population);
        let all = Expr::sum(populations.iter().map(number));
        let some = Expr::sum(populations.iter().zip(shares).map(|(population, share)| number(population) * share));
        Ok(some.over_positive(all))
    }

    /// What a test must know of a population.
    fn sorted(&mut self, test: &Test, population: SpeciesId) -> std::result::Result<Sorted, Unanswered> {
        let mut wanted: Vec<Vec<SpeciesId>> = Vec::new();
        let mut reason = None;
        test.each(&mut |property, value| match property {
            Property::Age => reason = Some(Unanswered::Age),
            Property::Route => reason = Some(Unanswered::Route),
            Property::Copies(pools) if wanted.contains(pools) || value > MOST_COPIES => {
                reason = Some(Unanswered::Condition);
            }
            Property::Copies(pools) => wanted.push(pools.clone()),
            Property::Diameter | Property::Area | Property::Volume => {}
        });
        if let Some(reason) = reason {
            return Err(reason);
        }
        let mut contents = Vec::with_capacity(wanted.len());
        for pools in wanted {
            let (mean, scaling) = self.poisson(&pools, population)?;
            contents.push((pools, mean, scaling));
        }
        Ok(Sorted { law: self.size_law(population), contents })
    }

    /// The mean copies of a content in one member of a population, if they are Poisson numbers.
    fn poisson(
        &mut self,
        pools: &[SpeciesId],
        population: SpeciesId,
    ) -> std::result::Result<(Expr, Scaling), Unanswered> {
        let own: Vec<SpeciesId> = pools.iter().copied().filter(|&pool| self.is_in(pool, population)).collect();
        if !own.iter().all(|&pool| super::poisson::is_poisson(&self.network, pool)) {
            return Err(Unanswered::Contents);
        }
        let geometry = self.geometry_of(population);
        let bound = own.iter().any(|&pool| self.pools.key(pool).is_some_and(|key| self.is_membrane_bound(key.what)));
        let scaling = if bound { Scaling::Area(geometry.area) } else { Scaling::Lumen(geometry.lumen) };
        let copies = Expr::sum(own.into_iter().map(Expr::Species));
        let mean = copies.over_positive(Expr::Species(population));
        let name = format!("copies for each {}", self.network.species.get(population.index()).map_or("", |s| &s.name));
        Ok((Expr::Definition(self.define(name, mean, None, Span::default())), scaling))
    }

    /// What the mean field knows of a distribution; members and means as expressions.
    fn mixture(
        &mut self,
        property: &Property,
        populations: &[(SpeciesId, f64)],
    ) -> std::result::Result<Vec<Part>, Unanswered> {
        let mut parts = Vec::with_capacity(populations.len());
        for &(population, cells) in populations {
            let copies = match property {
                Property::Age => return Err(Unanswered::Age),
                Property::Route => return Err(Unanswered::Route),
                Property::Copies(pools) => Some(self.poisson(pools, population)?),
                Property::Diameter | Property::Area | Property::Volume => None,
            };
            let members = Expr::Constant(cells) * Expr::Species(population);
            parts.push(Part { law: self.size_law(population), members, copies });
        }
        Ok(parts)
    }

    /// Lines up the observables that a part of a mixture reads, behind all that experiments name.
    fn hide(&mut self, part: Part, span: Span) -> Component {
        let mut observable = |value: Expr| {
            self.hidden.push((value, span));
            self.hidden.len() - 1
        };
        let members = observable(part.members);
        Component { law: part.law, members, copies: part.copies.map(|(mean, scaling)| (observable(mean), scaling)) }
    }

    /// Puts the hidden observables behind the others, where mixtures find them from now on.
    pub(super) fn reveal_hidden(&mut self) {
        let first = self.network.observables.len();
        let plain = super::DisplayUnit { symbol: String::new(), factor: 1.0 };
        for (number, (value, span)) in std::mem::take(&mut self.hidden).into_iter().enumerate() {
            let name = format!("part {} of a distribution", number + 1);
            self.network.observables.push(super::Observable { name, value, unit: plain.clone(), span });
        }
        let parts = self.network.questions.iter_mut().filter_map(|question| question.distribution.as_mut());
        for part in parts.flat_map(|distribution| &mut distribution.mixture) {
            part.members += first;
            if let Some((mean, _)) = &mut part.copies {
                *mean += first;
            }
        }
    }

    fn size_law(&self, population: SpeciesId) -> SizeLaw {
        let Some(What::Vesicle(class, state)) = self.pools.key(population).map(|key| key.what) else {
            return SizeLaw::new(0.0, 0.0, None);
        };
        let known = self.diameters.get(class.index()).and_then(|states| states.get(state.index()));
        known.map_or(SizeLaw::new(0.0, 0.0, None), |law| SizeLaw::new(law.mean, law.sd, law.range))
    }
}

/// A component before its numbers are observables.
struct Part {
    law: SizeLaw,
    members: Expr,
    copies: Option<(Expr, Scaling)>,
}

fn asks_for_copies(asked: &Inquiry) -> bool {
    let is_copies = |property: &Property| matches!(property, Property::Copies(_));
    match asked {
        Inquiry::Share(test) => {
            let mut any = false;
            test.each(&mut |property, _| any |= is_copies(property));
            any
        }
        Inquiry::Mean(_) => false,
        Inquiry::Distribution(property) => is_copies(property),
    }
}

/// The share of a population that passes: sizes between the thresholds at once, contents at quadrature nodes.
fn passing(test: &Test, population: &Sorted) -> std::result::Result<Expr, Unanswered> {
    let law = &population.law;
    if let Some(only) = law.only() {
        return Ok(chance(test, only, population).expr());
    }
    let (low, high) = law.bulk();
    let mut bounds = vec![low, high];
    test.each(&mut |property, value| {
        bounds.extend(match property {
            Property::Diameter => Some(value),
            Property::Area => Some(diameter_of_area(value)),
            Property::Volume => Some(diameter_of_lumen(value)),
            _ => None,
        });
    });
    bounds.retain(|bound| (low..=high).contains(bound));
    bounds.sort_by(f64::total_cmp);
    let mut sure = 0.0;
    let mut parts = Vec::new();
    for pair in bounds.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let share = law.below(to) - law.below(from);
        if share <= 0.0 {
            continue;
        }
        match chance(test, 0.5 * (from + to), population) {
            Chance::Sure(true) => sure += share,
            Chance::Sure(false) => {}
            Chance::Some(_) => parts.extend(
                law.nodes(from, to)
                    .into_iter()
                    .map(|(d, weight)| Expr::Constant(weight) * chance(test, d, population).expr()),
            ),
        }
    }
    Ok(Expr::sum((sure > 0.0 || parts.is_empty()).then_some(Expr::Constant(sure)).into_iter().chain(parts)))
}

/// Contents are independent of each other, given the size.
fn chance(test: &Test, diameter: f64, population: &Sorted) -> Chance {
    match test {
        Test::Not(a) => match chance(a, diameter, population) {
            Chance::Sure(sure) => Chance::Sure(!sure),
            Chance::Some(a) => Chance::Some(Expr::ONE - a),
        },
        Test::And(a, b) => match (chance(a, diameter, population), chance(b, diameter, population)) {
            (Chance::Sure(false), _) | (_, Chance::Sure(false)) => Chance::Sure(false),
            (Chance::Sure(true), other) | (other, Chance::Sure(true)) => other,
            (Chance::Some(a), Chance::Some(b)) => Chance::Some(a * b),
        },
        Test::Or(a, b) => match (chance(a, diameter, population), chance(b, diameter, population)) {
            (Chance::Sure(true), _) | (_, Chance::Sure(true)) => Chance::Sure(true),
            (Chance::Sure(false), other) | (other, Chance::Sure(false)) => other,
            (Chance::Some(a), Chance::Some(b)) => Chance::Some(Expr::ONE - (Expr::ONE - a) * (Expr::ONE - b)),
        },
        Test::Below { of: Property::Copies(pools), value, or_equal } => {
            let most = if *or_equal { value.floor() } else { value.ceil() - 1.0 };
            poisson_up_to(most, diameter, pools, population)
        }
        Test::Equal { of: Property::Copies(pools), value } if value.fract() == 0.0 && *value >= 0.0 => {
            let upper = poisson_up_to(*value, diameter, pools, population).expr();
            match poisson_up_to(value - 1.0, diameter, pools, population) {
                Chance::Sure(_) => Chance::Some(upper),
                Chance::Some(lower) => Chance::Some(upper - lower),
            }
        }
        Test::Equal { of: Property::Copies(_), .. } => Chance::Sure(false),
        Test::Below { .. } | Test::Equal { .. } => Chance::Sure(test.passes(&mut |property| match property {
            Property::Area => area_of(diameter),
            Property::Volume => lumen_of(diameter),
            _ => diameter,
        })),
    }
}

/// The chance of at most so many copies: e^-λ (1 + λ (1 + λ/2 (1 + …))).
fn poisson_up_to(most: f64, diameter: f64, pools: &[SpeciesId], population: &Sorted) -> Chance {
    let known = population.contents.iter().find(|(own, ..)| own == pools);
    let Some((_, mean, scaling)) = known.filter(|_| most >= 0.0) else { return Chance::Sure(false) };
    let expected = mean.clone() * Expr::Constant(scaling.at(diameter));
    let none = Expr::unary(UnaryOp::Exp, Expr::unary(UnaryOp::Neg, expected.clone()));
    let mut series = Expr::ONE;
    let mut term = most;
    while term >= 1.0 {
        series = Expr::ONE + expected.clone() / Expr::Constant(term) * series;
        term -= 1.0;
    }
    Chance::Some(none * series)
}
