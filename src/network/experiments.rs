//! Experiments to plans: treatments become interventions over the network's tables, sweeps are expanded.

use super::build::{Builder, Number, Result, View};
use super::lower::Context;
use super::numbers::display;
use super::plan::{Change, Coordinate, Intervention, Plan, PlannedArm};
use super::pools::{Key, What};
use super::{Expr, SpeciesId, Target};
use crate::hir::experiment::{Addition, Amount, Arm, Experiment, Sweep, Swept, Treatment};
use crate::hir::{Decl, DrugId, Entity, ExperimentId, Location, MoleculeId, Pool, ScopeId};
use crate::source::Span;

/// The values of an arm's swept variables at one point.
type Point<'p> = &'p [(usize, f64)];

impl<'h> Builder<'h> {
    /// One plan for each experiment with an arm here; measures are observables in the order of the experiments.
    pub(super) fn plan_experiments(&mut self) -> Result<Vec<Plan>> {
        let hir = self.hir;
        let mut plans = Vec::new();
        let mut next = 0;
        for (id, experiment) in hir.experiments.iter().zip(0u32..).map(|(e, id)| (ExperimentId(id), e)) {
            let here = |arm: &Arm| arm.model.unwrap_or(experiment.model) == self.index;
            if experiment.model != self.index && !experiment.arms.iter().any(|arm| arm.model == Some(self.index)) {
                continue;
            }
            let mine: Vec<(usize, &Arm)> = experiment.arms.iter().enumerate().filter(|(_, arm)| here(arm)).collect();
            let measures = (next..next + experiment.measures.len()).collect();
            next += experiment.measures.len();
            let mut arms = Vec::new();
            for (position, arm) in mine {
                self.plan_arm(experiment, position, arm, &mut arms)?;
            }
            plans.push(Plan {
                experiment: id,
                name: experiment.name.to_string(),
                settle: experiment.settle,
                duration: self.lower(&experiment.duration.expr, Context::EXPERIMENT)?,
                interval: self.lower(&experiment.interval.expr, Context::EXPERIMENT)?,
                measures,
                arms,
                span: experiment.span,
            });
        }
        Ok(plans)
    }

    fn plan_arm(
        &mut self,
        experiment: &'h Experiment,
        position: usize,
        arm: &'h Arm,
        arms: &mut Vec<PlannedArm>,
    ) -> Result<()> {
        for (number, point) in points(&arm.sweep).into_iter().enumerate() {
            let mut interventions = Vec::new();
            for (index, value) in &point {
                if let Some(sweep) = arm.sweep.get(*index) {
                    self.sweep(sweep, *value, arm.span, &mut interventions)?;
                }
            }
            let scaled = self.scaled_everywhere(&arm.treatments, &point)?;
            for treatment in &arm.treatments {
                self.treat(treatment, &point, &scaled, &mut interventions)?;
            }
            for addition in &experiment.additions {
                self.add(addition, &point, &scaled, &mut interventions)?;
            }
            let coordinates = arm.sweep.iter().zip(&point).map(|(sweep, (_, value))| Coordinate {
                name: sweep.name.to_string(),
                value: *value,
                unit: display(&sweep.unit),
            });
            arms.push(PlannedArm {
                arm: position,
                name: arm.name.to_string(),
                point: number,
                coordinates: coordinates.collect(),
                interventions,
                span: arm.span,
            });
        }
        Ok(())
    }

    fn sweep(&mut self, sweep: &Sweep, value: f64, span: Span, out: &mut Vec<Intervention>) -> Result<()> {
        let targets = match sweep.over {
            Swept::Variable => return Ok(()),
            Swept::Drug(drug) => {
                if value != 0.0 {
                    let label = shown(&sweep.name, value, &sweep.unit);
                    self.dose(drug, Expr::Constant(value), None, label, span, out);
                }
                return Ok(());
            }
            Swept::Param(id, scope) => self.numbers_of(Number::Param(id), scope)?,
            Swept::Input(id, scope) => self.numbers_of(Number::Input(id), scope)?,
        };
        for target in targets {
            let target = match target {
                Expr::Parameter(id) => Target::Parameter(id),
                Expr::Species(id) => Target::Species(id),
                _ => continue,
            };
            let change = Change::Set { target, value: Expr::Constant(value) };
            out.push(Intervention { time: None, change, label: String::new(), span });
        }
        Ok(())
    }

    /// Molecules that an arm knocks down or overexpresses in whatever makes them, with the factors: vesicles that are
    /// added carry as much less or more of them.
    fn scaled_everywhere(&mut self, treatments: &'h [Treatment], point: Point<'_>) -> Result<Vec<(MoleculeId, Expr)>> {
        let mut scaled = Vec::new();
        for treatment in treatments {
            let Treatment::Scale { target, factor, .. } = treatment else { continue };
            if let Entity::Molecule(id) = target.what
                && target.at.is_empty()
                && target.scope.is_none_or(|scope| scope == ScopeId(0))
            {
                scaled.push((id, self.quantity(factor, point)?));
            }
        }
        Ok(scaled)
    }

