//! `exoc new NAME`: a commented starter file that runs.

use std::path::PathBuf;

use super::terminal::Terminal;
use super::{CliError, Exit};
use crate::output::write_file;

const STARTER: &str = include_str!("new/starter.exo");

/// Write a commented model to start from.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The file to write, with or without `.exo`; one that exists is left alone.
    name: PathBuf,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let mut path = arguments.name.clone();
    if path.extension().is_none_or(|e| e != "exo") {
        path.as_mut_os_string().push(".exo");
    }
    if path.file_stem().is_none_or(|stem| stem.is_empty()) {
        return Err(CliError::Usage("give the new file a name, such as `exoc new uptake`".to_owned()));
    }
    if std::fs::symlink_metadata(&path).is_ok() {
        let text =
            format!("`{}` is there already and was left alone: choose another name, or remove it", path.display());
        return Err(CliError::Usage(text));
    }
    write_file(&path, STARTER.as_bytes())?;
    let shown = path.display();
    terminal.print(&format!("Wrote `{shown}`. Run it: exoc run {shown}\n"))?;
    Ok(Exit::Fine)
}
