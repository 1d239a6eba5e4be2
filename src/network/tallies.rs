//! Counts of what becomes of vesicles: `share of V that reach P`.
//!
//! A vesicle of the class comes to a place when what carries it sets it free there, when it crosses into it, or when it
//! fuses with it; it is lost when it vanishes otherwise. Where vesicles have come to, they are past that: what happens to
//! exosomes in the medium, or to vesicles in a lysosome, is no second end, unless they are taken up again. The share is of the
//! ends since the start of the run, and at the start itself of the fluxes.
//!
//! Invariants: a tally is a state variable that only grows, by the stoichiometry of the reactions that it counts, and on
//! which no rate depends; reactions are changed once for each question, after all of them are written.

use super::build::{Builder, Result};
use super::lower::Context;
use super::pools::{Container, Key, What};
use super::{Expr, PlaceId, ProcessId, SpeciesId, SpeciesKind};
use crate::hir::{self, CompartmentId, Entity, Location, Partner, ProcessKind, ScopeId};
use crate::source::Span;

/// A count for the exact simulation: so many more for each vesicle of `population` that this reaction takes away.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tally {
    /// Position in [`Network::reactions`](super::Network::reactions): a leader, or one that follows it.
    pub reaction: usize,
    pub population: SpeciesId,
    pub count: SpeciesId,
    /// Cells that each vesicle stands for.
    pub weight: f64,
}

/// The end of some vesicles.
struct End {
    reaction: usize,
    population: SpeciesId,
    /// Vesicles for each firing, in all cells.
    weight: f64,
    there: bool,
}

impl<'h> Builder<'h> {
    /// The share of a class that reaches a place.
    pub(super) fn reaching(
        &mut self,
        of: &hir::Pool,
        place: CompartmentId,
        scope: Option<ScopeId>,
        context: Context,
    ) -> Result<Expr> {
        let Entity::Vesicle(class) = of.what else { return Ok(Expr::ZERO) };
        let members = self.find(&hir::Pool { at: vec![Location::Anywhere], ..of.clone() }, context.view);
        let ends = self.ends(class, &members, place, scope.or(of.scope));
        let name = self.hir.vesicles.get(class.index()).map(|v| v.name.to_string()).unwrap_or_default();
        let target = self.hir.compartments.get(place.index()).map(|c| c.name.to_string()).unwrap_or_default();
        let there = self.tally(format!("{name} that reached {target}"), of.span, ends.iter().filter(|end| end.there));
        let all = self.tally(format!("{name} that came to an end"), of.span, ends.iter());
        let flux = |end: &End| {
            let rate = self.network.reactions.get(end.reaction).map_or(Expr::ZERO, |r| r.rate.clone());
            Expr::Constant(end.weight) * rate
        };
        let fluxes =
            Expr::sum(ends.iter().filter(|end| end.there).map(flux)).over_positive(Expr::sum(ends.iter().map(flux)));
        let some = Expr::binary(hir::BinaryOp::Less, Expr::ZERO, Expr::Species(all));
        Ok(Expr::select(some, Expr::Species(there) / Expr::Species(all), fluxes))
    }

    /// A state variable that counts these ends.
    fn tally<'e>(&mut self, name: String, span: Span, ends: impl Iterator<Item = &'e End>) -> SpeciesId {
        let count = self.state_variable(name, SpeciesKind::Tally, Expr::ZERO, span);
        if let Some(species) = self.network.species.get_mut(count.index()) {
            species.unit = super::pools::copies();
        }
        for end in ends {
            let Some(reaction) = self.network.reactions.get_mut(end.reaction) else { continue };
            let own = reaction.stoichiometry.iter().find(|(id, _)| *id == end.population).map(|(_, n)| n.abs());
            match reaction.stoichiometry.iter_mut().find(|(id, _)| *id == count) {
                Some((_, change)) => *change += end.weight,
                None => reaction.stoichiometry.push((count, end.weight)),
            }
            let weight = own.filter(|own| *own > 0.0).map_or(end.weight, |own| end.weight / own);
            self.network.tallies.push(Tally { reaction: end.reaction, population: end.population, count, weight });
        }
        count
    }

    fn ends(
        &self,
        class: hir::VesicleId,
        members: &[SpeciesId],
        place: CompartmentId,
        scope: Option<ScopeId>,
    ) -> Vec<End> {
        let is_target = |at: PlaceId| {
            self.is_compartment(at, place)
                && scope.is_none_or(|s| self.place_scope(at) == s || self.place_scope(at) == ScopeId(0))
        };
        let within = |species: SpeciesId| self.pools.key(species).map(|key| key.within);
        let moves: Vec<(usize, SpeciesId, f64, Option<SpeciesId>)> = (self.network.reactions.iter().enumerate())
            .flat_map(|(index, reaction)| {
                let changes = &reaction.stoichiometry;
                let to = changes.iter().find(|(id, n)| *n > 0.0 && self.is_of(*id, class)).map(|(id, _)| *id);
                let from = changes.iter().filter(|(id, n)| *n < 0.0 && members.contains(id));
                from.map(move |(id, n)| (index, *id, -n, to)).collect::<Vec<_>>()
            })
            .collect();
        // Where they are set free, or have crossed to, they have come to a place.
        let arrived: Vec<SpeciesId> = moves
            .iter()
            .filter_map(|(_, from, _, to)| {
                let (before, after) = (within(*from)?, within((*to)?)?);
                (matches!(after, Container::Place(_)) && before != after).then_some((*to)?)
            })
            .collect();
        let mut ends = Vec::new();
        for (reaction, from, number, to) in moves {
            if arrived.contains(&from) {
                continue;
            }
            let there = match to {
                Some(to) if !arrived.contains(&to) => continue,
                Some(to) => matches!(within(to), Some(Container::Place(at)) if is_target(at)),
                None => self.fused_with(reaction).is_some_and(&is_target),
            };
            let cells = self.pools.root(from).map_or(1.0, |root| self.count(self.place_scope(root)));
            ends.push(End { reaction, population: from, weight: number * cells, there });
        }
        ends
    }

    fn is_of(&self, species: SpeciesId, class: hir::VesicleId) -> bool {
        matches!(self.pools.key(species), Some(Key { what: What::Vesicle(own, _), .. }) if own == class)
    }

    /// The place that vesicles of a population fuse with by this reaction, if that is what it does to them.
    fn fused_with(&self, reaction: usize) -> Option<PlaceId> {
        let reaction = self.network.reactions.get(reaction)?;
        if let super::Law::Follows { .. } = reaction.law {
            return None;
        }
        let own = |(_, made): &(&(ScopeId, hir::ProcessId), &ProcessId)| **made == reaction.process;
        let (scope, id) = self.processes.iter().find(own).map(|(key, _)| *key)?;
        let ProcessKind::Fuse { with, .. } = &self.hir.processes.get(id.index())?.kind else { return None };
        match with {
            Partner::Membrane(id) | Partner::Volume(id) => self.place(scope, *id).ok(),
            Partner::Vesicle(_) => None,
        }
    }
}