    fn treat(
        &mut self,
        treatment: &'h Treatment,
        point: Point<'_>,
        scaled: &[(MoleculeId, Expr)],
        out: &mut Vec<Intervention>,
    ) -> Result<()> {
        match treatment {
            Treatment::Scale { target, factor, span } => {
                let factor = self.quantity(factor, point)?;
                self.scale(target, &factor, *span, out);
            }
            Treatment::Set(assignment) => {
                for (target, value) in self.assigned(assignment, Context::EXPERIMENT)? {
                    let change = Change::Set { target, value };
                    out.push(Intervention { time: None, change, label: String::new(), span: assignment.span });
                }
            }
            Treatment::Dose { drug, concentration, from, to, span } => {
                let level = self.quantity(concentration, point)?;
                let from = self.moment(from.as_ref())?;
                let to = self.moment(to.as_ref())?;
                let label = self.dose_label(*drug, concentration);
                self.dose(*drug, level.clone(), from, label, *span, out);
                if let Some(to) = to {
                    let change = Change::Washout { concentration: self.drug(*drug).present, level };
                    let label = self.hir.drugs.get(drug.index()).map(|d| format!("{} off", d.name));
                    let label = label.unwrap_or_default();
                    out.push(Intervention { time: Some(to), change, label, span: *span });
                }
            }
            Treatment::Add(addition) => self.add(addition, point, scaled, out)?,
        }
        Ok(())
    }

    fn moment(&mut self, value: Option<&crate::hir::Value>) -> Result<Option<Expr>> {
        value.map(|value| self.planned(value)).transpose()
    }

    /// A number of an experiment; an uncertainty of its own is not drawn.
    fn planned(&mut self, value: &crate::hir::Value) -> Result<Expr> {
        let lowered = self.lower(&value.expr, Context::EXPERIMENT)?;
        self.keep_nominal(|| "a number of an experiment".to_owned(), value, &Expr::ZERO);
        Ok(lowered)
    }

    fn quantity(&mut self, amount: &Amount, point: Point<'_>) -> Result<Expr> {
        match amount {
            Amount::Given(value) => self.planned(value),
            Amount::Swept(index) => Ok(Expr::Constant(at(point, *index))),
            Amount::Remaining(index) => Ok(Expr::Constant(1.0 - at(point, *index))),
        }
    }

    fn dose(
        &mut self,
        drug: DrugId,
        level: Expr,
        from: Option<Expr>,
        label: String,
        span: Span,
        out: &mut Vec<Intervention>,
    ) {
        let made = self.drug(drug);
        let change = Change::Dose { concentration: made.present, latch: made.highest, level };
        out.push(Intervention { time: from, change, label, span });
    }

    fn dose_label(&self, drug: DrugId, level: &Amount) -> String {
        let name = self.hir.drugs.get(drug.index()).map(|d| d.name.as_str()).unwrap_or_default();
        match level {
            Amount::Given(value) => match value.expr.kind {
                crate::hir::ExprKind::Number(number) => shown(name, number, &value.unit),
                _ => name.to_owned(),
            },
            Amount::Swept(_) | Amount::Remaining(_) => name.to_owned(),
        }
    }

    /// Scales all pools of a molecule or class in the cells that are meant, wherever they are in them; its synthesis;
    /// and, if it is reduced, the complexes that it is part of.
    fn scale(&mut self, target: &Pool, factor: &Expr, span: Span, out: &mut Vec<Intervention>) {
        let pattern = match target.at.is_empty() {
            true => Pool { at: vec![Location::Anywhere], ..target.clone() },
            false => target.clone(),
        };
        let mut change = |change| out.push(Intervention { time: None, change, label: String::new(), span });
        for species in self.in_cells(&pattern, target) {
            change(Change::Scale { species, factor: factor.clone() });
        }
        let Entity::Molecule(id) = target.what else { return };
        let mut sources: Vec<_> = self.synthesis.iter().filter(|((_, made), _)| *made == id).collect();
        sources.sort_unstable_by_key(|(_, parameter)| **parameter);
        for ((scope, _), &parameter) in sources {
            if target.scope.is_none_or(|meant| meant == *scope) {
                change(Change::ScaleParameter { parameter, factor: factor.clone() });
            }
        }
        for (complex, parts) in self.complexes_with(id) {
            let pattern = Pool { what: Entity::Molecule(complex), state: None, ..pattern.clone() };
            for species in self.in_cells(&pattern, target) {
                let freed = parts
                    .iter()
                    .filter_map(|&(part, count)| self.free_pool(species, part).map(|pool| (pool, f64::from(count))));
                let freed = freed.collect();
                change(Change::Dissolve { complex: species, factor: factor.clone(), freed });
            }
        }
    }

