//! How far an effect has to go: the processes between what is changed and what is read.
//!
//! A process passes an effect on from what its rates read to what they change. Everything that a rate reads counts:
//! reactants, modifiers, drugs, contents and their carriers, sizes of places, and what definitions and parameters are made
//! of; a process that carries contents along passes on whatever becomes of its carrier. A rate rule and an event are steps as
//! processes are. What modifiers compare with ([`Role::Reference`]) stays as it was, and so passes
//! nothing on.
//!
//! Invariants: a way is a shortest one; of several, that of the earlier steps. Deliberately absent: signs and sizes, which
//! only a simulation knows.

use rustc_hash::FxHashSet;

use super::plan::Change;
use super::{DefinitionId, Expr, Network, ParameterId, Role, SpeciesId, Target};

/// Something that can be changed and read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Node {
    Species(SpeciesId),
    Parameter(ParameterId),
}

/// What reads and what changes what, in a network.
#[derive(Debug)]
pub struct Ways<'a> {
    network: &'a Network,
    /// By definition: what it is made of.
    definitions: Vec<Vec<Node>>,
    steps: Vec<Step>,
    /// By species, by parameter: the steps that read it.
    by_species: Vec<Vec<u32>>,
    by_parameter: Vec<Vec<u32>>,
}

/// A reaction, a rate rule or an event.
#[derive(Debug)]
struct Step {
    kind: Kind,
    changes: Vec<Node>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// By position among the processes.
    Process(usize),
    Rule(usize),
    Event(usize),
}

impl<'a> Ways<'a> {
    pub fn new(network: &'a Network) -> Ways<'a> {
        let mut ways = Ways {
            network,
            definitions: Vec::with_capacity(network.definitions.len()),
            steps: Vec::new(),
            by_species: vec![Vec::new(); network.species.len()],
            by_parameter: vec![Vec::new(); network.parameters.len()],
        };
        for definition in &network.definitions {
            // Definitions refer to earlier ones only.
            let made_of = ways.read(&[&definition.value]);
            ways.definitions.push(made_of);
        }
        for reaction in &network.reactions {
            let changes = reaction.stoichiometry.iter().map(|(species, _)| Node::Species(*species)).collect();
            ways.step(Kind::Process(reaction.process.index()), &[&reaction.rate], changes);
        }
        for (at, rule) in network.rate_rules.iter().enumerate() {
            ways.step(Kind::Rule(at), &[&rule.rate], vec![Node::Species(rule.species)]);
        }
        for (at, event) in network.events.iter().enumerate() {
            let values = event.assignments.iter().map(|(_, value)| value);
            let read: Vec<&Expr> = [&event.trigger, &event.delay].into_iter().chain(values).collect();
            let changes = event.assignments.iter().map(|(target, _)| node(*target)).collect();
            ways.step(Kind::Event(at), &read, changes);
        }
        ways
    }

    fn step(&mut self, kind: Kind, read: &[&Expr], changes: Vec<Node>) {
        let position = self.steps.len() as u32;
        for node in self.read(read) {
            let readers = match node {
                Node::Species(id) => self.by_species.get_mut(id.index()),
                Node::Parameter(id) => self.by_parameter.get_mut(id.index()),
            };
            readers.into_iter().for_each(|readers| readers.push(position));
        }
        self.steps.push(Step { kind, changes });
    }

    /// What expressions read, each thing once, in order of first mention.
    fn read(&self, exprs: &[&Expr]) -> Vec<Node> {
        let mut found = Vec::new();
        let mut seen = FxHashSet::default();
        let mut take = |node: Node| {
            if seen.insert(node) {
                found.push(node);
            }
        };
        for expr in exprs {
            each(expr, &mut |leaf| match leaf {
                Leaf::Node(node) => take(node),
                Leaf::Definition(id) => {
                    self.definitions.get(id.index()).into_iter().flatten().for_each(|node| take(*node));
                }
            });
        }
        found
    }

    /// The names of the steps on a shortest way from any of the changes to what any of the expressions read; empty if these
    /// read what is changed, `None` if there is no way.
    pub fn shortest(&self, changes: &[&Change], read: &[&Expr]) -> Option<Vec<&'a str>> {
        let goals: FxHashSet<Node> = self.read(read).into_iter().collect();
        let mut reached = FxHashSet::default();
        // With the step that reached it, and from which of these that was.
        let mut queue: Vec<(Node, Option<(u32, usize)>)> = Vec::new();
        for node in changes.iter().flat_map(|change| changed(change)) {
            self.spread(node, None, &mut reached, &mut queue);
        }
        let mut at = 0;
        while let Some((node, _)) = queue.get(at).copied() {
            if goals.contains(&node) {
                return Some(self.way_to(at, &queue));
            }
            let readers = match node {
                Node::Species(id) => self.by_species.get(id.index()),
                Node::Parameter(id) => self.by_parameter.get(id.index()),
            };
            for step in readers.into_iter().flatten() {
                for node in self.steps.get(*step as usize).map_or(&[][..], |s| &s.changes) {
                    self.spread(*node, Some((*step, at)), &mut reached, &mut queue);
                }
            }
            at += 1;
        }
        None
    }

