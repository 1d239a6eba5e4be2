//! `exoc run FILE [EXPERIMENT]`: all arms of all experiments, and the claims.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::ensemble::{self, Drawing, Keeping, Spreading};
use super::exact::{self, Exactly, Individuals};
use super::progress::Bar;
use super::terminal::Terminal;
use super::{CliError, Exit, pipeline, scan, set};
use crate::codegen::Engine;
use crate::experiment::ensemble::Study;
use crate::experiment::results::{Results, Statistics, Verdict};
use crate::experiment::{self, Options, Outcome};
use crate::hir::{CheckedModel, ExperimentId};
use crate::output::{self, summary};
use crate::simulate::Settings;
use crate::solve::Method;
use crate::source::SourceMap;

/// Run the experiments and claims of a file.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The file; `-` reads standard input.
    pub file: String,
    /// Only this experiment, and the claims about it alone.
    experiment: Option<String>,
    /// Give a parameter, an initial amount or the size of a place another value, such as `k_dock=0.1/min`,
    /// `donor.k_dock=0.1/min` for one cell, or `Rab27a=2 fold`.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Write the numbers to a file, as .csv, .parquet or .json.
    #[arg(long, value_name = "FILE")]
    out: Vec<PathBuf>,
    /// Draw the measures into a file, as .svg or .png.
    #[arg(long, value_name = "FILE")]
    plot: Vec<PathBuf>,
    /// Run everything for several values of what can be set: `k=0.01..1/min:log:50`, `k=0..10:lin:11` or `k=1,2,5/min`; for
    /// all combinations if given several times.
    #[arg(long, value_name = "NAME=VALUES")]
    scan: Vec<String>,
    #[command(flatten)]
    exactly: Exactly,
    #[command(flatten)]
    individuals: Individuals,
    #[command(flatten)]
    drawing: Drawing,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    spreading: Spreading,
    #[command(flatten)]
    pub accuracy: Accuracy,
    /// Say what the integrator did: steps, evaluations, factorisations, the methods and why they were changed, the time in
    /// each.
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
    /// Which method integrates.
    #[arg(long, value_enum, default_value_t, value_name = "METHOD")]
    method: Integration,
}

/// The methods of integration, as named on the command line.
#[derive(clap::ValueEnum, Clone, Copy, Default, Debug)]
enum Integration {
    /// Explicit until the model shows itself to be stiff; then `bdf` if it is large or the tolerance tight, else `rosenbrock`.
    #[default]
    Auto,
    /// Runge-Kutta of order 5, by Tsitouras: for models that are not stiff.
    Explicit,
    /// Rodas5P, an implicit one-step method: for stiff models that are small, or often interrupted by doses and events.
    Rosenbrock,
    /// Differentiation formulas of orders 1 to 5: for stiff models that are large, and for tight tolerances.
    Bdf,
}

impl Accuracy {
    pub fn settings(&self) -> Result<Settings, CliError> {
        let mut settings = Settings::new(self.rtol, self.atol)?;
        settings.method = match self.method {
            Integration::Auto => Method::Auto,
            Integration::Explicit => Method::Explicit,
            Integration::Rosenbrock => Method::Stiff,
            Integration::Bdf => Method::Multistep,
        };
        Ok(settings)
    }

    /// What it says about the numbers.
    pub fn told(&self) -> Vec<(&'static str, String)> {
        let atol = self.atol.map_or_else(|| "as --rtol".to_owned(), |atol| format!("{atol:e}"));
        vec![("--rtol", format!("{:e}", self.rtol)), ("--atol", atol)]
    }

