//! `exoc fmt`: files set as they should be.

use std::path::Path;

use super::terminal::Terminal;
use super::{CliError, Exit, input};
use crate::output::write_file;
use crate::source::SourceMap;
use crate::syntax::format;

/// Format files in place; `-` formats standard input to standard output.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    #[arg(required = true)]
    files: Vec<String>,
    /// Change nothing; say which files are not formatted, and end with exit code 1 if any.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let mut worst = Exit::Fine;
    for file in &arguments.files {
        worst = worst.max(one(file, arguments.check, terminal)?);
    }
    Ok(worst)
}

fn one(file: &str, check: bool, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let mut sources = SourceMap::new();
    let id = match input::admit(file, &mut sources, terminal) {
        Ok(id) => id,
        Err(exit) => return Ok(exit),
    };
    let text = sources.file(id).text();
    let formatted = match format(text) {
        Ok(formatted) => formatted,
        Err(diagnostics) => {
            terminal.diagnose(&diagnostics, &sources);
            return Ok(Exit::Model);
        }
    };
    if check {
        if formatted != text {
            terminal.print(&format!("{file} is not formatted\n"))?;
            return Ok(Exit::Model);
        }
    } else if file == "-" {
        terminal.print(&formatted)?;
    } else if formatted != text {
        write_file(Path::new(file), formatted.as_bytes())?;
    }
    Ok(Exit::Fine)
}
