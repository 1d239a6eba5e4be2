//! What each kind of process does to a population: where the vesicle goes, where its membrane and lumen go.

use super::{Budget, Deed, Edge, Enrichment, How, Motion, Outcome, Sides, Siphon, Transport};
use crate::hir::{
    self, Capture, CompartmentId, Entity, Membrane, Partner, Pool, Process, ProcessKind, ScopeId, StateId, VesicleHome,
    VesicleId,
};
use crate::network::build::{Builder, Result, View};
use crate::network::pools::{Container, Key, What};
use crate::network::{PlaceId, SpeciesId};

impl<'h> Builder<'h> {
    /// Lines a vesicle process up; what needs no vesicle to start from is an edge at once.
    pub(in crate::network) fn register_vesicle_process(
        &mut self,
        scope: ScopeId,
        id: hir::ProcessId,
        process: &'h Process,
    ) -> Result<()> {
        let motion = Motion { scope, id, process, reverse: false };
        let turnover = self.turnover(scope, process)?;
        let index = self.traffic.register(motion, turnover);
        match &process.kind {
            ProcessKind::Create { what } => {
                let made = self.one_pool(scope, what, None)?;
                let changes = self.appearance(scope, made);
                self.edge(index, None, changes, Deed::Appear(made));
            }
            ProcessKind::Bud { what, from: Membrane::Compartment(membrane), capturing } => {
                self.bud_from_membrane(index, what, *membrane, capturing)?;
            }
            ProcessKind::Convert { .. } if has_reverse(process) => {
                self.traffic.register(Motion { reverse: true, ..motion }, Vec::new());
            }
            _ => {}
        }
        Ok(())
    }

    /// What else one vesicle's motion changes.
    fn turnover(&mut self, scope: ScopeId, process: &Process) -> Result<Vec<(SpeciesId, f64)>> {
        let mut changes = Vec::new();
        for (pool, change) in process.turning.iter().flat_map(|turning| turning.changes()) {
            let species = self.one_pool(scope, pool, None)?;
            add(&mut changes, species, change * self.weight(scope, species));
        }
        Ok(changes)
    }