    pub fn engine(&self) -> Engine {
        if self.interpret { Engine::Interpreter } else { Engine::Native }
    }
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let mut settings = arguments.accuracy.settings()?;
    settings.timed = arguments.stats && arguments.drawing.wanted().is_none();
    check_formats(&arguments.out, &["csv", "parquet", "json"])?;
    check_formats(arguments.individuals.individuals.as_slice(), &["csv", "parquet"])?;
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
    let identity = ensemble::identity(&sources, told(arguments));
    let values = understand(&arguments.set, &program, &mut sources, terminal)?;
    let scans = understand_all(&arguments.scan, scan::understand, &program, &mut sources, terminal)?;
    let (Some(values), Some(scans)) = (values, scans) else { return Ok(Exit::Model) };
    let built = pipeline::networks(&program)?;
    set::all_known("--scan", scans.iter().filter_map(scan::Scanned::first), &built)?;
    if !arguments.quiet {
        built.iter().for_each(|built| terminal.diagnose(&exact::notes(built, &arguments.exactly), &sources));
        if arguments.drawing.wanted().is_some() {
            ensemble::tell_kept(&built, &sources, terminal);
        }
    }
    let benches = pipeline::benches(built, &values, arguments.accuracy.engine())?;
    pipeline::tell_of_interpreter(&benches, arguments.quiet, terminal);
    let scan = scan::grid(&scans, &values, &benches)?;
    let (lanes, threads) = (arguments.spreading.lanes(), arguments.spreading.threads());
    let options = Options { settings, only, scan, lanes, threads };
    if let Some(runs) = arguments.exactly.wanted(arguments.drawing.seed(), arguments.accuracy.engine()) {
        let mut bar = Bar::new(terminal.shows_progress() && !arguments.quiet);
        let file = arguments.individuals.individuals.as_deref();
        let ran = exact::compute(&program, &benches, &options, (runs, identity), &mut bar, terminal, file)?;
        report(arguments, &ran.results, terminal)?;
        return Ok(ran.exit());
    }
    let wanted = arguments.drawing.wanted();
    let study = wanted.map(|ensemble| Study::new(&program, &benches, &options, ensemble)).transpose()?;
    let mut bar = Bar::new(terminal.shows_progress() && !arguments.quiet);
    let mut outcome = experiment::run(&program, &benches, &options, &mut |p| bar.update(&p));
    bar.finish();
    terminal.diagnose(&outcome.failures, &sources);
    let mut interrupted = false;
    if let Some(study) = study {
        let done = ensemble::compute(&study, identity, Some(&arguments.keeping), &outcome.results, &mut bar, terminal)?;
        (outcome.results, interrupted) = (done.results, done.interrupted);
    }
    report(arguments, &outcome.results, terminal)?;
    Ok(if interrupted { Exit::Interrupted } else { verdict(&outcome) })
}

/// What the command line says about the numbers of an ensemble.
fn told(arguments: &Arguments) -> Vec<(&'static str, String)> {
    let mut told = arguments.drawing.told();
    told.extend(arguments.accuracy.told());
    told.push(("--set", arguments.set.join(" ")));
    told.push(("--scan", arguments.scan.join(" ")));
    told.push(("the experiment", arguments.experiment.clone().unwrap_or_else(|| "all".to_owned())));
    told
}

/// Prints and writes what came of it. What can be written is written, whatever else fails.
fn report(arguments: &Arguments, results: &Results, terminal: &mut Terminal) -> Result<(), CliError> {
    let (mut written, refused) = write_files(&arguments.out, &arguments.plot, results);
    written.extend(arguments.individuals.individuals.clone());
    written.extend(arguments.keeping.file().map(Path::to_path_buf));
    if !arguments.quiet {
        terminal.print(&summary::summary(results, terminal.width(), terminal.colour()))?;
        if arguments.stats {
            terminal.print(&statistics(results))?;
        }
        terminal.print(&summary::written(&written))?;
    }
    refused.map_or(Ok(()), |error| Err(error.into()))
}

