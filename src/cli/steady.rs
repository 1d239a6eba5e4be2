//! `exoc steady FILE [EXPERIMENT]`: where models come to rest, and whether they stay there.

use std::path::PathBuf;

use super::run::{Accuracy, check_formats, named, understand};
use super::terminal::Terminal;
use super::{CliError, Exit, compile, pipeline};
use crate::experiment::steady::{RestOptions, RestOutcome, rest};
use crate::output::{self, summary};

/// Find the steady states of a file's models, or of an experiment's arms.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The file; `-` reads standard input.
    file: String,
    /// The arms of this experiment, with what is done to them at the start, instead of the models alone.
    experiment: Option<String>,
    /// Only this model.
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Hold nothing but what is `fixed`: otherwise places outside the cells, and what only piles up, stay as they are.
    #[arg(long)]
    whole: bool,
    /// Give a parameter, an initial amount or the size of a place another value, such as `k_dock=0.1/min`,
    /// `donor.k_dock=0.1/min` for one cell, or `Rab27a=2 fold`.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Write the numbers to a file, as .csv or .json.
    #[arg(long, value_name = "FILE")]
    out: Vec<PathBuf>,
    #[command(flatten)]
    accuracy: Accuracy,
    /// Say what it took: steps, corrections, evaluations.
    #[arg(long)]
    stats: bool,
    /// Print nothing but errors.
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let settings = arguments.accuracy.settings()?;
    check_formats(&arguments.out, &["csv", "json"])?;
    let (mut sources, program) = match pipeline::check(&arguments.file).admit(terminal, arguments.quiet) {
        Ok(admitted) => admitted,
        Err(exit) => return Ok(exit),
    };
    let experiments = arguments.experiment.as_deref().map(|name| named(&program, name)).transpose()?;
    let Some(values) = understand(&arguments.set, &program, &mut sources, terminal)? else { return Ok(Exit::Model) };
    let built = pipeline::networks(&program)?;
    if built.is_empty() || arguments.model.is_some() {
        compile::chosen(&built, arguments.model.as_deref())?;
    }
    let benches = pipeline::benches(built, &values, arguments.accuracy.engine())?;
    pipeline::tell_of_interpreter(&benches, arguments.quiet, terminal);
    let options = RestOptions { settings, experiments, model: arguments.model.clone(), whole: arguments.whole };
    let outcome = rest(&program, &benches, &options);
    terminal.diagnose(&outcome.failures, &sources);
    report(arguments, &outcome, terminal)?;
    Ok(if outcome.failures.is_empty() { Exit::Fine } else { Exit::Numerics })
}

/// Prints and writes what was found. What can be written is written, whatever else fails.
fn report(arguments: &Arguments, outcome: &RestOutcome, terminal: &mut Terminal) -> Result<(), CliError> {
    let mut written = Vec::new();
    let mut refused = None;
    for path in &arguments.out {
        match output::steady::save(path, &outcome.states) {
            Ok(()) => written.push(path.clone()),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    if !arguments.quiet {
        let (width, colour) = (terminal.width(), terminal.colour());
        terminal.print(&summary::steady(&outcome.states, arguments.stats, width, colour))?;
        terminal.print(&summary::written(&written))?;
    }
    refused.map_or(Ok(()), |error| Err(error.into()))
}
