//! Pools: what is counted where. Each is a species; here they are made, named, found.
//!
//! Invariants: a pool is told by what it counts and what directly contains it, a place or a population of vesicles;
//! so the chain of carriers is walked from the inside out, and ends at a place. A pool is made once, and from then on
//! waits in `fresh` until vesicles have been told of it.

use rustc_hash::FxHashMap;

use super::build::{Builder, View};
use super::{DisplayUnit, Expr, PlaceId, Species, SpeciesId, SpeciesKind};
use crate::hir::{self, Entity, Location, MoleculeId, ScopeId, StateId, VesicleHome, VesicleId};
use crate::source::Span;

/// What a pool counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum What {
    Molecule(MoleculeId, Option<StateId>),
    Vesicle(VesicleId, StateId),
    /// The membrane area of the population that contains it.
    Area,
}

/// What directly contains a pool.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Container {
    Place(PlaceId),
    /// A population of vesicles.
    Vesicle(SpeciesId),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Key {
    pub what: What,
    pub within: Container,
}

#[derive(Default)]
pub(super) struct Pools {
    by_key: FxHashMap<Key, SpeciesId>,
    by_entity: FxHashMap<Entity, Vec<SpeciesId>>,
    /// For each species its key and the place its outermost carrier lies in; `None` for what is no pool.
    info: Vec<Option<(Key, PlaceId)>>,
    children: FxHashMap<Container, Vec<SpeciesId>>,
    pub fresh: std::collections::VecDeque<SpeciesId>,
}

impl Pools {
    pub fn key(&self, species: SpeciesId) -> Option<Key> {
        self.info.get(species.index()).copied().flatten().map(|(key, _)| key)
    }

    /// The place that the outermost carrier lies in.
    pub fn root(&self, species: SpeciesId) -> Option<PlaceId> {
        self.info.get(species.index()).copied().flatten().map(|(_, root)| root)
    }

    pub fn get(&self, key: Key) -> Option<SpeciesId> {
        self.by_key.get(&key).copied()
    }

    pub fn of(&self, entity: Entity) -> &[SpeciesId] {
        self.by_entity.get(&entity).map_or(&[], Vec::as_slice)
    }

    /// What a place or a population directly contains.
    pub fn children(&self, container: Container) -> &[SpeciesId] {
        self.children.get(&container).map_or(&[], Vec::as_slice)
    }

    /// A state variable that is no pool takes the next position.
    pub fn skip(&mut self) {
        self.info.push(None);
    }

    fn insert(&mut self, key: Key, root: PlaceId, species: SpeciesId) {
        self.by_key.insert(key, species);
        self.info.push(Some((key, root)));
        let entity = match key.what {
            What::Molecule(id, _) => Some(Entity::Molecule(id)),
            What::Vesicle(id, _) => Some(Entity::Vesicle(id)),
            What::Area => None,
        };
        if let Some(entity) = entity {
            self.by_entity.entry(entity).or_default().push(species);
        }
        self.children.entry(key.within).or_default().push(species);
        self.fresh.push_back(species);
    }
}

pub(super) fn copies() -> DisplayUnit {
    DisplayUnit { symbol: "copies".into(), factor: 1.0 }
}

pub(super) fn square_micrometres() -> DisplayUnit {
    DisplayUnit { symbol: "µm²".into(), factor: 1.0 }
}

impl<'h> Builder<'h> {
    /// The pool of that key, made if need be, empty at first.
    pub(super) fn pool(&mut self, key: Key) -> SpeciesId {
        if let Some(species) = self.pools.get(key) {
            return species;
        }
        let root = self.root_of(key.within);
        let id = SpeciesId(self.network.species.len() as u32);
        let (kind, fixed, unit, span) = self.described(key);
        let cell = self.network.places.get(root.index()).and_then(|place| place.cell);
        let name = self.pool_name(key, root);
        let name = self.unique(name, self.module_of(key.what));
        self.network.species.push(Species {
            name,
            kind,
            place: Some(root),
            cell,
            initial: Expr::ZERO,
            fixed,
            unit,
            span,
        });
        self.pools.insert(key, root, id);
        id
    }

