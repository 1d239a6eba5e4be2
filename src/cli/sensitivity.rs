//! `exoc sensitivity FILE`: which numbers the measures of an experiment depend on, and how much.

use std::path::PathBuf;

use super::progress::Bar;
use super::run::{Accuracy, check_formats, named, understand};
use super::terminal::Terminal;
use super::{CliError, Exit, pipeline, set};
use crate::diagnostics::{Diagnostic, nearest};
use crate::experiment::Bench;
use crate::experiment::sensitivity::{self, Number, Options, Outcome, When, every};
use crate::hir::units::Dimension;
use crate::hir::{CheckedModel, ExperimentId};
use crate::output::{self, sensitivity as shown, summary};
use crate::source::SourceMap;

/// Rank the numbers of a model by how much the measures depend on them.
///
/// A scaled sensitivity of 0.5 says: one percent more of the number, half a percent more of the measure.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The file; `-` reads standard input.
    pub file: String,
    /// Only this experiment.
    experiment: Option<String>,
    /// In this arm; in the control, or else the first, if none is named.
    #[arg(long, value_name = "NAME")]
    arm: Option<String>,
    /// Only of these measures.
    #[arg(long, value_name = "MEASURE", value_delimiter = ',')]
    of: Vec<String>,
    /// By these parameters, sizes and initial amounts, with or without their cell; by all that are declared with an
    /// uncertainty, or else by all, if none is named.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    with_respect_to: Vec<String>,
    /// When the measures are read: `final`, `mean`, or a time such as `6h`.
    #[arg(long, default_value = "final", value_name = "TIME")]
    at: String,
    /// Show so many numbers of each measure; 0 shows all.
    #[arg(long, default_value_t = 10, value_name = "N")]
    top: usize,
    /// Write and draw the sensitivities at all times of the run as well.
    #[arg(long)]
    over_time: bool,
    /// Give a parameter another value, as for `run`.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Write the numbers to a file, as .csv, .parquet or .json.
    #[arg(long, value_name = "FILE")]
    out: Vec<PathBuf>,
    /// Draw the ranking into a file, as .svg or .png.
    #[arg(long, value_name = "FILE")]
    plot: Vec<PathBuf>,
    #[command(flatten)]
    accuracy: Accuracy,
    /// Print nothing but errors.
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let settings = arguments.accuracy.settings()?;
    check_formats(&arguments.out, &["csv", "parquet", "json"])?;
    check_formats(&arguments.plot, &["svg", "png"])?;
    let (mut sources, program) = match pipeline::check(&arguments.file).admit(terminal, arguments.quiet) {
        Ok(admitted) => admitted,
        Err(exit) => return Ok(exit),
    };
    let only = arguments.experiment.as_deref().map(|name| named(&program, name)).transpose()?;
    if program.experiments.iter().all(|e| e.synthetic) {
        let text = format!("`{}` has no experiment: add one; `exoc new NAME` writes an example", arguments.file);
        return Err(CliError::Usage(text));
    }
    let when = match when(&arguments.at, &program, only.as_deref(), &mut sources)? {
        Ok(when) => when,
        Err(diagnostics) => {
            terminal.diagnose(&diagnostics, &sources);
            return Ok(Exit::Model);
        }
    };
    let Some(values) = understand(&arguments.set, &program, &mut sources, terminal)? else { return Ok(Exit::Model) };
    let built = pipeline::networks(&program)?;
    if !arguments.quiet {
        built.iter().for_each(|built| terminal.diagnose(&built.notes, &sources));
    }
    let benches = pipeline::benches(built, &values, arguments.accuracy.engine())?;
    pipeline::tell_of_interpreter(&benches, arguments.quiet, terminal);
    known_arm(arguments.arm.as_deref(), &benches, only.as_deref())?;
    known_measures(&arguments.of, &program, only.as_deref())?;
    known_numbers(&arguments.with_respect_to, &benches)?;
    let options = Options {
        settings,
        only,
        arm: arguments.arm.clone(),
        by: (!arguments.with_respect_to.is_empty()).then(|| arguments.with_respect_to.clone()),
        when,
        over_time: arguments.over_time,
    };
    let mut bar = Bar::new(terminal.shows_progress() && !arguments.quiet);
    let mut outcome = sensitivity::run(&program, &benches, &options, &mut |p| bar.update(&p));
    bar.finish();
    terminal.diagnose(&outcome.failures, &sources);
    outcome.results.iter_mut().for_each(|result| result.keep(&arguments.of));
    outcome.results.retain(|result| !result.measures.is_empty());
    report(arguments, &outcome, terminal)?;
    Ok(if outcome.failures.is_empty() { Exit::Fine } else { Exit::Numerics })
}

