//! The vesicles of a run, between the store and the model's laws.

use super::plan::Planned;
use crate::codegen::{self, Engine};
use crate::kernel::jumps::lone;
use crate::network::{Network, SpeciesId, SpeciesKind};
use crate::solve::jump::Individuals;
use crate::solve::vesicles::{GRAIN, Individual, Item, Laws, Members, NO_ROUTE, Path, Store};

/// What all runs of a model share.
#[derive(Debug)]
pub(super) struct Pasture {
    pub planned: Planned,
    /// Of captures, then of weights; for each index the position of its own, if it has one.
    laws: codegen::Laws,
    weights: Vec<Option<usize>>,
}

impl Pasture {
    /// Of a network with vesicles.
    pub fn new(network: &Network, engine: Engine) -> Option<Pasture> {
        if network.individuals.populations.is_empty() {
            return None;
        }
        let planned = Planned::new(network);
        let mut programs: Vec<_> = planned.captures.iter().map(|expr| lone(network, expr, None)).collect();
        let weights = planned.weights.iter().map(|number| {
            let weight = network.individuals.weights.get((*number)?)?;
            programs.push(lone(network, &weight.value, Some(weight.reads.len())));
            Some(programs.len() - 1)
        });
        let weights = weights.collect();
        Some(Pasture { planned, laws: codegen::Laws::new(programs, engine), weights })
    }

    /// States that an edge may change: those of its reaction and of what follows it, and all sums of weights.
    pub fn touches(&self, network: &Network, reaction: usize) -> Vec<u32> {
        let follows = |law: &crate::network::Law| matches!(law, crate::network::Law::Follows { leader, .. } if *leader == reaction);
        let all = network.reactions.iter().enumerate().filter(|(n, r)| *n == reaction || follows(&r.law));
        let changed = all.flat_map(|(_, r)| r.stoichiometry.iter().map(|(species, _)| species.index() as u32));
        let sums = network.individuals.weights.iter().map(|weight| weight.sum.index() as u32);
        let mut touched: Vec<u32> = changed.chain(sums).collect();
        touched.sort_unstable();
        touched.dedup();
        touched
    }
}

/// The laws of a run, under its present parameters.
struct Bound<'e> {
    pasture: &'e Pasture,
    p: Vec<f64>,
}

impl Laws for Bound<'_> {
    fn capture(&self, law: usize, t: f64, x: &[f64]) -> f64 {
        self.pasture.laws.run(law, t, x, &self.p)
    }

    fn weight(&self, index: usize, own: &[f64]) -> f64 {
        let law = self.pasture.weights.get(index).copied().flatten();
        law.map_or(0.0, |law| self.pasture.laws.run(law, 0.0, own, &self.p))
    }
}

/// The vesicles of one run.
pub(super) struct Herd<'e> {
    network: &'e Network,
    laws: Bound<'e>,
    store: Store<'e>,
    /// Whether there are vesicles of the start.
    begun: bool,
    /// So many may be there.
    most: usize,
}

