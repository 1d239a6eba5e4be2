//! The network as a drawing: Graphviz DOT, Mermaid, or a picture laid out here.
//!
//! Invariants: places and cells are nested boxes, species nodes, each process a small node of its own between what
//! it takes and what it gives, so that modifiers (species in the rate that the process doesn't change) have
//! something to point at. Contents are drawn as their carrier: what moves with a vesicle is no edge of its own.
//! Deliberately absent: areas, definitions, rate laws; `listing` and `equations` show them.

mod dot;
mod layers;
mod layout;
mod mermaid;
mod svg;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::picture;

use std::path::Path;

use super::{OutputError, extension, write_file};
use crate::network::{Expr, Law, Network, PlaceId, PlaceKind, Reaction, SpeciesId, SpeciesKind};
use std::collections::BTreeSet;

/// Writes the network in the format of the path's extension: `.dot`, `.mmd`, `.svg` or `.png`.
pub fn save(path: &Path, network: &Network) -> Result<(), OutputError> {
    match extension(path).as_deref() {
        Some("dot" | "gv") => write_file(path, dot(network).as_bytes()),
        Some("mmd" | "mermaid") => write_file(path, mermaid(network).as_bytes()),
        Some("svg" | "png") => picture(network)?.save(path),
        _ => Err(OutputError::unknown_format(path, &["dot", "mmd", "svg", "png"])),
    }
}

/// What is drawn.
#[derive(Debug, Default)]
struct View {
    boxes: Vec<Enclosure>,
    nodes: Vec<Node>,
    steps: Vec<Step>,
}

/// A place, or a cell around its places.
#[derive(Debug)]
struct Enclosure {
    label: String,
    parent: Option<usize>,
    kind: EnclosureKind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum EnclosureKind {
    Cell,
    Volume,
    Membrane,
}

/// A species.
#[derive(Debug)]
struct Node {
    label: String,
    home: Option<usize>,
    vesicles: bool,
}

/// A process with what it takes, gives and depends on; positions of nodes.
#[derive(Debug)]
struct Step {
    label: String,
    /// The innermost box around everything it changes.
    home: Option<usize>,
    from: Vec<usize>,
    to: Vec<usize>,
    modifiers: Vec<usize>,
    reversible: bool,
}

/// What one reaction and those that follow it do to the nodes.
#[derive(Default, Clone, PartialEq, Eq)]
struct Flux {
    process: usize,
    from: BTreeSet<usize>,
    to: BTreeSet<usize>,
    modifiers: BTreeSet<usize>,
}

impl View {
    fn of(network: &Network) -> View {
        let mut builder = Builder::new(network);
        builder.enclose();
        builder.add_nodes();
        builder.add_steps();
        builder.view
    }

    /// From the outermost box to `home`.
    fn chain(&self, home: Option<usize>) -> Vec<usize> {
        let mut chain: Vec<usize> = Vec::new();
        let mut next = home;
        while let Some(at) = next.filter(|at| !chain.contains(at)) {
            chain.push(at);
            next = self.boxes.get(at).and_then(|b| b.parent);
        }
        chain.reverse();
        chain
    }

    fn common_home(&self, nodes: impl Iterator<Item = usize>) -> Option<usize> {
        let mut chains = nodes.filter_map(|n| self.nodes.get(n)).map(|node| self.chain(node.home));
        let first = chains.next()?;
        let shared = chains.fold(first, |a, b| a.iter().zip(&b).take_while(|(x, y)| x == y).map(|(x, _)| *x).collect());
        shared.last().copied()
    }
}

struct Builder<'a> {
    network: &'a Network,
    view: View,
    /// The box of each place and the node of each species.
    box_of_place: Vec<Option<usize>>,
    node_of: Vec<Option<usize>>,
}