    /// Makes the edges of a motion that a new population takes part in.
    pub(super) fn set_in_motion(&mut self, index: usize, population: SpeciesId) -> Result<()> {
        let Some(&motion) = self.traffic.motions.get(index) else { return Ok(()) };
        let concerns = |builder: &Self, pattern: &Pool| builder.concerned(motion.scope, pattern, population);
        match &motion.process.kind {
            ProcessKind::Convert { from, to } => {
                let (from, to) = if motion.reverse { (to, from) } else { (from, to) };
                if concerns(self, from) {
                    self.convert(index, population, to)?;
                }
            }
            ProcessKind::Bud { what, from: Membrane::IntoVesicle(host), capturing } if concerns(self, host) => {
                self.bud_off(index, population, what, capturing, true);
            }
            ProcessKind::Bud { what, from: Membrane::OffVesicle(host), capturing } if concerns(self, host) => {
                self.bud_off(index, population, what, capturing, false);
            }
            ProcessKind::Fuse { what, with: Partner::Vesicle(with) } => {
                if concerns(self, what) {
                    for host in self.populations(with, motion.scope) {
                        self.fuse_with_vesicle(index, population, host);
                    }
                }
                if concerns(self, with) {
                    for guest in self.populations(what, motion.scope) {
                        if self.concerned(motion.scope, what, guest) {
                            self.fuse_with_vesicle(index, guest, population);
                        }
                    }
                }
            }
            ProcessKind::Fuse { what, with } if concerns(self, what) => {
                self.fuse_with_place(index, population, with)?
            }
            ProcessKind::Engulf { what, into } if concerns(self, what) => self.engulf(index, population, into)?,
            ProcessKind::Degrade { what } if concerns(self, what) => {
                self.vanish(index, population, Outcome::Lose);
            }
            ProcessKind::Rupture { what } if concerns(self, what) => {
                if let Some(key) = self.pools.key(population) {
                    self.vanish(index, population, Outcome::Release { lumen: key.within, membrane: None });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a process of a cell that refers so to its vesicles happens to this population. Without a location it
    /// means the cell's own, unless the class has its places only among what cells share.
    fn concerned(&self, scope: ScopeId, pattern: &Pool, population: SpeciesId) -> bool {
        if !self.means(pattern, View::Cell(scope), population) {
            return false;
        }
        let own = self.pools.root(population).is_some_and(|root| self.place_scope(root) == scope);
        own || !pattern.at.is_empty() || !self.has_own_home(scope, pattern.what)
    }

    fn has_own_home(&self, scope: ScopeId, what: Entity) -> bool {
        let Entity::Vesicle(id) = what else { return true };
        let homes = self.hir.vesicles.get(id.index()).map_or(&[][..], |v| &v.places);
        homes.iter().any(|home| match home {
            VesicleHome::Vesicle(_) => true,
            VesicleHome::Compartment(id) => self.place(scope, *id).is_ok_and(|p| self.place_scope(p) == scope),
        })
    }

    fn edge(
        &mut self,
        motion: usize,
        principal: Option<SpeciesId>,
        mut changes: Vec<(SpeciesId, f64)>,
        deed: Deed,
    ) -> usize {
        let turnover = self.traffic.turnovers.get(motion).into_iter().flatten();
        turnover.for_each(|&(species, change)| add(&mut changes, species, change));
        let edge = Edge { motion, principal, partner: None, changes, budget: None, deed, followers: Vec::new() };
        self.traffic.edges.push(edge);
        self.traffic.edges.len() - 1
    }

    fn scope_of_motion(&self, motion: usize) -> ScopeId {
        self.traffic.motions.get(motion).map_or(ScopeId(0), |m| m.scope)
    }

    /// One vesicle more, with its membrane.
    fn appearance(&mut self, scope: ScopeId, population: SpeciesId) -> Vec<(SpeciesId, f64)> {
        let weight = self.weight(scope, population);
        let mut changes = vec![(population, weight)];
        if let Some(area) = self.area_of(population) {
            changes.push((area, weight * self.geometry_of(population).area));
        }
        changes
    }

    fn convert(&mut self, index: usize, from: SpeciesId, to: &Pool) -> Result<()> {
        let (Some(key), Entity::Vesicle(class)) = (self.pools.key(from), to.what) else { return Ok(()) };
        let scope = self.scope_of_motion(index);
        let within = if to.at.is_empty() { key.within } else { self.container(scope, to, Some(key.within))? };
        let state = match (to.state, key.what) {
            (Some(state), _) => state,
            (None, What::Vesicle(same, state)) if same == class => state,
            _ => StateId(0),
        };
        let target = self.pool(Key { what: What::Vesicle(class, state), within });
        self.transfer(index, from, target);
        Ok(())
    }

    fn engulf(&mut self, index: usize, guest: SpeciesId, into: &Pool) -> Result<()> {
        let Some(Key { what, within: Container::Place(_) }) = self.pools.key(guest) else { return Ok(()) };
        let host = self.one_pool(self.scope_of_motion(index), into, None)?;
        let target = self.pool(Key { what, within: Container::Vesicle(host) });
        self.transfer(index, guest, target);
        Ok(())
    }

    /// A vesicle of one population becomes one of another, with all that it has.
    fn transfer(&mut self, index: usize, from: SpeciesId, to: SpeciesId) {
        if from == to {
            return;
        }
        let scope = self.scope_of_motion(index);
        let changes = vec![(from, -self.weight(scope, from)), (to, self.weight(scope, to))];
        let edge = self.edge(index, Some(from), changes, Deed::Move(to));
        self.attach(from, Transport { edge, outcome: Outcome::Move(to), how: How::Carried });
    }

    /// A vesicle is gone; what it had goes its way.
    fn vanish(&mut self, index: usize, from: SpeciesId, outcome: Outcome) -> usize {
        let scope = self.scope_of_motion(index);
        let mut changes = vec![(from, -self.weight(scope, from))];
        if let Outcome::Release { membrane: Some(membrane), .. } = outcome
            && self.area_of(from).is_none()
            && let Some(area) = self.membrane_variable(membrane)
        {
            changes.push((area, self.weight(scope, area) * self.geometry_of(from).area));
        }
        let edge = self.edge(index, Some(from), changes, Deed::Dissolve(outcome));
        self.attach(from, Transport { edge, outcome, how: How::Carried });
        edge
    }

    fn sides(&self, membrane: PlaceId) -> Option<Sides> {
        match self.network.places.get(membrane.index())?.within.as_slice() {
            &[inner, outer] => Some(Sides { inner, outer }),
            _ => None,
        }
    }

    fn fuse_with_place(&mut self, index: usize, guest: SpeciesId, with: &Partner) -> Result<()> {
        let scope = self.scope_of_motion(index);
        let Some(Key { within: Container::Place(near), .. }) = self.pools.key(guest) else { return Ok(()) };
        let outcome = match with {
            Partner::Membrane(id) => {
                let membrane = self.place(scope, *id)?;
                let far = match self.sides(membrane) {
                    Some(Sides { inner, outer }) if inner == near => outer,
                    Some(Sides { inner, outer }) if outer == near => inner,
                    _ => return Ok(()),
                };
                Outcome::Release { lumen: Container::Place(far), membrane: Some(Container::Place(membrane)) }
            }
            Partner::Volume(id) => {
                let volume = self.place(scope, *id)?;
                let around = self.network.places.get(volume.index()).map_or(&[][..], |place| &place.within);
                if !around.contains(&near) {
                    return Ok(());
                }
                let membrane = self.limiting.get(&volume).copied().unwrap_or(volume);
                Outcome::Release { lumen: Container::Place(volume), membrane: Some(Container::Place(membrane)) }
            }
            Partner::Vesicle(_) => return Ok(()),
        };
        self.vanish(index, guest, outcome);
        Ok(())
    }

    /// With one that lies beside it; or, from within, with the one that carries it.
    fn fuse_with_vesicle(&mut self, index: usize, guest: SpeciesId, host: SpeciesId) {
        let (Some(inner), Some(outer)) = (self.pools.key(guest), self.pools.key(host)) else { return };
        let carrier = Container::Vesicle(host);
        let lumen = if inner.within == outer.within {
            carrier
        } else if inner.within == carrier {
            outer.within
        } else {
            return;
        };
        if !self.traffic.fused.insert((index, guest, host)) {
            return;
        }
        let edge = self.vanish(index, guest, Outcome::Release { lumen, membrane: Some(carrier) });
        if let Some(edge) = self.traffic.edges.get_mut(edge) {
            edge.partner = Some(host);
        }
    }

    fn bud_from_membrane(
        &mut self,
        index: usize,
        what: &Pool,
        membrane: CompartmentId,
        capturing: &'h [Capture],
    ) -> Result<()> {
        let scope = self.scope_of_motion(index);
        let membrane = self.place(scope, membrane)?;
        let (Some(sides), What::Vesicle(class, state)) =
            (self.sides(membrane), crate::network::seeds::first_state(self.hir, what))
        else {
            return Ok(());
        };
        let outwards = if what.at.is_empty() {
            !self.lives_in(class, sides.inner) && self.lives_in(class, sides.outer)
        } else {
            self.lies(Container::Place(sides.outer), &what.at)
        };
        let (to, from) = if outwards { (sides.outer, sides.inner) } else { (sides.inner, sides.outer) };
        let bud = self.pool(Key { what: What::Vesicle(class, state), within: Container::Place(to) });
        let edge = self.take_membrane(index, None, bud, Container::Place(membrane));
        self.draw_all(edge, bud, capturing, Container::Place(membrane), Container::Place(from));
        Ok(())
    }

    fn lives_in(&self, class: VesicleId, place: PlaceId) -> bool {
        let homes = self.hir.vesicles.get(class.index()).map_or(&[][..], |v| &v.places);
        homes.iter().any(|home| matches!(home, VesicleHome::Compartment(id) if self.is_compartment(place, *id)))
    }

    fn bud_off(&mut self, index: usize, host: SpeciesId, what: &Pool, capturing: &'h [Capture], inwards: bool) {
        let Some(key) = self.pools.key(host) else { return };
        let carrier = Container::Vesicle(host);
        let (to, from) = if inwards { (carrier, key.within) } else { (key.within, carrier) };
        let bud = self.pool(Key { what: crate::network::seeds::first_state(self.hir, what), within: to });
        let edge = self.take_membrane(index, Some(host), bud, carrier);
        self.draw_all(edge, bud, capturing, carrier, from);
    }

    /// An edge by which a bud appears, with membrane from another.
    fn take_membrane(&mut self, index: usize, host: Option<SpeciesId>, bud: SpeciesId, membrane: Container) -> usize {
        let scope = self.scope_of_motion(index);
        let needed = self.geometry_of(bud).area;
        let mut changes = self.appearance(scope, bud);
        let variable = self.membrane_variable(membrane);
        if let Some(area) = variable {
            changes.push((area, -needed * self.weight(scope, area)));
        }
        let edge = self.edge(index, host, changes, Deed::Bud { bud, membrane });
        if let (Some(edge), Some(_)) = (self.traffic.edges.get_mut(edge), variable) {
            edge.budget = Some(Budget { of: membrane, needed });
        }
        edge
    }

    /// Captures what a bud takes along: from the membrane what is bound to it, the rest from the lumen's source.
    fn draw_all(
        &mut self,
        edge: usize,
        bud: SpeciesId,
        capturing: &'h [Capture],
        membrane: Container,
        lumen: Container,
    ) {
        let geometry = self.geometry_of(bud);
        let own = capturing.iter().map(|capture| (capture, None));
        let loaded = self.loads_of(edge, bud);
        for (capture, by) in own.chain(loaded) {
            let on_membrane = match capture.what.what {
                Entity::Molecule(id) => self.is_membrane_bound(What::Molecule(id, None)),
                Entity::Vesicle(_) => false,
            };
            let (source, size) = if on_membrane { (membrane, geometry.area) } else { (lumen, geometry.lumen) };
            let enrichment = Enrichment { value: capture.enrichment.as_ref(), by };
            let how = How::Captured { source, on_membrane, size, enrichment };
            self.draw(source, Siphon { edge, what: &capture.what, bud, how });
        }
    }

    /// What the cell of a budding process loads into such buds, whatever makes them.
    fn loads_of(&self, edge: usize, bud: SpeciesId) -> Vec<(&'h Capture, Option<hir::ProcessId>)> {
        let scope = self.traffic.edges.get(edge).map(|edge| self.scope_of_motion(edge.motion));
        let Some(What::Vesicle(class, state)) = self.pools.key(bud).map(|key| key.what) else { return Vec::new() };
        let meant = |pool: &Pool| pool.what == Entity::Vesicle(class) && pool.state.is_none_or(|s| s == state);
        let loads = self.traffic.loads.iter().filter(|load| Some(load.scope) == scope && load.into.iter().any(meant));
        loads.map(|load| (load.what, Some(load.id))).collect()
    }
}

fn add(changes: &mut Vec<(SpeciesId, f64)>, species: SpeciesId, change: f64) {
    match changes.iter_mut().find(|(same, _)| *same == species) {
        Some((_, total)) => *total += change,
        None => changes.push((species, change)),
    }
}

/// Whether a process of vesicles goes both ways.
pub(in crate::network) fn has_reverse(process: &Process) -> bool {
    match &process.law {
        hir::Law::PerVesicle { reverse, .. } | hir::Law::MassAction { reverse, .. } => reverse.is_some(),
        hir::Law::Rate(_) | hir::Law::Along => false,
    }
}