/// Writes all that can be written; which files, and why another could not be.
pub(super) fn write_files(
    out: &[PathBuf],
    plot: &[PathBuf],
    results: &Results,
) -> (Vec<PathBuf>, Option<output::OutputError>) {
    let mut written = Vec::new();
    let mut refused = None;
    let outputs = out.iter().map(|path| (path, output::save(path, results)));
    let plots = plot.iter().map(|path| (path, output::save_plot(path, results)));
    for (path, done) in outputs.chain(plots) {
        match done {
            Ok(()) => written.push(path.clone()),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    (written, refused)
}

/// The exit code that results deserve.
pub(super) fn verdict(outcome: &Outcome) -> Exit {
    if outcome.failures.is_empty() { judged(&outcome.results) } else { Exit::Numerics }
}

/// The same of results that did not fail: by what claims say of the model as declared.
pub(super) fn judged(results: &Results) -> Exit {
    let failed = results.experiments.iter().flat_map(|e| &e.arms).any(|arm| arm.failure.is_some());
    if failed {
        Exit::Numerics
    } else if results.claims.iter().any(|claim| claim.verdict != Verdict::Holds) {
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

/// All `--set`s, understood; `None` if there are mistakes in them, which have been shown.
pub(super) fn understand(
    given: &[String],
    program: &CheckedModel,
    sources: &mut SourceMap,
    terminal: &mut Terminal,
) -> Result<Option<Vec<set::Setting>>, CliError> {
    understand_all(given, set::understand, program, sources, terminal)
}

/// All arguments of an option, understood; `None` if there are mistakes in them, which have been shown.
fn understand_all<T>(
    given: &[String],
    understand: fn(&str, &CheckedModel, &mut SourceMap) -> set::Understood<T>,
    program: &CheckedModel,
    sources: &mut SourceMap,
    terminal: &mut Terminal,
) -> Result<Option<Vec<T>>, CliError> {
    let mut all = Some(Vec::new());
    for argument in given {
        match understand(argument, program, sources)? {
            Ok(one) => {
                if let Some(all) = &mut all {
                    all.push(one);
                }
            }
            Err(diagnostics) => {
                terminal.diagnose(&diagnostics, sources);
                all = None;
            }
        }
    }
    Ok(all)
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
        for arm in experiment.arms.iter().filter(|arm| arm.coordinates.is_empty()) {
            text.push_str(&format!("  {} {}: {}", experiment.name, arm.name, spent(&arm.statistics)));
        }
        let points = || experiment.arms.iter().filter(|arm| !arm.coordinates.is_empty());
        let names: BTreeSet<&str> = points().map(|arm| arm.name.as_str()).collect();
        for name in names {
            let of: Vec<Statistics> = points().filter(|arm| arm.name == name).map(|arm| arm.statistics).collect();
            let count = of.len();
            let all = of.into_iter().sum();
            text.push_str(&format!("  {} {name}, {count} points: {}", experiment.name, spent(&all)));
        }
    }
    text
}

/// What an integration took, in lines of which the first goes on from a name.
fn spent(s: &Statistics) -> String {
    let mut text = format!(
        "{} steps, {} rejected, {} right-hand sides, {} Jacobians, {} factorisations, {} solutions\n",
        s.steps, s.rejected, s.rhs_evaluations, s.jacobian_evaluations, s.factorisations, s.solutions
    );
    let methods: Vec<String> = s.methods().iter().map(|(name, steps)| format!("{name} ({steps} steps)")).collect();
    if !methods.is_empty() {
        text.push_str(&format!("    by {}\n", methods.join(", ")));
    }
    let switches = [
        (s.stiffened, "to an implicit method since stability held the steps"),
        (s.stuck, "to an implicit method since no step was short enough"),
        (s.eased, "back to the explicit method since it would long have done"),
    ];
    for (count, why) in switches.iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!("    changed {why}: {}\n", times_in_words(*count)));
    }
    if s.pivoted > 0 {
        text.push_str(&format!("    {} of the factorisations needed pivoting\n", s.pivoted));
    }
    if let Some(times) = s.times {
        let ms = |nanoseconds: u64| format!("{:.3} ms", nanoseconds as f64 * 1e-6);
        let named = times.rhs + times.jacobian + times.factorisation + times.solution;
        text.push_str(&format!(
            "    {} in all: right-hand sides {}, Jacobians {}, factorisations {}, solutions {}, the rest {}\n",
            ms(times.total),
            ms(times.rhs),
            ms(times.jacobian),
            ms(times.factorisation),
            ms(times.solution),
            ms(times.total.saturating_sub(named))
        ));
    }
    text
}

fn times_in_words(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}
