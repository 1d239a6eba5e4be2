//! `exoc test FILE…`: the claims of files, folders or the library, and whether they hold.

use super::ensemble::{self, Drawing, Spreading};
use super::exact::{self, Exactly};
use super::pipeline::{self, Given};
use super::progress::Bar;
use super::run::{Accuracy, verdict};
use super::terminal::Terminal;
use super::{CliError, Exit};
use crate::experiment::ensemble::Study;
use crate::experiment::results::{Results, Verdict};
use crate::experiment::{self, Options, Scan};
use crate::hir::experiment::{Claim, ReadingKind};
use crate::hir::{CheckedModel, ExperimentId};
use crate::output::{json, summary};

/// Run the claims of files, print a table of them; exit code 4 if one doesn't hold.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Files, folders, modules of the library such as `std.release.rab27`, or `stdlib` for all of it; `-` reads standard input.
    #[arg(required = true)]
    files: Vec<String>,
    /// Only claims about cells of this type.
    #[arg(long, value_name = "CELL")]
    cell: Option<String>,
    /// Only claims that cite this reference: a number, as 88 of `review[88]`, or a whole citation.
    #[arg(long = "ref", value_name = "REFERENCE")]
    reference: Option<String>,
    #[command(flatten)]
    exactly: Exactly,
    #[command(flatten)]
    drawing: Drawing,
    #[command(flatten)]
    spreading: Spreading,
    #[command(flatten)]
    accuracy: Accuracy,
    /// Print the claims as JSON, with the ways from what they perturb to what they read.
    #[arg(long)]
    json: bool,
    /// Print only the claims that don't hold.
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let mut worst = Exit::Fine;
    for name in &arguments.files {
        worst = worst.max(one(name, arguments, terminal)?);
    }
    Ok(worst)
}

fn one(name: &str, arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let settings = arguments.accuracy.settings()?;
    let given = Given::of(name)?;
    let (sources, program) = match pipeline::check_given(&given).admit(terminal, true) {
        Ok(admitted) => admitted,
        Err(exit) => return Ok(exit),
    };
    let chosen = chosen(arguments, &program)?;
    if chosen.is_empty() && !arguments.json {
        terminal.print(&format!("{name}: no claims\n"))?;
        return Ok(Exit::Fine);
    }
    let only = claimed(&program, &chosen);
    let built = pipeline::networks_of(&program, &only)?;
    let benches = pipeline::benches(built, &[], arguments.accuracy.engine())?;
    pipeline::tell_of_interpreter(&benches, arguments.quiet, terminal);
    let (lanes, threads) = (arguments.spreading.lanes(), arguments.spreading.threads());
    let options = Options { settings, only: Some(only), scan: Scan::default(), lanes, threads };
    if let Some(runs) = arguments.exactly.wanted(arguments.drawing.seed(), arguments.accuracy.engine()) {
        let mut bar = Bar::new(terminal.shows_progress() && !arguments.quiet);
        let identity = ensemble::identity(&sources, arguments.drawing.told());
        let mut ran = exact::compute(&program, &benches, &options, (runs, identity), &mut bar, terminal, None)?;
        ran.results.claims.retain(|claim| chosen.contains(&claim.position));
        let exit = ran.exit();
        return show(name, &given, ran.results, arguments, terminal).map(|()| exit);
    }
    let wanted = arguments.drawing.wanted();
    let study = wanted.map(|ensemble| Study::new(&program, &benches, &options, ensemble)).transpose()?;
    let mut outcome = experiment::run(&program, &benches, &options, &mut |_| {});
    terminal.diagnose(&outcome.failures, &sources);
    let asked: Vec<bool> = outcome.results.claims.iter().map(|claim| chosen.contains(&claim.position)).collect();
    let mut interrupted = false;
    if let Some(study) = study {
        let mut bar = Bar::new(terminal.shows_progress() && !arguments.quiet);
        let identity = ensemble::identity(&sources, arguments.drawing.told());
        let done = ensemble::compute(&study, identity, None, &outcome.results, &mut bar, terminal)?;
        (outcome.results, interrupted) = (done.results, done.interrupted);
    }
    let mut asked = asked.into_iter();
    outcome.results.claims.retain(|_| asked.next().unwrap_or(false));
    let exit = if interrupted { Exit::Interrupted } else { verdict(&outcome) };
    show(name, &given, outcome.results, arguments, terminal).map(|()| exit)
}

