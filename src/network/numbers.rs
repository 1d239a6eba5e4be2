//! Named numbers: params and inputs of each cell, as its `set`s leave them, with what is known of them.

use super::build::{BuildError, Builder, Kept, Number, Result};
use super::{DisplayUnit, Evidence, Expr, Parameter, ParameterId, Role, SpeciesKind, Uncertainty};
use crate::hir::units::Unit;
use crate::hir::{self, Assignable, Assignment, Decl, ScopeId, Value};
use crate::source::Span;

/// 95 % of a normal distribution lie within so many standard deviations.
const NORMAL_95: f64 = 1.959_964;

pub(super) fn display(unit: &Unit) -> DisplayUnit {
    DisplayUnit { symbol: unit.symbol.to_string(), factor: unit.factor }
}

fn evidence(known: &hir::Evidence) -> Evidence {
    if !known.citations.is_empty() {
        Evidence::Cited(known.citations.clone())
    } else if known.assumed {
        Evidence::Assumed
    } else {
        Evidence::Unsupported
    }
}

/// A declared uncertainty around this value.
fn uncertainty(declared: hir::Uncertainty, value: f64) -> Uncertainty {
    match declared {
        hir::Uncertainty::Fold(fold) => Uncertainty::LogNormal { median: value, ln_sd: fold.ln() / NORMAL_95 },
        hir::Uncertainty::Sd(sd) => Uncertainty::Normal { mean: value, sd },
        hir::Uncertainty::Uniform(low, high) => Uncertainty::Uniform { low, high },
    }
}

/// The same uncertainty of a number so many times as large.
fn scaled(declared: hir::Uncertainty, by: f64) -> hir::Uncertainty {
    match declared {
        hir::Uncertainty::Fold(fold) => hir::Uncertainty::Fold(fold),
        hir::Uncertainty::Sd(sd) => hir::Uncertainty::Sd(sd * by.abs()),
        hir::Uncertainty::Uniform(low, high) => hir::Uncertainty::Uniform(low * by, high * by),
    }
}

/// A parameter but for its name, role, value: what is known of the number. Its uncertainty is formed when it is added.
#[derive(Clone)]
pub(super) struct Known {
    pub unit: DisplayUnit,
    pub evidence: Evidence,
    pub uncertainty: Option<hir::Uncertainty>,
    pub span: Span,
    /// Of the uncertainty.
    pub origin: Span,
}

impl Known {
    pub fn of(value: &Value) -> Known {
        Known {
            unit: display(&value.unit),
            evidence: evidence(&value.evidence),
            uncertainty: value.uncertainty,
            span: value.span,
            origin: value.span,
        }
    }

    /// Nothing: the number follows from others, or is a matter of definition.
    pub fn derived(unit: DisplayUnit, span: Span) -> Known {
        Known { unit, evidence: Evidence::Derived, uncertainty: None, span, origin: span }
    }

    pub fn plain(span: Span) -> Known {
        Known::derived(DisplayUnit { symbol: String::new(), factor: 1.0 }, span)
    }

    /// Of a number that has no value but the one that is set.
    pub fn required(set: &Assignment) -> Known {
        Known {
            unit: set.value.unit.as_ref().map_or_else(|| DisplayUnit { symbol: String::new(), factor: 1.0 }, display),
            evidence: evidence(&set.evidence),
            uncertainty: set.uncertainty,
            span: set.span,
            origin: set.span,
        }
    }

    /// Of a number that a cell may `set`: its own, relative to the declared one (`by` times it) or instead of it.
    pub fn set(declared: &Value, set: Option<&Assignment>, by: f64) -> Known {
        let mut known = Known::of(declared);
        let Some(set) = set else { return known };
        if set.evidence != hir::Evidence::default() || !set.relative {
            known.evidence = evidence(&set.evidence);
        }
        known.uncertainty = match set.uncertainty {
            None if set.relative => declared.uncertainty.map(|u| scaled(u, by)),
            own => own,
        };
        if !set.relative
            && let Some(unit) = &set.value.unit
        {
            known.unit = display(unit);
        }
        known.span = set.span;
        if !set.relative || set.uncertainty.is_some() {
            known.origin = set.span;
        }
        known
    }
}

