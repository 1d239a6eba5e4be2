//! What edges mean for one vesicle: the tables of [`super::super::individuals`].

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Deed, Edge, Follower, How, Outcome};
use crate::hir;
use crate::network::build::{Builder, Result};
use crate::network::individuals::{self, Capture, Content, Fate, Inner, Kind, OWN, Own, Population, Source, Where};
use crate::network::pools::{Container, Key, What};
use crate::network::{BinaryOp, Expr, Law, SpeciesId};

impl<'h> Builder<'h> {
    /// A rate per vesicle with this vesicle's own contents in place of the means over its population, if it reads any.
    pub(super) fn of_one(&self, written: &Expr, principal: Option<SpeciesId>, share: &Expr) -> Option<Own> {
        let mut view = View { builder: self, population: principal?, reads: Vec::new() };
        let value = view.own(written)? * share.clone();
        Some(Own { value, reads: view.reads })
    }

    pub(super) fn export_edge(
        &mut self,
        edge: &Edge<'h>,
        reaction: usize,
        (each, own): (Expr, Option<Own>),
    ) -> Result<()> {
        let fate = match edge.deed {
            Deed::Appear(population) => Fate::Appear { population },
            Deed::Bud { bud, membrane } => self.bud_fate(edge, bud, membrane)?,
            Deed::Move(to) => {
                let within = |species| self.pools.key(species).map(|key: Key| key.within);
                let host = match within(to) {
                    Some(Container::Vesicle(host)) if within(to) != edge.principal.and_then(within) => Some(host),
                    _ => None,
                };
                Fate::Move { to, host }
            }
            Deed::Dissolve(outcome) => self.dissolve_fate(edge, outcome),
        };
        let principal = edge.principal;
        self.network.individuals.edges.push(individuals::Edge { reaction, principal, each, own, weight: None, fate });
        Ok(())
    }

