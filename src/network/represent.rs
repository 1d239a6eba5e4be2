//! The network as exact runs take it: representative cells, and vesicles one by one.
//!
//! A model may have millions of cells, all alike. Here R of N cells of a type are there, each with pools of its own, and what cells share
//! is scaled down by s = R/N, the same for all types: rates see n/s where the places hold n/s copies, and one firing in one cell
//! changes what is shared by one copy. Processes among what is shared happen s times as often. Concentrations, and means, are as in the
//! whole; the fluctuations of what is shared are those of R cells.
//!
//! The leading reactions of vesicles get the law of single ones: their rate for each vesicle, times their number; where it
//! depends on what each carries, times a [`Weight`] summed over them, which is a further species.
//!
//! Invariants: parameters, places and processes keep their numbers; a species has one copy for each of its cells. Expressions outside
//! cells read the mean over the cells there are.
//! Deliberately absent: which vesicles there are.

use rustc_hash::FxHashMap;

use super::individuals::{self, Capture, Fate, OWN, Own, Source, Weight};
use super::plan::Change;
use super::{
    BinaryOp, CellId, Definition, DefinitionId, DisplayUnit, Expr, Law, Network, Reaction, Species, SpeciesId,
};
use super::{SpeciesKind, Target};

/// All cells are there if there are no more than so many.
const FEW: f64 = 16.0;
/// So many cells at most.
const MOST: f64 = 2000.0;

/// A network of representative cells.
#[derive(Clone, PartialEq, Debug)]
pub struct Representation {
    pub network: Network,
    /// How many cells of each type there are.
    pub cells: Vec<u32>,
    /// Copies here for each copy in what cells share.
    pub scale: f64,
    /// The number of cells of each type that those here stand for.
    pub stands_for: Vec<f64>,
    /// The copies of each species of the whole network.
    copies: Vec<Vec<SpeciesId>>,
    scaled: Vec<bool>,
    /// Of each definition of the whole network that outside cells.
    definitions: Vec<DefinitionId>,
    /// Processes (by their number) whose rate depends on what vesicles carry in a way that can't be told apart by vesicle: they take the mean.
    pub averaged: Vec<usize>,
}

/// The cell that an expression belongs to: its type, and which of them.
type Context = Option<(CellId, u32)>;

impl Representation {
    /// Of a network whose numbers of cells are `counts`, with so many of the rarest type, or one.
    pub fn new(network: &Network, counts: &[f64], wanted: Option<u32>) -> Representation {
        let least = counts.iter().copied().fold(f64::INFINITY, f64::min).max(1.0);
        let all: f64 = counts.iter().sum();
        let mut scale = match wanted {
            _ if counts.is_empty() => 1.0,
            None if all <= FEW => 1.0,
            None => 1.0 / least,
            Some(wanted) => (f64::from(wanted.max(1)) / least).min(1.0),
        };
        if all * scale > MOST {
            scale = MOST / all;
        }
        let cells: Vec<u32> = counts.iter().map(|count| (count * scale).round().max(1.0) as u32).collect();
        let stands_for = cells.iter().map(|&cells| f64::from(cells) / scale).collect();
        let mut made = Representation {
            network: Network {
                name: network.name.clone(),
                cells: network.cells.clone(),
                parameters: network.parameters.clone(),
                processes: network.processes.clone(),
                coefficients: network.coefficients.clone(),
                ..Network::default()
            },
            cells,
            scale,
            stands_for,
            copies: Vec::new(),
            scaled: Vec::new(),
            definitions: Vec::new(),
            averaged: Vec::new(),
        };
        Copying { whole: network, counts, made: &mut made, definitions: FxHashMap::default() }.copy();
        made
    }

    /// The copies of a species of the whole network.
    pub fn copies(&self, species: SpeciesId) -> &[SpeciesId] {
        self.copies.get(species.index()).map_or(&[], Vec::as_slice)
    }

    /// Amounts of the whole network as they are here; not rounded.
    pub fn amounts(&self, whole: &[f64]) -> Vec<f64> {
        let mut amounts = vec![0.0; self.network.species.len()];
        for ((copies, amount), scaled) in self.copies.iter().zip(whole).zip(&self.scaled) {
            for copy in copies {
                if let Some(slot) = amounts.get_mut(copy.index()) {
                    *slot = if *scaled { amount * self.scale } else { *amount };
                }
            }
        }
        amounts
    }