impl<'e> Herd<'e> {
    pub fn new(network: &'e Network, pasture: &'e Pasture, (seed, run): (u64, u64), most: usize) -> Herd<'e> {
        let laws = Bound { pasture, p: Vec::new() };
        Herd { network, laws, store: Store::new(&pasture.planned.plan, seed, run), begun: false, most }
    }

    /// Takes over the values of the network's parameters.
    pub fn bind(&mut self, parameters: &[f64]) {
        self.laws.p.clear();
        self.laws.p.extend_from_slice(parameters);
    }

    /// Makes vesicles of the state, at first; later, brings them in line with what has been done to their sums since.
    /// `jumped` is the state as the jumps have left it.
    ///
    /// # Errors
    /// There would be more vesicles than may be: the state that counts most of them.
    pub fn place(&mut self, t: f64, jumped: &[f64], x: &mut [f64]) -> Result<(), usize> {
        let all: f64 = self.network.individuals.populations.iter().filter_map(|p| x.get(p.species.index())).sum();
        if all > self.most as f64 {
            return Err(self.fullest(x));
        }
        let Herd { network, laws, store, begun, .. } = self;
        for (amount, species) in x.iter_mut().zip(&network.species) {
            if species.kind == SpeciesKind::Area {
                *amount = (*amount / GRAIN).round() * GRAIN;
            }
        }
        if !*begun {
            store.populate(t, x, laws);
            *begun = true;
            return Ok(());
        }
        let wanted = x.to_vec();
        // Vesicles before what they carry.
        let mut changed: Vec<usize> = (0..wanted.len()).filter(|&n| wanted[n] != jumped[n]).collect();
        let depth = |n: usize| {
            let mut depth = 0;
            let mut kind = network.species.get(n).map(|species| species.kind.clone());
            while let Some(SpeciesKind::Contents { carrier }) = kind {
                depth += 1;
                kind = network.species.get(carrier.index()).map(|species| species.kind.clone());
            }
            depth
        };
        let molecules = |n: usize| network.individuals.contents.iter().any(|content| content.species.index() == n);
        changed.sort_by_key(|&n| (molecules(n), depth(n)));
        for &n in &changed {
            x[n] = jumped[n];
        }
        for n in changed {
            if !store.set_sum(n as u32, wanted[n], t, x, laws) {
                x[n] = wanted[n];
            }
        }
        store.weigh_all(laws, x);
        Ok(())
    }

    /// The state of the population that has most members.
    fn fullest(&self, x: &[f64]) -> usize {
        let states = self.network.individuals.populations.iter().map(|population| population.species.index());
        let number = |state: usize| x.get(state).copied().unwrap_or(0.0);
        states.max_by(|&a, &b| number(a).total_cmp(&number(b))).unwrap_or(0)
    }

    pub fn view(&self) -> Vesicles<'_> {
        Vesicles { network: self.network, planned: &self.laws.pasture.planned, store: &self.store }
    }
}

impl Individuals for Herd<'_> {
    fn fire(&mut self, edge: u32, t: f64, x: &mut [f64]) -> Result<(), usize> {
        self.store.fire(edge as usize, t, x, &self.laws);
        if self.store.len() > self.most { Err(self.fullest(x)) } else { Ok(()) }
    }
}

/// All vesicles at a time, to be read. Species are those of the exact model's network.
#[derive(Clone, Copy)]
pub struct Vesicles<'r> {
    network: &'r Network,
    planned: &'r Planned,
    store: &'r Store<'r>,
}

impl Vesicles<'_> {
    /// Every vesicle of a population.
    pub fn for_each(&self, population: SpeciesId, each: impl FnMut(Individual<'_>)) {
        let table = &self.network.individuals;
        let mut inside = Vec::new();
        let mut at = population;
        while let Some(population) = table.population(at) {
            match population.carrier {
                Some(carrier) => {
                    inside.insert(0, population.kind as u16);
                    at = carrier;
                }
                None => {
                    let slot = population.species.index() as u32;
                    let roots = &self.planned.plan.populations;
                    if let Some(root) = roots.iter().position(|root| root.species == slot) {
                        self.store.for_each(&Members { root: root as u16, inside, index: None }, each);
                    }
                    return;
                }
            }
        }
    }

    /// What [`Individual::held`] is asked with for a cargo that a vesicle carries itself: a position in
    /// [`crate::network::individuals::Individuals::cargoes`].
    pub fn cargo(&self, cargo: usize) -> Option<Path> {
        self.planned.plan.paths.own(Item::Cargo(cargo as u16))
    }

    /// The same for vesicles of a kind that it carries.
    pub fn nested(&self, kind: usize) -> Option<Path> {
        self.planned.plan.paths.own(Item::Kind(kind as u16))
    }

    /// The process that made a vesicle, by its position in the network; `None` for those there at first or put in by hand.
    pub fn route(&self, one: &Individual<'_>) -> Option<u16> {
        let known = usize::from(one.route()) < self.network.processes.len();
        (one.route() != NO_ROUTE && known).then(|| one.route())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.store.len()
    }

    pub fn is_empty(&self) -> bool {
        self.store.is_empty()
    }

    /// Memory that they take, about.
    pub fn bytes(&self) -> usize {
        self.store.bytes()
    }

    /// Whether some numbers were too large to draw and stand at their means.
    pub fn had_large_numbers(&self) -> bool {
        self.store.had_large_numbers()
    }

    /// Checks the store's promises against the state; what is broken, in words.
    pub fn check(&self, species: &[f64]) -> Result<(), String> {
        self.store.check(species)
    }
}
