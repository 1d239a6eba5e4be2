//! `exoc compile FILE`: any stage of a compilation as text, or a native object with its header.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::terminal::Terminal;
use super::{CliError, Exit, input, pipeline};
use crate::codegen::{self, Engine, Listing};
use crate::hir;
use crate::kernel;
use crate::network::{Built, Network};
use crate::output::equations::equations;
use crate::output::expression::Notation;
use crate::output::listing::listing;
use crate::output::write_file;
use crate::simulate;
use crate::source::SourceMap;
use crate::syntax;

/// Show a stage of the compilation, or write a native object.
#[derive(clap::Args, Debug)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["emit", "output"]))]
pub(super) struct Arguments {
    /// The file; `-` reads standard input.
    file: String,
    /// Print a stage.
    #[arg(long, value_enum, value_name = "STAGE")]
    emit: Option<Stage>,
    /// With `--emit odes`: for LaTeX.
    #[arg(long, requires = "emit")]
    latex: bool,
    /// Which model, if the file has several.
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Write the model as a native object; what it holds is said in its header.
    #[arg(long, short, value_name = "FILE.o", requires = "header")]
    output: Option<PathBuf>,
    /// Write the C header of the object.
    #[arg(long, value_name = "FILE.h", requires = "output")]
    header: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Stage {
    /// The words of the file.
    Tokens,
    /// Its tree.
    Ast,
    /// The program with names and units resolved.
    Hir,
    /// The network: species, reactions, parameters.
    Network,
    /// The differential equations, as a person would write them.
    Odes,
    /// Straight-line programs.
    Kernel,
    /// Cranelift's intermediate representation.
    Clif,
    /// The machine's instructions.
    Asm,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    if arguments.latex && arguments.emit != Some(Stage::Odes) {
        return Err(CliError::Usage("`--latex` is for `--emit odes`".to_owned()));
    }
    if let Some(stage @ (Stage::Tokens | Stage::Ast)) = arguments.emit {
        return syntax_stage(&arguments.file, stage, terminal);
    }
    let (_, program) = match pipeline::check(&arguments.file).admit(terminal, true) {
        Ok(admitted) => admitted,
        Err(exit) => return Ok(exit),
    };
    if arguments.emit == Some(Stage::Hir) {
        terminal.print(&hir::print::print(&program))?;
        return Ok(Exit::Fine);
    }
    let built = pipeline::networks(&program)?;
    let network = &chosen(&built, arguments.model.as_deref())?.network;
    match (arguments.emit, &arguments.output, &arguments.header) {
        (Some(stage), ..) => terminal.print(&network_stage(network, stage, arguments.latex)?)?,
        (None, Some(object), Some(header)) => write_object(network, object, header)?,
        (None, ..) => {}
    }
    Ok(Exit::Fine)
}

/// The model of that name, or the only one.
pub(super) fn chosen<'b>(built: &'b [Built], name: Option<&str>) -> Result<&'b Built, CliError> {
    let known = || built.iter().map(|b| b.network.name.clone()).collect::<Vec<_>>();
    match (name, built) {
        (None, [only]) => Ok(only),
        (None, []) => Err(CliError::Usage("the file has no model: declare processes in it, or a `model`".to_owned())),
        (None, _) => Err(CliError::Usage(format!(
            "the file has several models; add `--model` with one of {}",
            known().join(", ")
        ))),
        (Some(name), _) => {
            let found = built.iter().find(|b| b.network.name == name);
            found.ok_or_else(|| CliError::unknown("model of this file", name, known()))
        }
    }
}

fn syntax_stage(file: &str, stage: Stage, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let mut sources = SourceMap::new();
    let id = match input::admit(file, &mut sources, terminal) {
        Ok(id) => id,
        Err(exit) => return Ok(exit),
    };
    let (ast, diagnostics) = syntax::parse(&sources, id);
    terminal.diagnose(&diagnostics, &sources);
    let text = if stage == Stage::Tokens { syntax::print::tokens(&sources, id) } else { syntax::print::ast(&ast) };
    terminal.print(&text)?;
    Ok(if diagnostics.iter().any(|d| d.is_error()) { Exit::Model } else { Exit::Fine })
}

fn network_stage(network: &Network, stage: Stage, latex: bool) -> Result<String, CliError> {
    let notation = if latex { Notation::Latex } else { Notation::Text };
    Ok(match stage {
        Stage::Odes => equations(network, notation),
        Stage::Kernel => {
            let model = simulate::Model::new(network.clone(), Engine::Native);
            format!("{}{}", model.code().model().display(network), model.explain())
        }
        Stage::Clif => codegen::list(&kernel::Model::new(network), Listing::Clif)?,
        Stage::Asm => codegen::list(&kernel::Model::new(network), Listing::Assembly)?,
        Stage::Network | Stage::Tokens | Stage::Ast | Stage::Hir => listing(network),
    })
}

fn write_object(network: &Network, object: &Path, header: &Path) -> Result<(), CliError> {
    let prefix = object.file_stem().and_then(|s| s.to_str()).unwrap_or("model");
    let made = codegen::object(network, prefix)?;
    write_file(object, &made.object)?;
    write_file(header, made.header.as_bytes())?;
    Ok(())
}
