//! From the network's tables of single vesicles to the plan that the store carries out.
//!
//! Ways are told from the outermost vesicle inwards; populations inside others are found by their roots and the kinds on the way.

use crate::network::individuals::{
    Capture as Captured, Edge as NetworkEdge, Fate, Individuals, Inner, Population, Source, Where,
};
use crate::network::{Expr, Network, SpeciesId, SpeciesKind};
use crate::solve::vesicles::{
    Act, Capture, Edge, From, Goal, Index, Item, Kind, Members, Membrane, NOWHERE, Partner, Path, Paths, Place, Plan,
    Population as Root, Size, Slot, Target, Weight,
};

/// A plan, with what it refers to by number.
#[derive(Debug, Default)]
pub(super) struct Planned {
    pub plan: Plan,
    /// For each reaction the edge that carries it out.
    pub edges: Vec<Option<u32>>,
    /// By the number of a capture: enrichment, over room for places.
    pub captures: Vec<Expr>,
    /// By the number of an index: the position of its weight in the network.
    pub weights: Vec<Option<usize>>,
}

impl Planned {
    pub fn new(network: &Network) -> Planned {
        let mut planner = Planner { network, table: &network.individuals, made: Planned::default() };
        planner.kinds();
        planner.roots();
        planner.made.edges = vec![None; network.reactions.len()];
        for edge in &network.individuals.edges {
            let (act, turning) = (planner.act(edge), planner.turning(edge.reaction));
            planner.add(edge.reaction, act, turning);
        }
        for inner in &network.individuals.inner {
            let act = planner.react(inner);
            planner.add(inner.reaction, act, Vec::new());
        }
        planner.made
    }
}

struct Planner<'n> {
    network: &'n Network,
    table: &'n Individuals,
    made: Planned,
}