    /// What an intervention on the whole network is here.
    pub fn changes(&self, change: &Change) -> Vec<Change> {
        let factor = |species: SpeciesId| {
            if self.scaled.get(species.index()) == Some(&true) { Expr::Constant(self.scale) } else { Expr::ONE }
        };
        let mut known = |id: DefinitionId| {
            self.definitions.get(id.index()).map_or(Expr::Constant(f64::NAN), |&id| Expr::Definition(id))
        };
        let mut reader = Reader { made: self, definitions: &mut known };
        let each = |species: SpeciesId, make: &mut dyn FnMut(usize, SpeciesId) -> Change| {
            self.copies(species).iter().enumerate().map(|(n, &copy)| make(n, copy)).collect()
        };
        match change {
            Change::Scale { species, factor } => {
                let factor = reader.read(factor, None);
                each(*species, &mut |_, species| Change::Scale { species, factor: factor.clone() })
            }
            Change::Dissolve { complex, factor, freed } => {
                let factor = reader.read(factor, None);
                each(*complex, &mut |n, complex| {
                    let copy = |id: SpeciesId| self.copies(id).get(n).or(self.copies(id).first()).copied();
                    let freed = freed.iter().filter_map(|&(part, copies)| Some((copy(part)?, copies))).collect();
                    Change::Dissolve { complex, factor: factor.clone(), freed }
                })
            }
            Change::Set { target: Target::Species(id), value } => {
                let value = reader.read(value, None) * factor(*id);
                each(*id, &mut |_, copy| Change::Set { target: Target::Species(copy), value: value.clone() })
            }
            Change::Add { species, amount } => {
                let amount = reader.read(amount, None) * factor(*species);
                each(*species, &mut |_, species| Change::Add { species, amount: amount.clone() })
            }
            other => vec![other.clone()],
        }
    }
}

/// Expressions of the whole network, over the species here.
struct Reader<'r> {
    made: &'r Representation,
    definitions: &'r mut dyn FnMut(DefinitionId) -> Expr,
}

impl Reader<'_> {
    fn read(&mut self, expr: &Expr, context: Context) -> Expr {
        match expr {
            Expr::Species(id) => self.species(*id, context),
            Expr::Definition(id) => (self.definitions)(*id),
            Expr::Unary(op, a) => Expr::unary(*op, self.read(a, context)),
            Expr::Binary(op, a, b) => Expr::binary(*op, self.read(a, context), self.read(b, context)),
            Expr::Select(select) => Expr::select(
                self.read(&select.condition, context),
                self.read(&select.then, context),
                self.read(&select.otherwise, context),
            ),
            other => other.clone(),
        }
    }

    fn species(&self, id: SpeciesId, context: Context) -> Expr {
        let made = self.made;
        let copies = made.copies(id);
        let own = context.and_then(|(cell, n)| copies.get(n as usize).filter(|_| made.cell_of(copies) == Some(cell)));
        let value = match (own, copies) {
            (Some(own), _) => Expr::Species(*own),
            // What one vesicle has itself.
            (None, []) => Expr::Species(id),
            (None, [only]) => Expr::Species(*only),
            (None, several) => {
                Expr::sum(several.iter().map(|&id| Expr::Species(id))) / Expr::Constant(several.len() as f64)
            }
        };
        let scaled = made.scaled.get(id.index()) == Some(&true) && made.scale != 1.0;
        if scaled { value / Expr::Constant(made.scale) } else { value }
    }
}

impl Representation {
    fn cell_of(&self, copies: &[SpeciesId]) -> Option<CellId> {
        copies.first().and_then(|copy| self.network.species.get(copy.index())).and_then(|species| species.cell)
    }
}

struct Copying<'c> {
    whole: &'c Network,
    counts: &'c [f64],
    made: &'c mut Representation,
    definitions: FxHashMap<(DefinitionId, Context), DefinitionId>,
}