    fn described(&self, key: Key) -> (SpeciesKind, bool, DisplayUnit, Span) {
        let carried = match key.within {
            Container::Vesicle(carrier) => Some(SpeciesKind::Contents { carrier }),
            Container::Place(_) => None,
        };
        match key.what {
            What::Molecule(id, _) => {
                let molecule = self.hir.molecules.get(id.index());
                let fixed = carried.is_none() && molecule.is_some_and(|m| m.fixed);
                let span = molecule.map(|m| m.span).unwrap_or_default();
                (carried.unwrap_or(SpeciesKind::Molecules), fixed, copies(), span)
            }
            What::Vesicle(id, _) => {
                let span = self.hir.vesicles.get(id.index()).map(|v| v.span).unwrap_or_default();
                (carried.unwrap_or(SpeciesKind::Vesicles), false, copies(), span)
            }
            What::Area => {
                let span = match key.within {
                    Container::Vesicle(of) => self.network.species.get(of.index()).map(|s| s.span),
                    Container::Place(_) => None,
                };
                (SpeciesKind::Area, false, square_micrometres(), span.unwrap_or_default())
            }
        }
    }

    pub(super) fn root_of(&self, container: Container) -> PlaceId {
        match container {
            Container::Place(place) => place,
            Container::Vesicle(carrier) => self.pools.root(carrier).unwrap_or(PlaceId(0)),
        }
    }

    /// Which scope a container belongs to: that of the place it lies in.
    pub(super) fn scope_of(&self, container: Container) -> ScopeId {
        self.place_scope(self.root_of(container))
    }

    /// How many vesicles lie around what lies in this container.
    pub(super) fn nesting(&self, container: Container) -> usize {
        let mut depth = 0;
        let mut container = container;
        while let Container::Vesicle(carrier) = container {
            depth += 1;
            let Some(key) = self.pools.key(carrier) else { break };
            container = key.within;
        }
        depth
    }

    /// `donor.CD63@ILV@MVB.docked`: the place is left out where there is only one that it could be.
    fn pool_name(&self, key: Key, root: PlaceId) -> String {
        let prefix = self.scope_prefix(self.place_scope(root));
        let mut name = match (key.what, key.within) {
            (What::Area, Container::Vesicle(of)) => match self.pools.key(of) {
                Some(of) => format!("area of {prefix}{}", self.local_name(of)),
                None => "area".to_owned(),
            },
            _ => format!("{prefix}{}", self.local_name(key)),
        };
        if name.is_empty() {
            name.push('?');
        }
        name
    }

    /// Without the cell.
    fn local_name(&self, key: Key) -> String {
        let mut name = String::new();
        let mut key = key;
        loop {
            name.push_str(&self.what_name(key.what));
            match key.within {
                Container::Vesicle(carrier) => match self.pools.key(carrier) {
                    Some(outer) => {
                        name.push('@');
                        key = outer;
                    }
                    None => return name,
                },
                Container::Place(place) => {
                    if !self.only_place(key.what, place) {
                        name.push('@');
                        name.push_str(self.compartment_name(place));
                    }
                    return name;
                }
            }
        }
    }

    pub(super) fn what_name(&self, what: What) -> String {
        let (name, state) = match what {
            What::Molecule(id, state) => {
                let Some(molecule) = self.hir.molecules.get(id.index()) else { return "?".into() };
                let state = state.and_then(|s| molecule.states.get(s.index())).map(|(name, _)| name);
                (&molecule.name, state)
            }
            What::Vesicle(id, state) => {
                let Some(vesicle) = self.hir.vesicles.get(id.index()) else { return "?".into() };
                (&vesicle.name, vesicle.states.get(state.index()).map(|s| &s.name))
            }
            What::Area => return "area".into(),
        };
        match state.filter(|state| !state.is_empty()) {
            Some(state) => format!("{name}.{state}"),
            None => name.to_string(),
        }
    }

