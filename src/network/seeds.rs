//! What is there at first: declared pools with their initial amounts, and what experiments add; and where a reference
//! to one pool puts it.

use super::build::{BuildError, Builder, Result};
use super::numbers::Known;
use super::pools::{Container, Key, What};
use super::{Expr, PlaceId, Role, SpeciesId};
use crate::hir::experiment::{Addition, Experiment, Treatment};
use crate::hir::units::Dimension;
use crate::hir::{
    Assignable, Decl, Entity, Location, MoleculeId, Pool, ScopeId, StateId, Value, VesicleHome, VesicleId,
};

/// More vesicles inside one another than this are a mistake of the model's closure, not biology.
pub(super) const DEEPEST: usize = 6;

impl<'h> Builder<'h> {
    pub(super) fn seed_pools(&mut self) -> Result<()> {
        for (scope, decl) in self.members() {
            match decl {
                Decl::Molecule(id) => self.seed_molecule(scope, id)?,
                Decl::Vesicle(id) => self.seed_vesicle(scope, id)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn seed_molecule(&mut self, scope: ScopeId, id: MoleculeId) -> Result<()> {
        let hir = self.hir;
        let Some(molecule) = hir.molecules.get(id.index()) else { return Ok(()) };
        for (position, &compartment) in molecule.places.iter().enumerate() {
            let place = self.place(scope, compartment)?;
            let within = Container::Place(place);
            let states: Vec<(Option<StateId>, f64)> = match molecule.states.len() {
                0 => vec![(None, 1.0)],
                _ => molecule.states.iter().zip(0u32..).map(|((_, share), s)| (Some(StateId(s)), *share)).collect(),
            };
            let known = states
                .first()
                .is_some_and(|(state, _)| self.pools.get(Key { what: What::Molecule(id, *state), within }).is_some());
            let total = match position {
                0 if !known => self.initial_total(scope, Entity::Molecule(id), molecule.amount.as_ref(), place)?,
                _ => None,
            };
            for (state, share) in states {
                let species = self.pool(Key { what: What::Molecule(id, state), within });
                if let Some(total) = &total {
                    self.start_with(species, total.clone() * Expr::Constant(share));
                }
            }
        }
        Ok(())
    }

    fn seed_vesicle(&mut self, scope: ScopeId, id: VesicleId) -> Result<()> {
        let hir = self.hir;
        let Some(class) = hir.vesicles.get(id.index()) else { return Ok(()) };
        let set = self.set_of(scope, |target| is_amount_of(target, Entity::Vesicle(id)));
        if class.amount.is_none() && set.is_none() {
            return Ok(());
        }
        let within = self.home(scope, Entity::Vesicle(id), None)?;
        let place = self.root_of(within);
        let species = self.pool(Key { what: What::Vesicle(id, StateId(0)), within });
        if let Some(total) = self.initial_total(scope, Entity::Vesicle(id), class.amount.as_ref(), place)? {
            self.start_with(species, total);
        }
        Ok(())
    }

    fn start_with(&mut self, species: SpeciesId, initial: Expr) {
        if let Some(species) = self.network.species.get_mut(species.index()) {
            species.initial = initial;
        }
    }

    /// Copies at first, all states together, in the first place: a parameter as written or set, times the size of the
    /// place if it is a concentration.
    fn initial_total(
        &mut self,
        scope: ScopeId,
        entity: Entity,
        declared: Option<&Value>,
        place: PlaceId,
    ) -> Result<Option<Expr>> {
        let is = |target: &Assignable| is_amount_of(target, entity);
        let set = self.set_of(scope, is);
        let (value, known, dimension) = match (declared, set) {
            (None, None) => return Ok(None),
            (Some(declared), set) => {
                let (value, known) = self.declared_or_set(scope, declared, is)?;
                let of = set.filter(|set| !set.relative).map_or(declared.expr.dimension, |set| set.value.dimension);
                (value, known, of)
            }
            (None, Some(set)) => (self.lower_in(&set.value, scope)?, Known::required(set), set.value.dimension),
        };
        let name = match entity {
            Entity::Molecule(id) => self.hir.molecules.get(id.index()).map(|m| m.name.clone()),
            Entity::Vesicle(id) => self.hir.vesicles.get(id.index()).map(|v| v.name.clone()),
        };
        let name = format!("initial {}{}", self.scope_prefix(scope), name.unwrap_or_default());
        let amount = Expr::Parameter(self.parameter(name, Role::Initial, value, known));
        let concentration = dimension == Dimension::CONCENTRATION || dimension == Dimension::SURFACE_DENSITY;
        Ok(Some(if concentration { amount * self.initial_size(place) } else { amount }))
    }

    /// The size of a place at first, over parameters.
    fn initial_size(&self, place: PlaceId) -> Expr {
        match self.varying_sizes.get(&place).and_then(|id| self.network.species.get(id.index())) {
            Some(varying) => varying.initial.clone(),
            None => self.size(place),
        }
    }

    /// Membrane that is there at first, with the vesicles that are.
    pub(super) fn write_initial_areas(&mut self) {
        for index in 0..self.network.species.len() {
            let id = SpeciesId(index as u32);
            let Some(Key { what: What::Area, within: Container::Vesicle(of) }) = self.pools.key(id) else { continue };
            let Some(number) = self.network.species.get(of.index()).map(|s| s.initial.clone()) else { continue };
            if !number.is_constant(0.0) {
                self.start_with(id, number * Expr::Constant(self.geometry_of(of).area));
            }
        }
    }

    /// Experiments with an arm on this model.
    pub(super) fn own_experiments(&self) -> impl Iterator<Item = &'h Experiment> + use<'h> {
        let (hir, index) = (self.hir, self.index);
        hir.experiments.iter().filter(move |e| e.model == index || e.arms.iter().any(|arm| arm.model == Some(index)))
    }

    /// What experiments add must have a pool before vesicles are followed.
    pub(super) fn seed_additions(&mut self) -> Result<()> {
        for experiment in self.own_experiments() {
            let in_arms = experiment.arms.iter().flat_map(|arm| &arm.treatments);
            let in_arms = in_arms.filter_map(|treatment| match treatment {
                Treatment::Add(addition) => Some(addition),
                _ => None,
            });
            for addition in experiment.additions.iter().chain(in_arms) {
                self.added_pools(addition)?;
            }
        }
        Ok(())
    }

    /// Where an addition goes, and where what it carries: copies of each for one of what is added.
    pub(super) fn added_pools(&mut self, addition: &Addition) -> Result<Vec<(SpeciesId, f64)>> {
        let scope = self.addressed(&addition.target);
        let target = self.one_pool(scope, &addition.target, None)?;
        let mut pools = vec![(target, 1.0)];
        for (what, copies) in &addition.carrying {
            let key = Key { what: first_state(self.hir, what), within: Container::Vesicle(target) };
            pools.push((self.pool(key), *copies));
        }
        Ok(pools)
    }

    /// The scope that a reference of an experiment means.
    fn addressed(&self, pool: &Pool) -> ScopeId {
        let named = pool.at.iter().find_map(|location| match location {
            Location::Scope(scope) => Some(*scope),
            _ => None,
        });
        let place = pool.at.iter().find_map(|location| match location {
            Location::Compartment(id) => Some(self.owner(None, Decl::Compartment(*id))),
            _ => None,
        });
        let declared = match pool.what {
            Entity::Molecule(id) => Decl::Molecule(id),
            Entity::Vesicle(id) => Decl::Vesicle(id),
        };
        pool.scope.or(named).or(place).unwrap_or_else(|| self.owner(None, declared))
    }

    /// The one pool that a reference means in a scope; states that are not named are the first.
    pub(super) fn one_pool(&mut self, scope: ScopeId, pool: &Pool, hint: Option<Container>) -> Result<SpeciesId> {
        let within = self.container(scope, pool, hint)?;
        Ok(self.pool(Key { what: first_state(self.hir, pool), within }))
    }

    /// Where a reference puts its pool. Of several places that carriers could be in, the one near `hint`.
    pub(super) fn container(&mut self, scope: ScopeId, pool: &Pool, hint: Option<Container>) -> Result<Container> {
        self.locate(scope, pool.what, &pool.at, hint, 0, pool.span)
    }

    fn locate(
        &mut self,
        scope: ScopeId,
        what: Entity,
        at: &[Location],
        hint: Option<Container>,
        depth: usize,
        span: crate::source::Span,
    ) -> Result<Container> {
        if depth > DEEPEST {
            return Err(BuildError::Nesting { span });
        }
        match at.split_first() {
            None | Some((Location::Anywhere, _)) => self.home(scope, what, hint),
            Some((Location::Scope(scope), rest)) => self.locate(*scope, what, rest, hint, depth + 1, span),
            Some((Location::Compartment(id), _)) => Ok(Container::Place(self.place(scope, *id)?)),
            Some((Location::Vesicle(class, state), rest)) => {
                if let Some(near) = self.near(hint, at) {
                    return Ok(near);
                }
                let within = self.locate(scope, Entity::Vesicle(*class), rest, hint, depth + 1, span)?;
                let what = What::Vesicle(*class, state.unwrap_or(StateId(0)));
                Ok(Container::Vesicle(self.pool(Key { what, within })))
            }
        }
    }

    /// The nearest container at or around `hint` that is where the locations say.
    fn near(&self, hint: Option<Container>, at: &[Location]) -> Option<Container> {
        let mut next = hint;
        while let Some(container) = next {
            if self.lies(container, at) {
                return Some(container);
            }
            next = match container {
                Container::Vesicle(carrier) => self.pools.key(carrier).map(|key| key.within),
                Container::Place(_) => None,
            };
        }
        None
    }

    /// Where something is declared; a molecule that is declared nowhere is near `hint`.
    fn home(&mut self, scope: ScopeId, what: Entity, hint: Option<Container>) -> Result<Container> {
        let hir = self.hir;
        let mut what = what;
        let mut carriers = Vec::new();
        let missing = |name: &str, span| Err(BuildError::Missing { name: name.to_owned(), span });
        let mut container = loop {
            match what {
                Entity::Molecule(id) => {
                    let Some(molecule) = hir.molecules.get(id.index()) else { return missing("", Default::default()) };
                    match (molecule.places.first(), hint) {
                        (Some(&place), _) => break Container::Place(self.place(scope, place)?),
                        (None, Some(hint)) => break hint,
                        (None, None) => return missing(&molecule.name, molecule.span),
                    }
                }
                Entity::Vesicle(id) => {
                    let Some(class) = hir.vesicles.get(id.index()) else { return missing("", Default::default()) };
                    match class.places.first() {
                        Some(VesicleHome::Compartment(place)) => break Container::Place(self.place(scope, *place)?),
                        Some(VesicleHome::Vesicle(_)) if carriers.len() >= DEEPEST => {
                            return Err(BuildError::Nesting { span: class.span });
                        }
                        Some(VesicleHome::Vesicle(outer)) => {
                            carriers.push(*outer);
                            what = Entity::Vesicle(*outer);
                        }
                        None => return missing(&class.name, class.span),
                    }
                }
            }
        };
        while let Some(carrier) = carriers.pop() {
            let what = What::Vesicle(carrier, StateId(0));
            container = Container::Vesicle(self.pool(Key { what, within: container }));
        }
        Ok(container)
    }
}

fn is_amount_of(target: &Assignable, entity: Entity) -> bool {
    matches!(target, Assignable::Amount(pool) if pool.what == entity)
}

/// What a reference counts; a state that is not named is the first.
pub(super) fn first_state(hir: &crate::hir::Hir, pool: &Pool) -> What {
    match pool.what {
        Entity::Molecule(id) => {
            let has_states = hir.molecules.get(id.index()).is_some_and(|m| !m.states.is_empty());
            What::Molecule(id, pool.state.or(has_states.then_some(StateId(0))))
        }
        Entity::Vesicle(id) => What::Vesicle(id, pool.state.unwrap_or(StateId(0))),
    }
}
