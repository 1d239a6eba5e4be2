//! `exoc test FILE…`: the claims, and whether they hold.

use super::ensemble::{self, Drawing, Spreading};
use super::progress::Bar;
use super::run::{Accuracy, verdict};
use super::terminal::Terminal;
use super::{CliError, Exit, pipeline};
use crate::experiment::ensemble::Study;
use crate::experiment::results::{Results, Verdict};
use crate::experiment::{self, Options, Outcome, Scan};
use crate::hir::experiment::ReadingKind;
use crate::hir::{CheckedModel, ExperimentId};
use crate::output::summary;

/// Run the claims of files, print a table of them; exit code 4 if one doesn't hold.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The files; `-` reads standard input.
    #[arg(required = true)]
    files: Vec<String>,
    #[command(flatten)]
    drawing: Drawing,
    #[command(flatten)]
    spreading: Spreading,
    #[command(flatten)]
    accuracy: Accuracy,
    /// Print only the claims that don't hold.
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let mut worst = Exit::Fine;
    for file in &arguments.files {
        worst = worst.max(one(file, arguments, terminal)?);
    }
    Ok(worst)
}

fn one(file: &str, arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let settings = arguments.accuracy.settings()?;
    let (sources, program) = match pipeline::check(file).admit(terminal, true) {
        Ok(admitted) => admitted,
        Err(exit) => return Ok(exit),
    };
    if program.claims.is_empty() {
        terminal.print(&format!("{file}: no claims\n"))?;
        return Ok(Exit::Fine);
    }
    let built = pipeline::networks(&program)?;
    let benches = pipeline::benches(built, &[], arguments.accuracy.engine())?;
    let (lanes, threads) = (arguments.spreading.lanes(), arguments.spreading.threads());
    let options = Options { settings, only: Some(claimed(&program)), scan: Scan::default(), lanes, threads };
    let wanted = arguments.drawing.wanted();
    let study = wanted.map(|ensemble| Study::new(&program, &benches, &options, ensemble)).transpose()?;
    let mut outcome = experiment::run(&program, &benches, &options, &mut |_| {});
    terminal.diagnose(&outcome.failures, &sources);
    let mut exit = verdict(&outcome);
    if let Some(study) = study {
        let mut bar = Bar::new(terminal.shows_progress() && !arguments.quiet);
        let identity = ensemble::identity(&sources, arguments.drawing.told());
        let done = ensemble::compute(&study, identity, None, &outcome.results, &mut bar, terminal)?;
        outcome.results = done.results;
        if done.interrupted {
            exit = Exit::Interrupted;
        }
    }
    print(file, &mut outcome, arguments.quiet, terminal)?;
    Ok(exit)
}

fn print(file: &str, outcome: &mut Outcome, quiet: bool, terminal: &mut Terminal) -> Result<(), CliError> {
    let claims = std::mem::take(&mut outcome.results.claims);
    let (all, holding) = (claims.len(), claims.iter().filter(|c| c.verdict == Verdict::Holds).count());
    let shown = claims.into_iter().filter(|c| !quiet || c.verdict != Verdict::Holds).collect();
    let ensemble = outcome.results.ensemble.take();
    let table = Results { experiments: Vec::new(), claims: shown, ensemble };
    if !table.claims.is_empty() {
        terminal.print(&summary::claims(&table, terminal.width(), terminal.colour()))?;
    }
    terminal.print(&format!("{file}: {holding} of {all} claims hold\n"))
}

/// The experiments that claims are about: the others need not be run.
fn claimed(program: &CheckedModel) -> Vec<ExperimentId> {
    let mut ids = Vec::new();
    for claim in &program.claims {
        claim.condition.each_reading(&mut |reading| {
            if let ReadingKind::Measure { experiment, .. } | ReadingKind::Summary { experiment, .. } = reading.kind {
                ids.push(experiment);
            }
        });
    }
    ids
}