    fn dissolve_fate(&mut self, edge: &Edge<'h>, outcome: Outcome) -> Fate {
        let partner = edge.partner;
        let (released, bound) = match outcome {
            Outcome::Release { lumen, membrane } => (Some(lumen), membrane),
            Outcome::Lose | Outcome::Move(_) => (None, None),
        };
        let own = edge.principal.and_then(|p| self.pools.key(p)).map(|key| key.within);
        let lumen = released.map(|container| match container {
            Container::Place(_) => Where::Place,
            Container::Vesicle(into) if Some(into) == partner => Where::Partner,
            container if Some(container) == own => Where::Carrier,
            Container::Vesicle(_) => Where::Beyond,
        });
        let area = match bound {
            Some(Container::Place(place)) => self.membrane_variable(Container::Place(place)),
            _ => None,
        };
        let direct = |f: &&Follower<'h>| {
            let key = self.pools.key(f.of);
            key.is_some_and(|key| {
                key.what != What::Area && edge.principal.is_some_and(|p| key.within == Container::Vesicle(p))
            })
        };
        let contents = edge.followers.iter().filter(direct).filter_map(|f| Some((f.of, f.to?))).collect();
        let membrane_to_partner = matches!(bound, Some(Container::Vesicle(_)));
        Fate::Dissolve { partner, lumen, membrane_to_partner, area, contents }
    }

    fn bud_fate(&mut self, edge: &Edge<'h>, bud: SpeciesId, membrane: Container) -> Result<Fate> {
        let scope = self.traffic.motions.get(edge.motion).map_or(hir::ScopeId(0), |m| m.scope);
        let process = self.traffic.motions.get(edge.motion).map(|m| m.id);
        let mut captures = Vec::new();
        for follower in &edge.followers {
            let (Some(to), How::Captured { source, on_membrane, enrichment, .. }) = (follower.to, follower.how) else {
                continue;
            };
            let within = |species| self.pools.key(species).map(|key: Key| key.within);
            if within(to) != Some(Container::Vesicle(bud)) || within(follower.of) != Some(source) {
                continue;
            }
            let Some(process) = process.map(|id| self.process(scope, id)) else { continue };
            captures.push(Capture {
                of: follower.of,
                to,
                source: self.source(edge, source, false),
                on_membrane,
                enrichment: self.enrichment(enrichment, scope, process)?,
                room: self.container_size(source, on_membrane),
            });
        }
        let inwards = match self.pools.key(bud).map(|key| key.within) {
            Some(Container::Vesicle(host)) => edge.principal == Some(host),
            _ => false,
        };
        Ok(Fate::Bud { population: bud, membrane: self.source(edge, membrane, true), inwards, captures })
    }

    fn source(&mut self, edge: &Edge<'h>, container: Container, membrane: bool) -> Source {
        match container {
            Container::Place(_) => Source::Place(membrane.then(|| self.membrane_variable(container)).flatten()),
            Container::Vesicle(host) if edge.principal == Some(host) => Source::Host,
            Container::Vesicle(_) => Source::Carrier,
        }
    }

    /// Lists all populations and contents, and the reactions inside vesicles.
    pub(in crate::network) fn export_vesicles(&mut self) {
        let mut kinds: FxHashMap<(hir::VesicleId, hir::StateId), usize> = FxHashMap::default();
        let mut cargoes: FxHashMap<What, usize> = FxHashMap::default();
        for index in 0..self.network.species.len() as u32 {
            let species = SpeciesId(index);
            let (Some(key), Some(place)) = (self.pools.key(species), self.pools.root(species)) else { continue };
            match (key.what, key.within) {
                (What::Vesicle(class, state), within) => {
                    let next = kinds.len();
                    let kind = *kinds.entry((class, state)).or_insert(next);
                    if kind == next {
                        self.export_kind(class, state);
                    }
                    let carrier = match within {
                        Container::Vesicle(carrier) => Some(carrier),
                        Container::Place(_) => None,
                    };
                    let area = self.pools.get(Key { what: What::Area, within: Container::Vesicle(species) });
                    let population = Population { species, kind, carrier, place, area };
                    self.network.individuals.populations.push(population);
                }
                (What::Molecule(id, _), Container::Vesicle(carrier)) => {
                    let next = cargoes.len();
                    let cargo = *cargoes.entry(key.what).or_insert(next);
                    let name = self.what_name(key.what);
                    let on_membrane = self.is_membrane_bound(What::Molecule(id, None));
                    let table = &mut self.network.individuals;
                    if cargo == next {
                        table.cargoes.push(name);
                    }
                    table.contents.push(Content { species, carrier, cargo, on_membrane });
                }
                _ => {}
            }
        }
        self.export_inner();
    }

    fn export_kind(&mut self, class: hir::VesicleId, state: hir::StateId) {
        let spread = self.diameters.get(class.index()).and_then(|states| states.get(state.index()));
        let diameter = spread.copied().unwrap_or(individuals::Diameter { mean: 0.0, sd: 0.0, range: None });
        let name = self.what_name(What::Vesicle(class, state));
        let geometry = self.geometry(class, state);
        self.network.individuals.kinds.push(Kind { name, class: class.index(), diameter, geometry });
    }

    /// Reactions that read or change what is in vesicles and aren't theirs.
    fn export_inner(&mut self) {
        let leaders: FxHashSet<usize> = self.network.individuals.edges.iter().map(|edge| edge.reaction).collect();
        let mut inner = Vec::new();
        for (index, reaction) in self.network.reactions.iter().enumerate() {
            if leaders.contains(&index) || matches!(reaction.law, Law::Follows { .. }) {
                continue;
            }
            let lost = reaction.stoichiometry.iter().filter(|(_, change)| *change < 0.0);
            let reactants: Vec<(SpeciesId, u32)> = match &reaction.law {
                Law::MassAction { reactants, .. } => reactants.clone(),
                _ => lost.map(|&(species, change)| (species, -change as u32)).collect(),
            };
            let changed = reaction.stoichiometry.iter().map(|(species, _)| *species);
            let among = |all: &mut dyn Iterator<Item = SpeciesId>| {
                let carried = all.filter_map(|species| self.carrier_of(species));
                carried.max_by_key(|&carrier| self.nesting(Container::Vesicle(carrier)))
            };
            let Some(population) =
                among(&mut reactants.iter().map(|(s, _)| *s)).or_else(|| among(&mut changed.into_iter()))
            else {
                continue;
            };
            let inside = |species: SpeciesId| self.carrier_of(species).is_some();
            let own = match &reaction.law {
                Law::MassAction { coefficient, .. } if reactants.iter().any(|(s, _)| inside(*s)) => {
                    Some(self.inside_one(population, coefficient, &reactants))
                }
                _ => None,
            };
            let reactants = reactants.into_iter().filter(|(species, _)| inside(*species)).collect();
            inner.push(Inner { reaction: index, population, own, weight: None, reactants });
        }
        self.network.individuals.inner = inner;
    }

    /// Of molecules in a vesicle, the population that directly carries them.
    fn carrier_of(&self, species: SpeciesId) -> Option<SpeciesId> {
        match self.pools.key(species)? {
            Key { what: What::Molecule(..), within: Container::Vesicle(carrier) } => Some(carrier),
            _ => None,
        }
    }

    /// Mass action in one vesicle: its coefficient times its own combinations.
    fn inside_one(&self, population: SpeciesId, coefficient: &Expr, reactants: &[(SpeciesId, u32)]) -> Own {
        let mut view = View { builder: self, population, reads: Vec::new() };
        let mut value = view.own(coefficient).unwrap_or_else(|| coefficient.clone());
        for &(species, count) in reactants {
            let amount = if view.is_within(species) { view.read(species) } else { Expr::Species(species) };
            for taken in 0..count {
                let left = match taken {
                    0 => amount.clone(),
                    taken => (amount.clone() - Expr::Constant(f64::from(taken))).max(Expr::ZERO),
                };
                value = value * left / Expr::Constant(f64::from(taken + 1));
            }
        }
        Own { value, reads: view.reads }
    }
}