impl Copying<'_> {
    fn copy(mut self) {
        self.species();
        let whole = self.whole;
        for place in &whole.places {
            let size = self.read(&place.size, None);
            self.made.network.places.push(super::Place { size, ..place.clone() });
        }
        for id in (0..whole.definitions.len() as u32).map(DefinitionId) {
            self.define(id, None);
            self.made.definitions.extend(self.definitions.get(&(id, None)));
        }
        let positions = self.reactions();
        self.tables();
        self.edges(&positions);
        self.rules_and_events();
        for observable in &whole.observables {
            let value = self.read(&observable.value, None);
            self.made.network.observables.push(super::Observable { value, ..observable.clone() });
        }
        self.made.averaged.sort_unstable();
        self.made.averaged.dedup();
    }

    fn contexts(&self, cell: Option<CellId>) -> Vec<Context> {
        match cell {
            None => vec![None],
            Some(cell) => {
                let number = self.made.cells.get(cell.index()).copied().unwrap_or(1);
                (0..number).map(|n| Some((cell, n))).collect()
            }
        }
    }

    fn species(&mut self) {
        for species in &self.whole.species {
            let scaled = species.cell.is_none()
                && !species.fixed
                && species.kind != SpeciesKind::Condition
                && self.made.scale != 1.0;
            let contexts = self.contexts(species.cell);
            let mut copies = Vec::with_capacity(contexts.len());
            for context in &contexts {
                let id = SpeciesId(self.made.network.species.len() as u32);
                let name = match context {
                    Some((_, n)) if contexts.len() > 1 => format!("{} #{}", species.name, n + 1),
                    _ => species.name.clone(),
                };
                let initial = match scaled {
                    true => species.initial.clone() * Expr::Constant(self.made.scale),
                    false => species.initial.clone(),
                };
                self.made.network.species.push(Species { name, initial, ..species.clone() });
                copies.push(id);
            }
            self.made.copies.push(copies);
            self.made.scaled.push(scaled);
        }
        // Carriers by their copies in the same cell.
        for (id, species) in self.whole.species.iter().enumerate() {
            let SpeciesKind::Contents { carrier } = species.kind else { continue };
            for (n, copy) in self.made.copies[id].clone().into_iter().enumerate() {
                let carrier = self.copy_of(carrier, Some((CellId(0), n as u32)));
                self.made.network.species[copy.index()].kind = SpeciesKind::Contents { carrier };
            }
        }
    }

    /// A species' copy in the cell of that number, or its only one.
    fn copy_of(&self, id: SpeciesId, context: Context) -> SpeciesId {
        let copies = self.made.copies(id);
        let n = context.map_or(0, |(_, n)| n as usize);
        copies.get(n).or(copies.first()).copied().unwrap_or(id)
    }

    fn read(&mut self, expr: &Expr, context: Context) -> Expr {
        // Definitions first: each in its context, once.
        let mut needed = Vec::new();
        definitions_in(expr, &mut needed);
        for id in needed {
            self.define(id, context);
        }
        let definitions = &self.definitions;
        let mut known =
            |id| definitions.get(&(id, context)).map_or(Expr::Constant(f64::NAN), |&id| Expr::Definition(id));
        Reader { made: self.made, definitions: &mut known }.read(expr, context)
    }

    fn define(&mut self, id: DefinitionId, context: Context) {
        if self.definitions.contains_key(&(id, context)) {
            return;
        }
        let Some(definition) = self.whole.definitions.get(id.index()) else { return };
        let value = self.read(&definition.value, context);
        let made = DefinitionId(self.made.network.definitions.len() as u32);
        self.made.network.definitions.push(Definition { value, ..definition.clone() });
        self.definitions.insert((id, context), made);
    }

    /// How much more often something happens here: processes of a cell as in each; those among what is shared by the scale.
    fn pace(&self, reaction: &Reaction) -> Expr {
        let cell = self.whole.processes.get(reaction.process.index()).and_then(|process| process.cell);
        if cell.is_none() { Expr::Constant(self.made.scale) } else { Expr::ONE }
    }

    /// Copies all reactions; of each the positions of its copies.
    fn reactions(&mut self) -> Vec<Vec<usize>> {
        let mut positions: Vec<Vec<usize>> = Vec::new();
        for reaction in &self.whole.reactions {
            let cell = self.whole.processes.get(reaction.process.index()).and_then(|process| process.cell);
            let count = cell.and_then(|cell| self.counts.get(cell.index())).copied().unwrap_or(1.0);
            let pace = self.pace(reaction);
            let mut copies = Vec::new();
            for (n, context) in self.contexts(cell).into_iter().enumerate() {
                let rate = self.read(&reaction.rate, context) * pace.clone();
                let law = self.law(&reaction.law, context, &pace, |leader| positions[leader][n]);
                let changes = reaction.stoichiometry.iter().map(|&(id, change)| {
                    let shared = self.whole.species.get(id.index()).is_some_and(|s| s.cell.is_none());
                    (self.copy_of(id, context), if shared { change / count } else { change })
                });
                let mut stoichiometry: Vec<(SpeciesId, f64)> = changes.collect();
                stoichiometry.sort_unstable_by_key(|(id, _)| *id);
                copies.push(self.made.network.reactions.len());
                let part = reaction.part.clone();
                let made = Reaction { process: reaction.process, part, law, rate, stoichiometry };
                self.made.network.reactions.push(made);
            }
            positions.push(copies);
        }
        positions
    }

    fn law(&mut self, law: &Law, context: Context, pace: &Expr, leader: impl Fn(usize) -> usize) -> Law {
        match law {
            Law::Whole => Law::Whole,
            Law::Follows { leader: whole, how } => Law::Follows { leader: leader(*whole), how: *how },
            Law::MassAction { coefficient, reactants } => {
                let mut coefficient = self.read(coefficient, context) * pace.clone();
                let mut copies = Vec::with_capacity(reactants.len());
                for &(id, count) in reactants {
                    for _ in 0..count {
                        coefficient = self.unscaled(coefficient, id);
                    }
                    copies.push((self.copy_of(id, context), count));
                }
                Law::MassAction { coefficient, reactants: copies }
            }
        }
    }

    /// A coefficient that multiplies the copies of a species here, instead of those of the whole.
    fn unscaled(&self, coefficient: Expr, id: SpeciesId) -> Expr {
        match self.made.scaled.get(id.index()) {
            Some(true) => coefficient / Expr::Constant(self.made.scale),
            _ => coefficient,
        }
    }

    fn tables(&mut self) {
        let whole = &self.whole.individuals;
        let number = |id: SpeciesId| self.made.copies(id).len() as u32;
        let mut populations = Vec::new();
        for population in &whole.populations {
            for n in 0..number(population.species) {
                let of = |id: SpeciesId| self.copy_of(id, Some((CellId(0), n)));
                populations.push(individuals::Population {
                    species: of(population.species),
                    carrier: population.carrier.map(of),
                    area: population.area.map(of),
                    ..*population
                });
            }
        }
        let mut contents = Vec::new();
        for content in &whole.contents {
            for n in 0..number(content.species) {
                let of = |id: SpeciesId| self.copy_of(id, Some((CellId(0), n)));
                let (species, carrier) = (of(content.species), of(content.carrier));
                contents.push(individuals::Content { species, carrier, ..*content });
            }
        }
        let table = &mut self.made.network.individuals;
        (table.kinds, table.cargoes) = (whole.kinds.clone(), whole.cargoes.clone());
        (table.populations, table.contents) = (populations, contents);
    }

    fn edges(&mut self, positions: &[Vec<usize>]) {
        let whole = self.whole;
        for edge in &whole.individuals.edges {
            for (context, reaction) in self.copies_of(edge.reaction, positions) {
                let pace = whole.reactions.get(edge.reaction).map_or(Expr::ONE, |reaction| self.pace(reaction));
                let principal = edge.principal.map(|id| self.copy_of(id, context));
                let weighing = edge.own.as_ref().zip(edge.principal);
                let weight = weighing.and_then(|(own, of)| self.weight(own, of, context, reaction));
                let each = match &weight {
                    Some((rest, _)) => rest.clone(),
                    None => self.read(&edge.each, context),
                };
                let mut coefficient = each.clone() * pace;
                if let Some(id) = edge.principal {
                    coefficient = self.unscaled(coefficient, id);
                }
                let number = weight.map(|(_, number)| number);
                self.lead(reaction, coefficient, principal, number);
                let fate = self.fate(&edge.fate, context);
                let made = individuals::Edge { reaction, principal, each, own: None, weight: number, fate };
                self.made.network.individuals.edges.push(made);
            }
        }
        for inner in &whole.individuals.inner {
            for (context, reaction) in self.copies_of(inner.reaction, positions) {
                let pace = whole.reactions.get(inner.reaction).map_or(Expr::ONE, |reaction| self.pace(reaction));
                let weighing = inner.own.as_ref();
                let weight = weighing.and_then(|own| self.weight(own, inner.population, context, reaction));
                let number = weight.map(|(rest, number)| {
                    let coefficient = self.unscaled(rest * pace, inner.population);
                    self.lead(reaction, coefficient, None, Some(number));
                    number
                });
                let population = self.copy_of(inner.population, context);
                let reactants = inner.reactants.iter().map(|&(id, n)| (self.copy_of(id, context), n)).collect();
                let made = individuals::Inner { reaction, population, own: None, weight: number, reactants };
                self.made.network.individuals.inner.push(made);
            }
        }
    }

    fn copies_of(&self, reaction: usize, positions: &[Vec<usize>]) -> Vec<(Context, usize)> {
        let process = self.whole.reactions.get(reaction).and_then(|r| self.whole.processes.get(r.process.index()));
        let contexts = self.contexts(process.and_then(|process| process.cell));
        contexts.into_iter().zip(positions.get(reaction).into_iter().flatten().copied()).collect()
    }

    /// Gives a leading reaction the law of single vesicles.
    fn lead(&mut self, reaction: usize, coefficient: Expr, principal: Option<SpeciesId>, weight: Option<usize>) {
        let sum = weight.and_then(|number| self.made.network.individuals.weights.get(number)).map(|weight| weight.sum);
        let Some(reaction) = self.made.network.reactions.get_mut(reaction) else { return };
        match sum.or(principal) {
            Some(by) => reaction.law = Law::MassAction { coefficient, reactants: vec![(by, 1)] },
            None => {
                reaction.law = Law::Whole;
                reaction.rate = coefficient;
            }
        }
    }

    /// A weight of its own for what depends on the vesicle, and what is left of the rate; `None` if they can't be told apart.
    fn weight(&mut self, own: &Own, population: SpeciesId, context: Context, reaction: usize) -> Option<(Expr, usize)> {
        let value = self.read(&own.value, context);
        let Some((rest, value)) = split(&value, &self.made.network) else {
            let process = self.made.network.reactions.get(reaction).map(|reaction| reaction.process.index());
            self.made.averaged.extend(process);
            return None;
        };
        let number = self.made.network.individuals.weights.len();
        let sum = SpeciesId(self.made.network.species.len() as u32);
        self.made.network.species.push(Species {
            name: format!("weight {number}"),
            kind: SpeciesKind::Condition,
            place: None,
            cell: None,
            initial: Expr::ZERO,
            fixed: false,
            unit: DisplayUnit { symbol: String::new(), factor: 1.0 },
            span: Default::default(),
        });
        let reads = own.reads.iter().map(|&id| self.copy_of(id, context)).collect();
        let population = self.copy_of(population, context);
        self.made.network.individuals.weights.push(Weight { population, value, reads, sum });
        Some((rest, number))
    }

    fn fate(&mut self, fate: &Fate, context: Context) -> Fate {
        let of = |id: SpeciesId| self.copy_of(id, context);
        match fate {
            Fate::Appear { population } => Fate::Appear { population: of(*population) },
            Fate::Move { to, host } => Fate::Move { to: of(*to), host: host.map(of) },
            Fate::Dissolve { partner, lumen, membrane_to_partner, area, contents } => Fate::Dissolve {
                partner: partner.map(of),
                lumen: *lumen,
                membrane_to_partner: *membrane_to_partner,
                area: area.map(of),
                contents: contents.iter().map(|&(from, to)| (of(from), of(to))).collect(),
            },
            Fate::Bud { population, membrane, inwards, captures } => {
                let source = |source: Source| match source {
                    Source::Place(area) => Source::Place(area.map(of)),
                    other => other,
                };
                let (population, membrane) = (of(*population), source(*membrane));
                let sources: Vec<_> = captures.iter().map(|c| (of(c.of), of(c.to), source(c.source))).collect();
                let captures = captures.iter().zip(sources).map(|(capture, (from, to, source))| {
                    Capture {
                        of: from,
                        to,
                        source,
                        on_membrane: capture.on_membrane,
                        // A bud of one cell takes as many as in the whole; of these there are fewer here.
                        enrichment: match capture.source {
                            Source::Place(_) => {
                                let enrichment = self.read(&capture.enrichment, context);
                                self.unscaled(enrichment, capture.of)
                            }
                            _ => self.read(&capture.enrichment, context),
                        },
                        room: self.read(&capture.room, context),
                    }
                });
                let captures = captures.collect();
                Fate::Bud { population, membrane, inwards: *inwards, captures }
            }
        }
    }

    fn rules_and_events(&mut self) {
        for rule in &self.whole.rate_rules {
            let cell = self.whole.species.get(rule.species.index()).and_then(|species| species.cell);
            for context in self.contexts(cell) {
                let (species, rate) = (self.copy_of(rule.species, context), self.read(&rule.rate, context));
                self.made.network.rate_rules.push(super::RateRule { species, rate, span: rule.span });
            }
        }
        for event in &self.whole.events {
            let cell = event.assignments.iter().find_map(|(target, _)| match target {
                Target::Species(id) => self.whole.species.get(id.index())?.cell,
                Target::Parameter(_) => None,
            });
            for context in self.contexts(cell) {
                let mut assignments = Vec::new();
                for (target, value) in &event.assignments {
                    let mut value = self.read(value, context);
                    let target = match target {
                        Target::Species(id) => {
                            if self.made.scaled.get(id.index()) == Some(&true) {
                                value = value * Expr::Constant(self.made.scale);
                            }
                            Target::Species(self.copy_of(*id, context))
                        }
                        parameter => *parameter,
                    };
                    assignments.push((target, value));
                }
                let (trigger, delay) = (self.read(&event.trigger, context), self.read(&event.delay, context));
                let name = event.name.clone();
                self.made.network.events.push(super::Event { name, trigger, delay, assignments, span: event.span });
            }
        }
    }
}