    /// Takes in what is changed, with the parameters and amounts that follow from it without any step.
    fn spread(
        &self,
        node: Node,
        by: Option<(u32, usize)>,
        reached: &mut FxHashSet<Node>,
        queue: &mut Vec<(Node, Option<(u32, usize)>)>,
    ) {
        if !reached.insert(node) {
            return;
        }
        queue.push((node, by));
        let Node::Parameter(changed) = node else { return };
        let follows = |value: &Expr| self.read(&[value]).contains(&Node::Parameter(changed));
        for (parameter, id) in self.network.parameters.iter().zip(0u32..).skip(changed.index() + 1) {
            if parameter.role != Role::Reference && follows(&parameter.value) {
                self.spread(Node::Parameter(ParameterId(id)), by, reached, queue);
            }
        }
        for (species, id) in self.network.species.iter().zip(0u32..) {
            if follows(&species.initial) {
                self.spread(Node::Species(SpeciesId(id)), by, reached, queue);
            }
        }
    }

    fn way_to(&self, last: usize, queue: &[(Node, Option<(u32, usize)>)]) -> Vec<&'a str> {
        let mut way = Vec::new();
        let mut at = last;
        while let Some((step, from)) = queue.get(at).and_then(|(_, by)| *by) {
            way.extend(self.steps.get(step as usize).map(|step| self.name(step.kind)));
            at = from;
        }
        way.reverse();
        way
    }

    fn name(&self, kind: Kind) -> &'a str {
        let network = self.network;
        let name = match kind {
            Kind::Process(at) => network.processes.get(at).map(|p| &p.name),
            Kind::Rule(at) => {
                let moved = network.rate_rules.get(at).and_then(|rule| network.species.get(rule.species.index()));
                moved.map(|species| &species.name)
            }
            Kind::Event(at) => network.events.get(at).map(|event| &event.name),
        };
        name.map_or("", String::as_str)
    }
}

fn node(target: Target) -> Node {
    match target {
        Target::Species(id) => Node::Species(id),
        Target::Parameter(id) => Node::Parameter(id),
    }
}

fn changed(change: &Change) -> Vec<Node> {
    match change {
        Change::Scale { species, .. } | Change::Add { species, .. } => vec![Node::Species(*species)],
        Change::Dissolve { complex, freed, .. } => {
            let freed = freed.iter().map(|(species, _)| *species);
            std::iter::once(*complex).chain(freed).map(Node::Species).collect()
        }
        Change::ScaleParameter { parameter, .. } => vec![Node::Parameter(*parameter)],
        Change::Set { target, .. } => vec![node(*target)],
        Change::Dose { concentration, latch, .. } => {
            std::iter::once(*concentration).chain(*latch).map(Node::Parameter).collect()
        }
        Change::Washout { concentration, .. } => vec![Node::Parameter(*concentration)],
    }
}

enum Leaf {
    Node(Node),
    Definition(DefinitionId),
}

fn each(expr: &Expr, visit: &mut dyn FnMut(Leaf)) {
    match expr {
        Expr::Constant(_) | Expr::Time => {}
        Expr::Species(id) => visit(Leaf::Node(Node::Species(*id))),
        Expr::Parameter(id) => visit(Leaf::Node(Node::Parameter(*id))),
        Expr::Definition(id) => visit(Leaf::Definition(*id)),
        Expr::Unary(_, a) => each(a, visit),
        Expr::Binary(_, a, b) => {
            each(a, visit);
            each(b, visit);
        }
        Expr::Select(select) => {
            [&select.condition, &select.then, &select.otherwise].into_iter().for_each(|e| each(e, visit));
        }
    }
}
