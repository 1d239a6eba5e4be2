//! Many exact runs of everything: means, standard deviations, bands, distributions over single vesicles.
//!
//! A run is kept as a member of an ensemble is: one record. Means and standard deviations are computed over the records in
//! their order, and what is counted of single vesicles is whole numbers, so results are the same bits for any number of
//! threads. Memory doesn't grow with the number of runs.
//!
//! Claims are judged on what the mean over runs says, and tried on each run by itself.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::layout::{Layout, Place};
use super::quantiles::Moments;
use super::store::{Header, Identity, Shard, Store};
use super::{EnsembleError, PROBABILITIES, Tallied, quantiles, record, spread, tally};
use crate::experiment::agenda::{Agenda, Case};
use crate::experiment::census::{Census, Roll, Rows};
use crate::experiment::course::Ran;
use crate::experiment::exact::{Prepared, mixed};
use crate::experiment::results::{
    ClaimResult, ExperimentResult, Representation, RepresentedCells, Results, RunsResult, Series, Trials as Tried,
};
use crate::experiment::spectrum::{Counted, Spectrum};
use crate::experiment::workers::work_through;
use crate::experiment::{Bench, Options, Outcome, Progress, Setting, arms, claims, outcome, reports};
use crate::hir::Hir;
use crate::simulate::exact::{ByMeans, ExactModel, ExactSettings};

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Runs {
    pub number: u64,
    pub seed: u64,
    pub settings: ExactSettings,
    /// All vesicles at the end of each run are wanted.
    pub census: bool,
}

/// Takes the vesicles that each arm of each run ends with.
pub type Taker<'t> = dyn FnMut(&Census<'_>) + Send + 't;

/// Some runs: their records, and the vesicles of each arm if they are wanted.
type Piece = (Vec<Vec<u8>>, Vec<(u64, Vec<Option<Arc<Rows>>>)>);

/// Exact runs, ready to be computed.
pub struct Trials<'a> {
    agenda: Agenda<'a>,
    options: &'a Options,
    runs: Runs,
    /// One for each bench.
    models: Vec<ExactModel<'a>>,
    rolls: Vec<Roll>,
    /// For each point of the scan, each course.
    prepared: Vec<Vec<Prepared>>,
    layout: Layout,
    /// What the mean field gives: by point and entry.
    nominal: Vec<Vec<Ran>>,
    /// Of all runs together: by point, entry and measure.
    pooled: Mutex<BTreeMap<(usize, usize, usize), Counted>>,
    /// By the code of a failure, the first run that it befell, and what there is to say of it.
    blamed: Mutex<BTreeMap<String, (u64, String)>>,
    events: AtomicU64,
    by_means: Mutex<ByMeans>,
}

