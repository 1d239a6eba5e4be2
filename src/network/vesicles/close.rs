//! Pools closed under transport: each new pool is told to every edge of what carries it, each new edge to every pool
//! that is carried.
//!
//! A pool meets an edge once: at the pool's turn if the edge is older, when the edge is made otherwise.

use super::{Follower, How, Outcome, Siphon, Transport};
use crate::hir::{Entity, MoleculeId};
use crate::network::SpeciesId;
use crate::network::build::{BuildError, Builder, Result, View};
use crate::network::pools::{Container, Key, What};
use crate::network::seeds::DEEPEST;

impl<'h> Builder<'h> {
    pub(in crate::network) fn close_pools(&mut self) -> Result<()> {
        while let Some(species) = self.pools.fresh.pop_front() {
            self.introduce(species)?;
        }
        Ok(())
    }

    fn introduce(&mut self, species: SpeciesId) -> Result<()> {
        let Some(key) = self.pools.key(species) else { return Ok(()) };
        if self.nesting(key.within) > DEEPEST {
            let span = self.network.species.get(species.index()).map(|s| s.span).unwrap_or_default();
            return Err(BuildError::Nesting { span });
        }
        self.traffic.done.insert(species);
        let mut container = key.within;
        while let Container::Vesicle(carrier) = container {
            for transport in self.traffic.transports.get(&carrier).cloned().unwrap_or_default() {
                self.follow(transport, carrier, species);
            }
            let Some(outer) = self.pools.key(carrier) else { break };
            container = outer.within;
        }
        for siphon in self.traffic.siphons.get(&key.within).cloned().unwrap_or_default() {
            self.capture(siphon, species);
        }
        if let What::Vesicle(class, _) = key.what {
            if self.facts.classes.contains(&class) {
                self.area_of(species);
            }
            for motion in self.traffic.by_class.get(&class).cloned().unwrap_or_default() {
                self.set_in_motion(motion, species)?;
            }
            for inside in self.traffic.inside_by_class.get(&class).cloned().unwrap_or_default() {
                let Some(&inside) = self.traffic.inside.get(inside) else { continue };
                let carrier = Container::Vesicle(species);
                if self.sees(inside.scope, species) && self.lies(carrier, inside.at) {
                    self.instantiate(inside.scope, inside.id, inside.process, Some(carrier))?;
                }
            }
        }
        Ok(())
    }

    /// Whether a cell has a part in what happens to a pool.
    pub(super) fn sees(&self, scope: crate::hir::ScopeId, species: SpeciesId) -> bool {
        let Some(root) = self.pools.root(species) else { return false };
        let own = self.place_scope(root);
        own == scope || own == crate::hir::ScopeId(0)
    }

    /// The pool of a population's membrane, if its class has one.
    pub(in crate::network) fn area_of(&mut self, population: SpeciesId) -> Option<SpeciesId> {
        let What::Vesicle(class, _) = self.pools.key(population)?.what else { return None };
        let tracked = self.facts.classes.contains(&class);
        tracked.then(|| self.pool(Key { what: What::Area, within: Container::Vesicle(population) }))
    }

    /// From now on an edge takes along what a population contains.
    pub(super) fn attach(&mut self, population: SpeciesId, transport: Transport<'h>) {
        self.traffic.transports.entry(population).or_default().push(transport);
        let mut next = vec![Container::Vesicle(population)];
        while let Some(container) = next.pop() {
            for child in self.pools.children(container).to_vec() {
                if self.traffic.done.contains(&child) {
                    self.follow(transport, population, child);
                }
                next.push(Container::Vesicle(child));
            }
        }
    }

    /// From now on an edge captures from a container.
    pub(super) fn draw(&mut self, container: Container, siphon: Siphon<'h>) {
        self.traffic.siphons.entry(container).or_default().push(siphon);
        for child in self.pools.children(container).to_vec() {
            if self.traffic.done.contains(&child) {
                self.capture(siphon, child);
            }
        }
    }

    /// An edge takes along a pool that a population contains.
    fn follow(&mut self, transport: Transport<'h>, population: SpeciesId, pool: SpeciesId) {
        let mut path = Vec::new();
        let mut next = pool;
        while next != population {
            let Some(key) = self.pools.key(next) else { return };
            path.push(key.what);
            let Container::Vesicle(carrier) = key.within else { return };
            next = carrier;
        }
        let to = match transport.outcome {
            Outcome::Lose => None,
            Outcome::Move(to) => self.descend(Container::Vesicle(to), &path),
            Outcome::Release { lumen, membrane } => match path.last() {
                Some(What::Area) => membrane.and_then(|membrane| self.membrane_variable(membrane)),
                Some(&what) if self.is_membrane_bound(what) => membrane.and_then(|m| self.descend(m, &path)),
                _ => self.descend(lumen, &path),
            },
        };
        if to != Some(pool) {
            self.add_follower(transport.edge, Follower { of: pool, to, how: transport.how });
        }
    }

    /// The pool at the end of a path (innermost first) from a container.
    fn descend(&mut self, from: Container, path: &[What]) -> Option<SpeciesId> {
        let mut container = from;
        let mut last = None;
        for &what in path.iter().rev() {
            let species = match (what, container) {
                (What::Area, Container::Vesicle(population)) => self.area_of(population)?,
                (What::Area, Container::Place(_)) => return None,
                _ => self.pool(Key { what, within: container }),
            };
            last = Some(species);
            container = Container::Vesicle(species);
        }
        last
    }

    /// The variable of a membrane's area, if it has one.
    pub(super) fn membrane_variable(&mut self, membrane: Container) -> Option<SpeciesId> {
        match membrane {
            Container::Place(place) => self.varying_sizes.get(&place).copied(),
            Container::Vesicle(population) => self.area_of(population),
        }
    }

    fn capture(&mut self, siphon: Siphon<'h>, pool: SpeciesId) {
        let Some(key) = self.pools.key(pool) else { return };
        let How::Captured { on_membrane, .. } = siphon.how else { return };
        let same = match (key.what, siphon.what.what) {
            (What::Molecule(a, state), Entity::Molecule(b)) => {
                a == b && (siphon.what.state.is_none() || siphon.what.state == state) && self.bound(a) == on_membrane
            }
            (What::Vesicle(a, state), Entity::Vesicle(b)) => {
                a == b && siphon.what.state.is_none_or(|s| s == state) && !on_membrane
            }
            _ => false,
        };
        if !same || pool == siphon.bud {
            return;
        }
        let to = self.pool(Key { what: key.what, within: Container::Vesicle(siphon.bud) });
        self.add_follower(siphon.edge, Follower { of: pool, to: Some(to), how: siphon.how });
        if let What::Vesicle(..) = key.what {
            self.attach(pool, Transport { edge: siphon.edge, outcome: Outcome::Move(to), how: siphon.how });
        }
    }

    fn bound(&self, id: MoleculeId) -> bool {
        self.is_membrane_bound(What::Molecule(id, None))
    }

    fn add_follower(&mut self, edge: usize, follower: Follower<'h>) {
        if let Some(edge) = self.traffic.edges.get_mut(edge) {
            edge.followers.push(follower);
        }
    }

    /// All populations so far that a reference means.
    pub(super) fn populations(&self, pattern: &crate::hir::Pool, scope: crate::hir::ScopeId) -> Vec<SpeciesId> {
        let found = self.find(pattern, View::Cell(scope));
        found.into_iter().filter(|p| self.traffic.done.contains(p)).collect()
    }
}
