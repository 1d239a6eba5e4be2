//! `--ensemble N` and what belongs to it: what is drawn, on how many threads, where it is kept.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::CliError;
use super::progress::Bar;
use super::terminal::Terminal;
use crate::experiment::ensemble::{self, Ensemble, EnsembleError, Identity, Sampling, Shard, Store, Study};
use crate::experiment::results::Results;
use crate::network::Built;
use crate::simulate::Lanes;
use crate::source::SourceMap;

/// What is drawn.
#[derive(clap::Args, Debug)]
pub(super) struct Drawing {
    /// Run everything N times more with parameters drawn from their uncertainties: medians, bands, shares of claims.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1 << 48))]
    ensemble: Option<u64>,
    /// How the members lie in the space of the parameters: a scrambled Sobol sequence, a Latin hypercube, or at random.
    #[arg(long, value_enum, default_value = "sobol", value_name = "DESIGN", requires = "ensemble")]
    sampling: Design,
    /// Another seed gives other members, and other exact runs; the same one always the same.
    #[arg(long, default_value_t = 0, value_name = "S")]
    seed: u64,
}

/// `--sampling`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Design {
    Sobol,
    Lhs,
    Random,
}

/// How the work is spread; the numbers are the same however it is.
#[derive(clap::Args, Debug)]
pub(super) struct Spreading {
    /// Threads for scans and ensembles; all cores if not given.
    #[arg(long, value_name = "T", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Runs that a core computes together; as many as pay if not given.
    #[arg(long, value_name = "L", value_parser = ["1", "2", "8"])]
    lanes: Option<String>,
}

/// Where members are kept.
#[derive(clap::Args, Debug)]
pub(super) struct Keeping {
    /// Keep the members in a file, so that `--resume` can go on with it and `exoc merge` put shards together.
    #[arg(long, value_name = "FILE.exoens", requires = "ensemble")]
    store: Option<PathBuf>,
    /// Go on with the store if it is there.
    #[arg(long, requires = "store")]
    resume: bool,
    /// Compute only the Ith of N parts of the ensemble, into its store.
    #[arg(long, value_name = "I/N", value_parser = shard, requires = "store")]
    shard: Option<Shard>,
}

fn shard(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse::<u64>().ok()?, n.parse::<u64>().ok()?)));
    match parts {
        Some((i, n)) if (1..=n).contains(&i) => Ok(Shard { index: i - 1, of: n }),
        _ => Err("write I/N with I from 1 to N, such as 2/4".to_owned()),
    }
}

impl Drawing {
    pub fn wanted(&self) -> Option<Ensemble> {
        let sampling = match self.sampling {
            Design::Sobol => Sampling::Sobol,
            Design::Lhs => Sampling::Latin,
            Design::Random => Sampling::Random,
        };
        Some(Ensemble { members: self.ensemble?, sampling, seed: self.seed })
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What it says about the numbers.
    pub fn told(&self) -> Vec<(&'static str, String)> {
        let members = self.ensemble.unwrap_or(0).to_string();
        let design = format!("{:?}", self.sampling).to_lowercase();
        vec![("--ensemble", members), ("--sampling", design), ("--seed", self.seed.to_string())]
    }
}

impl Keeping {
    /// The store, if it stays.
    pub fn file(&self) -> Option<&Path> {
        self.store.as_deref()
    }
}

impl Spreading {
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.map_or_else(cores, usize::from)
    }

    pub fn lanes(&self) -> Lanes {
        match self.lanes.as_deref() {
            Some("1") => Lanes::One,
            Some("2") => Lanes::Two,
            Some("8") => Lanes::Eight,
            _ => Lanes::Auto,
        }
    }
}

/// Says of which uncertain numbers only the nominal value is used.
pub(super) fn tell_kept(built: &[Built], sources: &SourceMap, terminal: &mut Terminal) {
    let mut told: Vec<String> = Vec::new();
    for kept in built.iter().flat_map(|built| &built.kept) {
        let file = sources.file(kept.span.file);
        let line = file.line_column(kept.span.start as usize).line;
        let line = format!(
            "note: {} ({}:{line}) is uncertain but not drawn: it is built into the network, with its nominal value\n",
            kept.name,
            file.name()
        );
        if !told.contains(&line) {
            terminal.say(&line);
            told.push(line);
        }
    }
}

/// What an ensemble is of: the text of everything that was read, and what the command line says about the numbers.
pub(super) fn identity(sources: &SourceMap, options: Vec<(&str, String)>) -> Identity {
    let mut all: Vec<u8> = Vec::new();
    for (_, file) in sources.files() {
        all.extend(file.text().bytes());
        all.push(0);
    }
    Identity {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model: format!("{:016x}", ensemble::sum(&all)),
        options: options.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

/// What an ensemble came to.
pub(super) struct Done {
    pub results: Results,
    /// By Ctrl-C, before its end.
    pub interrupted: bool,
}

/// Computes the members of a study and sums up what there is.
pub(super) fn compute(
    study: &Study<'_>,
    identity: Identity,
    keeping: Option<&Keeping>,
    nominal: &Results,
    bar: &mut Bar,
    terminal: &mut Terminal,
) -> Result<Done, CliError> {
    let shard = keeping.and_then(|keeping| keeping.shard).unwrap_or(Shard::WHOLE);
    let header = study.header(identity, shard, nominal);
    let path = keeping.and_then(Keeping::file);
    let mut store = match path {
        None => Store::temporary(header)?,
        Some(path) if keeping.is_some_and(|keeping| keeping.resume) && path.exists() => Store::resume(path, &header)?,
        Some(path) => Store::create(path, header)?,
    };
    let stop = watch_for_interrupt();
    let computed = study.run(&mut store, stop, &mut |done, total| bar.members(done, total));
    bar.finish();
    if let Err(error) = computed {
        tell_where(path, &store, terminal);
        return Err(error.into());
    }
    store.sync()?;
    let interrupted = stop.load(Ordering::Relaxed) && store.finished() < store.header().slots();
    if interrupted {
        tell_where(path, &store, terminal);
    }
    Ok(Done { results: ensemble::summarise(&mut store)?, interrupted })
}

/// Says what a store has of an ensemble that is not complete.
fn tell_where(path: Option<&Path>, store: &Store, terminal: &mut Terminal) {
    let (done, all) = (store.finished(), store.header().slots());
    let kept = match path {
        Some(path) => format!("they are in `{}`, and the same command with `--resume` goes on", path.display()),
        None => "with `--store FILE.exoens` they would have been kept".to_owned(),
    };
    terminal.say(&format!("stopped: {done} of {all} members were computed; {kept}\n"));
}

/// Set by Ctrl-C, SIGTERM or SIGHUP, which then lets what is in work be finished; the second Ctrl-C ends the program.
pub(super) fn watch_for_interrupt() -> &'static AtomicBool {
    static STOP: AtomicBool = AtomicBool::new(false);
    // That there is no way to listen is no reason not to run.
    let _ = ctrlc::try_set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(super::Exit::Interrupted as u8));
        }
    });
    &STOP
}

impl From<EnsembleError> for CliError {
    fn from(error: EnsembleError) -> CliError {
        CliError::Ensemble(Box::new(error))
    }
}