impl<'h> Builder<'h> {
    /// Adds a parameter.
    pub(super) fn parameter(&mut self, name: String, role: Role, value: Expr, known: Known) -> ParameterId {
        let id = ParameterId(self.network.parameters.len() as u32);
        let nominal = self.network.evaluate_at(&value, &self.nominal);
        self.nominal.parameters.push(nominal);
        let name = self.unique(name, None);
        self.network.parameters.push(Parameter {
            name,
            role,
            value,
            unit: known.unit,
            evidence: known.evidence,
            uncertainty: known.uncertainty.map(|declared| uncertainty(declared, nominal)),
            span: known.span,
            origin: known.origin,
        });
        id
    }

    /// An expression over parameters, at their unperturbed values.
    pub(super) fn nominal(&self, expr: &Expr) -> f64 {
        self.network.evaluate_at(expr, &self.nominal)
    }

    /// Takes note of an uncertain number whose nominal value is used for good.
    pub(super) fn keep_nominal(&mut self, what: impl FnOnce() -> String, value: &Value, lowered: &Expr) {
        if value.uncertainty.is_some() || self.reads_uncertain(lowered) {
            self.kept.push(Kept { name: what(), span: value.span });
        }
    }

    fn reads_uncertain(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Constant(_) | Expr::Time | Expr::Species(_) | Expr::Definition(_) => false,
            Expr::Parameter(id) => {
                let parameter = self.network.parameters.get(id.index());
                parameter.is_some_and(|p| p.uncertainty.is_some() || self.reads_uncertain(&p.value))
            }
            Expr::Unary(_, a) => self.reads_uncertain(a),
            Expr::Binary(_, a, b) => self.reads_uncertain(a) || self.reads_uncertain(b),
            Expr::Select(s) => [&s.condition, &s.then, &s.otherwise].into_iter().any(|e| self.reads_uncertain(e)),
        }
    }

    /// A declared number, or what the cell sets instead; with what is known of it.
    pub(super) fn declared_or_set(
        &mut self,
        scope: ScopeId,
        declared: &Value,
        is: impl Fn(&Assignable) -> bool,
    ) -> Result<(Expr, Known)> {
        let Some(set) = self.set_of(scope, is) else {
            return Ok((self.lower_in(&declared.expr, scope)?, Known::of(declared)));
        };
        let value = self.lower_in(&set.value, scope)?;
        if !set.relative {
            return Ok((value, Known::set(declared, Some(set), 1.0)));
        }
        let by = self.nominal(&value);
        let base = self.lower_in(&declared.expr, scope)?;
        Ok((value * base, Known::set(declared, Some(set), by)))
    }

    /// The last `set` of a scope that has this target.
    pub(super) fn set_of(&self, scope: ScopeId, is: impl Fn(&Assignable) -> bool) -> Option<&'h Assignment> {
        self.scope(scope)?.sets.iter().rev().find(|set| is(&set.target))
    }

    /// A number written in place: as an expression over named ones, or, if it is a number of its own or has an
    /// uncertainty, a parameter of that name: one in each scope, however often it is asked for.
    pub(super) fn number(&mut self, value: &Value, scope: ScopeId, name: impl FnOnce() -> String) -> Result<Expr> {
        let written: *const Value = value;
        if let Some(made) = self.written.get(&(scope, written)) {
            return Ok(Expr::Parameter(*made));
        }
        let expr = self.lower_in(&value.expr, scope)?;
        let own = value.uncertainty.is_some() || matches!(expr, Expr::Constant(_));
        if !own || !over_parameters(&expr) {
            return Ok(expr);
        }
        let id = self.parameter(name(), Role::Declared, expr, Known::of(value));
        self.written.insert((scope, written), id);
        Ok(Expr::Parameter(id))
    }

    /// What a param or an input stands for, as seen from a scope.
    pub(super) fn named(&mut self, number: Number, from: Option<ScopeId>) -> Result<Expr> {
        let decl = match number {
            Number::Param(id) => Decl::Param(id),
            Number::Input(id) => Decl::Input(id),
        };
        // What only a drug or an experiment reads belongs to no cell: it is one number for all.
        let owned = self.scopes().any(|id| self.scope(id).is_some_and(|scope| scope.members.contains(&decl)));
        let scope = if owned { self.owner(from, decl) } else { ScopeId(0) };
        match self.numbers.get(&(scope, number)) {
            Some(Some(expr)) => return Ok(expr.clone()),
            Some(None) => {
                let (name, span) = self.number_name(number);
                return Err(BuildError::Circular { name, span });
            }
            None => {}
        }
        self.numbers.insert((scope, number), None);
        let expr = self.make_number(number, scope)?;
        self.numbers.insert((scope, number), Some(expr.clone()));
        Ok(expr)
    }

    fn number_name(&self, number: Number) -> (String, Span) {
        let hir = self.hir;
        let found = match number {
            Number::Param(id) => hir.params.get(id.index()).map(|p| (p.name.to_string(), p.span)),
            Number::Input(id) => hir.inputs.get(id.index()).map(|i| (i.name.to_string(), i.span)),
        };
        found.unwrap_or_default()
    }

    fn make_number(&mut self, number: Number, scope: ScopeId) -> Result<Expr> {
        let hir = self.hir;
        let (name, span) = self.number_name(number);
        let declared = match number {
            Number::Param(id) => hir.params.get(id.index()).and_then(|p| p.value.as_ref()),
            Number::Input(id) => hir.inputs.get(id.index()).map(|i| &i.value),
        };
        let is = |target: &Assignable| match (target, number) {
            (Assignable::Param(a, _), Number::Param(b)) => *a == b,
            (Assignable::Input(a, _), Number::Input(b)) => *a == b,
            _ => false,
        };
        let (value, known) = match (declared, self.set_of(scope, is)) {
            (Some(declared), _) => self.declared_or_set(scope, declared, is)?,
            // `required`: it has no value but the one that is set.
            (None, Some(set)) => (self.lower_in(&set.value, scope)?, Known::required(set)),
            (None, None) => return Err(BuildError::Missing { name, span }),
        };
        let name = format!("{}{name}", self.scope_prefix(scope));
        let role = match number {
            Number::Param(_) => Role::Declared,
            Number::Input(_) => Role::Condition,
        };
        if !self.facts.moved.contains(&number) {
            return Ok(Expr::Parameter(self.parameter(name, role, value, known)));
        }
        let unit = known.unit.clone();
        let cell = self.cell_id(scope);
        let value = match known.uncertainty {
            Some(_) => Expr::Parameter(self.parameter(format!("initial {name}"), Role::Initial, value, known)),
            None => value,
        };
        let id = self.state_variable(name, SpeciesKind::Condition, value, span);
        if let Some(species) = self.network.species.get_mut(id.index()) {
            species.unit = unit;
            species.cell = cell;
        }
        Ok(Expr::Species(id))
    }
}

/// Whether an expression needs nothing but parameters.
pub(super) fn over_parameters(expr: &Expr) -> bool {
    match expr {
        Expr::Constant(_) | Expr::Parameter(_) => true,
        Expr::Time | Expr::Species(_) | Expr::Definition(_) => false,
        Expr::Unary(_, a) => over_parameters(a),
        Expr::Binary(_, a, b) => over_parameters(a) && over_parameters(b),
        Expr::Select(s) => over_parameters(&s.condition) && over_parameters(&s.then) && over_parameters(&s.otherwise),
    }
}