fn definitions_in(expr: &Expr, found: &mut Vec<DefinitionId>) {
    match expr {
        Expr::Definition(id) => found.push(*id),
        Expr::Unary(_, a) => definitions_in(a, found),
        Expr::Binary(_, a, b) => [a, b].into_iter().for_each(|part| definitions_in(part, found)),
        Expr::Select(select) => [&select.condition, &select.then, &select.otherwise]
            .into_iter()
            .for_each(|part| definitions_in(part, found)),
        _ => {}
    }
}

/// A product apart: the factors that read nothing of the vesicle itself, and those that read nothing else that varies; there what it
/// has is species 0, 1, …
fn split(expr: &Expr, network: &Network) -> Option<(Expr, Expr)> {
    match expr {
        Expr::Binary(BinaryOp::Mul, a, b) => {
            let ((rest, value), (rest_b, value_b)) = (split(a, network)?, split(b, network)?);
            Some((rest * rest_b, value * value_b))
        }
        Expr::Binary(BinaryOp::Div, a, b) => {
            let ((rest, value), (rest_b, value_b)) = (split(a, network)?, split(b, network)?);
            Some((rest / rest_b, value / value_b))
        }
        other => match reads(other, network) {
            (false, _) => Some((other.clone(), Expr::ONE)),
            (true, false) => Some((Expr::ONE, renumbered(other))),
            (true, true) => None,
        },
    }
}

