//! The command line: one file and one `run` for each subcommand.
//!
//! Invariants: results go to standard output and messages to standard error; only what is asked for is written, and
//! files are written whole or not at all; nothing is coloured unless a terminal, `--color` and NO_COLOR agree; a reader
//! that closes the pipe ends the program quietly. Every way to fail is a `CliError` or a diagnostic, and has its exit
//! code. Deliberately absent: anything that another program could not do with the library.

mod check;
mod compile;
mod doc;
mod ensemble;
mod error;
mod evidence;
mod exact;
mod explain;
mod fmt;
mod graph;
mod input;
mod manual;
mod merge;
mod new;
mod pipeline;
mod progress;
mod run;
mod scan;
mod sensitivity;
mod set;
mod steady;
mod terminal;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use error::CliError;
use terminal::{ColourChoice, Terminal};

/// How the program ended; the number is the exit code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Exit {
    Fine = 0,
    /// A model has errors, or a file is not formatted.
    Model = 1,
    /// The command line is wrong, or a file can't be read or written.
    Usage = 2,
    /// A run failed numerically.
    Numerics = 3,
    /// A claim doesn't hold.
    Claim = 4,
    /// Ctrl-C, as shells count it; what is finished was kept.
    Interrupted = 130,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  fine
  1  a model has errors (`fmt --check`: a file is not formatted)
  2  the command line is wrong, or a file can't be read or written
  3  the numerics failed
  4  a claim does not hold
  130  stopped by Ctrl-C or SIGTERM";

/// The compiler for Exo, a language for exosome biology.
#[derive(Parser, Debug)]
#[command(name = "exoc", version, after_help = EXIT_CODES, subcommand_required = true, arg_required_else_help = true)]
struct Arguments {
    /// When to colour: `auto` is for terminals, unless NO_COLOR is set.
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN", alias = "colour")]
    color: ColourChoice,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Run(run::Arguments),
    Sensitivity(sensitivity::Arguments),
    Test(test::Arguments),
    Merge(merge::Arguments),
    Steady(steady::Arguments),
    Check(check::Arguments),
    Compile(compile::Arguments),
    Graph(graph::Arguments),
    Doc(doc::Arguments),
    Fmt(fmt::Arguments),
    Explain(explain::Arguments),
    New(new::Arguments),
    Completions(manual::Completions),
    Man(manual::Man),
}

/// Does what the command line says.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut terminal = Terminal::new(arguments.color);
    let ended = match arguments.command {
        Command::Run(arguments) => run::run(&arguments, &mut terminal),
        Command::Sensitivity(arguments) => sensitivity::run(&arguments, &mut terminal),
        Command::Test(arguments) => test::run(&arguments, &mut terminal),
        Command::Merge(arguments) => merge::run(&arguments, &mut terminal),
        Command::Steady(arguments) => steady::run(&arguments, &mut terminal),
        Command::Check(arguments) => check::run(&arguments, &mut terminal),
        Command::Compile(arguments) => compile::run(&arguments, &mut terminal),
        Command::Graph(arguments) => graph::run(&arguments, &mut terminal),
        Command::Doc(arguments) => doc::run(&arguments, &mut terminal),
        Command::Fmt(arguments) => fmt::run(&arguments, &mut terminal),
        Command::Explain(arguments) => explain::run(&arguments, &mut terminal),
        Command::New(arguments) => new::run(&arguments, &mut terminal),
        Command::Completions(arguments) => manual::completions(&arguments, &mut terminal),
        Command::Man(arguments) => manual::man(&arguments, &mut terminal),
    };
    let exit = ended.and_then(|exit| terminal.flush().map(|()| exit)).unwrap_or_else(|error| {
        terminal.complain(&error);
        error.exit()
    });
    ExitCode::from(exit as u8)
}
