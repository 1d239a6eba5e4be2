//! `exoc merge A B C -o ALL`: shards of an ensemble put together, and what they say together.

use std::path::PathBuf;

use super::run::{check_formats, write_files};
use super::terminal::Terminal;
use super::{CliError, Exit};
use crate::experiment::ensemble;
use crate::output::summary;

/// Put the shards of an ensemble together and print its summary.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The stores that `exoc run --ensemble N --shard I/N --store FILE` wrote.
    #[arg(required = true)]
    stores: Vec<PathBuf>,
    /// Keep the whole ensemble in a store of its own.
    #[arg(long, short, value_name = "FILE.exoens")]
    output: Option<PathBuf>,
    /// Take what there is, though shards or members are missing.
    #[arg(long)]
    partial: bool,
    /// Write the numbers to a file, as .csv, .parquet or .json.
    #[arg(long, value_name = "FILE")]
    out: Vec<PathBuf>,
    /// Draw the measures into a file, as .svg or .png.
    #[arg(long, value_name = "FILE")]
    plot: Vec<PathBuf>,
    /// Print nothing but errors.
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    check_formats(&arguments.out, &["csv", "parquet", "json"])?;
    check_formats(&arguments.plot, &["svg", "png"])?;
    let mut whole = ensemble::merge(&arguments.stores, arguments.output.as_deref(), arguments.partial)?;
    let results = ensemble::summarise(&mut whole)?;
    let (mut written, refused) = write_files(&arguments.out, &arguments.plot, &results);
    written.extend(arguments.output.clone());
    if !arguments.quiet {
        terminal.print(&summary::summary(&results, terminal.width(), terminal.colour()))?;
        terminal.print(&summary::written(&written))?;
    }
    refused.map_or(Ok(super::run::judged(&results)), |error| Err(error.into()))
}