/// Whether an expression reads what a vesicle has itself, and whether anything else that varies.
fn reads(expr: &Expr, network: &Network) -> (bool, bool) {
    let both = |a: (bool, bool), b: (bool, bool)| (a.0 || b.0, a.1 || b.1);
    match expr {
        Expr::Species(id) => (id.0 >= OWN, id.0 < OWN),
        Expr::Time => (false, true),
        Expr::Constant(_) | Expr::Parameter(_) => (false, false),
        Expr::Definition(id) => network.definitions.get(id.index()).map_or((false, true), |d| reads(&d.value, network)),
        Expr::Unary(_, a) => reads(a, network),
        Expr::Binary(_, a, b) => both(reads(a, network), reads(b, network)),
        Expr::Select(select) => [&select.condition, &select.then, &select.otherwise]
            .into_iter()
            .map(|part| reads(part, network))
            .fold((false, false), both),
    }
}

fn renumbered(expr: &Expr) -> Expr {
    match expr {
        Expr::Species(id) if id.0 >= OWN => Expr::Species(SpeciesId(id.0 - OWN)),
        Expr::Unary(op, a) => Expr::unary(*op, renumbered(a)),
        Expr::Binary(op, a, b) => Expr::binary(*op, renumbered(a), renumbered(b)),
        Expr::Select(select) => {
            Expr::select(renumbered(&select.condition), renumbered(&select.then), renumbered(&select.otherwise))
        }
        other => other.clone(),
    }
}
