//! Ensembles: all experiments under many sets of parameters, drawn from their declared uncertainties.
//!
//! A member is everything (settling, all arms, all points of a scan) under one set of parameters. Members are computed in
//! blocks, several in the lanes of a core, blocks in several threads; what is measured of each goes as a record of fixed
//! size into a [`Store`], from which medians, bands and shares are computed at the end.
//!
//! Invariants: a member's record is a function of the model, the options, the seed and its number, to the last bit, so
//! it does not matter how many threads, lanes, shards or attempts it took; memory does not grow with the number of members;
//! what is finished is kept, whatever happens to the rest.
//!
//! Deliberately absent: files named by the user (but for the store), text for people.

mod draw;
mod error;
mod layout;
mod merge;
mod quantiles;
mod record;
mod store;
mod trials;

#[cfg(test)]
mod tests;

use std::sync::atomic::AtomicBool;

pub use error::EnsembleError;
pub use merge::merge;
pub use store::{Header, Identity, Shard, Store};
pub use trials::{Runs, Trials};

pub use crate::solve::random::Sampling;

use super::agenda::Agenda;
use super::course::Pace;
use super::results::{Band, EnsembleResult, FailureKind, Results, Shares, Spread, Trials as Tried};
use super::workers::work_through;
use super::{Bench, Options, Setting};
use crate::hir::Hir;
use draw::Draws;
use layout::{Layout, code_of};

/// A sum over bytes by which a model's text is told from another.
pub fn sum(bytes: &[u8]) -> u64 {
    record::checksum(bytes)
}

/// What is to be drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ensemble {
    pub members: u64,
    pub sampling: Sampling,
    pub seed: u64,
}

/// So many runs are computed as one batch, as far as a block has them.
const RUNS_AT_ONCE: usize = 64;
/// Members of the failures of one kind that are named.
const EXAMPLES: usize = 3;
/// The ends of the bands, from the widest band in, and the median.
const PROBABILITIES: [f64; 5] = [0.05, 0.95, 0.25, 0.75, 0.5];
const BANDS: [f64; 2] = [0.9, 0.5];

/// An ensemble ready to be computed.
pub struct Study<'a> {
    agenda: Agenda<'a>,
    benches: &'a [Bench],
    options: &'a Options,
    ensemble: Ensemble,
    draws: Draws,
    layout: Layout,
}

impl<'a> Study<'a> {
    /// # Errors
    /// Nothing to draw, or more dimensions than the design has.
    pub fn new(
        hir: &'a Hir,
        benches: &'a [Bench],
        options: &'a Options,
        ensemble: Ensemble,
    ) -> Result<Study<'a>, EnsembleError> {
        let draws = Draws::new(benches, &ensemble)?;
        if draws.uncertain(benches) == 0 {
            return Err(EnsembleError::NothingUncertain);
        }
        let agenda = Agenda::new(hir, benches, options);
        let layout = Layout::of(&agenda, false);
        Ok(Study { agenda, benches, options, ensemble, draws, layout })
    }

    /// The header of a store for one shard of it. `nominal`: the results of [`run`](super::run) with the same options.
    pub fn header(&self, identity: Identity, shard: Shard, nominal: &Results) -> Header {
        let mut nominal = nominal.clone();
        self.layout.pad(&self.agenda, &mut nominal);
        Header {
            identity,
            members: self.ensemble.members,
            shard,
            block: block_of(self.ensemble.members),
            uncertain: self.draws.uncertain(self.benches),
            sampling: match self.ensemble.sampling {
                Sampling::Sobol => "Sobol",
                Sampling::Latin => "Latin hypercube",
                Sampling::Random => "random",
            }
            .to_owned(),
            seed: self.ensemble.seed,
            verdicts: self.layout.claims.len(),
            values: self.layout.values,
            nominal,
        }
    }

    /// Computes the members that a store has not yet, until `stop`; tells `progress` how many there are, of how many.
    ///
    /// # Errors
    /// The store can't be written; what was written stays.
    pub fn run(
        &self,
        store: &mut Store,
        stop: &AtomicBool,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<(), EnsembleError> {
        let missing = |block: std::ops::Range<u64>| block.filter(|m| !store.has(*m)).collect::<Vec<u64>>();
        let blocks: Vec<Vec<u64>> = store.header().blocks().map(missing).filter(|b| !b.is_empty()).collect();
        let total = store.header().slots();
        progress(store.finished(), total);
        let work = |piece: usize| self.records(blocks.get(piece).map_or(&[], |block| block));
        let mut keep = |_: usize, records: Vec<Vec<u8>>| {
            records.iter().try_for_each(|record| store.write(record))?;
            progress(store.finished(), total);
            Ok(())
        };
        work_through(blocks.len(), self.options.threads, stop, &work, &mut keep)
    }

    /// The records of members, as bytes.
    fn records(&self, members: &[u64]) -> Vec<Vec<u8>> {
        let points = self.agenda.points.len().max(1);
        let mut pace =
            Pace { settings: &self.options.settings, lanes: self.options.lanes, advanced: &mut |_: usize, _: f64| {} };
        let shape = record::Shape { verdicts: self.layout.claims.len(), values: self.layout.values };
        let mut records = Vec::with_capacity(members.len());
        for together in members.chunks((RUNS_AT_ONCE / points).max(1)) {
            let cases: Vec<Vec<Setting>> = together.iter().flat_map(|member| self.cases(*member)).collect();
            let ran = self.agenda.run(&cases, &mut pace);
            for (member, ran) in together.iter().zip(ran.chunks(points)) {
                records.push(self.layout.record(&self.agenda, *member, ran).encode(shape));
            }
        }
        records
    }

    /// A member's settings at each point of the scan.
    fn cases(&self, member: u64) -> Vec<Vec<Setting>> {
        let of = |settings: &Vec<Setting>| {
            let benches = self.benches.iter().zip(settings).enumerate();
            benches.map(|(i, (bench, set))| self.draws.setting(i, &bench.model, set, member)).collect()
        };
        self.agenda.points.iter().map(|point| of(&point.settings)).collect()
    }
}

