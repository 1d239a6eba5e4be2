//! `exoc run FILE [EXPERIMENT]`: all arms of all experiments, and the claims.

use std::path::{Path, PathBuf};

use super::progress::Bar;
use super::terminal::Terminal;
use super::{CliError, Exit, pipeline, set};
use crate::codegen::Engine;
use crate::experiment::results::{Results, Verdict};
use crate::experiment::{self, Options, Outcome};
use crate::hir::{CheckedModel, ExperimentId};
use crate::output::{self, summary};
use crate::simulate::Settings;
use crate::source::SourceMap;

/// Run the experiments and claims of a file.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The file; `-` reads standard input.
    pub file: String,
    /// Only this experiment, and the claims about it alone.
    experiment: Option<String>,
    /// Give a parameter another value, such as `k_dock=0.1/min`, or `donor.k_dock=0.1/min` for one cell.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Write the numbers to a file, as .csv, .parquet or .json.
    #[arg(long, value_name = "FILE")]
    out: Vec<PathBuf>,
    /// Draw the measures into a file, as .svg or .png.
    #[arg(long, value_name = "FILE")]
    plot: Vec<PathBuf>,
    #[command(flatten)]
    pub accuracy: Accuracy,
    /// Say what the integrator did: steps, rejections, evaluations.
    #[arg(long)]
    stats: bool,
    /// Print nothing but errors.
    #[arg(long, short)]
    quiet: bool,
}

/// How accurately, and by what.
#[derive(clap::Args, Debug)]
pub(super) struct Accuracy {
    /// Relative tolerance of each amount.
    #[arg(long, default_value_t = 1e-6, value_name = "R", allow_negative_numbers = true)]
    rtol: f64,
    /// Absolute tolerance in copies per cell; the relative one, in copies, if not given.
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    atol: Option<f64>,
    /// Interpret the equations instead of making machine code of them; the numbers are the same.
    #[arg(long)]
    interpret: bool,
}

impl Accuracy {
    pub fn settings(&self) -> Result<Settings, CliError> {
        Ok(Settings::new(self.rtol, self.atol)?)
    }

    pub fn engine(&self) -> Engine {
        if self.interpret { Engine::Interpreter } else { Engine::Native }
    }
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
    if only.is_none() && program.experiments.is_empty() {
        let text = format!("`{}` has no experiment: add one; `exoc new NAME` writes an example", arguments.file);
        return Err(CliError::Usage(text));
    }
    let Some(values) = understand(&arguments.set, &program, &mut sources, terminal)? else { return Ok(Exit::Model) };
    let built = pipeline::networks(&program)?;
    if !arguments.quiet {
        built.iter().for_each(|built| terminal.diagnose(&built.notes, &sources));
    }
    let benches = pipeline::benches(built, &values, arguments.accuracy.engine())?;
    if let Some(reason) = benches.iter().find_map(|bench| bench.model.code().fallback()) {
        terminal.say(&format!("note: no machine code here ({reason}); the interpreter runs the model\n"));
    }
    let mut bar = Bar::new(terminal.shows_progress() && !arguments.quiet);
    let outcome = experiment::run(&program, &benches, &Options { settings, only }, &mut |p| bar.update(&p));
    bar.finish();
    terminal.diagnose(&outcome.failures, &sources);
    report(arguments, &outcome, terminal)?;
    Ok(verdict(&outcome))
}

/// Prints and writes what came of it. What can be written is written, whatever else fails.
fn report(arguments: &Arguments, outcome: &Outcome, terminal: &mut Terminal) -> Result<(), CliError> {
    let results = &outcome.results;
    let mut written = Vec::new();
    let mut refused = None;
    let outputs = arguments.out.iter().map(|path| (path, output::save(path, results)));
    let plots = arguments.plot.iter().map(|path| (path, output::save_plot(path, results)));
    for (path, done) in outputs.chain(plots) {
        match done {
            Ok(()) => written.push(path.clone()),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    if !arguments.quiet {
        terminal.print(&summary::summary(results, terminal.width(), terminal.colour()))?;
        if arguments.stats {
            terminal.print(&statistics(results))?;
        }
        terminal.print(&summary::written(&written))?;
    }
    refused.map_or(Ok(()), |error| Err(error.into()))
}

/// The exit code that results deserve.
pub(super) fn verdict(outcome: &Outcome) -> Exit {
    if !outcome.failures.is_empty() {
        Exit::Numerics
    } else if outcome.results.claims.iter().any(|claim| claim.verdict != Verdict::Holds) {
        Exit::Claim
    } else {
        Exit::Fine
    }
}

pub(super) fn named(program: &CheckedModel, name: &str) -> Result<Vec<ExperimentId>, CliError> {
    let own = || program.experiments.iter().enumerate().filter(|(_, e)| !e.synthetic);
    let found: Vec<ExperimentId> = own().filter(|(_, e)| e.name == name).map(|(i, _)| ExperimentId(i as u32)).collect();
    if found.is_empty() {
        let mut known: Vec<String> = own().map(|(_, e)| e.name.to_string()).collect();
        known.dedup();
        return Err(CliError::unknown("experiment of this file", name, known));
    }
    Ok(found)
}

pub(super) fn understand(
    given: &[String],
    program: &CheckedModel,
    sources: &mut SourceMap,
    terminal: &mut Terminal,
) -> Result<Option<Vec<set::Setting>>, CliError> {
    let mut settings = Some(Vec::new());
    for argument in given {
        match set::understand(argument, program, sources)? {
            Ok(setting) => settings.iter_mut().for_each(|all| all.push(setting.clone())),
            Err(diagnostics) => {
                terminal.diagnose(&diagnostics, sources);
                settings = None;
            }
        }
    }
    Ok(settings)
}

/// Refuses a file whose format its name doesn't say, before anything is computed for it.
pub(super) fn check_formats(paths: &[PathBuf], known: &[&str]) -> Result<(), CliError> {
    let extension = |path: &Path| path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    match paths.iter().find(|path| !known.contains(&extension(path).as_str())) {
        Some(path) => {
            let dotted: Vec<String> = known.iter().map(|k| format!(".{k}")).collect();
            let text =
                format!("`{}` doesn't say what to write: end its name in {}", path.display(), dotted.join(" or "));
            Err(CliError::Usage(text))
        }
        None => Ok(()),
    }
}

fn statistics(results: &Results) -> String {
    let mut text = String::from("Integration\n");
    for experiment in &results.experiments {
        for arm in &experiment.arms {
            let point: String =
                arm.coordinates.iter().map(|c| format!(" {}={}", c.name, c.value / c.unit.factor)).collect();
            let s = &arm.statistics;
            text.push_str(&format!(
                "  {} {}{point}: {} steps, {} rejected, {} right-hand sides, {} Jacobians, {} factorisations\n",
                experiment.name,
                arm.name,
                s.steps,
                s.rejected,
                s.rhs_evaluations,
                s.jacobian_evaluations,
                s.factorisations
            ));
        }
    }
    text
}