fn show(
    name: &str,
    given: &Given,
    results: Results,
    arguments: &Arguments,
    terminal: &mut Terminal,
) -> Result<(), CliError> {
    match arguments.json {
        true => terminal.print_bytes(&json::claims(&results)),
        false => print(name, given, results, arguments.quiet, terminal),
    }
}

fn print(
    name: &str,
    given: &Given,
    mut results: Results,
    quiet: bool,
    terminal: &mut Terminal,
) -> Result<(), CliError> {
    let claims = std::mem::take(&mut results.claims);
    let (all, holding) = (claims.len(), claims.iter().filter(|c| c.verdict == Verdict::Holds).count());
    let shown = claims.into_iter().filter(|c| !quiet || c.verdict != Verdict::Holds).collect();
    let table = Results { experiments: Vec::new(), claims: shown, ensemble: results.ensemble, runs: results.runs };
    if !table.claims.is_empty() {
        let colour = terminal.colour();
        let text = match given {
            Given::File(_) => summary::claims(&table, terminal.width(), colour),
            _ => summary::claim_table(&table, terminal.table_width(), colour),
        };
        terminal.print(&text)?;
    }
    terminal.print(&summary::failed(&table, terminal.width(), terminal.colour()))?;
    terminal.print(&format!("{name}: {holding} of {all} claims hold\n"))
}

/// The claims that are asked for, as positions in the program.
fn chosen(arguments: &Arguments, program: &CheckedModel) -> Result<Vec<usize>, CliError> {
    let cell_of = |claim: &Claim| claim.cell.and_then(|cell| program.groups.get(cell.index())).map(|g| g.name.as_str());
    let in_cell = |claim: &Claim| arguments.cell.is_none() || cell_of(claim) == arguments.cell.as_deref();
    let cites = |claim: &Claim| match &arguments.reference {
        None => true,
        Some(wanted) => claim.evidence.citations.iter().any(|citation| refers(citation, wanted)),
    };
    let all = || program.claims.iter().enumerate();
    let chosen: Vec<usize> = all().filter(|(_, c)| in_cell(c) && cites(c)).map(|(position, _)| position).collect();
    if let (Some(cell), true) = (&arguments.cell, chosen.is_empty()) {
        let mut known: Vec<String> = all().filter_map(|(_, claim)| cell_of(claim).map(str::to_owned)).collect();
        known.sort();
        known.dedup();
        if !known.contains(cell) {
            return Err(CliError::unknown("cell that a claim is about", cell, known));
        }
    }
    Ok(chosen)
}

/// Whether a citation is the one that is asked for, or has that number: 88 is in `review[77, 88]`.
fn refers(citation: &str, wanted: &str) -> bool {
    let numbers = citation.split_once('[').and_then(|(_, rest)| rest.strip_suffix(']'));
    citation == wanted || numbers.is_some_and(|numbers| numbers.split(',').any(|number| number.trim() == wanted))
}

/// The experiments that some claims are about: the others need not be run.
pub(super) fn claimed(program: &CheckedModel, chosen: &[usize]) -> Vec<ExperimentId> {
    let mut ids = Vec::new();
    for claim in chosen.iter().filter_map(|position| program.claims.get(*position)) {
        claim.condition.each_reading(&mut |reading| {
            if let ReadingKind::Measure { experiment, .. } | ReadingKind::Summary { experiment, .. } = reading.kind {
                ids.push(experiment);
            }
        });
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}
