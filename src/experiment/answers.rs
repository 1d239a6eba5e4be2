//! What exact runs answer of single vesicles: shares, means, and distributions at the end.
//!
//! Invariants: a question looks at each member of its populations, in all representative cells; of no members the answer is no
//! number. Populations, contents and parameters are those of the whole network; [`Answers`] knows what they are in the one that runs.

use super::spectrum::{Counted, Grain, Spectrum};
use crate::network::questions::{Inquiry, Property};
use crate::network::sizes::{area_of, lumen_of};
use crate::network::{Network, SpeciesId};
use crate::simulate::exact::{ExactModel, Vesicles};

/// The questions of a network, ready to be asked of runs.
pub(super) struct Answers {
    questions: Vec<Asked>,
    switch: Option<usize>,
    /// Seconds.
    duration: f64,
    /// µm, of the largest vesicles.
    largest: f64,
}

struct Asked {
    populations: Vec<SpeciesId>,
    inquiry: Inquiry,
    answer: usize,
    /// The observable of a distribution.
    observable: Option<usize>,
}

impl Answers {
    pub fn new(network: &Network, exact: &ExactModel<'_>, duration: f64) -> Answers {
        let copies = |species: SpeciesId| match exact.representation() {
            Some(made) => made.copies(species).to_vec(),
            None => vec![species],
        };
        let questions = network.questions.iter().map(|question| Asked {
            populations: question.populations.iter().flat_map(|(population, _)| copies(*population)).collect(),
            inquiry: question.asked.clone(),
            answer: question.answer.index(),
            observable: question.distribution.as_ref().map(|distribution| distribution.observable),
        });
        let diameters = network.individuals.kinds.iter().map(|kind| kind.diameter);
        let largest = diameters.map(|d| d.range.map_or(d.mean + 12.0 * d.sd, |(_, high)| high)).fold(0.0, f64::max);
        let switch = network.individual.map(|switch| switch.index());
        Answers { questions: questions.collect(), switch, duration, largest }
    }

    pub fn is_empty(&self) -> bool {
        self.questions.is_empty()
    }

    /// Puts all answers where observables read them.
    pub fn give(&self, network: &Network, vesicles: &Vesicles<'_>, time: f64, parameters: &mut [f64]) {
        if let Some(slot) = self.switch.and_then(|switch| parameters.get_mut(switch)) {
            *slot = 1.0;
        }
        for asked in &self.questions {
            let (mut all, mut sum) = (0u64, 0.0);
            asked.each(network, vesicles, time, &mut |number| {
                all += 1;
                sum += match &asked.inquiry {
                    Inquiry::Share(test) => f64::from(u8::from(test.passes(number))),
                    Inquiry::Mean(property) | Inquiry::Distribution(property) => number(property),
                };
            });
            if let Some(slot) = parameters.get_mut(asked.answer) {
                *slot = if all == 0 { f64::NAN } else { sum / all as f64 };
            }
        }
    }

    /// The distributions that are among these measures.
    pub fn distributions(
        &self,
        network: &Network,
        vesicles: &Vesicles<'_>,
        time: f64,
        measures: &[usize],
    ) -> Vec<Option<Spectrum>> {
        let of = |measure: &usize| {
            let asked = self.questions.iter().find(|asked| asked.observable == Some(*measure))?;
            let Inquiry::Distribution(property) = &asked.inquiry else { return None };
            let mut counted = Counted::new(Grain::of(property, self.largest, self.duration));
            if *property == Property::Route {
                for population in &asked.populations {
                    vesicles.for_each(*population, |one| {
                        let process = vesicles.route(&one).and_then(|n| network.processes.get(usize::from(n)));
                        counted.add_route(process.map_or("there at the start", |process| process.name.as_str()));
                    });
                }
            } else {
                asked.each(network, vesicles, time, &mut |number| counted.add(number(property)));
            }
            Some(Spectrum::Counted(counted))
        };
        measures.iter().map(of).collect()
    }
}

/// What one vesicle has of each property.
type Numbers<'a> = &'a mut dyn FnMut(&Property) -> f64;

impl Asked {
    /// Shows each member, as what it has of a property.
    fn each(&self, network: &Network, vesicles: &Vesicles<'_>, time: f64, show: &mut dyn FnMut(Numbers<'_>)) {
        let table = &network.individuals;
        // Of what is carried, what the store calls it; several states of a molecule add up.
        let paths = |pools: &[SpeciesId]| {
            let mut paths: Vec<_> = (pools.iter())
                .filter_map(|pool| {
                    let content = table.contents.iter().find(|content| content.species == *pool);
                    let nested = || table.populations.iter().find(|population| population.species == *pool);
                    match content {
                        Some(content) => vesicles.cargo(content.cargo),
                        None => vesicles.nested(nested()?.kind),
                    }
                })
                .collect();
            paths.sort_unstable();
            paths.dedup();
            paths
        };
        let mut known: Vec<(Vec<SpeciesId>, Vec<_>)> = Vec::new();
        for population in &self.populations {
            vesicles.for_each(*population, |one| {
                show(&mut |property| match property {
                    Property::Diameter => one.diameter(),
                    Property::Area => area_of(one.diameter()),
                    Property::Volume => lumen_of(one.diameter()),
                    Property::Age => (time - one.birth().max(0.0)).max(0.0),
                    Property::Route => f64::NAN,
                    Property::Copies(pools) => {
                        if !known.iter().any(|(own, _)| own == pools) {
                            known.push((pools.clone(), paths(pools)));
                        }
                        let own = known.iter().find(|(own, _)| own == pools).map_or(&[][..], |(_, paths)| paths);
                        own.iter().map(|path| one.held(*path) as f64).sum()
                    }
                });
            });
        }
    }
}
