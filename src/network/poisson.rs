//! Whether a content of vesicles is a Poisson number in each of them, by theory.
//!
//! A bud captures a Poisson number of copies about a mean that goes with its size. What is only carried along afterwards stays
//! that number. So the copies of a pool are Poisson, given the size, if on all ways to it every vesicle was made by one
//! process, which captured them, and nothing but moves of whole vesicles happened since. (The concentration captured from
//! must have been the same for all; that the caller says.)

use super::{Following, Law, Network, ProcessId, Reaction, SpeciesId, SpeciesKind};

/// See the module.
pub(super) fn is_poisson(network: &Network, pool: SpeciesId) -> bool {
    let mut seen = vec![pool];
    let mut makers: Vec<ProcessId> = Vec::new();
    let mut next = 0;
    while let Some(&pool) = seen.get(next) {
        next += 1;
        let Some(SpeciesKind::Contents { carrier }) = network.species.get(pool.index()).map(|s| s.kind.clone()) else {
            return false;
        };
        let empty =
            |species: SpeciesId| network.species.get(species.index()).is_some_and(|s| s.initial.is_constant(0.0));
        if !empty(pool) || !empty(carrier) || network.rate_rules.iter().any(|rule| rule.species == pool) {
            return false;
        }
        for reaction in network.reactions.iter().filter(|reaction| change(reaction, pool) != 0.0) {
            let Law::Follows { leader, how } = reaction.law else { return false };
            if change(reaction, pool) < 0.0 {
                continue;
            }
            let Some(from) = source(reaction) else { return false };
            match how {
                Following::Captured => makers.push(reaction.process),
                Following::Carried => {
                    let Some(SpeciesKind::Contents { carrier: before }) =
                        network.species.get(from.index()).map(|s| s.kind.clone())
                    else {
                        return false;
                    };
                    if !moves(network, leader, before, carrier) {
                        return false;
                    }
                    if !seen.contains(&from) {
                        seen.push(from);
                    }
                }
            }
        }
        makers.extend(born(network, carrier));
    }
    makers.sort_unstable();
    makers.dedup();
    makers.len() <= 1
}

fn change(reaction: &Reaction, species: SpeciesId) -> f64 {
    reaction.stoichiometry.iter().find(|(id, _)| *id == species).map_or(0.0, |(_, change)| *change)
}

/// What a follower takes from.
fn source(reaction: &Reaction) -> Option<SpeciesId> {
    reaction.stoichiometry.iter().find(|(_, change)| *change < 0.0).map(|(id, _)| *id)
}

/// Whether one firing brings vesicles of one population into another.
fn moves(network: &Network, leader: usize, from: SpeciesId, to: SpeciesId) -> bool {
    let together = network.reactions.iter().enumerate().filter(|(index, reaction)| {
        *index == leader || matches!(reaction.law, Law::Follows { leader: own, .. } if own == leader)
    });
    let mut together = together.map(|(_, reaction)| reaction);
    together.any(|reaction| change(reaction, from) < 0.0 && change(reaction, to) > 0.0)
}

/// The processes by which vesicles come into a population that were in none before.
fn born(network: &Network, population: SpeciesId) -> impl Iterator<Item = ProcessId> {
    let gains = network.reactions.iter().filter(move |reaction| change(reaction, population) > 0.0);
    gains.filter(|reaction| source(reaction).is_none_or(|from| !is_population(network, from))).map(|r| r.process)
}

fn is_population(network: &Network, species: SpeciesId) -> bool {
    match network.species.get(species.index()).map(|s| &s.kind) {
        Some(SpeciesKind::Vesicles) => true,
        // Carried vesicles are contents too; molecules never become vesicles.
        Some(SpeciesKind::Contents { .. }) => true,
        _ => false,
    }
}