/// Expressions as seen from one member of a population.
struct View<'b, 'h> {
    builder: &'b Builder<'h>,
    population: SpeciesId,
    reads: Vec<SpeciesId>,
}

impl View<'_, '_> {
    /// The expression with means over the population replaced by what one member has; `None` if it has no such mean.
    fn own(&mut self, expr: &Expr) -> Option<Expr> {
        match expr {
            Expr::Definition(id) => self.own(&self.builder.network.definitions.get(id.index())?.value),
            Expr::Unary(op, a) => Some(Expr::unary(*op, self.own(a)?)),
            Expr::Binary(op, a, b) => {
                let (left, right) = (self.own(a), self.own(b));
                if left.is_none() && right.is_none() {
                    return None;
                }
                let (left, right) = (left.unwrap_or_else(|| (**a).clone()), right.unwrap_or_else(|| (**b).clone()));
                Some(Expr::binary(*op, left, right))
            }
            Expr::Select(select) => {
                if let (Expr::Binary(BinaryOp::Less, zero, some), Expr::Binary(BinaryOp::Div, of, by)) =
                    (&select.condition, &select.then)
                    && zero.is_constant(0.0)
                    && some == by
                    && self.counts_members(by)
                {
                    return Some(self.one(of) / self.one(by));
                }
                let parts = [&select.condition, &select.then, &select.otherwise];
                let [condition, then, otherwise] = parts.map(|part| self.own(part));
                if condition.is_none() && then.is_none() && otherwise.is_none() {
                    return None;
                }
                let or = |changed: Option<Expr>, part: &Expr| changed.unwrap_or_else(|| part.clone());
                Some(Expr::select(
                    or(condition, &select.condition),
                    or(then, &select.then),
                    or(otherwise, &select.otherwise),
                ))
            }
            _ => None,
        }
    }

    /// Whether a divisor is made of numbers of vesicles, or of their membranes, and this population is among them.
    fn counts_members(&self, divisor: &Expr) -> bool {
        let mut found = Vec::new();
        let plain = species_in(divisor, &mut found);
        let member = |&species: &SpeciesId| match self.builder.pools.key(species) {
            Some(Key { what: What::Vesicle(..), .. }) => Some(species),
            Some(Key { what: What::Area, within: Container::Vesicle(of) }) => Some(of),
            _ => None,
        };
        let members: Option<Vec<SpeciesId>> = found.iter().map(member).collect();
        plain && members.is_some_and(|members| members.contains(&self.population))
    }

    /// A sum over populations as it is for one member alone: those of others are nothing.
    fn one(&mut self, expr: &Expr) -> Expr {
        match expr {
            Expr::Species(species) if *species == self.population => Expr::ONE,
            Expr::Species(species) if self.is_within(*species) => self.read(*species),
            Expr::Species(_) => Expr::ZERO,
            Expr::Unary(op, a) => Expr::unary(*op, self.one(a)),
            Expr::Binary(op, a, b) => {
                let (a, b) = (self.one(a), self.one(b));
                match op {
                    BinaryOp::Add => a + b,
                    BinaryOp::Mul => a * b,
                    op => Expr::binary(*op, a, b),
                }
            }
            other => other.clone(),
        }
    }

    fn is_within(&self, species: SpeciesId) -> bool {
        let mut species = species;
        while let Some(Key { within: Container::Vesicle(carrier), .. }) = self.builder.pools.key(species) {
            if carrier == self.population {
                return true;
            }
            species = carrier;
        }
        false
    }

    fn read(&mut self, species: SpeciesId) -> Expr {
        let position = self.reads.iter().position(|&read| read == species).unwrap_or_else(|| {
            self.reads.push(species);
            self.reads.len() - 1
        });
        Expr::Species(SpeciesId(OWN + position as u32))
    }
}

/// Gathers the species of a sum of products; whether it is one.
fn species_in(expr: &Expr, found: &mut Vec<SpeciesId>) -> bool {
    match expr {
        Expr::Species(species) => {
            found.push(*species);
            true
        }
        Expr::Constant(_) | Expr::Parameter(_) => true,
        Expr::Binary(BinaryOp::Add | BinaryOp::Mul, a, b) => species_in(a, found) && species_in(b, found),
        _ => false,
    }
}