    /// Pools that match and belong to a cell: to the one that was named, to any, or to none if the thing is declared
    /// among what cells share.
    fn in_cells(&self, pattern: &Pool, target: &Pool) -> Vec<SpeciesId> {
        let mut found = self.find(pattern, View::Experiment);
        let shared = |species: &SpeciesId| self.pools.root(*species).is_none_or(|r| self.place_scope(r) == ScopeId(0));
        let declared = match target.what {
            Entity::Molecule(id) => Decl::Molecule(id),
            Entity::Vesicle(id) => Decl::Vesicle(id),
        };
        let among_shared = self.scope(ScopeId(0)).is_some_and(|s| s.members.contains(&declared));
        if target.at.is_empty() && !among_shared {
            found.retain(|species| !shared(species));
        }
        found
    }

    /// Complexes of which a molecule is part, with their other parts.
    fn complexes_with(&self, id: MoleculeId) -> Vec<(MoleculeId, Vec<(MoleculeId, u32)>)> {
        let all = self.hir.molecules.iter().zip(0u32..);
        let with = all.filter(|(m, _)| m.composition.iter().any(|(part, _)| *part == id));
        with.map(|(m, complex)| {
            let others = m.composition.iter().copied().filter(|(part, _)| *part != id);
            (MoleculeId(complex), others.collect())
        })
        .collect()
    }

    /// Where a freed part of a complex goes: to a pool of it in the same place, or else to its first in the cell.
    fn free_pool(&self, complex: SpeciesId, part: MoleculeId) -> Option<SpeciesId> {
        let key = self.pools.key(complex)?;
        let stateless = self.pools.get(Key { what: What::Molecule(part, None), within: key.within });
        let first = What::Molecule(part, Some(crate::hir::StateId(0)));
        let here = stateless.or_else(|| self.pools.get(Key { what: first, within: key.within }));
        here.or_else(|| {
            let scope = self.scope_of(key.within);
            let all = self.pools.of(Entity::Molecule(part)).iter().copied();
            all.into_iter().find(|&p| self.pools.root(p).is_some_and(|root| self.place_scope(root) == scope))
        })
    }

    fn add(
        &mut self,
        addition: &Addition,
        point: Point<'_>,
        scaled: &[(MoleculeId, Expr)],
        out: &mut Vec<Intervention>,
    ) -> Result<()> {
        let amount = self.quantity(&addition.amount, point)?;
        let time = self.lower(&addition.time.expr, Context::EXPERIMENT)?;
        let pools = self.added_pools(addition)?;
        let name = match addition.target.what {
            Entity::Molecule(id) => self.hir.molecules.get(id.index()).map(|m| m.name.as_str()),
            Entity::Vesicle(id) => self.hir.vesicles.get(id.index()).map(|v| v.name.as_str()),
        };
        let mut label = format!("add {}", name.unwrap_or_default());
        let target = pools.first().map(|(target, _)| *target);
        let area = target.and_then(|target| Some((self.area_of(target)?, self.geometry_of(target).area)));
        for (species, copies) in pools.into_iter().chain(area) {
            let mut copies = Expr::Constant(copies);
            if let (true, Some(What::Molecule(id, _))) =
                (target != Some(species), self.pools.key(species).map(|key| key.what))
            {
                let factors = scaled.iter().filter(|(molecule, _)| *molecule == id);
                copies = factors.fold(copies, |copies, (_, factor)| copies * factor.clone());
            }
            let change = Change::Add { species, amount: amount.clone() * copies };
            let label = std::mem::take(&mut label);
            out.push(Intervention { time: Some(time.clone()), change, label, span: addition.span });
        }
        Ok(())
    }
}

/// The value of a swept variable at a point.
fn at(point: Point<'_>, index: usize) -> f64 {
    point.iter().find(|(swept, _)| *swept == index).map_or(f64::NAN, |(_, value)| *value)
}

/// `GW4869 10 µM`.
fn shown(name: &str, value: f64, unit: &crate::hir::units::Unit) -> String {
    let value = value / unit.factor;
    // Conversions leave rounding in the last digits, which nobody wrote.
    let value: f64 = format!("{value:.12e}").parse().unwrap_or(value);
    format!("{name} {value} {}", unit.symbol).trim_end().to_owned()
}

/// All combinations of the swept values, the last variable turning fastest; one empty point without a sweep.
fn points(sweep: &[Sweep]) -> Vec<Vec<(usize, f64)>> {
    let mut points = vec![Vec::new()];
    for (index, swept) in sweep.iter().enumerate() {
        let each = |point: &Vec<(usize, f64)>| {
            let point = point.clone();
            swept.values.iter().map(move |&value| point.iter().copied().chain([(index, value)]).collect())
        };
        points = points.iter().flat_map(each).collect();
    }
    points
}
