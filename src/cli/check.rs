//! `exoc check FILE…`: every mistake, and on request how well each number is supported.

use super::terminal::Terminal;
use super::{CliError, Exit, evidence, pipeline};
use crate::diagnostics::Severity;
use crate::diagnostics::render::to_json;

/// Report every mistake of files, without running anything.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The files; `-` reads standard input.
    #[arg(required = true)]
    files: Vec<String>,
    /// List every number by how well it is supported: unsupported, assumed, cited.
    #[arg(long)]
    evidence: bool,
    /// Print JSON instead of text, one array for each file.
    #[arg(long)]
    json: bool,
    /// Print only errors.
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let mut worst = Exit::Fine;
    for file in &arguments.files {
        let checked = pipeline::check(file);
        worst = worst.max(checked.exit());
        let mut diagnostics = checked.diagnostics.clone();
        let built = checked.program.as_ref().map(pipeline::networks).transpose()?.unwrap_or_default();
        diagnostics.extend(built.iter().flat_map(|built| built.notes.iter().cloned()));
        diagnostics.retain(|d| d.is_error() || !arguments.quiet);
        if arguments.json && !arguments.evidence {
            terminal.print(&to_json(&diagnostics, &checked.sources))?;
            continue;
        }
        terminal.diagnose(&diagnostics, &checked.sources);
        if let (true, Some(program)) = (arguments.evidence, &checked.program) {
            let numbers = evidence::numbers(program, &built);
            terminal.print(&if arguments.json { evidence::json(&numbers) } else { evidence::table(&numbers) })?;
        } else if !arguments.quiet {
            let count = |s| diagnostics.iter().filter(|d| d.severity() == s).count();
            let said = counted(count(Severity::Error), count(Severity::Warning));
            terminal.print(&format!("{file}: {said}\n"))?;
        }
    }
    Ok(worst)
}

fn counted(errors: usize, warnings: usize) -> String {
    let plural = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    match (errors, warnings) {
        (0, 0) => "no mistakes".to_owned(),
        (0, w) => plural(w, "warning"),
        (e, 0) => plural(e, "error"),
        (e, w) => format!("{}, {}", plural(e, "error"), plural(w, "warning")),
    }
}
