//! The single vesicles that an exact run ends with, for tables of them.
//!
//! Invariants: a row for each vesicle, whether it lies in a place or in another one; what a row holds is what the vesicle has
//! directly, so that adding up rows counts nothing twice. Deliberately absent: files and formats.

use std::collections::BTreeMap;

use crate::network::{Network, SpeciesId};
use crate::simulate::exact::{ExactModel, Vesicles};

/// All vesicles at the end of one arm of one run.
#[derive(Clone, PartialEq, Debug)]
pub struct Census<'a> {
    pub experiment: &'a str,
    pub arm: &'a str,
    pub run: u64,
    pub roll: &'a Roll,
    pub rows: &'a Rows,
}

/// What the rows of a model speak of.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Roll {
    pub populations: Vec<Population>,
    /// Names of processes.
    pub routes: Vec<String>,
    /// What is counted in each: molecules, and kinds of vesicles, by name.
    pub held: Vec<String>,
    cargoes: usize,
}

/// Where vesicles may be.
#[derive(Clone, PartialEq, Debug)]
pub struct Population {
    species: SpeciesId,
    /// As elsewhere in the results: `ILV.escrt@MVB.docked@donor`.
    pub name: String,
    pub kind: String,
    pub place: String,
}

/// Equally long columns.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Rows {
    /// Told apart by it within the arm of a run.
    pub number: Vec<u32>,
    /// The number of the vesicle that it lies in.
    pub carrier: Vec<Option<u32>>,
    /// Position in [`Roll::populations`].
    pub population: Vec<u16>,
    /// µm.
    pub diameter: Vec<f32>,
    /// Seconds since it was made, or since the start of the run.
    pub age: Vec<f32>,
    /// Position in [`Roll::routes`]; `None` for those there at the start.
    pub route: Vec<Option<u16>>,
    /// For each of [`Roll::held`]: copies.
    pub held: Vec<Counts>,
}

impl Roll {
    pub(super) fn new(exact: &ExactModel<'_>) -> Roll {
        let network: &Network = exact.model().network();
        let table = &network.individuals;
        let population = |population: &crate::network::individuals::Population| Population {
            species: population.species,
            name: network.species.get(population.species.index()).map(|s| s.name.clone()).unwrap_or_default(),
            kind: table.kinds.get(population.kind).map(|kind| kind.name.clone()).unwrap_or_default(),
            place: network.places.get(population.place.index()).map(|place| place.name.clone()).unwrap_or_default(),
        };
        Roll {
            populations: table.populations.iter().map(population).collect(),
            routes: network.processes.iter().map(|process| process.name.clone()).collect(),
            held: table.cargoes.iter().chain(table.kinds.iter().map(|kind| &kind.name)).cloned().collect(),
            cargoes: table.cargoes.len(),
        }
    }

    /// All vesicles as they are at `time`, in seconds.
    pub(super) fn take(&self, vesicles: &Vesicles<'_>, time: f64) -> Rows {
        let held = (0..self.held.len()).map(|n| match n.checked_sub(self.cargoes) {
            None => vesicles.cargo(n),
            Some(kind) => vesicles.nested(kind),
        });
        let held: Vec<_> = held.collect();
        let mut rows = Rows { held: vec![Counts::default(); held.len()], ..Rows::default() };
        for (position, population) in self.populations.iter().enumerate() {
            vesicles.for_each(population.species, |one| {
                rows.number.push(one.number());
                rows.carrier.push(one.carrier());
                rows.population.push(position as u16);
                rows.diameter.push(one.diameter() as f32);
                rows.age.push((time - one.birth().max(0.0)).max(0.0) as f32);
                rows.route.push(vesicles.route(&one));
                for (column, path) in rows.held.iter_mut().zip(&held) {
                    column.push(path.map_or(0, |path| one.held(path)));
                }
            });
        }
        rows
    }
}

/// Whole numbers, most of them small.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Counts {
    /// `u32::MAX` for those that are in `large`.
    small: Vec<u32>,
    large: BTreeMap<usize, u64>,
}

impl Counts {
    fn push(&mut self, count: u64) {
        let small = u32::try_from(count).unwrap_or(u32::MAX);
        if small == u32::MAX {
            self.large.insert(self.small.len(), count);
        }
        self.small.push(small);
    }

    pub fn get(&self, row: usize) -> Option<u64> {
        let small = *self.small.get(row)?;
        Some(self.large.get(&row).copied().unwrap_or(u64::from(small)))
    }
}

impl Rows {
    pub fn len(&self) -> usize {
        self.number.len()
    }

    pub fn is_empty(&self) -> bool {
        self.number.is_empty()
    }
}