/// Members to a block: the same for every shard and attempt.
fn block_of(members: u64) -> u64 {
    (members / 64).next_power_of_two().clamp(8, 64)
}

/// The results of a store: those with nominal parameters, with medians and bands, the shares of claims, and what failed.
///
/// # Errors
/// The store can't be read.
pub fn summarise(store: &mut Store) -> Result<Results, EnsembleError> {
    let mut results = store.header().nominal.clone();
    let columns = quantiles::quantiles(store, &PROBABILITIES)?;
    let mut columns = columns.into_iter();
    for arm in results.experiments.iter_mut().flat_map(|e| &mut e.arms) {
        let samples = arm.times.len();
        for series in &mut arm.series {
            series.spread = Some(spread(&columns.by_ref().take(samples).collect::<Vec<_>>()));
        }
    }
    let Tallied { shares, failures, failed } = tally(store, &results, Tried::Members)?;
    for (claim, shares) in results.claims.iter_mut().zip(shares) {
        claim.shares.push(shares);
    }
    let header = store.header();
    results.ensemble = Some(EnsembleResult {
        members: header.members,
        finished: store.finished(),
        failed,
        uncertain: header.uncertain,
        sampling: header.sampling.clone(),
        seed: header.seed,
        failures,
    });
    Ok(results)
}

fn spread(columns: &[Vec<f64>]) -> Spread {
    let of = |probability: usize| columns.iter().map(|c| c.get(probability).copied().unwrap_or(f64::NAN)).collect();
    let bands = BANDS.iter().enumerate();
    Spread {
        median: of(4),
        bands: bands.map(|(i, &share)| Band { share, lower: of(2 * i), upper: of(2 * i + 1) }).collect(),
        deviation: None,
    }
}

/// What the records say besides their values.
struct Tallied {
    /// Of each claim.
    shares: Vec<Shares>,
    failures: Vec<FailureKind>,
    failed: u64,
}

fn tally(store: &mut Store, results: &Results, of: Tried) -> Result<Tallied, EnsembleError> {
    let mut shares = vec![Shares::none(of); store.header().verdicts];
    let mut failures: Vec<(u32, FailureKind)> = Vec::new();
    let arms: Vec<String> = (results.experiments.iter())
        .flat_map(|e| e.arms.iter().map(move |arm| format!("{}.{}", e.name, arm.name)))
        .collect();
    let members: Vec<u64> = store.members().collect();
    for member in members {
        let Some(record) = store.record(member)? else { continue };
        shares.iter_mut().zip(&record.verdicts).for_each(|(share, verdict)| share.count(*verdict));
        let Some((number, arm, _)) = record.failure else { continue };
        let known = failures.iter().position(|(n, _)| *n == number).unwrap_or_else(|| {
            let (code, title) = code_of(number);
            failures.push((number, FailureKind { code, title, count: 0, examples: Vec::new(), first: None }));
            failures.len() - 1
        });
        if let Some((_, kind)) = failures.get_mut(known) {
            kind.count += 1;
            if kind.examples.len() < EXAMPLES {
                kind.examples.push((member + 1, arms.get(arm as usize).cloned().unwrap_or_default()));
            }
        }
    }
    failures.sort_by_key(|(number, kind)| (std::cmp::Reverse(kind.count), *number));
    let failed = failures.iter().map(|(_, kind)| kind.count).sum();
    Ok(Tallied { shares, failures: failures.into_iter().map(|(_, kind)| kind).collect(), failed })
}
