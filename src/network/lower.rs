//! Expressions of the source over the network's tables: references to pools become sums of the species they mean.
//!
//! What spans several scopes (an `ILV@everywhere` with cells and the medium) is a total: each cell's amounts times
//! the number of such cells. What lies in one scope is as that scope counts, per cell in a cell.

use super::build::{BuildError, Builder, Number, Result, View};
use super::drugs::Target;
use super::geometry::Geometry;
use super::numbers::display;
use super::pools::{Container, What};
use super::{BinaryOp, Definition, DefinitionId, Expr, SpeciesId, UnaryOp};
use crate::hir::{self, Decl, Entity, ExprKind, LetId, ScopeId, StateId, VesicleId};

/// How an expression is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context {
    pub view: View,
    /// In a rate law, where drugs change what a molecule does; not in what is measured.
    pub acting: bool,
}

impl Context {
    pub fn reading(scope: ScopeId) -> Context {
        Context { view: View::Cell(scope), acting: false }
    }

    pub fn acting(scope: ScopeId) -> Context {
        Context { view: View::Cell(scope), acting: true }
    }

    pub const EXPERIMENT: Context = Context { view: View::Experiment, acting: false };

    fn scope(self) -> Option<ScopeId> {
        match self.view {
            View::Cell(scope) => Some(scope),
            View::Experiment => None,
        }
    }
}

impl<'h> Builder<'h> {
    pub(super) fn lower_in(&mut self, expr: &hir::Expr, scope: ScopeId) -> Result<Expr> {
        self.lower(expr, Context::reading(scope))
    }

    pub(super) fn lower(&mut self, expr: &hir::Expr, context: Context) -> Result<Expr> {
        Ok(match &expr.kind {
            ExprKind::Number(value) => Expr::Constant(*value),
            ExprKind::Time => Expr::Time,
            ExprKind::Param(id, scope) => self.named(Number::Param(*id), scope.or(context.scope()))?,
            ExprKind::Input(id, scope) => self.named(Number::Input(*id), scope.or(context.scope()))?,
            ExprKind::Let(id, scope) => Expr::Definition(self.definition(*id, scope.or(context.scope()), context)?),
            ExprKind::Amount(pool) => {
                let found = self.find(pool, context.view);
                self.amount(pool, &found, context)?
            }
            ExprKind::Concentration(pool) => {
                let found = self.find(pool, context.view);
                let amount = self.amount(pool, &found, context)?;
                match self.room(&found) {
                    None => Expr::ZERO,
                    Some(room) => amount.per_room(room),
                }
            }
            ExprKind::SizeOf(id, scope) => {
                let owner = self.owner(scope.or(context.scope()), Decl::Compartment(*id));
                let place = self.place(owner, *id)?;
                self.size(place)
            }
            ExprKind::AreaOf(pool) => self.mean_area(pool, context),
            ExprKind::DiameterOf(pool) => self.mean_over(pool, context, |geometry| geometry.diameter),
            ExprKind::Per(what, carrier) => self.per(what, carrier, context)?,
            ExprKind::Unary(op, a) => match (op, self.lower(a, context)?) {
                (op, Expr::Constant(value)) => Expr::Constant(super::math::unary(*op, value)),
                (op, a) => Expr::unary(*op, a),
            },
            ExprKind::Binary(op, a, b) => {
                let (a, b) = (self.lower(a, context)?, self.lower(b, context)?);
                match op {
                    BinaryOp::Add => a + b,
                    BinaryOp::Sub => a - b,
                    BinaryOp::Mul => a * b,
                    BinaryOp::Div => a / b,
                    op => match (&a, &b) {
                        (Expr::Constant(x), Expr::Constant(y)) => Expr::Constant(super::math::binary(*op, *x, *y)),
                        _ => Expr::binary(*op, a, b),
                    },
                }
            }
            ExprKind::Members(members) => self.ask(members, context, expr.span)?,
            ExprKind::Reach(of, place, scope) => self.reaching(of, *place, *scope, context)?,
            ExprKind::Own(_) | ExprKind::Result(_) | ExprKind::Error => {
                return Err(BuildError::Unresolved { span: expr.span });
            }
        })
    }