/// Prints and writes what came of it. What can be written is written, whatever else fails.
fn report(arguments: &Arguments, outcome: &Outcome, terminal: &mut Terminal) -> Result<(), CliError> {
    let results = &outcome.results;
    let (top, over_time) = (if arguments.top == 0 { usize::MAX } else { arguments.top }, arguments.over_time);
    let mut written = Vec::new();
    let mut refused = None;
    let outputs = arguments.out.iter().map(|path| (path, output::save_sensitivities(path, results, over_time)));
    let plots = arguments.plot.iter().map(|path| (path, output::save_sensitivity_plot(path, results, top, over_time)));
    for (path, done) in outputs.chain(plots) {
        match done {
            Ok(()) => written.push(path.clone()),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    if !arguments.quiet {
        terminal.print(&shown::summary(results, top, terminal.width(), terminal.colour()))?;
        terminal.print(&summary::written(&written))?;
    }
    refused.map_or(Ok(()), |error| Err(error.into()))
}

/// `final`, `mean`, or a time within every experiment asked for.
fn when(
    at: &str,
    program: &CheckedModel,
    only: Option<&[ExperimentId]>,
    sources: &mut SourceMap,
) -> Result<Result<When, Vec<Diagnostic>>, CliError> {
    match at.trim() {
        "final" | "end" => return Ok(Ok(When::End)),
        "mean" | "mean over time" => return Ok(Ok(When::Mean)),
        _ => {}
    }
    let wrong =
        || CliError::Usage(format!("`--at {at}`: write `final`, `mean`, or a time with its unit, such as `6h`"));
    if !at.trim_start().starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Err(wrong());
    }
    let time = match set::value("--at", at, Dimension::TIME, sources) {
        Ok(time) => time.ok_or_else(wrong)?,
        Err(diagnostics) => return Ok(Err(diagnostics)),
    };
    let experiments = program.experiments.iter().enumerate();
    let mut asked = experiments
        .filter(|(i, e)| only.map_or(!e.synthetic, |only| only.iter().any(|id| id.index() == *i)))
        .map(|(_, e)| e);
    let beyond = asked.find(|e| set::number(&e.duration.expr).is_some_and(|duration| time > duration * (1.0 + 1e-9)));
    match beyond {
        Some(experiment) => Err(CliError::Usage(format!(
            "`--at {at}`: `{}` ends before that; choose a time within it",
            experiment.name
        ))),
        None => Ok(Ok(When::At(time))),
    }
}

fn planned<'b>(
    benches: &'b [Bench],
    only: Option<&'b [ExperimentId]>,
) -> impl Iterator<Item = &'b crate::network::plan::Plan> {
    let wanted = move |id: ExperimentId| only.is_none_or(|only| only.contains(&id));
    benches.iter().flat_map(|bench| &bench.plans).filter(move |plan| wanted(plan.experiment))
}

fn known_arm(arm: Option<&str>, benches: &[Bench], only: Option<&[ExperimentId]>) -> Result<(), CliError> {
    let Some(arm) = arm else { return Ok(()) };
    let mut known: Vec<String> =
        planned(benches, only).flat_map(|plan| &plan.arms).map(|arm| arm.name.clone()).collect();
    known.dedup();
    if known.iter().any(|name| name == arm) { Ok(()) } else { Err(CliError::unknown("arm of this file", arm, known)) }
}

fn known_measures(asked: &[String], program: &CheckedModel, only: Option<&[ExperimentId]>) -> Result<(), CliError> {
    let experiments = program.experiments.iter().enumerate();
    let experiments =
        experiments.filter(|(i, e)| only.map_or(!e.synthetic, |only| only.iter().any(|id| id.index() == *i)));
    let mut known: Vec<String> = Vec::new();
    for measure in experiments.flat_map(|(_, e)| &e.measures) {
        let name = measure.label.clone().unwrap_or_else(|| measure.name.to_string());
        if !known.contains(&name) {
            known.push(name);
        }
    }
    match asked.iter().find(|name| !known.contains(name)) {
        Some(name) => Err(CliError::unknown("measure of this file", name, known)),
        None => Ok(()),
    }
}

fn known_numbers(asked: &[String], benches: &[Bench]) -> Result<(), CliError> {
    if asked.is_empty() {
        return Ok(());
    }
    let all: Vec<Number> = benches.iter().flat_map(|bench| every(&bench.model, &bench.set)).collect();
    let Some(unknown) = asked.iter().find(|name| !all.iter().any(|n| n.is_called(name))) else { return Ok(()) };
    // People leave out the cell: names are compared with and without it.
    let short = |name: &'_ str| name.rsplit('.').next().unwrap_or(name).to_owned();
    let names: Vec<String> = all.iter().flat_map(|n| [n.name.clone(), short(&n.name)]).collect();
    let text = match nearest(unknown, names.iter().map(String::as_str)) {
        Some(near) => {
            format!("`--with-respect-to {unknown}`: there is no such number; did you mean `{near}`?")
        }
        None => {
            format!("`--with-respect-to {unknown}`: there is no such number; `exoc check --evidence` lists them")
        }
    };
    Err(CliError::Usage(text))
}
