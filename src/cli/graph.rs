//! `exoc graph FILE`: the network as a drawing.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::compile::chosen;
use super::terminal::Terminal;
use super::{CliError, Exit, pipeline};
use crate::network::Network;
use crate::output::{graph, write_file};

/// Draw the network of a model, compartments as boxes.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The file; `-` reads standard input.
    file: String,
    /// What to draw with; the name of the output file says it otherwise.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write to a file instead of standard output; also .png.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Which model, if the file has several.
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// Graphviz.
    Dot,
    Mermaid,
    Svg,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let (_, program) = match pipeline::check(&arguments.file).admit(terminal, true) {
        Ok(admitted) => admitted,
        Err(exit) => return Ok(exit),
    };
    let built = pipeline::networks(&program)?;
    let network = &chosen(&built, arguments.model.as_deref())?.network;
    match &arguments.output {
        None => terminal.print(&text(network, arguments.format.unwrap_or(Format::Dot))?)?,
        Some(path) if arguments.format.is_none() && extension(path) == "png" => graph::picture(network)?.save(path)?,
        Some(path) => {
            let format = arguments.format.map_or_else(|| told_by(path), Ok)?;
            write_file(path, text(network, format)?.as_bytes())?;
        }
    }
    Ok(Exit::Fine)
}

fn text(network: &Network, format: Format) -> Result<String, CliError> {
    Ok(match format {
        Format::Dot => graph::dot(network),
        Format::Mermaid => graph::mermaid(network),
        Format::Svg => graph::picture(network)?.svg(),
    })
}

fn told_by(path: &Path) -> Result<Format, CliError> {
    match extension(path).as_str() {
        "dot" | "gv" => Ok(Format::Dot),
        "mmd" | "mermaid" => Ok(Format::Mermaid),
        "svg" => Ok(Format::Svg),
        _ => {
            let text = format!(
                "`{}` doesn't say what to draw: end its name in .dot, .mmd, .svg or .png, or give `--format`",
                path.display()
            );
            Err(CliError::Usage(text))
        }
    }
}

fn extension(path: &Path) -> String {
    path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase()
}