    /// A condition as a number that is above 0 while it is true, and not where it is false; continuous where its
    /// sides are, so that the crossing can be found.
    pub(super) fn trigger(&mut self, expr: &hir::Expr, context: Context) -> Result<Expr> {
        Ok(match &expr.kind {
            ExprKind::Binary(BinaryOp::Less | BinaryOp::LessEqual, a, b) => {
                self.lower(b, context)? - self.lower(a, context)?
            }
            ExprKind::Binary(BinaryOp::And, a, b) => self.trigger(a, context)?.min(self.trigger(b, context)?),
            ExprKind::Binary(BinaryOp::Or, a, b) => self.trigger(a, context)?.max(self.trigger(b, context)?),
            ExprKind::Binary(BinaryOp::Equal, a, b) => {
                let difference = self.lower(a, context)? - self.lower(b, context)?;
                Expr::unary(UnaryOp::Neg, Expr::unary(UnaryOp::Abs, difference))
            }
            ExprKind::Unary(UnaryOp::Not, a) => Expr::unary(UnaryOp::Neg, self.trigger(a, context)?),
            _ => self.lower(expr, context)? - Expr::Constant(0.5),
        })
    }

    fn definition(&mut self, id: LetId, from: Option<ScopeId>, context: Context) -> Result<DefinitionId> {
        let scope = self.owner(from, Decl::Let(id));
        let acting = context.acting && !self.facts.drugs.is_empty();
        let key = (scope, id, acting);
        let declared = self.hir.lets.get(id.index());
        let (name, span) = declared.map(|l| (l.name.to_string(), l.span)).unwrap_or_default();
        match self.lets.get(&key) {
            Some(Some(made)) => return Ok(*made),
            Some(None) => return Err(BuildError::Circular { name, span }),
            None => {}
        }
        let Some(declared) = declared else { return Err(BuildError::Missing { name, span }) };
        self.lets.insert(key, None);
        let value = self.lower(&declared.value, Context { view: View::Cell(scope), acting })?;
        let unit = declared.value.unit.as_ref().map(display);
        let name = format!("{}{name}{}", self.scope_prefix(scope), if acting { " in rates" } else { "" });
        let made = self.define(name, value, unit, span);
        self.lets.insert(key, Some(made));
        Ok(made)
    }

    pub(super) fn define(
        &mut self,
        name: String,
        value: Expr,
        unit: Option<super::DisplayUnit>,
        span: crate::source::Span,
    ) -> DefinitionId {
        let id = DefinitionId(self.network.definitions.len() as u32);
        let unit = unit.unwrap_or(super::DisplayUnit { symbol: String::new(), factor: 1.0 });
        let name = self.unique(name, None);
        self.network.definitions.push(Definition { name, value, unit, span });
        id
    }

    /// The sum of these pools; see the module's first lines for what they count.
    fn amount(&mut self, pool: &hir::Pool, found: &[SpeciesId], context: Context) -> Result<Expr> {
        let weighted = self.total(found.iter().map(|&species| (species, Expr::Species(species))));
        match (context.acting, context.view, pool.what) {
            (true, View::Cell(scope), Entity::Molecule(id)) => {
                Ok(weighted * self.activity(scope, Target::Molecule(id))?)
            }
            _ => Ok(weighted),
        }
    }

    /// The sum of a term for each pool, times the number of cells if the pools are of several scopes.
    fn total(&self, terms: impl Iterator<Item = (SpeciesId, Expr)>) -> Expr {
        let terms: Vec<(ScopeId, Expr)> = terms
            .map(|(species, term)| (self.pools.root(species).map_or(ScopeId(0), |root| self.place_scope(root)), term))
            .collect();
        let first = terms.first().map(|(scope, _)| *scope);
        let one = terms.iter().all(|(scope, _)| Some(*scope) == first);
        Expr::sum(terms.into_iter().map(|(scope, term)| match one {
            true => term,
            false => Expr::Constant(self.count(scope)) * term,
        }))
    }

    /// Volume or area of all that directly contains these pools; `None` of none.
    fn room(&self, found: &[SpeciesId]) -> Option<Expr> {
        let mut seen: Vec<Container> = Vec::new();
        let mut sizes = Vec::new();
        for &species in found {
            let Some(key) = self.pools.key(species) else { continue };
            if !seen.contains(&key.within) {
                seen.push(key.within);
                sizes.push(self.container_size(key.within, self.is_membrane_bound(key.what)));
            }
        }
        (!sizes.is_empty()).then(|| Expr::sum(sizes))
    }

    /// The size that a concentration in a container refers to: of a place, its size; of a population of vesicles,
    /// all their lumens, or all their membranes.
    pub(super) fn container_size(&self, container: Container, on_membrane: bool) -> Expr {
        match container {
            Container::Place(place) => self.size(place),
            Container::Vesicle(carrier) if on_membrane => self.population_area(carrier),
            Container::Vesicle(carrier) => Expr::Species(carrier) * Expr::Constant(self.geometry_of(carrier).lumen),
        }
    }