impl Planner<'_> {
    fn population(&self, species: SpeciesId) -> Option<&Population> {
        self.table.population(species)
    }

    /// The root of a population, and the ways from it to its members.
    fn way(&self, species: SpeciesId) -> Option<(SpeciesId, Vec<Item>)> {
        let mut way = Vec::new();
        let mut population = self.population(species)?;
        while let Some(carrier) = population.carrier {
            way.insert(0, Item::Kind(population.kind as u16));
            population = self.population(carrier)?;
        }
        Some((population.species, way))
    }

    fn kinds(&mut self) {
        let kinds = self.table.kinds.iter().enumerate().map(|(number, kind)| {
            let d = kind.diameter;
            let tracked = self.table.populations.iter().any(|p| p.kind == number && p.area.is_some());
            Kind { size: Size::new(d.mean, d.sd, d.range), tracked }
        });
        let mut on_membrane = vec![false; self.table.cargoes.len()];
        for content in &self.table.contents {
            on_membrane[content.cargo] = content.on_membrane;
        }
        (self.made.plan.kinds, self.made.plan.on_membrane) = (kinds.collect(), on_membrane);
    }

    /// All ways from each root, with the states that sum them.
    fn roots(&mut self) {
        let mut all: Vec<(SpeciesId, Vec<Item>, SpeciesId)> = Vec::new();
        for population in &self.table.populations {
            let Some((root, way)) = self.way(population.species) else { continue };
            if let Some(area) = population.area {
                let with = way.iter().copied().chain([Item::Area]).collect();
                all.push((root, with, area));
            }
            if !way.is_empty() {
                all.push((root, way, population.species));
            }
        }
        for content in &self.table.contents {
            let Some((root, mut way)) = self.way(content.carrier) else { continue };
            way.push(Item::Cargo(content.cargo as u16));
            all.push((root, way, content.species));
        }
        let paths = Paths::new(all.iter().map(|(_, way, _)| way.clone()));
        for population in self.table.populations.iter().filter(|p| p.carrier.is_none()) {
            let mut slots = vec![NOWHERE; paths.len()];
            for (_, way, species) in all.iter().filter(|(root, ..)| *root == population.species) {
                if let Some(path) = paths.get(way) {
                    slots[usize::from(path)] = species.index() as Slot;
                }
            }
            let (kind, species) = (population.kind as u16, population.species.index() as Slot);
            self.made.plan.populations.push(Root { kind, species, slots });
        }
        self.made.plan.paths = paths;
    }

    fn root(&self, species: SpeciesId) -> Option<u16> {
        let slot = species.index() as Slot;
        self.made.plan.populations.iter().position(|root| root.species == slot).map(|root| root as u16)
    }

    /// What an edge changes beside vesicles, what they carry, and membranes.
    fn turning(&self, reaction: usize) -> Vec<(Slot, i64)> {
        let changes = self.network.reactions.get(reaction).map_or(&[][..], |reaction| &reaction.stoichiometry);
        let counted = |species: SpeciesId| {
            let species = self.network.species.get(species.index());
            species.is_some_and(|species| species.kind == SpeciesKind::Molecules && !species.fixed)
        };
        let molecules = changes.iter().filter(|(species, _)| counted(*species));
        molecules.map(|&(species, change)| (species.index() as Slot, change as i64)).collect()
    }

    fn add(&mut self, reaction: usize, act: Option<Act>, turning: Vec<(Slot, i64)>) {
        let Some(act) = act else { return };
        let process = self.network.reactions.get(reaction).map_or(0, |reaction| reaction.process.index());
        let number = self.made.plan.edges.len() as u32;
        self.made.plan.edges.push(Edge { turning, route: process as u16, act });
        if let Some(slot) = self.made.edges.get_mut(reaction) {
            *slot = Some(number);
        }
    }

    fn path(&self, way: &[Item]) -> Option<Path> {
        self.made.plan.paths.get(way)
    }

    /// A population to choose from: all alike, or by the weight given.
    fn members(&mut self, species: SpeciesId, weight: Option<(Weight, Option<usize>)>) -> Option<Members> {
        let (root, way) = self.way(species)?;
        let root = self.root(root)?;
        let inside: Vec<u16> = way
            .iter()
            .filter_map(|item| match item {
                Item::Kind(kind) => Some(*kind),
                _ => None,
            })
            .collect();
        let weight = match weight {
            None if inside.is_empty() => return Some(Members { root, inside, index: None }),
            None => (Weight::Entry(self.path(&way)?), None),
            Some(weight) => weight,
        };
        let sum = weight.1.and_then(|number| self.table.weights.get(number)).map(|weight| weight.sum.index() as Slot);
        let same = |index: &Index| index.root == root && index.inside == inside && index.weight == weight.0;
        let known = match sum {
            None => self.made.plan.indexes.iter().position(|index| same(index) && index.sum == NOWHERE),
            Some(_) => None,
        };
        let index = known.unwrap_or_else(|| {
            let index = Index { root, inside: inside.clone(), weight: weight.0, sum: sum.unwrap_or(NOWHERE) };
            self.made.plan.indexes.push(index);
            self.made.weights.push(weight.1);
            self.made.plan.indexes.len() - 1
        });
        Some(Members { root, inside, index: Some(index as u16) })
    }

    /// Members by a weight of the network.
    fn weighed(&mut self, species: SpeciesId, number: Option<usize>) -> Option<Members> {
        let Some(weight) = number.and_then(|number| self.table.weights.get(number)) else {
            return self.members(species, None);
        };
        let reads: Option<Vec<Path>> = weight.reads.iter().map(|&read| self.own_path(species, read)).collect();
        self.members(species, Some((Weight::Law(reads?), number)))
    }

    /// The way from the members of a population to something in them.
    fn own_path(&self, population: SpeciesId, inner: SpeciesId) -> Option<Path> {
        let (_, outer) = self.way(population)?;
        let way = match self.table.contents.iter().find(|content| content.species == inner) {
            Some(content) => {
                let (_, mut way) = self.way(content.carrier)?;
                way.push(Item::Cargo(content.cargo as u16));
                way
            }
            None => match self.table.populations.iter().find(|p| p.area == Some(inner)) {
                Some(of) => {
                    let (_, mut way) = self.way(of.species)?;
                    way.push(Item::Area);
                    way
                }
                None => self.way(inner)?.1,
            },
        };
        self.path(way.get(outer.len()..)?)
    }

    fn item(&self, species: SpeciesId) -> Option<Item> {
        if let Some(content) = self.table.contents.iter().find(|content| content.species == species) {
            return Some(Item::Cargo(content.cargo as u16));
        }
        self.population(species).map(|population| Item::Kind(population.kind as u16))
    }

    fn kind_of(&self, species: SpeciesId) -> Option<u16> {
        self.population(species).map(|population| population.kind as u16)
    }

    fn act(&mut self, edge: &NetworkEdge) -> Option<Act> {
        match &edge.fate {
            Fate::Appear { population } => {
                let kind = self.kind_of(*population)?;
                let into = match self.population(*population)?.carrier {
                    None => Target::Root(self.root(*population)?),
                    Some(carrier) => Target::Into(self.members(carrier, None)?),
                };
                Some(Act::Appear { kind, into })
            }
            Fate::Bud { population, membrane, inwards, captures } => {
                let host = match edge.principal {
                    Some(principal) => Some(self.weighed(principal, edge.weight)?),
                    None => None,
                };
                let into = match (*inwards, self.population(*population)?.carrier) {
                    (true, _) => Target::Within,
                    (false, None) => Target::Root(self.root(*population)?),
                    (false, Some(_)) => Target::Beside,
                };
                let membrane = match membrane {
                    Source::Place(None) => Membrane::Free,
                    Source::Place(Some(area)) => Membrane::Slot(area.index() as Slot),
                    Source::Host => Membrane::Host,
                    Source::Carrier => Membrane::Carrier,
                };
                let captures = captures.iter().filter_map(|capture| self.capture(capture)).collect();
                Some(Act::Bud { host, kind: self.kind_of(*population)?, into, membrane, captures })
            }
            Fate::Move { to, host } => {
                let who = self.weighed(edge.principal?, edge.weight)?;
                let into = match (host, self.population(*to)?.carrier) {
                    (Some(host), _) => Target::Into(self.members(*host, None)?),
                    (None, None) => Target::Root(self.root(*to)?),
                    (None, Some(_)) => Target::Beside,
                };
                Some(Act::Move { who, kind: self.kind_of(*to)?, into })
            }
            Fate::Dissolve { .. } => self.dissolve(edge),
        }
    }

    fn capture(&mut self, capture: &Captured) -> Option<Capture> {
        let kind = self.item(capture.to)?;
        let from = match (capture.source, kind) {
            (Source::Place(_), Item::Kind(_)) => From::Members { root: self.root(capture.of)? },
            (Source::Place(_), _) => {
                let fixed = self.network.species.get(capture.of.index()).is_some_and(|species| species.fixed);
                From::Slot { slot: capture.of.index() as Slot, fixed }
            }
            (Source::Host, Item::Cargo(_)) => From::Host,
            (Source::Carrier, Item::Cargo(_)) => From::Carrier,
            _ => return None,
        };
        let law = self.made.captures.len();
        self.made.captures.push(match capture.source {
            Source::Place(_) => capture.enrichment.clone().per_room(capture.room.clone()),
            _ => capture.enrichment.clone(),
        });
        Some(Capture { item: kind, from, on_membrane: capture.on_membrane, law })
    }

    fn dissolve(&mut self, edge: &NetworkEdge) -> Option<Act> {
        let Fate::Dissolve { partner, lumen, membrane_to_partner, area, contents } = &edge.fate else { return None };
        let principal = edge.principal?;
        let who = self.weighed(principal, edge.weight)?;
        let carrier = self.population(principal)?.carrier;
        let partner = match *partner {
            None => None,
            Some(partner) if Some(partner) == carrier => Some(Partner::Carrier),
            Some(partner) if self.population(partner)?.carrier.is_none() => {
                Some(Partner::Any(self.members(partner, None)?))
            }
            Some(partner) => Some(Partner::Sibling(self.kind_of(partner)?)),
        };
        let inside = match lumen {
            Some(Where::Partner) => Goal::Partner,
            Some(Where::Carrier) => Goal::Carrier,
            Some(Where::Beyond) => Goal::Beyond,
            Some(Where::Place) | None => Goal::Slot(NOWHERE),
        };
        let goals = contents.iter().filter_map(|&(from, to)| {
            let item = self.item(from)?;
            let bound = self.table.contents.iter().any(|content| content.species == from && content.on_membrane);
            let goal = match item {
                _ if bound && *membrane_to_partner => Goal::Partner,
                Item::Kind(_) => match self.population(to)?.carrier {
                    None => Goal::Root(self.root(to)?),
                    Some(_) => inside,
                },
                _ if self.table.contents.iter().any(|content| content.species == to) => inside,
                _ => Goal::Slot(to.index() as Slot),
            };
            Some((item, goal))
        });
        let contents = goals.collect();
        let membrane = match (membrane_to_partner, area) {
            (true, _) => Some(Goal::Partner),
            (false, Some(area)) => Some(Goal::Slot(area.index() as Slot)),
            (false, None) => None,
        };
        Some(Act::Dissolve { who, partner, contents, membrane })
    }

    fn react(&mut self, inner: &Inner) -> Option<Act> {
        let own = |planner: &Self, species| {
            let content = planner.table.contents.iter().find(|content| content.species == species)?;
            (content.carrier == inner.population)
                .then(|| planner.made.plan.paths.own(Item::Cargo(content.cargo as u16)))
                .flatten()
        };
        let first = inner.reactants.iter().find(|(species, _)| own(self, *species).is_some());
        let who = match (inner.weight, first) {
            (Some(_), _) => self.weighed(inner.population, inner.weight)?,
            (None, Some(&(species, _))) => {
                let (_, mut way) = self.way(inner.population)?;
                way.push(self.item(species)?);
                self.members(inner.population, Some((Weight::Entry(self.path(&way)?), None)))?
            }
            (None, None) => self.members(inner.population, None)?,
        };
        let needs = inner.reactants.iter().filter_map(|&(species, count)| Some((own(self, species)?, count))).collect();
        let reaction = self.network.reactions.get(inner.reaction)?;
        let changes = reaction.stoichiometry.iter().filter_map(|&(species, change)| {
            let content = self.table.contents.iter().find(|content| content.species == species);
            let place = match content {
                None => Place::Slot(species.index() as Slot),
                Some(content) => {
                    let path = self.path(&[Item::Cargo(content.cargo as u16)])?;
                    match self.levels(inner.population, content.carrier)? {
                        0 => Place::Own(path),
                        levels => Place::Outside(levels, path),
                    }
                }
            };
            Some((place, change as i64))
        });
        let changes = changes.collect();
        Some(Act::React { who, needs, changes })
    }

    /// How far outside a population one that carries it is.
    fn levels(&self, inner: SpeciesId, outer: SpeciesId) -> Option<u8> {
        let mut at = inner;
        for levels in 0..u8::MAX {
            if at == outer {
                return Some(levels);
            }
            at = self.population(at)?.carrier?;
        }
        None
    }
}