    fn only_place(&self, what: What, place: PlaceId) -> bool {
        match what {
            What::Molecule(id, _) => {
                let places = self.hir.molecules.get(id.index()).map_or(&[][..], |m| &m.places);
                matches!(places, [only] if self.is_compartment(place, *only))
            }
            What::Vesicle(id, _) => {
                let homes = self.hir.vesicles.get(id.index()).map_or(&[][..], |v| &v.places);
                matches!(homes, [VesicleHome::Compartment(only)] if self.is_compartment(place, *only))
            }
            What::Area => true,
        }
    }

    fn module_of(&self, what: What) -> Option<hir::ModuleId> {
        match what {
            What::Molecule(id, _) => self.hir.molecules.get(id.index()).map(|m| m.module),
            What::Vesicle(id, _) => self.hir.vesicles.get(id.index()).map(|v| v.module),
            What::Area => None,
        }
    }

    /// Whether a container is where the locations say, read from the inside out.
    pub(super) fn lies(&self, container: Container, at: &[Location]) -> bool {
        let Some((first, rest)) = at.split_first() else { return true };
        match (first, container) {
            (Location::Anywhere, _) => true,
            (Location::Scope(scope), _) => self.scope_of(container) == *scope,
            (Location::Compartment(compartment), Container::Place(place)) => {
                let of_cell = |location: &Location| match location {
                    Location::Scope(scope) => self.place_scope(place) == *scope,
                    _ => true,
                };
                self.is_compartment(place, *compartment) && rest.iter().all(of_cell)
            }
            (Location::Vesicle(class, state), Container::Vesicle(carrier)) => {
                self.pools.key(carrier).is_some_and(|key| {
                    matches!(key.what, What::Vesicle(c, s) if c == *class && state.is_none_or(|state| state == s))
                        && self.lies(key.within, rest)
                })
            }
            _ => false,
        }
    }

    /// All pools that a reference means, as seen from a cell or from an experiment, in the order they were made.
    /// Without a location: a molecule where it is declared, vesicles wherever they are.
    pub(super) fn find(&self, pattern: &hir::Pool, view: View) -> Vec<SpeciesId> {
        let matching = self.pools.of(pattern.what).iter().copied();
        matching.filter(|&species| self.means(pattern, view, species)).collect()
    }

    /// Whether a pool is one that the reference means.
    pub(super) fn means(&self, pattern: &hir::Pool, view: View, species: SpeciesId) -> bool {
        let (Some(key), Some(root)) = (self.pools.key(species), self.pools.root(species)) else { return false };
        let (same, own_state) = match (key.what, pattern.what) {
            (What::Molecule(a, state), Entity::Molecule(b)) => (a == b, state),
            (What::Vesicle(a, state), Entity::Vesicle(b)) => (a == b, Some(state)),
            _ => (false, None),
        };
        if !same || pattern.state.is_some_and(|state| own_state != Some(state)) {
            return false;
        }
        let scope = self.place_scope(root);
        let seen = match pattern.scope.map_or(view, View::Cell) {
            View::Cell(cell) if scope == cell => true,
            View::Cell(_) => scope == ScopeId(0) && (pattern.scope.is_none() || !pattern.at.is_empty()),
            View::Experiment => true,
        };
        if !seen || matches!(view, View::Cell(cell) if !self.reaches(cell, &pattern.at, root)) {
            return false;
        }
        if pattern.at.is_empty() { self.declared_at(key) } else { self.lies(key.within, &pattern.at) }
    }

    /// Whether a compartment that a cell speaks of is this place: of several that cells of one type lie in, its own.
    fn reaches(&self, cell: ScopeId, at: &[Location], place: PlaceId) -> bool {
        let Some(Location::Compartment(compartment)) = at.last() else { return true };
        !self.is_cell(cell) || self.place(cell, *compartment).map_or(true, |own| own == place)
    }

    fn declared_at(&self, key: Key) -> bool {
        let What::Molecule(id, _) = key.what else { return true };
        let Container::Place(place) = key.within else { return false };
        let places = self.hir.molecules.get(id.index()).map_or(&[][..], |m| &m.places);
        places.is_empty() || places.iter().any(|&declared| self.is_compartment(place, declared))
    }
}