impl<'a> Trials<'a> {
    /// Runs the mean field, and settles; telling `progress`.
    pub fn new(
        hir: &'a Hir,
        benches: &'a [Bench],
        options: &'a Options,
        runs: Runs,
        progress: &mut (dyn FnMut(Progress<'_>) + Send),
    ) -> Trials<'a> {
        let agenda = Agenda::new(hir, benches, options);
        let nominal = arms::run_all(&agenda, options, progress);
        let models: Vec<_> = benches.iter().map(|bench| ExactModel::new(&bench.model, &runs.settings)).collect();
        let prepare = |settings: &Vec<Setting>| {
            let courses = agenda.courses.iter().zip(&agenda.benches);
            let of = |bench: &usize| settings.get(*bench).cloned().unwrap_or_default();
            courses.map(|(course, bench)| course.prepare(&of(bench), &options.settings)).collect()
        };
        let prepared = agenda.points.iter().map(|point| prepare(&point.settings)).collect();
        let layout = Layout::of(&agenda, true);
        let rolls = models.iter().map(Roll::new).collect();
        let (pooled, blamed, by_means) = Default::default();
        let events = AtomicU64::new(0);
        Trials { models, rolls, prepared, layout, agenda, options, runs, nominal, pooled, blamed, events, by_means }
    }

    /// What the mean field gives.
    pub fn mean_field(&self, benches: &[Bench]) -> Outcome {
        outcome(&self.agenda, self.nominal.clone(), benches)
    }

    /// How events are found, for each model.
    pub fn explain(&self) -> Vec<String> {
        self.models.iter().map(ExactModel::explain).collect()
    }

    /// What is counted in vesicles, in all models.
    pub fn held(&self) -> Vec<String> {
        let mut held: Vec<String> = Vec::new();
        for name in self.rolls.iter().flat_map(|roll| &roll.held) {
            if !held.contains(name) {
                held.push(name.clone());
            }
        }
        held
    }

    /// What was not taken one by one.
    fn representation(&self) -> Representation {
        let (mut cells, mut averaged): (Vec<RepresentedCells>, Vec<String>) = (Vec::new(), Vec::new());
        for model in &self.models {
            for (name, here, all) in model.represented_cells() {
                let made = RepresentedCells { cell: name.to_owned(), here, all };
                if !cells.contains(&made) {
                    cells.push(made);
                }
            }
            averaged.extend(model.averaged().map(str::to_owned));
        }
        averaged.sort_unstable();
        averaged.dedup();
        let no_leaps = self.runs.settings.tau.is_some() && self.models.iter().any(|model| !model.may_leap());
        let by_means = self.by_means.lock().unwrap_or_else(PoisonError::into_inner);
        let uncounted = by_means.species.iter().cloned().collect();
        Representation { cells, averaged, large_numbers: by_means.numbers, uncounted, no_leaps }
    }

    /// The header of a store. `nominal`: the results of the mean field, with the same options.
    pub fn header(&self, identity: Identity, nominal: &Results) -> Header {
        let mut nominal = nominal.clone();
        self.layout.pad(&self.agenda, &mut nominal);
        Header {
            identity,
            members: self.runs.number,
            shard: Shard::WHOLE,
            block: (self.runs.number / 64).next_power_of_two().clamp(1, 64),
            uncertain: 0,
            sampling: "exact".to_owned(),
            seed: self.runs.seed,
            verdicts: self.layout.claims.len(),
            values: self.layout.values,
            nominal,
        }
    }

    /// Computes the runs, until `stop`; tells `progress` how many there are, of how many. Vesicles are handed to `taker` in the
    /// order of the runs, and of the results' arms.
    ///
    /// # Errors
    /// The store can't be written.
    pub fn run(
        &self,
        store: &mut Store,
        stop: &AtomicBool,
        progress: &mut (dyn FnMut(u64, u64) + Send),
        taker: &mut Taker<'_>,
    ) -> Result<(), EnsembleError> {
        let blocks: Vec<std::ops::Range<u64>> = store.header().blocks().collect();
        let total = store.header().slots();
        progress(0, total);
        let named = |e: &ExperimentResult| e.arms.iter().map(|a| (e.name.clone(), a.name.clone())).collect::<Vec<_>>();
        let names: Vec<_> = store.header().nominal.experiments.iter().flat_map(named).collect();
        let mut hand = |runs: Vec<(u64, Vec<Option<Arc<Rows>>>)>| {
            for (run, arms) in runs {
                for ((rows, place), (experiment, arm)) in arms.iter().zip(&self.layout.arms).zip(&names) {
                    let bench = self.agenda.entries.get(place.entry).and_then(|entry| self.agenda.bench_of(entry));
                    if let (Some(rows), Some(roll)) = (rows, bench.and_then(|bench| self.rolls.get(bench))) {
                        taker(&Census { experiment, arm, run, roll, rows });
                    }
                }
            }
        };
        // Pieces end in any order.
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        let work = |piece: usize| self.piece(blocks.get(piece).cloned().unwrap_or_default(), stop);
        let mut keep = |number: usize, (records, vesicles): Piece| {
            records.iter().try_for_each(|record| store.write(record))?;
            waiting.insert(number, vesicles);
            while let Some(vesicles) = waiting.remove(&next) {
                hand(vesicles);
                next += 1;
            }
            progress(store.finished(), total);
            Ok::<(), EnsembleError>(())
        };
        work_through(blocks.len(), self.options.threads, stop, &work, &mut keep)?;
        waiting.into_values().for_each(&mut hand);
        Ok(())
    }

    /// Some runs; fewer if it is stopped.
    fn piece(&self, runs: std::ops::Range<u64>, stop: &AtomicBool) -> Piece {
        let shape = record::Shape { verdicts: self.layout.claims.len(), values: self.layout.values };
        let (mut records, mut vesicles) = (Vec::new(), Vec::new());
        for run in runs {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let mut ran: Vec<Vec<Ran>> = (0..self.agenda.points.len()).map(|point| self.one(point, run)).collect();
            if ran.iter().flatten().any(|ran| ran.stopped) {
                break;
            }
            self.pool(&ran);
            self.blame(run, &ran);
            records.push(self.layout.record(&self.agenda, run, &ran).encode(shape));
            if self.runs.census {
                let arms = self.layout.arms.iter();
                let rows = arms.map(|place| ran.get_mut(place.point)?.get_mut(place.entry)?.vesicles.take());
                vesicles.push((run, rows.collect()));
            }
        }
        (records, vesicles)
    }

    /// One run at a point of the scan: what every entry gave.
    fn one(&self, point: usize, run: u64) -> Vec<Ran> {
        let mut given = vec![vec![Ran::default(); self.agenda.entries.len()]];
        let courses = self.agenda.courses.iter().zip(&self.agenda.benches).enumerate();
        for (number, (course, bench)) in courses {
            let prepared = self.prepared.get(point).and_then(|courses| courses.get(number));
            let (Some(prepared), Some(model)) = (prepared, self.models.get(*bench)) else { continue };
            let seed = mixed(mixed(self.runs.seed, point as u64), number as u64);
            let roll = self.rolls.get(*bench).filter(|_| self.runs.census);
            let ran = course.run_exactly(prepared, model, (seed, run), &self.runs.settings, roll);
            for by_means in ran.iter().map(|ran| &ran.by_means).filter(|by_means| **by_means != ByMeans::default()) {
                self.by_means.lock().unwrap_or_else(PoisonError::into_inner).merge(by_means);
            }
            let events: u64 = ran.iter().map(|ran| ran.statistics.events).sum();
            self.events.fetch_add(events, Ordering::Relaxed);
            self.agenda.put_course(number, vec![ran], &mut given);
        }
        given.pop().unwrap_or_default()
    }

    /// Counts the single vesicles of a run with those of the others.
    fn pool(&self, ran: &[Vec<Ran>]) {
        let places = ran.iter().enumerate().flat_map(|(point, case)| {
            let entries = case.iter().enumerate();
            entries.flat_map(move |(entry, ran)| {
                let measures = ran.distributions.iter().enumerate();
                measures.filter_map(move |(measure, spectrum)| Some(((point, entry, measure), spectrum.as_ref()?)))
            })
        });
        let counted: Vec<_> = places.collect();
        if counted.is_empty() {
            return;
        }
        // Another thread that panicked takes this one with it when the scope ends.
        let Ok(mut pooled) = self.pooled.lock() else { return };
        for (place, spectrum) in counted {
            let Spectrum::Counted(counted) = spectrum else { continue };
            match pooled.get_mut(&place) {
                Some(all) => all.merge(counted),
                None => {
                    pooled.insert(place, counted.clone());
                }
            }
        }
    }

    /// Remembers what the first run of each failure has to say.
    fn blame(&self, run: u64, ran: &[Vec<Ran>]) {
        for (entry, ran) in ran.iter().flat_map(|case| self.agenda.entries.iter().zip(case)) {
            let Some(failure) = &ran.failure else { continue };
            let Ok(mut blamed) = self.blamed.lock() else { return };
            let code = reports::code(&failure.error().problem).as_str().to_owned();
            let message = || failure.error().message(&entry.unit);
            let first = blamed.entry(code).or_insert_with(|| (run, message()));
            if run < first.0 {
                *first = (run, message());
            }
        }
    }

    /// What the runs of a store say.
    ///
    /// # Errors
    /// The store can't be read.
    pub fn summarise(&self, store: &mut Store) -> Result<Results, EnsembleError> {
        let mut results = store.header().nominal.clone();
        let moments = quantiles::moments(store)?;
        let bands = quantiles::quantiles(store, &PROBABILITIES)?;
        let pooled = self.pooled.lock().map(|pooled| pooled.clone()).unwrap_or_default();
        let experiments = results.experiments.iter_mut();
        let arms = experiments.flat_map(|e| {
            let factors: Vec<f64> = e.measures.iter().map(|m| m.unit.factor).collect();
            e.arms.iter_mut().map(move |arm| (arm, factors.clone()))
        });
        for ((arm, factors), place) in arms.zip(&self.layout.arms) {
            for (measure, series) in arm.series.iter_mut().enumerate() {
                let columns = place.columns(measure);
                let own = moments.get(columns.clone()).unwrap_or_default();
                let mut spread = spread(bands.get(columns).unwrap_or_default());
                spread.deviation = Some(own.iter().map(Moments::deviation).collect());
                let means = own.iter().map(Moments::mean).collect();
                series.beside = Some(std::mem::replace(&mut series.values, means));
                series.spread = Some(spread);
            }
            let found = distributions(&pooled, place, arm.series.len());
            let nominal = self.nominal.get(place.point).and_then(|case| case.get(place.entry));
            arm.distributions = arms::shown(&found, nominal.map_or(&[], |ran| &ran.distributions), &factors);
            arm.failure = None;
        }
        let means = self.means(&moments, &pooled);
        self.judge(store, &mut results, &means)?;
        Ok(results)
    }

    /// What every entry gave on average, without a scan.
    fn means(&self, moments: &[Moments], pooled: &BTreeMap<(usize, usize, usize), Counted>) -> Vec<Ran> {
        let mut means = vec![Ran::default(); self.agenda.entries.len()];
        for place in self.layout.arms.iter().filter(|place| place.point == 0) {
            let (Some(slot), Some(entry)) = (means.get_mut(place.entry), self.agenda.entries.get(place.entry)) else {
                continue;
            };
            let series = |measure: usize| {
                let own = moments.get(place.columns(measure)).unwrap_or_default();
                Series { values: own.iter().map(Moments::mean).collect(), ..Series::default() }
            };
            *slot = Ran {
                times: self.agenda.samples(entry).to_vec(),
                series: (0..place.measures).map(series).collect(),
                distributions: distributions(pooled, place, place.measures),
                ..Ran::default()
            };
        }
        means
    }

    /// Claims, failures and numbers.
    fn judge(&self, store: &mut Store, results: &mut Results, means: &[Ran]) -> Result<(), EnsembleError> {
        let Tallied { shares, mut failures, failed } = tally(store, results, Tried::Runs)?;
        if let Ok(blamed) = self.blamed.lock() {
            for kind in &mut failures {
                kind.first = blamed.get(&kind.code).map(|(_, message)| message.clone());
            }
        }
        let nominal = std::mem::take(&mut results.claims);
        let way = |claim: &ClaimResult| nominal.iter().find(|n| n.position == claim.position)?.way.clone();
        let mut judged = claims::evaluate(self.agenda.hir, &Case { agenda: &self.agenda, ran: means });
        for (claim, shares) in judged.iter_mut().zip(shares) {
            claim.way = way(claim);
            if shares.all() > 1 {
                claim.shares.push(shares);
            }
        }
        results.claims = judged;
        results.runs = Some(RunsResult {
            wanted: self.runs.number,
            finished: store.finished(),
            failed,
            seed: self.runs.seed,
            events: self.events.load(Ordering::Relaxed),
            failures,
            representation: self.representation(),
        });
        Ok(())
    }
}

/// What was counted of an arm, for each of its measures.
fn distributions(
    pooled: &BTreeMap<(usize, usize, usize), Counted>,
    place: &Place,
    measures: usize,
) -> Vec<Option<Spectrum>> {
    let of = |measure| pooled.get(&(place.point, place.entry, measure)).cloned().map(Spectrum::Counted);
    (0..measures).map(of).collect()
}
