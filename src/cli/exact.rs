//! `--exact` and what belongs to it: many runs, event by event.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::ensemble::watch_for_interrupt;
use super::progress::Bar;
use super::terminal::Terminal;
use super::{CliError, Exit};
use crate::codegen::Engine;
use crate::diagnostics::Diagnostic;
use crate::experiment::census::Census;
use crate::experiment::ensemble::{Identity, Runs, Store, Trials};
use crate::experiment::results::Results;
use crate::experiment::{Bench, Options};
use crate::hir::CheckedModel;
use crate::network::Built;
use crate::output::CensusFile;
use crate::simulate::exact::ExactSettings;

/// What is run exactly.
#[derive(clap::Args, Debug)]
pub(super) struct Exactly {
    /// Run event by event, vesicle by vesicle, by chance, instead of the mean field.
    #[arg(long, conflicts_with = "ensemble")]
    exact: bool,
    /// How many exact runs: means, standard deviations, bands, distributions over all of them.
    #[arg(long, value_name = "N", requires = "exact", default_value_t = 1,
        value_parser = clap::value_parser!(u64).range(1..=1 << 48))]
    runs: u64,
    /// Leap over many events at once; within a leap no propensity may change by more than this share, where nothing drifts.
    #[arg(long, value_name = "SHARE", requires = "exact", num_args = 0..=1, default_missing_value = "0.03",
        require_equals = true, value_parser = share)]
    tau: Option<f64>,
    /// Let what is abundant flow as in the mean field, while the rest jumps; the relative noise that this may cost.
    #[arg(long, value_name = "SHARE", requires = "exact", num_args = 0..=1, default_missing_value = "0.03",
        require_equals = true, value_parser = share, conflicts_with = "tau")]
    hybrid: Option<f64>,
    /// Give a run up that needs more events.
    #[arg(long, value_name = "N", requires = "exact", default_value_t = ExactSettings::default().most_events)]
    max_events: u64,
    /// So many cells of the rarest type stand for all, others in proportion; otherwise one, or all if they are 16 or fewer.
    #[arg(long, value_name = "N", requires = "exact", value_parser = clap::value_parser!(u32).range(1..))]
    cells: Option<u32>,
}

/// A file of single vesicles.
#[derive(clap::Args, Debug)]
pub(super) struct Individuals {
    /// Write every vesicle that each run ends with: size, age, origin, contents (.csv, .parquet).
    #[arg(long, value_name = "FILE", requires = "exact", conflicts_with = "scan")]
    pub individuals: Option<PathBuf>,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(share),
        _ => Err("write a share between 0 and 1, such as 0.03".to_owned()),
    }
}

impl Exactly {
    pub fn wanted(&self, seed: u64, engine: Engine) -> Option<Runs> {
        let Exactly { tau, hybrid, cells, max_events: most_events, .. } = *self;
        let settings = ExactSettings { tau, hybrid, cells, most_events, engine, ..ExactSettings::default() };
        self.exact.then_some(Runs { number: self.runs, seed, settings, census: false })
    }
}

/// What building has to say; what only the mean field does not know is no matter for exact runs.
pub(super) fn notes(built: &Built, exactly: &Exactly) -> Vec<Diagnostic> {
    let of_mean_field = |note: &&Diagnostic| matches!(note.code.as_str(), "N0401" | "N0402" | "N0403");
    built.notes.iter().filter(|note| !(exactly.exact && of_mean_field(note))).cloned().collect()
}

/// What exact runs came to.
pub(super) struct Ran {
    pub results: Results,
    interrupted: bool,
}

impl Ran {
    /// The exit code that they deserve.
    pub fn exit(&self) -> Exit {
        let failed = self.results.runs.as_ref().is_some_and(|runs| runs.failed > 0);
        match (self.interrupted, failed) {
            (true, _) => Exit::Interrupted,
            (_, true) => Exit::Numerics,
            _ => super::run::judged(&self.results),
        }
    }
}

/// Runs everything as often as is wanted, and sums up what there is.
pub(super) fn compute(
    program: &CheckedModel,
    benches: &[Bench],
    options: &Options,
    (runs, identity): (Runs, Identity),
    bar: &mut Bar,
    terminal: &mut Terminal,
    individuals: Option<&Path>,
) -> Result<Ran, CliError> {
    let stop = watch_for_interrupt();
    let settings = ExactSettings { stop: Some(stop), ..runs.settings };
    let runs = Runs { census: individuals.is_some(), settings, ..runs };
    let trials = Trials::new(program, benches, options, runs, &mut |p| bar.update(&p));
    bar.finish();
    let nominal = trials.mean_field(benches);
    let mut store = Store::temporary(trials.header(identity, &nominal.results))?;
    let mut census = individuals.map(|path| CensusFile::create(path, &trials.held())).transpose()?;
    let mut refused = None;
    let mut take = |vesicles: &Census<'_>| {
        if let Some(file) = census.as_mut().filter(|_| refused.is_none()) {
            refused = file.add(vesicles).err();
        }
    };
    let computed = trials.run(&mut store, stop, &mut |done, total| bar.runs(done, total), &mut take);
    bar.finish();
    computed?;
    refused.map_or(Ok(()), Err)?;
    census.map_or(Ok(()), CensusFile::finish)?;
    let interrupted = stop.load(Ordering::Relaxed) && store.finished() < store.header().slots();
    if interrupted {
        let (done, all) = (store.finished(), store.header().slots());
        terminal.say(&format!("stopped: {done} of {all} runs were computed\n"));
    }
    Ok(Ran { results: trials.summarise(&mut store)?, interrupted })
}