impl<'a> Builder<'a> {
    fn new(network: &'a Network) -> Builder<'a> {
        let view = View::default();
        let (places, species) = (network.places.len(), network.species.len());
        Builder { network, view, box_of_place: vec![None; places], node_of: vec![None; species] }
    }

    /// Boxes of cells first, then of places; then each learns what it lies in.
    fn enclose(&mut self) {
        let network = self.network;
        let values = network.initial_values();
        for cell in &network.cells {
            let count = values.parameters.get(cell.count.index()).copied().unwrap_or(f64::NAN);
            let label = format!("{}: {}, {} cells", cell.name, cell.kind, super::number::number(count));
            self.view.boxes.push(Enclosure { label, parent: None, kind: EnclosureKind::Cell });
        }
        for (place, slot) in network.places.iter().zip(&mut self.box_of_place) {
            *slot = Some(self.view.boxes.len());
            let kind = if place.kind == PlaceKind::Membrane { EnclosureKind::Membrane } else { EnclosureKind::Volume };
            let label = local_name(network, &place.name, place.cell).to_owned();
            self.view.boxes.push(Enclosure { label, parent: None, kind });
        }
        for (i, place) in network.places.iter().enumerate() {
            let outer =
                place.within.last().and_then(|id| Some((self.enclosing(*id)?, network.places.get(id.index())?.cell)));
            let cell = place.cell.map(crate::network::CellId::index);
            let parent = match (outer, cell) {
                (Some((outer, of)), _) if of == place.cell => Some(outer),
                (_, Some(cell)) => Some(cell),
                (outer, None) => outer.map(|(outer, _)| outer),
            };
            if let (Some((outer, of)), Some(cell)) = (outer, cell)
                && of != place.cell
                && let Some(around) = self.view.boxes.get_mut(cell)
            {
                around.parent = Some(outer);
            }
            if let Some(own) = self.box_of_place.get(i).copied().flatten()
                && let Some(enclosure) = self.view.boxes.get_mut(own)
                && parent != Some(own)
            {
                enclosure.parent = parent;
            }
        }
    }

    fn enclosing(&self, place: PlaceId) -> Option<usize> {
        self.box_of_place.get(place.index()).copied().flatten()
    }

    fn add_nodes(&mut self) {
        for (i, species) in self.network.species.iter().enumerate() {
            let vesicles = match species.kind {
                SpeciesKind::Molecules | SpeciesKind::Condition => false,
                SpeciesKind::Vesicles => true,
                SpeciesKind::Contents { .. } | SpeciesKind::Area | SpeciesKind::Tally => continue,
            };
            let home =
                species.place.and_then(|p| self.enclosing(p)).or(species.cell.map(crate::network::CellId::index));
            let mut label = local_name(self.network, &species.name, species.cell);
            if let Some((name, place)) = label.rsplit_once('@')
                && home.and_then(|h| self.view.boxes.get(h)).is_some_and(|b| b.label == place)
            {
                label = name;
            }
            if let Some(slot) = self.node_of.get_mut(i) {
                *slot = Some(self.view.nodes.len());
            }
            self.view.nodes.push(Node { label: label.to_owned(), home, vesicles });
        }
        // Contents are where their carrier is; carriers may be contents themselves.
        for i in 0..self.node_of.len() {
            let mut at = i;
            for _ in 0..8 {
                let Some(SpeciesKind::Contents { carrier }) = self.network.species.get(at).map(|s| &s.kind) else {
                    break;
                };
                at = carrier.index();
            }
            let node = self.node_of.get(at).copied().flatten();
            if let Some(slot) = self.node_of.get_mut(i) {
                *slot = slot.or(node);
            }
        }
    }

    fn node(&self, species: SpeciesId) -> Option<usize> {
        self.node_of.get(species.index()).copied().flatten()
    }

    fn add_steps(&mut self) {
        for flux in self.fluxes() {
            let process = self.network.processes.get(flux.process);
            let label = process.map_or("", |p| local_name(self.network, &p.name, p.cell)).to_owned();
            let (from, to): (Vec<usize>, Vec<usize>) =
                (flux.from.iter().copied().collect(), flux.to.iter().copied().collect());
            let back = self
                .view
                .steps
                .iter_mut()
                .find(|s| s.label == label && s.from == to && s.to == from && !from.is_empty());
            let modifiers = flux.modifiers.iter().copied().filter(|m| !flux.from.contains(m) && !flux.to.contains(m));
            if let Some(step) = back {
                step.reversible = true;
                let known = step.modifiers.clone();
                step.modifiers.extend(modifiers.filter(|m| !known.contains(m)));
                continue;
            }
            let modifiers: Vec<usize> = modifiers.collect();
            let changed = from.iter().chain(&to).copied();
            let home = if from.is_empty() && to.is_empty() {
                self.view.common_home(modifiers.iter().copied())
            } else {
                self.view.common_home(changed)
            };
            self.view.steps.push(Step { label, home, from, to, modifiers, reversible: false });
        }
    }

    /// One flux for each reaction that doesn't follow another; equal ones of a process are one.
    fn fluxes(&self) -> Vec<Flux> {
        let reactions = &self.network.reactions;
        let mut fluxes: Vec<Flux> = Vec::new();
        let mut of_reaction: Vec<Option<usize>> = vec![None; reactions.len()];
        for (i, reaction) in reactions.iter().enumerate() {
            if !matches!(reaction.law, Law::Follows { .. }) {
                let flux = self.flux(reaction);
                let at = fluxes.iter().position(|known| *known == flux).unwrap_or(fluxes.len());
                if at == fluxes.len() {
                    fluxes.push(flux);
                }
                if let Some(slot) = of_reaction.get_mut(i) {
                    *slot = Some(at);
                }
            }
        }
        for reaction in reactions {
            if let Law::Follows { leader, .. } = reaction.law
                && let Some(flux) = of_reaction.get(leader).copied().flatten().and_then(|at| fluxes.get_mut(at))
            {
                let follower = self.flux(reaction);
                let known = |flux: &Flux, n: &usize| flux.from.contains(n) || flux.to.contains(n);
                let (from, to): (Vec<usize>, Vec<usize>) = (
                    follower.from.into_iter().filter(|n| !known(flux, n)).collect(),
                    follower.to.into_iter().filter(|n| !known(flux, n)).collect(),
                );
                flux.from.extend(from);
                flux.to.extend(to);
            }
        }
        fluxes.retain(|f| !f.from.is_empty() || !f.to.is_empty());
        fluxes
    }

    fn flux(&self, reaction: &Reaction) -> Flux {
        let mut flux = Flux { process: reaction.process.index(), ..Flux::default() };
        for &(species, change) in &reaction.stoichiometry {
            if let Some(node) = self.node(species) {
                if change < 0.0 {
                    flux.from.insert(node)
                } else {
                    flux.to.insert(node)
                };
            }
        }
        // What is on both sides is given back: a bud into a vesicle changes the vesicle's contents, not the vesicle.
        let both: Vec<usize> = flux.from.intersection(&flux.to).copied().collect();
        flux.from.retain(|n| !both.contains(n));
        flux.to.extend(both);
        self.modifiers(&reaction.rate, &mut flux.modifiers);
        flux.modifiers.retain(|n| !flux.from.contains(n) && !flux.to.contains(n));
        flux
    }

    fn modifiers(&self, expr: &Expr, found: &mut BTreeSet<usize>) {
        match expr {
            Expr::Constant(_) | Expr::Time | Expr::Parameter(_) => {}
            Expr::Species(id) => found.extend(self.node(*id)),
            Expr::Definition(id) => {
                if let Some(definition) = self.network.definitions.get(id.index()) {
                    self.modifiers(&definition.value, found);
                }
            }
            Expr::Unary(_, a) => self.modifiers(a, found),
            Expr::Binary(_, a, b) => {
                self.modifiers(a, found);
                self.modifiers(b, found);
            }
            Expr::Select(select) => {
                for part in [&select.condition, &select.then, &select.otherwise] {
                    self.modifiers(part, found);
                }
            }
        }
    }
}

/// A name without the cell's in front of it.
fn local_name<'n>(network: &Network, name: &'n str, cell: Option<crate::network::CellId>) -> &'n str {
    let prefix = cell.and_then(|c| network.cells.get(c.index())).map(|c| &c.name);
    prefix.and_then(|p| name.strip_prefix(p.as_str())?.strip_prefix('.')).unwrap_or(name)
}