    pub(super) fn is_membrane_bound(&self, what: What) -> bool {
        match what {
            What::Molecule(id, _) => self.hir.molecules.get(id.index()).is_some_and(|m| m.membrane_bound),
            What::Vesicle(..) => false,
            What::Area => true,
        }
    }

    /// Membrane of all vesicles of a population: its own variable, or their number times the mean of one.
    pub(super) fn population_area(&self, population: SpeciesId) -> Expr {
        match self.pools.get(super::pools::Key { what: What::Area, within: Container::Vesicle(population) }) {
            Some(area) => Expr::Species(area),
            None => Expr::Species(population) * Expr::Constant(self.geometry_of(population).area),
        }
    }

    pub(super) fn geometry_of(&self, population: SpeciesId) -> Geometry {
        match self.pools.key(population).map(|key| key.what) {
            Some(What::Vesicle(class, state)) => self.geometry(class, state),
            _ => Geometry { diameter: 0.0, area: 0.0, lumen: 0.0 },
        }
    }

    /// Of one class in one state, at unperturbed parameters.
    pub(super) fn geometry(&self, class: VesicleId, state: StateId) -> Geometry {
        let known = self.geometries.get(class.index()).and_then(|states| states.get(state.index()));
        known.copied().unwrap_or(Geometry { diameter: 0.0, area: 0.0, lumen: 0.0 })
    }

    fn mean_area(&self, pool: &hir::Pool, context: Context) -> Expr {
        let found = self.find(pool, context.view);
        let area = self.total(found.iter().map(|&p| (p, self.population_area(p))));
        let number = self.total(found.iter().map(|&p| (p, Expr::Species(p))));
        area.over_positive(number)
    }

    /// The mean of a size over all vesicles that match; that of the class where it has one size.
    pub(super) fn mean_over(&self, pool: &hir::Pool, context: Context, size: impl Fn(&Geometry) -> f64) -> Expr {
        let found = self.find(pool, context.view);
        let sizes: Vec<f64> = found.iter().map(|&p| size(&self.geometry_of(p))).collect();
        match sizes.first() {
            Some(&first) if sizes.iter().all(|&s| s == first) => Expr::Constant(first),
            _ => {
                let pairs = || found.iter().copied().zip(sizes.iter().copied());
                let weighted = self.total(pairs().map(|(p, s)| (p, Expr::Species(p) * Expr::Constant(s))));
                weighted.over_positive(self.total(pairs().map(|(p, _)| (p, Expr::Species(p)))))
            }
        }
    }

    /// Mean copies for each vesicle: contents of the vesicles that match, over their number.
    pub(super) fn per(&mut self, what: &hir::Pool, carrier: &hir::Pool, context: Context) -> Result<Expr> {
        let carriers = self.find(carrier, context.view);
        let found = self.contents_of(what, &carriers);
        let copies = self.amount(what, &found, context)?;
        Ok(copies.over_positive(self.total(carriers.iter().map(|&p| (p, Expr::Species(p))))))
    }

    /// The pools of something that these populations carry: directly, unless it is said in what.
    pub(super) fn contents_of(&self, what: &hir::Pool, carriers: &[SpeciesId]) -> Vec<SpeciesId> {
        let anywhere = hir::Pool { at: vec![hir::Location::Anywhere], scope: None, ..what.clone() };
        let mut found = self.find(&anywhere, View::Experiment);
        found.retain(|&species| {
            let Some(key) = self.pools.key(species) else { return false };
            match what.at.is_empty() {
                true => matches!(key.within, Container::Vesicle(direct) if carriers.contains(&direct)),
                false => self.lies(key.within, &what.at) && self.carried_by(key.within, carriers),
            }
        });
        found
    }

    /// Whether a pool is carried by this very population, at whatever depth.
    pub(super) fn is_in(&self, pool: SpeciesId, population: SpeciesId) -> bool {
        self.pools.key(pool).is_some_and(|key| self.carried_by(key.within, &[population]))
    }

    fn carried_by(&self, container: Container, carriers: &[SpeciesId]) -> bool {
        let mut container = container;
        while let Container::Vesicle(carrier) = container {
            if carriers.contains(&carrier) {
                return true;
            }
            let Some(key) = self.pools.key(carrier) else { return false };
            container = key.within;
        }
        false
    }
}
