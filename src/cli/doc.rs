//! `exoc doc FILE`: the browsable manual of a file, a folder or the library.

use std::path::PathBuf;

use rustc_hash::FxHashMap;

use super::pipeline::{self, Given};
use super::terminal::Terminal;
use super::{CliError, Exit};
use crate::codegen::Engine;
use crate::document::{self, Material};
use crate::experiment::results::ClaimResult;
use crate::experiment::{self, Options};
use crate::hir::{self, CheckedModel, Group, GroupId, GroupKind, Hir};
use crate::network;
use crate::output::{graph, write_file};
use crate::source::{DiskLoader, SourceMap};

/// Write the manual of a file, a folder or the library: modules, cells, drugs, claims, sources, as web pages.
#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// A file, a folder, a module of the library such as `std.release.rab27`, or `stdlib` for all of it.
    file: String,
    /// The folder to write to; it is made if it isn't there.
    #[arg(long, short, value_name = "FOLDER", default_value = "manual")]
    output: PathBuf,
    /// Run the claims as well, and say which hold.
    #[arg(long)]
    claims: bool,
    /// Print nothing but errors.
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, CliError> {
    let given = Given::of(&arguments.file)?;
    let (sources, program) = match pipeline::check_given(&given).admit(terminal, true) {
        Ok(admitted) => admitted,
        Err(exit) => return Ok(exit),
    };
    let claims = if arguments.claims { claims(&program)? } else { Vec::new() };
    let title = match &given {
        Given::Modules(_) if arguments.file == "stdlib" || arguments.file == "std" => "The library of Exo".to_owned(),
        Given::File(_) => program.modules.first().map_or_else(String::new, |module| module.path.clone()),
        _ => arguments.file.clone(),
    };
    let material = Material { title: &title, sources: &sources, hir: &program, pictures: pictures(&program)?, claims };
    let pages = document::pages(&material);
    std::fs::create_dir_all(&arguments.output)?;
    for page in &pages {
        write_file(&arguments.output.join(&page.path), page.content.as_bytes())?;
    }
    if !arguments.quiet {
        terminal.print(&format!(
            "Written: {} files, {}\n",
            pages.len(),
            arguments.output.join("index.html").display()
        ))?;
    }
    Ok(Exit::Fine)
}

fn claims(program: &CheckedModel) -> Result<Vec<ClaimResult>, CliError> {
    let all: Vec<usize> = (0..program.claims.len()).collect();
    let only = super::test::claimed(program, &all);
    let benches = pipeline::benches(pipeline::networks_of(program, &only)?, &[], Engine::default())?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let options = Options { only: Some(only), threads, ..Options::default() };
    Ok(experiment::run(program, &benches, &options, &mut |_| {}).results.claims)
}

/// The networks of models, and those of library pathways and cells, each taken alone.
fn pictures(program: &CheckedModel) -> Result<FxHashMap<GroupId, String>, CliError> {
    let mut pictures = FxHashMap::default();
    for (group, id) in program.groups.iter().zip(0u32..) {
        let drawn = match group.kind {
            GroupKind::Model | GroupKind::File => of_model(program, group)?,
            GroupKind::Pathway => of_pathway(program, group),
            GroupKind::Hypothesis | GroupKind::Cell { .. } => None,
        };
        pictures.extend(drawn.map(|svg| (GroupId(id), svg)));
    }
    Ok(pictures)
}

fn of_model(program: &CheckedModel, group: &Group) -> Result<Option<String>, CliError> {
    let same = |model: &hir::model::Model| model.span == group.span && model.name == group.name;
    let Some(model) = program.models.iter().position(same) else { return Ok(None) };
    Ok(Some(graph::picture(&network::build(program, model)?.network)?.svg()))
}

/// A pathway of the library in a model of its own; one that can't stand alone, since it wants a number set, has no picture.
fn of_pathway(program: &Hir, group: &Group) -> Option<String> {
    let module = program.modules.get(group.module.index()).filter(|module| module.path.starts_with("std."))?;
    let text = format!("model alone {{ include {}.{} }}\n", module.path, group.name);
    let mut sources = SourceMap::new();
    let root = sources.add("alone.exo", &text);
    let loader = DiskLoader::beside(std::path::Path::new(""));
    let (alone, _) = hir::check(&mut sources, &loader, root).gate();
    let alone = alone?;
    let built = network::build(&alone, 0).ok()?;
    Some(graph::picture(&built.network).ok()?.svg())
}
